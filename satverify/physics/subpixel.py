"""Temperature and area of something hot that fills a small part of a pixel, from its radiance in two bands.

What is given is radiance *over background*: the excess. Where a share ``p`` of a pixel is at temperature ``T`` the
excess of band ``b`` is ``p (L_b(T) - L_b(T_around))``; below 2.5 µm the surroundings emit nothing that counts, and the
sunlight that the hot part hides, ``p`` times what the ground reflects, is left out. The hot part is a black body at one
temperature: a real one, with cooler rims, gives a temperature between its hottest and its mean, and the power least
wrong. What the air takes away is divided out by the caller.

References
----------
J. Dozier, Remote Sensing of Environment 11, 221, 1981. doi:10.1016/0034-4257(81)90021-3
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from satverify.errors import InputError
from satverify.physics.radiometry import Floats
from satverify.physics.spectral import SpectralBand, band_radiance, band_slope

Flags = NDArray[np.bool_]

COOLEST, HOTTEST = 450.0, 3000.0
"""Range in which a temperature is looked for: a cooler body is below the noise of short-wave bands. [K]"""
KNOTS = 120
"""Temperatures of the first, coarse look: neighbours are 1.6 % apart."""
POLISH = 40
"""Halvings and Newton steps at most; six are the rule."""
FEWEST_SIGMAS = 2.0
"""Excess over its noise below which a ratio of two bands says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotPart:
    """The hot part of each pixel; NaN where it cannot be known, with the reason in the flags. All of one shape."""

    temperature: Floats
    """Of the black body. [K]"""
    temperature_uncertainty: Floats
    """Standard deviation by the noise of the bands. [K]"""
    area: Floats
    """Hot area on the ground. [m²]"""
    area_uncertainty: Floats
    """Likewise. [m²]"""
    power: Floats
    """Radiated into the half space, by Stefan and Boltzmann. [W]"""
    power_uncertainty: Floats
    """Likewise; smaller than the errors of temperature and area make it look, for these lean against each other. [W]"""
    is_faint: Flags
    """The excess is not above the noise in two bands."""
    is_too_cool: Flags
    """The bands ask for less than the coolest temperature looked for."""
    is_too_hot: Flags
    """They ask for more than the hottest: not one black body, or a band out of place."""
    is_saturated: Flags
    """Too few bands remain that are not saturated."""
    is_overfilled: Flags
    """The hot area is larger than the pixel; temperature and power are kept, and doubtful."""


def dual_band(
    longer: tuple[SpectralBand, Floats],
    shorter: tuple[SpectralBand, Floats],
    pixel_area: float,
    *,
    noise: tuple[Floats | float, Floats | float] = (0.0, 0.0),
    is_saturated: Flags | bool = False,
    surroundings: float = 0.0,
) -> HotPart:
    """Temperature and area of the hot part from the ratio of two bands.

    Parameters
    ----------
    longer, shorter
        The band of longer and of shorter wavelength, each with its excess of radiance, one shape.
        [W m⁻² sr⁻¹ µm⁻¹]
    pixel_area
        Ground that one pixel stands for. [m²]
    noise
        Standard deviation of both excesses, background and its spread included, longer first. [W m⁻² sr⁻¹ µm⁻¹]
    is_saturated
        Pixels in which either band is saturated.
    surroundings
        Temperature around, for a band that sees it, such as 3.7 µm; 0 for none. [K]

    Returns
    -------
    The hot part, of the shape of the excesses; NaN passes through, and no flag is set for it.

    Raises
    ------
    InputError
        The bands are not in order of wavelength, or the shapes differ.
    """
    (band_long, excess_long), (band_short, excess_short) = longer, shorter
    if band_long.centre <= band_short.centre:
        raise InputError(f"two bands: {band_long.centre} m is to be longer than {band_short.centre} m")
    if np.shape(excess_long) != np.shape(excess_short):
        raise InputError(f"two bands: shapes {np.shape(excess_long)} and {np.shape(excess_short)}, expected one")
    long, short = (np.asarray(excess, dtype=np.float64) for excess in (excess_long, excess_short))
    is_known = np.isfinite(long) & np.isfinite(short)
    sure_long, sure_short = (np.asarray(each, dtype=np.float64) for each in noise)
    saturated = is_known & np.broadcast_to(is_saturated, long.shape)
    with np.errstate(invalid="ignore"):
        is_clear = (long > FEWEST_SIGMAS * sure_long) & (short > FEWEST_SIGMAS * sure_short) & (long > 0) & (short > 0)
    is_open = is_known & is_clear & ~saturated
    ratio = np.log(np.divide(long, short, out=np.ones_like(long), where=is_open))
    kelvin, too_cool, too_hot = _solve_ratio(band_long, band_short, surroundings, ratio)
    kelvin = np.where(is_open & ~too_cool & ~too_hot, kelvin, np.nan)
    share = np.divide(long, excess_of(band_long, kelvin, surroundings))
    growth_long, growth_short = (excess_slope(band, kelvin, surroundings) for band in (band_long, band_short))
    spread = growth_long - growth_short  # of ln ratio with temperature, negative
    relative_long, relative_short = _relative(sure_long, long, is_open), _relative(sure_short, short, is_open)
    return hot_part(
        kelvin=kelvin,
        share=share,
        kelvin_by=(relative_long / spread, -relative_short / spread),
        share_by=(-growth_short / spread * relative_long, growth_long / spread * relative_short),
        pixel_area=pixel_area,
        flags=(is_known & ~is_clear & ~saturated, is_open & too_cool, is_open & too_hot, saturated),
    )


