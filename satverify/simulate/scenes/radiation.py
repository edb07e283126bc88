"""Radiation of warm and hot things in micrometres, as instruments are described, and the Sun they see reflected."""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics import radiometry

Floats: TypeAlias = NDArray[np.float64]

MICROMETRE = 1e-6  # [m]
SUN = MappingProxyType(
    {
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
)
"""Solar irradiance at 1 au [W m⁻² µm⁻¹] by wavelength [µm]; Thuillier et al. 2003, over Sentinel-2's responses."""
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
    return radiometry.planck_radiance(wavelength * MICROMETRE, temperature)


def brightness_temperature(wavelength: float, radiance: Floats) -> Floats:
    """Temperature of a black body of this radiance. [K]

    Parameters
    ----------
    wavelength
        [µm]
    radiance
        NaN passes through, and what is not positive gives it. [W m⁻² sr⁻¹ µm⁻¹]
    """
    return radiometry.brightness_temperature(wavelength * MICROMETRE, radiance)


def warming(wavelength: float, temperature: float) -> float:
    """Radiance that one kelvin more adds to a black body: what a noise in kelvin means. [W m⁻² sr⁻¹ µm⁻¹ K⁻¹]

    Parameters
    ----------
    wavelength
        [µm]
    temperature
        [K]
    """
    exponent = radiometry.SECOND / (wavelength * MICROMETRE * temperature)
    return float(planck_radiance(wavelength, temperature) * exponent / temperature / -np.expm1(-exponent))
