"""What fills the outline of a works between and under its units: halls, stockyards, slag, basins, concrete, green."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import UnitKind
from satverify.simulate.footprints import FURNACE_PITCH, Metres, direction_of

Surface: TypeAlias = tuple[str, Metres]
"""A material and the ground it covers."""
Uses: TypeAlias = Mapping[str, float]
"""How often a block is used for what."""
Box: TypeAlias = tuple[float, float, float, float]

BLOCK = (210.0, 130.0)  # [m] length and width of a block between streets
MOST_BLOCKS = 220
STREET = 12.0  # [m]
ROUND_UNITS = 10.0  # [m] kept free
PILE, BETWEEN_PILES = 32.0, 14.0  # [m] widths of stockpiles and of the ways between them
LEAST = 60.0  # [m²] smaller scraps are not drawn
MILLS = MappingProxyType({f"mill{number}": "mill" for number in range(6)})
"""Names of the halls of rolling mills, all of one group."""
MILL = ((180.0, 620.0), (60.0, 150.0))  # [m] shortest and longest, narrowest and widest hall of a rolling mill
GROUND_OF_A_MILL = 0.9e6  # [m²] of outline for each
STEELWORKS_USES: Uses = MappingProxyType(
    {
        "metal_hall": 0.13,
        "blue_hall": 0.12,
        "dark_hall": 0.10,
        "rusty_hall": 0.06,
        "solar_hall": 0.03,
        "ore_yard": 0.11,
        "coal_yard": 0.07,
        "coke_yard": 0.03,
        "slag_yard": 0.06,
        "parked_metal": 0.05,
        "basin": 0.04,
        "concrete": 0.10,
        "green": 0.10,
    }
)
"""Of a steelworks; the rest of one is bare ground. Not counted anywhere: judged from pictures of such works."""
ROOFS = MappingProxyType(
    {
        "metal_hall": "metal_roof",
        "blue_hall": "blue_roof",
        "dark_hall": "dark_roof",
        "rusty_hall": "rusty_roof",
        "solar_hall": "metal_roof",
    }
)
PILES = MappingProxyType({"ore_yard": "ore", "coal_yard": "coal", "coke_yard": "coke", "parked_metal": "parked_metal"})
PLAIN = MappingProxyType({"slag_yard": "slag", "basin": "water_basin", "concrete": "concrete", "green": "green"})


def surfaces_within(
    rng: np.random.Generator, outline: Metres, turn: float, grounds: Sequence[Metres], uses: Uses
) -> list[Surface]:
    """Blocks between streets that fill an outline, but for the grounds of units.

    Parameters
    ----------
    rng
        What each block is used for.
    outline
        Of the works. [m]
    turn
        Direction of the streets. [degree]
    grounds
        Of the units. [m]
    uses
        What blocks are used for, with chances that add up to 1 or less.
    """
    inside = rotate(outline, -turn, origin=(0, 0))
    free: BaseGeometry = shapely.buffer(inside, -STREET)
    if grounds:
        units = shapely.union_all([rotate(ground, -turn, origin=(0, 0)) for ground in grounds])
        free = shapely.difference(free, shapely.buffer(units, ROUND_UNITS))
    names = [*uses, "nothing"]
    chances = np.array([*uses.values(), max(1 - sum(uses.values()), 0.0)])
    drawn = [
        surface
        for block in _blocks(rng, inside)
        for surface in _block(rng, names[int(rng.choice(len(names), p=chances / chances.sum()))], block)
    ]
    return [*_streets(inside, turn), *_cut(free, drawn, turn)]


def _cut(free: BaseGeometry, drawn: Sequence[tuple[str, Box]], turn: float) -> list[Surface]:
    """What of some boxes lies on free ground, turned back to where the works lies."""
    if not drawn or free.is_empty:
        return []
    shapely.prepare(free)
    parts = shapely.box(*np.array([box for _, box in drawn]).T)
    is_crossed = ~shapely.contains(free, parts)
    parts[is_crossed] = shapely.intersection(free, parts[is_crossed])
    parts, number = shapely.get_parts(parts, return_index=True)
    is_drawn = (shapely.area(parts) >= LEAST) & (shapely.get_dimensions(parts) == 2)
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = shapely.transform(parts[is_drawn], lambda corners: corners @ np.array([[cosine, sine], [-sine, cosine]]))
    return [(drawn[index][0], part) for index, part in zip(number[is_drawn].tolist(), turned, strict=True)]


def mill_sizes(rng: np.random.Generator, outline: Metres) -> dict[str, tuple[float, float]]:
    """Length and width of the halls of rolling mills, more of them in a larger works. [m]

    Parameters
    ----------
    rng
        How large they are.
    outline
        Of the works. [m]
    """
    number = int(np.clip(round(outline.area / GROUND_OF_A_MILL), 0, len(MILLS)))
    return {name: (float(rng.uniform(*MILL[0])), float(rng.uniform(*MILL[1]))) for name in list(MILLS)[:number]}


def mill_roof(rng: np.random.Generator) -> str:
    """What the roof of a rolling mill is made of."""
    return str(rng.choice(["metal_roof", "blue_roof", "dark_roof"], p=[0.45, 0.35, 0.2]))


def unit_surfaces(rng: np.random.Generator, kind: UnitKind, ground: Metres) -> list[Surface]:
    """What a unit's own ground is covered with.

    Parameters
    ----------
    rng
        What roofs are made of.
    kind
        What stands there.
    ground
        Its footprint. [m]
    """
    roof = str(rng.choice(["metal_roof", "dark_roof", "rusty_roof", "blue_roof"], p=[0.25, 0.4, 0.25, 0.1]))
    whole = (0.0, 0.0, 1.0, 1.0)
    plan: list[tuple[str, Box]]
    match kind:
        case UnitKind.BLAST_FURNACE:
            plan = [("works_ground", whole), (roof, (0.0, 0.0, 0.58, 0.8)), ("slag", (0.62, 0.1, 0.98, 0.9))]
        case UnitKind.IRONMAKING:
            corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
            length = float(np.hypot(*np.diff(corners, axis=0).T).max())
            number = max(1, round(length / FURNACE_PITCH))
            plan = [("works_ground", whole)]
            for each in range(number):
                plan.append((roof, (each / number, 0.0, (each + 0.5) / number, 0.8)))
                plan.append(("slag", ((each + 0.55) / number, 0.1, (each + 0.9) / number, 0.9)))
        case UnitKind.SINTER_MACHINE:
            return [
                ("works_ground", ground),
                *_portion(ground, roof, (0.0, 0.2, 0.6, 0.8)),
                *_ring(ground, (0.8, 0.5), 0.19),
            ]
        case UnitKind.PELLET_PLANT:
            plan = [("works_ground", whole), (roof, (0.05, 0.1, 0.7, 0.9)), ("rusty_roof", (0.75, 0.2, 0.95, 0.8))]
        case UnitKind.COKE_BATTERY:
            plan = [("coke", whole), ("dark_roof", (0.0, 0.15, 1.0, 0.85))]
        case UnitKind.CONVERTER | UnitKind.ELECTRIC_ARC_FURNACE:
            plan = [("works_ground", whole), (roof, (0.0, 0.0, 0.85, 1.0)), ("slag", (0.88, 0.1, 1.0, 0.9))]
    return [surface for material, box in plan for surface in _portion(ground, material, box)]


def _blocks(rng: np.random.Generator, inside: shapely.Polygon) -> list[Box]:
    """Boxes between streets that meet an outline; larger ones in a large works."""
    west, south, east, north = inside.bounds
    growth = max(1.0, np.sqrt((east - west) * (north - south) / (BLOCK[0] * BLOCK[1]) / MOST_BLOCKS))
    x = _cuts(rng, west, east, BLOCK[0] * growth)
    y = _cuts(rng, south, north, BLOCK[1] * growth)
    half = STREET / 2
    boxes = [
        (left + half, low + half, right - half, top - half)
        for left, right in zip(x[:-1].tolist(), x[1:].tolist(), strict=True)
        for low, top in zip(y[:-1].tolist(), y[1:].tolist(), strict=True)
        if right - left > 2 * STREET and top - low > 2 * STREET
    ]
    shapely.prepare(inside)
    return [box for box in boxes if shapely.intersects(inside, shapely.box(*box))]


def _cuts(
    rng: np.random.Generator, start: float, stop: float, step: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where streets run: about ``step`` apart, the first and the last at the ends."""
    number = max(1, round((stop - start) / step))
    cuts = np.linspace(start, stop, number + 1)
    cuts[1:-1] += rng.uniform(-0.2, 0.2, max(number - 1, 0)) * step
    return cuts


