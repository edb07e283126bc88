"""Many findings, or one site's activity, in little room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from satverify.domain.findings import Finding, Verdict
from satverify.report.ranking import SiteLine
from satverify.report.svg import bars, figure, label, line, number, path, rect
from satverify.report.text import Text

_WIDTH, _LEFT, _RIGHT = 1080.0, 56.0, 1068.0
_LANE, _MAX_LANES = 9.0, 8
_HEIGHTS = {Verdict.INCONSISTENT: 8.0, Verdict.CONSISTENT: 5.0, Verdict.UNDETERMINED: 2.5}


def findings_strip(findings: Sequence[Finding], text: Text, aria: str) -> Markup:
    """The windows of many findings, one row for each year they begin in, overlapping ones in lanes."""
    parts: list[Markup] = []
    y = 4.0
    for year in sorted({finding.start.year for finding in findings}):
        mine = sorted(
            (f for f in findings if f.start.year == year), key=lambda f: (f.start, f.stop, f.order_id, f.unit_id)
        )
        body, lanes = _year(mine, year, y)
        height = lanes * _LANE + 6
        parts += [
            rect(_LEFT, y, _RIGHT - _LEFT, height, "panel"),
            label(_LEFT - 8, y + height / 2 + 4, text("format.axis_year", year=year), "lane-name"),
            *_months(year, y, height),
            *body,
        ]
        y += height + 6
    for month in range(1, 13):
        x = _x(date(2001, month, 1), 2001)
        parts.append(label(x + 3, y + 8, text("format.axis_month", month=text.months[month - 1]), "tick"))
    return figure(_WIDTH, y + 16, aria, "strip", parts)


def activity_strip(site: SiteLine, text: Text) -> Markup:
    """The most likely state of one site over time, with its windows marked below."""
    width, height = 240.0, 20.0
    if not site.strip:
        return Markup()
    scale = width / len(site.strip)
    parts: list[Markup] = [rect(0, 0, width, height - 6, "panel")]
    for state, name in enumerate(("running", "reduced", "halted")):
        commands = "".join(
            f"M{number(start * scale)} 7H{number(stop * scale)}" for start, stop in _runs(site.strip, state)
        )
        parts.append(path(commands, f"state-line l-{name}"))
    parts += [
        rect(start * width, height - 4, max(1.5, (stop - start) * width), 3, "window-mark")
        for start, stop in site.windows
    ]
    words = text("index.strip_aria", halted=site.halted_days, days=site.known_days)
    return figure(width, height, words, "spark", parts)


def _runs(states: Sequence[int], wanted: int) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for place, state in enumerate([*states, None]):
        if state == wanted and start is None:
            start = place
        elif state != wanted and start is not None:
            yield start, place
            start = None


def _year(findings: Sequence[Finding], year: int, top: float) -> tuple[list[Markup], int]:
    """Bars of one year by verdict, and how many lanes they take."""
    ends: list[float] = []
    strokes: list[Markup] = []
    for finding in findings:
        left, right = _x(finding.start, year), _x(finding.stop, year)
        lane = next((lane for lane, end in enumerate(ends) if end <= left + 0.05), len(ends))
        if lane >= _MAX_LANES:
            lane = min(range(len(ends)), key=ends.__getitem__)
        elif lane == len(ends):
            ends.append(right)
        ends[lane] = right
        floor = top + 3 + (lane + 1) * _LANE
        height = _HEIGHTS[finding.verdict]
        strokes.append(rect(left + 0.5, floor - height, max(1.2, right - left - 1), height, f"v-{finding.verdict}"))
    return strokes, len(ends)


def _months(year: int, top: float, height: float) -> Iterator[Markup]:
    yield path(bars([(_x(date(year, month, 1), year), top, top + height) for month in range(2, 13)]), "grid")
    yield line(_LEFT, top + height, _RIGHT, top + height, "base")


def _x(day: date, year: int) -> float:
    share = (day - date(year, 1, 1)).days / 366
    return min(_RIGHT, _LEFT + (_RIGHT - _LEFT) * share)
