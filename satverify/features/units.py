"""Which pieces of equipment thermal pixels can tell apart, and which are judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shapely import MultiPolygon, Polygon, union_all
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import STAYS_HOT, Area, FootprintStatus, Site, Unit, UnitKind
from satverify.features.plane import Plane

SEPARABLE = 750.0
"""Least distance between footprints that VIIRS can tell apart: two pixels of 375 m at nadir. [m]"""

BESIDE = 0.0005
"""What blurs out of a known footprint is not taken for heat of the rest: two pixels of 20 m. [degree]"""

LEAST_REST = 0.02
"""Share of an outline below which the rest of it holds no equipment. [1]"""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagedUnit:
    """Equipment that images tell apart, and the ground on which they look for it."""

    unit_id: str
    """The unit's id, or that of the observed unit it is the rest of."""
    kind: UnitKind
    """Its kind; ``ironmaking`` for several together."""
    ground: Area
    """Longitude before latitude, WGS 84. [degree]"""
    observed_as: str
    """The observed unit it is part of, or is."""


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


def imaged_units(site: Site) -> tuple[ImagedUnit, ...]:
    """The units of a site as images of 20 or 30 m see them: each unit with known ground alone.

    Listed equipment without known ground is looked for on the rest of the outline, as one unit under the name it has
    for thermal pixels. There is no such unit where that rest is too small to hold anything, or where coke ovens or arc
    furnaces may stand on it too, whose heat would be taken for that of the others.
    """
    units = [
        ImagedUnit(unit_id=unit.unit_id, kind=unit.kind, ground=unit.footprint, observed_as=each.unit_id)
        for each in observed_units(site)
        for unit in (*each.members, *each.companions)
        if unit.footprint is not None and has_known_ground(unit)
    ]
    known = {unit.unit_id for unit in units}
    units += [
        ImagedUnit(unit_id=unit.unit_id, kind=unit.kind, ground=unit.footprint, observed_as=unit.unit_id)
        for unit in site.units
        if unit.footprint is not None and has_known_ground(unit) and unit.unit_id not in known
    ]
    for each in observed_units(site):
        if not each.members or each.companions or all(has_known_ground(unit) for unit in each.members):
            continue
        rest = _without(site.outline, [unit.ground for unit in units])
        if rest is not None:
            units.append(ImagedUnit(unit_id=each.unit_id, kind=each.kind, ground=rest, observed_as=each.unit_id))
    return tuple(units)


def pooled_units(site: Site) -> tuple[ImagedUnit, ...]:
    """The units of a site as pixels of 500 m and more see them: those that thermal pixels tell apart.

    Left out are those with coke ovens or arc furnaces on unknown ground beside them, and works that list no equipment
    and may have such.
    """
    units = []
    for each in observed_units(site):
        if not each.members or each.companions:
            continue
        grounds = [unit.footprint for unit in each.members if unit.footprint is not None and has_known_ground(unit)]
        is_whole = bool(grounds) and len(grounds) == len(each.members)
        ground = _area(union_all(grounds)) if is_whole else site.outline
        units.append(ImagedUnit(unit_id=each.unit_id, kind=each.kind, ground=ground, observed_as=each.unit_id))
    return tuple(units)


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


def _without(outline: Area, grounds: Sequence[Area]) -> Area | None:
    """What is left of an outline, or none where that is next to nothing."""
    rest = _area(outline.difference(union_all([ground.buffer(BESIDE) for ground in grounds])))
    return None if rest.area < LEAST_REST * outline.area else rest


def _area(shape: BaseGeometry) -> Area:
    """The polygons of a geometry that polygons were made into; lines and points where they touched are dropped."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    return MultiPolygon([part for part in getattr(shape, "geoms", ()) if isinstance(part, Polygon)])


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
