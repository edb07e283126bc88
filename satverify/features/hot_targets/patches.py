"""Patches of flagged pixels by their extent, and images seen in coarse blocks; each scene by itself."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Flags: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.int32]
Blocks: TypeAlias = NDArray[Any]

TOUCHING = np.zeros((3, 3, 3), dtype=bool)
TOUCHING[1] = True
"""Pixels of one scene that share an edge or a corner belong together; those of two scenes never."""


def patches_of(is_flagged: Flags) -> tuple[Labels, NDArray[np.int64]]:
    """Number the patches.

    Parameters
    ----------
    is_flagged
        Shape (time, y, x).

    Returns
    -------
    Number of each pixel's patch, 0 for none, of that shape; and the pixels of each patch by its number, 0 for number 0.
    """
    found, count = ndimage.label(is_flagged, structure=TOUCHING)
    labels: Labels = found.astype(np.int32, copy=False)
    size = np.bincount(labels.ravel(), minlength=count + 1).astype(np.int64)
    size[0] = 0
    return labels, size


def touched(labels: Labels, where: Flags, count: int) -> Flags:
    """Which patches have a pixel among others, shape (count,)."""
    is_touched = np.zeros(count, dtype=bool)
    is_touched[labels[where]] = True
    is_touched[0] = False
    return is_touched


def grown(is_flagged: Flags, radius: int) -> Flags:
    """Pixels within a square of so many pixels round flagged ones, shape (time, y, x)."""
    if radius < 1 or not is_flagged.any():
        return is_flagged
    wide, reached = is_flagged, 0
    while reached < radius:  # in doubling steps, which take a third of the time of a maximum filter
        step = min(reached + 1, radius - reached)
        down = wide.copy()
        down[:, step:] |= wide[:, :-step]
        down[:, :-step] |= wide[:, step:]
        wide = down.copy()
        wide[:, :, step:] |= down[:, :, :-step]
        wide[:, :, :-step] |= down[:, :, step:]
        reached += step
    return wide


def on_edge(shape: tuple[int, int]) -> Flags:
    """Pixels on the rim of an image, shape (y, x)."""
    is_rim = np.ones(shape, dtype=bool)
    is_rim[1:-1, 1:-1] = False
    return is_rim


def blocks_of(images: Blocks, size: int, combine: np.ufunc, nothing: float) -> Blocks:
    """Images in squares of pixels.

    Parameters
    ----------
    images
        Shape (time, y, x).
    size
        Edge of a block. [pixel]
    combine
        How the pixels of a block become one number, such as ``numpy.add``.
    nothing
        What stands for pixels beyond the edge.

    Returns
    -------
    Shape (time, blocks down, blocks across); the last ones may reach beyond the image.
    """
    times, height, width = images.shape
    down, across = -(-height // size), -(-width // size)
    if (down * size, across * size) != (height, width):
        padding = ((0, 0), (0, down * size - height), (0, across * size - width))
        images = np.pad(images, padding, constant_values=nothing)
    rows = combine.reduce(images.reshape(times, down, size, across * size), axis=2)
    out: Blocks = rows[..., ::size].copy()
    for column in range(1, size):  # numpy reduces short rows three times slower
        combine(out, rows[..., column::size], out=out)
    return out


def spread(blocks: Blocks, size: int, shape: tuple[int, int]) -> Blocks:
    """Each pixel's block, shape (time, y, x): ``blocks_of`` undone."""
    wide: Blocks = np.repeat(np.repeat(blocks, size, axis=1), size, axis=2)[:, : shape[0], : shape[1]]
    return wide
