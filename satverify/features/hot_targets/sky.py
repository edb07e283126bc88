"""What the sky hides in each scene: clouds, steam, snow and haze, by tests of our own that leave hot pixels alone.

Official masks call hot, steaming and metal-roofed pixels cloud, which is just where a works is to be watched. Here a
pixel is cloud only where its spectrum is that of droplets or ice: white, and darker at each step from 0.86 to 2.2 µm.
Heat and metal are brighter there instead. What the masks say beyond that makes a look doubtful, never cloudy.

Each scene is judged by itself. Shadows of clouds are not looked for: they dim the ground, and hide no heat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import pixel_ground
from satverify.features.hot_targets.haze import path_reflectance
from satverify.features.hot_targets.layers import LayerRule, layers
from satverify.features.hot_targets.official import official_cloud
from satverify.features.hot_targets.patches import blocks_of, grown, on_edge, patches_of, spread, touched
from satverify.features.hot_targets.snow import is_snow_coloured
from satverify.features.hot_targets.whiteness import Whiteness, whiteness_of

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

OPAQUE, OPAQUE_WITHOUT_BLUE = 0.25, 0.40
"""Reflectance of a cloud from which no heat passes: optical depth 4 and 9 by the two-stream formula, Bohren 1987."""
LAYER = LayerRule(veil=0.15, contrast=0.55, white=0.5)
"""A layer that heat does not pass."""
LAYER_WITHOUT_BLUE = LayerRule(veil=0.25, contrast=0.55, white=0.5)
"""Likewise, where plants under a high Sun could be taken for one."""
THIN_LAYER = LayerRule(veil=0.08, contrast=0.25, white=0.2)
"""A layer that heat passes in part: optical depth from 1.2. Much ground shows through it, in its own colours."""
CIRRUS_EXTENT = 100.0
"""Over which 1.38 µm is averaged, so that a bright roof under dry air is no cirrus. [m]"""
THIN_CIRRUS, THICK_CIRRUS = 0.012, 0.035  # reflectance at 1.38 µm: T1_B10 and T2_B10 of Sen2Cor's calibration file
FREEZING_TOP = 240.0  # [K] colder by day than ground gets where steel is made: extremes of Inner Mongolia
COLDER, WARM_SHARE = 6.0, 0.9
"""How much colder than the warm part of its scene a bright pixel must be to be cloud at a lower brightness. [K]"""
LARGEST_STEAM, LEAST_STEAM = 100_000.0, 1_500.0
"""A white patch of this extent is steam if no cloud is near: 300 x 300 m, and four pixels of Sentinel-2. [m²]"""
NEAR = 200.0
"""White patches this near to a cloud are pieces of it. [m]"""
BROKEN = 0.3
"""Share of a scene under cloud from which all white patches are taken for pieces of it. [1]"""
CLOUD_EDGE = 60.0
"""Clouds thin out over this. [m]"""
DOUBTED = 250_000.0
"""Extent from which a cloud that only the official masks see casts doubt: less is roofs and steam. [m²]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """What hides the ground or looks like it, in every pixel of some scenes; nodata is none of it."""

    is_cloud: Flags
    """Cloud that no heat passes, shape (time, y, x)."""
    is_steam: Flags
    """Small white plumes away from clouds, shape (time, y, x). They hide heat too."""
    is_snow: Flags
    """Snow on the ground, shape (time, y, x)."""
    is_thin: Flags
    """Cloud that heat may pass in part, or that only official masks see, shape (time, y, x)."""
    is_official_cloud: Flags
    """What official masks call cloud, shape (time, y, x); all false without masks."""
    is_official: Flags
    """Where official masks say anything, shape (time, y, x)."""
    haze: Floats
    """Reflectance of the air at 0.49 µm, shape (time,); NaN where blue is missing or no ground is seen. [1]"""
    unknown: tuple[str, ...]
    """What cannot be known of these scenes for want of bands: ``thin_cloud``, ``haze``."""

    @property
    def is_hidden(self) -> Flags:
        """Where no heat could be seen."""
        return self.is_cloud | self.is_steam


def sky_of(chips: Chips) -> Sky:
    """Clouds, steam, snow and haze of scenes by day.

    Parameters
    ----------
    chips
        Reflectances at the top of the atmosphere. ``nir08``, ``swir16`` and ``swir22`` are needed; ``blue``,
        ``cirrus``, ``lwir11`` and official codes are used where present.

    Returns
    -------
    Flags are false where one of the needed bands is NaN.

    Raises
    ------
    InputError
        A needed band is missing.

    References
    ----------
    C. Bohren, Multiple scattering of light and some of its observable consequences, American Journal of Physics 55,
    1987: two-stream reflectance of clouds. T. Nakajima and M. King, J. Atmos. Sci. 47, 1990: what droplets absorb.
    """
    white = whiteness_of(chips)
    step = float(np.sqrt(pixel_ground(chips.grid)))
    is_thick, is_thin = _cirrus(chips, step)
    if "blue" in chips.bands:
        opaque, thin = layers(white, step, LAYER, THIN_LAYER)
        is_thick, is_thin = is_thick | opaque, is_thin | thin
    else:
        is_thick = is_thick | layers(white, step, LAYER_WITHOUT_BLUE)[0]
    is_cloud, is_steam = _clouds(chips, white, is_thick, step)
    is_snow = is_snow_coloured(chips, white.haze) & white.is_valid & ~is_cloud
    official, is_official = official_cloud(chips)
    is_thin |= _doubted(official & ~is_cloud & ~is_snow, step)
    return Sky(
        is_cloud=is_cloud,
        is_steam=is_steam,
        is_snow=is_snow,
        is_thin=is_thin & ~is_cloud & white.is_valid,
        is_official_cloud=official,
        is_official=is_official,
        haze=path_reflectance(chips, white.is_valid & ~(is_cloud | is_steam | is_snow | white.is_hot)),
        unknown=_unknown(chips),
    )


