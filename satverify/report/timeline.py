"""The figure of a unit's days: P(state) above, one lane of looks for each satellite below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from satverify.domain.findings import Verdict
from satverify.report.axis import TimeAxis, draw_axis
from satverify.report.lanes import LANE, draw_lane, lanes_with_data, looks_by_kind
from satverify.report.sightings import Change, Seen, UnitSeries, day_of, number_of
from satverify.report.svg import bars, element, figure, label, line, number, path, rect, steps, text_width
from satverify.report.text import Text

WIDTH = 1080.0
LEFT = 138.0
RIGHT = 1068.0
ROW = 19.0
"""Height of one row of labels. [px]"""
AREA = 92.0
"""Height of the panel of states. [px]"""
CLOUD = 8.0
MAX_MARKED = 14
"""Changes with a label on one figure; above it they are marks only."""
MAX_TOOLTIPS = 190
"""Days with a text of their own under the pointer; longer spans have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days ``[start, stop)`` marked on a figure, with a name."""

    start: int
    stop: int
    name: str
    verdict: Verdict | None = None
    """None for days that are only compared with."""


def timeline(
    series: UnitSeries, days: tuple[int, int], spans: Sequence[Span], text: Text, *, aria_unit: str, dim: bool
) -> Markup:
    """The figure of the days ``[start, stop)``.

    Parameters
    ----------
    series
        The unit's days and looks.
    days
        Numbers of the first day and of the first day after the last one.
    spans
        Windows to shade and name.
    text
        The wording.
    aria_unit
        The unit's name, for those who cannot see the figure.
    dim
        Whether to fade what lies outside the first span.
    """
    axis = TimeAxis(first=days[0], stop=days[1], left=LEFT, right=RIGHT)
    spans = [span for span in spans if axis.holds(span.start, span.stop)]
    parts, y = _headings(axis, spans, series.changes, text)
    top, area_top = y, y + 4
    lanes_top = area_top + AREA + 12
    lanes = lanes_with_data(series.lanes, axis)
    has_cloud = not np.isnan(_cut(series, series.cloud, axis)).all()
    cloud_top = lanes_top
    lanes_top += CLOUD + 10 if has_cloud else 0
    bottom = lanes_top + LANE * len(lanes)
    body: list[Markup] = [_shade(axis, span, top, bottom) for span in spans]
    body += draw_axis(axis, area_top, bottom, text)
    body += _states(series, axis, area_top, text)
    if has_cloud:
        body += _cloud(series, axis, cloud_top, text)
    for place, lane in enumerate(lanes):
        body += draw_lane(lane, axis, lanes_top + place * LANE, LEFT, text)
    if dim and spans:
        body += _fade(axis, spans[0], area_top, bottom)
    body += [
        _edge(axis.x(day), top, bottom)
        for span in spans
        for day in (span.start, span.stop)
        if axis.first < day < axis.stop
    ]
    body += _change_marks(axis, series.changes, area_top)
    if axis.stop - axis.first <= MAX_TOOLTIPS:
        body += _tooltips(series, axis, area_top, bottom, text)
    return figure(WIDTH, bottom + 32, _aria(series, axis, text, aria_unit), "timeline", [*body, *parts])


def _headings(
    axis: TimeAxis, spans: Sequence[Span], changes: Sequence[Change], text: Text
) -> tuple[list[Markup], float]:
    """Names of windows and changes in as few rows as they fit, and where the panels begin."""
    shown = [change for change in changes if axis.holds(number_of(change.day), number_of(change.day) + 1)]
    rows: list[float] = []
    parts: list[Markup] = []
    for span in sorted(spans, key=lambda span: (span.start, span.stop, span.name)):
        left, right = axis.x(span.start), axis.x(span.stop)
        width = text_width(span.name, 11.5) + 8
        is_left = left + width > RIGHT
        row = _free_row(rows, min(left, right - width) if is_left else left, max(right, left + width) + 6)
        y = row * ROW
        kind = span.verdict or "baseline"
        parts += [
            rect(left, y + 14, max(2.0, right - left), 3, f"window-bar v-{kind}"),
            label(
                right if is_left else left + 1,
                y + 11,
                span.name,
                f"window-name v-{kind}-text{' before' if is_left else ''}",
            ),
        ]
    taken = len(rows)
    rows = []
    stems: list[tuple[float, float]] = []
    for change in shown if len(shown) <= MAX_MARKED else ():
        x = axis.x(number_of(change.day))
        words = change_words(change, text)
        width = text_width(words, 11) + 14
        is_left = x + width > RIGHT
        row = _free_row(rows, x - width if is_left else x, x + 4 if is_left else x + width)
        y = (taken + row) * ROW
        stems.append((x, y + 3))
        parts.append(
            label(x + (-5 if is_left else 5), y + 12, words, "change-name before" if is_left else "change-name")
        )
    bottom = (taken + len(rows)) * ROW + 6
    return [*(line(x, y, x, bottom, "change-stem") for x, y in stems), *parts], bottom


def change_words(change: Change, text: Text) -> str:
    """A stop or restart with its date and interval, without the years."""
    word = text.word("timeline", change.change)
    days = {name: text.axis_day(day) for name, day in (("day", change.day), ("low", change.low), ("high", change.high))}
    return text("timeline.change", change=word, **days)


def _free_row(rows: list[float], left: float, right: float) -> int:
    """First row that is free at ``left``, then taken until ``right``."""
    for row, taken in enumerate(rows):
        if taken <= left:
            rows[row] = right
            return row
    rows.append(right)
    return len(rows) - 1


def _shade(axis: TimeAxis, span: Span, top: float, bottom: float) -> Markup:
    left, right = axis.x(span.start), axis.x(span.stop)
    return rect(left, top, max(1.0, right - left), bottom - top, f"shade v-{span.verdict or 'baseline'}")


def _edge(x: float, top: float, bottom: float) -> Markup:
    return line(x, top, x, bottom, "edge")


def _fade(axis: TimeAxis, span: Span, top: float, bottom: float) -> Iterator[Markup]:
    start, stop = axis.x(span.start), axis.x(span.stop)
    if start > axis.left:
        yield rect(axis.left, top, start - axis.left, bottom - top, "fade")
    if stop < axis.right:
        yield rect(stop, top, axis.right - stop, bottom - top, "fade")


def _cut(series: UnitSeries, values: np.ndarray, axis: TimeAxis) -> np.ndarray:
    """The rows of ``values`` that lie on the axis."""
    return values[max(0, axis.first - series.first) : max(0, axis.stop - series.first)]


def _states(series: UnitSeries, axis: TimeAxis, top: float, text: Text) -> Iterator[Markup]:
    """Stacked P(running), P(reduced), P(halted), running at the bottom."""
    begin = max(series.first, axis.first)
    p = _cut(series, series.p, axis)
    bottom = top + AREA
    yield rect(axis.left, top, axis.right - axis.left, AREA, "panel")
    for start, stop in _runs(~np.isnan(p).any(axis=1)):
        xs = [axis.x(begin + day) for day in range(start, stop)]
        end = axis.x(begin + stop)
        yield rect(xs[0], top, end - xs[0], AREA, "s-halted")
        for level, state in ((p[start:stop, 0] + p[start:stop, 1], "reduced"), (p[start:stop, 0], "running")):
            ys = [bottom - AREA * float(share) for share in np.clip(level, 0, 1)]
            yield path(
                f"M{number(xs[0])} {number(bottom)}V{steps(xs, ys, end).split(' ', 1)[1]}V{number(bottom)}Z",
                f"s-{state}",
            )
    yield rect(axis.left, top, axis.right - axis.left, AREA, "frame")
    yield label(axis.left - 34, top + AREA / 2 + 4, text("timeline.probability"), "lane-name")
    for share in (0, 0.5, 1):
        y = bottom - AREA * share
        yield label(axis.left - 6, y + (9 if share == 1 else 0 if share == 0 else 4), f"{share:g}", "scale")
        if share == 0.5:
            yield line(axis.left, y, axis.right, y, "half")


def _runs(mask: np.ndarray) -> Iterator[tuple[int, int]]:
    """Runs ``[start, stop)`` of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _cloud(series: UnitSeries, axis: TimeAxis, top: float, text: Text) -> Iterator[Markup]:
    """A strip of cloud cover, darker for more, in five classes."""
    begin = max(series.first, axis.first)
    cover = _cut(series, series.cloud, axis)
    classes = np.where(np.isnan(cover), -1, np.clip(np.nan_to_num(cover) // 20, 0, 4)).astype(int)
    yield rect(axis.left, top, axis.right - axis.left, CLOUD, "panel")
    middle = top + CLOUD / 2
    for grade in range(1, 5):
        commands = "".join(
            f"M{number(axis.x(begin + start))} {number(middle)}H{number(axis.x(begin + stop))}"
            for start, stop in _runs(classes == grade)
        )
        yield path(commands, f"cloud c{grade}")
    yield rect(axis.left, top, axis.right - axis.left, CLOUD, "frame")
    yield label(axis.left - 8, top + CLOUD, text("timeline.cloud"), "lane-name")


def _change_marks(axis: TimeAxis, changes: Sequence[Change], top: float) -> Iterator[Markup]:
    """A line at each stop or restart, with its interval as a whisker."""
    for place, change in enumerate(changes):
        day = number_of(change.day)
        if axis.holds(day, day + 1):
            x, low, high = axis.x(day), axis.x(number_of(change.low)), axis.x(number_of(change.high) + 1)
            y = top + (8 if place % 2 == 0 else 18)  # intervals of neighbours may overlap
            yield element(
                "g",
                line(x, top - 6, x, top + AREA, "change"),
                path(
                    f"M{number(low)} {number(y)}H{number(high)}" + bars([(low, y - 3, y + 3), (high, y - 3, y + 3)]),
                    "whisker",
                ),
                class_="change-mark",
            )


def _tooltips(series: UnitSeries, axis: TimeAxis, top: float, bottom: float, text: Text) -> Iterator[Markup]:
    for day in range(axis.first, axis.stop):
        row = day - series.first
        if not 0 <= row < len(series.p) or np.isnan(series.p[row]).any():
            continue
        running, reduced, halted = (float(p) for p in series.p[row])
        words = text("timeline.tooltip", day=text.date(day_of(day)), running=running, reduced=reduced, halted=halted)
        yield rect(axis.x(day), top, axis.day_width, bottom - top, "hover", element("title", words))


def _aria(series: UnitSeries, axis: TimeAxis, text: Text, unit: str) -> str:
    kinds = looks_by_kind(series, axis)
    return text(
        "timeline.aria",
        unit=unit,
        first=text.date(day_of(axis.first)),
        last=text.date(day_of(axis.stop - 1)),
        hot=kinds[Seen.HOT],
        cold=kinds[Seen.COLD] + kinds[Seen.COLD_PARTLY],
        unusable=kinds[Seen.CLOUDY] + kinds[Seen.NODATA],
    )
