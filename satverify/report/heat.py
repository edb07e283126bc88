"""Where heat sits, as the map takes it: places in metres east and north of the site's middle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from shapely import MultiPolygon

from satverify.domain.sites import Area, FootprintStatus, Site

MAX_CELLS = 600
"""Cells drawn on one map."""
REACH = 1500.0
"""How far outside the outline neighbours' cells are drawn. [m]"""
CELL = 375.0
"""Width of a cell. [m]"""
_DEGREE = 111_195.0
"""Length of one degree of a great circle on a sphere of 6371 km. [m]"""

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell with heat."""

    east: float
    north: float
    """Its middle. [m]"""
    days: int
    pixels: int
    role: str
    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The ground of one unit."""

    unit_id: str
    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """All that the map shows."""

    longitude: float
    latitude: float
    """The site's middle. [degree]"""
    outline: tuple[Ring, ...]
    outline_status: FootprintStatus
    footprints: tuple[Footprint, ...]
    cells: tuple[Cell, ...]
    """The busiest, by place."""
    total: int
    """Cells within reach, drawn or not."""


def heat_of(site: Site, cells: pd.DataFrame) -> Heat:
    """The map of one site from its rows of the table of cells."""
    middle = site.outline.centroid
    longitude, latitude = float(middle.x), float(middle.y)
    east_per_degree = _DEGREE * math.cos(math.radians(latitude))

    def place(x: float, y: float) -> tuple[float, float]:
        return ((x - longitude) * east_per_degree, (y - latitude) * _DEGREE)

    west, south, east, north = site.outline.bounds
    low, high = place(west, south), place(east, north)
    near: list[Cell] = []
    for row in cells.to_dict("records"):
        x, y = place(row["longitude"], row["latitude"])
        if low[0] - REACH <= x <= high[0] + REACH and low[1] - REACH <= y <= high[1] + REACH:
            near.append(
                Cell(east=x, north=y, days=row["days"], pixels=row["pixels"], role=row["role"], unit_id=row["unit_id"])
            )
    busiest = sorted(near, key=lambda cell: (cell.role == "neighbour", -cell.days, cell.north, cell.east))[:MAX_CELLS]
    return Heat(
        longitude=longitude,
        latitude=latitude,
        outline=_rings(site.outline, place),
        outline_status=site.outline_status,
        footprints=tuple(
            Footprint(unit_id=unit.unit_id, name=unit.name, rings=_rings(unit.footprint, place))
            for unit in site.units
            if unit.footprint is not None
        ),
        cells=tuple(sorted(busiest, key=lambda cell: (cell.north, cell.east, cell.role))),
        total=len(near),
    )


def _rings(area: Area, place: Callable[[float, float], tuple[float, float]]) -> tuple[Ring, ...]:
    """Outer and inner rings, in metres."""
    polygons = area.geoms if isinstance(area, MultiPolygon) else (area,)
    rings = (ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors))
    return tuple(tuple(place(point[0], point[1]) for point in ring.coords) for ring in rings)
