"""How many scenes there will be, from the satellites' orbits alone: what can be said of the cost without asking.

The numbers are upper bounds. Swaths are taken wider than they are, nothing is lost to outages, and products that join
at the edge of a box are counted with some to spare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sensors import Mosaicking, Sensor
from satverify.physics.satellites import passes
from satverify.physics.utm import unproject
from satverify.pipeline.project import Days
from satverify.sources.sentinelhub.areas import Area, parts_of
from satverify.sources.sentinelhub.bundles import scenes_in_answer
from satverify.sources.sentinelhub.cost import request_units
from satverify.sources.sentinelhub.search import Search

ORBIT_ERROR = 25.0
"""How far a computed track may lie from the real one; measured on real acquisition times it is less. [km]"""
FRAMES_PER_PASS = 1.25
"""Pieces of an orbit that a box meets on one pass, at most on average: frames are 1,200 km long, boxes tens of km."""
KM_PER_DEGREE = 111.2
TILE_STEP = 100.0
"""Distance of the tiles of Sentinel-2; scenes of Landsat are larger. [km]"""
FRAME_STEP = 1000.0
"""Length of a piece of an orbit, rather too small. [km]"""
PAGE = 100
"""Products on one page of the catalogue, the most the service gives."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What one area needs in one month."""

    scenes: int
    requests: int
    units: float
    """Processing units."""


def count_of(area: Area, days: Days) -> Count:
    """Most scenes, requests and processing units of one area on the UTC days ``[start, stop)`` of one month."""
    grid = area.grid
    east, north = unproject(grid.epsg, (grid.left + grid.right) / 2, (grid.bottom + grid.top) / 2)
    middle = float(east), float(north)
    half = math.hypot(grid.right - grid.left, grid.top - grid.bottom) / 2 / 1000
    scenes = scenes_in(area.sensor, middle, days, widen=half + ORBIT_ERROR)
    samples = scenes * (1 if area.sensor.mosaicking is Mosaicking.ORBIT else FRAMES_PER_PASS)
    parts = parts_of(area.grid)
    return Count(
        scenes=scenes,
        requests=len(parts) * -(-scenes // scenes_in_answer(area)),
        units=sum(request_units(area.sensor, part, math.ceil(samples)) for part in parts) if scenes else 0.0,
    )


def scenes_in(sensor: Sensor, place: tuple[float, float], days: Days, *, widen: float = 0.0) -> int:
    """Scenes of a place on the UTC days ``[start, stop)``: passes, or days with a pass where the service joins these.

    Parameters
    ----------
    sensor
        What is retrieved.
    place
        Longitude and latitude. [degree]
    days
        UTC days.
    widen
        By how much the swath is taken wider on either side. [km]
    """
    times = [_passes(satellite, sensor.is_ascending, place, days, widen) for satellite in sensor.satellites]
    seen = np.concatenate(times) if times else np.empty(0)
    return int(np.unique(seen // 86_400).size if sensor.mosaicking is Mosaicking.ORBIT else seen.size)


def pages_of(search: Search) -> int:
    """Most pages of 100 products that a catalogue search has."""
    west, south, east, north = search.box
    latitude = (south + north) / 2
    width = (east - west) * KM_PER_DEGREE * math.cos(math.radians(latitude))
    height = (north - south) * KM_PER_DEGREE
    days = search.start.date(), search.stop.date()
    overpasses = scenes_in(search.sensor, ((west + east) / 2, latitude), days, widen=width / 2 + ORBIT_ERROR)
    is_tiled = search.sensor.collection.startswith(("sentinel-2", "landsat"))
    products = (width / TILE_STEP + 1) * (height / TILE_STEP + 1) if is_tiled else height / FRAME_STEP + 2
    return max(1, math.ceil(overpasses * products / PAGE))


@lru_cache(maxsize=8192)
def _passes(satellite: str, is_ascending: bool, place: tuple[float, float], days: Days, widen: float) -> Floats:
    """Times of the passes of one satellite while it was in service; sensors of one satellite ask alike. [s UTC]"""
    start, stop = (datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() for day in days)
    return passes(satellite, *place, start, stop, is_ascending=is_ascending, widen=widen).time
