"""How hot, how large and how powerful the hot part of each unit is, by day.

The ratio of 2.2 to 1.6 µm tells the temperature, and with it area and power. Where it cannot, because a band is
saturated or lost in noise, radiance in one band tells the power, for a body anywhere between sinter and iron.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.footprints import Footprints
from satverify.features.hot_targets.patches import grown
from satverify.features.hot_targets.pixels import HeatPixels
from satverify.features.hot_targets.unevenness import block_size, sum_noise
from satverify.features.hot_targets.zonal import zonal_max, zonal_sum
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import STEELWORKS_RANGE, RadianceMethod, radiance_method, radiative_power
from satverify.physics.spectral import SpectralBand
from satverify.physics.subpixel import dual_band

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

MEGA = 1e-6
"""[MW/W]"""
SUNLIGHT = 3.0
"""Sunlight at 1.6 over that at 2.2 µm, by which the same ground is more uneven there: Thuillier et al. 2003. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotSums:
    """Radiance over background of the hot pixels of units, and of those that touch them, summed over the ground they
    cover; every array of shape (units, time).
    """

    swir16: Floats
    """At 1.6 µm. [W sr⁻¹ µm⁻¹]"""
    swir22: Floats
    """At 2.2 µm. [W sr⁻¹ µm⁻¹]"""
    noise16: Floats
    """Standard deviation without heat; of the whole footprint where nothing is hot. [W sr⁻¹ µm⁻¹]"""
    noise22: Floats
    """Likewise."""
    is_hot: Flags
    """Whether the unit has a hot pixel."""
    is_saturated: Flags
    """Whether one of them is saturated."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotParts:
    """Hot parts of units, every array of shape (units, time)."""

    temperature: Floats
    """NaN where two bands do not tell it. [K]"""
    area: Floats
    """Likewise. [m²]"""
    power: Floats
    """Radiated; 0 of what is not hot; at least so much where a band is saturated. [MW]"""
    power_uncertainty: Floats
    """Standard deviation by noise, and by the method where one band told the power. [MW]"""


def hot_sums(footprints: Footprints, heat: HeatPixels, is_seen: Flags, alike: Floats) -> HotSums:
    """Sum up the heat of each unit.

    Parameters
    ----------
    footprints
        On the grid of the pixels.
    heat
        Hot pixels of scenes.
    is_seen
        Pixels that nothing hides, shape (time, y, x).
    alike
        How alike neighbouring pixels of cold ground are, from ``likeness``, shape (time,). [0, 1]
    """
    zones, ground = footprints.inside, footprints.pixel_ground
    hot = heat.is_hot & is_seen
    near = hot.copy()
    for scene in np.flatnonzero(hot.any(axis=(1, 2))):
        near[scene] = grown(hot[scene : scene + 1], 1)[0] & is_seen[scene]
    is_hot = zonal_sum(zones, hot) > 0
    size = block_size(ground)
    noise = [ground * sum_noise(zones, heat.swir22_noise, where, alike, size) for where in (near, is_seen)]
    noise22 = np.where(is_hot, *noise)
    return HotSums(
        swir16=ground * zonal_sum(zones, heat.swir16_excess, near),
        swir22=ground * zonal_sum(zones, heat.swir22_excess, near),
        noise16=noise22 * SUNLIGHT,
        noise22=noise22,
        is_hot=is_hot,
        is_saturated=np.nan_to_num(zonal_max(zones, heat.is_saturated & hot)) > 0,
    )


def hot_parts(satellites: Sequence[str], sums: HotSums) -> HotParts:
    """What sums of radiance mean in temperature, area and power.

    Parameters
    ----------
    satellites
        Platform of each scene.
    sums
        Of the same scenes.
    """
    found = {name: np.full(sums.swir22.shape, np.nan) for name in ("temperature", "area", "power", "power_uncertainty")}
    for platform in sorted(set(satellites)):
        at = np.array([each == platform for each in satellites], dtype=bool) & np.ones_like(sums.is_hot)
        bands = spectral_band(platform, "swir16"), spectral_band(platform, "swir22")
        found["power"][at], found["power_uncertainty"][at] = _by_one_band(*bands, sums, at)
        _by_two_bands(*bands, sums, at & sums.is_hot & ~sums.is_saturated, found)
    return HotParts(
        temperature=found["temperature"],
        area=found["area"],
        power=MEGA * found["power"],
        power_uncertainty=MEGA * found["power_uncertainty"],
    )


def _by_one_band(swir16: SpectralBand, swir22: SpectralBand, sums: HotSums, at: Flags) -> tuple[Floats, Floats]:
    """Power and its uncertainty from 2.2 µm, or from the band that gives more where one is saturated. [W]"""
    power, uncertainty = radiative_power(_method(swir22), sums.swir22[at], 1.0, noise=sums.noise22[at])
    other, doubt = radiative_power(_method(swir16), sums.swir16[at], 1.0, noise=sums.noise16[at])
    is_other = sums.is_saturated[at] & (other > power)
    power, uncertainty = np.where(is_other, other, power), np.where(is_other, doubt, uncertainty)
    return np.where(sums.is_hot[at], np.maximum(power, 0.0), 0.0), uncertainty


def _by_two_bands(
    swir16: SpectralBand, swir22: SpectralBand, sums: HotSums, at: Flags, found: dict[str, Floats]
) -> None:
    """Enter what two bands tell into ``found``, where they do. Areas are 1 m², as sums are over ground already."""
    if not at.any():
        return
    noise = (sums.noise22[at], sums.noise16[at])
    part = dual_band((swir22, sums.swir22[at]), (swir16, sums.swir16[at]), 1.0, noise=noise)
    is_told = np.isfinite(part.temperature)
    told = {
        "temperature": part.temperature,
        "area": part.area,
        "power": part.power,
        "power_uncertainty": part.power_uncertainty,
    }
    for name, values in told.items():
        found[name][at] = np.where(is_told, values, found[name][at])


@lru_cache(maxsize=32)
def _method(band: SpectralBand) -> RadianceMethod:
    return radiance_method(band, STEELWORKS_RANGE)
