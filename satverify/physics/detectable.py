"""The smallest heat that an index can show over sunlit ground: what a threshold means under a given Sun.

Heat is added to what the ground reflects, and sunlight to be beaten grows with the Sun's height: the same threshold of
an index finds a smaller source in December than in June.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.physics.hotspot import TAI_LEAST, TAI_LEAST_SWIR22

Floats: TypeAlias = NDArray[np.float64]


def least_share_by_tai(ground: Sequence[Floats | float], hot: Sequence[Floats | float]) -> Floats:
    """Smallest share of a pixel that must be hot for the thermal anomaly index to show it.

    Parameters
    ----------
    ground
        Reflectance of the cold ground at 0.86, 1.6 and 2.2 µm. [1]
    hot
        Radiance of the hot thing over that of a white ground under the same Sun, at the same three wavelengths: its
        reflectance if it were sunlight. Shapes broadcast. [1]

    Returns
    -------
    Share of the pixel's area, NaN where no share up to 1 shows. [1]

    Raises
    ------
    InputError
        There are not three of each.
    """
    (near, short, long), (hot_near, hot_short, hot_long) = _threes(ground, hot)
    index = _root(long - short - TAI_LEAST * near, hot_long - hot_short - TAI_LEAST * hot_near)
    rise = _root(long - 2 * short + near, hot_long - 2 * hot_short + hot_near)
    floor = _root(long - TAI_LEAST_SWIR22, hot_long)
    return _possible(np.maximum(np.maximum(index, rise), floor))


def least_share_by_nhi(ground: Sequence[Floats | float], hot: Sequence[Floats | float], floor: float) -> Floats:
    """Smallest share of a pixel that must be hot for either normalised hotspot index to show it.

    Parameters
    ----------
    ground
        Radiance of the cold ground at 0.86, 1.6 and 2.2 µm. [W m⁻² sr⁻¹ µm⁻¹]
    hot
        Radiance of the hot thing at the same three wavelengths; shapes broadcast. [W m⁻² sr⁻¹ µm⁻¹]
    floor
        Radiance at 2.2 µm that a hot pixel exceeds. [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    Share of the pixel's area, NaN where no share up to 1 shows. [1]

    Raises
    ------
    InputError
        There are not three of each.
    """
    (near, short, long), (hot_near, hot_short, hot_long) = _threes(ground, hot)
    either = np.fmin(_root(long - short, hot_long - hot_short), _root(short - near, hot_short - hot_near))
    return _possible(np.maximum(either, _root(long - floor, hot_long)))


def _threes(ground: Sequence[Floats | float], hot: Sequence[Floats | float]) -> tuple[list[Floats], list[Floats]]:
    if len(ground) != 3 or len(hot) != 3:
        raise InputError(f"smallest heat: expected three bands of ground and heat, found {len(ground)} and {len(hot)}")
    return [np.asarray(band, dtype=np.float64) for band in ground], [np.asarray(band, dtype=np.float64) for band in hot]


def _root(cold: Floats, heat: Floats) -> Floats:
    """Share from which ``cold + share * heat`` is positive: 0 where it always is, NaN where it never will be."""
    cold, heat = np.broadcast_arrays(cold, heat)
    share = np.divide(-cold, heat, out=np.full(cold.shape, np.nan), where=heat > 0)
    positive: Floats = np.where(cold >= 0, np.where(heat >= 0, 0.0, share), np.maximum(share, 0.0))
    return positive


def _possible(share: Floats) -> Floats:
    possible: Floats = np.where(share <= 1, share, np.nan)
    return possible
