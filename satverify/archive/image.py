"""A scene as a GeoTIFF that opens anywhere as it is: coordinates, names of the bands, and what their numbers mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.windows import Window

from satverify.domain.scenes import Scene
from satverify.domain.sensors import NODATA, SENSORS, Band

LARGEST_TILE = 256  # [pixel] a window of one site in a shared box meets few of them
TILE_STEP = 16  # [pixel] TIFF 6.0, section 15: edges of tiles are multiples of 16

# Deflate with horizontal differences, by benchmarks/archive.py: zstd reads a third faster and is 3 % smaller, but its
# tiles carry no checksum in GDAL's files, and readers without GDAL often lack it.
LAYOUT = {"driver": "GTiff", "compress": "deflate", "predictor": 2, "interleave": "band", "tiled": True}


def encode(scene: Scene, pixels: NDArray[np.uint16]) -> bytes:
    """The image file; the same scene and pixels give the same bytes.

    Parameters
    ----------
    scene
        Where and when.
    pixels
        Stored numbers. (bands, height, width)

    Returns
    -------
    A GeoTIFF. It tells of the acquisition, not of who asked for it.
    """
    grid, bands = scene.grid, SENSORS[scene.sensor].bands
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(
            **LAYOUT,
            blockxsize=_tile(grid.width),
            blockysize=_tile(grid.height),
            width=grid.width,
            height=grid.height,
            count=len(bands),
            dtype="uint16",
            nodata=NODATA,
            crs=CRS.from_epsg(grid.epsg),
            transform=Affine(*grid.transform),
        ) as image:
            image.update_tags(**tags_of(scene))
            image.descriptions = [band.name for band in bands]
            image.scales, image.offsets = _scaling(bands)
            image.units = [band.unit for band in bands]
            image.write(pixels)
        return bytes(memory.getbuffer())


def decode(content: bytes, window: tuple[slice, slice] | None = None, band: int | None = None) -> NDArray[np.uint16]:
    """Stored numbers of an image, or of some rows and columns of it, or of one band from 0. (bands, height, width)

    Raises
    ------
    ValueError
        The bytes cannot be read as an image.
    """
    with _opened(content) as image:
        part = None if window is None else Window.from_slices(*window)
        pixels: NDArray[np.uint16] = image.read(None if band is None else [band + 1], window=part)
    return pixels


def differences(content: bytes, scene: Scene) -> Iterator[tuple[str, str]]:
    """What an image is not as its scene says: pairs of expected and found. Nothing for a good one."""
    try:
        with _opened(content) as image:
            found = _facts(image)
            image.read()
    except ValueError as exc:
        yield "an image", str(exc)
        return
    for name, expected in expected_facts(scene).items():
        if found[name] != expected:
            yield f"{name} {expected}", f"{found[name]}"


@contextmanager
def _opened(content: bytes) -> Iterator[DatasetReader]:
    if not content:
        raise ValueError("no bytes")  # rasterio would take them for a file to be written
    try:
        with MemoryFile(content) as memory, memory.open(driver="GTiff") as image:
            yield image
    except RasterioError as exc:
        raise ValueError(f"bytes that do not decode: {exc}") from exc


def expected_facts(scene: Scene) -> dict[str, object]:
    """What must hold of a scene's image."""
    bands, grid = SENSORS[scene.sensor].bands, scene.grid
    return {
        "size": (len(bands), grid.height, grid.width),
        "type": ("uint16",) * len(bands),
        "coordinate system": grid.epsg,
        "transform": tuple(float(number) for number in grid.transform),
        "bands": tuple(band.name for band in bands),
        "scaling": _scaling(bands),
        "missing value": float(NODATA),
        "acquisition": tags_of(scene),
    }


def _facts(image: DatasetReader) -> dict[str, object]:
    tags = image.tags()
    return {
        "size": (image.count, image.height, image.width),
        "type": tuple(image.dtypes),
        "coordinate system": image.crs.to_epsg() if image.crs else None,
        "transform": tuple(image.transform)[:6],
        "bands": tuple(image.descriptions),
        "scaling": (tuple(image.scales), tuple(image.offsets)),
        "missing value": image.nodata,
        "acquisition": {name: text for name, text in tags.items() if name in TAGS},
    }


TAGS = ("TIFFTAG_DATETIME", "SENSOR", "PLATFORM", "ACQUISITION_TIME", "SOURCE_IDS", "TIMELINESS", "PROCESSING_BASELINE")


def tags_of(scene: Scene) -> dict[str, str]:
    """What an image says of its acquisition; GDAL keeps no empty tag."""
    acquisition = scene.acquisition
    values = (
        f"{scene.time:%Y:%m:%d %H:%M:%S}",
        scene.sensor,
        acquisition.platform,
        utc_text(scene.time),
        " ".join(acquisition.source_ids),
        acquisition.timeliness,
        acquisition.processing_baseline,
    )
    return {name: text for name, text in zip(TAGS, values, strict=True) if text}


def utc_text(moment: datetime) -> str:
    """RFC 3339 with a Z, to the microsecond where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _scaling(bands: Sequence[Band]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(float(band.scale) for band in bands), tuple(float(band.offset) for band in bands)


def _tile(extent: int) -> int:
    """Edge of a tile: no larger than the image needs."""
    return min(LARGEST_TILE, -(-extent // TILE_STEP) * TILE_STEP)
