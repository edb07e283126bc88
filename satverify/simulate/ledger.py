"""The books of a simulated season: its orders, what each unit did on each day, and which orders were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.looks import State
from satverify.domain.policy import NEEDS_BASELINE, Order, Requirement
from satverify.domain.sites import Site
from satverify.simulate.followers import Deed
from satverify.simulate.history import Span, mean_level
from satverify.simulate.machines import Machinery
from satverify.simulate.schedules import Behaviour, Schedule, choose_behaviour, covered_furnaces, lay_order

FloatArray: TypeAlias = NDArray[np.float64]

TRUTH_COLUMNS = {
    "site_id": "str",
    "unit_id": "str",
    "local_day": "datetime64[us]",
    "state": "str",
    "level": "float64",
}
"""What each iron-making unit did on each day, and ``<site_id>:ironmaking``, all furnaces of a site together; ``level``
is the output against full output. [0, 1]"""

OUTCOME_COLUMNS = {
    "order_id": "str",
    "site_id": "str",
    "unit_id": "str",
    "behaviour": "str",
    "running_days": "int64",
    "is_met": "bool",
}
"""What became of an order on each unit it covers and, where it covers the whole site, on all furnaces together."""

TOLERANCE_DAYS = 2.0
TOLERANCE_SHARE = 0.05
"""A halt is met with this much running down, the larger of the two, unless the order says otherwise."""
FULL_LEVEL = 0.95  # of output, from which on a unit counts as running and not as reduced
WINDOW_DAYS = (14, 21, 30, 47)
CUT_CHANCE = 0.2
UNIT_ORDER_CHANCE = 0.2
CUT_FRACTION = 0.3
LEAST_HISTORY = 0.55  # share of the season before the first order


def draw_orders(
    rng: np.random.Generator,
    site: Site,
    schedule: Schedule,
    days: tuple[date, date],
    first_order: date | None = None,
) -> tuple[Order, ...]:
    """Two orders for a site, one after the other.

    They start at ``first_order`` or later; where it is not given, enough days come before to show how the site runs.
    """
    length = (days[1] - days[0]).days
    first = int(LEAST_HISTORY * length) if first_order is None else (first_order - days[0]).days
    half = (length - first) // 2
    return tuple(_order(rng, site, schedule, days[0], first + part * half, half, part + 1) for part in range(2))


def act(
    rng: np.random.Generator,
    site: Site,
    schedule: Schedule,
    orders: tuple[Order, ...],
    days: tuple[date, date],
    behaviours: Mapping[str, Behaviour] = MappingProxyType({}),
) -> tuple[Schedule, pd.DataFrame]:
    """Obey or break a site's orders; what the furnaces then did, and ``OUTCOME_COLUMNS``.

    ``behaviours`` says by the order's id what is done with it; where it says nothing that is drawn.
    """
    chosen: list[tuple[Order, Behaviour | None]] = []
    for order in orders:
        covered = covered_furnaces(schedule, order).size
        behaviour = choose_behaviour(rng, order, covered)
        if covered:
            behaviour = behaviours.get(order.order_id, behaviour)
        if behaviour is not None:
            schedule = lay_order(rng, schedule, order, behaviour, days[0])
        chosen.append((order, behaviour))
    rows = [row for order, behaviour in chosen for row in _outcomes(site, schedule, order, behaviour, days)]
    return schedule, pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS)).astype(OUTCOME_COLUMNS)


def outcomes_of(machinery: Machinery, deeds: Sequence[Deed], span: Span) -> pd.DataFrame:
    """``OUTCOME_COLUMNS`` of the orders that name a machine other than a furnace."""
    rows = []
    for deed in deeds:
        order = deed.order
        level = daily_levels(machinery, [str(order.unit_id)], span)[0]
        running = int(np.count_nonzero(_span(level, order.start, order.stop, span.days[0]) > 0))
        met = _is_met(order, level, span.days[0])
        rows.append((order.order_id, order.site_id, order.unit_id, deed.behaviour, running, met))
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS)).astype(OUTCOME_COLUMNS)


def daily_levels(machinery: Machinery, unit_ids: Sequence[str], span: Span) -> FloatArray:
    """Mean output of units on each local day, shape (units, days). [0, 1]"""
    edges = span.starts
    levels = [machinery.mean(unit_id, lambda history: mean_level(history, edges)) for unit_id in unit_ids]
    return np.stack(levels) if levels else np.zeros((0, edges.size - 1))


def machinery_truth(machinery: Machinery, unit_ids: Sequence[str], span: Span) -> pd.DataFrame:
    """``TRUTH_COLUMNS`` of some units of a site, sorted by unit and day.

    A day counts by its mean output: one on which a unit ran by night only is reduced.
    """
    named = sorted(unit_ids)
    return _truth_rows(machinery.site_id, named, daily_levels(machinery, named, span), span.days[0])


def state_of(level: FloatArray) -> NDArray[np.str_]:
    """State that an output amounts to, words of ``State`` of its shape.

    Parameters
    ----------
    level
        Output against full output. [0, 1]
    """
    return np.select([level >= FULL_LEVEL, level > 0], [State.RUNNING, State.REDUCED], State.HALTED).astype(np.str_)


def truth_table(site: Site, schedule: Schedule, first_day: date) -> pd.DataFrame:
    """``TRUTH_COLUMNS`` of one site, sorted by unit and day."""
    levels = unit_levels(site, schedule)
    named = sorted(levels)
    return _truth_rows(site.site_id, named, np.stack([levels[unit_id] for unit_id in named]), first_day)


def unit_levels(site: Site, schedule: Schedule) -> dict[str, FloatArray]:
    """Output of each unit and of all furnaces together on each day, against full output. [0, 1]"""
    names = np.array(schedule.unit_ids)
    levels = {f"{site.site_id}:ironmaking": schedule.capacity @ schedule.level}
    for unit_id in schedule.unit_ids:
        share = schedule.capacity * (names == unit_id)
        levels[unit_id] = share @ schedule.level / share.sum()
    return {unit_id: np.round(level, 9) for unit_id, level in levels.items()}


def _truth_rows(site_id: str, unit_ids: Sequence[str], level: FloatArray, first_day: date) -> pd.DataFrame:
    days = pd.date_range(pd.Timestamp(first_day), periods=level.shape[1], unit="us")
    return pd.DataFrame(
        {
            "site_id": site_id,
            "unit_id": np.repeat(list(unit_ids), days.size),
            "local_day": np.tile(days, len(unit_ids)),
            "state": state_of(level).ravel(),
            "level": level.ravel(),
        }
    ).astype(TRUTH_COLUMNS)


def _order(
    rng: np.random.Generator, site: Site, schedule: Schedule, first_day: date, earliest: int, room: int, number: int
) -> Order:
    """An order whose window lies in ``room`` days from ``earliest`` on."""
    length = min(int(rng.choice(WINDOW_DAYS)), room - 2)
    start = first_day + timedelta(days=earliest + int(rng.integers(0, room - length)))
    is_cut = bool(rng.random() < CUT_CHANCE)
    units = sorted(set(schedule.unit_ids))
    is_single = bool(rng.random() < UNIT_ORDER_CHANCE) and len(units) > 1
    return Order(
        order_id=f"{site.site_id}-{number}",
        site_id=site.site_id,
        unit_id=str(rng.choice(units)) if is_single and not is_cut else None,
        start=start,
        stop=start + timedelta(days=length),
        requirement=Requirement.CUT if is_cut else Requirement.HALT,
        fraction=CUT_FRACTION if is_cut else None,
        baseline_start=first_day if is_cut else None,
        baseline_stop=start if is_cut else None,
        source="simulated",
    )


def _outcomes(
    site: Site, schedule: Schedule, order: Order, behaviour: Behaviour | None, days: tuple[date, date]
) -> list[tuple[str, str, str, str, int, bool]]:
    """Rows of ``OUTCOME_COLUMNS`` for one order; none where it asks for nothing."""
    if order.requirement is Requirement.EXEMPT:
        return []
    levels = unit_levels(site, schedule)
    together = f"{site.site_id}:ironmaking"
    if order.unit_id is not None:
        wanted = [order.unit_id] if order.unit_id in levels else []
    elif order.requirement in NEEDS_BASELINE and len(levels) > 2:  # it asks nothing of one furnace among several
        wanted = [together]
    else:
        wanted = sorted(levels)
    rows = []
    for unit_id in wanted:
        window = _span(levels[unit_id], order.start, order.stop, days[0])
        running = int(np.count_nonzero(window > 0))
        met = _is_met(order, levels[unit_id], days[0])
        rows.append((order.order_id, site.site_id, unit_id, behaviour or "none", running, met))
    return rows


def _is_met(order: Order, level: FloatArray, first_day: date) -> bool:
    """Whether a unit with this output did what was asked."""
    window = _span(level, order.start, order.stop, first_day)
    if order.requirement is Requirement.HALT:
        given = order.tolerance_days
        tolerance = max(TOLERANCE_DAYS, TOLERANCE_SHARE * order.days) if given is None else given
        return bool(np.count_nonzero(window > 0) <= tolerance)
    if order.baseline_start is None or order.baseline_stop is None:
        return False
    before = _span(level, order.baseline_start, order.baseline_stop, first_day)
    if before.size == 0 or window.size == 0:
        return False
    return bool(window.mean() <= (1 - (order.fraction or 0.0)) * before.mean() + 1e-9)  # round-off


def _span(level: FloatArray, start: date, stop: date, first_day: date) -> FloatArray:
    begin, end = (max(0, (day - first_day).days) for day in (start, stop))
    return level[begin:end]
