"""A scene as a STAC 1.1 item: what it is, where it comes from, and what its image must hash to.

References
----------
STAC 1.1.0, https://github.com/radiantearth/stac-spec/tree/v1.1.0, and the extensions in ``EXTENSIONS``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satverify.archive.image import utc_text
from satverify.archive.layout import IMAGE, ITEM, stem
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS, Band
from satverify.physics.utm import unproject

EXTENSIONS = {
    "eo": "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "file": "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "processing": "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "projection": "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "raster": "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "sat": "https://stac-extensions.github.io/sat/v1.0.0/schema.json",
    "version": "https://stac-extensions.github.io/version/v1.2.0/schema.json",
}
COMMON_NAMES = frozenset({"blue", "cirrus", "lwir11", "lwir12", "nir08", "swir16", "swir22"})
"""Those of our band names that the extension eo 2.0.0 lists."""
INSTRUMENTS = {"sentinel-2": "msi", "sentinel-3-slstr": "slstr", "sentinel-5p": "tropomi", "landsat-ot": "oli-tirs"}
"""By how the sensor's name begins."""
SHA256_MULTIHASH = "1220"  # code of SHA-256 and its 32 bytes: multiformats table, as file:checksum asks
CHECKSUM = "satverify:item_sha256"
CORNERS_PER_EDGE = 8
STRAIGHT = 20_000.0
"""Edges of a box larger than this are curves in longitude and latitude: the outline follows them. [m]"""
DIGITS = 7
"""Of longitude and latitude: a centimetre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an item file holds."""

    scene: Scene
    """With the hash of its image."""
    pixels_sha256: str
    """Of the stored numbers: bands, rows, columns, 16 bits each, low byte first."""
    size: int
    """Of the image file. [byte]"""
    predecessor: int | None = None
    """Revision that this one took the place of."""


def render(item: Item) -> bytes:
    """The item file; the same item gives the same bytes, and a flipped one among them shows."""
    document = _document(item)
    document["properties"][CHECKSUM] = _checksum(document)
    return _text(document).encode()


def parse(content: bytes) -> Item:
    """What an item file holds.

    Raises
    ------
    ValueError
        The file is damaged; the message says what stands there.
    """
    try:
        item = _item(json.loads(content))
        is_whole = render(item) == content
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as exc:
        raise ValueError(f"{type(exc).__name__} {exc}") from exc
    if not is_whole:
        raise ValueError("bytes that do not fit their own checksum")
    return item


def pixels_hash(pixels: NDArray[np.uint16]) -> str:
    """SHA-256 of stored numbers, however they are packed in a file."""
    return hashlib.sha256(pixels.astype("<u2").tobytes()).hexdigest()


def checksum_field(content: bytes) -> bytes:
    """SHA-256 of the image, in hexadecimal, found without reading the whole item."""
    mark = b'"file:checksum": "' + SHA256_MULTIHASH.encode()
    start = content.find(mark) + len(mark)
    return content[start : start + 64] if start >= len(mark) else b""


def _document(item: Item) -> dict[str, Any]:
    scene = item.scene
    name = stem(scene.time, scene.acquisition.platform, scene.revision)
    ring = _outline(scene.grid)
    properties = _properties(item)
    used = {key.partition(":")[0] for key in properties} | {"file", "raster"}
    has_names = any(band.name in COMMON_NAMES for band in SENSORS[scene.sensor].bands)
    used |= {"projection", "version"} | ({"eo"} if has_names else set())
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [url for name, url in EXTENSIONS.items() if name in used],
        "id": scene.scene_id,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [*(min(each) for each in zip(*ring, strict=True)), *(max(each) for each in zip(*ring, strict=True))],
        "properties": properties,
        "links": _links(item),
        "assets": {
            "image": {
                "href": f"./{name}{IMAGE}",
                "type": "image/tiff; application=geotiff",
                "roles": ["data"],
                "file:checksum": f"{SHA256_MULTIHASH}{scene.sha256}",
                "file:size": item.size,
                "bands": [_band(band) for band in SENSORS[scene.sensor].bands],
            }
        },
    }


