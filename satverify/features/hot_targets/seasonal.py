"""The yearly course of a unit's warmth over its surroundings, against which a cold day can be told from a cold season.

Built-up ground is warmer than fields in the summer sun and often colder in winter, at work or not. So a contrast means
most against what the unit itself has at that time of the year. A year that was seen in part tells the rest of it badly:
the course is drawn towards no course at all, and its spread grows where there were no looks.

References
----------
Y. Zhou et al., Sustainability 10(6), 1935, 2018. doi:10.3390/su10061935: works against their own seasonal curve.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.sunlit import MAD

Floats: TypeAlias = NDArray[np.float64]

YEAR = 365.2425
"""Mean length of the Gregorian year. [d]"""
FEWEST = 5
"""Looks below which there is no course to speak of."""
SWING = 4.0
"""Standard deviation of the yearly swing that is expected before anything is seen: roofs against fields. [K]"""
LEVEL = 30.0
"""Likewise of the mean, which is as good as free: a cooler may be 40 K warmer than the fields. [K]"""
BOUND = 2.0
"""Standard deviations from which a look pulls at the course no harder: days on which the unit stood still. [1]"""
ROUNDS = 12
"""Of reweighting, by which the course has settled to a hundredth of a kelvin."""


def seasonal_contrast(time: NDArray[np.datetime64], contrast: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """What contrast each unit usually has on the day of each look.

    Parameters
    ----------
    time
        Of the looks, UTC, shape (time,).
    contrast, noise
        Of each unit and its standard deviation, (units, time); NaN where it was not measured. [K]

    Returns
    -------
    Usual contrast, and the standard deviation of a look about it, both (units, time) [K], for every day asked, measured
    or not. NaN for a unit with fewer than ``FEWEST`` looks. A course tells what is usual, not what is at work: it holds
    days of standstill too, as long as they are the fewer.
    """
    days = (time - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
    angle = 2 * np.pi * np.asarray(days, dtype=np.float64) / YEAR
    design = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)])
    usual, spread = np.full(contrast.shape, np.nan), np.full(contrast.shape, np.nan)
    for unit in range(len(contrast)):
        known = np.isfinite(contrast[unit]) & np.isfinite(noise[unit])
        if known.sum() >= FEWEST:
            usual[unit], spread[unit] = _course(design, contrast[unit], noise[unit], known)
    return usual, spread


def _course(design: Floats, contrast: Floats, noise: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Usual value and spread on all days, from the known ones."""
    features, target, sure = design[:, known], contrast[known], noise[known]
    prior = np.diag([1 / LEVEL**2, 1 / SWING**2, 1 / SWING**2])
    scale = np.hypot(sure, MAD * np.median(np.abs(target - np.median(target))))
    pull = np.ones_like(target)
    beta, precision = np.zeros(3), prior
    for _ in range(ROUNDS):
        weighted = features * (pull / scale**2)
        precision = weighted @ features.T + prior
        beta = np.linalg.solve(precision, weighted @ target)
        error = target - beta @ features
        rest = MAD * float(np.median(np.abs(error)))
        scale = np.hypot(sure, rest)
        pull = np.minimum(1.0, BOUND * scale / np.maximum(np.abs(error), 1e-9))
    unsure = np.einsum("fd,fd->d", design, np.linalg.solve(precision, design))
    looks = np.where(known, noise, float(np.median(sure)))
    return beta @ design, np.sqrt(looks**2 + rest**2 + unsure)
