"""Forward and backward passes over a batch of phase chains, scaled so that nothing underflows.

Arrays are laid out as (days, phases, units): each day's work is contiguous, and the loop over days is the only one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from satverify.errors import InputError, ModelError
from satverify.inference.durations import N_STATES, FloatArray, PhaseChain

SAFE_SCALE = 1e-100  # a day this unlikely may lose digits to underflow: such units are done again in logarithms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emission:
    """Likelihood of each day under each state, relative to the day's likeliest state."""

    likelihood: FloatArray
    """Shape (days, 3, units). [0, 1]"""
    peak: FloatArray
    """Log-likelihood of the likeliest state, shape (days, units)."""


def emission(loglik: FloatArray) -> Emission:
    """Turn log-likelihoods of shape (units, days, 3) into scaled likelihoods, days first.

    Raises
    ------
    InputError
        Where the shape is wrong, or a day is NaN, +inf, or impossible under every state.
    """
    if loglik.ndim != N_STATES or loglik.shape[2] != N_STATES:
        raise InputError(f"log-likelihoods: expected shape (units, days, {N_STATES}), found {loglik.shape}")
    likelihood = np.array(loglik.transpose(1, 2, 0), dtype=np.float64, order="C")
    peak = np.maximum(np.maximum(likelihood[:, 0], likelihood[:, 1]), likelihood[:, 2])
    if not np.isfinite(peak).all():
        day, unit = np.argwhere(~np.isfinite(peak))[0]
        found = loglik[unit, day].tolist()
        raise InputError(f"log-likelihoods: unit {unit}, day {day}: expected a possible state, found {found}")
    likelihood -= peak[:, np.newaxis]
    np.exp(likelihood, out=likelihood)
    return Emission(likelihood=likelihood, peak=peak)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forward:
    """What the past, today included, says."""

    filtered: FloatArray
    """P(phase | looks up to the day), shape (days, phases, units)."""
    scale: FloatArray
    """P(the day's looks | looks before), relative to the likeliest state, shape (days, units)."""


def forward(likelihood: FloatArray, chain: PhaseChain, start: FloatArray) -> Forward:
    """Filter a batch: ``likelihood`` (days, 3, units), ``start`` (phases,) or (phases, units)."""
    days, _, units = likelihood.shape
    filtered = np.empty((days, len(chain.state), units))
    scale = np.empty((days, units))
    onward = np.ascontiguousarray(chain.transition.T)
    predicted = np.empty((len(chain.state), units))
    predicted[:] = start if start.ndim > 1 else start[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):  # a day that cannot be is reported by the caller
        for day in range(days):
            now = filtered[day]
            if day:
                np.matmul(onward, filtered[day - 1], out=predicted)
            weigh(predicted, likelihood[day], chain, out=now)
            np.add.reduce(now, axis=0, out=scale[day])
            np.divide(now, scale[day], out=now)
    return Forward(filtered=filtered, scale=scale)


def weigh(phases: FloatArray, likelihood: FloatArray, chain: PhaseChain, *, out: FloatArray) -> None:
    """Multiply values per phase (phases, units) by one day's likelihood per state (3, units)."""
    if len(chain.state) == N_STATES:
        np.multiply(phases, likelihood, out=out)
        return
    for state in range(N_STATES):
        block = chain.block(state)
        np.multiply(phases[block], likelihood[state], out=out[block])


def backward(likelihood: FloatArray, scale: FloatArray, chain: PhaseChain, *, out: FloatArray) -> None:
    """P(looks after the day | phase), over the same given the past, into ``out`` of shape (days, phases, units)."""
    days = len(likelihood)
    weighed = np.empty(out.shape[1:])
    out[days - 1] = 1.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for day in range(days - 2, -1, -1):
            weigh(out[day + 1], likelihood[day + 1], chain, out=weighed)
            np.divide(weighed, scale[day + 1], out=weighed)
            np.matmul(chain.transition, weighed, out=out[day])


def by_state(phases: FloatArray, chain: PhaseChain) -> FloatArray:
    """Sum (days, phases, units) over the phases of each state."""
    if len(chain.state) == N_STATES:
        return phases
    summed = np.empty((phases.shape[0], N_STATES, phases.shape[2]))
    for state in range(N_STATES):
        np.add.reduce(phases[:, chain.block(state)], axis=1, out=summed[:, state])
    return summed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogPasses:
    """Both passes in logarithms: slow, and safe at any likelihood."""

    filtered: FloatArray
    """P(phase | looks up to the day), shape (days, phases, units)."""
    smoothed: FloatArray
    """P(phase | all looks), shape (days, phases, units)."""
    log_evidence: FloatArray
    """Log-probability of all looks, shape (units,)."""


def log_passes(loglik: FloatArray, chain: PhaseChain, start: FloatArray) -> LogPasses:
    """Run both passes in logarithms over ``loglik`` (units, days, 3), from ``start`` (phases,) or (phases, units).

    Raises
    ------
    ModelError
        Where the model cannot bring about what was seen.
    """
    given = loglik.transpose(1, 2, 0)[:, chain.state]
    with np.errstate(divide="ignore"):
        hop = np.log(chain.transition)[:, :, np.newaxis]
        begin = np.log(start if start.ndim > 1 else start[:, np.newaxis])
    ahead = np.empty(given.shape)
    ahead[0] = begin + given[0]
    for day in range(1, len(given)):
        ahead[day] = logsumexp(ahead[day - 1][:, np.newaxis] + hop, axis=0) + given[day]
    log_evidence = np.asarray(logsumexp(ahead[-1], axis=0))
    if not np.isfinite(log_evidence).all():
        raise ModelError(_impossible(ahead))
    behind = np.zeros(given.shape)
    for day in range(len(given) - 2, -1, -1):
        behind[day] = logsumexp(hop + (behind[day + 1] + given[day + 1])[np.newaxis], axis=1)
    filtered = np.exp(ahead - logsumexp(ahead, axis=1, keepdims=True))
    smoothed = np.exp(ahead + behind - log_evidence)
    return LogPasses(filtered=filtered, smoothed=smoothed, log_evidence=log_evidence)


def _impossible(ahead: FloatArray) -> str:
    """Message for the first unit and day that the model cannot bring about."""
    unit, day = np.argwhere(~np.isfinite(ahead.max(axis=1)).T)[0]
    return f"unit {unit} of its kind, day {day}: expected looks that the state model allows, found probability 0"
