"""A project whose scenes an emulator serves, for tests of fetching."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from shapely import box
from shapely.geometry import mapping

from satverify.config import read_project
from satverify.emulator import Emulator
from satverify.pipeline.access import Access
from satverify.pipeline.fetch import Fetched, fetch
from satverify.pipeline.project import Project
from satverify.progress import Silent

TODAY = date(2023, 1, 1)
ACCESS = Access(client_id="the-client-of-the-tests", client_secret="a-secret-nobody-may-see", map_key="a-map-key-too")
PLACES = ((118.00, 39.60), (118.06, 39.62), (118.60, 39.90))
DAYS = ("2022-01-01", "2022-01-16")


def write_project(
    folder: Path,
    emulator: Emulator,
    *,
    sensors: Sequence[str] = ("sentinel-2-l1c",),
    sites: int = 1,
    days: tuple[str, str] = DAYS,
    more: str = "",
) -> Path:
    """Works in a row, scenes from the emulator, and one order."""
    folder.mkdir(exist_ok=True, parents=True)
    features = [
        {
            "type": "Feature",
            "properties": {"site_id": f"works-{number}", "name": f"Works {number}", "city": "Tangshan"},
            "geometry": mapping(box(east, north, east + 0.02, north + 0.015)),
        }
        for number, (east, north) in enumerate(PLACES[:sites])
    ]
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "orders.csv").write_text(
        "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
        "o-1,works-0,,2022-01-05,2022-01-12,halt,,,,notice\n"
    )
    file = folder / "satverify.toml"
    file.write_text(
        f"""
[project]
name = "fetching"
days = {json.dumps(days)}
[sites]
path = "sites.geojson"
[orders]
path = "orders.csv"
[archive]
path = "archive"
[[sources]]
kind = "sentinelhub"
sensors = {json.dumps(list(sensors))}
base_url = "{emulator.base_url}"
token_url = "{emulator.token_url}"
{more}
"""
    )
    return file


def fetched(file: Path, access: Access = ACCESS, *, dry_run: bool = False) -> Fetched:
    return fetch(read_project(file), access, Silent(), TODAY, dry_run=dry_run)


def project_of(file: Path) -> Project:
    return read_project(file)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the archived scenes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
