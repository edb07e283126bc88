from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from satverify import __version__
from satverify.cli import main
from satverify.cli.exits import Exit, exit_code_of
from satverify.domain.evidence import SiteResult, SiteTask
from satverify.errors import InputError, QuotaExceeded, RetrievalError
from tests.pipeline import standin

HEAVY = {
    "pandas",
    "numpy",
    "shapely",
    "dask",
    "distributed",
    "pydantic",
    "pyarrow",
    "jinja2",
    "rich",
    "satverify.config",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    judge_by(standin.count_heat, monkeypatch)
    return standin.write_project(tmp_path)


def judge_by(verify: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satverify.pipeline.flow.verify_site", verify)


def test_help_imports_nothing_heavy() -> None:
    program = "import sys; from satverify.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert HEAVY.isdisjoint(done.stderr.split())


@pytest.mark.parametrize("command", ["run", "verify", "report", "sites", "orders"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == Exit.DONE
    assert len(capsys.readouterr().out) > 100


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == Exit.DONE
    assert capsys.readouterr().out == f"satverify {__version__}\n"


def test_findings_go_to_stdout_and_where_the_files_are_to_stderr(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(project)]) == Exit.DONE
    said = capsys.readouterr()
    header, *rows = [line.split("\t") for line in said.out.splitlines()]
    assert [dict(zip(header, row, strict=True))["site_id"] for row in rows] == ["works-00", "works-01", "works-02"]
    assert str(project.parent / "out/reports/index.html") in said.err
    assert "3 inconsistent" in said.err


def test_on_a_terminal_the_columns_stand_below_each_other(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["verify", str(project)]) == Exit.DONE
    lines = capsys.readouterr().out.splitlines()
    place = lines[0].index("site_id")
    assert [line[place : place + 8] for line in lines[1:]] == ["works-00", "works-01", "works-02"]


def test_json_is_one_object_on_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--json", str(project)]) == Exit.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["findings"] == {"consistent": 0, "inconsistent": 3, "undetermined": 0}
    assert said["report"] == str(project.parent / "out/reports/index.html")
    assert said["failed_sites"] == []


def test_inconsistent_findings_change_the_exit_code_only_where_asked(project: Path) -> None:
    assert main(["verify", "--exit-code", str(project)]) == Exit.FINDINGS
    assert main(["verify", str(project)]) == Exit.DONE


def test_verify_writes_no_reports_and_report_writes_them_later(project: Path) -> None:
    reports = project.parent / "out/reports"
    assert main(["verify", str(project)]) == Exit.DONE
    assert not reports.exists()
    assert main(["report", "--lang", "zh", str(project)]) == Exit.DONE
    assert sorted(page.name for page in reports.iterdir()) == [
        "index.html",
        "works-00.html",
        "works-01.html",
        "works-02.html",
    ]
    assert 'lang="zh' in (reports / "works-00.html").read_text(encoding="utf-8")


def test_another_folder_can_be_asked_for(project: Path, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    assert main(["verify", "--out", str(there), str(project)]) == Exit.DONE
    assert (there / "findings.json").is_file()
    assert not (project.parent / "out").exists()


def test_a_failed_site_makes_the_run_partly_done(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge_by(standin.fail_on_one, monkeypatch)
    assert main(["run", str(project)]) == Exit.PARTLY
    assert "works-01 failed" in capsys.readouterr().err


def test_wrong_input_is_told_without_a_traceback(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project.write_text(project.read_text() + "[output]\n[site]\n")
    assert main(["run", str(project)]) == Exit.INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "'outputs'" in said.err
    assert "'sites'" in said.err


@pytest.mark.parametrize(
    "words", [["run"], ["run", "a.toml", "--workers", "0"], ["no-such-command"], ["run", "--no-such"]]
)
def test_wrong_usage_leaves_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == Exit.INPUT
    assert "Usage" in capsys.readouterr().err


def test_ways_of_running_exclude_each_other(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--plain", "--workers", "2", str(project)]) == Exit.INPUT
    assert "--plain" in capsys.readouterr().err


def test_a_fault_shows_its_traceback_only_where_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nothing left to divide")

    monkeypatch.setattr("satverify.pipeline.flow.run", broken)
    assert main(["run", str(project)]) == Exit.FAULT
    assert "Traceback" not in capsys.readouterr().err
    assert main(["--debug", "run", str(project)]) == Exit.FAULT
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "nothing left to divide" in said


def test_ctrl_c_leaves_with_130(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(task: SiteTask) -> SiteResult:
        raise KeyboardInterrupt

    judge_by(interrupted, monkeypatch)
    assert main(["run", str(project)]) == Exit.INTERRUPTED
    assert "continues" in capsys.readouterr().err


def test_reports_of_outputs_that_are_not_there_or_not_of_one_run_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(project)]) == Exit.INPUT
    assert "run.json" in capsys.readouterr().err
    assert main(["verify", str(project)]) == Exit.DONE
    (project.parent / "out/findings.json").write_text('{"schema": "satverify/findings/1", "findings": []}')
    assert main(["report", str(project)]) == Exit.INPUT
    assert "findings.json" in capsys.readouterr().err


def test_names_that_a_terminal_or_a_spreadsheet_would_obey_are_made_harmless(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = project.parent / "orders.csv"
    orders.write_text(orders.read_text().replace("o0,", "=cmd(),").replace("o1,", "@o1,"))
    assert main(["verify", str(project)]) == Exit.DONE
    said = capsys.readouterr().out
    assert "\t'=cmd()\t" in said
    assert "\t'@o1\t" in said


def test_each_error_has_its_exit_code() -> None:
    assert exit_code_of(InputError("x")) == Exit.INPUT
    assert exit_code_of(QuotaExceeded("x")) == Exit.QUOTA
    assert exit_code_of(RetrievalError("x")) == Exit.UNAVAILABLE


@pytest.mark.parametrize(("simulated", "left_out"), [(False, True), (True, False)])
def test_detections_after_the_day_of_the_run_are_left_out_unless_simulated(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    simulated: bool,
    left_out: bool,
) -> None:
    monkeypatch.setattr("satverify.cli.clock.utc_today", lambda: date(2021, 12, 24))
    if simulated:
        project.write_text(project.read_text().replace("[project]", "[project]\nsimulated = true"))
    assert main(["verify", str(project)]) == Exit.DONE
    assert ("not in the future" in capsys.readouterr().err) is left_out


STREAMS = """
import sys
from satverify.cli import main
from tests.pipeline import standin
import satverify.pipeline.flow
satverify.pipeline.flow.verify_site = standin.count_heat
sys.exit(main(["verify", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("| head -c 1 >/dev/null", Exit.DONE, "3 inconsistent"),
        (">&-", Exit.DONE, "3 inconsistent"),
        (">/dev/full", Exit.INPUT, "stdout cannot be written to"),
    ],
)
def test_a_stdout_that_takes_nothing_is_no_fault_and_no_finding(
    tmp_path: Path, ending: str, code: int, said: str
) -> None:
    if ending.endswith("full") and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    file = standin.write_project(tmp_path)
    line = f'"{sys.executable}" -c "$0" "$1" {ending}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line, STREAMS, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr


def test_names_in_any_script_pass_through_a_stdout_of_any_encoding(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path)
    for name in ("sites.geojson", "orders.csv"):
        (tmp_path / name).write_text((tmp_path / name).read_text().replace("works-01", "钢厂🏭"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", STREAMS, str(file)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == Exit.DONE, done.stderr
    assert "钢厂🏭" in done.stdout.decode()
