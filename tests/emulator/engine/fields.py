"""A small provider for the engine's tests: each granule has one field, constant or given by a function of place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import box, contains_xy

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from tests.emulator.standin import at

Floats = NDArray[np.float64]
Field = Callable[[str, Floats, Floats], Floats]
"""Value of a band at eastings and northings of the field's system."""

EPSG = 32650
WORKS = (480_000.0, 4_390_000.0)
"""Easting and northing of a corner near Beijing. [m]"""
WIDE = box(115.0, 38.0, 119.0, 41.0)


def constant(value: float, **others: float) -> Field:
    return lambda band, easting, _: np.full_like(easting, others.get(band, value))


def granule(
    granule_id: str, time: str, *, collection: str = "sentinel-2-l1c", footprint: object = WIDE, **more: object
) -> Granule:
    values: dict[str, object] = {"platform": "sentinel-2a", "epsg": EPSG, "processing_baseline": "03.01", **more}
    return Granule(
        granule_id=granule_id,
        collection=collection,
        time=at(time),
        footprint=footprint,  # type: ignore[arg-type]
        **values,  # type: ignore[arg-type]
    )


@dataclass
class Fields:
    """Granules with their fields."""

    contents: Sequence[tuple[Granule, Field]] = ()
    missing: frozenset[str] = frozenset({"S5_oblique", "S7_oblique"})
    """Bands that are not there."""
    reads: list[tuple[str, tuple[str, ...], Grid]] = field(default_factory=list)
    """What was read."""

    def collections(self) -> Sequence[str]:
        return sorted({granule.collection for granule, _ in self.contents})

    def granules(self, collection: str, box_: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        found = [
            granule
            for granule, _ in self.contents
            if granule.collection == collection and start <= granule.time < stop
            if granule.footprint.intersects(box(*box_))
        ]
        return sorted(found, key=lambda granule: granule.time)

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        for band in bands:
            if band in self.missing:
                raise KeyError(band)
        self.reads.append((granule.granule_id, tuple(bands), grid))
        values = next(values for other, values in self.contents if other is granule)
        easting = grid.left + (np.arange(grid.width) + 0.5) * grid.pixel_width
        northing = grid.top - (np.arange(grid.height) + 0.5) * grid.pixel_height
        x, y = np.meshgrid(easting, northing)
        longitude, latitude = Transformer.from_crs(grid.epsg, 4326, always_xy=True).transform(x, y)
        if grid.epsg != EPSG:
            x, y = Transformer.from_crs(4326, EPSG, always_xy=True).transform(longitude, latitude)
        has_data = contains_xy(granule.footprint, longitude, latitude)
        return {band: np.where(has_data, values(band, x, y), np.nan).astype(np.float32) for band in bands}
