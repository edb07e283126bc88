"""Answers to process requests, taken apart into scenes; nothing is believed that the answer does not show itself."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import NODATA, Sensor
from satverify.sources.sentinelhub.bodies import tick, wanted_range
from satverify.sources.web.exchange import BadAnswer

Numbers: TypeAlias = NDArray[np.uint16]

DECODING = {"GTIFF_VIRTUAL_MEM_IO": "IF_ENOUGH_RAM", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
"""Options of GDAL: an image that is in memory is read where it lies, and has no files beside it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Received:
    """One wanted scene as an answer holds it."""

    acquisition: Acquisition
    """What was asked for, with the times that the answer gives its products where it does."""
    is_served: bool
    """False where the service listed the products in its catalogue and then had no such scene."""
    pixels: Numbers
    """Stored numbers, ``(bands, height, width)``, ``NODATA`` where nothing was measured."""


def read_answer(
    content: bytes, sensor: Sensor, grid: Grid, acquisitions: Sequence[Acquisition]
) -> tuple[Received, ...]:
    """The scenes in the answer to ``process_body`` of the same sensor, grid and acquisitions.

    Raises
    ------
    BadAnswer
        The content is not the whole answer to that request: no such archive or image, another size, place, type or
        number of bands, pixels of another date than asked for, or numbers where the script would have put ``NODATA``.
    """
    members = _members(content)
    image = _image(members["default.tif"], grid, len(acquisitions) * (len(sensor.bands) + 1))
    tiles = _tiles(members["userdata.json"], len(acquisitions))
    blocks = image.reshape(len(acquisitions), len(sensor.bands) + 1, *grid.shape)
    origin = wanted_range(sensor, acquisitions[0])[0]
    received = []
    for acquisition, block, times in zip(acquisitions, blocks, tiles, strict=True):
        pixels, tags = block[:-1], block[-1]
        _check_tags(sensor, acquisition, origin, pixels, tags)
        if times is None and tags.any():
            raise BadAnswer("the image holds a scene that userdata.json does not list")
        received.append(
            Received(acquisition=_dated(acquisition, times), is_served=times is not None, pixels=pixels.copy())
        )
    return tuple(received)


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            found = {
                member.name: stream.read() for member in archive.getmembers() if (stream := archive.extractfile(member))
            }
    except (tarfile.TarError, EOFError) as exc:
        raise BadAnswer(f"expected a tar archive, found {len(content)} bytes that are none") from exc
    missing = {"default.tif", "userdata.json"} - found.keys()
    if missing:
        raise BadAnswer(f"the answer lacks {' and '.join(sorted(missing))}; it holds {sorted(found)}")
    return found


def _image(content: bytes, grid: Grid, bands: int) -> Numbers:
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile

    try:
        # One environment for all that follows: without it each step sets one up, which takes longer than the decoding.
        with rasterio.Env(**DECODING), MemoryFile(content) as memory, memory.open(driver="GTiff") as image:
            found = (image.count, image.height, image.width, set(image.dtypes))
            expected = (bands, grid.height, grid.width, {"uint16"})
            if found != expected:
                raise BadAnswer(f"expected bands, rows, columns and type {expected}, found {found}")
            epsg = image.crs.to_epsg() if image.crs else None
            if epsg != grid.epsg or not np.allclose(image.transform[:6], grid.transform, rtol=0, atol=1e-3):
                raise BadAnswer(f"expected EPSG:{grid.epsg} at {grid.transform}, found EPSG:{epsg} at another place")
            numbers: Numbers = image.read()
    except RasterioError as exc:
        raise BadAnswer("the image cannot be decoded") from exc
    return numbers


def _tiles(content: bytes, wanted: int) -> list[list[datetime] | None]:
    """Times of the products of each wanted scene, none for a scene that was not served."""
    try:
        document = json.loads(content)
        listed = document["scenes"]
        scenes = json.loads(listed) if isinstance(listed, str) else listed
        found: list[list[datetime] | None] = [None] * wanted
        for scene in scenes:
            place = int(scene["place"])
            if 0 <= place < wanted:
                found[place] = (found[place] or []) + _times(scene)
    except (ValueError, KeyError, TypeError) as exc:
        raise BadAnswer("userdata.json does not list the scenes") from exc
    return found


def _times(scene: dict[str, Any]) -> list[datetime]:
    times = [tile["time"] for tile in scene.get("tiles", ()) if tile.get("time")]
    return [datetime.fromisoformat(str(moment)).astimezone(UTC) for moment in times]


def _dated(acquisition: Acquisition, times: list[datetime] | None) -> Acquisition:
    """The acquisition with the exact times of the products that were used, where the answer gives them."""
    from dataclasses import replace

    return replace(acquisition, start=min(times), stop=max(times)) if times else acquisition


def _check_tags(sensor: Sensor, acquisition: Acquisition, origin: datetime, pixels: Numbers, tags: Numbers) -> None:
    is_empty = tags == 0
    if (pixels[:, is_empty] != NODATA).any():
        raise BadAnswer("the image holds numbers where no scene was, such as zeros in the place of an empty result")
    start, stop = (1 + (moment - origin) // tick(sensor) for moment in wanted_range(sensor, acquisition))
    if ((tags < start) | (tags > stop))[~is_empty].any():
        raise BadAnswer(f"the image holds pixels of another date than {acquisition.start:%Y-%m-%d %H:%M}")
