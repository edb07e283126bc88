"""Sites and units out of Global Energy Monitor's Global Iron and Steel Tracker.

Nothing is invented: what the tables do not say stays empty, and what they leave open is said in a remark.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from satverify.domain.notices import Policy, plain_city_name
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.registry.features import Feature
from satverify.registry.files import write_whole
from satverify.registry.gem_outlines import Outlined, Place, credit_of, outlines_of, read_polygons
from satverify.registry.gem_service import InPeriod, Service, in_period
from satverify.registry.gem_tables import GemPlant, GemTables, GemUnit, read_gem_tables
from satverify.registry.sites import write_sites

CREDIT = "Global Energy Monitor, Global Iron and Steel Tracker, CC BY 4.0"
DAYS_PER_YEAR = 365
"""Days that a year's nominal capacity is spread over."""

SIZED_BY = (UnitKind.BLAST_FURNACE, UnitKind.CONVERTER, UnitKind.ELECTRIC_ARC_FURNACE)
"""Kinds whose capacity sizes an assumed circle: the first that the works has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which works and units to take."""

    period: tuple[date, date]
    """Days ``[start, stop)`` on which they may have been in service."""
    policy: Policy | None = None
    """Only works in this notice's cities; none: all."""
    kinds: frozenset[UnitKind] = frozenset(UnitKind)
    """Kinds of unit to list."""
    must_have: frozenset[UnitKind] = frozenset()
    """Only works with a unit of one of these kinds; empty: all."""
    cities: Mapping[str, str] = field(default_factory=dict)
    """City by plant id, where the table has it wrong or leaves it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A plant or unit of the tables that was not taken."""

    name: str
    """Its id and name."""
    why: str
    """The reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came out of the tables."""

    sites: tuple[Site, ...]
    """Sorted by city, then id."""
    remarks: Mapping[str, str]
    """By id of a site or a unit: what a reader should know, in English."""
    left_out: tuple[LeftOut, ...]
    """Plants and units that were not taken, with the reason, sorted."""


def import_gem(paths: Sequence[Path], wanted: Wanted, *, outlines: Path | None = None) -> Imported:
    """Sites out of the tracker's tables.

    Parameters
    ----------
    paths
        Plant and unit tables as CSV, in any order.
    wanted
        What to take.
    outlines
        Polygons to take outlines from, in any format that sites can have.

    Returns
    -------
    Sites with their units, remarks, and what was left out.

    Raises
    ------
    InputError
        Where anything in the tables or the polygons is wrong; with all problems of the file.
    """
    polygons = read_polygons(outlines) if outlines else ()
    return imported(read_gem_tables(paths), wanted, polygons=polygons)


