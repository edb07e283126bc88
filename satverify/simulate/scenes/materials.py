"""What the surfaces of a works are made of: colour from blue to the shortwave infrared, warmth, gloss, and snow on it.

Spectra are given at a few wavelengths and are straight between them. They are levels for mixtures as they lie there,
dusty and weathered, after samples of the libraries below, rounded to a hundredth; single roofs and heaps differ, which
``patches`` sees to. Not modelled: emissivity (bare metal looks colder than it is), wetness, and angles but for the
glint of what is smooth.

References
----------
S. K. Meerdink et al., The ECOSTRESS spectral library version 1.0, Remote Sensing of Environment 230, 2019.
doi:10.1016/j.rse.2019.05.015
R. F. Kokaly et al., USGS Spectral Library Version 7, 2017. doi:10.3133/ds1035
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

KNOTS = (0.443, 0.490, 0.560, 0.665, 0.865, 1.610, 2.200)
"""Wavelengths at which spectra are given. [µm]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One kind of surface."""

    spectrum: tuple[float, ...]
    """Reflectance at ``KNOTS``. [0, 1]"""
    spread: float
    """Standard deviation of the log of brightness from one patch to the next."""
    tilt: float
    """Standard deviation of the exponent by which patches get brighter with wavelength."""
    by_day: float
    """Warmer than bare ground under the overhead Sun. [K]"""
    by_night: float
    """Warmer than bare ground in the dark. [K]"""
    gloss: float
    """Share of sunlight that smooth facets return like a mirror. [0, 1]"""
    slope: tuple[float, float]
    """Least and largest tilt of these facets. [degree]"""
    keeps_snow: float
    """Share of fallen snow that stays: roofs shed and roads are cleared. [0, 1]"""


def _plain(
    *spectrum: float,
    spread: float = 0.15,
    tilt: float = 0.08,
    by_day: float = 4.0,
    by_night: float = 0.0,
    gloss: float = 0.0,
    slope: tuple[float, float] = (0.0, 0.0),
    keeps_snow: float = 0.6,
) -> Material:
    return Material(
        spectrum=spectrum,
        spread=spread,
        tilt=tilt,
        by_day=by_day,
        by_night=by_night,
        gloss=gloss,
        slope=slope,
        keeps_snow=keeps_snow,
    )


LOW_ROOF, PANEL = (2.0, 14.0), (24.0, 38.0)
"""Slopes of sheet-metal roofs, and of solar panels at 35 to 40 degrees north. [degree]"""

MATERIALS: Mapping[str, Material] = MappingProxyType(
    {
        "works_ground": _plain(0.08, 0.09, 0.11, 0.13, 0.16, 0.21, 0.20, by_day=5.0),
        "concrete": _plain(0.17, 0.20, 0.23, 0.26, 0.29, 0.33, 0.30, by_day=4.0, by_night=1.0, keeps_snow=0.35),
        "road": _plain(0.08, 0.09, 0.10, 0.11, 0.13, 0.17, 0.17, by_day=7.0, by_night=1.5, keeps_snow=0.1),
        "green": _plain(0.03, 0.04, 0.07, 0.06, 0.22, 0.20, 0.13, by_day=0.0, by_night=-0.5, keeps_snow=1.0),
        "metal_roof": _plain(
            0.40, 0.43, 0.46, 0.48, 0.48, 0.56, 0.58, spread=0.25, by_day=6.0, by_night=-2.0, gloss=0.5,
            slope=LOW_ROOF, keeps_snow=0.35,
        ),
        "blue_roof": _plain(
            0.30, 0.32, 0.22, 0.11, 0.26, 0.38, 0.31, spread=0.2, by_day=10.0, by_night=-1.5, gloss=0.12,
            slope=LOW_ROOF, keeps_snow=0.4,
        ),
        "dark_roof": _plain(0.05, 0.06, 0.07, 0.08, 0.10, 0.15, 0.16, spread=0.2, by_day=13.0, keeps_snow=0.5),
        "rusty_roof": _plain(0.05, 0.06, 0.08, 0.17, 0.24, 0.38, 0.39, spread=0.2, by_day=10.0, keeps_snow=0.4),
        "coal": _plain(0.035, 0.037, 0.040, 0.043, 0.050, 0.068, 0.076, spread=0.2, tilt=0.2, by_day=12.0),
        "coke": _plain(0.050, 0.052, 0.055, 0.058, 0.062, 0.070, 0.074, spread=0.2, tilt=0.2, by_day=10.0),
        "ore": _plain(0.04, 0.05, 0.07, 0.15, 0.16, 0.26, 0.28, spread=0.2, tilt=0.12, by_day=8.0),
        "slag": _plain(0.09, 0.10, 0.12, 0.14, 0.15, 0.19, 0.21, spread=0.25, tilt=0.15, by_day=8.0, keeps_snow=0.3),
        "water_basin": _plain(0.05, 0.05, 0.05, 0.035, 0.015, 0.006, 0.004, by_day=-6.0, by_night=5.0, keeps_snow=0.0),
        "solar_panel": _plain(
            0.05, 0.05, 0.05, 0.05, 0.07, 0.13, 0.12, spread=0.1, by_day=12.0, by_night=-2.0, gloss=0.08,
            slope=PANEL, keeps_snow=0.2,
        ),
        "parked_metal": _plain(
            0.16, 0.17, 0.19, 0.21, 0.24, 0.29, 0.30, spread=0.3, tilt=0.15, by_day=6.0, by_night=-1.0, gloss=0.15,
            slope=(0.0, 40.0),
        ),
        "village": _plain(0.09, 0.10, 0.13, 0.16, 0.20, 0.25, 0.23, by_day=3.0, by_night=1.0, keeps_snow=0.8),
    }
)  # fmt: skip
"""By name."""

BURNT = (0.040, 0.045, 0.050, 0.058, 0.080, 0.112, 0.155)
"""Reflectance at ``KNOTS`` of stubble just burnt: dark in the near infrared, bright beyond 2 µm. [1]"""
FRESH_SNOW = (0.95, 0.96, 0.96, 0.95, 0.90, 0.14, 0.13)
"""At ``KNOTS``, fine grains. [1]"""
OLD_SNOW = (0.66, 0.68, 0.68, 0.67, 0.58, 0.04, 0.03)
"""At ``KNOTS``, coarse grains, with the dust of a week beside a works. [1]"""


def at_wavelength(spectrum: tuple[float, ...], wavelength: float) -> float:
    """Reflectance of a spectrum given at ``KNOTS``; beyond the last that of the last. [1]

    Parameters
    ----------
    spectrum
        As many numbers as ``KNOTS``. [1]
    wavelength
        [µm]
    """
    return float(np.interp(wavelength, KNOTS, spectrum))
