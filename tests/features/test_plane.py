from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box

from satverify.features.plane import EARTH_RADIUS, Plane

LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-75, 75)
METRES = st.floats(-30_000, 30_000)


@given(longitude=LONGITUDES, latitude=LATITUDES, east=METRES, north=METRES)
def test_points_come_back_from_the_plane(longitude: float, latitude: float, east: float, north: float) -> None:
    plane = Plane(longitude=longitude, latitude=latitude)
    back = plane.project(*plane.unproject(np.array([east]), np.array([north])))
    np.testing.assert_allclose(np.ravel(back), [east, north], atol=1e-4)  # degrees as floats hold 1e-8 m; the wrap less


@pytest.mark.parametrize("latitude", [0.0, 25.0, 39.0, 47.0, 60.0])
@pytest.mark.parametrize(("reach", "tolerance"), [(3_000.0, 0.006), (30_000.0, 0.006), (200_000.0, 0.015)])
def test_distances_agree_with_geodesics(latitude: float, reach: float, tolerance: float) -> None:
    """The tolerance is what the module promises: a mean sphere in the place of the ellipsoid, and a flat map of it."""
    turn = np.linspace(0.0, 360.0, 73)
    away = np.full_like(turn, reach)
    there = Geod(ellps="WGS84").fwd(np.full_like(turn, 118.0), np.full_like(turn, latitude), turn, away)
    east, north = Plane(longitude=118.0, latitude=latitude).project(np.asarray(there[0]), np.asarray(there[1]))
    np.testing.assert_allclose(np.hypot(east, north), reach, rtol=tolerance)


def test_a_degree_of_latitude_is_a_360th_of_the_way_round() -> None:
    _, north = Plane(longitude=0.0, latitude=39.0).project(np.array([0.0]), np.array([40.0]))
    assert north[0] == pytest.approx(2 * np.pi * EARTH_RADIUS / 360)


def test_a_degree_of_longitude_is_half_as_wide_at_60_degrees() -> None:
    east, _ = Plane(longitude=10.0, latitude=60.0).project(np.array([11.0]), np.array([60.0]))
    assert east[0] == pytest.approx(np.pi * EARTH_RADIUS / 360)


def test_the_date_line_is_no_edge() -> None:
    plane = Plane(longitude=179.99, latitude=0.0)
    east, _ = plane.project(np.array([-179.99]), np.array([0.0]))
    assert east[0] == pytest.approx(np.radians(0.02) * EARTH_RADIUS)


def test_a_polygon_is_flattened_corner_by_corner() -> None:
    flat = Plane(longitude=118.0, latitude=39.0).flatten(box(117.9, 38.9, 118.1, 39.1))
    side = np.radians(0.2) * EARTH_RADIUS
    assert flat.area == pytest.approx(side**2 * np.cos(np.radians(39.0)))
    assert flat.centroid.distance(Point(0, 0)) < 1e-6
