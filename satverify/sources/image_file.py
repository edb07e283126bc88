"""One image of any raster format, as bands by name: what an analyst has at hand, without a project or an archive."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader

from satverify.errors import InputError

Values: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

LARGEST = 40_000_000
"""Pixels of the largest image that is taken: a whole tile of Sentinel-2 at 20 m has 30 million."""
LIT = 0.05
"""Reflectance in one band from which exactly 0 in another is no measurement: a lost line, or the edge of a swath, where
bands end differently. [1]"""
TEMPERATURE = "lwir11"
"""The band that is no reflectance, to which no scale of reflectance applies. [K]"""
ELLIPSOID = Geod(ellps="WGS84")
FILLS = (-9999.0, -32768.0)
"""Stored numbers by which many programs mean that nothing was measured, whether or not they say so in the file."""
LOWEST, HIGHEST = -0.5, 1e5
"""Numbers beyond are no measurement: an offset taken off thrice is above one, and counts are below the other. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageFile:
    """Some bands of one image."""

    bands: Mapping[str, Values]
    """Value by name, stored number times scale plus offset; NaN where nothing was measured. Shape (y, x)."""
    is_fill: Flags
    """Pixels taken as not measured though the file does not say so: every band holds the count 0, or the largest one,
    or some band a number that is no measurement, such as 0 where another band is lit."""
    crs: str
    """Coordinate system, such as ``EPSG:32650``; empty where the file does not say."""
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: x = a·column + b·row + c, y = d·column + e·row + f."""
    pixel: tuple[float, float] | None
    """Extent of a pixel along rows and along columns at the middle of the image; None without coordinates, or with such
    as lie nowhere on Earth. [m]"""

    def place(self, row: float, column: float) -> tuple[float, float] | None:
        """Coordinates of a place counted in pixels from the upper left corner; None where the file has none."""
        if self.pixel is None:
            return None
        a, b, c, d, e, f = self.transform
        return a * column + b * row + c, d * column + e * row + f

    def longitude_latitude(self, x: float, y: float) -> tuple[float, float]:
        """Where coordinates of the file lie, WGS 84. [degree]"""
        longitude, latitude = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True).transform(x, y)
        return float(longitude), float(latitude)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layer:
    """One band of one open file."""

    path: Path
    image: DatasetReader
    number: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Of the numbers that are stored."""
        dtype: np.dtype[np.generic] = np.dtype(self.image.dtypes[self.number - 1])
        return dtype


