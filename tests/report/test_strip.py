from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from satverify.report import figures
from satverify.report.ranking import index_line
from satverify.report.strip import activity_strip, findings_strip
from satverify.report.text import load_text
from tests.report import winter

TEXT = load_text("en")
ROLLING = winter.rolling_view(400)
FINDINGS = [item.finding for item in ROLLING.findings]


def test_every_finding_has_its_bar() -> None:
    drawing = findings_strip(FINDINGS, TEXT, "aria")
    bars = re.findall(r'<rect [^>]*class="v-(\w+)"', drawing)
    counts = ROLLING.counts
    assert len(bars) == 400
    assert bars.count("inconsistent") == counts.inconsistent
    assert bars.count("undetermined") == counts.undetermined


def test_verdicts_differ_in_height_and_not_in_colour_alone() -> None:
    drawing = findings_strip(FINDINGS, TEXT, "aria")
    heights = {verdict: height for height, verdict in re.findall(r'height="([\d.]+)" class="v-(\w+)"', drawing)}
    assert len(set(heights.values())) == 3


def test_windows_that_overlap_do_not_cover_each_other() -> None:
    drawing = findings_strip(FINDINGS, TEXT, "aria")
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" class="v-', drawing)
    lanes: dict[float, list[tuple[float, float]]] = {}
    for x, y, width, height in found:
        lanes.setdefault(round(float(y) + float(height), 1), []).append((float(x), float(x) + float(width)))
    for lane in lanes.values():
        ordered = sorted(lane)
        assert all(later[0] >= earlier[1] for earlier, later in pairwise(ordered))


def test_few_findings_need_no_strip() -> None:
    view = winter.winter_view()
    assert not figures.many_findings(view.units[0], TEXT)
    assert figures.many_findings(ROLLING.units[0], TEXT)


def test_the_activity_strip_is_as_long_as_its_states() -> None:
    line = replace(index_line(winter.small_view()), strip=(0, 0, 2, 2, -1, 1), windows=((0.25, 0.5),))
    drawing = activity_strip(line, TEXT)
    spans = {name: path for path, name in re.findall(r'<path d="([^"]*)" class="state-line l-(\w+)"', drawing)}
    assert spans == {"running": "M0 7H80", "halted": "M80 7H160", "reduced": "M200 7H240"}
    assert re.findall(r'<rect x="([\d.]+)" [^>]*width="([\d.]+)" [^>]*class="window-mark"', drawing) == [("60", "60")]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_site_without_days_has_no_strip(lang: str) -> None:
    line = replace(index_line(winter.small_view()), strip=())
    assert activity_strip(line, load_text(lang)) == ""
