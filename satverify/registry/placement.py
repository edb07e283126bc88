"""Checks across a whole site list: ids, who belongs to whom, and what lies where."""

from __future__ import annotations

from collections.abc import Iterable

from shapely import STRtree, intersects_xy, prepare

from satverify.domain.sites import FootprintStatus, Site, Unit
from satverify.registry.geometry import swapped_among
from satverify.registry.problems import Ledger, nearest
from satverify.registry.site_rows import Listed

MOSTLY = 0.9
"""Share of a surveyed footprint that should lie inside its site's outline."""

SHARED = 0.1
"""Share of the smaller of two outlines that may lie in the other."""

DATUM_HINT = "; where they come from a Chinese map, see --datum"


def check_ids(listed: Listed, ledger: Ledger) -> None:
    """Ids must be unique, and units must belong to a listed site."""
    _check_unique(((where, site.site_id) for where, site in listed.sites), "site_id", ledger)
    _check_unique(((where, unit.unit_id) for where, unit in listed.units), "unit_id", ledger)
    known = {site.site_id for _, site in listed.sites}
    for where, unit in listed.units:
        if unit.site_id not in known and unit.site_id not in listed.broken_site_ids:
            ledger.error(
                f"{where}, site_id", "the id of a site in this file", repr(unit.site_id) + nearest(unit.site_id, known)
            )


def check_placement(listed: Listed, ledger: Ledger) -> None:
    """No site may have swapped coordinates, units must lie in their site, outlines should not overlap."""
    _check_swapped(listed, ledger)
    sites = {site.site_id: site for _, site in listed.sites}
    for where, unit in listed.units:
        site = sites.get(unit.site_id)
        if site is not None and unit.footprint is not None:
            _check_inside(where, unit, site, ledger)
    _check_overlaps(listed, ledger)


def _check_unique(ids: Iterable[tuple[str, str]], name: str, ledger: Ledger) -> None:
    first: dict[str, str] = {}
    for where, value in ids:
        if value in first:
            ledger.error(f"{where}, {name}", "an id that occurs once", f"{value!r}, as at {first[value]}")
        first.setdefault(value, where)


def _check_swapped(listed: Listed, ledger: Ledger) -> None:
    centres = [site.outline.centroid for _, site in listed.sites]
    for index in swapped_among([(centre.x, centre.y) for centre in centres]):
        centre = centres[index]
        found = f"longitude {centre.x:.3f}, latitude {centre.y:.3f}: swapped, it would lie among the others"
        ledger.error(f"{listed.sites[index][0]}, outline", "longitude before latitude", found)


def _check_inside(where: str, unit: Unit, site: Site, ledger: Ledger) -> None:
    assert unit.footprint is not None
    inside = float(unit.footprint.intersection(site.outline).area / unit.footprint.area)
    expected = f"a footprint inside the outline of site {site.site_id}"
    if inside == 0:
        centre = unit.footprint.centroid
        prepare(site.outline)
        is_swapped = bool(intersects_xy(site.outline, centre.y, centre.x))
        hint = ": longitude and latitude look swapped" if is_swapped else DATUM_HINT
        ledger.error(f"{where}, footprint", expected, f"one wholly outside it{hint}")
    elif inside < MOSTLY and unit.footprint_status is not FootprintStatus.ASSUMED:
        ledger.warn(f"{where}, footprint", expected, f"{1 - inside:.0%} of it outside{DATUM_HINT}")


def _check_overlaps(listed: Listed, ledger: Ledger) -> None:
    """Heat in two outlines would be counted for both sites."""
    outlines = [site.outline for _, site in listed.sites]
    if len(outlines) < 2:
        return
    for one, other in sorted(STRtree(outlines).query(outlines, predicate="intersects").T.tolist()):
        if one < other:
            common = outlines[one].intersection(outlines[other]).area
            share = common / min(outlines[one].area, outlines[other].area)
            if share > SHARED:
                (where, _), (_, twin) = listed.sites[other], listed.sites[one]
                ledger.warn(f"{where}, outline", "ground of its own", f"{share:.0%} shared with site {twin.site_id}")
