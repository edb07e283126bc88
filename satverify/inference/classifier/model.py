"""The heat model: what a look at one unit says for and against its running, whatever the unit's history.

Two questions are asked of every look. Does the unit work or stand? And if it works, in full or reduced? Each has trees
of its own, trained as if every answer were equally likely beforehand or as often as it was, and that share is divided
out again: what is left is a likelihood, which other looks and any prior can be multiplied with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from satverify.domain.looks import STATES, USABLE
from satverify.domain.sites import STAYS_HOT
from satverify.errors import ModelError
from satverify.inference.classifier.inputs import inputs_of
from satverify.inference.classifier.trees import Trees, log_odds
from satverify.inference.visibility import HALTED, REDUCED, RUNNING, Visibility

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]
GroupKey: TypeAlias = tuple[str, str]
"""Sensor and kind of unit."""

ANY_KIND = "any"
"""Kind under which a sensor's pooled group stands, for kinds that have none of their own."""

STRONGEST = float(np.log(100.0))
"""Most that one look may say, as a logarithm of odds. What is accepted of the method is one false hit in a hundred
clear looks at cold ground; whoever trusts a look further trusts the simulator where nothing has tested it."""

ABSTAIN = float(np.log(2.0))
"""A look that favours neither working nor halted by two to one has abstained."""

SURE = (0.02, 0.98)
"""Least and most probable detection of a unit of usual visibility: no condition was tried often enough for more."""

