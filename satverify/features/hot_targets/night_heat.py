"""Heat in the pixels of night scenes: by night the ground sends out nothing at 1.6 and 2.2 µm, so what shines is hot.

References
----------
C. Elvidge et al., Remote Sensing 5(9), 4423, 2013. doi:10.3390/rs5094423: four standard deviations at 1.6 µm by night.
A. Caseiro et al., Remote Sensing 10(7), 1118, 2018. doi:10.3390/rs10071118: the same for SLSTR, with a threshold from
the scene itself, clusters rather than pixels, and confirmation in another band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.sunlit import MAD
from satverify.physics.instruments import spectral_band
from satverify.physics.spectral import band_radiance

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Booleans: TypeAlias = NDArray[np.bool_]

HOT = 4.0
"""Standard deviations over the background from which a pixel may be hot: Elvidge 2013, section 3.2. [1]"""
CONFIRMED = 2.5
"""Standard deviations by which another band must agree within a pixel of it. [1]"""
STEP = 0.002
"""Step of stored radiance, ``domain.sensors``: noise below its own rounding is none. [W m⁻² sr⁻¹ µm⁻¹]"""
MIR_CEILING = 310.5
"""Where S7 saturates or nears it: 311 K, Sentinel-3 SLSTR user guide; F1 goes on from there. [K]"""
MIR_STEP = 0.3
"""Noise of S7 and of the ground under it in the calmest scene. [K]"""
SATELLITE = "sentinel-3a"
"""Whose bands stand for a platform that nobody knows, such as two joined: the two SLSTR are built alike."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightHeat:
    """What shines in night scenes. Arrays of pixels have the shape (time, y, x), of scenes (time,)."""

    swir16: Floats
    """Radiance over background at 1.6 µm. [W m⁻² sr⁻¹ µm⁻¹]"""
    swir22: Floats
    """Radiance over background at 2.2 µm. [W m⁻² sr⁻¹ µm⁻¹]"""
    mir: Floats
    """Radiance over background at 3.7 µm, from F1 where S7 saturates. [W m⁻² sr⁻¹ µm⁻¹]"""
    kelvin37: Images
    """Brightness temperature that this is from. [K]"""
    noise16: Floats
    """Standard deviation of a pixel without heat. [W m⁻² sr⁻¹ µm⁻¹]"""
    noise22: Floats
    """Likewise at 2.2 µm. [W m⁻² sr⁻¹ µm⁻¹]"""
    noise_mir: Floats
    """Likewise at 3.7 µm, ground included. [W m⁻² sr⁻¹ µm⁻¹]"""
    background16: Floats
    """What the scene shows at 1.6 µm without heat; far from 0 it is no night. [W m⁻² sr⁻¹ µm⁻¹]"""
    is_hot: Booleans
    """Pixels that hold heat."""
    is_peak: Booleans
    """Hottest pixel of each cluster and of each local maximum in it."""
    is_stray: Booleans
    """Pixels that shine in one band only, with nothing beside them: a particle in the detector, no heat."""
    is_saturated: Booleans
    """Hot, and at the ceiling of S7."""


def night_heat(chips: Chips) -> NightHeat:
    """Find heat in night scenes.

    Parameters
    ----------
    chips
        ``swir16`` and ``swir22`` [W m⁻² sr⁻¹ µm⁻¹]; ``mir37`` and ``fire37`` [K] where they are there.

    Returns
    -------
    NaN where nothing was measured. A scene is judged by itself; one without noise (constant) has nothing hot.
    """
    excess16, noise16, background16 = _over_background(chips.bands["swir16"].astype(np.float64), STEP / np.sqrt(12))
    excess22, noise22, _ = _over_background(chips.bands["swir22"].astype(np.float64), STEP / np.sqrt(12))
    kelvin37 = _mid_infrared(chips)
    mir, noise_mir = _mid_infrared_excess(chips, kelvin37)
    over16, over22, over37 = (
        _over_noise(*each) for each in ((excess16, noise16), (excess22, noise22), (mir, noise_mir))
    )
    is_hot, is_stray = _hot(over16, over22, over37)
    brightness = np.where(is_hot, np.maximum(over16, over22), -np.inf)
    highest = ndimage.maximum_filter(brightness, size=(1, 3, 3), mode="constant", cval=-np.inf)
    return NightHeat(
        swir16=excess16,
        swir22=excess22,
        mir=mir,
        kelvin37=kelvin37,
        noise16=noise16,
        noise22=noise22,
        noise_mir=noise_mir,
        background16=background16,
        is_hot=is_hot,
        is_peak=_first(is_hot & (brightness >= highest)),
        is_stray=is_stray,
        is_saturated=is_hot & (chips.bands["mir37"] >= MIR_CEILING) if "mir37" in chips.bands else is_hot & False,
    )


