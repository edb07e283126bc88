"""Proposes units where a works is hot again and again, for a person to name and add to the site list."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from satverify.archive import Archive
from satverify.domain.ports import Progress
from satverify.domain.sites import FootprintStatus, Site
from satverify.errors import InputError
from satverify.features.discover import HeatSource, discover_sources
from satverify.features.hot_targets.discover import FoundUnit
from satverify.features.hot_targets.kinds import Guess
from satverify.pipeline.discovery_scenes import find_in_scenes, has_scenes
from satverify.pipeline.inputs import Inputs, read_inputs
from satverify.pipeline.ledger import open_archive
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.project import FirmsSource, Project
from satverify.registry.geojson import geojson_bytes
from satverify.registry.problems import nearest, shown

TO_NAME = "fill in kind"
OUTSIDE = "fill in kind; lies outside the outline: another's heat, or an outline too small"
TO_CHECK = "kind is a guess: look and correct it"
NO_UNIT = "looks like a flare: leave it out if it is one; kind stands for heat that never stops"
BY_FURNACE = "looks like slag: leave it out, or take it for its furnace's"


class Evidence(StrEnum):
    """What units are proposed from."""

    SCENES = "scenes"
    DETECTIONS = "detections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What is proposed for one site."""

    site_id: str
    evidence: Evidence | None
    """What it is from; none where there was neither."""
    scenes: int
    """Scenes that showed some of the works; 0 for detections."""
    units: tuple[HeatSource | FoundUnit, ...]
    """The most heat first."""


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
    project: Project, progress: Progress, site_ids: Collection[str] = (), evidence: Evidence | None = None
) -> Iterator[Proposals]:
    """Places to which heat returns, site by site, sorted by id.

    Parameters
    ----------
    project
        Its orders and its policy are not read.
    progress
        Told of every file and every site.
    site_ids
        The sites asked for; none: all.
    evidence
        What to propose from; none: the scenes of a site where the archive has some, else detections.

    Raises
    ------
    InputError
        The inputs are wrong, a site asked for is not in the list, or the project has no such evidence.
    RetrievalError
        The archive cannot be read, or a file in it is damaged.
    """
    archive = _archive(project, evidence)
    firms = () if evidence is Evidence.SCENES else project.firms
    inputs = read_inputs(replace(project, orders=None, policy=None, ratios={}, firms=firms), progress)
    known = [site.site_id for site in inputs.sites]
    for name in site_ids:
        if name not in known:
            raise InputError(f"--site: expected the id of a listed site, found {shown(name)}{nearest(name, known)}")
    asked = [site for site in inputs.sites if not site_ids or site.site_id in site_ids]
    in_archive = {site.site_id: site for site in asked if archive is not None and _is_shown(archive, site, evidence)}
    progress.start("sites", len(asked))
    for proposals in _by_site(project, inputs, asked, archive, in_archive):
        yield proposals
        progress.advance(proposals.site_id)


def proposals_bytes(units: Sequence[HeatSource | FoundUnit]) -> bytes:
    """The places as units of a site list, GeoJSON.

    Those from detections have no ``kind``, which no reader goes without, so that a person fills it in; those from
    scenes have a guess.
    """
    return geojson_bytes((_properties(unit), unit.footprint) for unit in units)


def _archive(project: Project, evidence: Evidence | None) -> Archive | None:
    """Where to look for scenes, none where detections are to be used."""
    if evidence is Evidence.SCENES and project.archive is None:
        raise InputError(f"{project.file.name}: expected an archive of scenes, found no [archive]")
    if evidence is Evidence.DETECTIONS and not project.firms:
        raise InputError(f"{project.file.name}: expected a source of detections, found none of kind firms")
    if project.archive is None or evidence is Evidence.DETECTIONS:
        return None
    return open_archive(project)


def _is_shown(archive: Archive, site: Site, evidence: Evidence | None) -> bool:
    return evidence is Evidence.SCENES or has_scenes(archive, site)


def _by_site(
    project: Project, inputs: Inputs, asked: Sequence[Site], archive: Archive | None, in_archive: Collection[str]
) -> Iterator[Proposals]:
    rest = {site.site_id for site in asked if site.site_id not in in_archive}
    tasks = site_tasks(inputs, project.timezone, project.days) if rest and inputs.heat else iter(())
    for site in asked:
        site_id = site.site_id
        if archive is not None and site_id in in_archive:
            finds = find_in_scenes(archive, site)
            yield Proposals(site_id=site_id, evidence=Evidence.SCENES, scenes=finds.scenes, units=finds.units)
            continue
        task = next((task for task in tasks if task.site.site_id == site_id), None)  # both are sorted by id
        if task is None:
            yield Proposals(site_id=site_id, evidence=None, scenes=0, units=())
            continue
        service = task.observed.service
        served = int(service.loc[service["status"] == "service", "utc_date"].nunique())
        sources = discover_sources(task.site, task.observed.detections, served, task.others)
        yield Proposals(site_id=site_id, evidence=Evidence.DETECTIONS, scenes=0, units=sources)


def _properties(unit: HeatSource | FoundUnit) -> dict[str, object]:
    common: dict[str, object] = {
        "unit_id": unit.unit_id,
        "site_id": unit.site_id,
        "kind": None,
        "footprint_status": FootprintStatus.DISCOVERED.value,
        "name": "",
        "note": "",
    }
    near = {
        "near_unit": unit.nearest_unit,
        "near_m": None if unit.nearest_distance is None else round(unit.nearest_distance),
    }
    return common | (_of_scenes(unit) if isinstance(unit, FoundUnit) else _of_detections(unit)) | near


def _of_detections(source: HeatSource) -> dict[str, object]:
    return {
        "note": TO_NAME if source.is_inside else OUTSIDE,
        "pixels": source.pixels,
        "days": source.days,
        "first_day": source.first_day.isoformat(),
        "last_day": source.last_day.isoformat(),
        "share": round(source.share, 4),
        "months_hot": source.months_hot,
        "mean_mw": None if source.mean_power is None else round(source.mean_power, 2),
    }


def _of_scenes(unit: FoundUnit) -> dict[str, object]:
    traits = unit.traits
    return {
        "kind": unit.kind.value,
        "note": {Guess.FLARE: NO_UNIT, Guess.SLAG_YARD: BY_FURNACE}.get(unit.guess, TO_CHECK),
        "guess": unit.guess.value,
        "confidence": round(unit.confidence, 2),
        "seen_by": unit.sensor,
        "clear_scenes": unit.clear_scenes,
        "hot_scenes": unit.hot_scenes,
        "first_day": unit.first_day.isoformat(),
        "last_day": unit.last_day.isoformat(),
        "months_hot": unit.months_hot,
        "mean_mw": None if unit.mean_power is None else round(unit.mean_power, 2),
        "temperature_k": _rounded(traits.temperature),
        "variation": _rounded(traits.variation, 2),
        "length_m": _rounded(traits.length),
        "width_m": _rounded(traits.length / traits.slenderness),
        "warmth_k": _rounded(traits.warmth, 1),
    }


def _rounded(value: float, digits: int = 0) -> float | None:
    """A number that JSON has, none for one that is not known."""
    return (round(value, digits) if digits else round(value)) if math.isfinite(value) else None
