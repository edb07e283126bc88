"""Some scenes by day, measured together: sky, faults, hot pixels, and what of them lies in each footprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.false_targets import FALSE_TARGETS
from satverify.features.hot_targets.faults import Fault, faults_of
from satverify.features.hot_targets.footprints import Footprints, Zones
from satverify.features.hot_targets.hot_part import HotSums, hot_sums
from satverify.features.hot_targets.patches import patches_of
from satverify.features.hot_targets.persistence import HotPlaces, hot_places
from satverify.features.hot_targets.pixels import HeatPixels, heat_pixels
from satverify.features.hot_targets.quality import DayLooks, day_looks
from satverify.features.hot_targets.sky import Sky, sky_of
from satverify.features.hot_targets.thermal import thermal_contrast
from satverify.features.hot_targets.unevenness import block_size, likeness, sum_noise
from satverify.features.hot_targets.zonal import pixels_of, zonal_max, zonal_mean, zonal_sum

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Which: TypeAlias = slice | NDArray[np.intp]

CORE = 0.25
"""Coverage from which a pixel's own value is the unit's, as a share of its unit's largest. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayBlock:
    """What some scenes gave; arrays of shape (units, time) unless said otherwise."""

    looks: DayLooks
    """How good they were."""
    haze: Floats
    """Reflectance of the air, shape (time,). [1]"""
    numbers: Mapping[str, Floats]
    """Measurements by column, usable or not."""
    false_target: NDArray[np.object_]
    """What most suspects were taken for, empty where there is none."""
    sums: HotSums
    """Radiance of the hot parts."""
    places: HotPlaces
    """Where it was hot."""


def some_scenes(chips: Chips, which: Which) -> Chips:
    """Some of the scenes, by a slice or their numbers."""
    numbers = np.arange(len(chips))[which]
    return replace(
        chips,
        time=chips.time[which],
        satellite=tuple(chips.satellite[number] for number in numbers),
        scene_id=tuple(chips.scene_id[number] for number in numbers),
        bands={name: image[which] for name, image in chips.bands.items()},
        codes={name: image[which] for name, image in chips.codes.items()},
        solar_zenith_angle=chips.solar_zenith_angle[which],
        view_zenith_angle=chips.view_zenith_angle[which],
        swath_edge_distance=chips.swath_edge_distance[which],
    )


def measure_block(chips: Chips, footprints: Footprints) -> DayBlock:
    """Measure some scenes.

    Parameters
    ----------
    chips
        Scenes by day with their solar zenith angles.
    footprints
        Units on their grid. Heat is looked for only where a scene is sound and shows something of one of them.
    """
    zones, shape = footprints.inside, (footprints.inside.count, len(chips))
    sky, faults = sky_of(chips), faults_of(chips)
    is_measured = np.isfinite(chips.bands["nir08"] + chips.bands["swir16"] + chips.bands["swir22"])
    is_sound = np.array([fault is Fault.NONE for fault in faults], dtype=bool)
    is_seen = is_measured & ~sky.is_hidden & is_sound[:, None, None]
    some = np.flatnonzero(pixels_of(zones, is_seen).any(axis=1))
    some = some if len(some) else np.arange(1)  # of which nothing is seen either: it gives blank columns
    few, few_seen, few_sky = some_scenes(chips, some), is_seen[some], _some_sky(sky, some)
    heat = heat_pixels(few, few_sky)
    is_hot = np.zeros_like(is_seen)
    is_hot[some] = heat.is_hot & few_seen
    is_cold = few_seen & ~heat.is_hot & np.isfinite(heat.swir22_excess)
    alike = likeness(heat.swir22_excess, is_cold, block_size(footprints.pixel_ground))
    sums = hot_sums(footprints, heat, few_seen, alike)
    sums = HotSums(**{each.name: _spread(getattr(sums, each.name), some, shape) for each in fields(HotSums)})
    numbers = {
        **_numbers(footprints, heat, few, few_seen, alike),
        **_contrast(few, footprints, few_seen & ~few_sky.is_thin),
    }
    return DayBlock(
        looks=day_looks(chips, footprints, sky, is_measured, sums.is_hot, faults),
        haze=np.where(is_sound, sky.haze, np.nan),
        numbers={name: _spread(each, some, shape) for name, each in numbers.items()},
        false_target=_spread(_false_target(zones, heat, few_seen), some, shape),
        sums=sums,
        places=hot_places(zones, is_hot, is_seen),
    )


