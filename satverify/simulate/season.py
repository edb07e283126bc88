"""A simulated winter: works that run, stop and cheat, a sky that hides them, and what the satellites' files then hold.

The truth comes back beside the detections, so that a verdict can be held against it. Everything is drawn from the
generator that is handed in, and each site has a stream of its own: one site more changes nothing for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import DETECTION_COLUMNS, empty_table
from satverify.domain.policy import Order
from satverify.domain.sites import Site
from satverify.simulate.followers import draw_machinery
from satverify.simulate.heat import detect
from satverify.simulate.history import Span
from satverify.simulate.ledger import (
    OUTCOME_COLUMNS,
    TRUTH_COLUMNS,
    act,
    draw_orders,
    machinery_truth,
    outcomes_of,
    truth_table,
)
from satverify.simulate.machines import Machinery
from satverify.simulate.orbit import Passes, overpasses
from satverify.simulate.schedules import Behaviour, Schedule
from satverify.simulate.weather import Climate, Weather, daily_cloud_cover, draw_weather, transmission
from satverify.simulate.works import Works, draw_works, heat_of

FloatArray: TypeAlias = NDArray[np.float64]

OUTAGE_DAYS = 5
NOTHING_SAID: Mapping[str, Behaviour] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a simulated season is made of."""

    days: tuple[date, date]
    """Local days ``[start, stop)``."""
    timezone: str = "Asia/Shanghai"
    """IANA name of the sites' local time."""
    satellites: tuple[str, ...] = ("N", "N20")
    """Of ``N``, ``N20`` and ``N21``."""
    climate: Climate = field(default_factory=Climate)
    """How often the sky is clear."""
    first_order: date | None = None
    """Orders that are drawn start here or later; none: after enough days of history."""
    has_outage: bool = True
    """Whether one satellite falls silent for some days."""
    is_steady: bool = False
    """Whether the works run without repairs and fires, for comparison with real works at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Days on which a satellite was silent everywhere."""

    satellite: str
    """``N``, ``N20`` or ``N21``."""
    start: date
    """First silent UTC day."""
    stop: date
    """First UTC day back in service."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Season:
    """What the files of a simulated season hold, and the truth behind them."""

    detections: pd.DataFrame
    """``DETECTION_COLUMNS``, sorted by time, satellite and place."""
    sky: pd.DataFrame
    """``SKY_COLUMNS`` at points a degree apart."""
    orders: tuple[Order, ...]
    """The orders that were obeyed or broken, sorted by site."""
    outages: tuple[Outage, ...]
    """When a satellite was silent."""
    truth: pd.DataFrame
    """``TRUTH_COLUMNS``, sorted by site, unit and day."""
    outcomes: pd.DataFrame
    """``OUTCOME_COLUMNS``, sorted by site, order and unit."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeasonDraw:
    """What a season is made of before any satellite has looked: works, what they did, and the sky above them."""

    scenario: Scenario
    """Days, satellites and climate."""
    works: tuple[Works, ...]
    """One for each site, in the order of the sites."""
    schedules: tuple[Schedule, ...]
    """What the furnaces of each did day by day, orders obeyed or broken."""
    machinery: tuple[Machinery, ...]
    """What all machines of each did moment by moment, the furnaces among them."""
    orders: tuple[Order, ...]
    """The orders, in the order of the sites."""
    outages: tuple[Outage, ...]
    """When a satellite was silent."""
    outcomes: pd.DataFrame
    """``OUTCOME_COLUMNS``."""
    weather: Weather
    """The sky that all satellites look through."""


def simulate_season(
    rng: np.random.Generator,
    sites: Sequence[Site],
    scenario: Scenario,
    *,
    orders: Sequence[Order] | None = None,
    behaviours: Mapping[str, Behaviour] = NOTHING_SAID,
) -> Season:
    """Draw one season for all sites.

    Parameters
    ----------
    rng
        Where all chance comes from.
    sites
        The works. Machinery that is not listed is made up.
    scenario
        Days, satellites and climate.
    orders
        Orders to obey or break; where none are given two are drawn per site.
    behaviours
        What is done with an order, by its id; drawn where nothing is said.

    Returns
    -------
    Tables without rows where there are no sites.
    """
    draw, streams, for_sky = _draw(rng, sites, scenario, orders, behaviours)
    sky, seen = _look(for_sky, streams, draw)
    pairs = zip(draw.works, draw.schedules, strict=True)
    truths = [truth_table(one.site, plan, scenario.days[0]) for one, plan in pairs]
    truths = [_with_named(table, draw, one) for table, one in zip(truths, draw.machinery, strict=True)]
    return Season(
        detections=seen,
        sky=sky,
        orders=draw.orders,
        outages=draw.outages,
        truth=_joined(truths, TRUTH_COLUMNS),
        outcomes=draw.outcomes,
    )


