"""Makes projects out of a folder of real detections, with a circle for each works, as an analyst would start.

Works, places and names come from the files themselves: the file ``ukraine_azovstal.csv`` is the works ``azovstal`` in
the project ``ukraine``, and its circle lies round the middle of its detections.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np

METRES_PER_DEGREE = 111_195.0  # of latitude, mean
RADIUS = 3000.0
"""The files hold detections to about this distance. [m]"""
CORNERS = 48
SKY = "cloud_cover"
ORDER_COLUMNS = "order_id,site_id,start,stop,requirement,source"

Outline = list[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What the folder's notes say of one country's files."""

    name: str
    timezone: str
    coverage: tuple[str, str]
    """Days ``[start, stop)`` that the files hold, of those that are used here."""


COUNTRIES = (
    Country(name="germany", timezone="Europe/Berlin", coverage=("2023-01-01", "2024-01-01")),
    Country(name="turkey", timezone="Europe/Istanbul", coverage=("2024-10-13", "2025-08-14")),
    Country(name="ukraine", timezone="Europe/Kyiv", coverage=("2018-01-01", "2024-01-01")),
)


def make_projects(
    detections: Path,
    folder: Path,
    *,
    radius: float = RADIUS,
    sky: bool = True,
    countries: Sequence[Country] = COUNTRIES,
) -> list[Path]:
    """Write one project for each country and return the project files.

    Parameters
    ----------
    detections
        Folder with ``<country>_<works>.csv`` and, where given, ``<country>_cloud_cover.csv``.
    folder
        Where to; made if it is not there.
    radius
        Of the circles. [m]
    sky
        Whether to use the cloud cover where it is given.
    countries
        Those wanted.
    """
    files: list[Path] = []
    for country in countries:
        tables = sorted(detections.glob(f"{country.name}_*.csv"))
        works = {file.stem.removeprefix(f"{country.name}_"): file for file in tables if not file.stem.endswith(SKY)}
        clouds = [file for file in tables if file.stem.endswith(SKY)] if sky else []
        own = folder / country.name
        own.mkdir(parents=True, exist_ok=True)
        features = [_site(name, circle(*middle(file), radius)) for name, file in works.items()]
        listed = json.dumps({"type": "FeatureCollection", "features": features}, indent=1)
        (own / "sites.geojson").write_text(listed, encoding="utf-8")
        orders = [ORDER_COLUMNS, *(_order(name, country) for name in works)]
        (own / "orders.csv").write_text("\n".join(orders) + "\n", encoding="utf-8")
        (own / "satverify.toml").write_text(_project(country, list(works.values()), clouds), encoding="utf-8")
        files.append(own / "satverify.toml")
    return files


def middle(file: Path) -> tuple[float, float]:
    """Median longitude and latitude of a file's detections. [degree]"""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return median(float(row["longitude"]) for row in rows), median(float(row["latitude"]) for row in rows)


def circle(longitude: float, latitude: float, radius: float) -> Outline:
    """A closed ring of ``radius`` metres, counter-clockwise. [degree]"""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    east = longitude + radius / METRES_PER_DEGREE / np.cos(np.radians(latitude)) * np.cos(angle)
    north = latitude + radius / METRES_PER_DEGREE * np.sin(angle)
    ring = [(round(float(x), 6), round(float(y), 6)) for x, y in zip(east, north, strict=True)]
    return [*ring, ring[0]]


def _site(name: str, outline: Outline) -> dict[str, object]:
    properties = {"site_id": name, "name": name.replace("_", " ").title(), "outline_status": "assumed"}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [outline]},
    }


def _order(name: str, country: Country) -> str:
    """A project needs orders; this one asks for nothing real, and an evaluation leaves it aside."""
    start = date.fromisoformat(country.coverage[0])
    return f"example-{name},{name},{start},{start + timedelta(days=30)},halt,example"


def _project(country: Country, works: list[Path], clouds: list[Path]) -> str:
    days = json.dumps(list(country.coverage))
    paths = json.dumps([str(file.absolute()) for file in works])
    lines = [
        "[project]",
        f'name = "{country.name}"',
        f'timezone = "{country.timezone}"',
        f"days = {days}",
        '[sites]\npath = "sites.geojson"',
        '[orders]\npath = "orders.csv"',
        f'[[sources]]\nkind = "firms"\npaths = {paths}\ncoverage = [{days}]',
        *(f'[[sources]]\nkind = "{SKY}"\npath = {json.dumps(str(file.absolute()))}' for file in clouds),
    ]
    return "\n".join(lines) + "\n"
