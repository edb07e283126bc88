"""Radiance of warm and hot things, and what reflectance at the top of the atmosphere means in radiance."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import constants

Floats: TypeAlias = NDArray[np.float64]

FIRST = 2 * constants.h * constants.c**2
"""First radiation constant for radiance. [W m² sr⁻¹]; CODATA, as scipy has it"""
SECOND = constants.h * constants.c / constants.k
"""Second radiation constant. [m K]; CODATA"""
PER_MICROMETRE = 1e-6
"""Spectral radiance is given per micrometre, as in the published thresholds. [m]"""


def planck_radiance(wavelength: Floats | float, kelvin: Floats | float) -> Floats:
    """Spectral radiance of a black body.

    Parameters
    ----------
    wavelength
        In vacuum, positive. [m]
    kelvin
        Temperature, positive; a shape that broadcasts with ``wavelength``. [K]

    Returns
    -------
    Radiance, NaN where an argument is NaN. [W m⁻² sr⁻¹ µm⁻¹]
    """
    length, temperature = np.asarray(wavelength, dtype=np.float64), np.asarray(kelvin, dtype=np.float64)
    with np.errstate(over="ignore"):  # a cold body at a short wavelength radiates nothing
        radiance: Floats = PER_MICROMETRE * FIRST / length**5 / np.expm1(SECOND / (length * temperature))
    return radiance


def brightness_temperature(wavelength: Floats | float, radiance: Floats | float) -> Floats:
    """Temperature of the black body that has a radiance: the inverse of ``planck_radiance``.

    Parameters
    ----------
    wavelength
        In vacuum, positive. [m]
    radiance
        A shape that broadcasts with it. [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    Temperature, NaN where the radiance is not positive or an argument is NaN. [K]
    """
    length, seen = np.asarray(wavelength, dtype=np.float64), np.asarray(radiance, dtype=np.float64)
    positive = np.where(seen > 0, seen, np.nan)
    temperature: Floats = SECOND / (length * np.log1p(PER_MICROMETRE * FIRST / length**5 / positive))
    return temperature


def reflectance_to_radiance(
    reflectance: Floats | float,
    solar_irradiance: Floats | float,
    solar_zenith_angle: Floats | float,
    distance: Floats | float = 1.0,
) -> Floats:
    """Radiance at the top of the atmosphere that a reflectance stands for.

    Parameters
    ----------
    reflectance
        At the top of the atmosphere, corrected for the Sun's height; may be negative by noise. [1]
    solar_irradiance
        Of the band, at one astronomical unit. [W m⁻² µm⁻¹]
    solar_zenith_angle
        Below a right angle; all arguments of shapes that broadcast together. [degree]
    distance
        Between Earth and Sun. [au]

    Returns
    -------
    Radiance, NaN where the Sun is at or below the horizon or an argument is NaN. [W m⁻² sr⁻¹ µm⁻¹]

    References
    ----------
    G. Chander et al., Remote Sensing of Environment 113, 893, 2009, equation 5. doi:10.1016/j.rse.2009.01.007
    """
    radiance: Floats = np.asarray(reflectance) * _white(solar_irradiance, solar_zenith_angle, distance)
    return radiance


def radiance_to_reflectance(
    radiance: Floats | float,
    solar_irradiance: Floats | float,
    solar_zenith_angle: Floats | float,
    distance: Floats | float = 1.0,
) -> Floats:
    """Reflectance at the top of the atmosphere: ``reflectance_to_radiance`` the other way round.

    Parameters
    ----------
    radiance
        At the top of the atmosphere. [W m⁻² sr⁻¹ µm⁻¹]
    solar_irradiance, solar_zenith_angle, distance
        As there.

    Returns
    -------
    Reflectance, NaN where the Sun is at or below the horizon or an argument is NaN. [1]
    """
    reflectance: Floats = np.asarray(radiance) / _white(solar_irradiance, solar_zenith_angle, distance)
    return reflectance


def _white(irradiance: Floats | float, zenith: Floats | float, distance: Floats | float) -> Floats:
    """Radiance of a white diffuse surface, NaN without sun. [W m⁻² sr⁻¹ µm⁻¹]"""
    angle = np.asarray(zenith, dtype=np.float64)
    height = np.where(np.abs(angle) < 90, np.cos(np.radians(angle)), np.nan)
    white: Floats = np.asarray(irradiance) * height / (np.pi * np.asarray(distance, dtype=np.float64) ** 2)
    return white