def read_image(
    path: Path | Sequence[Path], numbers: Mapping[str, int], scale: float | None = None, offset: float | None = None
) -> ImageFile:
    """Read bands of an image.

    Parameters
    ----------
    path
        Anything that GDAL opens as one raster: GeoTIFF, JPEG 2000, ENVI, VRT … Or several on the same pixels, as
        missions deliver them with one band each.
    numbers
        Number of each band in the file by the name it is to have, counted from 1, and on from file to file.
    scale, offset
        Value per stored number, and of the stored number 0. None: what the file says of each band, else 1 and 0, which
        holds for the temperatures of ``lwir11`` whatever is given.

    Returns
    -------
    The bands, with nodata as NaN.

    Raises
    ------
    InputError
        A file cannot be opened or read, is no single raster, has other pixels than the first, lacks a band, holds
        complex numbers or is too large, or a scale is not above 0 or an offset no number.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    with warnings.catch_warnings(), ExitStack() as opened:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said of every file that has no coordinates
        images = [opened.enter_context(_opened(each)) for each in paths]
        _check(paths, images)
        layers = [
            _Layer(path=each, image=image, number=number)
            for each, image in zip(paths, images, strict=True)
            for number in image.indexes
        ]
        return _read(images[0], _chosen(layers, numbers), scale, offset)


def _opened(path: Path) -> DatasetReader:
    if not path.exists():
        raise InputError(f"{path}: expected an image, found no such file")
    try:
        return rasterio.open(path)
    except RasterioError as exc:
        raise InputError(f"{path}: expected an image that GDAL reads: {exc}") from exc


def _check(paths: Sequence[Path], images: Sequence[DatasetReader]) -> None:
    """Raise where a file is no single raster, or too large, or does not lie on the first."""
    first = images[0]
    for path, image in zip(paths, images, strict=True):
        if image.count == 0:
            inside = ", ".join(image.subdatasets[:3]) or "nothing"
            raise InputError(f"{path}: expected one raster, found a container of {inside}: take one with rio convert")
        if image.width * image.height > LARGEST:
            raise InputError(
                f"{path}: expected at most {LARGEST} pixels, found {image.width} x {image.height}: "
                "cut a part out with rio clip"
            )
        if (image.width, image.height) != (first.width, first.height):
            raise InputError(
                f"{path}: expected {first.width} x {first.height} pixels, as {paths[0]} has, "
                f"found {image.width} x {image.height}"
            )
        if image.crs != first.crs or not image.transform.almost_equals(first.transform):
            raise InputError(f"{path}: expected pixels in the places of those of {paths[0]}, found other coordinates")


def _chosen(layers: Sequence[_Layer], numbers: Mapping[str, int]) -> dict[str, _Layer]:
    chosen = {}
    for name, number in numbers.items():
        if not 1 <= number <= len(layers):
            raise InputError(f"{layers[-1].path}: {name}: expected a band from 1 to {len(layers)}, found {number}")
        layer = chosen[name] = layers[number - 1]
        if layer.dtype.kind == "c":
            raise InputError(f"{layer.path}: {name}: expected real numbers in band {number}, found complex ones")
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Band:
    """Values of one layer, and which of them may stand for no measurement though the file does not say so."""

    values: Values
    is_odd: Flags
    is_nought: Flags
    is_least: Flags
    is_most: Flags


def _read(first: DatasetReader, layers: Mapping[str, _Layer], scale: float | None, offset: float | None) -> ImageFile:
    temperatures = {name: _band(layer, None, None) for name, layer in layers.items() if name == TEMPERATURE}
    reflectances = {name: _band(layer, scale, offset) for name, layer in layers.items() if name != TEMPERATURE}
    together = list((reflectances or temperatures).values())
    is_blank = np.logical_and.reduce([band.is_least for band in together])
    is_blank |= np.logical_and.reduce([band.is_most for band in together])
    is_lit = np.logical_or.reduce([band.values > LIT for band in together])
    is_fill = is_blank.copy()
    bands = {}
    for name, band in {**reflectances, **temperatures}.items():
        is_odd = band.is_odd | (band.is_nought & is_lit)
        is_fill |= is_odd
        bands[name] = np.where(is_odd | is_blank, np.float32(np.nan), band.values)
    crs = _named(first)
    return ImageFile(
        bands=bands,
        is_fill=is_fill,
        crs=crs,
        transform=tuple(first.transform)[:6],
        pixel=_pixel(first) if crs else None,
    )


def _band(layer: _Layer, scale: float | None, offset: float | None) -> _Band:
    stored, is_measured = _stored(layer)
    values = _scaled(layer, stored, scale, offset)
    is_nought = is_measured & (stored == 0) & (layer.image.nodatavals[layer.number - 1] is None)
    is_most = is_measured & (stored == np.iinfo(np.uint16).max) & (layer.dtype == np.uint16)
    is_odd = is_measured & (np.isin(stored, FILLS) | ~((values >= LOWEST) & (values <= HIGHEST)))
    values[~is_measured] = np.nan
    return _Band(
        values=values,
        is_odd=is_odd,
        is_nought=is_nought,
        is_least=is_nought & (layer.dtype.kind in "iu"),
        is_most=is_most,
    )


def _stored(layer: _Layer) -> tuple[NDArray[np.generic], Flags]:
    """Numbers of a band as they are stored, and where they are measurements as far as the file says."""
    try:
        stored = layer.image.read(layer.number)
        return stored, (layer.image.read_masks(layer.number) != 0) & np.isfinite(stored)
    except RasterioError as exc:
        raise InputError(f"{layer.path}: expected an image that GDAL reads: {exc}") from exc


def _scaled(layer: _Layer, stored: NDArray[np.generic], scale: float | None, offset: float | None) -> Values:
    """Values by the scale and offset that are given, else by those of the file."""
    scale = float(layer.image.scales[layer.number - 1]) if scale is None else scale
    offset = float(layer.image.offsets[layer.number - 1]) if offset is None else offset
    if not (scale > 0 and np.isfinite(scale)):
        raise InputError(f"{layer.path}: scale: expected a number above 0, found {scale:g}")
    if not np.isfinite(offset):
        raise InputError(f"{layer.path}: offset: expected a number, found {offset:g}")
    with np.errstate(over="ignore"):  # numbers that no float32 holds are no measurement
        values: Values = (stored.astype(np.float64) * scale + offset).astype(np.float32)
    return values


def _named(image: DatasetReader) -> str:
    """The coordinate system in a word, or in WKT where it has none; empty where there is none, or no coordinates."""
    if image.crs is None or image.transform.is_identity:
        return ""
    code = image.crs.to_epsg()
    return f"EPSG:{code}" if code else str(image.crs.to_wkt())


def _pixel(image: DatasetReader) -> tuple[float, float] | None:
    """Lengths of one step along a row and along a column at the middle of the image, on the ellipsoid; None where the
    coordinates lie nowhere on Earth. [m]
    """
    row, column = image.height / 2, image.width / 2
    a, b, c, d, e, f = tuple(image.transform)[:6]
    places = ((column, row), (column + 1, row), (column, row + 1))
    eastings, northings = ([g * across + h * down + i for across, down in places] for g, h, i in ((a, b, c), (d, e, f)))
    try:
        to_degrees = Transformer.from_crs(image.crs.to_wkt(), "EPSG:4326", always_xy=True)
    except ProjError:  # coordinates of a drawing, say
        return None
    longitudes, latitudes = (np.asarray(axis) for axis in to_degrees.transform(eastings, northings))
    if not (np.abs(latitudes) <= 90).all() or not (np.abs(longitudes) <= 360).all():
        return None
    _, _, (width, height) = ELLIPSOID.inv(longitudes[[0, 0]], latitudes[[0, 0]], longitudes[1:], latitudes[1:])
    return (float(width), float(height)) if width > 0 and height > 0 else None
