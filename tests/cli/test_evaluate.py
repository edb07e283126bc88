from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from satverify.cli import main
from satverify.cli.exits import Exit
from satverify.cli.scorecard import card, print_card
from satverify.domain.truth import KnownState, Spell
from satverify.verification.scores import METHODS, Scores, WindowScore
from satverify.verification.timing import SpellScore
from satverify.verification.trials import Season, Tally
from tests.pipeline import standin

ROW = "works-00,running,2021-11-01,2021-12-20,made up"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    truth = tmp_path / "truth.csv"
    truth.write_text(f"site_id,kind,start,stop,source\n{ROW}\n")
    return [str(standin.write_project(tmp_path)), "--truth", str(truth), "--plain"]


def test_tables_go_to_stdout_tab_separated(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--windows", "10"]) == Exit.DONE
    out = capsys.readouterr().out
    header, first, *_ = out.split("# Windows\n")[1].splitlines()
    assert header.split("\t")[2:] == list(METHODS)
    assert first.split("\t")[:2] == ['running, false "consistent"', "10"]
    assert first.split("\t")[2] == "0 of 8"
    assert "no detection for 14 days: halted where" in out


def test_json_is_one_object_on_stdout_and_the_same_in_the_file(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *files, "--json", "--windows", "10, 30", "--out", str(tmp_path / "s.json")]) == Exit.DONE
    out = capsys.readouterr().out
    assert json.loads(out)["schema"] == "satverify/scores/1"
    assert {each["length"] for each in json.loads(out)["windows"]} == {10, 30}
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == out


@pytest.mark.parametrize("windows", ["", "ten", "10,", "0", "10;30", "1e3", "99999", "²"])
def test_windows_that_are_no_days_are_refused(
    windows: str, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *files, "--windows", windows]) == Exit.INPUT
    assert "--windows" in capsys.readouterr().err


def test_a_bad_truth_file_tells_all_its_problems(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(files[2]).write_text("site_id,kind,start,stop,source\na,walking,2021-11-01,,x\n,running,nope,2021-12-20,x\n")
    assert main(["evaluate", *files]) == Exit.INPUT
    said = capsys.readouterr().err
    assert "line 2, kind" in said
    assert "line 3, site_id" in said
    assert "line 3, start" in said


def test_a_share_just_below_a_target_is_not_rounded_up_to_it() -> None:
    tally = Tally(windows=10_000, false=0, decided=9_799)
    scores = _scores(tally)
    assert card(scores)[0].rows[1][2] == "97.9 % of 10000"


def test_names_cannot_break_a_table_or_command_a_terminal() -> None:
    scores = _scores(Tally(windows=1, false=0, decided=1))
    spell = SpellScore(
        spell=replace(_spell(), site_id="=1\t\x1b[31m[red]"),
        days=1,
        running_days=1,
        working_days=1,
        surely_halted_days=0,
        changes=0,
    )
    stream = io.StringIO()
    print_card(replace(scores, spells=(spell,)), stream)
    assert "'=1  [31m[red]\trunning" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_tables_with_lines() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    print_card(_scores(Tally(windows=4, false=1, decided=2)), stream)
    assert "1 of 4" in stream.getvalue()
    assert "50.0 % of 4" in stream.getvalue()
    assert "─" in stream.getvalue()


def _spell() -> Spell:
    return Spell(site_id="w", state=KnownState.RUNNING, start=date(2021, 1, 1), stop=date(2021, 3, 1))


def _scores(tally: Tally) -> Scores:
    seasons: tuple[Season | None, ...] = (None, Season.WINTER)
    windows = tuple(
        WindowScore(method=method, site_id=None, state=KnownState.RUNNING, length=10, season=season, tally=tally)
        for method in METHODS
        for season in seasons
    )
    return Scores(windows=windows, turns=(), spells=(), calibrations=())
