"""Outlines for works known by a point: a polygon where one matches, otherwise an assumed circle sized by capacity."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Area, FootprintStatus
from satverify.registry.features import Feature, in_wgs84
from satverify.registry.files import unreadable
from satverify.registry.geometry import METRES_PER_DEGREE, OUTLINE_LIMITS, checked_area, distances_km
from satverify.registry.problems import Ledger, shown
from satverify.registry.sites import READERS

RADIUS_M = 900.0
"""Radius of the circle of a works of 1 Mt of iron a year. [m] In OpenStreetMap (2025), 36 works of 1 to 15 Mt/a have an
outline that holds the tracker's point. Its area is 2.5 km² times the square root of the capacity in Mt/a, half of them
0.6 to 1.4 times that, so the radius goes with the fourth root. The circle covers 63 % of the median outline."""
CAPACITY_LIMITS = (0.3, 16.0)
"""Capacities beyond these are sized as these. [Mt/a]"""
USUAL_CAPACITY = 1.0
"""Taken where no capacity is known. [Mt/a]"""
INEXACT_M = 1000.0
"""Added where the tracker calls the point approximate. [m]"""
CORNERS = 48
SAME_PLACE_M = 200.0
"""Works closer than this cannot be kept apart by their points. [m]"""
NEAR_KM = 1.0
"""Farthest that a polygon of the same name may lie from the point. [km]"""
ALIKE = 0.8
"""Least likeness of two names that are taken for one."""
USUAL_WORDS = re.compile(
    r"\b(iron|steel|and|co|ltd|inc|ag|gmbh|group|company|corporation|plant|works|metallurgical|special|branch)\b"
    r"|有限|责任|公司|集团|股份|钢铁|特钢|钢厂|炼钢|制造|[\W_]"
)
"""What the names of works have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A works that needs an outline."""

    site_id: str
    names: tuple[str, ...]
    longitude: float
    latitude: float
    is_exact: bool
    capacity_mt_per_year: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlined:
    """An outline with what it rests on."""

    outline: Area
    status: FootprintStatus
    remark: str
    """How the outline came about."""


def read_polygons(path: Path) -> tuple[Feature, ...]:
    """The polygons of a file that ``read_sites`` could open, whatever its columns.

    Raises
    ------
    InputError
        Where the file cannot be read, or any of its geometries is broken.
    """
    ledger = Ledger(file=str(path))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise unreadable(path, "file ending", f"one of {', '.join(READERS)}", shown(path.suffix))
    table = in_wgs84(path, reader(path, ledger))
    ledger.raise_errors("outlines")
    return table.features


def outlines_of(places: Sequence[Place], polygons: Sequence[Feature] = (), credit: str = "") -> dict[str, Outlined]:
    """An outline for every place.

    Parameters
    ----------
    places
        Works with their points.
    polygons
        Ground that may be theirs. One belongs to a works that its ``gem_plant_id`` names, or whose point it holds, or
        whose name it bears within a kilometre of the point; one that holds the points of several works belongs to none.
    credit
        Whom the polygons are owed to, for the remark.

    Returns
    -------
    Outlines by site id. Assumed circles are cut half-way to works nearby and leave out the polygons of others, so that
    heat is not counted for two.
    """
    areas = [feature for feature in polygons if isinstance(feature.geometry, (Polygon, MultiPolygon))]
    known: dict[str, Outlined] = {}
    for place in places:
        if (outline := _matching(place, places, areas, credit)) is not None:
            known[place.site_id] = outline
    taken = shapely.union_all([outline.outline for outline in known.values()])
    return {place.site_id: known.get(place.site_id) or _circle(place, places, taken) for place in places}


def _matching(place: Place, places: Sequence[Place], polygons: Sequence[Feature], credit: str) -> Outlined | None:
    """The polygons that belong to a works, as one outline; none where none does."""
    for says, how in ((_names_it, "has its id"), (_holds_it, "holds its point"), (_bears_its_name, "bears its name")):
        own = [item.geometry for item in polygons if says(item, place) and _holds_no_other(item, place, places)]
        if own:
            joined, ledger = shapely.union_all(own), Ledger(file="outlines")
            area = checked_area(joined, ledger, where=place.site_id, limits=OUTLINE_LIMITS, if_no_area="a polygon")
            if area is not None:
                remark = ", ".join(["outline from a polygon that " + how, *([credit] if credit else [])])
                return Outlined(outline=area, status=FootprintStatus.SURVEYED, remark=remark)
    return None


def _names_it(feature: Feature, place: Place) -> bool:
    return feature.properties.get("gem_plant_id") == place.site_id


def _holds_it(feature: Feature, place: Place) -> bool:
    return feature.geometry is not None and bool(feature.geometry.covers(Point(place.longitude, place.latitude)))


def _bears_its_name(feature: Feature, place: Place) -> bool:
    if feature.geometry is None or feature.geometry.is_empty:
        return False
    here = Point(place.longitude, place.latitude)
    nearest = shapely.shortest_line(feature.geometry, here).coords[0]
    if distances_km(place.longitude, place.latitude, np.array([nearest])).item() > NEAR_KM:
        return False
    texts = [value for name, value in feature.properties.items() if "name" in name.lower() and isinstance(value, str)]
    return any(_alike(text, name) for text in texts for name in place.names)


def _alike(one: str, other: str) -> bool:
    """Whether two names are one, but for the words that every works bears."""
    first, second = (USUAL_WORDS.sub("", name.casefold()) for name in (one, other))
    return bool(first and second) and SequenceMatcher(None, first, second).ratio() >= ALIKE


def _holds_no_other(feature: Feature, place: Place, places: Sequence[Place]) -> bool:
    return not any(_holds_it(feature, other) for other in places if other.site_id != place.site_id)


def _circle(place: Place, places: Sequence[Place], taken: BaseGeometry) -> Outlined:
    """A circle round the point, cut half-way to other works near it, without ground that is known to be theirs."""
    capacity = place.capacity_mt_per_year or USUAL_CAPACITY
    low, high = CAPACITY_LIMITS
    radius = RADIUS_M * float(min(max(capacity, low), high)) ** 0.25 + (0.0 if place.is_exact else INEXACT_M)
    ground: BaseGeometry = Point(0, 0).buffer(radius, quad_segs=CORNERS // 4)
    remarks = [f"assumed circle of {radius:.0f} m round a published point"]
    remarks += [] if place.capacity_mt_per_year else ["capacity unknown"]
    remarks += [] if place.is_exact else ["the point is approximate: look for the works before relying on it"]
    east_scale = METRES_PER_DEGREE * math.cos(math.radians(place.latitude))
    for other in sorted(places, key=lambda place: place.site_id):
        east, north = (
            (other.longitude - place.longitude) * east_scale,
            (other.latitude - place.latitude) * METRES_PER_DEGREE,
        )
        distance = math.hypot(east, north)
        if other.site_id == place.site_id or distance >= 2 * radius:
            continue
        if distance < SAME_PLACE_M:
            remarks.append(f"shares its point with {other.site_id}")
            continue
        ground = ground.intersection(_near_side(east, north, distance, radius))
        remarks.append(f"cut half-way to {other.site_id}")
    to_degrees = np.array([1 / east_scale, 1 / METRES_PER_DEGREE])
    shape = shapely.transform(ground, lambda xy: xy * to_degrees + [place.longitude, place.latitude])
    return Outlined(outline=_own_ground(shape, place, taken), status=FootprintStatus.ASSUMED, remark=", ".join(remarks))


def _own_ground(shape: BaseGeometry, place: Place, taken: BaseGeometry) -> Polygon:
    """The part of a circle round its point that is no other works' ground, on a grid of 1e-5 degrees, about a metre."""
    here = Point(place.longitude, place.latitude)
    left = shape.difference(taken) if shape.intersects(taken) and not taken.covers(here) else shape
    rounded = shapely.set_precision(left, 1e-5)
    parts = [part for part in shapely.get_parts(rounded) if isinstance(part, Polygon)]
    own = shapely.orient_polygons(min(parts, key=lambda part: (part.distance(here), part.wkt)))
    assert isinstance(own, Polygon)
    return shapely.transform(own, lambda xy: np.round(xy, 5))


def _near_side(east: float, north: float, distance: float, radius: float) -> Polygon:
    """All ground within reach that lies nearer to the origin than to another point."""
    towards = np.array([east, north]) / distance
    across = np.array([-towards[1], towards[0]]) * 2 * radius
    middle = towards * distance / 2
    back = towards * 4 * radius
    return Polygon([middle + across, middle - across, middle - across - back, middle + across - back])


def credit_of(polygons: Sequence[Feature]) -> str:
    """Whom the polygons are owed to, where their columns show that they come from OpenStreetMap."""

    def is_from_osm(properties: Mapping[str, object]) -> bool:
        return any(name.lower().startswith(("osm", "@id")) for name in properties)

    is_osm = any(is_from_osm(feature.properties) for feature in polygons)
    return "© OpenStreetMap contributors, ODbL 1.0" if is_osm else ""
