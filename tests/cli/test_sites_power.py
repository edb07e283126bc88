from __future__ import annotations

import json
from pathlib import Path

import pytest

from satverify.archive import Archive
from satverify.cli import main
from satverify.cli.exits import Exit
from tests.pipeline import archived

WEEK = ["--days", "2022-01-03", "2022-01-08"]
FEW = ["--seasons", "20"]


@pytest.fixture
def project(tmp_path: Path) -> str:
    sites = (archived.works(), archived.works("x", archived.EAST + 0.1))
    return str(archived.write_project(tmp_path, sites, Archive(tmp_path / "archive")))


def test_a_table_has_a_line_for_each_unit(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "power", project, *WEEK, *FEW, "--site", "w", "--clear", "0.9"]) == Exit.DONE
    heading, *lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert heading[:2] == ["site", "unit"]
    assert [line[:3] for line in lines] == [
        ["w", "w:bf1", "2022-01-03..2022-01-08"],
        ["w", "w:bf2", "2022-01-03..2022-01-08"],
    ]
    assert all(line[3].startswith("sentinel-2-l1c ") for line in lines)
    assert all(line[5].endswith("%") for line in lines)


def test_json_says_the_same_in_numbers_and_again_with_the_same_seed(
    project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sites", "power", project, *WEEK, *FEW, "--site", "x", "--json", "--seed", "4"]
    assert main(command) == Exit.DONE
    said = capsys.readouterr().out
    first, second = json.loads(said)
    assert (first["unit_id"], second["unit_id"]) == ("x:bf1", "x:bf2")
    assert first["window"] == ["2022-01-03", "2022-01-08"]
    assert list(first["caught"]) == ["1", "2", "3", "4", "5"]
    assert first["p_detect"] == {"sentinel-2-l1c": 0.95}
    for share in (*first["caught"].values(), first["cleared_if_halted"], first["accused_if_halted"]):
        assert 0 <= share <= 1
    assert main(command) == Exit.DONE
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--clear", "1.2"], "--clear: expected a share between 0 and 1"),
        (["--days", "2022-01-08", "2022-01-03"], "is not after start"),
        (["--days", "winter", "2022-01-03"], "expected two ISO days"),
        ([*WEEK, "--site", "nowhere"], "no site is called nowhere"),
    ],
)
def test_what_makes_no_sense_is_an_input_error_and_prints_no_table(
    project: str, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sites", "power", project, *arguments]) == Exit.INPUT
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
