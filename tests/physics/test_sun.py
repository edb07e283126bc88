"""The Sun against published positions, real metadata, and what must hold for any place."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.physics.satellites import passes
from satverify.physics.sun import earth_sun_distance, solar_angles, solar_declination


def at(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]


def test_the_published_example_of_the_solar_position_algorithm_is_met() -> None:
    """I. Reda and A. Andreas, NREL/TP-560-34302, table A5.1: without refraction, elevation 39.872046 degrees."""
    zenith, azimuth = solar_angles(at(2003, 10, 17, 19, 30, 30), -105.1786, 39.742476)
    assert np.degrees(zenith) == pytest.approx(90 - 39.872046, abs=0.02)  # the formula is good to 0.01, parallax 0.002
    assert np.degrees(azimuth) == pytest.approx(194.340241, abs=0.02)


def test_a_sentinel_2_item_says_the_same_of_its_sun(shared_data: Path) -> None:
    item = json.loads((shared_data / "sentinelhub/stactools/S2A_MSIL1C_20210908_N0301_T46RER_item.json").read_text())
    middle = (93.497, 27.53)  # of the tile, to which the angles refer
    zenith, azimuth = solar_angles(at(2021, 9, 8, 4, 40, 54), *middle)
    assert 90 - np.degrees(zenith) == pytest.approx(item["properties"]["view:sun_elevation"], abs=0.3)
    assert np.degrees(azimuth) == pytest.approx(
        item["properties"]["view:sun_azimuth"], abs=0.8
    )  # mean of what was seen


def test_a_sentinel_2_tile_says_the_same_of_its_sun(shared_data: Path) -> None:
    name = "S2A_MSIL1C_20180101T105441_N0206_T31TDH_MTD_TL.xml"
    text = (shared_data / "reference/s2_metadata" / name).read_text("utf-8")
    mean = text.split("<Mean_Sun_Angle>")[1]
    angles = [float(re.findall(rf'{kind}_ANGLE unit="deg">([0-9.]+)', mean)[0]) for kind in ("ZENITH", "AZIMUTH")]
    start = at(2018, 1, 1, 10, 54, 41)  # of the data take; the Sun moves on by a degree until the tile is reached
    (time,) = passes("sentinel-2a", 2.45, 42.85, start, start + 1200, is_ascending=False).time
    zenith, azimuth = solar_angles(float(time), 2.45, 42.85)
    np.testing.assert_allclose(np.degrees([zenith, azimuth]), angles, atol=0.1)  # how well the middle is known


@given(longitude=st.floats(-180, 180), latitude=st.floats(-65, 65), day=st.integers(0, 20_000))
def test_the_sun_is_highest_when_it_is_due_south_or_north(longitude: float, latitude: float, day: int) -> None:
    noon = day * 86_400.0 + 43_200 - 240 * longitude  # by mean time, a quarter of an hour from the Sun's at most
    time = noon + np.arange(-3600, 3600, 20.0)
    zenith, azimuth = solar_angles(time, longitude, latitude)
    declination = np.degrees(solar_declination(time[int(np.argmin(zenith))]))
    assert np.degrees(zenith.min()) == pytest.approx(abs(latitude - declination), abs=0.01)
    if abs(latitude - declination) > 5:  # nearer to the zenith the azimuth turns too fast for a step of a minute
        expected = 180.0 if latitude > declination else 0.0
        assert abs((np.degrees(azimuth[int(np.argmin(zenith))]) - expected + 180) % 360 - 180) < 4


def test_days_are_as_long_as_nights_at_the_equinox() -> None:
    time = at(2022, 3, 20, 0, 0, 0) + np.arange(0, 86_400, 30.0)
    zenith, _ = solar_angles(time, 0.0, 40.0)
    assert (zenith < np.pi / 2).mean() == pytest.approx(0.5, abs=0.002)


def test_the_earth_is_nearest_in_january() -> None:
    """Astronomical Almanac 2022: perihelion 4 January, 0.98333 au; aphelion 4 July, 1.01672 au."""
    assert earth_sun_distance(at(2022, 1, 4, 7)) == pytest.approx(0.98333, abs=1e-4)
    assert earth_sun_distance(at(2022, 7, 4, 7)) == pytest.approx(1.01672, abs=1e-4)


def test_what_is_missing_stays_missing() -> None:
    assert np.isnan(solar_angles(np.array([np.nan]), np.array([0.0]), np.array([0.0]))).all()
    assert np.isnan(solar_angles(np.array([0.0]), np.array([0.0]), np.array([np.nan]))[0]).all()
