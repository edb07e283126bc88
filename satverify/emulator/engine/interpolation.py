"""Values between the pixels of an array; what is missing is left out of the weighting.

Rows and columns count from 0 at the middle of the first pixel. A value is NaN where the nearest pixel is.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Plane: TypeAlias = NDArray[np.float32]

SHARPNESS = -0.5  # of the kernel: Catmull and Rom's, as GDAL has it


def nearest(source: Plane, rows: Floats, columns: Floats) -> Plane:
    """Value of the pixel in which a place lies.

    Parameters
    ----------
    source
        ``(height, width)``
    rows, columns
        The places, of one shape.
    """
    return source[_within(np.floor(rows + 0.5), source.shape[0]), _within(np.floor(columns + 0.5), source.shape[1])]


def bilinear(source: Plane, rows: Floats, columns: Floats) -> Plane:
    """Mean of the four pixels around a place, weighted by nearness; as ``nearest`` otherwise."""
    row, column = np.floor(rows), np.floor(columns)
    down, right = rows - row, columns - column
    total, weights = np.zeros_like(rows), np.zeros_like(rows)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        value = source[_within(row + i, source.shape[0]), _within(column + j, source.shape[1])]
        weight = (down if i else 1 - down) * (right if j else 1 - right) * ~np.isnan(value)
        total += weight * np.nan_to_num(value)
        weights += weight
    value = np.divide(total, weights, out=np.full_like(total, np.nan), where=weights > 0)
    return np.where(np.isnan(nearest(source, rows, columns)), np.nan, value).astype(np.float32)


def bicubic(source: Plane, rows: Floats, columns: Floats) -> Plane:
    """Cubic convolution of the sixteen pixels around a place; ``bilinear`` where one of them is missing."""
    row, column = np.floor(rows), np.floor(columns)
    down, right = _cubic(rows - row), _cubic(columns - column)
    total = np.zeros_like(rows)
    for i in range(4):
        for j in range(4):
            value = source[_within(row + i - 1, source.shape[0]), _within(column + j - 1, source.shape[1])]
            total += down[i] * right[j] * value
    return np.where(np.isnan(total), bilinear(source, rows, columns), total).astype(np.float32)


def _cubic(share: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights of the pixels before, at, after and beyond, for a place ``share`` of the way from the second on."""

    def near(away: Floats) -> Floats:
        return ((SHARPNESS + 2) * away - (SHARPNESS + 3)) * away * away + 1

    def far(away: Floats) -> Floats:
        return SHARPNESS * (((away - 5) * away + 8) * away - 4)

    return far(share + 1), near(share), near(1 - share), far(2 - share)


def _within(index: Floats, size: int) -> NDArray[np.intp]:
    return np.clip(index, 0, size - 1).astype(np.intp)
