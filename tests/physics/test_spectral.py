"""Bands against the whole integral over a response, and there and back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.physics.instruments import SPECTRAL_BANDS
from satverify.physics.radiometry import planck_radiance
from satverify.physics.spectral import (
    SpectralBand,
    band_brightness_temperature,
    band_radiance,
    band_slope,
    gauss_nodes,
)

NAMES = st.sampled_from([(platform, name) for platform, bands in SPECTRAL_BANDS.items() for name in bands])


@given(name=NAMES, kelvin=st.floats(250, 3000))
def test_the_temperature_of_a_band_comes_back_from_its_radiance(name: tuple[str, str], kelvin: float) -> None:
    band = SPECTRAL_BANDS[name[0]][name[1]]
    found = band_brightness_temperature(band, band_radiance(band, kelvin))
    np.testing.assert_allclose(found, kelvin, rtol=1e-9)  # float64 round-off over six Newton steps


@given(name=NAMES, kelvin=st.floats(300, 2900))
def test_the_slope_is_that_of_neighbouring_temperatures(name: tuple[str, str], kelvin: float) -> None:
    band = SPECTRAL_BANDS[name[0]][name[1]]
    step = kelvin * 1e-5
    apart = np.log(band_radiance(band, kelvin + step) / band_radiance(band, kelvin - step)) / (2 * step)
    np.testing.assert_allclose(band_slope(band, kelvin), apart, rtol=1e-6)  # of the difference quotient


def test_one_node_is_planck() -> None:
    band = SpectralBand(wavelengths=(2.2e-6,), weights=(1.0,), solar_irradiance=85.0)
    kelvin = np.array([[300.0, 1500.0], [np.nan, 2200.0]])
    np.testing.assert_allclose(band_radiance(band, kelvin), planck_radiance(2.2e-6, kelvin))


@given(count=st.integers(1, 5), degree=st.integers(0, 9), skew=st.floats(-2, 2))
def test_nodes_integrate_polynomials_exactly(count: int, degree: int, skew: float) -> None:
    place = np.linspace(-1, 1, 201)
    response = np.exp(skew * place) * np.maximum(1 - place**2, 0)
    nodes, weights = gauss_nodes(2200 + 100 * place, response, count)
    power = min(degree, 2 * count - 1)
    exact = (response * place**power).sum() / response.sum()
    assert (weights * ((nodes - 2200) / 100) ** power).sum() == pytest.approx(exact, abs=1e-10)


def test_nodes_of_a_flat_response_are_those_of_legendre() -> None:
    place = np.linspace(-1, 1, 200_001)
    nodes, weights = gauss_nodes(place, np.ones_like(place), 3)
    expected, shares = np.polynomial.legendre.leggauss(3)
    np.testing.assert_allclose(nodes, expected, atol=1e-5)  # of the sum that stands for the integral
    np.testing.assert_allclose(weights, shares / 2, atol=1e-5)


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="2 wavelengths but 1 weights"):
        SpectralBand(wavelengths=(1e-6, 2e-6), weights=(1.0,), solar_irradiance=1.0)
    with pytest.raises(InputError, match="positive"):
        SpectralBand(wavelengths=(1e-6,), weights=(-1.0,), solar_irradiance=1.0)
    with pytest.raises(InputError, match="negative"):
        gauss_nodes(np.arange(5.0), np.array([0, 1, -1, 1, 0.0]), 2)
    with pytest.raises(InputError, match="more than 3"):
        gauss_nodes(np.arange(5.0), np.array([0, 1, 1, 1, 0.0]), 3)


def test_what_is_missing_stays_missing() -> None:
    band = SPECTRAL_BANDS["sentinel-2a"]["swir22"]
    assert np.isnan(band_brightness_temperature(band, np.array([np.nan, 0.0, -0.1]))).all()
    assert np.isnan(band_radiance(band, np.nan))
    assert np.isnan(band_slope(band, np.nan))
    assert band_brightness_temperature(band, np.zeros((0, 2))).shape == (0, 2)
