"""How good a look at a unit by night was, and why it was no better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.looks import Quality
from satverify.domain.sensors import NODATA
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import Footprints, Zones
from satverify.features.hot_targets.night_heat import NightHeat
from satverify.features.hot_targets.night_sky import NightSky
from satverify.features.hot_targets.zonal import zonal_mean
from satverify.physics.sun import solar_angles
from satverify.physics.utm import project, unproject

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]
Words: TypeAlias = NDArray[np.object_]

NIGHT = 96.0
"""Solar zenith angle beyond which ground and low air get no sunlight: the end of civil twilight. [degree]"""
SUNLIT = 0.3
"""Background at 1.6 µm that no night has: ground of reflectance 0.1 under a Sun 3° high. [W m⁻² sr⁻¹ µm⁻¹]"""
KELVIN = (180.0, 340.0)
"""Median brightness temperature at 11 µm that a scene of the Earth by night can have. [K]"""
SEEN, OFF_SWATH = 0.9, 0.3
"""Share of a unit's pixels with data below which a look is in part, and is none. [1]"""
HIDDEN, BROKEN = 0.5, 0.1
"""Share of cloud over the unit from which it is hidden, and from which the look is in part. [1]"""
DIMMED = 0.3
"""Share of thin cloud over the unit from which the look is in part. [1]"""
DOUBTED = 0.5
"""Share of official cloud over the unit from which a clear look is in part. [1]"""
FAR_FROM_CLEAR = 4.5
"""A whole scene colder than a clear night by this is in doubt, if not cloud. [K]"""
SAME_PASS = np.timedelta64(5, "m")
"""Level 1 and Level 2 of one pass begin within this: a product is three minutes long."""

FLAGS = {
    "confidence_flags": 1 << 14,  # summary cloud: Sentinel-3 SLSTR Land User Handbook, table of global flags
    "bayes_flags": 1 << 1,  # single moderate: likewise
}
"""Bits of Level 2 that say cloud."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightLooks:
    """How good looks were, every array of shape (units, time)."""

    quality: Words
    """A ``Quality``."""
    reason: Words
    """Why it is not clear, in a word; empty where it is."""
    seen_share: Floats
    """Share of the unit's pixels with data. [0, 1]"""
    cloud_share: Floats
    """Share of them under cloud, thin cloud by half; NaN where nothing was seen. [0, 1]"""
    official_cloud_share: Floats
    """Share that Level 2 calls cloud; NaN where there is none. [0, 1]"""
    solar_zenith_angle: Floats
    """Shape (time,). [degree]"""


def night_looks(
    chips: Chips,
    footprints: Footprints,
    zones: Zones,
    heat: NightHeat,
    sky: NightSky,
    is_hot: Booleans,
    official: Chips | None,
) -> NightLooks:
    """Judge every look of every unit.

    Parameters
    ----------
    chips
        Night scenes.
    footprints
        Units on their grid.
    zones
        How the units show in pixels.
    heat, sky
        Of the scenes.
    is_hot
        Whether a unit's heat was seen, (units, time): then cloud did not hide it.
    official
        Level 2 of the same passes, if there is any; none: flags among the chips themselves.
    """
    lwir11, swir16 = chips.bands["lwir11"], chips.bands["swir16"]
    is_measured = np.isfinite(lwir11) & np.isfinite(swir16)
    weight = np.bincount(zones.unit, weights=zones.weight, minlength=zones.count)
    inside = footprints.inside_share
    seen = _share(zones, is_measured, np.ones_like(is_measured)) * inside[:, None]
    cloud = _share(zones, sky.is_cloud, is_measured)
    thin = _share(zones, sky.is_thin, is_measured)
    told = _official(chips, zones, official)
    zenith = solar_zenith(chips)
    quality = np.full(seen.shape, Quality.CLEAR, dtype=object)
    reason = np.full(seen.shape, "", dtype=object)

    def judge(where: Booleans, verdict: Quality, word: str) -> None:
        quality[where], reason[where] = verdict, word

    # The worst comes last, and stays.
    judge(~np.broadcast_to(sky.is_known, seen.shape), Quality.PARTLY, "few_nights")
    judge(np.broadcast_to(sky.drop > FAR_FROM_CLEAR, seen.shape), Quality.PARTLY, "cold_scene")
    judge(np.nan_to_num(told) >= DOUBTED, Quality.PARTLY, "official_cloud")
    judge(np.nan_to_num(thin) + np.nan_to_num(cloud) >= DIMMED, Quality.PARTLY, "thin_cloud")
    judge(np.nan_to_num(cloud) >= BROKEN, Quality.PARTLY, "broken_cloud")
    judge(seen < SEEN, Quality.PARTLY, "swath_edge")
    judge((np.nan_to_num(cloud) >= HIDDEN) & ~is_hot, Quality.CLOUDY, "cloud")
    judge((np.nan_to_num(cloud) >= HIDDEN) & is_hot, Quality.PARTLY, "heat_through_cloud")
    for word, wrong in _unusable(chips, heat, zenith).items():
        judge(np.broadcast_to(wrong, seen.shape), Quality.LOW_QUALITY, word)
    judge(seen < OFF_SWATH, Quality.OFF_SWATH, "off_swath")
    judge(np.broadcast_to(((weight <= 0) | (inside < OFF_SWATH))[:, None], seen.shape), Quality.LOW_QUALITY, "outside")
    return NightLooks(
        quality=quality,
        reason=reason,
        seen_share=np.nan_to_num(seen),
        cloud_share=cloud + 0.5 * thin,
        official_cloud_share=told,
        solar_zenith_angle=zenith,
    )


