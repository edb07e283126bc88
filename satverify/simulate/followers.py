"""What the machines of a works do besides its furnaces: they follow the iron, stop for reasons of their own, and obey
or break the orders that are on them.

Strands and pellet plants feed the furnaces from stock, and so stop some days later; shops work what iron there is;
batteries are slowed and never stop; arc furnaces melt scrap and follow nobody. Strands stop for hours to days and
restart within hours. What VIIRS is simulated to see of a season does not know of this: it has always had these machines
follow the furnaces to the day, and they are a small part of what it sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import STAYS_HOT, Unit, UnitKind
from satverify.simulate.behaviours import HOUR, SLOWED, Overlay, choose_conduct, overlaid, overlay_of
from satverify.simulate.history import History, Span, history_of_days
from satverify.simulate.machines import Machine, Machinery, draw_openness
from satverify.simulate.schedules import Behaviour, Schedule
from satverify.simulate.works import Works, capacity_of, furnaces_of

Floats: TypeAlias = NDArray[np.float64]

KEYS = 1 << 62
BEHIND = 0.85  # of the site's iron, below which a battery is slowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How machines of a kind run when nobody orders about them."""

    buffer: int
    """Days for which stock between them and the furnaces lasts. [d]"""
    least: float
    """Output below which they do not run. (0, 1]"""
    run: float
    """Mean time between stops of their own. [d]"""
    stop: float
    """Median length of such a stop. [h]"""
    spread: float
    """Standard deviation of the log of that length."""


NEVER = float("inf")
HABITS: Mapping[UnitKind, Habit] = MappingProxyType(
    {
        UnitKind.SINTER_MACHINE: Habit(buffer=2, least=0.6, run=9.0, stop=8.0, spread=1.1),
        UnitKind.PELLET_PLANT: Habit(buffer=4, least=0.6, run=25.0, stop=36.0, spread=0.8),
        UnitKind.CONVERTER: Habit(buffer=0, least=0.3, run=4.0, stop=5.0, spread=0.8),
        UnitKind.ELECTRIC_ARC_FURNACE: Habit(buffer=0, least=0.3, run=6.0, stop=9.0, spread=0.9),
        UnitKind.COKE_BATTERY: Habit(buffer=3, least=SLOWED, run=NEVER, stop=1.0, spread=0.0),
    }
)
"""Durations are estimates of practice, not measurements: weekly maintenance of strands, relining of vessels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done with an order on machines other than furnaces."""

    order: Order
    """What was asked."""
    behaviour: Behaviour
    """What was done."""


def draw_machinery(
    rng: np.random.Generator,
    works: Works,
    schedule: Schedule,
    orders: Sequence[Order],
    behaviours: Mapping[str, Behaviour],
    span: Span,
) -> tuple[Machinery, tuple[Deed, ...]]:
    """All machines of a works over a season.

    Parameters
    ----------
    rng
        Where chance comes from.
    works
        The works.
    schedule
        What its furnaces did, orders obeyed or broken.
    orders
        The orders of its site.
    behaviours
        What is done with an order, by its id; of an order on the whole site what the furnaces did. What is not said of
        an order on a machine is drawn.
    span
        Which days.

    Returns
    -------
    The machines, and what was done with the orders that name one of those that make no iron.
    """
    for_makers, for_others, for_orders = rng.spawn(3)
    makers = machines_of_schedule(for_makers, works, schedule, span)
    output = schedule.capacity @ schedule.level
    others = _followers(for_others, works, output, span)
    others, deeds = _under_orders(for_orders, others, orders, behaviours, span)
    return Machinery(site_id=works.site.site_id, machines=(*makers, *others)), deeds


def machines_of_schedule(rng: np.random.Generator, works: Works, schedule: Schedule, span: Span) -> tuple[Machine, ...]:
    """A works' furnaces as machines: what they did on a day they did all day."""
    units, capacity = furnaces_of(works.site)
    openness, starts = draw_openness(rng, len(units)), span.starts[:-1]
    keys = rng.integers(0, KEYS, len(units))
    return tuple(
        Machine(
            unit_id=unit.unit_id,
            kind=UnitKind.BLAST_FURNACE if unit.kind is UnitKind.IRONMAKING else unit.kind,
            capacity=float(capacity[row]),
            history=history_of_days(starts, schedule.level[row], schedule.is_banked[row]),
            is_maker=True,
            gain=works.gain,
            openness=float(openness[row]),
            key=int(keys[row]),
        )
        for row, unit in enumerate(units)
    )


def other_units(works: Works) -> tuple[Unit, ...]:
    """The units of a works that are no iron makers of its schedule."""
    return tuple(unit for unit in works.site.units if unit.unit_id not in works.schedule.unit_ids)


def machine_of(rng: np.random.Generator, works: Works, unit: Unit, history: History) -> Machine:
    """A machine that makes no iron, with this history."""
    return Machine(
        unit_id=unit.unit_id,
        kind=UnitKind.BLAST_FURNACE if unit.kind is UnitKind.IRONMAKING else unit.kind,
        capacity=capacity_of(unit),
        history=history,
        is_maker=False,
        gain=works.gain,
        openness=float(draw_openness(rng, 1)[0]),
        key=int(rng.integers(0, KEYS)),
    )


