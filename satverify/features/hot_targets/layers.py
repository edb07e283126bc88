"""Clouds that spread over whole blocks of a scene, told by the darkest pixel of each block.

A cloud brightens every pixel below it. So a block that holds a dark pixel has no cloud over all of it, however bright
the rest is, and in one that holds none the darkest pixel bounds the cloud from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.patches import blocks_of, spread
from satverify.features.hot_targets.whiteness import Whiteness

Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

BLOCK = 400.0
"""Extent of the blocks: few of a works have neither shadow, road nor water. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRule:
    """What makes a block a layer of cloud."""

    veil: float
    """Least reflectance that its darkest pixel allows for a cloud. [1]"""
    contrast: float
    """Darkest pixel over the mean at 2.2 µm: lower over ground, whatever the haze, than under cloud. [1]"""
    white: float
    """Share of its pixels with the colour of droplets. [1]"""


def layers(white: Whiteness, step: float, *rules: LayerRule) -> list[Flags]:
    """Find layers of cloud by several rules.

    Parameters
    ----------
    white
        Of the scenes.
    step
        Edge of a pixel. [m]
    rules
        Any number.

    Returns
    -------
    For each rule pixels under a layer, shape (time, y, x).
    """
    size, shape = max(round(BLOCK / step), 1), white.is_valid.shape
    veil = blocks_of(np.where(white.is_valid, white.veil, np.float32(np.inf)), size, np.minimum, np.inf)
    found = [np.zeros(shape, dtype=bool) for _ in rules]
    is_candidate = (veil > min(rule.veil for rule in rules)) & np.isfinite(veil)
    some = np.flatnonzero(is_candidate.any(axis=(1, 2)))
    if len(some) == 0:
        return found
    contrast, share = _contrast(white, some, size)
    for rule, is_layer in zip(rules, found, strict=True):
        is_block = is_candidate[some] & (veil[some] > rule.veil) & (contrast > rule.contrast) & (share > rule.white)
        is_layer[some] = spread(is_block, size, (shape[1], shape[2]))
    return found


def _contrast(white: Whiteness, some: NDArray[np.intp], size: int) -> tuple[Images, Images]:
    """Darkest over mean pixel at 2.2 µm, and share of white pixels, of the blocks of some scenes."""
    is_valid, swir22 = white.is_valid[some], white.swir22[some]
    count = np.maximum(blocks_of(is_valid, size, np.add, 0), 1).astype(np.float32)
    total = blocks_of(np.where(is_valid, swir22, np.float32(0)), size, np.add, 0)
    darkest = blocks_of(swir22, size, np.minimum, np.inf)
    is_lit = (total > 0) & np.isfinite(darkest)
    contrast = np.divide(darkest * count, total, out=np.zeros_like(total), where=is_lit)
    share = blocks_of(white.is_white[some], size, np.add, 0).astype(np.float32) / count
    return contrast, share
