"""``satverify emulator``: what the command serves, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import typer

from satverify.archive import Archive
from satverify.cli import emulator as command
from satverify.errors import InputError
from satverify.pipeline.fictional import fictional_sites
from satverify.registry.sites import write_sites
from satverify.simulate.scenes import SimulatedScenes
from tests.emulator.test_archived import numbers, scene

CATALOG = "/api/v1/catalog/1.0.0"


@contextmanager
def served(*words: str, log: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the command in a process of its own; gives the address that it prints."""
    program = "import sys, typer; from satverify.cli.emulator import emulator; typer.run(emulator)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def test_a_process_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"faults": [{"kind": "server_error", "on": ["process"], "status": 504}]}))
    log = tmp_path / "log.jsonl"
    credentials = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hidden"}
    with (
        requests.Session() as session,
        served(
            *("--client-id", "me", "--client-secret", "hidden", "--fault-plan", str(plan), "--log", str(log)),
            *("--requests-per-minute", "2", "--now", "2022-01-06T00:00:00Z", "--seed", "4"),
        ) as (url, process),
    ):
        session.trust_env = False
        assert "Not the real service" in session.get(url, timeout=20).text
        wrong = session.post(f"{url}/oauth/token", data={**credentials, "client_secret": "x"}, timeout=10)
        assert wrong.status_code == 401
        token = session.post(f"{url}/oauth/token", data=credentials, timeout=10).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        body = {
            "collections": ["sentinel-2-l1c"],
            "bbox": [118.0, 39.5, 118.2, 39.7],
            "datetime": "2022-01-01T00:00:00Z/2022-01-31T23:59:59Z",
        }
        found = session.post(f"{url}{CATALOG}/search", json=body, timeout=20)
        days = [item["properties"]["datetime"] for item in found.json()["features"]]
        assert days
        assert max(days) < "2022-01-06"  # what is acquired later is not published yet
        assert session.post(f"{url}/api/v1/process", json=body, timeout=10).status_code == 504
        asked = [session.post(f"{url}{CATALOG}/search", json=body, timeout=20).status_code for _ in range(2)]
        assert asked == [200, 429]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
    assert "the emulator was stopped" in said
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [401, 200, 200, 504, 200, 429]
    assert "hidden" not in log.read_text() + said


def test_works_of_a_site_list_are_simulated_for_the_days_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "sites.geojson"
    write_sites(file, fictional_sites()[:2])
    glowing = command._provider(file, "2021-11-01/2022-01-01", None, 3)
    plain = command._provider(None, "2021-11-01/2022-01-01", None, 3)
    assert isinstance(glowing, SimulatedScenes)
    assert isinstance(plain, SimulatedScenes)
    assert glowing.sources is not None
    assert plain.sources is None


def test_an_archive_is_served(tmp_path: Path) -> None:
    Archive(tmp_path).add(scene(), numbers())
    provider = command._provider(None, "2021-11-01/2022-01-01", tmp_path, 0)
    assert list(provider.collections()) == ["sentinel-2-l1c"]


def test_options_that_make_no_sense_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--archive and --sites"):
        command._provider(tmp_path, "2021-11-01/2022-01-01", tmp_path, 0)
    for text in ("2021-11-01", "2021-11-01/x", "2022-01-01/2021-01-01"):
        with pytest.raises(InputError, match="--days"):
            command._days(text)
    with pytest.raises(InputError, match="both or none"):
        command._accounts("me", None, 3600.0, None)
    with pytest.raises(InputError, match="--now"):
        command._time("yesterday")
    with pytest.raises(InputError, match="the fault plan cannot be read"):
        command._plan(tmp_path / "nowhere.json")
    (tmp_path / "plan.json").write_text('{"faultz": []}')
    with pytest.raises(InputError, match="did you mean 'faults'"):
        command._plan(tmp_path / "plan.json")


def test_limits_are_those_of_the_account_and_can_be_overridden() -> None:
    nothing = dict.fromkeys(("requests_per_minute", "units_per_minute", "requests_per_month", "units_per_month"), None)
    assert command._limits("unlimited", nothing).requests_per_minute is None
    limits = command._limits("copernicus", {**nothing, "units_per_minute": 7.0})
    assert (limits.requests_per_minute, limits.units_per_minute, limits.units_per_month) == (300, 7, 10_000)


def test_the_command_can_be_registered(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command("emulator")(command.emulator)
    with pytest.raises(SystemExit) as left:
        app(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    for option in ("--port", "--sites", "--archive", "--seed", "--fault-plan", "--client-id", "--requests-per-minute"):
        assert option in said
