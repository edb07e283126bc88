from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from satverify.config import read_project
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.remarks import remarks
from satverify.progress import Silent
from tests.pipeline import standin


def told(file: Path, today: date | None = None) -> list[str]:
    project = read_project(file)
    return list(remarks(project, read_inputs(project, Silent(), today)))


def test_a_project_without_oddities_has_no_remarks(tmp_path: Path) -> None:
    assert told(standin.write_project(tmp_path)) == []


def test_rows_left_out_are_told_with_the_first_of_them(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path)
    with (tmp_path / "heat.csv").open("a") as stream:
        stream.write("abc,118,2021-12-01,N,VIIRS\n39.5,118,2021-13-01,N,VIIRS\n")
    (line,) = told(file)
    assert line.startswith("firms (heat.csv): 2 of ")
    assert "the first: heat.csv: line " in line
    assert "'abc'" in line


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path)
    (tmp_path / "heat.csv").write_text("")
    lines = told(file)
    assert lines[0] == "firms (heat.csv): no rows at all"
    assert any("an empty file" in line for line in lines)


def move_heat(file: Path, place: str) -> None:
    heat = file.parent / "heat.csv"
    header, *rows = heat.read_text().splitlines()
    heat.write_text("\n".join([header, *(",".join([place, *row.split(",")[2:]]) for row in rows)]) + "\n")


def test_sites_that_nobody_watched_are_named_with_where_the_detections_lie(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path, sites=2)
    move_heat(file, "39.5,60.5")
    assert told(file) == [
        "2 sites lie outside the area of every source of detections (longitude 60 to 61, latitude 39 to 40): "
        "works-00, works-01"
    ]


def test_swapped_axes_are_suspected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standin, "place", lambda number: (30.0, 40.0 + number))
    file = standin.write_project(tmp_path, sites=1)
    move_heat(file, "30.0,40.0")
    (line,) = told(file)
    assert line.endswith("latitude 29.5 to 30.5); are latitude and longitude swapped?: works-00")


def test_an_outage_of_a_satellite_that_no_row_names_is_told(tmp_path: Path) -> None:
    extra = 'outages = [{ satellite = "N22", days = ["2021-11-03", "2021-11-05"] }]'
    assert told(standin.write_project(tmp_path, extra=extra)) == [
        "outage of satellite N22: the detections are of N; it changes nothing"
    ]


def test_coverage_far_beyond_the_detections_is_asked_about(tmp_path: Path) -> None:
    before, after = told(standin.write_project(tmp_path, extra='coverage = [["2021-01-01", "2022-12-01"]]'))
    assert (
        before == "no detection at all from 2021-01-01, where coverage starts, to 2021-11-01: were they collected then?"
    )
    assert after.startswith("no detection at all after 2021-12-30, though coverage goes to 2022-12-01")


def test_orders_beyond_the_days_of_the_project_are_told(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path)
    orders = tmp_path / "orders.csv"
    orders.write_text(orders.read_text().replace("2021-12-11,halt,,,,doc 1", "2022-12-11,halt,,,,doc 1"))
    assert told(file) == ["1 order not wholly within [project] days 2021-11-01 to 2021-12-31: o1"]


def test_rows_from_the_future_are_left_out_and_told(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path)
    with (tmp_path / "heat.csv").open("a") as stream:
        stream.write("39.5,118,2022-05-01,N,VIIRS\n")
    inputs = read_inputs(read_project(file), Silent(), date(2022, 2, 1))
    assert inputs.heat[0].detections["utc_date"].max().date() < date(2022, 1, 1)
    (line,) = told(file, date(2022, 2, 1))
    assert "1 of " in line
    assert "expected a date that is not in the future, found acq_date '2022-05-01'" in line


def test_days_that_are_not_over_hold_no_looks(tmp_path: Path) -> None:
    file = standin.write_project(
        tmp_path, extra='coverage = [["2021-11-01", "2022-12-01"], ["2023-01-01", "2024-01-01"]]'
    )
    today = date(2022, 2, 1)
    inputs = read_inputs(read_project(file), Silent(), today)
    assert inputs.heat[0].service["utc_date"].max().date() == date(2022, 1, 31)
    assert inputs.used[0]["coverage"] == [["2021-11-01", "2022-02-01"]]
    assert told(file, today) == ["coverage is declared up to 2024-01-01: days that are not over yet hold no looks"]
    assert not any("not over yet" in line for line in told(file))
