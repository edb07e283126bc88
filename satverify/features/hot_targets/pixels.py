"""Which pixels are hot in scenes by day: what the published methods say, and our own answer.

Each scene is judged by itself, so that scenes may be measured together or one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sensors import SENSORS
from satverify.errors import InputError
from satverify.features.hot_targets.background import deviation_of, local_means
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.false_targets import false_targets
from satverify.features.hot_targets.footprints import pixel_ground
from satverify.features.hot_targets.patches import grown
from satverify.features.hot_targets.saturation import is_saturated_by_heat
from satverify.features.hot_targets.sky import Sky
from satverify.features.hot_targets.surplus import Bands, Context, answer, ground_surplus, is_clearly_hot, surplus_of
from satverify.physics.hotspot import (
    MSI_RULES,
    OLI_RULES,
    TAI_LEAST,
    hotspots,
    is_thermal_anomaly,
    normalised_hotspot_index,
    thermal_anomaly_index,
)
from satverify.physics.instruments import SPECTRAL_BANDS, spectral_band
from satverify.physics.radiometry import reflectance_to_radiance
from satverify.physics.sun import earth_sun_distance

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.uint8]

BANDS = ("nir08", "swir16", "swir22")
SUSPECT_SIGMAS = 3.0
"""Deviations by which a pixel that is told as a suspect stands out at 2.2 µm."""
SUSPECT_SWIR22 = 0.3
"""Reflectance at 2.2 µm from which a pixel that stands out in it is told as a suspect. [1]"""
LOST_SWIR22 = 0.1
"""Reflectance at 2.2 µm from which there is some at 1.6 too, of air, ground and any heat: 0 or less is a lost line, or
a swath that ends earlier in one band. [1]"""
CLOUD_EDGE = 2
"""Pixels round a cloud or steam that may belong to it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatPixels:
    """Heat of every pixel of some scenes; each field of shape (time, y, x)."""

    is_valid: Flags
    """All three bands measured, by day, none lost; everything else is False or NaN elsewhere."""
    tai: Images
    """Thermal anomaly index. [1]"""
    nhi_swir: Images
    """Normalised hotspot index of 2.2 and 1.6 µm. [1]"""
    nhi_swnir: Images
    """Normalised hotspot index of 1.6 and 0.86 µm. [1]"""
    is_tai: Flags
    """Hot by the thermal anomaly index, with all that is published round it."""
    is_nhi: Flags
    """Hot by the normalised hotspot indices, likewise."""
    is_saturated: Flags
    """Saturated by heat in a short-wave band; always hot."""
    is_hot: Flags
    """Our own answer."""
    swir22_excess: Images
    """Radiance over that of the cold ground round it. NaN where a scene has no cold ground. [W m⁻² sr⁻¹ µm⁻¹]"""
    swir16_excess: Images
    """Likewise."""
    nir08_excess: Images
    """Likewise."""
    swir22_noise: Images
    """Standard deviation of ``swir22_excess`` over that ground. [W m⁻² sr⁻¹ µm⁻¹]"""
    false_target: Codes
    """What a suspect was taken for that is not hot: place in ``FALSE_TARGETS`` counted from 1, 0 for no suspect."""


@np.errstate(invalid="ignore")  # what was not measured is NaN, and compares as it should
def heat_pixels(chips: Chips, sky: Sky | None = None) -> HeatPixels:
    """Hot pixels of scenes by day.

    Parameters
    ----------
    chips
        Top-of-atmosphere reflectance of Sentinel-2 L1C or Landsat, with ``nir08``, ``swir16`` and ``swir22``; ``blue``
        is used where present.
    sky
        Clouds, steam and snow; without it cloud edges are not told, and clouds count as ground.

    Returns
    -------
    Pixels without a measurement in one of the three bands, and scenes without Sun, are neither hot nor suspect.

    Raises
    ------
    InputError
        A needed band is missing, or is no reflectance.
    """
    bands, white = _reflectances(chips), white_radiance(chips)
    is_valid = np.isfinite(bands[0] + bands[1] + bands[2]) & np.isfinite(white["swir22"])[:, None, None]
    is_valid &= (bands[1] > 0) | (bands[2] < LOST_SWIR22)
    is_saturated = is_valid & is_saturated_by_heat(*bands, white)
    surplus = np.where(is_valid, surplus_of(bands), np.float32(np.nan))
    is_cold = _cold(is_valid, is_clearly_hot(surplus) | is_saturated, sky)
    means, deviation, context = _surroundings(bands, surplus, is_cold, float(np.sqrt(pixel_ground(chips.grid))))
    told = answer(bands, surplus, context, white["swir22"])
    per_white = [white[name].astype(np.float32)[:, None, None] for name in BANDS]
    near, short, long = (band * one for band, one in zip(bands, per_white, strict=True))
    excess = [(band - mean) * one for band, mean, one in zip(bands, means, per_white, strict=True)]
    noise = deviation * per_white[2]
    found = HeatPixels(
        is_valid=is_valid,
        tai=thermal_anomaly_index(*bands),
        nhi_swir=normalised_hotspot_index(long, short),
        nhi_swnir=normalised_hotspot_index(short, near),
        is_tai=is_thermal_anomaly(*bands) & is_valid,
        is_nhi=is_valid & _is_nhi(chips, (near, short, long), white),
        is_saturated=is_saturated,
        is_hot=told.is_hot | is_saturated,
        swir22_excess=excess[2],
        swir16_excess=excess[1],
        nir08_excess=excess[0],
        swir22_noise=noise,
        false_target=np.zeros(is_valid.shape, dtype=np.uint8),
    )
    return replace(found, false_target=_named(found, bands, told.is_shifted, sky, pixel_ground(chips.grid)))


