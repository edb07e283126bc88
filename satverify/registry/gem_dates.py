"""Dates as far as a table knows them: to the day, the month or the year."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

UNKNOWN = frozenset({"", "unknown", "n/a", "na", "tbd", "not found", ">0", "-", "none", "nan"})
"""What the tracker writes where it does not know."""

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:\.0|[ T]00:00:00)?", re.ASCII)
"""Spreadsheets turn years into decimals and days into times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that a date may mean."""

    earliest: date
    latest: date

    def __str__(self) -> str:
        if self.earliest == self.latest:
            return self.earliest.isoformat()
        return self.earliest.isoformat()[: 7 if self.earliest.month == self.latest.month else 4]


def span(text: str) -> Span | None:
    """A date known to the day, the month or the year; none where it is unknown.

    Raises
    ------
    ValueError
        Where the text is neither a date nor a word for unknown.

    >>> span("2007-09")
    Span(earliest=datetime.date(2007, 9, 1), latest=datetime.date(2007, 9, 30))
    """
    if text.strip().lower() in UNKNOWN:
        return None
    match = PARTIAL_DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"no date: {text}")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return Span(earliest=date(year, 1, 1), latest=date(year, 12, 31))
    if day is not None:
        return Span(earliest=date(year, month, day), latest=date(year, month, day))
    return Span(earliest=date(year, month, 1), latest=date(year, month, monthrange(year, month)[1]))
