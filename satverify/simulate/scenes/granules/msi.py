"""The catalogue of simulated Sentinel-2 granules, Level 1C and 2A.

Every daylit pass is recorded, in tiles cut to the swath. A few granules are listed twice, as in the real catalogue:
made again within days, or years later as Collection 1 (baseline 05.00). Not modelled: data takes that end over the sea.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule
from satverify.physics.satellites import SATELLITES, Satellite, pass_over, passes
from satverify.physics.sun import solar_angles
from satverify.simulate.scenes.noise import key_of, uniform
from satverify.simulate.scenes.sky import excess_at
from satverify.simulate.scenes.swaths import Area, cut_tile, within_map
from satverify.simulate.scenes.tiles import POSTS, Tile, tiles_in
from satverify.simulate.scenes.world import World, moment

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

SATELLITE_NAMES = ("sentinel-2a", "sentinel-2b", "sentinel-2c")
LEVELS = {"sentinel-2-l1c": "L1C", "sentinel-2-l2a": "L2A"}
HALF_DIAGONAL = 80.0  # [km] of a tile
CELL = 6.0  # [degree] of a wide box that is looked at in parts
CELL_REACH = 480.0  # [km] from its middle to a corner at most
CELL_TIME = 180.0  # [s] in which a satellite passes that and a tile
FEWEST_CELLS = 16  # that are worth telling apart
LOWEST_SUN = np.radians(85.0)  # zenith angle beyond which nothing is recorded
TAKE = 600.0  # [s] a data take; its begin, counted from the node, is in the granule's name
BASELINES = (  # first day of each; Sentinel-2 processing baselines, sentiwiki.copernicus.eu
    ("2015-01-01", "02.06"),
    ("2018-11-06", "02.07"),
    ("2019-07-08", "02.08"),
    ("2020-02-04", "02.09"),
    ("2021-03-30", "03.00"),
    ("2021-06-30", "03.01"),
    ("2022-01-25", "04.00"),
    ("2022-12-06", "05.09"),
    ("2023-12-13", "05.10"),
    ("2024-07-23", "05.11"),
)
COLLECTION_1 = "05.00"  # in which everything before 2022 was made again
COLLECTION_1_END = datetime(2022, 1, 1, tzinfo=UTC)
COLLECTION_1_MADE = datetime(2023, 3, 1, tzinfo=UTC)
COLLECTION_1_CHANCE = 0.02
AGAIN_CHANCE = 0.02
MIDDLE = POSTS * POSTS // 2
STAMP = "%Y%m%dT%H%M%S"
CORNERS = [0, POSTS - 1, POSTS * POSTS - 1, POSTS * (POSTS - 1)]  # of a tile's places, as its outline goes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Views:
    """What one satellite saw of tiles, one row each."""

    tile: Integers
    """Which of the tiles."""
    time: Floats
    """When it passed the tile's middle. [s since 1970-01-01 UTC]"""
    take: Floats
    """When its data take began. [s since 1970-01-01 UTC]"""
    relative_orbit: Integers
    """Number of the track."""
    absolute_orbit: Integers
    """Number of the revolution."""
    footprint: list[Area]
    """What is in the swath. [degree]"""
    cloud_cover: Floats
    """[%]"""


def msi_granules(world: World, collection: str, box: Box, span: tuple[float, float]) -> list[Granule]:
    """Granules of one level whose footprint meets a box, acquired in ``span`` [s since 1970-01-01 UTC]."""
    area = shapely.box(*box)
    shapely.prepare(area)
    found: list[Granule] = []
    for name in SATELLITE_NAMES:
        tiles = tiles_near(SATELLITES[name], box, span)
        if not tiles:
            continue
        views = _views(world, tiles, area, SATELLITES[name], span)
        found.extend(_granules(world, collection, tiles, SATELLITES[name], views))
    return found


def tiles_near(satellite: Satellite, box: Box, span: tuple[float, float]) -> tuple[Tile, ...]:
    """Tiles in a box, without those of a wide box that no revolution of the span comes near.

    The Earth has 57,000 tiles, and a satellite passes few of them in an hour.
    """
    west, south, east, north = box
    across, along = (max(1, math.ceil(extent / CELL)) for extent in (east - west, north - south))
    if across * along < FEWEST_CELLS:
        return tiles_in(box)
    lefts, lows = west + CELL * np.arange(across), south + CELL * np.arange(along)
    left, low = (part.ravel() for part in np.meshgrid(lefts, lows))
    wider = (span[0] - CELL_TIME, span[1] + CELL_TIME)
    middle = (left + CELL / 2, np.clip(low + CELL / 2, -90, 90))
    over = passes(satellite.name, *middle, *wider, is_ascending=False, widen=2 * HALF_DIAGONAL + CELL_REACH)
    found: dict[str, Tile] = {}
    for cell in np.unique(over.place).tolist():
        right, high = min(left[cell] + CELL, east), min(low[cell] + CELL, north)
        found |= {tile.name: tile for tile in tiles_in((float(left[cell]), float(low[cell]), right, high))}
    return tuple(found[name] for name in sorted(found))


def baseline_of(day: datetime) -> str:
    """Processing baseline of granules acquired then and made at once."""
    stamp = f"{day:%Y-%m-%d}"
    for (_, baseline), (until, _) in pairwise(BASELINES):
        if stamp < until:
            return baseline
    return BASELINES[-1][1]


