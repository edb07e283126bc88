"""Scenes whose numbers cannot be what they say: constant, swapped, scaled twice, saturated, or made without a Sun.

A fault is of a whole scene. It is told by a word, and a scene with one says nothing of any unit: never that it is cold.
Not every mistake shows: bands that were swapped where the ground is as bright in both are taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.haze import clear_air_reflectance, haze_by_band
from satverify.features.hot_targets.whiteness import NEEDED
from satverify.physics.count_offset import OFFSET, CountFault, count_faults

Values: TypeAlias = NDArray[np.float32]

LOWEST_SUN = 80.0
"""Solar zenith angle from which a reflectance means little: its path through the air is six times the height. [degree]
"""
SURELY_POSITIVE, SURELY_LIT, SURELY_SCALED = -0.02, 0.01, 10.0
"""Darkest and brightest pixels within which counts need no second look. [1]"""
CEILING, SATURATED_SHARE = 1.2, 0.5
"""Reflectance that most of a scene does not exceed in both shortwave bands, snow and desert included. [1]"""
LEAST_LIGHT = 0.05
"""Reflectance at 1.6 or 2.2 µm of what is neither water nor shade. [1]"""
RISING, RISING_BY, LEAST_NIR, RISING_SHARE = 1.1, 0.03, 0.8, 0.3
"""Only burnt ground is brighter at 2.2 than at 1.6 µm by a tenth and by the second, and that is darker at 0.86 than
the third share of 1.6: black materials, such as coal, coke and solar panels, rise by 0.02 at most (ECOSTRESS library).
A scene of which much rises like the former and is not dark like the latter has its shortwave bands swapped. [1]"""
STEEPLY_RISING, STEEPLY_RISING_SHARE, BRIGHTEST_CHAR = 1.6, 0.25, 0.15
"""Burnt ground comes to 1.5, or to the first where it is darker than the last at 2.2 µm, and then also darker at 0.86;
leaves do in swapped bands, and heat. [1]"""
LEAFY = 1.5
"""What is brighter at 0.86 than this times 2.2 µm and rises is leaves in swapped bands, however dark: haze that makes
black ground so bright at 0.86 leaves no rise. [1]"""
BRIGHTEST_BURNT, THICKEST = 0.25, 0.5
"""Reflectance at 2.2 µm from which ground is not burnt, and of haze at 0.49 µm under which the ground is still seen:
haze brightens 0.86 µm, so that burnt ground is told by what is left of that. [1]"""
HOTTER, BRIGHTER, STEEPER, HOT_SHARE = 0.8, 2.5, 5.0, 0.05
"""Heat alone, and no leaves in swapped bands, is brighter at 2.2 µm than the first and than the second times 0.86, or
than the third times 1.6 and brighter than 0.86. Where that is of a share of all that rises steeply, as over lava or a
large fire, the rest is heat as well. [1]"""
DARK_NIR, LEAST_FLAT = 0.35, 1.2
"""Share of 1.6 µm at 0.86 that is heat too if 1.6 is bright: with 0.86 and 2.2 swapped it is leaves' STEEPEST.
The second bounds 0.86 over 1.6 µm of cold ground beneath. [1]"""
BLUE_OVER_NIR, BLUE_SHARE, LIT = 1.5, 0.6, 0.2
"""Lit ground is not as blue as this for most of a scene, unless burnt; then some of it is darker at 0.86 µm than air
is in the blue, and with the two swapped nothing is. Nor is it in haze. [1]"""
CLEAR = 0.1
"""Haze at 0.49 µm that the darkest ground of a scene has room for at most if no haze makes it that blue. [1]"""
DARKEST = 0.001
"""Share of the pixels that counts as the darkest. [1]"""
HAZE_OVER_NIR, LEAST_GROUND = 2.1, 0.1
"""Nor does any haze: what it adds to 0.49 µm is no more than the first times what it adds to 0.86 (its decay, in
``haze``), if the clear air is taken off. [1]"""
LEAST_ASKED = 0.02
"""Share of a scene that must be bright enough to be asked: some roofs in a dark yard are not the scene. [1]"""
CIRRUS_SHARE = 0.5
"""Water vapour takes more from 1.38 µm than any cloud leaves: blue is brighter for most of a scene. [1]"""
STEEPEST, STEEP_SHARE, LEAST_SWIR16 = 0.35, 0.05, 0.15
"""No ground as bright as the last at 1.6 µm is darker at 2.2 than the first share of it, the wettest leaves having 0.4;
in real scenes less than one pixel in ten thousand is. With 0.86 in the place of 1.6 µm leaves are. [1]"""
BELOW_AIR, BELOW_AIR_SHARE = 0.6, 0.01
"""Blue can hardly be darker than this share of what clear air alone reflects; for a hundredth of a scene never. [1]"""
SAMPLED = 5_000
"""Pixels of a scene that are asked for their colour, about: shares are known to 0.7 % by then."""
FEWEST = 16
"""Pixels below which a scene is not judged by what is common in scenes."""


class Fault(StrEnum):
    """What is wrong with a scene."""

    NONE = ""
    NO_DATA = "no_data"
    BANDS_MISSING = "bands_missing"
    SUN_UNKNOWN = "sun_unknown"
    LOW_SUN = "low_sun"
    CONSTANT = "constant"
    BANDS_ALIKE = "bands_alike"
    NOT_SCALED = "not_scaled"
    SCALED_TWICE = "scaled_twice"
    OFFSET_LEFT_IN = "offset_left_in"
    OFFSET_TAKEN_TWICE = "offset_taken_twice"
    SATURATED = "saturated"
    BANDS_SWAPPED = "bands_swapped"


SURE = {
    CountFault.CONSTANT: Fault.CONSTANT,
    CountFault.NOT_SCALED: Fault.NOT_SCALED,
    CountFault.SCALED_TWICE: Fault.SCALED_TWICE,
    CountFault.OFFSET_LEFT_IN: Fault.OFFSET_LEFT_IN,
    CountFault.OFFSET_TAKEN_TWICE: Fault.OFFSET_TAKEN_TWICE,
}
"""Faults of counts that make a scene unusable; an offset that is only possible does not."""


def faults_of(chips: Chips) -> tuple[Fault, ...]:
    """What is wrong with each scene by day, the first of several.

    Parameters
    ----------
    chips
        Reflectances, and ``lwir11``, which is not looked at.

    Returns
    -------
    One for each scene.
    """
    if not set(NEEDED) <= chips.bands.keys():
        return (Fault.BANDS_MISSING,) * len(chips)
    return tuple(_fault(chips, scene) for scene in range(len(chips)))


def _fault(chips: Chips, scene: int) -> Fault:
    """Fault of one scene: first what its frame tells, then what its numbers tell."""
    images = {name: image[scene] for name, image in chips.bands.items() if name != "lwir11"}
    is_measured = {name: np.isfinite(image) for name, image in images.items()}
    has_some = [bool(each.any()) for each in is_measured.values()]
    if not any(has_some):
        return Fault.NO_DATA
    if not all(has_some):
        return Fault.BANDS_MISSING
    zenith = float(chips.solar_zenith_angle[scene])
    if not np.isfinite(zenith):
        return Fault.SUN_UNKNOWN
    if zenith >= LOWEST_SUN:
        return Fault.LOW_SUN
    is_valid = np.logical_and.reduce(list(is_measured.values()))
    if np.count_nonzero(is_valid) < FEWEST:
        return Fault.NONE
    values = images if is_valid.all() else {name: image[is_valid] for name, image in images.items()}
    flat = {name: image.ravel() for name, image in values.items()}
    few = {name: image[:: max(len(image) // SAMPLED, 1)] for name, image in flat.items()}
    return _fault_of_level(flat) or _fault_of_colour(few, float(clear_air_reflectance(np.array(zenith))))


def _fault_of_level(values: Mapping[str, Values]) -> Fault:
    """Numbers that are no reflectances."""
    extent = {name: (float(each.min()), float(each.max())) for name, each in values.items()}
    if any(extent[name][0] == extent[name][1] for name in NEEDED):
        return Fault.CONSTANT
    alike = (pair for pair in combinations(values, 2) if extent[pair[0]] == extent[pair[1]])
    if any(np.array_equal(values[one], values[other]) for one, other in alike):
        return Fault.BANDS_ALIKE
    darkest = [extent[name][0] for name in values]
    brightest = max(most for _, most in extent.values())
    is_plain = SURELY_POSITIVE < min(darkest) < 0.8 * OFFSET and SURELY_LIT < brightest < SURELY_SCALED
    if is_plain:  # counting quantiles of every scene would take longer than all the rest
        return Fault.NONE
    return next((SURE[each] for each in count_faults(values) if each in SURE), Fault.NONE)


def _fault_of_colour(values: Mapping[str, Values], air: float) -> Fault:
    """Bands that are not what their names say."""
    swir16, swir22 = values["swir16"], values["swir22"]
    if np.mean(np.minimum(swir16, swir22) > CEILING) > SATURATED_SHARE:
        return Fault.SATURATED
    is_swapped = _rises(values) or _many(swir22 < STEEPEST * swir16, swir16 > LEAST_SWIR16, STEEP_SHARE)
    is_swapped |= "blue" in values and _is_blue(values, air)
    if {"blue", "cirrus"} <= values.keys():
        is_swapped |= _many(values["cirrus"] > values["blue"], np.ones(len(swir16), dtype=bool), CIRRUS_SHARE)
    return Fault.BANDS_SWAPPED if is_swapped else Fault.NONE


def _rises(values: Mapping[str, Values]) -> bool:
    """Whether 2.2 µm is brighter than 1.6 over much of the scene, which neither heat nor burnt or black ground is."""
    nir08, swir16, swir22 = (values[name] for name in NEEDED)
    is_asked = np.maximum(swir16, swir22) > LEAST_LIGHT
    is_leafy = nir08 > LEAFY * swir22
    is_rising = swir22 > np.maximum(RISING * swir16, np.where(is_leafy, np.float32(0), swir16 + RISING_BY))
    if not _many(is_rising, is_asked, min(RISING_SHARE, STEEPLY_RISING_SHARE)):
        return False
    is_steep = is_rising & (swir22 > STEEPLY_RISING * swir16)
    is_hot = is_steep & _glows(nir08, swir16, swir22)
    if _many(is_hot, is_steep, HOT_SHARE):
        return False
    haze = haze_by_band(np.minimum(_most_haze(values), THICKEST), "nir08").astype(np.float32)
    bare = np.where(swir22 > BRIGHTEST_BURNT, nir08, nir08 - haze)
    is_steep &= ~is_hot & ((swir22 > BRIGHTEST_CHAR) | (bare > swir22))
    is_odd = is_rising & is_leafy | is_rising & (bare > LEAST_NIR * swir16)
    return _many(is_odd, is_asked, RISING_SHARE) or _many(is_steep, is_asked, STEEPLY_RISING_SHARE)


def _glows(nir08: Values, swir16: Values, swir22: Values) -> NDArray[np.bool_]:
    """Where a steep rise can be heat alone."""
    is_hot = (swir22 > HOTTER) & (swir22 > BRIGHTER * nir08)
    is_hot |= (swir22 > STEEPER * swir16) & (nir08 < swir22) & (nir08 < LEAST_FLAT * swir16)
    return is_hot | ((swir16 > LEAST_SWIR16) & (nir08 < DARK_NIR * swir16))


def _is_blue(values: Mapping[str, Values], air: float) -> bool:
    """Whether blue is brighter than haze can make it, or darker than the air alone."""
    nir08, swir16, blue = values["nir08"], values["swir16"], values["blue"]
    every = len(blue)
    if np.count_nonzero(blue < BELOW_AIR * air) > BELOW_AIR_SHARE * every:
        return True
    is_blue = blue > np.minimum(BLUE_OVER_NIR * nir08, HAZE_OVER_NIR * nir08 + air)
    is_cold = values["swir22"] < RISING * swir16  # glowing ground is bright at 1.6 µm and yet dark at 0.86
    is_ground = is_cold & (swir16 > LEAST_GROUND)
    if not (is_blue & is_ground).any() or np.count_nonzero(nir08 < air) > BELOW_AIR_SHARE * every:
        return False
    if _many(blue - air > HAZE_OVER_NIR * nir08, is_ground, BLUE_SHARE):
        return True
    is_ground &= swir16 > LIT
    return _many(blue > BLUE_OVER_NIR * nir08, is_ground, BLUE_SHARE) and _most_haze(values) < CLEAR


def _most_haze(values: Mapping[str, Values]) -> float:
    """Reflectance of haze at 0.49 µm with which the darkest ground of all bands would be black."""
    return min(float(np.quantile(values[name], DARKEST)) / float(haze_by_band(np.ones(()), name)) for name in NEEDED)


def _many(is_odd: NDArray[np.bool_], is_asked: NDArray[np.bool_], share: float) -> bool:
    """Whether more than a share of the asked pixels is odd."""
    asked = np.count_nonzero(is_asked)
    is_enough = asked >= max(FEWEST, LEAST_ASKED * len(is_asked))
    return bool(is_enough and np.count_nonzero(is_odd & is_asked) > share * asked)
