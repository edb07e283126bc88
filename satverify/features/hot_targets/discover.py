"""Equipment that nobody listed, found in images of 20 and 30 m: places of lasting heat, with a guess of what glows.

Short-wave infrared shows what is molten, thermal infrared what is only warm, such as a sinter cooler. The ground of a
place is where its heat shows, half a pixel wider all round, as images are registered no better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from satverify.domain.grids import Grid
from satverify.domain.sites import Area, Site, UnitKind
from satverify.features.discover import INSIDE, free_ids, nearest_unit, whole_areas
from satverify.features.hot_targets.footprints import pixel_ground
from satverify.features.hot_targets.hot_places import HotPlace, HotStack, hot_places
from satverify.features.hot_targets.kinds import KIND_OF, Guess, Traits, guess_kind
from satverify.features.hot_targets.warm_places import WarmMap, warm_places
from satverify.features.plane import Plane
from satverify.features.units import has_known_ground
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import STEELWORKS_RANGE, radiance_method, radiative_power
from satverify.physics.subpixel import dual_band
from satverify.physics.utm import unproject

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

WIDENED = 0.5
"""By which a place's ground reaches beyond its pixels. [pixel]"""
SAME = 60.0
"""Two sensors that see places this near see one: three pixels of 20 m, two of 30 m. [m]"""
BESIDE = 100.0
"""Warm ground this near to molten heat is warmed by it, or smeared from it: a thermal pixel. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUnit:
    """A piece of equipment as heat proposes it."""

    unit_id: str
    """``<site_id>:heat-<number>``, a number that no listed unit of the site has; the most heat comes first."""
    site_id: str
    kind: UnitKind
    """What it is entered as until a person says otherwise."""
    guess: Guess
    """What it is taken for."""
    confidence: float
    """Of the guess, by ranges generally known. (0, 1)"""
    footprint: Area
    """Where heat shows, cut to the outline. [degree]"""
    sensor: str
    """Whose scenes show it."""
    clear_scenes: int
    """Scenes that saw it."""
    hot_scenes: int
    """Scenes in which it was hot; of warm ground, all that saw it."""
    first_day: date
    """UTC day of the first of these."""
    last_day: date
    """UTC day of the last."""
    months_hot: int
    """Calendar months with one."""
    mean_power: float | None
    """Mean radiative power in hot scenes, by the radiance at 2.2 µm; none where it cannot be told. [MW]"""
    traits: Traits
    """What the guess is from."""
    nearest_unit: str
    """The listed unit whose footprint is nearest, empty where none has one."""
    nearest_distance: float | None
    """How far it is. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spot:
    """A place with its ground, before it has a name."""

    ground: BaseGeometry
    """East and north of the site's middle. [m]"""
    footprint: BaseGeometry
    """Likewise in degrees."""
    widened: float
    """What the ground is longer and wider than its pixels. [m]"""
    sensor: str
    days: NDArray[np.datetime64]
    """Of hot scenes."""
    clear_scenes: int
    power: float | None
    temperature: float
    share: float
    variation: float
    warmth: float


def discover_units(site: Site, stacks: Sequence[HotStack], warm: WarmMap | None = None) -> tuple[FoundUnit, ...]:
    """Propose equipment where heat returns.

    Parameters
    ----------
    site
        The works; only ground inside its outline is proposed.
    stacks
        Hot pixels of each sensor, the one to be trusted most for shapes first. Places that a later one sees too are
        those of the first.
    warm
        How warm ground is at 11 µm; it tells traits of hot places, and places that are warm but not hot.

    Returns
    -------
    What was found, molten before warm and the most heat first; none where heat did not return.
    """
    plane = Plane(longitude=site.outline.centroid.x, latitude=site.outline.centroid.y)
    hot: list[_Spot] = []
    for stack in stacks:
        spots = (_hot_spot(stack, place, plane, warm) for place in hot_places(stack))
        hot += [spot for spot in spots if all(spot.ground.distance(other.ground) > SAME for other in hot)]
    found = [*hot, *_warm_spots(warm, plane, hot)]
    inside = [(spot, cut) for spot in found if (cut := _inside(site, spot)) is not None]
    sought = frozenset(unit.kind for unit in site.units if not has_known_ground(unit))
    grounds = [spot.ground for spot, _ in inside]
    return tuple(
        _unit(site, plane, unit_id, (spot, cut), _loneliness(grounds, number), sought)
        for number, ((spot, cut), unit_id) in enumerate(zip(inside, free_ids(site), strict=False))
    )


def _hot_spot(stack: HotStack, place: HotPlace, plane: Plane, warm: WarmMap | None) -> _Spot:
    squares = _squares(stack.grid, place.row, place.column)
    footprint = _in_degrees(stack.grid, squares)
    is_hot = place.hot & place.seen
    ground = pixel_ground(stack.grid)
    return _Spot(
        ground=plane.flatten(footprint),
        footprint=footprint,
        widened=2 * WIDENED * stack.grid.pixel_width,
        sensor=stack.sensor,
        days=stack.time[place.hot],
        clear_scenes=int(place.seen.sum()),
        power=_power(stack, place.excess22, is_hot, ground),
        temperature=_temperature(stack, place, is_hot, ground),
        share=place.share,
        variation=_variation(place.excess22[place.seen]),
        warmth=np.nan if warm is None else warm.at(footprint),
    )


