"""A unit's looks and days as the figures and tables take them: days are numbered from 1970-01-01."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from satverify.domain.findings import Finding
from satverify.domain.looks import USABLE, Quality

MAX_EVIDENCE = 250
"""Looks listed for one finding."""
TELLING = 8
"""Looks shown before the rest is folded away."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_EPOCH = date(1970, 1, 1)
_USABLE = [str(quality) for quality in sorted(USABLE)]

SHOWN_SENSORS = ("sentinel-2-l1c", "landsat-ot-l1")
"""Sensors whose pixels are small against a unit: images of theirs are shown."""


class Seen(StrEnum):
    """What a look shows of a unit, as drawn; the most telling first."""

    HOT = "hot"
    COLD = "cold"
    COLD_PARTLY = "cold_partly"
    CLOUDY = "cloudy"
    NODATA = "nodata"


_SEEN = tuple(Seen)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """The looks of one satellite, by time."""

    sensor: str
    satellite: str
    """Empty where unknown."""
    moment: FloatArray
    """Local time in days since 1970-01-01; noon where the time is unknown. [d]"""
    seen: IntArray
    """Index into ``Seen``."""
    pixels: IntArray
    """Hot pixels."""
    p_detect: FloatArray
    """P(at least one hot pixel given running). [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One dated stop or restart."""

    change: str
    """``stop`` or ``restart``."""
    day: date
    low: date
    high: date
    level: float
    """Probability that the interval holds it. (0, 1)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitSeries:
    """All days and looks of one unit."""

    first: int
    """Number of the first day."""
    p: FloatArray
    """P(running), P(reduced), P(halted) by day; NaN on days without. Shape (days, 3)."""
    cloud: FloatArray
    """Mean cloud cover by day, NaN where unknown. Shape (days,). [%]"""
    lanes: tuple[Lane, ...]
    changes: tuple[Change, ...]
    """By day."""

    @property
    def stop(self) -> int:
        """Number of the first day after the last one."""
        return self.first + len(self.p)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One usable look in a window."""

    time: datetime | None
    """UTC; none where only the day is known."""
    local: datetime | None
    local_day: date
    sensor: str
    satellite: str
    day_night: str
    quality: str
    cloud_cover: float | None
    hot_pixels: int
    elsewhere_pixels: int
    power: float | None
    """Fire radiative power of the hot pixels, none where unknown. [MW]"""
    p_detect: float
    favours: float
    """Log-likelihood of running over that of halted."""
    scene_id: str = ""
    """The archived scene it was made from; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The looks inside one window."""

    usable: int
    rows: tuple[EvidenceRow, ...]
    """Usable looks by time, at most ``MAX_EVIDENCE``."""
    telling: tuple[EvidenceRow, ...]
    """The ``TELLING`` that weigh most, by time."""
    unusable: tuple[tuple[str, int], ...]
    """Other looks by quality, most frequent first."""
    images: tuple[EvidenceRow, ...] = ()
    """Usable looks at scenes of ``SHOWN_SENSORS``, those that weigh most first, at most ``TELLING``."""
    reference: EvidenceRow | None = None
    """The look at such a scene before the window that showed most plainly that the unit was at work, if any did."""


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The day with this number."""
    return _EPOCH + timedelta(days=number)


def unit_series(looks: pd.DataFrame, activity: pd.DataFrame, changes: pd.DataFrame, timezone: str) -> UnitSeries:
    """The series of one unit from its rows of the three tables."""
    days = _day_numbers(activity["local_day"])
    looked = _day_numbers(looks["local_day"])
    every = np.concatenate([days, looked])
    first, stop = (int(every.min()), int(every.max()) + 1) if len(every) else (0, 0)
    p = np.full((stop - first, 3), np.nan)
    p[days - first] = activity[["p_running", "p_reduced", "p_halted"]].to_numpy(dtype=float)
    return UnitSeries(
        first=first,
        p=p,
        cloud=_daily_cloud(looked - first, looks["cloud_cover"].to_numpy(dtype=float), stop - first),
        lanes=_lanes(looks, timezone),
        changes=_changes(changes),
    )


def evidence_of(looks: pd.DataFrame, finding: Finding, timezone: str) -> Evidence:
    """The looks of the finding's unit inside its window."""
    inside = looks[
        (looks["unit_id"] == finding.unit_id)
        & (looks["local_day"] >= pd.Timestamp(finding.start))
        & (looks["local_day"] < pd.Timestamp(finding.stop))
    ]
    is_usable = inside["quality"].isin(_USABLE)
    usable = inside[is_usable].sort_values(["local_day", "time", "sensor", "satellite"], kind="stable")
    unusable = Counter(inside.loc[~is_usable, "quality"].astype(str))
    weight = (usable["loglik_running"] - usable["loglik_halted"]).abs().fillna(0.0)
    heaviest = weight.sort_values(ascending=False, kind="stable")
    imaged = heaviest[heaviest.index.isin(usable.index[_is_shown(usable)])]
    return Evidence(
        usable=len(usable),
        rows=_rows(usable.head(MAX_EVIDENCE), timezone),
        telling=_rows(usable[usable.index.isin(heaviest.index[:TELLING])], timezone),
        unusable=tuple(sorted(unusable.items(), key=lambda item: (-item[1], item[0]))),
        images=_rows(usable.loc[imaged.index[:TELLING]], timezone),
        reference=_reference(looks, finding, timezone),
    )


