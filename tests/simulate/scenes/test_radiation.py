from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from satverify.simulate.scenes.radiation import brightness_temperature, planck_radiance


@given(kelvin=st.floats(180, 2000), wavelength=st.sampled_from([1.61, 2.2, 3.74, 10.85, 12.02]))
def test_brightness_temperature_inverts_planck(kelvin: float, wavelength: float) -> None:
    radiance = planck_radiance(wavelength, kelvin)
    np.testing.assert_allclose(brightness_temperature(wavelength, radiance), kelvin, rtol=1e-9)


def test_a_black_body_radiates_what_stefan_and_boltzmann_say() -> None:
    wavelength = np.geomspace(0.3, 3000, 60_000)
    spectrum = np.array([float(planck_radiance(each, 1200.0)) for each in wavelength])
    total = np.pi * np.trapezoid(spectrum, wavelength)
    assert total == pytest.approx(constants.sigma * 1200**4, rel=1e-4)


def test_missing_temperatures_stay_missing() -> None:
    assert np.isnan(planck_radiance(3.74, np.array([np.nan]))).all()
    assert np.isnan(brightness_temperature(3.74, np.array([np.nan]))).all()
