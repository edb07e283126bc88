"""Scores verdicts, dates and probabilities against what is publicly known of works.

Orders to halt are slid over the known days and judged by the very function that a run uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from satverify.domain.evidence import SiteResult, SiteTask
from satverify.domain.ports import Progress
from satverify.domain.sites import STAYS_HOT, Site
from satverify.domain.truth import Truth
from satverify.errors import InputError, Problem
from satverify.features.units import observed_units
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.project import Project
from satverify.pipeline.run import Failure, Verify, Workers, verify_sites
from satverify.pipeline.site import verify_site
from satverify.progress import Silent
from satverify.verification.scores import Scores, SiteTrial, scores
from satverify.verification.trials import Trial, sliding_trials

Units = Mapping[str | None, str]

LENGTHS = (10, 30)
"""Lengths of windows scored where none are asked for. [d]"""

STEP = 5
"""From one window to the next. [d]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What an evaluation gave."""

    scores: Scores
    failed: tuple[Failure, ...]
    """Works with a fault; they are in no score."""
    missing: tuple[str, ...]
    """Works in the truth that no project has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """One works before it is judged."""

    task: SiteTask
    truth: Truth
    units: Units
    trials: tuple[Trial, ...]


def evaluate(
    projects: Sequence[Project],
    truth: Truth,
    *,
    lengths: Sequence[int] = LENGTHS,
    step: int = STEP,
    workers: Workers | None = None,
    progress: Progress | None = None,
    verify: Verify = verify_site,
) -> Evaluation:
    """Judge sliding orders on the works of some projects, and hold everything against the truth.

    Parameters
    ----------
    projects
        From ``read_project``. Their own orders are left aside, their rules of verdicts hold; nothing is written.
    truth
        From ``read_truth``.
    lengths, step
        Lengths of the windows, and from one to the next. [d]
    workers
        Where sites are verified; a plain loop in this process where not given. It changes nothing in the scores.
    progress
        Told how far the work is.
    verify
        What is done with each site.

    Raises
    ------
    InputError
        An input is wrong, two projects have the same works, or no project has any of the truth's.
    """
    told = Silent() if progress is None else progress
    asked = _asked(projects, truth, lengths, step, told)
    missing = tuple(site_id for site_id in truth.site_ids if site_id not in asked)
    for site_id in missing:
        told.note(f"site {site_id} is in the truth and in no project: not scored")
    if not asked:
        raise InputError(f"nothing to score: none of the truth's works ({', '.join(missing)}) is in any project")
    told.start("verifying sites", len(asked))
    done: list[SiteTrial] = []
    failed: list[Failure] = []
    for outcome in verify_sites([each.task for each in asked.values()], verify, workers or Workers()):
        if isinstance(outcome, Failure):
            failed.append(outcome)
            told.note(f"site {outcome.site_id} failed: {outcome.message}")
        else:
            done.append(_answered(asked[outcome.site_id], outcome))
        told.advance(outcome.site_id)
    return Evaluation(
        scores=scores(sorted(done, key=lambda each: each.result.site_id)),
        failed=tuple(sorted(failed, key=lambda failure: failure.site_id)),
        missing=missing,
    )


def _asked(
    projects: Sequence[Project], truth: Truth, lengths: Sequence[int], step: int, told: Progress
) -> dict[str, _Asked]:
    """The works of all projects of which anything is known, each with its sliding orders, by id."""
    asked: dict[str, _Asked] = {}
    for project in projects:
        inputs = read_inputs(project, told)
        sites = tuple(site for site in inputs.sites if site.site_id in truth.site_ids)
        for site in sites:
            if site.site_id in asked:
                raise InputError(f"site {site.site_id}: expected in one project, found again in {project.file}")
        units = _units_of(project, sites, truth)
        trials = {
            site.site_id: sliding_trials(truth.of(site.site_id).spells, units[site.site_id], lengths=lengths, step=step)
            for site in sites
        }
        orders = tuple(trial.order for site in sites for trial in trials[site.site_id])
        chosen = replace(inputs, sites=sites, obligations=replace(inputs.obligations, orders=orders))
        for task in site_tasks(chosen, project.timezone, project.days):
            site_id = task.site.site_id
            asked[site_id] = _Asked(task=task, truth=truth.of(site_id), units=units[site_id], trials=trials[site_id])
    return dict(sorted(asked.items()))


def _answered(asked: _Asked, result: SiteResult) -> SiteTrial:
    return SiteTrial(truth=asked.truth, units=asked.units, trials=asked.trials, rules=asked.task.rules, result=result)


def _units_of(project: Project, sites: Sequence[Site], truth: Truth) -> dict[str, Units]:
    """Which observed unit each name in the truth means, by site.

    Raises
    ------
    InputError
        A name means none, or no name is given where there are several; with all such problems.
    """
    found: dict[str, Units] = {}
    problems: list[Problem] = []
    for site in sites:
        observed = observed_units(site)
        stopping = [unit.unit_id for unit in observed if unit.kind not in STAYS_HOT]
        units: dict[str | None, str] = {unit.unit_id: unit.unit_id for unit in observed}
        if len(stopping) == 1:
            units[None] = stopping[0]
        for name in truth.of(site.site_id).unit_names:
            if name not in units:
                expected = f"one of the units that can be told apart: {', '.join(unit.unit_id for unit in observed)}"
                given = "nothing" if name is None else name
                where = f"truth of site {site.site_id}, unit_id"
                problems.append(Problem(file=str(project.file), where=where, expected=expected, found=given))
        found[site.site_id] = units
    if problems:
        raise InputError(f"{project.file}: the truth does not fit its sites", problems=problems)
    return found
