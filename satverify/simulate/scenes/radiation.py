"""Radiation of warm and hot things, and the constants of the instruments that see it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import constants

Floats: TypeAlias = NDArray[np.float64]

FIRST = 2 * constants.h * constants.c**2 * 1e24  # [W m⁻² sr⁻¹ µm⁴]
SECOND = constants.h * constants.c / constants.k * 1e6  # [µm K]
SUN = {  # solar irradiance at 1 au [W m⁻² µm⁻¹]; Thuillier et al. 2003, as in the Sentinel-2 spectral responses
    0.443: 1884.7,
    0.490: 1959.7,
    0.560: 1823.2,
    0.665: 1512.1,
    0.705: 1424.6,
    0.740: 1287.6,
    0.783: 1162.1,
    0.842: 1041.6,
    0.865: 955.3,
    0.945: 812.9,
    1.375: 367.2,
    1.610: 245.6,
    2.200: 85.3,
}
SUN_AT_3_74 = 10.5  # [W m⁻² µm⁻¹] at 3.74 µm; a black body of 5,770 K


def planck_radiance(wavelength: float, temperature: Floats | float) -> Floats:
    """Radiance of a black body. [W m⁻² sr⁻¹ µm⁻¹]

    Parameters
    ----------
    wavelength
        [µm]
    temperature
        Above 0; NaN passes through. [K]
    """
    radiance: Floats = FIRST / wavelength**5 / np.expm1(SECOND / (wavelength * np.asarray(temperature)))
    return radiance


def brightness_temperature(wavelength: float, radiance: Floats) -> Floats:
    """Temperature of a black body of this radiance. [K]

    Parameters
    ----------
    wavelength
        [µm]
    radiance
        Above 0; NaN passes through. [W m⁻² sr⁻¹ µm⁻¹]
    """
    temperature: Floats = SECOND / (wavelength * np.log1p(FIRST / wavelength**5 / np.asarray(radiance)))
    return temperature
