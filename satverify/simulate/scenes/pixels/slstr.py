"""Pixels of simulated SLSTR granules: Level 1 radiance and brightness temperature, Level 2 temperature and flags.

The nadir view, on pixels of 500 m and 1 km that lie along the track, so that no two passes share them; a pixel sees
beyond its edges, and each image lies somewhat off its place. By night the solar bands hold heat and noise only, and S1
to S3 nothing. The air takes a few kelvin, more at 12 µm; S7 saturates at 312 K, F1 does not below 500 K. The flags of
Level 2 err: they miss thin cloud, call clear places cloudy in patches, more so on cold ground, and take ground that
glows at 3.7 µm for cloud. Not modelled: cosmetic filling, sea and its sunglint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.spectral import band_brightness_temperature, band_radiance
from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.simulate.scenes.air import (
    cirrus_reflectance,
    cirrus_transmittance,
    clear_transmittance,
    haze_reflectance,
    haze_transmittance,
    optical_depth,
    spot_transmittance,
)
from satverify.simulate.scenes.frames import Frame, Net, Pixels, TrackFrame, between_crossings, net_round
from satverify.simulate.scenes.ground import TRANSMITTANCE, Cover, reflectance_of, slow_ground
from satverify.simulate.scenes.haze import air_of
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.land import land_of, skin_of
from satverify.simulate.scenes.noise import key_of, value_noise
from satverify.simulate.scenes.pixels.block import Block, noise_of
from satverify.simulate.scenes.pixels.registration import Shift, band_shift, scene_shift
from satverify.simulate.scenes.pixels.responses import SLSTR, Light, light_of
from satverify.simulate.scenes.pixels.warmth import COLDEST, ThermalBand, thermal_radiance, warmth_of
from satverify.simulate.scenes.sky import cirrus_at, excess_at, top_depression, transmission_of
from satverify.simulate.scenes.textures import Run, pixels_of, run_of
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

NET = 5_000.0  # [m] between crossings at which slow quantities are computed
POINT_SPREAD = 0.5  # [pixel] besides the pixel's own extent: half of what is seen comes from beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarBand:
    """A band in reflected sunlight."""

    wavelength: float
    """Key into the ground's and the Sun's spectra. [µm]"""
    is_on_at_night: bool
    """Whether anything is recorded in the dark."""


SOLAR = MappingProxyType(
    {
        "S1": SolarBand(wavelength=0.560, is_on_at_night=False),
        "S2": SolarBand(wavelength=0.665, is_on_at_night=False),
        "S3": SolarBand(wavelength=0.865, is_on_at_night=False),
        "S4": SolarBand(wavelength=1.375, is_on_at_night=True),
        "S5": SolarBand(wavelength=1.610, is_on_at_night=True),
        "S6": SolarBand(wavelength=2.200, is_on_at_night=True),
    }
)
"""Bands of 500 m."""


def _thermal(wavelength: float, noise: float, air: float, passed: float, ceiling: float) -> ThermalBand:
    return ThermalBand(
        wavelength=wavelength, noise=noise, air=air, passed=passed, ceiling=ceiling, point_spread=POINT_SPREAD
    )


THERMAL = MappingProxyType(
    {  # middle [µm], noise, loss of ground and of spots in the air of a continental winter, ceiling
        "S7": _thermal(3.74, 0.08, 2.0, 0.88, 312.0),
        "S8": _thermal(10.85, 0.05, 1.8, 0.90, 330.0),
        "S9": _thermal(12.02, 0.05, 2.8, 0.84, 330.0),
        "F1": _thermal(3.74, 0.50, 2.0, 0.88, 500.0),
        "F2": _thermal(10.85, 0.08, 1.8, 0.90, 400.0),
    }
)
"""Bands of 1 km."""
LEVEL_2 = ("LST", "LST_uncertainty", "NDVI", "CLOUD", "BAYES", "POINTING", "CONFIDENCE")
SCENE_SPREAD = 100.0  # [m] along an axis; S3 MPC SLSTR cyclic reports, rounded
BAND_SPREAD = 50.0  # [m] along an axis; assumed
FIRE_SPREAD = 300.0  # [m] of the fire channels, whose detectors lie elsewhere in the focal plane; assumed
RADIANCE_STEP = 0.001  # [W m⁻² sr⁻¹ µm⁻¹] as packed in the product
TEMPERATURE_STEP = 0.01  # [K] likewise
LARGEST_KEPT = 1_000  # pixels of blocks that are kept: those round a site
KEPT, NETS = 192, 512
"""Blocks, and nets, that are kept for the other level of an overpass: some 30 MB in all."""

# Flags of ``flags_in``: Sentinel-3 SLSTR Land User Handbook, table of global flags.
GROSS_CLOUD, THIN_CIRRUS, MEDIUM_HIGH, THRESHOLD_1_37 = 128, 256, 1024, 2
SINGLE_LOW, SINGLE_MODERATE = 1, 2
OCEAN, LAND, DAY, TWILIGHT, SUMMARY_CLOUD = 2, 8, 1024, 2048, 16384

ERROR = 0.15  # standard deviation of the cloud field by which flags err; a tenth of pixels or so, assumed
ERROR_LENGTH = 6_000.0  # [m] over which they err alike
COLD, COLD_ERROR = 265.0, 0.12  # [K] ground so cold is taken for cloud more readily, by so much
WARM = 10.0  # [K] of S7 over S8 by night from which a pixel is taken for cloud


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
    run = run_of(pixels)
    if is_bare or run is None or np.prod(pixels.shape) > LARGEST_KEPT:
        return _drawn(world, pixels, time, is_bare=is_bare)
    return _kept_block(world, frame, run, time)


@lru_cache(maxsize=KEPT)
def _kept_block(world: World, frame: Frame, run: Run, time: float) -> Block:
    return _drawn(world, pixels_of(run, frame), time, is_bare=False)


def _drawn(world: World, pixels: Pixels, time: float, *, is_bare: bool) -> Block:
    net = net_round(pixels.x, pixels.y, NET)
    sky = _sky_on_net(world, pixels.frame, net, time)
    excess, cosine, aerosol, cirrus = between_crossings(net, sky, pixels.x, pixels.y)
    if is_bare and float(cosine.max()) <= 0:
        nothing = np.zeros((1, 1))
        cover, temperature = Cover(water=nothing, plants=nothing, soil=nothing, built=nothing, shade=nothing), nothing
    else:
        ground = _ground_on_net(world.seed, pixels.frame, net, time)
        height, green, built, temperature = between_crossings(net, ground, pixels.x, pixels.y)
        cover = land_of(world, pixels, time, height, green, built)
    return Block(
        pixels=pixels,
        cover=cover,
        temperature=temperature,
        excess=excess,
        cosine=cosine,
        aerosol=aerosol,
        cirrus=cirrus,
        time=time,
    )


@lru_cache(maxsize=NETS)
def _sky_on_net(world: World, frame: Frame, net: Net, time: float) -> Floats:
    """Clouds, Sun, haze and cirrus at the crossings of a net."""
    longitude, latitude = frame.places(*net.crossings())
    zenith, _ = solar_angles(time, longitude, latitude)
    return np.stack(
        [
            excess_at(world.weather, longitude, latitude, time),
            np.cos(zenith),
            air_of(world, longitude, latitude, time),
            cirrus_at(world.seed, longitude, latitude, time),
        ]
    )


@lru_cache(maxsize=NETS)
def _ground_on_net(seed: int, frame: Frame, net: Net, time: float) -> Floats:
    """Slow layers of the ground at the crossings of a net."""
    return slow_ground(seed, *frame.places(*net.crossings()), time)


def solar_bands(world: World, block: Block, bands: Sequence[str], *, platform: str) -> dict[str, Floats]:
    """Radiance of the 500 m bands. [mW m⁻² sr⁻¹ nm⁻¹]"""
    out = {}
    for name in bands:
        light = light_of(platform, name, SOLAR[name].wavelength)
        value = _sunlight(block, light)
        hot = hot_pixels(
            world.sources if (block.excess < THIN).any() else None,
            block.pixels,
            block.time,
            world.seed,
            point_spread=POINT_SPREAD,
            shift=_shift(world, block, name),
        )
        if hot is not None:
            where, which = places_of(hot, block.pixels)
            passed = clear_transmittance(light.wavelength) * transmission_of(block.excess[where])
            passed *= spot_transmittance(block.aerosol[where], light.wavelength)
            passed *= cirrus_transmittance(block.cirrus[where])
            value[where] += passed * hot.radiance(light.spectral)[which]
        noise = SLSTR[name].noise(value) * noise_of(world, name, block.pixels, block.time)
        value = np.minimum(value + noise, SLSTR[name].ceiling)
        value = np.round(value / RADIANCE_STEP) * RADIANCE_STEP
        out[name] = value if SOLAR[name].is_on_at_night else np.where(block.cosine > 0, value, np.nan)
    return out


def thermal_bands(world: World, block: Block, bands: Sequence[str], *, platform: str) -> dict[str, Floats]:
    """Brightness temperature of the 1 km bands. [K]"""
    out = {}
    for name in bands:
        kelvin = _kelvin(world, block, name, platform)
        kelvin = np.round(kelvin / TEMPERATURE_STEP) * TEMPERATURE_STEP
        out[name] = np.clip(kelvin, COLDEST, THERMAL[name].ceiling)
    return out


def _sunlight(block: Block, light: Light) -> Floats:
    """Radiance of sunlit ground, haze and clouds, without heat. [W m⁻² sr⁻¹ µm⁻¹]"""
    if not bool((block.cosine > 0).any()):
        return np.zeros(block.pixels.shape)
    wavelength, clear = light.wavelength, transmission_of(block.excess)
    sun = light.spectral.solar_irradiance / (np.pi * float(earth_sun_distance(block.time)) ** 2)
    depth = optical_depth(block.aerosol, wavelength)
    ground = reflectance_of(block.cover, wavelength, block.cosine) * haze_transmittance(depth, block.cosine)
    ground += TRANSMITTANCE.get(wavelength, 1.0) * haze_reflectance(depth, block.cosine)
    white = 0.02 if wavelength == 1.375 else (0.35 if wavelength > 1.5 else 0.6)
    seen = (clear * ground + (1 - clear) * white) * cirrus_transmittance(block.cirrus)
    seen += cirrus_reflectance(block.cirrus, block.cosine, wavelength)
    radiance: Floats = np.maximum(block.cosine, 0.0) * sun * seen
    return radiance


def _kelvin(world: World, block: Block, name: str, platform: str) -> Floats:
    """Brightness temperature of a band with its noise, not to be written to. [K]"""
    run = run_of(block.pixels)
    if run is None or np.prod(block.pixels.shape) > LARGEST_KEPT:
        return _seen(world, block, name, platform)
    return _kept_image(world, block.pixels.frame, run, block.time, name, platform)


@lru_cache(maxsize=4 * KEPT)
def _kept_image(world: World, frame: Frame, run: Run, time: float, name: str, platform: str) -> Floats:
    kelvin = _seen(world, _kept_block(world, frame, run, time), name, platform)
    kelvin.flags.writeable = False
    return kelvin


def _seen(world: World, block: Block, name: str, platform: str) -> Floats:
    band, light = THERMAL[name], light_of(platform, name, THERMAL[name].wavelength)
    value = thermal_radiance(world, warmth_of(block), band, light, _shift(world, block, name))
    value += band.noise_radiance() * noise_of(world, name, block.pixels, block.time)
    return band_brightness_temperature(light.spectral, np.maximum(value, band_radiance(light.spectral, COLDEST)))


def _skin(block: Block) -> Floats:
    """Temperature of the ground's skin. [K]"""
    return skin_of(block.cover, block.temperature, block.cosine)