CONDITIONS = (
    "seen_share",
    "cloud_share",
    "steam_share",
    "snow_share",
    "haze",
    "solar_zenith_angle",
    "footprint_pixels",
)
"""What of a look, heat apart, decides how well it would have shown a working unit."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """Trees that tell two things apart, and what makes probabilities of their log-odds."""

    trees: Trees
    slope: float
    """What the trees' log-odds are multiplied with, after the grouped out-of-fold predictions. Positive"""
    offset: float
    """What is added then."""
    prior: float
    """Log-odds of the training looks, as they were weighted; divided out of every answer."""

    def __post_init__(self) -> None:
        if not (self.slope > 0 and np.isfinite(self.slope) and np.isfinite(self.offset) and np.isfinite(self.prior)):
            raise ModelError(f"calibration: expected a positive slope and finite numbers, found {self.slope}")

    def log_ratio(self, inputs: Floats) -> Floats:
        """Logarithm of p(look | yes) / p(look | no), shape (rows,)."""
        return self.rescaled(log_odds(self.trees, inputs))

    def rescaled(self, told: Floats) -> Floats:
        """The same of the trees' log-odds, shape (rows,)."""
        return np.asarray(self.slope * told + self.offset - self.prior)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """How the conditions of a look decide whether it shows that a unit works."""

    coefficients: Floats
    """Logistic, of P(seen | working) on ``CONDITIONS``: one each, and a constant, shape (8,)."""
    middle: Floats
    """What a condition counts as where it is not known, shape (7,)."""

    def __post_init__(self) -> None:
        if self.coefficients.shape != (len(CONDITIONS) + 1,) or self.middle.shape != (len(CONDITIONS),):
            raise ModelError(f"detection: expected coefficients of {CONDITIONS}, found {self.coefficients.shape}")

    def p_seen(self, features: pd.DataFrame) -> Floats:
        """P(a look tells that the unit works | it works), for a unit of usual visibility, shape (rows,). [0, 1]"""
        return np.asarray(special.expit(design(features, self.middle) @ self.coefficients))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """All that was learned of one sensor and kind of unit."""

    working: Question
    """Working (running or reduced) against halted."""
    full: Question
    """Running against reduced."""
    detection: Detection
    """How well a look shows the usual unit at work."""
    visibility: Visibility
    """How the units of the kind differ, in clear looks."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatModel:
    """A trained classifier of looks."""

    name: str
    """Of its folder."""
    groups: Mapping[GroupKey, Group]
    """By sensor and kind of unit; ``ANY_KIND`` stands for kinds that a sensor has no group of."""

    def key(self, sensor: str, kind: str) -> GroupKey | None:
        """The group that answers for a unit; none where nothing was learned of it, as of units that never halt."""
        if kind in STAYS_HOT:
            return None
        for key in ((sensor, kind), (sensor, ANY_KIND)):
            if key in self.groups:
                return key
        return None


def state_log_likelihood(model: HeatModel, features: pd.DataFrame) -> Floats:
    """Log-likelihood of each look under each state, up to what all states share.

    Parameters
    ----------
    model
        Trained.
    features
        ``HEAT_COLUMNS``, in any order.

    Returns
    -------
    log P(state | look) less the log of the training prior, in the order of ``STATES``, shape (rows, 3). Halted is 0, so
    the other columns are logarithms of ratios; they are kept within ``STRONGEST``. Exactly zero where the look is not
    usable, or nothing was learned of the sensor and kind.

    Raises
    ------
    ModelError
        Columns are missing.
    """
    loglik = np.zeros((len(features), len(STATES)))
    inputs = inputs_of(features)
    for key, rows in grouped_rows(model, features).items():
        loglik[rows] = group_log_likelihood(model.groups[key], inputs[rows])
    return loglik


def grouped_rows(model: HeatModel, features: pd.DataFrame) -> dict[GroupKey, NDArray[np.intp]]:
    """Numbers of the usable rows by the group that answers for them."""
    usable = features["quality"].isin([str(quality) for quality in USABLE]).to_numpy()
    found: dict[GroupKey, list[NDArray[np.intp]]] = {}
    pairs = features["sensor"].astype(str) + "\n" + features["kind"].astype(str)
    for pair in sorted(set(pairs[usable])):
        sensor, kind = pair.split("\n")
        key = model.key(sensor, kind)
        if key is not None:
            found.setdefault(key, []).append(np.flatnonzero(usable & (pairs == pair).to_numpy()))
    return {key: np.sort(np.concatenate(rows)) for key, rows in found.items()}


def group_log_likelihood(group: Group, inputs: Floats) -> Floats:
    """Log-likelihoods of looks of one group, halted at 0, shape (rows, 3)."""
    return joined_answers(group.working.log_ratio(inputs), group.full.log_ratio(inputs), group.full.prior)


def joined_answers(working: Floats, full: Floats, full_prior: float) -> Floats:
    """Log-likelihoods of the states from the log-ratios of both questions, halted at 0, shape (rows, 3).

    p(look | working) is the mean of its two states, weighted as in training; that settles both of them.
    """
    share = special.expit(full_prior)
    reduced = working - np.logaddexp(np.log(share) + full, np.log1p(-share))
    ratios = np.column_stack([reduced + full, reduced, np.zeros(len(working))])
    return np.asarray(np.clip(ratios, -STRONGEST, STRONGEST))


def working_log_ratio(loglik: Floats) -> Floats:
    """Logarithm of p(look | working) / p(look | halted), running and reduced being equally likely, shape (rows,)."""
    ratio: Floats = np.logaddexp(loglik[:, RUNNING], loglik[:, REDUCED]) - np.log(2.0) - loglik[:, HALTED]
    return ratio


def has_abstained(loglik: Floats) -> Booleans:
    """True where a look favours neither working nor halted by ``ABSTAIN``, shape (rows,)."""
    return np.asarray(np.abs(working_log_ratio(loglik)) < ABSTAIN)


def design(features: pd.DataFrame, middle: Floats) -> Floats:
    """``CONDITIONS`` and a constant, unknown ones at their middle, each of the size of one, shape (rows, 8)."""
    table = features[list(CONDITIONS)].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.where(np.isfinite(table), table, middle)
    known[:, CONDITIONS.index("solar_zenith_angle")] = np.cos(
        np.radians(np.clip(known[:, CONDITIONS.index("solar_zenith_angle")], 0.0, 90.0))
    )
    known[:, CONDITIONS.index("footprint_pixels")] = np.log1p(known[:, CONDITIONS.index("footprint_pixels")]) / 5.0
    return np.column_stack([known, np.ones(len(features))])
