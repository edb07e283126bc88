"""Pixels of a product made from coarser ones that the instrument took: cubic convolution, as ground systems do it.

References
----------
R. G. Keys, Cubic convolution interpolation for digital image processing, IEEE Transactions on Acoustics, Speech, and
Signal Processing 29(6), 1981. doi:10.1109/TASSP.1981.1163711
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Pixels

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

TAPS = np.arange(-1, 3)  # pixels before and after a place that count


def taken_for(pixels: Pixels, size: float, origin: tuple[float, float]) -> tuple[Pixels, Callable[[Floats], Floats]]:
    """The instrument's own pixels that pixels of a product are made of, and how.

    Parameters
    ----------
    pixels
        Of the product.
    size
        Edge of the instrument's own. [m]
    origin
        Where its pixel 0, 0 begins in the plane. [m]

    Returns
    -------
    The instrument's pixels, and what turns values on them into values on the product's.
    """
    row, up = _taps((pixels.y - origin[1]) / size - 0.5)
    column, across = _taps((pixels.x - origin[0]) / size - 0.5)
    if pixels.rows.shape[1:] == (1,) and pixels.columns.shape[:1] == (1,):
        rows, columns = np.unique(row), np.unique(column)
        own = Pixels(frame=pixels.frame, size=(size, size), rows=rows[:, None], columns=columns[None, :], origin=origin)
        at_row, at_column = np.searchsorted(rows, row[..., 0]), np.searchsorted(columns, column[:, 0])
        return own, lambda values: _mixed(
            [_mixed([values[at] for at in at_row], up)[:, at] for at in at_column], across
        )
    shape = np.broadcast_shapes(pixels.rows.shape, pixels.columns.shape)
    every = (TAPS.size, TAPS.size, *shape)
    rows = np.broadcast_to(row[:, None], every).reshape(-1, shape[-1])
    columns = np.broadcast_to(column[None], every).reshape(-1, shape[-1])
    own = Pixels(frame=pixels.frame, size=(size, size), rows=rows, columns=columns, origin=origin)
    return own, lambda values: _mixed(list(_mixed(list(values.reshape(every)), up)), across)


def _mixed(parts: Sequence[Floats], weights: Floats) -> Floats:
    """Sum of parts by their weights, always in the same order, so that it does not depend on what else is asked for."""
    total: Floats = weights[0] * parts[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + weight * part
    return total


def _taps(place: Floats) -> tuple[Integers, Floats]:
    """Numbers of the pixels round places, given in pixels, and their weights; taps first."""
    before = np.floor(place)
    part = place - before
    weights = np.stack(
        [
            part * (-0.5 + part * (1 - 0.5 * part)),
            1 + part * part * (1.5 * part - 2.5),
            part * (0.5 + part * (2 - 1.5 * part)),
            part * part * (0.5 * part - 0.5),
        ]
    )
    number = before.astype(np.int64) + TAPS.reshape(-1, *([1] * place.ndim))
    return number, weights
