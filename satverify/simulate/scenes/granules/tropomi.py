"""The catalogue of simulated Sentinel-5P granules: NO2 and cloud, in all the versions that a product goes through.

Near-real-time products (NRTI) are pieces of five minutes, there within hours and gone when the offline product (OFFL)
of the whole orbit comes some days later; what was measured before the current processor was reprocessed (RPRO) in 2023
and took the place of the offline product. A granule's time is the middle of its daylit part. Nothing is recorded where
the track is beyond 68 degrees of latitude.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule
from satverify.physics.satellites import SATELLITES, Satellite
from satverify.physics.sun import solar_declination
from satverify.simulate.scenes.noise import chance
from satverify.simulate.scenes.swaths import Area, every_piece, is_wide, passes_over, pieces_of, swath_pieces
from satverify.simulate.scenes.world import World, moment, seconds_of

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

SATELLITE_NAME = "sentinel-5p"
TYPES = ("NO2", "CLOUD")
PIECE = 300.0  # [s] of a near-real-time product
FIRST_PIECE, LAST_PIECE = -4, 3  # of those in daylight, counted from the node
DAYLIGHT = (FIRST_PIECE * PIECE, (LAST_PIECE + 1) * PIECE)  # [s] after the node that an orbit's product covers
SPACING = 4.0  # [degree] between the places that are asked for passes
VERSIONS = (  # first day of each; Sentinel-5P NO2 product readme file
    ("2018-01-01", "01", "010202"),
    ("2019-03-20", "01", "010302"),
    ("2020-12-02", "01", "010400"),
    ("2021-07-01", "02", "020200"),
    ("2021-11-14", "02", "020301"),
    ("2022-07-26", "03", "020400"),
    ("2023-11-26", "03", "020600"),
)
REPROCESSED = ("03", "020400")
REPROCESSED_UNTIL = datetime(2022, 7, 26, tzinfo=UTC)
REPROCESSED_FROM = datetime(2023, 3, 1, tzinfo=UTC)


def tropomi_granules(world: World, box: Box, span: tuple[float, float]) -> list[Granule]:
    """Granules of all versions whose footprint meets a box, acquired in ``span`` [s since 1970-01-01 UTC]."""
    satellite = SATELLITES[SATELLITE_NAME]
    area = shapely.box(*box)
    shapely.prepare(area)
    wider = (span[0] - satellite.orbit.period, span[1] + satellite.orbit.period)
    if is_wide(box, SPACING):
        turn, number = every_piece(satellite, wider, PIECE, range(FIRST_PIECE, LAST_PIECE + 1))
    else:
        over = passes_over(satellite, box, wider, is_ascending=True, spacing=SPACING)
        turn, number = pieces_of(over, satellite, PIECE)
    inside = (number >= FIRST_PIECE) & (number <= LAST_PIECE)
    turn, number = turn[inside], number[inside]
    begin = number.astype(np.float64) * PIECE
    short = swath_pieces(satellite, _nodes(satellite, turn), begin, begin + PIECE)
    orbits = np.unique(turn)
    begin, end = (np.full(orbits.size, edge) for edge in DAYLIGHT)
    long = swath_pieces(satellite, _nodes(satellite, orbits), begin, end)
    found: list[Granule] = []
    for orbit, piece in zip(orbits.tolist(), long, strict=True):
        if piece is not None and area.intersects(piece):
            found.extend(_orbit_products(world, satellite, orbit, piece))
    for orbit, at, piece in zip(turn.tolist(), number.tolist(), short, strict=True):
        if piece is not None and area.intersects(piece):
            found.extend(_quick_products(world, satellite, orbit, at, piece))
    return [granule for granule in found if span[0] <= seconds_of(granule.time) < span[1]]


def version_of(day: datetime) -> tuple[str, str]:
    """Collection and processor version of what was made on this day."""
    stamp = f"{day:%Y-%m-%d}"
    return next((collection, version) for since, collection, version in reversed(VERSIONS) if since <= stamp)


def _nodes(satellite: Satellite, turn: Integers) -> Floats:
    """Northward crossings of the equator. [s since 1970-01-01 UTC]"""
    return satellite.node_time + turn.astype(np.float64) * satellite.orbit.period


def _orbit_products(world: World, satellite: Satellite, orbit: int, piece: Area) -> Iterator[Granule]:
    """Offline and reprocessed products of one orbit."""
    node = satellite.node_time + orbit * satellite.orbit.period
    time = moment(node)
    # Orbits are cut at the satellite's midnight, which follows the Sun north and south.
    start = node - satellite.orbit.period * (0.5 - float(solar_declination(node)) / (2 * np.pi))
    named = (moment(start), moment(start + satellite.orbit.period))
    for kind in TYPES:
        made, remade = _offline_at(world, time, orbit, kind), _reprocessed_at(world, time, orbit, kind)
        shared = (satellite, orbit, piece, time, kind)
        yield _granule(shared, "OFFL", version_of(made), named, (made, remade))
        if remade is not None:
            yield _granule(shared, "RPRO", REPROCESSED, named, (remade, None))


def _quick_products(world: World, satellite: Satellite, orbit: int, number: int, piece: Area) -> Iterator[Granule]:
    """Near-real-time products of five minutes."""
    start = satellite.node_time + orbit * satellite.orbit.period + number * PIECE
    named = (moment(start), moment(start + PIECE))
    time = moment(start + PIECE / 2)
    whole = moment(satellite.node_time + orbit * satellite.orbit.period)
    for kind in TYPES:
        made = time + timedelta(hours=2.3 + chance(world.seed, "NRTI", kind, orbit, number))
        lifetime = (made.replace(microsecond=0), _offline_at(world, whole, orbit, kind))
        yield _granule((satellite, orbit, piece, time, kind), "NRTI", version_of(made), named, lifetime)


def _offline_at(world: World, time: datetime, orbit: int, kind: str) -> datetime:
    """When the catalogue lists the offline product."""
    made = time + timedelta(days=3.5 + 2.5 * chance(world.seed, "OFFL", kind, orbit))
    return made.replace(microsecond=0)


def _reprocessed_at(world: World, time: datetime, orbit: int, kind: str) -> datetime | None:
    """When the catalogue lists the reprocessed product; never for what the current processor made."""
    if time >= REPROCESSED_UNTIL:
        return None
    made = REPROCESSED_FROM + timedelta(days=20 * chance(world.seed, "RPRO", kind, orbit))
    return made.replace(microsecond=0)


def _granule(
    shared: tuple[Satellite, int, Area, datetime, str],
    timeliness: str,
    version: tuple[str, str],
    named: tuple[datetime, datetime],
    lifetime: tuple[datetime, datetime | None],
) -> Granule:
    """One product: satellite, orbit, ground, time and kind; its version; begin and end in its name; its lifetime."""
    satellite, orbit, piece, time, kind = shared
    relative, absolute = (int(part) for part in satellite.orbit_numbers(np.asarray(orbit)))
    begin, end, made = (f"{part:%Y%m%dT%H%M%S}" for part in (*named, lifetime[0]))
    product = f"L2__{kind:_<6}"
    name = f"S5P_{timeliness}_{product}_{begin}_{end}_{absolute:05d}_{version[0]}_{version[1]}_{made}"
    return Granule(
        granule_id=name,
        collection="sentinel-5p-l2",
        platform=satellite.name,
        time=time,
        footprint=piece,
        orbit_state="ascending",
        relative_orbit=relative,
        absolute_orbit=absolute,
        product_type=kind,
        timeliness=timeliness,
        processing_baseline=".".join((version[1][:2], version[1][2:4], version[1][4:])),
        published=lifetime[0],
        withdrawn=lifetime[1],
        data_path=f"creo://eodata/Sentinel-5P/TROPOMI/{product}/{named[0]:%Y/%m/%d}/{name}/{name}.nc",
    )
