"""How far 2.2 µm lies off 1.6 µm in a scene, told by the scene itself, and what that makes of its edges.

Where a band is moved a little, it differs from the other by the displacement times the slope of the ground. Over a
works full of edges one displacement fits them all, which no heat does.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.near import Indices

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

FEWEST = 200
"""Cold pixels of a scene below which no displacement is told."""
EVERY_ROW = 10_000
"""Pixels of a scene up to which every row is used; of larger ones every second row tells as much."""
LARGEST = 20.0
"""Displacement that is no instrument's: bands of Sentinel-2 lie within 0.3 of 20 m (Sentinel-2 User Handbook 1.2,
2015), and resampling adds half a pixel of that. Slopes carry no further either, however fine the grid is. [m]"""
NATIVE = 20.0
"""Pixel of Sentinel-2 at 1.6 and 2.2 µm. [m]"""


def shift_effect(swir16: Images, swir22: Images, is_cold: Flags, where: Indices, step: float = NATIVE) -> Floats:
    """Reflectance that 2.2 µm has at some pixels because it lies off 1.6 µm.

    Parameters
    ----------
    swir16, swir22
        Top-of-atmosphere reflectance, shape (time, y, x). [1]
    is_cold
        Ground without heat and cloud, which tells the displacement, of that shape.
    where
        Scene, row and column of the pixels, each of shape (pixels,).
    step
        Length of a pixel. [m]

    Returns
    -------
    Shape (pixels,); 0 at the edge of the image, beside gaps and in scenes that tell no displacement. [1]
    """
    scene, row, column = where
    effect = np.zeros(len(scene))
    for number in np.unique(scene):
        down, across = _slopes(swir16[number])
        moved = _displacement(swir16[number], swir22[number], down, across, is_cold[number], LARGEST / step)
        here = scene == number
        place = (row[here], column[here])
        effect[here] = np.nan_to_num(moved[0] * down[place] + moved[1] * across[place])
    return effect


def _slopes(image: Images) -> tuple[Images, Images]:
    """Half the difference of the neighbours, downward and to the right; 0 at the edge."""
    down, across = np.zeros_like(image), np.zeros_like(image)
    if min(image.shape) > 2:
        down[1:-1] = (image[2:] - image[:-2]) / 2
        across[:, 1:-1] = (image[:, 2:] - image[:, :-2]) / 2
    return down, across


def _displacement(
    short: Images, long: Images, down: Images, across: Images, is_cold: Flags, largest: float
) -> tuple[float, float]:
    """What a slope of 1.6 µm downward and to the right adds to 2.2 µm, by least squares over cold ground."""
    step = slice(None, None, 2 if is_cold.size > EVERY_ROW else 1)
    is_used = (is_cold & np.isfinite(down) & np.isfinite(across))[step]
    count = np.count_nonzero(is_used)
    if count < FEWEST:
        return 0.0, 0.0
    columns = np.stack([*(image[step][is_used] for image in (down, across, short)), np.ones(count, np.float32)])
    gram = (columns @ columns.T).astype(np.float64)
    target = (columns @ long[step][is_used]).astype(np.float64)
    found = np.linalg.solve(gram + 1e-6 * np.eye(4), target)
    if np.hypot(found[0], found[1]) > largest * abs(found[2]):
        return 0.0, 0.0
    return float(found[0]), float(found[1])
