"""Which pieces of equipment thermal pixels can tell apart, and which are judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from satverify.domain.sites import STAYS_HOT, FootprintStatus, Site, Unit, UnitKind
from satverify.features.plane import Plane

SEPARABLE = 750.0
"""Least distance between footprints that VIIRS can tell apart: two pixels of 375 m at nadir. [m]"""

OWN_FUEL = STAYS_HOT | {UnitKind.ELECTRIC_ARC_FURNACE}
"""Kinds that glow without a blast furnace in blast: coke ovens, and arc furnaces that melt scrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedUnit:
    """Equipment that the detections see as one."""

    unit_id: str
    """The only member's id, the id of the site's ``ironmaking`` unit, or ``<site_id>:ironmaking``; for a works
    of batteries or arc furnaces alone ``<site_id>:<kind>``."""
    kind: UnitKind
    """The kind of all members, or ``ironmaking``."""
    members: tuple[Unit, ...]
    """The listed units it stands for; none where the site lists no equipment."""
    separate: bool
    """Whether it stands so far from all the rest that its heat is its own."""
    companions: tuple[Unit, ...]
    """Units that glow on when it halts and whose heat cannot be told from its own."""


def observed_units(site: Site) -> tuple[ObservedUnit, ...]:
    """The units of a site as thermal pixels see them: separable ones alone, the rest as one.

    A unit is separable where its footprint was surveyed or discovered, and every other unit's is too and lies
    ``SEPARABLE`` metres away or more. Batteries and arc furnaces with known ground are left out of the rest, as their
    pixels are known; without known ground they are its ``companions``.
    """
    if not site.units:
        implied = implied_unit_id(site)
        return (ObservedUnit(unit_id=implied, kind=UnitKind.IRONMAKING, members=(), separate=False, companions=()),)
    alone = tuple(unit for unit in site.units if _is_separable(unit, site.units))
    together = tuple(unit for unit in site.units if unit not in alone)
    stopping = tuple(unit for unit in together if unit.kind not in OWN_FUEL)
    burning = tuple(unit for unit in together if unit.kind in OWN_FUEL and not has_known_ground(unit))
    separate = tuple(
        ObservedUnit(unit_id=unit.unit_id, kind=unit.kind, members=(unit,), separate=True, companions=())
        for unit in alone
    )
    if stopping:
        return (_joint(site, stopping, burning), *separate)
    return (_joint(site, together, ()), *separate) if together else separate


def implied_unit_id(site: Site) -> str:
    """Name of all furnaces of a site together, where the site list names no such unit."""
    return f"{site.site_id}:ironmaking"


def has_known_ground(unit: Unit) -> bool:
    """Whether the footprint is more than a guess."""
    return unit.footprint is not None and unit.footprint_status is not FootprintStatus.ASSUMED


def _joint(site: Site, members: tuple[Unit, ...], burning: tuple[Unit, ...]) -> ObservedUnit:
    """Several pieces of equipment as one unit, under the name of the one that stands for all, if there is one."""
    kinds = {unit.kind for unit in members}
    kind = kinds.pop() if len(kinds) == 1 else UnitKind.IRONMAKING
    named = [unit.unit_id for unit in members if unit.kind is UnitKind.IRONMAKING or len(members) == 1]
    return ObservedUnit(
        unit_id=named[0] if named else f"{site.site_id}:{kind if kind in OWN_FUEL else UnitKind.IRONMAKING}",
        kind=kind,
        members=members,
        separate=False,
        companions=burning,
    )


def _is_separable(unit: Unit, units: Sequence[Unit]) -> bool:
    others = [other for other in units if other is not unit]
    if not has_known_ground(unit) or unit.footprint is None:
        return False
    if not others or not all(has_known_ground(other) for other in others):
        return False
    centre = unit.footprint.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    ground = plane.flatten(unit.footprint)
    return all(
        ground.distance(plane.flatten(other.footprint)) >= SEPARABLE for other in others if other.footprint is not None
    )
