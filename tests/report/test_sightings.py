from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import ACTIVITY_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS, empty_table
from satverify.domain.findings import Finding
from satverify.domain.looks import Quality
from satverify.report.sightings import (
    MAX_EVIDENCE,
    TELLING,
    Seen,
    day_of,
    evidence_of,
    number_of,
    seen_of,
    unit_series,
)
from tests.report import winter

NOTHING = empty_table(CHANGE_COLUMNS)


def look(**values: object) -> dict[str, object]:
    day = pd.Timestamp("2021-11-20")
    standard: dict[str, object] = {
        "site_id": "s",
        "unit_id": "s:ironmaking",
        "sensor": "viirs",
        "satellite": "N",
        "time": datetime(2021, 11, 19, 18, tzinfo=UTC),
        "time_known": True,
        "local_day": day,
        "day_night": "N",
        "quality": "clear",
        "quality_reason": "",
        "scene_id": "",
        "cloud_cover": 10.0,
        "p_clear": 0.9,
        "hot_pixels": 0,
        "hot_sources": 0,
        "elsewhere_pixels": 0,
        "fire_radiative_power": np.nan,
        "p_detect": 0.7,
        "loglik_running": -1.2,
        "loglik_reduced": -0.8,
        "loglik_halted": 0.0,
    }
    return standard | values


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(LOOK_COLUMNS)).astype(LOOK_COLUMNS)


def a_finding() -> Finding:
    view = winter.small_view()
    found = view.findings[0].finding
    return replace(found, unit_id="s:ironmaking", start=date(2021, 11, 15), stop=date(2021, 11, 22))


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2021, 11, 15), date(1969, 12, 31)])
def test_days_and_their_numbers_are_two_names_of_one_thing(day: date) -> None:
    assert day_of(number_of(day)) == day


@pytest.mark.parametrize(
    ("quality", "pixels", "seen"),
    [
        (Quality.CLEAR, 2, Seen.HOT),
        (Quality.PARTLY, 1, Seen.HOT),
        (Quality.CLEAR, 0, Seen.COLD),
        (Quality.PARTLY, 0, Seen.COLD_PARTLY),
        (Quality.CLOUDY, 0, Seen.CLOUDY),
        (Quality.LOW_QUALITY, 3, Seen.CLOUDY),
        (Quality.OUTAGE, 0, Seen.NODATA),
        (Quality.OFF_SWATH, 0, Seen.NODATA),
    ],
)
def test_a_look_is_drawn_as_what_it_is(quality: Quality, pixels: int, seen: Seen) -> None:
    drawn = seen_of(table(look(quality=str(quality), hot_pixels=pixels)))
    assert tuple(Seen)[drawn[0]] is seen


def test_a_look_lies_at_its_local_time_of_its_local_day() -> None:
    series = unit_series(table(look()), empty_table(ACTIVITY_COLUMNS), NOTHING, "Asia/Shanghai")
    assert series.lanes[0].moment[0] == pytest.approx(number_of(date(2021, 11, 20)) + 2 / 24)


def test_a_look_of_unknown_time_lies_at_noon_of_its_day() -> None:
    series = unit_series(table(look(time_known=False)), empty_table(ACTIVITY_COLUMNS), NOTHING, "Asia/Shanghai")
    assert series.lanes[0].moment[0] == number_of(date(2021, 11, 20)) + 0.5


def test_each_satellite_has_its_lane_and_the_unknown_one_comes_last_of_its_sensor() -> None:
    looks = table(
        *(look(sensor=s, satellite=n) for s, n in [("modis", "Aqua"), ("viirs", ""), ("viirs", "N20"), ("viirs", "N")])
    )
    series = unit_series(looks, empty_table(ACTIVITY_COLUMNS), NOTHING, "UTC")
    assert [(lane.sensor, lane.satellite) for lane in series.lanes] == [
        ("viirs", "N"),
        ("viirs", "N20"),
        ("viirs", ""),
        ("modis", "Aqua"),
    ]


def test_days_without_activity_are_unknown_and_not_halted() -> None:
    looks = table(look(), look(local_day=pd.Timestamp("2021-11-23")))
    activity = winter.activity_table(table(look()))
    series = unit_series(looks, activity, NOTHING, "UTC")
    assert len(series.p) == 4
    assert np.isnan(series.p).any(axis=1).tolist() == [False, True, True, True]


def test_cloud_is_the_mean_of_the_days_known_looks() -> None:
    looks = table(look(cloud_cover=20.0), look(cloud_cover=60.0), look(cloud_cover=np.nan))
    series = unit_series(looks, empty_table(ACTIVITY_COLUMNS), NOTHING, "UTC")
    assert series.cloud.tolist() == [40.0]


def test_evidence_is_what_lies_in_the_window_of_the_unit() -> None:
    inside = [look(local_day=pd.Timestamp(day)) for day in ("2021-11-15", "2021-11-21")]
    outside = [look(local_day=pd.Timestamp(day)) for day in ("2021-11-14", "2021-11-22")]
    evidence = evidence_of(table(*inside, *outside, look(unit_id="other")), a_finding(), "UTC")
    assert [row.local_day.isoformat() for row in evidence.rows] == ["2021-11-15", "2021-11-21"]
    assert evidence.usable == 2


def test_unusable_looks_are_counted_by_what_was_wrong_with_them() -> None:
    looks = table(look(), look(quality="cloudy"), look(quality="outage"), look(quality="cloudy"))
    evidence = evidence_of(looks, a_finding(), "UTC")
    assert evidence.usable == 1
    assert evidence.unusable == (("cloudy", 2), ("outage", 1))


def test_the_most_telling_looks_are_those_that_weigh_most_in_time_order() -> None:
    light = [look(loglik_running=-0.1, satellite="N20") for _ in range(TELLING)]
    heavy = [
        look(loglik_running=weight, time=datetime(2021, 11, 19, hour, tzinfo=UTC))
        for hour, weight in enumerate((-3.0, 4.0))
    ]
    evidence = evidence_of(table(*light, *heavy), a_finding(), "UTC")
    assert len(evidence.telling) == TELLING
    assert [row.favours for row in evidence.telling if abs(row.favours) > 1] == [-3.0, 4.0]


def test_long_lists_of_evidence_are_cut_and_counted() -> None:
    evidence = evidence_of(table(*[look()] * (MAX_EVIDENCE + 1)), a_finding(), "UTC")
    assert (len(evidence.rows), evidence.usable) == (MAX_EVIDENCE, MAX_EVIDENCE + 1)


def test_a_row_gives_both_times_and_leaves_the_unknown_out() -> None:
    row = evidence_of(table(look(cloud_cover=np.nan)), a_finding(), "Asia/Shanghai").rows[0]
    assert row.time is not None
    assert row.local is not None
    assert row.time.isoformat() == "2021-11-19T18:00:00+00:00"
    assert row.local.isoformat() == "2021-11-20T02:00:00+08:00"
    assert row.cloud_cover is None
    assert row.power is None


def test_a_window_without_looks_has_no_evidence() -> None:
    evidence = evidence_of(table(), a_finding(), "UTC")
    assert (evidence.usable, evidence.rows, evidence.telling, evidence.unusable) == (0, (), (), ())
