"""Map coordinates as published in China (GCJ-02, BD-09) to WGS 84.

Maps published in China must carry GCJ-02, WGS 84 moved by a smooth function of place; Baidu moves it once more (BD-09).
Outlines drawn on the first kind lie 100-700 m off, on the second 700-1500 m. The forward functions are public; their
inverse is found by iteration.

References
----------
Forward functions and constants as implemented, with check values, by googollee/eviltransform (MIT) and
wandergis/coordtransform (MIT); the ellipsoid is that of Krassovsky 1940.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Shift: TypeAlias = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


class Datum(StrEnum):
    """Which coordinates a file's longitudes and latitudes are."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    """Amap, Tencent, Google in China."""
    BD09 = "bd09"
    """Baidu, in degrees."""


SEMI_MAJOR_AXIS = 6378245.0  # [m] Krassovsky 1940
ECCENTRICITY_SQUARED = 0.00669342162296594323  # [1] Krassovsky 1940
ORIGIN = (105.0, 35.0)  # [degree] where the shift's polynomial is anchored
BAIDU_OFFSET = (0.0065, 0.006)  # [degree]
CONVERGED = 1e-12  # [degree] a ten-thousandth of a millimetre
MOST_STEPS = 60  # each step gains about two digits; more only where a square root's kink is near

MAINLAND = """
73.4 39.8,74.6 40.7,76.3 40.9,79.8 42.5,80.3 43.4,79.7 45.2,82.1 45.8,83.0 47.7,85.1 47.4,85.5 48.8,87.7 49.7,
91.3 47.1,91.2 45.7,95.5 44.6,96.5 43.1,100.9 43.1,105.0 42.1,110.2 43.2,111.3 43.9,111.0 44.6,111.7 45.5,
113.4 45.2,117.3 47.0,118.9 47.2,115.6 47.3,115.1 48.2,116.5 50.2,118.9 50.4,120.3 52.2,119.8 53.0,120.9 53.6,
123.6 53.9,126.1 53.1,128.0 50.1,129.6 49.8,131.3 48.2,135.4 48.5,133.4 44.9,131.5 44.7,131.5 42.8,130.8 42.0,
130.1 42.4,128.3 41.1,126.9 41.3,122.2 38.8,120.7 38.8,121.5 40.5,118.1 38.7,119.7 37.6,120.8 38.3,122.7 37.6,
122.8 36.6,119.8 35.1,122.3 31.8,121.8 30.5,122.5 29.9,122.1 28.1,117.5 23.3,111.1 21.0,111.4 19.5,109.5 17.8,
108.3 18.5,108.3 19.6,109.5 20.3,109.2 21.1,106.9 21.4,105.3 22.9,102.1 22.0,101.9 20.8,99.0 21.8,98.4 23.6,
97.2 23.9,98.3 27.3,96.0 28.1,96.0 28.9,94.6 28.8,92.6 27.5,90.0 27.9,88.8 26.9,88.4 27.5,85.7 27.8,79.5 30.5,
78.4 31.4,78.5 34.2,77.6 35.1,75.9 35.6,74.4 38.1,73.6 38.3,73.4 39.8
"""
"""Mainland China with a margin of about 0.4 degrees, after Natural Earth 1:110m (public domain). [degree]

The published code shifts everything in a box that also holds Korea, Vietnam and Mongolia, whose map data carry no
shift."""


@cache
def _mainland() -> shapely.Polygon:
    polygon = shapely.from_wkt(f"POLYGON (({' '.join(MAINLAND.split())}))")
    assert isinstance(polygon, shapely.Polygon)
    shapely.prepare(polygon)
    return polygon


def is_in_mainland_china(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.bool_]:
    """True in mainland China or within about 0.4 degrees of it; False where a coordinate is NaN."""
    inside: NDArray[np.bool_] = np.asarray(
        shapely.contains_xy(
            _mainland(), np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        )
    )
    return inside


def to_wgs84(longitude: ArrayLike, latitude: ArrayLike, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Coordinates of ``datum`` as WGS 84.

    Parameters
    ----------
    longitude, latitude
        In ``datum``, of one shape. [degree]
    datum
        What they are.

    Returns
    -------
    Longitude and latitude in WGS 84, exact to 1e-9 degrees; unchanged outside mainland China; NaN stays NaN. [degree]
    """
    return _moved(longitude, latitude, datum, inverse=True)


def from_wgs84(longitude: ArrayLike, latitude: ArrayLike, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """WGS 84 as coordinates of ``datum``; the other direction of ``to_wgs84``."""
    return _moved(longitude, latitude, datum, inverse=False)


def _moved(longitude: ArrayLike, latitude: ArrayLike, datum: Datum, *, inverse: bool) -> tuple[FloatArray, FloatArray]:
    east = np.array(longitude, dtype=np.float64)
    north = np.array(latitude, dtype=np.float64)
    if datum is Datum.WGS84:
        return east, north
    moves = is_in_mainland_china(east, north)
    shift = _SHIFTS[datum]
    east[moves], north[moves] = (_undone if inverse else _done)(shift, east[moves], north[moves])
    return east, north


def _done(shift: Shift, east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    return shift(east, north)


def _undone(shift: Shift, east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fixed-point iteration: the shift varies so slowly that each step shrinks the miss about a hundredfold."""
    x, y = east.copy(), north.copy()
    for _ in range(MOST_STEPS):
        forward_x, forward_y = shift(x, y)
        miss_x, miss_y = east - forward_x, north - forward_y
        x, y = x + miss_x, y + miss_y
        if max(np.max(np.abs(miss_x), initial=0.0), np.max(np.abs(miss_y), initial=0.0)) < CONVERGED:
            break
    return x, y


def _gcj02(east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    """WGS 84 to GCJ-02."""
    x, y = east - ORIGIN[0], north - ORIGIN[1]
    eastward = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    northward = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    ripple = _waves(x, (20.0, 1 / 6), (20.0, 1 / 2))
    eastward += ripple + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))
    northward += ripple + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))
    latitude = np.radians(north)
    flattening = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    parallel_radius = SEMI_MAJOR_AXIS / np.sqrt(flattening) * np.cos(latitude)
    meridian_radius = SEMI_MAJOR_AXIS * (1.0 - ECCENTRICITY_SQUARED) / flattening**1.5
    return east + np.degrees(eastward / parallel_radius), north + np.degrees(northward / meridian_radius)


def _waves(degrees: FloatArray, *terms: tuple[float, float]) -> FloatArray:
    """Two thirds of a sum of sines, each given by amplitude [m] and half wavelength [degree]."""
    total: FloatArray = np.zeros_like(degrees)
    for amplitude, half_wavelength in terms:
        total += amplitude * np.sin(np.pi * degrees / half_wavelength)
    return total * (2.0 / 3.0)


def _bd09(east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    """WGS 84 to BD-09: GCJ-02, then stretched and turned about (0, 0), then moved."""
    x, y = _gcj02(east, north)
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turn)
    return radius * np.cos(angle) + BAIDU_OFFSET[0], radius * np.sin(angle) + BAIDU_OFFSET[1]


_SHIFTS: dict[Datum, Shift] = {Datum.GCJ02: _gcj02, Datum.BD09: _bd09}
