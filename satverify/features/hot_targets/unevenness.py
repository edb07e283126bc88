"""How uneven cold ground is over a footprint: neighbouring pixels are alike, so that sums over them even out little."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.footprints import Zones
from satverify.features.hot_targets.patches import blocks_of
from satverify.features.hot_targets.zonal import zonal_sum

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

BLOCK = 100.0
"""Ground within such squares is taken to be alike as a whole, that of different ones not: a roof, a yard. [m]"""


def block_size(pixel_ground: float) -> int:
    """Edge of a block, for pixels of some ground [m²]. [pixel]"""
    return max(round(BLOCK / float(np.sqrt(pixel_ground))), 1)


def likeness(images: Images, where: Flags, size: int) -> Floats:
    """How alike the pixels of a block are: the intraclass correlation of each scene.

    Parameters
    ----------
    images
        Shape (time, y, x); finite where they count.
    where
        Which pixels count, of that shape.
    size
        Edge of a block. [pixel]

    Returns
    -------
    Shape (time,): 0 where blocks differ no more than pixels do by chance, or there are too few, 1 where each block is
    one shade. [0, 1]

    References
    ----------
    P. Shrout and J. Fleiss, Psychological Bulletin 86, 420, 1979, ICC(1,1). doi:10.1037/0033-2909.86.2.420
    """
    value = np.where(where, images, np.float32(0))
    count = blocks_of(where.view(np.uint8), size, np.add, 0).astype(np.float64)
    total = blocks_of(value, size, np.add, 0).astype(np.float64)
    square = blocks_of(value * value, size, np.add, 0).astype(np.float64)
    pixels, blocks = count.sum(axis=(1, 2)), (count > 0).sum(axis=(1, 2))
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    overall = total.sum(axis=(1, 2)) / np.maximum(pixels, 1)
    within = (square - count * mean**2).sum(axis=(1, 2)) / np.maximum(pixels - blocks, 1)
    between = (count * (mean - overall[:, None, None]) ** 2).sum(axis=(1, 2)) / np.maximum(blocks - 1, 1)
    usual = (pixels - (count**2).sum(axis=(1, 2)) / np.maximum(pixels, 1)) / np.maximum(blocks - 1, 1)
    whole = between + (usual - 1) * within
    is_known = (blocks > 1) & (pixels > blocks) & (whole > 0)
    found: Floats = np.divide(between - within, whole, out=np.zeros(len(images)), where=is_known)
    return np.clip(found, 0.0, 1.0)


def sum_noise(zones: Zones, deviation: Images, where: Flags, alike: Floats, size: int) -> Floats:
    """Standard deviation of the sum over each unit's pixels, when all of it is cold ground.

    Parameters
    ----------
    zones
        Footprints.
    deviation
        Standard deviation of a pixel, shape (time, y, x).
    where
        Which pixels count, of that shape.
    alike
        What ``likeness`` gave for blocks of ``size``, shape (time,).
    size
        Edge of such a block. [pixel]

    Returns
    -------
    In the unit of ``deviation`` times pixels, shape (units, time).
    """
    squared = Zones(count=zones.count, unit=zones.unit, pixel=zones.pixel, weight=zones.weight**2)
    apart = zonal_sum(squared, deviation.astype(np.float64) ** 2, where)
    together = zonal_sum(zones, deviation, where) ** 2
    blocks = np.maximum(zonal_sum(zones, where) / size**2, 1.0)
    noise: Floats = np.sqrt((1 - alike) * apart + alike * together / blocks)
    return noise
