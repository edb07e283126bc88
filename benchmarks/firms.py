"""A million FIRMS rows read and made into looks at 115 works, and the passes over the works listed for 500 days."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from shapely import Point

from benchmarks.timing import Row, row
from benchmarks.timing import measure as timed
from satverify.domain.evidence import SKY_COLUMNS, empty_table
from satverify.domain.sites import Site
from satverify.features.detections import measure
from satverify.features.overpasses import learn_overpasses, overpasses
from satverify.features.places import heat_places
from satverify.features.plane import Plane
from satverify.features.service import service_calendar
from satverify.features.units import observed_units
from satverify.pipeline.inputs import Heat, Inputs
from satverify.pipeline.orders import Obligations
from satverify.pipeline.plan import site_tasks
from satverify.sources.firms import read_detections

ROWS, SITES, DAYS = 1_000_000, 115, 500
START = date(2020, 11, 1)
LIMIT = 10.0  # [s] for reading and making looks


def made_up_file(path: Path) -> None:
    """Write rows as FIRMS gives them, everywhere in the region, with one row in a thousand broken."""
    rng = np.random.default_rng(20211115)
    day = np.datetime64(START) + rng.integers(0, DAYS, ROWS)
    table = pd.DataFrame(
        {
            "latitude": rng.uniform(34, 42, ROWS).round(5).astype(str),
            "longitude": rng.uniform(111, 119, ROWS).round(5),
            "bright_ti4": rng.uniform(295, 367, ROWS).round(2),
            "scan": rng.uniform(0.32, 0.8, ROWS).round(2),
            "track": rng.uniform(0.36, 0.8, ROWS).round(2),
            "acq_date": np.datetime_as_string(day, unit="D"),
            "acq_time": rng.choice(["1712", "1801", "0519", "0610"], ROWS),
            "satellite": rng.choice(["N", "1"], ROWS),
            "instrument": "VIIRS",
            "confidence": rng.choice(["l", "n", "h"], ROWS),
            "version": "2",
            "bright_ti5": 285.1,
            "frp": rng.uniform(0.3, 9, ROWS).round(2),
            "daynight": "N",
        }
    )
    table.loc[::1000, "latitude"] = "95"
    table.to_csv(path, index=False)


def real_beat() -> pd.DataFrame:
    """Detections on one true beat: a pass every 16 days over the middle of the region."""
    times = pd.Timestamp(START, tz="UTC") + pd.to_timedelta(17.5 + 24 * 16 * np.arange(32), unit="h")
    rows = pd.DataFrame({"time": times, "longitude": 115.0, "latitude": 38.0, "sensor": "viirs"})
    return pd.concat([rows.assign(satellite=name) for name in ("N", "N20")], ignore_index=True)


def looks_of_file(path: Path, sites: tuple[Site, ...], days: tuple[date, date]) -> int:
    """Read the file and make looks at every site; how many looks there are."""
    table = read_detections([path]).table
    heat = Heat(detections=table, service=service_calendar(table, [days]), area=(110.0, 33.0, 120.0, 43.0))
    inputs = Inputs(
        sites=sites, obligations=Obligations(), heat=(heat,), sky=empty_table(SKY_COLUMNS), used=(), hashes={}
    )
    looks = 0
    for task in site_tasks(inputs, "Asia/Shanghai", days):
        units = observed_units(task.site)
        places = heat_places(task.site, units, task.observed.detections, DAYS, task.others)
        centre = task.site.outline.centroid
        plane = Plane(longitude=centre.x, latitude=centre.y)
        for unit in units:
            looks += len(measure(task.site.site_id, unit, places, task.observed, plane, task.timezone).looks)
    return looks


def run(repeats: int) -> Iterator[Row]:
    """Rows of this section."""
    days = (START, START + timedelta(DAYS))
    beats = learn_overpasses(real_beat())
    places = np.random.default_rng(0).uniform((111, 34), (119, 42), (SITES, 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "firms.csv"
        made_up_file(path)
        sites = tuple(
            Site(site_id=f"{number:03}", name="", outline=Point(x, y).buffer(0.015))
            for number, (x, y) in enumerate(places)
        )
        tasks = {
            "read": lambda: read_detections([path]),
            "looks": lambda: looks_of_file(path, sites, days),
            "passes": lambda: [overpasses(beats, float(x), float(y), days) for x, y in places],
        }
        times = timed(tasks, repeats)
        made = looks_of_file(path, sites, days)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield row(f"read {ROWS:,} FIRMS rows", times["read"])
    yield row(
        f"read them and make {made:,} looks at {SITES} works",
        times["looks"],
        f"limit {LIMIT:g} s; peak memory {memory:.1f} GB",
    )
    yield row(f"passes of 2 satellites over {SITES} sites x {DAYS} days", times["passes"])
