"""Haze: as thick as measured, thicker on calm days, and thickest when works are ordered to stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.simulate.scenes.haze import air_of, curbed
from satverify.simulate.scenes.sky import calm_at
from satverify.simulate.scenes.world import USUAL_HAZE, Curb
from tests.simulate.scenes.ground_at import DAY, JANUARY, world

CURB = Curb(longitude=118.0, latitude=39.5, start=JANUARY, stop=JANUARY + 5 * DAY)
EAST, NORTH = np.meshgrid(np.linspace(112, 120, 6), np.linspace(34, 41, 6))
TIMES = JANUARY + 2.7 * DAY * np.arange(300)


def test_its_mean_is_that_of_the_plain_and_its_spread_that_of_haze() -> None:
    """Mean 0.497 over the plain, 2011 to 2020 (doi:10.3390/atmos13121983); a log spread of 0.6 to 0.8 is usual."""
    depth = np.array([air_of(replace(world(), seed=seed), EAST, NORTH, t) for seed in range(4) for t in TIMES])
    assert np.median(depth) == pytest.approx(USUAL_HAZE, rel=0.1)
    assert depth.mean() == pytest.approx(0.497, rel=0.2)
    assert 0.55 < np.log(depth).std() < 0.85
    assert depth.min() > 0


def test_calm_days_are_hazy() -> None:
    calm = np.array([calm_at(7, EAST, NORTH, t) for t in TIMES]).ravel()
    depth = np.array([air_of(world(), EAST, NORTH, t) for t in TIMES]).ravel()
    assert np.corrcoef(calm, np.log(depth))[0, 1] > 0.7


def test_orders_come_with_haze() -> None:
    """The same day with and without a curb: in its middle twice the haze, far away none more."""
    there, far = (np.array([118.0]), np.array([39.5])), (np.array([100.0]), np.array([25.0]))
    ordered = replace(world(), curbs=(CURB,))
    middle = CURB.start + 2.5 * DAY
    ratio = air_of(ordered, *there, middle) / air_of(world(), *there, middle)
    assert ratio[0] == pytest.approx(np.exp(0.8))
    assert air_of(ordered, *far, middle)[0] == pytest.approx(air_of(world(), *far, middle)[0], rel=1e-6)


def test_a_curb_builds_up_and_clears_within_a_day_and_a_long_one_is_hazy_in_part_only() -> None:
    here = np.array([118.0]), np.array([39.5])
    inside = [
        float(curbed((CURB,), *here, CURB.start + day * DAY)[0]) for day in (-1.01, -0.5, 0.0, 2.5, 5.0, 5.5, 6.01)
    ]
    assert inside == pytest.approx([0, 0.5, 1, 1, 1, 0.5, 0])
    season = replace(CURB, stop=CURB.start + 70 * DAY)
    assert float(curbed((season,), *here, CURB.start + 30 * DAY)[0]) == pytest.approx(0.1)
    assert float(curbed((), *here, CURB.start)[0]) == 0


def test_a_place_alone_has_the_haze_it_has_among_others() -> None:
    together = air_of(world(), EAST, NORTH, JANUARY)
    alone = [air_of(world(), EAST[n, [n]], NORTH[n, [n]], JANUARY)[0] for n in range(6)]
    assert np.diag(together).tolist() == alone
    assert np.isfinite(air_of(world(), np.array([np.nan]), np.array([np.nan]), JANUARY)).all()


def test_no_haze_is_none() -> None:
    assert (air_of(replace(world(), haze=0.0), EAST, NORTH, JANUARY) == 0).all()
