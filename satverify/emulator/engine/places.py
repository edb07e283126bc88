"""Where a request's pixels lie: coordinate systems, boxes, polygons and sizes, checked as the service checks them."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import rasterio.features
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import Affine
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from satverify.domain.granules import Box
from satverify.domain.grids import Grid
from satverify.emulator.engine.options import EngineOptions
from satverify.emulator.engine.reply import ServiceError, bad_payload, violated

Document: TypeAlias = Mapping[str, Any]

WGS84 = 4326
WEB_MERCATOR = 3857
UTM = frozenset([*range(32601, 32661), *range(32701, 32761)])
METRES_PER_DEGREE = math.pi / 180 * 6_378_137.0  # along the equator of WGS 84
DEFAULT_SIDE = 256
CRS_URI = re.compile(r"https?://www\.opengis\.net/def/crs/(?:OGC/1\.3/(?P<ogc>CRS84)|EPSG/0/(?P<epsg>\d+))")
EDGE_POINTS = 21  # points along the edge of a box, whose sides bend in another coordinate system


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The area of a request, in its coordinate system."""

    epsg: int
    west: float
    south: float
    east: float
    north: float
    geometry: Polygon | MultiPolygon | None = None
    """Only within it there are data; none: in the whole box."""

    def grid(self, width: int, height: int) -> Grid:
        """The box cut into pixels."""
        return Grid(
            epsg=self.epsg,
            left=self.west,
            top=self.north,
            pixel_width=(self.east - self.west) / width,
            pixel_height=(self.north - self.south) / height,
            width=width,
            height=height,
        )

    def box(self) -> Box:
        """The same in degrees.

        Raises
        ------
        ServiceError
            The coordinate system does not reach so far.
        """
        corners = (self.west, self.south, self.east, self.north)
        if self.epsg == WGS84:
            return corners
        found: Box = transformer(self.epsg, WGS84).transform_bounds(*corners, densify_pts=EDGE_POINTS)
        if not all(map(math.isfinite, found)):
            raise violated("input->bounds->bbox", "coordinates are out of the range of the CRS", list(corners))
        return found

    def inside(self, grid: Grid) -> NDArray[np.bool_]:
        """Pixels whose centre lies within the geometry, ``(height, width)``."""
        if self.geometry is None:
            return np.ones(grid.shape, dtype=bool)
        transform = Affine(*grid.transform)
        burnt = rasterio.features.rasterize([(self.geometry, 1)], grid.shape, transform=transform, dtype=np.uint8)
        return np.asarray(burnt, dtype=bool)


def transformer(source: int, target: int) -> Transformer:
    """Transformer between two systems, easting or longitude first; each thread has its own, none is shared."""
    return _transformer(source, target, threading.get_ident())


