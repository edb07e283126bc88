"""How much of a pixel's brightness droplets could explain, and whether its colour is theirs at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips, Images
from satverify.features.hot_targets.haze import clear_air_reflectance, haze_by_band, haze_reflectance
from satverify.features.hot_targets.snow import is_snow_coloured

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

NEEDED = ("nir08", "swir16", "swir22")
WHITENESS = {"blue": 1.0, "nir08": 1.0, "swir16": 0.65, "swir22": 0.45}
"""Least reflectance of a cloud of droplets over that in the visible, radius up to 20 µm: Nakajima and King 1990."""
STEP_TO_SWIR16, STEP_TO_SWIR22 = 1.05, 0.92
"""Water absorbs more at each step: 0.86 over 1.6 µm is more than the first, 2.2 over 1.6 µm less than the second. Metal
and stone are on the other side of at least one. [1]"""
BLUE_STEP = 0.75
"""Blue over 0.86 µm is more than this in clouds, less over plants and soil. [1]"""
HEAT_STEP = 0.03
"""Rise of reflectance from 1.6 to 2.2 µm that no cloud has. [1]"""
LEAST_GAIN = 0.3
"""Through haze of more than 0.35 a cloud cannot be seen; the formula is not carried further. [1]"""
SATURATED = 1.0
"""Reflectance at 1.6 and 2.2 µm that no cloud reaches in both. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whiteness:
    """What the colour of pixels says of clouds; each of shape (time, y, x) unless said otherwise."""

    is_valid: Flags
    """The needed bands were measured."""
    is_white: Flags
    """The colour is that of droplets."""
    veil: Images
    """Reflectance of the brightest white cloud that could lie over the pixel; -inf where not valid. [1]"""
    haze: Floats
    """Reflectance of haze at 0.49 µm that was taken off, shape (time,); 0 where it is not sure. [1]"""
    is_hot: Flags
    """Shortwave infrared rises as no cloud's does: heat shows, so nothing hides it."""
    swir22: Images
    """Reflectance at 2.2 µm, inf where not valid. [1]"""


def whiteness_of(chips: Chips) -> Whiteness:
    """Compare the colour of all pixels with that of clouds of droplets.

    Parameters
    ----------
    chips
        With ``nir08``, ``swir16`` and ``swir22``; ``blue`` sharpens the comparison.

    Returns
    -------
    Flags are false, and the veil is -inf, where a needed band is NaN; a NaN in blue leaves that pixel to the others.

    Raises
    ------
    InputError
        A needed band is missing.

    References
    ----------
    T. Nakajima and M. King, J. Atmos. Sci. 47, 1878, 1990.
    """
    missing = [name for name in NEEDED if name not in chips.bands]
    if missing:
        raise InputError(
            f"scenes of {chips.sensor}: expected the bands {', '.join(NEEDED)}, {', '.join(missing)} missing"
        )
    nir08, swir16, swir22 = (chips.bands[name] for name in NEEDED)
    is_valid = np.isfinite(nir08) & np.isfinite(swir16) & np.isfinite(swir22)
    is_white = (nir08 > STEP_TO_SWIR16 * swir16) & (swir22 < STEP_TO_SWIR22 * swir16)
    is_rising = (swir22 - swir16 > HEAT_STEP) | (np.minimum(swir16, swir22) > SATURATED)
    is_hot = is_rising & (swir16 > nir08) & is_valid
    haze = np.zeros(len(chips))
    if "blue" in chips.bands:
        is_white &= ~(chips.bands["blue"] < BLUE_STEP * nir08)
        haze = haze_reflectance(chips, is_valid & ~is_hot & ~is_snow_coloured(chips, haze))
    return Whiteness(
        is_valid=is_valid,
        is_white=is_white & is_valid,
        veil=np.where(is_valid, _veil(chips, haze), np.float32(-np.inf)),
        haze=haze,
        is_hot=is_hot,
        swir22=np.where(is_valid, swir22, np.float32(np.inf)),
    )


def _veil(chips: Chips, haze: Floats) -> Images:
    """Least of what each band allows for a cloud over haze; NaN where a needed band is."""

    def allowed(name: str, air: Floats | float = 0.0) -> Images:
        # A cloud of reflectance r shows (1 - r)^2 of the haze h below it, so that r is about (seen - h) / (1 - 2 h).
        path = haze_by_band(haze, name)
        gain = 1 / (np.maximum(1 - 2 * path, LEAST_GAIN) * WHITENESS[name])
        whole: Images = (chips.bands[name] - _per_scene(path + air)) * _per_scene(gain)
        return whole

    veil = np.minimum(allowed("nir08"), allowed("swir16"))
    np.minimum(veil, allowed("swir22"), out=veil)
    if "blue" in chips.bands:
        np.fmin(veil, allowed("blue", np.nan_to_num(clear_air_reflectance(chips.solar_zenith_angle))), out=veil)
    return veil


def _per_scene(numbers: Floats) -> Images:
    return numbers.astype(np.float32)[:, None, None]
