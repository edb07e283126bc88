"""The catalogue: landing page, collections, items and search, by STAC 1.0 as the service speaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from satverify.domain.granules import Granule
from satverify.emulator.catalogue.collections import collection_of
from satverify.emulator.catalogue.cql2 import FilterError, checked
from satverify.emulator.catalogue.fields import select
from satverify.emulator.catalogue.items import item_of, value_of
from satverify.emulator.catalogue.pages import (
    CATALOG_PATH,
    collection_document,
    conformance,
    landing,
    queryables_document,
)
from satverify.emulator.catalogue.search import BadSearch, Search, price, search_of_body, search_of_query
from satverify.emulator.catalogue.shelf import Shelf
from satverify.emulator.effort import TooMuch
from satverify.emulator.messages import (
    GEOJSON,
    Answer,
    Request,
    catalog_error,
    empty_body,
    json_answer,
    parsed_json,
    unsupported_media_type,
)

OPEN_PAGES = ("", "conformance", "collections")
"""What is told without a token."""


class Catalog:
    """Answers requests to the catalogue. Safe to use from several threads."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def is_open(self, path: str) -> bool:
        """Whether a path below the catalogue needs no token."""
        return path.strip("/") in OPEN_PAGES

    def answer(self, request: Request, path: str) -> Answer:
        """Answer a request to a path below the catalogue."""
        steps = [step for step in path.split("/") if step]
        methods = ("GET", "POST") if steps == ["search"] else ("GET",)
        if request.method not in methods:
            return catalog_error(405, "HTTP 405 Method Not Allowed")
        url = f"{request.base_url}{CATALOG_PATH}"
        try:
            return self._routed(request, steps, url)
        except (BadSearch, FilterError, TooMuch) as exc:
            return catalog_error(400, str(exc))
        except RecursionError:
            return catalog_error(400, "Unable to parse request: it is nested too deeply.")

    def _routed(self, request: Request, steps: list[str], url: str) -> Answer:
        match steps:
            case []:
                return json_answer(landing(url, [collection_of(name) for name in self._shelf.collections()]))
            case ["conformance"]:
                return json_answer(conformance())
            case ["queryables"]:
                return json_answer(queryables_document(url, None), content_type="application/schema+json")
            case ["collections"]:
                return self._collections(url)
            case ["search"]:
                return self._search(request, url)
            case ["collections", name, *rest]:
                return self._collection(request, url, name, rest)
        return catalog_error(404, "Not found.")

    def _collections(self, url: str) -> Answer:
        documents = [collection_document(url, collection_of(name)) for name in self._shelf.collections()]
        links = [
            {"href": f"{url}/", "rel": "root", "type": "application/json"},
            {"href": f"{url}/collections", "rel": "self", "type": "application/json"},
        ]
        return json_answer({"links": links, "collections": documents})

    def _collection(self, request: Request, url: str, name: str, rest: list[str]) -> Answer:
        if name not in self._shelf.collections():
            return catalog_error(404, "Collection not found.")
        match rest:
            case []:
                return json_answer(collection_document(url, collection_of(name)))
            case ["queryables"]:
                document = queryables_document(url, collection_of(name))
                return json_answer(document, content_type="application/schema+json")
            case ["items"]:
                search = search_of_query({**request.query, "collections": name})
                return self._page(request, f"{url}/collections/{name}/items", search, url)
            case ["items", granule_id]:
                granule = self._shelf.get(name, granule_id)
                if granule is None:
                    return catalog_error(404, "Feature not found.")
                return json_answer(item_of(granule, url), content_type=GEOJSON)
        return catalog_error(404, "Not found.")

    def _search(self, request: Request, url: str) -> Answer:
        if request.method == "GET":
            return self._page(request, f"{url}/search", search_of_query(request.query), url)
        if not request.body:
            return empty_body()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return unsupported_media_type()
        try:
            body = parsed_json(request.body)
        except ValueError as exc:
            raise BadSearch(f"Unable to parse request body: {exc}") from exc
        if not isinstance(body, dict):
            raise BadSearch("Unable to parse request body: expected an object.")
        return self._page(request, f"{url}/search", search_of_body(body), url)

    def _page(self, request: Request, address: str, search: Search, url: str) -> Answer:
        if search.collection not in self._shelf.collections():
            return catalog_error(404, "Collection not found.")
        start, stop = self._shelf.span(search.collection, search.start, search.stop)
        found = self._matching(request, search, start, stop)
        features: Sequence[object]
        end = search.offset + search.limit
        if search.distinct is None:
            page = list(islice(found, search.offset, end + 1))  # one more tells whether there is a next page
            features, taken = [select(item_of(each, url), search.fields) for each in page[: search.limit]], len(page)
        else:
            values = list(islice(_distinct(found, search), search.offset, end + 1))
            features, taken = values[: search.limit], len(values)
        following = end if taken > search.limit else None
        document = _feature_collection(request, address, search, features, following)
        answer = json_answer(document, content_type=GEOJSON)
        return _priced(answer, price(search.region, start, max(start, stop)))

    def _matching(self, request: Request, search: Search, start: datetime, stop: datetime) -> Iterator[Granule]:
        """Newest first, looked for as they are taken."""
        comparisons = checked(search.comparisons, collection_of(search.collection).queryables)
        if search.ids is None:
            granules = self._shelf.newest_first(search.collection, search.region, start, stop, request.is_awaited)
        else:
            granules = iter(self._by_ids(search, start, stop))
        return (granule for granule in granules if all(c.holds(value_of(granule, c.property)) for c in comparisons))

    def _by_ids(self, search: Search, start: datetime, stop: datetime) -> list[Granule]:
        region = search.region
        named = (self._shelf.get(search.collection, granule_id) for granule_id in search.ids or ())
        found = [
            granule
            for granule in named
            if granule is not None
            and start <= granule.time <= stop
            and (region is None or region.intersects(granule.footprint))
        ]
        return sorted(found, key=lambda granule: (-granule.time.timestamp(), granule.granule_id))


