"""Equipment that nobody listed, found by its heat: every place of a works to which heat returns, strongest first.

What stands there the heat does not tell. A blast furnace, a coke battery and a flare glow alike to a thermal pixel, so
each place is proposed without a kind, for a person to name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Area, Site
from satverify.features.persistence import CELL
from satverify.features.places import heat_places
from satverify.features.plane import FloatArray, Plane
from satverify.features.units import observed_units

CORE = 0.5
"""A cell belongs to the ground of its place where it holds this share of the heat of the hottest cell: pixels scatter
by half their width, and the skirt of one place would reach the next. [1]"""

INSIDE = 0.1
"""A place lies inside the outline where this share of its ground does; less is a sliver. [1]"""

GRID = 1e-6
"""Corners are given to this, 0.1 m. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatSource:
    """One place of a works to which heat returns."""

    unit_id: str
    """``<site_id>:heat-<number>``, a number that no listed unit of the site has; the strongest place comes first."""
    site_id: str
    footprint: Area
    """The cells that hold most of its heat, cut to the outline where ``is_inside``. [degree]"""
    is_inside: bool
    """Whether its ground lies inside the outline, or some of it."""
    pixels: int
    """Detections."""
    days: int
    """UTC days with a detection. [d]"""
    first_day: date
    """UTC day of the first detection."""
    last_day: date
    """UTC day of the last one."""
    share: float
    """Share of the detections at all places of the works to which heat returns. (0, 1]"""
    months_hot: int
    """Calendar months with a detection."""
    mean_power: float | None
    """Mean radiative power of a detection, none where no file tells it. [MW]"""
    nearest_unit: str
    """The listed unit whose footprint is nearest, empty where none has one."""
    nearest_distance: float | None
    """How far it is. [m]"""


def discover_sources(
    site: Site, detections: pd.DataFrame, service_days: int, others: Sequence[Area] = ()
) -> tuple[HeatSource, ...]:
    """Find the places of a works to which heat returns, whatever equipment it lists.

    Parameters
    ----------
    site
        The works.
    detections
        ``DETECTION_COLUMNS`` round it, all of the history.
    service_days
        Days of the history on which any satellite was in service. [d]
    others
        Outlines of other listed sites nearby, whose heat is left to them.

    Returns
    -------
    The places, the one with most detections first; none where heat never returned.
    """
    bare = replace(site, units=())
    places = heat_places(bare, observed_units(bare), detections, service_days, others)
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    own = places.source >= 0
    cell = places.cell[own]
    seen = detections[own].assign(source=places.source[own], column=places.hot.column[cell], row=places.hot.row[cell])
    strongest = seen["source"].value_counts().reset_index().sort_values(["count", "source"], ascending=[False, True])
    return tuple(
        _source(site, plane, unit_id, seen[seen["source"] == source], len(seen))
        for source, unit_id in zip(strongest["source"], free_ids(site), strict=False)
    )


def free_ids(site: Site) -> Iterator[str]:
    """Names for places of heat that no listed unit of the site has, in order."""
    taken = {unit.unit_id for unit in site.units}
    names = (f"{site.site_id}:heat-{number}" for number in count(1))
    return (name for name in names if name not in taken)


def _source(site: Site, plane: Plane, unit_id: str, seen: pd.DataFrame, total: int) -> HeatSource:
    ground = _ground(seen)
    inside = ground.intersection(plane.flatten(site.outline))
    is_inside = bool(inside.area >= INSIDE * ground.area)
    power = seen["fire_radiative_power"].dropna()
    nearest, distance = nearest_unit(site, plane, ground)
    return HeatSource(
        unit_id=unit_id,
        site_id=site.site_id,
        footprint=on_earth(plane, inside if is_inside else ground),
        is_inside=is_inside,
        pixels=len(seen),
        days=int(seen["utc_date"].nunique()),
        first_day=seen["utc_date"].min().date(),
        last_day=seen["utc_date"].max().date(),
        share=len(seen) / total,
        months_hot=int(seen["utc_date"].dt.to_period("M").nunique()),
        mean_power=float(power.mean()) if len(power) else None,
        nearest_unit=nearest,
        nearest_distance=distance,
    )


def _ground(seen: pd.DataFrame) -> BaseGeometry:
    """The cells with most of the heat as one area, in metres from the origin; coarse pixels tell nothing of it."""
    is_fine = (seen["sensor"] != "modis").to_numpy()
    told = seen[is_fine] if is_fine.any() else seen
    heat = told.groupby(["column", "row"], sort=True).size()
    cells = np.array(heat.index[heat >= CORE * heat.max()].to_list(), dtype=np.float64)
    west, south = (cells[:, 0] - 0.5) * CELL, (cells[:, 1] - 0.5) * CELL
    squares: NDArray[np.object_] = shapely.box(west, south, west + CELL, south + CELL)
    return shapely.union_all(squares)


def nearest_unit(site: Site, plane: Plane, ground: BaseGeometry) -> tuple[str, float | None]:
    """The listed unit whose footprint is nearest to some ground given in metres, and its distance; none if none. [m]"""
    away = [
        (float(plane.flatten(unit.footprint).distance(ground)), unit.unit_id)
        for unit in site.units
        if unit.footprint is not None
    ]
    distance, unit_id = min(away, default=(None, ""))
    return unit_id, distance


def on_earth(plane: Plane, ground: BaseGeometry) -> Area:
    """The areas of a geometry given in metres, in degrees on a grid that keeps them whole."""

    def move(points: FloatArray) -> FloatArray:
        return np.column_stack(plane.unproject(points[:, 0], points[:, 1]))

    return whole_areas(shapely.transform(ground, move))


def whole_areas(ground: BaseGeometry) -> Area:
    """The areas of a geometry in degrees, with corners on a grid that keeps them whole."""
    snapped = shapely.set_precision(ground, GRID)
    parts = [part for part in shapely.get_parts(snapped).tolist() if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
