"""Granules as items of the catalogue, with the keys and types that the service's own answers have."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from satverify.domain.granules import Granule
from satverify.emulator.catalogue.collections import collection_of
from satverify.physics.utm import project

LANDSAT_ID = re.compile(r"L[COTE]0?(\d)_L1\w\w_(\d{6})_(\d{8})_\d{8}_\d\d_(\w\d|RT)")

LISTED_PLATFORM = {"sentinel-3a": "sentinel-3", "sentinel-3b": "sentinel-3"}
"""Platforms that the service's catalogue names less exactly than its products do, as in its recorded answers."""


def item_of(granule: Granule, catalog_url: str) -> dict[str, Any]:
    """The STAC item of a granule.

    Parameters
    ----------
    granule
        The product.
    catalog_url
        Address of the catalogue, without a final slash.
    """
    footprint = _multi(granule.footprint)
    return {
        "stac_version": "1.0.0",
        "stac_extensions": list(collection_of(granule.collection).item_extensions),
        "id": granule.granule_id,
        "type": "Feature",
        "geometry": _geojson(footprint, "urn:ogc:def:crs:OGC::CRS84"),
        "bbox": list(footprint.bounds),
        "properties": properties_of(granule),
        "assets": {"data": {"href": _href(granule), "title": "s3", "type": "inode/directory"}},
        "collection": granule.collection,
        "links": _links(granule, catalog_url),
    }


def properties_of(granule: Granule) -> dict[str, Any]:
    """Properties of the item; what the granule does not know is left out."""
    collection = collection_of(granule.collection)
    properties: dict[str, Any] = {
        "datetime": rfc3339(granule.time),
        "platform": LISTED_PLATFORM.get(granule.platform, granule.platform),
        "instruments": [collection.instrument] if collection.instrument else None,
        "constellation": collection.constellation or None,
        "gsd": collection.gsd or None,
        "eo:cloud_cover": granule.cloud_cover,
        "sat:orbit_state": granule.orbit_state or None,
        "sat:relative_orbit": granule.relative_orbit,
        "sat:absolute_orbit": granule.absolute_orbit,
        "s5p:type": granule.product_type or None,
        "s5p:timeliness": granule.timeliness or None,
    }
    if granule.collection.startswith("sentinel-2"):  # its items do not tell the orbit; their ids do
        properties = {name: value for name, value in properties.items() if not name.startswith("sat:")}
    if granule.collection.startswith("landsat"):
        properties |= _landsat(granule.granule_id)
    if granule.epsg is not None:
        properties |= _projection(_multi(granule.footprint), granule.epsg)
    return {name: value for name, value in properties.items() if value is not None}


def value_of(granule: Granule, name: str) -> str | float | None:
    """One property that a filter or ``distinct`` asks for; ``date`` is the UTC day."""
    if name == "date":
        return f"{granule.time:%Y-%m-%d}"
    direct: dict[str, str | float | None] = {
        "eo:cloud_cover": granule.cloud_cover,
        "sat:orbit_state": granule.orbit_state or None,
        "sat:absolute_orbit": granule.absolute_orbit,
        "s5p:type": granule.product_type or None,
        "s5p:timeliness": granule.timeliness or None,
    }
    return direct[name] if name in direct else _landsat(granule.granule_id).get(name)


def rfc3339(time: datetime) -> str:
    """A time as the catalogue writes it, to the millisecond where there is a part of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S}{f'.{time.microsecond // 1000:03d}' if time.microsecond >= 1000 else ''}Z"


def _landsat(granule_id: str) -> dict[str, str]:
    """Scene id and category of a Landsat product, which its id implies."""
    match = LANDSAT_ID.match(granule_id)
    if match is None:
        return {}
    satellite, path_row, day, category = match.groups()
    date = datetime.strptime(day, "%Y%m%d")
    scene_id = f"LC{satellite}{path_row}{date:%Y%j}LGN00"
    return {"landsat:scene_id": scene_id, "landsat:collection_category": category}


def _projection(footprint: MultiPolygon, epsg: int) -> dict[str, Any]:
    projected = shapely.transform(footprint, lambda at: np.stack(project(epsg, at[:, 0], at[:, 1]), axis=-1))
    return {
        "proj:epsg": epsg,
        "proj:bbox": [float(round(edge)) for edge in projected.bounds],
        "proj:geometry": _geojson(projected, f"urn:ogc:def:crs:EPSG::{epsg}"),
    }


def _multi(footprint: Polygon | MultiPolygon) -> MultiPolygon:
    return footprint if isinstance(footprint, MultiPolygon) else MultiPolygon([footprint])


def _geojson(shape: MultiPolygon, crs: str) -> dict[str, Any]:
    rings = [
        [[list(point) for point in ring.coords] for ring in (part.exterior, *part.interiors)] for part in shape.geoms
    ]
    return {"type": "MultiPolygon", "crs": {"type": "name", "properties": {"name": crs}}, "coordinates": rings}


def _href(granule: Granule) -> str:
    if granule.data_path:
        return re.sub(r"^creo://eodata", "s3://EODATA", granule.data_path, flags=re.IGNORECASE)
    return f"s3://EODATA/{granule.collection}/{granule.time:%Y/%m/%d}/{granule.granule_id}"


def _links(granule: Granule, catalog_url: str) -> list[dict[str, str]]:
    collection = f"{catalog_url}/collections/{granule.collection}"
    return [
        {"href": f"{catalog_url}/", "rel": "root", "type": "application/json"},
        {"href": f"{collection}/items/{granule.granule_id}", "rel": "self", "type": "application/geo+json"},
        {"href": collection, "rel": "parent", "type": "application/json"},
        {"href": collection, "rel": "collection", "type": "application/json"},
    ]