def white_radiance(chips: Chips) -> dict[str, Floats]:
    """Radiance of a white diffuse surface under the Sun of each scene, by band.

    Parameters
    ----------
    chips
        With platforms that ``physics.instruments`` knows.

    Returns
    -------
    For each reflectance that the platform's table has, shape (time,); NaN by night. [W m⁻² sr⁻¹ µm⁻¹]
    """
    seconds = chips.time.astype("datetime64[ms]").astype(np.float64) / 1e3
    distance = earth_sun_distance(seconds)
    known = set.intersection(*(set(SPECTRAL_BANDS.get(platform, ())) for platform in chips.satellite))
    return {
        name: reflectance_to_radiance(
            1.0,
            np.array([spectral_band(platform, name).solar_irradiance for platform in chips.satellite]),
            chips.solar_zenith_angle,
            distance,
        )
        for name in ("blue", *BANDS)
        if name in chips.bands and (name in known or name in BANDS)
    }


def _reflectances(chips: Chips) -> tuple[Images, Images, Images]:
    missing = [name for name in BANDS if name not in chips.bands]
    if missing:
        raise InputError(
            f"hot pixels of {chips.sensor}: expected bands {', '.join(BANDS)}, missing {', '.join(missing)}"
        )
    units = {band.name: band.unit for band in SENSORS[chips.sensor].bands} if chips.sensor in SENSORS else {}
    wrong = [name for name in BANDS if units.get(name, "1") != "1"]
    if wrong:
        raise InputError(f"hot pixels of {chips.sensor}: expected reflectance, found {units[wrong[0]]} of {wrong[0]}")
    near, short, long = (chips.bands[name] for name in BANDS)
    return near, short, long


def _cold(is_valid: Flags, is_clearly_hot: Flags, sky: Sky | None) -> Flags:
    """Ground that is neither hidden nor clearly hot, nor beside what is."""
    is_cold = is_valid & ~grown(is_clearly_hot, 1)
    return is_cold if sky is None else is_cold & ~(sky.is_cloud | sky.is_steam)


def _surroundings(bands: Bands, surplus: Images, is_cold: Flags, step: float) -> tuple[list[Images], Images, Context]:
    """Mean of each band round every pixel, deviation of the last, and what the answer needs to know."""
    ground = ground_surplus(surplus)
    images = [*bands, bands[2] * bands[2], ground, ground * ground]
    near, short, long, long_square, mean, square = local_means(images, is_cold, step)
    shape = (bands[0].shape[1], bands[0].shape[2])
    return (
        [band.image(shape) for band in (near, short, long)],
        deviation_of(long, long_square).image(shape),
        Context(surplus=mean, deviation=deviation_of(mean, square), is_cold=is_cold, step=step),
    )


def _is_nhi(chips: Chips, radiance: Bands, white: dict[str, Floats]) -> Flags:
    rules = OLI_RULES if chips.sensor.startswith("landsat") else MSI_RULES
    visible = None
    if "blue" in white:
        visible = chips.bands["blue"] * white["blue"].astype(np.float32)[:, None, None]
    return hotspots(*radiance, rules=rules, visible=visible).is_hot


def _named(found: HeatPixels, bands: Bands, is_shifted: Flags, sky: Sky | None, ground: float) -> Codes:
    """What those pixels are that an index or their brightness takes for hot, and that are not."""
    is_suspect = (found.tai >= TAI_LEAST) | (found.nhi_swir > 0) | (found.nhi_swnir > 0) | is_shifted
    is_suspect |= (bands[2] > SUSPECT_SWIR22) & (found.swir22_excess > SUSPECT_SIGMAS * found.swir22_noise)
    is_near_cloud = None if sky is None else grown(sky.is_cloud | sky.is_steam, CLOUD_EDGE)
    return false_targets(
        is_suspect & found.is_valid & ~found.is_hot,
        bands,
        is_shifted,
        is_near_cloud,
        None if sky is None else sky.is_snow,
        ground,
    )
