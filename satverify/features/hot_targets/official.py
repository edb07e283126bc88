"""What the masks that come with scenes call cloud: a second opinion, since hot and steaming pixels are among it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sensors import NODATA
from satverify.features.hot_targets.chips import Chips, Codes

Flags: TypeAlias = NDArray[np.bool_]

CLOUD_CLASSES = (
    8,
    9,
    10,
)  # medium, high, thin cirrus: Sentinel-2 Products Specification Document, scene classification
NO_CLASS = 0  # likewise
FILL, DILATED, CIRRUS, CLOUD = 1 << 0, 1 << 1, 1 << 2, 1 << 3  # QA_PIXEL: Landsat 8-9 Collection 2 format, LSDS-1619


def official_cloud(chips: Chips) -> tuple[Flags, Flags]:
    """Where the scene classification, or the flags of the scene, say cloud, and where they say anything.

    Parameters
    ----------
    chips
        Any sensor's.

    Returns
    -------
    Two arrays of shape (time, y, x); all false where the chips hold neither ``scene_classification`` nor
    ``quality_flags``.
    """
    if "scene_classification" in chips.codes:
        return _by_class(chips.codes["scene_classification"])
    if "quality_flags" in chips.codes:
        return _by_flag(chips.codes["quality_flags"])
    nothing = np.zeros((len(chips), *chips.grid.shape), dtype=bool)
    return nothing, nothing.copy()


def _by_class(classes: Codes) -> tuple[Flags, Flags]:
    is_said = (classes != NO_CLASS) & (classes != NODATA)
    return np.isin(classes, CLOUD_CLASSES), is_said


def _by_flag(flags: Codes) -> tuple[Flags, Flags]:
    is_said = (flags & FILL == 0) & (flags != NODATA)
    return is_said & (flags & (DILATED | CIRRUS | CLOUD) != 0), is_said
