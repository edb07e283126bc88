"""What pixels are that an index, or their brightness at 2.2 µm, takes for hot, and that are not."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.near import Indices, around, places

Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.uint8]


class FalseTarget(StrEnum):
    """What a pixel was taken for where it was not taken for heat."""

    NODATA_EDGE = "nodata_edge"
    """It touches pixels without a measurement, where bands may end differently."""
    CLOUD_EDGE = "cloud_edge"
    """It lies at a cloud or steam, where bands see different things."""
    SNOW_EDGE = "snow_edge"
    """It touches snow."""
    MISREGISTRATION = "misregistration"
    """It lies on so sharp an edge that a shift between the bands would explain it."""
    GLINT = "glint"
    """It mirrors the Sun: bright in every band."""
    METAL_ROOF = "metal_roof"
    """It is bright at 2.2 µm, and at 0.86 too."""
    BURN_SCAR = "burn_scar"
    """It belongs to a large stretch of dark ground whose reflectance rises with wavelength."""
    DARK_YARD = "dark_yard"
    """It is black at 1.6 µm: coal, coke, slag, wet ash, or shadow on them."""
    SOLAR_PANEL = "solar_panel"
    """It is dark at 0.86 and less so beyond, and small."""
    FAINT = "faint"
    """It may be heat, but not more than the ground round it could show without any."""


FALSE_TARGETS = tuple(FalseTarget)
"""The code of a false target in images is its place here, counted from 1; 0 is none."""

GLINT_NIR = 0.6  # reflectance at 0.86 µm above that of roofs: galvanised steel has up to 0.55, ECOSTRESS library
METAL_NIR, METAL_SWIR = 0.2, 0.25  # reflectance at 0.86 and 2.2 µm: sheet steel, ECOSTRESS library
BLACK = 0.10  # reflectance at 1.6 µm of coal, coke and slag at most: ECOSTRESS library, rounded up
SCAR = 20_000.0  # [m²] larger than the solar roofs of a works
SNOW_CONTRAST, SNOW_NIR = 0.5, 0.35  # snow without a blue band: (0.86 - 1.6) / (0.86 + 1.6) µm, and reflectance


def false_targets(
    is_suspect: Flags,
    bands: tuple[Images, Images, Images],
    is_shifted: Flags,
    is_near_cloud: Flags | None,
    is_snow: Flags | None,
    ground: float,
) -> Codes:
    """Name what suspects are.

    Parameters
    ----------
    is_suspect
        Pixels to name, shape (time, y, x).
    bands
        Top-of-atmosphere reflectance at 0.86, 1.6 and 2.2 µm, each of that shape. [1]
    is_shifted
        Pixels that would be hot but for what a shift between bands explains, of that shape.
    is_near_cloud, is_snow
        Of that shape, or None where the sky is not known; snow is then told by the bands.
    ground
        Of a pixel. [m²]

    Returns
    -------
    Places in ``FALSE_TARGETS``, counted from 1, of that shape; 0 where there is no suspect.
    """
    codes = np.zeros(is_suspect.shape, dtype=np.uint8)
    where = places(is_suspect)
    if len(where[0]) == 0:
        return codes
    near, short, long = bands
    nir08, swir16, swir22 = near[where], short[where], long[where]
    near_by = around(where, is_suspect.shape)
    is_snowy = _snow(near[near_by], short[near_by]) if is_snow is None else is_snow[near_by]
    is_dark = nir08 < METAL_NIR
    tests = {
        FalseTarget.NODATA_EDGE: ~np.isfinite(near[near_by] + short[near_by] + long[near_by]).all(axis=1),
        FalseTarget.CLOUD_EDGE: np.zeros(len(nir08), dtype=np.bool_) if is_near_cloud is None else is_near_cloud[where],
        FalseTarget.SNOW_EDGE: is_snowy.any(axis=1),
        FalseTarget.MISREGISTRATION: is_shifted[where],
        FalseTarget.GLINT: (nir08 >= GLINT_NIR) & (swir22 >= METAL_SWIR),
        FalseTarget.METAL_ROOF: (nir08 >= METAL_NIR) & (swir22 >= METAL_SWIR) & (swir22 < nir08 + swir16),
        FalseTarget.BURN_SCAR: is_dark & _in_large_patch(is_suspect & (near < METAL_NIR), where, SCAR / ground),
        FalseTarget.DARK_YARD: is_dark & (swir16 < BLACK),
        FalseTarget.SOLAR_PANEL: is_dark & (swir16 > nir08),
    }
    numbers = [np.uint8(FALSE_TARGETS.index(name) + 1) for name in tests]
    other = np.uint8(FALSE_TARGETS.index(FalseTarget.FAINT) + 1)
    codes[where] = np.select(list(tests.values()), numbers, default=other)
    return codes


def _snow(nir08: Images, swir16: Images) -> Flags:
    snow: Flags = (nir08 - swir16 > SNOW_CONTRAST * (nir08 + swir16)) & (nir08 > SNOW_NIR)
    return snow


def _in_large_patch(is_part: Flags, where: Indices, pixels: float) -> Flags:
    """Whether each pixel lies in a connected patch of more than so many pixels of its scene."""
    is_large = np.zeros(len(where[0]), dtype=np.bool_)
    for scene in np.unique(where[0]):
        here = where[0] == scene
        if not here.sum() > pixels:
            continue
        labels, count = ndimage.label(is_part[scene], structure=np.ones((3, 3)))
        extent = np.bincount(labels.ravel(), minlength=count + 1)
        extent[0] = 0
        is_large[here] = extent[labels[where[1][here], where[2][here]]] > pixels
    return is_large
