"""How hot, how large and how powerful the heat of units is, from sums of radiance over the ground by night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.night_heat import SATELLITE
from satverify.features.hot_targets.night_units import NightUnits
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import MIR_RANGE, radiance_method, radiative_power
from satverify.physics.subpixel import dual_band

Floats: TypeAlias = NDArray[np.float64]

MEGA = 1e-6
"""[MW/W]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightPower:
    """Heat of units, every array of shape (units, time); NaN where it cannot be told."""

    temperature: Floats
    """Of the hot part. [K]"""
    area: Floats
    """Of it. [m²]"""
    power: Floats
    """Radiated, by the radiance at 3.7 µm; crusts below 600 K count for less than they give. About 0 if cold. [MW]"""
    power_uncertainty: Floats
    """By noise, and by what the method costs between 600 and 1500 K. [MW]"""


def heat_of(chips: Chips, measured: NightUnits) -> NightPower:
    """Temperature and area from the ratio of two bands, and power from one.

    The two short-wave bands tell the temperature of what is molten; where 1.6 µm is lost in noise, 2.2 and 3.7 µm tell
    that of crusts.

    Parameters
    ----------
    chips
        Night scenes.
    measured
        Sums of radiance over the ground of units.
    """
    short, long, mid = (spectral_band(SATELLITE, name) for name in ("swir16", "swir22", "mir37"))
    molten = dual_band(
        (long, measured.swir22.excess),
        (short, measured.swir16.excess),
        1.0,
        noise=(measured.swir22.noise, measured.swir16.noise),
    )
    crust = dual_band(
        (mid, measured.mir.excess),
        (long, measured.swir22.excess),
        1.0,
        noise=(measured.mir.noise, measured.swir22.noise),
        surroundings=_ground_temperature(chips),
    )
    is_molten = np.isfinite(molten.temperature)
    method = radiance_method(mid, MIR_RANGE)
    power, uncertainty = radiative_power(method, measured.mir.excess, 1.0, noise=measured.mir.noise)
    return NightPower(
        temperature=np.where(is_molten, molten.temperature, crust.temperature),
        area=np.where(is_molten, molten.area, crust.area),
        power=MEGA * power,
        power_uncertainty=MEGA * uncertainty,
    )


def _ground_temperature(chips: Chips) -> float:
    """Median of all nights at 11 µm. [K]"""
    kelvin = chips.bands["lwir11"]
    return float(np.nanmedian(kelvin)) if np.isfinite(kelvin).any() else 0.0
