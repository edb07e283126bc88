"""Snow on the ground, by its colour: bright up to 0.9 µm and dark at 1.6."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

SNOW_INDEX, SNOW_BLUE, SNOW_NIR = 0.5, 0.2, 0.2
"""Contrast of blue to 1.6 µm, and least reflectances. Stricter than the 0.4 that is usual for green (Hall et al. 1995,
doi:10.1016/0034-4257(95)00137-P), as air brightens blue. [1]"""
SNOW_INDEX_WITHOUT_BLUE, SNOW_NIR_WITHOUT_BLUE = 0.6, 0.3
"""The same with 0.86 µm in the place of blue; dense plants reach 0.45. [1]"""


def is_snow_coloured(chips: Chips, haze: Floats) -> Flags:
    """Pixels of the colour of snow, even with haze taken off. Clouds of ice may have it too.

    Parameters
    ----------
    chips
        With ``nir08`` and ``swir16``, and ``blue`` where present.
    haze
        Reflectance of haze at 0.49 µm, shape (time,). [1]

    Returns
    -------
    Shape (time, y, x), false where a band is NaN.
    """
    nir08, swir16 = chips.bands["nir08"], chips.bands["swir16"]
    if "blue" in chips.bands:
        blue = chips.bands["blue"] - haze.astype(np.float32)[:, None, None]
        return (blue - swir16 > SNOW_INDEX * (blue + swir16)) & (blue > SNOW_BLUE) & (nir08 > SNOW_NIR)
    return (nir08 - swir16 > SNOW_INDEX_WITHOUT_BLUE * (nir08 + swir16)) & (nir08 > SNOW_NIR_WITHOUT_BLUE)
