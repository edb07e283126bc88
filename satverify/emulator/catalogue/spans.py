"""How far back a search looks at once: as far as its page needs, and never farther than it may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from satverify.emulator.effort import MOST_EXPECTED, TooMuch

FIRST_EXPECTED, MOST_AT_ONCE = 300.0, 5_000.0
"""Granules that are expected of the first span, and of any."""


def newest_spans(a_day: float, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Parts ``[begin, end)`` of a time span, newest first, short ones to begin with.

    Parameters
    ----------
    a_day
        Granules that are expected of a day.
    start, stop
        The whole, half-open; nothing where it is empty.

    Raises
    ------
    TooMuch
        All that was expected of the parts so far is as much as one search may look through.
    """
    expected, spent, end = FIRST_EXPECTED, 0.0, stop
    while start < end:
        left = (end - start) / timedelta(days=1)
        if spent >= MOST_EXPECTED:
            raise TooMuch(spent + left * a_day)
        days = left if a_day * left <= expected else expected / a_day
        begin = start if days == left else max(start, end - timedelta(days=days))
        yield begin, end
        spent += days * a_day
        end, expected = begin, min(2 * expected, MOST_AT_ONCE)
