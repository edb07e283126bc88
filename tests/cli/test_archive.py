from __future__ import annotations

import json
from pathlib import Path

import pytest

from satverify.cli import archive as command
from satverify.cli.exits import Exit
from satverify.errors import InputError
from tests.archive.examples import filled, pixels_of, scene_of


def run(*words: str) -> int:
    """The command as its program runs it; the exit code."""
    return int(command.app(list(words), standalone_mode=False) or 0)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with three scenes, one of them replaced."""
    root = tmp_path / "archive"
    kept = filled(root, 3)
    again = scene_of(source_ids=("again",))
    kept.add(again, pixels_of(again, 5))
    return root


def test_a_good_archive_is_told_on_stderr_only(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(archive)) == Exit.DONE
    said = capsys.readouterr()
    assert said.out == ""
    assert "4 checked, no problems" in said.err


def test_a_problem_is_a_line_with_path_expected_and_found(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(archive.rglob("*_r2.tif"))
    path.write_bytes(path.read_bytes()[:1000])
    assert run("check", str(archive)) == Exit.PARTLY
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    assert line.startswith(f"{path}: expected ")
    assert line.endswith("found 1000 bytes")
    assert "1 problem" in said.err
    assert run("check", str(archive), "--repair") == Exit.PARTLY
    assert f"moved to {archive}/quarantine/" in capsys.readouterr().out
    assert not path.exists()
    assert run("check", str(archive)) == Exit.DONE


def test_problems_are_json_for_a_program(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(archive.rglob("*_r2.tif"))
    path.with_suffix(".json").unlink()
    assert run("check", str(archive), "--json") == Exit.PARTLY
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "archive": str(archive),
        "checked": 4,
        "problems": [
            {
                "path": str(path),
                "condition": "orphaned",
                "expected": "its item beside it",
                "found": "none",
                "moved_to": "",
                "is_repaired": False,
            }
        ],
        "foreign": [],
    }


def test_a_repair_says_that_all_is_mended_and_the_next_check_finds_nothing(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next(archive.rglob("*_r2.tif")).write_bytes(b"")
    (archive / "ledger.jsonl").write_bytes(b'{"spent": 1}\n{"spe')
    (archive / ".staging" / "1-a.part").write_bytes(b"half")
    assert run("check", str(archive)) == Exit.PARTLY
    assert "3 problems\n" in capsys.readouterr().err
    assert run("check", str(archive), "--repair") == Exit.PARTLY
    said = capsys.readouterr()
    assert "3 problems, repaired: the next check will not find them" in said.err
    assert [line.rpartition("; ")[2].split()[0] for line in said.out.splitlines()] == ["moved", "removed", "moved"]
    assert run("check", str(archive)) == Exit.DONE
    assert "no problems" in capsys.readouterr().err


def test_what_is_not_the_archives_is_named_but_counts_only_where_it_is_in_the_way(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (archive / "readme.md").write_text("mine")
    assert run("check", str(archive)) == Exit.DONE
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{archive}/readme.md: not the archive's, left alone" in said.err
    assert run("check", str(archive), "--json") == Exit.DONE
    assert json.loads(capsys.readouterr().out)["foreign"] == [f"{archive}/readme.md"]
    (archive / "scenes" / "readme.md").write_text("in the way")
    assert run("check", str(archive)) == Exit.PARTLY
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{archive}/scenes/readme.md: expected nothing there but the archive's own")


def test_the_stage_says_what_is_being_done(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("check", str(archive))
    assert capsys.readouterr().err.startswith("checking the archive\n")


def test_scenes_are_listed_with_their_columns(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", str(archive)) == Exit.DONE
    header, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert header == ["sensor", "time", "platform", "revision", "grid", "path"]
    assert [row[1:4] for row in rows] == [
        ["2022-01-05T03:01:11Z", "sentinel-2a", "2"],
        ["2022-01-06T03:01:11Z", "sentinel-2a", "1"],
        ["2022-01-07T03:01:11Z", "sentinel-2a", "1"],
    ]
    assert all(Path(row[5]).is_file() for row in rows)
    assert run("list", str(archive), "--all-revisions", "--json") == Exit.DONE
    assert [row["revision"] for row in json.loads(capsys.readouterr().out)] == [1, 2, 1, 1]
    assert run("list", str(archive), "--sensor", "sentinel-5p-no2", "--json") == Exit.DONE
    assert json.loads(capsys.readouterr().out) == []


def test_wrong_words_are_input_errors(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected sentinel-2-l1c"):
        run("list", str(archive), "--sensor", "sentinel-2-l1d")
    for missing in ("check", "list"):
        with pytest.raises(InputError, match="found none"):
            run(missing, str(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


def test_a_project_file_leads_to_its_archive(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(archive.parent, '[archive]\npath = "archive"\n')
    assert run("list", str(project), "--json") == Exit.DONE
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_a_project_without_an_archive_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected \[archive\] path"):
        run("list", str(_project(tmp_path, "")))


def _project(folder: Path, archive: str) -> Path:
    ring = [[118.15, 39.59], [118.156, 39.59], [118.156, 39.594], [118.15, 39.59]]
    site = {
        "type": "Feature",
        "properties": {"site_id": "ts-1", "name": "Works"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [site]}))
    (folder / "orders.csv").write_text("order_id,site_id,unit_id,start,stop,requirement\n")
    (folder / "heat.csv").write_text("latitude,longitude,acq_date\n")
    file = folder / "satverify.toml"
    file.write_text(
        '[project]\nname = "p"\ndays = ["2022-01-01", "2022-02-01"]\n[sites]\npath = "sites.geojson"\n'
        '[orders]\npath = "orders.csv"\n[[sources]]\nkind = "firms"\npaths = ["heat.csv"]\n' + archive
    )
    return file