def solar_zenith(chips: Chips) -> Floats:
    """Of each scene, computed where it is not given, shape (time,). [degree]"""
    grid = chips.grid
    longitude, latitude = unproject(grid.epsg, (grid.left + grid.right) / 2, (grid.top + grid.bottom) / 2)
    seconds = chips.time.astype("datetime64[ms]").astype(np.int64) / 1000
    computed = np.degrees(solar_angles(seconds, longitude, latitude)[0])
    return np.where(np.isfinite(chips.solar_zenith_angle), chips.solar_zenith_angle, computed)


def _unusable(chips: Chips, heat: NightHeat, zenith: Floats) -> dict[str, Booleans]:
    """Scenes that are no measurement of a night, by the word for why, each (time,)."""
    kelvin = chips.bands["lwir11"].reshape(len(chips), -1)
    some = np.isfinite(kelvin).any(axis=1)
    middle = np.full(len(chips), np.nan)
    middle[some] = np.nanmedian(kelvin[some], axis=1)
    return {
        "constant": _is_constant(chips, ("swir16", "swir22", "lwir11")),
        "temperature_range": (middle < KELVIN[0]) | (middle > KELVIN[1]),
        "bright_background": np.abs(np.nan_to_num(heat.background16)) > SUNLIT,
        "daylight": zenith < NIGHT,
    }


def _is_constant(chips: Chips, names: tuple[str, ...]) -> Booleans:
    """Scenes of which a band holds one number only, in two pixels or more: no detector gives that."""
    found = np.zeros(len(chips), dtype=bool)
    for name in names:
        flat = chips.bands[name].reshape(len(chips), -1)
        seen = np.isfinite(flat)
        low = np.where(seen, flat, np.inf).min(axis=1)
        high = np.where(seen, flat, -np.inf).max(axis=1)
        found |= (low == high) & (seen.sum(axis=1) > 1)
    return found


def _share(zones: Zones, found: Booleans, is_asked: Booleans) -> Floats:
    """Share of a unit's asked pixels, as it shows in them, that are found, (units, time); NaN where none is asked."""
    return zonal_mean(zones, found.astype(np.float64), is_asked)


def _official(chips: Chips, zones: Zones, official: Chips | None) -> Floats:
    """Share of each unit that the flags of Level 2 call cloud, (units, time); NaN where no pass has any."""
    told = np.full((zones.count, len(chips)), np.nan)
    if official is None and FLAGS.keys() & chips.codes.keys():
        official = chips
    if official is None:
        return told
    rows, columns, is_inside = _places(chips, official)
    is_cloud, is_said = _flags(official)
    for scene in range(len(chips)):
        apart = np.abs(official.time - chips.time[scene])
        same = np.array([each == chips.satellite[scene] for each in official.satellite]) & (apart <= SAME_PASS)
        if same.any():
            other = int(np.flatnonzero(same)[apart[same].argmin()])
            found = is_cloud[other][rows, columns]
            asked = is_said[other][rows, columns] & is_inside
            told[:, scene] = _share(zones, found[None], asked[None])[:, 0]
    return told


def _flags(official: Chips) -> tuple[Booleans, Booleans]:
    """Where the flags say cloud, and where they say anything, (time, y, x)."""
    shape = (len(official), *official.grid.shape)
    is_cloud, is_said = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for name, bit in FLAGS.items():
        codes = official.codes.get(name)
        if codes is not None:
            has_some = codes != NODATA
            is_cloud |= has_some & (codes & bit != 0)
            is_said |= has_some
    return is_cloud, is_said


def _places(chips: Chips, official: Chips) -> tuple[NDArray[np.int64], NDArray[np.int64], Booleans]:
    """Row and column of the other grid at each pixel of this one, and whether it has any, each (y, x)."""
    grid, other = chips.grid, official.grid
    x = grid.left + (np.arange(grid.width) + 0.5) * grid.pixel_width
    y = grid.top - (np.arange(grid.height) + 0.5) * grid.pixel_height
    east, north = np.meshgrid(x, y)
    if other.epsg != grid.epsg:
        east, north = project(other.epsg, *unproject(grid.epsg, east, north))
    column = np.floor((east - other.left) / other.pixel_width).astype(np.int64)
    row = np.floor((other.top - north) / other.pixel_height).astype(np.int64)
    is_inside = (row >= 0) & (row < other.height) & (column >= 0) & (column < other.width)
    return np.where(is_inside, row, 0), np.where(is_inside, column, 0), is_inside
