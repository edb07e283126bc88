"""Why a verdict is what it is, and what else the data could mean, as statements that the report puts into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from satverify.domain.findings import Statement, Verdict
from satverify.domain.policy import Requirement
from satverify.features.units import ObservedUnit
from satverify.verification.window import Window, outage_days

FEW_LOOKS = 5
"""Usable looks below which their number itself is a reason."""

SELDOM = 0.1
"""P(detect | running) of a usual look below which the unit hides even at work. [1]"""

SHORT_HISTORY = 180
"""Days of looks below which a works' history is short: half a year shows one season only. [d]"""

SELDOM_DAYS = 3
"""A satellite that looks more seldom than once in so many days of a window is not missed when it does not. [d]"""

RESIDUAL_SHARE = 0.5
"""Share of the usual count below which heat is called residual. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the words are about."""

    requirement: Requirement
    verdict: Verdict
    p_low: float
    p_high: float
    tolerance: int
    """Running days that are allowed. [d]"""
    unseen_run: int
    """Longest run that could have gone unseen. [d]"""
    history_days: int
    """Local days on which the unit was looked at, in all. [d]"""
    neighbour: float | None = None
    """Distance of the nearest steady heat outside the outline, none where there is none near. [m]"""


def say(code: str, **values: str | int | float) -> Statement:
    """A statement with its values."""
    return Statement(code=code, values=tuple(values.items()))


def reasons(window: Window, case: Case) -> tuple[Statement, ...]:
    """What the verdict rests on, most important first."""
    usable, hot = window.is_usable, window.is_hot
    cold = usable & ~hot
    if not usable.any():
        return (say("no_usable_look"),)
    said: list[Statement] = []
    if hot.any():
        days = window.days_with(hot)
        first, last = (str(window.days[day]) for day in (days[0], days[-1]))
        if case.verdict is Verdict.CONSISTENT and case.requirement is Requirement.HALT:
            said.append(say("residual_heat", pixels=int(window.looks.loc[hot, "hot_pixels"].sum()), days=len(days)))
        else:
            said.append(say("seen_hot", looks=int(hot.sum()), days=len(days), first=first, last=last))
    if cold.any() and case.verdict is not Verdict.INCONSISTENT:
        said.append(say("seen_cold", looks=int(cold.sum()), days=len(window.days_with(cold))))
    if case.verdict is Verdict.UNDETERMINED:
        said.append(say("evidence_weak", p_low=round(case.p_low, 4), p_high=round(case.p_high, 4)))
        if usable.sum() < FEW_LOOKS:
            said.append(say("few_usable_looks", looks=int(usable.sum())))
        usual = float(np.nanmedian(window.looks.loc[usable, "p_detect"]))
        if usual < SELDOM:
            said.append(say("detectability_low", p_detect=round(usual, 4)))
    odd = int(window.looks["elsewhere_pixels"].sum())
    if odd and not hot.any():
        said.append(say("heat_elsewhere_only", pixels=odd))
    if case.requirement is Requirement.HALT and case.tolerance:
        said.append(say("tolerance", days=case.tolerance))
    if case.verdict is Verdict.CONSISTENT and case.unseen_run:
        said.append(say("unseen_run", days=case.unseen_run))
    return tuple(said)


def alternatives(window: Window, unit: ObservedUnit, case: Case) -> tuple[Statement, ...]:
    """What else could have made the looks what they are, where the data suggest it."""
    usable, hot = window.is_usable, window.is_hot
    said: list[Statement] = []
    if hot.any() and unit.companions:
        said.append(say("coke_battery", units=", ".join(other.unit_id for other in unit.companions)))
    if hot.any() and not unit.members and case.verdict is not Verdict.CONSISTENT:
        said.append(say("unlisted_equipment"))
    if hot.any() and case.neighbour is not None:
        said.append(say("neighbour", distance_m=round(case.neighbour)))
    if case.verdict is Verdict.CONSISTENT and case.requirement is Requirement.HALT:
        said.append(say("hot_idle"))
    odd = int(window.looks["elsewhere_pixels"].sum())
    if odd:
        said.append(say("fire_elsewhere", pixels=odd))
    level = _level(window)
    if hot.any() and case.verdict is not Verdict.CONSISTENT and level < RESIDUAL_SHARE:
        said.append(say("partial_operation", share=round(level, 2)))
    changed = _sensor_change(window)
    if changed is not None:
        said.append(say("sensor_change", day=changed))
    out = outage_days(window)
    if out:
        said.append(say("outage", days=out))
    if usable.any() and case.history_days < SHORT_HISTORY:
        said.append(say("own_history_short", days=case.history_days))
    white = window.looks.loc[usable & ~hot, "cloud_cover"]
    if case.verdict is Verdict.CONSISTENT and len(white) and white.isna().all():
        said.append(say("snow_or_haze"))
    return tuple(said)


def _level(window: Window) -> float:
    """Share of the lit looks that the unit would have had at its usual work. [0, 1]"""
    usable = window.is_usable
    expected = float(np.nansum(window.looks.loc[usable, "p_detect"]))
    return min(1.0, float(window.is_hot.sum()) / expected) if expected > 0 else 1.0


def _sensor_change(window: Window) -> str | None:
    """First day of the window on which a satellite came or went for good, none where the same ones served all along."""
    usable = window.looks[window.is_usable]
    if usable.empty:
        return None
    spans = usable.groupby(["sensor", "satellite"])["local_day"].agg(["min", "max", "size"])
    spans = spans[spans["size"] * SELDOM_DAYS >= len(window.days)]  # of a few scenes none says when a satellite came
    margin = np.timedelta64(max(len(window.days) // 4, 3), "D")
    late = spans["min"][spans["min"] > window.days[0] + margin]
    early = spans["max"][spans["max"] < window.days[-1] - margin]
    days = [*late, *early]
    return str(min(days).date()) if days else None
