"""Outputs as files."""

from __future__ import annotations

import struct
import zlib
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio import MemoryFile
from rasterio.transform import Affine

from satverify.domain.grids import Grid
from satverify.emulator.engine.evalscript import Output, SampleType
from satverify.emulator.engine.reply import bad_payload

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # colour type of the format by number of bands
FAST = 1  # of zlib: the tests of a client wait for it
JPEG_QUALITY = 90


class Format(StrEnum):
    """File format of one output."""

    TIFF = "image/tiff"
    PNG = "image/png"
    JPEG = "image/jpeg"
    JSON = "application/json"

    @property
    def suffix(self) -> str:
        """Of a file's name in an archive."""
        return {Format.TIFF: "tif", Format.PNG: "png", Format.JPEG: "jpg", Format.JSON: "json"}[self]


def encoded(image: NDArray[Any], output: Output, image_format: Format, grid: Grid, quality: int) -> bytes:
    """One output as a file.

    Parameters
    ----------
    image
        ``(bands, height, width)``
    output
        What it is.
    image_format
        Format of the file.
    grid
        Where its pixels lie.
    quality
        Of a JPEG. [%]

    Raises
    ------
    ServiceError
        The format does not hold so many bands or such numbers.
    """
    if image_format is Format.TIFF:
        return _tiff(image, output, grid)
    _require_fit(output, image_format)
    return _png(image) if image_format is Format.PNG else _jpeg(image, grid, quality)


def _require_fit(output: Output, image_format: Format) -> None:
    eight = {SampleType.AUTO, SampleType.UINT8}
    types = eight | {SampleType.UINT16} if image_format is Format.PNG else eight
    bands = PNG_COLOURS if image_format is Format.PNG else (1, 3)
    if image_format is Format.JSON or output.sample_type not in types:
        raise bad_payload(
            f"Format {image_format} of output {output.output_id} does not support sample type {output.sample_type}."
        )
    if output.bands not in bands:
        raise bad_payload(f"Format {image_format} of output {output.output_id} does not support {output.bands} bands.")


def _tiff(image: NDArray[Any], output: Output, grid: Grid) -> bytes:
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=output.bands,
            dtype=image.dtype,
            crs=f"EPSG:{grid.epsg}",
            transform=Affine(*grid.transform),
            nodata=output.nodata,
            interleave="pixel",
            compress="deflate",  # as the recorded answers are
            zlevel=1,
        ) as dataset:
            dataset.write(image)
        return bytes(memory.read())


def _jpeg(image: NDArray[Any], grid: Grid, quality: int) -> bytes:
    with MemoryFile(ext=".jpg") as memory:
        with memory.open(
            driver="JPEG",
            width=grid.width,
            height=grid.height,
            count=len(image),
            dtype="uint8",
            transform=Affine(*grid.transform),  # written beside the picture and lost with it: else GDAL warns
            quality=quality,
        ) as dataset:
            dataset.write(image)
        return bytes(memory.read())


def _png(image: NDArray[Any]) -> bytes:
    bands, height, width = image.shape
    depth = image.dtype.itemsize * 8
    rows = np.ascontiguousarray(image.transpose(1, 2, 0), dtype=image.dtype.newbyteorder(">")).view(np.uint8)
    filtered = np.zeros((height, 1 + rows.size // height), dtype=np.uint8)  # each row starts with its filter: none
    filtered[:, 1:] = rows.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, depth, PNG_COLOURS[bands], 0, 0, 0)
    pixels = zlib.compress(filtered.tobytes(), FAST)
    return PNG_SIGNATURE + b"".join(_chunk(*part) for part in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
