from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.grids import Grid
from satverify.errors import InputError

GRID = Grid(epsg=32650, left=478_000, top=4_392_000, pixel_width=20, pixel_height=20, width=150, height=120)


def test_a_grid_tells_its_edges_and_its_name() -> None:
    assert GRID.bounds == (478_000, 4_389_600, 481_000, 4_392_000)
    assert GRID.shape == (120, 150)
    assert GRID.transform == (20, 0, 478_000, 0, -20, 4_392_000)
    assert GRID.name == "32650-20m-478000-4392000-150x120"


@given(column=st.integers(0, 149), row=st.integers(0, 119), width=st.integers(1, 150), height=st.integers(1, 120))
def test_a_grid_contains_just_the_grids_whose_pixels_are_all_its_own(
    column: int, row: int, width: int, height: int
) -> None:
    part = replace(GRID, left=GRID.left + 20 * column, top=GRID.top - 20 * row, width=width, height=height)
    assert GRID.contains(part) == (column + width <= 150 and row + height <= 120)
    if GRID.contains(part):
        assert GRID.window(part) == (slice(row, row + height), slice(column, column + width))


@pytest.mark.parametrize(
    "other",
    [
        replace(GRID, epsg=32649),
        replace(GRID, left=478_010, width=100),
        replace(GRID, pixel_width=10, pixel_height=10),
        replace(GRID, top=4_392_020),
    ],
)
def test_another_zone_lattice_pixel_or_place_is_not_contained(other: Grid) -> None:
    assert not GRID.contains(other)
    with pytest.raises(InputError, match="does not contain"):
        GRID.window(other)


def test_every_grid_of_one_lattice_shares_its_pixels() -> None:
    assert GRID.shares_pixels(replace(GRID, left=400_000, top=4_000_000, width=3, height=3))
    assert not GRID.shares_pixels(replace(GRID, left=400_001))


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"height": -1},
        {"left": float("nan")},
        {"top": float("inf")},
        {"pixel_width": 0.0},
        {"pixel_height": float("nan")},
    ],
)
def test_a_grid_without_pixels_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(GRID, **wrong)  # type: ignore[arg-type]


def test_oblong_pixels_are_named_by_both_edges() -> None:
    assert "-20x10m-" in replace(GRID, pixel_height=10).name
