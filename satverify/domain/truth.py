"""What is publicly known of works: when they ran, when they stood still, and on which days they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from satverify.errors import InputError


class KnownState(StrEnum):
    """What a works is known to have done over a run of days."""

    RUNNING = "running"
    """It made iron, in full or reduced."""
    HALTED = "halted"
    """It made none."""


class Turn(StrEnum):
    """Which way a works changed on a known day."""

    STOP = "stop"
    RESTART = "restart"


class Scored(StrEnum):
    """What a run of days is good for."""

    WINDOWS = "windows"
    """Orders are laid over it, and its days are scored."""
    DAYS = "days"
    """Only its days are scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A run of local days ``[start, stop)`` on which one state is known to have held throughout."""

    site_id: str
    """Key into the site list."""
    unit_id: str | None = None
    """Observed unit it is about; none: the site's only one."""
    state: KnownState
    start: date
    """First local day."""
    stop: date
    """First local day after it."""
    scored: Scored = Scored.WINDOWS
    source: str = ""
    """Where it is published, addresses separated by spaces."""
    note: str = ""

    def __post_init__(self) -> None:
        if self.stop <= self.start:
            raise InputError(f"spell of {self.site_id}: stop {self.stop} is not after start {self.start}")

    @property
    def days(self) -> int:
        """Length. [d]"""
        return (self.stop - self.start).days


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTurn:
    """A stop or restart that happened on one of the local days ``[start, stop)``."""

    site_id: str
    """Key into the site list."""
    unit_id: str | None = None
    """Observed unit it is about; none: the site's only one."""
    turn: Turn
    start: date
    """First local day in the new state, the earliest it can be."""
    stop: date
    """First local day after the latest it can be."""
    source: str = ""
    """Where it is published, addresses separated by spaces."""
    note: str = ""

    def __post_init__(self) -> None:
        if self.stop <= self.start:
            raise InputError(f"{self.turn} of {self.site_id}: stop {self.stop} is not after start {self.start}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything that is known, to score against."""

    spells: tuple[Spell, ...] = ()
    """Sorted by site, unit and start."""
    turns: tuple[DatedTurn, ...] = ()
    """Sorted by site, unit and start."""

    @property
    def site_ids(self) -> tuple[str, ...]:
        """Works of which anything is known, sorted."""
        return tuple(sorted({spell.site_id for spell in self.spells} | {turn.site_id for turn in self.turns}))

    @property
    def unit_names(self) -> tuple[str | None, ...]:
        """Names of units that rows use, sorted; none, where rows give no name, first."""
        names = {spell.unit_id for spell in self.spells} | {turn.unit_id for turn in self.turns}
        return tuple(sorted(names, key=lambda name: name or ""))

    def of(self, site_id: str) -> Truth:
        """What is known of one works."""
        return Truth(
            spells=tuple(each for each in self.spells if each.site_id == site_id),
            turns=tuple(each for each in self.turns if each.site_id == site_id),
        )
