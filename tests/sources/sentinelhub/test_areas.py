from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.physics.utm import window_of
from satverify.sources.sentinelhub.areas import REQUEST_WORTH, Area, areas_of, grid_outline, parts_of
from satverify.sources.sentinelhub.cost import scene_units
from tests.sources.sentinelhub.made import SENTINEL_2, SLSTR

SCENES = 40.0


def site(number: int, longitude: float, latitude: float, size: float = 0.02) -> Site:
    outline = box(longitude, latitude, longitude + size, latitude + size)
    return Site(site_id=f"site-{number:03d}", name=f"Works {number}", outline=outline)


def cost(areas: tuple[Area, ...]) -> float:
    return sum(SCENES * scene_units(area.sensor, area.grid) + REQUEST_WORTH for area in areas)


def test_fine_pixels_give_every_site_a_box_of_its_own() -> None:
    sites = [site(2, 118.0, 39.6), site(1, 118.01, 39.6)]
    areas = areas_of(sites, SENTINEL_2, SCENES)
    assert [area.site_ids for area in areas] == [("site-001",), ("site-002",)]
    assert all(
        area.grid == window_of(place.outline, SENTINEL_2) for area, place in zip(areas, sites[::-1], strict=True)
    )


def test_neighbours_share_a_box_of_coarse_pixels_and_strangers_do_not() -> None:
    sites = [site(1, 118.0, 39.6), site(2, 118.1, 39.6), site(3, 114.5, 36.6)]
    areas = areas_of(sites, SLSTR, SCENES)
    assert [area.site_ids for area in areas] == [("site-001", "site-002"), ("site-003",)]


def test_zones_are_never_mixed() -> None:
    sites = [site(1, 113.97, 36.0), site(2, 114.01, 36.0)]
    assert {area.grid.epsg for area in areas_of(sites, SLSTR, SCENES)} == {32649, 32650}


@settings(max_examples=30)
@given(places=st.lists(st.tuples(st.floats(112, 120), st.floats(34, 41)), min_size=1, max_size=12, unique=True))
def test_shared_boxes_hold_every_site_once_and_cost_no_more_than_boxes_of_their_own(
    places: list[tuple[float, float]],
) -> None:
    sites = [site(number, *place) for number, place in enumerate(places)]
    areas = areas_of(sites, SLSTR, SCENES)
    assert sorted(site_id for area in areas for site_id in area.site_ids) == [place.site_id for place in sites]
    alone = tuple(
        Area(sensor=SLSTR, grid=window, site_ids=(place.site_id,), windows=(window,))
        for place in sites
        for window in [window_of(place.outline, SLSTR)]
    )
    assert cost(areas) <= cost(alone) + 1e-9
    assert areas == areas_of(sites[::-1], SLSTR, SCENES)


def test_no_sites_need_no_box() -> None:
    assert areas_of([], SLSTR, SCENES) == ()


def test_the_outline_on_the_globe_holds_the_site_and_its_margin() -> None:
    place = site(1, 118.0, 39.6)
    outline = grid_outline(window_of(place.outline, SENTINEL_2))
    assert outline.contains(place.outline)
    metres = 0.004  # [degree] 500 m of margin are at least this much at this latitude
    assert outline.contains(place.outline.buffer(metres, join_style="mitre"))
    assert outline.contains(Point(118.01, 39.61))


@pytest.mark.parametrize(("width", "height", "parts"), [(2500, 2500, 1), (2501, 2500, 2), (6000, 3000, 6)])
def test_grids_beyond_the_limit_are_cut_into_parts_that_cover_them(width: int, height: int, parts: int) -> None:
    grid = Grid(epsg=32650, left=0, top=0, pixel_width=20, pixel_height=20, width=width, height=height)
    cut = parts_of(grid)
    assert len(cut) == parts
    assert all(grid.contains(part) and part.width <= 2500 and part.height <= 2500 for part in cut)
    assert sum(part.width * part.height for part in cut) == width * height


def test_an_area_holds_its_windows() -> None:
    window = window_of(site(1, 118.0, 39.6).outline, SENTINEL_2)
    with pytest.raises(AssertionError):
        Area(sensor=SENTINEL_2, grid=replace(window, width=1), site_ids=("a",), windows=(window,))


def test_every_shared_sensor_has_pixels_on_one_lattice() -> None:
    for sensor in SENSORS.values():
        first, second = (window_of(site(0, longitude, 39.6).outline, sensor) for longitude in (117.1, 118.9))
        assert first.shares_pixels(second)


@pytest.mark.parametrize("latitude", [-17.0, 66.0])
def test_a_box_across_180_degrees_has_an_outline_on_either_side(latitude: float) -> None:
    outline = grid_outline(window_of(site(0, 179.975, latitude).outline, SLSTR))
    west, east = sorted(outline.geoms, key=lambda part: part.bounds[0])  # type: ignore[union-attr]
    assert (west.bounds[0], east.bounds[2]) == (-180.0, 180.0)
    assert outline.area < 1
    assert outline.is_valid
