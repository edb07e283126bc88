"""Looks: the one row that every sensor's evidence becomes."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a unit does on one local day. The order is that of every array with a state axis."""

    RUNNING = "running"
    REDUCED = "reduced"
    HALTED = "halted"


STATES = tuple(State)
LOGLIK_COLUMNS = tuple(f"loglik_{state}" for state in STATES)


class Quality(StrEnum):
    """How usable a look was. Only ``clear`` and ``partly`` looks carry evidence."""

    CLEAR = "clear"
    PARTLY = "partly"
    """Sky unknown or broken: the look counts as far as it would have seen the unit running."""
    CLOUDY = "cloudy"
    OUTAGE = "outage"
    OFF_SWATH = "off_swath"
    LOW_QUALITY = "low_quality"


USABLE = frozenset({Quality.CLEAR, Quality.PARTLY})
