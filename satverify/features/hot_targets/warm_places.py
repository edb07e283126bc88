"""Ground that is warm in most scenes without being molten: sinter coolers, stoves, pellet furnaces under their roofs.

A dark roof in summer is warm too. So what counts is how warm ground is over sunlit ground like it, and in the coolest
quarter of its scenes rather than in the mean: what is warm in January is warmed from within.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from satverify.domain.grids import Grid
from satverify.features.hot_targets.sunlit import MAD
from satverify.physics.utm import unproject

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]

FEWEST = 6
"""Clear scenes that tell what is always warm."""
COOL_PART = 0.25
"""Quantile of a place's scenes that says how warm it is at least. [1]"""
WARM = 5.0
"""How warm that must be: in simulated works sunlit roofs, coal and slag are up to 4 K or so warmer than the ground
beside them; a cooler of 500 m² at 400 K adds 10 K. [K]"""
SIGMAS = 5.0
"""And how far beyond the spread of all ground of the window. [1]"""
LEAST = 6
"""Pixels of 30 m, about half a native pixel of 100 m, that a warm place has at least: it smears over more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WarmMap:
    """How warm ground is over ground like it, on one grid."""

    sensor: str
    """Key into ``SENSORS``."""
    grid: Grid
    """Where the pixels lie."""
    time: NDArray[np.datetime64]
    """Of the scenes, UTC, ascending, shape (time,)."""
    warmth: Floats
    """Over like ground, of the coolest quarter of scenes, shape (y, x); NaN where too few were clear. [K]"""
    scenes: Integers
    """Clear scenes of each pixel, shape (y, x)."""

    def at(self, ground: BaseGeometry) -> float:
        """Largest warmth of the pixels whose middle lies in some ground, given in degrees, or next to it. [K]"""
        rows, columns = np.indices(self.grid.shape)
        east = self.grid.left + (columns.ravel() + 0.5) * self.grid.pixel_width
        north = self.grid.top - (rows.ravel() + 0.5) * self.grid.pixel_height
        longitude, latitude = unproject(self.grid.epsg, east, north)
        near = ground.buffer(0.5 * self.grid.pixel_width / METRES_PER_DEGREE)
        west, south, right, top = near.bounds
        asked = (longitude >= west) & (longitude <= right) & (latitude >= south) & (latitude <= top)
        inside = np.zeros(len(asked), dtype=bool)
        inside[asked] = shapely.contains_xy(near, longitude[asked], latitude[asked])
        found = self.warmth.ravel()[inside]
        return float(np.nanmax(found)) if np.isfinite(found).any() else np.nan


METRES_PER_DEGREE = 111_320.0
"""Along a meridian, which is good enough for half a pixel. [m]"""


def warm_map(sensor: str, grid: Grid, time: NDArray[np.datetime64], residual: NDArray[np.floating]) -> WarmMap:
    """How warm ground is over ground like it.

    Parameters
    ----------
    sensor, grid, time
        Of the scenes.
    residual
        Temperature over that of like ground, shape (time, y, x), NaN where unusable: ``sunlit.sunlit_residual``. [K]
    """
    scenes = np.isfinite(residual).sum(axis=0)
    enough = scenes >= FEWEST
    warmth = np.full(grid.shape, np.nan)
    if enough.any():
        warmth[enough] = np.nanquantile(residual[:, enough], COOL_PART, axis=0)
    return WarmMap(sensor=sensor, grid=grid, time=time, warmth=warmth, scenes=scenes.astype(np.int64))


def warm_places(warm: WarmMap) -> tuple[tuple[Integers, Integers], ...]:
    """Rows and columns of each place that is always warm, the warmest first."""
    known = np.isfinite(warm.warmth)
    if not known.any():
        return ()
    middle = float(np.median(warm.warmth[known]))
    spread = MAD * float(np.median(np.abs(warm.warmth[known] - middle)))
    above = np.where(known, warm.warmth - middle, -np.inf)
    number, count = ndimage.label(above >= max(WARM, SIGMAS * spread), structure=np.ones((3, 3)))
    found: list[tuple[float, Integers, Integers]] = []
    for one in range(1, count + 1):
        row, column = np.nonzero(number == one)
        peak = float(above[row, column].max())
        core = above[row, column] >= 0.5 * peak  # half of the peak is where the blur of a native pixel ends
        if core.sum() >= LEAST:
            found.append((peak, row[core].astype(np.int64), column[core].astype(np.int64)))
    found.sort(key=lambda place: (-place[0], int(place[1][0]), int(place[2][0])))
    return tuple((row, column) for _, row, column in found)
