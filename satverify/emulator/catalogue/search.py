"""What a catalogue search asks for, read from a JSON body or from the query of an address."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from satverify.emulator.catalogue.cql2 import Comparison, parse_filter
from satverify.emulator.catalogue.fields import Fields, parse_fields
from satverify.emulator.clock import parsed_time
from satverify.emulator.messages import parsed_json
from satverify.physics.utm import project

DEFAULT_LIMIT = 10
GREATEST_LIMIT = 100
MOST_IDS = 1000
"""Items that are looked up for one search: a guard, as each may take its own search."""
WORLD = shapely.box(-180, -90, 180, 90)
EQUAL_AREA = 6933
"""EPSG code of the cylindrical equal-area projection of the whole Earth. [m]"""
SQUARE_KM = 1e6  # [m²]
LEAST_PRICE, GREATEST_PRICE = 0.01, 1.0
"""Of a search [processing units] (documentation of processing units, Catalog API)."""


class BadSearch(ValueError):
    """A search that the catalogue refuses; its text is what the service says."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """One page of one search."""

    collection: str
    start: datetime | None
    """First moment; none: open. UTC"""
    stop: datetime | None
    """Last moment, included; none: open. UTC"""
    region: BaseGeometry | None = None
    """Ground to look at, WGS 84, longitude first; none: the world. [degree]"""
    ids: tuple[str, ...] | None = None
    """Only these items."""
    limit: int = DEFAULT_LIMIT
    """Greatest number of items on a page."""
    offset: int = 0
    """Items to skip."""
    comparisons: tuple[Comparison, ...] = ()
    fields: Fields | None = None
    distinct: str | None = None
    """Property whose values are asked for in place of items."""


def search_of_body(body: Mapping[str, Any]) -> Search:
    """Read the body of a POST.

    Raises
    ------
    BadSearch
        A part is missing or is not what it should be.
    """
    start, stop = _interval(body.get("datetime"))
    language = body.get("filter-lang") or ("cql2-json" if isinstance(body.get("filter"), Mapping) else "cql2-text")
    return Search(
        collection=_collection(body.get("collections")),
        start=start,
        stop=stop,
        region=_region(body.get("bbox"), body.get("intersects")),
        ids=_ids(body.get("ids")),
        limit=_limit(body.get("limit")),
        offset=_offset(body.get("next")),
        comparisons=_filter(body.get("filter"), language),
        fields=_fields(body.get("fields")),
        distinct=_text(body.get("distinct"), "distinct"),
    )


def search_of_query(query: Mapping[str, str]) -> Search:
    """Read the parameters of a GET, where lists are joined by commas.

    Raises
    ------
    BadSearch
        A part is missing or is not what it should be.
    """
    body: dict[str, Any] = {name: value for name, value in query.items() if value != ""}
    for name in ("collections", "ids"):
        if name in body:
            body[name] = body[name].split(",")
    try:
        if "bbox" in body:
            body["bbox"] = [float(edge) for edge in body["bbox"].split(",")]
        for name in ("limit", "next"):
            if name in body:
                body[name] = int(body[name])
        if "intersects" in body:
            body["intersects"] = parsed_json(body["intersects"])
        if body.get("filter-lang") == "cql2-json" and "filter" in body:
            body["filter"] = parsed_json(body["filter"])
    except ValueError as exc:
        raise BadSearch(f"Invalid query parameter: {exc}") from exc
    return search_of_body(body)


def price(region: BaseGeometry | None, start: datetime, stop: datetime) -> float:
    """What a search costs.

    Parameters
    ----------
    region
        Ground asked for, WGS 84; none: the world. [degree]
    start, stop
        Time asked for. UTC

    Returns
    -------
    max(area / 10⁶ km², 0.01) times the months begun, no less than 0.01 and no more than 1. [processing units]
    """
    spent = max(_area(WORLD if region is None else region) / 1e6, LEAST_PRICE) * _months(start, stop)
    return min(max(spent, LEAST_PRICE), GREATEST_PRICE)


def _area(region: BaseGeometry) -> float:
    """Ground that a region covers. [km²]"""
    if region.area == 0:  # points and lines, which cannot be densified
        return 0.0
    corners = shapely.segmentize(region, 1.0)  # [degree]: edges along a parallel stay on it
    flat = shapely.transform(corners, lambda at: np.stack(project(EQUAL_AREA, at[:, 0], at[:, 1]), axis=-1))
    return float(flat.area) / SQUARE_KM


def _months(start: datetime, stop: datetime) -> int:
    """Months begun: the least number that leads from the start to the stop or beyond it, at least 1."""
    months = (stop.year - start.year) * 12 + stop.month - start.month
    left = (stop.day, stop.time()) > (start.day, start.time())
    return max(1, months + left)


def _collection(value: object) -> str:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise BadSearch("Parameter 'collections' is missing.")
    if len(value) != 1:
        raise BadSearch("Exactly one collection must be specified.")
    return str(value[0])


def _interval(value: object) -> tuple[datetime | None, datetime | None]:
    if not isinstance(value, str) or not value:
        raise BadSearch("Parameter 'datetime' is missing.")
    parts = value.split("/")
    try:
        moments = [None if part in {"", ".."} and len(parts) == 2 else parsed_time(part) for part in parts]
    except ValueError as exc:
        raise BadSearch(f"Invalid datetime: {value}") from exc
    start, stop = moments[0], moments[-1]
    is_backward = start is not None and stop is not None and start > stop
    if len(parts) > 2 or (start is None and stop is None) or is_backward:
        raise BadSearch(f"Invalid datetime: {value}")
    return start, stop


def _region(bbox: object, intersects: object) -> BaseGeometry | None:
    if bbox is not None and intersects is not None:
        raise BadSearch("Only one of 'bbox' and 'intersects' can be specified.")
    if bbox is not None:
        return _box(bbox)
    if intersects is None:
        return None
    if not isinstance(intersects, dict):
        raise BadSearch("Invalid geometry in 'intersects'.")
    try:
        region = shape(intersects)
    except (ShapelyError, ValueError, TypeError, AttributeError, KeyError, IndexError) as exc:
        raise BadSearch("Invalid geometry in 'intersects'.") from exc
    if region.is_empty or not all(map(math.isfinite, region.bounds)):
        raise BadSearch("Invalid geometry in 'intersects'.")
    return shapely.make_valid(region)


def _box(value: object) -> BaseGeometry:
    numbers = value if isinstance(value, list | tuple) else ()
    if len(numbers) not in {4, 6} or not all(_is_number(edge) for edge in numbers):
        raise BadSearch(f"Invalid bbox: {value}")
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise BadSearch(f"Invalid bbox: {value}")
    if west <= east:
        return shapely.make_valid(shapely.box(west, south, east, north))  # a box of no width is a line
    # across the antimeridian (RFC 7946, section 5.2)
    return shapely.MultiPolygon([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _ids(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise BadSearch("Parameter 'ids' must be an array of strings.")
    if len(value) > MOST_IDS:
        raise BadSearch(f"Parameter 'ids' must not have more than {MOST_IDS} items, found {len(value)}.")
    return tuple(dict.fromkeys(value))


def _limit(value: object) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadSearch(f"Invalid limit: {value}")
    return min(value, GREATEST_LIMIT)  # "the server must return the maximum possible number" (its OpenAPI document)


def _offset(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadSearch(f"Invalid next: {value}")
    return value


def _filter(expression: object, language: object) -> tuple[Comparison, ...]:
    try:
        return parse_filter(expression, str(language))
    except ValueError as exc:
        raise BadSearch(str(exc)) from exc


def _fields(value: object) -> Fields | None:
    try:
        return parse_fields(value)
    except ValueError as exc:
        raise BadSearch("Invalid fields.") from exc


def _text(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise BadSearch(f"Parameter '{name}' must be a string.")
