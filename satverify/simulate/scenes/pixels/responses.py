"""How bands turn radiance into numbers: noise that grows with the signal, where they saturate, how sharp they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.instruments import SPECTRAL_BANDS
from satverify.physics.spectral import SpectralBand
from satverify.simulate.scenes.radiation import MICROMETRE, SUN

Floats: TypeAlias = NDArray[np.float64]

READING_SHARE = 0.5  # of the variance at the reference radiance that does not grow with the signal; an even split


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One band that counts photons."""

    reference: float
    """Radiance at which the signal-to-noise ratio is stated. [W m⁻² sr⁻¹ µm⁻¹]"""
    signal_to_noise: float
    """There. [1]"""
    ceiling: float
    """Radiance at which it saturates. [W m⁻² sr⁻¹ µm⁻¹]"""

    def noise(self, radiance: Floats) -> Floats:
        """Standard deviation at a radiance, photons and electronics together. [W m⁻² sr⁻¹ µm⁻¹]"""
        at_reference = (self.reference / self.signal_to_noise) ** 2
        variance = np.maximum(radiance, 0.0) * (at_reference * (1 - READING_SHARE) / self.reference)
        variance += at_reference * READING_SHARE
        deviation: Floats = np.sqrt(variance, out=variance)
        return deviation


def _responses(rows: Mapping[str, tuple[float, float, float]], headroom: float) -> Mapping[str, Response]:
    return MappingProxyType(
        {
            name: Response(reference=reference, signal_to_noise=ratio, ceiling=headroom * largest)
            for name, (reference, ratio, largest) in rows.items()
        }
    )


MSI_HEADROOM = 1.3  # of the detectors over the radiance they must reach; B12 of a real fire ends at 1.30 times it
MSI = _responses(
    {  # reference radiance, signal to noise there, largest radiance: Sentinel-2 User Handbook 1.2, 2015, table 3
        "B01": (129.0, 129.0, 588.0),
        "B02": (128.0, 154.0, 615.5),
        "B03": (128.0, 168.0, 559.0),
        "B04": (108.0, 142.0, 484.0),
        "B05": (74.5, 117.0, 449.5),
        "B06": (68.0, 89.0, 413.0),
        "B07": (67.0, 105.0, 387.0),
        "B08": (103.0, 174.0, 308.0),
        "B8A": (52.5, 72.0, 308.0),
        "B09": (9.0, 114.0, 233.0),
        "B10": (6.0, 50.0, 45.0),
        "B11": (4.0, 100.0, 70.0),
        "B12": (1.5, 100.0, 24.5),
    },
    MSI_HEADROOM,
)
"""Bands of MSI."""
OLI = _responses(
    {  # typical radiance, measured signal to noise, largest radiance; Morfitt et al. 2015, doi:10.3390/rs70202208
        "B01": (40.0, 235.0, 555.0),
        "B02": (40.0, 360.0, 581.0),
        "B03": (30.0, 300.0, 544.0),
        "B04": (22.0, 225.0, 462.0),
        "B05": (14.0, 200.0, 281.0),
        "B06": (4.0, 265.0, 71.3),
        "B07": (1.7, 330.0, 24.3),
        "B08": (23.0, 150.0, 515.0),
        "B09": (6.0, 160.0, 88.5),
    },
    1.3,  # measured ceilings lie so far above those required; stored numbers end below some of them
)
"""Reflective bands of OLI."""
LEAST_ALBEDO, LEAST_RATIO = 0.005, 20.0  # of SLSTR's solar bands; Coppo et al. 2010, doi:10.1080/09500340.2010.503010
SLSTR = MappingProxyType(
    {
        name: Response(
            reference=LEAST_ALBEDO * SUN[wavelength] / np.pi,
            signal_to_noise=LEAST_RATIO,
            ceiling=SUN[wavelength] / np.pi,  # albedo of 1 below the Sun; likewise
        )
        for name, wavelength in (
            ("S1", 0.560),
            ("S2", 0.665),
            ("S3", 0.865),
            ("S4", 1.375),
            ("S5", 1.610),
            ("S6", 2.200),
        )
    }
)
"""Solar bands of SLSTR."""

NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sentinel-2": {"B8A": "nir08", "B10": "cirrus", "B11": "swir16", "B12": "swir22"},
        "landsat": {"B05": "nir08", "B06": "swir16", "B07": "swir22", "B10": "lwir11"},
        "sentinel-3": {
            "S5": "swir16",
            "S6": "swir22",
            "S7": "mir37",
            "S8": "lwir11",
            "S9": "lwir12",
            "F1": "fire37",
            "F2": "lwir11",
        },
    }
)
"""What bands in which heat counts are called among the responses of ``physics.instruments``, by mission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The light that one band of one satellite sees."""

    wavelength: float
    """Key into the spectra of ground, air and cloud. [µm]"""
    spectral: SpectralBand
    """How it weighs the light of hot things; irradiance of the Sun with it."""


@lru_cache(maxsize=256)
def light_of(platform: str, band: str, wavelength: float) -> Light:
    """What a band sees: its measured response where there is one, else its middle.

    Parameters
    ----------
    platform
        In the catalogue's spelling, such as ``sentinel-2a``.
    band
        The service's name, such as ``B8A``.
    wavelength
        Of its middle, a key into the spectra of ground and Sun. [µm]
    """
    mission = platform.rstrip("abc") if platform.startswith("sentinel") else platform.partition("-")[0]
    known = SPECTRAL_BANDS.get(platform, {})
    name = NAMES.get(mission, {}).get(band, "")
    if name in known:
        return Light(wavelength=wavelength, spectral=known[name])
    middle = SpectralBand(
        wavelengths=(wavelength * MICROMETRE,), weights=(1.0,), solar_irradiance=SUN.get(wavelength, np.nan)
    )
    return Light(wavelength=wavelength, spectral=middle)
