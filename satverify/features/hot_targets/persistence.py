"""How often the place of a unit's heat was hot, over all scenes that saw it.

References
----------
M. Faruolo et al., Remote Sensing 14(24), 6319, 2022. doi:10.3390/rs14246319: persistence tells industrial heat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.footprints import Zones
from satverify.features.hot_targets.patches import grown
from satverify.features.hot_targets.zonal import pixels_of

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Integers: TypeAlias = NDArray[np.int64]

FEWEST = 3
"""Scenes that must have seen a place: of fewer, how often it is hot is not known."""
JITTER = 1
"""Pixels by which a place may shift from scene to scene: 0.3 to 0.5 by registration, rounded up."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotPlaces:
    """Where some scenes were clear and hot. Those of several blocks of scenes add up."""

    scenes: int
    """How many they are."""
    clear: Integers
    """Scenes that saw each pixel, shape (y, x)."""
    hot: Integers
    """Scenes in which it, or a pixel beside it, was hot, shape (y, x)."""
    unit: Integers
    """Unit of each hot pixel in a footprint, shape (pixels,)."""
    scene: Integers
    """Its scene."""
    pixel: Integers
    """Its place, counted along rows."""


def hot_places(zones: Zones, is_hot: Flags, is_seen: Flags) -> HotPlaces:
    """Note where a block of scenes was hot.

    Parameters
    ----------
    zones
        Footprints on the grid of the scenes.
    is_hot, is_seen
        Hot pixels, and pixels that nothing hid, shape (time, y, x).
    """
    hot = np.zeros(is_hot.shape[1:], dtype=np.int64)
    for scene in np.flatnonzero(is_hot.any(axis=(1, 2))):
        hot += grown(is_hot[scene : scene + 1], JITTER)[0] & is_seen[scene]
    scenes, entry = np.nonzero(pixels_of(zones, is_hot))
    return HotPlaces(
        scenes=len(is_hot),
        clear=is_seen.sum(axis=0),
        hot=hot,
        unit=zones.unit[entry],
        scene=scenes.astype(np.int64),
        pixel=zones.pixel[entry],
    )


def persistence_of(count: int, blocks: Sequence[HotPlaces]) -> Floats:
    """Share of the scenes that saw the place of a look's heat in which it was hot; the most persistent place counts.

    Parameters
    ----------
    count
        Number of units.
    blocks
        Of all scenes of the archive, in order; at least one.

    Returns
    -------
    Shape (units, time); NaN where a look has no heat, or fewer than ``FEWEST`` scenes saw its place. (0, 1]
    """
    shape = (count, sum(block.scenes for block in blocks))
    most = np.full(shape, -np.inf)
    clear = np.add.reduce([block.clear for block in blocks])
    hot = np.add.reduce([block.hot for block in blocks])
    share = np.divide(hot, clear, out=np.full(clear.shape, -np.inf), where=clear >= FEWEST).ravel()
    first = 0
    for block in blocks:
        np.maximum.at(most, (block.unit, block.scene + first), share[block.pixel])
        first += block.scenes
    return np.where(np.isfinite(most), most, np.nan)
