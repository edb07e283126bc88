"""From features with columns to sites and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.registry.cells import Row
from satverify.registry.features import Feature
from satverify.registry.geometry import FOOTPRINT_LIMITS, OUTLINE_LIMITS, checked_area
from satverify.registry.problems import Ledger, nearest, shown

SITE_ONLY = ("name_zh", "city", "rating", "outline_status")
UNIT_ONLY = ("kind", "capacity_t_per_day", "footprint_status")
KNOWN = ("site_id", "unit_id", "name", *SITE_ONLY, *UNIT_ONLY)
HEAT_SEEN = frozenset(
    {"pixels", "days", "first_day", "last_day", "share", "months_hot", "mean_mw", "near_unit", "near_m"}
    | {"guess", "confidence", "seen_by", "clear_scenes", "hot_scenes", "temperature_k", "variation"}
    | {"length_m", "width_m", "warmth_k"}
)
"""What ``sites discover-units`` tells of the heat at a unit it proposes: not read."""

IGNORED = HEAT_SEEN | {"source", "note"}
"""A person's remarks: not read."""

ALIASES = {
    "capacity_t": "capacity_t_per_day",
    "footprint_": "footprint_status",
    "fp_status": "footprint_status",
    "outline_st": "outline_status",
    "ol_status": "outline_status",
}
"""A Shapefile cuts column names to ten characters."""

HOUSEKEEPING = frozenset(
    {"fid", "id", "objectid", "ogc_fid", "shape_leng", "shape_length", "shape_area", "layer", "path", "bbox"}
)
"""Columns that geographic programs add by themselves: not read."""

NEEDS_OUTLINE = (
    "the outline as a polygon (draw it, or let `satverify sites import` make an assumed circle round a point)"
)
NEEDS_FOOTPRINT = "a polygon, or no geometry where the footprint is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Sites and units as listed, each with its place; units are not yet handed to their sites."""

    sites: tuple[tuple[str, Site], ...]
    units: tuple[tuple[str, Unit], ...]
    broken_site_ids: frozenset[str] = field(default=frozenset())
    """Ids of sites that are in the file but have errors: their units are no orphans."""


def listed_from(features: Sequence[Feature], ledger: Ledger) -> Listed:
    """Sites and units of features; what is wrong goes to the ledger and is left out."""
    columns = _columns(features, ledger)
    sites: list[tuple[str, Site]] = []
    units: list[tuple[str, Unit]] = []
    broken: set[str] = set()
    for feature in features:
        row = _row(feature, columns, ledger)
        if row.is_given("unit_id"):
            unit = _unit(row, feature)
            units += [(row.where, unit)] if unit else []
        elif site := _site(row, feature):
            sites.append((row.where, site))
        else:
            broken.add(str(row.values.get("site_id")).strip())
    return Listed(sites=tuple(sites), units=tuple(units), broken_site_ids=frozenset(broken))


def _columns(features: Sequence[Feature], ledger: Ledger) -> Mapping[str, str]:
    """Canonical name by given name; unknown ones are noted at their first feature."""
    canonical = {name: name for name in KNOWN} | ALIASES
    columns: dict[str, str] = {}
    unknown: set[str] = set()
    for feature in features:
        for name in feature.properties:
            plain = name.strip().lower()
            if plain in canonical:
                columns[name] = canonical[plain]
            elif plain not in IGNORED and plain not in HOUSEKEEPING and name not in unknown:
                unknown.add(name)
                known = ", ".join(KNOWN)
                ledger.error(
                    f"{feature.where}, column {shown(name)}", f"one of {known}", shown(name) + nearest(plain, KNOWN)
                )
    return columns


def _row(feature: Feature, columns: Mapping[str, str], ledger: Ledger) -> Row:
    values: dict[str, object] = {}
    for name, value in feature.properties.items():
        column = columns.get(name)
        if column is None or value is None or value == "":
            continue
        if column in values and values[column] != value:
            ledger.error(f"{feature.where}, {column}", "one value", f"{shown(values[column])} and {shown(value)}")
        values.setdefault(column, value)
    which = next(
        (f" ({noun[:-3]} {str(values[noun]).strip()})" for noun in ("unit_id", "site_id") if _is_id(values.get(noun))),
        "",
    )
    return Row(where=f"{feature.where}{which}", values=values, ledger=ledger)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= 60


def _site(row: Row, feature: Feature) -> Site | None:
    before = len(row.ledger.errors)
    site_id, name_zh = row.required("site_id"), row.text("name_zh")
    name = row.text("name") or name_zh
    if not name:
        row.error("name", "a name, in English or Chinese", "nothing")
    for column in UNIT_ONLY:
        if row.is_given(column):
            row.error(column, "a unit_id beside it, or no value", shown(row.values[column]))
    rating = row.word("rating", Rating)
    status = row.word("outline_status", FootprintStatus) or FootprintStatus.SURVEYED
    city = row.text("city")
    if feature.geometry is None:
        if not feature.is_broken:
            row.error("geometry", NEEDS_OUTLINE, "none")
        return None
    outline = checked_area(
        feature.geometry, row.ledger, where=f"{row.where}, outline", limits=OUTLINE_LIMITS, if_no_area=NEEDS_OUTLINE
    )
    if outline is None or len(row.ledger.errors) > before:
        return None
    return Site(
        site_id=site_id, name=name, outline=outline, outline_status=status, name_zh=name_zh, city=city, rating=rating
    )


def _unit(row: Row, feature: Feature) -> Unit | None:
    before = len(row.ledger.errors)
    unit_id, site_id = row.required("unit_id"), row.required("site_id")
    row.required("kind")
    kind = row.word("kind", UnitKind)
    capacity = row.number("capacity_t_per_day")
    if capacity is not None and not capacity > 0:
        row.error("capacity_t_per_day", "a positive number, or none where unknown", shown(capacity))
    status = row.word("footprint_status", FootprintStatus) or FootprintStatus.ASSUMED
    name = row.text("name")
    for column in SITE_ONLY:
        if row.is_given(column):
            row.ledger.warn(f"{row.where}, {column}", "this on the site, not on its unit", shown(row.values[column]))
    footprint = None
    if feature.geometry is not None and not feature.geometry.is_empty:
        footprint = checked_area(
            feature.geometry,
            row.ledger,
            where=f"{row.where}, footprint",
            limits=FOOTPRINT_LIMITS,
            if_no_area=NEEDS_FOOTPRINT,
        )
    if kind is None or feature.is_broken or len(row.ledger.errors) > before:
        return None
    return Unit(
        unit_id=unit_id, site_id=site_id, kind=kind, capacity_t_per_day=capacity, footprint=footprint,
        footprint_status=status, name=name,
    )  # fmt: skip
