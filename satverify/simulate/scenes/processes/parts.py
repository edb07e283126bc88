"""What all processes are made of: work that repeats, slag that cools, surfaces that stay warm, and heat that flickers.

Arrays are parts by columns throughout, a column being a machine at a time. Where a part shows nothing its area is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.history import History, Pace, level_at, time_of_work, warmth, work_done
from satverify.simulate.machines import Machine
from satverify.simulate.scenes.noise import chance, key_of, normal, uniform

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0  # [s]
MOLTEN_SLAG = 1500.0  # [K] crust of slag that has just been poured
CRUSTING = 180.0  # [s] of its cooling: 600 K after forty minutes
DUG_OUT = 1.5 * DAY  # after which slag has been watered and dug out
FLICKER_TIME = 600.0  # [s] for which smoke and splashing are what they are
MOST_PARTS = 64  # of a machine
FLICKER = 0.4  # standard deviation of the log of what they leave to be seen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heat:
    """Temperature and area of parts of machines, a column for each machine and time."""

    temperature: Floats
    """Shape (parts, columns). [K]"""
    area: Floats
    """Seen from above, shape (parts, columns). [m²]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """Machines of one kind looked at at some times: a column for each machine and time, those of a machine together."""

    machines: tuple[Machine, ...]
    """Which."""
    times: Floats
    """The same for all of them, shape (times,). [s since 1970-01-01 UTC]"""
    seed: int
    """Of the simulation."""
    ambient: Floats
    """Temperature of the ground around, shape (columns,). [K]"""
    room: Floats
    """Ground of the machine, shape (columns,). [m²]"""
    capacity: Floats
    """Of the machine, shape (columns,). [t/d]"""
    gain: Floats
    """Heat of the machine's works against what capacity lets one expect, shape (columns,)."""
    openness: Floats
    """What its roofs leave to be seen, against the average, shape (columns,)."""
    salt: Integers
    """A number of the machine's own, shape (columns,)."""
    running: Floats
    """1 where it works, 0 where it stands, shape (columns,)."""

    def each(self, quantity: Callable[[History, Floats], NDArray[Any]]) -> NDArray[Any]:
        """A quantity of each machine's history at all times, shape (columns,)."""
        return np.concatenate([quantity(machine.history, self.times) for machine in self.machines])

    def own(self, *words: int | str) -> Floats:
        """A number that is each machine's own and never changes, shape (columns,). [0, 1)"""
        return _own(tuple(machine.key for machine in self.machines), words, self.times.size)

    def between(self, ends: tuple[float, float], *words: int | str) -> Floats:
        """The same between two ends."""
        return ends[0] + (ends[1] - ends[0]) * self.own(*words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """How the machines of one kind look."""

    places: Floats
    """Where the parts are on a machine's ground, along its longer and its shorter side: shape (parts, 2). [0, 1]"""
    is_hot: NDArray[np.bool_]
    """Parts that glow, shape (parts,); the others are merely warm."""
    heat: Callable[[View], Heat]
    """The parts of machines."""
    vents: Floats
    """Where a machine steams, as ``places``: shape (vents, 2)."""
    steam: Callable[[View], Floats]
    """How strongly: shape (vents, columns). [0, 1]"""


def view_of(machines: Sequence[Machine], rooms: Sequence[float], times: Floats, ambient: Floats, seed: int) -> View:
    """Machines of one kind at some times.

    Parameters
    ----------
    machines
        Which.
    rooms
        Ground of each. [m²]
    times
        When, shape (times,). [s since 1970-01-01 UTC]
    ambient
        Temperature of the ground around them, of that shape. [K]
    seed
        Of the simulation.
    """
    columns = _columns(tuple(machines), tuple(rooms), times.size)
    return View(
        machines=tuple(machines),
        times=times,
        seed=seed,
        ambient=np.tile(ambient, len(machines)),
        room=columns.room,
        capacity=columns.capacity,
        gain=columns.gain,
        openness=columns.openness,
        salt=columns.salt,
        running=np.concatenate([level_at(each.history, times) > 0 for each in machines]).astype(np.float64),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """What of a view does not change with time; each of shape (columns,)."""

    room: Floats
    """[m²]"""
    capacity: Floats
    """[t/d]"""
    gain: Floats
    """[1]"""
    openness: Floats
    """[1]"""
    salt: Integers
    """[1]"""


@lru_cache(maxsize=2048)
def _columns(machines: tuple[Machine, ...], rooms: tuple[float, ...], times: int) -> Columns:
    numbers = np.array([(each.capacity, each.gain, each.openness) for each in machines]).T
    capacity, gain, openness = np.repeat(numbers, times, axis=1)
    room = np.repeat(np.array(rooms, dtype=np.float64), times)
    salt = np.repeat(np.array([each.key for each in machines], dtype=np.int64), times)
    for kept in (capacity, gain, openness, room, salt):
        kept.flags.writeable = False
    return Columns(room=room, capacity=capacity, gain=gain, openness=openness, salt=salt)


def joined(*parts: Heat) -> Heat:
    """Parts one after the other."""
    return Heat(
        temperature=np.concatenate([part.temperature for part in parts]),
        area=np.concatenate([part.area for part in parts]),
    )


def repeated(view: View, interval: Floats, count: int, name: str) -> tuple[Integers, Floats]:
    """The last few of something that machines do again and again as they work.

    Parameters
    ----------
    view
        Which machines, and when.
    interval
        From one to the next at full output, shape (columns,). [s]
    count
        How many to look back.
    name
        Of what repeats, so that several things do not keep step.

    Returns
    -------
    Numbers that tell them apart, and time since each began [s], shape (count, columns), the last one first; infinite
    where there was none.
    """
    phase = uniform(keyed(view.seed, name), view.salt)
    number = np.floor(view.each(work_done) / interval + phase).astype(np.int64) - np.arange(count)[:, None]
    work, many = interval * (number - phase), view.times.size
    begin = [
        time_of_work(machine.history, work[:, row * many : (row + 1) * many])
        for row, machine in enumerate(view.machines)
    ]
    return number, np.tile(view.times, len(view.machines)) - np.concatenate(begin, axis=1)


def drawn(view: View, name: str, number: Integers) -> Floats:
    """A number in [0, 1) for each repetition, of the shape of ``number``."""
    return uniform(keyed(view.seed, name), number, view.salt)


def flicker(view: View, name: str, parts: int, spread: float = FLICKER, lasting: float = FLICKER_TIME) -> Floats:
    """What smoke and splashing leave of each part for some minutes, 1 on average: shape (parts, columns)."""
    spell = np.tile(np.floor(view.times / lasting).astype(np.int64), len(view.machines))
    deviation = normal(keyed(view.seed, name), spell * MOST_PARTS + np.arange(parts)[:, None], view.salt)
    shown: Floats = np.exp(spread * deviation - spread**2 / 2)
    return shown


@lru_cache(maxsize=1024)
def keyed(seed: int, name: str) -> int:
    """A key for each seed and name."""
    return key_of(seed, name)


@lru_cache(maxsize=16_384)
def _own(keys: tuple[int, ...], words: tuple[int | str, ...], times: int) -> Floats:
    numbers = np.repeat([chance(key, *words) for key in keys], times)
    numbers.flags.writeable = False  # it is kept
    return numbers


def crust_temperature(age: Floats, ambient: Floats) -> Floats:
    """Temperature of slag some time after it was poured.

    A thick layer that conducts heat to its surface cools with the root of time once its crust is frozen.

    Parameters
    ----------
    age
        Since it was poured; infinite for long ago. [s]
    ambient
        Temperature of the ground around. [K]

    Returns
    -------
    ``MOLTEN_SLAG`` at first, some 600 K after forty minutes, warm for hours. [K]

    References
    ----------
    H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids, 2nd edition, 1959, section 2.4.
    """
    kept = np.exp(-age / DUG_OUT) / np.sqrt(1 + age / CRUSTING)
    temperature: Floats = ambient + (MOLTEN_SLAG - ambient) * kept
    return temperature


def poured(bed: Integers, age: Floats, lasting: Floats, beds: int) -> Floats:
    """Age of the slag on each of several beds that are filled by turns.

    Parameters
    ----------
    bed
        On which bed each pour went, shape (pours, columns), the last pour first.
    age
        Since each pour began, of that shape. [s]
    lasting
        How long each took, of that shape. [s]
    beds
        Number of beds.

    Returns
    -------
    Mean age of what lies on top, shape (beds, columns); infinite where nothing was poured. [s]
    """
    with np.errstate(invalid="ignore"):
        mean = np.where((age >= 0) & np.isfinite(age), np.maximum(age / 2, age - lasting / 2), np.inf)
    out = np.full((beds, age.shape[1]), np.inf)
    columns = np.arange(age.shape[1])
    for row in range(len(mean) - 1, -1, -1):  # later pours cover earlier ones
        out[bed[row], columns] = np.where(np.isfinite(mean[row]), mean[row], out[bed[row], columns])
    return out


def warm(view: View, pace: Pace, excess: Floats, area: Floats) -> Heat:
    """Surfaces that are warm with their machine.

    Parameters
    ----------
    view
        Which machines, and when.
    pace
        How fast they follow them.
    excess
        Over the ground around, after long work at full output, shape (parts, columns). [K]
    area
        A shape that broadcasts with that. [m²]
    """
    share = view.each(lambda history, times: warmth(history, pace, times))
    return Heat(temperature=view.ambient + excess * share, area=np.broadcast_to(area, excess.shape))


def hot(temperature: Floats | float, area: Floats) -> Heat:
    """Parts at a temperature or several."""
    return Heat(temperature=np.broadcast_to(np.asarray(temperature, dtype=np.float64), area.shape), area=area)


def in_grid(across: tuple[float, float], up: tuple[float, float], columns: int, rows: int) -> Floats:
    """Places spread evenly over part of a ground, shape (columns * rows, 2)."""
    x, y = np.meshgrid(np.linspace(*across, columns), np.linspace(*up, rows))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def first_parts(hot_parts: int, parts: int) -> NDArray[np.bool_]:
    """True for the first so many of the parts."""
    return np.arange(parts) < hot_parts
