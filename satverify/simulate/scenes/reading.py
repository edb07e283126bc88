"""Pixels of one granule on the grid of a request: which of them the granule has, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.domain.grids import Grid
from satverify.physics.satellites import pass_over
from satverify.simulate.scenes.frames import Frame, TrackFrame, UtmFrame, netted, request_positions
from satverify.simulate.scenes.granules.oli import HALF_SCENE, scene_after
from satverify.simulate.scenes.granules.slstr import FRAME
from satverify.simulate.scenes.granules.tropomi import DAYLIGHT, PIECE
from satverify.simulate.scenes.pixels import oli, slstr, tropomi
from satverify.simulate.scenes.pixels.msi import OFFSET as COUNT_OFFSET
from satverify.simulate.scenes.pixels.msi import classification, counts
from satverify.simulate.scenes.tiles import SIDE, tile_corner
from satverify.simulate.scenes.track import frame_of
from satverify.simulate.scenes.world import World, seconds_of

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = dict[str, Floats]
Positions: TypeAlias = tuple[Floats, Floats]

OFFSET_SINCE = "04.00"  # processing baseline from which Sentinel-2 counts carry an offset
MOST_AT_ONCE = 300_000  # pixels that are drawn at a time, to keep memory small
ROOM = 20_000.0  # [m] by which a scene may reach beyond the corners of its bounds, projected
SURE = 2.0  # [km] within the swath by which a tile's corners vouch for what is between them
LINE_SPEED = 6.0  # [km/s] less than any satellite's point on the ground moves at
SWATH_NET = 5_000.0  # [m] between places at which a tile's distance to the track is computed


def _read_msi(world: World, granule: Granule, bands: Sequence[str], grid: Grid) -> Images:
    frame = UtmFrame(epsg=granule.epsg or 0)
    tile = granule.granule_id.split("_")[5][1:]
    left, top = tile_corner(tile, frame.epsg)
    x, y = request_positions(grid, frame, is_coarse=False)
    is_inside = (x >= left) & (x < left + SIDE) & (y <= top) & (y > top - SIDE)
    offset = COUNT_OFFSET if granule.processing_baseline >= OFFSET_SINCE else 0.0

    def draw(positions: Positions) -> Images:
        time, own = seconds_of(granule.time), [each for each in bands if each != "SCL"]
        images = counts(world, frame, own, positions, time, offset=offset, platform=granule.platform)
        if "SCL" in bands:
            images["SCL"] = classification(world, frame, positions, time, platform=granule.platform)
        return images

    return _in_view(granule, frame, (x, y), is_inside, draw) or _empty(bands, grid)


def _read_oli(world: World, granule: Granule, bands: Sequence[str], grid: Grid) -> Images:
    frame = UtmFrame(epsg=granule.epsg or 0)
    x, y = request_positions(grid, frame, is_coarse=False)
    west, south, east, north = granule.footprint.bounds
    corners = frame.position(np.array([west, west, east, east]), np.array([south, north, south, north]))
    is_inside = (x >= corners[0].min() - ROOM) & (x <= corners[0].max() + ROOM)
    is_inside = is_inside & (y >= corners[1].min() - ROOM) & (y <= corners[1].max() + ROOM)

    def draw(positions: Positions) -> Images:
        return oli.oli_bands(world, frame, bands, positions, seconds_of(granule.time), platform=granule.platform)

    return _in_view(granule, frame, (x, y), is_inside, draw) or _empty(bands, grid)


def _in_view(
    granule: Granule,
    frame: UtmFrame,
    positions: Positions,
    is_inside: NDArray[np.bool_],
    draw: Callable[[Positions], Images],
) -> Images:
    """Images of the part of a request that lies in a tile and was seen; nothing where there is none.

    Only the rows and columns of the request that meet the tile are drawn, however much more it asks for.
    """
    if not is_inside.any():
        return {}
    rows, columns = (_extent(np.flatnonzero(is_inside.any(axis=axis))) for axis in (1, 0))
    is_here = is_inside[rows, columns]
    x, y = (
        part[rows if part.shape[0] > 1 else slice(None), columns if part.shape[1] > 1 else slice(None)]
        for part in positions
    )
    if x.shape == is_here.shape and not is_here.all():  # what lies outside is drawn at some place inside, and cut off
        x, y = (np.where(is_here, part, part[is_here][0]) for part in np.broadcast_arrays(x, y))
    is_here = is_here & _is_in_swath(granule, frame, (x, y))
    if not is_here.any():
        return {}
    images = _in_strips(draw, (x, y))
    if is_here.size == is_inside.size and is_here.all():
        return images
    for name, image in images.items():
        images[name] = np.full(is_inside.shape, np.nan)
        images[name][rows, columns] = np.where(is_here, image, np.nan)
    return images


def _in_strips(draw: Callable[[Positions], Images], positions: Positions) -> Images:
    """Images of positions, some rows at a time: pixels far apart take their neighbours along, nine times as many."""
    x, y = positions
    height, width = np.broadcast_shapes(x.shape, y.shape)
    rows = max(1, MOST_AT_ONCE // width)
    if rows >= height:
        return draw(positions)
    parts = []
    for start in range(0, height, rows):
        strip = slice(start, start + rows)
        parts.append(draw((x[strip] if x.shape[0] > 1 else x, y[strip] if y.shape[0] > 1 else y)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _extent(met: NDArray[np.intp]) -> slice:
    """From the first to the last of some sorted numbers."""
    return slice(int(met[0]), int(met[-1]) + 1)


def _read_slstr(world: World, granule: Granule, bands: Sequence[str], grid: Grid) -> Images:
    frame, time = frame_of(granule), seconds_of(granule.time)
    begin = time - frame.node_time
    end = begin + FRAME if begin >= 0 else min(begin + FRAME, 0.0)  # the last frame before a node ends there
    positions, is_inside = _track_positions(frame, grid, (begin, end))
    if not is_inside.any():
        return _empty(bands, grid)
    images: Images = {}
    for size, kinds, draw in (
        (500.0, slstr.SOLAR, slstr.solar_bands),
        (1000.0, slstr.THERMAL, slstr.thermal_bands),
        (1000.0, slstr.LEVEL_2, slstr.level_2_bands),
    ):
        own = [band for band in bands if band in kinds]
        if own:
            place, spread = _rectangle(positions, is_inside, (size, size))
            is_bare = draw is slstr.solar_bands
            block = slstr.block_of(world, frame, place, size, time, is_bare=is_bare)
            drawn = draw(world, block, own, platform=granule.platform)
            images |= {name: spread(value) for name, value in drawn.items()}
    return _cut(images, is_inside, grid)


def _read_tropomi(world: World, granule: Granule, bands: Sequence[str], grid: Grid) -> Images:
    frame, time = frame_of(granule), seconds_of(granule.time)
    own = [band for band in bands if band in tropomi.BANDS[granule.product_type]]
    begin, end = DAYLIGHT
    if granule.timeliness == "NRTI":
        begin = time - frame.node_time - PIECE / 2
        end = begin + PIECE
    positions, is_inside = _track_positions(frame, grid, (begin, end))
    if not own or not is_inside.any():
        return _empty(bands, grid)
    place, spread = _rectangle(positions, is_inside, tropomi.track_size(time))
    node = frame.node_time  # all versions of an orbit see one and the same moment
    drawn = tropomi.tropomi_bands(world, frame, place, own, node, granule.timeliness)
    images = _cut({name: spread(value) for name, value in drawn.items()}, is_inside, grid)
    return {band: images[band] if band in images else np.full(grid.shape, np.nan) for band in bands}


def _is_in_swath(granule: Granule, frame: Frame, positions: Positions) -> NDArray[np.bool_]:
    """True where a tile's position was seen: within reach of the track, and of a Landsat scene's rows."""
    track = frame_of(granule)
    satellite = track.satellite

    def beside(x: Floats, y: Floats) -> Floats:
        after, off_track = pass_over(satellite, track.node_time, *frame.places(x, y), is_ascending=False)
        return np.stack([off_track, after])

    def is_seen(beside: Floats, room: float) -> NDArray[np.bool_]:
        off_track, after = beside
        left, right = satellite.reach_left - room, satellite.reach_right - room
        seen: NDArray[np.bool_] = (off_track <= left) & (off_track >= -right)
        if granule.collection.startswith("landsat"):
            row = int(granule.granule_id.split("_")[2][3:])
            seen &= np.abs(after - scene_after(satellite, row)) <= HALF_SCENE - room / LINE_SPEED
        return seen

    (west, east), (south, north) = ((float(part.min()), float(part.max())) for part in positions)
    corners = beside(np.array([west, west, east, east]), np.array([south, north, south, north]))
    if is_seen(corners, SURE).all():
        return np.ones((1, 1), dtype=bool)
    return is_seen(netted(beside, *positions, SWATH_NET), 0.0)


def _track_positions(
    frame: TrackFrame, grid: Grid, span: tuple[float, float]
) -> tuple[tuple[Floats, Floats], NDArray[np.bool_]]:
    """Positions of a request in the plane along a track, and where they are in the swath and the span [s]."""
    x, y = np.broadcast_arrays(*request_positions(grid, frame, is_coarse=True))
    begin, end = (edge * frame.speed for edge in span)
    with np.errstate(invalid="ignore"):
        is_inside = (x >= -1000 * frame.satellite.reach_left) & (x <= 1000 * frame.satellite.reach_right)
        is_inside &= (y >= begin) & (y < end)
    return (x, y), is_inside


def _rectangle(
    positions: tuple[Floats, Floats], is_inside: NDArray[np.bool_], size: tuple[float, float]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], Callable[[Floats], Floats]]:
    """Rows and columns of pixels that hold the positions that count, and how values of theirs are laid on these.

    They make a rectangle, in which slow quantities come cheap, unless that would hold far more pixels than are asked
    for.
    """
    column, row = (
        np.floor(np.where(is_inside, part, part[is_inside][0]) / edge).astype(np.int64)
        for part, edge in zip(positions, size, strict=True)
    )
    if int(np.ptp(row) + 1) * int(np.ptp(column) + 1) > 3 * row.size:
        return (row, column), lambda values: values
    rows = np.arange(row.min(), row.max() + 1)[:, None]
    columns = np.arange(column.min(), column.max() + 1)[None, :]
    at = (row - rows[0, 0], column - columns[0, 0])
    return (rows, columns), lambda values: values[at]


def _cut(images: Images, is_inside: NDArray[np.bool_], grid: Grid) -> Images:
    """Images that say nothing outside of the granule."""
    if is_inside.all():
        return {name: np.broadcast_to(image, grid.shape) for name, image in images.items()}
    return {name: np.where(is_inside, image, np.nan) for name, image in images.items()}


def _empty(bands: Sequence[str], grid: Grid) -> Images:
    return {band: np.full(grid.shape, np.nan) for band in bands}


READERS: Mapping[str, Callable[[World, Granule, Sequence[str], Grid], Images]] = MappingProxyType(
    {
        "sentinel-2-l1c": _read_msi,
        "sentinel-2-l2a": _read_msi,
        "sentinel-3-slstr": _read_slstr,
        "sentinel-3-slstr-l2": _read_slstr,
        "sentinel-5p-l2": _read_tropomi,
        "landsat-ot-l1": _read_oli,
    }
)
"""How the granules of each collection are read: simulation, granule, bands and grid in, an image of each band out."""
