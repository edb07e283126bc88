"""One site, from what was observed round it to its findings: the whole line of the design in one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from satverify.domain.looks import STATES, USABLE, State
from satverify.domain.sites import IRON_MAKERS, Site, UnitKind
from satverify.features.detections import measure
from satverify.features.hot_targets.measure import SENSORS_BY_DAY
from satverify.features.places import heat_places, nearest_neighbour
from satverify.features.plane import Plane
from satverify.features.units import ObservedUnit, imaged_units, observed_units, pooled_units
from satverify.inference.changes import change_dates
from satverify.inference.classifier.looks import has_evidence, heat_looks, local_days
from satverify.inference.classifier.model import HeatModel
from satverify.inference.durations import StateModel
from satverify.inference.observation import Days, Observation, daily_loglik, observe
from satverify.inference.states import smooth
from satverify.inference.together import looks_together
from satverify.verification.judge import UnitEvidence, judge

USUALLY_AT_WORK = 0.85
"""P(at work) on a day of which no other sensor tells: what a unit on record is until somebody shows otherwise. It lets
images learn how visible the unit is, and is no part of a verdict. Ours: equipment stands for a few weeks in a year."""


def verify_site(task: SiteTask, model: HeatModel | None = None) -> SiteResult:
    """Looks, activity, dated changes and findings of one site; same task and model, same result.

    Parameters
    ----------
    task
        The site, its orders and what was observed.
    model
        What turns heat in scenes into likelihoods; none: scenes make no looks.
    """
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
    images = _image_looks(task, model, seen, days)
    neighbour = nearest_neighbour(site, places.cells, int(served))
    evidence = tuple(_evidence(unit, seen[unit.unit_id], images, neighbour) for unit in units)
    own = _own_evidence(site, evidence, images, neighbour)
    every = (*evidence, *own.values())
    accounts = [_account(site.site_id, each, days) for each in every]
    return SiteResult(
        site_id=site.site_id,
        looks=_stacked([each.looks for each in every], LOOK_COLUMNS, ["unit_id", "time", "sensor", "satellite"]),
        activity=_stacked([activity for activity, _ in accounts], ACTIVITY_COLUMNS, ["unit_id", "local_day"]),
        cells=places.cells.sort_values("cell_id", ignore_index=True),
        changes=_stacked([changes for _, changes in accounts], CHANGE_COLUMNS, ["unit_id", "local_day"]),
        heat=observed.heat,
        findings=judge(site, task.orders, evidence, task.rules, own),
    )


def _image_looks(
    task: SiteTask, model: HeatModel | None, seen: Mapping[str, Observation], days: Days
) -> dict[str, pd.DataFrame]:
    """What archived scenes say of each unit, as looks by unit id; ``seen`` tells when it was probably at work."""
    heat = task.observed.heat
    if model is None or heat.empty:
        return {}
    observed_as = {unit.unit_id: unit.observed_as for unit in (*imaged_units(task.site), *pooled_units(task.site))}
    at_work = {unit_id: _at_work(one, days) for unit_id, one in seen.items() if one.has_history}
    local_day = local_days(heat["time"], task.timezone)
    weight = pd.Series(USUALLY_AT_WORK, index=heat.index)
    for unit_id, rows in heat.groupby("unit_id").groups.items():
        known = at_work.get(observed_as.get(str(unit_id), ""))
        if known is not None:
            weight.loc[rows] = local_day.loc[rows].map(known).fillna(USUALLY_AT_WORK)
    looks = heat_looks(model, heat, task.timezone, at_work=weight, windows=[(o.start, o.stop) for o in task.orders])
    return {str(unit_id): table.reset_index(drop=True) for unit_id, table in looks.groupby("unit_id", sort=True)}


def _at_work(seen: Observation, days: Days) -> pd.Series:
    """P(running or reduced) by local day, from detections alone."""
    posterior = smooth(seen.daily[None], StateModel.for_kind(UnitKind.IRONMAKING)).smoothed[0]
    return pd.Series(1.0 - posterior[:, STATES.index(State.HALTED)], index=days.astype("datetime64[us]"))


def _evidence(
    unit: ObservedUnit, seen: Observation, images: Mapping[str, pd.DataFrame], neighbour: float | None
) -> UnitEvidence:
    """What detections and images together say of units that detections do not tell apart."""
    shown = _of_total(unit, images)
    looks = _stacked([seen.looks, shown], LOOK_COLUMNS, ["time", "sensor", "satellite"])
    return UnitEvidence(
        unit=unit,
        looks=looks,
        model=StateModel.for_kind(unit.kind),
        has_history=seen.has_history or has_evidence(shown),
        neighbour=neighbour,
    )


def _of_total(unit: ObservedUnit, images: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Looks of images at several units together: at the iron makers among them, on which orders bear, else at all.

    Coarse images show the total itself. Fine ones show it unit by unit, and those without known ground on the rest of
    the outline; where nothing shows one of the units, the others are no total, and each speaks for itself alone.
    """
    makers = [member for member in unit.members if member.kind in IRON_MAKERS]
    single = sorted({member.unit_id for member in makers or unit.members} - {unit.unit_id})
    whole = images.get(unit.unit_id, empty_table(LOOK_COLUMNS))
    if not single:
        return whole
    is_fine = whole["sensor"].isin(SENSORS_BY_DAY)
    parts = [images[unit_id] for unit_id in single if unit_id in images]
    has_hidden = len(parts) < len(single)
    if has_hidden:
        parts.append(whole[is_fine])
    if has_hidden and not is_fine.any():
        parts = []
    together = looks_together(unit.unit_id, parts)
    return _stacked([together, whole[~is_fine]], LOOK_COLUMNS, ["time", "sensor", "satellite"])


def _own_evidence(
    site: Site, evidence: Sequence[UnitEvidence], images: Mapping[str, pd.DataFrame], neighbour: float | None
) -> dict[str, UnitEvidence]:
    """What images say of single units that detections have together with others, or not at all."""
    judged = {each.unit.unit_id for each in evidence}
    return {
        unit.unit_id: UnitEvidence(
            unit=ObservedUnit(unit_id=unit.unit_id, kind=unit.kind, members=(unit,), separate=True, companions=()),
            looks=images[unit.unit_id],
            model=StateModel.for_kind(unit.kind),
            has_history=has_evidence(images[unit.unit_id]),
            neighbour=neighbour,
        )
        for unit in site.units
        if unit.unit_id in images and unit.unit_id not in judged
    }


def _account(site_id: str, each: UnitEvidence, days: Days) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The unit's activity on each local day, and its dated changes; none for a unit that was never seen at work."""
    if not each.has_history:
        return empty_table(ACTIVITY_COLUMNS), empty_table(CHANGE_COLUMNS)
    daily = daily_loglik(each.looks, days)
    posterior = smooth(daily[None], each.model)
    usable = each.looks[each.looks["quality"].isin([str(quality) for quality in USABLE])]
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
            for change in change_dates(daily, each.model)
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
