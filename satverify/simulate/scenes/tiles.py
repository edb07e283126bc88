"""Sentinel-2's tiles: squares of the Military Grid Reference System, somewhat larger than the 100 km of the name.

References
----------
NGA.STND.0037, Universal Grids and Grid Reference Systems, 2014, appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from satverify.domain.granules import Box
from satverify.physics.utm import project, unproject
from satverify.simulate.scenes.swaths import within_map

Floats: TypeAlias = NDArray[np.float64]

SQUARE = 100_000.0  # [m]
SIDE = 109_800.0  # [m] tiles overlap their neighbours to the south and east
LATTICE = 60.0  # [m] their corners lie at multiples of the coarsest pixel
BANDS = "CDEFGHJKLMNPQRSTUVWX"  # of eight degrees from 80 S on
COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")  # of zones whose number leaves 0, 1, 2 when divided by 3
ROWS = "ABCDEFGHJKLMNPQRSTUV"  # from the equator on; zones of even number begin with F
SOUTHERNMOST, NORTHERNMOST = -80.0, 84.0  # [degree]
POSTS = 5  # along each side at which a tile's places are known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """One tile."""

    name: str
    """Zone, band and square, such as ``50SMJ``."""
    epsg: int
    """Its UTM zone."""
    left: float
    """Easting of its west edge. [m]"""
    top: float
    """Northing of its north edge. [m]"""
    longitude: Floats
    """Of ``POSTS`` by ``POSTS`` places spread evenly over it, rows from the north. [degree]"""
    latitude: Floats
    """Of the same. [degree]"""
    outline: shapely.Polygon
    """Its four corners joined; across the date line it goes on beyond 180. [degree]"""
    number: int
    """One that no other tile has: its square's column and row, and its zone."""


@lru_cache(maxsize=4096)
def tiles_in(box: Box) -> tuple[Tile, ...]:
    """Tiles that meet a box, sorted by name.

    Parameters
    ----------
    box
        West, south, east and north, west not beyond east. [degree]
    """
    west, south, east, north = box
    south, north = max(south, SOUTHERNMOST), min(north, NORTHERNMOST)
    if south > north:
        return ()
    edge = 1.2  # [degree] a tile reaches beyond its square, into the neighbouring zone
    zones = range(int((west - edge + 180) // 6) + 1, int((east + edge + 180) // 6) + 2)
    found: dict[str, Tile] = {}
    for zone in {(zone - 1) % 60 + 1 for zone in zones}:
        for is_north in (True, False):
            if north < 0 if is_north else south >= 0:
                continue
            for tile in _tiles_of(zone, is_north, (west, south, east, north)):
                found[tile.name] = tile
    area = shapely.box(west, south, east, north)
    return tuple(found[name] for name in sorted(found) if within_map(found[name].outline).intersects(area))


@lru_cache(maxsize=4096)
def tile_corner(name: str, epsg: int) -> tuple[float, float]:
    """Easting of the west edge and northing of the north edge of a tile, by its name. [m]"""
    zone = epsg % 100
    column = COLUMNS[zone % 3].index(name[3]) + 1
    row = (ROWS.index(name[4]) - (5 if zone % 2 == 0 else 0)) % 20
    band = BANDS.index(name[2])
    _, middle = project(epsg, (zone * 6 - 183), min(-80 + 8 * band + 4, 82))
    squares = round((float(middle) / SQUARE - row - 0.5) / 20) * 20 + row
    return _corner(column, squares)


def _corner(column: int, row: int) -> tuple[float, float]:
    """West and north edge of the tile of a square. [m]"""
    left = np.floor(column * SQUARE / LATTICE) * LATTICE
    top = np.ceil((row + 1) * SQUARE / LATTICE) * LATTICE
    return float(left), float(top)


def _tiles_of(zone: int, is_north: bool, box: Box) -> list[Tile]:
    """Tiles of one half of a zone whose square is near a box."""
    epsg = (32600 if is_north else 32700) + zone
    middle = zone * 6 - 183
    west, south, east, north = box
    offset = round(((west + east) / 2 - middle) / 360) * 360
    west, east = np.clip([west - offset, east - offset], middle - 5, middle + 5)
    south, north = (max(south, 0.0), north) if is_north else (south, min(north, 0.0))
    places = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    x, y = project(epsg, *places)
    columns = range(max(int(x.min() // SQUARE) - 1, 1), min(int(x.max() // SQUARE) + 1, 8) + 1)
    rows = range(int(y.min() // SQUARE) - 1, int(y.max() // SQUARE) + 2)
    tiles = (_tile(epsg, zone, column, row) for row in rows for column in columns)
    return [tile for tile in tiles if tile is not None]


@lru_cache(maxsize=80_000)  # a few more than the Earth has
def _tile(epsg: int, zone: int, column: int, row: int) -> Tile | None:
    """The tile of a square; none where the square lies outside of its zone or hemisphere."""
    square = np.meshgrid(np.array([0.0, 0.5, 1.0]) + column, np.array([0.0, 0.5, 1.0]) + row)
    longitude, latitude = unproject(epsg, square[0] * SQUARE, square[1] * SQUARE)
    middle = float(latitude[1, 1])
    is_north = epsg < 32700
    away = (longitude - (zone * 6 - 183) + 180) % 360 - 180
    if not (np.abs(away) <= 3).any() or (middle >= 0) != is_north or not SOUTHERNMOST <= middle <= NORTHERNMOST:
        return None
    left, top = _corner(column, row)
    at = np.linspace(0, SIDE, POSTS)
    east, north = unproject(epsg, *np.meshgrid(left + at, top - at))
    east = zone * 6 - 183 + (east - (zone * 6 - 183) + 180) % 360 - 180  # in one piece, beyond 180 where it must be
    band = BANDS[min(int((middle + 80) // 8), 19)]
    letters = COLUMNS[zone % 3][column - 1] + ROWS[(row + (5 if zone % 2 == 0 else 0)) % 20]
    ring = [(0, 0), (0, -1), (-1, -1), (-1, 0)]
    return Tile(
        name=f"{zone:02d}{band}{letters}",
        epsg=epsg,
        left=left,
        top=top,
        longitude=east,
        latitude=north,
        outline=shapely.Polygon([(east[at], north[at]) for at in ring]),
        number=(epsg * 256 + row) * 16 + column,
    )
