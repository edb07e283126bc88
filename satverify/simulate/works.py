"""A simulated works: its furnaces and their plans, and everything else that glows in its outline or beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import affine_transform

from satverify.domain.sites import IRON_MAKERS, STAYS_HOT, Area, Site, Unit, UnitKind
from satverify.simulate.heat import (
    KM_PER_DEGREE,
    MEGAWATT_PER_TONNE_DAY,
    TONNES_PER_DAY_OF_A_SPOT,
    Spots,
    join_spots,
    spots_of,
)
from satverify.simulate.schedules import Schedule, free_schedule

FloatArray: TypeAlias = NDArray[np.float64]

DEFAULT_CAPACITY = 5000.0  # [t/d] of a unit whose capacity nobody knows
POOLED_FURNACE = 6000.0  # [t/d] of each furnace that an ``ironmaking`` unit stands for
MOST_POOLED = 5
PULLS = 6  # towards the middle: one at its distance of 2 km ends 30 m from it
POWER_SPREAD = 0.35  # standard deviation of the log of a site's power: roofs and slag practice differ
NEIGHBOUR_CHANCE = 0.2
NEIGHBOUR_DISTANCE = (1.2, 2.5)  # [km] outside the outline
NEIGHBOUR_POWER = 1.5  # [MW]
FIRES_PER_DRY_MONTH = 0.4  # in and near an outline
DRY_MONTHS = frozenset({2, 3, 4, 10})
FIRE_POWER = 3.0  # [MW] median of a field or rubbish fire seen by VIIRS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Works:
    """One site as it is simulated."""

    site: Site
    middle: tuple[float, float]
    """Longitude and latitude that the spots' kilometres are counted from. [degree]"""
    schedule: Schedule
    """The furnaces, before any order."""
    spots: Spots
    """All that glows. Sources are the furnaces, then what follows them, then what never stops, then the fires."""
    fires: FloatArray
    """Which fire burns on which day: fires by days. {0, 1}"""
    gain: float
    """Power of the works against what its capacity lets one expect: roofs and slag practice differ. (0, ...)"""
    own_spots: int
    """How many of the spots, the first ones, are its own equipment; then come the neighbour and the fires."""


def draw_works(rng: np.random.Generator, site: Site, days: tuple[date, date], *, is_steady: bool = False) -> Works:
    """Make up whatever a site does not say of itself: furnaces, where they stand, how hot they are."""
    centre = site.outline.centroid
    middle = (float(centre.x), float(centre.y))
    makers = _makers(site)
    furnaces, capacity = furnaces_of(site)
    unit_ids = [unit.unit_id for unit in furnaces]
    length = (days[1] - days[0]).days
    schedule = free_schedule(rng, unit_ids, capacity, length, steady=is_steady)
    gain = float(np.exp(rng.normal(0, POWER_SPREAD)))
    follower, steady, first_fire = len(furnaces), len(furnaces) + 1, len(furnaces) + 2
    parts = [
        _glow(rng, site, unit, share, gain, row)
        for row, (unit, share) in enumerate(zip(furnaces, capacity, strict=True))
    ]
    for unit in site.units:
        if unit not in makers:
            row = steady if unit.kind in STAYS_HOT else follower
            parts.append(_glow(rng, site, unit, capacity_of(unit), gain, row))
    own = sum(part.power.size for part in parts)
    if rng.random() < NEIGHBOUR_CHANCE:
        parts.append(_neighbour(rng, site, middle, steady))
    burning = [] if is_steady else _fire_days(rng, days)
    parts.extend(_fire(rng, site, middle, first_fire + index) for index in range(len(burning)))
    fires = np.zeros((len(burning), length))
    fires[np.arange(len(burning)), burning] = 1.0
    spots = join_spots(parts)
    return Works(site=site, middle=middle, schedule=schedule, spots=spots, fires=fires, gain=gain, own_spots=own)


def furnaces_of(site: Site) -> tuple[list[Unit], FloatArray]:
    """What makes a site's iron, or melts its scrap: the unit that each furnace counts for, and its capacity [t/d].

    In the order of the rows of the works' schedule. A site that lists none has furnaces all the same.
    """
    furnaces = [unit for unit in _makers(site) for _ in range(_furnaces_in(unit))]
    return furnaces, np.array([capacity_of(unit) / _furnaces_in(unit) for unit in furnaces])


def capacity_of(unit: Unit) -> float:
    """Nominal output, a usual one where nobody knows it. [t/d]"""
    return unit.capacity_t_per_day or DEFAULT_CAPACITY


def heat_of(works: Works, schedule: Schedule) -> FloatArray:
    """How hot each source of a works is under a schedule, against full work: sources by days."""
    following = schedule.capacity @ schedule.level
    return np.vstack([schedule.heat, following, np.ones_like(following), works.fires])


