from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box, contains, points

from satverify.domain.sensors import SENSORS
from satverify.errors import InputError
from satverify.physics.utm import project, snapped_grid, unproject, utm_epsg, window_of

FINE = SENSORS["sentinel-2-l1c"]


@pytest.mark.parametrize(
    ("place", "epsg"),
    [
        ((118.2, 39.6), 32650),
        ((113.999, 39.6), 32649),
        ((114.0, 39.6), 32650),
        ((-180.0, 1.0), 32601),
        ((180.0, -1.0), 32701),
        ((179.999, 0.0), 32660),
        ((5.3, 60.4), 32632),  # Bergen lies in the widened zone 32V
        ((2.9, 60.4), 32631),
        ((5.3, 64.0), 32631),
        ((15.6, 78.2), 32633),  # Longyearbyen, 33X
        ((8.9, 78.0), 32631),
        ((41.9, 78.0), 32637),
        ((42.0, 78.0), 32638),
        ((151.2, -33.9), 32756),
    ],
)
def test_zones_are_those_of_the_standard(place: tuple[float, float], epsg: int) -> None:
    assert utm_epsg(*place) == epsg


@pytest.mark.parametrize("place", [(0, 84.1), (0, -80.1), (180.1, 0), (float("nan"), 0), (0, float("nan"))])
def test_places_without_a_zone_are_refused(place: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="where UTM is defined"):
        utm_epsg(*place)


def test_the_central_meridian_on_the_equator_is_half_a_million_metres_east() -> None:
    # The definition of UTM: false easting 500,000 m, scale 0.9996.
    easting, northing = project(32650, [117.0, 117.0], [0.0, 1.0])
    np.testing.assert_allclose(easting, 500_000, atol=1e-6)
    assert northing[0] == pytest.approx(0, abs=1e-6)
    assert northing[1] == pytest.approx(0.9996 * 110_574.39, abs=0.1)  # degree of meridian, WGS 84: Snyder 1987


@given(east=st.floats(-3.5, 3.5), north=st.floats(-79, 83))
def test_a_place_comes_back(east: float, north: float) -> None:
    place = 117 + east, north
    epsg = 32650 if north >= 0 else 32750
    np.testing.assert_allclose(unproject(epsg, *project(epsg, *place)), place, atol=1e-9)  # [degree] a tenth of a mm


def test_missing_places_stay_missing_and_shapes_stay() -> None:
    longitude = np.array([[117.0, np.nan], [117.0, 118.0]])
    latitude = np.array([[40.0, 40.0], [np.nan, 41.0]])
    easting, northing = project(32650, longitude, latitude)
    assert easting.shape == (2, 2)
    np.testing.assert_array_equal(np.isnan(easting), [[False, True], [True, False]])
    np.testing.assert_array_equal(np.isnan(easting), np.isnan(northing))
    assert [each.size for each in project(32650, [], [])] == [0, 0]


def test_an_unknown_system_is_an_input_error() -> None:
    with pytest.raises(InputError, match="EPSG:99999"):
        project(99_999, 117, 40)
    with pytest.raises(InputError, match="EPSG:99999"):
        unproject(99_999, 0, 0)


def test_threads_may_share_a_projection() -> None:
    longitude = np.linspace(114, 120, 2000)
    alone = project(32650, longitude, 39.0 + np.zeros(2000))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: project(32650, longitude, 39.0 + np.zeros(2000)), range(40)))
    for each in together:
        np.testing.assert_array_equal(each, alone)


@given(
    west=st.floats(110, 120),
    south=st.floats(-60, 60),
    width=st.floats(0.001, 0.3),
    height=st.floats(0.001, 0.3),
    sensor=st.sampled_from(sorted(SENSORS)),
    margin=st.none() | st.floats(0, 5000),
)
def test_a_window_holds_the_area_and_its_margin_on_the_lattice_and_no_pixel_more(
    west: float, south: float, width: float, height: float, sensor: str, margin: float | None
) -> None:
    kind = SENSORS[sensor]
    area = box(west, south, west + width, south + height)
    grid = window_of(area, kind, margin=margin)
    beyond = kind.margin if margin is None else margin
    edge = np.linspace(0, 1, 201)
    ring = area.exterior.interpolate(edge, normalized=True)
    easting, northing = project(grid.epsg, [point.x for point in ring], [point.y for point in ring])
    left, bottom, right, top = grid.bounds
    room = np.array([easting.min() - left, northing.min() - bottom, right - easting.max(), top - northing.max()])
    assert (room >= beyond - 0.2).all()  # [m] an edge of 0.02 degrees bows by less
    assert (room < beyond + kind.pixel + 20).all()  # [m] the ring here misses what lies between its points
    assert {(side - kind.lattice) % kind.pixel for side in grid.bounds} == {0}


