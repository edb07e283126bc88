"""How much ground a unit takes, and where it stands in a works whose plan nobody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import shapely
from shapely.affinity import rotate

from satverify.domain.sites import Unit, UnitKind

Metres: TypeAlias = shapely.Polygon
"""A polygon counted east and north from the middle of a works. [m]"""

TYPICAL: Mapping[UnitKind, tuple[float, float, float]] = MappingProxyType(
    {
        UnitKind.BLAST_FURNACE: (110.0, 70.0, 3000.0),  # furnace and cast house of 60 x 70 m, slag pits beside
        UnitKind.SINTER_MACHINE: (150.0, 62.0, 6000.0),  # strand of 90 x 35 m, round cooler of 40-60 m
        UnitKind.PELLET_PLANT: (130.0, 45.0, 3500.0),
        UnitKind.COKE_BATTERY: (92.0, 22.0, 1800.0),  # battery of 90 x 15 m with the pusher's side
        UnitKind.CONVERTER: (120.0, 60.0, 3200.0),
        UnitKind.ELECTRIC_ARC_FURNACE: (100.0, 50.0, 2000.0),
    }
)
"""Length and width of a unit's ground [m] and the capacity [t/d] that goes with them; plans of works on OpenStreetMap,
and median capacities of the Global Iron and Steel Tracker, March 2025."""
POOLED = 5000.0  # [t/d] of each furnace that an ``ironmaking`` unit stands for
FURNACE_PITCH = 150.0  # [m] from one furnace of a row to the next
GROWTH = (0.6, 1.6)  # least and largest edge against the typical one
GAP = 30.0  # [m] left between the grounds of units
TRIES = 160
SHRINKS = 10
SHRINK = 0.75


def ground_size(unit: Unit) -> tuple[float, float]:
    """Length and width of the ground of a unit, after its kind and capacity. [m]"""
    if unit.kind is UnitKind.IRONMAKING:
        number = int(np.clip(round((unit.capacity_t_per_day or 2 * POOLED) / POOLED), 1, 5))
        length, width, _ = TYPICAL[UnitKind.BLAST_FURNACE]
        return length + (number - 1) * FURNACE_PITCH, width
    length, width, usual = TYPICAL[unit.kind]
    growth = float(np.clip(np.sqrt((unit.capacity_t_per_day or usual) / usual), *GROWTH))
    return length * growth, width if unit.kind is UnitKind.COKE_BATTERY else width * growth


def direction_of(outline: Metres) -> float:
    """Angle of the longer side of a ground, counted from east towards north. [degree] -90 to 90"""
    frame = shapely.minimum_rotated_rectangle(outline)
    corners = shapely.get_coordinates(frame)
    if len(corners) < 4:
        return 0.0
    sides = np.diff(corners[:3], axis=0)
    east, north = sides[int(np.argmax(np.hypot(*sides.T)))]
    return float((np.degrees(np.arctan2(north, east)) + 90) % 180 - 90)


def placed(
    rng: np.random.Generator,
    outline: Metres,
    turn: float,
    sizes: Mapping[str, tuple[float, float]],
    *,
    groups: Mapping[str, str],
    taken: Sequence[Metres] = (),
) -> dict[str, Metres]:
    """Grounds inside an outline, those of one group in a row where there is room.

    Parameters
    ----------
    rng
        Where they stand by chance.
    outline
        Of the works.
    turn
        Direction of their longer side. [degree]
    sizes
        Length and width by name. [m]
    groups
        What each name belongs to.
    taken
        Ground that is used already.

    Returns
    -------
    A rectangle by name, smaller than asked for where the outline has no room for it.
    """
    inside = rotate(outline, -turn, origin=(0, 0))
    used = [rotate(each, -turn, origin=(0, 0)) for each in taken]
    rows: dict[str, shapely.Polygon] = {}
    found: dict[str, Metres] = {}
    for name, size in sizes.items():
        ground = _place(rng, inside, used, size, rows.get(groups[name]))
        used.append(ground)
        rows[groups[name]] = ground
        found[name] = rotate(ground, turn, origin=(0, 0))
    return found


def _place(
    rng: np.random.Generator,
    inside: shapely.Polygon,
    used: Sequence[shapely.Polygon],
    size: tuple[float, float],
    beside: shapely.Polygon | None,
) -> shapely.Polygon:
    """A box inside that meets nothing used, next to one of its kind if that is possible, smaller if it must be."""
    shapely.prepare(inside)
    kept = shapely.buffer(shapely.union_all(list(used)), GAP) if used else shapely.Polygon()
    shapely.prepare(kept)
    west, south, east, north = inside.bounds
    for shrink in SHRINK ** np.arange(SHRINKS):
        length, width = shrink * size[0], shrink * size[1]
        x, y = rng.uniform(west, east, TRIES), rng.uniform(south, north, TRIES)
        if beside is not None:
            x[:4], y[:4] = _neighbours(beside, length, width)
        boxes = shapely.box(x - length / 2, y - width / 2, x + length / 2, y + width / 2)
        good = shapely.contains(inside, boxes) & ~shapely.intersects(kept, boxes)
        if good.any():
            which = np.flatnonzero(good)
            if beside is None:
                return shapely.Polygon(boxes[which[0]])
            return shapely.Polygon(boxes[which[int(np.argmin(shapely.distance(boxes[which], beside)))]])
    point = inside.representative_point()
    room = max(float(shapely.distance(point, inside.boundary)), 1.0) / 2
    return shapely.box(point.x - room, point.y - room, point.x + room, point.y + room)


def _neighbours(beside: shapely.Polygon, length: float, width: float) -> tuple[list[float], list[float]]:
    """Middles of boxes on the four sides of one."""
    west, south, east, north = beside.bounds
    x, y = (west + east) / 2, (south + north) / 2
    aside, above = (east - west + length) / 2 + GAP + 5, (north - south + width) / 2 + GAP + 5
    return [x + aside, x - aside, x, x], [y, y, y + above, y - above]
