"""A simulated winter as a project folder, and how the verdicts on it compare with what was simulated.

The folder is one that a user could have made, read by the same readers. That it is simulated stands in the project
file, from where every output has it, and in the name of every works.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from satverify.domain.findings import Finding, Verdict
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.pipeline.fictional import anonymised, fictional_sites
from satverify.pipeline.files import write_whole
from satverify.registry.orders import write_orders
from satverify.registry.sites import read_sites, write_sites
from satverify.simulate.scenes import SimulatedScenes, scenes_of_season
from satverify.simulate.season import Scenario, Season, draw_season, simulate_season
from satverify.simulate.weather import Climate
from satverify.verification.fdr import is_tested

PROJECT_FILE = "satverify.toml"
MARK = "# A simulated winter, made by `satverify demo`: nothing in this folder was observed.\n"
DEMO_SEED = 14  # a winter in which every kind of behaviour occurs at least twice
DEMO_SCENARIO = Scenario(days=(date(2020, 11, 1), date(2022, 3, 16)), first_order=date(2021, 11, 15))
"""A year to learn from, and the heating season in which the orders are."""
SCENE_DAYS = timedelta(days=135)
"""So many days before the end scenes are fetched for: the heating season and two weeks before it."""
SCENE_SITES = 4
"""Works that scenes are fetched for: enough to see how, and soon done."""
SCENARIO_FILE = "truth/scenario.json"
CONFIDENCE = {"low": "l", "nominal": "n", "high": "h"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DemoProject:
    """A simulated project on disk, and the truth it was made from."""

    file: Path
    """The project file."""
    sites: tuple[Site, ...]
    season: Season


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Verdicts held against the simulated truth."""

    counts: Mapping[tuple[bool, Verdict], int]
    """Findings that the looks could have decided, by whether the order was met and by verdict."""
    wrong: tuple[Finding, ...]
    """Decided findings that say the opposite of the truth."""
    undecidable: int
    """Findings that nothing could have decided, such as on one of several furnaces that look like one."""
    untold: int
    """Findings on units of which the simulation says nothing, such as coke batteries."""


def make_demo_project(
    folder: Path,
    *,
    sites: Sequence[Site] | None = None,
    seed: int = DEMO_SEED,
    scenario: Scenario = DEMO_SCENARIO,
) -> DemoProject:
    """Write a simulated project: sites, orders, FIRMS files, cloud cover, project file, and the truth beside them.

    Parameters
    ----------
    folder
        Where to; made where it is missing. A project that this function did not make is left alone.
    sites
        Works whose outlines and equipment to use; none: fictional ones. Names and ids are replaced, so that no real
        company is shown with made-up evidence.
    seed
        Of all that is drawn. The same seed gives the same bytes.
    scenario
        Days, satellites and climate.

    Raises
    ------
    InputError
        The folder holds another project, or cannot be written to.
    """
    file = folder / PROJECT_FILE
    before = _simulated_before(file)
    works = fictional_sites() if sites is None else anonymised(sites)
    season = simulate_season(np.random.default_rng(seed), works, scenario)
    _make_folder(folder)
    write_sites(folder / "sites.geojson", works)
    write_orders(folder / "orders.csv", season.orders)
    for satellite in scenario.satellites:
        write_whole(folder / "firms" / f"simulated_{satellite}.csv", _firms_csv(season.detections, satellite))
    write_whole(folder / "cloud.csv", _csv(season.sky[["latitude", "longitude", "date", "cloud_cover"]]))
    write_whole(folder / "truth" / "outcomes.csv", _csv(season.outcomes))
    write_whole(folder / "truth" / "states.csv", _csv(season.truth))
    write_whole(folder / SCENARIO_FILE, _scenario_json(scenario, seed))
    text = _project_toml(season, scenario, works, seed)
    if before not in (None, text):
        (folder / "out" / "flags.jsonl").unlink(missing_ok=True)  # of another winter: not to be withdrawn in this one
    write_whole(file, text.encode())
    return DemoProject(file=file, sites=works, season=season)


