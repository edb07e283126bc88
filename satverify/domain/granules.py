"""Granules: the products a Sentinel-Hub-compatible service serves, and the protocol of whoever has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from satverify.domain.grids import Grid

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granule:
    """One product of the catalogue: a tile of Sentinel-2 or Landsat, a piece of an orbit of Sentinel-3 or 5P."""

    granule_id: str
    """As the service names it, such as ``S2A_MSIL1C_20220105T030111_N0301_R075_T50TMK_20220105T045032.SAFE``."""
    collection: str
    """Such as ``sentinel-2-l1c``."""
    platform: str
    """Such as ``sentinel-2a``."""
    time: datetime
    """Time of acquisition. UTC"""
    footprint: Polygon | MultiPolygon
    """Ground with data, WGS 84, longitude first. [degree]"""
    cloud_cover: float | None = None
    """[%]"""
    orbit_state: str = ""
    """``ascending`` (by night for Sentinel-3) or ``descending``."""
    relative_orbit: int | None = None
    absolute_orbit: int | None = None
    epsg: int | None = None
    """UTM zone of a tile."""
    product_type: str = ""
    """``NO2``, ``CLOUD`` and the like for Sentinel-5P."""
    timeliness: str = ""
    """``NRTI``, ``OFFL`` or ``RPRO`` for Sentinel-5P."""
    processing_baseline: str = ""
    """Such as ``03.01``; Sentinel-2 numbers carry an offset of 1000 from ``04.00`` on."""
    published: datetime | None = None
    """When the catalogue first listed it; none: always. UTC"""
    withdrawn: datetime | None = None
    """When a newer version took its place; none: never. UTC"""
    data_path: str = ""
    """Where the service keeps it, such as ``creo://eodata/Sentinel-3/…``; evalscripts see it."""


class SceneProvider(Protocol):
    """Whoever has scenes to serve: a simulated season, an archive. Calls may come from several threads at once."""

    def collections(self) -> Sequence[str]:
        """Names of the collections it has something of."""
        ...

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        """Granules of every version whose footprint meets the box, acquired in ``[start, stop)``, oldest first."""
        ...

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        """Bands of one granule on a grid, each ``(height, width)``, nearest pixel, NaN outside of the granule's data.

        Numbers are those of the product: counts with any offset left in for Sentinel-2 (``B02`` … ``B12``, ``SCL``);
        radiance [mW m-2 sr-1 nm-1] for ``S1`` … ``S6`` and kelvin for ``S7`` … ``S9``, ``F1``, ``F2``; the product's
        unit for Sentinel-5P, beside ``qa`` from 0 to 100; reflectance or kelvin for Landsat. A band that the
        collection does not have is a KeyError.
        """
        ...
