"""A whole run: read, verify every site, bring the findings together, write, report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from satverify.domain.evidence import SiteTask
from satverify.domain.findings import Finding, Verdict
from satverify.domain.ports import Progress
from satverify.pipeline.classifier import read_classifier
from satverify.pipeline.files import require_writable
from satverify.pipeline.heat import heat_of_sites
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.outputs import Flag, write_outputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.project import Project
from satverify.pipeline.remarks import remarks
from satverify.pipeline.run import Failure, Verify, Workers, verify_sites
from satverify.pipeline.site import verify_site
from satverify.pipeline.state import SiteStore, task_key
from satverify.progress import Silent

STATE = ".state"
"""Folder of finished sites inside the outputs."""

VERIFY = f"{verify_site.__module__}.{verify_site.__qualname__}"
"""The built-in function that judges a site, by name; with a classifier its digest is part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run gave; everything else is in the files of ``outputs``."""

    outputs: Path
    """Folder with the findings, flags, tables and reports."""
    findings: tuple[Finding, ...]
    """Sorted by site, order and unit; q-values filled in."""
    flags: tuple[Flag, ...]
    """Latest event of every flag, withdrawn ones among them."""
    failed: tuple[Failure, ...]
    """Sites with a fault; they have no findings in this run."""
    reused: int
    """Sites whose result an earlier run left."""
    index: Path | None
    """The report to open first; none where none was asked for."""

    @property
    def inconsistent(self) -> tuple[Finding, ...]:
        """Findings that are inconsistent with their order."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.INCONSISTENT)


def run(
    project: Project,
    *,
    workers: Workers | None = None,
    lang: str | None = "en",
    progress: Progress | None = None,
    verify: Verify | None = None,
    today: date | None = None,
) -> RunResult:
    """Verify every order of a project and write what was found.

    Parameters
    ----------
    project
        From ``read_project``.
    workers
        Where sites are verified; a plain loop in this process where not given. It changes nothing in what is written.
    lang
        Language of the reports, ``en`` or ``zh``; none: no reports.
    progress
        Told how far the work is.
    verify
        What is done with each site; the built-in ``verify_site`` where not given.
    today
        The UTC day of the run: later detections are left out and told, and no day from it on counts as looked at.
        Nothing is in the future where not given. The one thing besides the inputs that an answer can depend on.

    Returns
    -------
    The findings, and where the files are. Sites that an earlier run finished on the same inputs are not redone.

    Raises
    ------
    InputError
        An input is wrong, or the outputs cannot be written.
    RetrievalError
        The scheduler does not answer.
    KeyboardInterrupt
        Ctrl-C: sites finished so far are kept in the outputs, the other files are as they were.
    """
    told = Silent() if progress is None else progress
    pool = workers or Workers()
    inputs = read_inputs(project, told, today)
    for remark in remarks(project, inputs):
        told.note(remark)
    require_writable(project.outputs)
    store = SiteStore(project.outputs / STATE)
    heat, unmeasured = heat_of_sites(project, inputs.sites, project.outputs / STATE, pool, told)
    known = read_classifier(project.classifier) if any(len(table) for table in heat.values()) else None
    judge = verify or (partial(verify_site, model=known.model) if known else verify_site)
    name = f"{verify.__module__}.{verify.__qualname__}" if verify else f"{VERIFY}{known.digest if known else ''}"
    blind = {fault.site_id for fault in unmeasured}
    told.start("planning", len(inputs.sites))
    planned = site_tasks(inputs, project.timezone, project.days, heat)
    tasks = (task for task in planned if task.site.site_id not in blind)
    keys, faults, reused = _verify(tasks, store, judge, name, pool, told)
    failed = sorted([*faults, *unmeasured], key=lambda failure: failure.site_id)
    findings, flags = write_outputs(project, inputs, store, keys, failed, known)
    store.keep_only(keys.values())
    index = None
    if lang is not None:
        from satverify.pipeline.reports import write_reports

        index = write_reports(project, lang=lang, progress=told, sites=inputs.sites, obliged=inputs.obligations)
    return RunResult(
        outputs=project.outputs, findings=findings, flags=flags, failed=tuple(failed), reused=reused, index=index
    )


def _verify(
    tasks: Iterable[SiteTask], store: SiteStore, judge: Verify, name: str, workers: Workers, progress: Progress
) -> tuple[Mapping[str, str], list[Failure], int]:
    """Keys of finished sites by site id, sites with a fault, and how many sites were finished before."""
    keys: dict[str, str] = {}
    pending: list[SiteTask] = []
    waiting: dict[str, str] = {}
    for task in tasks:
        site_id, key = task.site.site_id, task_key(task, name)
        if store.load(key) is not None:
            keys[site_id] = key
        else:
            pending.append(task)
            waiting[site_id] = key
        progress.advance(site_id)
    reused, failed = len(keys), []
    if reused:
        progress.note(f"{reused} of {reused + len(pending)} sites are finished already")
    if pending:
        progress.start("verifying sites", len(pending))
    for outcome in verify_sites(pending, judge, workers):
        if isinstance(outcome, Failure):
            failed.append(outcome)
            progress.note(f"site {outcome.site_id} failed: {outcome.message}")
        else:
            store.save(waiting[outcome.site_id], outcome)
            keys[outcome.site_id] = waiting[outcome.site_id]
        progress.advance(outcome.site_id)
    return keys, failed, reused
