"""Pixels of simulated Sentinel-2 granules: counts of Level 1C, and the scene classification of Level 2A.

Ground is drawn on the 20 m lattice, from which 10 m bands take it, and on that of 60 m; each band has noise of its own.
Reflectance is that at the top of the atmosphere for Level 2A too: no atmospheric correction is simulated. From
processing baseline 04.00 on counts carry the offset of 1,000.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.simulate.scene_frames import Frame, Pixels, slow_fields
from satverify.simulate.scene_ground import Cover, cover_of, reflectance_of, slow_ground
from satverify.simulate.scene_heat import hot_pixels, places_of
from satverify.simulate.scene_noise import key_of, normal
from satverify.simulate.scene_radiation import SUN
from satverify.simulate.scene_sky import brightness_of, excess_at, top_depression, transmission_of
from satverify.simulate.scene_world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]

NET = 2_000.0  # [m] between crossings at which clouds and the slow layers of the ground are computed
COUNTS = 10_000.0  # per unit of reflectance
OFFSET = 1_000.0
CEILING = 28_000.0  # counts above it are saturated
NOISE = 0.0012  # standard deviation of reflectance, about what the signal-to-noise ratios of MSI come to
CIRRUS = 1.375  # [µm] the band in which the ground is dark and high clouds are not


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectiveBand:
    """One band that sees sunlight."""

    wavelength: float
    """Key into the ground's and the Sun's spectra. [µm]"""
    pixel: float
    """Edge of a pixel. [m]"""


BANDS: Mapping[str, ReflectiveBand] = MappingProxyType(
    {
        name: ReflectiveBand(wavelength=wavelength, pixel=pixel)
        for name, wavelength, pixel in (
            ("B01", 0.443, 60.0),
            ("B02", 0.490, 10.0),
            ("B03", 0.560, 10.0),
            ("B04", 0.665, 10.0),
            ("B05", 0.705, 20.0),
            ("B06", 0.740, 20.0),
            ("B07", 0.783, 20.0),
            ("B08", 0.842, 10.0),
            ("B8A", 0.865, 20.0),
            ("B09", 0.945, 60.0),
            ("B10", 1.375, 60.0),
            ("B11", 1.610, 20.0),
            ("B12", 2.200, 20.0),
        )
    }
)
"""Bands of MSI."""
CLASSES = MappingProxyType({"water": 6, "plants": 4, "bare": 5, "thin": 8, "thick": 9, "cirrus": 10})
"""Codes of the scene classification, Sentinel-2 Products Specification Document."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sunlit:
    """A block of daylight pixels before any band is drawn."""

    pixels: Pixels
    """The block."""
    cover: Cover
    """The ground."""
    temperature: Floats
    """Of the skin. [K]"""
    excess: Floats
    """Of the cloud field over its threshold."""
    cosine: Floats
    """Of the solar zenith angle, 0.02 at least."""
    time: float
    """When. [s since 1970-01-01 UTC]"""


def sunlit(world: World, pixels: Pixels, time: float) -> Sunlit:
    """Ground, clouds and sunlight of a block of pixels."""

    def fields(longitude: Floats, latitude: Floats) -> Floats:
        zenith, _ = solar_angles(time, longitude, latitude)
        sky = np.stack([excess_at(world.weather, longitude, latitude, time), np.cos(zenith)])
        return np.concatenate([slow_ground(world.seed, longitude, latitude, time), sky])

    height, green, built, temperature, excess, cosine = slow_fields(pixels, fields, NET)
    return Sunlit(
        pixels=pixels,
        cover=cover_of(world.seed, pixels, height, green, built),
        temperature=temperature,
        excess=excess,
        cosine=np.maximum(cosine, 0.02),
        time=time,
    )


def reflectances(world: World, block: Sunlit, wavelengths: Sequence[float]) -> dict[float, Floats]:
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


