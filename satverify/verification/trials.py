"""Orders to halt laid over days on which the truth is known, and whether they were judged rightly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from satverify.domain.findings import Finding, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.domain.truth import KnownState, Scored, Spell
from satverify.errors import InputError

WINTER_MONTHS = frozenset({10, 11, 12, 1, 2})
"""October to February: when cloud hides most. [month]"""

WRONG = {KnownState.RUNNING: Verdict.CONSISTENT, KnownState.HALTED: Verdict.INCONSISTENT}
"""The verdict on an order to halt that is false, by what the works did."""


class Season(StrEnum):
    """When a window begins."""

    SUMMER = "Mar-Sep"
    WINTER = "Oct-Feb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An order to halt whose right answer is known."""

    order: Order
    unit_id: str
    """Observed unit that is judged."""
    state: KnownState
    """What the unit did on every day of the window."""

    @property
    def season(self) -> Season:
        """Season of the window's first day."""
        return season_of(self.order.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A trial and what one method said."""

    trial: Trial
    verdict: Verdict
    p_met: float | None
    """P(the order was obeyed) at the neutral prior; none where the method gives no probability. [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How one method did on a group of windows."""

    windows: int
    false: int
    """Windows decided against the truth."""
    decided: int
    """Windows decided at all."""

    @property
    def decided_share(self) -> float | None:
        """Part of the windows that was decided; none without windows. [0, 1]"""
        return self.decided / self.windows if self.windows else None


def season_of(day: date) -> Season:
    """Season a day falls into."""
    return Season.WINTER if day.month in WINTER_MONTHS else Season.SUMMER


def sliding_trials(
    spells: Iterable[Spell], units: Mapping[str | None, str], *, lengths: Sequence[int], step: int
) -> tuple[Trial, ...]:
    """Windows of each length, every ``step`` days from each spell's first day, as long as they end inside it.

    Parameters
    ----------
    spells
        Known states; those of which only the days are scored are passed over.
    units
        Observed unit by the name that a spell uses.
    lengths
        Lengths of the windows. [d]
    step
        From one window's first day to the next one's. [d]

    Raises
    ------
    InputError
        For a length or a step below one day.
    """
    if step < 1 or not lengths or min(lengths) < 1:
        raise InputError(f"windows: expected lengths and a step of 1 day or more, found {list(lengths)} and {step}")
    found: list[Trial] = []
    for spell in spells:
        if spell.scored is not Scored.WINDOWS:
            continue
        for length in sorted(set(lengths)):
            for offset in range(0, spell.days - length + 1, step):
                start = spell.start + timedelta(days=offset)
                found.append(_trial(spell, units[spell.unit_id], start, start + timedelta(days=length)))
    return tuple(found)


def judged_by(findings: Iterable[Finding], trials: Iterable[Trial]) -> tuple[Judged, ...]:
    """What a run said of each trial, in the order of ``trials``.

    Raises
    ------
    InputError
        Where a trial has no finding.
    """
    by_order = {(finding.order_id, finding.unit_id): finding for finding in findings}
    judged: list[Judged] = []
    for trial in trials:
        finding = by_order.get((trial.order.order_id, trial.unit_id))
        if finding is None:
            raise InputError(f"site {trial.order.site_id}: no finding on unit {trial.unit_id}")
        judged.append(Judged(trial=trial, verdict=finding.verdict, p_met=finding.p_met))
    return tuple(judged)


def tally(judged: Iterable[Judged]) -> Tally:
    """Count windows, false verdicts and decided windows."""
    rows = list(judged)
    return Tally(
        windows=len(rows),
        false=sum(each.verdict is WRONG[each.trial.state] for each in rows),
        decided=sum(each.verdict is not Verdict.UNDETERMINED for each in rows),
    )


def _trial(spell: Spell, unit_id: str, start: date, stop: date) -> Trial:
    days = (stop - start).days
    order = Order(
        order_id=f"{spell.state}-{unit_id}-{start}-{days}d",
        site_id=spell.site_id,
        start=start,
        stop=stop,
        requirement=Requirement.HALT,
        source=spell.source,
    )
    return Trial(order=order, unit_id=unit_id, state=spell.state)
