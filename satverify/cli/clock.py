"""The only clock of the program: the command line asks it once and hands the day down."""

from __future__ import annotations

from datetime import UTC, date, datetime


def utc_today() -> date:
    """The day by UTC, as detections are dated."""
    return datetime.now(UTC).date()  # noqa: TID251 -- the one place that asks