def excess_of(band: SpectralBand, kelvin: Floats | float, surroundings: float = 0.0) -> Floats:
    """Radiance of a pixel full of heat over that of its surroundings. [W m⁻² sr⁻¹ µm⁻¹]

    Parameters
    ----------
    band
        The band.
    kelvin
        Temperature of the heat, any shape; NaN passes through. [K]
    surroundings
        Temperature around; 0 for none. [K]
    """
    emitted = band_radiance(band, kelvin)
    return emitted - band_radiance(band, surroundings) if surroundings > 0 else emitted


def excess_slope(band: SpectralBand, kelvin: Floats | float, surroundings: float = 0.0) -> Floats:
    """Relative growth of ``excess_of`` with the temperature of the heat. [K⁻¹]

    Parameters
    ----------
    band, kelvin, surroundings
        As there.
    """
    growth: Floats = band_slope(band, kelvin) * band_radiance(band, kelvin) / excess_of(band, kelvin, surroundings)
    return growth


def temperature_knots() -> Floats:
    """Temperatures among which the first look is made, ascending. [K]"""
    return np.geomspace(COOLEST, HOTTEST, KNOTS)


def _relative(noise: Floats, level: Floats, is_open: Flags) -> Floats:
    return np.divide(noise, level, out=np.full_like(level, np.nan), where=is_open)


def _solve_ratio(
    longer: SpectralBand, shorter: SpectralBand, surroundings: float, wanted: Floats
) -> tuple[Floats, Flags, Flags]:
    """Temperature at which the logarithm of the ratio, which falls with it, is as wanted; and where none is."""

    def ratio(kelvin: Floats) -> Floats:
        value: Floats = np.log(excess_of(longer, kelvin, surroundings) / excess_of(shorter, kelvin, surroundings))
        return value

    knots = temperature_knots()
    levels = ratio(knots)
    too_cool, too_hot = wanted > levels[0], wanted < levels[-1]
    after = np.clip(knots.size - np.searchsorted(levels[::-1], wanted), 1, knots.size - 1)
    low, high = knots[after - 1], knots[after]
    kelvin = (low + high) / 2
    for _ in range(POLISH):
        miss = ratio(kelvin) - wanted
        low, high = np.where(miss > 0, kelvin, low), np.where(miss > 0, high, kelvin)
        slope = excess_slope(longer, kelvin, surroundings) - excess_slope(shorter, kelvin, surroundings)
        step = kelvin - miss / slope
        step = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        is_done = np.all(np.abs(step - kelvin) <= 1e-12 * kelvin)
        kelvin = step
        if is_done:
            break
    return kelvin, too_cool, too_hot


def hot_part(
    *,
    kelvin: Floats,
    share: Floats,
    kelvin_by: tuple[Floats, Floats],
    share_by: tuple[Floats, Floats],
    pixel_area: float,
    flags: tuple[Flags, Flags, Flags, Flags],
) -> HotPart:
    """Put together what is known of the hot part.

    Parameters
    ----------
    kelvin
        Temperature. [K]
    share
        Hot share of the pixel. [1]
    kelvin_by, share_by
        What each of two independent errors of one sigma does to the temperature [K], and to the share, relative [1].
    pixel_area
        [m²]
    flags
        ``is_faint``, ``is_too_cool``, ``is_too_hot``, ``is_saturated``.
    """
    area = share * pixel_area
    power = constants.sigma * area * kelvin**4
    power_by = [by_share + 4 * by_kelvin / kelvin for by_kelvin, by_share in zip(kelvin_by, share_by, strict=True)]
    is_faint, is_too_cool, is_too_hot, is_saturated = flags
    return HotPart(
        temperature=kelvin,
        temperature_uncertainty=np.hypot(*kelvin_by),
        area=area,
        area_uncertainty=area * np.hypot(*share_by),
        power=power,
        power_uncertainty=power * np.hypot(*power_by),
        is_faint=is_faint,
        is_too_cool=is_too_cool,
        is_too_hot=is_too_hot,
        is_saturated=is_saturated,
        is_overfilled=np.nan_to_num(share) > 1,
    )
