"""``satverify fetch`` killed with SIGKILL at random moments, and what is lost or paid twice: ``scripts/bench kills``.

Every start is a process of its own on a project whose scenes an emulator in this process serves. A killed project is
started again until it ends; then its archive is held against that of an undisturbed run, byte by byte, and a fresh
project takes the next moment. Moments are spread evenly over the life of an undisturbed run, from the first request to
the end of the process, in random order; one that a project does not live to see is left to the next project.

A request was in flight at a kill where the process had sent it and had neither its answer nor its scenes on the disk.
Only such a request may be bought again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely import box
from shapely.geometry import mapping

from benchmarks.reliability import PROVIDER
from satverify.archive import Archive
from satverify.emulator import Emulator
from satverify.emulator.engine import Engine, Reply
from satverify.emulator.messages import RequestKind
from satverify.sources.sentinelhub.bodies import body_hash

KILLS, SEED = 50, 20211101
THINKING = 0.25  # [s] that the service takes for an answer, so that some are always under way
POLL = 0.002  # [s] between looks for the first request
LONGEST = 120.0  # [s] of a run
LATE = 1.0  # [s] after which an answer that was sent should long be on the disk
SENSORS = ("sentinel-2-l1c", "sentinel-5p-no2")
PLACES = ((118.00, 39.60), (118.06, 39.62), (118.60, 39.90))
MONTHS = ("2021-11", "2021-12", "2022-01", "2022-02", "2022-03")
PARTS = 5
"""Of the life of a run, which the table has a line for each."""

Files = Mapping[str, bytes]


class Shop:
    """An engine that answers a repeated question from memory, and notes what was bought and when it was ready."""

    def __init__(self) -> None:
        self._engine, self._lock = Engine(PROVIDER), threading.Lock()
        self._replies: dict[str, Reply] = {}
        self.bought: list[tuple[str, float]] = []
        """Hash of the request, and when its answer was ready. [s]"""

    def process(self, body: Mapping[str, Any], accept: str | None) -> Reply:
        """Sell."""
        key = body_hash(dict(body))
        with self._lock:
            if key not in self._replies:
                self._replies[key] = self._engine.process(body, accept)
        time.sleep(THINKING)
        with self._lock:
            self.bought.append((key, time.monotonic()))
        return self._replies[key]

    def statistics(self, body: Mapping[str, Any]) -> Reply:
        """Nobody asks for them."""
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class Line:
    """What came of the kills in one part of the life of a run."""

    kills: int = 0
    scenes: int = 0
    """Archived when the kills came."""
    landed: int = 0
    """Answers on the disk whose scenes were not all archived."""
    in_flight: int = 0
    """Requests bought again that were under way."""
    oldest: float = 0.0
    """Longest that an answer had been ready when the kill came that made it be bought again. [s]"""
    twice: int = 0
    """Requests bought again that were not."""


@dataclass(slots=True, kw_only=True)
class Project:
    """One folder, from its first start to its end."""

    folder: Path
    paid: dict[str, tuple[float, int]] = field(default_factory=dict)
    """How long each request's answer had been ready when its run was killed [s], and the part in which that was."""
    held: set[str] = field(default_factory=set)
    """Requests whose answer or scenes were on the disk at some kill."""
    killed: float = 0.0
    """When the last kill came; 0 before the first. [s]"""

    @property
    def file(self) -> Path:
        """Its project file."""
        return self.folder / "satverify.toml"

    @property
    def archive(self) -> Archive:
        """Read anew."""
        return Archive(self.folder / "archive")

    def scenes(self) -> Files:
        """All files of its scenes."""
        root = self.folder / "archive" / "scenes"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@dataclass(slots=True)
