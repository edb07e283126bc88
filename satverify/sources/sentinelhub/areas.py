"""Which boxes to retrieve: one for each site where pixels are fine, shared ones where they are coarse.

A request has a least cost however small it is, and a number of requests is what an account is given too. So neighbours
share a box wherever that is cheaper than two requests, counting both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product

import numpy as np
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import translate

from satverify.domain.grids import Grid
from satverify.domain.sensors import Sensor
from satverify.domain.sites import Site
from satverify.physics.utm import unproject, window_of
from satverify.sources.sentinelhub.cost import LARGEST_SIDE, scene_units

REQUEST_WORTH = 1.0
"""What a request is worth in processing units: accounts are given as many of one as of the other."""
EDGE_POINTS = 5
"""Points along each edge of a grid that its outline on the globe goes through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """What is retrieved as one image."""

    sensor: Sensor
    grid: Grid
    site_ids: tuple[str, ...]
    """Sites whose windows lie in it, sorted."""
    windows: tuple[Grid, ...]
    """Those windows, in the order of the sites."""

    def __post_init__(self) -> None:
        assert all(self.grid.contains(window) for window in self.windows)


def areas_of(sites: Sequence[Site], sensor: Sensor, scenes_per_request: float) -> tuple[Area, ...]:
    """The boxes that hold every site's window.

    Parameters
    ----------
    sites
        The sites.
    sensor
        What is retrieved.
    scenes_per_request
        About how many scenes one request brings: the more, the more an enlarged box costs against a request.

    Returns
    -------
    Sorted by their first site; every site is in exactly one.
    """
    alone = []
    for site in sorted(sites, key=lambda site: site.site_id):
        window = window_of(site.outline, sensor)
        alone.append(Area(sensor=sensor, grid=window, site_ids=(site.site_id,), windows=(window,)))
    areas = _shared(alone, scenes_per_request) if sensor.is_shared else alone
    return tuple(sorted(areas, key=lambda area: area.site_ids))


def grid_outline(grid: Grid) -> Polygon | MultiPolygon:
    """The grid's outline on the globe, WGS 84, longitude first; in two parts where it lies across 180 degrees."""
    left, bottom, right, top = grid.bounds
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
    steps = np.linspace(0, 1, EDGE_POINTS, endpoint=False)[:, None]
    edges = [start + steps * (end - start) for start, end in pairwise(corners)]
    points = np.concatenate(edges)
    longitude, latitude = unproject(grid.epsg, points[:, 0], points[:, 1])
    if np.ptp(longitude) < 180:
        return Polygon(np.column_stack([longitude, latitude]))
    across = Polygon(np.column_stack([longitude % 360, latitude]))
    west, east = (across.intersection(box(start, -90, start + 180, 90)) for start in (0, 180))
    both = west.union(translate(east, xoff=-360))
    assert isinstance(both, Polygon | MultiPolygon)
    return both


def parts_of(grid: Grid, side: int = LARGEST_SIDE) -> tuple[Grid, ...]:
    """The grid cut into grids of at most ``side`` pixels on a side: the service draws no larger image."""
    starts = product(range(0, grid.height, side), range(0, grid.width, side))
    return tuple(
        replace(
            grid,
            left=grid.left + column * grid.pixel_width,
            top=grid.top - row * grid.pixel_height,
            width=min(side, grid.width - column),
            height=min(side, grid.height - row),
        )
        for row, column in starts
    )


def _shared(alone: Sequence[Area], scenes_per_request: float) -> list[Area]:
    """Join the two areas whose union saves most, as long as any saves anything."""

    def cost(grid: Grid) -> float:
        parts = parts_of(grid)
        units = sum(scene_units(alone[0].sensor, part) for part in parts)
        return scenes_per_request * units + REQUEST_WORTH * len(parts)

    def saving(first: int, second: int) -> float:
        if grids[first].epsg != grids[second].epsg:
            return 0.0
        return costs[first] + costs[second] - cost(_union(grids[first], grids[second]))

    grids = {number: area.grid for number, area in enumerate(alone)}
    members = {number: [area] for number, area in enumerate(alone)}
    costs = {number: cost(grid) for number, grid in grids.items()}
    savings = {pair: saving(*pair) for pair in combinations(grids, 2)}
    while savings and max(savings.values()) > 0:
        first, second = max(savings, key=lambda pair: (savings[pair], -pair[0], -pair[1]))
        grids[first] = _union(grids[first], grids.pop(second))
        members[first] += members.pop(second)
        costs[first] = cost(grids[first])
        savings = {pair: saved for pair, saved in savings.items() if second not in pair}
        savings |= {(min(first, other), max(first, other)): saving(first, other) for other in grids if other != first}
    return [_joined(grids[number], members[number]) for number in grids]


def _union(first: Grid, second: Grid) -> Grid:
    """The smallest grid that contains both, which share their pixels."""
    left, top = min(first.left, second.left), max(first.top, second.top)
    right, bottom = max(first.right, second.right), min(first.bottom, second.bottom)
    width, height = round((right - left) / first.pixel_width), round((top - bottom) / first.pixel_height)
    return replace(first, left=left, top=top, width=width, height=height)


def _joined(grid: Grid, areas: Sequence[Area]) -> Area:
    ordered = sorted(areas, key=lambda area: area.site_ids)
    return Area(
        sensor=ordered[0].sensor,
        grid=grid,
        site_ids=tuple(site_id for area in ordered for site_id in area.site_ids),
        windows=tuple(window for area in ordered for window in area.windows),
    )
