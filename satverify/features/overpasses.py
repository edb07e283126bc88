"""When satellites passed over a place, detection or not: the orbits are learned from the times of real detections.

The fire satellites keep to the sun and repeat their track every 16 days. So each detection with a time, anywhere, tells
when its satellite crossed the equator; all crossings of a satellite lie on one beat, which drifts by minutes in a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from satverify.physics.orbit import DAY, Orbit, closest_approach, is_in_swath, node_time_of, view_zenith_angle

VIIRS_ORBIT: Final = Orbit(
    repeat_days=16,
    repeat_orbits=227,
    inclination=float(np.radians(98.7)),  # X. Xiong et al., Remote Sensing 8(1), 1, 2016
    ascending_time=13.43,  # fitted to pixel sizes over Germany 2023 and Turkey 2024-26: 13.36 to 13.54
    altitude=829.0,  # Xiong et al. 2016
    widest_scan=float(np.radians(56.28)),  # VIIRS SDR User's Guide, NOAA Technical Report NESDIS 142
)
MODIS_WIDEST = float(np.radians(55.0))  # MODIS Level 1B Product User's Guide
TERRA_ORBIT: Final = Orbit(
    repeat_days=16,
    repeat_orbits=233,
    inclination=float(np.radians(98.2)),  # NASA Terra fact sheet
    ascending_time=22.5,
    altitude=705.0,
    widest_scan=MODIS_WIDEST,
)
AQUA_ORBIT: Final = Orbit(
    repeat_days=16,
    repeat_orbits=233,
    inclination=float(np.radians(98.2)),  # NASA Aqua fact sheet
    ascending_time=13.58,
    altitude=705.0,
    widest_scan=MODIS_WIDEST,
)
ORBITS: Final = MappingProxyType(
    {
        ("modis", "Aqua"): AQUA_ORBIT,
        ("modis", "Terra"): TERRA_ORBIT,
        ("viirs", "N"): VIIRS_ORBIT,
        ("viirs", "N20"): VIIRS_ORBIT,
        ("viirs", "N21"): VIIRS_ORBIT,
    }
)
NOMINAL_NIGHT: Final = MappingProxyType({"Terra": 22.5})
"""Mean local solar time of the night pass where it is not 01:30; the day pass is 12 h later. [h]"""
NIGHT = 1.5
SUNRISE, SUNSET = 6.0, 18.0  # [h] mean local solar time
STEP = 16 * DAY
"""Distance of the dates at which the beat is determined. [s]"""
REACH = 24 * DAY
"""Passes this far from such a date take part. [s]"""
PASSES_NEEDED = 5
"""Fewest passes that fix the beat at a date."""
HOLD = 120 * DAY
"""How long the beat is trusted before and after the dates at which it is known; it drifts by 3 min in that time. [s]"""
ON_BEAT = 180.0
"""Farthest that a real pass lies from the beat. [s]"""
SHARE_ON_BEAT = 0.9
"""Share of passes that must lie on the beat, or the times of the file are not to be trusted."""
PASSES_USED = 50_000
"""More passes of one satellite add nothing."""
EPOCH: Final = np.datetime64("1970-01-01", "us")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beat:
    """When one satellite crosses the equator northward: at ``offset`` plus whole periods."""

    sensor: str
    satellite: str
    moment: Floats
    """Dates at which the offset is known, ascending. [s since 1970-01-01 UTC]"""
    offset: Floats
    """Offset at those dates; between them it runs straight. [s]"""
    passes: int
    """Passes it was learned from."""
    on_beat: float
    """Share of them within three minutes of it. [0, 1]"""

    def at(self, moment: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Offset at any date [s], and whether that date is near enough to one at which it is known."""
        near = np.searchsorted(self.moment, moment)
        before = np.abs(moment - self.moment[np.maximum(near - 1, 0)])
        after = np.abs(moment - self.moment[np.minimum(near, len(self.moment) - 1)])
        return np.interp(moment, self.moment, self.offset), np.minimum(before, after) <= HOLD


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverpassTable:
    """What is known of the satellites in use."""

    streams: tuple[tuple[str, str], ...]
    """Sensors and satellites that appear in the detections, sorted; the satellite is empty where unknown."""
    beats: tuple[Beat, ...]
    """Those whose times could be learned, sorted."""

    def beat(self, sensor: str, satellite: str) -> Beat | None:
        """Beat of one satellite, None where it was not learned."""
        return next((beat for beat in self.beats if (beat.sensor, beat.satellite) == (sensor, satellite)), None)


