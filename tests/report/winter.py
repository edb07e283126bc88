"""Tables of an invented works, shaped like a run's: what the pages are tried on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from shapely import Polygon, box

from satverify.domain.evidence import ACTIVITY_COLUMNS, CELL_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS
from satverify.domain.findings import Finding, LookCount, RunningDays, Statement, Tier, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.report.view import Project, SiteView, SourceUse, site_view

SATELLITES = (("viirs", "N", 18.2), ("viirs", "N", 5.6), ("viirs", "N20", 17.4), ("viirs", "N20", 4.8))
"""Sensor, satellite and hour of the overpass (UTC)."""


def works(site_id: str = "example-1", name: str = "Example Works No. 1", name_zh: str = "示例钢厂一号") -> Site:
    """Three furnaces and a coke battery."""
    west, south = 117.30, 39.10

    def ground(x: float, y: float, width: float, height: float) -> Polygon:
        return box(west + x, south + y, west + x + width, south + y + height)

    units = [
        (
            f"bf-{n}",
            UnitKind.BLAST_FURNACE,
            f"No. {n} furnace",
            3200.0 + 400 * n,
            ground(0.004 + 0.006 * n, 0.012, 0.004, 0.003),
        )
        for n in (1, 2, 3)
    ]
    units.append(("coke-1", UnitKind.COKE_BATTERY, "Coke battery", None, ground(0.008, 0.003, 0.012, 0.003)))  # type: ignore[arg-type]
    return Site(
        site_id=site_id,
        name=name,
        name_zh=name_zh,
        city="Tangshan",
        rating=Rating.B,
        outline=Polygon(
            [
                (west, south),
                (west + 0.031, south + 0.002),
                (west + 0.033, south + 0.016),
                (west + 0.018, south + 0.021),
                (west + 0.001, south + 0.018),
            ]
        ),
        units=tuple(
            Unit(
                unit_id=f"{site_id}/{unit_id}",
                site_id=site_id,
                kind=kind,
                name=name,
                capacity_t_per_day=capacity,
                footprint=footprint,
                footprint_status=FootprintStatus.SURVEYED
                if kind is UnitKind.COKE_BATTERY
                else FootprintStatus.DISCOVERED,
            )
            for unit_id, kind, name, capacity, footprint in units
        ),
    )


def ironmaking(site: Site) -> str:
    """The id of all furnaces together."""
    return f"{site.site_id}:ironmaking"


def looks_table(site: Site, days: tuple[date, date], halted: Sequence[tuple[date, date]], seed: int) -> pd.DataFrame:
    """Looks of two satellites through two outages and a winter's clouds."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    cloud = 60.0
    for day in _days(days):
        cloud = float(
            np.clip(0.6 * cloud + 0.4 * random.uniform(0, 130 if day.month in {11, 12, 1, 2} else 80), 0, 100)
        )
        for sensor, satellite, hour in SATELLITES:
            time = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
            time += timedelta(hours=(hour + 8) % 24, minutes=float(random.integers(0, 50)))
            outage = satellite == "N" and date(2021, 2, 8) <= day < date(2021, 2, 17)
            quality = "outage" if outage else "cloudy" if cloud > 78 else "partly" if cloud > 55 else "clear"
            p_clear = {"clear": 0.9, "partly": 0.45}.get(quality, 0.0)
            p_detect = p_clear * (0.8 if hour > 12 else 0.25)
            stopped = any(start <= day < stop for start, stop in halted)
            hot = int(random.poisson(2.4)) + 1 if random.random() < p_detect * (0.02 if stopped else 1.0) else 0
            rows.append(
                {
                    "site_id": site.site_id,
                    "unit_id": ironmaking(site),
                    "sensor": sensor,
                    "satellite": satellite,
                    "time": time,
                    "time_known": True,
                    "local_day": pd.Timestamp(day),
                    "day_night": "N" if hour > 12 else "D",
                    "quality": quality,
                    "quality_reason": "",
                    "scene_id": "",
                    "cloud_cover": round(cloud, 1),
                    "p_clear": p_clear,
                    "hot_pixels": hot,
                    "hot_sources": min(hot, 3),
                    "elsewhere_pixels": int(random.random() < 0.02),
                    "fire_radiative_power": round(float(hot * random.uniform(2, 9)), 1) if hot else math.nan,
                    "p_detect": round(p_detect, 4),
                    "loglik_running": math.log(p_detect * 0.5) if hot else math.log1p(-p_detect),
                    "loglik_reduced": math.log(p_detect * 0.25) if hot else math.log1p(-0.6 * p_detect) - 0.2,
                    "loglik_halted": math.log(0.004) if hot else math.log1p(-0.004),
                }
            )
    return pd.DataFrame(rows, columns=list(LOOK_COLUMNS)).astype(LOOK_COLUMNS)


