"""Where a short-wave band is saturated, and where heat did it.

A band ends at a radiance, not at a reflectance: under a low Sun saturated pixels lie at 2 and more. Where both bands
end at the same reflectance the thermal anomaly index is exactly 0, over the hottest pixels of all.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

REQUIRED = {"swir16": 70.0, "swir22": 24.5}
"""Radiance that MSI must measure; OLI's is alike. [W m⁻² sr⁻¹ µm⁻¹] Sentinel-2 User Handbook 1.2, 2015, table 3"""
HEADROOM = 1.25
"""Beyond it over the required radiance a band may be saturated: MSI ends at 1.3 times it in a real fire, OLI's products
at 1.34 and 1.35 (reflectance 1.2107 before division by the cosine, Landsat 8 Data Users Handbook 5.0)."""
ALIKE = 1e-3
"""Values this near to the largest are that value, but for resampling and noise. [1]"""
DARK_SHARE = 0.75
"""Reflectance at 0.86 µm over that of the brighter short-wave band. Of what can be as bright as the end of a band
without heat, mirroring sheet metal has 0.83, cloud and snow more than 1: ECOSTRESS spectral library. [1]"""
LARGEST_SHARE = 0.5
"""Of the pixels of a scene that heat can saturate, in a window over a lava flow; where more are, the scene is broken,
and ``faults`` says so."""


def is_saturated(reflectance: Images, white: Floats, band: str) -> Flags:
    """Pixels at the end of a band's range.

    Two pixels or more that share the scene's largest value, beyond the radiance that the band must measure, are a
    ceiling; without one, what lies far beyond that radiance counts.

    Parameters
    ----------
    reflectance
        Shape (time, y, x). [1]
    white
        Radiance of a white surface under the Sun of each scene, shape (time,). [W m⁻² sr⁻¹ µm⁻¹]
    band
        ``swir16`` or ``swir22``.

    Returns
    -------
    Of the shape of ``reflectance``; False where that is NaN.
    """
    required = (REQUIRED[band] / white)[:, None, None]
    top = np.fmax.reduce(reflectance, axis=(1, 2), initial=-np.inf, keepdims=True)
    found = np.zeros(reflectance.shape, dtype=np.bool_)
    for scene in np.flatnonzero(top[:, 0, 0] > required[:, 0, 0]):
        is_top = reflectance[scene] >= (1 - ALIKE) * top[scene]
        is_beyond = reflectance[scene] >= HEADROOM * required[scene]
        found[scene] = is_top if is_top.sum() > 1 else is_beyond
    return found


def is_saturated_by_heat(nir08: Images, swir16: Images, swir22: Images, white: dict[str, Floats]) -> Flags:
    """Pixels that heat saturates in one short-wave band or both.

    Parameters
    ----------
    nir08, swir16, swir22
        Top-of-atmosphere reflectance, shape (time, y, x). [1]
    white
        Radiance of a white surface for ``swir16`` and ``swir22``, each of shape (time,). [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    Of that shape: saturated, and dark at 0.86 µm, which neither cloud nor snow nor glint is. All of a scene is False
    where more is saturated than heat can saturate.
    """
    saturated = is_saturated(swir16, white["swir16"], "swir16") | is_saturated(swir22, white["swir22"], "swir22")
    if not saturated.any():
        return saturated
    saturated &= nir08 < DARK_SHARE * np.maximum(swir16, swir22)
    is_too_much = saturated.sum(axis=(1, 2)) > LARGEST_SHARE * np.isfinite(swir22).sum(axis=(1, 2))
    # a window of a few pixels over one source may be saturated for a good part
    is_too_much &= saturated.sum(axis=(1, 2)) > 25
    saturated[is_too_much] = False
    return saturated
