"""Our own answer to which pixels are hot: reflectance at 2.2 µm that no cold ground explains.

Heat adds to what the ground reflects, most at 2.2 µm, at most two thirds as much reflectance at 1.6 and next to none at
0.86 for all that glows below 2,500 K. Ground, roofs, cloud and snow reflect no more at 2.2 than 1.2 times what they
reflect at 1.6 µm, or little more where they are burnt or black. So what 2.2 has over 1.2 times 1.6 µm, the *surplus*,
is heat where it stands out from the surpluses round it, or is more than any cold ground has. Bright ground, whose
surplus is far below 0, cannot reach that by being brighter; dark ground can, a little, in whole stretches, so that its
pixels do not stand out. Thresholds in reflectance follow the Sun: the lower it is, the fainter the heat that shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.background import Surroundings
from satverify.features.hot_targets.near import MIDDLE, Indices, around, places
from satverify.features.hot_targets.patches import grown
from satverify.features.hot_targets.scatter import chance_level
from satverify.features.hot_targets.shift import shift_effect

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
Bands: TypeAlias = tuple[Images, Images, Images]

STEEPNESS = np.float32(1.2)
"""Reflectance of cold ground at 2.2 over that at 1.6 µm, at most, unless it is dark. [1]"""
LEAST = 0.025
"""Surplus below which nothing is heat: what is noise, and burnt or black ground among other. [1]"""
SURE = 0.05
"""Surplus from which a pixel that stands out may be dark or bright at 0.86 µm. [1]"""
DARK, BRIGHT = 0.12, 0.35
"""Reflectance at 0.86 µm of char, coal and coke at most, and of ground that is half snow at least: ECOSTRESS and USGS
spectral libraries, rounded. [1] Snow is dark beyond 1.4 µm, so that edges in it are told by no contrast there."""
ENOUGH = 0.10
"""Surplus of heat wherever it lies: char rises from 0.15 to 0.22 at the most, a surplus of 0.04. [1]"""
ENOUGH_BESIDE = 0.04
"""The same beside a hot pixel, whose heat the point spread carries over. [1]"""
FLOOR = np.float32(-0.05)
"""Surpluses of cold ground count as this at least: how bright a roof is does not matter. [1]"""
SIGMAS, SIGMAS_BESIDE = 4.0, 3.0
"""Deviations by which a surplus must stand out of those round it, and beside a hot pixel."""
SIGMAS_OF_NOISE = 5.0
"""Deviations of noise from pixel to pixel that a surplus exceeds: one of three million does by chance."""
SHIFT = 0.10
"""How far bands may lie off each other beyond what the scene itself tells, over the two pixels that contrast is taken
across: 0.2 pixels, two thirds of what the Sentinel-2 mission allows (Sentinel-2 User Handbook 1.2, 2015). [1]"""
FAINTEST = 0.3
"""Surplus radiance below which noise and stray light begin: 20 times the noise of MSI at 2.2 µm. [W m⁻² sr⁻¹ µm⁻¹]"""
GLOWING, GLOWING_RATIO = 0.8, 2.5
"""Reflectance at 1.6 and 2.2 µm, and its ratio to that at 0.86, that no cold ground has, even if 0.945 µm with its
water vapour stands in for 0.86. [1] Beside saturated pixels, and in images cut off at 1, heat can be so bright at 1.6
that there is no surplus; else 1.6 comes to two thirds of 2.2 µm at the most."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """Cold surroundings of every pixel, as far as they matter to the answer."""

    surplus: Surroundings
    """Mean of ``ground_surplus``."""
    deviation: Surroundings
    """Its standard deviation."""
    is_cold: Flags
    """The ground that they are of, shape (time, y, x)."""
    step: float
    """Length of a pixel. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What the surplus says, each of shape (time, y, x)."""

    is_hot: Flags
    """Hot."""
    is_shifted: Flags
    """Not hot, but would be if a shift between the bands did not explain it."""


def surplus_of(bands: Bands) -> Images:
    """Reflectance at 2.2 µm beyond what that at 1.6 allows cold ground, shape (time, y, x); NaN passes through. [1]"""
    # below 0 there is only noise, or an offset taken off twice: neither makes heat of what 2.2 µm has
    lit: Images = np.maximum(bands[1], np.float32(0))
    surplus: Images = bands[2] - STEEPNESS * lit
    return surplus


def is_clearly_hot(surplus: Images) -> Flags:
    """Whether a pixel is hot wherever it lies, so that it is no part of anybody's surroundings; NaN is not."""
    clearly: Flags = surplus > ENOUGH
    return clearly


