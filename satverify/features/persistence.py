"""Cells in which heat returns: a furnace glows at one place for years, a fire does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.plane import FloatArray

CELL = 375.0
"""Width of a cell: the VIIRS I-band pixel at nadir, Schroeder et al. 2014, doi:10.1016/j.rse.2013.12.008. [m]"""

COARSE_REACH = 1000.0
"""How far from a known cell the centre of a MODIS pixel may lie that holds its heat: a pixel. [m]"""

PERIOD = 10
"""Length of the periods whose number says whether heat returns. [d]"""

YEAR = 36
"""Periods in a year: heat must return within one year, so that plant built late or closed early counts."""

RETURNS = 1 / 6
"""Share of a year's periods in which a place must be hot to be persistent: two months of the year, which cloud leaves
even to a weak source, and longer than fires burn at one spot. [1]"""

FEWEST_RETURNS = 3
"""Periods in which a place must be hot, however short the history."""

PEAK_BLUR = 0.6
"""Standard deviation of a pixel's place about its source, half a pixel or so. [cells]"""

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotCells:
    """The cells of one site round which heat returns."""

    column: IntArray
    """Cells east of the origin, shape (cells,)."""
    row: IntArray
    """Cells north of the origin, shape (cells,)."""
    source: IntArray
    """Number of the local peak of heat each cell leads up to, shape (cells,)."""
    share: FloatArray
    """Share of the heat that the cell and those round it have had, shape (cells,); sums to 1 where there is any."""

    def find(self, column: IntArray, row: IntArray, is_coarse: BoolArray) -> IntArray:
        """Index of the cell each pixel lies in; the nearest within ``COARSE_REACH`` where ``is_coarse``; else -1."""
        index = np.full(len(column), -1, dtype=np.int64)
        if len(self.column) == 0:
            return index
        known = {(int(c), int(r)): i for i, (c, r) in enumerate(zip(self.column, self.row, strict=True))}
        index[:] = [known.get((int(c), int(r)), -1) for c, r in zip(column, row, strict=True)]
        ask = np.flatnonzero(is_coarse & (index < 0))
        distance = np.hypot(column[ask, None] - self.column, row[ask, None] - self.row) * CELL
        nearest = distance.argmin(axis=1)
        index[ask] = np.where(distance[np.arange(len(ask)), nearest] <= COARSE_REACH, nearest, -1)
        return index

    def kernel(self) -> FloatArray:
        """How heat at one cell shows at another, shape (cells, cells); rows sum to 1."""
        square = (self.column[:, None] - self.column) ** 2 + (self.row[:, None] - self.row) ** 2
        near: FloatArray = np.exp(-square / (2 * (2 * PEAK_BLUR**2)))
        shares: FloatArray = near / near.sum(axis=1, keepdims=True)
        return shares


def hot_cells(column: IntArray, row: IntArray, days: IntArray, service_days: int) -> HotCells:
    """The cells in which heat returns often enough within some year of the history.

    Parameters
    ----------
    column, row
        Cell of each pixel, shape (pixels,).
    days
        Day of each pixel, counted from any one day, shape (pixels,). [d]
    service_days
        Days of the history on which any satellite was in service. [d]

    Returns
    -------
    No cells for no pixels.
    """
    if len(column) == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return HotCells(column=nothing, row=nothing, source=nothing, share=np.zeros(0))
    west, south = int(column.min()) - 1, int(row.min()) - 1
    shape = (int(column.max()) - west + 2, int(row.max()) - south + 2)
    period = (days - days.min()) // PERIOD
    hot = np.zeros((*shape, int(period.max()) + 1), dtype=bool)
    hot[column - west, row - south, period] = True
    kept = _returns(hot, max(FEWEST_RETURNS, int(np.ceil(RETURNS * min(YEAR, service_days / PERIOD)))))
    heat = np.zeros(shape)
    np.add.at(heat, (column - west, row - south), 1.0)
    smooth = np.where(kept, ndimage.uniform_filter(heat, size=3, mode="constant"), 0.0)
    peaked = np.where(kept, ndimage.gaussian_filter(heat, PEAK_BLUR, mode="constant"), 0.0)
    at = np.argwhere(kept)
    return HotCells(
        column=at[:, 0] + west,
        row=at[:, 1] + south,
        source=_peaks(peaked)[kept],
        share=smooth[kept] / smooth.sum() if kept.any() else np.zeros(0),
    )


def _returns(hot: BoolArray, need: int) -> BoolArray:
    """Cells with heat in or beside them in ``need`` periods of some year, and in themselves at least twice."""
    near = ndimage.maximum_filter(hot, size=(3, 3, 1), mode="constant")
    total = np.cumsum(near, axis=2, dtype=np.int32)
    year = total.copy()
    year[:, :, YEAR:] -= total[:, :, :-YEAR]
    enough: BoolArray = (year.max(axis=2) >= need) & (hot.sum(axis=2) >= 2)
    return enough


def _peaks(smooth: FloatArray) -> IntArray:
    """Number of the local maximum that each warm cell leads up to, -1 for cold cells."""
    number = np.full(smooth.shape, -1, dtype=np.int64)
    found = 0
    order = np.argsort(-smooth, axis=None, kind="stable")
    for column, row in zip(*np.unravel_index(order, smooth.shape), strict=True):
        if smooth[column, row] <= 0:
            break
        round_it = (slice(max(column - 1, 0), column + 2), slice(max(row - 1, 0), row + 2))
        near = number[round_it]
        if (near >= 0).any():
            number[column, row] = near.flat[np.where(near >= 0, smooth[round_it], -1.0).argmax()]
        else:
            number[column, row] = found
            found += 1
    return number
