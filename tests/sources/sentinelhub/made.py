"""Sensors, grids and acquisitions that tests of requests and answers share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import NODATA, SENSORS, Sensor
from satverify.sources.sentinelhub.bodies import tick, wanted_range
from tests.packing import geotiff, tarred

SENTINEL_2 = SENSORS["sentinel-2-l1c"]
SLSTR = SENSORS["sentinel-3-slstr"]
GRID = Grid(epsg=32650, left=478_000, top=4_392_000, pixel_width=20, pixel_height=20, width=4, height=3)


def acquired(*moments: str, platform: str = "sentinel-2a") -> tuple[Acquisition, ...]:
    """One acquisition at each moment."""
    times = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments]
    return tuple(
        Acquisition(platform=platform, start=time, stop=time, source_ids=(f"{platform}-{time:%Y%m%dT%H%M%S}",))
        for time in times
    )


def answer(
    sensor: Sensor,
    grid: Grid,
    acquisitions: Sequence[Acquisition],
    numbers: np.ndarray | None = None,
    **userdata: object,
) -> bytes:
    """A right answer: number 100 x scene + band everywhere, or the given ``(scenes, bands, y, x)``."""
    count = len(sensor.bands)
    origin = wanted_range(sensor, min(acquisitions, key=lambda each: each.start))[0]
    image = np.empty((len(acquisitions), count + 1, *grid.shape), dtype=np.uint16)
    for index, acquisition in enumerate(acquisitions):
        image[index, :count] = (100 * index + np.arange(count))[:, None, None]
        image[index, count] = 1 + (acquisition.start - origin) // tick(sensor)
    if numbers is not None:
        image[:, :count] = numbers
        image[:, count][(numbers == NODATA).all(axis=1)] = 0
    scenes = [
        {
            "place": index,
            "time": (acquisition.start + timedelta(0)).isoformat(),
            "tiles": [{"time": acquisition.start.isoformat().replace("+00:00", "Z")}],
        }
        for index, acquisition in enumerate(acquisitions)
    ]
    return packed(geotiff(image.reshape(-1, *grid.shape), grid), {"scenes": scenes, **userdata})


def packed(image: bytes | None, userdata: object) -> bytes:
    """A tar archive as the service gives it."""
    members = {} if image is None else {"default.tif": image}
    return tarred(members | {"userdata.json": json.dumps(userdata).encode()})
