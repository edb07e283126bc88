"""From longitude and latitude to the metres in which images lie, and the rasters that hold a piece of ground.

Everyone who asks for pixels and everyone who reads them takes a site's raster from ``window_of``, so that both mean
the same pixels.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from pyproj.exceptions import CRSError
from shapely import get_coordinates, segmentize, transform
from shapely.geometry.base import BaseGeometry

from satverify.domain.grids import Grid
from satverify.domain.sensors import Sensor
from satverify.errors import InputError

Floats = npt.NDArray[np.float64]

WGS84 = 4326
SOUTHERNMOST, NORTHERNMOST = -80.0, 84.0  # [degree] where UTM is defined: NGA.STND.0037, 2014, section 7
STEP = 0.02
"""A straight edge on one map is a curve on the other: with corners this often, under 1 m of it is lost. [degree]"""
LAST_BITS = 3
"""Edges are rounded to millimetres before they are snapped, so that the last bits of PROJ decide about no pixel."""


def utm_epsg(longitude: float, latitude: float) -> int:
    """EPSG code of the UTM zone of a place on WGS 84, with the wider zones of Norway and Svalbard.

    Parameters
    ----------
    longitude
        [degree], -180 to 180; 180 is the meridian of -180
    latitude
        [degree], -80 to 84; the equator counts as north

    Returns
    -------
    32601 to 32660 in the north, 32701 to 32760 in the south.

    Raises
    ------
    InputError
        Where UTM is not defined, and for NaN.

    References
    ----------
    NGA.STND.0037, Universal Grids and Grid Reference Systems, 2014, section 7.
    """
    if not (-180 <= longitude <= 180 and SOUTHERNMOST <= latitude <= NORTHERNMOST):
        raise InputError(
            f"longitude {longitude:g}, latitude {latitude:g}: expected -180 to 180 and -80 to 84, where UTM is defined"
        )
    zone = int((longitude + 180) // 6) % 60 + 1
    if 56 <= latitude < 64 and 3 <= longitude < 12:
        zone = 32
    elif latitude >= 72 and 0 <= longitude < 42:
        zone = int((longitude + 3) // 12) * 2 + 31
    return (32600 if latitude >= 0 else 32700) + zone


def project(epsg: int, longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Easting and northing of places on WGS 84.

    Parameters
    ----------
    epsg
        Code of the coordinate system.
    longitude, latitude
        Numbers or arrays of one shape. [degree]

    Returns
    -------
    Arrays of that shape, NaN where a coordinate is NaN or has no place in the system. [m], or [degree] for 4326

    Raises
    ------
    InputError
        There is no such coordinate system.
    """
    return _transformed(WGS84, epsg, longitude, latitude)


def unproject(epsg: int, easting: npt.ArrayLike, northing: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude on WGS 84: ``project`` the other way round.

    Parameters
    ----------
    epsg
        Code of the coordinate system.
    easting, northing
        Numbers or arrays of one shape. [m], or [degree] for 4326

    Returns
    -------
    Arrays of that shape, NaN where a coordinate is NaN or has no place on Earth. [degree]

    Raises
    ------
    InputError
        There is no such coordinate system.
    """
    return _transformed(epsg, WGS84, easting, northing)


def window_of(area: BaseGeometry, sensor: Sensor, *, margin: float | None = None, epsg: int | None = None) -> Grid:
    """The pixels of a sensor that cover an area and some ground round it.

    Parameters
    ----------
    area
        Longitude before latitude, WGS 84. [degree]
    sensor
        Gives the size of a pixel and the usual margin.
    margin
        How far beyond the area the pixels reach at least; none: as far as the sensor's scenes do. [m]
    epsg
        UTM zone to use; none: that of the middle of the area's bounds.

    Returns
    -------
    The smallest raster on the sensor's lattice that does so.

    Raises
    ------
    InputError
        The area is empty or lies where UTM is not defined, or the margin is negative.
    """
    if area.is_empty:
        raise InputError("an area without ground has no pixels")
    beyond = sensor.margin if margin is None else margin
    if not (beyond >= 0 and math.isfinite(beyond)):
        raise InputError(f"margin of {beyond} m: expected a number that is not negative")
    west, south, east, north = area.bounds
    zone = utm_epsg((west + east) / 2, (south + north) / 2) if epsg is None else epsg
    corners = get_coordinates(transform(segmentize(area, STEP), lambda each: _flat(zone, each)))
    if not np.isfinite(corners).all():
        raise InputError(f"an area from {west:g}, {south:g} to {east:g}, {north:g} degrees has no place in EPSG:{zone}")
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    reach = (left - beyond, bottom - beyond, right + beyond, top + beyond)
    return snapped_grid(zone, reach, sensor.pixel, sensor.lattice)


def snapped_grid(epsg: int, bounds: tuple[float, float, float, float], pixel: float, lattice: float = 0.0) -> Grid:
    """The smallest raster that covers some bounds, with edges at whole pixels from one place.

    Parameters
    ----------
    epsg
        Code of the coordinate system.
    bounds
        West, south, east and north edge. [m]
    pixel
        Edge of a pixel, positive. [m]
    lattice
        Easting and northing that the edges are counted from. [m]

    Returns
    -------
    A raster of at least one pixel.

    Raises
    ------
    InputError
        The bounds are upside down or not finite, or the pixel is not positive.
    """
    if not (all(math.isfinite(edge) for edge in bounds) and bounds[0] <= bounds[2] and bounds[1] <= bounds[3]):
        raise InputError(f"bounds {bounds}: expected west, south, east, north")
    if not (pixel > 0 and math.isfinite(pixel)):
        raise InputError(f"a pixel of {pixel} m: expected a positive size")
    west, south, east, north = (round(float(edge) - lattice, LAST_BITS) / pixel for edge in bounds)
    column, row = math.floor(west), math.ceil(north)
    return Grid(
        epsg=epsg,
        left=float(column * pixel + lattice),
        top=float(row * pixel + lattice),
        pixel_width=float(pixel),
        pixel_height=float(pixel),
        width=max(math.ceil(east) - column, 1),
        height=max(row - math.floor(south), 1),
    )


def _flat(epsg: int, corners: Floats) -> Floats:
    return np.column_stack(project(epsg, corners[:, 0], corners[:, 1]))


def _transformed(source: int, target: int, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    moved = _transformer(source, target).transform(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    first, second = (np.asarray(each, dtype=np.float64) for each in moved)
    is_nowhere = ~(np.isfinite(first) & np.isfinite(second))  # PROJ says infinity
    return np.where(is_nowhere, np.nan, first), np.where(is_nowhere, np.nan, second)


@lru_cache(maxsize=128)
def _transformer(source: int, target: int) -> Transformer:
    """Made once: that takes milliseconds. Threads may share it, as pyproj says of 3.1 and later."""
    try:
        return Transformer.from_crs(source, target, always_xy=True)
    except CRSError as exc:
        raise InputError(
            f"EPSG:{target if source == WGS84 else source} is no coordinate system that PROJ knows"
        ) from exc
