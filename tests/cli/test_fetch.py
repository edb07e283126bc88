from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from satverify.cli import main
from satverify.cli.exits import Exit
from satverify.emulator import Accounts, Emulator, Fault, FaultKind, FaultPlan, Limits, RequestKind
from satverify.simulate.scenes import SimulatedScenes
from tests.pipeline.fetching import ACCESS, write_project
from tests.pipeline.standin import write_project as write_plain_project

PROVIDER = SimulatedScenes(7)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SH_CLIENT_ID", ACCESS.client_id)
    monkeypatch.setenv("SH_CLIENT_SECRET", ACCESS.client_secret)
    monkeypatch.delenv("FIRMS_MAP_KEY", raising=False)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(PROVIDER) as running:
        yield running


def test_a_fetch_ends_with_its_ledger(emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_project(tmp_path, emulator)
    assert main(["fetch", str(file)]) == Exit.DONE
    head, line, total = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["sensor", "scenes", "requests"]
    assert line.split()[0] == "sentinel-2-l1c"
    assert total.split()[0] == "total"
    assert int(total.split()[1]) > 0
    assert main(["archive", "check", str(file)]) == Exit.DONE


def test_a_dry_run_prints_requests_and_units_by_sensor(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_project(tmp_path, emulator, sensors=["sentinel-2-l1c", "sentinel-3-slstr"])
    assert main(["fetch", "--dry-run", "--json", str(file)]) == Exit.DONE
    said = json.loads(capsys.readouterr().out)
    assert set(said["by_sensor"]) == {"sentinel-2-l1c", "sentinel-3-slstr"}
    assert said["requests"] == sum(one["requests"] for one in said["by_sensor"].values())
    assert said["processing_units"] == pytest.approx(
        sum(one["processing_units"] for one in said["by_sensor"].values()), abs=0.02
    )
    assert said["is_upper_bound"] is False
    assert main(["fetch", "--dry-run", str(file)]) == Exit.DONE
    assert "total" in capsys.readouterr().out


def test_a_dry_run_without_credentials_says_that_it_is_a_bound(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SH_CLIENT_SECRET")
    file = write_project(tmp_path, emulator)
    assert main(["fetch", "--dry-run", "--json", str(file)]) == Exit.DONE
    said = capsys.readouterr()
    assert json.loads(said.out)["is_upper_bound"] is True
    assert "upper bound" in said.err
    assert emulator.log.entries() == ()


def test_missing_and_wrong_credentials_name_their_variables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator(PROVIDER, accounts=Accounts(clients={"somebody": "else"})) as emulator:
        file = write_project(tmp_path, emulator)
        assert main(["fetch", str(file)]) == Exit.CREDENTIALS
        said = capsys.readouterr().err
        assert "SH_CLIENT_ID" in said
        assert ACCESS.client_secret not in said
        monkeypatch.delenv("SH_CLIENT_ID")
        assert main(["fetch", str(file)]) == Exit.CREDENTIALS
        assert "SH_CLIENT_ID" in capsys.readouterr().err


def test_a_limit_on_the_command_line_stops_before_it_is_passed(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_project(tmp_path, emulator, sites=3)
    assert main(["fetch", "--max-units", "0.5", str(file)]) == Exit.QUOTA
    assert "budget" in capsys.readouterr().err
    assert sum(entry.processing_units for entry in emulator.log.entries()) <= 0.5
    assert main(["fetch", "--max-requests", "0", str(file)]) == Exit.QUOTA


def test_an_account_without_units_stops_cleanly_and_is_not_asked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator(PROVIDER, limits=Limits(units_per_month=0.6)) as emulator:
        file = write_project(tmp_path, emulator, sites=3, more="rate = { connections = 1 }")
        assert main(["fetch", str(file)]) == Exit.QUOTA
        refused = [entry for entry in emulator.log.entries() if entry.status == 403]
        assert len(refused) == 1
    assert "quota" in capsys.readouterr().err


def test_a_service_out_of_reach_is_told_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Emulator(PROVIDER) as emulator:
        file = write_project(tmp_path, emulator)
    assert main(["fetch", str(file)]) == Exit.UNAVAILABLE
    assert "resumes" in capsys.readouterr().err


def test_scenes_that_did_not_come_are_told_and_the_rest_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator(PROVIDER) as emulator:
        file = write_project(tmp_path, emulator)
        assert main(["fetch", "--json", str(file)]) == Exit.DONE
    whole = json.loads(capsys.readouterr().out)["scenes"]["sentinel-2-l1c"]
    day = next(iter(sorted((tmp_path / "archive").rglob("*.tif")))).name[:8]
    broken = Fault(kind=FaultKind.BROKEN_PRODUCT, granule=f"_{day}T")
    with Emulator(PROVIDER, faults=FaultPlan(faults=(broken,))) as emulator:
        file = write_project(tmp_path / "again", emulator)
        assert main(["fetch", "--json", str(file)]) == Exit.PARTLY
        said = capsys.readouterr()
        assert json.loads(said.out)["scenes"]["sentinel-2-l1c"] == whole - 1
        assert len(json.loads(said.out)["refused"]) == 1
        assert "not fetched: sentinel-2-l1c" in said.err
        assert any(entry.kind is RequestKind.PROCESS for entry in emulator.log.entries())


def test_a_project_without_services_has_nothing_to_fetch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", str(write_plain_project(tmp_path))]) == Exit.INPUT
    assert "nothing to fetch" in capsys.readouterr().err


def test_a_run_fetches_first_and_tells_what_it_cost(emulator: Emulator, tmp_path: Path) -> None:
    file = write_plain_project(tmp_path, sites=1)
    scenes = write_project(tmp_path / "scenes", emulator).read_text(encoding="utf-8")
    more = scenes[scenes.index("[archive]") :]
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert main(["verify", str(file)]) == Exit.DONE
    assert emulator.log.entries() == ()
    assert main(["run", str(file)]) == Exit.DONE
    said = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert said["cost_spent"] > 0
    assert said["scenes"][0]["archived"]["sentinel-2-l1c"] > 0
