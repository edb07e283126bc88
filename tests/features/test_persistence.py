from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.features.persistence import CELL, COARSE_REACH, PERIOD, HotCells, hot_cells
from satverify.features.plane import Plane
from tests.features.heat import real

YEAR_DAYS = 365


def cells(pixels: list[tuple[int, int, int]], service_days: int = YEAR_DAYS) -> HotCells:
    """Hot cells of pixels given as column, row, day."""
    column, row, day = np.array(pixels, dtype=np.int64).reshape(-1, 3).T
    return hot_cells(column, row, day, service_days)


def glow(column: int, row: int, every: int = PERIOD, stop: int = YEAR_DAYS) -> list[tuple[int, int, int]]:
    return [(column, row, day) for day in range(0, stop, every)]


def places(hot: HotCells) -> set[tuple[int, int]]:
    return set(zip(hot.column.tolist(), hot.row.tolist(), strict=True))


def find(hot: HotCells, *points: tuple[int, int], coarse: bool = False) -> list[int]:
    column, row = np.array(points, dtype=np.int64).reshape(-1, 2).T
    return [int(index) for index in hot.find(column, row, np.full(len(column), coarse))]


def test_no_pixels_have_no_hot_cells() -> None:
    hot = cells([])
    assert len(hot.column) == len(hot.row) == len(hot.source) == len(hot.share) == 0
    assert find(hot, (0, 0), coarse=True) == [-1]
    assert hot.kernel().shape == (0, 0)


def test_heat_that_returns_all_year_is_persistent() -> None:
    assert places(cells(glow(3, -2))) == {(3, -2)}


def test_a_fire_of_many_pixels_in_one_month_is_not() -> None:
    fire = [(3, -2, day) for day in range(100, 130) for _ in range(20)]
    assert places(cells(fire)) == set()
    assert places(cells([*fire, *glow(9, 9)])) == {(9, 9)}


@pytest.mark.parametrize(("periods", "is_hot"), [(5, False), (6, True)])
def test_a_sixth_of_a_years_periods_is_enough(periods: int, is_hot: bool) -> None:
    assert bool(places(cells([(0, 0, 30 * n) for n in range(periods)]))) is is_hot


def test_heat_once_a_year_for_many_years_is_not_persistent() -> None:
    burning = [(0, 0, 365 * year + day) for year in range(12) for day in (200, 211)]
    assert places(cells(burning, service_days=12 * 365)) == set()


def test_a_furnace_that_ran_for_one_year_out_of_ten_is_persistent() -> None:
    assert places(cells([*glow(0, 0), (0, 0, 3650)], service_days=3650)) == {(0, 0)}


def test_a_short_history_asks_for_three_periods() -> None:
    assert places(cells([(0, 0, 0), (0, 0, 15)], service_days=30)) == set()
    assert places(cells([(0, 0, 0), (0, 0, 15), (0, 0, 25)], service_days=30)) == {(0, 0)}


def test_pixels_of_one_source_that_fall_on_both_sides_of_an_edge_help_each_other() -> None:
    edge = [(n % 2, 0, 30 * n) for n in range(6)]  # three times in either cell, six times in both
    assert places(cells(edge)) == {(0, 0), (1, 0)}


def test_one_stray_pixel_beside_a_furnace_is_no_hot_cell() -> None:
    assert places(cells([*glow(0, 0), (1, 0, 50)])) == {(0, 0)}


def test_two_furnaces_apart_are_two_sources_and_one_is_one() -> None:
    blur = [(column + dx, 0, day) for column in (0, 6) for dx in (-1, 0, 0, 0, 1) for day in range(0, 365, 10)]
    hot = cells(blur)
    by_place = dict(zip(zip(hot.column.tolist(), hot.row.tolist(), strict=True), hot.source.tolist(), strict=True))
    assert by_place[-1, 0] == by_place[0, 0] == by_place[1, 0]
    assert by_place[5, 0] == by_place[6, 0] == by_place[7, 0]
    assert len(set(by_place.values())) == 2


