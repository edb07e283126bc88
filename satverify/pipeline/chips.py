"""From the archive to the arrays that features are made from, with the Sun and the satellite of each scene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, SENSORS
from satverify.domain.sites import Site
from satverify.features.hot_targets.chips import Chips, Codes
from satverify.physics.satellites import SATELLITES
from satverify.physics.sun import solar_angles
from satverify.physics.utm import window_of
from satverify.physics.viewing import view_geometry

BLOCK = 128 * 1024**2
"""Pixels of so many bytes are held at once, as far as scenes of one sensor go. [byte]"""

COMPANIONS = {"sentinel-2-l1c": "sentinel-2-l2a", "sentinel-3-slstr": "sentinel-3-slstr-l2"}
"""Sensors whose codes are a second opinion on another's scenes of the same overpass."""

JOINED = "-and-"
"""Between the names of satellites whose products of one day the service put together; the first one's bands count."""

SAME_OVERPASS = np.timedelta64(10, "m")
"""Products of one overpass begin at different minutes, but not more than this apart."""


def scene_ids(archive: Archive, site: Site, sensor: str, days: tuple[date, date]) -> tuple[str, ...]:
    """Ids of the scenes that ``chips_of`` gives, and of those it looks up beside them: what its answer follows from."""
    ids: list[str] = []
    for name in (sensor, COMPANIONS.get(sensor)):
        if name is not None:
            ids += archive.open(site, name, days)["scene_id"].to_numpy().tolist()
    return tuple(ids)


def chips_of(archive: Archive, site: Site, sensor: str, days: tuple[date, date]) -> Iterator[Chips]:
    """A site's scenes of one sensor, in blocks of bounded size, by time; nothing where the archive has none.

    Parameters
    ----------
    archive
        Where the scenes are.
    site
        Whose ground is wanted, with the margin that its scenes have.
    sensor
        Key into ``SENSORS``.
    days
        UTC days ``[start, stop)``.

    Raises
    ------
    RetrievalError
        A file is damaged, or the archive cannot be read.
    """
    scenes = archive.open(site, sensor, days)
    beside = archive.open(site, COMPANIONS[sensor], days) if sensor in COMPANIONS else None
    grid = window_of(site.outline, SENSORS[sensor])
    centre = site.outline.centroid
    size = sum(4 * scenes[band.name].isel(time=slice(0, 1)).size for band in SENSORS[sensor].bands)
    step = max(1, BLOCK // max(size, 1))
    for start in range(0, scenes.sizes["time"], step):
        block = scenes.isel(time=slice(start, start + step)).load()
        yield _chips(block, beside, sensor, grid, (float(centre.x), float(centre.y)))


def _chips(block: xr.Dataset, beside: xr.Dataset | None, sensor: str, grid: Grid, middle: tuple[float, float]) -> Chips:
    time = block["time"].to_numpy().astype("datetime64[s]")
    platforms = tuple(str(name).split(JOINED)[0] for name in block["platform"].to_numpy())
    seconds = time.astype(np.int64).astype(np.float64)
    zenith, _ = solar_angles(seconds, *middle)
    view, edge = views(platforms, seconds, middle)
    images = {band.name: block[band.name].to_numpy() for band in SENSORS[sensor].bands}
    codes = {name: image for name, image in images.items() if image.dtype == np.uint16}
    if beside is not None:
        codes |= _second_opinions(time, beside.sel(x=block["x"], y=block["y"], method="nearest"))
    return Chips(
        sensor=sensor,
        grid=grid,
        time=time,
        satellite=platforms,
        scene_id=tuple(str(name) for name in block["scene_id"].to_numpy()),
        bands={name: image for name, image in images.items() if name not in codes},
        codes=codes,
        solar_zenith_angle=np.degrees(zenith),
        view_zenith_angle=view,
        swath_edge_distance=edge,
    )


def views(
    platforms: Sequence[str], seconds: NDArray[np.float64], middle: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """View zenith angle [degree] and distance to the edge of the swath [km] of scenes, by their satellites.

    NaN where nobody knows the satellite, as where a scene was joined from those of two.
    """
    view, edge = np.full((2, seconds.size), np.nan)
    names = np.array(platforms, dtype=str)
    for name in sorted(set(platforms) & SATELLITES.keys()):
        own = names == name
        view[own], _, edge[own] = view_geometry(name, seconds[own], *middle)
    return view, edge


def _second_opinions(time: NDArray[np.datetime64], beside: xr.Dataset) -> dict[str, Codes]:
    """Codes of the other sensor's scene of the same overpass, ``NODATA`` where it has none."""
    others = beside["time"].to_numpy().astype("datetime64[s]")
    if others.size == 0:
        return {}
    nearest = np.abs(time[:, None] - others[None, :])
    place, is_same = nearest.argmin(axis=1), nearest.min(axis=1) <= SAME_OVERPASS
    codes: dict[str, Codes] = {}
    for name, variable in beside.data_vars.items():
        image = np.full((time.size, *variable.shape[1:]), NODATA, dtype=np.uint16)
        if is_same.any():
            image[is_same] = variable.isel(time=place[is_same]).to_numpy()
        codes[str(name)] = image
    return codes
