"""Where and when a product was acquired, as far as its id tells: an item is asked for by its id alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from satverify.domain.granules import Box
from satverify.physics.satellites import SATELLITES, Satellite, ground_places

WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
MARGIN = timedelta(minutes=10)
TIME = re.compile(r"(?<!\d)(\d{8})T(\d{6})(?!\d)")
MGRS = re.compile(r"_T(\d\d)([C-HJ-NP-X])[A-Z]{2}_")
MGRS_BANDS = "CDEFGHJKLMNPQRSTUVWX"
"""Latitude bands of 8 degrees from 80 degrees south."""
LANDSAT = re.compile(r"L[COTE]0?(\d)_L1\w\w_(\d{3})(\d{3})_(\d{8})_")
ROWS, EQUATOR_ROW = 248, 60
"""Rows of WRS-2 along a revolution, and the one at the southward crossing of the equator (USGS, WRS-2)."""
FRAME_REACH, SCENE_REACH = 15.0, 4.0
"""How far from a point of the track the product lies: a frame of 3 minutes, a WRS-2 scene. [degree] of latitude"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What an id tells."""

    start: datetime
    """The product was acquired at this moment or later. UTC"""
    stop: datetime
    """The product was acquired before this moment. UTC"""
    boxes: tuple[Box, ...]
    """The product meets one of these."""


def hint_of(granule_id: str) -> Hint | None:
    """What the id of a product tells, or none where it tells no time.

    Sentinel-2 ids tell the zone and latitude band, those of Sentinel-3 and Landsat where the satellite was; those of
    Sentinel-5P are of a whole revolution.
    """
    try:
        if LANDSAT.match(granule_id):
            return _landsat(granule_id)
        match = TIME.search(granule_id)
        if match is None:
            return None
        moment = datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:  # digits that are no date
        return None
    lasting = timedelta(minutes=100) if granule_id.startswith("S5P") else MARGIN
    if granule_id.startswith("S2"):
        lasting = timedelta(minutes=40)  # the time is that of the datatake's first line
    return Hint(start=moment - MARGIN, stop=moment + lasting + MARGIN, boxes=_boxes(granule_id, moment))


def _boxes(granule_id: str, moment: datetime) -> tuple[Box, ...]:
    tile = MGRS.search(granule_id)
    if tile is not None:
        west = -180.0 + 6 * (int(tile.group(1)) - 1)
        south = -80.0 + 8 * MGRS_BANDS.index(tile.group(2))
        return _wrapped(west - 2, south - 2, west + 8, min(90.0, south + 14))
    satellite = SATELLITES.get(f"sentinel-3{granule_id[2:3].lower()}") if granule_id.startswith("S3") else None
    if satellite is None:
        return (WORLD,)
    since = (moment.timestamp() - satellite.node_time) % satellite.orbit.period
    return _round(satellite, moment.timestamp() - since, since, FRAME_REACH)


def _landsat(granule_id: str) -> Hint:
    match = LANDSAT.match(granule_id)
    assert match is not None
    number, path, row, day = match.groups()
    start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    stop = start + timedelta(days=1)
    satellite = SATELLITES.get(f"landsat-{number}")
    if satellite is None:
        return Hint(start=start, stop=stop, boxes=(WORLD,))
    after = satellite.orbit.period * (0.5 + (int(row) - EQUATOR_ROW) / ROWS)
    first = int((start.timestamp() - after - satellite.node_time) // satellite.orbit.period)
    revolutions = np.arange(first, first + 17)  # more than a day's
    paths, _ = satellite.orbit_numbers(revolutions)
    boxes = tuple(
        box
        for revolution in revolutions[paths == int(path)]
        for box in _round(satellite, satellite.node_time + revolution * satellite.orbit.period, after, SCENE_REACH)
    )
    return Hint(start=start, stop=stop, boxes=boxes or (WORLD,))


def _round(satellite: Satellite, node_time: float, after: float, reach: float) -> tuple[Box, ...]:
    """Boxes round a point of a track; two where they meet at 180 degrees."""
    places = ground_places(satellite, node_time, np.array([after]), np.zeros(1))
    longitude, latitude = (float(part[0]) for part in places)
    south, north = max(-90.0, latitude - reach), min(90.0, latitude + reach)
    farthest = max(abs(south), abs(north))
    if farthest > 75:  # meridians are so close there that the swath meets them all
        return ((-180.0, south, 180.0, north),)
    aside = float(reach / np.cos(np.radians(farthest)))
    return _wrapped(longitude - aside, south, longitude + aside, north)


def _wrapped(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    if west < -180:
        return ((-180.0, south, east, north), (west + 360, south, 180.0, north))
    if east > 180:
        return ((west, south, 180.0, north), (-180.0, south, east - 360, north))
    return ((west, south, east, north),)
