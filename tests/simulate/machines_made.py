"""Machines with a given history, for the tests of what they do and how they look."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sites import UnitKind
from satverify.simulate.history import History
from satverify.simulate.machines import Machine
from satverify.simulate.scenes.processes.kinds import PROCESSES
from satverify.simulate.scenes.processes.parts import Heat, view_of

NEW_YEAR = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0
COLD_GROUND = 273.0
ROOM = 8_000.0


def history(*spells: tuple[float, float], banked: tuple[bool, ...] = ()) -> History:
    """Spells of a day of January 2022 and a level each."""
    return History(
        begin=np.array([NEW_YEAR + day * DAY for day, _ in spells]),
        level=np.array([level for _, level in spells]),
        is_banked=np.array(banked or (False,) * len(spells)),
    )


STEADY = history((0.0, 1.0))


def machine(
    kind: UnitKind, capacity: float, did: History = STEADY, *, key: int = 1, openness: float = 1.0, gain: float = 1.0
) -> Machine:
    """One machine."""
    return Machine(
        unit_id="u",
        kind=kind,
        capacity=capacity,
        history=did,
        is_maker=kind is UnitKind.BLAST_FURNACE,
        key=key,
        openness=openness,
        gain=gain,
    )


def heat_of(one: Machine, times: NDArray[np.float64], seed: int = 1) -> Heat:
    """Its parts at some times, on ground at freezing point."""
    return PROCESSES[one.kind].heat(view_of((one,), (ROOM,), times, np.full(times.size, COLD_GROUND), seed))


def minutes(days: float, start: float = 0.0, step: float = 1.0) -> NDArray[np.float64]:
    """Every ``step`` minutes of some days from a day of January 2022 on."""
    return NEW_YEAR + start * DAY + np.arange(0, days * DAY, 60.0 * step)
