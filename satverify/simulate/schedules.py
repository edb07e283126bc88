"""What furnaces do from day to day: campaigns and repairs, and orders that are obeyed or broken in the ways people do.

A furnace runs for months and stands for days, with durations that are neither geometric nor fixed (a semi-Markov
schedule). An order is then laid over it. What is simulated is the truth: nothing here knows of any satellite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.policy import Order, Requirement
from satverify.errors import InputError

FloatArray: TypeAlias = NDArray[np.float64]

MEAN_CAMPAIGN_DAYS = 150.0  # a planned repair two or three times a year
MEAN_REPAIR_DAYS = 3.0
REDUCED_LEVEL = 0.75  # of full output; a furnace hardly runs below it
SHARE_OF_REDUCED_CAMPAIGNS = 0.15
BANKED_HEAT = 0.25  # of the running furnace's, when the blast is taken off
BANKED_COOLING_DAYS = 1.5


class Behaviour(StrEnum):
    """What an enterprise does with an order."""

    OBEYED = "obeyed"
    OBEYED_BANKED = "obeyed_banked"
    """Blast off, furnace kept warm: iron-making halted all the same."""
    IGNORED = "ignored"
    LATE_STOP = "late_stop"
    EARLY_RESTART = "early_restart"
    ONE_OF_SEVERAL = "one_of_several"
    """One furnace down for show, the rest at work."""
    NIGHT_ONLY = "night_only"
    """At rest by day, at work by night; no furnace can, but strands and shops can."""
    REDUCED = "reduced"
    """Throttled instead of stopped."""
    WRONG_UNIT = "wrong_unit"
    """Another one stopped than the one that was named."""


HALT_BEHAVIOURS = {  # of furnaces, as far as they are drawn; more can be asked for
    Behaviour.OBEYED: 0.35,
    Behaviour.OBEYED_BANKED: 0.15,
    Behaviour.IGNORED: 0.2,
    Behaviour.LATE_STOP: 0.1,
    Behaviour.EARLY_RESTART: 0.1,
    Behaviour.ONE_OF_SEVERAL: 0.1,
}
CUT_BEHAVIOURS = {Behaviour.OBEYED: 0.5, Behaviour.IGNORED: 0.5}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """Furnaces of one site over the simulated days; rows are furnaces, columns local days."""

    unit_ids: tuple[str, ...]
    """The unit each furnace counts for; furnaces that nobody lists singly share one."""
    capacity: FloatArray
    """Share of the site's iron capacity. Sums to 1."""
    level: FloatArray
    """Output against full output. [0, 1]"""
    heat: FloatArray
    """Heat against that of the running furnace; a banked one keeps some. [0, 1]"""

    @property
    def is_banked(self) -> NDArray[np.bool_]:
        """True where a furnace stands and keeps heat: furnaces by days."""
        is_banked: NDArray[np.bool_] = (self.level == 0) & (self.heat > 0)
        return is_banked


def free_schedule(
    rng: np.random.Generator, unit_ids: Sequence[str], capacity: FloatArray, days: int, *, steady: bool = False
) -> Schedule:
    """Furnaces that nobody orders about; ``steady`` ones never rest."""
    level = np.ones((len(unit_ids), days)) if steady else np.stack([_campaigns(rng, days) for _ in unit_ids])
    return Schedule(unit_ids=tuple(unit_ids), capacity=capacity / capacity.sum(), level=level, heat=level.copy())


def choose_behaviour(rng: np.random.Generator, order: Order, furnaces: int) -> Behaviour | None:
    """What happens to an order; none where it asks for nothing to be done."""
    if order.requirement not in (Requirement.HALT, Requirement.CUT):
        return None
    choices = dict(HALT_BEHAVIOURS if order.requirement is Requirement.HALT else CUT_BEHAVIOURS)
    if furnaces < 2:
        choices.pop(Behaviour.ONE_OF_SEVERAL, None)
    chances = np.array(list(choices.values()))
    return list(choices)[int(rng.choice(len(choices), p=chances / chances.sum()))]


