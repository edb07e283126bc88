"""GeoJSON (RFC 7946) read strictly, so that every message can name the feature, and written one feature a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from shapely.geometry.base import BaseGeometry

from satverify.registry.features import Feature, FeatureTable
from satverify.registry.files import decoded, file_bytes, unreadable
from satverify.registry.problems import Ledger, shown

Position: TypeAlias = tuple[float, float]

OTHER_TYPES: dict[str, BaseGeometry] = {
    "Point": Point(0, 0),
    "MultiPoint": MultiPoint([(0, 0)]),
    "LineString": LineString([(0, 0), (1, 1)]),
    "MultiLineString": MultiLineString([[(0, 0), (1, 1)]]),
    "GeometryCollection": GeometryCollection([Point(0, 0)]),
}
"""Stand-ins: of geometries that are no areas only the type matters."""


class _BrokenError(Exception):
    """A geometry that is not what RFC 7946 asks."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


def read_geojson(path: Path, ledger: Ledger) -> FeatureTable:
    """All features of a GeoJSON file; what is wrong inside features goes to the ledger.

    Raises
    ------
    InputError
        Where the file is not JSON, or not a FeatureCollection.
    """
    document = _document(path, ledger)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        kind = document.get("type") if isinstance(document, dict) else document
        raise unreadable(path, "type", "a GeoJSON FeatureCollection", shown(kind))
    features = document.get("features")
    if not isinstance(features, list):
        raise unreadable(path, "features", "a list of features", shown(features))
    read = [_feature(f"feature {number}", member, ledger) for number, member in enumerate(features, start=1)]
    return FeatureTable(features=tuple(feature for feature in read if feature), crs=_crs(path, document))


def geojson_bytes(features: Iterable[tuple[Mapping[str, object], BaseGeometry | None]]) -> bytes:
    """A FeatureCollection in UTF-8, one feature a line, in the order given, with all digits of every coordinate."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": dict(properties), "geometry": _geometry_member(geometry)},
            ensure_ascii=False,
            allow_nan=False,
        )
        for properties, geometry in features
    ]
    return ('{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def _document(path: Path, ledger: Ledger) -> object:
    def without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) < len(pairs):
            names = [name for name, _ in pairs]
            twins = sorted({name for name in names if names.count(name) > 1})
            ledger.error("JSON", "each name once in an object", f"{', '.join(map(shown, twins))} twice")
        return members

    text = decoded(path, file_bytes(path))
    try:
        return json.loads(text, object_pairs_hook=without_twins)
    except json.JSONDecodeError as exc:
        raise unreadable(path, f"line {exc.lineno}, column {exc.colno}", "JSON", exc.msg) from exc
    except (ValueError, RecursionError) as exc:  # a number of thousands of digits; brackets thousands deep
        raise unreadable(path, "file", "GeoJSON", str(exc)[:80] or "JSON nested too deep") from exc


def _crs(path: Path, document: Mapping[str, object]) -> str | None:
    """The system of the 2008 draft's ``crs`` member, which older programs still write; WGS 84 without it."""
    member = document.get("crs")
    if member is None:
        return "OGC:CRS84"
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise unreadable(path, "crs", "a named coordinate reference system, or none for WGS 84", shown(member))
    return name


def _feature(where: str, member: object, ledger: Ledger) -> Feature | None:
    if not isinstance(member, dict) or member.get("type") != "Feature":
        kind = member.get("type") if isinstance(member, dict) else member
        ledger.error(where, "a Feature", shown(kind))
        return None
    properties = member.get("properties")
    if not isinstance(properties, dict):
        ledger.error(where, "properties", shown(properties))
        return None
    try:
        geometry = _geometry(member.get("geometry"))
    except _BrokenError as exc:
        ledger.error(f"{where} (geometry)", exc.expected, exc.found)
        return Feature(where=where, properties=properties, geometry=None, is_broken=True)
    return Feature(where=where, properties=properties, geometry=geometry)


def _geometry(member: object) -> BaseGeometry | None:
    if member is None:
        return None
    if not isinstance(member, dict):
        raise _BrokenError("a geometry object or null", shown(member))
    kind, coordinates = member.get("type"), member.get("coordinates")
    if kind == "Polygon":
        return _polygon(coordinates)
    if kind == "MultiPolygon":
        return MultiPolygon([_polygon(part) for part in _list(coordinates, "a list of polygons")])
    if isinstance(kind, str) and kind in OTHER_TYPES:
        return OTHER_TYPES[kind]
    raise _BrokenError("Polygon or MultiPolygon", shown(kind))


def _polygon(rings: object) -> Polygon:
    exterior, *holes = [_ring(ring) for ring in _list(rings, "a list of rings")]
    return Polygon(exterior, holes)


def _ring(ring: object) -> list[Position]:
    positions = [_position(position) for position in _list(ring, "a list of positions")]
    if len(positions) < 4:
        raise _BrokenError("a ring of at least four positions", f"{len(positions)}")
    if positions[0] != positions[-1]:
        raise _BrokenError("a ring whose last position repeats its first", f"{positions[0]} and {positions[-1]}")
    return positions


def _position(position: object) -> Position:
    members = _list(position, "a position [longitude, latitude]")
    numbers = [member for member in members if isinstance(member, (int, float)) and not isinstance(member, bool)]
    if len(members) < 2 or len(numbers) < len(members):
        raise _BrokenError("a position [longitude, latitude] in degrees", shown(position))
    try:
        longitude, latitude = float(numbers[0]), float(numbers[1])
    except OverflowError:
        longitude, latitude = math.inf, math.inf
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise _BrokenError("finite coordinates", shown(position))
    return longitude, latitude


def _list(value: object, expected: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise _BrokenError(expected, "an empty list" if value == [] else shown(value))
    return value


def _geometry_member(geometry: BaseGeometry | None) -> dict[str, object] | None:
    if geometry is None:
        return None
    if isinstance(geometry, MultiPolygon):
        return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in geometry.geoms]}
    assert isinstance(geometry, Polygon)
    return {"type": "Polygon", "coordinates": _rings(geometry)}


def _rings(polygon: Polygon) -> list[list[list[float]]]:
    return [[[x, y] for x, y, *_ in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
