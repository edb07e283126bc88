"""Heat of each unit in night scenes: sums over its pixels, divided among neighbours, and what they mean in heat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.apportion import LEAK, Apertures, Divided, apertures_of, divide
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import Footprints, Zones
from satverify.features.hot_targets.night_heat import NightHeat
from satverify.features.hot_targets.night_sky import NightSky
from satverify.features.hot_targets.thermal import Imager, outline_contrast

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]

Number = TypeVar("Number", bound=np.generic)

BLUR = 300.0
"""Standard deviation of where heat shows at 1.6 and 2.2 µm: half a pixel of 500 m by the optics, and a uniform error of
a pixel by resampling to the nearest. [m]"""
MARGIN = 750.0
"""How far beyond a unit's ground its heat is summed at 1.6 and 2.2 µm: two blurs. [m]"""
BLUR_THERMAL = 580.0
"""Likewise for pixels of 1 km. [m]"""
MARGIN_THERMAL = 1_250.0
"""Likewise. [m]"""
THERMAL = Imager(resolution=1_000.0, reach=7_000.0, noise=0.1)
"""SLSTR by night; noise below 0.08 K at 3.7 µm and 0.05 K at 11 µm, Sentinel-3 SLSTR user guide."""
THERMAL_RADIANCE = Imager(resolution=THERMAL.resolution, reach=THERMAL.reach, noise=0.0)
"""Likewise for radiance, whose noise per pixel is known otherwise."""
CORE = 0.25
"""A pixel is part of a unit's thermal outline where the unit shows in it this much of its most. [1]"""
UNLISTED = 1_250.0
"""Heat this far from all units is nobody's, and takes its part of what pixels hold. [m]"""
MOST_UNLISTED = 12
"""Of such places, the hottest first: a window of 20 km holds a handful of works at most."""
MOSTLY = 0.5
"""Share of a pixel's heat from which it is the unit's. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Near:
    """Pixels in which the units of a site show."""

    fine: Apertures
    """Of the short-wave bands."""
    coarse: Apertures
    """Of the thermal bands."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightUnits:
    """Heat of units in night scenes, every array of shape (units, time)."""

    swir16: Divided
    """At 1.6 µm."""
    swir22: Divided
    """At 2.2 µm."""
    mir: Divided
    """At 3.7 µm; the noise holds how ground differs from place to place."""
    hot_pixels: Floats
    """Hot pixels of 500 m, by the unit's share of each."""
    hot_sources: Floats
    """Local maxima of heat that are mostly the unit's."""
    saturated_pixels: Floats
    """Hot pixels of 500 m at the ceiling of S7, by share."""
    peak22: Floats
    """Largest radiance over background at 2.2 µm of a pixel that is mostly the unit's; NaN where there is none."""
    contrast37: Floats
    """Brightness temperature at 3.7 µm over the surroundings, the unit's part of it. [K]"""
    contrast11: Floats
    """Likewise at 11 µm. [K]"""
    noise11: Floats
    """Of that, without heat. [K]"""
    is_stray: Booleans
    """Whether something shone in one band only in a pixel of the unit that is not hot."""

    @property
    def is_hot(self) -> Booleans:
        """Whether half a pixel or more of heat is the unit's."""
        return self.hot_pixels >= MOSTLY


def near_units(chips: Chips, footprints: Footprints, heat: NightHeat) -> Near:
    """Where the units show, and the heat of nobody that shows beside them.

    Parameters
    ----------
    chips
        Night scenes.
    footprints
        On their grid.
    heat
        Of the scenes; what shines far from all units in any of them counts as a source in all.
    """
    others = _unlisted(chips, footprints, heat)
    grid, zones, ground = chips.grid, footprints.inside, footprints.pixel_ground
    return Near(
        fine=apertures_of(zones, grid, others, blur=BLUR, margin=MARGIN, ground=ground),
        coarse=apertures_of(zones, grid, others, blur=BLUR_THERMAL, margin=MARGIN_THERMAL, ground=ground),
    )


