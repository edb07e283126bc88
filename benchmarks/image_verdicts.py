"""Verdicts from images alone on simulated works that no model was trained on: how many are right, wrong, and left open.

Orders on whole sites are obeyed, obeyed with the furnace banked, or ignored (`pipeline.training.season`). Only scenes
are given: no detection joins them, so this is the hardest case, and every decision is the classifier's and the roofs'.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from satverify.domain.evidence import (
    DETECTION_COLUMNS,
    SERVICE_COLUMNS,
    SKY_COLUMNS,
    Observed,
    SiteTask,
    empty_table,
)
from satverify.domain.findings import Finding, Verdict
from satverify.errors import ModelError
from satverify.features.overpasses import learn_overpasses
from satverify.features.surroundings import observe_site
from satverify.pipeline.classifier import Classifier, read_classifier
from satverify.pipeline.run import Failure, Workers, over_sites
from satverify.pipeline.site import verify_site
from satverify.pipeline.training.season import drawn_season, drawn_site
from satverify.pipeline.training.table import TrainingTask, site_looks
from satverify.verification.fdr import is_tested

SEED = 11
FIRST = 1000
"""Number of the first site: training counts from 0."""


def main(arguments: Sequence[str]) -> None:
    """Print one table of verdicts against the truth."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench image-verdicts", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--sites", type=int, default=24, help="works to simulate")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    chosen = parser.parse_args(arguments)
    numbers = range(FIRST, FIRST + chosen.sites)
    tasks = [TrainingTask(site=drawn_site(number, SEED), number=number, seed=SEED) for number in numbers]
    known, counts, scored = read_classifier(), Counter[tuple[str, bool, Verdict]](), 0
    squared: dict[str, list[float]] = {}
    for task, heat in _measured(tasks, chosen.workers):
        scored += 1
        for finding, is_met, kind in _judged(task, heat, known):
            counts[kind, is_met, finding.verdict] += 1
            squared.setdefault(kind, []).append((finding.p_met - is_met) ** 2)
    print(f"{scored} works, scenes alone, model {known.model.name}\n")
    print("| unit | truth | consistent | inconsistent | undetermined | Brier score |")
    print("|---|---|---|---|---|---|")
    for kind in sorted(squared):
        for is_met in (True, False):
            cells = [str(counts[kind, is_met, verdict]) for verdict in Verdict]
            score = f"{np.mean(squared[kind]):.3f}" if is_met else ""
            print(f"| {kind} | {'met' if is_met else 'not met'} | {' | '.join(cells)} | {score} |")


def _measured(tasks: Sequence[TrainingTask], workers: int) -> list[tuple[TrainingTask, pd.DataFrame]]:
    by_id = {task.site.site_id: task for task in tasks}
    found: dict[str, pd.DataFrame] = {}
    for outcome in over_sites(tasks, site_looks, Workers(processes=workers)):
        if isinstance(outcome, Failure):
            raise ModelError(outcome.details)
        if len(outcome):
            found[str(outcome["site_id"].iloc[0])] = outcome
    return [(by_id[site_id], found[site_id]) for site_id in sorted(found)]


def _judged(task: TrainingTask, heat: pd.DataFrame, known: Classifier) -> list[tuple[Finding, bool, str]]:
    """Findings on units whose truth is told, with it and the kind of the unit."""
    season = drawn_season(task.site, task.number, task.seed)
    if season.draw is None:
        return []
    nothing = empty_table(DETECTION_COLUMNS)
    observed: Observed = observe_site(
        task.site, nothing, empty_table(SERVICE_COLUMNS), learn_overpasses(nothing), empty_table(SKY_COLUMNS), nothing
    )
    work = SiteTask(
        site=task.site,
        orders=season.draw.orders,
        observed=Observed(
            detections=observed.detections,
            service=observed.service,
            sky=observed.sky,
            passes=observed.passes,
            neighbours=observed.neighbours,
            heat=heat.sort_values(["unit_id", "time", "sensor", "satellite"], ignore_index=True),
        ),
        timezone=season.draw.scenario.timezone,
        days=season.days,
    )
    kinds = {unit.unit_id: str(unit.kind) for unit in task.site.units}
    truth = {(row.order_id, row.unit_id): bool(row.is_met) for row in season.draw.outcomes.itertuples()}
    return [
        (finding, truth[finding.order_id, finding.unit_id], kinds.get(finding.unit_id, "all furnaces"))
        for finding in verify_site(work, known.model).findings
        if (finding.order_id, finding.unit_id) in truth and is_tested(finding)
    ]