def counts(
    world: World, frame: Frame, bands: Sequence[str], positions: tuple[Floats, Floats], time: float, *, offset: float
) -> dict[str, Floats]:
    """Counts of Level 1C at positions of the tile's plane, each from the band's own pixel.

    Parameters
    ----------
    world
        What there is to see.
    frame
        The tile's plane.
    bands
        Keys into ``BANDS``.
    positions
        Easting and northing, arrays that broadcast. [m]
    time
        When. [s since 1970-01-01 UTC]
    offset
        What the processor adds to all counts.
    """
    out: dict[str, Floats] = {}
    for size, names in ((20.0, [each for each in bands if BANDS[each].pixel < 60]), (60.0, bands)):
        own = [each for each in names if each not in out]
        if not own:
            continue
        few, spread = condensed(pixels_at(frame, (size, size), positions))
        values = reflectances(world, sunlit(world, few, time), sorted({BANDS[each].wavelength for each in own}))
        for name in own:
            band = BANDS[name]
            signal = values[band.wavelength]
            if band.pixel == size:
                number = _counts(signal + NOISE * _noise(world, name, few, time), offset)
                out[name] = spread(number)
            else:
                fine = pixels_at(frame, (band.pixel, band.pixel), positions)
                out[name] = _counts(spread(signal) + NOISE * _noise(world, name, fine, time), offset)
    return out


def classification(world: World, frame: Frame, positions: tuple[Floats, Floats], time: float) -> Floats:
    """Scene classification of Level 2A at positions of the tile's plane; what it says of clouds is right."""
    few, spread = condensed(pixels_at(frame, (20.0, 20.0), positions))
    block = sunlit(world, few, time)
    cover = block.cover
    ground = np.where(cover.plants > 0.35, CLASSES["plants"], CLASSES["bare"])
    ground = np.where(cover.water > 0.5, CLASSES["water"], ground)
    is_high = top_depression(block.excess) > 35.0  # [K]
    cloud = np.where(is_high, CLASSES["cirrus"], CLASSES["thin"])
    cloud = np.where(block.excess >= THIN, CLASSES["thick"], cloud)
    return spread(np.where(block.excess < 0, ground, cloud).astype(np.float64))


def pixels_at(
    frame: Frame, size: tuple[float, float], positions: tuple[Floats, Floats], origin: tuple[float, float] = (0.0, 0.0)
) -> Pixels:
    """The pixels that hold positions of the plane; those of a position that is NaN mean nothing."""
    column, row = (
        np.floor((np.nan_to_num(part) - start) / edge).astype(np.int64)
        for part, start, edge in zip(positions, origin, size, strict=True)
    )
    return Pixels(frame=frame, size=size, columns=column, rows=row, origin=origin)


def condensed(pixels: Pixels) -> tuple[Pixels, Callable[[Floats], Floats]]:
    """The pixels of a block each once, where it is made of whole rows and columns; and how to spread them out again."""
    if pixels.rows.shape[1:] != (1,) or pixels.columns.shape[:1] != (1,):
        return pixels, lambda values: values
    rows, from_row = np.unique(pixels.rows[:, 0], return_inverse=True)
    columns, from_column = np.unique(pixels.columns[0], return_inverse=True)
    few = replace(pixels, rows=rows[:, None], columns=columns[None, :])
    return few, lambda values: values[from_row[:, None], from_column[None, :]]


def _counts(reflectance: Floats, offset: float) -> Floats:
    number: Floats = np.rint(COUNTS * reflectance)
    number += offset
    return np.clip(number, 1.0, CEILING, out=number)


def _noise(world: World, band: str, pixels: Pixels, time: float) -> Floats:
    return normal(key_of(world.seed, "noise", band, int(time)), pixels.rows, pixels.columns)


def _whiteness(wavelength: float, excess: Floats) -> Floats | float:
    """Reflectance of clouds against that in the visible: ice absorbs, and vapour hides low clouds at 1.375 µm."""
    if wavelength == CIRRUS:
        return 0.02 + 0.28 * np.clip(top_depression(excess) / 55.0, 0.0, 1.0) ** 2
    if wavelength > 2.0:
        return 0.45
    return 0.65 if wavelength > 1.5 else 0.95
