"""Shops that make steel, from above: heats of some forty minutes under a roof, and pots of slag beside it.

A converter blows for a third to a half of each heat with a flame of 1,900 K at its mouth, of which a hood takes nearly
all; an arc furnace flares when it is charged. What shows is the rest of it, and slag poured from pots.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from satverify.simulate.history import Pace
from satverify.simulate.scenes.processes.parts import (
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

FLAME = 1900.0  # [K]
FLAME_FLICKER = 0.8  # standard deviation of the log of what hood and smoke leave
POURING = 2 * MINUTE
VESSEL = 4500.0  # [t/d] of one converter
MOST_VESSELS = 3
POTS = 4
ROOFS = 6
ROOF_EXCESS = (5.0, 14.0)  # [K]
ROOF_SHARE = 0.5  # of the ground
ROOF = Pace(warming=HOUR, cooling=2 * HOUR, banked=2 * HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """How heats follow each other."""

    heat: tuple[float, float]
    """From one to the next: least and largest of all shops. [s]"""
    burning: tuple[float, float]
    """How long the flame shows in each. [s]"""
    flame: float
    """Of it that shows under an average roof. [m²]"""
    vessels: int
    """Most that work side by side."""
    pot: float
    """Slag poured in the open. [m² per t/d and heat]"""


BASIC_OXYGEN = Shop(
    heat=(35 * MINUTE, 45 * MINUTE), burning=(15 * MINUTE, 20 * MINUTE), flame=0.60, vessels=MOST_VESSELS, pot=7e-4
)
ARC = Shop(heat=(45 * MINUTE, 60 * MINUTE), burning=(6 * MINUTE, 14 * MINUTE), flame=0.50, vessels=1, pot=1.3e-3)


def vessels_of(view: View, shop: Shop) -> Integers:
    """How many vessels work side by side, shape (columns,)."""
    return np.clip(np.rint(view.capacity / VESSEL), 1, shop.vessels).astype(np.int64)


def heat_interval(view: View, shop: Shop) -> Floats:
    """From one heat of a vessel to the next at full output, shape (columns,). [s]"""
    return view.between(shop.heat, "heat")


def _places() -> Floats:
    vessels = np.stack([np.linspace(0.4, 0.6, MOST_VESSELS), np.full(MOST_VESSELS, 0.5)], axis=1)
    pots = in_grid((0.9, 0.97), (0.3, 0.7), 2, 2)
    return np.concatenate([vessels, pots, in_grid((0.2, 0.8), (0.3, 0.7), 3, 2)])


def _heat(shop: Shop, view: View) -> Heat:
    interval, vessels = heat_interval(view, shop), vessels_of(view, shop)
    flames = np.zeros((MOST_VESSELS, view.salt.size))
    for vessel in range(int(vessels.max())):
        number, age = repeated(view, interval, 1, f"vessel {vessel}")
        lasting = shop.burning[0] + (shop.burning[1] - shop.burning[0]) * drawn(view, "blow", number)
        is_burning = (age >= 0) & (age < lasting) & (vessel < vessels)
        flames[vessel] = shop.flame * is_burning[0]
    shown = view.gain * view.openness * view.running * flicker(view, "flame", MOST_VESSELS, FLAME_FLICKER)
    return joined(hot(FLAME, flames * shown), _pots(shop, view), _roof(view))


def _pots(shop: Shop, view: View) -> Heat:
    """Slag of each heat of the whole shop, poured on one of several places by turns."""
    number, age = repeated(view, heat_interval(view, shop) / vessels_of(view, shop), POTS, "pot")
    old = poured(number % POTS, age, np.full(age.shape, POURING), POTS)
    area = shop.pot * view.capacity * view.gain * np.minimum(view.openness, 1.5)
    return hot(crust_temperature(old, view.ambient), np.where(np.isfinite(old), area, 0.0))


def _roof(view: View) -> Heat:
    excess = np.tile(view.between(ROOF_EXCESS, "roof"), (ROOFS, 1))
    return warm(view, ROOF, excess, ROOF_SHARE * view.room / ROOFS)


def _steam(view: View) -> Floats:
    strength: Floats = np.minimum(0.2 * view.running * flicker(view, "stack", 1), 1.0)
    return strength


def _process(shop: Shop) -> Process:
    return Process(
        places=_places(),
        is_hot=first_parts(MOST_VESSELS + POTS, MOST_VESSELS + POTS + ROOFS),
        heat=partial(_heat, shop),
        vents=np.array([[0.3, 0.85]]),
        steam=_steam,
    )


CONVERTER = _process(BASIC_OXYGEN)
ELECTRIC_ARC_FURNACE = _process(ARC)
