from __future__ import annotations

from pathlib import Path

import pytest

from satverify.cli import main
from satverify.cli.exits import Exit


def test_too_few_sites_are_a_usage_error_that_says_how_many_are_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--out", str(tmp_path / "m"), "--sites", "3"]) == Exit.INPUT
    assert "expected 15 sites or more, found 3" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_plain_and_workers_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--out", str(tmp_path / "m"), "--sites", "20", "--plain", "--workers", "2"]
    assert main(arguments) == Exit.INPUT
    assert "one of --plain and --workers" in capsys.readouterr().err


def test_help_says_that_the_shipped_model_is_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--help"]) == Exit.DONE
    assert "byte for byte" in " ".join(capsys.readouterr().out.split())
