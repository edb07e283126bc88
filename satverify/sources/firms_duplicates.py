"""One row for each detection: exact repeats dropped, and of rows that tell one detection differently the best kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from satverify.sources.columns import Codes
from satverify.sources.firms_rows import DATE_ONLY, DAY_SECONDS, Rows, taken
from satverify.sources.tables import Flags

SAME_PLACE = 0.001
"""Grid on which a reprocessed row is looked for beside the row it replaces: geolocation moves by far less than the
375 m between two pixels. [degree]"""
SATELLITES_AT_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What is left of rows once each detection stands once."""

    rows: Rows
    """Sorted by date, time, sensor, satellite, latitude and longitude."""
    duplicates: int
    """Exact repeats dropped."""
    conflicts: int
    """Rows dropped for a better one of the same detection."""


def keep_one_of_each(rows: Rows) -> Kept:
    """Sort rows and keep each detection once, whatever order they came in."""
    rows = _sorted(rows)
    is_new = ~_repeats(rows, Rows.__slots__)
    duplicates = len(is_new) - int(is_new.sum())
    rows = taken(rows, is_new) if duplicates else rows
    total = len(rows.day)
    is_best = ~_repeats(rows, _IDENTITY)
    rows = taken(rows, is_best) if not is_best.all() else rows
    is_superseded = _superseded(rows)
    rows = taken(rows, ~is_superseded) if is_superseded.any() else rows
    return Kept(rows=rows, duplicates=duplicates, conflicts=total - len(rows.day))


_IDENTITY = ("day", "second", "sensor", "satellite", "latitude", "longitude")


def _platform_time(rows: Rows, second: Codes) -> Codes:
    platform = rows.sensor * SATELLITES_AT_MOST + rows.satellite
    return (rows.day.astype(np.int64) * (DAY_SECONDS + 1) + second) * (2 * SATELLITES_AT_MOST) + platform


def _sorted(rows: Rows) -> Rows:
    """Sort by date, time, sensor, satellite, latitude, longitude; of one detection the best row comes first."""
    order = np.lexsort((rows.longitude, rows.latitude, _platform_time(rows, rows.second + 1)))
    rows = taken(rows, order)
    is_repeat = _repeats(rows, _IDENTITY)
    if not is_repeat.any():
        return rows
    tied = np.flatnonzero(is_repeat | np.append(is_repeat[1:], False))
    group = np.cumsum(~is_repeat)[tied]
    best = (rows.rank, -np.nan_to_num(rows.power, nan=-1.0), -rows.confidence, rows.day_night, rows.scan, rows.track)
    order = np.arange(len(is_repeat))
    order[tied] = tied[np.lexsort((*(key[tied] for key in reversed(best)), group))]
    return taken(rows, order)


def _repeats(rows: Rows, names: Sequence[str]) -> Flags:
    """Whether a row equals the one before it in the columns named; NaN equals NaN."""
    is_repeat = np.zeros(len(rows.day), dtype=bool)
    is_repeat[1:] = True
    for name in names:
        values = getattr(rows, name)
        is_same = values[1:] == values[:-1]
        if values.dtype.kind == "f":
            is_same |= np.isnan(values[1:]) & np.isnan(values[:-1])
        is_repeat[1:] &= is_same
    return is_repeat


def _superseded(rows: Rows) -> Flags:
    """Whether a better row of the same satellite and time, or date where one has no time, stands at the same place."""
    is_superseded = np.zeros(len(rows.day), dtype=bool)
    ranks = np.unique(rows.rank)
    for rank in ranks[1:]:
        second = rows.second if rank < DATE_ONLY else np.zeros_like(rows.second)
        when = _platform_time(rows, second)
        worse, better = np.flatnonzero(rows.rank == rank), np.flatnonzero(rows.rank < rank)
        is_superseded[worse] = _stands_near(rows, when, worse, better)
    return is_superseded


def _stands_near(rows: Rows, when: Codes, which: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> Flags:
    """Whether any of ``others`` is of the same ``when`` and within one grid cell."""
    moments = np.intersect1d(when[which], when[others])
    is_near = np.zeros(len(which), dtype=bool)
    others = others[np.isin(when[others], moments)]
    if not others.size:
        return is_near
    east, north = (np.round(values / SAME_PLACE).astype(np.int64) for values in (rows.longitude, rows.latitude))
    moment = np.searchsorted(moments, when)
    at_moment = np.isin(when[which], moments)
    taken_places = _place(moment[others], east[others], north[others])
    for step_east in (-1, 0, 1):
        for step_north in (-1, 0, 1):
            places = _place(moment[which], east[which] + step_east, north[which] + step_north)
            is_near |= np.isin(places, taken_places)
    return is_near & at_moment


def _place(moment: npt.NDArray[np.intp], east: Codes, north: Codes) -> Codes:
    """One number for a moment and a grid cell."""
    return (moment.astype(np.int64) * 400_000 + east + 200_000) * 200_000 + north + 100_000
