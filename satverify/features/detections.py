"""Detections to looks: one row for every chance a satellite had to see a unit, with what it measured.

No likelihoods here. A chance without heat is a row like any other; a day without service is a row without evidence; a
day outside the coverage is no row at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from satverify.domain.evidence import Observed
from satverify.domain.looks import Quality
from satverify.features.chances import chances, local_days, nominal_time
from satverify.features.persistence import HotCells, IntArray
from satverify.features.places import Places
from satverify.features.plane import FloatArray, Plane
from satverify.features.units import ObservedUnit

SKY_REACH = 200_000.0
"""A sky point farther away says nothing of the site's sky. [m]"""

SKY_NEAR = 10_000.0
"""Sky points nearer than this count alike: the grids of weather models are no finer. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What the detections say of one observed unit."""

    unit: ObservedUnit
    """The unit."""
    looks: pd.DataFrame
    """``LOOK_COLUMNS`` without ``p_clear``, ``p_detect`` and the likelihoods, and the covariates ``snow_depth`` [cm],
    ``lit`` and ``steady`` (see ``neighbours``); sorted by time."""
    pixel_look: IntArray
    """Row of ``looks`` each own pixel belongs to, shape (pixels,)."""
    pixel_cell: IntArray
    """Cell of ``hot`` each own pixel lies in, shape (pixels,)."""
    hot: HotCells
    """The cells to which heat returns."""
    ground_cells: float
    """Size of the outline. [cells]"""


def measure(
    site_id: str, unit: ObservedUnit, places: Places, observed: Observed, plane: Plane, timezone: str
) -> Measured:
    """All looks at one observed unit, and where its own pixels lie."""
    table, number = chances(observed.service, observed.passes, observed.detections)
    nominal = nominal_time(table, plane.longitude)
    looks = pd.DataFrame(
        {
            "site_id": pd.Series([site_id] * len(table), dtype="str"),
            "unit_id": pd.Series([unit.unit_id] * len(table), dtype="str"),
            "sensor": table["sensor"],
            "satellite": table["satellite"],
            "time": table["time"].fillna(nominal),
            "time_known": table["time_known"],
            "local_day": local_days(table, nominal, timezone),
            "day_night": table["day_night"],
            "view_zenith_angle": table["view_zenith_angle"],
            "quality": pd.Series(
                np.where(table["status"] == "outage", str(Quality.OUTAGE), str(Quality.PARTLY)), dtype="str"
            ),
            "quality_reason": "",
            "scene_id": "",
        }
    )
    own = (places.unit_id == unit.unit_id) & (number >= 0)
    looks = _counted(looks, places, observed.detections, number, own)
    looks = _with_sky(looks, table["utc_date"], observed, plane)
    order = looks.sort_values(["time", "sensor", "satellite"], kind="stable").index.to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Measured(
        unit=unit,
        looks=looks.loc[order].reset_index(drop=True),
        pixel_look=place[number[own]],
        pixel_cell=places.cell[own],
        hot=places.hot,
        ground_cells=places.ground_cells,
    )


def _counted(
    looks: pd.DataFrame,
    places: Places,
    detections: pd.DataFrame,
    number: IntArray,
    own: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> pd.DataFrame:
    """Counts and power of the pixels on each look."""
    many = len(looks)
    odd = (places.role == "elsewhere") & (number >= 0)
    power = detections["fire_radiative_power"].to_numpy()
    is_powered = own & np.isfinite(power)
    total = np.bincount(number[is_powered], weights=power[is_powered], minlength=many)
    has_power = np.bincount(number[is_powered], minlength=many) > 0
    lit = np.unique(np.column_stack([number[own], places.source[own]]), axis=0)
    return looks.assign(
        hot_pixels=np.bincount(number[own], minlength=many).astype(np.int64),
        hot_sources=np.bincount(lit[:, 0], minlength=many).astype(np.int64),
        elsewhere_pixels=np.bincount(number[odd], minlength=many).astype(np.int64),
        fire_radiative_power=np.where(has_power, total, np.nan),
    )


def _with_sky(looks: pd.DataFrame, dates: pd.Series, observed: Observed, plane: Plane) -> pd.DataFrame:
    """Cloud and snow at the site, from the points near it, and how lit the surroundings were."""
    sky = observed.sky
    far = np.hypot(*plane.project(sky["longitude"].to_numpy(), sky["latitude"].to_numpy()))
    sky = sky.assign(weight=1.0 / (far + SKY_NEAR) ** 2)[far <= SKY_REACH]
    around = observed.neighbours.set_index("utc_date")
    return looks.assign(
        cloud_cover=_nearest_mean(sky, "cloud_cover", dates),
        snow_depth=_nearest_mean(sky, "snow_depth", dates),
        lit=dates.map(around["lit"]).fillna(0.0).to_numpy(),
        steady=dates.map(around["steady"]).fillna(0.0).to_numpy(),
    )


def _nearest_mean(sky: pd.DataFrame, name: str, days: pd.Series) -> FloatArray:
    """Mean over the points by day, the nearest weighing most; NaN where no point says."""
    known = sky[sky[name].notna()]
    total = (known[name] * known["weight"]).groupby(known["date"]).sum()
    weight = known["weight"].groupby(known["date"]).sum()
    mean: FloatArray = days.map(total / weight).to_numpy(dtype=np.float64)
    return mean
