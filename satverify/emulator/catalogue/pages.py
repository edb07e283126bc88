"""Documents of the catalogue that tell what it has, not what it found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satverify.emulator.catalogue.collections import COLLECTIONS, Collection

CATALOG_PATH = "/api/v1/catalog/1.0.0"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#fields",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#context",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#filter",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/item-search#fields",
    "https://api.stacspec.org/v1.0.0/item-search#context",
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
)
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
JSON_TYPES = {float: "number", int: "integer", str: "string"}


def landing(url: str, collections: Sequence[Collection]) -> dict[str, Any]:
    """The entry page."""
    return {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": "sentinel-hub",
        "title": "Sentinel Hub STAC catalog",
        "description": "STAC v1.0.0 implementation by the satverify emulator of Sentinel Hub",
        "conformsTo": list(CONFORMANCE),
        "links": [
            _link(f"{url}/", "root"),
            _link(f"{url}/", "self"),
            _link(f"{url}/collections", "data"),
            _link(f"{url}/conformance", "conformance", title="STAC conformance classes implemented by this server"),
            _link(f"{url}/search", "search", "application/geo+json", title="STAC search", method="GET"),
            _link(f"{url}/search", "search", "application/geo+json", title="STAC search", method="POST"),
            _link(f"{url}/queryables", QUERYABLES, "application/schema+json"),
            *(_link(f"{url}/collections/{c.name}", "child", title=c.title) for c in collections),
            _link(url.partition("/api/")[0] + "/", "service-doc", "text/html", title="Documentation of the emulator"),
        ],
    }


def conformance() -> dict[str, Any]:
    """The classes of the standards that the catalogue conforms to."""
    return {"conformsTo": list(CONFORMANCE)}


def collection_document(url: str, collection: Collection) -> dict[str, Any]:
    """The STAC collection."""
    own = f"{url}/collections/{collection.name}"
    return {
        "stac_version": "1.0.0",
        "stac_extensions": list(collection.extensions),
        "type": "Collection",
        "id": collection.name,
        "title": collection.title,
        "description": collection.description,
        "sci:citation": "Simulated data of the satverify emulator, or a copy of an archive; see its documentation",
        "license": "proprietary",
        "providers": [
            {"name": "satverify emulator", "roles": ["host"], "url": url.partition("/api/")[0] + "/"},
        ],
        "extent": {
            "spatial": {"bbox": [[-180.0, float(collection.south), 180.0, float(collection.north)]]},
            "temporal": {"interval": [[collection.since, None]]},
        },
        "summaries": collection.summary(),
        "links": [
            _link(f"{url}/", "root"),
            _link(own, "self"),
            _link(f"{url}/collections", "parent"),
            _link(f"{own}/queryables", QUERYABLES, "application/schema+json"),
            _link(f"{own}/items", "items", "application/geo+json"),
        ],
    }


def queryables_document(url: str, collection: Collection | None) -> dict[str, Any]:
    """JSON Schema of what a filter can ask for; of all collections, what each of them knows."""
    if collection is None:
        shared = set.intersection(*(set(known.queryables) for known in COLLECTIONS.values()))
        properties: dict[str, type] = dict.fromkeys(sorted(shared), float)
        own, title = f"{url}/queryables", "Queryables"
    else:
        properties = dict(collection.queryables)
        own, title = f"{url}/collections/{collection.name}/queryables", f"Queryables for {collection.title}"
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": own,
        "type": "object",
        "title": title,
        "description": "Properties that a filter can ask for",
        "properties": {name: _schema(name, kind) for name, kind in properties.items()},
        "additionalProperties": False,
    }


def _schema(name: str, kind: type) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": name, "type": JSON_TYPES[kind]}
    if name == "eo:cloud_cover":
        schema |= {"minimum": 0, "maximum": 100}
    if name == "sat:orbit_state":
        schema |= {"enum": ["ascending", "descending"]}
    if name == "s5p:timeliness":
        schema |= {"enum": ["NRTI", "OFFL", "RPRO"]}
    return schema


def _link(href: str, rel: str, media_type: str = "application/json", **more: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, **more}
