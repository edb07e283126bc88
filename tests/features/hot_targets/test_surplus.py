from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.background import deviation_of, local_means
from satverify.features.hot_targets.surplus import Answer, Bands, Context, answer, ground_surplus, surplus_of

WHITE = np.array([12.0])
"""Radiance of a white surface at 2.2 µm in December at 39 degrees north."""
GROUND = (0.20, 0.20, 0.19)
MIDDLE = (0, 20, 20)


def scene(*pixels: tuple[int, int, tuple[float, float, float]], spread: float = 0.005) -> Bands:
    """Ground with a little noise, and other pixels."""
    rng = np.random.default_rng(4)
    bands = [(level + spread * rng.standard_normal((1, 40, 40))).astype(np.float32) for level in GROUND]
    for row, column, levels in pixels:
        for band, level in zip(bands, levels, strict=True):
            band[0, row, column] = level
    return bands[0], bands[1], bands[2]


def answered(bands: Bands, white: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = WHITE) -> Answer:
    surplus = surplus_of(bands)
    ground = ground_surplus(surplus)
    is_cold = surplus < 0.1
    mean, square = local_means([ground, ground * ground], is_cold, 20.0)
    context = Context(surplus=mean, deviation=deviation_of(mean, square), is_cold=is_cold, step=20.0)
    return answer(bands, surplus, context, white)


def test_the_surplus_of_heat_alone_is_what_it_adds_at_2_2_less_1_2_times_what_it_adds_at_1_6() -> None:
    cold = scene(spread=0)
    hot = (cold[0], cold[1] + np.float32(0.1), cold[2] + np.float32(0.3))
    np.testing.assert_allclose(surplus_of(hot) - surplus_of(cold), 0.3 - 1.2 * 0.1, atol=1e-6)  # float32


@pytest.mark.parametrize(
    ("levels", "is_hot"),
    [
        ((0.20, 0.22, 0.30), True),  # surplus 0.036, in ground of -0.05
        ((0.20, 0.22, 0.285), False),  # 0.021
        ((0.08, 0.13, 0.20), False),  # 0.044, but dark at 0.86 µm, as char is
        ((0.45, 0.22, 0.30), False),  # 0.036, but bright at 0.86 µm, as melting snow is
        ((0.08, 0.13, 0.26), True),  # 0.104: no char is so bright at 2.2 µm
        ((0.50, 0.60, 0.66), False),  # a bright roof
    ],
)
def test_a_pixel_is_hot_by_what_no_cold_ground_has(levels: tuple[float, float, float], is_hot: bool) -> None:
    assert bool(answered(scene((20, 20, levels))).is_hot[MIDDLE]) is is_hot


def test_the_same_surplus_does_not_stand_out_of_ground_that_differs() -> None:
    pixel = (20, 20, (0.20, 0.22, 0.31))
    assert answered(scene(pixel)).is_hot[MIDDLE]
    assert not answered(scene(pixel, spread=0.03)).is_hot[MIDDLE]


def test_an_edge_at_1_6_explains_a_surplus_and_the_pixels_own_heat_is_no_edge() -> None:
    hot = (0.20, 0.30, 0.43)
    assert answered(scene((20, 20, hot))).is_hot[MIDDLE]
    roof = tuple((row, 21, (0.45, 0.60, 0.55)) for row in range(10, 30))
    found = answered(scene((20, 20, hot), *roof))
    assert found.is_shifted[MIDDLE]
    assert not found.is_hot[MIDDLE]
    assert answered(scene((20, 20, (0.20, 0.30, 0.56)), *roof)).is_hot[MIDDLE], "more than any shift explains"


def test_a_small_surplus_counts_beside_a_hot_pixel() -> None:
    faint = (20, 20, (0.10, 0.20, 0.285))  # 0.045, dark at 0.86 µm
    assert not answered(scene(faint)).is_hot[MIDDLE]
    assert answered(scene(faint, (20, 21, (0.20, 0.40, 1.0)))).is_hot[MIDDLE]
    assert not answered(scene(faint, (20, 23, (0.20, 0.40, 1.0)))).is_hot[MIDDLE]


def test_a_glowing_pixel_needs_no_surplus() -> None:
    assert answered(scene((20, 20, (0.23, 1.08, 1.14)))).is_hot[MIDDLE]
    assert not answered(scene((20, 20, (0.60, 1.08, 1.14)))).is_hot[MIDDLE], "a mirror of the Sun"


def test_a_bright_roof_is_not_hot_where_water_vapour_darkens_the_band_at_0_945_in_the_place_of_0_86() -> None:
    """In the real scene of Spain with that band it has 0.045, 0.52 and 0.51."""
    assert not answered(scene((20, 20, (0.05, 0.52, 0.51)))).is_hot[MIDDLE]


def test_reflectance_below_nought_at_1_6_makes_no_surplus() -> None:
    assert not answered(scene((20, 20, (0.20, -0.10, 0.02)))).is_hot[MIDDLE]
    cold = scene((20, 20, (0.20, -0.10, 0.02)), spread=0)
    assert surplus_of(cold)[MIDDLE] == np.float32(0.02)


def test_under_the_lowest_sun_a_surplus_is_less_radiance_than_stray_light() -> None:
    bands = scene((20, 20, (0.20, 0.22, 0.36)))
    assert answered(bands).is_hot[MIDDLE]
    assert not answered(bands, np.array([2.0])).is_hot[MIDDLE]


def test_what_is_not_measured_is_not_hot() -> None:
    bands = scene((20, 20, (0.20, np.nan, 1.5)), (25, 25, (0.20, 0.4, 1.0)))
    with np.errstate(invalid="ignore"):
        found = answered(bands)
    assert np.argwhere(found.is_hot).tolist() == [[0, 25, 25]]
