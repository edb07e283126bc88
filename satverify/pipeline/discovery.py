"""Proposes units where a works is hot again and again, for a person to name and add to the site list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from satverify.domain.ports import Progress
from satverify.domain.sites import FootprintStatus
from satverify.errors import InputError
from satverify.features.discover import HeatSource, discover_sources
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.project import FirmsSource, Project
from satverify.registry.geojson import geojson_bytes
from satverify.registry.problems import nearest, shown

TO_NAME = "fill in kind"
OUTSIDE = "fill in kind; lies outside the outline: another's heat, or an outline too small"


def bare_project(sites: Path, detections: Sequence[Path], datum: str = "wgs84") -> Project:
    """A project of a site list and detections alone, enough to discover units; the days are those of the files."""
    return Project(
        file=Path("discover-units"),
        name="discover units",
        timezone="UTC",
        days=(date(1970, 1, 1), date(1970, 1, 2)),
        sites=sites,
        datum=datum,
        firms=(FirmsSource(paths=tuple(detections)),),
        outputs=Path(),
    )


def discover_units(
    project: Project, progress: Progress, site_ids: Collection[str] = ()
) -> Iterator[tuple[str, tuple[HeatSource, ...]]]:
    """Ids of sites, each with the places to which its heat returns.

    Parameters
    ----------
    project
        Its orders and its policy are not read.
    progress
        Told of every file and every site.
    site_ids
        The sites asked for; none: all.

    Raises
    ------
    InputError
        The inputs are wrong, or a site asked for is not in the list.
    """
    inputs = read_inputs(replace(project, orders=None, policy=None, ratios={}), progress)
    known = [site.site_id for site in inputs.sites]
    for name in site_ids:
        if name not in known:
            raise InputError(f"--site: expected the id of a listed site, found {shown(name)}{nearest(name, known)}")
    progress.start("sites", len(known))
    for task in site_tasks(inputs, project.timezone, project.days):
        if not site_ids or task.site.site_id in site_ids:
            service = task.observed.service
            served = service.loc[service["status"] == "service", "utc_date"].nunique()
            yield (
                task.site.site_id,
                discover_sources(task.site, task.observed.detections, int(served), task.others),
            )
        progress.advance(task.site.site_id)


def proposals_bytes(sources: Sequence[HeatSource]) -> bytes:
    """The places as units of a site list, GeoJSON; a person fills in ``kind``, which no reader goes without."""
    return geojson_bytes((_properties(source), source.footprint) for source in sources)


def _properties(source: HeatSource) -> dict[str, object]:
    return {
        "unit_id": source.unit_id,
        "site_id": source.site_id,
        "kind": None,
        "footprint_status": FootprintStatus.DISCOVERED.value,
        "name": "",
        "note": TO_NAME if source.is_inside else OUTSIDE,
        "pixels": source.pixels,
        "days": source.days,
        "first_day": source.first_day.isoformat(),
        "last_day": source.last_day.isoformat(),
        "share": round(source.share, 4),
        "months_hot": source.months_hot,
        "mean_mw": None if source.mean_power is None else round(source.mean_power, 2),
        "near_unit": source.nearest_unit,
        "near_m": None if source.nearest_distance is None else round(source.nearest_distance),
    }