def _numbers(
    footprints: Footprints, heat: HeatPixels, chips: Chips, is_seen: Flags, alike: Floats
) -> dict[str, Floats]:
    """Measurements by column, each (units, time)."""
    zones, ground = footprints.inside, footprints.pixel_ground
    excess = {
        "swir22_excess": heat.swir22_excess,
        "swir16_excess": heat.swir16_excess,
        "nir08_excess": heat.nir08_excess,
    }
    return {
        "tai_pixels": zonal_sum(zones, heat.is_tai, is_seen),
        "nhi_pixels": zonal_sum(zones, heat.is_nhi, is_seen),
        "saturated_pixels": zonal_sum(zones, heat.is_saturated & heat.is_hot, is_seen),
        "hot_pixels": zonal_sum(zones, heat.is_hot, is_seen),
        "hot_sources": _sources(zones, heat.is_hot & is_seen),
        "tai": zonal_max(zones, heat.tai, is_seen, least=CORE),
        "nhi_swir": zonal_max(zones, heat.nhi_swir, is_seen, least=CORE),
        "nhi_swnir": zonal_max(zones, heat.nhi_swnir, is_seen, least=CORE),
        "swir22_peak": zonal_max(zones, heat.swir22_excess, is_seen, least=CORE),
        **{name: ground * zonal_sum(zones, image, is_seen) for name, image in excess.items()},
        "swir22_noise": ground * sum_noise(zones, heat.swir22_noise, is_seen, alike, block_size(ground)),
        "swir22_reflectance": zonal_mean(zones, chips.bands["swir22"], is_seen & ~heat.is_hot),
    }


def _contrast(chips: Chips, footprints: Footprints, is_clear: Flags) -> dict[str, Floats]:
    """Thermal contrast where the sensor has a thermal band."""
    if "lwir11" not in chips.bands:
        return {}
    contrast, noise = thermal_contrast(chips, footprints, ~is_clear)
    return {"lwir11_contrast": contrast, "lwir11_noise": noise}


def _sources(zones: Zones, is_hot: Flags) -> Floats:
    """Separate clusters of hot pixels that lie in each footprint or reach into it, (units, time)."""
    count = np.zeros((zones.count, len(is_hot)))
    some = np.flatnonzero(is_hot.any(axis=(1, 2)))
    labels, _ = patches_of(is_hot[some])
    scene, entry = np.nonzero(pixels_of(zones, labels))
    found = np.stack([zones.unit[entry], some[scene], pixels_of(zones, labels)[scene, entry]])
    unit, time, _ = np.unique(found, axis=1)
    np.add.at(count, (unit, time), 1)
    return count


def _false_target(zones: Zones, heat: HeatPixels, is_seen: Flags) -> NDArray[np.object_]:
    """What most suspects of each footprint are, by coverage, (units, time)."""
    codes = pixels_of(zones, heat.false_target) * pixels_of(zones, is_seen)
    scene, entry = np.nonzero(codes)
    weight = np.zeros((zones.count, len(is_seen), len(FALSE_TARGETS) + 1))
    np.add.at(weight, (zones.unit[entry], scene, codes[scene, entry]), zones.weight[entry])
    words = np.array(["", *(each.value for each in FALSE_TARGETS)], dtype=object)
    named: NDArray[np.object_] = words[weight.argmax(axis=2)]
    return named


def _some_sky(sky: Sky, some: NDArray[np.intp]) -> Sky:
    arrays = (each.name for each in fields(Sky) if each.name != "unknown")
    return replace(sky, **{name: getattr(sky, name)[some] for name in arrays})


def _spread(few: NDArray[Any], some: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[Any]:
    """Columns of some scenes among all: NaN, false or empty for the others."""
    blank: dict[str, Any] = {"f": np.nan, "b": False, "O": ""}
    out = np.full(shape, blank[few.dtype.kind], dtype=few.dtype)
    out[:, some] = few
    return out
