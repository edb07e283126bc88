"""How long each kind of unit stays in a state, and where it goes next.

A dwell time is a sum of geometric stages, which is a negative binomial of integer shape. A chain that steps through
those stages (*phases*) is then an ordinary Markov chain, and the hidden *semi*-Markov model is solved exactly.
Arrays over states are in the order of ``domain.looks.STATES``; arrays over phases run through the states in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.looks import STATES
from satverify.domain.sites import UnitKind
from satverify.errors import InputError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]

N_STATES = len(STATES)
ROW_SUM_TOLERANCE = 1e-9  # rounding of probabilities typed in by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellTime:
    """Days a unit stays in one state: ``delay`` days for certain, then a sum of ``phases`` geometric stages."""

    mean: float
    """Expected stay. [d], at least ``delay + phases``"""
    phases: int = 1
    """Stages of at least a day each: 1 is memoryless, more make short stays rare. At least 1."""
    delay: int = 0
    """Days that pass for certain before the first stage. [d]"""

    def __post_init__(self) -> None:
        if self.phases < 1 or self.delay < 0:
            raise InputError(f"dwell time: expected phases >= 1 and delay >= 0, found {self.phases} and {self.delay}")
        if not self.minimum <= self.mean < np.inf:
            raise InputError(f"dwell time: expected a mean of at least {self.minimum} days, found {self.mean}")

    @property
    def minimum(self) -> int:
        """Shortest possible stay. [d]"""
        return self.delay + self.phases

    @property
    def leave_probability(self) -> FloatArray:
        """Probability of leaving each phase on a day, shape (delay + phases,). (0, 1]"""
        rate = self.phases / (self.mean - self.delay)
        return np.array([1.0] * self.delay + [rate] * self.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateModel:
    """Prior knowledge of one kind of unit: dwell times, and which state follows which."""

    dwell: tuple[DwellTime, DwellTime, DwellTime]
    """Dwell time of each state."""
    following: tuple[tuple[float, float, float], ...]
    """``following[i][j]``: probability that state ``j`` follows when state ``i`` ends; zero on the diagonal."""

    def __post_init__(self) -> None:
        table = np.array(self.following, dtype=np.float64)
        if table.shape != (N_STATES, N_STATES) or not np.all(table >= 0) or np.any(np.diag(table) != 0):
            raise InputError(f"following: expected 3 x 3 probabilities with a zero diagonal, found {self.following}")
        if np.any(np.abs(table.sum(axis=1) - 1) > ROW_SUM_TOLERANCE):
            raise InputError(f"following: expected rows that sum to 1, found sums {table.sum(axis=1).tolist()}")

    @classmethod
    def for_kind(cls, kind: UnitKind) -> StateModel:
        """Built-in model of a kind of unit."""
        return MODELS[kind]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhaseChain:
    """A state model spread out into an ordinary Markov chain over phases. Arrays are read-only."""

    transition: FloatArray
    """``transition[i, j]``: probability of going from phase ``i`` to phase ``j`` in a day, shape (phases, phases)."""
    state: IntArray
    """State each phase belongs to, shape (phases,), ascending."""
    first: IntArray
    """First phase of each state, shape (3,)."""
    residual: FloatArray
    """P(phase | state) of a state that has gone on for an unknown time, shape (phases,); sums to 1 in each state."""
    stationary: FloatArray
    """Long-run probability of each state, shape (3,)."""

    def start(self, state_probability: FloatArray | None = None) -> FloatArray:
        """Probability of each phase on the first day, shape (..., phases).

        Parameters
        ----------
        state_probability
            Probability of each state on the first day, shape (..., 3); none means the long-run one.
        """
        return (self.stationary if state_probability is None else state_probability)[..., self.state] * self.residual

    def block(self, state: int) -> slice:
        """Phases of one state."""
        stop = self.first[state + 1] if state + 1 < N_STATES else len(self.state)
        return slice(int(self.first[state]), int(stop))

    def blocks(self) -> tuple[tuple[slice, int | slice], ...]:
        """Phases, and what of a state axis applies to them: all at once where each state is a single phase."""
        if self.is_memoryless:
            return ((slice(None), slice(None)),)
        return tuple((self.block(state), state) for state in range(N_STATES))

    @property
    def is_memoryless(self) -> bool:
        """True where every state is a single phase: an ordinary hidden Markov model."""
        return len(self.state) == N_STATES


@lru_cache(maxsize=256)
def phase_chain(model: StateModel) -> PhaseChain:
    """Spread a state model out into a Markov chain over phases."""
    leave = [dwell.leave_probability for dwell in model.dwell]
    state = np.repeat(np.arange(N_STATES), [len(each) for each in leave])
    first = np.searchsorted(state, np.arange(N_STATES))
    last = np.searchsorted(state, np.arange(N_STATES), side="right") - 1
    going = np.concatenate(leave)
    following = np.array(model.following, dtype=np.float64)
    transition = np.diag(1 - going)
    inner = np.setdiff1d(np.arange(len(state)), last)
    transition[inner, inner + 1] = going[inner]
    transition[np.ix_(last, first)] += going[last][:, np.newaxis] * following
    visits = _visit_share(following)
    stay = visits * [dwell.mean for dwell in model.dwell]
    residual = (1 / going) / np.array([dwell.mean for dwell in model.dwell])[state]
    arrays = (transition, state.astype(np.intp), first.astype(np.intp), residual, stay / stay.sum())
    for array in arrays:
        array.flags.writeable = False
    return PhaseChain(transition=arrays[0], state=arrays[1], first=arrays[2], residual=arrays[3], stationary=arrays[4])


def _visit_share(following: FloatArray) -> FloatArray:
    """Share of visits that each state gets; unique, since three states with a zero diagonal have one closed class."""
    visits: FloatArray = np.linalg.solve((np.eye(N_STATES) - following + 1.0).T, np.ones(N_STATES)).astype(np.float64)
    return visits


def _model(
    running: DwellTime,
    reduced: DwellTime,
    halted: DwellTime,
    *,
    to_halt: float,
    rise: float,
    restart: float | None = None,
) -> StateModel:
    """Model from dwell times, P(halted | running ends), P(running | reduced ends) and P(running | halted ends)."""
    start = rise if restart is None else restart
    following = ((0.0, 1 - to_halt, to_halt), (rise, 0.0, 1 - rise), (start, 1 - start, 0.0))
    return StateModel(dwell=(running, reduced, halted), following=following)


# Where no source is named, the number is an engineering estimate of ours: it only has to be right to a factor of two or
# so, since looks outweigh it within days. None of it was tuned to a works.

# A campaign is broken by a stop of days about twice a year; days of blowing in mean that no stay is a single day.
FURNACE_RUNNING = DwellTime(mean=200, phases=2)
# Below about 75 % of capacity a furnace is unstable: reduced blast, or one furnace of several off, lasts for weeks.
FURNACE_REDUCED = DwellTime(mean=45, phases=2)
# Banked furnaces stand for one to four weeks, those under a season's order for months, closed ones for good; none for a
# day or two. One geometric stage has room for all: a narrower stay would invent a restart in a long dark winter.
FURNACE_HALTED = DwellTime(mean=150, delay=2)
# A sinter machine cools within a day and restarts in hours: memoryless, and short.
SINTER_RUNNING, SINTER_REDUCED, SINTER_HALTED = DwellTime(mean=20), DwellTime(mean=5), DwellTime(mean=4)
# Grate-kilns take a day or two to warm up, so stops come in days rather than hours.
PELLET_RUNNING, PELLET_REDUCED = DwellTime(mean=90, phases=2), DwellTime(mean=15, phases=2)
PELLET_HALTED = DwellTime(mean=15, phases=2)
# Batteries are slowed to coking times of 28-48 h for a season and never stopped but for good or for a rebuild.
COKE_RUNNING, COKE_REDUCED = DwellTime(mean=400, phases=3), DwellTime(mean=60, phases=3)
COKE_HALTED = DwellTime(mean=365, phases=3)
# Converters follow the furnaces, with stops of days for relining.
CONVERTER_RUNNING, CONVERTER_REDUCED, CONVERTER_HALTED = DwellTime(mean=60), DwellTime(mean=15), DwellTime(mean=15)
# Electric furnaces follow the price of power: on and off by the day or week.
ELECTRIC_RUNNING, ELECTRIC_REDUCED, ELECTRIC_HALTED = DwellTime(mean=20), DwellTime(mean=5), DwellTime(mean=5)

# A furnace that is blown in again works up to full output over days to weeks, and of several one comes back first.
_FURNACE = _model(FURNACE_RUNNING, FURNACE_REDUCED, FURNACE_HALTED, to_halt=0.7, rise=0.7, restart=0.3)

MODELS: dict[UnitKind, StateModel] = {
    UnitKind.BLAST_FURNACE: _FURNACE,
    UnitKind.IRONMAKING: _FURNACE,
    UnitKind.SINTER_MACHINE: _model(SINTER_RUNNING, SINTER_REDUCED, SINTER_HALTED, to_halt=0.8, rise=0.8),
    UnitKind.PELLET_PLANT: _model(PELLET_RUNNING, PELLET_REDUCED, PELLET_HALTED, to_halt=0.7, rise=0.8),
    UnitKind.COKE_BATTERY: _model(COKE_RUNNING, COKE_REDUCED, COKE_HALTED, to_halt=0.02, rise=0.95),
    UnitKind.CONVERTER: _model(CONVERTER_RUNNING, CONVERTER_REDUCED, CONVERTER_HALTED, to_halt=0.6, rise=0.7),
    UnitKind.ELECTRIC_ARC_FURNACE: _model(ELECTRIC_RUNNING, ELECTRIC_REDUCED, ELECTRIC_HALTED, to_halt=0.7, rise=0.8),
}
"""Built-in model of each kind of unit."""
