"""Looks at a works whose truth is known, for the tests of what is learned from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from satverify.domain.sites import Unit, UnitKind
from satverify.features.detections import Measured
from satverify.features.persistence import HotCells
from satverify.features.units import ObservedUnit
from satverify.inference.durations import FloatArray


def observed_unit(*, coke: bool = False) -> ObservedUnit:
    battery = Unit(unit_id="w:coke", site_id="w", kind=UnitKind.COKE_BATTERY)
    return ObservedUnit(
        unit_id="w:ironmaking",
        kind=UnitKind.IRONMAKING,
        members=(),
        separate=False,
        companions=(battery,) if coke else (),
    )


def cells() -> HotCells:
    """Nine cells with one bright middle."""
    column, row = (part.ravel() for part in np.meshgrid(np.arange(3), np.arange(3)))
    share = np.full(9, 0.08)
    share[4] = 0.36
    return HotCells(column=column, row=row, source=np.zeros(9, dtype=np.int64), share=share)


def measured(
    rng: np.random.Generator,
    level: FloatArray,
    *,
    coke: bool = False,
    p_open: float = 0.6,
    p_outage: float = 0.0,
    mean: float = 2.0,
) -> Measured:
    """Two looks a day; ``level`` is the heat of each day against usual."""
    days = len(level)
    first = pd.Timestamp("2020-01-01 17:30", tz="UTC")
    time = [first + pd.Timedelta(days=day, minutes=50 * part) for day in range(days) for part in range(2)]
    is_open = rng.random(days) < p_open
    is_out = rng.random(2 * days) < p_outage
    pixels = rng.negative_binomial(1.5, 1.5 / (1.5 + np.maximum(mean * level, 1e-9)))
    again = rng.negative_binomial(1.5, 1.5 / (1.5 + np.maximum(mean * level, 1e-9)))
    counts = np.column_stack([pixels, again]).ravel() * is_open.repeat(2) * ~is_out
    look = np.repeat(np.arange(2 * days), counts)
    hot = cells()
    table = pd.DataFrame(
        {
            "site_id": "w",
            "unit_id": "w:ironmaking",
            "sensor": "viirs",
            "satellite": ["N20", "N"] * days,
            "time": pd.DatetimeIndex(time).as_unit("us"),
            "time_known": True,
            "local_day": pd.date_range("2020-01-02", periods=days, unit="us").repeat(2),
            "day_night": "N",
            "view_zenith_angle": np.nan,
            "quality": np.where(is_out, "outage", "partly").astype(object),
            "quality_reason": "",
            "scene_id": "",
            "cloud_cover": np.nan,
            "hot_pixels": counts.astype(np.int64),
            "hot_sources": (counts > 0).astype(np.int64),
            "elsewhere_pixels": 0,
            "fire_radiative_power": np.nan,
            "snow_depth": np.nan,
            "lit": 0.0,
            "steady": 0.0,
        }
    )
    return Measured(
        unit=observed_unit(coke=coke),
        looks=table,
        pixel_look=look.astype(np.int64),
        pixel_cell=rng.choice(9, len(look), p=hot.share).astype(np.int64),
        hot=hot,
        ground_cells=60.0,
    )
