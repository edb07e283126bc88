"""Intervals of a statistics request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from satverify.emulator.engine.reply import bad_payload, violated

PERIOD = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?")
TIME = re.compile(r"PT(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?")
SHORTEST = timedelta(days=1)
MOST_INTERVALS = 1500
"""Most intervals of one request: a guard, the service's own number is not published."""


class LastInterval(StrEnum):
    """What becomes of a last interval that does not fit."""

    SKIP = "SKIP"
    SHORTEN = "SHORTEN"
    EXTEND = "EXTEND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Length of an interval."""

    months: int = 0
    """Calendar months."""
    span: timedelta = timedelta()
    """The rest."""

    def after(self, start: datetime, count: int) -> datetime:
        """The moment ``count`` steps after another; days that a month does not have become its last."""
        month = start.month - 1 + self.months * count
        year, month = start.year + month // 12, month % 12 + 1
        days = (datetime(year + month // 12, month % 12 + 1, 1) - datetime(year, month, 1)).days
        return start.replace(year=year, month=month, day=min(start.day, days)) + self.span * count


def parse_intervals(
    start: datetime, stop: datetime, value: object, where: str = "aggregation->aggregationInterval"
) -> tuple[tuple[datetime, datetime], ...]:
    """Half-open intervals of a time range.

    Parameters
    ----------
    start, stop
        The range. UTC
    value
        The ``aggregationInterval`` of a request.
    where
        Its path in messages.

    Raises
    ------
    ServiceError
        The length is none, or shorter than a day.
    """
    if not isinstance(value, Mapping):
        raise violated(where, "must not be null")
    step = parse_step(value.get("of"), f"{where}->of")
    last = _parse_last(value, f"{where}->lastIntervalBehavior")
    intervals: list[tuple[datetime, datetime]] = []
    while (begin := step.after(start, len(intervals))) < stop:
        end = step.after(start, len(intervals) + 1)
        if end > stop and last is LastInterval.SKIP:
            break
        intervals.append((begin, min(end, stop) if last is LastInterval.SHORTEN else end))
        if len(intervals) > MOST_INTERVALS:
            raise bad_payload(f"The time range has more than {MOST_INTERVALS} intervals.")
    return tuple(intervals)


def parse_step(value: object, where: str) -> Step:
    """An ISO 8601 duration of at least a day, by period or by time.

    Raises
    ------
    ServiceError
        It is none, mixes both, or is shorter.
    """
    text = value if isinstance(value, str) else ""
    match = PERIOD.fullmatch(text) or TIME.fullmatch(text)
    if not match or not any(match.groupdict().values()):
        raise violated(where, "must be an ISO 8601 duration with either a period or a time", value)
    parts = {name: int(count or 0) for name, count in match.groupdict().items()}
    months = parts.pop("years", 0) * 12 + parts.pop("months", 0)
    step = Step(months=months, span=timedelta(**parts))
    if not months and step.span < SHORTEST:
        raise violated(where, "must be at least one day", value)
    return step


def _parse_last(value: Mapping[str, Any], where: str) -> LastInterval:
    name = value.get("lastIntervalBehavior") or LastInterval.SKIP
    found = next((kind for kind in LastInterval if kind == name), None)
    if found is None:
        raise violated(where, f"must be one of {', '.join(LastInterval)}", name)
    return found
