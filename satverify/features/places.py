"""Where the heat of a works sits: cells that its own long history shows hot again and again.

A furnace glows at one place for years. A grass fire, a shelled yard or a burning truck does not, and a neighbour lies
outside the outline. So a pixel counts as the works' own only where heat keeps returning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Area, FootprintStatus, Site
from satverify.features.persistence import CELL, BoolArray, HotCells, IntArray, hot_cells
from satverify.features.plane import FloatArray, Plane
from satverify.features.units import SEPARABLE, ObservedUnit, has_known_ground

OUTLINE_MARGIN = 400.0
"""How far outside the outline the centre of a pixel may lie that holds heat from inside: half the diagonal of a
pixel at 1.5 times its size at nadir. [m]"""

GROUND_MARGIN = 350.0
"""How far a pixel's centre may lie from the footprint it belongs to: about a pixel. [m]"""

NEIGHBOUR_REACH = 1500.0
"""Heat farther outside the outline does not reach a pixel inside: two pixels at the edge of the swath. [m]"""

NEIGHBOUR_DAYS = 0.05
"""Share of days on which a cell outside must be hot for a steady neighbour rather than fires. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Every pixel of a site given its place."""

    role: NDArray[np.object_]
    """One per detection: ``own``, ``stays_hot``, ``elsewhere`` or ``neighbour``."""
    unit_id: NDArray[np.object_]
    """The observed unit it belongs to where the role is ``own``, else empty."""
    source: IntArray
    """Number of the separate place it belongs to, -1 where the role is not ``own``."""
    cell: IntArray
    """Index into ``hot``, -1 where the pixel lies in no cell to which heat returns."""
    hot: HotCells
    """The cells to which heat returns."""
    ground_cells: float
    """Size of the outline with its margin. [cells]"""
    cells: pd.DataFrame
    """``CELL_COLUMNS``: every cell with heat in it."""


