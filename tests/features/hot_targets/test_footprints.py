from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from satverify.domain.grids import Grid
from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.features.hot_targets.footprints import Footprints, footprints_on, pixel_ground
from satverify.features.units import ImagedUnit
from satverify.physics.utm import project
from tests.features.hot_targets.skies import grid_of, unit_of, unit_on

GRID = grid_of((60, 80))


def _flat(grid: Grid, unit: ImagedUnit) -> BaseGeometry:
    return shapely.transform(unit.ground, lambda each: np.column_stack(project(grid.epsg, each[:, 0], each[:, 1])))


def _image(footprints: Footprints, unit: int = 0) -> np.ndarray:
    out = np.zeros(footprints.grid.shape)
    own = footprints.inside.unit == unit
    out.flat[footprints.inside.pixel[own]] = footprints.inside.weight[own]
    return out


def _by_intersection(grid: Grid, ground: BaseGeometry) -> np.ndarray:
    """Coverage by cutting the ground with every pixel: slow, and another library's."""
    rows, columns = np.mgrid[: grid.height, : grid.width]
    west, north = grid.left + columns * grid.pixel_width, grid.top - rows * grid.pixel_height
    pixels = shapely.box(west, north - grid.pixel_height, west + grid.pixel_width, north)
    share: np.ndarray = shapely.area(shapely.intersection(pixels, ground)) / (grid.pixel_width * grid.pixel_height)
    return share


@settings(max_examples=25)
@given(
    middle=st.tuples(st.floats(-100, 1700), st.floats(-100, 1300)),
    size=st.tuples(st.floats(3, 400), st.floats(3, 400)),
    turn=st.floats(0, 180),
    has_hole=st.booleans(),
)
def test_coverage_is_the_share_of_each_pixel_that_the_ground_cuts_out(
    middle: tuple[float, float], size: tuple[float, float], turn: float, has_hole: bool
) -> None:
    east, north = GRID.left + middle[0], GRID.top - middle[1]
    flat = shapely.box(east - size[0] / 2, north - size[1] / 2, east + size[0] / 2, north + size[1] / 2)
    if has_hole:
        hole = shapely.Point(east, north).buffer(min(size) / 4)
        flat = Polygon(flat.exterior, [hole.exterior])
    unit = unit_of(GRID, shapely.affinity.rotate(flat, turn))
    footprints = footprints_on(GRID, [unit])
    expected = _by_intersection(GRID, _flat(GRID, unit))
    np.testing.assert_allclose(_image(footprints), expected, atol=2e-5)  # exactextract gives single precision
    inside = shapely.intersection(_flat(GRID, unit), shapely.box(*GRID.bounds)).area
    assert footprints.inside_share[0] == pytest.approx(inside / _flat(GRID, unit).area, abs=1e-4)


def test_coverage_adds_up_to_the_area() -> None:
    units = [unit_on(GRID, (10.3, 13.7), (20.2, 24.9)), unit_on(GRID, (30, 30.5), (40, 40.25), "small")]
    footprints = footprints_on(GRID, units)
    np.testing.assert_allclose(footprints.pixels, [3.4 * 4.7, 0.125], rtol=1e-5)
    np.testing.assert_allclose(footprints.inside.size, footprints.pixels, rtol=1e-5)
    assert footprints.unit_ids == ("bf1", "small")


def test_parts_of_a_unit_count_together_and_units_may_overlap() -> None:
    two = shapely.MultiPolygon(
        [shapely.box(480_000, 4_389_900, 480_020, 4_389_920), shapely.box(480_100, 4_389_900, 480_120, 4_389_920)]
    )
    footprints = footprints_on(GRID, [unit_of(GRID, two), unit_on(GRID, (4, 5), (0, 6), "over")])
    assert footprints.inside.size == pytest.approx([2, 6], abs=1e-4)
    assert footprints.pixels == pytest.approx([2, 6], abs=1e-4)


def test_a_unit_outside_the_image_has_no_pixels() -> None:
    footprints = footprints_on(GRID, [unit_on(GRID, (100, 110), (10, 20)), unit_on(GRID, (0, 2), (0, 2), "in")])
    assert footprints.inside_share == pytest.approx([0, 1], abs=1e-6)
    assert footprints.inside.size[0] == 0
    assert set(footprints.inside.unit) == {1}


