"""Archived scenes listed and opened, pixels read beside a bare rasterio loop, and memory by the number of scenes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import rasterio
from shapely import Point

from benchmarks.timing import Row, measure, row
from satverify.archive import Archive
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.physics.utm import window_of

MANY, FEW, READ = 10_000, 1_000, 60
LIMIT = 2.0  # [s] to list and open MANY scenes
LEAST = 0.8  # read throughput as a share of a bare rasterio loop's
DAYS = (date(2000, 1, 1), date(2040, 1, 1))
SITE = Site(site_id="works", name="", outline=Point(118.2, 39.6).buffer(0.011))
SENSOR = SENSORS["sentinel-2-l1c"]

READER = """
import sys
from benchmarks.archive import DAYS, SENSOR, SITE
from satverify.archive import Archive
read = Archive(sys.argv[1]).open(SITE, SENSOR.name, DAYS)
for step in range(read.sizes["time"]):
    read.isel(time=step).load()
found = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(int(found[0]) / 1024)
"""
"""Reads every scene of an archive, one after the other, and prints the most memory it had. [MB]

From Linux itself: what ``resource`` tells of a process is at least what its parent had when it was started.
"""


def scene_of(day: int) -> Scene:
    """One scene of the site."""
    time = datetime(2000, 1, 1, 3, tzinfo=UTC) + timedelta(days=day)
    return Scene(
        sensor=SENSOR.name,
        grid=window_of(SITE.outline, SENSOR),
        time=time,
        acquisition=Acquisition(platform="sentinel-2a", start=time, stop=time, source_ids=(f"product-{day}",)),
        site_ids=(SITE.site_id,),
        request_hash="",
        evalscript_hash="",
        valid_share=1.0,
    )


def ground(seed: int) -> np.ndarray:
    """Reflectances as smooth, and as noisy, as ground is: counts. (bands, height, width)"""
    rng = np.random.default_rng(seed)
    shape = (len(SENSOR.bands), *window_of(SITE.outline, SENSOR).shape)
    hills = rng.normal(0, 40, shape).cumsum(axis=1).cumsum(axis=2)
    counts: np.ndarray = (
        (2000 + hills / np.abs(hills).max() * 1500 + rng.normal(0, 40, shape)).clip(0, 10_000).astype(np.uint16)
    )
    return counts


def fill(root: Path, count: int) -> None:
    """Archive scenes of distinct days: some are written, the others are copies of them under other dates."""
    archive = Archive(root)
    for day in range(min(count, READ)):
        archive.add(scene_of(day), ground(day))
    first = Path(archive.entries()[0].path)
    for day in range(READ, count):
        name = f"{scene_of(day).time:%Y%m%dT%H%M%S}_sentinel-2a_r1"
        for ending in (".tif", ".json"):
            shutil.copyfile(first.with_suffix(ending), first.with_name(name + ending))


def run(repeats: int) -> Iterator[Row]:
    """Rows of this section."""
    with tempfile.TemporaryDirectory() as folder:
        small, few, many = (Path(folder) / name for name in ("read", "few", "many"))
        for root, count in ((small, READ), (few, FEW), (many, MANY)):
            print(f"archive: making {count:,} scenes", file=sys.stderr, flush=True)
            fill(root, count)
        yield _opened(many, repeats)
        yield from _read(small, repeats)
        yield from _memory(few, many)


def _opened(many: Path, repeats: int) -> Row:
    def list_and_open() -> None:
        archive = Archive(many)
        assert len(archive.entries()) == MANY
        assert archive.open(SITE, SENSOR.name, DAYS).sizes["time"] == MANY

    times = measure({"open": list_and_open}, repeats)["open"]
    return row(f"list and open {MANY:,} scenes", times, f"limit {LIMIT:g} s")


def _read(small: Path, repeats: int) -> Iterator[Row]:
    archive = Archive(small)
    paths = [entry.path for entry in archive.entries()]

    def bare() -> None:
        for path in paths:
            with rasterio.open(path) as image:
                image.read()

    def whole() -> None:
        archive.open(SITE, SENSOR.name, DAYS).load()

    def one_by_one() -> None:
        read = archive.open(SITE, SENSOR.name, DAYS)
        for step in range(len(paths)):
            read.isel(time=step).load()

    times = measure({"bare": bare, "whole": whole, "one by one": one_by_one}, 4 * repeats)
    height, width = window_of(SITE.outline, SENSOR).shape
    size = f"{READ} scenes of {len(SENSOR.bands)} x {height} x {width}"
    reference = row(f"bare rasterio loop over {size}", times["bare"])
    yield reference
    for name, what, remark in (
        ("whole", "archive.open(…).load()", f"at least {LEAST:g} wanted"),
        ("one by one", "archive.open(…), one scene at a time", "with xarray's indexing of each"),
    ):
        found = row(what, times[name])
        yield replace(found, remark=f"{reference.median / found.median:.2f} of the loop's throughput, {remark}")


def _memory(few: Path, many: Path) -> Iterator[Row]:
    used = {}
    for root in (few, many):
        done = subprocess.run([sys.executable, "-c", READER, str(root)], capture_output=True, text=True, check=True)
        used[root] = float(done.stdout)
    for root, count in ((few, FEW), (many, MANY)):
        remark = "" if root is few else f"{used[many] / used[few]:.2f} times that: flat is wanted; once each"
        yield row(f"most memory while {count:,} scenes are read, one at a time", [used[root]], remark, unit="MB")