def stops_of(rng: np.random.Generator, habit: Habit, within: tuple[float, float]) -> Overlay:
    """Stops of a machine's own within some time [s]: gamma-distributed runs between log-normal stops."""
    begin, end = [], []
    moment = within[0] - rng.uniform(0, 1) * habit.run * 24 * HOUR if np.isfinite(habit.run) else within[1]
    while moment < within[1]:
        moment += rng.gamma(2.0, habit.run / 2) * 24 * HOUR
        length = max(HOUR, habit.stop * HOUR * float(np.exp(rng.normal(0, habit.spread))))
        begin.append(moment)
        end.append(moment + length)
        moment += length
    inside = [number for number, one in enumerate(begin) if within[0] < one < within[1]]
    return Overlay(
        begin=np.array(begin)[inside] if inside else np.zeros(0),
        end=np.minimum(np.array(end)[inside], within[1]) if inside else np.zeros(0),
        level=np.zeros(len(inside)),
    )


def _followers(rng: np.random.Generator, works: Works, output: Floats, span: Span) -> tuple[Machine, ...]:
    """Machines that follow the iron, but for stops of their own."""
    units = other_units(works)
    starts = span.starts
    made = []
    for unit, stream in zip(units, rng.spawn(len(units)), strict=True):
        alike = [each.unit_id for each in units if each.kind is unit.kind]
        habit = HABITS.get(unit.kind, HABITS[UnitKind.CONVERTER])
        level = _following(output, habit, unit.kind, alike.index(unit.unit_id), len(alike))
        history = history_of_days(starts[:-1], level, np.zeros(level.size, dtype=bool))
        stops = stops_of(stream, habit, (float(starts[0]), float(starts[-1])))
        made.append(machine_of(stream, works, unit, overlaid(history, stops)))
    return tuple(made)


def _following(output: Floats, habit: Habit, kind: UnitKind, number: int, alike: int) -> Floats:
    """Daily output of a machine under the iron that the site makes: the last of several is the first to stop."""
    if kind is UnitKind.ELECTRIC_ARC_FURNACE:
        return np.ones(output.size)
    window = habit.buffer + 1
    padded = np.concatenate([np.full(window - 1, output[0]), output])
    wanted = np.convolve(padded, np.full(window, 1 / window), mode="valid")
    if kind in STAYS_HOT:
        return np.where(wanted > BEHIND, 1.0, np.clip(np.round(wanted, 2), habit.least, 1.0))
    share = np.clip(alike * wanted - number, 0.0, 1.0)
    level = np.where(share < habit.least / 2, 0.0, np.maximum(share, habit.least))
    return np.where(level >= 0.9, 1.0, np.round(level, 2))


def _under_orders(
    rng: np.random.Generator,
    machines: tuple[Machine, ...],
    orders: Sequence[Order],
    behaviours: Mapping[str, Behaviour],
    span: Span,
) -> tuple[tuple[Machine, ...], tuple[Deed, ...]]:
    """Machines with orders obeyed or broken, and what was done with those orders that name one of them."""
    deeds = []
    for order, stream in zip(orders, rng.spawn(len(orders)), strict=True):
        midnights = _window(order, span)
        if midnights.size < 2:
            continue
        if order.unit_id is None:
            machines = _whole_site(stream, machines, order, behaviours.get(order.order_id), midnights)
            continue
        named = [machine for machine in machines if machine.unit_id == order.unit_id]
        if not named:
            continue
        siblings = [each for each in machines if each.kind is named[0].kind and each not in named]
        chosen = choose_conduct(stream, order, named[0].kind, len(siblings))
        behaviour = behaviours.get(order.order_id, chosen)
        if behaviour is None:
            continue
        deeds.append(Deed(order=order, behaviour=behaviour))
        touched, done = (siblings[:1], Behaviour.OBEYED) if behaviour is Behaviour.WRONG_UNIT else (named, behaviour)
        machines = tuple(
            _ordered(stream, each, order, done, midnights) if each in touched else each for each in machines
        )
    return machines, tuple(deeds)


def _whole_site(
    rng: np.random.Generator, machines: tuple[Machine, ...], order: Order, done: Behaviour | None, midnights: Floats
) -> tuple[Machine, ...]:
    """Machines under a halt of the whole site: where the furnaces keep it, most of the others do."""
    if order.requirement is not Requirement.HALT or done not in (Behaviour.OBEYED, Behaviour.OBEYED_BANKED):
        return machines
    out = []
    for machine in machines:
        conduct = choose_conduct(rng, order, machine.kind, 0, whole_site=True)
        out.append(machine if conduct is None else _ordered(rng, machine, order, conduct, midnights))
    return tuple(out)


def _ordered(
    rng: np.random.Generator, machine: Machine, order: Order, behaviour: Behaviour, midnights: Floats
) -> Machine:
    overlay = overlay_of(rng, order, behaviour, machine.kind, midnights)
    return replace(machine, history=overlaid(machine.history, overlay))


def _window(order: Order, span: Span) -> Floats:
    """Beginnings of the order's days inside the season, and its end. [s since 1970-01-01 UTC]"""
    starts = span.starts
    first, last = ((day - span.days[0]).days for day in (order.start, order.stop))
    return starts[max(first, 0) : max(last + 1, 0)]
