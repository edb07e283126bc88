"""The machines of a simulated works: furnaces, strands, batteries and shops, with what they did and how they look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.simulate.history import History

Floats: TypeAlias = NDArray[np.float64]

CLOSED_CHANCE = 0.06  # of a machine whose roofs hide nearly everything
CLOSED = (0.005, 0.04)  # what such roofs leave, against the average
OPEN_SPREAD = 0.6  # standard deviation of the log of what other roofs leave; site and machine alike
LAST_DIGIT = 9  # of a mean over machines: sums of shares are as exact as that
AVERAGE_OPEN = (1 - CLOSED_CHANCE * sum(CLOSED) / 2) / (1 - CLOSED_CHANCE)
"""Mean of what they leave, such that the mean of all machines is 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machine:
    """One furnace, strand, battery or shop; several can make up one unit."""

    unit_id: str
    """The unit it counts for."""
    kind: UnitKind
    """What it is."""
    capacity: float
    """Nominal output. [t/d]"""
    history: History
    """What it did."""
    is_maker: bool
    """Whether it counts to the iron-making of its site."""
    gain: float = 1.0
    """Heat of its works against what capacity lets one expect. (0, ...)"""
    openness: float = 1.0
    """How much of what lies under roofs shows, against the average of all machines. (0, ...)"""
    key: int = 0
    """Of everything that is its own chance: when it taps, how it is laid out."""

    def __post_init__(self) -> None:
        if not (self.capacity > 0 and self.gain > 0 and self.openness > 0):
            raise InputError(f"machine of {self.unit_id}: capacity, gain and openness must be positive")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machinery:
    """All machines of one site."""

    site_id: str
    """Whose."""
    machines: tuple[Machine, ...]
    """Iron makers first, in the order of the schedule's rows; then the others, in the order of the site's units."""

    def of(self, unit_id: str) -> tuple[Machine, ...]:
        """The machines that make up a unit; ``<site_id>:ironmaking`` is all iron makers together.

        Raises
        ------
        InputError
            The site has no such unit.
        """
        found = tuple(machine for machine in self.machines if machine.unit_id == unit_id)
        if not found and unit_id == f"{self.site_id}:ironmaking":
            found = tuple(machine for machine in self.machines if machine.is_maker)
        if not found:
            raise InputError(f"site {self.site_id}: no unit {unit_id} is simulated")
        return found

    def mean(self, unit_id: str, quantity: Callable[[History], Floats]) -> Floats:
        """Mean of a quantity over the machines of a unit, weighted by their capacity."""
        machines = self.of(unit_id)
        weight = np.array([machine.capacity for machine in machines])
        values = np.stack([quantity(machine.history) for machine in machines])
        mean: Floats = np.round(weight @ values / weight.sum(), LAST_DIGIT)
        return mean


def draw_openness(rng: np.random.Generator, machines: int) -> Floats:
    """What the roofs of each machine leave to be seen, against the average of all works: the site's habit and luck."""
    each = np.exp(rng.normal(0, OPEN_SPREAD / np.sqrt(2)) + rng.normal(0, OPEN_SPREAD / np.sqrt(2), machines))
    opened = AVERAGE_OPEN * each * np.exp(-(OPEN_SPREAD**2) / 2)
    is_closed = rng.random(machines) < CLOSED_CHANCE
    return np.where(is_closed, rng.uniform(*CLOSED, machines), opened)