def test_only_the_part_inside_the_image_is_covered() -> None:
    footprints = footprints_on(GRID, [unit_on(GRID, (-5, 5), (-10, 10))])
    assert footprints.inside.size[0] == pytest.approx(50, abs=1e-3)
    assert footprints.inside_share[0] == pytest.approx(0.25, abs=1e-5)


def test_ground_that_touches_the_edge_covers_nothing() -> None:
    footprints = footprints_on(GRID, [unit_on(GRID, (-5, 0), (10, 20))])
    assert footprints.inside.size[0] == pytest.approx(0, abs=1e-3)  # degrees and back cost some nanometres


def test_ground_is_projected_into_another_zone() -> None:
    """The same ground in its own zone and in the next one, 6 degrees off, has the same size within 2 %."""
    unit = unit_on(GRID, (10, 20), (10, 20))
    flat = _flat(grid_of((1, 1), epsg=32651), unit)
    west, south, _, _ = flat.bounds
    other = Grid(
        epsg=32651,
        left=west // 20 * 20 - 200,
        top=south // 20 * 20 + 600,
        pixel_width=20,
        pixel_height=20,
        width=60,
        height=60,
    )
    footprints = footprints_on(other, [unit])
    assert footprints.inside_share[0] == pytest.approx(1, abs=1e-5)
    assert footprints.pixels[0] == pytest.approx(100, rel=0.02)
    np.testing.assert_allclose(_image(footprints), _by_intersection(other, flat), atol=2e-4)


def test_a_grid_in_degrees_keeps_ground_in_square_metres() -> None:
    step = 0.0002
    grid = Grid(epsg=4326, left=117.0, top=39.6, pixel_width=step, pixel_height=step, width=40, height=40)
    unit = ImagedUnit(
        unit_id="u", kind=UnitKind.CONVERTER, ground=shapely.box(117.001, 39.5985, 117.002, 39.599), observed_as="u"
    )
    footprints = footprints_on(grid, [unit])
    assert footprints.inside.size[0] == pytest.approx(12.5, rel=1e-5)
    # a degree is 111.0 km by 85.9 km at 39.6 degrees north: Snyder 1987, table of lengths on WGS 84
    assert footprints.pixel_ground == pytest.approx(111_027 * 85_887 * step**2, rel=2e-3)
    assert pixel_ground(GRID) == 400


def test_no_units_have_no_pixels() -> None:
    footprints = footprints_on(GRID, [])
    assert footprints.unit_ids == ()
    assert footprints.inside.size.shape == (0,)
    assert footprints.inside.count == 0


def test_crossed_ground_is_taken_apart() -> None:
    bow = shapely.Polygon([(480_000, 4_389_000), (480_200, 4_389_200), (480_200, 4_389_000), (480_000, 4_389_200)])
    footprints = footprints_on(GRID, [unit_of(GRID, bow)])
    assert footprints.pixels[0] == pytest.approx(50, abs=0.01)
    assert footprints.inside.size[0] == pytest.approx(50, abs=0.01)


@pytest.mark.parametrize(
    ("ground", "expected"),
    [
        (shapely.Polygon(), "is empty"),
        (shapely.box(117, 39, 117, 40), "expected ground with an area"),
        (shapely.Polygon([(117, 39), (np.inf, 39), (117, 40)]), "no place"),
    ],
)
def test_ground_that_is_none_is_refused(ground: shapely.Polygon, expected: str) -> None:
    unit = ImagedUnit(unit_id="ghost", kind=UnitKind.CONVERTER, ground=ground, observed_as="ghost")
    with pytest.raises(InputError, match=f"unit ghost: .*{expected}"):
        footprints_on(GRID, [unit])


def test_a_unit_listed_twice_is_refused() -> None:
    unit = unit_on(GRID, (1, 2), (1, 2))
    with pytest.raises(InputError, match=r"bf1.*listed twice"):
        footprints_on(GRID, [unit, unit])


def test_a_coordinate_system_that_does_not_exist_is_refused() -> None:
    wrong = Grid(epsg=99_999, left=0, top=0, pixel_width=20, pixel_height=20, width=5, height=5)
    with pytest.raises(InputError, match="99999"):
        footprints_on(wrong, [unit_on(GRID, (1, 2), (1, 2))])
