"""Tables of Global Energy Monitor's Global Iron and Steel Tracker: plants and units, as CSV.

The tracker's map and its spreadsheet name columns differently (``plant-name-(english)``, ``Plant name (English)``), and
both are understood. A sheet of the spreadsheet is saved as CSV first.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from satverify.domain.sites import UnitKind
from satverify.registry.cells import Row
from satverify.registry.files import decoded, file_bytes, unreadable
from satverify.registry.gem_dates import UNKNOWN, Span, span
from satverify.registry.geometry import FARTHEST_NORTH
from satverify.registry.problems import Ledger, shown

Noun = TypeVar("Noun")

ALIASES = {
    "plant_id": "gem_plant_id",
    "unit_id": "gem_unit_id",
    "plant_name": "plant_name_english",
    "lat": "latitude",
    "lng": "longitude",
    "lon": "longitude",
    "unit_status": "status",
    "plant_status": "status",
    "subnational_unit_province_state": "province",
    "subnational_unit": "province",
    "municipality": "city",
    "city_2p26": "city",
    "plant_name_other_language": "other_name",
}
"""Our name by the tracker's, once letters and signs are made plain."""

KINDS = (
    ("blast", UnitKind.BLAST_FURNACE),
    ("basic_oxygen", UnitKind.CONVERTER),
    ("electric_arc", UnitKind.ELECTRIC_ARC_FURNACE),
    ("sinter", UnitKind.SINTER_MACHINE),
    ("pellet", UnitKind.PELLET_PLANT),
    ("coking", UnitKind.COKE_BATTERY),
)
"""Kind of unit by the word in the name of its sheet. Others, such as direct reduction, have no kind here."""


ZIPPED = b"PK\x03\x04"
"""How a spreadsheet file begins."""