def activity_table(looks: pd.DataFrame) -> pd.DataFrame:
    """P(state) by day from the looks of nine days around; no model, only the shape of one."""
    daily = looks.groupby(["site_id", "unit_id", "local_day"])[
        ["loglik_running", "loglik_reduced", "loglik_halted"]
    ].sum()
    around = daily.groupby(level=["site_id", "unit_id"]).transform(
        lambda x: x.rolling(9, center=True, min_periods=1).sum()
    )
    weight = around.sub(around.max(axis=1), axis=0).map(math.exp)
    p = weight.div(weight.sum(axis=1), axis=0).round(6).reset_index()
    p.columns = pd.Index(["site_id", "unit_id", "local_day", "p_running", "p_reduced", "p_halted"])
    for state in ("running", "reduced", "halted"):
        p[f"online_p_{state}"] = p[f"p_{state}"]
    p["clear_looks"] = 1
    return pd.DataFrame(p[list(ACTIVITY_COLUMNS)]).astype(ACTIVITY_COLUMNS)


def cells_table(site: Site) -> pd.DataFrame:
    """Furnaces, a coke battery, a passing fire and a neighbour."""
    west, south, _, _ = site.outline.bounds
    places = [
        ("own", 0.012, 0.0135, 212),
        ("own", 0.0163, 0.0135, 148),
        ("own", 0.0206, 0.0135, 95),
        ("own", 0.0163, 0.0102, 31),
        ("own", 0.0206, 0.0102, 18),
        ("stays_hot", 0.0120, 0.0045, 61),
        ("stays_hot", 0.0163, 0.0045, 44),
        ("elsewhere", 0.0249, 0.0045, 2),
        ("elsewhere", 0.0035, 0.0152, 1),
        ("neighbour", 0.0400, 0.0120, 120),
        ("neighbour", 0.0400, 0.0087, 33),
        ("neighbour", -0.006, -0.004, 1),
    ]
    rows = [
        {
            "site_id": site.site_id,
            "cell_id": f"c{n:02d}",
            "longitude": west + x,
            "latitude": south + y,
            "pixels": days * 2,
            "days": days,
            "unit_id": ironmaking(site) if role == "own" else "",
            "role": role,
        }
        for n, (role, x, y, days) in enumerate(places)
    ]
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS)).astype(CELL_COLUMNS)


def changes_table(site: Site, halted: Sequence[tuple[date, date]], days: tuple[date, date]) -> pd.DataFrame:
    """A stop and a restart for each halt."""
    rows = [
        {
            "site_id": site.site_id,
            "unit_id": ironmaking(site),
            "change": change,
            "local_day": pd.Timestamp(day),
            "low": pd.Timestamp(day - timedelta(days=2)),
            "high": pd.Timestamp(day + timedelta(days=4)),
            "level": 0.9,
        }
        for start, stop in halted
        for change, day in (("stop", start), ("restart", stop))
        if day < days[1]
    ]
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS)).astype(CHANGE_COLUMNS)


