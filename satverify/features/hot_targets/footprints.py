"""Which pixels of an image the ground of each unit covers, and how much of each, made once and used for every scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from satverify.domain.grids import Grid
from satverify.errors import InputError
from satverify.features.units import ImagedUnit
from satverify.physics.utm import STEP, WGS84, project, unproject

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

DUST = 1e-6
"""Coverage below this is round-off of the coordinates, and no ground. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zones:
    """Weighted sets of pixels, one for each unit, sorted by unit and then by pixel."""

    count: int
    """Number of units, those without pixels too."""
    unit: Integers
    """Unit of each entry, ascending, shape (entries,)."""
    pixel: Integers
    """Pixel of each entry, counted along rows from the north-west, shape (entries,)."""
    weight: Floats
    """Share of the pixel that belongs, shape (entries,). (0, 1]"""

    @property
    def size(self) -> Floats:
        """Pixels of each unit inside the image, by coverage, shape (units,)."""
        size: Floats = np.bincount(self.unit, weights=self.weight, minlength=self.count).astype(np.float64)
        return size

    @property
    def edges(self) -> Integers:
        """Where the entries of each unit begin and end, shape (units + 1,)."""
        return np.searchsorted(self.unit, np.arange(self.count + 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footprints:
    """Ground of some units on one grid."""

    grid: Grid
    """The pixels."""
    unit_ids: tuple[str, ...]
    """The units, in the order of every array with a unit axis."""
    pixels: Floats
    """Ground of each unit in pixels, whether inside the image or not, shape (units,)."""
    inside: Zones
    """Pixels that the ground covers, by coverage."""
    pixel_ground: float
    """Ground of one pixel. [m²]"""

    @property
    def inside_share(self) -> Floats:
        """Share of each unit's ground that lies inside the image, shape (units,). [0, 1]"""
        return np.minimum(self.inside.size / self.pixels, 1.0)


def footprints_on(grid: Grid, units: Sequence[ImagedUnit]) -> Footprints:
    """Find the pixels of units on a grid.

    Parameters
    ----------
    grid
        Where the images lie, in any coordinate system; ground of another UTM zone is projected into it.
    units
        Their ground may lie outside of the image, be smaller than a pixel, have holes or several parts.

    Returns
    -------
    Coverage is exact to round-off of the projected coordinates. Units outside of the image have no pixels.

    Raises
    ------
    InputError
        Ground is empty or has no area or no place in the grid's coordinate system, or two units share an id.
    """
    ids = tuple(unit.unit_id for unit in units)
    twice = sorted({unit_id for unit_id in ids if ids.count(unit_id) > 1})
    if twice:
        raise InputError(f"units {twice} are listed twice: expected one footprint for each")
    grounds = [_projected(grid, unit) for unit in units]
    return Footprints(
        grid=grid,
        unit_ids=ids,
        pixels=np.array([ground.area for ground in grounds]) / (grid.pixel_width * grid.pixel_height),
        inside=_covered(grid, grounds),
        pixel_ground=pixel_ground(grid),
    )


def pixel_ground(grid: Grid) -> float:
    """Ground of one pixel at the middle of a grid. [m²]

    In UTM that is the nominal one, good to 0.2 %; elsewhere it is measured on the ellipsoid.
    """
    if 32601 <= grid.epsg <= 32660 or 32701 <= grid.epsg <= 32760:
        return grid.pixel_width * grid.pixel_height
    row, column = grid.height // 2, grid.width // 2
    west, north = grid.left + column * grid.pixel_width, grid.top - row * grid.pixel_height
    east, south = west + grid.pixel_width, north - grid.pixel_height
    x, y = np.array([west, east, east, west]), np.array([south, south, north, north])
    longitude, latitude = (x, y) if grid.epsg == WGS84 else unproject(grid.epsg, x, y)
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter(longitude, latitude)
    return abs(float(area))


def _projected(grid: Grid, unit: ImagedUnit) -> BaseGeometry:
    """Ground in the grid's coordinates, straight edges kept straight on the globe."""

    def move(points: Floats) -> Floats:
        return np.column_stack(project(grid.epsg, points[:, 0], points[:, 1]))

    ground: BaseGeometry = unit.ground
    is_somewhere = not ground.is_empty and bool(np.isfinite(shapely.get_coordinates(ground)).all())
    if is_somewhere and not ground.is_valid:
        ground = shapely.make_valid(ground)  # before segmentize, which drops parts of crossed ground
    if is_somewhere and grid.epsg != WGS84:
        ground = shapely.transform(shapely.segmentize(ground, STEP), move)
        is_somewhere = bool(np.isfinite(shapely.get_coordinates(ground)).all())
    if not is_somewhere:
        raise InputError(f"unit {unit.unit_id}: its ground is empty or has no place in EPSG:{grid.epsg}")
    if not ground.is_valid:
        ground = shapely.make_valid(ground)
    if not ground.area > 0:
        raise InputError(f"unit {unit.unit_id}: expected ground with an area, found {unit.ground.geom_type} without")
    return ground


def _covered(grid: Grid, grounds: Sequence[BaseGeometry]) -> Zones:
    """Coverage of all pixels that each ground meets."""
    west, south, east, north = grid.bounds
    is_met = [ground.intersects(shapely.box(west, south, east, north)) for ground in grounds]
    features = [
        {"type": "Feature", "id": number, "properties": {}, "geometry": shapely.geometry.mapping(ground)}
        for number, ground in enumerate(grounds)
        if is_met[number]
    ]
    if not features:
        nothing = np.zeros(0, dtype=np.int64)
        return Zones(count=len(grounds), unit=nothing, pixel=nothing, weight=np.zeros(0))
    raster = NumPyRasterSource(np.broadcast_to(np.uint8(0), grid.shape), west, south, east, north)
    found = exact_extract(raster, JSONFeatureSource(features), ["cell_id", "coverage"], include_cols=["id"])
    units = [int(each.get("id", each["properties"].get("id"))) for each in found]
    pixels = [np.asarray(each["properties"]["cell_id"], dtype=np.int64) for each in found]
    weights = [np.asarray(each["properties"]["coverage"], dtype=np.float64) for each in found]
    unit = np.repeat(np.array(units, dtype=np.int64), [len(each) for each in pixels])
    return _zones(len(grounds), unit, np.concatenate(pixels), np.concatenate(weights))


def _zones(count: int, unit: Integers, pixel: Integers, weight: Floats) -> Zones:
    order = np.lexsort((pixel, unit))
    order = order[weight[order] > DUST]
    return Zones(count=count, unit=unit[order], pixel=pixel[order], weight=weight[order])