def _is_shown(looks: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether there is an image of each look to show."""
    is_image = looks["sensor"].isin(SHOWN_SENSORS) & (looks["scene_id"].fillna("") != "")
    return is_image.to_numpy(dtype=bool)


def _reference(looks: pd.DataFrame, finding: Finding, timezone: str) -> EvidenceRow | None:
    """The scene to hold those of the window against."""
    before = looks[
        (looks["unit_id"] == finding.unit_id)
        & (looks["local_day"] < pd.Timestamp(finding.start))
        & _is_shown(looks)
        & looks["quality"].isin(_USABLE)
        & (looks["hot_pixels"] > 0)
    ]
    weighed = before.assign(favours=before["loglik_running"] - before["loglik_halted"])
    best = weighed[weighed["favours"] > 0].sort_values("favours", kind="stable").tail(1)
    return next(iter(_rows(best, timezone)), None)


def seen_of(looks: pd.DataFrame) -> IntArray:
    """Index into ``Seen`` for each look."""
    quality = looks["quality"].astype(str).to_numpy(dtype=object)
    hot = looks["hot_pixels"].to_numpy() > 0
    clear, partly = quality == Quality.CLEAR, quality == Quality.PARTLY
    hidden = np.isin(quality, [str(Quality.CLOUDY), str(Quality.LOW_QUALITY)])
    choice = [(clear | partly) & hot, clear, partly, hidden]
    return np.select(choice, range(len(choice)), default=_SEEN.index(Seen.NODATA)).astype(np.int64)


def _day_numbers(days: pd.Series) -> IntArray:
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def _daily_cloud(day: IntArray, cover: FloatArray, length: int) -> FloatArray:
    known = ~np.isnan(cover)
    count = np.bincount(day[known], minlength=length).astype(float)
    total = np.bincount(day[known], weights=cover[known], minlength=length)
    mean: FloatArray = np.divide(total, count, out=np.full(length, np.nan), where=count > 0)
    return mean


def _lanes(looks: pd.DataFrame, timezone: str) -> tuple[Lane, ...]:
    keys = looks[["sensor", "satellite"]].astype(str)
    day = _day_numbers(looks["local_day"])
    at = day + _part_of_day(looks, day, timezone)
    seen = seen_of(looks)
    lanes: list[Lane] = []
    for sensor, satellite in sorted(set(keys.itertuples(index=False, name=None)), key=_lane_order):
        mine = ((keys["sensor"] == sensor) & (keys["satellite"] == satellite)).to_numpy()
        order = np.argsort(at[mine], kind="stable")
        lanes.append(
            Lane(
                sensor=sensor,
                satellite=satellite,
                moment=at[mine][order],
                seen=seen[mine][order],
                pixels=looks["hot_pixels"].to_numpy(dtype=np.int64)[mine][order],
                p_detect=looks["p_detect"].to_numpy(dtype=float)[mine][order],
            )
        )
    return tuple(lanes)


def _lane_order(key: tuple[str, str]) -> tuple[bool, str, bool, str]:
    sensor, satellite = key
    return (sensor != "viirs", sensor, satellite == "", satellite)


def _part_of_day(looks: pd.DataFrame, day: IntArray, timezone: str) -> FloatArray:
    """Local time of day as a share of it; noon where the time is unknown."""
    local = looks["time"].dt.tz_convert(timezone).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    since = (local - day.astype("datetime64[D]").astype("datetime64[s]")).astype(float) / 86400.0
    known = looks["time_known"].to_numpy(dtype=bool) & ~np.isnat(local)
    return np.where(known, np.clip(since, 0.0, 0.999), 0.5)


def _changes(changes: pd.DataFrame) -> tuple[Change, ...]:
    ordered = changes.sort_values(["local_day", "change"], kind="stable")
    return tuple(
        Change(
            change=row["change"],
            day=row["local_day"].date(),
            low=(row["local_day"] if pd.isna(row["low"]) else row["low"]).date(),
            high=(row["local_day"] if pd.isna(row["high"]) else row["high"]).date(),
            level=row["level"],
        )
        for row in ordered.to_dict("records")
    )


def _rows(looks: pd.DataFrame, timezone: str) -> tuple[EvidenceRow, ...]:
    return tuple(_row(look, timezone) for look in looks.to_dict("records"))


def _row(look: Mapping[Hashable, Any], timezone: str) -> EvidenceRow:
    time = look["time"] if look["time_known"] and not pd.isna(look["time"]) else None
    return EvidenceRow(
        time=None if time is None else time.to_pydatetime(warn=False),
        local=None if time is None else time.tz_convert(timezone).to_pydatetime(warn=False),
        local_day=look["local_day"].date(),
        sensor=look["sensor"],
        satellite=look["satellite"],
        day_night=look["day_night"],
        quality=look["quality"],
        cloud_cover=_known(look["cloud_cover"]),
        hot_pixels=int(look["hot_pixels"]),
        elsewhere_pixels=int(look["elsewhere_pixels"]),
        power=_known(look["fire_radiative_power"]) if look["hot_pixels"] else None,
        p_detect=_known(look["p_detect"]) or 0.0,
        favours=_known(look["loglik_running"] - look["loglik_halted"]) or 0.0,
        scene_id="" if pd.isna(look["scene_id"]) else look["scene_id"],
    )


def _known(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None