def finding(site: Site, order: Order, looks: pd.DataFrame, verdict: Verdict, *, unit: str | None = None) -> Finding:
    """A finding whose numbers suit ``verdict``; no judge was asked."""
    unit_id = unit or ironmaking(site)
    inside = looks[
        (looks["unit_id"] == unit_id)
        & (looks["local_day"] >= pd.Timestamp(order.start))
        & (looks["local_day"] < pd.Timestamp(order.stop))
    ]
    usable = inside[inside["quality"].isin(["clear", "partly"])]
    hot = usable[usable["hot_pixels"] > 0]
    p, low, high = {
        Verdict.CONSISTENT: (0.985, 0.957, 0.9962),
        Verdict.INCONSISTENT: (0.0001, 0.00002, 0.0006),
        Verdict.UNDETERMINED: (0.62, 0.28, 0.88),
    }[verdict]
    days = (order.stop - order.start).days
    count = {"looks": len(usable), "days": int(usable["local_day"].nunique())}
    reasons: list[Statement] = []
    if not len(usable):
        reasons = (
            [Statement(code="not_separable", values=(("units", "bf-1, bf-2, bf-3"),))]
            if unit
            else [Statement(code="no_usable_look")]
        )
        p, low, high = 0.5, 0.2, 0.8
    elif len(hot):
        first, last = hot["local_day"].min().date().isoformat(), hot["local_day"].max().date().isoformat()
        values = (("looks", len(hot)), ("days", int(hot["local_day"].nunique())), ("first", first), ("last", last))
        reasons = [Statement(code="seen_hot", values=values)]
    if len(usable) and verdict is not Verdict.INCONSISTENT:
        reasons.append(Statement(code="seen_cold", values=tuple(count.items())))
    if verdict is Verdict.UNDETERMINED and len(usable):
        reasons.append(Statement(code="evidence_weak", values=(("p_low", low), ("p_high", high))))
    running = {
        Verdict.CONSISTENT: (0, 1, 3),
        Verdict.INCONSISTENT: (days - 9, days - 4, days),
        Verdict.UNDETERMINED: (0, 7, 19),
    }[verdict]
    alternatives = [Statement(code="coke_battery", values=(("units", "coke-1"),)), Statement(code="hot_idle")]
    return Finding(
        finding_id=f"{order.order_id}--{unit_id}",
        order_id=order.order_id,
        site_id=site.site_id,
        unit_id=unit_id,
        requirement=order.requirement,
        start=order.start,
        stop=order.stop,
        verdict=verdict,
        p_met=p,
        p_met_range=(low, high),
        running_days=RunningDays(low=running[0], median=running[1], high=running[2], level=0.9)
        if len(usable)
        else None,
        longest_unseen_run_days={Verdict.CONSISTENT: 3, Verdict.INCONSISTENT: 2, Verdict.UNDETERMINED: 16}[verdict],
        looks=LookCount(
            clear=len(usable),
            hot=len(hot),
            cold=len(usable) - len(hot),
            unusable=len(inside) - len(usable),
            by_sensor=(("viirs", len(usable)),) if len(usable) else (),
        ),
        tier=Tier.NONE if verdict is Verdict.UNDETERMINED else Tier.SINGLE_SENSOR,
        q_value={Verdict.CONSISTENT: 0.03, Verdict.INCONSISTENT: 0.002, Verdict.UNDETERMINED: None}[verdict],
        reasons=tuple(reasons),
        alternatives=() if verdict is Verdict.CONSISTENT else tuple(alternatives),
    )


def project(days: tuple[date, date], name: str = "Heating season, invented") -> Project:
    """A run on simulated detections."""
    return Project(
        name=name,
        timezone="Asia/Shanghai",
        days=days,
        simulated=True,
        version="0.1.0",
        config_hash="3f9c2d7be1a0",
        sources=(
            SourceUse(kind="simulated", coverage=(days,), files=("detections.csv",)),
            SourceUse(kind="cloud_cover", files=("cloud.csv",)),
        ),
    )


