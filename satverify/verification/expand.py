"""A policy and a site list give default orders. Named orders win, and no ratio is ever invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import TypeAlias

from satverify.domain.notices import CityScope, Phase, Policy
from satverify.domain.policy import NEEDS_BASELINE, Order, Requirement
from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating, Site, UnitKind
from satverify.errors import InputError, Problem
from satverify.verification.gaps import Gap, Gaps
from satverify.verification.tariff import Tariff

Window: TypeAlias = tuple[date, date]

SMELTS = frozenset({UnitKind.BLAST_FURNACE, UnitKind.IRONMAKING, UnitKind.ELECTRIC_ARC_FURNACE})
"""Kinds whose capacities add up to a region's crude steel; converters turn the same iron into it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What a policy comes to for a list of sites."""

    orders: tuple[Order, ...]
    """Named orders and default orders, sorted by site, start and id."""
    gaps: tuple[Gap, ...]
    """Where no default order could be made, or one that a person should look at, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duty:
    """What one site must do in one phase."""

    requirement: Requirement
    fraction: float | None
    source: str


def expand_policy(
    policy: Policy,
    sites: Iterable[Site],
    named_orders: Iterable[Order] = (),
    ratios: Iterable[Ratio] | Mapping[Rating, float] = (),
    standings: Iterable[Standing] = (),
) -> tuple[Order, ...]:
    """The orders of ``expand``, without its gaps."""
    return expand(policy, sites, named_orders, ratios, standings).orders


def expand(
    policy: Policy,
    sites: Iterable[Site],
    named_orders: Iterable[Order] = (),
    ratios: Iterable[Ratio] | Mapping[Rating, float] = (),
    standings: Iterable[Standing] = (),
) -> Expansion:
    """Default orders for every site of the policy's cities, round the named ones.

    Parameters
    ----------
    policy
        The notice.
    sites
        The enterprises; those outside the policy's cities get no default order.
    named_orders
        Orders that name a site. On the days of a named order the site has no default order.
    ratios
        The cut that each rating must make, as published; a plain mapping holds for every phase. Without a ratio a site
        that must cut gets no default order.
    standings
        What is known of single sites: aggravations, and kinds of process with a rule of their own.

    Returns
    -------
    Every named order and the default orders, with the gaps. Without sites, the named orders.

    Raises
    ------
    InputError
        Ratios or standings that the policy does not know, sites twice, or a named order with the id of a default order;
        with all problems.
    """
    listed = sorted(sites, key=lambda site: site.site_id)
    named = tuple(named_orders)
    tariff = Tariff.of(policy, ratios, standings, listed)
    gaps = Gaps()
    default = list(chain.from_iterable(_orders_of(policy, site, named, tariff, gaps) for site in listed))
    _check_ids(policy, named, default)
    _look_at_named(policy, listed, named, gaps)
    tariff.look_at_order_of_ratings(gaps)
    _look_at_floor(policy, listed, default, gaps)
    orders = sorted((*named, *default), key=lambda order: (order.site_id, order.start, order.order_id))
    return Expansion(orders=tuple(orders), gaps=gaps.sorted())


def free_windows(start: date, stop: date, taken: Iterable[Window]) -> tuple[Window, ...]:
    """What is left of the days ``[start, stop)`` when taken windows are cut out, in time.

    >>> from datetime import date
    >>> free_windows(date(2022, 1, 1), date(2022, 1, 10), [(date(2022, 1, 3), date(2022, 1, 5))])[1]
    (datetime.date(2022, 1, 5), datetime.date(2022, 1, 10))
    """
    left: list[Window] = []
    for taken_start, taken_stop in sorted(taken):
        if taken_stop <= start or taken_start >= stop:
            continue
        if taken_start > start:
            left.append((start, taken_start))
        start = taken_stop
    if start < stop:
        left.append((start, stop))
    return tuple(left)


def same_days_of_baseline(phase: Phase, window: Window) -> Window:
    """The days of a phase's baseline that a window inside the phase is compared with."""
    start, stop = window
    first = min(phase.baseline_start + (start - phase.start), phase.baseline_stop - timedelta(days=1))
    last = phase.baseline_stop if stop == phase.stop else min(first + (stop - start), phase.baseline_stop)
    return first, last