def _views(
    world: World, tiles: tuple[Tile, ...], area: shapely.Polygon, satellite: Satellite, span: tuple[float, float]
) -> Views:
    """Daylit passes over tiles, those whose part in the swath meets an area."""
    longitude = np.array([tile.longitude.ravel() for tile in tiles])
    latitude = np.array([tile.latitude.ravel() for tile in tiles])
    middle = (longitude[:, MIDDLE], latitude[:, MIDDLE])
    over = passes(satellite.name, *middle, *span, is_ascending=False, widen=HALF_DIAGONAL)
    zenith, _ = solar_angles(over.time, middle[0][over.place], middle[1][over.place])
    place, corners = over.place, (longitude[:, CORNERS][over.place], latitude[:, CORNERS][over.place])
    _, beside = pass_over(satellite, over.node_time[:, None], *corners, is_ascending=False)
    reach = (satellite.reach_left, satellite.reach_right)
    parts = [
        within_map(cut_tile(tiles[at].outline, off, *reach)) if is_lit else shapely.Polygon()
        for at, off, is_lit in zip(place.tolist(), beside, (zenith < LOWEST_SUN).tolist(), strict=True)
    ]
    met = np.flatnonzero(shapely.intersects(np.array(parts, dtype=object), area)) if parts else place
    place, node, time = place[met], over.node_time[met], over.time[met]
    return Views(
        tile=place,
        time=time,
        take=node + np.floor((time - node) / TAKE) * TAKE,
        relative_orbit=over.relative_orbit[met],
        absolute_orbit=over.absolute_orbit[met],
        footprint=[parts[at] for at in met],
        cloud_cover=_cover(world, (longitude[place], latitude[place]), time, _spread_over(beside[met]), reach),
    )


def _spread_over(corners: Floats) -> Floats:
    """Numbers at a tile's four corners, as its outline goes, at all its places: tiles by places."""
    share = np.linspace(0, 1, POSTS)
    west = corners[:, [0]] + share * (corners[:, [3]] - corners[:, [0]])
    east = corners[:, [1]] + share * (corners[:, [2]] - corners[:, [1]])
    spread: Floats = (west[:, :, None] + share * (east - west)[:, :, None]).reshape(-1, POSTS * POSTS)
    return spread


def _cover(
    world: World, places: tuple[Floats, Floats], time: Floats, off_track: Floats, reach: tuple[float, float]
) -> Floats:
    """Share of cloud among the places of tiles that are in the swath. [%]"""
    is_seen = (off_track <= reach[0]) & (off_track >= -reach[1])
    is_cloud = excess_at(world.weather, *places, np.broadcast_to(time[:, None], is_seen.shape)) >= 0
    cover: Floats = 100 * (is_cloud & is_seen).sum(axis=1) / np.maximum(is_seen.sum(axis=1), 1)
    return np.round(cover, 2)


def _granules(
    world: World, collection: str, tiles: tuple[Tile, ...], satellite: Satellite, views: Views
) -> Iterator[Granule]:
    """The granules of some views, and what was made of a few of them again."""
    number = np.array([tiles[at].number for at in views.tile.tolist()], dtype=np.int64)
    drawn = [
        uniform(key_of(world.seed, word, satellite.name), number, views.absolute_orbit).tolist()
        for word in ("made", "again", "collection 1")
    ]
    for row, (made, again, first) in enumerate(zip(*drawn, strict=True)):
        time = moment(float(views.time[row]))
        hours = 2.5 + 4 * made + (2.5 if collection == "sentinel-2-l2a" else 0)
        at_once, baseline = time + timedelta(hours=hours), baseline_of(time)
        versions = [(baseline, at_once)]
        if again < AGAIN_CHANCE:
            versions.append((baseline, at_once + timedelta(hours=20 + 60 * made)))
        if first < COLLECTION_1_CHANCE and time < COLLECTION_1_END:
            versions.append((COLLECTION_1, COLLECTION_1_MADE + timedelta(days=100 * made)))
        for each in versions:
            yield _granule(collection, tiles[views.tile[row]], satellite, views, row, (time, *each))


def _granule(
    collection: str, tile: Tile, satellite: Satellite, views: Views, row: int, version: tuple[datetime, str, datetime]
) -> Granule:
    """One granule: what was seen in a row of views; time, baseline, and when it was made."""
    level, platform = LEVELS[collection], satellite.name.replace("sentinel-", "S").upper()
    time, baseline, made = version
    made = made.replace(microsecond=0)
    name = (
        f"{platform}_MSI{level}_{moment(float(views.take[row])):{STAMP}}_N{baseline.replace('.', '')}"
        f"_R{views.relative_orbit[row]:03d}_T{tile.name}_{made:{STAMP}}.SAFE"
    )
    return Granule(
        granule_id=name,
        collection=collection,
        platform=satellite.name,
        time=time,
        footprint=views.footprint[row],
        cloud_cover=float(views.cloud_cover[row]),
        orbit_state="descending",
        relative_orbit=int(views.relative_orbit[row]),
        absolute_orbit=int(views.absolute_orbit[row]),
        epsg=tile.epsg,
        processing_baseline=baseline,
        published=made,
        data_path=f"creo://eodata/Sentinel-2/MSI/{level}/{time:%Y/%m/%d}/{name}",
    )
