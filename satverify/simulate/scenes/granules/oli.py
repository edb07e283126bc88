"""The catalogue of simulated Landsat 8 and 9 granules: daylit scenes of the Worldwide Reference System 2.

Scenes are centred on rows, 248 of them in a revolution. Each is listed once, in tier 1; the real-time scenes that come
before it are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import shapely

from satverify.domain.granules import Box, Granule
from satverify.physics.satellites import SATELLITES, Satellite, ground_places
from satverify.physics.sun import solar_angles
from satverify.physics.utm import utm_epsg
from satverify.simulate.scenes.noise import chance
from satverify.simulate.scenes.swaths import Area, every_piece, is_wide, passes_over, pieces_of, swath_pieces
from satverify.simulate.scenes.track import cover_of_pieces
from satverify.simulate.scenes.world import World, moment

SATELLITE_NAMES = ("landsat-8", "landsat-9")
ROWS = 248  # in a revolution
EQUATOR_ROW = 60  # southward
BESIDE = 5  # scenes before and after a pass's own that may meet a place too
SOUTHWARD = range(ROWS // 4 - BESIDE, 3 * ROWS // 4 + BESIDE)  # spacings of scenes after the node
HALF_SCENE = 13.6  # [s] 183 km from its first line to its last
SPACING = 1.0  # [degree] between the places that are asked for passes
LOWEST_SUN = np.radians(80.0)  # zenith angle beyond which scenes are not listed


def oli_granules(world: World, box: Box, span: tuple[float, float]) -> list[Granule]:
    """Granules whose footprint meets a box, acquired in ``span`` [s since 1970-01-01 UTC]."""
    area = shapely.box(*box)
    shapely.prepare(area)
    found: list[Granule] = []
    for name in SATELLITE_NAMES:
        found.extend(_scenes(world, box, area, SATELLITES[name], span))
    return found


def scene_after(satellite: Satellite, row: int) -> float:
    """Time after the node at which the middle of a row is passed. [s]"""
    return satellite.orbit.period * (0.5 + (row - EQUATOR_ROW) / ROWS)


def _scenes(
    world: World, box: Box, area: shapely.Polygon, satellite: Satellite, span: tuple[float, float]
) -> Iterator[Granule]:
    spacing = satellite.orbit.period / ROWS
    wider = (span[0] - 4 * spacing, span[1] + 4 * spacing)
    if is_wide(box, SPACING):
        turn, number = every_piece(satellite, wider, spacing, SOUTHWARD)
    else:
        over = passes_over(satellite, box, wider, is_ascending=False, spacing=SPACING)
        turn, number = pieces_of(over, satellite, spacing, beside=BESIDE)
    row = number - ROWS // 2 + EQUATOR_ROW
    node = satellite.node_time + turn.astype(np.float64) * satellite.orbit.period
    after = number.astype(np.float64) * spacing
    longitude, latitude = ground_places(satellite, node, after, np.zeros_like(after))
    zenith, _ = solar_angles(node + after, longitude, latitude)
    inside = (node + after >= span[0]) & (node + after < span[1]) & (zenith < LOWEST_SUN) & (row > 0)
    turn, row, node, after = turn[inside], row[inside], node[inside], after[inside]
    pieces = swath_pieces(satellite, node, after - HALF_SCENE, after + HALF_SCENE)
    met = [at for at, piece in enumerate(pieces) if piece is not None and area.intersects(piece)]
    cover = cover_of_pieces(world, satellite, node[met], after[met] - HALF_SCENE, 2 * HALF_SCENE)
    for at, clouds in zip(met, cover.tolist(), strict=True):
        piece = pieces[at]
        if piece is not None:
            yield _granule(world, satellite, (int(turn[at]), int(row[at])), piece, clouds)


def _granule(world: World, satellite: Satellite, place: tuple[int, int], piece: Area, clouds: float) -> Granule:
    turn, row = place
    node = satellite.node_time + turn * satellite.orbit.period
    after = scene_after(satellite, row)
    longitude, latitude = (float(part) for part in ground_places(satellite, node, np.asarray(after), np.asarray(0.0)))
    path, absolute = (int(part) for part in satellite.orbit_numbers(np.asarray(turn)))
    time = moment(node + after)
    days = 5 + 12 * chance(world.seed, "made", satellite.name, turn, row)
    published = (time + timedelta(days=days)).replace(microsecond=0)
    mission = f"LC0{satellite.name[-1]}"
    name = f"{mission}_L1TP_{path:03d}{row:03d}_{time:%Y%m%d}_{published:%Y%m%d}_02_T1"
    folder = f"s3://usgs-landsat/collection02/level-1/standard/oli-tirs/{time:%Y}/{path:03d}/{row:03d}"
    return Granule(
        granule_id=name,
        collection="landsat-ot-l1",
        platform=satellite.name,
        time=time,
        footprint=piece,
        cloud_cover=round(clouds, 2),
        orbit_state="descending",
        relative_orbit=path,
        absolute_orbit=absolute,
        epsg=utm_epsg(longitude, abs(latitude)),  # Landsat keeps to the northern zones on both sides of the equator
        processing_baseline="02",
        published=published,
        data_path=f"{folder}/{name}",
    )