def _distinct(granules: Iterable[Granule], search: Search) -> Iterator[str]:
    """Values in the order in which they are met, which for days is newest first."""
    if search.distinct not in collection_of(search.collection).distinct:
        raise BadSearch(f"Distinct is not supported on property '{search.distinct}'")
    met: set[str] = set()
    for granule in granules:
        value = value_of(granule, search.distinct)
        if value is not None and str(value) not in met:
            met.add(str(value))
            yield str(value)


def _feature_collection(
    request: Request, address: str, search: Search, features: Sequence[object], following: int | None
) -> dict[str, Any]:
    """The document of one page; absence of ``next`` is the end."""
    context: dict[str, int] = {"limit": search.limit, "returned": len(features)}
    link = _link_of(request, address)
    links = [link("self", None)]
    if following is not None:
        context = {"next": following, **context}
        links.append(link("next", following))
    return {"type": "FeatureCollection", "features": list(features), "links": links, "context": context}


def _link_of(request: Request, address: str) -> Callable[[str, int | None], dict[str, Any]]:
    def link(rel: str, following: int | None) -> dict[str, Any]:
        titled = {} if following is None else {"title": "Next set of results"}
        if request.method == "POST":
            turned: Mapping[str, Any] = (
                {} if following is None else {"method": "POST", "body": {"next": following}, "merge": True}
            )
            return {"href": address, "rel": rel, "type": GEOJSON, **titled, **turned}
        query = dict(request.query) if following is None else {**request.query, "next": str(following)}
        href = f"{address}?{urlencode(query)}" if query else address
        return {"href": href, "rel": rel, "type": GEOJSON, **titled}

    return link


def _priced(answer: Answer, units: float) -> Answer:
    return Answer(
        status=answer.status,
        content_type=answer.content_type,
        content=answer.content,
        headers=answer.headers,
        processing_units=units,
    )
