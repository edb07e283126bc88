"""Whether probabilities mean what they say: Brier score and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.inference.durations import FloatArray

BINS = 10
"""Bins of equal width between 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Cases whose probability was alike."""

    low: float
    """Least probability of the bin. [0, 1]"""
    cases: int
    mean_probability: float
    """What was said. [0, 1]"""
    share_true: float
    """What happened. [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Probabilities held against what happened."""

    cases: int
    brier: float | None
    """Mean squared difference; 0.25 is a coin's. None without cases. [0, 1]"""
    expected_error: float | None
    """Expected calibration error over ``BINS`` bins: what is said against what happens. [0, 1]"""
    bins: tuple[Bin, ...]
    """Bins that hold any case."""


def calibration(probability: FloatArray, is_true: NDArray[np.bool_], *, balanced: bool = False) -> Calibration:
    """Brier score and expected calibration error.

    Parameters
    ----------
    probability
        What was said, shape (cases,). [0, 1]
    is_true
        What happened, shape (cases,).
    balanced
        Give the true cases together the same weight as the false ones, as a neutral prior supposes. Without cases of
        both kinds the scores are none.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], NaN among them, or shapes that differ.
    """
    if probability.shape != is_true.shape or not np.all((probability >= 0) & (probability <= 1)):
        raise InputError(f"calibration: expected {is_true.shape} probabilities in [0, 1], found {probability.shape}")
    cases, true = len(probability), int(is_true.sum())
    if cases == 0 or (balanced and true in (0, cases)):
        return Calibration(cases=cases, brier=None, expected_error=None, bins=())
    weight = np.full(cases, 1 / cases)
    if balanced:
        weight = np.where(is_true, 0.5 / true, 0.5 / (cases - true))
    number = np.minimum((probability * BINS).astype(int), BINS - 1)
    bins: list[Bin] = []
    error = 0.0
    for each in np.unique(number):
        inside = number == each
        share = weight[inside] / weight[inside].sum()
        said, happened = float(share @ probability[inside]), float(share @ is_true[inside])
        error += float(weight[inside].sum()) * abs(said - happened)
        bins.append(Bin(low=int(each) / BINS, cases=int(inside.sum()), mean_probability=said, share_true=happened))
    brier = float(weight @ (probability - is_true) ** 2)
    return Calibration(cases=cases, brier=brier, expected_error=error, bins=tuple(bins))
