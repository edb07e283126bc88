"""Temperature and area of something hot in a pixel from as many bands as saw it: a Planck curve fitted to the excess.

More forgiving than the ratio of two bands: a band below its noise, or above its range, costs certainty and no more.

References
----------
C. Elvidge et al., VIIRS Nightfire, Remote Sensing 5, 4423, 2013. doi:10.3390/rs5094423
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.physics.radiometry import Floats
from satverify.physics.spectral import SpectralBand
from satverify.physics.subpixel import FEWEST_SIGMAS, HotPart, excess_of, excess_slope, hot_part, temperature_knots

COARSE = (0.96, 1.04)
"""How far from the best knot the polished temperature may lie: two knots and a half."""
NEWTON = 10
"""Gauss-Newton steps from a knot at most 0.8 % away."""


def planck_fit(
    bands: Sequence[SpectralBand],
    excess: Floats,
    noise: Floats | float,
    pixel_area: float,
    *,
    surroundings: float = 0.0,
) -> HotPart:
    """Temperature and area of the hot part that fit the excess of two bands or more best, by least squares.

    Parameters
    ----------
    bands
        The bands, any order.
    excess
        Radiance over background, shape (band, ...); NaN where a band is saturated or missing. Negative values by noise
        are used as they are. [W m⁻² sr⁻¹ µm⁻¹]
    noise
        Standard deviation of each, positive, of a shape that broadcasts with it. [W m⁻² sr⁻¹ µm⁻¹]
    pixel_area
        Ground that one pixel stands for. [m²]
    surroundings
        Temperature around; 0 for none. [K]

    Returns
    -------
    The hot part, of shape ``excess.shape[1:]``. ``is_saturated`` where a single band remains; where none does, all is
    NaN and no flag is set. Uncertainties are those of the linearised fit.

    Raises
    ------
    InputError
        Fewer than two bands, or not as many as there are images.
    """
    if len(bands) < 2 or len(bands) != len(excess):
        raise InputError(
            f"fit of a black body: {len(bands)} bands and {len(excess)} images, expected as many, two or more"
        )
    level = np.asarray(excess, dtype=np.float64)
    weight = np.where(
        np.isfinite(level), 1 / np.broadcast_to(np.asarray(noise, dtype=np.float64), level.shape) ** 2, 0.0
    )
    level = np.where(weight > 0, level, 0.0)
    used = (weight > 0).sum(axis=0)
    is_clear = ((level * np.sqrt(weight)) > FEWEST_SIGMAS).sum(axis=0) >= 2
    grid = temperature_knots()
    best = _best_knot(bands, level, weight, grid, surroundings)
    is_open = (used >= 2) & is_clear
    too_cool, too_hot = best == 0, best == grid.size - 1
    kelvin = np.where(is_open & ~too_cool & ~too_hot, grid[best], np.nan)
    kelvin, share, covariance = _gauss_newton(bands, level, weight, kelvin, surroundings)
    deviation = np.sqrt(np.maximum(covariance[0], 0.0))
    along = np.divide(covariance[1], deviation, out=np.zeros_like(deviation), where=deviation > 0)
    across = np.sqrt(np.maximum(covariance[2] - along**2, 0.0))
    return hot_part(
        kelvin=kelvin,
        share=share,
        kelvin_by=(deviation, np.zeros_like(deviation)),
        share_by=(along, across),
        pixel_area=pixel_area,
        flags=((used >= 2) & ~is_clear, is_open & too_cool, is_open & too_hot, (used > 0) & (used < 2)),
    )


def _best_knot(
    bands: Sequence[SpectralBand], level: Floats, weight: Floats, grid: Floats, surroundings: float
) -> NDArray[np.intp]:
    """Knot of the grid whose black body, at the area that suits it best, leaves the smallest squares."""
    best = np.zeros(level.shape[1:], dtype=np.intp)
    gained = np.full(level.shape[1:], -np.inf)
    weighted = weight * level
    for knot, full in enumerate(np.stack([excess_of(band, grid, surroundings) for band in bands], axis=1)):
        match = np.einsum("b,b...->...", full, weighted)
        norm = np.einsum("b,b...->...", full**2, weight)
        gain = np.divide(match**2, norm, out=np.zeros_like(norm), where=(norm > 0) & (match > 0))
        is_better = gain > gained
        best[is_better], gained[is_better] = knot, gain[is_better]
    return best


def _gauss_newton(
    bands: Sequence[SpectralBand], level: Floats, weight: Floats, kelvin: Floats, surroundings: float
) -> tuple[Floats, Floats, tuple[Floats, Floats, Floats]]:
    """Polished temperature, share, and the covariance: of temperature, with relative share, and of relative share."""
    coolest, hottest = kelvin * COARSE[0], kelvin * COARSE[1]
    share = np.full_like(kelvin, np.nan)
    normal = (share, share, share)
    for _ in range(NEWTON):
        full = np.stack([excess_of(band, kelvin, surroundings) for band in bands])
        slope = np.stack([excess_slope(band, kelvin, surroundings) for band in bands]) * full
        share = (weight * level * full).sum(axis=0) / (weight * full**2).sum(axis=0)
        by_kelvin, by_share = share * slope, share * full
        normal = (
            (weight * by_kelvin**2).sum(axis=0),
            (weight * by_kelvin * by_share).sum(axis=0),
            (weight * by_share**2).sum(axis=0),
        )
        rest = level - share * full
        pull_kelvin, pull_share = (weight * by_kelvin * rest).sum(axis=0), (weight * by_share * rest).sum(axis=0)
        determinant = normal[0] * normal[2] - normal[1] ** 2
        step = (normal[2] * pull_kelvin - normal[1] * pull_share) / determinant
        kelvin = np.clip(kelvin + step, coolest, hottest)
    share = (weight * level * full).sum(axis=0) / (weight * full**2).sum(axis=0)
    return kelvin, share, (normal[2] / determinant, -normal[1] / determinant, normal[0] / determinant)
