"""Renders the reports from what a run left in the outputs, the site list and the orders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from satverify import report
from satverify.domain.findings import Finding
from satverify.domain.policy import Order
from satverify.domain.ports import Progress
from satverify.domain.sites import Site
from satverify.errors import InputError, Problem
from satverify.pipeline.ledger import open_archive
from satverify.pipeline.orders import Obligations, obligations
from satverify.pipeline.outputs import FINDINGS_SCHEMA, RUN_SCHEMA
from satverify.pipeline.project import Project
from satverify.pipeline.records import finding_of
from satverify.pipeline.shown_chips import site_chips
from satverify.pipeline.site_rows import AGAIN, SiteRows
from satverify.pipeline.tables import TABLES
from satverify.progress import Silent
from satverify.registry.sites import read_sites

SHOWN = ("looks", "activity", "cells", "changes")
"""Tables that pages are made of."""


def write_reports(
    project: Project,
    *,
    lang: str,
    progress: Progress | None = None,
    sites: Sequence[Site] | None = None,
    obliged: Obligations | None = None,
) -> Path:
    """One page per site and an index, from the outputs of the last run.

    Parameters
    ----------
    project
        Whose outputs to show.
    lang
        ``en`` or ``zh``.
    progress
        Told how far the work is.
    sites, obliged
        As read before; read again where not given.

    Returns
    -------
    The index.

    Raises
    ------
    InputError
        The outputs are absent, damaged or of different runs, or the pages cannot be written.
    """
    told = Silent() if progress is None else progress
    listed = sorted(read_sites(project.sites, datum=project.datum) if sites is None else sites, key=lambda s: s.site_id)
    orders = (obligations(project, listed) if obliged is None else obliged).orders
    head, findings = _run_head(project.outputs), _findings(project.outputs)
    folder = project.outputs / "reports"
    archive = open_archive(project) if project.archive is not None else None
    told.start("writing reports", len(listed))
    asked: dict[str, list[Order]] = {}
    for order in orders:
        asked.setdefault(order.site_id, []).append(order)
    lines = []
    with ExitStack() as opened:
        tables = {
            name: opened.enter_context(SiteRows(project.outputs / f"{name}.parquet", TABLES[name])) for name in SHOWN
        }
        for site in listed:
            view = report.site_view(
                head,
                site,
                orders=asked.get(site.site_id, []),
                findings=findings.get(site.site_id, []),
                **{name: table.of(site.site_id) for name, table in tables.items()},
            )
            if archive is not None:
                view = report.with_chips(view, site_chips(archive, site, view))
            report.write_site_report(_made(folder) / report.report_name(site.site_id), view, lang)
            lines.append(report.index_line(view))
            told.advance(site.site_id)
    index = _made(folder) / "index.html"
    report.write_index(index, report.index_view(head, lines), lang)
    _remove_others(folder, {report.report_name(site.site_id) for site in listed} | {index.name})
    return index


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(f"{folder}: cannot be made: {exc.strerror or exc}") from exc
    return folder


def _remove_others(folder: Path, names: set[str]) -> None:
    """Pages of sites that are no longer in the list would be taken for current ones."""
    for page in folder.glob("*.html"):
        if page.name not in names:
            page.unlink(missing_ok=True)


def _run_head(outputs: Path) -> report.Project:
    """What holds for every page, once the outputs are known to be whole and of one run."""
    said = _json(outputs / "run.json", RUN_SCHEMA)
    problems = [
        Problem(file=name, where="the file", expected=f"the bytes that run.json vouches for ({AGAIN})", found="others")
        for name, digest in said["outputs_sha256"].items()
        if name != "flags.jsonl" and _digest(outputs / name) != digest
    ]
    if problems:
        raise InputError(f"{outputs}: the outputs are not those of one run", problems=problems)
    head = said["project"]
    start, stop = (date.fromisoformat(day) for day in head["days"])
    return report.Project(
        name=head["name"],
        timezone=head["timezone"],
        days=(start, stop),
        simulated=head["simulated"],
        version=said["code"]["version"],
        config_hash=said["settings_sha256"],
        decided=(said["rules"]["inconsistent_at"], said["rules"]["consistent_at"]),
        priors=(said["rules"]["prior_low"], said["rules"]["prior_high"]),
        sources=tuple(_source_use(source) for source in said["sources"]),
    )


def _source_use(source: Mapping[str, Any]) -> report.SourceUse:
    coverage = tuple(
        (date.fromisoformat(start), date.fromisoformat(stop)) for start, stop in source.get("coverage", [])
    )
    return report.SourceUse(kind=source["kind"], coverage=coverage, files=tuple(source["files"]))


def _findings(outputs: Path) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for record in _json(outputs / "findings.json", FINDINGS_SCHEMA)["findings"]:
        finding = finding_of(record)
        found.setdefault(finding.site_id, []).append(finding)
    return found


def _json(path: Path, schema: str) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise InputError(f"{path}: there is none; {AGAIN}") from exc
    except (OSError, ValueError) as exc:
        raise InputError(f"{path}: cannot be read: {exc}; {AGAIN}") from exc
    if not isinstance(said, dict) or said.get("schema") != schema:
        raise InputError(f"{path}: expected schema {schema}; {AGAIN}")
    return said


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