def test_the_strongest_peak_is_source_zero() -> None:
    hot = cells([*glow(0, 0), *glow(6, 0), *glow(6, 0)])
    assert dict(zip(hot.column.tolist(), hot.source.tolist(), strict=True)) == {0: 1, 6: 0}


@pytest.mark.parametrize("pixels", [glow(0, 0, every=60), glow(0, 0), glow(0, 0) + glow(8, 0)])
def test_shares_sum_to_one_for_weak_and_strong_sources(pixels: list[tuple[int, int, int]]) -> None:
    hot = cells(pixels)
    assert len(hot.share) > 0
    assert hot.share.sum() == pytest.approx(1.0)


def test_a_fine_pixel_is_found_in_its_own_cell_only() -> None:
    hot = cells(glow(3, -2))
    assert find(hot, (3, -2), (3, -1), (4, -2)) == [0, -1, -1]


def test_a_coarse_pixel_is_found_as_far_as_its_size() -> None:
    hot = cells(glow(0, 0) + glow(10, 0))
    reach = int(COARSE_REACH / CELL)
    assert find(hot, (0, 0), (reach, 0), (reach + 1, 0), (10 - reach, 0), coarse=True) == [0, 0, -1, 1]


def test_the_kernel_is_even_and_keeps_all_heat() -> None:
    hot = cells(glow(0, 0) + glow(1, 0) + glow(9, 0))
    kernel = hot.kernel()
    np.testing.assert_allclose(kernel.sum(axis=1), 1.0)
    assert kernel[0, 0] > kernel[0, 1] > kernel[0, 2]
    assert kernel[0, 2] < 1e-12


pixels_anywhere = st.lists(
    st.tuples(st.integers(-8, 8), st.integers(-8, 8), st.integers(-400, 400)), min_size=1, max_size=120
)


@given(pixels=pixels_anywhere, service_days=st.integers(1, 5000), east=st.integers(-50, 50), later=st.integers(0, 9))
def test_neither_place_nor_epoch_matters(
    pixels: list[tuple[int, int, int]], service_days: int, east: int, later: int
) -> None:
    hot = cells(pixels, service_days)
    moved = cells([(column + east, row - east, day + later) for column, row, day in pixels], service_days)
    assert places(moved) == {(column + east, row - east) for column, row in places(hot)}
    assert moved.source.tolist() == hot.source.tolist()
    assert places(hot) <= {(column, row) for column, row, _ in pixels}
    if len(hot.share):
        assert hot.share.sum() == pytest.approx(1.0)
        assert hot.share.min() > 0
        assert set(hot.source.tolist()) == set(range(hot.source.max() + 1))


@given(pixels=pixels_anywhere)
def test_found_cells_are_the_cells_that_were_asked_for(pixels: list[tuple[int, int, int]]) -> None:
    hot = cells(pixels, service_days=40)
    asked = [(column, row) for column, row, _ in pixels]
    for (column, row), index in zip(asked, find(hot, *asked), strict=True):
        if index >= 0:
            assert (hot.column[index], hot.row[index]) == (column, row)
        else:
            assert (column, row) not in places(hot)


def test_war_fires_at_Azovstal_make_no_persistent_place(shared_data: Path) -> None:
    """What glowed before the war is all that is hot with the war; the fires of its two months add next to nothing."""
    table = real(shared_data, "ukraine_azovstal")
    fine = table[(table["sensor"] == "viirs") & (table["utc_date"] >= "2018-01-01")]
    plane = Plane(longitude=float(fine["longitude"].median()), latitude=float(fine["latitude"].median()))
    east, north = plane.project(fine["longitude"].to_numpy(), fine["latitude"].to_numpy())
    column, row = (np.floor(x / CELL + 0.5).astype(np.int64) for x in (east, north))
    day = fine["utc_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    peace = (fine["utc_date"] < "2022-02-24").to_numpy()
    before = places(hot_cells(column[peace], row[peace], day[peace], 1515))
    after = places(hot_cells(column, row, day, 1600))
    assert before <= after
    assert len(after - before) <= 0.05 * len(before)
