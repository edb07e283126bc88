"""What a scene shows by chance: how far its pixels scatter round their common level.

A deviation over surroundings says how ground differs from place to place; it is blind to what lies below the floor that
bright roofs are held to. Where the numbers themselves are noisy, that is where most of the noise lies. Differences
between near pixels tell noise from ground: half of a scene is not edges.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

STEP = 2
"""Distance of the pixels that are compared: in images that were doubled from 20 to 10 m, neighbours are the same."""
SAMPLED = 3_000
"""Pixels of a scene that are asked, about: they know its noise to 3 %."""
FEWEST = 100
"""Pairs below which nothing is said."""
SIGMA_OF_MEDIAN = 1.4826  # standard deviation over the median of the absolute value, Gaussian


def chance_level(image: Images, is_cold: Flags, scenes: NDArray[np.intp], sigmas: float) -> Floats:
    """Value that pixels of a scene hardly exceed by noise alone.

    Parameters
    ----------
    image
        Shape (time, y, x).
    is_cold
        Ground that is asked, of that shape.
    scenes
        Places of scenes, shape (pixels,).
    sigmas
        Standard deviations of the noise by which it lies over the median of the scene.

    Returns
    -------
    Of the scene of each place, shape (pixels,); minus infinity where too little cold ground is seen.
    """
    levels = np.full(len(image), -np.inf)
    for scene in np.unique(scenes):
        levels[scene] = _level(image[scene], is_cold[scene], sigmas)
    level: Floats = levels[scenes]
    return level


def _level(image: Images, is_cold: Flags, sigmas: float) -> float:
    rows = slice(None, None, max(image.size // SAMPLED, 1))
    values, is_asked = image[rows], is_cold[rows]
    is_pair = is_asked[:, STEP:] & is_asked[:, :-STEP]
    if np.count_nonzero(is_pair) < FEWEST:
        return -np.inf
    step = np.abs(values[:, STEP:][is_pair] - values[:, :-STEP][is_pair])
    noise = SIGMA_OF_MEDIAN * float(np.median(step)) / np.sqrt(2)  # a difference has the noise of both
    middle = float(np.median(values[is_asked]))
    return middle + sigmas * float(noise)