def draw_season(
    rng: np.random.Generator,
    sites: Sequence[Site],
    scenario: Scenario,
    *,
    orders: Sequence[Order] | None = None,
    behaviours: Mapping[str, Behaviour] = NOTHING_SAID,
) -> SeasonDraw:
    """Works, schedules and sky of the season that ``simulate_season`` makes of the same arguments.

    Parameters
    ----------
    rng
        Where all chance comes from, in the same state.
    sites, scenario, orders, behaviours
        As there.
    """
    return _draw(rng, sites, scenario, orders, behaviours)[0]


def season_of_plans(
    rng: np.random.Generator, scenario: Scenario, works: Sequence[Works], plans: Sequence[tuple[Schedule, Machinery]]
) -> SeasonDraw:
    """A season without orders of works whose plans are given, under a sky that is drawn.

    Parameters
    ----------
    rng
        Where the sky comes from.
    scenario
        Days, satellites and climate.
    works
        The works.
    plans
        What the furnaces of each did day by day, and all its machines moment by moment.
    """
    draw = SeasonDraw(
        scenario=scenario,
        works=tuple(works),
        schedules=tuple(schedule for schedule, _ in plans),
        machinery=tuple(machinery for _, machinery in plans),
        orders=(),
        outages=(),
        outcomes=empty_table(OUTCOME_COLUMNS),
        weather=draw_weather(rng, scenario.climate),
    )
    return _with_parallel(draw)


def _draw(
    rng: np.random.Generator,
    sites: Sequence[Site],
    scenario: Scenario,
    orders: Sequence[Order] | None,
    behaviours: Mapping[str, Behaviour],
) -> tuple[SeasonDraw, list[np.random.Generator], np.random.Generator]:
    """The season before anyone looks; each site's stream, and the sky's, from which looking goes on."""
    for_sky, for_outage, for_sites = rng.spawn(3)
    streams = for_sites.spawn(len(sites))
    days = scenario.days
    works = [
        draw_works(stream, site, days, is_steady=scenario.is_steady)
        for stream, site in zip(streams, sites, strict=True)
    ]
    wanted = tuple(orders) if orders is not None else _drawn_orders(streams, works, scenario)
    of_site = [tuple(order for order in wanted if order.site_id == one.site.site_id) for one in works]
    acted = [
        act(stream, one.site, one.schedule, own, days, behaviours)
        for stream, one, own in zip(streams, works, of_site, strict=True)
    ]
    schedules = [schedule for schedule, _ in acted]
    outcomes = [outcome for _, outcome in acted]
    # A stream of their own, so that furnaces, orders and detections are what they were before machines were drawn.
    for_machines = for_outage.spawn(1)[0].spawn(len(sites))
    span = Span(days=days, timezone=scenario.timezone)
    equipped = [
        draw_machinery(stream, one, schedule, own, {**behaviours, **_done(outcome)}, span)
        for stream, one, schedule, own, outcome in zip(for_machines, works, schedules, of_site, outcomes, strict=True)
    ]
    named = [outcomes_of(machinery, deeds, span) for machinery, deeds in equipped]
    draw = SeasonDraw(
        scenario=scenario,
        works=tuple(works),
        schedules=tuple(schedules),
        machinery=tuple(machinery for machinery, _ in equipped),
        orders=wanted,
        outages=_outages(for_outage, scenario),
        outcomes=_joined([table for pair in zip(outcomes, named, strict=True) for table in pair], OUTCOME_COLUMNS),
        weather=draw_weather(for_sky, scenario.climate),
    )
    return _with_parallel(draw), streams, for_sky


def _with_parallel(draw: SeasonDraw) -> SeasonDraw:
    """The same with a sky whose kilometres are counted where its works are seen."""
    passes, middle = _passes_of(draw)
    parallel = float(np.mean(middle[passes.place, 1])) if len(passes) else 0.0
    return replace(draw, weather=replace(draw.weather, parallel=parallel))


def _done(outcomes: pd.DataFrame) -> dict[str, Behaviour]:
    """What the furnaces did with each order."""
    said = outcomes[outcomes["behaviour"] != "none"]
    return {str(row.order_id): Behaviour(str(row.behaviour)) for row in said.itertuples()}