def _clouds(chips: Chips, white: Whiteness, is_known: Flags, step: float) -> tuple[Flags, Flags]:
    """Opaque clouds with their edges, and steam, where some clouds are known already."""
    is_bright = white.is_white & (white.veil > (OPAQUE if "blue" in chips.bands else OPAQUE_WITHOUT_BLUE))
    is_bright |= _cold(chips, white)
    is_cloud, is_steam = _sorted_by_extent(is_bright & ~is_known, is_known, step)
    reach = round(CLOUD_EDGE / step)
    for scene in np.flatnonzero(is_cloud.any(axis=(1, 2))):
        is_cloud[scene] = grown(is_cloud[scene : scene + 1], reach)[0]
    is_cloud &= white.is_valid & ~white.is_hot
    return is_cloud, is_steam & ~is_cloud & ~white.is_hot


def _sorted_by_extent(is_bright: Flags, is_known: Flags, step: float) -> tuple[Flags, Flags]:
    """Bright white patches: cloud where they are large, cut off by the edge, or near to cloud; else steam."""
    is_cloud, is_steam = is_known.copy(), np.zeros_like(is_known)
    rim = on_edge(is_bright.shape[1:])
    near, least = round(NEAR / step), LEAST_STEAM / step**2
    for scene in np.flatnonzero(is_bright.any(axis=(1, 2))):
        labels, size = patches_of(is_bright[scene : scene + 1])
        is_large = size * step**2 > LARGEST_STEAM
        is_large |= touched(labels, (rim & is_bright[scene])[None], len(size)) & (size >= least)
        clouds = is_known[scene : scene + 1] | is_large[labels]
        is_large |= touched(labels, grown(clouds, near), len(size))
        is_large |= clouds.mean() > BROKEN
        is_cloud[scene] |= is_large[labels][0]
        is_steam[scene] = (~is_large & (size >= least))[labels][0]
    return is_cloud, is_steam


def _cirrus(chips: Chips, step: float) -> tuple[Flags, Flags]:
    """High clouds that hide heat, and those that heat passes."""
    shape = (len(chips), *chips.grid.shape)
    thick, thin = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    if "cirrus" not in chips.bands:
        return thick, thin
    cirrus = np.nan_to_num(chips.bands["cirrus"])
    size = max(round(CIRRUS_EXTENT / step), 1)
    some = np.flatnonzero(cirrus.max(axis=(1, 2), initial=0.0) > THIN_CIRRUS)
    if len(some):
        total = blocks_of(cirrus[some], size, np.add, 0)
        count = blocks_of(np.ones((1, *shape[1:]), dtype=np.float32), size, np.add, 0)
        mean = spread(total / count, size, chips.grid.shape)
        thick[some], thin[some] = mean > THICK_CIRRUS, mean > THIN_CIRRUS
    return thick, thin


def _cold(chips: Chips, white: Whiteness) -> Flags:
    """Bright pixels colder than the warm ground of their scene, and what is colder than any ground."""
    if "lwir11" not in chips.bands:
        return np.zeros_like(white.is_white)
    kelvin = chips.bands["lwir11"]
    is_cold = np.zeros_like(white.is_white)
    for scene in range(len(chips)):
        seen = kelvin[scene][np.isfinite(kelvin[scene])]
        if len(seen):
            place = int(WARM_SHARE * (len(seen) - 1))
            is_cold[scene] = kelvin[scene] < np.partition(seen, place)[place] - COLDER
    return white.is_valid & ((is_cold & white.is_white & (white.veil > OPAQUE)) | (kelvin < FREEZING_TOP))


def _doubted(is_official: Flags, step: float) -> Flags:
    """Large clouds that only the official masks see."""
    is_doubted = np.zeros_like(is_official)
    for scene in np.flatnonzero(is_official.sum(axis=(1, 2)) * step**2 > DOUBTED):
        labels, size = patches_of(is_official[scene : scene + 1])
        is_doubted[scene] = (size * step**2 > DOUBTED)[labels][0]
    return is_doubted


def _unknown(chips: Chips) -> tuple[str, ...]:
    """Thin cloud shows at 1.38 µm alone, or to official masks; haze in the blue alone."""
    has_masks = any(name in chips.codes for name in ("scene_classification", "quality_flags"))
    known = {"thin_cloud": "cirrus" in chips.bands or has_masks, "haze": "blue" in chips.bands}
    return tuple(name for name, is_known in known.items() if not is_known)
