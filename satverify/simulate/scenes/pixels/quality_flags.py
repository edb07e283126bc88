"""The quality flags that come with Landsat scenes, made from the image as CFMask makes them, errors and all.

A pixel may be cloud where it is bright, white and not green; whether it is called so is settled by how cold it is
against the ground round it. Bright roofs and steam pass the first test, and in part of the country, where the ground is
as cold as cloud, the second; thin warm cloud fails it. Clouds are widened, as the processor does, here by what lies
just below the threshold of cloud.

References
----------
S. Foga et al., Cloud detection algorithm comparison and validation for operational Landsat data products, Remote
Sensing of Environment 194, 2017. doi:10.1016/j.rse.2017.03.026
Landsat 8-9 Collection 2 Level 1 Data Format Control Book, LSDS-1822, tables of QA_PIXEL and QA_RADSAT.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

LOOKED_AT = ("B02", "B03", "B04", "B05", "B06", "B07", "B09")
"""Bands that flags are made from."""
SATURABLE = ("B04", "B05", "B06", "B07")
"""Bands that heat can saturate."""
DILATED, CIRRUS, CLOUD, SNOW, IS_CLEAR, WATER = (1 << bit for bit in (1, 2, 3, 5, 6, 7))
CLOUD_LOW, CLOUD_HIGH = 1 << 8, 3 << 8
SHADOW_LOW, SNOW_LOW, SNOW_HIGH, CIRRUS_LOW, CIRRUS_HIGH = 1 << 10, 1 << 12, 3 << 12, 1 << 14, 3 << 14

BASIC = 0.03  # reflectance at 2.2 µm that cloud has at least; this and the next five: Foga et al. 2017
INDEX = 0.8  # of snow and of plants that cloud stays below
WHITENESS = 0.7  # spread of the visible bands against their mean, likewise
HAZE = 0.08  # blue less half of red, above it
ROCK = 0.75  # near infrared against 1.6 µm, above it
HIGH_CLOUD = 0.01  # reflectance at 1.375 µm above which there is cirrus
SNOW_INDEX, SNOW_NEAR, SNOW_GREEN = 0.15, 0.11, 0.10
COLDER = 5.0  # [K] than the ground round it, by which bright ground becomes cloud; the order of CFMask's tail
DOUBT = 3.5  # [K] standard deviation of what the processor errs about the ground's temperature; assumed
WIDENED = -0.05  # of the cloud field against its threshold: a pixel or two beyond most edges


def quality_flags(
    seen: Mapping[str, Floats], *, excess: Floats, colder: Floats, water: Floats, doubt: Floats
) -> Floats:
    """``QA_PIXEL``.

    Parameters
    ----------
    seen
        Reflectance of each of ``LOOKED_AT``, arrays of one shape.
    excess
        Of the cloud field over its threshold: where clouds are widened to.
    colder
        How much colder the pixel is than the ground round it. [K]
    water
        Share of water. [0, 1]
    doubt
        How much the processor errs about the ground's temperature, a smooth field of standard deviation 1.

    Returns
    -------
    Whole numbers, of that shape.
    """
    is_snow = _is_snow(seen)
    is_cloud = _may_be_cloud(seen) & (colder + DOUBT * doubt > COLDER) & ~is_snow
    is_cirrus = seen["B09"] > HIGH_CLOUD
    is_water = (water > 0.5) & ~is_cloud
    is_dilated = (excess > WIDENED) & ~is_cloud
    out = np.full(excess.shape, SHADOW_LOW, dtype=np.int64)
    out += np.where(is_cloud, CLOUD | CLOUD_HIGH, np.where(is_dilated, DILATED, 0))
    out += np.where(is_cloud, 0, CLOUD_LOW)
    out += np.where(is_cloud, 0, IS_CLEAR) + np.where(is_water, WATER, 0)
    out += np.where(is_cirrus, CIRRUS | CIRRUS_HIGH, CIRRUS_LOW)
    out += np.where(is_snow, SNOW | SNOW_HIGH, SNOW_LOW)
    return out.astype(np.float64)


def saturation_flags(is_saturated: Mapping[str, Flags], shape: tuple[int, ...]) -> Floats:
    """``QA_RADSAT``: the bit of each band that is saturated; of bands by name, such as ``B07``."""
    out = np.zeros(shape)
    for name, where in is_saturated.items():
        out += np.where(where, float(1 << (int(name[1:]) - 1)), 0.0)
    return out


def _may_be_cloud(seen: Mapping[str, Floats]) -> Flags:
    blue, green, red, near, short = (seen[name] for name in ("B02", "B03", "B04", "B05", "B06"))
    mean = np.maximum((blue + green + red) / 3, 1e-6)
    spread = (np.abs(blue - mean) + np.abs(green - mean) + np.abs(red - mean)) / mean
    may: Flags = (seen["B07"] > BASIC) & (_index(green, short) < INDEX) & (_index(near, red) < INDEX)
    return may & (spread < WHITENESS) & (blue - 0.5 * red > HAZE) & (near > ROCK * short)


def _is_snow(seen: Mapping[str, Floats]) -> Flags:
    index = _index(seen["B03"], seen["B06"])
    found: Flags = (index > SNOW_INDEX) & (seen["B05"] > SNOW_NEAR) & (seen["B03"] > SNOW_GREEN)
    return found & (seen["B06"] < 0.2)  # what stays bright at 1.6 µm is cloud


def _index(one: Floats, two: Floats) -> Floats:
    ratio: Floats = (one - two) / np.maximum(one + two, 1e-6)
    return ratio
