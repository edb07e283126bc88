"""Hot parts of pixels that are made up, and found again."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import constants

from satverify.errors import InputError
from satverify.physics.instruments import spectral_band
from satverify.physics.spectral import band_radiance
from satverify.physics.subpixel import COOLEST, HOTTEST, dual_band, excess_of, excess_slope

Floats = NDArray[np.float64]

LONG, SHORT = spectral_band("sentinel-2a", "swir22"), spectral_band("sentinel-2a", "swir16")
PIXEL = 400.0  # [m²] 20 m
NOISE = (0.02, 0.02)  # [W m-2 sr-1 um-1]


def seen(kelvin: Floats | float, area: Floats | float) -> tuple[Floats, Floats]:
    share = np.asarray(area, dtype=np.float64) / PIXEL
    return share * band_radiance(LONG, kelvin), share * band_radiance(SHORT, kelvin)


@given(kelvin=st.floats(COOLEST + 1, HOTTEST - 1), area=st.floats(1e-3, 400))
def test_the_hot_part_is_found_again(kelvin: float, area: float) -> None:
    long, short = seen(kelvin, area)
    found = dual_band((LONG, long), (SHORT, short), PIXEL)
    np.testing.assert_allclose(found.temperature, kelvin, rtol=1e-9)  # of the last step
    np.testing.assert_allclose(found.area, area, rtol=1e-7)  # ten times steeper in temperature
    np.testing.assert_allclose(found.power, constants.sigma * area * kelvin**4, rtol=1e-7)


@given(kelvin=st.floats(500, 1500), area=st.floats(10, 5e4), around=st.floats(250, 310))
def test_surroundings_that_a_band_sees_are_reckoned_with(kelvin: float, area: float, around: float) -> None:
    """Bands of SLSTR at night: 3.7 µm sees the ground."""
    long, short = spectral_band("sentinel-3a", "mir37"), spectral_band("sentinel-3a", "swir22")
    share = area / 1e6
    excess = [np.asarray(share * (band_radiance(band, kelvin) - band_radiance(band, around))) for band in (long, short)]
    found = dual_band((long, excess[0]), (short, excess[1]), 1e6, surroundings=around)
    np.testing.assert_allclose(found.temperature, kelvin, rtol=1e-8)
    np.testing.assert_allclose(found.area, area, rtol=1e-6)


def test_the_slope_of_the_excess_is_that_of_neighbouring_temperatures() -> None:
    band, kelvin = spectral_band("sentinel-3a", "mir37"), np.array([400.0, 700.0, 1500.0])
    apart = np.log(excess_of(band, kelvin + 0.01, 290.0) / excess_of(band, kelvin - 0.01, 290.0)) / 0.02
    np.testing.assert_allclose(excess_slope(band, kelvin, 290.0), apart, rtol=1e-6)


@pytest.mark.parametrize(("kelvin", "area"), [(1000.0, 20.0), (1500.0, 1.0), (1800.0, 0.5)])
def test_uncertainties_are_the_scatter_of_noisy_pixels(kelvin: float, area: float) -> None:
    generator = np.random.default_rng(20211115)
    long, short = (
        level + sigma * generator.normal(size=20_000) for level, sigma in zip(seen(kelvin, area), NOISE, strict=True)
    )
    found = dual_band((LONG, long), (SHORT, short), PIXEL, noise=NOISE)
    for value, stated in (
        (found.temperature, found.temperature_uncertainty),
        (found.area, found.area_uncertainty),
        (found.power, found.power_uncertainty),
    ):
        assert np.std(value) == pytest.approx(np.mean(stated), rel=0.03)  # 20,000 pixels: 0.5 %, and what is not linear


def test_power_is_surer_than_area() -> None:
    """Errors of temperature and area lean against each other."""
    long, short = seen(1000.0, 5.0)
    found = dual_band((LONG, long), (SHORT, short), PIXEL, noise=NOISE)
    assert found.power_uncertainty / found.power < found.area_uncertainty / found.area


def test_each_pixel_without_an_answer_says_why() -> None:
    long = np.array([3.0, 1e-3, 3.0, 1.0, 3.0, np.nan, 3.0, -1.0])
    short = np.array([2.0, 1e-3, 1e-2, 4.0, 2.0, 2.0, np.nan, 2.0])
    is_saturated = np.array([0, 0, 0, 0, 1, 1, 0, 0], dtype=bool)
    noise = (0.02, 1e-3)
    found = dual_band((LONG, long), (SHORT, short), PIXEL, noise=noise, is_saturated=is_saturated)
    np.testing.assert_array_equal(np.isfinite(found.temperature), [1, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(found.is_faint, [0, 1, 0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(found.is_too_cool, [0, 0, 1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(found.is_too_hot, [0, 0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(found.is_saturated, [0, 0, 0, 0, 1, 0, 0, 0])


def test_more_heat_than_a_pixel_holds_is_flagged_and_kept() -> None:
    long, short = seen(np.array([600.0, 600.0]), np.array([300.0, 500.0]))
    found = dual_band((LONG, long), (SHORT, short), PIXEL)
    np.testing.assert_array_equal(found.is_overfilled, [False, True])
    np.testing.assert_allclose(found.area, [300.0, 500.0])


def test_two_temperatures_in_a_pixel_give_one_between_them_and_the_power_least_wrong() -> None:
    """Half a square metre of iron at 1800 K in 30 of crust at 900 K: what a runner looks like."""
    parts = [seen(1800.0, 0.5), seen(900.0, 30.0)]
    found = dual_band((LONG, parts[0][0] + parts[1][0]), (SHORT, parts[0][1] + parts[1][1]), PIXEL)
    assert 900 < found.temperature < 1800
    power = constants.sigma * (0.5 * 1800.0**4 + 30 * 900.0**4)
    assert 0.3 < found.power / power < 1  # what is cool is not seen: power is a lower bound


@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_any_shape_comes_back(shape: tuple[int, ...]) -> None:
    long, short = seen(np.full(shape, 1200.0), 2.0)
    found = dual_band((LONG, long), (SHORT, short), PIXEL, noise=NOISE)
    assert {getattr(found, field.name).shape for field in fields(found)} == {shape}


def test_bands_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputError, match="longer"):
        dual_band((SHORT, np.ones(2)), (LONG, np.ones(2)), PIXEL)
    with pytest.raises(InputError, match="shapes"):
        dual_band((LONG, np.ones(2)), (SHORT, np.ones(3)), PIXEL)