def learn_overpasses(detections: pd.DataFrame) -> OverpassTable:
    """Learn from the times of detections when each satellite passes.

    Parameters
    ----------
    detections
        ``DETECTION_COLUMNS``, from any places: all of them together. Rows without a time only name the satellite.

    Returns
    -------
    The satellites that appear, and the beats of those with enough passes whose times agree; no stream and no beat for
    an empty table.
    """
    named = detections[["sensor", "satellite"]].drop_duplicates()
    streams = sorted((str(a), str(b)) for a, b in zip(named["sensor"], named["satellite"], strict=True))
    beats = [_learned(detections, *stream) for stream in streams if stream in ORBITS]
    return OverpassTable(streams=tuple(streams), beats=tuple(beat for beat in beats if beat is not None))


def overpasses(table: OverpassTable, longitude: float, latitude: float, days: tuple[date, date]) -> pd.DataFrame:
    """List every overpass of a place on the UTC days ``[start, stop)``.

    Parameters
    ----------
    table
        What ``learn_overpasses`` gave.
    longitude, latitude
        The place. [degree]
    days
        First UTC day, and first day after.

    Returns
    -------
    ``sensor``, ``satellite``, ``time`` (UTC), ``is_learned``, ``day_night`` (``D`` where the mean local solar time is
    between 6 and 18 h) and ``view_zenith_angle`` [degree], sorted by time, sensor and satellite. On days for which a
    satellite's times were not learned it has one nominal pass by night and one by day, the view angle being NaN.
    """
    tables = [_passes(table.beat(*stream), *stream, longitude, latitude, days) for stream in table.streams]
    if not tables:
        tables = [_framed("", "", np.empty(0), False, np.empty(0), longitude)]
    joined = pd.concat(tables, ignore_index=True)
    return joined.sort_values(["time", "sensor", "satellite"], kind="stable", ignore_index=True)


