"""How probable it is that a requirement was met, from the looks inside the window alone.

Every requirement is an event about how many days a unit ran. The state chain is restarted on the window's first day,
halted or not with equal chance, and gives the event's probability without looks and with them. What the looks add is
the Bayes factor between the two; it turns any prior probability of obedience into a posterior one. So habit has no
vote: that a works ran for years moves neither side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from satverify.domain.findings import RunningDays
from satverify.domain.policy import Order, Requirement
from satverify.domain.rules import VerdictRules
from satverify.inference.counting import HALF_DAYS, WindowPosterior, window_evidence
from satverify.inference.durations import FloatArray, StateModel

HALTED_AT_START = 0.5
"""P(halted) on the first day of a restarted chain: the neutral prior. [1]"""

REDUCED_AT_START = 0.3
"""Share of the rest that is reduced: plants ordered to cut often run on with a furnace less. [1]"""

ANY_WORK = (1, 1, 0)
"""A day counts as running whether the unit ran in full or reduced."""

LEVEL = 0.9
"""Mass of the interval of running days. [1]"""

SHORTEST_SHARE = 0.25
"""A tolerance is never more than this share of the window, or a short order would ask for nothing. [1]"""

MEASURABLE = 0.05
"""Rise of the level, as a share of the usual level, that is no increase yet. [1]"""

ROUND_OFF = 1e-9  # of levels that are sums of half-days

LEVEL_ERROR = 0.5 / np.sqrt(12.0)
"""Standard deviation of a unit's level about that of its state: states lie half the usual level apart, and each stands
for all levels nearer to it than to another. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability:
    """Weight of the evidence for one order on one unit."""

    log_bayes_factor: float
    """Log of P(looks | met) / P(looks | not met); 0 where the looks cannot tell."""
    running_days: RunningDays
    """How many days the unit ran."""

    def p_met(self, prior: float) -> float:
        """P(requirement met | looks) for a prior probability of obedience. [0, 1]"""
        return float(special.expit(self.log_bayes_factor + special.logit(prior)))


def tolerance_of(order: Order, rules: VerdictRules) -> int:
    """Running days that a halt may have: the order's own, else the rules', at most a quarter of the window. [d]"""
    if order.tolerance_days is not None:
        return min(int(order.tolerance_days), order.days - 1)
    asked = max(rules.tolerance_days, rules.tolerance_share * order.days)
    return int(min(asked, SHORTEST_SHARE * order.days))


def p_halt(loglik: FloatArray, model: StateModel, tolerance: int) -> Probability:
    """Whether a unit ran on no more than ``tolerance`` days.

    Parameters
    ----------
    loglik
        Log-likelihood of each day's looks, shape (days, 3).
    model
        How long such units stay in a state.
    tolerance
        Running days that are allowed. [d]
    """
    posterior = _restarted(loglik, model, ANY_WORK)
    factor = float(posterior.log_bayes_factor(tolerance))
    return Probability(log_bayes_factor=_finite(factor), running_days=_running_days(posterior))


def p_level(
    loglik: FloatArray,
    baseline: FloatArray,
    model: StateModel,
    most: float,
    *,
    margin: float = 0.0,
    error: float = LEVEL_ERROR,
) -> Probability:
    """Whether a unit's mean output was at most ``most`` times that of its baseline days.

    Parameters
    ----------
    loglik, baseline
        Log-likelihood of the looks of each day of the window and of the baseline, shapes (days, 3).
    model
        How long such units stay in a state.
    most
        Allowed output as a share of the baseline's. [1]
    margin
        What is added to the allowed output, as a share of the usual output. [1]
    error
        How well the states know the level, so that a cut near what is allowed stays open. [1]
    """
    window = _restarted(loglik, model, HALF_DAYS)
    before = _restarted(baseline, model, HALF_DAYS)
    usual = np.arange(len(before.posterior)) / (2.0 * len(baseline))
    level = np.arange(len(window.posterior)) / (2.0 * len(loglik))
    met = _p_within(level, most * usual[:, np.newaxis] + margin, error)
    p_after = float(before.posterior @ met @ window.posterior)
    p_before = float(before.posterior @ met @ window.prior)
    factor = special.logit(np.clip(p_after, 1e-300, 1 - 1e-16)) - special.logit(np.clip(p_before, 1e-300, 1 - 1e-16))
    if p_before > 1 - 1e-9 or p_before < 1e-9:  # the event is certain or impossible whatever the looks say
        factor = 0.0
    days = _running_days(_restarted(loglik, model, ANY_WORK))
    return Probability(log_bayes_factor=_finite(float(factor)), running_days=days)


def p_of(
    order: Order, loglik: FloatArray, baseline: FloatArray | None, model: StateModel, tolerance: int
) -> Probability:
    """Weight of the evidence for whatever the order asks."""
    if order.requirement is Requirement.HALT or baseline is None:
        return p_halt(loglik, model, tolerance)
    if order.requirement is Requirement.CUT:
        return p_level(loglik, baseline, model, most=1.0 - (order.fraction or 0.0))
    # a unit in the state of its baseline days has not risen above them, whatever its level inside that state
    return p_level(loglik, baseline, model, most=1.0, margin=MEASURABLE, error=0.0)


def _restarted(loglik: FloatArray, model: StateModel, weights: tuple[int, int, int]) -> WindowPosterior:
    evidence = window_evidence(loglik, model, weights=weights)
    return evidence.posterior(p_halted=HALTED_AT_START, reduced_share=REDUCED_AT_START)


def _p_within(level: FloatArray, limit: FloatArray, deviation: float) -> FloatArray:
    """P(true level <= limit) for what the states make of the level; a unit that halted throughout has no error."""
    error = deviation * np.minimum(1.0, 2.0 * level)
    off = limit - level + ROUND_OFF
    steps = np.divide(off, error, out=np.where(off >= 0, np.inf, -np.inf), where=np.broadcast_to(error > 0, off.shape))
    return np.asarray(special.ndtr(steps))


def _running_days(posterior: WindowPosterior) -> RunningDays:
    low, median, high = (int(posterior.quantile(p)) for p in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return RunningDays(low=low, median=median, high=high, level=LEVEL)


def _finite(factor: float) -> float:
    """A Bayes factor that a float can carry; none where the event is certain beforehand."""
    return 0.0 if np.isnan(factor) else float(np.clip(factor, -600.0, 600.0))