def _temperature(stack: HotStack, place: HotPlace, is_hot: NDArray[np.bool_], ground: float) -> float:
    """Median over hot scenes of the temperature that two bands tell; NaN where none does. [K]"""
    told: list[float] = []
    for satellite in sorted(set(stack.satellite)):
        own = is_hot & np.array([each == satellite for each in stack.satellite])
        part = dual_band(
            (spectral_band(satellite, "swir22"), place.excess22[own]),
            (spectral_band(satellite, "swir16"), place.excess16[own]),
            ground,
        )
        told += part.temperature[np.isfinite(part.temperature)].tolist()
    return float(np.median(told)) if told else np.nan


def _power(stack: HotStack, excess: Floats, is_hot: NDArray[np.bool_], ground: float) -> float | None:
    """Mean over hot scenes. [MW]"""
    known = is_hot & np.isfinite(excess)
    if not known.any() or not excess[known].any():
        return None
    method = radiance_method(spectral_band(stack.satellite[0], "swir22"), STEELWORKS_RANGE)
    power, _ = radiative_power(method, excess[known], ground)
    return 1e-6 * float(power.mean())


def _variation(excess: Floats) -> float:
    """Standard deviation over mean; NaN where it cannot be told. [1]"""
    known = excess[np.isfinite(excess)]
    if len(known) < 2 or not known.mean() > 0:
        return np.nan
    return float(known.std(ddof=1) / known.mean())


def _warm_spots(warm: WarmMap | None, plane: Plane, hot: Sequence[_Spot]) -> Iterator[_Spot]:
    """Places that are warm in most scenes and not molten."""
    if warm is None:
        return
    for row, column in warm_places(warm):
        footprint = _in_degrees(warm.grid, _squares(warm.grid, row, column))
        ground = plane.flatten(footprint)
        if all(ground.distance(other.ground) > BESIDE for other in hot):
            yield _Spot(
                ground=ground,
                footprint=footprint,
                widened=2 * WIDENED * warm.grid.pixel_width,
                sensor=warm.sensor,
                days=warm.time,
                clear_scenes=int(np.median(warm.scenes[row, column])),
                power=None,
                temperature=np.nan,
                share=0.0,
                variation=np.nan,
                warmth=warm.at(footprint),
            )


def _unit(
    site: Site,
    plane: Plane,
    unit_id: str,
    place: tuple[_Spot, Area],
    loneliness: float,
    sought: frozenset[UnitKind],
) -> FoundUnit:
    spot, footprint = place
    length, width = _extent(plane.flatten(footprint), spot.widened)
    traits = Traits(
        temperature=spot.temperature,
        share=spot.share,
        variation=spot.variation,
        length=length,
        slenderness=length / width,
        warmth=spot.warmth,
        loneliness=loneliness,
    )
    scenes = len(spot.days)
    guess, confidence = guess_kind(traits, scenes, sought)
    nearest, distance = nearest_unit(site, plane, plane.flatten(footprint))
    months = np.unique(spot.days.astype("datetime64[M]"))
    return FoundUnit(
        unit_id=unit_id,
        site_id=site.site_id,
        kind=KIND_OF[guess],
        guess=guess,
        confidence=confidence,
        footprint=footprint,
        sensor=spot.sensor,
        clear_scenes=spot.clear_scenes,
        hot_scenes=scenes,
        first_day=spot.days.min().astype("datetime64[D]").item(),
        last_day=spot.days.max().astype("datetime64[D]").item(),
        months_hot=len(months),
        mean_power=spot.power,
        traits=traits,
        nearest_unit=nearest,
        nearest_distance=distance,
    )


def _inside(site: Site, spot: _Spot) -> Area | None:
    """The ground inside the outline; none where that is a sliver."""
    cut = spot.footprint.intersection(site.outline)
    if cut.area < INSIDE * spot.footprint.area:
        return None
    return whole_areas(cut)


def _squares(grid: Grid, row: Integers, column: Integers) -> BaseGeometry:
    """Pixels as one area, widened, in the coordinates of the grid."""
    wide, high = grid.pixel_width, grid.pixel_height
    left, top = grid.left + column * wide, grid.top - row * high
    squares = shapely.box(
        left - WIDENED * wide, top - (1 + WIDENED) * high, left + (1 + WIDENED) * wide, top + WIDENED * high
    )
    return shapely.union_all(squares)


def _in_degrees(grid: Grid, ground: BaseGeometry) -> BaseGeometry:
    def move(points: Floats) -> Floats:
        return np.column_stack(unproject(grid.epsg, points[:, 0], points[:, 1]))

    return shapely.transform(ground, move)


def _extent(ground: BaseGeometry, widened: float) -> tuple[float, float]:
    """Length and width of the smallest rectangle round some ground, without what it was widened by. [m]"""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    sides = np.hypot(*np.diff(corners[:3], axis=0).T)
    length, width = float(sides.max()) - widened, float(sides.min()) - widened
    least = widened / 2  # half a pixel, where the outline cuts it
    return max(length, least), max(width, least)


def _loneliness(grounds: Sequence[BaseGeometry], number: int) -> float:
    """Distance to the nearest other place; infinite where there is none. [m]"""
    return min((grounds[number].distance(other) for at, other in enumerate(grounds) if at != number), default=np.inf)
