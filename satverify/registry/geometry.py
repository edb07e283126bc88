"""Checks of polygons: is this the ground of a works, where it claims to be?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Area
from satverify.registry.datum import FloatArray
from satverify.registry.problems import Ledger

METRES_PER_DEGREE = 111_195.0  # [m] mean sphere of 6371 km
FARTHEST_NORTH = 72.0  # [degree] Norilsk, the northernmost large smelter, lies at 69.3 N
GROUP_KM = 1000.0  # [km] radius of a group: the size of a country
BESIDE_KM = 100.0  # [km] how far beyond the group's own reach a position still counts as in it
FAR_KM = 1500.0  # [km] from the middle of the group: a site this far off is looked at twice


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLimits:
    """What an area can be. Outside the outer pair it is an error, outside the inner pair suspicious. [km²]"""

    smallest: float
    small: float
    large: float
    largest: float


OUTLINE_LIMITS = AreaLimits(smallest=0.005, small=0.05, large=30.0, largest=60.0)
"""Of 194 outlines of blast-furnace works in OpenStreetMap (2025) the smallest has 0.18 km² and the largest 24 km²; an
electric mill fits on 0.05 km². Beyond 60 km² an outline takes in a town, and its fires and other works with it."""

FOOTPRINT_LIMITS = AreaLimits(smallest=0.0001, small=0.0002, large=10.0, largest=60.0)
"""From 10 m x 10 m, less than any furnace with its hall, to all furnaces of the largest works together."""


def checked_area(
    geometry: BaseGeometry, ledger: Ledger, *, where: str, limits: AreaLimits, if_no_area: str
) -> Area | None:
    """The geometry as a valid polygon or multipolygon, its outer rings counter-clockwise.

    Parts of a multipolygon that overlap or touch along an edge are joined, with a warning: maps hold many such works.

    Parameters
    ----------
    geometry
        In WGS 84, longitude before latitude. [degree]
    ledger
        Takes what is wrong.
    where
        Place that messages name.
    limits
        What the area can be.
    if_no_area
        What to say is expected where the geometry is a point, a line or a collection.

    Returns
    -------
    The area; none where there is an error.
    """
    if not isinstance(geometry, (Polygon, MultiPolygon)):
        ledger.error(where, if_no_area, geometry.geom_type)
        return None
    if geometry.is_empty:
        ledger.error(where, "a polygon", "an empty one")
        return None
    flat = shapely.force_2d(geometry)
    if not _is_on_earth(flat, ledger, where):
        return None
    area = _valid(flat, ledger, where)
    if area is None:
        return None
    size = area_km2(area)
    if not limits.smallest <= size <= limits.largest:
        ledger.error(where, f"an area from {limits.smallest:g} to {limits.largest:g} km²", f"{size:.3g} km²")
        return None
    if not limits.small <= size <= limits.large:
        ledger.warn(where, f"an area from {limits.small:g} to {limits.large:g} km²", f"{size:.3g} km²")
    return area


def area_km2(area: BaseGeometry) -> float:
    """Area on the ground, to about 1 % for areas of some tens of kilometres. [km²]"""
    latitude = (area.bounds[1] + area.bounds[3]) / 2
    return float(area.area) * METRES_PER_DEGREE**2 * float(np.cos(np.radians(latitude))) / 1e6


def distances_km(longitude: float, latitude: float, others: FloatArray) -> FloatArray:
    """Distances along great circles from one position to an ``(n, 2)`` array of longitudes and latitudes. [km]"""
    east, north = np.radians(others[:, 0] - longitude), np.radians(others[:, 1])
    here = np.radians(latitude)
    half_chord_squared = np.sin((north - here) / 2) ** 2 + np.cos(north) * np.cos(here) * np.sin(east / 2) ** 2
    angle: FloatArray = 2 * np.arcsin(np.sqrt(np.clip(half_chord_squared, 0, 1)))
    distance: FloatArray = np.degrees(angle) * METRES_PER_DEGREE / 1000
    return distance


def swapped_among(positions: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of positions that lie far from a group of the others, but in it with longitude and latitude swapped.

    The group is what lies within 1000 km of the median position; it must hold more than half of the list, and two at
    least. Where the sites of a list lie all over the world, or a whole list is swapped, nothing is found here.

    Parameters
    ----------
    positions
        Longitudes and latitudes. [degree]

    Returns
    -------
    Indices, rising.
    """
    given = np.asarray(positions, dtype=np.float64).reshape(-1, 2)
    if len(given) < 3:
        return []
    longitude, latitude = np.median(given, axis=0)
    distance = distances_km(longitude, latitude, given)
    is_grouped = distance <= GROUP_KM
    if np.count_nonzero(is_grouped) < max(2, len(given) // 2 + 1):
        return []
    reach = distance[is_grouped].max() + BESIDE_KM
    is_swapped = (distance > FAR_KM) & (distances_km(longitude, latitude, given[:, ::-1]) <= reach)
    return [int(index) for index in np.flatnonzero(is_swapped)]


def _is_on_earth(area: BaseGeometry, ledger: Ledger, where: str) -> bool:
    """Whether coordinates are longitudes and latitudes of a place where works can stand."""
    coordinates = shapely.get_coordinates(area)
    if not np.isfinite(coordinates).all():
        ledger.error(where, "finite coordinates", "infinity or NaN")
        return False
    (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
    if west >= -180 and east <= 180 and south >= -FARTHEST_NORTH and north <= FARTHEST_NORTH:
        return True
    found = f"longitudes {west:.7g} to {east:.7g}, latitudes {south:.7g} to {north:.7g}"
    if south >= -180 and north <= 180 and west >= -FARTHEST_NORTH and east <= FARTHEST_NORTH:
        ledger.error(where, "longitude before latitude", f"{found}: the two look swapped")
    else:
        ledger.error(where, "degrees, longitude first, or a named coordinate system", found)
    return False


def _valid(area: Area, ledger: Ledger, where: str) -> Area | None:
    if not area.is_valid:
        reason = shapely.is_valid_reason(area)
        parts = list(area.geoms) if isinstance(area, MultiPolygon) else [area]
        if len(parts) == 1 or not all(part.is_valid for part in parts):
            ledger.error(where, "a polygon whose edges do not cross", reason)
            return None
        ledger.warn(where, "parts that do not overlap or share an edge", f"{reason}; they are taken as one area")
        joined = shapely.union_all(parts)
        assert isinstance(joined, (Polygon, MultiPolygon))
        area = joined
    oriented = shapely.orient_polygons(area)
    assert isinstance(oriented, (Polygon, MultiPolygon))
    return oriented
