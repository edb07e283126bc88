"""Cuts the images that a report shows out of the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from shapely import MultiPolygon

from satverify import report
from satverify.archive import Archive
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import IRON_MAKERS, Area, Site
from satverify.errors import RetrievalError
from satverify.features.units import ImagedUnit, imaged_units
from satverify.physics.utm import project, window_of

ROUND = 250.0
"""What is shown round a footprint. [m]"""

LARGEST = 160
"""Pixels on a side at most: a whole works is shown in its middle. [pixel]"""

Window = tuple[slice, slice]


def site_chips(archive: Archive, site: Site, view: report.SiteView) -> dict[str, tuple[report.Chip, ...]]:
    """Images of the looks that decided, by finding; of what the archive no longer holds there are none."""
    scenes = _Scenes(archive, site)
    units = imaged_units(site)
    shown = {}
    for item in view.detailed:
        grounds = _grounds(units, item.finding.unit_id)
        chips = [_chip(scenes, site, grounds, look, is_reference) for look, is_reference in report.deciding_looks(item)]
        shown[item.finding.finding_id] = tuple(chip for chip in chips if chip is not None)
    return shown


class _Scenes:
    """The scenes of a site in the archive, found by their ids."""

    def __init__(self, archive: Archive, site: Site) -> None:
        self._archive, self._site = archive, site

    def bands(self, look: report.EvidenceRow, window: Window) -> NDArray[np.float32] | None:
        """Bands of a look's scene in the order they are drawn; none where it is not there or damaged."""
        assert look.time is not None
        day = look.time.date()
        try:
            scenes = self._archive.open(self._site, look.sensor, (day, day + timedelta(days=1)))
            at = np.flatnonzero(scenes["scene_id"].to_numpy() == look.scene_id)
            if not at.size:
                return None
            cut: xr.Dataset = scenes.isel(time=int(at[0]), y=window[0], x=window[1])
            return np.stack([cut[name].to_numpy() for name in report.BAND_ORDER])
        except RetrievalError:
            return None


def _chip(
    scenes: _Scenes, site: Site, grounds: Sequence[Area], look: report.EvidenceRow, is_reference: bool
) -> report.Chip | None:
    if not grounds:
        return None
    grid = window_of(site.outline, SENSORS[look.sensor])
    rings = [
        (
            (east - grid.left) / grid.pixel_width,
            (grid.top - north) / grid.pixel_height,
        )
        for ground in grounds
        for east, north in _rings(ground, grid.epsg)
    ]
    window = _window(rings, (grid.height, grid.width), round(ROUND / grid.pixel_width))
    bands = scenes.bands(look, window)
    if bands is None:
        return None
    top, left = window[0].start, window[1].start
    outlines = tuple(tuple(zip((column - left).tolist(), (row - top).tolist(), strict=True)) for column, row in rings)
    return report.Chip(look=look, reflectance=bands, outlines=outlines, is_reference=is_reference)


def _grounds(units: Sequence[ImagedUnit], unit_id: str) -> list[Area]:
    """Footprints of a unit, or of those that are judged together under its id."""
    own = [unit.ground for unit in units if unit.unit_id == unit_id]
    together = [unit for unit in units if unit.observed_as == unit_id and unit.unit_id != unit_id]
    makers = [unit.ground for unit in together if unit.kind in IRON_MAKERS]
    return own or makers or [unit.ground for unit in together]


def _rings(ground: Area, epsg: int) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Outer edges in the plane of the scenes. [m]"""
    for polygon in ground.geoms if isinstance(ground, MultiPolygon) else (ground,):
        corners = np.asarray(polygon.exterior.coords)
        yield project(epsg, corners[:, 0], corners[:, 1])


def _window(
    rings: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], shape: tuple[int, int], room: int
) -> Window:
    """Rows and columns round the footprints, as far as the scene goes."""
    spans = []
    for axis, size in ((1, shape[0]), (0, shape[1])):
        places = np.concatenate([ring[axis] for ring in rings])
        first, last = int(np.floor(places.min())) - room, int(np.ceil(places.max())) + room
        middle = (first + last) // 2
        first, last = max(first, middle - LARGEST // 2), min(last, middle + LARGEST // 2)
        first = min(max(first, 0), size - 1)
        spans.append(slice(first, max(min(last, size), first + 1)))
    return spans[0], spans[1]