def night_units(chips: Chips, near: Near, heat: NightHeat, sky: NightSky) -> NightUnits:
    """Measure units in night scenes.

    Parameters
    ----------
    chips
        Night scenes.
    near
        Where the units show.
    heat, sky
        Of the scenes.

    Returns
    -------
    NaN where too little of a unit's pixels was measured.
    """
    swir16 = divide(near.fine, heat.swir16, heat.noise16, np.isfinite(heat.swir16))
    swir22 = divide(near.fine, heat.swir22, heat.noise22, np.isfinite(heat.swir22))
    clear = ~(sky.is_cloud | sky.is_thin)
    outlines = near.coarse.zones(least=CORE)
    mir = _mid_infrared(chips, near, heat, clear)
    part = _own_part(near.coarse, mir)
    contrast11, noise11 = outline_contrast(chips.bands["lwir11"], clear, outlines, chips.grid, THERMAL)
    contrast37, _ = outline_contrast(heat.kelvin37, clear, outlines, chips.grid, THERMAL)
    hot, peak = _at(near.fine, heat.is_hot), _at(near.fine, heat.is_peak)
    stray, saturated = _at(near.fine, heat.is_stray), _at(near.fine, heat.is_saturated)
    own = swir22.share >= MOSTLY
    hot_pixels = (swir22.share * hot).sum(axis=2)
    return NightUnits(
        swir16=swir16,
        swir22=swir22,
        mir=mir,
        hot_pixels=hot_pixels,
        hot_sources=(own & peak).sum(axis=2).astype(np.float64),
        saturated_pixels=(swir22.share * saturated).sum(axis=2),
        peak22=_largest(_at(near.fine, heat.swir22), own),
        contrast37=part * contrast37,
        contrast11=part * contrast11,
        noise11=np.hypot(noise11, LEAK * (1 - part) * contrast11),
        is_stray=(own & stray).any(axis=2) & (hot_pixels < MOSTLY),
    )


def _own_part(apertures: Apertures, divided: Divided) -> Floats:
    """Share of the heat in each unit's pixels that is its own, as it shows in them, (units, time); 1 far from all."""
    shown = apertures.response[: len(apertures.is_own)] * apertures.is_own
    seen = (divided.share > 0) * shown[:, None, :]
    total = seen.sum(axis=2)
    own = (divided.share * shown[:, None, :]).sum(axis=2)
    part: Floats = np.divide(own, total, out=np.ones_like(total), where=total > 0)
    return part


def _mid_infrared(chips: Chips, near: Near, heat: NightHeat, clear: Booleans) -> Divided:
    """Heat at 3.7 µm over that of the same outline shifted about the surroundings.

    Noise of neighbouring pixels is that of one pixel of 1 km and of the ground, so it is taken from shifted outlines.
    """
    divided = divide(near.coarse, heat.mir, heat.noise_mir, np.isfinite(heat.mir))
    zones = near.coarse.zones()
    whole = np.bincount(zones.unit, minlength=zones.count).astype(np.float64)
    flat = Zones(count=zones.count, unit=zones.unit, pixel=zones.pixel, weight=np.ones(len(zones.pixel)))
    _, spread = outline_contrast(heat.mir, clear & ~heat.is_hot, flat, chips.grid, THERMAL_RADIANCE)
    ground = (whole * near.coarse.ground)[:, None] * spread
    return Divided(excess=divided.excess, noise=np.fmax(divided.noise, ground), share=divided.share)


def _unlisted(chips: Chips, footprints: Footprints, heat: NightHeat) -> Booleans:
    """Hottest pixels of heat that no unit accounts for, shape (y, x)."""
    is_free = np.ones(chips.grid.shape, dtype=bool)
    is_free.flat[footprints.inside.pixel] = False
    sampling = (chips.grid.pixel_height, chips.grid.pixel_width)
    if not is_free.all():
        is_free = ndimage.distance_transform_edt(is_free, sampling=sampling) > UNLISTED
    shone = np.where(heat.is_hot, np.nan_to_num(heat.swir22), 0.0).sum(axis=0)
    is_peak = (heat.is_peak.any(axis=0)) & (shone >= ndimage.maximum_filter(shone, size=3)) & is_free & (shone > 0)
    if is_peak.sum() > MOST_UNLISTED:
        is_peak &= shone >= np.sort(shone[is_peak])[-MOST_UNLISTED]
    found: Booleans = is_peak
    return found


def _at(apertures: Apertures, images: NDArray[Number]) -> NDArray[Number]:
    """Pixels of the apertures, (time, pixels)."""
    return images.reshape(len(images), -1)[:, apertures.pixel]


def _largest(values: Floats, own: Booleans) -> Floats:
    """Largest of each unit's own pixels, (units, time); NaN where it has none."""
    numbers = np.where(own, np.nan_to_num(values, nan=-np.inf)[None], -np.inf)
    largest = numbers.max(axis=2, initial=-np.inf)
    return np.where(np.isfinite(largest), largest, np.nan)
