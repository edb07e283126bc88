from __future__ import annotations

import io
import sys

import pytest

from satverify.progress import LogLines, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_a_stage_is_one_line_until_time_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [100.0]
    monkeypatch.setattr("satverify.progress.time.monotonic", lambda: clock[0])
    stream = io.StringIO()
    with progress(stream) as told:
        assert isinstance(told, LogLines)
        told.start("verifying sites", 3)
        told.advance("a")
        clock[0] += 11
        told.advance("b")
        told.advance("c")
        told.note("site b failed")
    assert stream.getvalue().splitlines() == ["verifying sites: 3", "verifying sites: 2 of 3 (b)", "site b failed"]


def test_on_a_terminal_there_are_bars_and_notes_above_them() -> None:
    stream = Terminal()
    with progress(stream) as told:
        told.start("verifying [sites]", 2)
        told.advance("a")
        told.note("a [b] note")
        told.advance("b")
    shown = stream.getvalue()
    assert "verifying [sites]" in shown
    assert "2/2" in shown
    assert "a [b] note" in shown


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        told.start("reading", 1)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "reading: 1\n")
    assert sys.stderr is not None


def test_names_cannot_send_commands_to_the_terminal() -> None:
    stream = io.StringIO()
    LogLines(stream).note("site \x1b[2J\nworks")
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