def _shift(world: World, block: Block, name: str) -> Shift:
    """How far a band's image lies off its place. [m]"""
    scene = scene_shift(world.seed, block.time, SCENE_SPREAD)
    own = band_shift(world.seed, block.time, name, FIRE_SPREAD if name.startswith("F") else BAND_SPREAD)
    return scene[0] + own[0], scene[1] + own[1]


def _called_cloud(world: World, block: Block, platform: str) -> tuple[Floats, NDArray[np.bool_]]:
    """The cloud field over its threshold as the flags take it, and where glowing ground is taken for cloud."""
    x, y = block.pixels.x / ERROR_LENGTH, block.pixels.y / ERROR_LENGTH
    error = np.sqrt(12) * (value_noise(key_of(world.seed, "flags", int(block.time)), x, y) - 0.5)
    taken = block.excess + ERROR * error + np.where(_skin(block) < COLD, COLD_ERROR, 0.0)
    is_warm = _kelvin(world, block, "S7", platform) - _kelvin(world, block, "S8", platform) > WARM
    return taken, is_warm & (block.cosine <= 0)


def level_2_bands(world: World, block: Block, bands: Sequence[str], *, platform: str) -> dict[str, Floats]:
    """Land surface temperature [K] and its uncertainty, vegetation index, and flags as whole numbers."""
    taken, is_warm = _called_cloud(world, block, platform)
    is_thick, is_water = taken >= THIN, block.cover.water > 0.5
    is_cloud, is_thin = (taken >= 0) | is_warm, (taken >= 0) & ~is_thick
    is_high = top_depression(block.excess) > 30.0  # [K]
    out: dict[str, Floats] = {}
    for name in bands:
        match name:
            case "LST":
                seen = _skin(block) - np.where(block.excess >= 0, 0.6 * top_depression(block.excess), 0.0)
                seen = seen + 0.3 * noise_of(world, name, block.pixels, block.time)
                out[name] = np.where(is_water, np.nan, np.round(seen / TEMPERATURE_STEP) * TEMPERATURE_STEP)
            case "LST_uncertainty":
                out[name] = np.where(is_water, np.nan, np.where(is_cloud, 3.0, 0.9))
            case "NDVI":
                red, near = (reflectance_of(block.cover, each, np.ones(1)) for each in (0.665, 0.865))
                out[name] = np.where(block.cosine > 0.1, (near - red) / (near + red), np.nan)
            case "CLOUD":
                flags = np.where(is_thick, GROSS_CLOUD, 0) + np.where(is_cloud & is_high, THRESHOLD_1_37, 0)
                flags = flags + np.where(is_warm, MEDIUM_HIGH, 0)
                out[name] = (flags + np.where(is_thin, THIN_CIRRUS, 0)).astype(np.float64)
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
