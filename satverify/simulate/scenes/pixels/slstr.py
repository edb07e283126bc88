"""Pixels of simulated SLSTR granules: Level 1 radiance and brightness temperature, Level 2 temperature and flags.

The nadir view, on pixels of 500 m and 1 km that lie along the track, so that no two passes share them. By night the
solar bands hold heat and noise only, and S1 to S3 nothing. The air takes a few kelvin, more at 12 µm; S7 saturates at
312 K, F1 does not below 500 K. Flags of Level 2 say the truth about clouds. Not modelled: cosmetic filling, sea and its
sunglint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.simulate.scenes.frames import Pixels, TrackFrame, slow_fields
from satverify.simulate.scenes.ground import Cover, cover_of, reflectance_of, slow_ground
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.pixels.block import Block, ground_temperature, noise_of
from satverify.simulate.scenes.radiation import SUN, SUN_AT_3_74, brightness_temperature, planck_radiance
from satverify.simulate.scenes.sky import excess_at, top_depression, transmission_of
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

NET = 5_000.0  # [m] between crossings at which slow quantities are computed


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarBand:
    """A band in reflected sunlight."""

    wavelength: float
    """Key into the ground's and the Sun's spectra. [µm]"""
    noise: float
    """Standard deviation. [W m⁻² sr⁻¹ µm⁻¹]"""
    is_on_at_night: bool
    """Whether anything is recorded in the dark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalBand:
    """A band in the heat of the Earth."""

    wavelength: float
    """Of its middle. [µm]"""
    noise: float
    """Standard deviation at 280 K. [K]"""
    air: float
    """What clear air takes. [K]"""
    ceiling: float
    """Where it saturates. [K]"""


SOLAR = MappingProxyType(
    {
        "S1": SolarBand(wavelength=0.560, noise=0.30, is_on_at_night=False),
        "S2": SolarBand(wavelength=0.665, noise=0.25, is_on_at_night=False),
        "S3": SolarBand(wavelength=0.865, noise=0.15, is_on_at_night=False),
        "S4": SolarBand(wavelength=1.375, noise=0.02, is_on_at_night=True),
        "S5": SolarBand(wavelength=1.610, noise=0.015, is_on_at_night=True),
        "S6": SolarBand(wavelength=2.200, noise=0.008, is_on_at_night=True),
    }
)
"""Bands of 500 m."""
THERMAL = MappingProxyType(
    {
        "S7": ThermalBand(wavelength=3.74, noise=0.08, air=2.0, ceiling=312.0),
        "S8": ThermalBand(wavelength=10.85, noise=0.05, air=1.8, ceiling=330.0),
        "S9": ThermalBand(wavelength=12.02, noise=0.05, air=2.8, ceiling=330.0),
        "F1": ThermalBand(wavelength=3.74, noise=0.50, air=2.0, ceiling=500.0),
        "F2": ThermalBand(wavelength=10.85, noise=0.08, air=1.8, ceiling=400.0),
    }
)
"""Bands of 1 km."""
LEVEL_2 = ("LST", "LST_uncertainty", "NDVI", "CLOUD", "BAYES", "POINTING", "CONFIDENCE")
REFLECTION_AT_3_74 = 0.04
COLDEST = 190.0  # [K]
RADIANCE_STEP = 0.001  # [W m⁻² sr⁻¹ µm⁻¹] as packed in the product
TEMPERATURE_STEP = 0.01  # [K] likewise

# Flags of ``flags_in``: Sentinel-3 SLSTR Land User Handbook, table of global flags.
GROSS_CLOUD, THIN_CIRRUS, THRESHOLD_1_37 = 128, 256, 2
SINGLE_LOW, SINGLE_MODERATE = 1, 2
OCEAN, LAND, DAY, TWILIGHT, SUMMARY_CLOUD = 2, 8, 1024, 2048, 16384


def block_of(
    world: World, frame: TrackFrame, place: tuple[Integers, Integers], size: float, time: float, *, is_bare: bool
) -> Block:
    """Ground, sky and Sun of a rectangle of pixels.

    Parameters
    ----------
    world
        What there is to see.
    frame
        The plane along the track.
    place
        Rows and columns.
    size
        Edge of a pixel. [m]
    time
        When. [s since 1970-01-01 UTC]
    is_bare
        Whether the ground does not matter where the Sun is down, and need not be drawn.
    """
    pixels = Pixels(frame=frame, size=(size, size), columns=place[1], rows=place[0])

    def sky(longitude: Floats, latitude: Floats) -> Floats:
        zenith, _ = solar_angles(time, longitude, latitude)
        return np.stack([excess_at(world.weather, longitude, latitude, time), np.cos(zenith)])

    def ground(longitude: Floats, latitude: Floats) -> Floats:
        return slow_ground(world.seed, longitude, latitude, time)

    excess, cosine = slow_fields(pixels, sky, NET)
    if is_bare and float(cosine.max()) <= 0:
        nothing = np.zeros((1, 1))
        cover, temperature = Cover(water=nothing, plants=nothing, soil=nothing, built=nothing, shade=nothing), nothing
    else:
        height, green, built, temperature = slow_fields(pixels, ground, NET)
        cover = cover_of(world.seed, pixels, height, green, built)
    return Block(pixels=pixels, cover=cover, temperature=temperature, excess=excess, cosine=cosine, time=time)


