"""A block of pixels before any band is drawn: what all imaging sensors see of the ground under one sky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.ground import Cover
from satverify.simulate.scenes.noise import key_of, normal
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

MOST_SPARE = 3  # times as many pixels as asked for are drawn rather than each by itself


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Pixels of one size, their ground, sky and Sun."""

    pixels: Pixels
    """Which."""
    cover: Cover
    """The ground."""
    temperature: Floats
    """Of its skin. [K]"""
    excess: Floats
    """Of the cloud field over its threshold."""
    cosine: Floats
    """Of the solar zenith angle; not positive by night."""
    aerosol: Floats
    """Optical depth of haze at 0.55 µm. [1]"""
    cirrus: Floats
    """Optical depth of thin cirrus. [1]"""
    time: float
    """When. [s since 1970-01-01 UTC]"""


def pixels_at(
    frame: Frame, size: tuple[float, float], positions: tuple[Floats, Floats], origin: tuple[float, float] = (0.0, 0.0)
) -> Pixels:
    """The pixels that hold positions of the plane; those of a position that is NaN mean nothing."""
    column, row = (
        np.floor((np.nan_to_num(part) - start) / edge).astype(np.int64)
        for part, start, edge in zip(positions, origin, size, strict=True)
    )
    return Pixels(frame=frame, size=size, columns=column, rows=row, origin=origin)


def condensed(pixels: Pixels) -> tuple[Pixels, Callable[[Floats], Floats]]:
    """The pixels of a block each once, as whole rows and columns where that is no waste, and how to spread them out."""
    if pixels.rows.shape[1:] == (1,) and pixels.columns.shape[:1] == (1,):
        rows, from_row = np.unique(pixels.rows[:, 0], return_inverse=True)
        columns, from_column = np.unique(pixels.columns[0], return_inverse=True)
        few = replace(pixels, rows=rows[:, None], columns=columns[None, :])
        down, across = _step_through(from_row, rows.size), _step_through(from_column, columns.size)
        if down is not None and across is not None:
            return few, lambda values: values[down, across]
        return few, lambda values: values[from_row[:, None], from_column[None, :]]
    row, column = np.broadcast_arrays(pixels.rows, pixels.columns)
    if int(np.ptp(row) + 1) * int(np.ptp(column) + 1) > MOST_SPARE * row.size:
        return replace(pixels, rows=row, columns=column), lambda values: values
    first = (row.min(), column.min())
    rows, columns = np.arange(first[0], row.max() + 1), np.arange(first[1], column.max() + 1)
    whole = replace(pixels, rows=rows[:, None], columns=columns[None, :])
    return whole, lambda values: values[row - first[0], column - first[1]]


def _step_through(numbers: NDArray[np.intp], length: int) -> slice | None:
    """All of so many numbers, up or down, as a slice; none where they come in another order."""
    if numbers.size == length and bool((np.diff(numbers) == 1).all()):
        return slice(None)
    return slice(None, None, -1) if numbers.size == length and bool((np.diff(numbers) == -1).all()) else None


def parts_of(pixels: Pixels, number: int) -> tuple[Pixels, Callable[[Floats], Floats]]:
    """The ``number`` by ``number`` finer pixels that each pixel of a block is made of, and how to take their mean."""
    steps, size = np.arange(number), (pixels.size[0] / number, pixels.size[1] / number)
    if pixels.rows.shape[1:] == (1,) and pixels.columns.shape[:1] == (1,):
        rows = (number * pixels.rows + steps).reshape(-1, 1)
        columns = (number * pixels.columns[0][:, None] + steps).reshape(1, -1)
        apart = (pixels.shape[0], number, pixels.shape[1], number)
        finer = replace(pixels, size=size, rows=rows, columns=columns)
        return finer, lambda values: values.reshape(apart).mean(axis=(1, 3))
    row, column = np.broadcast_arrays(pixels.rows, pixels.columns)
    up, across = np.meshgrid(steps, steps, indexing="ij")
    every = (number * number, *([1] * row.ndim))
    rows = (number * row + up.reshape(every)).reshape(-1, row.shape[-1])
    columns = (number * column + across.reshape(every)).reshape(-1, row.shape[-1])
    finer = replace(pixels, size=size, rows=rows, columns=columns)
    return finer, lambda values: values.reshape(number * number, *row.shape).mean(axis=0)


def place_in(whole: Pixels, part: Pixels) -> tuple[slice, slice] | None:
    """Where pixels lie in a block of the same lattice, both without gaps; none where they are not of that kind."""
    out = []
    for axis, (wide, few) in enumerate(((whole.rows, part.rows), (whole.columns, part.columns))):
        if wide.size != wide.shape[axis] or few.size != few.shape[axis] or not (_is_run(wide) and _is_run(few)):
            return None
        first = int(few.flat[0] - wide.flat[0])
        if first < 0 or first + few.size > wide.size:
            return None
        out.append(slice(first, first + few.size))
    return out[0], out[1]


def _is_run(numbers: NDArray[np.int64]) -> bool:
    return int(numbers.flat[-1] - numbers.flat[0]) + 1 == numbers.size


def noise_of(world: World, band: str, pixels: Pixels, time: float) -> Floats:
    """Noise of a band, with standard deviation 1: each pixel's own at each second."""
    return normal(key_of(world.seed, "noise", band, int(time)), pixels.rows, pixels.columns)