def _properties(item: Item) -> dict[str, Any]:
    scene, grid, acquisition = item.scene, item.scene.grid, item.scene.acquisition
    sensor = SENSORS[scene.sensor]
    instruments = [name for start, name in INSTRUMENTS.items() if scene.sensor.startswith(start)]
    values = {
        "datetime": utc_text(scene.time),
        "start_datetime": utc_text(acquisition.start),
        "end_datetime": utc_text(acquisition.stop),
        "platform": acquisition.platform,
        "instruments": instruments or None,
        "gsd": float(sensor.pixel),
        "version": str(scene.revision),
        "proj:code": f"EPSG:{grid.epsg}",
        "proj:shape": list(grid.shape),
        "proj:transform": [float(number) for number in grid.transform],
        "proj:bbox": [float(edge) for edge in grid.bounds],
        "eo:cloud_cover": acquisition.cloud_cover,
        "sat:orbit_state": acquisition.orbit_state or None,
        "sat:relative_orbit": acquisition.relative_orbit,
        "processing:version": acquisition.processing_baseline or None,
        "processing:lineage": f"Sentinel Hub process API, collection {sensor.collection}, as scaled 16-bit numbers",
    }
    told = {
        "sensor": scene.sensor,
        "source_ids": list(acquisition.source_ids),
        "timeliness": acquisition.timeliness,
        "site_ids": list(scene.site_ids),
        "request_sha256": scene.request_hash,
        "evalscript_sha256": scene.evalscript_hash,
        "valid_share": float(scene.valid_share),
        "pixels_sha256": item.pixels_sha256,
    }
    known = {key: value for key, value in values.items() if value is not None}
    return known | {f"satverify:{key}": value for key, value in told.items()}


def _item(document: Mapping[str, Any]) -> Item:
    properties, image = document["properties"], document["assets"]["image"]
    told = {key.removeprefix("satverify:"): value for key, value in properties.items()}
    rows, columns = properties["proj:shape"]
    wide, _, left, _, high, top = properties["proj:transform"]
    scene = Scene(
        sensor=told["sensor"],
        grid=Grid(
            epsg=int(properties["proj:code"].removeprefix("EPSG:")),
            left=left,
            top=top,
            pixel_width=wide,
            pixel_height=-high,
            width=columns,
            height=rows,
        ),
        time=datetime.fromisoformat(properties["datetime"]),
        acquisition=Acquisition(
            platform=properties["platform"],
            start=datetime.fromisoformat(properties["start_datetime"]),
            stop=datetime.fromisoformat(properties["end_datetime"]),
            source_ids=tuple(told["source_ids"]),
            orbit_state=properties.get("sat:orbit_state", ""),
            relative_orbit=properties.get("sat:relative_orbit"),
            processing_baseline=properties.get("processing:version", ""),
            timeliness=told["timeliness"],
            cloud_cover=properties.get("eo:cloud_cover"),
        ),
        site_ids=tuple(told["site_ids"]),
        request_hash=told["request_sha256"],
        evalscript_hash=told["evalscript_sha256"],
        valid_share=told["valid_share"],
        revision=int(properties["version"]),
        sha256=image["file:checksum"].removeprefix(SHA256_MULTIHASH),
    )
    before = [link["satverify:revision"] for link in document["links"] if link["rel"] == "predecessor-version"]
    return Item(
        scene=scene,
        pixels_sha256=told["pixels_sha256"],
        size=image["file:size"],
        predecessor=before[0] if before else None,
    )


def _band(band: Band) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": band.name,
        "description": band.long_name or band.name,
        "data_type": "uint16",
        "nodata": NODATA,
        "unit": band.unit,
        "raster:scale": float(band.scale),
        "raster:offset": float(band.offset),
    }
    return described | ({"eo:common_name": band.name} if band.name in COMMON_NAMES else {})


def _links(item: Item) -> list[dict[str, Any]]:
    if item.predecessor is None:
        return []
    name = stem(item.scene.time, item.scene.acquisition.platform, item.predecessor)
    link = {"rel": "predecessor-version", "href": f"./{name}{ITEM}", "type": "application/geo+json"}
    return [link | {"satverify:revision": item.predecessor}]


def _outline(grid: Grid) -> list[list[float]]:
    """Ring round the grid in longitude and latitude, counter-clockwise from the south-west."""
    left, bottom, right, top = grid.bounds
    corners = 2 if max(right - left, top - bottom) < STRAIGHT else CORNERS_PER_EDGE
    east, north = (np.linspace(*edge, corners) for edge in ((left, right), (bottom, top)))
    x = np.concatenate([east[:-1], np.full(len(north) - 1, right), east[:0:-1], np.full(len(north) - 1, left)])
    y = np.concatenate([np.full(len(east) - 1, bottom), north[:-1], np.full(len(east) - 1, top), north[:0:-1]])
    longitude, latitude = unproject(grid.epsg, np.append(x, x[0]), np.append(y, y[0]))
    ring: list[list[float]] = np.column_stack([longitude, latitude]).round(DIGITS).tolist()
    return ring


def _checksum(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(document).encode()).hexdigest()


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"
