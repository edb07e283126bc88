"""Looks with chosen likelihoods, and observed units, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from shapely import Point

from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.features.units import ObservedUnit, observed_units
from satverify.inference.durations import StateModel
from satverify.verification.judge import UnitEvidence

FIRST = date(2021, 1, 1)
FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)

LOGLIK = {
    "hot": (-0.7, -1.1, -5.0),
    "dim": (-1.6, -0.9, -5.0),
    "cold": (-1.6, -1.0, -0.01),
    "none": (0.0, 0.0, 0.0),
}
"""What a look of each sort says of running, reduced and halted."""


@dataclass(frozen=True, kw_only=True)
class Works:
    """A works in words."""

    furnaces: int = 1
    coke: int = 0
    listed: bool = True
    capacity: Sequence[float] = ()


def site_of(works: Works) -> Site:
    """The site, all its equipment without known ground."""
    units = [
        Unit(
            unit_id=f"w:bf{n}",
            site_id="w",
            kind=UnitKind.BLAST_FURNACE,
            capacity_t_per_day=works.capacity[n] if works.capacity else 5000.0,
        )
        for n in range(works.furnaces)
    ]
    units += [Unit(unit_id=f"w:coke{n}", site_id="w", kind=UnitKind.COKE_BATTERY) for n in range(works.coke)]
    return Site(
        site_id="w", name="Works", outline=Point(115, 37).buffer(0.01), units=tuple(units if works.listed else ())
    )


def looks_of(sorts: Sequence[str], *, first: date = FIRST, sensor: str = "viirs", satellite: str = "N") -> pd.DataFrame:
    """``LOOK_COLUMNS``, one look a day: ``hot``, ``dim``, ``cold`` or ``none`` (cloudy)."""
    days = pd.date_range(pd.Timestamp(first), periods=len(sorts), unit="us")
    table = pd.DataFrame(
        {
            "site_id": "w",
            "unit_id": "u",
            "sensor": sensor,
            "satellite": satellite,
            "time": days.tz_localize("UTC") - pd.Timedelta(hours=6),
            "time_known": True,
            "local_day": days,
            "day_night": "N",
            "view_zenith_angle": 10.0,
            "quality": ["cloudy" if sort == "none" else "clear" for sort in sorts],
            "quality_reason": "",
            "scene_id": "",
            "cloud_cover": 20.0,
            "p_clear": 0.8,
            "hot_pixels": [2 * (sort in ("hot", "dim")) for sort in sorts],
            "hot_sources": [int(sort in ("hot", "dim")) for sort in sorts],
            "elsewhere_pixels": 0,
            "fire_radiative_power": np.nan,
            "p_detect": 0.8,
        }
    )
    told = np.array([LOGLIK[sort] for sort in sorts]).reshape(-1, 3)
    table[["loglik_running", "loglik_reduced", "loglik_halted"]] = told
    return table.astype(LOOK_COLUMNS)


def evidence_of(site: Site, looks: pd.DataFrame, *, has_history: bool = True) -> tuple[UnitEvidence, ...]:
    """The same looks at every observed unit of a site."""
    return tuple(
        UnitEvidence(unit=unit, looks=looks, model=StateModel.for_kind(unit.kind), has_history=has_history)
        for unit in observed_units(site)
    )


def unit_of(works: Works) -> ObservedUnit:
    """The first observed unit."""
    return observed_units(site_of(works))[0]


def order(
    start: date,
    stop: date,
    *,
    requirement: Requirement = Requirement.HALT,
    unit_id: str | None = None,
    order_id: str = "o",
    fraction: float | None = None,
    baseline: tuple[date, date] | None = None,
    tolerance: float | None = None,
) -> Order:
    return Order(
        order_id=order_id,
        site_id="w",
        unit_id=unit_id,
        start=start,
        stop=stop,
        requirement=requirement,
        fraction=fraction,
        baseline_start=baseline[0] if baseline else None,
        baseline_stop=baseline[1] if baseline else None,
        tolerance_days=tolerance,
    )
