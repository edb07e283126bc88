from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from satverify.cli import main
from satverify.cli.exits import Exit
from satverify.domain.evidence import SiteResult, SiteTask
from tests.cli.test_command import judge_by
from tests.pipeline import standin


def count_heat(task: SiteTask) -> SiteResult:
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
