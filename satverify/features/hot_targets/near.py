"""The pixels round single pixels of scenes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Flags: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]

MIDDLE = 4
"""Place of a pixel itself among the 3 x 3 ``around`` it."""


def places(is_flagged: Flags) -> Indices:
    """Scene, row and column of every flagged pixel of (time, y, x)."""
    scene, row, column = np.nonzero(is_flagged)
    return scene, row, column


def around(where: Indices, shape: tuple[int, ...]) -> Indices:
    """Places of the 3 x 3 pixels round each pixel.

    Parameters
    ----------
    where
        Scene, row and column, each of shape (pixels,).
    shape
        Of the scenes: (time, y, x).

    Returns
    -------
    Scene, row and column, each of shape (pixels, 9); those beyond the edge stand for the nearest inside.
    """
    down, across = np.mgrid[-1:2, -1:2].reshape(2, 1, 9)
    scene, row, column = (axis[:, None] for axis in where)
    rows, columns = np.clip(row + down, 0, shape[1] - 1), np.clip(column + across, 0, shape[2] - 1)
    return np.broadcast_to(scene, rows.shape), rows, columns
