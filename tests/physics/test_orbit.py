"""The orbit against what must hold for any orbit, and against published facts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.features.overpasses import VIIRS_ORBIT
from satverify.physics.orbit import (
    DAY,
    EARTH_RADIUS,
    closest_approach,
    is_in_swath,
    node_time_of,
    scan_angle,
    view_zenith_angle,
)

LATITUDES = st.floats(-65, 65)
LONGITUDES = st.floats(-180, 180)


def test_the_period_is_101_and_a_half_minutes() -> None:
    assert VIIRS_ORBIT.period / 60 == pytest.approx(101.5, abs=0.05)  # NOAA, JPSS series: about 101 minutes


@given(longitude=LONGITUDES, latitude=LATITUDES, moment=st.floats(0, 16 * DAY), is_ascending=st.booleans())
def test_the_node_of_a_seen_place_leads_back_to_when_it_was_seen(
    longitude: float, latitude: float, moment: float, is_ascending: bool
) -> None:
    place = (np.array([longitude]), np.array([latitude]), np.array([is_ascending]))
    # Only near the hour at which the satellite passes is there a pass to speak of.
    local = VIIRS_ORBIT.ascending_time if is_ascending else VIIRS_ORBIT.ascending_time + 12
    time = np.array([np.floor(moment / DAY) * DAY + (local - longitude / 15) * 3600])
    node, off_track = node_time_of(VIIRS_ORBIT, time, *place)
    after, again = closest_approach(VIIRS_ORBIT, node, *place)
    np.testing.assert_allclose(node + after, time, atol=0.01)  # [s] eight rounds of a fifteenth each
    np.testing.assert_allclose(off_track, again, atol=1e-6)


def test_a_place_on_the_equator_under_the_node_is_seen_from_above() -> None:
    node = np.array([10_000.0])
    longitude = (VIIRS_ORBIT.ascending_time - node / 3600) * 15
    after, off_track = closest_approach(VIIRS_ORBIT, node, longitude, np.zeros(1), np.array([True]))
    np.testing.assert_allclose([after[0], off_track[0]], 0, atol=1e-9)


def test_the_swath_is_as_wide_as_published() -> None:
    edge = np.linspace(0, 1, 100_001)
    widest = edge[is_in_swath(VIIRS_ORBIT, edge)].max() * EARTH_RADIUS * 2
    assert widest == pytest.approx(3060, rel=0.02)  # [km] VIIRS swath; the round Earth and mean altitude cost 1 %


def test_nothing_is_seen_beyond_the_horizon() -> None:
    assert not is_in_swath(VIIRS_ORBIT, np.linspace(0.5, np.pi, 1000)).any()


def test_the_view_is_steeper_at_the_place_than_at_the_satellite() -> None:
    away = np.linspace(0.01, 0.2, 50)
    assert (view_zenith_angle(VIIRS_ORBIT, away) > scan_angle(VIIRS_ORBIT, away)).all()
    np.testing.assert_allclose(view_zenith_angle(VIIRS_ORBIT, -away), view_zenith_angle(VIIRS_ORBIT, away))


def test_a_low_altitude_sees_less() -> None:
    low = replace(VIIRS_ORBIT, altitude=400.0)
    edge = np.linspace(0, 0.3, 1000)
    assert is_in_swath(low, edge).sum() < is_in_swath(VIIRS_ORBIT, edge).sum()


def test_missing_places_stay_missing() -> None:
    after, off_track = closest_approach(
        VIIRS_ORBIT, np.zeros(1), np.array([np.nan]), np.array([40.0]), np.array([True])
    )
    assert np.isnan([after[0], off_track[0]]).all()
