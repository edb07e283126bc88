"""A blast furnace from above: it taps eight to fourteen times a day, into runners, torpedo cars and slag pits.

Iron runs at 1,700 K in runners that are covered and lie under a roof, and little of it shows; torpedo cars glow through
their mouths while they are filled. Slag is granulated in water at most works, and at some poured into pits, bed by bed,
where its crust cools for hours. Stoves and shell are warm in any case, and stay so for weeks under a banked furnace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.history import Pace, is_banked_at, rest_began
from satverify.simulate.scenes.processes.parts import (
    DAY,
    HOUR,
    MINUTE,
    Floats,
    Heat,
    Integers,
    Process,
    View,
    crust_temperature,
    drawn,
    first_parts,
    flicker,
    hot,
    in_grid,
    joined,
    poured,
    repeated,
    warm,
)
from satverify.simulate.schedules import BANKED_COOLING_DAYS

TAPS = (10, 14)  # a day, of furnaces with several tap holes
TAPS_OF_ONE_HOLE = (8, 10)  # they rest half an hour or more between taps; ispatguru.com, Tapping of the furnace
TAP_TIME = (90 * MINUTE, 150 * MINUTE)  # from opening to plugging
SHORTEST_REST = 30 * MINUTE  # of a furnace with one hole; ispatguru.com, likewise
HOLES = ((2000.0, 1), (4500.0, 2), (7000.0, 3))  # [t/d] up to which so many tap holes do; four beyond
MOST_HOLES = 4
IRON = (1650.0, 1750.0)  # [K]
IN_TORPEDO = 1550.0  # [K] through the mouth of a car
RUNNER = 0.35  # [m²] of a runner of some 15 m that shows between covers and under an average roof
MOUTH = 0.25  # [m²] likewise of the mouth of a car
TROUGH = 1150.0  # [K] of the crust on iron that stays in the main runner from one tap to the next
AFTER_TAP = 20 * MINUTE  # that a car stands below before it is fetched
SLAG = 0.33  # [t per t of iron]; Chinese practice
LAYER = 0.5  # [t/m²] of a pour on a bed
BEDS = 6
CARS = 2
OPEN = 3  # taps that can be open at once, at most
PIT_CHANCE = 0.35  # of furnaces that pour their slag into pits
PIT, GRANULATED = (0.5, 1.0), (0.02, 0.12)  # share of taps whose slag goes there, at such furnaces and at others
STREAM = 0.02  # of a bed that is open slag while it is poured on
OPEN_SLAG = 1600.0  # [K]
STOVES = 4
STOVE_EXCESS = (50.0, 110.0)  # [K] of stoves and shell over the ground around: 340 to 400 K
STOVE_AREA = 0.07  # [m² per t/d] stoves and furnace top; some 350 m² at 5,000 t/d
ROOF_EXCESS = (4.0, 10.0)  # [K] of the cast house's roof
ROOF_AREA = 0.3  # [m² per t/d]
ROOFS = 4
SHELL = Pace(warming=1.5 * DAY, cooling=5 * DAY, banked=25 * DAY)
ROOF = Pace(warming=HOUR, cooling=2 * HOUR, banked=2 * HOUR)
SKULL = 900.0  # [K] what glows of a furnace just banked: runners, skulls, slag
SKULL_AREA = 3.0e-3  # [m² per t/d] of it, which gives a fire sensor ``BANKED_HEAT`` of the working furnace's power
SKULL_COOLING = 4 * BANKED_COOLING_DAYS * DAY  # of its temperature: power goes with about the fourth power of that


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taps:
    """The last taps of furnaces, shape (taps, columns), the last one first."""

    number: Integers
    """That tells them apart."""
    age: Floats
    """Since each began; infinite where there was none. [s]"""
    length: Floats
    """Of each. [s]"""
    is_open: NDArray[np.bool_]
    """Whether it is going on."""
    is_in_pit: NDArray[np.bool_]
    """Whether its slag goes to the pits."""


def holes_of(view: View) -> Integers:
    """Number of tap holes, shape (columns,)."""
    limits, holes = zip(*HOLES, strict=True)
    number: Integers = np.array([*holes, MOST_HOLES])[np.searchsorted(limits, view.capacity, side="right")]
    return number


def taps_per_day(view: View) -> Integers:
    """How often furnaces tap at full output, shape (columns,)."""
    few, many = np.where(holes_of(view) == 1, np.array(TAPS_OF_ONE_HOLE)[:, None], np.array(TAPS)[:, None])
    number: Integers = few + (view.own("taps") * (many - few + 1)).astype(np.int64)
    return number


def taps(view: View, count: int) -> Taps:
    """The last taps of furnaces, the last one first."""
    interval = DAY / taps_per_day(view)
    number, age = repeated(view, interval, count, "tap")
    low, high = TAP_TIME
    longest = np.where(holes_of(view) == 1, np.minimum(high, interval - SHORTEST_REST), high)
    length = low + (longest - low) * drawn(view, "tap length", number)
    is_in_pit = drawn(view, "to the pit", number) < pit_share(view)
    is_open = (age >= 0) & (age < length) & (view.running > 0)
    return Taps(number=number, age=age, length=length, is_open=is_open, is_in_pit=is_in_pit)


def pit_share(view: View) -> Floats:
    """Share of taps whose slag is poured into pits, shape (columns,); that of the others is granulated."""
    return np.where(view.own("pit") < PIT_CHANCE, view.between(PIT, "pit share"), view.between(GRANULATED, "pit share"))


def _places() -> Floats:
    runners = np.stack([np.linspace(0.40, 0.56, MOST_HOLES), np.array([0.42, 0.58, 0.46, 0.54])], axis=1)
    cars = np.array([[0.44, 0.22], [0.54, 0.22]])
    beds = in_grid((0.7, 0.92), (0.25, 0.75), 3, 2)
    stoves = np.stack([np.full(STOVES, 0.16), np.linspace(0.2, 0.8, STOVES)], axis=1)
    roofs = in_grid((0.3, 0.54), (0.3, 0.6), 2, 2)
    return np.concatenate([runners, cars, beds, beds, [[0.5, 0.5]], stoves, roofs])


def _heat(view: View) -> Heat:
    tapped = taps(view, BEDS)
    shown = view.gain * view.openness * flicker(view, "cast house", MOST_HOLES + CARS)
    return joined(
        _runners(view, tapped, shown[:MOST_HOLES]),
        _cars(view, tapped, shown[MOST_HOLES:]),
        *_beds(view, tapped),
        _skull(view),
        _shell(view),
        _roof(view),
    )


def _runners(view: View, tapped: Taps, shown: Floats) -> Heat:
    """The main runner of each tap hole: open iron while it taps, a crust in between."""
    column, holes = np.arange(view.salt.size), holes_of(view)
    kelvin = np.full((MOST_HOLES, view.salt.size), TROUGH)
    iron = IRON[0] + (IRON[1] - IRON[0]) * drawn(view, "iron", tapped.number[:OPEN])
    for row in range(OPEN):
        hole = tapped.number[row] % holes
        kelvin[hole, column] = np.where(tapped.is_open[row], iron[row], kelvin[hole, column])
    is_there = np.arange(MOST_HOLES)[:, None] < holes
    return hot(kelvin, RUNNER * is_there * view.running * shown)


def _cars(view: View, tapped: Taps, shown: Floats) -> Heat:
    area = np.zeros((CARS, view.salt.size))
    for row in range(CARS):
        is_there = (tapped.age[row] >= 0) & (tapped.age[row] < tapped.length[row] + AFTER_TAP)
        area[tapped.number[row] % CARS, np.arange(view.salt.size)] += MOUTH * is_there * view.running
    return hot(IN_TORPEDO, area * shown)


def _beds(view: View, tapped: Taps) -> tuple[Heat, Heat]:
    """Crusts of the beds, and open slag on the one that is poured on."""
    bed_area = view.gain * view.capacity / taps_per_day(view) * SLAG / LAYER
    bed = tapped.number % BEDS
    old = poured(bed, np.where(tapped.is_in_pit, tapped.age, np.inf), tapped.length, BEDS)
    crust = hot(crust_temperature(old, view.ambient), np.where(np.isfinite(old), bed_area, 0.0))
    open_area = np.zeros((BEDS, view.salt.size))
    for row in range(OPEN):
        is_open = tapped.is_open[row] & tapped.is_in_pit[row]
        open_area[bed[row], np.arange(view.salt.size)] += STREAM * bed_area * is_open
    return crust, hot(OPEN_SLAG, open_area)


def _skull(view: View) -> Heat:
    """What glows of a banked furnace, for days."""
    is_banked = view.each(is_banked_at)
    since = np.where(is_banked, np.tile(view.times, len(view.machines)) - view.each(rest_began), 0.0)
    kelvin: Floats = view.ambient + (SKULL - view.ambient) * np.exp(-since / SKULL_COOLING)
    area = SKULL_AREA * view.gain * view.openness * view.capacity * is_banked
    return hot(np.atleast_2d(kelvin), area[None, :])


def _shell(view: View) -> Heat:
    excess = np.stack([view.between(STOVE_EXCESS, "stove", number) for number in range(STOVES)])
    return warm(view, SHELL, excess, np.minimum(STOVE_AREA * view.capacity, 0.2 * view.room) / STOVES)


def _roof(view: View) -> Heat:
    excess = np.tile(view.between(ROOF_EXCESS, "roof"), (ROOFS, 1))
    return warm(view, ROOF, excess, np.minimum(ROOF_AREA * view.capacity, 0.3 * view.room) / ROOFS)


def _steam(view: View) -> Floats:
    """Granulation while it taps, and a cooling tower."""
    tapped = taps(view, OPEN)
    is_granulating = (tapped.is_open & ~tapped.is_in_pit).any(axis=0)
    strength = np.minimum(0.8 * is_granulating * flicker(view, "granulation", 1)[0], 1.0)
    return np.stack([strength, 0.3 * view.running])


BLAST_FURNACE = Process(
    places=_places(),
    is_hot=first_parts(MOST_HOLES + CARS + 2 * BEDS + 1, MOST_HOLES + CARS + 2 * BEDS + 1 + STOVES + ROOFS),
    heat=_heat,
    vents=np.array([[0.86, 0.8], [0.05, 0.2]]),
    steam=_steam,
)
