"""Draws of whole state histories, for anything that sums or compares days."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.inference.durations import N_STATES, FloatArray, IntArray, PhaseChain, StateModel, phase_chain
from satverify.inference.passes import LEAST_LIKELIHOOD, emission, forward


def draw_paths(
    rng: np.random.Generator, loglik: FloatArray, model: StateModel, draws: int, *, start: FloatArray | None = None
) -> NDArray[np.int8]:
    """Histories drawn from P(history | all looks): filtered forwards, sampled backwards.

    Parameters
    ----------
    rng
        Where chance comes from.
    loglik
        Log-likelihood of all looks of a day under each state, shape (days, 3) or (units, days, 3). States of a
        day are taken to differ by at most a factor of ``LEAST_LIKELIHOOD``.
    model
        State model of the units.
    draws
        Histories per unit.
    start
        Probability of each state on the first day, shape (3,) or (units, 3); none means the long-run one. [0, 1]

    Returns
    -------
    Index into ``STATES`` of every day, shape (draws, days) or (draws, units, days).
    """
    if draws < 1:
        raise InputError(f"draws of histories: expected at least 1, found {draws}")
    many = loglik if loglik.ndim == N_STATES else loglik[np.newaxis]
    chain = phase_chain(model)
    paths = np.empty((draws, len(many), many.shape[1]), dtype=np.int8)
    for day, phase in _phases_backwards(rng, _filtered(many, chain, chain.start(start)), chain, draws):
        paths[:, :, day] = chain.state[phase]
    return paths if loglik.ndim == N_STATES else paths[:, 0]


def _filtered(loglik: FloatArray, chain: PhaseChain, start: FloatArray) -> FloatArray:
    """P(phase | looks up to the day), shape (days, phases, units)."""
    if loglik.shape[1] == 0:
        return np.empty((0, len(chain.state), len(loglik)))
    begin = start if start.ndim == 1 else start.T
    return forward(np.maximum(emission(loglik).likelihood, LEAST_LIKELIHOOD), chain, begin).filtered


def _phases_backwards(
    rng: np.random.Generator, filtered: FloatArray, chain: PhaseChain, draws: int
) -> Iterator[tuple[int, IntArray]]:
    """Days from the last to the first, each with a phase per draw and unit (draws, units)."""
    days, _, units = filtered.shape
    column = np.arange(units)
    phase = np.zeros((draws, units), dtype=np.intp)
    for day in range(days - 1, -1, -1):
        if day == days - 1:
            ladder = np.cumsum(filtered[day], axis=0)[:, np.newaxis]
        else:
            # ladder[i, j, unit]: how probable a phase up to i is today, were the next day's phase j
            ladder = np.cumsum(filtered[day][:, np.newaxis] * chain.transition[:, :, np.newaxis], axis=0)
        rungs = ladder[:, phase, column]
        chance = rng.random((draws, units)) * rungs[-1]
        phase = np.minimum((rungs <= chance).sum(axis=0), len(rungs) - 1)  # round-off may reach the last rung
        yield day, phase
