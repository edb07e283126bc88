"""From log-likelihoods per local day to P(state) per unit and local day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from satverify.errors import InputError
from satverify.inference.durations import N_STATES, FloatArray, IntArray, PhaseChain, StateModel, phase_chain
from satverify.inference.passes import SAFE_SCALE, Forward, backward, emission, forward, log_passes, sum_states

NUMBERS_AT_ONCE = 8192  # phases x units worked on at once: a day's numbers then stay in the processor's cache
SUM_TOLERANCE = 1e-9  # posteriors that miss 1 by more have lost digits, and are done again in logarithms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatePosterior:
    """What the looks say of every day of a batch of units."""

    smoothed: FloatArray
    """P(state | all looks), shape (units, days, 3)."""
    online: FloatArray
    """P(state | looks up to the day), shape (units, days, 3)."""
    log_evidence: FloatArray
    """Log-probability of all looks of each unit, shape (units,)."""


def smooth(
    loglik: FloatArray, models: StateModel | Sequence[StateModel], *, start: FloatArray | None = None
) -> StatePosterior:
    """P(state) of every unit and local day, from all looks and from past looks only.

    Parameters
    ----------
    loglik
        Log-likelihood of all looks of a day under each state, shape (units, days, 3); zeros where nothing was seen, so
        shorter histories are padded with zeros. -inf rules a state out.
    models
        One model for all units, or one per unit.
    start
        Probability of each state on the first day, shape (3,) or (units, 3); none means the long-run one. [0, 1]

    Returns
    -------
    Posteriors in the same order of units and days; of shape (units, 0, 3) for an empty history.

    Raises
    ------
    InputError
        Where a shape is wrong, or a day is NaN or impossible under every state.
    ModelError
        Where the model cannot bring about what was seen.
    """
    if loglik.ndim != N_STATES or loglik.shape[2] != N_STATES:
        raise InputError(f"log-likelihoods: expected shape (units, days, {N_STATES}), found {loglik.shape}")
    units, days, _ = loglik.shape
    smoothed, online = np.empty((days, N_STATES, units)), np.empty((days, N_STATES, units))
    log_evidence = np.zeros(units)
    first = None if start is None else np.broadcast_to(start, (units, N_STATES))
    for model, members in _groups(models, units) if days else ():
        chain = phase_chain(model)
        for chosen in _batches(members, max(1, NUMBERS_AT_ONCE // len(chain.state))):
            begin = chain.start() if first is None else chain.start(first[chosen]).T
            if isinstance(chosen, slice):
                out = smoothed[:, :, chosen], online[:, :, chosen]
                log_evidence[chosen] = _smooth_batch(loglik[chosen], chain, begin, *out)
            else:
                out = np.empty((days, N_STATES, len(chosen))), np.empty((days, N_STATES, len(chosen)))
                log_evidence[chosen] = _smooth_batch(loglik[chosen], chain, begin, *out)
                smoothed[:, :, chosen], online[:, :, chosen] = out
    return StatePosterior(
        smoothed=smoothed.transpose(2, 0, 1), online=online.transpose(2, 0, 1), log_evidence=log_evidence
    )


def _groups(models: StateModel | Sequence[StateModel], units: int) -> list[tuple[StateModel, IntArray]]:
    """Units of each distinct model."""
    if isinstance(models, StateModel):
        return [(models, np.arange(units))]
    if len(models) != units:
        raise InputError(f"state models: expected one per unit ({units}), found {len(models)}")
    members: dict[StateModel, list[int]] = {}
    for unit, model in enumerate(models):
        members.setdefault(model, []).append(unit)
    return [(model, np.array(chosen, dtype=np.intp)) for model, chosen in members.items()]


def _batches(members: IntArray, size: int) -> list[slice | IntArray]:
    """Cut a group into batches, as slices where the units are neighbours."""
    cuts = [members[at : at + size] for at in range(0, len(members), size)]
    return [slice(int(c[0]), int(c[-1]) + 1) if c[-1] - c[0] + 1 == len(c) else c for c in cuts]


def _smooth_batch(
    loglik: FloatArray, chain: PhaseChain, start: FloatArray, smoothed: FloatArray, online: FloatArray
) -> FloatArray:
    """Fill both posteriors (days, 3, units) of units that share a chain; log-evidence (units,)."""
    seen = emission(loglik, out=smoothed)
    past = forward(seen.likelihood, chain, start, out=online if chain.is_memoryless else None)
    log_evidence = past.log_evidence + seen.log_peak
    with np.errstate(all="ignore"):
        _look_back(past, chain, smoothed, online)
        # What underflowed and matters later makes the backward pass overflow, and that is carried to the first day.
        doubtful = ~(np.abs(smoothed[0].sum(axis=0) - 1) <= SUM_TOLERANCE) | ~(past.least > SAFE_SCALE)
    if doubtful.any():
        again = log_passes(loglik[doubtful], chain, start[:, doubtful] if start.ndim > 1 else start)
        smoothed[:, :, doubtful] = np.add.reduceat(again.smoothed, chain.first, axis=1)
        online[:, :, doubtful] = np.add.reduceat(again.filtered, chain.first, axis=1)
        log_evidence[doubtful] = again.log_evidence
    return log_evidence


def _look_back(past: Forward, chain: PhaseChain, smoothed: FloatArray, online: FloatArray) -> None:
    """Go from the last day to the first, and put each day's posteriors where its likelihood was."""
    both = np.empty(past.filtered.shape[1:])
    for filtered, future, after, before in zip(
        past.filtered[::-1], backward(past.gain, chain), smoothed[::-1], online[::-1], strict=True
    ):
        if chain.is_memoryless:
            np.multiply(filtered, future, out=after)
        else:
            np.multiply(filtered, future, out=both)
            sum_states(both, chain, out=after)
            sum_states(filtered, chain, out=before)
