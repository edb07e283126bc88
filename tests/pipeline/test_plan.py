from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from satverify.config import read_project
from satverify.domain.evidence import DETECTION_COLUMNS, SKY_COLUMNS, empty_table
from satverify.domain.sites import Site
from satverify.pipeline.inputs import Inputs, read_inputs
from satverify.pipeline.plan import REACH, SKY_POINTS, nearby, reach_box, site_tasks
from satverify.progress import Silent
from tests.pipeline import standin

DAYS = (date(2021, 11, 1), date(2021, 12, 31))


def read(folder: Path, *, extra: str = "") -> Inputs:
    return read_inputs(read_project(standin.write_project(folder, extra=extra)), Silent())


def detections(places: list[tuple[float, float]]) -> pd.DataFrame:
    table = pd.DataFrame(places, columns=["longitude", "latitude"])
    return table.reindex(columns=list(DETECTION_COLUMNS))


EDGES = st.floats(-20, 20)


@given(places=st.lists(st.tuples(EDGES, EDGES), max_size=30), west=EDGES, south=EDGES, wide=EDGES, tall=EDGES)
def test_the_index_finds_what_a_search_through_everything_finds(
    places: list[tuple[float, float]], west: float, south: float, wide: float, tall: float
) -> None:
    east, north = west + abs(wide), south + abs(tall)
    found = nearby(detections(places)).inside(west, south, east, north)
    expected = [(x, y) for x, y in places if west <= x <= east and south <= y <= north]
    assert list(zip(found["longitude"], found["latitude"], strict=True)) == expected


@pytest.mark.parametrize("latitude", [-60.0, 0.0, 39.5, 70.0])
def test_the_box_reaches_as_far_as_sites_ask(latitude: float) -> None:
    site = Site(site_id="a", name="A", outline=box(118.0, latitude, 118.02, latitude + 0.02))
    west, south, east, north = reach_box(site)
    assert (118.0 - west) * 111.2 * np.cos(np.radians(max(abs(south), abs(north)))) >= REACH * 0.99
    assert (latitude - south) * 111.2 == pytest.approx(REACH)
    assert (east - 118.02, north - latitude - 0.02) == pytest.approx((118.0 - west, latitude - south))


def test_each_site_gets_its_own_heat_orders_and_calendar(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    tasks = list(site_tasks(inputs, "Asia/Shanghai", DAYS))
    assert [task.site.site_id for task in tasks] == ["works-00", "works-01", "works-02"]
    assert sum(len(task.observed.detections) for task in tasks) == len(inputs.heat[0].detections)
    for number, task in enumerate(tasks):
        assert (task.observed.detections["longitude"] - standin.place(number)[0]).abs().max() < 0.01
        assert [order.order_id for order in task.orders] == [f"o{number}"]
        assert len(task.observed.service) == standin.DAYS
        assert list(task.observed.detections.columns) == list(DETECTION_COLUMNS)


def test_passes_and_neighbours_cover_the_calendar(tmp_path: Path) -> None:
    task = next(iter(site_tasks(read(tmp_path), "Asia/Shanghai", DAYS)))
    days = pd.DatetimeIndex(task.observed.service["utc_date"])
    assert set(task.observed.passes["time"].dt.date) == set(days.date)
    assert set(task.observed.neighbours["utc_date"]) == set(days)


def test_two_sources_of_the_same_heat_are_counted_once(tmp_path: Path) -> None:
    once = next(iter(site_tasks(read(tmp_path), "UTC", DAYS)))
    (tmp_path / "twice").mkdir()
    extra = '[[sources]]\nkind = "firms"\npaths = ["heat.csv"]\n'
    twice = next(iter(site_tasks(read(tmp_path / "twice", extra=extra), "UTC", DAYS)))
    pd.testing.assert_frame_equal(twice.observed.detections, once.observed.detections)
    pd.testing.assert_frame_equal(twice.observed.service, once.observed.service)
    pd.testing.assert_frame_equal(twice.observed.passes, once.observed.passes)


def test_a_declared_area_decides_which_sites_a_source_covers(tmp_path: Path) -> None:
    west_of_all_but_one = "area = [117.0, 39.0, 118.1, 40.0]"
    tasks = list(site_tasks(read(tmp_path, extra=west_of_all_but_one), "UTC", DAYS))
    assert [len(task.observed.service) > 0 for task in tasks] == [True, False, False]
    assert [len(task.observed.detections) > 0 for task in tasks] == [True, False, False]


def test_the_sky_is_that_of_the_nearest_points(tmp_path: Path) -> None:
    places = [(39.5, 118.0 + 0.1 * number) for number in range(SKY_POINTS + 5)]
    rows = [f"{north},{east:.1f},2021-11-0{day},{day}" for north, east in places for day in (2, 1)]
    (tmp_path / "sky.csv").write_text("\n".join(["latitude,longitude,date,cloud_cover", *rows]))
    inputs = read(tmp_path, extra='[[sources]]\nkind = "cloud_cover"\npath = "sky.csv"\n')
    task = next(iter(site_tasks(inputs, "UTC", DAYS)))
    assert sorted(set(task.observed.sky["longitude"].round(1))) == [round(east, 1) for _, east in places[:SKY_POINTS]]
    assert list(task.observed.sky["cloud_cover"])[:4] == [1.0, 2.0, 1.0, 2.0]


def test_without_a_sky_there_is_an_empty_one(tmp_path: Path) -> None:
    for task in site_tasks(read(tmp_path), "UTC", DAYS):
        pd.testing.assert_frame_equal(task.observed.sky, empty_table(SKY_COLUMNS))


def test_a_file_without_detections_leaves_every_site_without_evidence(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path, extra='coverage = [["2021-11-01", "2022-01-01"]]')
    (tmp_path / "heat.csv").write_text("latitude,longitude,acq_date\n")
    inputs = read_inputs(read_project(file), Silent())
    for task in site_tasks(inputs, "UTC", DAYS):
        assert task.observed.service.empty
        assert task.observed.detections.empty
        assert task.observed.passes.empty
