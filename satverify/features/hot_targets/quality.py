"""How good a look of a scene at a unit was: the sky over the unit itself, the Sun, and what of it was measured at all.

The words for why are those of night scenes where they mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.looks import USABLE, Quality
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.faults import Fault
from satverify.features.hot_targets.footprints import Footprints
from satverify.features.hot_targets.sky import Sky
from satverify.features.hot_targets.zonal import zonal_mean

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

FEWEST_PIXELS = 1.5
"""Footprint below which registration decides whether its heat lies in its own pixels: Sentinel-2 and Landsat lie within
0.3 to 0.5 pixels. [pixel]"""
OFF_SWATH, WHOLE = 0.5, 0.95
"""Share of the footprint that must be measured, and from which it is all of it. [0, 1]"""
HIDDEN, BROKEN = 0.7, 0.1
"""Share under cloud or steam from which the look is lost, and from which it is not clear. [0, 1]"""
DIMMED, SNOWY = 0.3, 0.5
"""Share under thin or doubtful cloud, and under snow, from which the look is not clear. [0, 1]"""
HAZY = 0.30
"""Reflectance of the air at 0.49 µm from which the look is not clear: optical depth near 1.5 under a winter Sun. [1]"""
DIM_SUN = 75.0
"""Solar zenith angle from which ground is in the shade of every building. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayLooks:
    """Looks at units, every array of shape (units, time) unless said otherwise."""

    quality: NDArray[np.object_]
    """A ``Quality``."""
    reason: NDArray[np.object_]
    """In a word why it is not clear."""
    seen_share: Floats
    """Share of the footprint that was measured. [0, 1]"""
    cloud_share: Floats
    """Share of what was measured that is under cloud, thin cloud by half. [0, 1]"""
    steam_share: Floats
    """Likewise under steam."""
    snow_share: Floats
    """Likewise under snow."""
    official_cloud_share: Floats
    """Share of what official masks speak of that they call cloud; NaN without masks. [0, 1]"""

    @property
    def is_usable(self) -> Flags:
        """Whether the look carries evidence."""
        return np.isin(self.quality, list(USABLE))


def day_looks(
    chips: Chips, footprints: Footprints, sky: Sky, is_measured: Flags, is_hot: Flags, faults: tuple[Fault, ...]
) -> DayLooks:
    """Judge every look of every unit.

    Parameters
    ----------
    chips
        Scenes by day.
    footprints
        Units on their grid.
    sky
        Of the scenes.
    is_measured
        Pixels that all needed bands hold, shape (time, y, x).
    is_hot
        Whether a unit's heat was seen, (units, time): then cloud did not hide it.
    faults
        Of the scenes.
    """
    zones, inside = footprints.inside, footprints.inside_share
    seen = np.nan_to_num(zonal_mean(zones, is_measured)) * inside[:, None]
    cloud, steam, snow, thin = (
        zonal_mean(zones, flags, is_measured) for flags in (sky.is_cloud, sky.is_steam, sky.is_snow, sky.is_thin)
    )
    quality = np.full(seen.shape, Quality.CLEAR, dtype=object)
    reason = np.full(seen.shape, "", dtype=object)

    def judge(where: Flags, verdict: Quality, word: str) -> None:
        quality[np.broadcast_to(where, seen.shape)] = verdict
        reason[np.broadcast_to(where, seen.shape)] = word

    hidden = np.nan_to_num(cloud + steam) >= HIDDEN
    is_sky = np.nan_to_num(cloud) > np.nan_to_num(steam)
    # The worst comes last, and stays.
    judge(chips.solar_zenith_angle >= DIM_SUN, Quality.PARTLY, "low_sun")
    judge(np.array("thin_cloud" in sky.unknown), Quality.PARTLY, "sky_unknown")
    judge(np.nan_to_num(snow) >= SNOWY, Quality.PARTLY, "snow")
    judge(np.nan_to_num(sky.haze) >= HAZY, Quality.PARTLY, "haze")
    judge(np.nan_to_num(thin + cloud) >= DIMMED, Quality.PARTLY, "thin_cloud")
    judge(np.nan_to_num(steam) >= BROKEN, Quality.PARTLY, "steam")
    judge(np.nan_to_num(cloud) >= BROKEN, Quality.PARTLY, "broken_cloud")
    judge(seen < WHOLE, Quality.PARTLY, "swath_edge")
    judge((inside < WHOLE)[:, None], Quality.PARTLY, "image_edge")
    judge(hidden & ~is_sky, Quality.PARTLY, "steam")
    judge(hidden & is_sky & is_hot, Quality.PARTLY, "heat_through_cloud")
    judge(hidden & is_sky & ~is_hot, Quality.CLOUDY, "cloud")
    for fault in set(faults) - {Fault.NONE}:
        judge(np.array([each is fault for each in faults]), Quality.LOW_QUALITY, fault.value)
    judge(seen < OFF_SWATH, Quality.OFF_SWATH, "off_swath")
    judge((inside < OFF_SWATH)[:, None], Quality.LOW_QUALITY, "outside")
    judge((footprints.pixels < FEWEST_PIXELS)[:, None], Quality.LOW_QUALITY, "small_footprint")
    return DayLooks(
        quality=quality,
        reason=reason,
        seen_share=seen,
        cloud_share=cloud + 0.5 * thin,
        steam_share=steam,
        snow_share=snow,
        official_cloud_share=zonal_mean(zones, sky.is_official_cloud, sky.is_official),
    )
