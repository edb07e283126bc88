"""Footprints: tiles cut to the swath, pieces of a swath between two moments, and which of them meet a box."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from satverify.domain.granules import Box
from satverify.physics.orbit import DAY, EARTH_RADIUS
from satverify.physics.satellites import FIRST_DAY, Overpasses, Satellite, ground_places, passes

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Area: TypeAlias = shapely.Polygon | shapely.MultiPolygon

KM_PER_DEGREE = np.pi * EARTH_RADIUS / 180
ACROSS = 9  # corners across a piece of a swath
STRETCH = 60.0  # [s] between corners along it, at most
NORTHERNMOST = 84.0  # [degree] pieces that reach beyond it, where longitude means little, are left out
SMALLEST_SHARE = 1e-4  # of a tile that is still a granule
MOST_PLACES = 1000  # that are asked one by one which revolutions see them


def cut_tile(outline: shapely.Polygon, off_track: Floats, reach_left: float, reach_right: float) -> shapely.Polygon:
    """The part of a tile within the swath; empty where none is.

    Parameters
    ----------
    outline
        The tile, four corners. [degree]
    off_track
        How far each of them lies beside the track, positive to the left. [km]
    reach_left, reach_right
        How far the swath reaches. [km]
    """
    if (off_track <= reach_left).all() and (off_track >= -reach_right).all():
        return outline
    ring = [(x, y, off) for (x, y), off in zip(outline.exterior.coords[:-1], off_track.tolist(), strict=True)]
    ring = _cut(ring, 1.0, reach_left)
    ring = _cut(ring, -1.0, reach_right)
    if len(ring) < 3:
        return shapely.Polygon()
    part = shapely.Polygon([(x, y) for x, y, _ in ring])
    return part if part.area > SMALLEST_SHARE * outline.area else shapely.Polygon()


def swath_pieces(satellite: Satellite, node_time: Floats, begin: Floats, end: Floats) -> list[Area | None]:
    """Ground between two moments of a revolution, one area a row; none near a pole.

    Parameters
    ----------
    satellite
        Whose swath.
    node_time
        Of the revolution. [s since 1970-01-01 UTC]
    begin, end
        Time after the node. [s]
    """
    if node_time.size == 0:
        return []
    along = max(int(np.ceil(float((end - begin).max()) / STRETCH)) + 1, 7)
    share = np.concatenate([np.linspace(0, 1, along), np.ones(ACROSS), np.linspace(1, 0, along), np.zeros(ACROSS)])
    left, right = satellite.reach_left, -satellite.reach_right
    ends = np.linspace(left, right, ACROSS)
    off = np.concatenate([np.full(along, left), ends, np.full(along, right), ends[::-1]])
    after = begin[:, None] + (end - begin)[:, None] * share
    longitude, latitude = ground_places(satellite, node_time[:, None], after, np.broadcast_to(off, after.shape))
    first = longitude[:, :1]
    longitude = first + (longitude - first + 180) % 360 - 180
    rings = np.atleast_1d(np.asarray(shapely.polygons(np.stack([longitude, latitude], axis=-1)), dtype=object))
    is_polar = np.abs(latitude).max(axis=1) > NORTHERNMOST
    return [None if polar else within_map(ring) for ring, polar in zip(rings, is_polar.tolist(), strict=True)]


def within_map(ring: shapely.Polygon) -> Area:
    """The same ground between -180 and 180 degrees, in two parts where it lies across that meridian."""
    west, _, east, _ = ring.bounds
    if ring.is_empty:
        return ring
    if west >= -180 and east <= 180:
        return ring
    whole = shapely.make_valid(ring)
    parts: list[shapely.Polygon] = []
    for turn in (-360, 0, 360):
        part = translate(whole, turn).intersection(shapely.box(-180, -90, 180, 90))
        parts.extend(each for each in shapely.get_parts(part) if isinstance(each, shapely.Polygon))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def passes_over(
    satellite: Satellite, box: Box, span: tuple[float, float], *, is_ascending: bool, spacing: float
) -> Overpasses:
    """Passes over places ``spacing`` [degree] apart in a box, the swath widened so that none is missed between them."""
    west, south, east, north = box
    across = np.linspace(west, east, max(int(np.ceil((east - west) / spacing)) + 1, 2))
    along = np.linspace(south, north, max(int(np.ceil((north - south) / spacing)) + 1, 2))
    longitude, latitude = (part.ravel() for part in np.meshgrid(across, along))
    return passes(satellite.name, longitude, latitude, *span, is_ascending=is_ascending, widen=spacing * KM_PER_DEGREE)


def pieces_of(over: Overpasses, satellite: Satellite, length: float, beside: int = 1) -> tuple[Integers, Integers]:
    """Revolutions and numbers of the pieces, ``length`` [s] long and counted from the node, that passes may fall in.

    Parameters
    ----------
    over
        The passes.
    satellite
        Whose.
    length
        Of a piece. [s]
    beside
        How many pieces before and after are candidates too.

    Returns
    -------
    Revolutions after the satellite's ``node_time``, and numbers of pieces, sorted, each pair once.
    """
    turn = np.rint((over.node_time - satellite.node_time) / satellite.orbit.period).astype(np.int64)
    number = np.floor((over.time - over.node_time) / length).astype(np.int64)
    around = number[:, None] + np.arange(-beside, beside + 1)
    pairs = np.stack([np.broadcast_to(turn[:, None], around.shape).ravel(), around.ravel()], axis=1)
    unique = np.unique(pairs, axis=0)
    return unique[:, 0], unique[:, 1]


def is_wide(box: Box, spacing: float) -> bool:
    """Whether so many places ``spacing`` [degree] apart lie in a box that asking each for its passes is no saving."""
    west, south, east, north = box
    return ((east - west) / spacing + 1) * ((north - south) / spacing + 1) > MOST_PLACES


def every_piece(
    satellite: Satellite, span: tuple[float, float], length: float, numbers: range
) -> tuple[Integers, Integers]:
    """What ``pieces_of`` gives for the whole Earth: some pieces of all revolutions in service that meet a span.

    Parameters
    ----------
    satellite
        Whose.
    span
        Times that the pieces must begin in or near. [s since 1970-01-01 UTC]
    length
        Of a piece. [s]
    numbers
        Of the pieces, counted from the node.
    """
    start = max(span[0], (satellite.since - FIRST_DAY).days * DAY)
    stop = span[1] if satellite.until is None else min(span[1], (satellite.until - FIRST_DAY).days * DAY)
    period = satellite.orbit.period
    first = int(np.floor((start - satellite.node_time - numbers[-1] * length) / period))
    last = int(np.ceil((stop - satellite.node_time - numbers[0] * length) / period))
    turn, number = np.meshgrid(np.arange(first, max(first, last + 1)), np.asarray(numbers), indexing="ij")
    begin = satellite.node_time + turn * period + number * length
    near = (begin >= start - length) & (begin < stop + length)
    return turn[near].astype(np.int64), number[near].astype(np.int64)


def _cut(ring: list[tuple[float, float, float]], sign: float, limit: float) -> list[tuple[float, float, float]]:
    """Corners of a convex ring where ``sign`` times the third number is at most ``limit`` (Sutherland and Hodgman)."""
    out = []
    for one, two in zip(ring, ring[1:] + ring[:1], strict=True):
        over_one, over_two = sign * one[2] - limit, sign * two[2] - limit
        if over_one <= 0:
            out.append(one)
        if (over_one <= 0) != (over_two <= 0):
            part = over_one / (over_one - over_two)
            x, y, off = (first + part * (second - first) for first, second in zip(one, two, strict=True))
            out.append((x, y, off))
    return out
