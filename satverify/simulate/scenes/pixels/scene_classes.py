"""The scene classification that comes with Level 2A, made from the image as the processor makes it, errors and all.

Clouds are told by brightness, whiteness and the snow index, cirrus by the 1.375 µm band, as Sen2Cor does. So bright
roofs and steam are taken for cloud, thin cirrus is missed, and what is saturated is called so. Hot ground has no class
of its own and no spectrum that the processor knows: it comes out as cloud, unclassified or dark.

References
----------
Sen2Cor: Level-2A Algorithm Theoretical Basis Document, S2-PDGS-MPC-ATBD-L2A 2.10, 2021, section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

CLASSIFIED = ("B02", "B03", "B04", "B8A", "B10", "B11", "B12")
"""Bands that are looked at."""
CLASSES = MappingProxyType(
    {
        "saturated": 1,
        "dark": 2,
        "plants": 4,
        "bare": 5,
        "water": 6,
        "unclassified": 7,
        "medium": 8,
        "cloud": 9,
        "cirrus": 10,
        "snow": 11,
    }
)
"""Codes of the scene classification, Sentinel-2 Products Specification Document."""
RED = (0.07, 0.25)  # reflectance between which cloud gets probable; the document, step 1
SNOW_INDEX = (-0.24, -0.16)  # step 1
GREENNESS = (0.36, 0.42)  # above which there are plants, no cloud; step 3
SOIL = (0.55, 0.80)  # blue against 1.6 µm below which there is bare soil; step 5
SAND = (0.90, 1.10)  # near infrared against 1.6 µm likewise; step 6
MEDIUM, HIGH = 0.35, 0.65  # probability of cloud of either class
CIRRUS = (0.012, 0.035)  # reflectance at 1.375 µm; section on cirrus
SNOW, SNOW_BRIGHT = 0.42, 0.22  # snow index and blue reflectance; steps of the snow loop
PLANTS, WATER_INDEX, DARK = 0.40, 0.0, 0.10
HOT_INDEX, HOT_BRIGHT = (
    0.45,
    0.25,
)  # (2.2 - 1.6 µm) against the near infrared, and reflectance at 2.2 µm, of glowing ground
HOT_AS = ((0.45, "medium"), (0.55, "cloud"), (0.80, "unclassified"), (1.0, "dark"))  # chances, added up; assumed


def scene_classes(seen: Mapping[str, Floats], ceilings: Mapping[str, Floats], drawn: Floats) -> Floats:
    """Classes of the pixels of an image.

    Parameters
    ----------
    seen
        Reflectance at the top of the atmosphere of each of ``CLASSIFIED``, arrays of one shape.
    ceilings
        Reflectance at which each saturates, likewise.
    drawn
        A number of each pixel's own, by which hot ground is taken for one thing or another. [0, 1)

    Returns
    -------
    Codes, of that shape.
    """
    blue, green, red, near = (seen[name] for name in ("B02", "B03", "B04", "B8A"))
    short, shorter = seen["B12"], seen["B11"]
    snow_index = (green - shorter) / np.maximum(green + shorter, 1e-6)
    greenness = (near - red) / np.maximum(near + red, 1e-6)
    cloud = _ramp(red, RED) * _ramp(snow_index, SNOW_INDEX) * (1 - _ramp(greenness, GREENNESS))
    cloud *= _ramp(blue / np.maximum(shorter, 1e-6), SOIL) * _ramp(near / np.maximum(shorter, 1e-6), SAND)
    is_snow = (snow_index > SNOW) & (blue > SNOW_BRIGHT) & (seen["B10"] < CIRRUS[1])
    out = np.full(blue.shape, CLASSES["bare"], dtype=np.float64)
    out[(near < DARK) & (shorter < DARK)] = CLASSES["dark"]
    out[greenness > PLANTS] = CLASSES["plants"]
    out[(green - near > WATER_INDEX) & (near < DARK) & (shorter < DARK)] = CLASSES["water"]
    out[(seen["B10"] > CIRRUS[0]) & (cloud < HIGH)] = CLASSES["cirrus"]
    out[cloud > MEDIUM] = CLASSES["medium"]
    out[(cloud > HIGH) | (seen["B10"] > CIRRUS[1])] = CLASSES["cloud"]
    out[is_snow] = CLASSES["snow"]
    return _with_heat(out, seen, ceilings, drawn, is_hot=(short - shorter > HOT_INDEX * near) & (short > HOT_BRIGHT))


def _with_heat(
    out: Floats, seen: Mapping[str, Floats], ceilings: Mapping[str, Floats], drawn: Floats, *, is_hot: NDArray[np.bool_]
) -> Floats:
    """Put in what hot ground is taken for, and what is saturated."""
    if is_hot.any():
        bounds = np.array([share for share, _ in HOT_AS])
        codes = np.array([CLASSES[name] for _, name in HOT_AS], dtype=np.float64)
        out[is_hot] = codes[np.searchsorted(bounds, drawn[is_hot], side="right")]
    for name, value in seen.items():
        out[value >= ceilings[name]] = CLASSES["saturated"]
    return out


def _ramp(value: Floats, ends: tuple[float, float]) -> Floats:
    """0 up to the first end, 1 from the second on, a line between."""
    low, high = ends
    share: Floats = np.clip((value - low) / (high - low), 0.0, 1.0)
    return share