def ground_surplus(surplus: Images) -> Images:
    """The surplus as it counts in the surroundings of others."""
    return np.maximum(surplus, FLOOR)


def answer(bands: Bands, surplus: Images, context: Context, white: Floats) -> Answer:
    """Hot pixels by their surplus.

    Parameters
    ----------
    bands
        Top-of-atmosphere reflectance at 0.86, 1.6 and 2.2 µm, each of shape (time, y, x). [1]
    surplus
        Of them; NaN where there is nothing to judge.
    context
        Cold surroundings.
    white
        Radiance of a white surface at 2.2 µm under the Sun of each scene, shape (time,). [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    Nothing is hot where the surplus is NaN.
    """
    is_hot, is_shifted = _glowing(bands, surplus), np.zeros(surplus.shape, dtype=np.bool_)
    where = places(surplus > LEAST)
    if len(where[0]) == 0:
        return Answer(is_hot=is_hot, is_shifted=is_shifted)
    mean, deviation = context.surplus.at(where), context.deviation.at(where)
    seen = surplus[where].astype(np.float64)
    moved = seen - np.maximum(shift_effect(bands[1], bands[2], context.is_cold, where, context.step), 0)
    is_real = moved * white[where[0]] > FAINTEST
    chance = chance_level(surplus, context.is_cold, where[0], SIGMAS_OF_NOISE)
    needed = np.maximum(_between(mean + SIGMAS * deviation, ENOUGH), chance)
    shifted = needed + SHIFT * float(STEEPNESS) * _contrast(bands[1], where)
    near = bands[0][where]
    is_told = is_real & ((seen > SURE) | ((near > DARK) & (near < BRIGHT)))
    is_hot[where] |= is_told & (moved > shifted)
    # beside heat the steepest slopes are those of heat, so that a shift explains nothing
    is_beside = grown(is_hot, 1)[where] & (seen * white[where[0]] > FAINTEST)
    is_beside &= seen > _between(mean + SIGMAS_BESIDE * deviation, ENOUGH_BESIDE)
    is_hot[where] |= is_beside
    is_shifted[where] = is_told & (seen > needed) & ~is_hot[where]
    return Answer(is_hot=is_hot, is_shifted=is_shifted)


def _glowing(bands: Bands, surplus: Images) -> Flags:
    """So bright at 1.6 and 2.2 µm against 0.86 that there need be no surplus."""
    is_bright = (bands[2] > GLOWING) & (bands[1] > GLOWING) & np.isfinite(surplus)
    if is_bright.any():
        is_bright &= np.minimum(bands[1], bands[2]) > GLOWING_RATIO * bands[0]
    return is_bright


def _between(needed: Floats, enough: float) -> Floats:
    """Surplus needed, at most ``enough``, which also stands where the surroundings are not known."""
    bounded: Floats = np.clip(np.where(np.isfinite(needed), needed, enough), LEAST, enough)
    return bounded


def _contrast(swir16: Images, where: Indices) -> Floats:
    """How much reflectance at 1.6 µm differs round each pixel, itself left out: its own heat is no edge."""
    scene, row, column = around(where, swir16.shape)
    beside = [place for place in range(9) if place != MIDDLE]
    near = swir16[scene[:, beside], row[:, beside], column[:, beside]]
    contrast: Floats = (np.fmax.reduce(near, axis=1) - np.fmin.reduce(near, axis=1)).astype(np.float64)
    return contrast
