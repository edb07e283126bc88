"""How well a unit's daily states and dated changes agree with what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from satverify.domain.truth import DatedTurn, KnownState, Spell, Turn
from satverify.verification.calibration import Calibration, calibration

SURE = 0.95
"""Probability from which on the online account counts as having noticed. [1]"""

NEAR = 60
"""A dated change farther from a known one than this is about something else. [d]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnScore:
    """A known stop or restart, what it was dated to, and when it was noticed."""

    known: DatedTurn
    estimate: date | None
    """Nearest dated change of its kind; none within ``NEAR`` days."""
    low: date | None
    """First day of the estimate's interval."""
    high: date | None
    """Last day of the estimate's interval."""
    error_days: int | None
    """From the known day, or the nearest of the known days, to the estimate. [d]"""
    is_covered: bool | None
    """Whether the interval holds the known day, or any of the known days."""
    halted_delay_days: int | None
    """After a stop: days until online P(halted) first reached ``SURE``. [d]"""
    running_delay_days: int | None
    """After a restart: days until online P(running) first reached ``SURE``; reduced work does not count. [d]"""
    working_delay_days: int | None
    """After a restart: days until online 1 - P(halted) first reached ``SURE``; reduced work counts. [d]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellScore:
    """The daily account of a spell."""

    spell: Spell
    days: int
    """Days of it that the account covers. [d]"""
    running_days: int
    """Days on which running in full is the likeliest state. [d]"""
    working_days: int
    """Days on which P(halted) is below a half. [d]"""
    surely_halted_days: int
    """Days on which P(halted) reaches ``SURE``. [d]"""
    changes: int
    """Stops and restarts that are dated to a day inside it, where none was."""


def score_turn(
    known: DatedTurn, others: Sequence[DatedTurn], activity: pd.DataFrame, changes: pd.DataFrame
) -> TurnScore:
    """Hold one known change against one unit's account.

    Parameters
    ----------
    known
        What happened.
    others
        All known changes of the unit: a change is noticed before the next one, or not at all.
    activity, changes
        ``ACTIVITY_COLUMNS`` and ``CHANGE_COLUMNS`` of the unit.
    """
    nearest = _nearest(known, changes)
    until = min((each.start for each in others if each.start > known.start), default=date.max)
    is_stop = known.turn is Turn.STOP
    halted = activity["online_p_halted"]
    return TurnScore(
        known=known,
        estimate=None if nearest is None else nearest[0],
        low=None if nearest is None else nearest[1],
        high=None if nearest is None else nearest[2],
        error_days=None if nearest is None else _away(known, nearest[0]),
        is_covered=None if nearest is None else bool(nearest[1] < known.stop and known.start <= nearest[2]),
        halted_delay_days=_delay(activity, halted, known.start, until) if is_stop else None,
        running_delay_days=None if is_stop else _delay(activity, activity["online_p_running"], known.start, until),
        working_delay_days=None if is_stop else _delay(activity, 1 - halted, known.start, until),
    )


def score_spell(spell: Spell, activity: pd.DataFrame, changes: pd.DataFrame) -> SpellScore:
    """Hold the days of one spell against one unit's account."""
    inside = activity[_is_inside(activity["local_day"], spell)]
    dated = changes["local_day"][_is_inside(changes["local_day"], spell)]
    likeliest = inside[["p_running", "p_reduced", "p_halted"]].to_numpy()
    return SpellScore(
        spell=spell,
        days=len(inside),
        running_days=int((likeliest.argmax(axis=1) == 0).sum()) if len(inside) else 0,
        working_days=int((inside["p_halted"] < 0.5).sum()),
        surely_halted_days=int((inside["p_halted"] >= SURE).sum()),
        changes=int((dated > pd.Timestamp(spell.start)).sum()),
    )


def daily_calibration(
    accounts: Sequence[tuple[Spell, pd.DataFrame]], column: str, *, balanced: bool = False
) -> Calibration:
    """Calibration of a daily P(halted) over the days of all spells.

    Parameters
    ----------
    accounts
        Spells with the ``ACTIVITY_COLUMNS`` of their unit.
    column
        ``p_halted`` or ``online_p_halted``.
    balanced
        As in ``calibration``.
    """
    said, true = [np.zeros(0)], [np.zeros(0, dtype=bool)]
    for spell, activity in accounts:
        probability = activity[column][_is_inside(activity["local_day"], spell)].to_numpy(dtype=np.float64)
        said.append(np.clip(probability, 0.0, 1.0))  # sums of a posterior miss 1 by round-off
        true.append(np.full(len(probability), spell.state is KnownState.HALTED))
    return calibration(np.concatenate(said), np.concatenate(true), balanced=balanced)


def _nearest(known: DatedTurn, changes: pd.DataFrame) -> tuple[date, date, date] | None:
    """Day and interval of the nearest change of the same kind."""
    same = changes[changes["change"] == str(known.turn)]
    days = [_dates(same[name]) for name in ("local_day", "low", "high")]
    found = list(zip(*days, strict=True))
    found = [each for each in found if abs(_away(known, each[0])) <= NEAR]
    return min(found, key=lambda each: (abs(_away(known, each[0])), each[0]), default=None)


def _dates(days: pd.Series[pd.Timestamp]) -> list[date]:
    return [pd.Timestamp(day).date() for day in days]


def _away(known: DatedTurn, day: date) -> int:
    """Days from the known days to ``day``: negative before, 0 within."""
    last = known.stop - timedelta(days=1)
    return min((day - known.start).days, 0) + max((day - last).days, 0)


def _delay(activity: pd.DataFrame, probability: pd.Series[float], start: date, until: date) -> int | None:
    """Days from ``start`` to the first day before ``until`` on which ``probability`` reaches ``SURE``."""
    days = activity["local_day"].to_numpy().astype("datetime64[D]")
    first, end = np.datetime64(start, "D"), np.datetime64(until, "D")
    reached = days[(probability.to_numpy() >= SURE) & (days >= first) & (days < end)]
    return int((reached[0] - first).astype(int)) if len(reached) else None


def _is_inside(days: pd.Series[pd.Timestamp], spell: Spell) -> pd.Series[bool]:
    return (days >= pd.Timestamp(spell.start)) & (days < pd.Timestamp(spell.stop))