def test_windows_of_neighbours_share_their_pixels() -> None:
    first, second = (window_of(Point(x, 39.6).buffer(0.01), FINE) for x in (118.1, 118.3))
    assert first.shares_pixels(second)


def test_the_window_of_parts_holds_all_of_them() -> None:
    parts = [box(118.1, 39.6, 118.11, 39.61), box(118.2, 39.5, 118.21, 39.51)]
    whole = window_of(MultiPolygon(parts), FINE)
    assert all(whole.contains(window_of(part, FINE)) for part in parts)


def test_the_same_outline_in_another_order_gives_the_same_window() -> None:
    ring = [(118.1, 39.6), (118.13, 39.61), (118.12, 39.63), (118.1, 39.6)]
    assert window_of(Polygon(ring), FINE) == window_of(Polygon(ring[::-1]), FINE)


def test_a_window_can_be_asked_for_in_the_zone_of_a_neighbour() -> None:
    area = box(113.98, 39.6, 113.99, 39.61)
    assert window_of(area, FINE).epsg == 32649
    beside = window_of(area, FINE, epsg=32650)
    assert beside.epsg == 32650
    longitude, latitude = unproject(32650, *np.meshgrid([beside.left, beside.right], [beside.bottom, beside.top]))
    assert contains(Polygon(np.column_stack([longitude.ravel(), latitude.ravel()])[[0, 1, 3, 2]]), area)


def test_a_large_area_bulges_as_its_parallels_do() -> None:
    area = box(115, 40, 119, 41)
    grid = window_of(area, FINE, margin=0)
    _, northing = project(grid.epsg, np.linspace(115, 119, 401), np.full(401, 40.0))
    assert grid.bottom <= northing.min() <= grid.bottom + 2 * FINE.pixel
    assert contains(box(*grid.bounds), points(project(grid.epsg, 117.0, 40.5))).all()


def test_a_window_that_lies_on_the_lattice_already_does_not_grow() -> None:
    assert snapped_grid(32650, (400, 1000, 460, 1040), 20).shape == (2, 3)
    assert snapped_grid(32650, (400 + 1e-9, 1000 - 1e-9, 460 + 1e-9, 1040), 20).shape == (2, 3)
    assert snapped_grid(32650, (399, 1000, 461, 1041), 20).bounds == (380, 1000, 480, 1060)
    assert snapped_grid(32650, (-30, -30, 10, 10), 20).bounds == (-40, -40, 20, 20)
    assert snapped_grid(32650, (400, 1000, 400, 1000), 20).shape == (1, 1)
    assert snapped_grid(32650, (399, 1000, 461, 1041), 20, 10).bounds == (390, 990, 470, 1050)


def test_pixels_of_landsat_are_those_of_its_products() -> None:
    # The edges of the products in ../shared/data/landsat lie at 864,615 and 491,115 m east, 4,187,145 m north.
    grid = window_of(box(118, 39.6, 118.02, 39.62), SENSORS["landsat-ot-l1"])
    assert (grid.left % 30, grid.top % 30) == (15, 15)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: window_of(Polygon(), FINE), "without ground"),
        (lambda: window_of(box(0, 0, 1, 1), FINE, margin=-1), "not negative"),
        (lambda: window_of(box(0, 0, 1, 1), FINE, margin=float("nan")), "not negative"),
        (lambda: window_of(box(0, 85, 1, 86), FINE), "where UTM is defined"),
        (lambda: snapped_grid(32650, (10, 0, 0, 10), 20), "west, south, east, north"),
        (lambda: snapped_grid(32650, (0, 0, float("inf"), 10), 20), "west, south, east, north"),
        (lambda: snapped_grid(32650, (0, 0, 10, 10), 0), "positive size"),
    ],
)
def test_what_makes_no_grid_is_refused(call: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()  # type: ignore[operator]
