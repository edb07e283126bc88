"""When each satellite was in service: silence everywhere is an outage, silence at one works may be a stop.

A stop of a works and an outage of a satellite look alike at one place. They differ elsewhere: a satellite out of
service is silent over every works and every fire, and another satellite goes on seeing heat. So an outage is found only
where heat that is usually there is missing at many places at once, or where another satellite saw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import SERVICE_COLUMNS, empty_table

BLOCK = 0.25
"""Width of the blocks that tell places apart: about 25 km, so that neighbours in one town count once. [degree]"""

BUSY_DAYS = 20
"""Days with heat that make a place usually busy. [d]"""

MANY_PLACES = 4
"""Busy places from which on a common silence is sooner an outage than a stop of all of them at once."""

FEW_PLACES = 2
SEASON = 150
"""With fewer places, or where a second satellite of the kind is silent too, a common silence must last this long: an
order for a heating season of 121 days may stop several works at once, and two satellites do not fail together. [d]"""

LONG_SILENCE = 45
"""Silences longer than this do not vote on what is usual. [d]"""

IMPROBABLE = np.log(1e-4)
"""Log-probability of the silence, given service, below which it is an outage."""

CLOUD_RUNS = 2.0
"""Cloud lasts: two silent days tell about as much as one, winter synoptic systems of 2-4 days. [1]"""

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Days ``[start, stop)`` without service, as declared by the user."""

    satellite: str
    """Satellite as in the detections; empty for every satellite."""
    start: date
    """First UTC day without service."""
    stop: date
    """First UTC day in service again."""


