"""Reflected sunlight over a block of pixels: ground, clouds and heat as sensors see them by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.simulate.scenes.frames import Pixels, slow_fields
from satverify.simulate.scenes.ground import cover_of, reflectance_of, slow_ground
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.noise import key_of
from satverify.simulate.scenes.pixels.block import Block
from satverify.simulate.scenes.radiation import SUN
from satverify.simulate.scenes.sky import brightness_of, excess_at, top_depression, transmission_of
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

NET = 2_000.0  # [m] between crossings at which clouds and the slow layers of the ground are computed
CIRRUS = 1.375  # [µm] the band in which the ground is dark and high clouds are not
LOWEST = 0.02  # cosine of the solar zenith angle that the Sun does not fall below: the night is not drawn


def sunlit(world: World, pixels: Pixels, time: float) -> Block:
    """Ground, clouds and sunlight of pixels by day."""

    def fields(longitude: Floats, latitude: Floats) -> Floats:
        zenith, _ = solar_angles(time, longitude, latitude)
        sky = np.stack([excess_at(world.weather, longitude, latitude, time), np.cos(zenith)])
        return np.concatenate([slow_ground(world.seed, longitude, latitude, time), sky])

    height, green, built, temperature, excess, cosine = slow_fields(pixels, fields, NET)
    return Block(
        pixels=pixels,
        cover=cover_of(world.seed, pixels, height, green, built),
        temperature=temperature,
        excess=excess,
        cosine=np.maximum(cosine, LOWEST),
        time=time,
    )


def reflectances(world: World, block: Block, wavelengths: Sequence[float]) -> dict[float, Floats]:
    """Reflectance of ground, clouds and heat at some wavelengths, without noise. [1]"""
    hot = hot_pixels(world.sources, block.pixels, block.time, world.seed)
    where, which = places_of(hot, block.pixels)
    is_cloudy = bool((block.excess >= 0).any())
    clear = transmission_of(block.excess)
    cloud = np.zeros(0)
    if is_cloudy:
        cloud = brightness_of(
            key_of(world.seed, "clouds", int(block.time)), block.excess, block.pixels.x, block.pixels.y
        )
    distance = float(earth_sun_distance(block.time))
    out = {}
    for wavelength in wavelengths:
        value = reflectance_of(block.cover, wavelength, block.cosine)
        if is_cloudy:
            value += (1 - clear) * (cloud * _whiteness(wavelength, block.excess) - value)
        if hot is not None:
            added = np.pi * distance**2 / SUN[wavelength] * hot.radiance(wavelength)[which]
            value[where] += added * clear[where] / block.cosine[where]
        out[wavelength] = value
    return out


def _whiteness(wavelength: float, excess: Floats) -> Floats | float:
    """Reflectance of clouds against that in the visible: ice absorbs, and vapour hides low clouds at 1.375 µm."""
    if wavelength == CIRRUS:
        return 0.02 + 0.28 * np.clip(top_depression(excess) / 55.0, 0.0, 1.0) ** 2
    if wavelength > 2.0:
        return 0.45
    return 0.65 if wavelength > 1.5 else 0.95
