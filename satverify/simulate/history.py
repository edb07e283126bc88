"""What one machine did, moment by moment: a step function of time, the work done until then, and how warm it still is.

A machine at half output does half the work in an hour. Whatever it does over and over (taps, pushes, heats) follows the
work and not the clock, so that a slowed battery pushes more seldom and a stopped furnace does not tap at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]

WARMTH_AT_REST = 0.7  # of a shell's excess at full work that it has at the lowest output: what heats it hardly varies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Spells of one output each; the first counts for all time before it, the last for all time after."""

    begin: Floats
    """When each spell begins, ascending. [s since 1970-01-01 UTC]"""
    level: Floats
    """Output against full output. [0, 1]"""
    is_banked: Truths
    """True where a furnace stands and is kept warm."""

    def __post_init__(self) -> None:
        if not self.begin.size == self.level.size == self.is_banked.size > 0:
            raise InputError(f"history: {self.begin.size} spells by their begin, other fields have another number")
        if np.any(np.diff(self.begin) <= 0):
            raise InputError("history: expected spells in the order of time")
        if np.any((self.level < 0) | (self.level > 1)):
            raise InputError("history: expected levels from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are simulated."""

    days: tuple[date, date]
    """Local days ``[start, stop)``."""
    timezone: str
    """IANA name of the local time."""

    @property
    def starts(self) -> Floats:
        """Beginnings of the days, and of the day after the last. [s since 1970-01-01 UTC]"""
        return day_starts(self.days[0], (self.days[1] - self.days[0]).days, self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a surface follows what its machine does: times after which a difference is down to 1/e."""

    warming: float
    """While it works. [s]"""
    cooling: float
    """While it stands. [s]"""
    banked: float
    """While it stands and is kept warm. [s]"""


def history_of_days(starts: Floats, level: Floats, is_banked: Truths) -> History:
    """A history of local days, days alike joined.

    Parameters
    ----------
    starts
        When each day begins, shape (days,). [s since 1970-01-01 UTC]
    level, is_banked
        Of each day.
    """
    changes = np.flatnonzero(np.diff(level, prepend=-1.0) != 0) if level.size else np.zeros(0, dtype=np.int64)
    changes = np.union1d(changes, np.flatnonzero(np.diff(is_banked.astype(np.int8), prepend=-1) != 0))
    return History(begin=starts[changes], level=level[changes], is_banked=is_banked[changes])


def day_starts(first_day: date, days: int, timezone: str) -> Floats:
    """Beginnings of local days, and of the day after the last: shape (days + 1,). [s since 1970-01-01 UTC]"""
    local = pd.date_range(pd.Timestamp(first_day), periods=days + 1, freq="D")
    midnights = local.tz_localize(timezone, ambiguous=np.ones(days + 1, dtype=bool), nonexistent="shift_forward")
    return (midnights.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")).astype(np.float64)


def level_at(history: History, times: Floats) -> Floats:
    """Output at some moments [s since 1970-01-01 UTC], of their shape. [0, 1]"""
    return history.level[_spell(history, times)]


def is_banked_at(history: History, times: Floats) -> Truths:
    """Whether it stands banked at some moments, of their shape."""
    return history.is_banked[_spell(history, times)]


def mean_level(history: History, edges: Floats) -> Floats:
    """Mean output between neighbouring moments.

    Parameters
    ----------
    edges
        Ascending, shape (n + 1,). [s since 1970-01-01 UTC]

    Returns
    -------
    Means, shape (n,). [0, 1]
    """
    return np.diff(work_done(history, edges)) / np.diff(edges)


def work_done(history: History, times: Floats) -> Floats:
    """Work since the first spell began, in time at full output; negative before it. [s]"""
    spell = _spell(history, times)
    return _worked(history)[spell] + (times - history.begin[spell]) * history.level[spell]


def time_of_work(history: History, work: Floats) -> Floats:
    """When so much work was done: the inverse of ``work_done``, the earliest moment where it stood still.

    Parameters
    ----------
    work
        Time at full output since the first spell began, any shape. [s]

    Returns
    -------
    Moments [s since 1970-01-01 UTC]; minus infinity for work before a history that begins at rest, and infinity for
    work that is never done.
    """
    worked = _worked(history)
    spell = np.maximum(np.searchsorted(worked, work, side="left") - 1, 0)
    level, missing = history.level[spell], work - worked[spell]
    with np.errstate(divide="ignore", invalid="ignore"):
        after = np.where(level > 0, missing / level, np.where(missing > 0, np.inf, -np.inf))
    moment: Floats = history.begin[spell] + after
    return moment


def rest_began(history: History, times: Floats) -> Floats:
    """When the rest began that a machine is at, NaN where it works, minus infinity where it never has. [s]"""
    return _rests(history)[_spell(history, times)]


def warmth(history: History, pace: Pace, times: Floats) -> Floats:
    """How much warmer than the air a surface is, against full work for long: follows the output with a lag. [0, 1]"""
    spell = _spell(history, times)
    goal = _goals(history)[spell]
    passed = np.maximum(times - history.begin[spell], 0.0)
    return goal + (_warmth_at_begins(history, pace)[spell] - goal) * np.exp(-passed / _times(history, pace)[spell])


def _spell(history: History, times: Floats) -> NDArray[np.intp]:
    return np.maximum(np.searchsorted(history.begin, times, side="right") - 1, 0)


@lru_cache(maxsize=4096)
def _worked(history: History) -> Floats:
    """Work done when each spell begins. [s]"""
    return np.concatenate([[0.0], np.cumsum(np.diff(history.begin) * history.level[:-1])])


@lru_cache(maxsize=4096)
def _rests(history: History) -> Floats:
    """When the rest began that each spell is part of, NaN for work."""
    begin = np.where(history.level > 0, np.nan, history.begin)
    if history.level[0] == 0:
        begin[0] = -np.inf
    for number in np.flatnonzero((history.level[1:] == 0) & (history.level[:-1] == 0)) + 1:
        begin[number] = begin[number - 1]
    return begin


@lru_cache(maxsize=4096)
def _goals(history: History) -> Floats:
    """Warmth that each spell tends to."""
    return np.where(history.level > 0, WARMTH_AT_REST + (1 - WARMTH_AT_REST) * history.level, 0.0)


@lru_cache(maxsize=16_384)
def _times(history: History, pace: Pace) -> Floats:
    """Time constant in each spell. [s]"""
    at_rest = np.where(history.is_banked, pace.banked, pace.cooling)
    return np.where(history.level > 0, pace.warming, at_rest)


@lru_cache(maxsize=16_384)
def _warmth_at_begins(history: History, pace: Pace) -> Floats:
    """Warmth when each spell begins."""
    goal, constant = _goals(history), _times(history, pace)
    kept = np.exp(-np.diff(history.begin) / constant[:-1])
    warm = np.empty(goal.size)
    warm[0] = goal[0]
    for number, share in enumerate(kept):
        warm[number + 1] = goal[number] + (warm[number] - goal[number]) * share
    return warm
