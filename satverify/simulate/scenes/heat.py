"""Where in an image everything hot falls: far smaller than a pixel, and spread over neighbours by the sensor's blur.

What glows takes the place of ground as warm as the ground around, so that warm roofs and coolers are no hotter in
thermal infrared than they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from satverify.physics.radiometry import planck_radiance
from satverify.physics.spectral import SpectralBand, band_radiance
from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.sources import (
    NO2_AT_REST,
    HeatSources,
    sources_of,
    spots_near,
    steady_spots,
    steam_vents,
    units_at_work,
)
from satverify.simulate.scenes.textures import run_of

__all__ = [
    "BLUR",
    "NO2_AT_REST",
    "HeatSources",
    "HotPixels",
    "hot_pixels",
    "places_of",
    "sources_of",
    "steady_spots",
    "steam_vents",
    "units_at_work",
]

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

BLUR = 0.45  # [pixel] standard deviation of the point spread function
REACH = 2  # [pixel] of it on either side
ROW = 1 << 32
MICRO = 1e-6
MOST_COUNTED = 200_000
"""Pixels round all heat of a block that are counted off one by one, rather than sorted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotPixels:
    """Pixels of a granule that hold heat, and how much of each thing falls in them; one row a thing and pixel."""

    key: Integers
    """Row and column of a pixel in one number, sorted, each once."""
    pixel: Integers
    """Index into ``key``."""
    spot: Integers
    """Index into ``temperature``, ``share`` and ``ambient``."""
    weight: Floats
    """Share of the thing's radiation that the pixel gets. [0, 1]"""
    temperature: Floats
    """Of each thing. [K]"""
    share: Floats
    """Its area against that of a pixel. [0, ...)"""
    ambient: Floats
    """Temperature of the ground whose place it takes. [K]"""

    def radiance(self, band: float | SpectralBand) -> Floats:
        """Added to each of the pixels ``key`` in clear sky, over what the ground would have sent. [W m⁻² sr⁻¹ µm⁻¹]

        Parameters
        ----------
        band
            Wavelength [µm], or the band of an instrument.
        """
        glowing, ambient = np.split(_radiance(band, np.concatenate([self.temperature, self.ambient])), 2)
        excess = self.share * (glowing - ambient)
        weight = self.weight * excess[self.spot]
        return np.bincount(self.pixel, weight, minlength=self.key.size).astype(np.float64)


def hot_pixels(
    sources: HeatSources | None,
    pixels: Pixels,
    time: float,
    seed: int,
    *,
    point_spread: float = BLUR,
    shift: tuple[float, float] = (0.0, 0.0),
) -> HotPixels | None:
    """Where the spots fall among a granule's pixels; none where the block holds no heat.

    Parameters
    ----------
    sources
        All spots, if any.
    pixels
        The block that is asked for.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.
    point_spread
        Standard deviation of the blur along an axis, besides the pixel's own extent. [pixel]
    shift
        How far the image lies off its place along both axes of the plane. [m]
    """
    if sources is None:
        return None
    glow, x, y = spots_near(sources, pixels, time, seed)
    if glow.area.size == 0:
        return None
    x, y = x + shift[0], y + shift[1]
    reach = max(REACH, int(np.ceil(4 * point_spread)))
    inside = _reaches(pixels, x, y, reach)
    if inside.size == 0:
        return None
    glow = glow.where(inside)
    column, row, weight = _spread(pixels, x[inside], y[inside], point_spread, reach)
    key, pixel = _numbered(row, column)
    return HotPixels(
        key=key,
        pixel=pixel,
        spot=np.repeat(np.arange(inside.size), weight.shape[1]),
        weight=weight.ravel(),
        temperature=glow.temperature,
        share=glow.area / (pixels.size[0] * pixels.size[1]),
        ambient=glow.ambient,
    )


def places_of(hot: HotPixels | None, pixels: Pixels) -> tuple[tuple[NDArray[np.intp], ...], Integers]:
    """Where hot pixels lie in a block, as an index into it, and which of them each is."""
    shape = pixels.shape
    if hot is None:
        return tuple(np.zeros(0, dtype=np.intp) for _ in shape), np.zeros(0, dtype=np.int64)
    run = run_of(pixels)
    if run is None:
        key = pixels.rows * ROW + pixels.columns
        first = np.minimum(np.searchsorted(hot.key, key), hot.key.size - 1)
        inside = np.nonzero(hot.key[first] == key)
        return inside, first[inside].astype(np.int64)
    row = (hot.key + ROW // 2) // ROW  # columns may be negative
    column = hot.key - row * ROW
    is_inside = (row >= run.rows[0]) & (row < run.rows[1]) & (column >= run.columns[0]) & (column < run.columns[1])
    return (row[is_inside] - run.rows[0], column[is_inside] - run.columns[0]), np.flatnonzero(is_inside)


def _numbered(row: Integers, column: Integers) -> tuple[Integers, Integers]:
    """Keys of pixels, sorted, each once, and which of them each pixel is."""
    first, last = (row.min(), column.min()), (row.max(), column.max())
    width = int(last[1] - first[1]) + 1
    number = int(last[0] - first[0] + 1) * width
    if number > MOST_COUNTED:
        key, pixel = np.unique(row * ROW + column, return_inverse=True)
        return key, pixel.ravel()
    place = (row - first[0]) * width + column - first[1]
    is_met = np.zeros(number, dtype=bool)
    is_met[place] = True
    met = np.flatnonzero(is_met)
    order = np.empty(number, dtype=np.int64)
    order[met] = np.arange(met.size)
    return (met // width + first[0]) * ROW + met % width + first[1], order[place]


def _spread(pixels: Pixels, x: Floats, y: Floats, blur: float, reach: int) -> tuple[Integers, Integers, Floats]:
    """Column, row and weight of the pixels that things at x, y are blurred over: flat, flat, and things by pixels."""
    edge = np.arange(-reach, reach + 2)
    across, along = (x - pixels.origin[0]) / pixels.size[0], (y - pixels.origin[1]) / pixels.size[1]
    column = np.floor(across)[:, None] + edge
    row = np.floor(along)[:, None] + edge
    wide = np.diff(ndtr((column - across[:, None]) / blur), axis=1)
    high = np.diff(ndtr((row - along[:, None]) / blur), axis=1)
    weight = (high[:, :, None] * wide[:, None, :]).reshape(x.size, -1)
    shape = (x.size, edge.size - 1, edge.size - 1)
    columns, rows = np.broadcast_to(column[:, None, :-1], shape), np.broadcast_to(row[:, :-1, None], shape)
    return columns.astype(np.int64).ravel(), rows.astype(np.int64).ravel(), weight


def _reaches(pixels: Pixels, x: Floats, y: Floats, reach: int) -> Integers:
    """Which things at x, y are blurred into the block."""
    is_inside = np.isfinite(x) & np.isfinite(y)
    for place, numbers, size, origin in (
        (x, pixels.columns, pixels.size[0], pixels.origin[0]),
        (y, pixels.rows, pixels.size[1], pixels.origin[1]),
    ):
        number = np.floor((place - origin) / size)
        is_inside &= (number >= numbers.min() - reach) & (number <= numbers.max() + reach)
    return np.flatnonzero(is_inside)


def _radiance(band: float | SpectralBand, kelvin: Floats) -> Floats:
    return band_radiance(band, kelvin) if isinstance(band, SpectralBand) else planck_radiance(MICRO * band, kelvin)
