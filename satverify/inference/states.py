"""From log-likelihoods per local day to P(state) per unit and local day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from satverify.errors import InputError
from satverify.inference.durations import N_STATES, FloatArray, IntArray, PhaseChain, StateModel, phase_chain
from satverify.inference.passes import SAFE_SCALE, backward, by_state, emission, forward, log_passes

BATCH = 512  # units worked on at once: a day's numbers then fit the processor's cache
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
    units, days = loglik.shape[:2]
    smoothed = np.empty((days, N_STATES, units))
    online = np.empty((days, N_STATES, units))
    log_evidence = np.zeros(units)
    first = None if start is None else np.broadcast_to(start, (units, N_STATES))
    for model, members in _groups(models, units):
        chain = phase_chain(model)
        for chosen in _batches(members):
            begin = chain.start() if first is None else chain.start(first[chosen]).T
            result = _smooth_batch(loglik[chosen], chain, begin)
            smoothed[:, :, chosen], online[:, :, chosen], log_evidence[chosen] = result
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


def _batches(members: IntArray) -> list[slice | IntArray]:
    """Cut a group into batches, as slices where the units are neighbours."""
    cuts = [members[at : at + BATCH] for at in range(0, len(members), BATCH)]
    return [slice(int(c[0]), int(c[-1]) + 1) if c[-1] - c[0] + 1 == len(c) else c for c in cuts]


def _smooth_batch(
    loglik: FloatArray, chain: PhaseChain, start: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Smoothed and online posteriors (days, 3, units) and log-evidence (units,) of units that share a chain."""
    if loglik.shape[1] == 0:
        return np.empty((0, N_STATES, len(loglik))), np.empty((0, N_STATES, len(loglik))), np.zeros(len(loglik))
    seen = emission(loglik)
    past = forward(seen.likelihood, chain, start)
    smoothed = np.empty(past.filtered.shape)
    backward(seen.likelihood, past.scale, chain, out=smoothed)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        np.multiply(smoothed, past.filtered, out=smoothed)
        log_evidence = np.log(past.scale).sum(axis=0) + seen.peak.sum(axis=0)
        # Trouble on any later day is carried back to the first.
        doubtful = ~(np.abs(smoothed[0].sum(axis=0) - 1) <= SUM_TOLERANCE) | ~(past.scale.min(axis=0) > SAFE_SCALE)
    smoothed, online = by_state(smoothed, chain), by_state(past.filtered, chain)
    if doubtful.any():
        again = log_passes(loglik[doubtful], chain, start[:, doubtful] if start.ndim > 1 else start)
        smoothed[:, :, doubtful], online[:, :, doubtful] = (
            by_state(again.smoothed, chain),
            by_state(again.filtered, chain),
        )
        log_evidence[doubtful] = again.log_evidence
    return smoothed, online, log_evidence
