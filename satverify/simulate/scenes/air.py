"""What the air does to light on its way: clear air takes a little of it, haze takes more and shines itself.

Haze is one even layer of small particles. What it adds to the Sun's reflection is single scattering (a closed form);
what it takes from the ground is less than from a hot spot, because light that is scattered forward comes from the
ground's neighbours too, but is lost to a spot. Not modelled: scattering more than once, which makes thick haze brighter
still, layers, dust of larger grains, and vapour that comes and goes.

References
----------
K. N. Liou, An Introduction to Atmospheric Radiation, 2nd edition, 2002, sections 3.4 and 6.5: reflection of a layer in
single scattering, and the two-stream transmission.
L. G. Henyey and J. L. Greenstein, Diffuse radiation in the galaxy, Astrophysical Journal 93, 1941. doi:10.1086/144246
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.ground import TRANSMITTANCE, USUAL_TRANSMITTANCE

Floats: TypeAlias = NDArray[np.float64]

REFERENCE = 0.55  # [µm] where the optical depth of haze is stated
ANGSTROM = 1.3  # exponent of the optical depth with wavelength; fine particles over the North China Plain, AERONET
SINGLE_SCATTERING = 0.90  # share of what a particle takes that it scatters; Beijing, AERONET, rounded
ASYMMETRY = 0.65  # of the Henyey-Greenstein phase function; likewise
FORWARD = 0.5 * (1 + ASYMMETRY)  # share scattered forward, in the two-stream approximation
RAYLEIGH, RAYLEIGH_EXPONENT = 0.0088, -4.05  # optical depth of air by wavelength [µm]; Hansen and Travis 1974
CIRRUS_BACK = (
    0.115  # half of what ice scatters backward, asymmetry 0.77; King et al. 2013, doi:10.1109/TGRS.2012.2227333
)
CIRRUS_WHITENESS = ((1.3, 1.0), (1.5, 0.9), (2.0, 0.75), (9.0, 0.6))  # up to a wavelength [µm]: ice absorbs; rounded
CIRRUS_FORWARD = 0.5  # of what ice scatters, so nearly straight on that it is not lost to a spot; rounded
STEEPEST = 0.1  # cosine of the solar zenith angle below which the path through the air grows no longer


def optical_depth(aerosol: Floats | float, wavelength: float) -> Floats:
    """Optical depth of haze at a wavelength. [1]

    Parameters
    ----------
    aerosol
        Optical depth at 0.55 µm. [0, ...)
    wavelength
        [µm]
    """
    depth: Floats = np.asarray(aerosol) * (wavelength / REFERENCE) ** -ANGSTROM
    return depth


def clear_transmittance(wavelength: float) -> float:
    """Share of what leaves the ground upward that comes through clear air: of the way down and up, one half. (0, 1]

    Parameters
    ----------
    wavelength
        Key into the ground's spectra. [µm]
    """
    return float(np.sqrt(TRANSMITTANCE.get(wavelength, USUAL_TRANSMITTANCE)))


def spot_transmittance(aerosol: Floats | float, wavelength: float) -> Floats:
    """Share of what a small spot sends upward that comes through haze unscattered. (0, 1]

    Parameters
    ----------
    aerosol
        Optical depth of the haze at 0.55 µm. [0, ...)
    wavelength
        [µm]
    """
    share: Floats = np.exp(-optical_depth(aerosol, wavelength))
    return share


def haze_transmittance(depth: Floats, cosine: Floats) -> Floats:
    """Share of sunlight that wide ground still returns through haze, down and up, scattered or not. (0, 1]

    Parameters
    ----------
    depth
        Optical depth at the wavelength. [0, ...)
    cosine
        Of the solar zenith angle. [1]
    """
    lost = 1 - SINGLE_SCATTERING * FORWARD
    share: Floats = np.exp(-lost * depth * (1 / np.maximum(cosine, STEEPEST) + 1))
    return share


def haze_reflectance(depth: Floats, cosine: Floats) -> Floats:
    """Reflectance of haze over black ground, seen from straight above. [0, 1]

    Parameters
    ----------
    depth
        Optical depth at the wavelength. [0, ...)
    cosine
        Of the solar zenith angle. [1]
    """
    sun = np.maximum(cosine, STEEPEST)
    phase = (1 - ASYMMETRY**2) / (1 + ASYMMETRY**2 + 2 * ASYMMETRY * sun) ** 1.5  # light that turns back by the zenith
    bright: Floats = SINGLE_SCATTERING * phase / (4 * (sun + 1)) * -np.expm1(-depth * (1 / sun + 1))
    return bright


def direct_share(aerosol: Floats, wavelength: float, cosine: Floats) -> Floats:
    """Share of the sunlight on the ground that comes straight from the Sun, not from the sky. [0, 1]

    Parameters
    ----------
    aerosol
        Optical depth of haze at 0.55 µm. [0, ...)
    wavelength
        [µm]
    cosine
        Of the solar zenith angle. [1]
    """
    scattered = 0.5 * RAYLEIGH * wavelength**RAYLEIGH_EXPONENT  # forward; air scatters evenly fore and aft
    scattered = scattered + SINGLE_SCATTERING * FORWARD * optical_depth(aerosol, wavelength)
    share: Floats = np.exp(-scattered / np.maximum(cosine, STEEPEST))
    return share


def cirrus_reflectance(depth: Floats, cosine: Floats, wavelength: float) -> Floats:
    """Reflectance that thin cirrus adds, above all vapour. [0, 1]

    Parameters
    ----------
    depth
        Its optical depth, well below 1. [0, ...)
    cosine
        Of the solar zenith angle. [1]
    wavelength
        [µm]
    """
    white = next(share for end, share in CIRRUS_WHITENESS if wavelength < end)
    bright: Floats = white * CIRRUS_BACK * depth / np.maximum(cosine, STEEPEST)
    return bright


def cirrus_transmittance(depth: Floats) -> Floats:
    """Share of light from below that comes through thin cirrus. (0, 1]"""
    share: Floats = np.exp(-(1 - CIRRUS_FORWARD) * depth)
    return share