def winter_view(site: Site | None = None, *, seed: int = 7) -> SiteView:
    """Two winters, a halt kept, a halt not kept, a cut that cannot be told, and an order on one furnace."""
    site = site or works()
    days = (date(2020, 11, 1), date(2022, 4, 1))
    halted = [(date(2021, 11, 17), date(2022, 1, 3))]
    looks = looks_table(site, days, halted, seed)
    ordered = [
        (_order(site, "241-1", (2021, 11, 15), (2022, 1, 1)), Verdict.CONSISTENT, None),
        (_order(site, "241-2", (2022, 1, 1), (2022, 3, 16), cut=0.3), Verdict.UNDETERMINED, None),
        (_order(site, "TS-2021-03", (2021, 3, 11), (2021, 3, 29)), Verdict.INCONSISTENT, None),
        (
            _order(site, "TS-2022-07", (2022, 2, 4), (2022, 2, 20), unit=f"{site.site_id}/bf-2"),
            Verdict.UNDETERMINED,
            f"{site.site_id}/bf-2",
        ),
    ]
    return site_view(
        project(days),
        site,
        orders=[order for order, _, _ in ordered],
        findings=[finding(site, order, looks, verdict, unit=unit) for order, verdict, unit in ordered],
        looks=looks,
        activity=activity_table(looks),
        cells=cells_table(site),
        changes=changes_table(site, halted, days),
    )


def _order(
    site: Site,
    order_id: str,
    start: tuple[int, int, int],
    stop: tuple[int, int, int],
    *,
    cut: float | None = None,
    unit: str | None = None,
) -> Order:
    return Order(
        order_id=order_id,
        site_id=site.site_id,
        unit_id=unit,
        start=date(*start),
        stop=date(*stop),
        requirement=Requirement.HALT if cut is None else Requirement.CUT,
        fraction=cut,
        baseline_start=None if cut is None else date(start[0] - 1, *start[1:]),
        baseline_stop=None if cut is None else date(stop[0] - 1, *stop[1:]),
        source="invented for this example",
    )


def _days(days: tuple[date, date]) -> list[date]:
    return [days[0] + timedelta(days=offset) for offset in range((days[1] - days[0]).days)]


def small_view(site: Site | None = None) -> SiteView:
    """Six weeks, a halt kept and one that nobody could tell: small enough to keep a page of it."""
    site = site or works()
    days = (date(2021, 11, 1), date(2021, 12, 12))
    halted = [(date(2021, 11, 14), date(2021, 11, 23))]
    looks = looks_table(site, days, halted, seed=5)
    kept = _order(site, "N-1", (2021, 11, 15), (2021, 11, 22))
    unclear = _order(site, "N-2", (2021, 11, 29), (2021, 12, 4))
    return site_view(
        project(days, name="Six weeks, invented"),
        site,
        orders=[kept, unclear],
        findings=[
            finding(site, kept, looks, Verdict.CONSISTENT),
            finding(site, unclear, looks, Verdict.UNDETERMINED),
        ],
        looks=looks,
        activity=activity_table(looks),
        cells=cells_table(site),
        changes=changes_table(site, halted, days),
    )


def rolling_view(count: int, *, length: int = 10, step: int = 5) -> SiteView:
    """One works under ``count`` windows, one after the other and again from the start."""
    site = works()
    days = (date(2018, 1, 1), date(2022, 12, 31))
    looks = looks_table(site, days, [], seed=3)
    span = (days[1] - days[0]).days - length
    starts = [days[0] + timedelta(days=(n * step) % span) for n in range(count)]
    orders = [
        Order(
            order_id=f"w{n:04d}",
            site_id=site.site_id,
            start=start,
            stop=start + timedelta(days=length),
            requirement=Requirement.HALT,
        )
        for n, start in enumerate(starts)
    ]
    verdicts = [tuple(Verdict)[n % 7 % 3] for n in range(count)]
    return site_view(
        project(days),
        site,
        orders=orders,
        findings=[finding(site, order, looks, verdict) for order, verdict in zip(orders, verdicts, strict=True)],
        looks=looks,
        activity=activity_table(looks),
        cells=cells_table(site),
        changes=changes_table(site, [], days),
    )