def _learned(detections: pd.DataFrame, sensor: str, satellite: str) -> Beat | None:
    orbit = ORBITS[sensor, satellite]
    rows = detections[(detections["sensor"] == sensor) & (detections["satellite"] == satellite)]
    rows = rows[rows["time"].notna()]
    # One row a pass: detections of one minute and neighbourhood say the same.
    places = pd.DataFrame({"time": rows["time"], "x": rows["longitude"].round(), "y": rows["latitude"].round()})
    rows = rows[~places.duplicated()]
    rows = rows.iloc[:: max(1, -(-len(rows) // PASSES_USED))]
    if len(rows) < PASSES_NEEDED:
        return None
    longitude, latitude = rows["longitude"].to_numpy(), rows["latitude"].to_numpy()
    time = _seconds(rows["time"]) + 30.0  # files cut to the minute
    hour = (time / 3600 + longitude / 15) % 24
    is_ascending = _hours_apart(hour, orbit.ascending_time) < 6
    node, _ = node_time_of(orbit, time, longitude, latitude, is_ascending)
    order = np.argsort(node, kind="stable")
    return _fitted(sensor, satellite, orbit, node[order])


def _fitted(sensor: str, satellite: str, orbit: Orbit, node: Floats) -> Beat | None:
    """Beat through sorted nodes: a running median of their phase, followed through its drift."""
    moments, offsets = [], []
    guess = _circular_mean(node[: _until(node, node[0] + 2 * REACH)], orbit.period)
    for moment in np.arange(node[0], node[-1] + STEP, STEP):
        near = node[_until(node, moment - REACH) : _until(node, moment + REACH)]
        if len(near) < PASSES_NEEDED:
            continue
        guess = guess + float(np.median(_wrapped(near - guess, orbit.period)))
        moments.append(float(moment))
        offsets.append(guess)
    if not moments:
        return None
    found = Beat(
        sensor=sensor,
        satellite=satellite,
        moment=np.array(moments),
        offset=np.array(offsets),
        passes=len(node),
        on_beat=1.0,
    )
    late = np.abs(_wrapped(node - found.at(node)[0], orbit.period))
    share = float((late <= ON_BEAT).mean())
    if share < SHARE_ON_BEAT:
        return None
    return Beat(
        sensor=sensor,
        satellite=satellite,
        moment=found.moment,
        offset=found.offset,
        passes=len(node),
        on_beat=share,
    )


def _passes(
    beat: Beat | None, sensor: str, satellite: str, longitude: float, latitude: float, days: tuple[date, date]
) -> pd.DataFrame:
    """Learned passes of one satellite where its beat is known, nominal ones on the other days."""
    day: Floats = np.arange(np.datetime64(days[0], "D"), np.datetime64(days[1], "D")).astype(np.float64) * DAY
    if beat is None or not day.size:
        return _nominal(day, sensor, satellite, longitude)
    is_known = beat.at(day + DAY / 2)[1]
    time, off_track = _learned_times(beat, ORBITS[sensor, satellite], longitude, latitude, day)
    place = np.searchsorted(day, time, side="right") - 1
    is_wanted = (place >= 0) & (time < day[-1] + DAY) & is_known[np.maximum(place, 0)]
    view = np.degrees(view_zenith_angle(ORBITS[sensor, satellite], off_track[is_wanted]))
    learned = _framed(sensor, satellite, time[is_wanted], True, view, longitude)
    nominal = _nominal(day[~is_known], sensor, satellite, longitude)
    return nominal if learned.empty else pd.concat([learned, nominal], ignore_index=True)


def _learned_times(beat: Beat, orbit: Orbit, longitude: float, latitude: float, day: Floats) -> tuple[Floats, Floats]:
    """Times at which the place lies in the swath [s], on and round the days, and its angle to the track [rad]."""
    regular = np.arange(day[0] - 2 * orbit.period, day[-1] + DAY + 2 * orbit.period, orbit.period)
    offset = beat.at(regular)[0]
    node = regular + _wrapped(offset - regular, orbit.period)
    # What is held in orbit is the track over ground: where crossings come later, so does their local time.
    later = (offset - np.median(beat.offset)) / 3600
    halves = []
    for is_ascending in (True, False):
        place = (np.full_like(node, longitude), np.full_like(node, latitude))
        after, off_track = closest_approach(orbit, node, *place, np.full(node.shape, is_ascending), later)
        # Far from the track the nearest point can lie on the other half, which is counted by itself.
        is_own = (np.cos(2 * np.pi * after / orbit.period) > 0) == is_ascending
        is_seen = is_own & is_in_swath(orbit, off_track)
        halves.append((node[is_seen] + after[is_seen], off_track[is_seen]))
    time, off_track = (np.concatenate(parts) for parts in zip(*halves, strict=True))
    order = np.argsort(time, kind="stable")
    return time[order], off_track[order]


def _nominal(day: Floats, sensor: str, satellite: str, longitude: float) -> pd.DataFrame:
    """One pass by night and one by day on each UTC day."""
    night = (NOMINAL_NIGHT.get(satellite, NIGHT) - longitude / 15) % 24 * 3600
    times = np.concatenate([day + night, day + (night + DAY / 2) % DAY])
    return _framed(sensor, satellite, times, False, np.full(times.shape, np.nan), longitude)


def _framed(
    sensor: str, satellite: str, time: Floats, is_learned: bool, view: Floats, longitude: float
) -> pd.DataFrame:
    hour = (time / 3600 + longitude / 15) % 24
    moments = EPOCH + np.round(time).astype(np.int64) * np.timedelta64(1_000_000, "us")
    return pd.DataFrame(
        {
            "sensor": pd.Series([sensor] * len(time), dtype="str"),
            "satellite": pd.Series([satellite] * len(time), dtype="str"),
            "time": pd.Series(moments).dt.tz_localize("UTC"),
            "is_learned": np.full(time.shape, is_learned),
            "day_night": pd.Series(np.where((hour >= SUNRISE) & (hour < SUNSET), "D", "N"), dtype="str"),
            "view_zenith_angle": view,
        }
    )


def _seconds(time: pd.Series) -> Floats:
    moments = time.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    seconds: Floats = (moments - EPOCH) / np.timedelta64(1, "s")
    return seconds


def _until(sorted_values: Floats, limit: float) -> int:
    return int(np.searchsorted(sorted_values, limit))


def _wrapped(value: Floats, period: float) -> Floats:
    """The same phase within half a period of zero."""
    return (value + period / 2) % period - period / 2


def _circular_mean(value: Floats, period: float) -> float:
    return float(np.angle(np.exp(2j * np.pi * value / period).mean()) / (2 * np.pi) * period)


def _hours_apart(hour: Floats, other: float) -> Floats:
    return np.abs(_wrapped(hour - other, 24.0))