def heat_places(
    site: Site,
    units: tuple[ObservedUnit, ...],
    detections: pd.DataFrame,
    service_days: int,
    others: Sequence[Area] = (),
) -> Places:
    """Place every detection round a site.

    Parameters
    ----------
    site, units
        The works, and its equipment as thermal pixels see it.
    detections
        ``DETECTION_COLUMNS``, all of the history.
    service_days
        Days of the history on which any satellite was in service. [d]
    others
        Outlines of other listed sites nearby: a source belongs to the works whose outline is nearer, and to none where
        it lies in two.
    """
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    east, north = plane.project(detections["longitude"].to_numpy(), detections["latitude"].to_numpy())
    column = np.floor(east / CELL + 0.5).astype(np.int64)
    row = np.floor(north / CELL + 0.5).astype(np.int64)
    points = np.asarray(shapely.points(east, north), dtype=object)
    outline = plane.flatten(site.outline)
    inside = np.asarray(shapely.dwithin(outline, points, OUTLINE_MARGIN), dtype=np.bool_)
    is_modis = (detections["sensor"] == "modis").to_numpy()
    fine = inside if is_modis[inside].all() else ~is_modis
    days = detections["utc_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    hot = hot_cells(column[fine], row[fine], days[fine], service_days)
    cell = hot.find(column, row, is_modis & inside)
    source = np.append(hot.source, -1)[cell]
    slack = OUTLINE_MARGIN if site.outline_status is FootprintStatus.ASSUMED else CELL / 2
    ours = _own_sources(source, east, north, outline, [plane.flatten(other) for other in others], slack)
    hot = _only(hot, ours)
    role, owner = _owners(site, units, plane, points, inside, source, ours)
    return Places(
        role=role,
        unit_id=owner,
        source=np.where(role == "own", source, -1),
        cell=cell,
        hot=hot,
        ground_cells=max(1.0, outline.buffer(OUTLINE_MARGIN).area / CELL**2),
        cells=_cell_table(site, plane, column, row, days, role, owner),
    )


def _own_sources(
    source: IntArray,
    east: FloatArray,
    north: FloatArray,
    outline: BaseGeometry,
    others: Sequence[BaseGeometry],
    slack: float,
) -> BoolArray:
    """Whether each source is the works' own, by where its middle lies; the last entry stands for no source."""
    number = int(source.max(initial=-1)) + 1
    own = np.zeros(number + 1, dtype=np.bool_)
    for one in range(number):
        pixels = source == one
        if not pixels.any():
            continue
        middle = shapely.Point(float(east[pixels].mean()), float(north[pixels].mean()))
        away = outline.distance(middle)
        nearest = min((other.distance(middle) for other in others), default=np.inf)
        own[one] = away <= slack and away < nearest
    return own


def _only(hot: HotCells, ours: BoolArray) -> HotCells:
    """The same cells, with the heat shared out among the works' own sources alone."""
    share = np.where(ours[hot.source], hot.share, 0.0)
    return replace(hot, share=share / max(float(share.sum()), np.finfo(float).tiny))


def nearest_neighbour(site: Site, cells: pd.DataFrame, service_days: int) -> float | None:
    """Distance from the outline of the nearest steady heat that is not the works', none within ``NEIGHBOUR_REACH``. [m]

    Parameters
    ----------
    site
        The works.
    cells
        ``CELL_COLUMNS`` of ``Places``.
    service_days
        Days of the history on which any satellite was in service. [d]
    """
    steady = cells[(cells["role"] == "neighbour") & (cells["days"] >= max(NEIGHBOUR_DAYS * service_days, 8))]
    if steady.empty:
        return None
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    points = shapely.points(*plane.project(steady["longitude"].to_numpy(), steady["latitude"].to_numpy()))
    nearest = float(shapely.distance(plane.flatten(site.outline), points).min())
    return nearest if nearest <= NEIGHBOUR_REACH else None


def _owners(
    site: Site,
    units: tuple[ObservedUnit, ...],
    plane: Plane,
    points: NDArray[np.object_],
    inside: BoolArray,
    source: IntArray,
    ours: BoolArray,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Role and observed unit of each pixel: the nearest known footprint within reach wins, else the joint unit."""
    role = np.full(len(points), "neighbour", dtype=object)
    role[inside & (source < 0)] = "elsewhere"
    role[inside & ours[source]] = "own"
    alone = {unit.unit_id for unit in units if unit.separate}
    judged_as = {member.unit_id: unit.unit_id for unit in units for member in unit.members}
    owner = np.full(len(points), "", dtype=object)
    owner[role == "own"] = next((unit.unit_id for unit in units if not unit.separate), "")
    nearest = np.full(len(points), np.inf)
    for unit in site.units:
        if unit.footprint is None or not has_known_ground(unit):
            continue
        reach = SEPARABLE / 2 if unit.unit_id in alone else GROUND_MARGIN
        distance = shapely.distance(plane.flatten(unit.footprint), points)
        takes = (distance <= reach) & (distance < nearest) & (role != "neighbour")
        nearest = np.where(takes, distance, nearest)
        hot = takes & (source >= 0)
        role[hot] = "own" if unit.unit_id in judged_as else "stays_hot"
        owner[hot] = judged_as.get(unit.unit_id, "")
    role[(role == "own") & (owner == "")] = "elsewhere"
    return role, owner


def _cell_table(
    site: Site,
    plane: Plane,
    column: IntArray,
    row: IntArray,
    days: IntArray,
    role: NDArray[np.object_],
    owner: NDArray[np.object_],
) -> pd.DataFrame:
    """One row per cell, with the role most of its pixels have."""
    place, cell = np.unique(np.column_stack([column, row]), axis=0, return_inverse=True)
    labels, label = np.unique(np.char.add(np.char.add(role.astype(str), "\t"), owner.astype(str)), return_inverse=True)
    # Pixels of each label in each cell; of labels with as many, the first in the alphabet is taken.
    counts = np.zeros((len(place), len(labels)), dtype=np.int64)
    np.add.at(counts, (cell, label), 1)
    main = [str(text).split("\t", 1) for text in labels[counts.argmax(axis=1)]] if len(place) else []
    hot_days = np.unique(np.column_stack([cell, days]), axis=0)[:, 0]
    middle = place.astype(np.float64) * CELL
    longitude, latitude = plane.unproject(middle[:, 0], middle[:, 1])
    return pd.DataFrame(
        {
            "site_id": pd.Series([site.site_id] * len(place), dtype="str"),
            "cell_id": pd.Series([f"{c:+d}{r:+d}" for c, r in place], dtype="str"),
            "longitude": longitude.astype(np.float64),
            "latitude": latitude.astype(np.float64),
            "pixels": counts.sum(axis=1),
            "days": np.bincount(hot_days, minlength=len(place)).astype(np.int64),
            "unit_id": pd.Series([unit_id for _, unit_id in main], dtype="str"),
            "role": pd.Series([name for name, _ in main], dtype="str"),
        }
    )
