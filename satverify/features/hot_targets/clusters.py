"""Hot pixels that touch each other, as one source each: where it is, and how powerful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import pixel_ground
from satverify.features.hot_targets.pixels import HeatPixels
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import STEELWORKS_RANGE, radiance_method, radiative_power
from satverify.physics.subpixel import dual_band

Floats: TypeAlias = NDArray[np.float64]

TOUCHING = np.ones((3, 3), dtype=np.bool_)
"""Pixels that share an edge or a corner belong together."""
MEGA = 1e-6  # [MW/W]


@dataclass(frozen=True, slots=True, kw_only=True)
class HotCluster:
    """Hot pixels of one scene that touch each other."""

    row: float
    """Middle of its heat, in pixels from the upper edge of the image: 0.5 is the middle of the first row."""
    column: float
    """Likewise from the left edge."""
    pixels: int
    """How many."""
    saturated: int
    """How many of them are saturated: with any, power is a lower bound."""
    peak: float
    """Largest radiance over background at 2.2 µm. [W m⁻² sr⁻¹ µm⁻¹]"""
    power: float
    """Radiative power, from radiance at 2.2 µm, for heat of 1000 to 1800 K. [MW]"""
    power_uncertainty: float
    """Of noise and of the temperature not being known. [MW]"""
    temperature: float
    """From the ratio of both short-wave bands; NaN where it does not tell, or a pixel is saturated. [K]"""


def hot_clusters(chips: Chips, found: HeatPixels, scene: int) -> tuple[HotCluster, ...]:
    """Sources of one scene, most powerful first.

    Parameters
    ----------
    chips
        The scenes.
    found
        Their hot pixels.
    scene
        Place of the scene in ``chips``.

    Returns
    -------
    None where nothing is hot. Where the scene has no cold ground to compare with, power and temperature are NaN.
    """
    labels, count = ndimage.label(found.is_hot[scene], structure=TOUCHING)
    if count == 0:
        return ()
    rows, columns = np.nonzero(labels)
    number = labels[rows, columns] - 1
    long, short, noise = (
        image[scene][rows, columns].astype(np.float64)
        for image in (found.swir22_excess, found.swir16_excess, found.swir22_noise)
    )

    def total(values: Floats) -> Floats:
        summed: Floats = np.bincount(number, weights=values, minlength=count).astype(np.float64)
        return summed

    pixels = total(np.ones(len(number)))
    weight = np.where(long > 0, long, 0) + np.finfo(np.float64).tiny  # without background all pixels weigh the same
    peak = np.full(count, np.nan)
    np.fmax.at(peak, number, long)
    saturated = total(found.is_saturated[scene][rows, columns].astype(np.float64))
    # ground differs from pixel to pixel, so that errors of the pixels add up as squares
    power, error, kelvin = _heat(chips, scene, (total(long), total(short)), np.sqrt(total(noise**2)), saturated > 0)
    clusters = [
        HotCluster(
            row=float(row) + 0.5,
            column=float(column) + 0.5,
            pixels=int(pixels[each]),
            saturated=int(saturated[each]),
            peak=float(peak[each]),
            power=float(power[each]),
            power_uncertainty=float(error[each]),
            temperature=float(kelvin[each]),
        )
        for each, (row, column) in enumerate(
            zip(total(weight * rows) / total(weight), total(weight * columns) / total(weight), strict=True)
        )
    ]
    return tuple(sorted(clusters, key=lambda each: (-np.nan_to_num(each.power), each.row, each.column)))


def _heat(
    chips: Chips, scene: int, excess: tuple[Floats, Floats], noise: Floats, is_saturated: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Power and its uncertainty [MW], and temperature [K], from summed excess of 2.2 and 1.6 µm."""
    ground = pixel_ground(chips.grid)
    longer, shorter = (spectral_band(chips.satellite[scene], name) for name in ("swir22", "swir16"))
    power, error = radiative_power(radiance_method(longer, STEELWORKS_RANGE), excess[0], ground, noise=noise)
    part = dual_band((longer, excess[0]), (shorter, excess[1]), ground, noise=(noise, noise), is_saturated=is_saturated)
    return MEGA * power, MEGA * error, part.temperature