def service_calendar(
    detections: pd.DataFrame, coverage: Sequence[tuple[date, date]], outages: Sequence[Outage] = ()
) -> pd.DataFrame:
    """Every satellite and UTC day of the coverage, with ``service`` or ``outage``.

    Parameters
    ----------
    detections
        ``DETECTION_COLUMNS``, everything the source holds, near the sites or not.
    coverage
        Days ``[start, stop)`` for which the source was collected, detections or none.
    outages
        Declared outages; more are found in the data.

    Returns
    -------
    ``SERVICE_COLUMNS``, sorted. Days outside the coverage have no row, nor have silences before a satellite came or
    after it left. Empty where there are no detections: nothing says which satellites were watching.
    """
    if detections.empty or not coverage:
        return empty_table(SERVICE_COLUMNS)
    days = _covered_days(coverage)
    lives = detections[["sensor", "satellite", "utc_date"]].drop_duplicates()
    alive = {
        (str(sensor), str(satellite)): np.isin(days, life["utc_date"].to_numpy().astype("datetime64[D]"))
        for (sensor, satellite), life in lives.groupby(["sensor", "satellite"], sort=True)
    }
    places = _busy_places(detections)
    tables = []
    for stream in alive:
        out = _declared(days, stream[1], outages)
        out |= _silent_outages(days, stream, alive, places, out)
        kept = ~(out & _outside_life(alive[stream]))
        tables.append(
            pd.DataFrame(
                {
                    "sensor": pd.Series([stream[0]] * int(kept.sum()), dtype="str"),
                    "satellite": pd.Series([stream[1]] * int(kept.sum()), dtype="str"),
                    "utc_date": days[kept].astype("datetime64[us]"),
                    "status": pd.Series(np.where(out[kept], "outage", "service"), dtype="str"),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _outside_life(alive: BoolArray) -> BoolArray:
    """Days before a satellite's first sign of life and after its last."""
    seen = np.cumsum(alive)
    outside: BoolArray = (seen == 0) | ((seen == seen[-1]) & ~alive)
    return outside


def _covered_days(coverage: Sequence[tuple[date, date]]) -> NDArray[np.datetime64]:
    runs = [np.arange(np.datetime64(start, "D"), np.datetime64(stop, "D")) for start, stop in coverage]
    return np.unique(np.concatenate(runs))


def _declared(days: NDArray[np.datetime64], satellite: str, outages: Sequence[Outage]) -> BoolArray:
    out = np.zeros(len(days), dtype=bool)
    for outage in outages:
        if outage.satellite in ("", satellite):
            out |= (days >= np.datetime64(outage.start, "D")) & (days < np.datetime64(outage.stop, "D"))
    return out


def _busy_places(detections: pd.DataFrame) -> int:
    """How many separate places are hot on many days; more than ``MANY_PLACES`` are not counted.

    Blocks side by side are one place, or a single works on the edge of a block would be two.
    """
    block = pd.DataFrame(
        {
            "x": np.floor(detections["longitude"] / BLOCK).astype("int64"),
            "y": np.floor(detections["latitude"] / BLOCK).astype("int64"),
            "day": detections["utc_date"],
        }
    ).drop_duplicates()
    days = block.groupby(["x", "y"]).size().sort_values(ascending=False, kind="stable")
    places: list[tuple[int, int]] = []
    for x, y in days.index[days >= BUSY_DAYS]:
        if all(max(abs(x - a), abs(y - b)) > 1 for a, b in places):
            places.append((x, y))
        if len(places) == MANY_PLACES:
            break
    return len(places)


def _silent_outages(
    days: NDArray[np.datetime64],
    stream: tuple[str, str],
    alive: dict[tuple[str, str], BoolArray],
    places: int,
    declared: BoolArray,
) -> BoolArray:
    """Runs of days on which the satellite was silent and should not have been."""
    own = alive[stream]
    out = np.zeros(len(days), dtype=bool)
    if not own.any():
        return out
    quiet = _log_quiet(days, own, declared)
    others = [other for name, other in alive.items() if name != stream]
    seen_by_other = np.logical_or.reduce(others) if others else np.zeros(len(days), dtype=bool)
    quiet_though_seen = _log_quiet_though_seen(own, others, quiet)
    company = [other for name, other in alive.items() if name != stream and name[0] == stream[0]]
    for start, stop in _silent_runs(days, own | declared):
        alone = quiet[start:stop].sum() / CLOUD_RUNS
        is_single = not any(_lives_through(other, start, stop) for other in company)
        enough = (places >= MANY_PLACES and is_single) or (places >= FEW_PLACES and stop - start >= SEASON)
        contradicted = quiet_though_seen[start:stop][seen_by_other[start:stop]].sum() / CLOUD_RUNS
        if (enough and alone < IMPROBABLE) or contradicted < IMPROBABLE:
            out[start:stop] = True
    return out


def _lives_through(other: BoolArray, start: int, stop: int) -> bool:
    """Whether a satellite shows life before and after a run of days."""
    return bool(other[:start].any() and other[stop:].any())


def _silent_runs(days: NDArray[np.datetime64], alive: BoolArray) -> list[tuple[int, int]]:
    """Half-open index ranges without a sign of life; a hole in the coverage does not break a run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], alive, [True]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _log_quiet(days: NDArray[np.datetime64], own: BoolArray, declared: BoolArray) -> FloatArray:
    """Log-probability that a day in service shows nothing anywhere, by time of year, from the satellite's own life."""
    first, last = np.flatnonzero(own)[[0, -1]]
    living = np.zeros(len(days), dtype=bool)
    living[first : last + 1] = True
    living &= ~declared
    # Long silences are what is asked about.
    for start, stop in _silent_runs(days, own):
        if stop - start > LONG_SILENCE:
            living[start:stop] = False
    season = _day_of_year(days)
    distance = np.abs((season[None, :] - np.arange(1, 367)[:, None] + 183) % 366 - 183) <= 30
    seen = distance @ (own & living).astype(np.float64)
    total = distance @ living.astype(np.float64)
    share = (seen + 0.5) / (total + 1.0)
    quiet: FloatArray = np.log1p(-np.minimum(share, 0.99))[season - 1]
    return np.where(total[season - 1] >= 10, quiet, 0.0)


def _log_quiet_though_seen(own: BoolArray, others: list[BoolArray], quiet: FloatArray) -> FloatArray:
    """Log-probability that the satellite shows nothing on a day on which another one saw heat."""
    first, last = np.flatnonzero(own)[[0, -1]]
    together = np.zeros(len(own), dtype=bool)
    for other in others:
        if other.any():
            start, stop = np.flatnonzero(other)[[0, -1]]
            shared = slice(max(first, start), min(last, stop) + 1)
            together[shared] |= other[shared]
    count = int(together.sum())
    if count < BUSY_DAYS:
        return quiet
    share = ((own & together).sum() + 0.5) / (count + 1.0)
    return np.full(len(own), float(np.log1p(-min(share, 0.99))))


def _day_of_year(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    number: NDArray[np.int64] = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1
    return number
