"""What is the same for all scenes of a simulation, and how they tell the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from satverify.simulate.layout import Layout
from satverify.simulate.scenes.heat import HeatSources
from satverify.simulate.weather import Weather

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_HAZE = 0.35
"""Median aerosol optical depth at 0.55 µm. With the spread of ``haze``, its mean is the 0.50 that MAIAC has for the
North China Plain, 2011 to 2020: Atmosphere 13(12), 1983, 2022, doi:10.3390/atmos13121983"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curb:
    """Days on which works were ordered to stop or cut, because the air was bad or was expected to be."""

    longitude: float
    """Of the region. [degree]"""
    latitude: float
    """Of the region. [degree]"""
    start: float
    """First moment. [s since 1970-01-01 UTC]"""
    stop: float
    """First moment after. [s since 1970-01-01 UTC]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Ground, sky and works."""

    seed: int
    """Of everything that is made up on the spot."""
    weather: Weather
    """The sky; its ``parallel`` is set."""
    sources: HeatSources | None = None
    """Works, if any."""
    layouts: tuple[Layout, ...] = ()
    """The ground of works, if any."""
    curbs: tuple[Curb, ...] = ()
    """Orders that came with haze."""
    haze: float = USUAL_HAZE
    """Median aerosol optical depth at 0.55 µm. [0, ...)"""


def moment(time: float) -> datetime:
    """A time [s since 1970-01-01 UTC] to the millisecond."""
    return BEGINNING + timedelta(milliseconds=round(time * 1000))


def seconds_of(when: datetime) -> float:
    """Since 1970-01-01 UTC; a time without a zone is UTC. [s]"""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
