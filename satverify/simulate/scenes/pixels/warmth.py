"""What thermal bands see of a block of pixels: warm ground, cold tops of clouds, and whatever is hotter than both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.spectral import band_radiance
from satverify.simulate.scenes.air import cirrus_transmittance, spot_transmittance
from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.land import skin_of
from satverify.simulate.scenes.pixels.block import Block
from satverify.simulate.scenes.pixels.registration import Shift
from satverify.simulate.scenes.pixels.responses import Light
from satverify.simulate.scenes.radiation import SUN_AT_3_74, warming
from satverify.simulate.scenes.sky import top_depression, transmission_of
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

COLDEST = 190.0  # [K] of a cloud's top
CIRRUS_COLDER = 50.0  # [K] colder than the ground
REFLECTION_AT_3_74 = 0.04  # of land, at 3.74 µm
USUAL = 280.0  # [K] at which noise is stated


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalBand:
    """A band in the heat of the Earth."""

    wavelength: float
    """Of its middle. [µm]"""
    noise: float
    """Standard deviation at ``USUAL``. [K]"""
    air: float
    """What clear air takes of the ground's temperature. [K]"""
    passed: float
    """Share of a hot spot's radiation that clear air lets pass. (0, 1]"""
    ceiling: float
    """Where it saturates. [K]"""
    point_spread: float
    """Standard deviation of the blur along an axis, besides the pixel's own extent. [pixel]"""

    def noise_radiance(self) -> float:
        """Standard deviation, the same at all temperatures. [W m⁻² sr⁻¹ µm⁻¹]"""
        return self.noise * warming(self.wavelength, USUAL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Warmth:
    """A block of pixels as thermal bands see it."""

    pixels: Pixels
    """Of the instrument."""
    time: float
    """When. [s since 1970-01-01 UTC]"""
    ground: Floats
    """Temperature of the ground's skin. [K]"""
    top: Floats
    """Temperature of the tops of clouds, where there are any. [K]"""
    high: Floats
    """Temperature of cirrus, likewise. [K]"""
    clear: Floats
    """Share of radiation that passes the clouds. [0, 1]"""
    cirrus: Floats
    """Share that passes thin cirrus above them. [0, 1]"""
    steam: Floats | None
    """Share that steam takes; none where there is none. [0, 1)"""
    cosine: Floats
    """Of the solar zenith angle; not positive by night."""
    aerosol: Floats
    """Optical depth of haze at 0.55 µm. [1]"""


def warmth_of(block: Block) -> Warmth:
    """A block of pixels as thermal bands see it that show it as it is drawn; without steam."""
    top = np.maximum(block.temperature - top_depression(block.excess), COLDEST)
    clear = transmission_of(block.excess)
    is_hidden = not clear.any()  # then the ground may not be drawn, and takes no part
    return Warmth(
        pixels=block.pixels,
        time=block.time,
        ground=top if is_hidden else skin_of(block.cover, block.temperature, block.cosine),
        top=top,
        high=block.temperature - CIRRUS_COLDER,
        clear=clear,
        cirrus=cirrus_transmittance(block.cirrus),
        steam=None,
        cosine=block.cosine,
        aerosol=block.aerosol,
    )


def thermal_radiance(world: World, seen: Warmth, band: ThermalBand, light: Light, shift: Shift) -> Floats:
    """Radiance of a block in a thermal band, without noise. [W m⁻² sr⁻¹ µm⁻¹]

    Parameters
    ----------
    world
        What there is to see.
    seen
        The block.
    band
        The band.
    light
        What the band sees.
    shift
        How far the image lies off its place. [m]
    """
    value = band_radiance(light.spectral, seen.ground - band.air)
    if band.wavelength < 5:
        value += np.maximum(seen.cosine, 0.0) * REFLECTION_AT_3_74 * SUN_AT_3_74 / np.pi
    sources = world.sources if seen.clear.any() else None
    hot = hot_pixels(sources, seen.pixels, seen.time, world.seed, point_spread=band.point_spread, shift=shift)
    if hot is not None:
        where, which = places_of(hot, seen.pixels)
        passed = band.passed * spot_transmittance(seen.aerosol[where], band.wavelength)
        value[where] += passed * hot.radiance(light.spectral)[which]
    if seen.steam is not None:
        value += seen.steam * (band_radiance(light.spectral, seen.ground - band.air) - value)
    if bool((seen.clear < 1).any()):
        value += (1 - seen.clear) * (band_radiance(light.spectral, seen.top) - value)
    if bool((seen.cirrus < 1).any()):
        value += (1 - seen.cirrus) * (band_radiance(light.spectral, seen.high) - value)
    return value
