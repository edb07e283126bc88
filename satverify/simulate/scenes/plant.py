"""The machines of works where they stand, and all that glows and steams there at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate

from satverify.domain.sites import UnitKind
from satverify.simulate.footprints import direction_of
from satverify.simulate.heat import KM_PER_DEGREE
from satverify.simulate.history import level_at
from satverify.simulate.layout import Layout
from satverify.simulate.machines import Machine, Machinery
from satverify.simulate.scenes.ground import skin_temperature
from satverify.simulate.scenes.noise import chance, key_of
from satverify.simulate.scenes.processes.flare import Flare, flare_heat
from satverify.simulate.scenes.processes.kinds import PROCESSES
from satverify.simulate.scenes.processes.parts import Heat, View, joined, view_of
from satverify.simulate.works import Works

Floats: TypeAlias = NDArray[np.float64]

USUAL_GROUND = (110.0, 70.0)  # [m] of a unit that the layout does not know
FLARE_DISTANCE = (70.0, 140.0)  # [m] from the middle of the battery or furnace whose gas it burns
FLARE_CHANCE = {True: 0.8, False: 0.25}  # of works with a battery, and of others
PULLS = 6  # towards the middle of a ground that is no rectangle
USUAL = 273.15  # [K] of the ground, where it does not matter
KEPT = 512
"""Moments of works that are kept: bands of a scene are drawn one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """One machine where it stands."""

    machine: Machine
    """What it is and did."""
    longitude: Floats
    """Of each of its parts. [degree]"""
    latitude: Floats
    """Of each of its parts. [degree]"""
    vent_longitude: Floats
    """Of each vent. [degree]"""
    vent_latitude: Floats
    """Of each vent. [degree]"""
    room: float
    """Its ground. [m²]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plant:
    """The machines of one works, and its flares."""

    site_id: str
    """Whose."""
    middle: tuple[float, float]
    """Longitude and latitude. [degree]"""
    kinds: tuple[tuple[UnitKind, tuple[Placed, ...]], ...]
    """The machines, those of a kind together."""
    flares: tuple[Flare, ...]
    """The flares."""
    longitude: Floats
    """Of every part, machines first, then flares. [degree]"""
    latitude: Floats
    """Of every part. [degree]"""


def plant_of(works: Works, machinery: Machinery, layout: Layout | None) -> Plant:
    """Machines on the ground of their units.

    Parameters
    ----------
    works
        The works.
    machinery
        Its machines.
    layout
        Its ground; none: machines stand where the detections of the season have their heat.
    """
    middle = works.middle if layout is None else layout.middle
    grounds = [_ground(works, machinery, layout, row) for row in range(len(machinery.machines))]
    placed = tuple(
        _placed(machine, middle, *ground) for machine, ground in zip(machinery.machines, grounds, strict=True)
    )
    flares = _flares(machinery, middle, [ground for ground, _, _ in grounds])
    named = dict.fromkeys(machine.kind for machine in machinery.machines)
    kinds = tuple((kind, tuple(each for each in placed if each.machine.kind is kind)) for kind in named)
    parts = [each for _, group in kinds for each in group]
    return Plant(
        site_id=machinery.site_id,
        middle=middle,
        kinds=kinds,
        flares=flares,
        longitude=np.concatenate([*(each.longitude for each in parts), [each.longitude for each in flares]]),
        latitude=np.concatenate([*(each.latitude for each in parts), [each.latitude for each in flares]]),
    )


@lru_cache(maxsize=KEPT)
def heat_of_plant(plant: Plant, time: float, seed: int) -> tuple[Heat, float]:
    """Every part at one moment, and the temperature of the ground around. [K]

    Parameters
    ----------
    plant
        The works.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.

    Returns
    -------
    Shape (parts, 1), in the order of the plant's places; and one temperature.
    """
    ambient = ground_temperature_at(seed, plant.middle, time)
    times, around = np.array([time]), np.array([ambient])
    heat = [_unfolded(PROCESSES[kind].heat(_view(placed, times, around, seed))) for kind, placed in plant.kinds]
    heat += [flare_heat(flare, np.array([time]), seed) for flare in plant.flares]
    return joined(*heat), ambient


def machine_heat(placed: Placed, times: Floats, ambient: Floats, seed: int) -> Heat:
    """The parts of one machine at some times, shape (parts, times)."""
    kind = placed.machine.kind
    return PROCESSES[kind].heat(_view((placed,), times, ambient, seed))


@lru_cache(maxsize=KEPT)
def vents_of_plant(plant: Plant, time: float, seed: int) -> tuple[Floats, Floats, Floats]:
    """Longitude, latitude [degree] and strength [0, 1] of its vents at one moment."""
    times, around = np.array([time]), np.array([USUAL])
    strength = [PROCESSES[kind].steam(_view(placed, times, around, seed)) for kind, placed in plant.kinds]
    vents = [placed for _, group in plant.kinds for placed in group]
    return (
        np.concatenate([np.zeros(0), *(each.vent_longitude for each in vents)]),
        np.concatenate([np.zeros(0), *(each.vent_latitude for each in vents)]),
        np.concatenate([np.zeros(0), *(each.T.ravel() for each in strength)]),
    )


def _view(placed: Sequence[Placed], times: Floats, ambient: Floats, seed: int) -> View:
    return view_of([each.machine for each in placed], [each.room for each in placed], times, ambient, seed)


def _unfolded(heat: Heat) -> Heat:
    """Parts of several machines at one moment, a machine after the other: shape (machines * parts, 1)."""
    return Heat(temperature=heat.temperature.T.reshape(-1, 1), area=heat.area.T.reshape(-1, 1))


def working_units(plant: Plant, time: float) -> Mapping[str, bool]:
    """Whether each unit of a works has a machine at work at a time [s since 1970-01-01 UTC]."""
    out: dict[str, bool] = {}
    for each in (placed for _, group in plant.kinds for placed in group):
        machine = each.machine
        is_working = bool(level_at(machine.history, np.array([time]))[0] > 0)
        out[machine.unit_id] = out.get(machine.unit_id, False) or is_working
    return out


def ground_temperature_at(seed: int, place: tuple[float, float], time: float) -> float:
    """Temperature of bare dry ground. [K]"""
    longitude, latitude = np.array([place[0]]), np.array([place[1]])
    return float(skin_temperature(seed, longitude, latitude, time, np.zeros(1))[0])


def _ground(works: Works, machinery: Machinery, layout: Layout | None, row: int) -> tuple[shapely.Polygon, int, int]:
    """Ground of a machine [m], and which of how many machines on it this is."""
    machine = machinery.machines[row]
    if layout is not None and machine.unit_id in layout.grounds:
        alike = [number for number, each in enumerate(machinery.machines) if each.unit_id == machine.unit_id]
        return layout.grounds[machine.unit_id], alike.index(row), len(alike)
    spots = np.flatnonzero(works.spots.source == row) if machine.is_maker else np.zeros(0, dtype=np.int64)
    if spots.size:
        east, north = (1000 * float(part[spots].mean()) for part in (works.spots.east, works.spots.north))
    else:  # nobody knows: a place of its own near the middle
        east, north = (800 * (chance(machine.key, name) - 0.5) for name in ("east", "north"))
    long, wide = USUAL_GROUND
    return shapely.box(east - long / 2, north - wide / 2, east + long / 2, north + wide / 2), 0, 1


def _placed(machine: Machine, middle: tuple[float, float], ground: shapely.Polygon, number: int, alike: int) -> Placed:
    """A machine on its ground, or on its part of a ground that several share."""
    process = PROCESSES[machine.kind]
    parts = _degrees(middle, _inside(ground, process.places, number, alike))
    vents = _degrees(middle, _inside(ground, process.vents, number, alike))
    return Placed(
        machine=machine,
        longitude=parts[0],
        latitude=parts[1],
        vent_longitude=vents[0],
        vent_latitude=vents[1],
        room=ground.area / alike,
    )


def _inside(ground: shapely.Polygon, places: Floats, number: int, alike: int) -> Floats:
    """Places given by shares of a ground's length and width, east and north of the works' middle. [m]

    Those that fall off a ground that is no rectangle are drawn towards a point inside.
    """
    turn = direction_of(ground)
    west, south, east, north = rotate(ground, -turn, origin=(0, 0)).bounds
    along, across = (number + places[:, 0]) / alike, places[:, 1]
    level = np.stack([west + along * (east - west), south + across * (north - south)], axis=1)
    angle = np.radians(turn)
    metres: Floats = level @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    core = np.array(ground.representative_point().coords[0])
    for _ in range(PULLS):
        outside = ~shapely.contains_xy(ground, metres)
        metres[outside] = (metres[outside] + core) / 2
    return metres


def _degrees(middle: tuple[float, float], metres: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of points east and north of a middle. [degree]"""
    scale = 1000 * KM_PER_DEGREE
    return middle[0] + metres[:, 0] / (scale * np.cos(np.radians(middle[1]))), middle[1] + metres[:, 1] / scale


