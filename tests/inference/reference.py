"""Slow and plain answers to hold the fast ones against: explicit durations, no phases, and paths counted one by one."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import nbinom

from satverify.inference.durations import DwellTime, FloatArray, StateModel


@lru_cache(maxsize=4096)
def dwell_pmf(dwell: DwellTime, longest: int) -> FloatArray:
    """P(stay of d days) for d = 0 ... longest, from scipy's negative binomial."""
    days = np.arange(longest + 1)
    rate = dwell.phases / (dwell.mean - dwell.delay)
    if rate == 1:
        return np.asarray(days == dwell.minimum, dtype=np.float64)
    pmf: FloatArray = np.asarray(nbinom.pmf(days - dwell.minimum, dwell.phases, rate), dtype=np.float64)
    return pmf


@lru_cache(maxsize=4096)
def survival(dwell: DwellTime, longest: int) -> FloatArray:
    """P(stay of at least d days) for d = 0 ... longest."""
    return 1 - np.concatenate([[0.0], np.cumsum(dwell_pmf(dwell, longest))[:-1]])


def stationary(model: StateModel) -> FloatArray:
    """Long-run share of days in each state, by repeated visits."""
    damped = 0.5 * np.eye(3) + 0.5 * np.array(model.following)  # so that a chain that alternates settles too
    visits = np.linalg.matrix_power(damped, 2**16)[0]
    days = visits * [dwell.mean for dwell in model.dwell]
    return np.asarray(days / days.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Explicit:
    """Posterior of one unit."""

    smoothed: FloatArray
    evidence: float


def explicit_smooth(likelihood: FloatArray, model: StateModel, start: FloatArray | None = None) -> Explicit:
    """Sum over all segmentations of the days by a textbook explicit-duration forward-backward.

    The first stay has gone on for an unknown time (its rest has P(rest = d) = P(stay >= d) / mean); the last may go on
    after the last day.
    """
    days = len(likelihood)
    begin = stationary(model) if start is None else start
    pmf = [dwell_pmf(dwell, days + 1) for dwell in model.dwell]
    alive = [survival(dwell, days + 1) for dwell in model.dwell]
    rest = [alive[s] / model.dwell[s].mean for s in range(3)]
    rest[0][0] = rest[1][0] = rest[2][0] = 0.0
    rest_alive = [1 - np.concatenate([[0.0], np.cumsum(rest[s])[:-1]]) for s in range(3)]
    following = np.array(model.following)

    def weight(state: int, a: int, b: int) -> float:
        """Looks of days a .. b (included), and the stay's length, for a stay in one state."""
        looks = float(np.prod(likelihood[a : b + 1, state]))
        length = b - a + 1
        table, tail = (rest, rest_alive) if a == 0 else (pmf, alive)
        return looks * float((tail if b == days - 1 else table)[state][length])

    # enter[a, s]: a stay in s begins on day a, with all looks before; leave[b, s]: all looks after b, s ending on b
    enter = np.zeros((days, 3))
    enter[0] = begin
    for a in range(1, days):
        for s in range(3):
            for earlier in range(a):
                for r in range(3):
                    enter[a, s] += enter[earlier, r] * weight(r, earlier, a - 1) * following[r, s]
    leave = np.zeros((days, 3))
    leave[days - 1] = 1.0
    for b in range(days - 2, -1, -1):
        for s in range(3):
            for r in range(3):
                for later in range(b + 1, days):
                    leave[b, s] += following[s, r] * weight(r, b + 1, later) * leave[later, r]
    joint = np.zeros((days, 3))
    for a, b in itertools.combinations_with_replacement(range(days), 2):
        for s in range(3):
            joint[a : b + 1, s] += enter[a, s] * weight(s, a, b) * leave[b, s]
    evidence = float(joint[0].sum())
    return Explicit(smoothed=joint / evidence, evidence=evidence)


def path_probability(path: tuple[int, ...], model: StateModel, start: FloatArray) -> float:
    """P(path) of the explicit-duration model."""
    runs = [(state, len(list(group))) for state, group in itertools.groupby(path)]
    probability = float(start[runs[0][0]])
    for at, (state, length) in enumerate(runs):
        dwell = model.dwell[state]
        alive = survival(dwell, length + 1)
        is_first, is_last = at == 0, at == len(runs) - 1
        if is_first:
            rest = alive / dwell.mean
            probability *= 1 - float(rest[1:length].sum()) if is_last else float(rest[length])
        else:
            probability *= float(alive[length] if is_last else dwell_pmf(dwell, length)[length])
        if not is_last:
            probability *= model.following[state][runs[at + 1][0]]
    return probability


@dataclass(frozen=True, kw_only=True, eq=False)
class Enumerated:
    """All 3^N paths of N days, each with its prior probability and the likelihood of the looks."""

    paths: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    prior: FloatArray
    likelihood: FloatArray

    @property
    def posterior(self) -> FloatArray:
        """P(path | looks)."""
        joint = self.prior * self.likelihood
        return np.asarray(joint / joint.sum())


def enumerate_paths(loglik: FloatArray, model: StateModel, start: FloatArray | None = None) -> Enumerated:
    """Write down every path."""
    days = len(loglik)
    begin = stationary(model) if start is None else start
    paths = list(itertools.product(range(3), repeat=days))
    table = np.array(paths, dtype=np.intp)
    looks = np.exp(loglik[np.arange(days), table].sum(axis=1))
    prior = np.array([path_probability(path, model, begin) for path in paths])
    return Enumerated(paths=table, prior=prior, likelihood=looks)
