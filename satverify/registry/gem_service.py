"""Which of the tracker's units were in service in a period. Their status is that of the tracker's day, not of then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from satverify.registry.gem_dates import Span
from satverify.registry.gem_tables import GemStatus, GemUnit


class Service(StrEnum):
    """What is known of a unit in a period."""

    IN_SERVICE = "in_service"
    UNSURE = "unsure"
    """May have been in service: nothing in the tables rules it out."""
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class InPeriod:
    """A unit in a period."""

    service: Service
    why: str
    """What it rests on, for a remark; empty where nothing is to be said."""


NEVER_BUILT = {GemStatus.CONSTRUCTION, GemStatus.ANNOUNCED, GemStatus.CANCELLED}
IDLE = {GemStatus.MOTHBALLED, GemStatus.MOTHBALLED_PRE_RETIREMENT}


def in_period(unit: GemUnit, plant_start: Span | None, start: date, stop: date) -> InPeriod:
    """Whether a unit was in service on some day of ``[start, stop)``.

    Parameters
    ----------
    unit
        The unit; its status is that of the tracker's release.
    plant_start
        When its plant began, used where the unit gives no start of its own.
    start, stop
        The period.

    Returns
    -------
    The answer with its reason. A unit retired or idled on a day that the tables do not give may have run: it is unsure,
    never left out.
    """
    if unit.status in NEVER_BUILT:
        return InPeriod(service=Service.OUT_OF_SERVICE, why=f"{unit.status.value} at the date of the table")
    begun = unit.start or plant_start
    if begun is not None and begun.earliest >= stop:
        return InPeriod(service=Service.OUT_OF_SERVICE, why=f"started {begun}")
    ended, word = _end(unit)
    if ended is not None and ended.latest < start:
        return InPeriod(service=Service.OUT_OF_SERVICE, why=f"{word} {ended}")
    doubts = []
    if begun is None:
        doubts.append("start unknown")
    elif begun.latest >= stop:
        doubts.append(f"started {begun}")
    if word and ended is None:
        doubts.append(f"{word}, day unknown")
    elif ended is not None and ended.earliest <= start:
        doubts.append(f"{word} {ended}")
    service = Service.UNSURE if doubts else Service.IN_SERVICE
    return InPeriod(service=service, why=", ".join(doubts))


def _end(unit: GemUnit) -> tuple[Span | None, str]:
    """When its service ended, and how; an empty word where it did not."""
    if unit.status is GemStatus.RETIRED:
        return unit.retired, "retired"
    if unit.status in IDLE:
        return unit.idled, "mothballed"
    return None, ""
