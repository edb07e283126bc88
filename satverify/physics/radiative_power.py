"""Radiative power of something hot from its radiance in one band, and what that costs where the temperature is unknown.

In a band near the peak of a body's radiation the radiance grows about as the fourth power of temperature does, so that
power is radiance times a constant: ``P = A σ L / a`` with ``a`` the radiance over ``T⁴``. The constant is right at two
temperatures only. It is chosen so that the largest error over a range is as small as it can be, equal on both sides.
Over the ranges of the papers this gives what they report: ±13.6 % at 1.6 µm and ±6.3 % at 2.2 µm for 1600 to 2200 K,
and ``a`` = 3.0e-9 W m⁻² sr⁻¹ µm⁻¹ K⁻⁴ with ±12 % for MODIS at 3.96 µm from 665 to 1365 K.

References
----------
D. Fisher and M. Wooster, Remote Sensing 10(2), 305, 2018 (short-wave infrared). doi:10.3390/rs10020305
M. Wooster, B. Zhukov and D. Oertel, Remote Sensing of Environment 86, 83, 2003 (mid-wave infrared).
doi:10.1016/S0034-4257(03)00070-1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import constants

from satverify.errors import InputError
from satverify.physics.radiometry import Floats
from satverify.physics.spectral import SpectralBand, band_radiance

SWIR_RANGE = (1600.0, 2200.0)
"""Temperatures for which Fisher and Wooster give the short-wave method: flares, and nearly the iron of a tap. [K]"""
MIR_RANGE = (600.0, 1500.0)
"""Temperatures of the mid-wave method: fires, coke, sinter, slag. [K]"""
STEELWORKS_RANGE = (1000.0, 1800.0)
"""From a sinter strand to iron at the tap hole: for works the range that the short-wave method has to serve. [K]"""
STEPS = 2001
"""Temperatures at which a range is looked at; the largest error is found to 1e-6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadianceMethod:
    """How radiance in one band is turned into power."""

    band: SpectralBand
    """The band."""
    coolest: float
    """Temperatures for which the largest error holds: from this one. [K]"""
    hottest: float
    """To this one. [K]"""
    coefficient: float
    """Radiance of a black body over the fourth power of its temperature. [W m⁻² sr⁻¹ µm⁻¹ K⁻⁴]"""
    largest_error: float
    """Of the power, as a share of it, either way, at any temperature of the range. [1]"""


def radiance_method(band: SpectralBand, temperatures: tuple[float, float]) -> RadianceMethod:
    """Fit the method to a band and a range of temperatures.

    Parameters
    ----------
    band
        The band.
    temperatures
        Coolest and hottest body it is to serve, such as ``SWIR_RANGE``. [K]

    Returns
    -------
    The method with the coefficient whose largest relative error in the range is the smallest.

    Raises
    ------
    InputError
        The range is empty or not positive.
    """
    coolest, hottest = temperatures
    if not 0 < coolest < hottest:
        raise InputError(f"radiance method: range of temperatures {coolest} to {hottest} K is empty or not positive")
    levels = _over_fourth_power(band, np.linspace(coolest, hottest, STEPS))
    low, high = float(levels.min()), float(levels.max())
    return RadianceMethod(
        band=band,
        coolest=coolest,
        hottest=hottest,
        coefficient=(low + high) / 2,
        largest_error=(high - low) / (high + low),
    )


def method_error(method: RadianceMethod, kelvin: Floats | float) -> Floats:
    """Error of the power that a method gives for a body of known temperature.

    Parameters
    ----------
    method
        The method.
    kelvin
        True temperature, inside or outside its range, any shape. [K]

    Returns
    -------
    (power by the method - true power) / true power, of the shape of ``kelvin``; NaN passes through. [1]
    """
    error: Floats = _over_fourth_power(method.band, np.asarray(kelvin, dtype=np.float64)) / method.coefficient - 1
    return error


def radiative_power(
    method: RadianceMethod,
    excess: Floats,
    pixel_area: float,
    *,
    noise: Floats | float = 0.0,
    temperatures: tuple[float, float] | None = None,
) -> tuple[Floats, Floats]:
    """Radiative power of the hot part of each pixel.

    Parameters
    ----------
    method
        The method.
    excess
        Radiance over background, any shape; for a cluster its sum over pixels. [W m⁻² sr⁻¹ µm⁻¹]
    pixel_area
        Ground that one pixel stands for. [m²]
    noise
        Standard deviation of the excess, of a shape that broadcasts with it. [W m⁻² sr⁻¹ µm⁻¹]
    temperatures
        Coolest and hottest body that it may have been, where that is another range than the method's: the error grows
        accordingly. None: the method's range. [K]

    Returns
    -------
    Power and its uncertainty, of the shape of ``excess``, negative power where noise made the excess so; NaN passes
    through. The uncertainty is the root of the squares of the noise and of the method's largest error, which is taken
    as a whole, not as a standard deviation. [W]
    """
    level = np.asarray(excess, dtype=np.float64)
    watts = pixel_area * constants.sigma / method.coefficient
    power: Floats = watts * level
    share = method.largest_error if temperatures is None else _worst(method, temperatures)
    uncertainty: Floats = np.hypot(watts * np.asarray(noise, dtype=np.float64), share * np.abs(power))
    return power, uncertainty


def black_body_power(kelvin: Floats | float, area: Floats | float, surroundings: float = 0.0) -> Floats:
    """Power that a black body radiates over what its surroundings did from the same place. [W]

    Parameters
    ----------
    kelvin
        Temperature, any shape. [K]
    area
        Its area, of a shape that broadcasts. [m²]
    surroundings
        Temperature around. [K]

    References
    ----------
    Law of Stefan and Boltzmann; the constant is that of CODATA.
    """
    temperature = np.asarray(kelvin, dtype=np.float64)
    power: Floats = constants.sigma * np.asarray(area) * (temperature**4 - surroundings**4)
    return power


def _worst(method: RadianceMethod, temperatures: tuple[float, float]) -> float:
    """Largest share by which the truth may differ from the power given, over a range of temperatures."""
    error = method_error(method, np.linspace(*temperatures, STEPS))
    return float(np.abs(1 / (1 + error) - 1).max())


def _over_fourth_power(band: SpectralBand, kelvin: Floats) -> Floats:
    ratio: Floats = band_radiance(band, kelvin) / kelvin**4
    return ratio
