"""Patches of works among a granule's pixels: which share of each pixel every patch covers.

A layout is drawn once for each plane and size of pixels, on a lattice of 5 m, and kept. Pixels of some hundred metres
take shares from points 40 m apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import rasterio.features
import shapely
from numpy.typing import NDArray
from rasterio.transform import Affine
from scipy import sparse

from satverify.simulate.layout import METRES_PER_DEGREE, Layout
from satverify.simulate.scenes.frames import Frame, Pixels

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Where: TypeAlias = tuple[NDArray[Any] | slice, ...]

FINE = 5.0  # [m] lattice on which patches are drawn; a pixel of 20 m knows its shares to a sixteenth
SPARSE = 40.0  # [m] between points that stand for ground where pixels are coarse
COARSE = 200.0  # [m] and larger pixels are coarse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Shares of patches in the pixels of a plane."""

    corner: tuple[int, int]
    """Column and row of the first pixel."""
    shape: tuple[int, int]
    """Rows and columns."""
    shares: sparse.csr_array
    """Pixels by patches. [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surfaces:
    """The patches of one works as they lie in a block of pixels."""

    layout: Layout
    """The works."""
    drawn: Drawn
    """Shares in the plane."""
    shape: tuple[int, ...]
    """Of the block."""
    target: Where
    """Where in the block there may be any."""
    source: Where
    """Where in the plane's pixels that is."""

    def laid(self, values: Floats) -> Floats:
        """Sum over patches of share times value, of the block's shape; 0 where there is none.

        Parameters
        ----------
        values
            One for each patch.
        """
        image = np.zeros(self.shape)
        image[self.target] = (self.drawn.shares @ values).reshape(self.drawn.shape)[self.source]
        return image


def surfaces_in(layouts: Sequence[Layout], pixels: Pixels) -> tuple[Surfaces, ...]:
    """The works that lie in a block of pixels.

    Parameters
    ----------
    layouts
        All works.
    pixels
        The block; none of its positions is NaN.
    """
    found = (_in_block(layout, pixels) for layout in layouts_near(tuple(layouts), pixels))
    return tuple(each for each in found if each is not None)


def layouts_near(layouts: tuple[Layout, ...], pixels: Pixels) -> tuple[Layout, ...]:
    """Works that may lie in a block of pixels; some that do not may be among them."""
    if not layouts or 0 in pixels.shape:
        return ()
    x, y = (np.array([part.min(), part.max()]) for part in (pixels.x, pixels.y))
    longitude, latitude = pixels.frame.places(np.array([x[0], x[1], x[0], x[1]]), np.array([y[0], y[0], y[1], y[1]]))
    east, north, reach = _places(layouts)
    middle = longitude[0]
    corners = (longitude - middle + 180) % 360 - 180
    away = (east - middle + 180) % 360 - 180
    room = reach + 2 * max(pixels.size) / METRES_PER_DEGREE + 0.05 * float(np.ptp(latitude))
    wide = room / np.maximum(np.cos(np.radians(north)), 0.05)
    is_near = (away >= corners.min() - wide) & (away <= corners.max() + wide)
    is_near &= (north >= latitude.min() - room) & (north <= latitude.max() + room)
    return tuple(layouts[index] for index in np.flatnonzero(is_near).tolist())


@lru_cache(maxsize=16)
def _places(layouts: tuple[Layout, ...]) -> tuple[Floats, Floats, Floats]:
    """Longitude, latitude and reach of works. [degree]"""
    middles = np.array([layout.middle for layout in layouts])
    reach = [max(np.abs(shapely.total_bounds([patch.ground for patch in each.patches]))) for each in layouts]
    return middles[:, 0], middles[:, 1], np.sqrt(2) * np.array(reach) / METRES_PER_DEGREE


def _in_block(layout: Layout, pixels: Pixels) -> Surfaces | None:
    """A works in a block; none where no pixel of the block holds any of it."""
    draw = _spread if max(pixels.size) >= COARSE else _rastered
    drawn = draw(layout, pixels.frame, pixels.size, pixels.origin)
    if drawn is None:
        return None
    column, row = pixels.columns - drawn.corner[0], pixels.rows - drawn.corner[1]
    height, width = drawn.shape
    if row.shape[1:] == (1,) and column.shape[:1] == (1,):
        down, across = _run(row[:, 0], height), _run(column[0], width)
        if down is None or across is None:
            return None
        target: Where = _open(down[0], across[0])
        source: Where = _open(down[1], across[1])
    else:
        row, column = np.broadcast_arrays(row, column)
        met = np.nonzero((row >= 0) & (row < height) & (column >= 0) & (column < width))
        if met[0].size == 0:
            return None
        target, source = met, (row[met], column[met])
    return Surfaces(layout=layout, drawn=drawn, shape=pixels.shape, target=target, source=source)


def _run(numbers: Indices, length: int) -> tuple[Indices | slice, Indices | slice] | None:
    """Which of some sorted numbers lie in ``[0, length)``, and which these are; as slices where they are in one run."""
    inside = np.flatnonzero((numbers >= 0) & (numbers < length))
    if inside.size == 0:
        return None
    values = numbers[inside]
    first, last = int(values[0]), int(values[-1])
    if last - first + 1 == inside.size == int(inside[-1] - inside[0]) + 1 and bool((np.diff(values) == 1).all()):
        return slice(int(inside[0]), int(inside[-1]) + 1), slice(first, last + 1)
    return inside, values


