"""Power from radiance: the published errors, the published coefficient, and what the method costs outside its range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from satverify.errors import InputError
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import (
    MIR_RANGE,
    STEELWORKS_RANGE,
    SWIR_RANGE,
    black_body_power,
    method_error,
    radiance_method,
    radiative_power,
)
from satverify.physics.spectral import SpectralBand, band_radiance

RANGES = st.sampled_from([SWIR_RANGE, MIR_RANGE, STEELWORKS_RANGE])
BANDS = st.sampled_from(
    [
        spectral_band("sentinel-2a", "swir22"),
        spectral_band("landsat-8", "swir16"),
        spectral_band("sentinel-3a", "mir37"),
    ]
)


def narrow(micrometres: float) -> SpectralBand:
    return SpectralBand(wavelengths=(micrometres * 1e-6,), weights=(1.0,), solar_irradiance=np.nan)


@pytest.mark.parametrize(("micrometres", "percent"), [(1.6, 13.6), (2.2, 6.3)])
def test_the_largest_error_is_the_published_one(micrometres: float, percent: float) -> None:
    """Fisher and Wooster 2018, abstract: 1600 to 2200 K."""
    method = radiance_method(narrow(micrometres), SWIR_RANGE)
    assert 100 * method.largest_error == pytest.approx(percent, abs=0.2)  # they used bands of real sensors


def test_the_coefficient_of_modis_is_the_published_one() -> None:
    """Wooster et al. 2003: 3.0e-9 W m-2 sr-1 um-1 K-4, within 12 % from 665 to 1365 K."""
    method = radiance_method(narrow(3.96), (665.0, 1365.0))
    assert method.coefficient == pytest.approx(3.0e-9, rel=0.01)
    assert method.largest_error == pytest.approx(0.12, abs=0.005)


@given(band=BANDS, temperatures=RANGES, part=st.floats(0, 1), area=st.floats(0.01, 1000))
def test_power_is_right_within_what_it_says(
    band: SpectralBand, temperatures: tuple[float, float], part: float, area: float
) -> None:
    kelvin = temperatures[0] + part * (temperatures[1] - temperatures[0])
    method = radiance_method(band, temperatures)
    excess = np.asarray(area / 400 * band_radiance(band, kelvin))
    power, _ = radiative_power(method, excess, 400.0)
    truth = constants.sigma * area * kelvin**4
    assert abs(power / truth - 1) <= method.largest_error * (1 + 1e-5)  # the range is looked at in steps


@given(band=BANDS, temperatures=RANGES)
def test_no_other_coefficient_is_better(band: SpectralBand, temperatures: tuple[float, float]) -> None:
    method = radiance_method(band, temperatures)
    error = method_error(method, np.linspace(*temperatures, 500))
    assert error.max() == pytest.approx(method.largest_error, rel=1e-2)  # as far above as below: the minimax property
    assert error.min() == pytest.approx(-method.largest_error, rel=1e-2)


@given(kelvin=st.floats(600, 2500), area=st.floats(0.1, 100), band=BANDS)
def test_the_error_at_a_temperature_is_the_one_that_is_made(kelvin: float, area: float, band: SpectralBand) -> None:
    method = radiance_method(band, SWIR_RANGE)
    power, _ = radiative_power(method, np.asarray(area / 400 * band_radiance(band, kelvin)), 400.0)
    np.testing.assert_allclose(
        power / (constants.sigma * area * kelvin**4) - 1, method_error(method, kelvin), rtol=1e-9
    )


def test_outside_its_range_the_short_wave_method_loses_most_of_the_power() -> None:
    """Slag at 1000 K: four fifths at 1.6 µm and two fifths at 2.2 µm are not seen; a fire at 600 K hardly exists."""
    error = {
        name: method_error(radiance_method(spectral_band("sentinel-2a", name), SWIR_RANGE), np.array([600.0, 1000.0]))
        for name in ("swir16", "swir22")
    }
    np.testing.assert_allclose(error["swir16"], [-0.996, -0.80], atol=0.005)
    np.testing.assert_allclose(error["swir22"], [-0.94, -0.41], atol=0.005)


def test_a_wider_range_of_temperatures_makes_power_less_sure() -> None:
    method = radiance_method(spectral_band("sentinel-2a", "swir22"), SWIR_RANGE)
    power, sure = radiative_power(method, np.array([2.0, -1.0]), 400.0, noise=0.1)
    _, unsure = radiative_power(method, np.array([2.0, -1.0]), 400.0, noise=0.1, temperatures=STEELWORKS_RANGE)
    watts = 400 * constants.sigma / method.coefficient
    np.testing.assert_allclose(power, watts * np.array([2.0, -1.0]))
    np.testing.assert_allclose(sure, np.hypot(0.1 * watts, method.largest_error * np.abs(power)))
    truth = power[0] / (1 + method_error(method, 1000.0))  # if it was slag
    assert unsure[0] >= truth - power[0] > sure[0]


def test_noise_alone_is_an_uncertainty_too() -> None:
    method = radiance_method(spectral_band("sentinel-3a", "mir37"), MIR_RANGE)
    power, unsure = radiative_power(method, np.array([0.0, np.nan]), 1e6, noise=0.01)
    assert power[0] == 0
    assert unsure[0] == pytest.approx(1e6 * constants.sigma / method.coefficient * 0.01)
    assert np.isnan(power[1])
    assert np.isnan(unsure[1])


def test_a_black_body_radiates_as_stefan_and_boltzmann_say() -> None:
    assert black_body_power(1000.0, 1.0) == pytest.approx(56_703.74, abs=0.1)  # CODATA 2018: 5.670374e-8
    assert black_body_power(300.0, 5.0, surroundings=300.0) == 0


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"2000\.0 to 1000\.0 K"):
        radiance_method(narrow(2.2), (2000.0, 1000.0))
