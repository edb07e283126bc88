"""Sinter machines and pellet plants from above: a little glow under hoods, and a lot of warm ground.

Sinter breaks off the strand at some 1,000 K under a hood and is cooled on a ring whose hot end is covered too. What
thermal infrared sees is the rest of the ring, hoods, ducts and screens. All of it cools within a day when the strand
stops, the ring within hours. A kiln for pellets shows its shell, at some 500 K, under no roof.
"""

from __future__ import annotations

import numpy as np

from satverify.simulate.history import Pace
from satverify.simulate.scenes.processes.parts import (
    HOUR,
    MINUTE,
    Floats,
    Heat,
    Process,
    View,
    first_parts,
    flicker,
    in_grid,
    joined,
    warm,
)

USUAL = 283.0  # [K] of the ground around, against which excesses are meant
STRAND = 33.0  # [t/d per m²] of a strand, at 1.4 t/m²/h
CAKE = (900.0, 1100.0)  # [K] where the cake breaks off
CAKE_AREA = 1e-4  # [m² per t/d] of it that shows below an average hood; part of a fracture of 5 m by 0.7 m
CAKE_FLICKER = 0.8  # standard deviation of the log: pieces fall every few seconds
COOLER = 1.05  # of the strand's area; GB 50408 asks for 0.9 to 1.2 (design of sintering plants)
SECTORS = 16  # of the ring
HOT_END = 2  # sectors from which sinter has not given off its heat
HOT_END_EXCESS = (330.0, 420.0)  # [K] over the ground around: 600 to 700 K
HOT_END_SHOWN = 0.12  # of the hot end that its hood leaves
RING_EXCESS = (140.0, 70.0)  # [K] from the sector after it to the last: 420 to 350 K
RING_SHOWN = (0.4, 0.9)  # of the others; many are covered for their waste heat
PLANT_EXCESS = (25.0, 75.0)  # [K] of hoods, ducts, screens and hot sinter on belts
PLANT_AREA = 0.25  # [m² per t/d] of them
PLANT_SHARE = 0.5  # of the ground, at most
PLANT = 12  # parts
RING = Pace(warming=1.0 * HOUR, cooling=1.5 * HOUR, banked=1.5 * HOUR)
BODY = Pace(warming=4 * HOUR, cooling=7 * HOUR, banked=7 * HOUR)
CAKE_PACE = Pace(warming=20 * MINUTE, cooling=10 * MINUTE, banked=10 * MINUTE)

KILN_EXCESS = (190.0, 270.0)  # [K] of a kiln's shell
KILN_AREA = 0.006  # [m² per t/d] of it that no roof hides
KILN_PARTS = 5
PELLET_COOLER_EXCESS = (70.0, 130.0)  # [K]
PELLET_COOLER_AREA = 0.06  # [m² per t/d]
PELLET_COOLER_PARTS = 4
KILN = Pace(warming=8 * HOUR, cooling=9 * HOUR, banked=9 * HOUR)


def _sinter_places() -> Floats:
    turn = 2 * np.pi * (np.arange(SECTORS) + 0.5) / SECTORS
    ring = np.stack([0.8 + 0.15 * np.cos(turn), 0.5 + 0.36 * np.sin(turn)], axis=1)
    return np.concatenate([[[0.62, 0.5]], ring, in_grid((0.08, 0.58), (0.25, 0.75), PLANT // 3, 3)])


def _sinter_heat(view: View) -> Heat:
    return joined(_cake(view), _ring(view), _plant(view))


def _cake(view: View) -> Heat:
    area = CAKE_AREA * view.capacity * view.gain * view.openness * view.running
    excess = view.between(CAKE, "cake")[None, :] - USUAL
    return warm(view, CAKE_PACE, excess, area * flicker(view, "cake", 1, CAKE_FLICKER))


def _ring(view: View) -> Heat:
    cooled = np.linspace(*RING_EXCESS, SECTORS - HOT_END)[:, None]
    excess = np.concatenate(
        [
            np.tile(view.between(HOT_END_EXCESS, "hot end"), (HOT_END, 1)),
            np.tile(cooled, (1, view.salt.size)),
        ]
    )
    shown = np.tile(view.between(RING_SHOWN, "ring"), (SECTORS, 1))
    shown[:HOT_END] = np.minimum(HOT_END_SHOWN * view.openness, 1.0)
    return warm(view, RING, excess, view.capacity / STRAND * COOLER / SECTORS * shown)


def _plant(view: View) -> Heat:
    excess = np.stack([view.between(PLANT_EXCESS, "plant", number) for number in range(PLANT)])
    return warm(view, BODY, excess, np.minimum(PLANT_AREA * view.capacity, PLANT_SHARE * view.room) / PLANT)


def _sinter_steam(view: View) -> Floats:
    strength: Floats = np.minimum(0.5 * view.running * flicker(view, "stack", 1), 1.0)
    return strength


def _pellet_places() -> Floats:
    kiln = np.stack([np.linspace(0.35, 0.6, KILN_PARTS), np.full(KILN_PARTS, 0.5)], axis=1)
    return np.concatenate([kiln, in_grid((0.77, 0.92), (0.35, 0.65), 2, 2)])


def _pellet_heat(view: View) -> Heat:
    kiln = np.stack([view.between(KILN_EXCESS, "kiln", number) for number in range(KILN_PARTS)])
    cooler = np.tile(view.between(PELLET_COOLER_EXCESS, "pellet cooler"), (PELLET_COOLER_PARTS, 1))
    return joined(
        warm(view, KILN, kiln, KILN_AREA * np.minimum(view.openness, 3.0) * view.capacity / KILN_PARTS),
        warm(view, RING, cooler, PELLET_COOLER_AREA * view.capacity / PELLET_COOLER_PARTS),
    )


def _pellet_steam(view: View) -> Floats:
    return 0.25 * view.running[None, :]


SINTER_MACHINE = Process(
    places=_sinter_places(),
    is_hot=first_parts(1 + HOT_END, 1 + SECTORS + PLANT),
    heat=_sinter_heat,
    vents=np.array([[0.05, 0.8]]),
    steam=_sinter_steam,
)
PELLET_PLANT = Process(
    places=_pellet_places(),
    is_hot=first_parts(KILN_PARTS, KILN_PARTS + PELLET_COOLER_PARTS),
    heat=_pellet_heat,
    vents=np.array([[0.1, 0.7]]),
    steam=_pellet_steam,
)