def _streets(inside: shapely.Polygon, turn: float) -> list[Surface]:
    """The street round a works, along the inner side of its outline."""
    inner = shapely.buffer(inside, -STREET)
    return [("road", rotate(part, turn, origin=(0, 0))) for part in _polygons(shapely.difference(inside, inner))]


def _block(rng: np.random.Generator, use: str, box: Box) -> list[tuple[str, Box]]:
    """What lies in one block."""
    west, south, east, north = box
    if use in ROOFS:
        surfaces = []
        for low, high in _strips(south, north, int(rng.integers(1, 4)), 10.0):
            right = east - float(rng.uniform(0.0, 0.35)) * (east - west)
            surfaces.append((ROOFS[use], (west, low, right, high)))
            if use == "solar_hall":
                edge = 0.08 * (high - low)
                surfaces.append(("solar_panel", (west + edge, low + edge, right - edge, high - edge)))
        return surfaces
    if use in PILES:
        number = max(1, int((north - south) // (PILE + BETWEEN_PILES)))
        strips = _strips(south, north, number, BETWEEN_PILES)
        return [
            (PILES[use], (west, low, float(rng.uniform(0.55, 1.0)) * (east - west) + west, high))
            for low, high in strips
        ]
    if use == "basin":
        return [("concrete", box), ("water_basin", (west + 8, south + 8, (west + east) / 2, north - 8))]
    return [(PLAIN[use], box)] if use in PLAIN else []


def _strips(low: float, high: float, number: int, gap: float) -> list[tuple[float, float]]:
    """A span cut into parts with gaps between."""
    part = max((high - low - (number - 1) * gap) / number, 1.0)
    return [(low + each * (part + gap), low + each * (part + gap) + part) for each in range(number)]


def _portion(ground: Metres, material: str, box: Box) -> list[Surface]:
    """Part of a ground, by shares of its length and width."""
    turn = direction_of(ground)
    level = rotate(ground, -turn, origin=(0, 0))
    west, south, east, north = level.bounds
    long, wide = east - west, north - south
    part = shapely.box(west + box[0] * long, south + box[1] * wide, west + box[2] * long, south + box[3] * wide)
    return [(material, rotate(each, turn, origin=(0, 0))) for each in _polygons(shapely.intersection(level, part))]


def _ring(ground: Metres, at: tuple[float, float], share: float) -> list[Surface]:
    """A round cooler: a ring of hot sinter on its way, seen from above as rust-brown steel and ore."""
    turn = direction_of(ground)
    level = rotate(ground, -turn, origin=(0, 0))
    west, south, east, north = level.bounds
    radius = min(share * (east - west), 0.46 * (north - south))
    point = shapely.Point(west + at[0] * (east - west), south + at[1] * (north - south))
    ring = shapely.difference(point.buffer(radius), point.buffer(0.6 * radius))
    return [("ore", rotate(each, turn, origin=(0, 0))) for each in _polygons(shapely.intersection(level, ring))]


def _polygons(area: BaseGeometry) -> Iterable[shapely.Polygon]:
    """Polygons of a geometry that are worth drawing."""
    return (part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon) and part.area >= LEAST)
