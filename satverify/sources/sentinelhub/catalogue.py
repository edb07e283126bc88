"""The service's catalogue: how it is asked, and what its items say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shapely import MultiPolygon, Polygon

from satverify.domain.granules import Box
from satverify.errors import InputError
from satverify.sources.sentinelhub.cost import search_units
from satverify.sources.sentinelhub.footprints import footprint_of
from satverify.sources.sentinelhub.product_ids import named
from satverify.sources.web.exchange import BadAnswer

SEARCH_PATH = "/api/v1/catalog/1.0.0/search"
PAGE = 100  # items, the most that the service gives at once
KM_PER_DEGREE = 111.32  # of latitude
MONTH = timedelta(days=30)
PLATFORM = re.compile(r"(?P<name>sentinel|landsat)[-_ ]?(?P<unit>\d[a-d]?p?)(?: precursor)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """One product as the catalogue lists it; where it leaves something out, as the product's name has it."""

    product_id: str
    platform: str
    """Such as ``sentinel-2a``, however the catalogue spells it."""
    time: datetime
    """Acquisition. UTC"""
    footprint: Polygon | MultiPolygon
    """Ground with data, WGS 84, longitude first; the searched box where the catalogue gives none. [degree]"""
    cloud_cover: float | None = None
    """[%]"""
    orbit_state: str = ""
    """``ascending``, ``descending`` or empty."""
    relative_orbit: int | None = None
    absolute_orbit: int | None = None
    product_type: str = ""
    """Such as ``NO2``, ``MSIL1C`` or ``SL_1_RBT``."""
    timeliness: str = ""
    """``NRTI``, ``OFFL`` or ``RPRO`` for Sentinel-5P; empty elsewhere."""
    processing_baseline: str = ""
    """Such as ``03.01`` for Sentinel-2 and ``02.04.00`` for Sentinel-5P."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a search."""

    products: tuple[ListedProduct, ...]
    next: int | str | None
    """What to ask for the next page; none after the last."""


def search_body(
    collection: str, box: Box, start: datetime, stop: datetime, *, filter: str = "", next: int | str | None = None
) -> dict[str, Any]:
    """The JSON document that asks for one page.

    Raises
    ------
    InputError
        The box or the time makes no sense, or a time has no zone.
    """
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(f"box {box}: expected west < east and south < north, in degrees")
    if start.tzinfo is None or stop.tzinfo is None or start >= stop:
        raise InputError(f"period from {start} to {stop}: expected two times with a zone, the first before the second")
    body: dict[str, Any] = {
        "collections": [collection],
        "bbox": list(box),
        "datetime": f"{_iso(start)}/{_iso(stop)}",
        "limit": PAGE,
    }
    if filter:
        body |= {"filter": filter, "filter-lang": "cql2-text"}
    return body if next is None else {**body, "next": next}


def search_estimate(box: Box, start: datetime, stop: datetime) -> float:
    """Processing units of one page, by the service's formula."""
    west, south, east, north = box
    height = (north - south) * KM_PER_DEGREE
    width = (east - west) * KM_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    return search_units(width * height, max(math.ceil((stop - start) / MONTH), 1))


def read_page(content: bytes, box: Box) -> Page:
    """The products of an answer.

    Raises
    ------
    BadAnswer
        The content is no page of a catalogue, or an item has no name or time: one left out would be a scene lost.
    """
    try:
        body: Any = json.loads(content)
        items, context = body["features"], body.get("context") or {}
        products = tuple(listed_product(item, box) for item in items)
        following = context.get("next")
        if following is None:
            following = _linked(body.get("links") or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise BadAnswer("expected a page of the catalogue, found JSON of another form") from exc
    if following is not None and not isinstance(following, int | str):
        raise BadAnswer("expected a number or a word for the next page, found something else")
    return Page(products=products, next=following)


def listed_product(item: Mapping[str, Any], box: Box) -> ListedProduct:
    """One STAC item.

    Raises
    ------
    BadAnswer
        It has no name or no time.
    """
    told, product_id = item.get("properties") or {}, item.get("id")
    if not (isinstance(product_id, str) and product_id):
        raise BadAnswer("an item of the catalogue has no id")
    name = named(product_id if named(product_id).platform else str(told.get("s2:product_uri") or product_id))
    time = _moment(told.get("datetime")) or _moment(told.get("start_datetime")) or name.time
    if time is None:
        raise BadAnswer(f"item {product_id} of the catalogue has no time")
    return ListedProduct(
        product_id=product_id,
        platform=_fuller(_platform(str(told.get("platform") or "")), name.platform),
        time=time,
        footprint=footprint_of(item.get("geometry"), box),
        cloud_cover=_share(told.get("eo:cloud_cover")),
        orbit_state=str(told.get("sat:orbit_state") or "").lower(),
        relative_orbit=_first_number(told.get("sat:relative_orbit"), name.relative_orbit),
        absolute_orbit=_first_number(told.get("sat:absolute_orbit"), name.absolute_orbit),
        product_type=_type(told) or name.product_type,
        timeliness=str(told.get("s5p:timeliness") or told.get("s5p:processing_mode") or name.timeliness).upper(),
        processing_baseline=str(
            told.get("s2:processing_baseline") or told.get("processing:version") or name.processing_baseline
        ),
    )


def oldest_first(products: Iterable[ListedProduct]) -> tuple[ListedProduct, ...]:
    """Each product once, by time and name: pages overlap where products are added while they are read."""
    once = {product.product_id: product for product in products}
    return tuple(sorted(once.values(), key=lambda product: (product.time, product.product_id)))


def _linked(links: Iterable[Mapping[str, Any]]) -> object:
    """What the link to the next page says to ask for, where there is such a link."""
    bodies = (link.get("body") or {} for link in links if link.get("rel") == "next")
    return next((body["next"] for body in bodies if "next" in body), None)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fuller(told: str, named: str) -> str:
    """What the catalogue says, unless the name says more: Copernicus Data Space leaves out Sentinel-3's letter."""
    return named if named.startswith(told) else told


def _platform(text: str) -> str:
    """One spelling for ``Sentinel-3A``, ``LANDSAT_8`` and ``Sentinel 5 Precursor``."""
    word = text.strip().lower()
    if word.replace(" ", "-").startswith("sentinel-5"):
        return "sentinel-5p"
    found = PLATFORM.match(word)
    return f"{found['name']}-{found['unit']}" if found else word


def _type(told: Mapping[str, Any]) -> str:
    text = str(told.get("s5p:type") or told.get("s5p:product_type") or told.get("s3:product_type") or "")
    return text.removeprefix("L2__").strip("_").upper()


def _first_number(*values: object) -> int | None:
    for value in values:
        try:
            return int(value)  # type: ignore[call-overload, no-any-return]
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def _share(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100
    return float(value) if is_number and isinstance(value, int | float) else None
