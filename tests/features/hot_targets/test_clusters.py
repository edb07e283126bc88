from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.clusters import hot_clusters
from satverify.features.hot_targets.pixels import heat_pixels
from satverify.physics.radiative_power import black_body_power
from tests.features.hot_targets.daylight import chips_of, ground, heated


def test_pixels_that_touch_are_one_source_and_others_another() -> None:
    bands = heated(ground(), 10, 10, 1300.0, 2.0)
    bands = heated(bands, 11, 11, 1300.0, 2.0)
    bands = heated(bands, 40, 50, 1300.0, 1.0)
    chips = chips_of(bands)
    stronger, weaker = hot_clusters(chips, heat_pixels(chips), 0)
    assert (stronger.pixels, weaker.pixels) == (2, 1)
    assert (weaker.row, weaker.column) == (40.5, 50.5)
    assert stronger.row == pytest.approx(11.0, abs=0.1)  # of two like pixels; the ground differs by a tenth
    assert stronger.power > weaker.power


@pytest.mark.parametrize(("kelvin", "area"), [(1050.0, 1.0), (1300.0, 0.3), (1700.0, 0.1)])
def test_power_and_temperature_are_those_of_the_black_body_within_their_error(kelvin: float, area: float) -> None:
    chips = chips_of(heated(ground(), 30, 30, kelvin, area))
    (cluster,) = hot_clusters(chips, heat_pixels(chips), 0)
    true = float(black_body_power(kelvin, area)) / 1e6
    assert abs(cluster.power - true) < cluster.power_uncertainty
    assert cluster.power_uncertainty < cluster.power
    assert cluster.temperature == pytest.approx(kelvin, rel=0.1)  # the ground adds a few hundredths of the excess


def test_a_saturated_source_says_so_and_has_no_temperature() -> None:
    near, short, long = ground()
    short[30, 30:32] = long[30, 30:32] = 2.6  # beyond what either band can tell
    chips = chips_of([near, short, long])
    (cluster,) = hot_clusters(chips, heat_pixels(chips), 0)
    assert (cluster.pixels, cluster.saturated) == (2, 2)
    assert np.isnan(cluster.temperature)
    assert cluster.power > 0


def test_a_cold_scene_has_no_sources_and_scenes_do_not_mix() -> None:
    chips = chips_of(ground(), heated(ground(), 5, 5, 1300.0, 2.0))
    found = heat_pixels(chips)
    assert hot_clusters(chips, found, 0) == ()
    assert len(hot_clusters(chips, found, 1)) == 1
