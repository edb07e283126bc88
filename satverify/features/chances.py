"""Every chance a satellite had to see a site: its passes on the days it was in service, heat or none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CHANCE_COLUMNS = {
    "sensor": "str",
    "satellite": "str",
    "utc_date": "datetime64[us]",
    "time": "datetime64[us, UTC]",
    "time_known": "bool",
    "day_night": "str",
    "view_zenith_angle": "float64",
    "status": "str",
}
"""One row per pass where the source gives times, else one per satellite and UTC day with a nominal ``time``."""

NIGHT_PASS = {"viirs": 1.5, "modis": 1.5, "Terra": 22.5}
"""Mean local solar time of the night pass, by sensor or satellite: NASA/NOAA mission pages. [h]"""

LEARNED_REACH = pd.Timedelta(minutes=10)
"""Farthest that a detection lies from its pass where the orbit was learned."""

NOMINAL_REACH = pd.Timedelta(hours=5)
"""Farthest that a detection lies from its pass where the pass is only nominal: two orbits and more."""

MIDNIGHT = 3.0
"""Where the night pass falls this near UTC midnight, a date without a time may be one local day off either way. [h]"""


def chances(service: pd.DataFrame, passes: pd.DataFrame, detections: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """Line up the passes over a site with the detections made on them.

    Parameters
    ----------
    service
        ``SERVICE_COLUMNS``.
    passes
        ``PASS_COLUMNS`` of ``overpasses``.
    detections
        ``DETECTION_COLUMNS`` round the site.

    Returns
    -------
    ``CHANCE_COLUMNS``, and for each detection the number of its chance, -1 for those on days outside the coverage.
    A detection near no known pass makes a chance of its own, so that none is lost.
    """
    tables, number, total = [], np.full(len(detections), -1, dtype=np.int64), 0
    keys = detections["sensor"] + "/" + detections["satellite"]
    for (sensor, satellite), days in service.groupby(["sensor", "satellite"], sort=True):
        own = (keys == f"{sensor}/{satellite}").to_numpy() & detections["utc_date"].isin(days["utc_date"]).to_numpy()
        heat = detections[own]
        of_satellite = passes[(passes["sensor"] == sensor) & (passes["satellite"] == satellite)]
        if heat["time"].notna().any() or (heat.empty and of_satellite["is_learned"].any()):
            table, index = _timed(days, of_satellite, heat)
        else:
            table, index = _daily(days, heat)
        number[own] = index + total
        total += len(table)
        tables.append(table)
    if not tables:
        nothing = {name: pd.Series(dtype=dtype) for name, dtype in CHANCE_COLUMNS.items()}
        return pd.DataFrame(nothing), number
    return pd.concat(tables, ignore_index=True), number


IntArray = NDArray[np.int64]


def _daily(days: pd.DataFrame, heat: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """One chance a UTC day, for files that give no times."""
    table = days.sort_values("utc_date").reset_index(drop=True)
    index = np.searchsorted(table["utc_date"].to_numpy(), heat["utc_date"].to_numpy())
    unknown = pd.Series(pd.DatetimeIndex([pd.NaT] * len(table), tz="UTC"), index=table.index)
    table = table.assign(time=unknown, time_known=False, day_night="", view_zenith_angle=np.nan)
    return table[list(CHANCE_COLUMNS)].astype(CHANCE_COLUMNS), index.astype(np.int64)


def _timed(days: pd.DataFrame, passes: pd.DataFrame, heat: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """One chance a pass; detections go to the nearest pass, which has their time where its own is only nominal."""
    status = days.set_index("utc_date")["status"]
    date = passes["time"].dt.tz_localize(None).dt.normalize()
    known = passes.assign(utc_date=date)[date.isin(status.index)].sort_values("time").reset_index(drop=True)
    index = _nearest(known, heat["time"], heat["day_night"])
    lost = np.flatnonzero(index < 0)
    strays = pd.DataFrame(
        {
            "utc_date": heat["utc_date"].to_numpy()[lost],
            "time": heat["time"].iloc[lost].reset_index(drop=True),
            "day_night": heat["day_night"].to_numpy()[lost],
            "view_zenith_angle": np.nan,
            "is_learned": heat["time"].notna().to_numpy()[lost],
        }
    )
    alone, place = _distinct(strays)
    index[lost] = place + len(known)
    table = pd.concat([known[list(alone.columns)], alone], ignore_index=True)
    table["sensor"] = days["sensor"].iloc[0]
    table["satellite"] = days["satellite"].iloc[0]
    is_learned = table["is_learned"].astype(bool)
    seen = heat["time"].groupby(index).min().reindex(table.index)
    table["time_known"] = is_learned | seen.notna()
    table["time"] = table["time"].where(is_learned | seen.isna(), seen)
    table["status"] = table["utc_date"].map(status)
    return table[list(CHANCE_COLUMNS)].astype(CHANCE_COLUMNS), index


def _nearest(known: pd.DataFrame, when: pd.Series, half: pd.Series) -> IntArray:
    """Number of the pass nearest to each detection, -1 where none is near enough or the time is not known.

    A nominal pass stands for its half of the day, so the halves must agree; a learned one is told by its time alone.
    """
    index = np.full(len(when), -1, dtype=np.int64)
    times, moment = _microseconds(known["time"]), _microseconds(when)
    is_learned = known["is_learned"].to_numpy(dtype=bool)
    is_timed = when.notna().to_numpy()
    tries = [(is_learned, LEARNED_REACH, is_timed)]
    for name in ("D", "N"):
        nominal = ~is_learned & (known["day_night"] == name).to_numpy()
        tries.append((nominal, NOMINAL_REACH, is_timed & half.isin([name, ""]).to_numpy()))
    for of_kind, reach, may in tries:
        some, asked = np.flatnonzero(of_kind), np.flatnonzero(may & (index < 0))
        if len(some) == 0:
            continue
        right = np.clip(np.searchsorted(times[some], moment[asked]), 0, len(some) - 1)
        left = np.maximum(right - 1, 0)
        nearer = np.abs(times[some[left]] - moment[asked]) <= np.abs(times[some[right]] - moment[asked])
        found = some[np.where(nearer, left, right)]
        near = np.abs(times[found] - moment[asked]) <= reach // pd.Timedelta(1, "us")
        index[asked[near]] = found[near]
    return index


def _microseconds(time: pd.Series) -> IntArray:
    """Moments as numbers; NaT gives some number."""
    numbers: IntArray = time.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return numbers


def _distinct(strays: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """Strays of one minute together, and the number of each one's chance."""
    place = strays.groupby(["utc_date", "time", "day_night"], sort=False, dropna=False).ngroup().to_numpy()
    return strays[~pd.Series(place).duplicated()].reset_index(drop=True), place.astype(np.int64)


def nominal_time(table: pd.DataFrame, longitude: float) -> pd.Series:
    """Mean time of the night pass (the day pass where ``day_night`` is ``D``), inside the row's UTC day."""
    night = table["satellite"].map(NIGHT_PASS).fillna(table["sensor"].map(NIGHT_PASS)).astype(float)
    solar = night + np.where(table["day_night"] == "D", 12.0, 0.0)
    hour = pd.to_timedelta((solar - longitude / 15.0) % 24.0, unit="h").dt.floor("min")
    time: pd.Series = (table["utc_date"] + hour).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return time


def local_days(table: pd.DataFrame, nominal: pd.Series, timezone: str) -> pd.Series:
    """The site's day of each row; the UTC date itself where a date without a time may be a day off either way."""
    local = table["time"].fillna(nominal).dt.tz_convert(ZoneInfo(timezone)).dt.tz_localize(None).dt.normalize()
    hour = nominal.dt.hour + nominal.dt.minute / 60.0
    is_ambiguous = table["time"].isna() & ((hour < MIDNIGHT) | (hour > 24.0 - MIDNIGHT))
    day: pd.Series = local.where(~is_ambiguous, table["utc_date"]).astype("datetime64[us]")
    return day
