from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from satverify.domain.findings import Verdict
from satverify.report import figures
from satverify.report.axis import TimeAxis, ticks
from satverify.report.lanes import bin_days
from satverify.report.sightings import Seen, number_of
from satverify.report.text import load_text
from satverify.report.timeline import AREA, Span, timeline
from tests.report import winter

TEXT = load_text("en")
VIEW = winter.small_view()
UNIT = VIEW.units[0]
DAYS = (number_of(date(2021, 11, 1)), number_of(date(2021, 12, 12)))


def draw(days: tuple[int, int] = DAYS, spans: list[Span] | None = None) -> str:
    return timeline(UNIT.series, days, spans or [], TEXT, aria_unit="unit", dim=bool(spans))


def strokes(drawing: str, kind: str) -> int:
    return sum(path.count("M") for path in re.findall(rf'<path d="([^"]*)" class="look {kind}"', drawing))


@pytest.mark.parametrize("kind", [Seen.HOT, Seen.COLD, Seen.COLD_PARTLY, Seen.CLOUDY])
def test_every_look_is_drawn_once(kind: Seen) -> None:
    looks = sum(int((lane.seen == list(Seen).index(kind)).sum()) for lane in UNIT.series.lanes)
    assert strokes(draw(), kind) == looks > 0


def test_heat_points_up_and_its_absence_down() -> None:
    drawing = draw()
    for kind, is_up in ((Seen.HOT, True), (Seen.COLD, False)):
        for path in re.findall(rf'<path d="([^"]*)" class="look {kind}"', drawing):
            ends = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", path)
            assert all((float(end) < float(base)) is is_up for base, end in ends)


def test_outages_are_hatched_and_other_days_are_not() -> None:
    assert "url(#hatch)" not in draw()
    winter_view = winter.winter_view()
    days = (number_of(date(2021, 2, 1)), number_of(date(2021, 3, 1)))
    drawing = timeline(winter_view.units[0].series, days, [], TEXT, aria_unit="unit", dim=False)
    ((x, width),) = re.findall(
        r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+" class="nodata"', drawing
    )
    day = 930 / 28
    assert float(x) == pytest.approx(138 + 7 * day, abs=0.1)
    assert float(width) == pytest.approx(9 * day, abs=0.1)


def test_the_area_of_a_state_is_its_probability() -> None:
    drawing = draw()
    (running,) = re.findall(r'<path d="([^"]*)" class="s-running"', drawing)
    floor = float(re.findall(r"M[\d.]+ ([\d.]+)V", running)[0])
    first = float(re.findall(r"V([\d.]+)", running)[0])
    assert (floor - first) / AREA == pytest.approx(float(UNIT.series.p[0, 0]), abs=0.002)  # a tenth of a pixel of 92


def test_each_day_of_a_close_up_can_be_read_by_pointing_at_it() -> None:
    assert draw().count("<title>") == DAYS[1] - DAYS[0]


def test_long_spans_stand_for_several_days_a_mark() -> None:
    axis = TimeAxis(first=0, stop=1826, left=138, right=1068)
    assert bin_days(axis) == 4
    rolling = winter.rolling_view(12)
    drawing = figures.overview(rolling.units[0], rolling.project, TEXT)
    assert 0 < strokes(drawing, "hot") <= 2 * 1826 / 4 + 2


def test_a_window_is_shaded_named_and_its_surroundings_fade() -> None:
    start = number_of(date(2021, 11, 15))
    drawing = draw(spans=[Span(start=start, stop=start + 7, name="N-1 <b>", verdict=Verdict.CONSISTENT)])
    assert "N-1 &lt;b&gt;" in drawing
    assert drawing.count('class="shade v-consistent"') == 1
    assert drawing.count('class="fade"') == 2
    assert drawing.count('class="edge"') == 2


def test_a_window_outside_the_figure_is_not_drawn() -> None:
    assert "shade" not in draw(spans=[Span(start=DAYS[1], stop=DAYS[1] + 5, name="later")])


def test_stops_and_restarts_carry_their_interval() -> None:
    drawing = draw()
    assert "stop 14 Nov (12 Nov – 18 Nov)" in drawing
    assert "restart 23 Nov (21 Nov – 27 Nov)" in drawing
    assert drawing.count('class="whisker"') == 2


@pytest.mark.parametrize("length", [5, 30, 87, 150, 400, 800, 2200, 5000])
def test_labels_of_the_axis_do_not_run_into_each_other(length: int) -> None:
    first = number_of(date(2018, 1, 9))
    axis = TimeAxis(first=first, stop=first + length, left=138, right=1068)
    places = [axis.x(number) for number, _ in ticks(axis)]
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert places
    assert all(gap >= 24 for gap in gaps)


def test_the_window_of_a_finding_is_shown_with_twenty_days_on_either_side() -> None:
    view = next(view for view in winter.winter_view().detailed if view.finding.order_id == "241-1")
    drawing = figures.zoom(view, winter.winter_view().project, TEXT)
    first, last = date(2021, 11, 15) - timedelta(days=20), date(2021, 12, 31) + timedelta(days=20)
    assert f"{TEXT.date(first)} to {TEXT.date(last)}" in drawing


def test_a_cut_shows_the_days_it_is_compared_with() -> None:
    view = winter.winter_view()
    cut = next(item for item in view.detailed if item.finding.order_id == "241-2")
    halt = next(item for item in view.detailed if item.finding.order_id == "241-1")
    assert "baseline of 241-2" in figures.baseline_zoom(cut, view.project, TEXT)
    assert not figures.baseline_zoom(halt, view.project, TEXT)


def test_states_are_stacked() -> None:
    drawing = draw()
    (reduced,) = re.findall(r'<path d="([^"]*)" class="s-reduced"', drawing)
    floor = float(re.findall(r"M[\d.]+ ([\d.]+)V", reduced)[0])
    first = float(re.findall(r"V([\d.]+)", reduced)[0])
    assert UNIT.series.p[0, 1] > 0.005
    assert (floor - first) / AREA == pytest.approx(float(UNIT.series.p[0, :2].sum()), abs=0.002)


def test_a_satellite_without_data_has_no_lane_unless_none_has_any() -> None:
    view = winter.winter_view()
    outage = (number_of(date(2021, 2, 9)), number_of(date(2021, 2, 15)))
    drawing = timeline(view.units[0].series, outage, [], TEXT, aria_unit="unit", dim=False)
    assert "NOAA-20" in drawing
    assert "S-NPP" not in drawing
    silent = replace(view.units[0].series, lanes=view.units[0].series.lanes[:1])
    assert "S-NPP" in timeline(silent, outage, [], TEXT, aria_unit="unit", dim=False)
