"""Seasons to learn from: machines that change state often, so that every state has been seen under every sky.

A real winter is mostly work. Here a furnace works, is throttled, stands cold and stands banked for about as long each,
whatever its neighbours do; strands and shops change within days, and some nights they run alone. Orders there are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sites import STAYS_HOT, Site, Unit, UnitKind
from satverify.simulate.behaviours import NIGHT_KINDS, SLOWED, night_spells, overlaid, spells_of
from satverify.simulate.followers import machine_of, machines_of_schedule, other_units
from satverify.simulate.history import History, Span
from satverify.simulate.machines import Machine, Machinery
from satverify.simulate.schedules import Schedule, banked_heat
from satverify.simulate.season import Scenario, SeasonDraw, season_of_plans
from satverify.simulate.weather import Climate
from satverify.simulate.works import Works, draw_works, furnaces_of

Floats: TypeAlias = NDArray[np.float64]

WORK, THROTTLED, COLD, BANKED, NIGHTS = "work", "throttled", "cold", "banked", "nights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of the time a machine is in a state, and how long at once."""

    share: float
    """Of the time. [0, 1]"""
    days: float
    """Mean length of a spell. [d]"""


FURNACE: Mapping[str, Share] = MappingProxyType(
    {
        WORK: Share(share=0.35, days=9.0),
        THROTTLED: Share(share=0.20, days=8.0),
        COLD: Share(share=0.25, days=11.0),
        BANKED: Share(share=0.20, days=11.0),
    }
)
"""A furnace is never down for hours only; ``cold`` and ``banked`` are told apart by warm shells alone."""
OTHER: Mapping[str, Share] = MappingProxyType(
    {
        WORK: Share(share=0.40, days=5.0),
        THROTTLED: Share(share=0.18, days=4.0),
        COLD: Share(share=0.32, days=4.0),
        NIGHTS: Share(share=0.10, days=5.0),
    }
)
BATTERY: Mapping[str, Share] = MappingProxyType(
    {WORK: Share(share=0.5, days=12.0), THROTTLED: Share(share=0.5, days=12.0)}
)
THROTTLED_LEVELS = (0.6, 0.9)  # of full output


def training_season(
    rng: np.random.Generator,
    sites: Sequence[Site],
    days: tuple[date, date],
    *,
    timezone: str = "Asia/Shanghai",
    climate: Climate | None = None,
) -> SeasonDraw:
    """A season in which all states of all machines are about as frequent.

    Parameters
    ----------
    rng
        Where all chance comes from. Each site has a stream of its own.
    sites
        The works. Machinery that is not listed is made up.
    days
        Local days ``[start, stop)``.
    timezone
        IANA name of the sites' local time.
    climate
        How often the sky is clear; none: as on the North China Plain.

    Returns
    -------
    What ``scenes_of_season`` makes scenes of and ``levels_at`` tells the truth of. Without orders and outages.
    """
    for_sky, for_sites = rng.spawn(2)
    scenario = Scenario(days=days, timezone=timezone, climate=climate or Climate(), has_outage=False)
    span = Span(days=days, timezone=timezone)
    streams = for_sites.spawn(len(sites))
    works = [draw_works(stream, site, days) for stream, site in zip(streams, sites, strict=True)]
    plans = [_plan(stream, one, span) for stream, one in zip(streams, works, strict=True)]
    return season_of_plans(for_sky, scenario, works, plans)


def _plan(rng: np.random.Generator, works: Works, span: Span) -> tuple[Schedule, Machinery]:
    """What the machines of a works do."""
    schedule = _furnaces(rng, works, span.starts.size - 1)
    makers = machines_of_schedule(rng, works, schedule, span)
    others = tuple(_other(rng, works, unit, span) for unit in other_units(works))
    return schedule, Machinery(site_id=works.site.site_id, machines=(*makers, *others))


def _furnaces(rng: np.random.Generator, works: Works, days: int) -> Schedule:
    """Daily plans of a works' furnaces, each for itself."""
    units, _ = furnaces_of(works.site)
    level, heat = np.ones((2, len(units), days))
    for row, unit in enumerate(units):
        for state, begin, end in _states(rng, FURNACE, days, least=1.0):
            part = np.s_[round(begin) : round(end)]
            if state == THROTTLED:
                level[row, part] = heat[row, part] = round(rng.uniform(*THROTTLED_LEVELS), 2)
            elif state != WORK:
                level[row, part] = 0.0
                is_banked = state == BANKED and unit.kind is not UnitKind.ELECTRIC_ARC_FURNACE
                heat[row, part] = banked_heat(level[row, part].size) if is_banked else 0.0
    return replace(works.schedule, level=level, heat=heat)


def _other(rng: np.random.Generator, works: Works, unit: Unit, span: Span) -> Machine:
    """A machine that changes to the hour, and some weeks runs by night only."""
    starts = span.starts
    habits = BATTERY if unit.kind in STAYS_HOT else OTHER
    if unit.kind not in NIGHT_KINDS:
        habits = {name: habit for name, habit in habits.items() if name != NIGHTS}
    history = History(begin=starts[:1], level=np.ones(1), is_banked=np.zeros(1, dtype=bool))
    for state, begin, end in _states(rng, habits, starts.size - 1, least=2 / 24):
        edges = np.interp([begin, end], np.arange(starts.size), starts)
        if state == NIGHTS:
            midnights = starts[int(np.ceil(begin)) : int(np.floor(end)) + 1]
            history = overlaid(history, night_spells(rng, midnights)) if midnights.size > 1 else history
            continue
        low = SLOWED if unit.kind in STAYS_HOT else THROTTLED_LEVELS[0]
        level = {WORK: 1.0, COLD: 0.0}.get(state, round(rng.uniform(low, THROTTLED_LEVELS[1]), 2))
        history = overlaid(history, spells_of([(float(edges[0]), float(edges[1]), level)]))
    return machine_of(rng, works, unit, history)


def _states(
    rng: np.random.Generator, habits: Mapping[str, Share], days: int, least: float
) -> list[tuple[str, float, float]]:
    """States one after the other, with begin and end in days: gamma-distributed lengths, never twice the same."""
    names = list(habits)
    often = np.array([habits[name].share / habits[name].days for name in names])
    out: list[tuple[str, float, float]] = []
    share = np.array([habits[name].share for name in names])
    now = int(rng.choice(len(names), p=share / share.sum()))
    moment = -rng.uniform(0, 1) * habits[names[now]].days
    while moment < days:
        length = max(least, float(rng.gamma(2.0, habits[names[now]].days / 2)))
        if moment + length > 0:
            out.append((names[now], max(moment, 0.0), min(moment + length, float(days))))
        moment += length
        chance = np.where(np.arange(len(names)) == now, 0.0, often)
        now = int(rng.choice(len(names), p=chance / chance.sum()))
    return out
