"""Datum conversion against published values and its own inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from satverify.registry.datum import Datum, from_wgs84, is_in_mainland_china, to_wgs84

EAST = st.floats(74, 134)
NORTH = st.floats(19, 53)
SHIFTED = st.sampled_from([Datum.GCJ02, Datum.BD09])

PUBLISHED_GCJ02 = [
    # WGS 84 longitude, latitude; GCJ-02 longitude, latitude. Shanghai, Shenzhen and Beijing are
    # from the tests of googollee/eviltransform
    (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
    # README of wandergis/coordtransform
    (116.404, 39.915, 116.41024449916938, 39.91640428150164),
]


@pytest.mark.parametrize(("longitude", "latitude", "east", "north"), PUBLISHED_GCJ02)
def test_gcj02_agrees_with_published_values(longitude: float, latitude: float, east: float, north: float) -> None:
    np.testing.assert_allclose(from_wgs84(longitude, latitude, Datum.GCJ02), (east, north), rtol=0, atol=1e-12)
    np.testing.assert_allclose(to_wgs84(east, north, Datum.GCJ02), (longitude, latitude), rtol=0, atol=1e-9)


def test_bd09_agrees_with_the_published_value() -> None:
    """README of wandergis/coordtransform: GCJ-02 116.404, 39.915 is BD-09 116.41036949371029, 39.92133699351021."""
    wgs84 = to_wgs84(116.404, 39.915, Datum.GCJ02)
    baidu = (116.41036949371029, 39.92133699351021)
    np.testing.assert_allclose(from_wgs84(*wgs84, Datum.BD09), baidu, rtol=0, atol=1e-11)  # the inverse before it
    np.testing.assert_allclose(to_wgs84(*baidu, Datum.BD09), wgs84, rtol=0, atol=1e-9)


@given(longitude=EAST, latitude=NORTH, datum=SHIFTED)
def test_converting_there_and_back_changes_nothing(longitude: float, latitude: float, datum: Datum) -> None:
    there = from_wgs84(longitude, latitude, datum)
    assume(is_in_mainland_china(longitude, latitude) == is_in_mainland_china(*there))  # else it crossed the rim
    np.testing.assert_allclose(to_wgs84(*there, datum), (longitude, latitude), rtol=0, atol=1e-9)


@given(longitude=EAST, latitude=NORTH)
def test_the_shift_of_gcj02_is_some_hundred_metres(longitude: float, latitude: float) -> None:
    assume(bool(is_in_mainland_china(longitude, latitude)))
    east, north = from_wgs84(longitude, latitude, Datum.GCJ02)
    metres = 111_195 * np.hypot((east - longitude) * np.cos(np.radians(latitude)), north - latitude)
    assert 10 < metres < 750


@pytest.mark.parametrize(
    ("place", "longitude", "latitude"),
    [("Pohang", 129.40, 36.01), ("Hai Phong", 106.7, 20.85), ("Almaty", 76.9, 43.25), ("Kaohsiung", 120.3, 22.6),
     ("Duisburg", 6.73, 51.48), ("Zaporizhzhia", 35.16, 47.87), ("Vladivostok", 131.9, 43.1)],
)  # fmt: skip
def test_places_outside_mainland_china_are_not_shifted(place: str, longitude: float, latitude: float) -> None:
    for datum in Datum:
        np.testing.assert_array_equal(to_wgs84(longitude, latitude, datum), (longitude, latitude), err_msg=place)


@pytest.mark.parametrize(
    ("place", "longitude", "latitude"),
    [("Caofeidian", 118.5, 38.95), ("Rizhao", 119.5, 35.4), ("Zhanjiang", 110.5, 21.05), ("Fangchenggang", 108.4, 21.6),
     ("Baoshan", 121.45, 31.42), ("Yining", 81.3, 43.9), ("Kashgar", 76.0, 39.5), ("Hegang", 130.3, 47.3)],
)  # fmt: skip
def test_steel_towns_at_the_rim_are_inside(place: str, longitude: float, latitude: float) -> None:
    assert is_in_mainland_china(longitude, latitude), place


def test_wgs84_is_left_alone() -> None:
    east, north = to_wgs84([118.1, 118.2], [39.1, 39.2], Datum.WGS84)
    assert east.tolist() == [118.1, 118.2]
    assert north.tolist() == [39.1, 39.2]


def test_arrays_of_any_length_and_nan_pass() -> None:
    longitude = np.array([[118.0, np.nan], [6.7, 117.0]])
    latitude = np.array([[39.0, 39.0], [51.4, np.nan]])
    east, north = to_wgs84(longitude, latitude, Datum.BD09)
    assert east.shape == (2, 2)
    assert np.isnan(east[0, 1])
    assert np.isnan(north[1, 1])
    assert east[1, 0] == 6.7
    assert abs(east[0, 0] - 118.0) > 0.005
    assert to_wgs84([], [], Datum.GCJ02)[0].size == 0


def test_inputs_are_not_changed() -> None:
    longitude = np.array([118.0])
    to_wgs84(longitude, np.array([39.0]), Datum.GCJ02)
    assert longitude.tolist() == [118.0]
