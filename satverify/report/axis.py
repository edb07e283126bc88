"""The time axis of the figures: where days lie, and which of them are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from satverify.report.sightings import day_of, number_of
from satverify.report.svg import label, line
from satverify.report.text import Text

_LABEL_SPACE = 54.0
"""Least distance of two labels. [px]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """Days ``[first, stop)`` laid over ``[left, right]``."""

    first: int
    stop: int
    left: float
    right: float

    @property
    def day_width(self) -> float:
        """[px]"""
        return (self.right - self.left) / max(1, self.stop - self.first)

    def x(self, day: float) -> float:
        """Where a moment lies, kept inside the axis. [px]"""
        return min(self.right, max(self.left, self.left + (day - self.first) * self.day_width))

    def holds(self, start: int, stop: int) -> bool:
        """Whether any of the days ``[start, stop)`` lies on the axis."""
        return start < self.stop and stop > self.first


def ticks(axis: TimeAxis) -> list[tuple[int, str]]:
    """Numbers of the days that get a label, with ``day``, ``month`` or ``year``: what the label names."""
    width = axis.day_width
    for space, days in ((1, range(1, 32)), (7, (1, 8, 15, 22)), (14, (1, 15))):
        if space * width >= _LABEL_SPACE:
            return [(number_of(day), "day") for day in _days(axis) if day.day in days]
    for months in (1, 2, 3, 6):
        if 30 * months * width >= _LABEL_SPACE * (0.6 if months == 1 else 0.8):
            return [(number_of(d), "month") for d in _days(axis) if d.day == 1 and (d.month - 1) % months == 0]
    return [(number_of(day), "year") for day in _days(axis) if (day.month, day.day) == (1, 1)]


def draw_axis(axis: TimeAxis, top: float, bottom: float, text: Text) -> Iterator[Markup]:
    """Grid lines from ``top`` to ``bottom`` and the names of days below them."""
    year: int | None = None
    for number, kind in ticks(axis):
        day, x = day_of(number), axis.x(number)
        yield line(x, top, x, bottom, "grid-year" if (day.month, day.day) == (1, 1) else "grid")
        if x > axis.right - 14:
            continue
        name = text(f"format.axis_{kind}", day=day.day, month=text.months[day.month - 1], year=day.year)
        if kind == "day":
            name = text.axis_day(day)
        yield label(x + 3, bottom + 13, name, "tick")
        if kind != "year" and day.year != year:
            yield label(x + 3, bottom + 26, text("format.axis_year", year=day.year), "tick tick-year")
            year = day.year


def _days(axis: TimeAxis) -> Iterator[date]:
    for offset in range(axis.stop - axis.first):
        yield day_of(axis.first) + timedelta(days=offset)
