"""Cloud by night, from thermal bands alone: cold, patchy, semi-transparent or foggy against the place's other nights.

Clear ground has a pattern that comes back, towns and rivers warmer than fields; its level changes with the weather, but
over weeks the warm nights say what clear nights are like. Cloud is colder than that, hides the pattern, lets more
through at 3.7 µm than at 11 µm where it is thin, and radiates less there where it is fog. Not told: cloud as warm as
the ground, of droplets too coarse to matter at 3.7 µm; and a sky that is overcast on every night of the season.

References
----------
R. Saunders and K. Kriebel, International Journal of Remote Sensing 9(1), 1988. doi:10.1080/01431168808954841: the tests
of coldness, texture, fog and semi-transparent cloud by night; thresholds here are relative to the place's own nights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.chips import Chips

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Booleans: TypeAlias = NDArray[np.bool_]

SEASON = np.timedelta64(20, "D")
"""Nights this near in time have like ground."""
FEWEST_NIGHTS = 8
"""Other nights of the season that tell how warm clear ground is: two or three of them are clear, at one in three."""
WARM_NIGHTS = 0.8
"""Quantile of the nights' levels taken for a clear night: 30 to 45 % of them are, and those are the warm ones. [1]"""
WARM_PART = 0.8
"""Quantile of a scene's pixels that is its level: a fifth of clear ground is enough. [1]"""
COLD = 9.0
"""Colder than a clear night by this is cloud: air masses change the ground by some kelvin, cloud tops by more. [K]"""
COLD_WITH_PATTERN = 18.0
"""Likewise where the ground's own pattern shows: a cold wave is no cloud. [K]"""
PATCHY = 4.0
"""Colder than the warm part of the same scene by this is cloud, once the pattern of the ground is taken off. [K]"""
PATCHY_UNKNOWN = 7.0
"""Likewise where too few nights tell the pattern: valleys and lakes differ by as much. [K]"""
SEMI_TRANSPARENT = 1.5
"""More difference of 11 and 12 µm than usual is ice cloud that lets heat through. [K]"""
WARMER_AT_37 = 3.0
"""More difference of 3.7 and 11 µm than usual is thin or broken cloud. [K]"""
COLDER_AT_37 = 1.5
"""Less of it than usual is fog or low stratus, whose droplets radiate less at 3.7 µm. [K]"""
USUAL_DIFFERENCE = {"lwir12": 1.0, "mir37": 0.0}
"""Of 11 and 12 µm, and of 3.7 and 11 µm, over clear land where too few nights tell. [K]"""
HEAT_REACH = 2
"""Pixels round heat in which 3.7 µm says nothing of the sky: a pixel of 1 km and its neighbour."""
ROUND_HEAT = 11
"""Width of the square from which the sky over heat is taken: seven pixels of heat's own and two on either side. [px]"""
NONE = 1e-6
"""A share of pixels below this is round-off of the filter. [1]"""
PATTERN_SHOWS = 0.6
"""Correlation with the pattern of the ground from which it shows. [1]"""
PATTERN_SPREAD = 0.4
"""Standard deviation of a pattern that can be told from noise of 0.05 to 0.1 K in every pixel. [K]"""
BLOCK = 2
"""Pixels of the grid along one thermal pixel of 1 km."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightSky:
    """What hides the ground in night scenes."""

    is_cloud: Booleans
    """Cloud that heat does not pass, shape (time, y, x)."""
    is_thin: Booleans
    """Cloud that dims heat, and edges of cloud; no pixel is both, of that shape."""
    is_known: Booleans
    """Whether enough nights said what a clear one is like, shape (time,). If not, clear may be evenly overcast."""
    drop: Floats
    """How much colder the scene's ground is than on a clear night, shape (time,); NaN where nothing was seen. [K]"""


def night_sky(chips: Chips, is_hot: Booleans) -> NightSky:
    """Cloud in night scenes.

    Parameters
    ----------
    chips
        With ``lwir11`` [K]; ``lwir12`` and ``mir37`` [K] tell thin cloud and fog where they are there.
    is_hot
        Pixels that hold heat, which is no sky, shape (time, y, x).

    Returns
    -------
    Pixels without ``lwir11`` are neither cloud nor thin. More nights tell more: of one scene alone only patches and
    spectral signs of cloud are found, and ``is_known`` is false.
    """
    kelvin = chips.bands["lwir11"].astype(np.float64)
    near_heat = _grown(is_hot, HEAT_REACH)
    ground = np.where(near_heat, np.nan, kelvin)
    pattern, has_pattern = _pattern(ground)
    flat = ground - pattern
    level = _quantile(flat, WARM_PART)
    clear_level, is_known = _clear_level(chips.time, level)
    is_cold = _is_cold(flat, ground, pattern, clear_level, is_known)
    is_patchy = level[:, None, None] - flat > (PATCHY if has_pattern else PATCHY_UNKNOWN)
    is_cloud = is_cold | is_patchy
    is_fog, is_thin = _spectral(chips, near_heat, is_cloud, level)
    is_cloud = _closed(is_cloud | is_fog, near_heat) & np.isfinite(kelvin)
    is_thin = _closed(is_thin, near_heat) | _grown(is_cloud, BLOCK)
    return NightSky(
        is_cloud=is_cloud,
        is_thin=is_thin & ~is_cloud & np.isfinite(kelvin),
        is_known=is_known,
        drop=clear_level - level,
    )


