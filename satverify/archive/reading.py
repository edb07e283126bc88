"""Scenes of a site as one lazy xarray Dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

import numpy as np
import xarray as xr
from pyproj import CRS
from xarray.core.indexing import LazilyIndexedArray

from satverify.archive.damage import item_at
from satverify.archive.layout import SCENES, Entry, complete, entry_of, grid_of, is_within, newest, order
from satverify.archive.stack import BandArray, SceneStack, holds_codes
from satverify.archive.store import Store
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, SENSORS, Band, Sensor
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.physics.utm import window_of

ONE_OVERPASS = timedelta(minutes=10)
"""A satellite that passes twice within this time is seen once, in products that begin at different minutes."""
SETTLED = ("", "NRTI", "OFFL", "RPRO")
"""Timeliness of Sentinel-5P products, the least settled first."""


def open_scenes(store: Store, site: Site, sensor: str, days: tuple[date, date], *, margin: float | None) -> xr.Dataset:
    """The newest scenes of a site; see ``Archive.open``."""
    if sensor not in SENSORS:
        near = get_close_matches(sensor, SENSORS, n=1)
        raise InputError(f"sensor {sensor!r}: expected {near[0] if near else 'one of ' + ', '.join(SENSORS)}")
    kind = SENSORS[sensor]
    window = window_of(site.outline, kind, margin=margin)
    entries = _once_each(store, _covering(store, sensor, window, days))
    return _dataset(store, site, kind, window, entries)


def _covering(store: Store, sensor: str, window: Grid, days: tuple[date, date]) -> list[Entry]:
    """Newest complete scenes that hold the window, by time."""
    found: list[Entry] = []
    for name in store.folders(f"{SCENES}/{sensor}"):
        grid = grid_of(name)
        if grid is not None and grid.contains(window):
            folder = f"{SCENES}/{sensor}/{name}"
            keys = complete(f"{folder}/{each}" for each in store.names(folder))
            entries = (entry_of(key, store.address(key)) for key in keys)
            found += newest(entry for entry in entries if entry is not None and is_within(entry, days))
    return sorted(found, key=order)


def _once_each(store: Store, entries: Sequence[Entry]) -> list[Entry]:
    """Of an overpass that several grids hold the most settled scene; scenes of one grid are all different passes."""
    rivals = {entry for pair in _rivals(entries) for entry in pair}
    if not rivals:
        return list(entries)
    best = sorted(rivals, key=lambda entry: (_rank(store, entry), order(entry)))
    kept: list[Entry] = []
    for entry in best:
        if not any(_are_rivals(entry, other) for other in kept):
            kept.append(entry)
    return sorted([*(entry for entry in entries if entry not in rivals), *kept], key=order)


def _rivals(entries: Sequence[Entry]) -> Iterable[tuple[Entry, Entry]]:
    """Pairs that show one overpass on two grids; ``entries`` are in order of time."""
    for number, entry in enumerate(entries):
        for other in entries[number + 1 :]:
            if other.time - entry.time > ONE_OVERPASS:
                break
            if _are_rivals(entry, other):
                yield entry, other


def _are_rivals(entry: Entry, other: Entry) -> bool:
    is_near = abs(entry.time - other.time) <= ONE_OVERPASS
    return is_near and entry.platform == other.platform and entry.grid != other.grid


def _rank(store: Store, entry: Entry) -> tuple[object, ...]:
    """What is smaller is better: settled, late processor, many products, many revisions, small grid."""
    acquisition = item_at(store, entry.key).scene.acquisition
    settled = SETTLED.index(acquisition.timeliness) if acquisition.timeliness in SETTLED else 0
    baseline = [-int(part) for part in acquisition.processing_baseline.split(".") if part.isdigit()]
    products, area = len(acquisition.source_ids), entry.grid.width * entry.grid.height
    return -settled, baseline, -products, -entry.revision, area


def _dataset(store: Store, site: Site, sensor: Sensor, window: Grid, entries: Sequence[Entry]) -> xr.Dataset:
    stack = SceneStack(store, sensor, window, entries)
    variables = {
        band.name: xr.Variable(("time", "y", "x"), LazilyIndexedArray(BandArray(stack, number)), _band_attrs(band))
        for number, band in enumerate(sensor.bands)
    }
    about = {"Conventions": "CF-1.11", "title": f"{sensor.name} at {site.site_id}", "sensor": sensor.name}
    return xr.Dataset(variables, coords=_coordinates(window, entries), attrs=about | {"site_id": site.site_id})


def _coordinates(window: Grid, entries: Sequence[Entry]) -> dict[str, Any]:
    times = np.array([entry.time.replace(tzinfo=None) for entry in entries], dtype="datetime64[ns]")
    x = window.left + (np.arange(window.width) + 0.5) * window.pixel_width
    y = window.top - (np.arange(window.height) + 0.5) * window.pixel_height
    return {
        "time": ("time", times, {"standard_name": "time", "long_name": "time of acquisition, UTC"}),
        "y": ("y", y, {"standard_name": "projection_y_coordinate", "units": "m"}),
        "x": ("x", x, {"standard_name": "projection_x_coordinate", "units": "m"}),
        "platform": ("time", np.array([entry.platform for entry in entries], dtype=str), {"long_name": "satellite"}),
        "scene_id": (
            "time",
            np.array([entry.scene_id for entry in entries], dtype=str),
            {"long_name": "id of the scene"},
        ),
        "revision": (
            "time",
            np.array([entry.revision for entry in entries], dtype=np.int64),
            {"long_name": "how often the products were replaced, from 1"},
        ),
        "spatial_ref": ((), 0, _grid_mapping(window)),
    }


def _grid_mapping(window: Grid) -> dict[str, Any]:
    wide, _, left, _, high, top = window.transform
    order_of_gdal = " ".join(f"{number:.17g}" for number in (left, wide, 0.0, top, 0.0, high))
    return CRS.from_epsg(window.epsg).to_cf() | {"GeoTransform": order_of_gdal}


def _band_attrs(band: Band) -> dict[str, Any]:
    attrs: dict[str, Any] = {"long_name": band.long_name, "units": band.unit}
    if band.standard_name:
        attrs["standard_name"] = band.standard_name
    if holds_codes(band):
        attrs["_FillValue"] = np.uint16(NODATA)
    return attrs | {"grid_mapping": "spatial_ref"}