def _with_named(table: pd.DataFrame, draw: SeasonDraw, machinery: Machinery) -> pd.DataFrame:
    """The truth of a site with that of the machines which an order names, sorted by unit and day."""
    known = set(table["unit_id"])
    orders = [order for order in draw.orders if order.site_id == machinery.site_id]
    simulated = {machine.unit_id for machine in machinery.machines}
    named = sorted({order.unit_id for order in orders if order.unit_id in simulated} - known)
    if not named:
        return table
    span = Span(days=draw.scenario.days, timezone=draw.scenario.timezone)
    both = pd.concat([table, machinery_truth(machinery, named, span)], ignore_index=True)
    return both.sort_values(["unit_id", "local_day"], kind="stable", ignore_index=True)


def _drawn_orders(
    streams: Sequence[np.random.Generator], works: Sequence[Works], scenario: Scenario
) -> tuple[Order, ...]:
    days, first = scenario.days, scenario.first_order
    pairs = zip(streams, works, strict=True)
    return tuple(order for stream, one in pairs for order in draw_orders(stream, one.site, one.schedule, days, first))


def _outages(rng: np.random.Generator, scenario: Scenario) -> tuple[Outage, ...]:
    """One silence of one satellite, somewhere in the season."""
    length = (scenario.days[1] - scenario.days[0]).days
    if not scenario.has_outage or length < 4 * OUTAGE_DAYS:
        return ()
    start = scenario.days[0] + timedelta(days=int(rng.integers(OUTAGE_DAYS, length - 2 * OUTAGE_DAYS)))
    satellite = str(rng.choice(scenario.satellites))
    return (Outage(satellite=satellite, start=start, stop=start + timedelta(days=OUTAGE_DAYS)),)


def _passes_of(draw: SeasonDraw) -> tuple[Passes, FloatArray]:
    """Passes over all works by satellites that were not silent, and the middles of the works. [degree]"""
    middle = np.array([one.middle for one in draw.works]).reshape(-1, 2)
    passes = overpasses(middle[:, 0], middle[:, 1], draw.scenario.days, draw.scenario.satellites)
    return passes.where(~_is_silent(passes, draw.outages)), middle


def _look(
    rng: np.random.Generator, streams: Sequence[np.random.Generator], draw: SeasonDraw
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sky, and what the satellites see through it."""
    passes, middle = _passes_of(draw)
    clear = transmission(draw.weather, middle[passes.place, 0], middle[passes.place, 1], passes.time)
    passes, clear = passes.where(clear > 0), clear[clear > 0]
    local_day = _local_day(passes.time, draw.scenario)
    bounds = np.searchsorted(passes.place, np.arange(len(draw.works) + 1))
    seen = []
    for index, (stream, one, schedule) in enumerate(zip(streams, draw.works, draw.schedules, strict=True)):
        rows = np.arange(bounds[index], bounds[index + 1])
        heat = heat_of(one, schedule)
        seen.append(detect(stream, one.spots, heat, local_day[rows], passes.where(rows), clear[rows], one.middle))
    sky = daily_cloud_cover(rng, draw.weather, _grid(middle), draw.scenario.days)
    return sky, _joined(seen, DETECTION_COLUMNS, ["time", "satellite", "longitude", "latitude"])


def _is_silent(passes: Passes, outages: tuple[Outage, ...]) -> NDArray[np.bool_]:
    """True where the satellite of a pass was out of service."""
    is_silent = np.zeros(len(passes), dtype=bool)
    for outage in outages:
        inside = (passes.time >= np.datetime64(outage.start)) & (passes.time < np.datetime64(outage.stop))
        is_silent |= inside & (passes.satellite == outage.satellite)
    return is_silent


def _local_day(time: NDArray[np.datetime64], scenario: Scenario) -> NDArray[np.int64]:
    """Number of the local day of each pass; those just outside the season count to its first or last day."""
    local = pd.DatetimeIndex(time).tz_localize("UTC").tz_convert(scenario.timezone).tz_localize(None)
    number = (local.to_numpy().astype("datetime64[D]") - np.datetime64(scenario.days[0])).astype(np.int64)
    return np.clip(number, 0, (scenario.days[1] - scenario.days[0]).days - 1)


def _grid(middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Whole degrees nearest to the sites, each once."""
    points = np.unique(np.round(middle), axis=0)
    return points[:, 0], points[:, 1]


def _joined(parts: Sequence[pd.DataFrame], columns: dict[str, str], order: list[str] | None = None) -> pd.DataFrame:
    """One table of the fixed columns and types, sorted where asked."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_table(columns)
    table = pd.concat(filled, ignore_index=True).astype(columns)
    return table.sort_values(order, kind="stable", ignore_index=True) if order else table
