"""The enterprises of the 2+26 cities x two winters of simulated detections, from the command to the pages."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks.timing import Row, measure, row
from satverify.pipeline.demo import make_demo_project
from satverify.registry.sites import read_sites
from satverify.resources import resource_path

SATVERIFY = [sys.executable, "-m", "satverify"]
WORKERS = 2
SECONDS, GIGABYTES = 120, 1.5
"""What issue 2 allows."""
POLL = 0.05  # [s] between looks at the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a command took."""

    seconds: float
    """From start to end on the clock. [s]"""
    cpu_seconds: float
    """Work of the command and all its processes; on a busy machine it tells more than the clock. [s]"""
    gigabytes: float
    """Largest sum of resident memory over the command and all its processes; what they share counts in each. [GB]"""


def cost_of(command: list[str]) -> Cost:
    """Run a command and watch it.

    Raises
    ------
    RuntimeError
        The command failed.
    """
    start, before, most = time.perf_counter(), _cpu_seconds(), 0
    with tempfile.TemporaryFile() as said:
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            most = max(most, _resident(process))
            time.sleep(POLL)
        seconds = time.perf_counter() - start
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])
    return Cost(seconds=seconds, cpu_seconds=_cpu_seconds() - before, gigabytes=most / 1e9)


def _cpu_seconds() -> float:
    """Processor time of all processes that have ended. [s]"""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: psutil.Process) -> int:
    """Resident memory of a process and all below it. [B]"""
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            try:
                total += each.memory_info().rss
            except psutil.Error:  # it ended meanwhile
                continue
    except psutil.Error:
        return total
    return total


def run(repeats: int) -> Iterator[Row]:
    """Rows of this section; the long run is done once whatever ``repeats`` says."""
    sites = read_sites(resource_path("aoi", "sites", "2plus26-2021-2022.geojson"))
    with tempfile.TemporaryDirectory() as folder:
        made = make_demo_project(Path(folder), sites=sites)
        command = [*SATVERIFY, "run", str(made.file), "--workers", str(WORKERS)]
        detections = f"{len(made.sites)} sites, {len(made.season.detections):,} detections"
        first, again = cost_of(command), cost_of(command)
    limit = f"limit {SECONDS} s, {GIGABYTES} GB; {_told(first)}"
    yield row(f"{detections}: run with reports, {WORKERS} workers", [first.seconds], limit)
    yield row("the same again, nothing changed", [again.seconds], _told(again))
    tasks = {"help": lambda: subprocess.run([*SATVERIFY, "--help"], stdout=subprocess.DEVNULL, check=True)}
    yield row("satverify --help", measure(tasks, max(repeats, 5))["help"], "limit 0.2 s")


def _told(cost: Cost) -> str:
    return f"{cost.cpu_seconds:.0f} s of processor time, {cost.gigabytes:.2f} GB"
