"""How much warmer a unit is than ground like its own near by: the heat island of a works, unit by unit.

By day sunlit roofs, yards and fields differ by many kelvin without any heat. So a linear model of the scene says what
sunlit ground of each brightness and wetness is like, and a unit is measured by what it is warmer than that. The same
outline, shifted about the surroundings, then gives both the reference and the spread that cold ground has.

References
----------
Y. Zhou et al., Sustainability 10(6), 1935, 2018. doi:10.3390/su10061935: a works against its surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import Footprints, Zones
from satverify.features.hot_targets.sunlit import MAD, sunlit_residual

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]

LEAST_SEEN = 0.7
"""Share of an outline that must be seen for its mean to be one. [1]"""
FEWEST_PLACES = 8
"""Shifted outlines that tell a reference and a spread: of fewer the median absolute deviation is anything."""
MOST_PLACES = 240
"""More shifted outlines, nearest first, tell no more: their spread is known to 5 % by then."""
MEDIAN_SPREAD = np.pi / 2
"""Variance of a median over that of a mean, normal distribution. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imager:
    """What the shape of a thermal pixel means for measuring a contrast."""

    resolution: float
    """Width of a native pixel, which neighbours on the grid share. [m]"""
    reach: float
    """How far the surroundings of a unit reach. [m]"""
    noise: float
    """Noise of one native pixel, below which no spread is believed. [K]"""


TIRS = Imager(resolution=100.0, reach=1_000.0, noise=0.1)
"""Landsat: bands of 100 m resampled to 30 m; noise 0.05 K, Montanaro et al. 2014, doi:10.3390/rs61010232, twice that
for the stray light that correction leaves."""


def thermal_contrast(
    chips: Chips, footprints: Footprints, is_cloud: Booleans, *, imager: Imager = TIRS
) -> tuple[Floats, Floats]:
    """How much warmer each unit is than sunlit ground like its own round about, in every scene.

    Parameters
    ----------
    chips
        With ``lwir11`` [K]; ``nir08``, ``swir16`` and ``swir22`` [1], where they are there, say what like ground is.
    footprints
        Ground of the units on the grid of the chips.
    is_cloud
        Cloud, steam, and what else hides the ground or is none, shape (time, y, x).
    imager
        How wide native pixels are and how far the surroundings reach.

    Returns
    -------
    Contrast and its standard deviation without heat, both (units, time) [K]. NaN where there is no thermal band, too
    little of the unit or of its surroundings was seen, or the unit lies outside. Every scene is judged by itself.

    Raises
    ------
    InputError
        Footprints or cloud do not lie on the grid of the chips.
    """
    shape = (len(chips), *chips.grid.shape)
    if is_cloud.shape != shape or footprints.grid != chips.grid:
        raise InputError(f"thermal contrast: expected footprints and cloud on {chips.grid.name}, {shape}")
    zones = footprints.inside
    if "lwir11" not in chips.bands or len(chips) == 0:
        blank = np.full((zones.count, len(chips)), np.nan)
        return blank, blank.copy()
    surface = {name: chips.bands[name] for name in ("nir08", "swir16", "swir22") if name in chips.bands}
    is_usable = ~is_cloud
    is_fitted = is_surroundings(zones, chips.grid, imager)
    residual = sunlit_residual(chips.bands["lwir11"], is_usable, surface, is_fitted)
    return outline_contrast(residual, is_usable, zones, chips.grid, imager)


