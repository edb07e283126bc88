"""Hot parts fitted to three bands, beside the ratio of two."""

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
from satverify.physics.planck_fit import planck_fit
from satverify.physics.spectral import band_radiance
from satverify.physics.subpixel import dual_band

Floats = NDArray[np.float64]

BANDS = [spectral_band("sentinel-2b", name) for name in ("nir08", "swir16", "swir22")]
PIXEL = 400.0  # [m²]
NOISE = np.array([[0.2], [0.04], [0.02]])  # [W m-2 sr-1 um-1] of what is reflected round about


def seen(kelvin: float, area: float, size: int = 1) -> Floats:
    return np.stack([np.full(size, area / PIXEL * band_radiance(band, kelvin)) for band in BANDS])


@given(kelvin=st.floats(500, 2900), area=st.floats(0.01, 390))
def test_the_hot_part_is_found_again(kelvin: float, area: float) -> None:
    excess = seen(kelvin, area)
    found = planck_fit(BANDS, excess, 1e-4 * excess.max(), PIXEL)
    np.testing.assert_allclose(found.temperature, kelvin, rtol=1e-7)  # of the last Gauss-Newton step
    np.testing.assert_allclose(found.area, area, rtol=1e-5)
    np.testing.assert_allclose(found.power, constants.sigma * area * kelvin**4, rtol=1e-5)


def test_uncertainties_are_the_scatter_of_noisy_pixels() -> None:
    generator = np.random.default_rng(20220115)
    excess = seen(1600.0, 1.0, 10_000) + NOISE * generator.normal(size=(3, 10_000))
    found = planck_fit(BANDS, excess, NOISE, PIXEL)
    assert np.isfinite(found.temperature).all()
    for value, stated in (
        (found.temperature, found.temperature_uncertainty),
        (found.area, found.area_uncertainty),
        (found.power, found.power_uncertainty),
    ):
        assert np.std(value) == pytest.approx(np.mean(stated), rel=0.05)  # 10,000 pixels: 0.7 %, and what is not linear


def test_a_third_band_makes_it_surer_than_two() -> None:
    excess = seen(1800.0, 2.0)
    three = planck_fit(BANDS, excess, NOISE, PIXEL)
    two = dual_band((BANDS[2], excess[2]), (BANDS[1], excess[1]), PIXEL, noise=(0.02, 0.04))
    assert three.temperature_uncertainty < two.temperature_uncertainty


def test_two_bands_of_three_give_what_their_ratio_gives() -> None:
    excess = seen(1200.0, 3.0)
    excess[0] = np.nan
    fitted = planck_fit(BANDS, excess, NOISE, PIXEL)
    ratio = dual_band((BANDS[2], excess[2]), (BANDS[1], excess[1]), PIXEL, noise=(0.02, 0.04))
    for name in ("temperature", "area", "power", "temperature_uncertainty", "area_uncertainty", "power_uncertainty"):
        np.testing.assert_allclose(getattr(fitted, name), getattr(ratio, name), rtol=1e-6)


def test_a_band_below_its_noise_does_not_spoil_the_rest() -> None:
    excess = seen(1000.0, 10.0)
    excess[0] = -0.1  # 0.86 µm sees nothing of 1000 K
    found = planck_fit(BANDS, excess, NOISE, PIXEL)
    assert found.temperature == pytest.approx(1000.0, rel=0.01)


def test_each_pixel_without_an_answer_says_why() -> None:
    excess = np.array(
        [
            [np.nan, np.nan, 0.01, 0.0, 500.0, np.nan],
            [np.nan, 5.0, 0.01, 0.5, 5.0, np.nan],
            [9.0, np.nan, 0.01, 400.0, 1.0, np.nan],
        ]
    )
    found = planck_fit(BANDS, excess, NOISE, PIXEL)
    assert np.isnan(found.temperature).all()
    np.testing.assert_array_equal(found.is_saturated, [1, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(found.is_faint, [0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(found.is_too_cool, [0, 0, 0, 1, 0, 0])
    np.testing.assert_array_equal(found.is_too_hot, [0, 0, 0, 0, 1, 0])


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_any_shape_comes_back(shape: tuple[int, ...]) -> None:
    excess = np.broadcast_to(seen(1500.0, 1.0).reshape(3, *[1] * len(shape)), (3, *shape))
    found = planck_fit(BANDS, excess, 0.02, PIXEL)
    assert {getattr(found, field.name).shape for field in fields(found)} == {shape}


def test_one_band_is_not_enough() -> None:
    with pytest.raises(InputError, match="two or more"):
        planck_fit(BANDS[:1], np.ones((1, 2)), 0.1, PIXEL)
    with pytest.raises(InputError, match="3 bands and 2 images"):
        planck_fit(BANDS, np.ones((2, 2)), 0.1, PIXEL)