def imported(tables: GemTables, wanted: Wanted, *, polygons: Sequence[Feature] = ()) -> Imported:
    """Sites out of tables that were read; as ``import_gem``."""
    left_out: list[LeftOut] = []
    taken: dict[str, _Works] = {}
    for plant in tables.plants:
        works = _works(plant, [unit for unit in tables.units if unit.plant_id == plant.plant_id], wanted, left_out)
        if works is not None:
            taken[plant.plant_id] = works
    grounds = outlines_of([works.place for works in taken.values()], polygons, credit_of(polygons))
    sites = [_site(works, grounds[site_id]) for site_id, works in taken.items()]
    remarks = {site_id: "; ".join([*works.remarks, grounds[site_id].remark]) for site_id, works in taken.items()}
    for works in taken.values():
        remarks |= {unit.unit_id: f"{found.service}: {found.why}" for unit, found in works.units if found.why}
    return Imported(
        sites=tuple(sorted(sites, key=lambda site: (site.city, site.site_id))),
        remarks=dict(sorted(remarks.items())),
        left_out=tuple(sorted(left_out, key=lambda item: item.name)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Works:
    """A plant that is taken, with its units and what is open about it."""

    plant: GemPlant
    city: str
    units: tuple[tuple[GemUnit, InPeriod], ...]
    place: Place
    remarks: tuple[str, ...]


def _works(plant: GemPlant, units: Sequence[GemUnit], wanted: Wanted, left_out: list[LeftOut]) -> _Works | None:
    label = f"{plant.plant_id} {plant.name}"
    city, remark = _city(plant, wanted)
    if wanted.policy is not None and wanted.policy.city(city) is None:
        left_out.append(LeftOut(name=label, why=remark or f"{city or 'no city'} is none of the policy's cities"))
        return None
    in_service = tuple(_in_service(plant, units, wanted, left_out))
    if wanted.must_have and not {unit.kind for unit, _ in in_service} & wanted.must_have:
        left_out.append(LeftOut(name=label, why=f"no {' or '.join(sorted(wanted.must_have))} in service then"))
        return None
    if units and not in_service:
        left_out.append(LeftOut(name=label, why="no unit in service then"))
        return None
    remarks = [remark, "no units in the tables" if not units else "", _iron(in_service), _doubt(in_service)]
    return _Works(
        plant=plant,
        city=city,
        units=in_service,
        place=_place(plant, in_service),
        remarks=tuple(text for text in remarks if text),
    )


def write_imported(path: Path, found: Imported) -> None:
    """Write the sites as GeoJSON, with the remarks as ``note`` and the tracker's credit as ``source``.

    Raises
    ------
    InputError
        Where the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        write_sites(plain, found.sites)
        document = json.loads(plain.read_bytes())
    for feature in document["features"]:
        properties = feature["properties"]
        properties["note"] = found.remarks.get(properties.get("unit_id", properties["site_id"]), "")
        if "unit_id" not in properties:
            properties["source"] = CREDIT
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in document["features"])
    write_whole(path, f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode())


def _city(plant: GemPlant, wanted: Wanted) -> tuple[str, str]:
    """The city whose plan the works falls under, and what is open about it."""
    corrected = wanted.cities.get(plant.plant_id)
    given = corrected or plant.city.removesuffix("?").strip()
    remark = "the table is unsure of the city" if plant.city.endswith("?") and corrected is None else ""
    if wanted.policy is None:
        return given, remark
    municipality = wanted.policy.city(plant.province)
    if municipality is not None and plain_city_name(municipality.province) == plain_city_name(municipality.name):
        differs = plain_city_name(given) != plain_city_name(municipality.name)
        return municipality.name, f"the table places it in {given} and in {municipality.name}" if differs else remark
    city = wanted.policy.city(given)
    if city is None:
        return given, remark
    if plant.province and plain_city_name(plant.province) != plain_city_name(city.province):
        return "", f"the table says {city.name}, which is in {city.province}, and {plant.province}"
    return city.name, remark


def _in_service(
    plant: GemPlant, units: Sequence[GemUnit], wanted: Wanted, left_out: list[LeftOut]
) -> Iterator[tuple[GemUnit, InPeriod]]:
    """The plant's units that were or may have been in service; the others are told."""
    for unit in units:
        label = f"{plant.plant_id} {plant.name}, {unit.unit_id} {unit.name or unit.sheet}"
        if unit.kind is None:
            left_out.append(LeftOut(name=label, why=f"satverify has no kind of unit for {unit.sheet}"))
        elif unit.kind in wanted.kinds:
            found = in_period(unit, plant.start, *wanted.period)
            if found.service is Service.OUT_OF_SERVICE:
                left_out.append(LeftOut(name=label, why=found.why))
            else:
                yield unit, found


def _iron(units: Sequence[tuple[GemUnit, InPeriod]]) -> str:
    """Nominal capacity of the furnaces that make iron."""
    furnaces = [(unit, found) for unit, found in units if unit.kind is UnitKind.BLAST_FURNACE]
    total = sum(unit.capacity_kt_per_year or 0.0 for unit, _ in furnaces)
    unsure = sum(unit.capacity_kt_per_year or 0.0 for unit, found in furnaces if found.service is Service.UNSURE)
    doubt = f", {unsure / 1000:.2f} of it not certain" if unsure else ""
    return f"nominal iron capacity {total / 1000:.2f} Mt/a{doubt}" if total else ""


def _doubt(units: Sequence[tuple[GemUnit, InPeriod]]) -> str:
    reasons = [found.why for _, found in units if found.service is Service.UNSURE]
    if not reasons:
        return ""
    return (
        f"units not certain to have been in service: {len(reasons)} of {len(units)} ({'; '.join(sorted(set(reasons)))})"
    )


def _place(plant: GemPlant, units: Sequence[tuple[GemUnit, InPeriod]]) -> Place:
    sums = (
        sum(unit.capacity_kt_per_year or 0.0 for unit, _ in units if unit.kind is kind) / 1000.0 for kind in SIZED_BY
    )
    return Place(
        site_id=plant.plant_id,
        names=tuple(name for name in (plant.name, plant.other_name) if name),
        longitude=plant.longitude,
        latitude=plant.latitude,
        is_exact=plant.is_exact,
        capacity_mt_per_year=next((capacity for capacity in sums if capacity > 0), None),
    )


def _site(works: _Works, ground: Outlined) -> Site:
    plant = works.plant
    return Site(
        site_id=plant.plant_id,
        name=plant.name,
        name_zh=_chinese(plant.other_name),
        city=works.city,
        outline=ground.outline,
        outline_status=ground.status,
        units=tuple(_unit(unit) for unit, _ in works.units),
    )


def _unit(unit: GemUnit) -> Unit:
    assert unit.kind is not None
    capacity = unit.capacity_kt_per_year
    return Unit(
        unit_id=unit.unit_id,
        site_id=unit.plant_id,
        kind=unit.kind,
        capacity_t_per_day=None if capacity is None else round(capacity * 1000.0 / DAYS_PER_YEAR, 1),
        name=unit.name,
    )


def _chinese(names: str) -> str:
    """The first of several names where it is Chinese, else nothing."""
    first = re.split(r"[,，;；]", names)[0].strip()
    return first if re.search(r"[\u4e00-\u9fff]", first) else ""
