"""What cold ground round a pixel looks like: means over some hundred metres, without heat and cloud.

Images are summed over blocks and averaged over a window of blocks: surroundings change slowly, and no pixel needs a
window of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.near import Indices
from satverify.features.hot_targets.patches import blocks_of, spread

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

BLOCK = 100.0
"""Edge of a block. [m]"""
WINDOW = 5
"""Blocks across the window: half a kilometre holds some of every surface of a works."""
FEWEST = 25
"""Cold pixels in a window below which the whole scene stands in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """A number that belongs to the surroundings of pixels."""

    blocks: Floats
    """Shape (time, blocks down, blocks across); NaN where the whole scene has too little cold ground."""
    size: int
    """Edge of a block. [pixel]"""

    def at(self, where: Indices) -> Floats:
        """Of single pixels: scene, row and column, each of shape (pixels,)."""
        scene, row, column = where
        return self.blocks[scene, row // self.size, column // self.size]

    def image(self, shape: tuple[int, int]) -> Images:
        """Of every pixel, shape (time, y, x)."""
        image: Images = spread(self.blocks.astype(np.float32), self.size, shape)
        return image


def local_means(images: Sequence[Images], is_cold: Flags, step: float) -> list[Surroundings]:
    """Mean of images over the cold ground round each pixel.

    Parameters
    ----------
    images
        Each of shape (time, y, x), finite where ``is_cold``.
    is_cold
        Ground that counts, of that shape.
    step
        Edge of a pixel. [m]

    Returns
    -------
    One for each image; the mean of the scene where there is little cold ground near, NaN where there is little at all.
    """
    size = max(round(BLOCK / step), 1)
    times, *_ = is_cold.shape
    count = blocks_of(is_cold.view(np.uint8), size, np.add, 0).astype(np.float64)
    stack = np.where(is_cold, np.stack(images), np.float32(0)).reshape(-1, *is_cold.shape[1:])
    sums = blocks_of(stack, size, np.add, 0).astype(np.float64).reshape(len(images), *count.shape)
    near, everywhere = _windowed(count[None])[0], count.sum(axis=(1, 2))
    scene = np.full((len(images), times), np.nan)
    np.divide(sums.sum(axis=(2, 3)), everywhere, out=scene, where=everywhere >= FEWEST)
    means = np.empty_like(sums)
    means[...] = scene[:, :, None, None]
    np.divide(_windowed(sums), near, out=means, where=near >= FEWEST)
    return [Surroundings(blocks=mean, size=size) for mean in means]


def deviation_of(mean: Surroundings, mean_square: Surroundings) -> Surroundings:
    """Standard deviation of an image over surroundings, from the means of the image and of its square."""
    variance = np.maximum(mean_square.blocks - mean.blocks**2, 0)
    return Surroundings(blocks=np.sqrt(variance), size=mean.size)


def _windowed(blocks: Floats) -> Floats:
    """Sum over the window round each block, shape (image, time, down, across); nothing lies beyond the edge."""
    total: Floats = ndimage.uniform_filter(blocks, size=(1, 1, WINDOW, WINDOW), mode="constant")
    total *= WINDOW**2
    return total