class GemStatus(StrEnum):
    """Status as the tracker gives it."""

    OPERATING = "operating"
    OPERATING_PRE_RETIREMENT = "operating_pre_retirement"
    MOTHBALLED = "mothballed"
    MOTHBALLED_PRE_RETIREMENT = "mothballed_pre_retirement"
    RETIRED = "retired"
    CONSTRUCTION = "construction"
    ANNOUNCED = "announced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class GemPlant:
    """One row of the plant table."""

    plant_id: str
    name: str
    other_name: str
    """Names in the local language, as given."""
    city: str
    province: str
    longitude: float
    latitude: float
    is_exact: bool
    """Whether the tracker calls the coordinates exact."""
    equipment: str
    start: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GemUnit:
    """One row of a unit table."""

    unit_id: str
    plant_id: str
    sheet: str
    """Name of its sheet or ``tab-type``, made plain."""
    name: str
    status: GemStatus
    capacity_kt_per_year: float | None
    start: Span | None
    retired: Span | None
    idled: Span | None

    @property
    def kind(self) -> UnitKind | None:
        """What it does; none where satverify has no kind for it."""
        return next((kind for word, kind in KINDS if word in self.sheet), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GemTables:
    """All plants and units of the files, sorted by id."""

    plants: tuple[GemPlant, ...]
    units: tuple[GemUnit, ...]


def read_gem_tables(paths: Sequence[Path]) -> GemTables:
    """Plants and units of the tracker's tables; which is which is told by their columns.

    Parameters
    ----------
    paths
        CSV files, in any order.

    Returns
    -------
    All plants and units.

    Raises
    ------
    InputError
        Where anything is wrong in any file; ``problems`` lists all of it.
    """
    all_of_them = Ledger(file=", ".join(path.name for path in paths))
    plants: dict[str, GemPlant] = {}
    units: dict[str, GemUnit] = {}
    for path in paths:
        ledger = Ledger(file=str(path))
        for row in _rows(path, ledger):
            if "gem_unit_id" in row.values:
                unit = _unit(row, plain_name(path.stem))
                _add(row, units, unit, unit.unit_id if unit else "")
            else:
                plant = _plant(row)
                _add(row, plants, plant, plant.plant_id if plant else "")
        all_of_them.errors.extend(ledger.errors)
    if not all_of_them.errors:
        _check_whole(plants, units, all_of_them)
    all_of_them.raise_errors("tracker tables")
    return GemTables(
        plants=tuple(plants[name] for name in sorted(plants)), units=tuple(units[name] for name in sorted(units))
    )


def plain_name(text: str) -> str:
    """A name in small letters and figures with single underscores.

    >>> plain_name("Plant name (English)"), plain_name("plant-name-(english)")
    ('plant_name_english', 'plant_name_english')
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _rows(path: Path, ledger: Ledger) -> Iterator[Row]:
    """Rows of a table with our column names; columns we do not use are passed over."""
    content = file_bytes(path)
    if content.startswith(ZIPPED):
        raise unreadable(path, "file", "a sheet of the spreadsheet saved as CSV", "a spreadsheet")
    reader = csv.reader(io.StringIO(decoded(path, content), newline=""), strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as exc:
            ledger.error(f"line {line}", "fields separated by commas, quotes closed", str(exc))
            continue
        if fields is None:
            return
        if not any(field.strip() for field in fields):
            continue
        if not columns:
            columns = _columns(path, fields)
        elif len(fields) != len(columns):
            ledger.error(f"line {line}", f"{len(columns)} fields, as in the header", f"{len(fields)}")
        else:
            values: dict[str, object] = {}
            for name, field in zip(columns, fields, strict=True):
                values.setdefault(name, " ".join(field.split()))
            yield Row(where=f"line {line}", values=values, ledger=ledger)


def _columns(path: Path, fields: Sequence[str]) -> list[str]:
    names = [ALIASES.get(plain_name(field), plain_name(field)) for field in fields]
    needed = {"gem_plant_id", "status"} if "gem_unit_id" in names else {"gem_plant_id", "plant_name_english"}
    if missing := sorted(needed - set(names)):
        expected = "the tracker's plant or unit table saved as CSV"
        raise unreadable(path, "line 1", expected, f"no column {' and no column '.join(missing)}")
    if "gem_unit_id" not in names and not {"latitude", "longitude"} <= set(names) and "coordinates" not in names:
        raise unreadable(path, "line 1", "a plant table with coordinates, or a unit table", "neither")
    return names


def _plant(row: Row) -> GemPlant | None:
    before = len(row.ledger.errors)
    plant_id, name = row.required("gem_plant_id"), row.required("plant_name_english")
    longitude, latitude = _position(row)
    plant_start = _span(row, "start_date")
    others = {column: row.text(column) for column in ("other_name", "city", "province", "main_production_equipment")}
    if len(row.ledger.errors) > before:
        return None
    return GemPlant(
        plant_id=plant_id,
        name=name,
        other_name=others["other_name"],
        city=others["city"],
        province=others["province"],
        longitude=longitude,
        latitude=latitude,
        is_exact=row.text("coordinate_accuracy").lower() == "exact",
        equipment=others["main_production_equipment"],
        start=plant_start,
    )


def _unit(row: Row, file_stem: str) -> GemUnit | None:
    before = len(row.ledger.errors)
    unit_id, plant_id = row.required("gem_unit_id"), row.required("gem_plant_id")
    row.values["status"] = plain_name(row.required("status"))
    status = row.word("status", GemStatus)
    sheet = plain_name(row.text("tab_type")) or file_stem
    name = row.text("unit_name")
    capacity = _capacity(row)
    start, retired, idled = (_span(row, column) for column in ("start_date", "retired_date", "idled_date"))
    if status is None or len(row.ledger.errors) > before:
        return None
    return GemUnit(
        unit_id=unit_id,
        plant_id=plant_id,
        sheet=sheet,
        name=name,
        status=status,
        capacity_kt_per_year=capacity,
        start=start,
        retired=retired,
        idled=idled,
    )


def _position(row: Row) -> tuple[float, float]:
    """Longitude and latitude; NaN, and an error, where absent or not on Earth."""
    if row.is_given("coordinates"):
        parts = row.text("coordinates").split(",")
        row.values.update(zip(("latitude", "longitude"), parts if len(parts) == 2 else ("", ""), strict=True))
    for column in ("latitude", "longitude"):
        row.required(column)
    latitude, longitude = row.number("latitude"), row.number("longitude")
    if latitude is None or longitude is None:
        return math.nan, math.nan
    if not (abs(latitude) <= FARTHEST_NORTH and abs(longitude) <= 180):
        swapped = abs(longitude) <= FARTHEST_NORTH and abs(latitude) <= 180
        hint = ": the two look swapped" if swapped else ""
        row.error("latitude", "degrees where works can stand", f"latitude {latitude}, longitude {longitude}{hint}")
    return longitude, latitude


def _capacity(row: Row) -> float | None:
    """Thousand tonnes a year; none where unknown."""
    if row.text("current_capacity_ttpa").lower() in UNKNOWN:
        return None
    row.values["current_capacity_ttpa"] = row.text("current_capacity_ttpa").replace(",", "")
    capacity = row.number("current_capacity_ttpa")
    if capacity is not None and capacity < 0:
        row.error("current_capacity_ttpa", "a capacity", shown(capacity))
    return capacity or None


def _span(row: Row, column: str) -> Span | None:
    text = row.text(column)
    try:
        return span(text)
    except ValueError:
        row.error(column, "a date such as 2002, 2002-04 or 2002-04-24, or unknown", shown(text))
        return None


def _add(row: Row, known: dict[str, Noun], noun: Noun | None, name: str) -> None:
    if noun is not None and name in known:
        row.error("id", "each id once", f"{shown(name)} again")
    elif noun is not None:
        known[name] = noun


def _check_whole(plants: Mapping[str, GemPlant], units: Mapping[str, GemUnit], ledger: Ledger) -> None:
    """Units must belong to a plant, and there must be plants at all."""
    if not plants:
        ledger.error("tables", "a plant table", f"none; {len(units)} units")
        return
    for unit in units.values():
        if unit.plant_id not in plants:
            ledger.error(f"unit {unit.unit_id}", "a plant of the plant table", shown(unit.plant_id))
