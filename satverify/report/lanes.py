"""One satellite's looks along the time axis: heat upwards, no heat downwards, cloud as dots, no data hatched."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from markupsafe import Markup

from satverify.report.axis import TimeAxis
from satverify.report.sightings import IntArray, Lane, Seen, UnitSeries
from satverify.report.svg import bars, element, label, line, number, path, rect
from satverify.report.text import Text

LANE = 44.0
"""Height of a lane. [px]"""
_UP, _DOWN = 24.0, 13.0
_FULL_PIXELS = 12
"""Hot pixels of a bar of full height; more are drawn the same."""
_SEEN = tuple(Seen)
_MARKS = (Seen.COLD_PARTLY, Seen.COLD, Seen.HOT)


MISSIONS = ("sentinel-", "landsat-")
"""How the catalogue's names of imaging satellites begin."""


def lane_name(sensor: str, satellite: str, text: Text) -> str:
    """Sensor and satellite, as far as known; satellites of an imaging mission have its name in theirs."""
    if satellite.startswith(MISSIONS):
        return text.word("satellite", satellite)
    return " ".join([text.word("sensor", sensor), *([text.word("satellite", satellite)] if satellite else [])])


def looks_by_kind(series: UnitSeries, axis: TimeAxis) -> Counter[Seen]:
    """Looks on the axis by what they show."""
    kinds: Counter[Seen] = Counter()
    for lane in series.lanes:
        kinds.update(_kinds(lane, axis))
    return kinds


def lanes_with_data(lanes: Sequence[Lane], axis: TimeAxis) -> tuple[Lane, ...]:
    """Lanes of the satellites that gave any data on the axis; all where none did."""
    serving = tuple(lane for lane in lanes if set(_kinds(lane, axis)) - {Seen.NODATA})
    return serving or tuple(lanes)


def draw_lane(lane: Lane, axis: TimeAxis, top: float, left: float, text: Text) -> Iterator[Markup]:
    """All looks of ``lane`` on the axis."""
    base = top + 4 + _UP
    kinds = _kinds(lane, axis)
    cold = kinds[Seen.COLD] + kinds[Seen.COLD_PARTLY]
    yield label(left - 8, base - 7, lane_name(lane.sensor, lane.satellite, text), "lane-name")
    yield label(left - 8, base + 7, text("timeline.lane_counts", hot=kinds[Seen.HOT], cold=cold), "lane-count")
    yield line(axis.left, base, axis.right, base, "base")
    at, seen, pixels, chance = _binned(lane, axis)
    missing = seen == _SEEN.index(Seen.NODATA)
    for start, stop in _day_runs(np.floor(at[missing]).astype(np.int64), bin_days(axis)):
        if axis.holds(start, stop):
            x = axis.x(start)
            yield rect(x, base - _DOWN, axis.x(stop) - x, 2 * _DOWN, "nodata", fill="url(#hatch)")
    cloudy = seen == _SEEN.index(Seen.CLOUDY)
    yield path("".join(f"M{number(axis.x(day))} {number(base)}h0" for day in at[cloudy]), "look cloudy")
    thickness = min(4.0, max(1.0, axis.day_width * bin_days(axis) * (0.3 if axis.day_width > 6 else 0.6)))
    strokes: list[Markup] = []
    for kind in _MARKS:
        mine = seen == _SEEN.index(kind)
        ends = (
            [base - _height(count) for count in pixels[mine]]
            if kind is Seen.HOT
            else [base + 2.5 + (_DOWN - 2.5) * min(1.0, max(0.0, float(p))) for p in np.nan_to_num(chance[mine])]
        )
        strokes.append(
            path(bars(zip((axis.x(day) for day in at[mine]), [base] * len(ends), ends, strict=True)), f"look {kind}")
        )
    yield element("g", *strokes, stroke_width=thickness)


def _height(pixels: int) -> float:
    """Bar of a look with heat: its area of sight grows as the root of the pixels. [px]"""
    return 5.0 + (_UP - 5.0) * min(1.0, math.sqrt(max(0, pixels - 1) / (_FULL_PIXELS - 1)))


def _kinds(lane: Lane, axis: TimeAxis) -> Counter[Seen]:
    inside = (lane.moment >= axis.first) & (lane.moment < axis.stop)
    return Counter(_SEEN[index] for index in lane.seen[inside])


def bin_days(axis: TimeAxis) -> int:
    """Days that one mark stands for."""
    return max(1, math.ceil((axis.stop - axis.first) / 600))


def _binned(lane: Lane, axis: TimeAxis) -> tuple[np.ndarray, IntArray, IntArray, np.ndarray]:
    """Looks on the axis; on a crowded axis the most telling one of each bin, at the bin's middle."""
    inside = (lane.moment >= axis.first) & (lane.moment < axis.stop)
    at, seen, pixels, chance = lane.moment[inside], lane.seen[inside], lane.pixels[inside], lane.p_detect[inside]
    if axis.day_width >= 3:
        return at, seen, pixels, chance
    step = bin_days(axis)
    place = np.floor((at - axis.first) / step).astype(np.int64)
    order = np.lexsort((-np.nan_to_num(chance), -pixels, seen, place))
    _, head = np.unique(place[order], return_index=True)
    first = order[head]
    return axis.first + (place[first] + 0.5) * step, seen[first], pixels[first], chance[first]


def _day_runs(days: IntArray, step: int) -> Iterator[tuple[int, int]]:
    """Runs ``[start, stop)`` of days that follow each other within ``step``."""
    start = stop = None
    for day in sorted(set(days.tolist())):
        if start is None or stop is None or day > stop:
            if start is not None and stop is not None:
                yield start, stop
            start = day - step // 2
        stop = day + max(1, step - step // 2)
    if start is not None and stop is not None:
        yield start, stop
