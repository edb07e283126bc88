"""Bodies of process requests: one image that holds several scenes of one sensor over one grid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import Mosaicking, Sensor

Body: TypeAlias = dict[str, Any]

EVALSCRIPT = Path(__file__).resolve().parent / "evalscripts" / "scenes.js"
SLOT = '"REQUEST"'
"""What the script's file holds in the place of what is wanted."""
LEEWAY = timedelta(seconds=30)
"""How far the service's times of one product may differ between its catalogue and its scenes."""
DAY_TICK = timedelta(days=1)
TILE_TICK = timedelta(minutes=1)


def process_body(sensor: Sensor, grid: Grid, acquisitions: Sequence[Acquisition]) -> Body:
    """The JSON document of one process request.

    Parameters
    ----------
    sensor
        What is asked for.
    grid
        Its pixels, at most 2500 on a side.
    acquisitions
        The wanted scenes, by time, all within 45 days.

    Returns
    -------
    A document whose answer is a tar archive with ``default.tif`` and ``userdata.json``.
    """
    from sentinelhub import CRS, BBox, MimeType, SentinelHubRequest

    start, stop = _span(sensor, acquisitions)
    source: Body = {
        "type": sensor.collection,
        "dataFilter": {"timeRange": {"from": _iso(start), "to": _iso(stop)}, **dict(sensor.data_filter)},
    }
    if sensor.processing:
        source["processing"] = dict(sensor.processing)
    formats = {"default": MimeType.TIFF, "userdata": MimeType.JSON}
    responses = [SentinelHubRequest.output_response(name, kind) for name, kind in formats.items()]
    body: Body = SentinelHubRequest.body(
        request_bounds=SentinelHubRequest.bounds(bbox=BBox(grid.bounds, CRS(grid.epsg))),
        request_data=[source],
        request_output=SentinelHubRequest.output(responses, size=(grid.width, grid.height)),
        evalscript=evalscript(sensor, acquisitions),
    )
    return body


def body_hash(body: Body) -> str:
    """SHA-256 of a request, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def evalscript(sensor: Sensor, acquisitions: Sequence[Acquisition]) -> str:
    """The evalscript that brings these scenes."""
    ranges = [wanted_range(sensor, acquisition) for acquisition in acquisitions]
    wanted = {
        "bands": _bands(sensor),
        "mosaicking": sensor.mosaicking.value,
        "scenes": [{"from": _milliseconds(start), "to": _milliseconds(stop)} for start, stop in ranges],
        "origin": _milliseconds(ranges[0][0]),
        "tick": round(tick(sensor) / timedelta(milliseconds=1)),
    }
    return _script().replace(SLOT, json.dumps(wanted), 1)


def evalscript_hash(sensor: Sensor) -> str:
    """SHA-256 of the evalscript and of what it is told of the sensor's bands, whichever scenes are wanted."""
    return hashlib.sha256((_script() + json.dumps(_bands(sensor), sort_keys=True)).encode()).hexdigest()


def wanted_range(sensor: Sensor, acquisition: Acquisition) -> tuple[datetime, datetime]:
    """First and last moment at which a scene of the service belongs to an acquisition. UTC."""
    if sensor.mosaicking is Mosaicking.TILE:
        return acquisition.start - LEEWAY, acquisition.stop + LEEWAY
    midnight = datetime.combine(acquisition.start.date(), time.min, tzinfo=UTC)
    return midnight, midnight + timedelta(days=1, seconds=-1)


def tick(sensor: Sensor) -> timedelta:
    """What a tag counts in: the service joins a day's orbits, so their scenes have no finer time than that."""
    return TILE_TICK if sensor.mosaicking is Mosaicking.TILE else DAY_TICK


def _bands(sensor: Sensor) -> list[dict[str, str | float]]:
    return [
        {
            "source": band.source,
            "unit": band.source_unit,
            "scale": band.scale / band.factor,
            "offset": band.offset / band.factor,
        }
        for band in sensor.bands
    ]


@cache
def _script() -> str:
    return EVALSCRIPT.read_text(encoding="utf-8")


def _span(sensor: Sensor, acquisitions: Sequence[Acquisition]) -> tuple[datetime, datetime]:
    ranges = [wanted_range(sensor, acquisition) for acquisition in acquisitions]
    return min(start for start, _ in ranges), max(stop for _, stop in ranges)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