def _makers(site: Site) -> tuple[Unit, ...]:
    """The units whose work an order is about: iron makers, else arc furnaces, else one that nobody lists."""
    for kinds in (IRON_MAKERS, {UnitKind.ELECTRIC_ARC_FURNACE}):
        found = tuple(unit for unit in site.units if unit.kind in kinds)
        if found:
            return found
    implied = f"{site.site_id}:ironmaking"
    return (
        Unit(unit_id=implied, site_id=site.site_id, kind=UnitKind.IRONMAKING, capacity_t_per_day=2 * POOLED_FURNACE),
    )


def _furnaces_in(unit: Unit) -> int:
    if unit.kind is not UnitKind.IRONMAKING:
        return 1
    return int(np.clip(round(capacity_of(unit) / POOLED_FURNACE), 1, MOST_POOLED))


def _glow(rng: np.random.Generator, site: Site, unit: Unit, capacity: float, gain: float, row: int) -> Spots:
    """The spots of one furnace or other unit, on its footprint where it has one, else somewhere in the outline."""
    centre = site.outline.centroid
    place = unit.footprint.centroid if unit.footprint is not None else _point_inside(rng, site)
    east, north = _kilometres((centre.x, centre.y), place)
    number = max(1, round(capacity / TONNES_PER_DAY_OF_A_SPOT))
    spots = spots_of(rng, east, north, gain * capacity * MEGAWATT_PER_TONNE_DAY[unit.kind], row, number)
    return _drawn_inside(spots, (east, north), site)


def _drawn_inside(spots: Spots, middle: tuple[float, float], site: Site) -> Spots:
    """The same spots, those outside the outline drawn towards their unit's middle until they are inside."""
    ground = in_kilometres(site)
    shapely.prepare(ground)
    east, north = spots.east.copy(), spots.north.copy()
    for _ in range(PULLS):
        outside = ~shapely.contains_xy(ground, east, north)
        east[outside] = (east[outside] + middle[0]) / 2
        north[outside] = (north[outside] + middle[1]) / 2
    return replace(spots, east=east, north=north)


def _neighbour(rng: np.random.Generator, site: Site, middle: tuple[float, float], row: int) -> Spots:
    """A steady source that is none of the works' business."""
    turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(*NEIGHBOUR_DISTANCE)
    reach = _reach(site) + away
    return spots_of(rng, reach * np.sin(turn), reach * np.cos(turn), NEIGHBOUR_POWER, row, 2)


def _fire(rng: np.random.Generator, site: Site, middle: tuple[float, float], row: int) -> Spots:
    """A fire somewhere in or near the outline."""
    reach = _reach(site) + 1.0
    east, north = rng.uniform(-reach, reach, 2)
    return spots_of(rng, east, north, FIRE_POWER * float(np.exp(rng.normal(0, 0.6))), row, 1)


def _fire_days(rng: np.random.Generator, days: tuple[date, date]) -> list[int]:
    """Days of the season on which something burns that is no furnace."""
    months = [date.fromordinal(day).month for day in range(days[0].toordinal(), days[1].toordinal())]
    chance = np.where(np.isin(months, list(DRY_MONTHS)), FIRES_PER_DRY_MONTH / 30, 0.0)
    return [int(day) for day in np.flatnonzero(rng.random(chance.size) < chance)]


def _point_inside(rng: np.random.Generator, site: Site) -> shapely.Point:
    """A point in the outline, away from its edge where it can be."""
    west, south, east, north = site.outline.bounds
    points = np.asarray(shapely.points(rng.uniform(west, east, 64), rng.uniform(south, north, 64)))
    inside = points[shapely.contains(site.outline, points)]
    if inside.size == 0:
        return site.outline.representative_point()
    few = inside[:3]
    point: shapely.Point = few[int(np.argmax(shapely.distance(few, site.outline.boundary)))]
    return point


def _kilometres(middle: tuple[float, float], place: shapely.Point) -> tuple[float, float]:
    east = (place.x - middle[0]) * KM_PER_DEGREE * np.cos(np.radians(middle[1]))
    return float(east), float((place.y - middle[1]) * KM_PER_DEGREE)


def in_kilometres(site: Site) -> Area:
    """The outline, counted east and north from its middle. [km]"""
    centre = site.outline.centroid
    width = KM_PER_DEGREE * np.cos(np.radians(centre.y))
    ground: Area = affine_transform(
        site.outline, [width, 0, 0, KM_PER_DEGREE, -width * centre.x, -KM_PER_DEGREE * centre.y]
    )
    return ground


def _reach(site: Site) -> float:
    """Distance from the middle to the farthest corner. [km]"""
    return float(shapely.hausdorff_distance(shapely.Point(0, 0), in_kilometres(site)))
