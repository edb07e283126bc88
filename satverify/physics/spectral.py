"""What a band of an instrument sees: radiance weighted with the spectral response, and the temperature it stands for.

A response is kept as the few wavelengths and weights that integrate any smooth spectrum over it as the whole response
does: Gauss quadrature with the response as its weight. Three wavelengths carry a near or short-wave infrared band to
1e-4 of the whole integral for every black body from 250 to 3000 K.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal

from satverify.errors import InputError
from satverify.physics.radiometry import SECOND, Floats, brightness_temperature, planck_radiance

ROUNDS = 6
"""Newton steps on the logarithm of radiance, which is almost a line in 1/T: each squares the error."""
SMALLEST = 1e-300
"""Below it a radiance is no longer a normal number in float64, and no temperature is read from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralBand:
    """One band of one instrument, as far as radiation is concerned."""

    wavelengths: tuple[float, ...]
    """Nodes of the response, ascending, in vacuum. [m]"""
    weights: tuple[float, ...]
    """Share of the response at each node; their sum is 1, or near it where the maker gives an effective wavelength."""
    solar_irradiance: float
    """Of the Sun at one astronomical unit, weighted with the response; NaN where it is of no use. [W m⁻² µm⁻¹]"""

    def __post_init__(self) -> None:
        if len(self.wavelengths) != len(self.weights) or not self.wavelengths:
            raise InputError(
                f"spectral band: {len(self.wavelengths)} wavelengths but {len(self.weights)} weights, expected as many"
            )
        if min(self.wavelengths) <= 0 or min(self.weights) <= 0:
            raise InputError(f"spectral band at {self.wavelengths} m: wavelengths and weights are positive")

    @property
    def centre(self) -> float:
        """Mean wavelength of the response. [m]"""
        return float(np.average(self.wavelengths, weights=self.weights))


def gauss_nodes(wavelength: Floats, response: Floats, count: int) -> tuple[Floats, Floats]:
    """Wavelengths and weights that integrate polynomials of degree ``2 count - 1`` over a response exactly.

    Parameters
    ----------
    wavelength
        Equally spaced, shape (n,); any unit.
    response
        Spectral response, never negative, shape (n,); any scale.
    count
        How many nodes, fewer than there are wavelengths with a response.

    Returns
    -------
    Nodes, ascending, in the unit of ``wavelength``; and weights, of sum 1. Each of shape (count,).

    Raises
    ------
    InputError
        The response is negative somewhere, or has too few wavelengths.

    References
    ----------
    W. Gautschi, Orthogonal Polynomials: Computation and Approximation, Oxford 2004, sections 2.2.3.1 (Stieltjes) and
    3.1.1 (Golub and Welsch).
    """
    if np.any(response < 0) or not 0 < count < np.count_nonzero(response):
        raise InputError(f"spectral response: expected no negative value and more than {count} wavelengths that count")
    share = response / response.sum()
    middle = float((share * wavelength).sum())
    spread = float(np.sqrt((share * (wavelength - middle) ** 2).sum()))
    place = (wavelength - middle) / spread  # of order one, or the recurrence loses its digits
    diagonal, beside = np.empty(count), np.empty(count)
    before, polynomial, norm_before = np.zeros_like(place), np.ones_like(place), 1.0
    for order in range(count):
        norm = float((share * polynomial**2).sum())
        diagonal[order] = float((share * place * polynomial**2).sum()) / norm
        beside[order] = norm / norm_before
        before, polynomial = polynomial, (place - diagonal[order]) * polynomial - beside[order] * before * (order > 0)
        norm_before = norm
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(beside[1:]))
    return middle + spread * np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)


def band_radiance(band: SpectralBand, kelvin: Floats | float) -> Floats:
    """Radiance of a black body as a band sees it.

    Parameters
    ----------
    band
        The band.
    kelvin
        Temperature, positive, any shape. [K]

    Returns
    -------
    Radiance averaged over the response, of the shape of ``kelvin``; NaN passes through. [W m⁻² sr⁻¹ µm⁻¹]
    """
    temperature = np.asarray(kelvin, dtype=np.float64)
    total = np.zeros_like(temperature)
    for wavelength, weight in zip(band.wavelengths, band.weights, strict=True):
        total += weight * planck_radiance(wavelength, temperature)
    return total


def band_slope(band: SpectralBand, kelvin: Floats | float) -> Floats:
    """Growth of the radiance of a black body with its temperature, as a share of the radiance: d ln L / dT.

    Parameters
    ----------
    band
        The band.
    kelvin
        Temperature, positive, any shape. [K]

    Returns
    -------
    Relative growth, of the shape of ``kelvin``; NaN passes through. [K⁻¹]
    """
    temperature = np.asarray(kelvin, dtype=np.float64)
    total, growth = np.zeros_like(temperature), np.zeros_like(temperature)
    for wavelength, weight in zip(band.wavelengths, band.weights, strict=True):
        exponent = SECOND / (wavelength * temperature)
        part = weight * planck_radiance(wavelength, temperature)
        total += part
        growth += part * exponent / (temperature * -np.expm1(-exponent))
    return np.divide(growth, total, out=np.full_like(total, np.nan), where=total > SMALLEST)


def band_brightness_temperature(band: SpectralBand, radiance: Floats | float) -> Floats:
    """Temperature of the black body that has a radiance in a band: the inverse of ``band_radiance``.

    Parameters
    ----------
    band
        The band.
    radiance
        Averaged over the response, any shape. [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    Temperature, NaN where the radiance is not positive. [K]
    """
    seen = np.asarray(radiance, dtype=np.float64)
    seen = np.where(seen > SMALLEST, seen, np.nan)
    inverse = 1 / brightness_temperature(band.centre, seen)
    for _ in range(ROUNDS):
        kelvin = 1 / inverse
        excess = np.log(band_radiance(band, kelvin) / seen)
        inverse = inverse + excess / (band_slope(band, kelvin) * kelvin**2)  # d ln L / d(1/T) is -slope T²
    temperature: Floats = 1 / inverse
    return temperature
