"""What the archived scenes show of every unit, measured once: scenes of one site are one piece of work.

What was measured is kept between runs under the hash of all it follows from, so that a run reads only new scenes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

from satverify.archive import Archive
from satverify.domain.evidence import empty_table
from satverify.domain.heat import FEATURES_VERSION, HEAT_COLUMNS
from satverify.domain.ports import Progress
from satverify.domain.sites import Site
from satverify.features.hot_targets.measure import measure_scenes
from satverify.features.hot_targets.night import measure_night
from satverify.features.units import imaged_units, pooled_units
from satverify.pipeline.chips import chips_of, scene_ids
from satverify.pipeline.files import write_whole
from satverify.pipeline.identity import code_hash, value_hash
from satverify.pipeline.ledger import open_archive
from satverify.pipeline.project import Project
from satverify.pipeline.run import Failure, Workers, guarded, over_sites
from satverify.pipeline.tables import frame_of, parquet_bytes

BY_DAY = ("sentinel-2-l1c", "landsat-ot-l1")
BY_NIGHT = ("sentinel-3-slstr",)
"""Sensors whose scenes show heat."""

KEYS = ["unit_id", "time", "sensor", "satellite"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatTask:
    """The scenes of one site."""

    site: Site
    archive: Archive
    """Where the scenes are; it travels by its address."""
    sensors: tuple[str, ...]
    """Whose scenes to measure."""
    days: tuple[date, date]
    """UTC days ``[start, stop)``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteHeat:
    """What the scenes of one site show."""

    site_id: str
    heat: pd.DataFrame
    """``HEAT_COLUMNS``, by unit and time."""


def measure_site(task: HeatTask) -> SiteHeat:
    """Measure every unit in every scene of a site; same archive, same rows."""
    tables = list(_measured(task))
    filled = [table for table in tables if not table.empty]
    if not filled:
        return SiteHeat(site_id=task.site.site_id, heat=empty_table(HEAT_COLUMNS))
    heat = pd.concat(filled, ignore_index=True).sort_values(KEYS, kind="stable", ignore_index=True)
    return SiteHeat(site_id=task.site.site_id, heat=heat.astype(HEAT_COLUMNS)[list(HEAT_COLUMNS)])


def heat_of_sites(
    project: Project, sites: Sequence[Site], folder: Path, workers: Workers, progress: Progress
) -> tuple[Mapping[str, pd.DataFrame], tuple[Failure, ...]]:
    """What the archive shows of the units of all sites that have scenes.

    Parameters
    ----------
    project
        Whose archive, sensors and days.
    sites
        The sites.
    folder
        Where measurements are kept between runs.
    workers
        Where scenes are measured.
    progress
        Told how far the work is.

    Returns
    -------
    Tables with ``HEAT_COLUMNS`` by site id, and the sites with a fault, such as a damaged file.
    """
    tasks = _tasks(project, sites)
    failed: list[Failure] = []
    keys: dict[str, str] = {}
    for task in tasks:
        key = guarded(_key, task)
        if isinstance(key, Failure):
            failed.append(_told(key, progress))
        else:
            keys[task.site.site_id] = key
    found = {site_id: table for site_id, key in keys.items() if (table := _kept(folder, key)) is not None}
    pending = [task for task in tasks if task.site.site_id in keys.keys() - found.keys()]
    if pending:
        progress.start("measuring scenes", len(pending))
    for outcome in over_sites(pending, measure_site, workers):
        if isinstance(outcome, Failure):
            failed.append(_told(outcome, progress))
        else:
            found[outcome.site_id] = outcome.heat
            write_whole(_path(folder, keys[outcome.site_id]), parquet_bytes(outcome.heat, HEAT_COLUMNS))
        progress.advance(outcome.site_id)
    _keep_only(folder, keys.values())
    return found, tuple(failed)


def _told(failure: Failure, progress: Progress) -> Failure:
    progress.note(f"site {failure.site_id}: its scenes cannot be measured: {failure.message}")
    return failure


def _measured(task: HeatTask) -> Iterator[pd.DataFrame]:
    site = task.site
    for sensor in task.sensors:
        scenes = chips_of(task.archive, site, sensor, task.days)
        if sensor in BY_NIGHT:
            for chips in scenes:
                yield measure_night(site.site_id, chips, pooled_units(site))
        else:
            yield measure_scenes(site.site_id, scenes, imaged_units(site))


def _tasks(project: Project, sites: Sequence[Site]) -> list[HeatTask]:
    """One piece of work for each site that scenes are retrieved for."""
    if project.archive is None:
        return []
    archive = open_archive(project)
    start, stop = project.days
    days = (start - timedelta(days=1), stop + timedelta(days=1))  # local days begin and end on other UTC days
    named = {name for source in project.sentinelhub for name in source.sensors}
    wanted = tuple(sensor for sensor in (*BY_DAY, *BY_NIGHT) if sensor in named)
    some = [source.site_ids for source in project.sentinelhub]
    chosen = None if not all(some) else {site_id for ids in some for site_id in ids}
    return [
        HeatTask(site=site, archive=archive, sensors=wanted, days=days)
        for site in sites
        if wanted and (chosen is None or site.site_id in chosen)
    ]


def _key(task: HeatTask) -> str:
    """Hash of all that the measurements of a site follow from."""
    ids = tuple(scene_ids(task.archive, task.site, sensor, task.days) for sensor in task.sensors)
    return value_hash((task.site, ids, FEATURES_VERSION, code_hash()))


def _kept(folder: Path, key: str) -> pd.DataFrame | None:
    """What an earlier run measured, none where it did not or the file is damaged."""
    try:
        return frame_of(_path(folder, key).read_bytes(), HEAT_COLUMNS)
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


def _keep_only(folder: Path, keys: Collection[str]) -> None:
    """Delete what was measured of other scenes, or by other code."""
    wanted = {_path(folder, key) for key in keys}
    for path in folder.glob("heat-*.parquet"):
        if path not in wanted:
            path.unlink(missing_ok=True)


def _path(folder: Path, key: str) -> Path:
    return folder / f"heat-{key}.parquet"