def _orders_of(policy: Policy, site: Site, named: Sequence[Order], tariff: Tariff, gaps: Gaps) -> Iterable[Order]:
    city = policy.city(site.city)
    if city is None:
        gaps.note("outside_cities", site.site_id)
        return
    taken = [(order.start, order.stop) for order in named if order.site_id == site.site_id]
    by_reference = ", by reference" if city.scope is CityScope.REFERENCE else ""
    for phase in policy.phases:
        windows = free_windows(phase.start, phase.stop, taken)
        duty = _duty(policy, site, phase, tariff, gaps) if windows else None
        if duty is not None:
            source = f"{policy.document}, {phase.phase_id}{by_reference}{duty.source}"
            yield from chain.from_iterable(
                _orders_in(policy, site, phase, window, duty, source, gaps) for window in windows
            )


def _duty(policy: Policy, site: Site, phase: Phase, tariff: Tariff, gaps: Gaps) -> _Duty | None:
    """What the site must do in the phase, or none and a gap."""
    process = tariff.process_rule(policy, site)
    rule = process or policy.rule_for(site.rating)
    if process is None and tariff.may_be_short_process(policy, site):
        gaps.note("process_unknown", site.site_id)
    if rule is None:
        gaps.note("no_rating" if site.rating is None else "rating_without_rule", site.site_id)
        return None
    if rule.requirement is not Requirement.CUT:
        return _Duty(requirement=rule.requirement, fraction=None, source="")
    ratio = tariff.ratio(site, phase, gaps)
    if ratio is None:
        gaps.note("no_ratio", site.site_id, phase.phase_id)
        return None
    return _Duty(
        requirement=Requirement.CUT, fraction=ratio.fraction, source=f"; {ratio.source}" if ratio.source else ""
    )


def _orders_in(
    policy: Policy, site: Site, phase: Phase, window: Window, duty: _Duty, source: str, gaps: Gaps
) -> Iterable[Order]:
    start, stop = window
    baseline = same_days_of_baseline(phase, window) if duty.requirement in NEEDS_BASELINE else (None, None)
    for unit_id in _units_of(policy, site, duty.requirement, gaps):
        parts = (policy.policy_id, phase.phase_id, unit_id or site.site_id, start.isoformat())
        yield Order(
            order_id=":".join(parts),
            site_id=site.site_id,
            unit_id=unit_id,
            start=start,
            stop=stop,
            requirement=duty.requirement,
            fraction=duty.fraction,
            baseline_start=baseline[0],
            baseline_stop=baseline[1],
            source=source,
        )


def _units_of(policy: Policy, site: Site, requirement: Requirement, gaps: Gaps) -> tuple[str | None, ...]:
    """The whole site as one, or unit by unit where a halt must leave out what is never halted."""
    spared = [unit for unit in site.units if unit.kind in policy.never_halted]
    if requirement is not Requirement.HALT or not spared:
        return (None,)
    others = tuple(unit.unit_id for unit in site.units if unit.kind not in policy.never_halted)
    if not others:
        gaps.note("nothing_to_halt", site.site_id)
    return others


def _check_ids(policy: Policy, named: Sequence[Order], default: Sequence[Order]) -> None:
    clashing = sorted({order.order_id for order in named} & {order.order_id for order in default})
    if clashing:
        problems = [
            Problem(
                file="named orders",
                where=f"order {name}",
                expected="an id of its own",
                found="the id of a default order",
            )
            for name in clashing
        ]
        raise InputError(f"named orders clash with those of policy {policy.policy_id}:", problems=problems)


def _look_at_named(policy: Policy, sites: Sequence[Site], named: Sequence[Order], gaps: Gaps) -> None:
    """Named halts of what the notice says is never halted."""
    spared = {unit.unit_id for site in sites for unit in site.units if unit.kind in policy.never_halted}
    for order in named:
        if order.requirement is Requirement.HALT and order.unit_id in spared:
            gaps.note("halt_of_never_halted", order.site_id)


def _look_at_floor(policy: Policy, sites: Sequence[Site], default: Sequence[Order], gaps: Gaps) -> None:
    """Phases whose default cuts, weighted by capacity, stay below the region's floor."""
    for phase in policy.phases:
        cuts = {
            order.site_id: order.fraction or 0.0
            for order in default
            if phase.start <= order.start < phase.stop and order.requirement in NEEDS_BASELINE
        }
        weights = {site.site_id: _smelting_t_per_day(site) for site in sites}
        total = sum(weights[name] for name in cuts)
        if phase.regional_floor is None or total <= 0:
            continue
        if sum(weights[name] * cut for name, cut in cuts.items()) / total < phase.regional_floor - 1e-9:
            gaps.note("below_regional_floor", None, phase.phase_id)


def _smelting_t_per_day(site: Site) -> float:
    """Nominal output of what makes iron or steel without it. [t/d]"""
    return sum(unit.capacity_t_per_day or 0.0 for unit in site.units if unit.kind in SMELTS)
