"""What lies round a works: villages with roofs that flash, workshops, a road. Fields are the ground's own."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from satverify.simulate.footprints import Metres

VILLAGES = (3, 8)  # in number
AWAY = (150.0, 1100.0)  # [m] from the outline to the middle of a village
EDGE = (150.0, 420.0)  # [m] of a village
ROOF = (14.0, 45.0)  # [m] edges of a workshop's roof
ROAD = 16.0  # [m] wide
WITHIN = 1_600.0  # [m] beyond the outline nothing is drawn
LEAST = 60.0  # [m²]


def surfaces_round(rng: np.random.Generator, outline: Metres, turn: float) -> list[tuple[str, Metres]]:
    """Materials and grounds outside an outline.

    Parameters
    ----------
    rng
        Where they lie by chance.
    outline
        Of the works. [m]
    turn
        Direction of the road. [degree]
    """
    surfaces: list[tuple[str, BaseGeometry]] = [("road", _road(rng, outline, turn))]
    ring = shapely.buffer(outline, AWAY[1]).exterior
    for _ in range(int(rng.integers(*VILLAGES))):
        middle = shapely.line_interpolate_point(ring, float(rng.random()), normalized=True)
        nearest = outline.exterior.interpolate(outline.exterior.project(middle))
        share = float(rng.uniform(AWAY[0], AWAY[1])) / AWAY[1]
        place = (nearest.x + share * (middle.x - nearest.x), nearest.y + share * (middle.y - nearest.y))
        surfaces.extend(_village(rng, place))
    return [
        (material, part)
        for material, area in surfaces
        for part in shapely.get_parts(shapely.difference(area, outline))
        if isinstance(part, shapely.Polygon) and part.area >= LEAST
    ]


def _village(rng: np.random.Generator, place: tuple[float, float]) -> list[tuple[str, BaseGeometry]]:
    """Houses with yards, and some larger roofs among them."""
    long, wide = rng.uniform(*EDGE, 2).tolist()
    turn = float(rng.uniform(-15.0, 15.0))
    surfaces: list[tuple[str, BaseGeometry]] = [("village", _turned(place, long, wide, turn))]
    for _ in range(int(rng.integers(2, 7))):
        at = (place[0] + float(rng.uniform(-0.45, 0.45)) * long, place[1] + float(rng.uniform(-0.45, 0.45)) * wide)
        length, width = rng.uniform(*ROOF, 2).tolist()
        surfaces.append((str(rng.choice(["metal_roof", "blue_roof", "solar_panel"])), _turned(at, length, width, turn)))
    return surfaces


def _turned(middle: tuple[float, float], length: float, width: float, turn: float) -> Metres:
    x, y = middle
    box = shapely.box(x - length / 2, y - width / 2, x + length / 2, y + width / 2)
    turned: Metres = rotate(box, turn, origin=middle)
    return turned


def _road(rng: np.random.Generator, outline: Metres, turn: float) -> BaseGeometry:
    """A road past the works, along its longer side."""
    level = rotate(outline, -turn, origin=(0, 0))
    west, south, east, _ = level.bounds
    y = south - float(rng.uniform(20.0, 200.0))
    line = shapely.LineString(
        [(west - WITHIN, y), ((west + east) / 2, y + float(rng.uniform(0, 15))), (east + WITHIN, y)]
    )
    return rotate(line.buffer(ROAD / 2, cap_style="flat"), turn, origin=(0, 0))
