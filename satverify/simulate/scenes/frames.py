"""Where a granule's own pixels lie, and which of them a request asks for.

A granule has a plane of its own: the UTM zone of a tile, or the strip along a satellite's track. Its pixels are squares
of that plane at whole multiples of their size, numbered once and for all, so that whoever asks for a place gets the
same pixel. Quantities that vary slowly are computed at the crossings of a coarse net laid over the plane, equally
fixed, and interpolated between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.grids import Grid
from satverify.physics.orbit import EARTH_RADIUS
from satverify.physics.satellites import Satellite, ground_places, pass_over
from satverify.physics.utm import WGS84, project, unproject
from satverify.simulate.scenes.noise import between_knots

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Fields: TypeAlias = Callable[[Floats, Floats], Floats]
"""Quantities at places: longitude and latitude [degree] in, one layer for each quantity out."""

NET = {"degree": 0.02, "metre": 2_000.0}
"""Between the crossings at which a request's plane is tied to a granule's; a tenth of a metre at most is lost."""
COARSE_NET = {"degree": 0.1, "metre": 10_000.0}
"""The same where pixels are some hundred metres wide; two metres at most are lost."""
LARGEST_KEPT = 5_000  # pixels of requests whose positions are kept
KEPT = 256
"""Of these, 20 MB in all: several products of an overpass are asked for on one grid."""


class Frame(Protocol):
    """The plane of a granule; equal ones are the same plane. [m]"""

    def __hash__(self) -> int: ...

    def position(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Where places [degree] lie in the plane, NaN where they have no place in it."""
        ...

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude of points of the plane. [degree]"""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UtmFrame:
    """A UTM zone: easting and northing."""

    epsg: int
    """Its code."""

    def position(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Easting and northing, NaN far from the zone."""
        middle = (self.epsg % 100) * 6 - 183
        is_near = np.abs((longitude - middle + 180) % 360 - 180) < 30
        return project(self.epsg, np.where(is_near, longitude, np.nan), np.where(is_near, latitude, np.nan))

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude."""
        return unproject(self.epsg, x, y)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFrame:
    """The strip along half a revolution: distance to the right of the track, and along it from the equator's node."""

    satellite: Satellite
    """Who flies."""
    node_time: float
    """Northward crossing of the equator that begins the revolution. [s since 1970-01-01 UTC]"""
    is_ascending: bool
    """Which half of it."""

    @property
    def speed(self) -> float:
        """Of the point below the satellite, against a round Earth that does not turn. [m/s]"""
        return 2 * np.pi * EARTH_RADIUS * 1000 / self.satellite.orbit.period

    def position(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Across and along."""
        after, off_track = pass_over(
            self.satellite, self.node_time, longitude, latitude, is_ascending=self.is_ascending
        )
        is_here = (np.cos(2 * np.pi * after / self.satellite.orbit.period) > 0) == self.is_ascending
        return np.where(is_here, -1000 * off_track, np.nan), np.where(is_here, after * self.speed, np.nan)

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude."""
        x, y = np.broadcast_arrays(x, y)
        return ground_places(self.satellite, self.node_time, y / self.speed, -x / 1000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pixels:
    """Pixels of a granule, by their numbers: arrays that broadcast to the shape of the block they make."""

    frame: Frame
    """The plane they lie in."""
    size: tuple[float, float]
    """Extent across and along. [m]"""
    columns: Integers
    """Numbers along the first axis of the plane, from its origin."""
    rows: Integers
    """Numbers along the second."""
    origin: tuple[float, float] = (0.0, 0.0)
    """Where pixel 0, 0 begins. [m]"""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the block."""
        return np.broadcast_shapes(self.columns.shape, self.rows.shape)

    @property
    def x(self) -> Floats:
        """Middles along the first axis. [m]"""
        x: Floats = (self.columns.astype(np.float64) + 0.5) * self.size[0] + self.origin[0]
        return x

    @property
    def y(self) -> Floats:
        """Middles along the second. [m]"""
        y: Floats = (self.rows.astype(np.float64) + 0.5) * self.size[1] + self.origin[1]
        return y


def request_positions(grid: Grid, frame: Frame, *, is_coarse: bool) -> tuple[Floats, Floats]:
    """Where the middles of a request's pixels lie in a granule's plane, as arrays that broadcast to the grid's shape.

    They are exact where the request is made in the tile's own zone, and good to the net elsewhere; NaN where a pixel
    has no place in the plane.
    """
    if grid.width * grid.height > LARGEST_KEPT:
        return _positions(grid, frame, is_coarse=is_coarse)
    return _kept_positions(grid, frame, is_coarse=is_coarse)


@lru_cache(maxsize=KEPT)
def _kept_positions(grid: Grid, frame: Frame, *, is_coarse: bool) -> tuple[Floats, Floats]:
    across, along = _positions(grid, frame, is_coarse=is_coarse)
    across.flags.writeable = along.flags.writeable = False
    return across, along


def _positions(grid: Grid, frame: Frame, *, is_coarse: bool) -> tuple[Floats, Floats]:
    east = grid.left + (np.arange(grid.width, dtype=np.float64) + 0.5) * grid.pixel_width
    north = grid.top - (np.arange(grid.height, dtype=np.float64) + 0.5) * grid.pixel_height
    if isinstance(frame, UtmFrame) and grid.epsg == frame.epsg:
        return east[None, :], north[:, None]

    def positions(x: Floats, y: Floats) -> Floats:
        longitude, latitude = (x, y) if grid.epsg == WGS84 else unproject(grid.epsg, x, y)
        return np.stack(frame.position(longitude, latitude))

    unit = "degree" if grid.epsg == WGS84 else "metre"
    step = (COARSE_NET if is_coarse else NET)[unit]
    if max(grid.pixel_width, grid.pixel_height) > step / 4:  # a net finer than the pixels would be no saving
        across, along = positions(*np.broadcast_arrays(east[None, :], north[:, None]))
        return across, along
    across, along = netted(positions, east[None, :], north[:, None], step)
    return across, along


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """The crossings of a coarse net round some points; equal nets have the same crossings."""

    step: float
    """Between crossings, which lie at whole multiples of it. [m]"""
    west: int
    """Number of the first crossing along the first axis."""
    south: int
    """Along the second."""
    width: int
    """How many there are along the first."""
    height: int
    """Along the second."""

    def crossings(self) -> tuple[Floats, Floats]:
        """Where they are, two arrays of shape (height, width). [m]"""
        x, y = np.broadcast_arrays(
            (self.west + np.arange(self.width))[None, :] * self.step,
            (self.south + np.arange(self.height))[:, None] * self.step,
        )
        return x, y


def net_round(x: Floats, y: Floats, step: float) -> Net:
    """The crossings, ``step`` apart, that points are interpolated from. No NaN among them."""
    west, south = (int(np.floor(part.min() / step)) for part in (x, y))
    east, north = (int(np.floor(part.max() / step)) for part in (x, y))
    return Net(step=step, west=west, south=south, width=east - west + 2, height=north - south + 2)


def between_crossings(net: Net, layers: Floats | Sequence[Floats], x: Floats, y: Floats) -> Floats:
    """Quantities at points from those at the crossings of a net, linearly.

    Parameters
    ----------
    net
        From ``net_round``.
    layers
        The quantities at its crossings, layers first.
    x, y
        The points, arrays that broadcast. No NaN.

    Returns
    -------
    The layers at the points.
    """
    left, low = np.floor(x / net.step), np.floor(y / net.step)
    share = (y / net.step - low, x / net.step - left)
    corner = (low.astype(np.int64) - net.south, left.astype(np.int64) - net.west)
    out = np.empty((len(layers), *np.broadcast_shapes(x.shape, y.shape)))
    for layer, knots in zip(out, layers, strict=True):
        between_knots(knots, corner, share, layer)
    return out


def netted(compute: Callable[[Floats, Floats], Floats], x: Floats, y: Floats, step: float) -> Floats:
    """Slow quantities at many points: computed at the crossings of a net and interpolated linearly.

    Parameters
    ----------
    compute
        The quantities, layers first, at crossings given by two arrays of one shape.
    x, y
        The points, arrays that broadcast. No NaN.
    step
        Between crossings, which lie at whole multiples of it.

    Returns
    -------
    The layers at the points.
    """
    net = net_round(x, y, step)
    return between_crossings(net, compute(*net.crossings()), x, y)


def slow_fields(pixels: Pixels, fields: Fields, step: float) -> Floats:
    """Quantities that vary little within ``step`` [m], at the middles of pixels: layers first."""

    def at_crossings(x: Floats, y: Floats) -> Floats:
        return fields(*pixels.frame.places(x, y))

    return netted(at_crossings, pixels.x, pixels.y, step)
