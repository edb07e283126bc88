"""Radiance against closed forms and published values, and there and back again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants, integrate

from satverify.physics.radiometry import (
    brightness_temperature,
    planck_radiance,
    radiance_to_reflectance,
    reflectance_to_radiance,
)
from satverify.physics.sun import earth_sun_distance

ZENITHS = st.floats(0, 89)


@given(kelvin=st.floats(250, 3000), wavelength=st.sampled_from([0.49e-6, 0.86e-6, 1.6e-6, 2.2e-6, 3.7e-6, 10.9e-6]))
def test_brightness_temperature_inverts_planck(kelvin: float, wavelength: float) -> None:
    radiance = planck_radiance(wavelength, kelvin)
    np.testing.assert_allclose(brightness_temperature(wavelength, radiance), kelvin, rtol=1e-10)  # float64 round-off


@pytest.mark.parametrize("kelvin", [300.0, 1500.0, 5772.0])
def test_all_wavelengths_together_radiate_as_stefan_and_boltzmann_say(kelvin: float) -> None:
    total, _ = integrate.quad(
        lambda log: float(planck_radiance(np.exp(log), kelvin)) * np.exp(log), np.log(1e-8), np.log(1e-1), limit=500
    )
    assert np.pi * total * 1e6 == pytest.approx(constants.sigma * kelvin**4, rel=1e-6)  # per µm, and quadrature


@pytest.mark.parametrize("kelvin", [300.0, 1800.0])
def test_a_body_is_brightest_where_wien_says(kelvin: float) -> None:
    peak = constants.Wien / kelvin
    around = planck_radiance(peak * np.array([0.99, 1.0, 1.01]), kelvin)
    assert int(np.argmax(around)) == 1


def test_a_published_radiance_is_met() -> None:
    """Planck's law at 10 µm and 300 K: 9.924 W m-2 sr-1 um-1, as radiometry handbooks tabulate it."""
    assert planck_radiance(10e-6, 300.0) == pytest.approx(9.924, abs=0.001)


@given(reflectance=st.floats(-0.05, 6), zenith=ZENITHS, distance=st.floats(0.983, 1.017))
def test_reflectance_comes_back_from_radiance(reflectance: float, zenith: float, distance: float) -> None:
    radiance = reflectance_to_radiance(reflectance, 87.75, zenith, distance)
    np.testing.assert_allclose(
        radiance_to_reflectance(radiance, 87.75, zenith, distance), reflectance, rtol=1e-12, atol=1e-15
    )


def test_a_white_surface_below_the_sun_sends_back_what_comes_in() -> None:
    """The flux into the half space, pi times the radiance, is the solar irradiance at one astronomical unit."""
    assert np.pi * reflectance_to_radiance(1.0, 245.59, 0.0) == pytest.approx(245.59)
    assert np.pi * reflectance_to_radiance(1.0, 245.59, 60.0, 2.0) == pytest.approx(245.59 / 8)


def test_without_sun_there_is_no_reflectance() -> None:
    zenith = np.array([89.9, 90.0, 120.0, np.nan])
    radiance = reflectance_to_radiance(np.full(4, 0.2), 85.25, zenith)
    np.testing.assert_array_equal(np.isnan(radiance), [False, True, True, True])
    np.testing.assert_array_equal(np.isnan(radiance_to_reflectance(1.0, 85.25, zenith)), [False, True, True, True])


def test_the_distance_of_the_sun_is_that_of_the_metadata(shared_data: Path) -> None:
    """U of Sentinel-2's metadata is the square of the inverse distance, by a formula that is a permille off."""
    for path in sorted((shared_data / "reference/s2_metadata").glob("*MTD_MSIL1C.xml")):
        text = path.read_text("utf-8")
        inverse_square = float(re.findall(r"<U>([0-9.]+)</U>", text)[0])
        start = re.findall(r"<DATATAKE_SENSING_START>([0-9T:.-]+)Z", text)[0]
        time = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
        assert float(earth_sun_distance(time)) ** -2 == pytest.approx(inverse_square, abs=2e-3)


def test_what_is_missing_stays_missing() -> None:
    assert np.isnan(planck_radiance(2.2e-6, np.nan))
    assert np.isnan(brightness_temperature(2.2e-6, np.array([np.nan, 0.0, -1.0]))).all()
    assert np.isnan(reflectance_to_radiance(np.nan, 85.25, 30.0))
    assert reflectance_to_radiance(np.zeros((0, 3)), 85.25, 30.0).shape == (0, 3)
