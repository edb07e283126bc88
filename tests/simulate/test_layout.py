"""How a works is laid out: on its own ground, inside its outline, and the same each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.sites import FootprintStatus, Site, Unit, UnitKind
from satverify.physics.utm import project
from satverify.simulate.layout import Enterprise, Layout, in_degrees, in_metres, layout_of, middle_of
from satverify.simulate.sites import draw_works_site
from tests.simulate.works_at import works_at

PLACE = (118.0, 39.5)


def wkb(layout: Layout) -> list[tuple[str, bytes]]:
    return [(patch.material, shapely.to_wkb(patch.ground)) for patch in layout.patches]


@given(
    longitude=st.floats(-179, 179), latitude=st.floats(-70, 70), east=st.floats(-9e3, 9e3), north=st.floats(-9e3, 9e3)
)
def test_degrees_to_metres_and_back_is_where_it_was(
    longitude: float, latitude: float, east: float, north: float
) -> None:
    point = shapely.Point(east, north)
    back = in_metres(in_degrees(point, (longitude, latitude)), (longitude, latitude))
    assert back.distance(point) < 1e-6  # [m] float64 at 180 degrees holds a nanometre


def test_metres_of_a_layout_are_metres_on_the_map() -> None:
    """To half a per cent, by which a round Earth differs from the ellipsoid."""
    line = in_degrees(shapely.LineString([(0, 0), (3000, 0), (3000, 4000)]), PLACE)
    x, y = project(32650, *shapely.get_coordinates(line).T)
    np.testing.assert_allclose(np.hypot(np.diff(x), np.diff(y)), [3000, 4000], rtol=5e-3)


def test_the_same_site_and_seed_give_the_same_layout_and_another_seed_another() -> None:
    site = works_at("s1", PLACE, 12000, 3)
    assert wkb(layout_of(site, 4)) == wkb(layout_of(site, 4))
    assert wkb(layout_of(site, 4)) != wkb(layout_of(site, 5))
    assert wkb(layout_of(site, 4)) != wkb(layout_of(replace(site, site_id="s2", units=()), 4))


def test_every_unit_has_ground_of_its_own_inside_the_outline() -> None:
    site = works_at("s1", PLACE, 20000, 5)
    layout = layout_of(site, 2)
    outline = in_metres(site.outline, layout.middle)
    assert list(layout.grounds) == [unit.unit_id for unit in site.units]
    grounds = list(layout.grounds.values())
    assert all(outline.contains(ground) for ground in grounds)
    apart = [one.distance(two) for index, one in enumerate(grounds) for two in grounds[:index]]
    assert min(apart) >= 30.0


def test_units_of_a_kind_stand_in_rows() -> None:
    layout = layout_of(works_at("s1", PLACE, 12000, 4, coke=False), 2)
    grounds = list(layout.grounds.values())
    nearest = [min(one.distance(two) for two in grounds if two is not one) for one in grounds]
    assert max(nearest) < 60.0


def test_surveyed_ground_is_kept_and_nothing_made_up_stands_on_it() -> None:
    footprint = shapely.box(118.001, 39.5001, 118.0022, 39.5008)
    site = works_at("s1", PLACE, 12000, 2)
    known = replace(site.units[0], footprint=footprint, footprint_status=FootprintStatus.SURVEYED)
    layout = layout_of(replace(site, units=(known, *site.units[1:])), 1)
    kept = in_degrees(layout.grounds[known.unit_id], layout.middle)
    assert kept.symmetric_difference(footprint).area < 1e-12
    others = [ground for unit_id, ground in layout.grounds.items() if unit_id != known.unit_id]
    assert all(ground.distance(layout.grounds[known.unit_id]) >= 30.0 for ground in others)


def test_the_largest_part_of_what_lies_in_parts_counts() -> None:
    small, large = shapely.box(117.99, 39.49, 117.991, 39.491), shapely.box(118.0, 39.5, 118.02, 39.52)
    unit = Unit(
        unit_id="u",
        site_id="s",
        kind=UnitKind.CONVERTER,
        footprint=shapely.MultiPolygon(
            [shapely.box(118.001, 39.501, 118.002, 39.502), shapely.box(118.01, 39.51, 118.013, 39.512)]
        ),
    )
    site = Site(site_id="s", name="S", outline=shapely.MultiPolygon([small, large]), units=(unit,))
    layout = layout_of(site, 0)
    assert in_degrees(layout.grounds["u"], layout.middle).bounds == pytest.approx((118.01, 39.51, 118.013, 39.512))
    assert layout.middle == middle_of(site)


@pytest.mark.parametrize("edge", [20.0, 90.0, 300.0])
def test_works_too_small_for_their_units_are_laid_out_all_the_same(edge: float) -> None:
    outline = in_degrees(shapely.box(-edge / 2, -edge / 2, edge / 2, edge / 2), PLACE)
    units = tuple(
        Unit(unit_id=f"u{number}", site_id="s", kind=kind, capacity_t_per_day=9000.0)
        for number, kind in enumerate(UnitKind)
    )
    assert isinstance(outline, shapely.Polygon)
    layout = layout_of(Site(site_id="s", name="S", outline=outline, units=units), 1)
    assert set(layout.grounds) == {unit.unit_id for unit in units}
    assert all(ground.area > 0 and ground.is_valid for ground in layout.grounds.values())


def test_patches_are_whole_polygons_and_the_works_lies_below_all_that_is_inside() -> None:
    site = draw_works_site(np.random.default_rng(1), "w", *PLACE)
    layout = layout_of(site, 1)
    assert layout.patches[0].material == "works_ground"
    for patch in layout.patches:
        assert isinstance(patch.ground, shapely.Polygon)
        assert patch.ground.is_valid
        assert patch.ground.area >= 60.0
    covered = shapely.union_all([patch.ground for patch in layout.patches])
    assert covered.contains(in_metres(site.outline, layout.middle).buffer(-1.0))


def test_a_works_has_dark_and_bright_surfaces_and_an_enterprise_without_heat_has_no_slag_pits() -> None:
    site = draw_works_site(np.random.default_rng(3), "w", *PLACE)

    def area(layout: Layout, *materials: str) -> float:
        return sum(patch.ground.area for patch in layout.patches if patch.material in materials)

    works = layout_of(site, 1)
    for material in ("metal_roof", "dark_roof", "coal", "slag", "ore", "water_basin", "parked_metal", "solar_panel"):
        assert area(works, material) > 0, material
    sheds = layout_of(site, 1, Enterprise.WAREHOUSES)
    assert area(sheds, "slag", "coke", "ore") == 0
    whole = in_metres(site.outline, works.middle).area
    assert area(sheds, "metal_roof", "blue_roof", "dark_roof") > 0.25 * whole > area(works, "metal_roof")
    assert area(layout_of(site, 1, Enterprise.GALVANISING), "metal_roof") > area(works, "metal_roof")


def test_a_blast_furnace_has_a_roof_and_a_slag_pit_beside_it_on_its_ground() -> None:
    layout = layout_of(works_at("s1", PLACE, 6000, 1, coke=False), 3)
    ground = layout.grounds["s1:bf0"].buffer(0.01)
    own = {patch.material: patch.ground for patch in layout.patches if ground.contains(patch.ground)}
    (roof,) = [own[name] for name in own if name.endswith("roof")]
    assert roof.area > own["slag"].area > 500.0  # [m²]
    assert roof.intersection(own["slag"]).area == 0