@lru_cache(maxsize=64)
def _transformer(source: int, target: int, _thread: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def parse_bounds(document: object, options: EngineOptions) -> Bounds:
    """The ``input.bounds`` of a request.

    Raises
    ------
    ServiceError
        They are missing, incomplete or not supported.
    """
    if not isinstance(document, Mapping):
        raise violated("input->bounds", "must not be null")
    epsg = _parse_crs(document.get("properties"))
    geometry = _parse_geometry(document["geometry"], options) if document.get("geometry") is not None else None
    if document.get("bbox") is not None:
        west, south, east, north = _parse_bbox(document["bbox"])
    elif geometry is not None:
        west, south, east, north = geometry.bounds
    else:
        raise bad_payload("Bounds must contain a bbox or a geometry.")
    if not (west < east and south < north):
        raise violated("input->bounds->bbox", "the area must not be empty", [west, south, east, north])
    if epsg == WGS84 and not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise violated("input->bounds->bbox", "coordinates are out of the range of the CRS", [west, south, east, north])
    return Bounds(epsg=epsg, west=west, south=south, east=east, north=north, geometry=geometry)


def parse_size(document: Document, bounds: Bounds, options: EngineOptions, prefix: str) -> tuple[int, int]:
    """Width and height of an ``output`` or an ``aggregation``; ``prefix`` is its path in messages.

    Raises
    ------
    ServiceError
        Size and resolution are both given, or one is out of range.
    """
    pixels = [document.get("width"), document.get("height")]
    steps = [document.get("resx"), document.get("resy")]
    is_sized, is_stepped = (any(value is not None for value in pair) for pair in (pixels, steps))
    if is_sized and is_stepped:
        raise bad_payload("Only width and height or resx and resy can be set at the same time.")
    if is_stepped:
        if None in steps:
            raise bad_payload("Both resx and resy must be set.")
        width = _side(steps[0], bounds.east - bounds.west, "width", f"{prefix}->resx", options)
        return width, _side(steps[1], bounds.north - bounds.south, "height", f"{prefix}->resy", options)
    width, height = (
        _pixels(value, f"{prefix}->{name}", options) for value, name in zip(pixels, ("width", "height"), strict=True)
    )
    return width, height


def require_fine(grid: Grid, short_name: str, options: EngineOptions) -> None:
    """Refuse pixels that are coarser than the collection allows.

    Raises
    ------
    ServiceError
        They are.
    """
    limit, found = options.coarsest.get(short_name), metres(grid)
    if limit is not None and found > limit:
        raise ServiceError(
            400,
            "COMMON_EXCEPTION",
            f"Your request of {found:.2f} meters per pixel exceeds the limit {limit:.2f} meters per pixel of the "
            f"collection {short_name}. Please revise the resolution (or corresponding width/height) to make sure it is "
            "in supported range.",
        )


def metres(grid: Grid) -> float:
    """The longer side of a pixel in the middle of a grid. [m]"""
    if grid.epsg != WGS84:
        return max(grid.pixel_width, grid.pixel_height)
    shrunk = math.cos(math.radians((grid.top + grid.bottom) / 2))
    return max(grid.pixel_width * shrunk, grid.pixel_height) * METRES_PER_DEGREE


def pixel_centres(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eastings ``(width,)`` and northings ``(height,)`` of the middles of the pixels."""
    eastings: NDArray[np.float64] = grid.left + (np.arange(grid.width, dtype=np.float64) + 0.5) * grid.pixel_width
    northings: NDArray[np.float64] = grid.top - (np.arange(grid.height, dtype=np.float64) + 0.5) * grid.pixel_height
    return eastings, northings


def _parse_crs(properties: object) -> int:
    name = properties.get("crs") if isinstance(properties, Mapping) else None
    if name is None:
        return WGS84
    match = CRS_URI.fullmatch(name) if isinstance(name, str) else None
    epsg = (WGS84 if match["ogc"] else int(match["epsg"])) if match else None
    if epsg is None or (epsg not in UTM and epsg not in (WGS84, WEB_MERCATOR)):
        raise violated("input->bounds->properties->crs", "the CRS is not supported", name)
    return epsg


def _parse_bbox(value: object) -> tuple[float, float, float, float]:
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(_is_number(part) for part in value):
        raise violated("input->bounds->bbox", "must be an array of 4 numbers", value)
    west, south, east, north = (float(part) for part in value)
    return west, south, east, north


def _parse_geometry(value: object, options: EngineOptions) -> Polygon | MultiPolygon:
    where = "input->bounds->geometry"
    if not isinstance(value, Mapping) or value.get("type") not in ("Polygon", "MultiPolygon"):
        raise violated(where, "must be a GeoJSON Polygon or MultiPolygon")
    coordinates = value.get("coordinates")
    polygons = [coordinates] if value["type"] == "Polygon" else coordinates
    if not isinstance(polygons, list | tuple) or not polygons:
        raise violated(where, "coordinates must not be empty")
    if len(polygons) > options.most_polygons:
        raise violated(where, f"geometry is too complex: {len(polygons)} polygons")
    for polygon in polygons:
        for ring in polygon if isinstance(polygon, list | tuple) and polygon else [None]:
            _require_closed(ring, where)
    geometry = shape(dict(value))
    if not isinstance(geometry, Polygon | MultiPolygon) or geometry.is_empty:
        raise violated(where, "must be a GeoJSON Polygon or MultiPolygon")
    return geometry


def _require_closed(ring: object, where: str) -> None:
    is_ring = isinstance(ring, list | tuple) and all(
        isinstance(point, list | tuple) and len(point) in (2, 3) and all(_is_number(part) for part in point)
        for point in ring
    )
    if not is_ring:
        raise violated(where, "coordinates must be arrays of rings of positions")
    assert isinstance(ring, list | tuple)
    if len(ring) < 4 or list(ring[0]) != list(ring[-1]):
        raise violated(where, "a linear ring must have at least 4 positions, and the first and last must be the same")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _side(step: object, extent: float, name: str, parameter: str, options: EngineOptions) -> int:
    if not _is_number(step) or not step > 0:  # type: ignore[operator]
        raise violated(parameter, "must be greater than 0", step)
    assert isinstance(step, int | float)
    pixels = max(1, math.floor(extent / step + 0.5))
    if pixels > options.largest_side:
        step_name = parameter.rpartition("->")[2]
        raise violated(
            parameter,
            f"`{name} = {pixels}`, calculated from {step_name}, is larger than allowed {options.largest_side}.",
        )
    return pixels


def _pixels(value: object, parameter: str, options: EngineOptions) -> int:
    if value is None:
        return DEFAULT_SIDE
    if not isinstance(value, int | float) or isinstance(value, bool) or value != math.floor(value):
        raise violated(parameter, "must be an integer", value)
    if not 1 <= value <= options.largest_side:
        raise violated(parameter, f"must be between 1 and {options.largest_side}", value)
    return int(value)
