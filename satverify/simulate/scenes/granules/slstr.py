"""The catalogue of simulated Sentinel-3 SLSTR granules: frames of three minutes, by day and by night.

Frames are cut as the real ones are, at multiples of 180 s after the node, and are named after it; the last one of a
revolution is shorter. The nadir view only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import shapely

from satverify.domain.granules import Box, Granule
from satverify.physics.satellites import SATELLITES, Satellite
from satverify.simulate.scenes.noise import chance
from satverify.simulate.scenes.swaths import Area, every_piece, is_wide, passes_over, pieces_of, swath_pieces
from satverify.simulate.scenes.track import cover_of_pieces, half_of
from satverify.simulate.scenes.world import World, moment

SATELLITE_NAMES = ("sentinel-3a", "sentinel-3b")
PRODUCTS = {"sentinel-3-slstr": "SL_1_RBT___", "sentinel-3-slstr-l2": "SL_2_LST___"}
FRAME = 180.0  # [s]
CYCLE = {"sentinel-3a": 54, "sentinel-3b": 35}  # number of the cycle that begins at the satellite's ``node_time``
AGAIN_CHANCE = 0.01
SPACING = 3.0  # [degree] between the places that are asked for passes


def slstr_granules(world: World, collection: str, box: Box, span: tuple[float, float]) -> list[Granule]:
    """Granules of one level whose footprint meets a box, acquired in ``span`` [s since 1970-01-01 UTC]."""
    area = shapely.box(*box)
    shapely.prepare(area)
    found: list[Granule] = []
    for name in SATELLITE_NAMES:
        for is_ascending in (False, True):
            found.extend(_frames(world, collection, box, area, SATELLITES[name], span, is_ascending=is_ascending))
    return found


def _frames(
    world: World,
    collection: str,
    box: Box,
    area: shapely.Polygon,
    satellite: Satellite,
    span: tuple[float, float],
    *,
    is_ascending: bool,
) -> Iterator[Granule]:
    wider = (span[0] - 3 * FRAME, span[1] + 3 * FRAME)
    period = satellite.orbit.period
    if is_wide(box, SPACING):
        turn, number = every_piece(satellite, wider, FRAME, range(int(period // FRAME) + 1))
    else:
        over = passes_over(satellite, box, wider, is_ascending=is_ascending, spacing=SPACING)
        begun = np.where(over.time < over.node_time, over.node_time - period, over.node_time)
        turn, number = pieces_of(replace(over, node_time=begun), satellite, FRAME)
    start = satellite.node_time + turn.astype(np.float64) * period + number * FRAME
    inside = (start >= span[0]) & (start < span[1]) & (number >= 0) & (number * FRAME < period)
    turn, number, start = turn[inside], number[inside], start[inside]
    begin = number.astype(np.float64) * FRAME
    node = start - begin
    pieces = swath_pieces(satellite, node, begin, np.minimum(begin + FRAME, period))
    met = [at for at, piece in enumerate(pieces) if piece is not None and area.intersects(piece)]
    half = half_of(satellite, begin + FRAME / 2)
    met = [at for at in met if half[at] == is_ascending]
    cover = cover_of_pieces(world, satellite, node[met], begin[met], FRAME)
    for at, clouds in zip(met, cover.tolist(), strict=True):
        piece = pieces[at]
        if piece is not None:
            yield from _versions(world, collection, satellite, (int(turn[at]), int(number[at])), piece, clouds)


def _versions(
    world: World, collection: str, satellite: Satellite, frame: tuple[int, int], piece: Area, clouds: float
) -> Iterator[Granule]:
    """A frame, and for some the same made again."""
    first = _granule(world, collection, satellite, frame, piece, clouds, "made")
    yield first
    if chance(world.seed, "again", satellite.name, *frame) < AGAIN_CHANCE:
        yield _granule(world, collection, satellite, frame, piece, clouds, "made again")


def _granule(
    world: World,
    collection: str,
    satellite: Satellite,
    frame: tuple[int, int],
    piece: Area,
    clouds: float,
    occasion: str,
) -> Granule:
    turn, number = frame
    start = moment(satellite.node_time + turn * satellite.orbit.period + number * FRAME)
    relative, absolute = (int(part) for part in satellite.orbit_numbers(np.asarray(turn)))
    hours = 26 + 8 * chance(world.seed, occasion, satellite.name, turn, number)
    published = (start + timedelta(hours=hours + (200 if occasion == "made again" else 0))).replace(microsecond=0)
    stop = start + timedelta(seconds=FRAME)
    cycle = CYCLE[satellite.name] + turn // satellite.orbit.repeat_orbits
    mission = satellite.name.replace("sentinel-", "S").upper()
    name = (
        f"{mission}_{PRODUCTS[collection]}_{start:%Y%m%dT%H%M%S}_{stop:%Y%m%dT%H%M%S}_{published:%Y%m%dT%H%M%S}"
        f"_0179_{cycle:03d}_{relative:03d}_{number * FRAME:04.0f}_PS1_O_NT_004.SEN3"
    )
    folder = f"creo://eodata/Sentinel-3/SLSTR/{PRODUCTS[collection]}/{start:%Y/%m/%d}"
    return Granule(
        granule_id=name,
        collection=collection,
        platform=satellite.name,
        time=start,
        footprint=piece,
        cloud_cover=round(clouds, 2),
        orbit_state="ascending" if half_of(satellite, np.array([(number + 0.5) * FRAME]))[0] else "descending",
        relative_orbit=relative,
        absolute_orbit=absolute,
        published=published,
        data_path=f"{folder}/{name}",
    )