def lay_order(
    rng: np.random.Generator, schedule: Schedule, order: Order, behaviour: Behaviour, first_day: date
) -> Schedule:
    """The schedule with an order obeyed or broken as ``behaviour`` says; outside the window nothing changes.

    Raises
    ------
    InputError
        The behaviour is one of which no furnace is capable.
    """
    if behaviour is Behaviour.NIGHT_ONLY:
        raise InputError(f"order {order.order_id}: a furnace cannot be run by night only")
    days = schedule.level.shape[1]
    start, stop = (min(max((day - first_day).days, 0), days) for day in (order.start, order.stop))
    covered = covered_furnaces(schedule, order)
    if behaviour is Behaviour.WRONG_UNIT:
        covered, behaviour = _another(schedule, covered), Behaviour.OBEYED
    if start == stop or covered.size == 0:
        return schedule
    halted = _halted(rng, schedule, order, behaviour, covered, stop - start)
    level, heat = schedule.level.copy(), schedule.heat.copy()
    window = np.s_[start:stop]
    for furnace, is_halted in zip(covered, halted, strict=True):
        running = np.where(level[furnace, window] > 0, level[furnace, window], 1.0)
        if behaviour is Behaviour.REDUCED:
            running = np.minimum(running, REDUCED_LEVEL)
        level[furnace, window] = np.where(is_halted, 0.0, running)
        heat[furnace, window] = np.where(is_halted, _residual(is_halted, behaviour), running)
    return Schedule(unit_ids=schedule.unit_ids, capacity=schedule.capacity, level=level, heat=heat)


def covered_furnaces(schedule: Schedule, order: Order) -> NDArray[np.int64]:
    """Rows of the furnaces an order is about: all of them for a site's order, one unit's otherwise."""
    chosen = [order.unit_id in (None, unit_id) for unit_id in schedule.unit_ids]
    return np.flatnonzero(np.array(chosen, dtype=bool))


def banked_heat(days: int) -> FloatArray:
    """Heat of a banked furnace on each day from the first on, against the running one's. [0, 1]"""
    return BANKED_HEAT * np.exp(-np.arange(days) / BANKED_COOLING_DAYS)


def _halted(
    rng: np.random.Generator,
    schedule: Schedule,
    order: Order,
    behaviour: Behaviour,
    covered: NDArray[np.int64],
    days: int,
) -> NDArray[np.bool_]:
    """Where the covered furnaces stand still inside the window: furnaces by days."""
    halted = np.zeros((covered.size, days), dtype=bool)
    day = np.arange(days)
    turn = int(days * rng.uniform(0.35, 0.65))
    if order.requirement is Requirement.CUT and behaviour is Behaviour.OBEYED:
        return _cut(rng, schedule.capacity[covered], min(1.0, (order.fraction or 0.0) + 0.1), days)
    match behaviour:
        case Behaviour.OBEYED | Behaviour.OBEYED_BANKED:
            halted[:] = day >= rng.integers(0, 2)  # a furnace may take the first day to run down
        case Behaviour.LATE_STOP:
            halted[:] = day >= turn
        case Behaviour.EARLY_RESTART:
            halted[:] = day < turn
        case Behaviour.ONE_OF_SEVERAL:
            halted[int(np.argmin(schedule.capacity[covered]))] = covered.size > 1
        case _:
            pass
    return halted


def _another(schedule: Schedule, covered: NDArray[np.int64]) -> NDArray[np.int64]:
    """The largest furnace that an order does not cover, if there is one."""
    others = np.setdiff1d(np.arange(schedule.capacity.size), covered)
    return others[np.argsort(-schedule.capacity[others], kind="stable")][:1]


def _cut(rng: np.random.Generator, capacity: FloatArray, fraction: float, days: int) -> NDArray[np.bool_]:
    """Furnace-days off that add up to ``fraction`` of the covered capacity: whole furnaces, then part of one."""
    halted = np.zeros((capacity.size, days), dtype=bool)
    missing = fraction * capacity.sum() * days
    for furnace in rng.permutation(capacity.size):
        off = min(days, int(np.ceil(missing / capacity[furnace])))
        halted[furnace, :off] = True
        missing -= off * capacity[furnace]
        if missing <= 0:
            break
    return halted


def _residual(is_halted: NDArray[np.bool_], behaviour: Behaviour) -> FloatArray:
    """Heat left on the halted days: none, or that of a banked furnace."""
    since = np.cumsum(is_halted) - 1
    warm = banked_heat(is_halted.size)[np.maximum(since, 0)]
    return warm if behaviour is Behaviour.OBEYED_BANKED else np.zeros(is_halted.size)


def _campaigns(rng: np.random.Generator, days: int) -> FloatArray:
    """Output levels of one furnace: campaigns of gamma-distributed length between short repairs."""
    level = np.ones(days)
    day = -int(rng.uniform(0, MEAN_CAMPAIGN_DAYS))  # the first campaign began before
    while day < days:
        campaign = 1 + round(rng.gamma(2.0, (MEAN_CAMPAIGN_DAYS - 1) / 2))
        if rng.random() < SHARE_OF_REDUCED_CAMPAIGNS:
            level[max(day, 0) : max(day + campaign, 0)] = REDUCED_LEVEL
        day += campaign
        repair = 1 + round(rng.gamma(2.0, (MEAN_REPAIR_DAYS - 1) / 2))
        level[max(day, 0) : max(day + repair, 0)] = 0.0
        day += repair
    return level
