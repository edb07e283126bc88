"""What is the same for all scenes of a simulation, and how they tell the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from satverify.simulate.scenes.heat import HeatSources
from satverify.simulate.weather import Weather

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Ground, sky and works."""

    seed: int
    """Of everything that is made up on the spot."""
    weather: Weather
    """The sky; its ``parallel`` is set."""
    sources: HeatSources | None = None
    """Works, if any."""


def moment(time: float) -> datetime:
    """A time [s since 1970-01-01 UTC] to the millisecond."""
    return BEGINNING + timedelta(milliseconds=round(time * 1000))


def seconds_of(when: datetime) -> float:
    """Since 1970-01-01 UTC; a time without a zone is UTC. [s]"""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
