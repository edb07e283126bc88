"""Speed and direction against what they mean, and coverage that makes sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.wind import WindCoverage, wind_from_direction, wind_speed
from satverify.errors import InputError

COMPONENTS = st.floats(-100, 100)
COVERAGE = WindCoverage(
    start=datetime(2021, 11, 1, tzinfo=UTC),
    stop=datetime(2021, 11, 30, 23, tzinfo=UTC),
    step=timedelta(hours=1),
    west=112,
    south=34,
    east=120,
    north=41,
    heights=(10.0, 100.0),
    has_boundary_layer=True,
)


@pytest.mark.parametrize(
    ("eastward", "northward", "direction"),
    [(0, -1, 0), (-1, -1, 45), (-1, 0, 90), (0, 1, 180), (1, 1, 225), (1, 0, 270), (1, -1, 315)],
)
def test_direction_is_where_the_wind_comes_from(eastward: float, northward: float, direction: float) -> None:
    # WMO-No. 8, Guide to Instruments and Methods of Observation, chapter 5: 0 (360) is north, 90 is east.
    assert wind_from_direction(np.array([eastward]), np.array([northward]))[0] == pytest.approx(direction, abs=1e-12)


@given(eastward=COMPONENTS, northward=COMPONENTS)
def test_speed_and_direction_lead_back_to_the_components(eastward: float, northward: float) -> None:
    components = np.array([eastward]), np.array([northward])
    speed, direction = wind_speed(*components), wind_from_direction(*components)
    if eastward == northward == 0:
        assert np.isnan(direction[0])
        return
    assert 0 <= direction[0] < 360
    turned = np.radians(direction)
    np.testing.assert_allclose(-speed * np.sin(turned), eastward, atol=1e-12 * max(1, speed[0]))
    np.testing.assert_allclose(-speed * np.cos(turned), northward, atol=1e-12 * max(1, speed[0]))


def test_north_by_a_hair_to_the_west_is_not_360() -> None:
    assert wind_from_direction(np.array([1e-300]), np.array([-1.0]))[0] == 0


def test_missing_wind_has_no_direction() -> None:
    blank = np.array([np.nan])
    assert np.isnan(wind_from_direction(blank, np.zeros(1))[0])
    assert np.isnan(wind_speed(np.zeros(1), blank)[0])
    assert wind_speed(np.empty(0), np.empty(0)).shape == (0,)


def test_coverage_must_hold_something() -> None:
    with pytest.raises(InputError, match="before the start"):
        replace(COVERAGE, stop=COVERAGE.start - timedelta(hours=1))
    with pytest.raises(InputError, match="no area"):
        replace(COVERAGE, west=120)
    assert replace(COVERAGE, stop=COVERAGE.start).stop == COVERAGE.start