class Trial:
    """The kills and their account."""

    emulator: Emulator
    shop: Shop
    reference: Files = field(default_factory=dict)
    requests: frozenset[str] = frozenset()
    """Those of an undisturbed run."""
    life: float = 0.0
    """From the first request to the end of the last undisturbed run: a busy machine changes it. [s]"""
    lines: list[Line] = field(default_factory=lambda: [Line() for _ in range(PARTS)])
    projects: int = 0
    lost: int = 0
    """Scenes that are not there at the end of a project, of all projects."""
    differing: int = 0
    """Files that are not those of an undisturbed run, or that it does not have."""
    left: int = 0
    """Answers still landed, or half-written files, at the end of a project."""

    def undisturbed(self, folder: Path) -> None:
        """Once to have all answers ready, and once to see how long it takes."""
        for name in ("first", "reference"):
            project = _new_project(folder / name, self.emulator)
            self.shop.bought.clear()
            self.life = self._run(project, None)
        self.reference = project.scenes()
        self.requests = frozenset(key for key, _ in self.shop.bought)

    def kill(self, folder: Path, moments: Sequence[float]) -> None:
        """Kill at each of these shares of the life of a run."""
        project: Project | None = None
        for number, moment in enumerate(moments):
            while True:
                if project is None:
                    project = _new_project(folder / f"project-{self.projects:03}", self.emulator)
                if self._was_killed(project, moment):
                    break
                self._end(project)
                project = None
            print(f"kill {number + 1} of {len(moments)}, at {moment:.0%} of a run", file=sys.stderr, flush=True)
        if project is not None:
            self._was_killed(project, None)
            self._end(project)

    def _was_killed(self, project: Project, moment: float | None) -> bool:
        """Start once; whether the kill came before the end."""
        self.shop.bought.clear()
        lived = self._run(project, None if moment is None else moment * self.life)
        self._count_repeated(project)
        if lived >= 0:
            if not project.killed:
                self.life = lived
            return False
        assert moment is not None
        part = min(PARTS - 1, int(moment * PARTS))
        line, archive = self.lines[part], project.archive
        entries, landed = archive.entries(), archive.landed()
        project.held |= {name.partition("-")[0] for name in landed}
        project.held |= {archive.scene(entry).request_hash for entry in entries}
        project.paid |= {key: (max(0.0, project.killed - ready), part) for key, ready in self.shop.bought}
        line.kills += 1
        line.scenes += len(entries)
        line.landed += len(landed)
        return True

    def _count_repeated(self, project: Project) -> None:
        """Lay what a start has bought again to the kill that made it necessary."""
        for key, _ in self.shop.bought:
            if key in project.paid:
                age, part = project.paid[key]
                line, is_fair = self.lines[part], key not in project.held and age < LATE
                line.oldest = max(line.oldest, age)
                line.in_flight += is_fair
                line.twice += not is_fair
            elif key not in self.requests:
                self.lines[0].twice += 1  # scenes that had been asked for in other company

    def _end(self, project: Project) -> None:
        """Hold an archive against that of the undisturbed run."""
        found = project.scenes()
        self.projects += 1
        self.lost += sum(1 for name in self.reference if name.endswith(".tif") and name not in found)
        differing = {
            name for name in found.keys() | self.reference.keys() if found.get(name) != self.reference.get(name)
        }
        self.differing += len(differing)
        self.left += len(project.archive.landed()) + len(list((project.folder / "archive" / ".staging").glob("*")))

    def _run(self, project: Project, kill_after: float | None) -> float:
        """Start ``satverify fetch``.

        Returns
        -------
        Time from its first request to its end [s]; -1 where it was killed, which is so long after the first request.
        """
        self.emulator.log.clear()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "satverify", "fetch", str(project.file)],
                stdout=said,
                stderr=subprocess.STDOUT,
                env=os.environ | {"SH_CLIENT_ID": "benchmark", "SH_CLIENT_SECRET": "benchmark"},
            )
            try:
                first = self._first_request(process)
                process.wait(LONGEST if kill_after is None else max(0.0, first + kill_after - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                project.killed = time.monotonic()
                process.wait()
                time.sleep(2 * THINKING)  # the service ends what it had begun, and charges for it
                if kill_after is None:
                    raise
                return -1.0
            if process.returncode:
                said.seek(0)
                raise RuntimeError(said.read().decode(errors="replace")[-2000:])
        return time.monotonic() - first

    def _first_request(self, process: subprocess.Popen[bytes]) -> float:
        """When it has begun to talk to the service. [s]"""
        while process.poll() is None and not self.emulator.log.entries():
            time.sleep(POLL)
        return time.monotonic()


def _new_project(folder: Path, emulator: Emulator) -> Project:
    """Works in a row, and eight days of each month of a winter."""
    folder.mkdir(parents=True)
    features = [
        {
            "type": "Feature",
            "properties": {"site_id": f"works-{number}", "name": f"Works {number}", "city": "Tangshan"},
            "geometry": mapping(box(east, north, east + 0.02, north + 0.015)),
        }
        for number, (east, north) in enumerate(PLACES)
    ]
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "orders.csv").write_text(
        "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
        "o-1,works-0,,2022-01-05,2022-01-12,halt,,,,notice\n"
    )
    project = Project(folder=folder)
    project.file.write_text(
        f"""
[project]
name = "kills"
days = ["2021-11-01", "2022-04-01"]
[sites]
path = "sites.geojson"
[orders]
path = "orders.csv"
[archive]
path = "archive"
[[sources]]
kind = "sentinelhub"
sensors = {json.dumps(SENSORS)}
base_url = "{emulator.base_url}"
token_url = "{emulator.token_url}"
days = {json.dumps([[f"{month}-01", f"{month}-09"] for month in MONTHS])}
rate = {{ processing_units = 100000, requests = 100000 }}
"""
    )
    return project


def moments_of(kills: int, seed: int) -> list[float]:
    """One random moment in each of so many equal parts of a life, in random order. [0, 1]"""
    rng = random.Random(seed)
    moments = [(number + rng.random()) / kills for number in range(kills)]
    rng.shuffle(moments)
    return moments


def table(trial: Trial) -> Iterator[str]:
    """The account as lines of Markdown."""
    requests, scenes = len(trial.requests), sum(1 for name in trial.reference if name.endswith(".tif"))
    yield (
        f"{requests} requests for {scenes} scenes of {len(SENSORS)} sensors at {len(PLACES)} works; an undisturbed run "
        f"takes {trial.life:.1f} s from its first request on. Means are over the kills of a line.\n"
    )
    yield (
        "| killed at | kills | scenes archived by then, mean | answers landed by then, mean | in flight, bought again "
        "| ready before the kill, longest | bought twice otherwise |\n|---|--:|--:|--:|--:|--:|--:|"
    )
    for part, line in enumerate(trial.lines):
        kills = max(1, line.kills)
        share = f"{part / PARTS:.0%} - {(part + 1) / PARTS:.0%} of a run"
        means = f"{line.scenes / kills:.1f} | {line.landed / kills:.1f}"
        yield f"| {share} | {line.kills} | {means} | {line.in_flight} | {1e3 * line.oldest:.0f} ms | {line.twice} |"
    kills = sum(line.kills for line in trial.lines)
    yield (
        f"\n{kills} kills, {trial.projects} projects brought to their end: {trial.lost} scenes lost, {trial.differing} "
        f"files unlike those of the undisturbed run, {trial.left} answers or half-written files left behind, "
        f"{sum(line.in_flight for line in trial.lines)} requests bought again because they were in flight, "
        f"{sum(line.twice for line in trial.lines)} for any other reason."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Kill, resume and print the table."""
    parser = argparse.ArgumentParser(prog="scripts/bench kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=KILLS, help=f"{KILLS} by default, which take a few minutes")
    parser.add_argument("--seed", type=int, default=SEED, help="of the moments")
    chosen = parser.parse_args(arguments)
    shop = Shop()
    with tempfile.TemporaryDirectory() as folder, Emulator(PROVIDER, engine=shop) as emulator:
        trial = Trial(emulator, shop)
        trial.undisturbed(Path(folder))
        trial.kill(Path(folder), moments_of(chosen.kills, chosen.seed))
        paid = [entry for entry in emulator.log.entries() if entry.kind is RequestKind.PROCESS and entry.is_paid]
        assert len(paid) == len(shop.bought), "the log and the shop tell the same of the last start"
    print("\n".join(table(trial)))


if __name__ == "__main__":
    main()
