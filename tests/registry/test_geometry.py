"""Measures of ground and positions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import box

from satverify.registry.geometry import area_km2, distances_km, swapped_among

LONGITUDE = st.floats(-179, 179)
LATITUDE = st.floats(-70, 70)


@given(longitude=LONGITUDE, latitude=LATITUDE)
def test_areas_agree_with_the_ellipsoid(longitude: float, latitude: float) -> None:
    square = box(longitude, latitude, longitude + 0.02, latitude + 0.02)
    exact, _ = Geod(ellps="WGS84").geometry_area_perimeter(square)
    assert area_km2(square) == pytest.approx(abs(exact) / 1e6, rel=0.01)  # sphere against ellipsoid


@given(west=LONGITUDE, south=LATITUDE, east=LONGITUDE, north=LATITUDE)
def test_distances_agree_with_the_ellipsoid(west: float, south: float, east: float, north: float) -> None:
    _, _, exact = Geod(ellps="WGS84").inv(west, south, east, north)
    (distance,) = distances_km(west, south, np.array([[east, north]]))
    assert distance == pytest.approx(exact / 1000, rel=0.01, abs=0.01)  # sphere against ellipsoid


GROUP = [(35.1, 47.9), (34.0, 47.9), (37.5, 47.1), (38.0, 48.4)]


def test_a_position_that_fits_only_the_other_way_round_is_swapped() -> None:
    assert swapped_among([*GROUP, (47.5, 35.0)]) == [4]
    assert swapped_among([(47.5, 35.0), *GROUP, (48.0, 36.0)]) == [0, 5]


def test_a_position_elsewhere_is_not_swapped() -> None:
    assert swapped_among(GROUP) == []
    assert swapped_among([*GROUP, (51.2, 32.4)]) == []  # Isfahan, whose swap lies 450 km from this group
    assert swapped_among([*GROUP, (118.0, 39.0)]) == []


def test_without_a_group_of_more_than_half_nothing_is_said() -> None:
    assert swapped_among([(0.0, 50.0), (1.0, 50.0), (50.5, 0.5), (-100.0, 60.0), (-90.0, 40.0)]) == []
    assert swapped_among([(0.0, 50.0), (50.0, 0.0)]) == []
    assert swapped_among([]) == []