def solar_bands(world: World, block: Block, bands: Sequence[str]) -> dict[str, Floats]:
    """Radiance of the 500 m bands. [mW m⁻² sr⁻¹ nm⁻¹]"""
    hot = hot_pixels(world.sources, block.pixels, block.time, world.seed)
    where, which = places_of(hot, block.pixels)
    clear = transmission_of(block.excess)
    distance = float(earth_sun_distance(block.time))
    is_day = bool((block.cosine > 0).any())
    out = {}
    for name in bands:
        band = SOLAR[name]
        value = np.zeros(block.pixels.shape)
        if is_day:
            sunlight = np.maximum(block.cosine, 0.0) * SUN[band.wavelength] / (np.pi * distance**2)
            ground = reflectance_of(block.cover, band.wavelength, block.cosine)
            white = 0.02 if band.wavelength == 1.375 else (0.35 if band.wavelength > 1.5 else 0.6)
            value += sunlight * (clear * ground + (1 - clear) * white)
        if hot is not None:
            value[where] += clear[where] * hot.radiance(band.wavelength)[which]
        value += band.noise * noise_of(world, name, block.pixels, block.time)
        value = np.round(value / RADIANCE_STEP) * RADIANCE_STEP
        out[name] = value if band.is_on_at_night else np.where(block.cosine > 0, value, np.nan)
    return out


def thermal_bands(world: World, block: Block, bands: Sequence[str]) -> dict[str, Floats]:
    """Brightness temperature of the 1 km bands. [K]"""
    hot = hot_pixels(world.sources, block.pixels, block.time, world.seed)
    where, which = places_of(hot, block.pixels)
    clear = transmission_of(block.excess)
    ground = ground_temperature(block)
    top = np.maximum(ground - top_depression(block.excess), COLDEST)
    is_cloudy = bool((clear < 1).any())
    out = {}
    for name in bands:
        band = THERMAL[name]
        value = planck_radiance(band.wavelength, ground - band.air)
        if band.wavelength < 5:
            value += np.maximum(block.cosine, 0.0) * REFLECTION_AT_3_74 * SUN_AT_3_74 / np.pi
        if is_cloudy:
            value += (1 - clear) * (planck_radiance(band.wavelength, top) - value)
        if hot is not None:
            value[where] += clear[where] * hot.radiance(band.wavelength)[which]
        kelvin = brightness_temperature(band.wavelength, value) + band.noise * noise_of(
            world, name, block.pixels, block.time
        )
        kelvin = np.round(kelvin / TEMPERATURE_STEP) * TEMPERATURE_STEP
        out[name] = np.clip(kelvin, COLDEST - 10, band.ceiling)
    return out


def level_2_bands(world: World, block: Block, bands: Sequence[str]) -> dict[str, Floats]:
    """Land surface temperature [K] and its uncertainty, vegetation index, and flags as whole numbers."""
    is_cloud, is_thick, is_water = block.excess >= 0, block.excess >= THIN, block.cover.water > 0.5
    is_high = top_depression(block.excess) > 30.0  # [K]
    out: dict[str, Floats] = {}
    for name in bands:
        match name:
            case "LST":
                seen = ground_temperature(block) - np.where(is_cloud, 0.6 * top_depression(block.excess), 0.0)
                seen = seen + 0.3 * noise_of(world, name, block.pixels, block.time)
                out[name] = np.where(is_water, np.nan, np.round(seen / TEMPERATURE_STEP) * TEMPERATURE_STEP)
            case "LST_uncertainty":
                out[name] = np.where(is_water, np.nan, np.where(is_cloud, 3.0, 0.9))
            case "NDVI":
                red, near = (reflectance_of(block.cover, each, np.ones(1)) for each in (0.665, 0.865))
                out[name] = np.where(block.cosine > 0.1, (near - red) / (near + red), np.nan)
            case "CLOUD":
                flags = np.where(is_thick, GROSS_CLOUD, 0) + np.where(is_cloud & is_high, THRESHOLD_1_37, 0)
                out[name] = (flags + np.where(is_cloud & ~is_thick, THIN_CIRRUS, 0)).astype(np.float64)
            case "BAYES":
                flags = np.where(is_cloud, SINGLE_LOW, 0) + np.where(is_thick, SINGLE_MODERATE, 0)
                out[name] = flags.astype(np.float64)
            case "POINTING":
                out[name] = np.zeros(block.pixels.shape)
            case "CONFIDENCE":
                flags = np.where(is_water, OCEAN, LAND) + np.where(is_cloud, SUMMARY_CLOUD, 0)
                flags = flags + np.where(block.cosine > 0, DAY, np.where(block.cosine > -0.2, TWILIGHT, 0))
                out[name] = flags.astype(np.float64)
    return out
