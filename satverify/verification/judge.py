"""Orders held against looks: one finding for each order and unit.

What thermal pixels cannot tell apart is judged together. An order on all furnaces of a site is judged on their total;
an order on one of several can be judged where the total leaves no doubt, that is where none of them ran, or on the
unit's own looks where images show its ground by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from satverify.domain.findings import Finding, LookCount, Statement, Tier, Verdict
from satverify.domain.policy import NEEDS_BASELINE, Order, Requirement
from satverify.domain.rules import VerdictRules
from satverify.domain.sites import STAYS_HOT, Site, Unit
from satverify.features.units import ObservedUnit
from satverify.inference.durations import StateModel
from satverify.verification.requirement import Probability, p_level, p_of, tolerance_of
from satverify.verification.window import Window, count_looks, longest_unseen_run, window_of
from satverify.verification.words import Case, alternatives, reasons, say

LEAST_BASELINE_LOOKS = 5
"""Usable looks that a baseline must have to be compared with."""

NO_LOOKS = LookCount(clear=0, hot=0, cold=0, unusable=0, by_sensor=())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitEvidence:
    """What is known of one observed unit."""

    unit: ObservedUnit
    looks: pd.DataFrame
    """``LOOK_COLUMNS``, all of the history."""
    model: StateModel
    has_history: bool
    """Whether the unit was ever seen hot often enough to know what it shows."""
    neighbour: float | None = None
    """Distance of the nearest steady heat outside the outline, none where there is none near. [m]"""


def judge(
    site: Site,
    orders: Sequence[Order],
    evidence: Sequence[UnitEvidence],
    rules: VerdictRules,
    own: Mapping[str, UnitEvidence] = MappingProxyType({}),
) -> tuple[Finding, ...]:
    """Findings for all orders of one site, sorted by order and unit.

    Parameters
    ----------
    site
        The enterprise site.
    orders
        Its orders.
    evidence
        Its observed units, in the order of ``observed_units``.
    rules
        When the evidence suffices.
    own
        What images show of single units that ``evidence`` has together with others, by unit id.
    """
    named = _named_together(orders)
    findings = [
        _with_own(order, finding, own, _beside(finding.unit_id, evidence), rules)
        for order in orders
        for finding in _of_order(site, order, evidence, rules, named)
    ]
    return tuple(sorted(findings, key=lambda finding: (finding.order_id, finding.unit_id)))


def _with_own(
    order: Order, total: Finding, own: Mapping[str, UnitEvidence], beside: Sequence[str], rules: VerdictRules
) -> Finding:
    """What the total says of a unit and what the unit's own looks say, as one finding.

    Where only one of them decides, that one stands. A total that ran does not contradict a unit that stood still, as
    long as one ``beside`` it may have run. Where they do contradict each other, nothing is decided: one of the two has
    taken something for the unit that is not.
    """
    if total.unit_id not in own or order.requirement is Requirement.EXEMPT:
        return total
    mine = _finding(order, own[total.unit_id], rules)
    if mine.verdict is Verdict.UNDETERMINED:
        return mine if total.verdict is Verdict.UNDETERMINED and mine.looks.clear else total
    if total.verdict is Verdict.UNDETERMINED:
        return mine
    if mine.verdict is Verdict.CONSISTENT is not total.verdict and _may_have_run(order, beside, own, rules):
        return mine
    if total.verdict is mine.verdict:
        return replace(mine, tier=Tier.CONFIRMED if Tier.CONFIRMED in (mine.tier, total.tier) else mine.tier)
    return replace(
        mine,
        verdict=Verdict.UNDETERMINED,
        p_met=0.5,
        p_met_range=(rules.prior_low, rules.prior_high),
        running_days=None,
        tier=Tier.NONE,
        reasons=(say("sensors_disagree"), *mine.reasons),
    )


def _beside(unit_id: str, evidence: Sequence[UnitEvidence]) -> tuple[str, ...]:
    """The other units of which the same total tells."""
    for each in evidence:
        members = [member.unit_id for member in each.unit.members]
        if unit_id in members:
            return tuple(member for member in members if member != unit_id)
    return ()


def _may_have_run(order: Order, unit_ids: Sequence[str], own: Mapping[str, UnitEvidence], rules: VerdictRules) -> bool:
    """Whether one of the units was not found halted by its own looks."""
    return any(
        unit_id not in own or _finding(order, own[unit_id], rules).verdict is not Verdict.CONSISTENT
        for unit_id in unit_ids
    )


def _of_order(
    site: Site,
    order: Order,
    evidence: Sequence[UnitEvidence],
    rules: VerdictRules,
    named: Mapping[tuple[object, ...], frozenset[str]],
) -> list[Finding]:
    """One order on each unit it covers, and on the observed unit that stands for them."""
    if order.unit_id is None:
        found = [_on_all(site, order, each, rules) for each in evidence if _applies(order, each.unit)]
        findings = [finding for group in found for finding in group]
        return findings or [_blind(order, site.site_id, rules, say("not_observable_kind", kind=_kinds(site)))]
    unit = next((unit for unit in site.units if unit.unit_id == order.unit_id), None)
    for each in evidence:
        if each.unit.unit_id == order.unit_id:
            return _on_all(site, order, each, rules)
        if unit is not None and unit in each.unit.members:
            return [_on_member(order, unit, each, rules, named.get(_window_key(order), frozenset()))]
    others = ", ".join(other.unit_id for other in site.units if other is not unit)
    return [_blind(order, order.unit_id, rules, say("not_separable", units=others))]


def _applies(order: Order, unit: ObservedUnit) -> bool:
    """Whether an order on a whole site means this unit: batteries are slowed, never stopped."""
    return unit.kind not in STAYS_HOT or order.requirement is not Requirement.HALT


def _on_all(site: Site, order: Order, each: UnitEvidence, rules: VerdictRules) -> list[Finding]:
    """An order on everything the observed unit stands for: on the total, and on each member as far as that goes."""
    total = _finding(order, each, rules)
    others = [unit for unit in each.unit.members if unit.unit_id != each.unit.unit_id]
    if len(each.unit.members) > 1:
        listed = ", ".join(unit.unit_id for unit in each.unit.members)
        total = replace(total, reasons=(*total.reasons, say("site_total_only", units=listed)))
    if order.requirement is not Requirement.HALT or len(each.unit.members) < 2:
        return [total]
    return [total, *(_member_of_total(total, unit, each.unit.members) for unit in others)]


def _member_of_total(total: Finding, unit: Unit, members: Sequence[Unit]) -> Finding:
    """What a halted total says of one of its units: that it was halted too. A running one does not say which ran."""
    own = replace(total, finding_id=_finding_id(total.order_id, unit.unit_id), unit_id=unit.unit_id)
    if total.verdict is Verdict.CONSISTENT and _says_all(total):
        return own
    listed = ", ".join(other.unit_id for other in members if other is not unit)
    p_met = max(total.p_met, 0.5)
    return replace(
        own,
        verdict=Verdict.UNDETERMINED,
        p_met=p_met,
        p_met_range=(min(total.p_met_range[0], p_met), max(total.p_met_range[1], p_met)),
        running_days=None,
        tier=Tier.NONE,
        reasons=(say("not_separable", units=listed), *total.reasons),
    )


def _says_all(total: Finding) -> bool:
    """Whether each unit met what their total met: half a total may be one unit halted, the other untouched."""
    has_run = total.running_days is not None and total.running_days.high > 0
    return total.requirement not in NEEDS_BASELINE or not has_run


def _on_member(order: Order, unit: Unit, each: UnitEvidence, rules: VerdictRules, ordered: frozenset[str]) -> Finding:
    """An order on one of several units that cannot be told apart; orders on several at once are judged together."""
    total = _finding(order, each, rules)
    members = each.unit.members
    together = [one for one in members if one.unit_id in ordered]
    if order.requirement is not Requirement.HALT or len(together) < 2 or total.running_days is None:
        return _member_of_total(total, unit, members)
    if total.verdict is Verdict.CONSISTENT:
        return _member_of_total(total, unit, members)
    if len(together) < len(members):
        total = _on_share(order, each, rules, _share(members, ordered))
    listed = ", ".join(one.unit_id for one in members)
    return replace(
        total,
        finding_id=_finding_id(order.order_id, unit.unit_id),
        unit_id=unit.unit_id,
        reasons=(*total.reasons, say("site_total_only", units=listed)),
    )


def _on_share(order: Order, each: UnitEvidence, rules: VerdictRules, share: float) -> Finding:
    """Several of a site's units ordered to halt at once: their total must fall by their share of the capacity.

    Compared with the unit at its usual work. Which of the units stopped cannot be told, only whether enough did.
    """
    window = window_of(each.looks, order.start, order.stop)
    usual = np.zeros((order.days, 3))
    usual[:, 1:] = -np.inf
    tolerance = tolerance_of(order, rules)
    running_down = share * tolerance / order.days
    weight = p_level(window.loglik(), usual, each.model, most=1.0 - share, margin=running_down)
    return _weighed(order, each, rules, window, weight, tolerance)


def _finding(order: Order, each: UnitEvidence, rules: VerdictRules) -> Finding:
    """One order on one observed unit."""
    unit_id = each.unit.unit_id
    if order.requirement is Requirement.EXEMPT:
        return _exempt(order, unit_id, rules)
    window = window_of(each.looks, order.start, order.stop)
    if window.looks.empty:
        why = say("outside_area") if each.looks.empty else say("outside_coverage")
        return _blind(order, unit_id, rules, why)
    if not each.has_history:
        return _blind(order, unit_id, rules, say("no_history"), count_looks(window))
    baseline = None
    if order.requirement in NEEDS_BASELINE and order.baseline_start and order.baseline_stop:
        before = window_of(each.looks, order.baseline_start, order.baseline_stop)
        if before.is_usable.sum() < LEAST_BASELINE_LOOKS:
            why = say("baseline_unseen", start=str(order.baseline_start), stop=str(order.baseline_stop))
            return _blind(order, unit_id, rules, why, count_looks(window))
        baseline = before.loglik()
    tolerance = tolerance_of(order, rules) if order.requirement is Requirement.HALT else 0
    weight = p_of(order, window.loglik(), baseline, each.model, tolerance)
    finding = _weighed(order, each, rules, window, weight, tolerance)
    if finding.verdict is Verdict.UNDETERMINED:
        return finding
    return replace(finding, tier=_tier(order, each, rules, finding.verdict, tolerance))


def _weighed(
    order: Order, each: UnitEvidence, rules: VerdictRules, window: Window, weight: Probability, tolerance: int
) -> Finding:
    """The finding that the weight of the evidence makes."""
    looks = count_looks(window)
    low, high = weight.p_met(rules.prior_low), weight.p_met(rules.prior_high)
    verdict = verdict_of(low, high, looks, rules)
    unseen = longest_unseen_run(window)
    case = Case(
        requirement=order.requirement,
        verdict=verdict,
        p_low=low,
        p_high=high,
        tolerance=tolerance,
        unseen_run=unseen,
        history_days=int(each.looks["local_day"].nunique()),
        neighbour=each.neighbour,
    )
    return Finding(
        finding_id=_finding_id(order.order_id, each.unit.unit_id),
        order_id=order.order_id,
        site_id=order.site_id,
        unit_id=each.unit.unit_id,
        requirement=order.requirement,
        start=order.start,
        stop=order.stop,
        verdict=verdict,
        p_met=weight.p_met(0.5),
        p_met_range=(low, high),
        running_days=weight.running_days if looks.clear else None,
        longest_unseen_run_days=unseen,
        looks=looks,
        tier=Tier.NONE if verdict is Verdict.UNDETERMINED else Tier.SINGLE_SENSOR,
        q_value=None,
        reasons=reasons(window, case),
        alternatives=alternatives(window, each.unit, case),
    )


def verdict_of(p_low: float, p_high: float, looks: LookCount, rules: VerdictRules) -> Verdict:
    """The verdict rule: the sceptic and the trusting reader must agree, and somebody must have looked."""
    if looks.clear == 0:
        return Verdict.UNDETERMINED
    if p_low >= rules.consistent_at:
        return Verdict.CONSISTENT
    if p_high <= rules.inconsistent_at:
        return Verdict.INCONSISTENT
    return Verdict.UNDETERMINED


def _tier(order: Order, each: UnitEvidence, rules: VerdictRules, verdict: Verdict, tolerance: int) -> Tier:
    """Confirmed where two sensors say so, each on its own looks alone."""
    agreeing = 0
    for sensor in sorted(each.looks["sensor"].unique()):
        alone = replace(each, looks=each.looks[each.looks["sensor"] == sensor])
        window = window_of(alone.looks, order.start, order.stop)
        baseline = None
        if order.baseline_start and order.baseline_stop:
            baseline = window_of(alone.looks, order.baseline_start, order.baseline_stop).loglik()
        weight = p_of(order, window.loglik(), baseline, each.model, tolerance)
        low, high = weight.p_met(rules.prior_low), weight.p_met(rules.prior_high)
        agreeing += verdict_of(low, high, count_looks(window), rules) is verdict
    return Tier.CONFIRMED if agreeing > 1 else Tier.SINGLE_SENSOR


def _exempt(order: Order, unit_id: str, rules: VerdictRules) -> Finding:
    """An exemption is met by whatever the unit did."""
    blind = _blind(order, unit_id, rules, say("exempt"))
    return replace(blind, verdict=Verdict.CONSISTENT, p_met=1.0, p_met_range=(1.0, 1.0))


def _blind(order: Order, unit_id: str, rules: VerdictRules, why: Statement, looks: LookCount = NO_LOOKS) -> Finding:
    """A finding that no look can decide."""
    return Finding(
        finding_id=_finding_id(order.order_id, unit_id),
        order_id=order.order_id,
        site_id=order.site_id,
        unit_id=unit_id,
        requirement=order.requirement,
        start=order.start,
        stop=order.stop,
        verdict=Verdict.UNDETERMINED,
        p_met=0.5,
        p_met_range=(rules.prior_low, rules.prior_high),
        running_days=None,
        longest_unseen_run_days=order.days,
        looks=looks,
        tier=Tier.NONE,
        q_value=None,
        reasons=(why,),
        alternatives=(),
    )


def _finding_id(order_id: str, unit_id: str) -> str:
    return f"{order_id}/{unit_id}"


def _kinds(site: Site) -> str:
    kinds = sorted({str(unit.kind) for unit in site.units})
    return kinds[0] if kinds else "ironmaking"


def _window_key(order: Order) -> tuple[object, ...]:
    return (order.start, order.stop, order.requirement)


def _named_together(orders: Sequence[Order]) -> dict[tuple[object, ...], frozenset[str]]:
    """Units that orders name for the same window and requirement."""
    named: dict[tuple[object, ...], set[str]] = {}
    for order in orders:
        if order.unit_id is not None:
            named.setdefault(_window_key(order), set()).add(order.unit_id)
    return {key: frozenset(units) for key, units in named.items()}


def _share(members: Sequence[Unit], ordered: frozenset[str]) -> float:
    """Share of the members' capacity that is ordered to halt; by number where a capacity is unknown."""
    sizes = [unit.capacity_t_per_day for unit in members]
    known = [size for size in sizes if size is not None]
    weights = np.array(known if len(known) == len(members) else [1.0] * len(members))
    is_ordered = np.array([unit.unit_id in ordered for unit in members], dtype=bool)
    return float(weights[is_ordered].sum() / weights.sum())
