from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.snow import is_snow_coloured
from tests.features.hot_targets.skies import DROPLETS, MATERIALS, SNOW, chips_of, covered, ground, under

ALL = (slice(None), slice(None))
NO_HAZE = np.zeros(1)


@pytest.mark.parametrize("has_blue", [True, False])
def test_snow_is_told_from_ground_and_cloud(has_blue: bool) -> None:
    def share(scene: dict[str, np.ndarray]) -> float:
        bands = {name: band for name, band in scene.items() if has_blue or name != "blue"}
        return float(is_snow_coloured(chips_of(bands), NO_HAZE).mean())

    assert share(covered(ground(), ALL, SNOW)) > 0.999
    assert share(ground()) < 0.001
    assert share(under(ground(), 20.0, DROPLETS)) == 0


def test_plants_are_no_snow_without_blue() -> None:
    near, short, long = MATERIALS["plants"][1:]
    plants = covered(ground(), ALL, (0.1, near, 0.001, short, long))
    del plants["blue"]
    assert not is_snow_coloured(chips_of(plants), NO_HAZE).any()


def test_haze_makes_no_snow() -> None:
    hazy = chips_of(ground(haze=0.35))
    assert is_snow_coloured(hazy, NO_HAZE).mean() > 0.02
    assert is_snow_coloured(hazy, np.array([0.35])).mean() < 0.001


def test_what_was_not_measured_is_no_snow() -> None:
    scene = covered(ground(), ALL, SNOW)
    scene["blue"][:60] = np.nan
    found = is_snow_coloured(chips_of(scene), NO_HAZE)[0]
    assert not found[:60].any()
    assert found[60:].all()
