"""Scenes and sites to archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapely import box

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS
from satverify.domain.sites import Site
from satverify.physics.utm import window_of

SITE = Site(site_id="ts-1", name="Works", outline=box(118.150, 39.590, 118.156, 39.594))
START = datetime(2022, 1, 5, 3, 1, 11, tzinfo=UTC)
WINTER = (date(2021, 11, 1), date(2022, 4, 1))


def grid_of(sensor: str = "sentinel-2-l1c", site: Site = SITE) -> Grid:
    """The site's window."""
    return window_of(site.outline, SENSORS[sensor])


def scene_of(
    sensor: str = "sentinel-2-l1c",
    *,
    days: float = 0,
    grid: Grid | None = None,
    source_ids: tuple[str, ...] = ("S2A_MSIL1C_20220105T030111",),
    timeliness: str = "",
    baseline: str = "03.01",
    platform: str = "sentinel-2a",
) -> Scene:
    """A scene some days after ``START``."""
    time = START + timedelta(days=days)
    acquisition = Acquisition(
        platform=platform,
        start=time,
        stop=time + timedelta(seconds=14, microseconds=250_000),
        source_ids=source_ids,
        orbit_state="descending",
        relative_orbit=75,
        processing_baseline=baseline,
        timeliness=timeliness,
        cloud_cover=12.5,
    )
    return Scene(
        sensor=sensor,
        grid=grid or grid_of(sensor),
        time=time,
        acquisition=acquisition,
        site_ids=("ts-1",),
        request_hash="a" * 64,
        evalscript_hash="b" * 64,
        valid_share=1.0,
    )


def pixels_of(scene: Scene, seed: int = 0) -> NDArray[np.uint16]:
    """Stored numbers, with some missing in the north-west corner."""
    shape = (len(SENSORS[scene.sensor].bands), *scene.grid.shape)
    numbers = np.random.default_rng(seed).integers(0, 60_000, shape, dtype=np.uint16)
    numbers[:, :2, :3] = NODATA
    return numbers


def filled(root: Path | str, count: int, **options: object) -> Archive:
    """An archive of the site with a scene a day."""
    archive = Archive(root, storage_options=options or None)
    for day in range(count):
        scene = scene_of(days=day)
        archive.add(scene, pixels_of(scene, day))
    return archive


def files_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def moved(grid: Grid, columns: int, rows: int, wider: int = 0) -> Grid:
    """A grid of the same lattice, shifted east and north, and wider and higher by some pixels."""
    return replace(
        grid,
        left=grid.left + columns * grid.pixel_width,
        top=grid.top + rows * grid.pixel_height,
        width=grid.width + wider,
        height=grid.height + wider,
    )
