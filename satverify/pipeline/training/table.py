"""Looks with known states: what simulated scenes show of simulated units, beside what these truly did.

A site is one piece of work: a works of its own, a winter of its own under a sky of its own, all from one number. So the
table is the same whoever makes it, and one site more changes nothing for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from satverify.domain.evidence import empty_table
from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.ports import Progress
from satverify.domain.sites import Site
from satverify.errors import ModelError
from satverify.features.hot_targets.measure import measure_heat
from satverify.features.hot_targets.night import measure_night
from satverify.features.units import ImagedUnit, imaged_units, pooled_units
from satverify.pipeline.heat import BY_DAY, BY_NIGHT
from satverify.pipeline.run import Failure, Workers, over_sites
from satverify.pipeline.training.scenes import simulated_chips
from satverify.pipeline.training.season import NIGHTS, TrainingSeason, drawn_season, drawn_site
from satverify.simulate.truth import levels_at, state_of

TRAINING_COLUMNS = {**HEAT_COLUMNS, "level": "float64", "state": "str", "is_settled": "bool"}
"""``level`` is the unit's output against full output at the time of the look [0, 1]; ``state`` what that makes it;
``is_settled`` says that it worked, or stood, for ``SETTLED`` before: slag glows on for days after a stop."""

SETTLED = np.timedelta64(72, "h")
STEP = np.timedelta64(2, "h")
"""How closely the time before a look is gone through: no machine stops for less than an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingTask:
    """One simulated site and its winter."""

    site: Site
    """Made up."""
    number: int
    """Of the site; with the seed it settles everything."""
    seed: int
    """Of the whole training."""


def training_looks(sites: int, seed: int, workers: Workers, progress: Progress) -> pd.DataFrame:
    """What the scenes of made-up sites show, with the truth beside it.

    Parameters
    ----------
    sites
        How many, at least one.
    seed
        Of everything.
    workers
        Where sites are simulated; it makes no difference to the table.
    progress
        Told how far the work is.

    Returns
    -------
    ``TRAINING_COLUMNS``, by site, unit, time and sensor.

    Raises
    ------
    ModelError
        A site could not be simulated.
    """
    tasks = [TrainingTask(site=drawn_site(number, seed), number=number, seed=seed) for number in range(sites)]
    progress.start("simulating sites", len(tasks))
    tables: list[pd.DataFrame] = []
    for outcome in over_sites(tasks, site_looks, workers):
        if isinstance(outcome, Failure):
            raise ModelError(
                f"training: site {outcome.site_id} cannot be simulated: {outcome.message}\n{outcome.details}"
            )
        tables.append(outcome)
        progress.advance(str(outcome["site_id"].iloc[0]) if len(outcome) else "")
    table = pd.concat([empty_table(TRAINING_COLUMNS), *[each for each in tables if len(each)]], ignore_index=True)
    keys = ["site_id", "unit_id", "time", "sensor", "satellite", "scene_id"]
    return table.astype(TRAINING_COLUMNS).sort_values(keys, kind="stable", ignore_index=True)


def site_looks(task: TrainingTask) -> pd.DataFrame:
    """Looks at one simulated site, ``TRAINING_COLUMNS``."""
    season = drawn_season(task.site, task.number, task.seed)
    tables = [table for table in _measured(season) if len(table)]
    if not tables:
        return empty_table(TRAINING_COLUMNS)
    return pd.concat(tables, ignore_index=True).astype(TRAINING_COLUMNS)[list(TRAINING_COLUMNS)]


def _measured(season: TrainingSeason) -> Iterator[pd.DataFrame]:
    site = season.site
    for sensor in (*BY_DAY, *BY_NIGHT):
        start, stop = season.days
        days = (start, min(stop, start + NIGHTS)) if sensor in BY_NIGHT else season.days
        chips = simulated_chips(season.scenes, site, sensor, days)
        if not len(chips):
            continue
        units = pooled_units(site) if sensor in BY_NIGHT else imaged_units(site)
        measure = measure_night if sensor in BY_NIGHT else measure_heat
        yield _with_truth(measure(site.site_id, chips, units), season, units)


def _with_truth(heat: pd.DataFrame, season: TrainingSeason, units: tuple[ImagedUnit, ...]) -> pd.DataFrame:
    """Looks with the output of their unit, and the state that it makes."""
    level, is_settled = np.zeros(len(heat)), np.ones(len(heat), dtype=bool)
    time = heat["time"].dt.tz_localize(None).to_numpy()
    before = np.arange(SETTLED // STEP + 1) * STEP
    for unit in units:
        rows = np.flatnonzero((heat["unit_id"] == unit.unit_id).to_numpy())
        if season.draw is not None and len(rows):
            moments = (time[rows][:, np.newaxis] - before).ravel()
            past = levels_at(season.draw, season.site.site_id, [unit.unit_id], moments)[0].reshape(len(rows), -1)
            level[rows] = past[:, 0]
            is_settled[rows] = ((past > 0) == (past[:, :1] > 0)).all(axis=1)
    return heat.assign(level=level, state=state_of(level), is_settled=is_settled)