def _flares(machinery: Machinery, middle: tuple[float, float], grounds: Sequence[shapely.Polygon]) -> tuple[Flare, ...]:
    """A stack beside the first battery, or beside the first furnace of a works without one; not all works have any."""
    machines = machinery.machines
    batteries = [row for row, machine in enumerate(machines) if machine.kind is UnitKind.COKE_BATTERY]
    furnaces = [row for row, machine in enumerate(machines) if machine.kind is UnitKind.BLAST_FURNACE]
    beside = (batteries or furnaces)[:1]
    if not beside or chance(machines[beside[0]].key, "has flare") >= FLARE_CHANCE[bool(batteries)]:
        return ()
    machine, near = machines[beside[0]], grounds[beside[0]]
    takers = tuple(each.history for each in machines if each.is_maker) if batteries else ()
    turn = 2 * np.pi * chance(machine.key, "flare turn")
    away = FLARE_DISTANCE[0] + (FLARE_DISTANCE[1] - FLARE_DISTANCE[0]) * chance(machine.key, "flare distance")
    place = np.array([[near.centroid.x + away * np.cos(turn), near.centroid.y + away * np.sin(turn)]])
    longitude, latitude = _degrees(middle, place)
    return (
        Flare(
            longitude=float(longitude[0]),
            latitude=float(latitude[0]),
            makes=machine.history,
            takes=takers,
            key=key_of(machine.key, "flare"),
        ),
    )