def outline_contrast(
    kelvin: Floats | Images, is_usable: Booleans, zones: Zones, grid: Grid, imager: Imager
) -> tuple[Floats, Floats]:
    """Weighted mean over each outline, over the median of the same outline shifted about its surroundings.

    Parameters
    ----------
    kelvin
        Brightness temperature, or what is left of it after a model, shape (time, y, x). [K]
    is_usable
        Pixels with clear sky, of that shape; NaN is left out anyway.
    zones
        What of each pixel counts for each unit. Ground within a native pixel of any of them is no surroundings.
    grid
        Where the pixels lie.
    imager
        Width of native pixels, reach and noise.

    Returns
    -------
    Contrast and its standard deviation without heat, both (units, time). [K]
    Both NaN where less than ``LEAST_SEEN`` of the outline, or fewer than ``FEWEST_PLACES`` shifted ones, were seen.
    """
    times = kelvin.shape[0]
    is_seen = is_usable & np.isfinite(kelvin)
    value = np.where(is_seen, kelvin, 0.0).reshape(times, -1)
    seen = is_seen.reshape(times, -1)
    surroundings = is_surroundings(zones, grid, imager)
    contrast, noise = np.full((zones.count, times), np.nan), np.full((zones.count, times), np.nan)
    edges = zones.edges
    for unit in range(zones.count):
        own_entries = slice(edges[unit], edges[unit + 1])
        pixel, weight = zones.pixel[own_entries], zones.weight[own_entries]
        if len(weight) == 0:
            continue
        shifted = _shifted(grid, surroundings, (pixel, weight), imager)
        own = _mean(value, seen, pixel[None, :], weight[None, :])[:, 0]
        others = _mean(value, seen, *shifted)
        reference, spread, places = _middle(others)
        native = max(weight.sum() * (grid.pixel_width / imager.resolution) ** 2, 1.0)
        spread = np.maximum(spread, imager.noise / np.sqrt(native))
        contrast[unit] = own - reference
        noise[unit] = np.where(np.isfinite(own), spread * np.sqrt(1 + MEDIAN_SPREAD / np.maximum(places, 1)), np.nan)
    return contrast, noise


def is_surroundings(zones: Zones, grid: Grid, imager: Imager) -> Booleans:
    """Ground that no unit's heat is smeared over: a native pixel or more from every outline, shape (y, x)."""
    is_ground = np.zeros(grid.shape, dtype=bool)
    is_ground.flat[zones.pixel] = True
    if not is_ground.any():
        return ~is_ground
    away: Floats = ndimage.distance_transform_edt(~is_ground) * grid.pixel_width
    return away > 1.5 * imager.resolution


def _shifted(
    grid: Grid, surroundings: Booleans, outline: tuple[Integers, Floats], imager: Imager
) -> tuple[Integers, Floats]:
    """Pixels and weights of an outline moved about its surroundings, both (places, entries); weight 0 off them."""
    height, width = grid.shape
    (row, column), weight = np.divmod(outline[0], width), outline[1]
    step = max(round(imager.resolution / grid.pixel_width), 1)
    most = int(imager.reach // (step * grid.pixel_width))
    along = np.arange(-most, most + 1) * step
    down, right = (each.ravel() for each in np.meshgrid(along, along, indexing="ij"))
    far = np.hypot(down, right)
    near = np.argsort(far, kind="stable")
    near = near[(far[near] > 0) & (far[near] <= most * step)]
    rows, columns = row + down[near, None], column + right[near, None]
    is_inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    pixel = np.where(is_inside, rows * width + columns, 0)
    counted = np.where(is_inside & surroundings.ravel()[pixel], weight, 0.0)
    is_place = counted.sum(axis=1) >= LEAST_SEEN * weight.sum()
    return pixel[is_place][:MOST_PLACES], counted[is_place][:MOST_PLACES]


def _mean(value: Floats | Images, seen: Booleans, pixel: Integers, weight: Floats) -> Floats:
    """Weighted means over pixels, (time, places): NaN where less than ``LEAST_SEEN`` of the weight was seen."""
    means = np.full((value.shape[0], len(pixel)), np.nan)
    if pixel.size == 0:
        return means
    for scene in range(value.shape[0]):  # one scene's places at a time stay in the cache
        counted = weight * seen[scene][pixel]
        total = counted.sum(axis=1)
        summed = (counted * value[scene][pixel]).sum(axis=1)
        enough = total >= LEAST_SEEN * weight.sum(axis=1)
        np.divide(summed, total, out=means[scene], where=enough & (total > 0))
    return means


def _middle(means: Floats) -> tuple[Floats, Floats, Integers]:
    """Median, robust standard deviation and number of the places of each time; NaN where they are too few."""
    places = np.isfinite(means).sum(axis=1)
    enough = places >= FEWEST_PLACES
    middle, spread = np.full(len(means), np.nan), np.full(len(means), np.nan)
    if enough.any():
        middle[enough] = np.nanmedian(means[enough], axis=1)
        spread[enough] = MAD * np.nanmedian(np.abs(means[enough] - middle[enough, None]), axis=1)
    return middle, spread, places
