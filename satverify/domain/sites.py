"""Enterprise sites and their pieces of equipment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from shapely import MultiPolygon, Polygon

from satverify.errors import InputError

Area: TypeAlias = Polygon | MultiPolygon


class UnitKind(StrEnum):
    """What a piece of equipment does."""

    BLAST_FURNACE = "blast_furnace"
    SINTER_MACHINE = "sinter_machine"
    PELLET_PLANT = "pellet_plant"
    COKE_BATTERY = "coke_battery"
    CONVERTER = "converter"
    ELECTRIC_ARC_FURNACE = "electric_arc_furnace"
    IRONMAKING = "ironmaking"
    """All furnaces of a site together, where they cannot be told apart."""


STAYS_HOT = frozenset({UnitKind.COKE_BATTERY})
"""Kinds that are slowed but never stopped, and glow on while iron-making halts."""


IRON_MAKERS = frozenset({UnitKind.BLAST_FURNACE, UnitKind.IRONMAKING})
"""Kinds that make iron, which orders are about."""


class FootprintStatus(StrEnum):
    """How a unit's footprint came to be known."""

    SURVEYED = "surveyed"
    DISCOVERED = "discovered"
    """Proposed from persistent heat, not yet named by a person."""
    ASSUMED = "assumed"
    """A guess, such as a circle round a published point."""


class Rating(StrEnum):
    """Environmental performance rating of a Chinese enterprise, best first."""

    A = "A"
    B = "B"
    B_MINUS = "B-"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One piece of equipment of a site."""

    unit_id: str
    """Unique within the site list."""
    site_id: str
    """The site it belongs to."""
    kind: UnitKind
    """What it does."""
    capacity_t_per_day: float | None = None
    """Nominal output, where known. [t/d], positive"""
    footprint: Area | None = None
    """Its ground, longitude before latitude, WGS 84; none where unknown. [degree]"""
    footprint_status: FootprintStatus = FootprintStatus.ASSUMED
    """How far the footprint can be trusted."""
    name: str = ""
    """What people call it."""

    def __post_init__(self) -> None:
        if not self.unit_id or not self.site_id:
            raise InputError(f"unit {self.unit_id!r} of site {self.site_id!r}: both ids must be given")
        if self.capacity_t_per_day is not None and not self.capacity_t_per_day > 0:
            raise InputError(f"unit {self.unit_id}: capacity {self.capacity_t_per_day} t/d is not positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One enterprise site."""

    site_id: str
    """Unique within the site list."""
    name: str
    """Name in English."""
    outline: Area
    """The works' ground, longitude before latitude, WGS 84. [degree]"""
    outline_status: FootprintStatus = FootprintStatus.SURVEYED
    """How far the outline can be trusted."""
    name_zh: str = ""
    """Name in Chinese, empty where unknown."""
    city: str = ""
    """City whose plan the site falls under."""
    rating: Rating | None = None
    """Environmental rating, none where unknown."""
    units: tuple[Unit, ...] = field(default=())
    """Its equipment, in the order of the file."""

    def __post_init__(self) -> None:
        if not self.site_id:
            raise InputError(f"site {self.name!r}: site_id is empty")
        strangers = [unit.unit_id for unit in self.units if unit.site_id != self.site_id]
        if strangers:
            raise InputError(f"site {self.site_id}: units {strangers} belong to other sites")
