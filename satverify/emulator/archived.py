"""The scenes of an archive folder as products of the service, so that what was fetched once can be served again.

A product is what the archive calls a source: one that several scenes were made from is put together from all of them.
Only the bands that the archive keeps are there, and only the newest revision of each scene. Numbers were rounded when
they were stored, and the values below zero that harmonising took away are not coming back; both are within what
``satverify.domain.sensors`` states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, SENSORS, Band, Sensor
from satverify.errors import InputError, ProductError
from satverify.physics.utm import project, unproject

REVISION = re.compile(r"(.+)_r(\d+)")
OFFSET_SINCE = "04.00"
"""Processing baseline from which on Sentinel-2 counts carry an offset (ESA, S2-PDGS-MPC-DQR, January 2022)."""
OFFSET = 1000
"""That offset, which the archive took off. [count]"""
QUALITY = "qa"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One archived image that holds a part of a product."""

    image: Path
    grid: Grid
    sensor: Sensor


class ArchivedScenes:
    """A provider of what an archive folder holds. Calls may come from several threads at once.

    Parameters
    ----------
    root
        Folder of the archive, which holds ``scenes``.

    Raises
    ------
    InputError
        It is not an archive, or an item in it cannot be read; the message names the file.
    """

    def __init__(self, root: Path) -> None:
        scenes = root / "scenes"
        if not scenes.is_dir():
            raise InputError(f"{root}: not an archive: it has no folder 'scenes'")
        pieces: dict[tuple[str, str], list[tuple[Granule, _Piece]]] = {}
        for item in _newest(sorted(scenes.glob("*/*/*.json"))):
            for granule, piece in _read_item(item):
                pieces.setdefault((granule.collection, granule.granule_id), []).append((granule, piece))
        self._pieces = {key: tuple(piece for _, piece in parts) for key, parts in pieces.items()}
        joined = [_joined([granule for granule, _ in parts]) for parts in pieces.values()]
        self._granules = tuple(sorted(joined, key=lambda granule: (granule.time, granule.granule_id)))

    def collections(self) -> Sequence[str]:
        """Names of the collections that the archive has something of."""
        return tuple(sorted({granule.collection for granule in self._granules}))

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        """Products that meet a box, acquired in ``[start, stop)``, oldest first."""
        area = shapely.box(*box)
        return tuple(
            granule
            for granule in self._granules
            if granule.collection == collection
            and start <= granule.time < stop
            and shapely.intersects(area, granule.footprint)
        )

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        """Bands of one product on a grid, each ``(height, width)``, NaN where the archive has nothing.

        Raises
        ------
        KeyError
            A band that the archive does not keep.
        ProductError
            An image cannot be read.
        """
        found = {band: np.full(grid.shape, np.nan, np.float32) for band in bands}
        pieces = self._pieces[granule.collection, granule.granule_id]
        known = {band.source for piece in pieces for band in piece.sensor.bands}
        has_quality = granule.collection.startswith("sentinel-5p")
        for name in bands:
            if name not in known and not (has_quality and name == QUALITY):
                raise KeyError(name)
        for piece in pieces:
            where = _places(piece.grid, grid)
            if where is not None:
                _fill(found, piece, granule, where)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """Which pixels of an image are asked for, and where they go. All of one shape, (count,)."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    targets: NDArray[np.intp]
    """Into the flattened grid."""


def _newest(items: Sequence[Path]) -> list[Path]:
    """Of the revisions of each scene the last one whose image is there too."""
    newest: dict[Path, tuple[int, Path]] = {}
    for item in items:
        match = REVISION.fullmatch(item.stem)
        if match is None or not item.with_suffix(".tif").is_file():
            continue
        scene, revision = item.with_name(match.group(1)), int(match.group(2))
        if scene not in newest or newest[scene][0] < revision:
            newest[scene] = (revision, item)
    return [item for _, item in newest.values()]


def _read_item(file: Path) -> list[tuple[Granule, _Piece]]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        properties = document["properties"]
        sensor = SENSORS[properties["satverify:sensor"]]
        piece = _Piece(image=file.with_suffix(".tif"), grid=_grid(properties), sensor=sensor)
        footprint = _ground(shape(document["geometry"]))
        names = properties["satverify:source_ids"] or [document["id"]]
        return [(_granule(name, sensor, properties, footprint), piece) for name in names]
    except OSError as exc:
        raise InputError(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    except (KeyError, ValueError, TypeError, AttributeError) as exc:
        raise InputError(f"{file}: not an item of a scene: {type(exc).__name__}: {exc}") from exc


def _grid(properties: Mapping[str, Any]) -> Grid:
    height, width = properties["proj:shape"]
    wide, _, left, _, high, top = properties["proj:transform"][:6]
    epsg = int(str(properties["proj:code"]).removeprefix("EPSG:"))
    return Grid(epsg=epsg, left=left, top=top, pixel_width=wide, pixel_height=-high, width=width, height=height)


def _granule(name: str, sensor: Sensor, properties: Mapping[str, Any], footprint: Polygon | MultiPolygon) -> Granule:
    kind = re.search(r"s5p:type = '(\w+)'", sensor.catalogue_filter)
    return Granule(
        granule_id=name,
        collection=sensor.collection,
        platform=properties["platform"],
        time=datetime.fromisoformat(properties["datetime"]),
        footprint=footprint,
        cloud_cover=properties.get("eo:cloud_cover"),
        orbit_state=properties.get("sat:orbit_state", ""),
        relative_orbit=properties.get("sat:relative_orbit"),
        epsg=int(str(properties["proj:code"]).removeprefix("EPSG:")),
        product_type=kind.group(1) if kind else "",
        timeliness=properties.get("satverify:timeliness", ""),
        processing_baseline=properties.get("processing:version", ""),
    )


def _joined(granules: Sequence[Granule]) -> Granule:
    """One product from what its scenes tell of it."""
    footprint = shapely.union_all([granule.footprint for granule in granules])
    return replace(granules[0], footprint=_ground(footprint))


def _ground(geometry: BaseGeometry) -> Polygon | MultiPolygon:
    if not isinstance(geometry, Polygon | MultiPolygon):
        raise TypeError(f"a footprint of type {geometry.geom_type}")
    return geometry


def _places(image: Grid, grid: Grid) -> _Places | None:
    """Nearest pixels of an image for the pixels of a grid that lie on it; none where none do."""
    across = grid.left + (np.arange(grid.width) + 0.5) * grid.pixel_width
    down = grid.top - (np.arange(grid.height) + 0.5) * grid.pixel_height
    easting, northing = np.meshgrid(across, down)
    if image.epsg != grid.epsg:
        easting, northing = project(image.epsg, *unproject(grid.epsg, easting, northing))
    column = np.floor((easting - image.left) / image.pixel_width)
    row = np.floor((image.top - northing) / image.pixel_height)
    is_inside = (column >= 0) & (column < image.width) & (row >= 0) & (row < image.height)  # false where NaN
    if not is_inside.any():
        return None
    targets = np.flatnonzero(is_inside)
    return _Places(rows=row[is_inside].astype(np.intp), columns=column[is_inside].astype(np.intp), targets=targets)


def _fill(found: Mapping[str, NDArray[np.float32]], piece: _Piece, granule: Granule, where: _Places) -> None:
    """Put the pixels of one image where there is none yet."""
    numbers = {band.source: number for number, band in enumerate(piece.sensor.bands, 1)}
    wanted = {name: numbers[name] for name in found if name in numbers}
    indexes = sorted({*wanted.values()} | ({1} if QUALITY in found else set()))
    if not indexes:
        return
    stored = dict(zip(indexes, _pixels(piece, indexes, where), strict=True))
    values = {name: _native(stored[index], piece.sensor.bands[index - 1], granule) for name, index in wanted.items()}
    if QUALITY in found:
        values[QUALITY] = np.where(stored[1] == NODATA, np.nan, 100).astype(np.float32)
    for name, new in values.items():
        flat = found[name].reshape(-1)
        old = flat[where.targets]
        flat[where.targets] = np.where(np.isnan(old), new, old)


def _pixels(piece: _Piece, indexes: Sequence[int], where: _Places) -> NDArray[np.uint16]:
    """Stored numbers, (bands, count), from the part of the image that is needed."""
    top, left = int(where.rows.min()), int(where.columns.min())
    window = ((top, int(where.rows.max()) + 1), (left, int(where.columns.max()) + 1))
    try:
        with rasterio.open(piece.image) as image:
            part: NDArray[np.uint16] = image.read(list(indexes), window=window)
    except rasterio.RasterioIOError as exc:
        raise ProductError(f"{piece.image}: cannot be read: {exc}") from exc
    return part[:, where.rows - top, where.columns - left]


def _native(stored: NDArray[np.uint16], band: Band, granule: Granule) -> NDArray[np.float32]:
    """Stored numbers as the product has them: counts of Sentinel-2 with their offset, else values in their unit."""
    if granule.collection.startswith("sentinel-2"):
        has_offset = band.source != "SCL" and granule.processing_baseline >= OFFSET_SINCE
        scale, offset = 1.0, float(OFFSET if has_offset else 0)
    else:
        scale, offset = band.scale, band.offset
    return np.where(stored == NODATA, np.nan, stored * scale + offset).astype(np.float32)
