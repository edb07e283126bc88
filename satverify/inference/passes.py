"""Forward and backward passes over a batch of phase chains, scaled so that nothing underflows.

Arrays are laid out as (days, phases, units): each day's work is contiguous, and the loop over days is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from satverify.errors import InputError, ModelError
from satverify.inference.durations import N_STATES, FloatArray, PhaseChain

SAFE_SCALE = 1e-30  # a less likely day may have underflowed beside others: such units are done again in logarithms
LEAST_LIKELIHOOD = (
    1e-80  # relative; a floor that keeps one day's looks from shutting out what later days may bring back
)
DAYS_AT_ONCE = 32  # days made ready together, so that they stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emission:
    """Likelihood of each day under each state, relative to the day's likeliest state."""

    likelihood: FloatArray
    """Shape (days, 3, units). [0, 1]"""
    log_peak: FloatArray
    """Log-likelihood of the likeliest states, summed over the days, shape (units,)."""


def emission(loglik: FloatArray, *, out: FloatArray | None = None) -> Emission:
    """Turn log-likelihoods of shape (units, days, 3) into scaled likelihoods, days first, in ``out`` if given.

    Raises
    ------
    InputError
        Where the shape is wrong, or a day is NaN, +inf, or impossible under every state.
    """
    if loglik.ndim != N_STATES or loglik.shape[2] != N_STATES:
        raise InputError(f"log-likelihoods: expected shape (units, days, {N_STATES}), found {loglik.shape}")
    units, days, _ = loglik.shape
    likelihood = np.empty((days, N_STATES, units)) if out is None else out
    peak, log_peak = np.empty((min(days, DAYS_AT_ONCE), units)), np.zeros(units)
    for at in range(0, days, DAYS_AT_ONCE):
        some = slice(at, at + DAYS_AT_ONCE)
        values, top = likelihood[some], peak[: min(days - at, DAYS_AT_ONCE)]
        values[:] = loglik[:, some].transpose(1, 2, 0)
        np.maximum(values[:, 0], values[:, 1], out=top)
        np.maximum(top, values[:, 2], out=top)
        if not np.isfinite(top).all():
            day, unit = np.argwhere(~np.isfinite(top))[0]
            where, found = f"unit {unit}, day {at + day}", values[day, :, unit].tolist()
            raise InputError(f"log-likelihoods: {where}: expected a possible state and no NaN, found {found}")
        np.subtract(values, top[:, np.newaxis], out=values)
        np.exp(values, out=values)
        log_peak += top.sum(axis=0)
    return Emission(likelihood=likelihood, log_peak=log_peak)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forward:
    """What the past, today included, says."""

    filtered: FloatArray
    """P(phase | looks up to the day), shape (days, phases, units)."""
    gain: FloatArray
    """The day's scaled likelihood over P(the day's looks | looks before), shape (days, 3, units)."""
    log_evidence: FloatArray
    """Log-probability of all looks relative to the days' likeliest states, shape (units,)."""
    least: FloatArray
    """P(the day's looks | looks before), relative to the likeliest state, on the least likely day, shape (units,)."""


def forward(likelihood: FloatArray, chain: PhaseChain, start: FloatArray, *, out: FloatArray | None = None) -> Forward:
    """Filter a batch.

    Parameters
    ----------
    likelihood
        Scaled likelihood of each day, shape (days, 3, units). Overwritten: it becomes the ``gain``.
    chain
        Chain of all units.
    start
        Probability of each phase on the first day, shape (phases,) or (phases, units).
    out
        Where ``filtered`` goes, shape (days, phases, units); none makes a new array.
    """
    days, _, units = likelihood.shape
    filtered = np.empty((days, len(chain.state), units)) if out is None else out
    log_evidence, least, inverse = np.zeros(units), np.ones(units), np.empty(units)
    scale = np.empty((DAYS_AT_ONCE, units))
    onward, blocks = np.ascontiguousarray(chain.transition.T), chain.blocks()
    ones, predicted = np.ones(len(chain.state)), np.empty((len(chain.state), units))
    predicted[:] = start if start.ndim > 1 else start[:, np.newaxis]
    with np.errstate(all="ignore"):  # a day that cannot be, and what follows from it, is dealt with by the caller
        for at in range(0, days, DAYS_AT_ONCE):
            some = slice(at, min(at + DAYS_AT_ONCE, days))
            totals = scale[: some.stop - at]
            for now, looks, total in zip(filtered[some], likelihood[some], totals, strict=True):
                for block, state in blocks:
                    np.multiply(predicted[block], looks[state], out=now[block])
                np.dot(ones, now, out=total)
                np.reciprocal(total, out=inverse)
                np.multiply(now, inverse, out=now)
                np.multiply(looks, inverse, out=looks)
                np.dot(onward, now, out=predicted)
            np.minimum(least, totals.min(axis=0), out=least)
            log_evidence += np.log(totals).sum(axis=0)
    return Forward(filtered=filtered, gain=likelihood, log_evidence=log_evidence, least=least)


def backward(gain: FloatArray, chain: PhaseChain) -> Iterator[FloatArray]:
    """P(looks after the day | phase), over the same given the past, from the last day to the first.

    Parameters
    ----------
    gain
        What ``forward`` gives, shape (days, 3, units). The day at hand and later ones are no longer read.
    chain
        Chain of all units.

    Yields
    ------
    One buffer of shape (phases, units), written anew for each day.
    """
    blocks = chain.blocks()
    later = np.ones((len(chain.state), gain.shape[2]))
    weighed = np.empty(later.shape)
    for looks in gain[::-1]:
        for block, state in blocks:
            np.multiply(later[block], looks[state], out=weighed[block])
        yield later
        np.dot(chain.transition, weighed, out=later)


def sum_states(phases: FloatArray, chain: PhaseChain, *, out: FloatArray) -> None:
    """Sum (phases, units) over the phases of each state into (3, units)."""
    for state in range(N_STATES):
        np.add.reduce(phases[chain.block(state)], axis=0, out=out[state])


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