def _pattern(ground: Floats) -> tuple[Floats, bool]:
    """How much warmer each place is than the rest on most nights, (y, x), and whether enough nights tell. [K]"""
    enough = np.isfinite(ground).sum(axis=0) >= FEWEST_NIGHTS
    if not enough.any():
        return np.zeros(ground.shape[1:]), False
    usual = _median(ground - _quantile(ground, 0.5)[:, None, None])
    return np.where(enough & np.isfinite(usual), usual, 0.0), bool(enough.mean() > 0.5)


def _clear_level(time: NDArray[np.datetime64], level: Floats) -> tuple[Floats, Booleans]:
    """Level of a clear night of each scene's season, its own where too few nights tell, and whether they do. [K]"""
    clear, is_known = level.copy(), np.zeros(len(level), dtype=bool)
    is_told = np.isfinite(level)
    for scene in np.flatnonzero(is_told):
        near = is_told & (np.abs(time - time[scene]) <= SEASON)
        if near.sum() > FEWEST_NIGHTS:
            clear[scene] = max(float(np.quantile(level[near], WARM_NIGHTS)), float(level[scene]))
            is_known[scene] = True
    return clear, is_known


def _is_cold(flat: Floats, ground: Floats, pattern: Floats, clear_level: Floats, is_known: Booleans) -> Booleans:
    """Colder than ground gets between two clear nights; a deeper cold is believed where the ground shows through."""
    limit = np.full(len(flat), COLD)
    if float(pattern.std()) >= PATTERN_SPREAD:
        limit[_shows(ground, pattern)] = COLD_WITH_PATTERN
    is_cold: Booleans = (clear_level[:, None, None] - flat > limit[:, None, None]) & is_known[:, None, None]
    return is_cold


def _shows(ground: Floats, pattern: Floats) -> Booleans:
    """Whether the pattern of the ground shows in each scene as deep as it is: half to twice, shape (time,)."""
    shape = pattern - pattern.mean()
    seen = np.isfinite(ground)
    level = _quantile(ground, 0.5)[:, None, None]
    away = np.where(seen, ground - level, 0.0)
    both, own, other = ((each * seen).sum(axis=(1, 2)) for each in (away * shape, away * away, shape * shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation, slope = both / np.sqrt(own * other), both / other
    shows: Booleans = (correlation >= PATTERN_SHOWS) & (slope >= 0.5) & (slope <= 2.0)
    return shows


def _spectral(chips: Chips, near_heat: Booleans, is_cloud: Booleans, level: Floats) -> tuple[Booleans, Booleans]:
    """Fog, and thin cloud, by the differences between thermal bands."""
    kelvin = chips.bands["lwir11"].astype(np.float64)
    is_fog, is_thin = np.zeros(kelvin.shape, dtype=bool), np.zeros(kelvin.shape, dtype=bool)
    clear = ~near_heat & ~is_cloud
    for name, sign in (("lwir12", 1.0), ("mir37", -1.0)):
        if name not in chips.bands:
            continue
        difference = sign * (kelvin - chips.bands[name])
        over = difference - _usual(chips.time, np.where(clear, difference, np.nan), USUAL_DIFFERENCE[name])
        if name == "lwir12":
            is_thin |= over > SEMI_TRANSPARENT
        else:
            is_thin |= (over > WARMER_AT_37) & ~near_heat
            is_fog |= (over < -COLDER_AT_37) & ~near_heat
    return is_fog, is_thin


def _usual(time: NDArray[np.datetime64], difference: Floats, otherwise: float) -> Floats:
    """What a difference usually is over clear ground of the season, shape (time, 1, 1). [K]"""
    middle = _quantile(difference, 0.5)
    is_told = np.isfinite(middle)
    usual = np.full(len(middle), otherwise)
    for scene in range(len(middle)):
        near = is_told & (np.abs(time - time[scene]) <= SEASON)
        if near.sum() > FEWEST_NIGHTS:
            usual[scene] = float(np.median(middle[near]))
    return usual[:, None, None]


def _closed(found: Booleans, near_heat: Booleans) -> Booleans:
    """The sky over heat, where bands tell nothing, taken from most of what lies round it, or of the scene."""
    if not near_heat.any():
        return found
    told, asked = (
        ndimage.uniform_filter(each.astype(np.float64), (0, ROUND_HEAT, ROUND_HEAT), mode="nearest")
        for each in (found & ~near_heat, ~near_heat)
    )
    whole = (found & ~near_heat).sum(axis=(1, 2)) / np.maximum((~near_heat).sum(axis=(1, 2)), 1)
    share = np.divide(told, asked, out=np.broadcast_to(whole[:, None, None], told.shape).copy(), where=asked > NONE)
    return np.where(near_heat, share > 0.5, found)


def _grown(found: Booleans, pixels: int) -> Booleans:
    size = 2 * pixels + 1
    grown: Booleans = ndimage.maximum_filter(found, size=(1, size, size), mode="constant")
    return grown


def _quantile(images: Floats, share: float) -> Floats:
    """Of the pixels of each scene that are not NaN, shape (time,); NaN where there are none."""
    out = np.full(len(images), np.nan)
    some = np.isfinite(images).any(axis=(1, 2))
    if some.any():
        out[some] = np.nanquantile(images[some].reshape(int(some.sum()), -1), share, axis=1)
    return out


def _median(images: Floats) -> Floats:
    """Over time, (y, x); NaN where a place was never seen."""
    some = np.isfinite(images).any(axis=0)
    out = np.full(images.shape[1:], np.nan)
    if some.any():
        out[some] = np.nanmedian(images[:, some], axis=0)
    return out
