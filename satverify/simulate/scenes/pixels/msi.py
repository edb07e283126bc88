"""Pixels of simulated Sentinel-2 granules: counts of Level 1C, and the scene classification of Level 2A.

Ground is drawn on the 20 m lattice, from which 10 m bands take it, and on that of 60 m; each band has noise of its own.
Reflectance is that at the top of the atmosphere for Level 2A too: no atmospheric correction is simulated. From
processing baseline 04.00 on counts carry the offset of 1,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame
from satverify.simulate.scenes.pixels.block import condensed, noise_of, pixels_at
from satverify.simulate.scenes.pixels.daylight import reflectances, sunlit
from satverify.simulate.scenes.sky import top_depression
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]

COUNTS = 10_000.0  # per unit of reflectance
OFFSET = 1_000.0
CEILING = 28_000.0  # counts above it are saturated
NOISE = 0.0012  # standard deviation of reflectance, about what the signal-to-noise ratios of MSI come to


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
                number = _counts(signal + NOISE * noise_of(world, name, few, time), offset)
                out[name] = spread(number)
            else:
                fine = pixels_at(frame, (band.pixel, band.pixel), positions)
                out[name] = _counts(spread(signal) + NOISE * noise_of(world, name, fine, time), offset)
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


def _counts(reflectance: Floats, offset: float) -> Floats:
    number: Floats = np.rint(COUNTS * reflectance)
    number += offset
    return np.clip(number, 1.0, CEILING, out=number)
