"""Requests of the engine's tests, and what comes back from them."""

from __future__ import annotations

import io
import json
import tarfile
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio import MemoryFile
from rasterio.errors import NotGeoreferencedWarning

from satverify.emulator.engine import Engine, Reply
from tests.emulator.engine.fields import EPSG, WORKS

UTM = f"http://www.opengis.net/def/crs/EPSG/0/{EPSG}"
DAYS = ("2022-01-01T00:00:00Z", "2022-02-01T00:00:00Z")

ONE_BAND = """//VERSION=3
function setup() {
  return {
    input: [{ bands: ["B12", "dataMask"], units: "DN" }],
    output: { bands: 2, sampleType: "FLOAT32" },
  };
}
function evaluatePixel(sample) {
  return [sample.B12, sample.dataMask];
}
"""


def script(bands: str, result: str, *, output: str = "", extra: str = "", mosaicking: str = "SIMPLE") -> str:
    """A script: bands as JavaScript, the expression of the result, further properties of its one output."""
    return f"""//VERSION=3
function setup() {{
  return {{ input: {bands}, output: {{ {output} }}, mosaicking: "{mosaicking}" }};
}}
function evaluatePixel(samples, scenes, inputMetadata, customData, outputMetadata) {{
  return {result};
}}
{extra}
"""


def body(
    evalscript: str = ONE_BAND,
    *,
    collection: str = "sentinel-2-l1c",
    size: int = 4,
    pixel: float = 20,
    days: tuple[str, str] = DAYS,
    data_filter: dict[str, Any] | None = None,
    processing: dict[str, Any] | None = None,
    output: dict[str, Any] | None = None,
    bounds: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A process request for a square at the works."""
    west, south = WORKS
    square = {"bbox": [west, south, west + size * pixel, south + size * pixel], "properties": {"crs": UTM}}
    item = {
        "type": collection,
        "dataFilter": {"timeRange": {"from": days[0], "to": days[1]}, **(data_filter or {})},
        "processing": processing or {},
    }
    tiff = {"responses": [{"identifier": "default", "format": {"type": "image/tiff"}}]}
    return {
        "input": {"bounds": bounds or square, "data": [item]},
        "output": {"width": size, "height": size, **tiff, **(output or {})},
        "evalscript": evalscript,
    }


def image(content: bytes) -> NDArray[Any]:
    """Pixels of a file, ``(bands, height, width)``."""
    with warnings.catch_warnings(), MemoryFile(content) as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # PNG and JPEG have no place
        with memory.open() as dataset:
            return np.asarray(dataset.read())


def made(engine: Engine, request: dict[str, Any], accept: str | None = None) -> NDArray[Any]:
    """Pixels of the only file of a reply."""
    reply = engine.process(request, accept)
    assert reply.status == 200, reply.content
    return image(reply.content)


def members(reply: Reply) -> dict[str, bytes]:
    """Files of a reply in a tar archive."""
    assert reply.status == 200, reply.content
    with tarfile.open(fileobj=io.BytesIO(reply.content)) as tar:
        return {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]


def error(reply: Reply) -> dict[str, Any]:
    """Error of a reply."""
    assert reply.status >= 400
    assert reply.processing_units == 0
    found: dict[str, Any] = json.loads(reply.content)["error"]
    assert found["status"] == reply.status
    return found
