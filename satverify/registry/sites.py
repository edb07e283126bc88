"""Site lists: the only reader and writer of sites and their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from shapely import orient_polygons
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Site, Unit
from satverify.errors import InputError, Problem
from satverify.registry.cells import unprintable
from satverify.registry.datum import Datum, to_wgs84
from satverify.registry.features import FeatureTable, in_wgs84
from satverify.registry.files import unreadable, write_whole
from satverify.registry.geojson import geojson_bytes, read_geojson
from satverify.registry.placement import check_ids, check_placement
from satverify.registry.problems import Ledger, nearest, shown
from satverify.registry.site_rows import Listed, listed_from
from satverify.registry.vector import read_geoparquet, read_vector

READERS = {
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".gpkg": read_vector,
    ".kml": read_vector,
    ".parquet": read_geoparquet,
    ".shp": read_vector,
    ".zip": read_vector,
}
"""Reader by file ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSites:
    """A site list with all that is wrong with it."""

    sites: tuple[Site, ...]
    """In the order of the file; complete only where there are no problems."""
    problems: tuple[Problem, ...]
    """What makes the file unusable."""
    warnings: tuple[Problem, ...]
    """What is only suspicious."""


def read_sites(path: str | PathLike[str], *, datum: str = Datum.WGS84) -> tuple[Site, ...]:
    """Sites with their units, in the order of the file.

    Parameters
    ----------
    path
        GeoJSON (RFC 7946), GeoPackage, Shapefile (bare or zipped), KML or GeoParquet, told apart by the file ending. A
        feature with a ``unit_id`` is a unit, any other a site. Another coordinate system that the file names is
        converted.
    datum
        ``gcj02`` or ``bd09`` where the coordinates come from a Chinese map, else ``wgs84``.

    Returns
    -------
    The sites. Outer rings run counter-clockwise, heights are dropped, coordinates are WGS 84.

    Raises
    ------
    InputError
        Where anything is wrong; ``problems`` lists all of it. What is only suspicious goes to the log.
    """
    ledger = Ledger(file=str(path))
    sites = _sites(Path(path), datum, ledger)
    ledger.raise_errors("sites")
    ledger.log_warnings()
    return sites


def check_sites(path: str | PathLike[str], *, datum: str = Datum.WGS84) -> CheckedSites:
    """Read a site list as ``read_sites`` does, and say all that is wrong or suspicious instead of raising.

    Parameters
    ----------
    path, datum
        As in ``read_sites``.

    Returns
    -------
    Sites, problems and warnings; a file that cannot be opened is one problem.
    """
    ledger = Ledger(file=str(path))
    try:
        sites = _sites(Path(path), datum, ledger)
    except InputError as exc:
        ledger.errors.extend(exc.problems)
        sites = ()
    return CheckedSites(sites=sites, problems=tuple(ledger.errors), warnings=tuple(ledger.warnings))


def write_sites(path: str | PathLike[str], sites: Sequence[Site]) -> None:
    """Write sites as GeoJSON, each followed by its units; ``read_sites`` gives back the same values.

    Outer rings are written counter-clockwise, as RFC 7946 asks. The same sites give the same bytes.

    Parameters
    ----------
    path
        Ends in ``.geojson`` or ``.json``.
    sites
        What to write, in this order.

    Raises
    ------
    InputError
        Where the ending is another, an id occurs twice, a text holds control characters, or the folder cannot be
        written to.
    """
    target = Path(path)
    if target.suffix.lower() not in {".geojson", ".json"}:
        raise InputError(f"{target}: sites are written as GeoJSON, expected a name ending in .geojson")
    ledger = Ledger(file=str(path))
    members = [member for site in sites for member in _members(site)]
    for properties, _ in members:
        for name, value in properties.items():
            if isinstance(value, str) and (unprintable(value) or value != value.strip()):
                where = f"{properties.get('unit_id', properties['site_id'])}, {name}"
                ledger.error(where, "text without control characters or blanks at its ends", shown(value))
    check_ids(
        Listed(
            sites=tuple((f"site {site.site_id}", site) for site in sites),
            units=tuple((f"unit {unit.unit_id}", unit) for site in sites for unit in site.units),
        ),
        ledger,
    )
    ledger.raise_errors("sites to be written")
    write_whole(target, geojson_bytes(members))


def _sites(path: Path, datum: str, ledger: Ledger) -> tuple[Site, ...]:
    table = _in_datum(_table(path, ledger), _datum(datum))
    if not table.features and not ledger.errors:
        ledger.error("features", "at least one site", "none")
    listed = listed_from(table.features, ledger)
    check_ids(listed, ledger)
    check_placement(listed, ledger)
    units: dict[str, list[Unit]] = {}
    for _, unit in listed.units:
        units.setdefault(unit.site_id, []).append(unit)
    return tuple(replace(site, units=tuple(units.get(site.site_id, ()))) for _, site in listed.sites)


def _datum(name: str) -> Datum:
    try:
        return Datum(name.lower())
    except ValueError as exc:
        known = ", ".join(Datum)
        raise InputError(f"datum: expected one of {known}, found {shown(name)}{nearest(name.lower(), Datum)}") from exc


def _table(path: Path, ledger: Ledger) -> FeatureTable:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise unreadable(path, "file ending", f"one of {', '.join(READERS)}", shown(path.suffix))
    table = reader(path, ledger)
    if table.crs is None and table.features:
        ledger.warn("coordinate system", "one named in the file, or in a .prj file beside it", "none; taken as WGS 84")
    return in_wgs84(path, table)


def _in_datum(table: FeatureTable, datum: Datum) -> FeatureTable:
    if datum is Datum.WGS84:
        return table
    return table.moved(lambda longitude, latitude: to_wgs84(longitude, latitude, datum))


def _members(site: Site) -> list[tuple[dict[str, object], BaseGeometry | None]]:
    """The features of a site: itself, then its units."""
    own: dict[str, object] = {
        "site_id": site.site_id,
        "name": site.name,
        "name_zh": site.name_zh,
        "city": site.city,
        "rating": site.rating.value if site.rating else None,
        "outline_status": site.outline_status.value,
    }
    return [(own, orient_polygons(site.outline)), *(_unit_member(unit) for unit in site.units)]


def _unit_member(unit: Unit) -> tuple[dict[str, object], BaseGeometry | None]:
    properties: dict[str, object] = {
        "unit_id": unit.unit_id,
        "site_id": unit.site_id,
        "kind": unit.kind.value,
        "capacity_t_per_day": unit.capacity_t_per_day,
        "footprint_status": unit.footprint_status.value,
        "name": unit.name,
    }
    return properties, None if unit.footprint is None else orient_polygons(unit.footprint)
