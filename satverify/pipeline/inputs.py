"""Reads everything a project names, once, in the main process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from satverify.domain.evidence import DETECTION_COLUMNS, SERVICE_COLUMNS, SKY_COLUMNS, empty_table
from satverify.domain.ports import Progress
from satverify.domain.sites import Site
from satverify.errors import InputError, Problem
from satverify.features.service import Outage, service_calendar
from satverify.pipeline.identity import file_hash
from satverify.pipeline.orders import Obligations, obligations
from satverify.pipeline.project import Days, FirmsSource, Project
from satverify.registry.sites import read_sites
from satverify.sources.cloud_cover import read_sky
from satverify.sources.firms import read_detections

T = TypeVar("T")
MARGIN = 0.5
"""How far round its detections a source counts as covering the ground, where no area is declared. [degree]"""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heat:
    """One source of thermal detections."""

    detections: pd.DataFrame
    """``DETECTION_COLUMNS``, sorted."""
    service: pd.DataFrame
    """``SERVICE_COLUMNS`` over the coverage."""
    area: Box | None
    """West, south, east, north of the ground it covers; none where it has no detections. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Everything that was read."""

    sites: tuple[Site, ...]
    """Sorted by id."""
    obligations: Obligations
    heat: tuple[Heat, ...]
    sky: pd.DataFrame
    """``SKY_COLUMNS`` of all sky sources."""
    used: tuple[dict[str, Any], ...]
    """What ``run.json`` says of each source."""
    hashes: dict[str, str]
    """SHA-256 of each input file by its shown name."""
    wind: tuple[dict[str, Any], ...] = ()
    """What ``run.json`` says of each source of wind."""


def read_inputs(project: Project, progress: Progress, today: date | None = None) -> Inputs:
    """Sites, orders, detections and sky of a project, as far as they can be known on ``today``.

    Raises
    ------
    InputError
        With the problems of all files together.
    """
    progress.start("reading", len(project.input_files))
    failures: list[InputError] = []
    sites = _tried(partial(read_sites, project.sites, datum=project.datum), failures) or ()
    known = tuple(sorted(sites, key=lambda site: site.site_id))
    obliged = _tried(partial(obligations, project, known), failures) if known else None
    firms = [_tried(partial(_read_firms, project, source, today), failures) for source in project.firms]
    skies = [_tried(partial(_read_sky, project, source.path), failures) for source in project.cloud_cover]
    winds = [_tried(partial(_read_wind, project, source.path), failures) for source in project.wind]
    hashes = {project.shown(path): file_hash(path) for path in project.input_files if path.is_file()}
    if failures:
        raise joined_errors(failures)
    heat = [read for read in firms if read is not None]
    sky = [read for read in skies if read is not None]
    for path in project.input_files:
        progress.advance(path.name)
    return Inputs(
        sites=known,
        obligations=obliged or Obligations(),
        heat=tuple(source for source, _ in heat),
        sky=pd.concat([table for table, _ in sky], ignore_index=True) if sky else empty_table(SKY_COLUMNS),
        used=tuple(said for _, said in [*heat, *sky]),
        hashes=dict(sorted(hashes.items())),
        wind=tuple(said for said in winds if said is not None),
    )


def no_heat() -> Heat:
    """A source that saw nothing and watched nothing."""
    return Heat(detections=empty_table(DETECTION_COLUMNS), service=empty_table(SERVICE_COLUMNS), area=None)


def joined_errors(failures: Sequence[InputError]) -> InputError:
    """One error for several files."""
    if len(failures) == 1:
        return failures[0]
    problems: list[Problem] = []
    lines = []
    for failure in failures:
        problems += failure.problems
        lines.append(str(failure).splitlines()[0] if failure.problems else str(failure))
    return InputError("; ".join(lines), problems=problems)


def _tried(read: Callable[[], T], failures: list[InputError]) -> T | None:
    """What ``read`` gives; its error is kept, so that the other files are still looked at."""
    try:
        return read()
    except InputError as error:
        failures.append(error)
        return None


def _read_firms(project: Project, source: FirmsSource, today: date | None) -> tuple[Heat, dict[str, Any]]:
    if not source.files:
        named = ", ".join(source.download)
        raise InputError(f"no detections of {named} yet: `satverify fetch {project.file.name}` downloads them")
    read = read_detections(source.files, today=today)
    coverage = _past(source.coverage or _seen_days(read.table), today)
    outages = [
        Outage(satellite=outage.satellite, start=outage.days[0], stop=outage.days[1]) for outage in source.outages
    ]
    service = service_calendar(read.table, coverage, outages)
    area = source.area or _area(read.table)
    said = {
        "kind": "firms",
        "files": [project.shown(path) for path in source.files],
        "coverage": [[start.isoformat(), stop.isoformat()] for start, stop in coverage],
        "coverage_from": "project file" if source.coverage else "first to last detection",
        "area": None if area is None else list(area),
        "area_from": "project file" if source.area else f"detections and {MARGIN} degrees round them",
        "satellites": _satellites(service),
        **_row_counts(read),
    }
    return Heat(detections=read.table, service=service, area=area), said


def _read_sky(project: Project, path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    read = read_sky(path)
    return read.table, {"kind": "cloud_cover", "files": [project.shown(path)], **_row_counts(read)}


def _read_wind(project: Project, path: Path) -> dict[str, Any]:
    """What there is of the wind; its fields stay in their files."""
    from satverify.sources.wind import open_wind

    with open_wind(path) as wind:
        known = wind.coverage
        return {
            "path": project.shown(path),
            "steps": [known.start.isoformat(), known.stop.isoformat()],
            "area": [known.west, known.south, known.east, known.north],
            "heights": list(known.heights),
            "has_boundary_layer": known.has_boundary_layer,
            "gaps": len(known.gaps),
            "notes": [str(note) for note in wind.notes],
        }


def _row_counts(read: Any) -> dict[str, Any]:  # noqa: ANN401 -- what every reader of tables counts
    return {
        "rows": {
            "read": read.rows_read,
            "kept": read.rows_kept,
            "left_out": read.rows_left_out,
            "duplicates": read.duplicates,
            "conflicts": read.conflicts,
        },
        "problems": [str(problem) for problem in read.problems],
        "notes": [str(note) for note in read.notes],
    }


def _past(coverage: tuple[Days, ...], today: date | None) -> tuple[Days, ...]:
    """The coverage before today: of days that are not over, no silence says anything."""
    if today is None:
        return coverage
    return tuple((start, min(stop, today)) for start, stop in coverage if start < today)


def _seen_days(detections: pd.DataFrame) -> tuple[Days, ...]:
    """From the first detection to the last, where the project does not say what the files cover."""
    if detections.empty:
        return ()
    first: date = detections["utc_date"].min().date()
    last: date = detections["utc_date"].max().date()
    return ((first, last + timedelta(days=1)),)


def _area(detections: pd.DataFrame) -> Box | None:
    if detections.empty:
        return None
    east, north = detections["longitude"], detections["latitude"]
    box = (east.min() - MARGIN, north.min() - MARGIN, east.max() + MARGIN, north.max() + MARGIN)
    west, south, right, top = (round(float(edge), 6) for edge in box)
    return west, south, right, top


def _satellites(service: pd.DataFrame) -> list[dict[str, Any]]:
    """Days in service and out of it, by satellite."""
    counted = service.groupby(["sensor", "satellite"], sort=True)["status"]
    return [
        {
            "sensor": sensor,
            "satellite": satellite,
            "service_days": int((status == "service").sum()),
            "outage_days": int((status == "outage").sum()),
        }
        for (sensor, satellite), status in counted
    ]