def _open(down: Indices | slice, across: Indices | slice) -> tuple[Indices | slice, Indices | slice]:
    """An index of whole rows and columns."""
    if isinstance(down, np.ndarray) and isinstance(across, np.ndarray):
        return down[:, None], across[None, :]
    return down, across


@lru_cache(maxsize=48)
def _rastered(layout: Layout, frame: Frame, size: tuple[float, float], origin: tuple[float, float]) -> Drawn | None:
    """Shares from a fine raster of all patches; none where the works has no place in the plane."""
    grounds = np.array([patch.ground for patch in layout.patches], dtype=object)
    flat = shapely.transform(grounds, lambda corners: _in_plane(layout, frame, corners))
    bounds = shapely.total_bounds(flat)
    if not np.isfinite(bounds).all():
        return None
    parts = tuple(max(1, round(edge / FINE)) for edge in size)
    first = [int(np.floor((bounds[axis] - origin[axis]) / size[axis])) for axis in (0, 1)]
    last = [int(np.floor((bounds[axis + 2] - origin[axis]) / size[axis])) for axis in (0, 1)]
    width, height = (last[axis] - first[axis] + 1 for axis in (0, 1))
    east, north = (first[axis] * size[axis] + origin[axis] for axis in (0, 1))
    fine = Affine(size[0] / parts[0], 0.0, east, 0.0, size[1] / parts[1], north)
    numbered = [(ground, index + 1) for index, ground in enumerate(flat)]
    patch = rasterio.features.rasterize(
        numbered, (height * parts[1], width * parts[0]), fill=0, transform=fine, dtype=np.int32
    )
    row = np.repeat(np.arange(height), parts[1])[:, None]
    column = np.repeat(np.arange(width), parts[0])[None, :]
    shares = _counted((row * width + column).ravel(), patch.ravel() - 1, (height * width, len(grounds)))
    return Drawn(
        corner=(first[0], first[1]), shape=(height, width), shares=sparse.csr_array(shares / (parts[0] * parts[1]))
    )


@lru_cache(maxsize=64)
def _spread(layout: Layout, frame: Frame, size: tuple[float, float], origin: tuple[float, float]) -> Drawn | None:
    """Shares from points that each stand for a square of ground; none where the works has no place in the plane."""
    east, north, patch = _points(layout)
    corners = _in_plane(layout, frame, np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]]))
    if not np.isfinite(corners).all():
        return None
    along_east, along_north = (corners[1:] - corners[0]) / 1000.0  # the plane bends by some metres within a works
    x = corners[0, 0] + east * along_east[0] + north * along_north[0]
    y = corners[0, 1] + east * along_east[1] + north * along_north[1]
    column = np.floor((x - origin[0]) / size[0]).astype(np.int64)
    row = np.floor((y - origin[1]) / size[1]).astype(np.int64)
    first = (int(column.min()), int(row.min()))
    width, height = int(column.max()) - first[0] + 1, int(row.max()) - first[1] + 1
    pixel = (row - first[1]) * width + column - first[0]
    shares = _counted(pixel, patch, (height * width, len(layout.patches)))
    stands_for = abs(along_east[0] * along_north[1] - along_east[1] * along_north[0]) * SPARSE**2
    shares.data *= stands_for / (size[0] * size[1])
    full = np.maximum(np.asarray(shares.sum(axis=1)).ravel(), 1.0)  # points do not fill pixels evenly
    shares.data *= np.repeat(1 / full, np.diff(shares.indptr))
    return Drawn(corner=first, shape=(height, width), shares=shares)


@lru_cache(maxsize=256)
def _points(layout: Layout) -> tuple[Floats, Floats, Indices]:
    """East, north [m] and patch of evenly spaced points of a works' own plane."""
    grounds = [patch.ground for patch in layout.patches]
    west, south, east, north = shapely.total_bounds(grounds)
    shape = (int(np.ceil((north - south) / SPARSE)), int(np.ceil((east - west) / SPARSE)))
    lattice = Affine(SPARSE, 0.0, west, 0.0, SPARSE, south)
    numbered = [(ground, index + 1) for index, ground in enumerate(grounds)]
    patch = rasterio.features.rasterize(numbered, shape, fill=0, transform=lattice, dtype=np.int32)
    row, column = np.nonzero(patch)
    return west + (column + 0.5) * SPARSE, south + (row + 0.5) * SPARSE, patch[row, column].astype(np.int64) - 1


def _counted(pixel: Indices, patch: Indices, shape: tuple[int, int]) -> sparse.csr_array:
    """How many of some cells each patch has in each pixel; cells of patch -1 are nobody's."""
    is_drawn = patch >= 0
    ones = np.ones(int(is_drawn.sum()))
    return sparse.coo_array((ones, (pixel[is_drawn], patch[is_drawn])), shape=shape).tocsr()


def _in_plane(layout: Layout, frame: Frame, corners: Floats) -> Floats:
    """Points of a works' own plane in the plane of a granule, rows of two. [m]"""
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(layout.middle[1])), 1.0])
    longitude, latitude = (corners / scale + np.array(layout.middle)).T
    return np.column_stack(frame.position(longitude, latitude))
