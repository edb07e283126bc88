"""How bright the air itself is in the blue: clear air by its molecules, hazy air by what dark ground shows too much."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

MOLECULES = 0.156  # optical depth of air at 0.49 µm and sea level: Bodhaine et al. 1999, equation 30
BLUE_SHARE = 0.25  # reflectance of dark ground at 0.49 µm over that at 2.2 µm: Kaufman et al. 1997, table 2
DARK = (0.01, 0.25)  # reflectance at 2.2 µm of what counts as dark ground: Remer et al. 2005, section 3
CLEANEST = 0.2
"""Quantile of the excess over dark ground: most materials of a works are bluer than plants and soil. [1]"""
SAMPLED = 3_000
"""Pixels of a scene that are looked at, about: more tell no more."""
SUREST = 0.05
"""The same where clear ground may be a small part of the scene. [1]"""
DARKEST, DARK_GROUND = 0.02, 0.10
"""Quantile of reflectance at 1.6 µm, and what it is below without cloud: coal, water, shade have 0.01 to 0.08. [1]"""
ANGSTROM = 1.3  # decay of haze with wavelength: Eck et al. 1999, doi:10.1029/1999JD900923, urban aerosol 1.1 to 1.7
FEWEST = 20
"""Pixels of dark ground without which the air cannot be told."""


def clear_air_reflectance(solar_zenith_angle: Floats) -> Floats:
    """Reflectance of molecules at 0.49 µm, seen from above, scattered once.

    Parameters
    ----------
    solar_zenith_angle
        Any shape. [degree]

    Returns
    -------
    Of that shape; NaN where the Sun is below the horizon. [1]

    References
    ----------
    K.-N. Liou, An Introduction to Atmospheric Radiation, 2nd edition, 2002, equation 6.1.5; Rayleigh's phase function,
    3.3.10. B. Bodhaine et al., J. Atmos. Oceanic Technol. 16, 1854, 1999.
    """
    height = np.cos(np.radians(np.asarray(solar_zenith_angle, dtype=np.float64)))
    height = np.where(height > 0, height, np.nan)
    phase = 0.75 * (1 + height**2)  # the angle of scattering is that between the Sun and straight down
    reflectance: Floats = phase / (4 * (height + 1)) * -np.expm1(-MOLECULES * (1 / height + 1))
    return reflectance


def haze_reflectance(chips: Chips, is_ground: Flags) -> Floats:
    """Reflectance of haze alone at 0.49 µm, where it is sure that it is haze and not a cloud over all of the scene.

    Haze hardly brightens 1.6 µm, a cloud does: only in scenes that have dark ground there is what brightens the blue
    taken for haze, and no more of it than over the cleanest ground.

    Parameters
    ----------
    chips
        With ``blue``, ``swir16`` and ``swir22``.
    is_ground
        Where cold pixels are, shape (time, y, x).

    Returns
    -------
    Shape (time,), 0 where nothing is sure. [1]
    """
    path = path_reflectance(chips, is_ground, quantile=SUREST)
    haze = np.fmax(path - clear_air_reflectance(chips.solar_zenith_angle), 0.0)
    few = _sample(chips)
    swir16 = np.where(is_ground[few], chips.bands["swir16"][few], np.float32(np.inf))
    swir16 = swir16.reshape(len(chips), swir16.shape[1] * swir16.shape[2])
    place = int(DARKEST * (swir16.shape[1] - 1))
    darkest = np.partition(swir16, place, axis=1)[:, place]
    return np.where((darkest < DARK_GROUND) & np.isfinite(haze), haze, 0.0)


def haze_by_band(haze: Floats, name: str) -> Floats:
    """Reflectance of haze in a band, from that at 0.49 µm; any shape. [1]"""
    wavelength = {"blue": 0.49, "nir08": 0.865, "swir16": 1.61, "swir22": 2.2}[name]  # [µm]
    shade: Floats = haze * (wavelength / 0.49) ** -ANGSTROM
    return shade


def path_reflectance(chips: Chips, is_ground: Flags, *, quantile: float = CLEANEST) -> Floats:
    """Reflectance of the air over each scene at 0.49 µm, molecules and haze, from ground that is dark at 2.2 µm.

    Parameters
    ----------
    chips
        With ``blue`` and ``swir22``.
    is_ground
        Where cold ground without cloud or snow is seen, shape (time, y, x).
    quantile
        Which of the dark pixels tells it. [0, 1]

    Returns
    -------
    Shape (time,), NaN where blue is missing or too little dark ground is seen. [1]

    References
    ----------
    Y. Kaufman et al., IEEE Trans. Geosci. Remote Sens. 35, 1286, 1997. doi:10.1109/36.628795
    L. Remer et al., J. Atmos. Sci. 62, 947, 2005. doi:10.1175/JAS3385.1
    """
    out = np.full(len(chips), np.nan)
    if "blue" not in chips.bands:
        return out
    few = _sample(chips)
    blue, swir22 = chips.bands["blue"][few], chips.bands["swir22"][few]
    is_dark = is_ground[few] & (swir22 > DARK[0]) & (swir22 < DARK[1]) & np.isfinite(blue)
    excess = blue - np.float32(BLUE_SHARE) * swir22
    for scene in range(len(chips)):
        found = excess[scene][is_dark[scene]]
        if len(found) >= FEWEST:
            place = int(quantile * (len(found) - 1))
            out[scene] = np.partition(found, place)[place]
    return out


def _sample(chips: Chips) -> tuple[slice, slice, slice]:
    step = max(int(np.sqrt(chips.grid.width * chips.grid.height / SAMPLED)), 1)
    return slice(None), slice(None, None, step), slice(None, None, step)
