"""Pixels of simulated Sentinel-2 granules: counts of Level 1C, and the scene classification of Level 2A.

Ground is drawn on the 20 m lattice, from which 10 m bands take it, and 60 m bands the mean; each band has noise of its
own that grows with its signal, and saturates at its own radiance. A scene lies some metres off its place, and its bands
a little off each other. Reflectance is that at the top of the atmosphere for Level 2A too: no atmospheric correction is
simulated. From processing baseline 04.00 on counts carry the offset of 1,000. Not modelled: detectors and their seams,
parallax of what is high, resampling, and charge that spills over from saturated pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.noise import key_of, uniform
from satverify.simulate.scenes.pixels.block import condensed, noise_of, parts_of, pixels_at, place_in
from satverify.simulate.scenes.pixels.daylight import Sight, measured, reflectance_at, sight_of, white_radiance
from satverify.simulate.scenes.pixels.registration import band_shift, scene_shift
from satverify.simulate.scenes.pixels.responses import MSI, light_of
from satverify.simulate.scenes.pixels.scene_classes import CLASSIFIED, scene_classes
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

FINE, COARSE = 20.0, 60.0  # [m] edges of pixels; ground is drawn on the fine ones
COUNTS = 10_000.0  # per unit of reflectance
OFFSET = 1_000.0
LARGEST = 32_767.0  # images have 15 bits; Sentinel-2 Products Specification Document
SCENE_SPREAD = 5.0  # [m] along an axis: 12 m at 95 %, as found between dates; Sentinel-2 L1C Data Quality Report
BAND_SPREAD = 2.0  # [m] along an axis: 0.3 pixels of 20 m at 99.7 %, as is required; likewise


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


def counts(
    world: World,
    frame: Frame,
    bands: Sequence[str],
    positions: tuple[Floats, Floats],
    time: float,
    *,
    offset: float,
    platform: str,
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
    platform
        Which satellite, such as ``sentinel-2a``.
    """
    few, spread = condensed(pixels_at(frame, (FINE, FINE), positions))
    wide, unfold = condensed(pixels_at(frame, (COARSE, COARSE), positions))
    parts, mean = parts_of(wide, round(COARSE / FINE))
    sight, where = _sight_over(world, parts, few, time)
    out: dict[str, Floats] = {}
    for name in bands:
        size = BANDS[name].pixel
        if size == COARSE:
            whole = sight if where is not None else sight_of(world, parts, time, sight.shift, is_bare=True)
            value, white = (mean(each) for each in _seen(whole, name, platform))
            out[name] = unfold(_measured(world, name, wide, time, value, white, offset))
            continue
        value, white = (each if where is None else each[where] for each in _seen(sight, name, platform))
        if size == FINE:
            out[name] = spread(_measured(world, name, few, time, value, white, offset))
        else:
            finer = pixels_at(frame, (size, size), positions)
            out[name] = _measured(world, name, finer, time, spread(value), spread(white), offset)
    return out


def classification(
    world: World, frame: Frame, positions: tuple[Floats, Floats], time: float, *, platform: str
) -> Floats:
    """Scene classification of Level 2A at positions of the tile's plane, with the errors that come with it.

    Parameters
    ----------
    world, frame, positions, time, platform
        As for ``counts``.
    """
    few, spread = condensed(pixels_at(frame, (FINE, FINE), positions))
    wide, _ = condensed(pixels_at(frame, (COARSE, COARSE), positions))
    sight, where = _sight_over(world, parts_of(wide, round(COARSE / FINE))[0], few, time)
    seen, ceilings = {}, {}
    for name in CLASSIFIED:
        value, white = (each if where is None else each[where] for each in _seen(sight, name, platform))
        seen[name], ceilings[name] = value, MSI[name].ceiling / white
    drawn = uniform(key_of(world.seed, "classification", int(time)), few.rows, few.columns)
    return spread(scene_classes(seen, ceilings, drawn))


def _sight_over(world: World, parts: Pixels, few: Pixels, time: float) -> tuple[Sight, tuple[slice, slice] | None]:
    """Sight of the fine pixels that coarse ones are made of, so that all bands and products of an overpass share it.

    Where they do not make a block together with those asked for, it is of the latter alone.
    """
    shift, where = scene_shift(world.seed, time, SCENE_SPREAD), place_in(parts, few)
    return sight_of(world, few if where is None else parts, time, shift, is_bare=True), where


def _seen(sight: Sight, name: str, platform: str) -> tuple[Floats, Floats]:
    """Reflectance of a band, without noise, and the radiance of a reflectance of 1."""
    light = light_of(platform, name, BANDS[name].wavelength)
    shift = band_shift(sight.world.seed, sight.time, name, BAND_SPREAD)
    return reflectance_at(sight, light, shift), white_radiance(sight, light)


def _measured(
    world: World, name: str, pixels: Pixels, time: float, value: Floats, white: Floats, offset: float
) -> Floats:
    """Counts of a band with the noise of its pixels."""
    return _counts(measured(value, white, MSI[name], noise_of(world, name, pixels, time)), offset)


def _counts(reflectance: Floats, offset: float) -> Floats:
    number: Floats = np.rint(COUNTS * reflectance)
    number += offset
    return np.clip(number, 1.0, LARGEST, out=number)
