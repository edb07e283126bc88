"""When a unit stopped and restarted, each with an interval.

Each stretch of days that is probably halted is held at its surest day. Given that the unit was halted on that day, the
first and the last day of the halt that holds it have an exact distribution: the chain is kept inside the halted phases
from there backwards, or forwards, until it came from, or goes to, a working phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from satverify.domain.looks import STATES, State
from satverify.errors import InputError
from satverify.inference.durations import FloatArray, PhaseChain, StateModel, phase_chain
from satverify.inference.passes import LEAST_LIKELIHOOD, backward, emission, forward

LEVEL = 0.9  # mass of a reported interval
LEAST_PROBABILITY = 0.8  # a change less sure than this is told by the daily states, not as a date
HALTED = STATES.index(State.HALTED)
QUANTILE_SLACK = 1e-12  # round-off of a cumulative sum


class ChangeKind(StrEnum):
    """Which way a unit changed."""

    STOP = "stop"
    RESTART = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One stop or restart. Days are indices into the days given."""

    kind: ChangeKind
    """Stop or restart."""
    day: int
    """Median of the first day in the new state."""
    low: int
    """First day of the interval."""
    high: int
    """Last day of the interval, included."""
    level: float
    """Posterior mass of ``[low, high]``, given that the change happened. (0, 1)"""
    probability: float
    """P(the change happened inside the days given, apart from its neighbours). [0, 1]"""


def change_dates(
    loglik: FloatArray, model: StateModel, *, level: float = LEVEL, least_probability: float = LEAST_PROBABILITY
) -> tuple[Change, ...]:
    """Stops and restarts of one unit, in order of time.

    Parameters
    ----------
    loglik
        Log-likelihood of all looks of a day under each state, shape (days, 3); zeros where nothing was seen. States
        of a day are taken to differ by at most a factor of ``LEAST_LIKELIHOOD``.
    model
        State model of the unit.
    level
        Mass of the intervals: the tails outside have at most ``(1 - level) / 2`` each. (0, 1)
    least_probability
        Changes less probable than this are not reported. (0, 1)

    Returns
    -------
    Changes that probably happened; a halt that is under way on the first or last day has no stop or no restart.
    """
    for name, value in (("level", level), ("least_probability", least_probability)):
        if not 0 < value < 1:
            raise InputError(f"dates of changes: expected a {name} between 0 and 1, found {value}")
    if len(loglik) == 0:
        return ()
    passes = _passes(loglik, phase_chain(model))
    cores = _cores(passes.p_halted, least_probability)
    masses: list[tuple[ChangeKind, FloatArray]] = []
    for at, core in enumerate(cores):
        began, ended = _first_day(passes, core), _first_day_after(passes, core)
        if at > 0:
            began[: cores[at - 1] + 1] = 0.0
        if at + 1 < len(cores):
            ended[cores[at + 1] + 1 :] = 0.0
        masses += [(ChangeKind.STOP, began), (ChangeKind.RESTART, ended)]
    changes: list[Change] = []
    # Between two halts lie a restart and a stop, or neither: where both are doubtful, the two halts may be one.
    for group in [masses[:1], *(masses[at : at + 2] for at in range(1, len(masses), 2))]:
        if all(mass.sum() >= least_probability for _, mass in group):
            changes += [_dated(kind, mass, level) for kind, mass in group]
    return tuple(changes)


def _dated(kind: ChangeKind, mass: FloatArray, level: float) -> Change:
    """A change from P(it happened on each day)."""
    probability = float(mass.sum())
    reached = np.cumsum(mass) / probability
    tail = (1 - level) / 2
    day, low, high = (int(np.argmax(reached >= each - QUANTILE_SLACK)) for each in (0.5, tail, 1 - tail))
    return Change(kind=kind, day=day, low=low, high=high, level=level, probability=min(probability, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Passes:
    """Both passes over one unit, and what each day's looks do to its halted and working phases."""

    chain: PhaseChain
    filtered: FloatArray  # P(phase | looks up to the day), (days, phases)
    future: FloatArray  # P(later looks | phase) over the same given the past, (days, phases)
    gain: FloatArray  # likelihood of the day's looks over P(them | past), (days, 3)
    p_halted: FloatArray  # smoothed, (days,)


def _passes(loglik: FloatArray, chain: PhaseChain) -> _Passes:
    likelihood = np.maximum(emission(loglik[np.newaxis]).likelihood, LEAST_LIKELIHOOD)
    past = forward(likelihood, chain, chain.start())
    future = np.empty(past.filtered.shape)
    for day, later in zip(range(len(future) - 1, -1, -1), backward(past.gain, chain), strict=True):
        future[day] = later
    halted = (past.filtered * future)[:, chain.block(HALTED), 0].sum(axis=1)
    return _Passes(
        chain=chain,
        filtered=past.filtered[:, :, 0],
        future=future[:, :, 0],
        gain=past.gain[:, :, 0],
        p_halted=halted,
    )


def _cores(p_halted: FloatArray, least_probability: float) -> list[int]:
    """Surest day of each stretch of days that are probably halted."""
    probable = np.concatenate([[False], p_halted >= least_probability, [False]])
    edges = np.flatnonzero(probable[1:] != probable[:-1]).reshape(-1, 2)
    return [int(start + np.argmax(p_halted[start:stop])) for start, stop in edges]


def _first_day(passes: _Passes, core: int) -> FloatArray:
    """P(halted on ``core``, in a halt that began on each day but the first), shape (days,)."""
    chain, halted = passes.chain, passes.chain.block(HALTED)
    working = np.flatnonzero(chain.state != HALTED)
    entry, stay = chain.transition[working, halted], chain.transition[halted, halted]
    mass = np.zeros(len(passes.gain))
    ahead = passes.future[core, halted]
    for day in range(core, 0, -1):
        weighed = passes.gain[day, HALTED] * ahead
        mass[day] = passes.filtered[day - 1, working] @ entry @ weighed
        ahead = stay @ weighed
    return mass


def _first_day_after(passes: _Passes, core: int) -> FloatArray:
    """P(halted on ``core``, in a halt followed by work from each day on), shape (days,)."""
    chain, halted = passes.chain, passes.chain.block(HALTED)
    working = np.flatnonzero(chain.state != HALTED)
    leave, stay = chain.transition[halted, working], chain.transition[halted, halted]
    mass = np.zeros(len(passes.gain))
    held = passes.filtered[core, halted]
    for day in range(core + 1, len(mass)):
        onward = passes.gain[day, chain.state[working]] * passes.future[day, working]
        mass[day] = held @ leave @ onward
        held = (held @ stay) * passes.gain[day, HALTED]
    return mass
