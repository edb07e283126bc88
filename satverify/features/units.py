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
    """The only member's id, the id of the site's ``ironmaking`` unit, or ``<site_id>:ironmaking``."""
    kind: UnitKind
    """The only member's kind, or ``ironmaking``."""
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
    alone = tuple(unit for unit in site.units if _is_separable(unit, site.units))
    together = tuple(unit for unit in site.units if unit not in alone)
    separate = tuple(
        ObservedUnit(unit_id=unit.unit_id, kind=unit.kind, members=(unit,), separate=True, companions=())
        for unit in alone
    )
    stopping = tuple(unit for unit in together if unit.kind not in OWN_FUEL)
    burning = tuple(unit for unit in together if unit.kind in OWN_FUEL and not has_known_ground(unit))
    if not site.units:
        implied = ObservedUnit(
            unit_id=implied_unit_id(site), kind=UnitKind.IRONMAKING, members=(), separate=False, companions=()
        )
        return (implied,)
    if stopping:
        return (_joint(site, stopping, burning), *separate)
    rest = tuple(
        ObservedUnit(
            unit_id=unit.unit_id,
            kind=unit.kind,
            members=(unit,),
            separate=False,
            companions=tuple(other for other in together if other is not unit),
        )
        for unit in together
    )
    return (*rest, *separate)


def implied_unit_id(site: Site) -> str:
    """Name of all furnaces of a site together, where the site list names no such unit."""
    return f"{site.site_id}:ironmaking"


def has_known_ground(unit: Unit) -> bool:
    """Whether the footprint is more than a guess."""
    return unit.footprint is not None and unit.footprint_status is not FootprintStatus.ASSUMED


def _joint(site: Site, stopping: tuple[Unit, ...], burning: tuple[Unit, ...]) -> ObservedUnit:
    """The equipment that stops with the iron, as one unit."""
    if len(stopping) == 1:
        only = stopping[0]
        return ObservedUnit(unit_id=only.unit_id, kind=only.kind, members=stopping, separate=False, companions=burning)
    named = [unit.unit_id for unit in stopping if unit.kind is UnitKind.IRONMAKING]
    return ObservedUnit(
        unit_id=named[0] if named else implied_unit_id(site),
        kind=UnitKind.IRONMAKING,
        members=stopping,
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