def _hot(over16: Floats, over22: Floats, over37: Floats) -> tuple[Booleans, Booleans]:
    """Pixels that stand out in one short-wave band and are borne out by another near by; and those that are not."""
    near16, near22, near37 = (
        ndimage.maximum_filter(np.nan_to_num(each, nan=-np.inf), size=(1, 3, 3), mode="nearest")
        for each in (over16, over22, over37)
    )
    by16, by22 = over16 > HOT, over22 > HOT
    confirms37 = (near37 > HOT) & np.isfinite(over37)
    is_hot = (by16 & ((near22 > CONFIRMED) | confirms37)) | (by22 & ((near16 > CONFIRMED) | confirms37))
    is_stray = (by16 | by22) & ~is_hot
    return is_hot, is_stray & ~ndimage.maximum_filter(is_hot, size=(1, 3, 3), mode="constant")


def _first(is_peak: Booleans) -> Booleans:
    """Of neighbours that are as hot, since resampling gives one pixel twice, the first along rows."""
    earlier = np.array([[[1, 1, 1], [1, 0, 0], [0, 0, 0]]], dtype=bool)
    follows = ndimage.maximum_filter(is_peak, footprint=earlier, mode="constant")
    return is_peak & ~follows


def _mid_infrared(chips: Chips) -> Images:
    """Temperature at 3.7 µm over the whole range: S7, and F1 where it saturates or is missing."""
    blank = np.full((len(chips), *chips.grid.shape), np.nan, dtype=np.float32)
    narrow, wide = chips.bands.get("mir37", blank), chips.bands.get("fire37", blank)
    is_wide = np.isfinite(wide) & ~(narrow < MIR_CEILING)  # NaN is not below the ceiling either
    return np.where(is_wide, np.maximum(wide, np.nan_to_num(narrow, nan=0.0)), narrow)


def _mid_infrared_excess(chips: Chips, kelvin: Images) -> tuple[Floats, Floats]:
    """Radiance over background at 3.7 µm, and its noise."""
    radiance = np.full(kelvin.shape, np.nan)
    for satellite in sorted(set(chips.satellite)):
        name = satellite if satellite.startswith("sentinel-3") and "-and-" not in satellite else SATELLITE
        own = np.array([each == satellite for each in chips.satellite])
        radiance[own] = band_radiance(spectral_band(name, "mir37"), kelvin[own].astype(np.float64))
    excess, noise, background = _over_background(radiance, 0.0)
    return excess, np.maximum(noise, MIR_STEP * 0.053 * background)  # d ln L / dT at 270 K and 3.74 µm: 0.053 / K


def _over_background(images: Floats, least: float) -> tuple[Floats, Floats, Floats]:
    """Images over the median of each scene, robust standard deviation, and the median; NaN where nothing was seen."""
    middle, spread = np.full(len(images), np.nan), np.full(len(images), np.nan)
    some = np.isfinite(images).any(axis=(1, 2))
    if some.any():
        flat = images[some].reshape(int(some.sum()), -1)
        middle[some] = np.nanmedian(flat, axis=1)
        spread[some] = MAD * np.nanmedian(np.abs(flat - middle[some, None]), axis=1)
    return images - middle[:, None, None], np.maximum(spread, least), middle


def _over_noise(excess: Floats, noise: Floats) -> Floats:
    quiet = np.where(noise > 0, noise, np.nan)
    over: Floats = excess / quiet[:, None, None]
    return over
