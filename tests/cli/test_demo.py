from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from satverify.cli import main
from satverify.cli.exits import Exit
from satverify.domain.evidence import SiteResult, SiteTask
from satverify.domain.sensors import SENSORS
from satverify.pipeline import demo as simulated
from tests.cli.test_command import judge_by
from tests.pipeline import standin


def count_heat(task: SiteTask, model: object = None) -> SiteResult:
    """The stand-in's verdict, with as many looks as there was heat."""
    result = standin.count_heat(task)
    findings = tuple(
        replace(finding, looks=replace(finding.looks, clear=finding.looks.hot, cold=0)) for finding in result.findings
    )
    return replace(result, findings=findings)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_by(count_heat, monkeypatch)


def test_the_demonstration_prints_verdicts_against_the_truth_and_where_the_report_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--no-scenes", "--out", str(tmp_path / "demo")]) == Exit.DONE
    table, *_, last = capsys.readouterr().out.splitlines()
    assert "simulated" in table.lower()
    report = Path(last.removeprefix("report: "))
    assert report.is_file()
    assert report.is_relative_to(tmp_path)
    assert "simulated" in report.read_text("utf-8").lower()


def test_flags_of_the_demonstration_fit_their_schema_and_say_that_they_are_simulated(tmp_path: Path) -> None:
    schema = json.loads(files("satverify.verification").joinpath("schema/flag-1.schema.json").read_text("utf-8"))
    main(["demo", "--no-scenes", "--out", str(tmp_path)])
    flags = [json.loads(line) for line in (tmp_path / "out" / "flags.jsonl").read_text("utf-8").splitlines()]
    assert flags
    for flag in flags:
        Draft202012Validator(schema).validate(flag)
        assert flag["data"]["simulated"] is True
        assert "(simulated)" in flag["data"]["site"]["name"]


def test_the_demonstration_speaks_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--no-scenes", "--out", str(tmp_path), "--lang", "zh"]) == Exit.DONE
    page = Path(capsys.readouterr().out.splitlines()[-1].removeprefix("report: ")).read_text("utf-8")
    assert "模拟" in page


def test_the_demonstration_can_be_repeated_and_keeps_out_of_other_projects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--no-scenes", "--out", str(tmp_path / "a"), "--seed", "3"]) == Exit.DONE
    first = capsys.readouterr().out
    assert main(["demo", "--no-scenes", "--out", str(tmp_path / "a"), "--seed", "3"]) == Exit.DONE
    assert capsys.readouterr().out == first
    (tmp_path / "satverify.toml").write_text("[project]\n", encoding="utf-8")
    assert main(["demo", "--no-scenes", "--out", str(tmp_path)]) == Exit.INPUT
    assert "not a simulated project" in capsys.readouterr().err


def test_the_demonstration_fetches_scenes_of_every_sensor_and_prints_what_they_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated, "SCENE_DAYS", timedelta(days=6))
    monkeypatch.setattr(simulated, "SCENE_SITES", 1)
    assert main(["demo", "--out", str(tmp_path)]) == Exit.DONE
    said = capsys.readouterr()
    lines = {line.split()[0]: line.split() for line in said.out.splitlines() if line}
    for sensor in SENSORS:
        assert int(lines[sensor][1]) > 0, sensor
    assert float(lines["total"][4]) > 0
    assert "report:" in said.out
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert record["cost_spent"] == pytest.approx(float(lines["total"][4]), abs=0.01)
    assert main(["archive", "check", str(tmp_path / "satverify.toml")]) == Exit.DONE
    assert main(["fetch", str(tmp_path / "satverify.toml")]) == Exit.DONE
    assert "no scene is missing" in capsys.readouterr().err
