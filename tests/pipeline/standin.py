"""A small project on disk, and a quick function in the place of ``verify_site``."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from satverify.domain.evidence import (
    ACTIVITY_COLUMNS,
    CELL_COLUMNS,
    CHANGE_COLUMNS,
    LOOK_COLUMNS,
    SiteResult,
    SiteTask,
    empty_table,
)
from satverify.domain.findings import Finding, LookCount, RunningDays, Statement, Tier, Verdict
from satverify.domain.heat import HEAT_COLUMNS

FIRST = date(2021, 11, 1)
DAYS = 60


def write_project(folder: Path, *, sites: int = 3, extra: str = "") -> Path:
    """A project of some works in a row, each with heat on most nights and one order to halt."""
    folder.mkdir(exist_ok=True)
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": _features(sites)}))
    orders = ["order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source"]
    orders += [f"o{n},works-{n:02},,2021-12-01,2021-12-11,halt,,,,doc {n}" for n in range(sites)]
    (folder / "orders.csv").write_text("\n".join(orders) + "\n")
    (folder / "heat.csv").write_text(
        "\n".join(["latitude,longitude,acq_date,satellite,instrument", *_heat(sites)]) + "\n"
    )
    file = folder / "satverify.toml"
    file.write_text(
        f"""
[project]
name = "a row of works"
days = ["{FIRST}", "{FIRST + timedelta(days=DAYS)}"]
[sites]
path = "sites.geojson"
[orders]
path = "orders.csv"
[[sources]]
kind = "firms"
paths = ["heat.csv"]
{extra}
"""
    )
    return file


def place(number: int) -> tuple[float, float]:
    """Longitude and latitude of a works."""
    return 118.0 + 0.3 * number, 39.5


def _features(sites: int) -> list[object]:
    features: list[object] = []
    for number in range(sites):
        east, north = place(number)
        ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]
        outline = [[east + 0.01 * x, north + 0.01 * y] for x, y in ring]
        properties = {"site_id": f"works-{number:02}", "name": f"Works {number}", "name_zh": "钢厂", "city": "Tangshan"}
        geometry = {"type": "Polygon", "coordinates": [outline]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return features


def _heat(sites: int) -> list[str]:
    return [
        f"{place(number)[1]},{place(number)[0]},{FIRST + timedelta(days=day)},N,VIIRS"
        for number in range(sites)
        for day in range(DAYS)
        if (7 * number + 3 * day) % 5
    ]


def count_heat(task: SiteTask, model: object = None) -> SiteResult:
    """A verdict by counting days with heat, with one row in every table."""
    site_id = task.site.site_id
    unit_id = f"{site_id}:ironmaking"
    detections = task.observed.detections
    hot = len(detections)
    day = pd.Timestamp(task.days[0])
    look = {"site_id": site_id, "unit_id": unit_id, "sensor": "viirs", "satellite": "N", "local_day": day}
    numbers = {name: float(hot) for name, kind in LOOK_COLUMNS.items() if kind == "float64"}
    counts = {name: hot for name, kind in LOOK_COLUMNS.items() if kind == "int64"}
    look |= {
        **numbers,
        **counts,
        "time": day.tz_localize("UTC"),
        "time_known": False,
        "day_night": "N",
        "quality": "clear",
        "quality_reason": "",
        "scene_id": "",
    }
    activity = {**dict.fromkeys(ACTIVITY_COLUMNS, 0.25), "site_id": site_id, "unit_id": unit_id, "local_day": day}
    return SiteResult(
        site_id=site_id,
        looks=pd.DataFrame([look]).astype(LOOK_COLUMNS)[list(LOOK_COLUMNS)],
        activity=pd.DataFrame([activity]).astype(ACTIVITY_COLUMNS)[list(ACTIVITY_COLUMNS)],
        cells=empty_table(CELL_COLUMNS),
        changes=empty_table(CHANGE_COLUMNS),
        heat=empty_table(HEAT_COLUMNS),
        findings=tuple(_finding(task, order.order_id, unit_id, order.start, order.stop) for order in task.orders),
    )


def _finding(task: SiteTask, order_id: str, unit_id: str, start: date, stop: date) -> Finding:
    dates = task.observed.detections["utc_date"]
    hot = int(dates.between(pd.Timestamp(start), pd.Timestamp(stop), inclusive="left").sum())
    met = 0.5**hot / (0.5**hot + 0.5)
    return Finding(
        finding_id=f"{task.site.site_id}/{order_id}",
        order_id=order_id,
        site_id=task.site.site_id,
        unit_id=unit_id,
        requirement=task.orders[0].requirement,
        start=start,
        stop=stop,
        verdict=Verdict.INCONSISTENT if met < 0.05 else Verdict.UNDETERMINED,
        p_met=met,
        p_met_range=(met / 2, min(1.0, met * 2)),
        running_days=RunningDays(low=hot, median=hot, high=10, level=0.9),
        longest_unseen_run_days=3,
        looks=LookCount(clear=10, hot=hot, cold=10 - hot, unusable=0, by_sensor=(("viirs", 10),)),
        tier=Tier.SINGLE_SENSOR,
        q_value=None,
        reasons=(Statement(code="evidence_weak", values=(("p_low", met / 2), ("p_high", met))),),
        alternatives=(),
    )


def fail_on_one(task: SiteTask) -> SiteResult:
    """A fault in ``works-01``."""
    if task.site.site_id == "works-01":
        raise RuntimeError("the furnace is a teapot")
    return count_heat(task)


def count_slowly(task: SiteTask) -> SiteResult:
    """The same as ``count_heat`` and slow, so that it can be interrupted."""
    time.sleep(0.3)
    return count_heat(task)


def die_on_one(task: SiteTask) -> SiteResult:
    """The process is gone at ``works-01``, as when memory runs out."""
    if task.site.site_id == "works-01":
        os._exit(1)
    return count_heat(task)


def forget_a_column(task: SiteTask) -> SiteResult:
    """A result whose looks are not what ``LOOK_COLUMNS`` says."""
    result = count_heat(task)
    return replace(result, looks=result.looks.drop(columns="p_clear"))


def service_days(task: SiteTask) -> SiteResult:
    """The number of days in service as the longest unseen run, for want of a better place."""
    result = count_heat(task)
    days = len(task.observed.service)
    return replace(result, findings=tuple(replace(each, longest_unseen_run_days=days) for each in result.findings))


def first_last(task: SiteTask) -> SiteResult:
    """The same as ``count_heat``; where sites run side by side the first one comes last."""
    if task.site.site_id == "works-00":
        time.sleep(0.5)
    return count_heat(task)
