"""A coke battery from above: ovens pushed one after the other, and small flames all along.

Every eight to fifteen minutes an oven is opened, and some 25 t of coke at 1,300 K fall into a car that takes them to be
quenched within two minutes. Between pushes doors, lids and standpipes leak. A slowed battery pushes more seldom; it is
never cold.
"""

from __future__ import annotations

import numpy as np

from satverify.simulate.history import Pace
from satverify.simulate.scenes.processes.parts import (
    DAY,
    HOUR,
    MINUTE,
    Floats,
    Heat,
    Process,
    View,
    drawn,
    first_parts,
    flicker,
    hot,
    in_grid,
    joined,
    repeated,
    warm,
)

OVEN = 25.0  # [t] of coke in an oven
PUSH = (8 * MINUTE, 15 * MINUTE)  # from one push to the next; a machine serves no more, a battery has no fewer ovens
FALLING = 50.0  # [s] for which coke falls into the car
RIDING = (40.0, 100.0)  # [s] until it is under water, or in a closed bucket
COKE = 1300.0  # [K] in the oven
COKE_LATER = 1200.0  # [K] on the car
FACE = 10.0  # [m²] of coke that shows while it falls
LOAD = 9.0  # [m²] on the car
SECTIONS = 10  # of the battery
LEAK = 1000.0  # [K]
LEAK_AREA = 1.5e-3  # [m² per t/d] of doors, lids and standpipes, all together
LEAK_TIME = HOUR  # for which a leak is what it is
LEAK_SPREAD = 0.9  # standard deviation of the log of a section's leaks
TOP_EXCESS = (35.0, 75.0)  # [K] of the top over the ground around
TOP_SHARE = 0.5  # of the ground
TOP = Pace(warming=2 * DAY, cooling=6 * DAY, banked=6 * DAY)
QUENCHING = (60.0, 240.0)  # [s] after a push
DRY_CHANCE = 0.5  # of batteries whose coke is cooled in dry gas


def push_interval(view: View) -> Floats:
    """From one push to the next at full output, shape (columns,). [s]"""
    interval: Floats = np.clip(DAY * OVEN / view.capacity, *PUSH)
    return interval


def _places() -> Floats:
    along = (np.arange(SECTIONS) + 0.5) / SECTIONS
    leaks, face = (np.stack([along, np.full(SECTIONS, across)], axis=1) for across in (0.5, 0.2))
    return np.concatenate([leaks, face, [[0.99, 0.2]], in_grid((0.05, 0.95), (0.5, 0.5), SECTIONS, 1)])


def _heat(view: View) -> Heat:
    return joined(_leaks(view), _pushes(view), _top(view))


def _leaks(view: View) -> Heat:
    size = flicker(view, "leak", SECTIONS, LEAK_SPREAD, LEAK_TIME)
    return hot(LEAK, LEAK_AREA * view.capacity * view.gain * view.openness / SECTIONS * size * view.running)


def _pushes(view: View) -> Heat:
    """Coke that falls from one of the sections, and on the car at the end of the battery."""
    number, age = repeated(view, push_interval(view), 1, "push")
    ride = RIDING[0] + (RIDING[1] - RIDING[0]) * drawn(view, "ride", number)[0]
    section = (SECTIONS * drawn(view, "oven", number)[0]).astype(np.int64)
    shown = view.gain * np.minimum(view.openness, 1.5) * view.running
    area = np.zeros((SECTIONS + 1, view.salt.size))
    area[section, np.arange(view.salt.size)] = FACE * shown * ((age[0] >= 0) & (age[0] < FALLING))
    area[SECTIONS] = LOAD * shown * ((age[0] >= FALLING) & (age[0] < FALLING + ride))
    kelvin = np.full(SECTIONS + 1, COKE)
    kelvin[SECTIONS] = COKE_LATER
    return hot(kelvin[:, None], area)


def _top(view: View) -> Heat:
    excess = np.tile(view.between(TOP_EXCESS, "top"), (SECTIONS, 1))
    return warm(view, TOP, excess, TOP_SHARE * view.room / SECTIONS)


def _steam(view: View) -> Floats:
    """Of wet quenching, a few minutes after each push."""
    _, age = repeated(view, push_interval(view), 1, "push")
    is_quenching = (age >= QUENCHING[0]) & (age < QUENCHING[1])
    return is_quenching * (view.own("dry") >= DRY_CHANCE) * view.running


COKE_BATTERY = Process(
    places=_places(),
    is_hot=first_parts(2 * SECTIONS + 1, 3 * SECTIONS + 1),
    heat=_heat,
    vents=np.array([[0.98, 0.1]]),
    steam=_steam,
)
