"""``satverify emulator``: what the command serves, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
        assert process.returncode == 130
    assert "the emulator was stopped" in said
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [401, 200, 200, 504, 200, 429]
    assert "hidden" not in log.read_text() + said


LONG = """//VERSION=3
function setup() { return { input: ["B02"], output: { bands: 1 } }; }
function evaluatePixel() { while (true); }
"""


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Processes that an emulator started."""
    listed = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(number) for file in listed for number in file.read_text().split()]


def is_alive(number: int) -> bool:
    """Whether a process runs, rather than waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def comes_true(question: Callable[[], bool]) -> bool:
    """Whether the answer is yes within half a minute."""
    return any(question() or time.sleep(0.1) for _ in range(300))  # type: ignore[func-returns-value]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers where Linux lists them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_no_worker_outlives_an_emulator_that_is_ended_during_a_script(number: signal.Signals, code: int) -> None:
    body = {
        "input": {
            "bounds": {"bbox": [118.0, 39.5, 118.01, 39.51]},
            "data": [
                {
                    "type": "sentinel-2-l1c",
                    "dataFilter": {"timeRange": {"from": "2022-01-01T00:00:00Z", "to": "2022-01-09T00:00:00Z"}},
                }
            ],
        },
        "output": {"width": 2, "height": 2},
        "evalscript": LONG,
    }

    def ask(url: str) -> None:
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "x"}
            token = session.post(f"{url}/oauth/token", data=form, timeout=20).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            session.post(f"{url}/api/v1/process", json=body, headers=headers, timeout=60)

    def is_busy() -> bool:
        """Whether the script is at work: nothing else takes a worker half a second of the processor."""
        spent = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11] for each in workers_of(process)]
        return any(int(ticks) > 1.0 * os.sysconf("SC_CLK_TCK") for ticks in spent)

    with served() as (url, process):
        asking = threading.Thread(target=ask, args=(url,))
        asking.start()
        assert comes_true(is_busy)
        started = workers_of(process)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
        asking.join()
    assert process.returncode == code
    assert ("the emulator was stopped" in said) == (number is not signal.SIGKILL)
    assert started
    assert comes_true(lambda: not any(map(is_alive, started)))


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
    assert "143" in said
