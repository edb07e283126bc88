from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from satverify.domain.grids import Grid
from satverify.features.hot_targets.apportion import Apertures, apertures_of, divide
from satverify.features.hot_targets.footprints import Zones

GRID = Grid(epsg=32650, left=0, top=0, pixel_width=500, pixel_height=500, width=21, height=15)
GROUND = 250_000.0


def zones(*pixels: tuple[int, int]) -> Zones:
    """Units of one pixel each, by row and column."""
    flat = np.array([row * GRID.width + column for row, column in pixels], dtype=np.int64)
    return Zones(count=len(flat), unit=np.arange(len(flat)), pixel=flat, weight=np.full(len(flat), 0.04))


def apertures(*pixels: tuple[int, int], others: tuple[tuple[int, int], ...] = ()) -> Apertures:
    is_other = np.zeros(GRID.shape, dtype=bool)
    for place in others:
        is_other[place] = True
    return apertures_of(zones(*pixels), GRID, is_other, blur=300, margin=1000, ground=GROUND)


def shown(strengths: dict[tuple[int, int], float]) -> NDArray[np.float64]:
    """Radiance of sources of so much heat [W sr⁻¹ µm⁻¹] as they show."""
    total = np.zeros(GRID.shape)
    for place, heat in strengths.items():
        response = apertures(place)
        total.flat[response.pixel] += response.response[0] * heat / GROUND
    return total[None]


def divided(excess: NDArray[np.float64], where: Apertures, noise: float = 1e-3) -> NDArray[np.float64]:
    return divide(where, excess, np.full(len(excess), noise), np.isfinite(excess)).excess[:, 0]


def test_a_source_alone_gets_its_heat_back() -> None:
    assert divided(shown({(7, 10): 5e5}), apertures((7, 10)))[0] == pytest.approx(5e5, rel=1e-3)


def test_responses_sum_to_one_and_peak_at_the_unit() -> None:
    one = apertures((7, 10))
    assert one.response[0].sum() == pytest.approx(1.0, abs=0.01)  # four blurs reach a little beyond the pixels asked
    assert one.pixel[one.response[0].argmax()] == 7 * GRID.width + 10


@settings(max_examples=25)
@given(first=st.floats(1e4, 1e6), second=st.floats(1e4, 1e6), apart=st.integers(2, 8))
def test_heat_is_given_to_whom_it_belongs_and_none_is_lost(first: float, second: float, apart: int) -> None:
    places = ((7, 6), (7, 6 + apart))
    excess = shown(dict(zip(places, (first, second), strict=True)))
    found = divided(excess, apertures(*places))
    assert found.sum() == pytest.approx(first + second, rel=0.02)
    tolerance = 0.05 if apart >= 4 else 0.15  # nearer ones have not settled after so many iterations
    np.testing.assert_allclose(found, (first, second), atol=tolerance * max(first, second))


def test_a_cold_unit_beside_a_hot_one_gets_next_to_nothing_and_says_that_it_may_hide() -> None:
    both = apertures((7, 10), (7, 12))
    result = divide(both, shown({(7, 10): 1e6}), np.array([1e-3]), np.ones((1, *GRID.shape), dtype=bool))
    alone = divide(apertures((7, 12)), shown({}), np.array([1e-3]), np.ones((1, *GRID.shape), dtype=bool))
    assert abs(result.excess[1, 0]) < 0.01e6
    assert result.noise[1, 0] > 2 * alone.noise[0, 0]
    assert abs(result.excess[1, 0]) < 3 * result.noise[1, 0]


def test_heat_that_may_be_the_neighbours_is_part_of_the_noise() -> None:
    excess = shown({(7, 10): 1e6, (7, 12): 1e6})
    seen = np.ones((1, *GRID.shape), dtype=bool)
    both = divide(apertures((7, 10), (7, 12)), excess, np.array([1e-6]), seen)
    alone = divide(apertures((7, 10)), shown({(7, 10): 1e6}), np.array([1e-6]), seen)
    assert both.noise[0, 0] > 0.01 * both.excess[0, 0]
    assert alone.noise[0, 0] < 1e-4 * alone.excess[0, 0]


def test_heat_of_nobody_takes_its_part() -> None:
    stranger = (7, 13)
    excess = shown({stranger: 1e6})
    blamed = divided(excess, apertures((7, 10)))[0]
    spared = divided(excess, apertures((7, 10), others=(stranger,)))[0]
    assert blamed > 3 * abs(spared)


def test_noise_of_a_cold_unit_is_that_of_its_pixels() -> None:
    rng = np.random.default_rng(1)
    scenes = rng.normal(0, 0.01, (400, *GRID.shape))
    result = divide(apertures((7, 10)), scenes, np.full(400, 0.01), np.ones(scenes.shape, dtype=bool))
    assert result.excess.std() == pytest.approx(float(np.median(result.noise)), rel=0.15)
    assert abs(result.excess.mean()) < 4 * result.excess.std() / 20


def test_pixels_that_were_not_seen_are_made_up_for_or_leave_nothing() -> None:
    excess = shown({(7, 10): 5e5})
    excess[0, 7, 9] = np.nan
    assert divided(excess, apertures((7, 10)))[0] == pytest.approx(5e5, rel=1e-3)
    excess[0, 6:9, 9:12] = np.nan
    assert np.isnan(divided(excess, apertures((7, 10)))[0])


def test_a_unit_outside_of_the_grid_has_nothing() -> None:
    nowhere = Zones(count=1, unit=np.zeros(0, dtype=np.int64), pixel=np.zeros(0, dtype=np.int64), weight=np.zeros(0))
    empty = apertures_of(nowhere, GRID, np.zeros(GRID.shape, dtype=bool), blur=300, margin=1000, ground=GROUND)
    result = divide(empty, np.zeros((2, *GRID.shape)), np.ones(2), np.ones((2, *GRID.shape), dtype=bool))
    assert np.isnan(result.excess).all()
    assert empty.zones().count == 1


def test_zones_hold_where_a_unit_shows_most() -> None:
    one = apertures((7, 10))
    assert len(one.zones(least=0.9).pixel) == 1
    assert len(one.zones(least=0.1).pixel) < len(one.zones().pixel)
