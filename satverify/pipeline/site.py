"""One site, from what was observed round it to its findings: the whole line of the design in one function."""

from __future__ import annotations

import numpy as np
import pandas as pd

from satverify.domain.evidence import (
    ACTIVITY_COLUMNS,
    CHANGE_COLUMNS,
    LOOK_COLUMNS,
    SiteResult,
    SiteTask,
    empty_table,
)
from satverify.domain.looks import USABLE
from satverify.features.detections import measure
from satverify.features.places import heat_places, nearest_neighbour
from satverify.features.plane import Plane
from satverify.features.units import ObservedUnit, observed_units
from satverify.inference.changes import change_dates
from satverify.inference.durations import StateModel
from satverify.inference.observation import Days, Observation, observe
from satverify.inference.states import smooth
from satverify.verification.judge import UnitEvidence, judge


def verify_site(task: SiteTask) -> SiteResult:
    """Looks, activity, dated changes and findings of one site; same task, same result."""
    site, observed = task.site, task.observed
    units = observed_units(site)
    served = observed.service.loc[observed.service["status"] == "service", "utc_date"].nunique()
    places = heat_places(site, units, observed.detections, int(served), task.others)
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    days = np.arange(np.datetime64(task.days[0], "D"), np.datetime64(task.days[1], "D"))
    seen = {
        unit.unit_id: observe(
            measure(site.site_id, unit, places, observed, plane, task.timezone), StateModel.for_kind(unit.kind), days
        )
        for unit in units
    }
    neighbour = nearest_neighbour(site, places.cells, int(served))
    evidence = tuple(_evidence(unit, seen[unit.unit_id], neighbour) for unit in units)
    accounts = [_account(site.site_id, each, seen[each.unit.unit_id], days) for each in evidence]
    return SiteResult(
        site_id=site.site_id,
        looks=_stacked([each.looks for each in evidence], LOOK_COLUMNS, ["unit_id", "time", "sensor", "satellite"]),
        activity=_stacked([activity for activity, _ in accounts], ACTIVITY_COLUMNS, ["unit_id", "local_day"]),
        cells=places.cells.sort_values("cell_id", ignore_index=True),
        changes=_stacked([changes for _, changes in accounts], CHANGE_COLUMNS, ["unit_id", "local_day"]),
        findings=judge(site, task.orders, evidence, task.rules),
    )


def _evidence(unit: ObservedUnit, seen: Observation, neighbour: float | None) -> UnitEvidence:
    return UnitEvidence(
        unit=unit,
        looks=seen.looks,
        model=StateModel.for_kind(unit.kind),
        has_history=seen.has_history,
        neighbour=neighbour,
    )


def _account(site_id: str, each: UnitEvidence, seen: Observation, days: Days) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The unit's activity on each local day, and its dated changes; none for a unit that was never seen at work."""
    if not seen.has_history:
        return empty_table(ACTIVITY_COLUMNS), empty_table(CHANGE_COLUMNS)
    posterior = smooth(seen.daily[None], each.model)
    usable = seen.looks[seen.looks["quality"].isin([str(quality) for quality in USABLE])]
    per_day = usable["local_day"].value_counts()
    moments = pd.Series(days.astype("datetime64[us]"))
    activity = pd.DataFrame({"site_id": site_id, "unit_id": each.unit.unit_id, "local_day": moments})
    activity[["p_running", "p_reduced", "p_halted"]] = posterior.smoothed[0]
    activity[["online_p_running", "online_p_reduced", "online_p_halted"]] = posterior.online[0]
    activity["clear_looks"] = moments.map(per_day).fillna(0).astype("int64")
    changes = pd.DataFrame(
        [
            {
                "site_id": site_id,
                "unit_id": each.unit.unit_id,
                "change": str(change.kind),
                "local_day": days[change.day],
                "low": days[change.low],
                "high": days[min(change.high, len(days) - 1)],
                "level": change.level,
            }
            for change in change_dates(seen.daily, each.model)
        ],
        columns=list(CHANGE_COLUMNS),
    )
    return activity.astype(ACTIVITY_COLUMNS), changes.astype(CHANGE_COLUMNS)


def _stacked(tables: list[pd.DataFrame], columns: dict[str, str], keys: list[str]) -> pd.DataFrame:
    """All units' rows in one table, sorted."""
    filled = [table for table in tables if not table.empty]
    if not filled:
        return empty_table(columns)
    return pd.concat(filled, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