def simulated_scenes(folder: Path) -> SimulatedScenes:
    """The scenes of a simulated project: of the same works, sky and days as its detections.

    Raises
    ------
    InputError
        ``make_demo_project`` did not make the project.
    """
    path = folder / SCENARIO_FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        seed, scenario = int(said["seed"]), _scenario(said["scenario"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise InputError(f"{path}: expected what `satverify demo` wrote there of its simulation, found none") from exc
    sites = read_sites(folder / "sites.geojson")
    return scenes_of_season(seed, draw_season(np.random.default_rng(seed), sites, scenario))


def compare(findings: Sequence[Finding], season: Season) -> Comparison:
    """Hold findings against what was simulated."""
    is_met = {(row.order_id, row.unit_id): bool(row.is_met) for row in season.outcomes.itertuples()}
    counts: Counter[tuple[bool, Verdict]] = Counter()
    skipped = Counter[bool]()
    wrong = []
    for finding in findings:
        met = is_met.get((finding.order_id, finding.unit_id))
        if met is None or not is_tested(finding):
            skipped[met is None] += 1
            continue
        counts[met, finding.verdict] += 1
        if finding.verdict is (Verdict.INCONSISTENT if met else Verdict.CONSISTENT):
            wrong.append(finding)
    return Comparison(counts=dict(counts), wrong=tuple(wrong), undecidable=skipped[False], untold=skipped[True])


def _simulated_before(file: Path) -> str | None:
    """The simulated project that is there already, if any; what somebody else made is refused."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise InputError(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    if not text.startswith(MARK):
        raise InputError(f"{file} is not a simulated project: choose another folder with --out")
    return text


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(f"{folder}: cannot be made: {exc.strerror or exc}") from exc


def _scenario_json(scenario: Scenario, seed: int) -> bytes:
    said = {"seed": seed, "scenario": asdict(scenario)}
    return (json.dumps(said, indent=1, default=date.isoformat) + "\n").encode()


def _scenario(said: Mapping[str, Any]) -> Scenario:
    start, stop = (date.fromisoformat(day) for day in said["days"])
    first = said["first_order"]
    return Scenario(
        **{
            **said,
            "days": (start, stop),
            "satellites": tuple(said["satellites"]),
            "climate": Climate(**said["climate"]),
            "first_order": None if first is None else date.fromisoformat(first),
        }
    )


def _firms_csv(detections: pd.DataFrame, satellite: str) -> bytes:
    """One satellite's detections as FIRMS writes them."""
    table = detections[detections["satellite"] == satellite]
    return _csv(
        pd.DataFrame(
            {
                "latitude": table["latitude"],
                "longitude": table["longitude"],
                "scan": table["scan"],
                "track": table["track"],
                "acq_date": table["time"].dt.strftime("%Y-%m-%d"),
                "acq_time": table["time"].dt.strftime("%H%M"),
                "satellite": table["satellite"],
                "instrument": "VIIRS",
                "confidence": table["confidence"].map(CONFIDENCE),
                "frp": table["fire_radiative_power"],
                "daynight": table["day_night"],
            }
        )
    )


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode()


def _project_toml(season: Season, scenario: Scenario, sites: Sequence[Site], seed: int) -> str:
    start, stop = scenario.days
    lines = [
        f"# Seed {seed}.",
        "[project]",
        'name = "simulated winter"',
        f'timezone = "{scenario.timezone}"',
        f'days = ["{start}", "{stop}"]',
        "simulated = true",
        "",
        "[sites]",
        'path = "sites.geojson"',
        "",
        "[orders]",
        'path = "orders.csv"',
        "",
        "[[sources]]",
        'kind = "firms"',
        'paths = ["firms/*.csv"]',
        f'coverage = [["{start}", "{stop}"]]',
        *([f"area = [{', '.join(f'{edge:.2f}' for edge in _area(sites))}]"] if sites else []),
        "outages = [",
        *(
            f'    {{satellite = "{outage.satellite}", days = ["{outage.start}", "{outage.stop}"]}},'
            for outage in season.outages
        ),
        "]",
        "",
        "[[sources]]",
        'kind = "cloud_cover"',
        'path = "cloud.csv"',
        "",
        "[[sources]]",
        'kind = "sentinelhub"',
        'service = "emulator"  # in this process: the scenes of this winter are simulated like its detections',
        f"sensors = {json.dumps(list(SENSORS))}",
        f"sites = {json.dumps([site.site_id for site in sites[:SCENE_SITES]])}",
        f'days = [["{max(start, stop - SCENE_DAYS)}", "{stop}"]]',
        "",
        "[archive]",
        'path = "archive"',
        "",
        "[outputs]",
        'path = "out"',
    ]
    return MARK + "\n".join(lines) + "\n"


def _area(sites: Sequence[Site]) -> tuple[float, float, float, float]:
    """A box with room round all sites: west, south, east, north. [degree]"""
    bounds = np.array([site.outline.bounds for site in sites])
    west, south = bounds[:, :2].min(axis=0) - 0.2
    east, north = bounds[:, 2:].max(axis=0) + 0.2
    return float(west), float(south), float(east), float(north)
