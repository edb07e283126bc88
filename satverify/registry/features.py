"""Features as files give them: properties by name, a geometry or none, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from satverify.registry.datum import FloatArray
from satverify.registry.files import unreadable

Transform: TypeAlias = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""From two arrays of coordinates to two others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature of a file, before anything is known of its meaning."""

    where: str
    """Where it stands, such as ``feature 3``, counting from 1."""
    properties: Mapping[str, object]
    """Plain values by column name; None where the file has none."""
    geometry: BaseGeometry | None
    """In the file's own coordinates, longitude or easting first; none where absent or broken."""
    is_broken: bool = False
    """Whether the geometry is none because it cannot be decoded, which is noted already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """All features of a file."""

    features: tuple[Feature, ...]
    """In the order of the file."""
    crs: str | None
    """Coordinate reference system as the file names it; none where it does not."""

    def moved(self, transform: Transform) -> FeatureTable:
        """The table with every position moved by a function of two arrays, and heights dropped."""
        shapes = np.array([feature.geometry for feature in self.features], dtype=object)
        moved = shapely.transform(shapes, lambda xy: np.column_stack(transform(xy[:, 0], xy[:, 1])))
        pairs = zip(self.features, moved, strict=True)
        return replace(self, features=tuple(replace(feature, geometry=shape) for feature, shape in pairs))


def in_wgs84(path: Path, table: FeatureTable) -> FeatureTable:
    """The table with its coordinates in WGS 84, longitude before latitude; unchanged where the file names no system.

    Raises
    ------
    InputError
        Where the named system is unknown or cannot be converted.
    """
    if table.crs is None:
        return table
    transform = _transform_from(path, table.crs)
    if transform is None:
        return table
    return replace(table.moved(transform), crs="OGC:CRS84")


def _transform_from(path: Path, crs: str) -> Transform | None:
    """The way from a system to WGS 84; none where it is WGS 84 already."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        source = CRS.from_user_input(crs)
        if source.is_geographic and source.to_2d().equals(CRS("OGC:CRS84"), ignore_axis_order=True):
            return None
        transformer = Transformer.from_crs(source, CRS("OGC:CRS84"), always_xy=True)
    except ProjError as exc:
        raise unreadable(
            path, "coordinate system", "a system that PROJ knows, such as EPSG:4326", repr(crs[:80])
        ) from exc

    def to_degrees(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        east, north = transformer.transform(x, y)
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    return to_degrees


def place_of(number: int, layer: str = "") -> str:
    """How messages call a feature, counted from 1; the layer is named where one is given.

    >>> place_of(3, "units")
    'layer units, feature 3'
    """
    return f"layer {layer}, feature {number}" if layer else f"feature {number}"
