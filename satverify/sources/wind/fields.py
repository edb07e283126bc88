"""Fields of wind: one quantity at one height, spread over any number of files, read only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from satverify.domain.wind import NoWind
from satverify.sources.wind.axes import Axis, Flags, Floats, Ground, Places
from satverify.sources.wind.files import DAMAGE, damaged
from satverify.sources.wind.names import Quantity

BLOCK = 2**20
"""Values read at once, unless a chunk of the file is larger. Eight bytes each."""
CONTIGUOUS = (64, 64, 64)
"""Steps, rows and columns read together from a file that is not chunked."""
PLAUSIBLE = {Quantity.BOUNDARY_LAYER: (-50.0, 20_000.0)}  # [m] packing may leave a little less than nothing
PLAUSIBLE_WIND = (-150.0, 150.0)  # [m s-1] the strongest gust measured is 113: WMO, Barrow Island, 1996-04-10
REASONS = tuple(NoWind)
"""Reasons by the small numbers that stand for them in arrays."""

Reasons = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One variable of one file."""

    file: str
    """Name of the file."""
    name: str
    """Name of the variable."""
    quantity: Quantity
    variable: xr.Variable
    """The values, still in the file."""
    dims: tuple[str | None, str, str]
    """Dimensions of time, latitude and longitude; a file of a single step may have none of time."""
    fixed: Mapping[str, int]
    """Positions along other dimensions, such as the height."""
    versions: tuple[str, tuple[int, ...]] | None
    """Dimension of ERA5's ``expver`` and the positions along it, the one that counts most first."""
    time: Floats
    """Steps in the order of the file. [s] since 1970-01-01 UTC"""
    rank: Places
    """0 for steps that are final, more for preliminary ones, which give way."""
    ground: Ground

    def read(self, steps: slice, rows: slice, columns: slice) -> Floats:
        """A block by positions in the file, ``(time, latitude, longitude)``; NaN where there is no plausible value.

        Raises
        ------
        InputError
            The file is damaged there.
        """
        box = dict(zip(self.dims, (steps, rows, columns), strict=True))
        where: dict[str, int | slice] = {dim: part for dim, part in box.items() if dim is not None}
        where.update(self.fixed)
        if self.versions is None:
            return self._values(where)
        dim, positions = self.versions
        values = self._values(where | {dim: positions[0]})
        for position in positions[1:]:
            if not np.isnan(values).any():
                break
            values = np.where(np.isnan(values), self._values(where | {dim: position}), values)
        return values

    def _values(self, where: Mapping[str, int | slice]) -> Floats:
        try:
            block = self.variable.isel(where).load()
        except DAMAGE as exc:
            raise damaged(self.file, self.name, exc) from exc
        dims = [dim for dim in self.dims if dim is not None]
        values = np.asarray(block.transpose(*dims).to_numpy(), dtype=np.float64)
        values = values if self.dims[0] is not None else values[None]
        least, most = PLAUSIBLE.get(self.quantity, PLAUSIBLE_WIND)
        with np.errstate(invalid="ignore"):
            return np.where((values >= least) & (values <= most), values, np.nan)

    def tile(self) -> tuple[int, int, int]:
        """Steps, rows and columns that are best read together: whole chunks, as many as fit into a block."""
        sizes = [len(self.time), len(self.ground.latitude.values), len(self.ground.longitude.values)]
        chunks = _chunks(self.variable)
        tile = [
            min(chunks.get(dim or "", most), size) for dim, most, size in zip(self.dims, CONTIGUOUS, sizes, strict=True)
        ]
        for axis in (0, 2, 1):
            room = BLOCK // int(np.prod(tile))
            if chunks and room > 1:
                tile[axis] *= min(room, -(-sizes[axis] // tile[axis]))
        return tile[0], tile[1], tile[2]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One quantity at one height."""

    parts: tuple[Part, ...]
    """All on one ground."""
    time: Axis
    """Steps of all parts; ``places`` are into ``part`` and ``step``."""
    part: Places
    """Which part each step is in."""
    step: Places
    """Where in its part."""

    @property
    def ground(self) -> Ground:
        """The horizontal grid."""
        return self.parts[0].ground

    def at(self, longitude: Floats, latitude: Floats, seconds: Floats) -> tuple[Floats, Reasons]:
        """Values between the steps: bilinear in space, linear in time.

        Parameters
        ----------
        longitude, latitude, seconds
            Places and times, ``(point,)``. [degree, s]

        Returns
        -------
        Values, NaN where there are none, and the positions in ``REASONS`` of why, ``(point,)`` each.
        """
        corners, moments = self.ground.corners(longitude, latitude), self.time.bracket(seconds)
        reasons = self._reasons(corners.is_inside, moments.is_inside, seconds, np.isnan(longitude + latitude + seconds))
        known = np.flatnonzero(reasons == 0)
        steps = np.stack([moments.lower, moments.upper])[:, None, known]
        shares = np.stack([1 - moments.share, moments.share])[:, None, known]
        row, column = corners.row[:, known], corners.column[:, known]
        weight = shares * corners.weight[:, known]
        is_needed = weight > 0
        nodes = np.zeros(weight.shape)
        shape = weight.shape
        nodes[is_needed] = self.nodes(
            *(np.broadcast_to(places, shape)[is_needed] for places in (self.time.places[steps], row, column))
        )
        if self.parts[0].quantity is not Quantity.BOUNDARY_LAYER:
            nodes = nodes * corners.sign[:, known]
        values = np.full(len(longitude), np.nan)
        values[known] = (nodes * weight).sum(axis=(0, 1))
        reasons[known[np.isnan(values[known])]] = REASONS.index(NoWind.NO_VALUE)
        return values, reasons

    def nodes(self, step: Places, row: Places, column: Places) -> Floats:
        """Values of the file at nodes, one shape; every block of the file is read once."""
        ground = self.ground
        shape = (len(self.part), len(ground.latitude.values), len(ground.longitude.values))
        wanted, back = np.unique(np.ravel_multi_index((step, row, column), shape), return_inverse=True)
        step, row, column = np.unravel_index(wanted, shape)
        values = np.empty(len(wanted))
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(self.part[step] == number)
            places = (
                self.step[step[mine]],
                part.ground.latitude.places[row[mine]],
                part.ground.longitude.places[column[mine]],
            )
            for group in _tiles(places, part.tile()):
                inside = tuple(place[group] for place in places)
                first = [int(place.min()) for place in inside]
                block = part.read(*(slice(low, int(place.max()) + 1) for low, place in zip(first, inside, strict=True)))
                values[mine[group]] = block[tuple(place - low for low, place in zip(first, inside, strict=True))]
        return values[back]

    def has_values(self) -> bool:
        """Whether there is any value at all: a few nodes are looked at, and all of the file only if they are blank."""
        sizes = (len(self.part), len(self.ground.latitude.values), len(self.ground.longitude.values))
        middle = [np.array([size // 2]) for size in sizes]
        spread = np.meshgrid(*(np.array([0, size // 2, size - 1]) for size in sizes), indexing="ij")
        for probe in (middle, [places.ravel() for places in spread]):
            if np.isfinite(self.nodes(*probe)).any():
                return True
        return any(np.isfinite(block).any() for part in self.parts for block in _blocks(part))

    def _reasons(self, is_on_ground: Flags, is_in_time: Flags, seconds: Floats, is_unknown: Flags) -> Reasons:
        """Why there can be no value; the first reason of each point counts."""
        conditions = {
            NoWind.UNKNOWN_POINT: is_unknown,
            NoWind.OFF_AREA: ~is_on_ground,
            NoWind.BEFORE: seconds < self.time.values[0],
            NoWind.AFTER: seconds > self.time.values[-1],
            NoWind.GAP: ~is_in_time,
        }
        numbers = [np.int8(REASONS.index(reason)) for reason in conditions]
        return np.select(list(conditions.values()), numbers, default=np.int8(0)).astype(np.int8)


def joined(parts: Sequence[Part]) -> tuple[Field, int]:
    """Field of parts on one ground, and how many steps are left out because a better or earlier part has them too."""
    part = np.repeat(np.arange(len(parts)), [len(each.time) for each in parts])
    step = np.concatenate([np.arange(len(each.time)) for each in parts])
    time = np.concatenate([each.time for each in parts])
    order = np.lexsort((step, part, np.concatenate([each.rank for each in parts]), time))
    values, first = np.unique(time[order], return_index=True)
    axis = Axis(values=values, places=order[first])
    return Field(parts=tuple(parts), time=axis, part=part, step=step), len(time) - len(values)


def _chunks(variable: xr.Variable) -> dict[str, int]:
    """Chunk by dimension as the file has it, empty where it is not chunked."""
    preferred = variable.encoding.get("preferred_chunks") or {}
    return {str(dim): int(size[0] if isinstance(size, tuple) else size) for dim, size in preferred.items()}


def _tiles(places: tuple[Places, ...], tile: tuple[int, ...]) -> Iterator[Places]:
    """Positions of the nodes of each tile, in the order of the file."""
    keys = [place // size for place, size in zip(places, tile, strict=True)]
    order = np.lexsort(keys[::-1])
    if not len(order):
        return
    is_new = np.zeros(len(order), dtype=bool)
    for key in keys:
        is_new[1:] |= np.diff(key[order]) != 0
    yield from np.split(order, np.flatnonzero(is_new))


def _blocks(part: Part) -> Iterator[Floats]:
    """The whole of a part, a tile at a time."""
    sizes = (len(part.time), len(part.ground.latitude.values), len(part.ground.longitude.values))
    tile = part.tile()
    for step in range(0, sizes[0], tile[0]):
        for row in range(0, sizes[1], tile[1]):
            for column in range(0, sizes[2], tile[2]):
                yield part.read(slice(step, step + tile[0]), slice(row, row + tile[1]), slice(column, column + tile[2]))
