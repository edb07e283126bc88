"""Where an image truly lies: how far a scene is off its place, its bands off each other, and how sharp it is.

A scene is off by a fraction of a pixel, the same in all bands and versions; each band a little more of its own. Heat is
moved and blurred where its spots are spread over pixels; ground is drawn on the pixels themselves and then carried over
to its neighbours by three weights along rows and columns, whose mean is the displacement and whose variance the blur.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.noise import key_of, normal

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Shift: TypeAlias = tuple[float, float]

STEPS = np.arange(-1, 2)  # to a pixel's neighbours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """How values on a widened block are seen from the pixels of the block itself: by row first, then by column."""

    by_row: Callable[[Floats, int], Floats]
    """Values on the widened block and a step of -1, 0 or 1: the rows that lie so far from the block's."""
    by_column: Callable[[Floats, int], Floats]
    """What ``by_row`` gave and a step: the columns that lie so far from the block's."""

    def middle(self, values: Floats) -> Floats:
        """Values of the block's own pixels."""
        return self.by_column(self.by_row(values, 0), 0)


def scene_shift(seed: int, time: float, spread: float) -> Shift:
    """How far the image of one moment lies off its place along both axes of the plane. [m]

    Parameters
    ----------
    seed
        Of the simulation.
    time
        When. [s since 1970-01-01 UTC]
    spread
        Standard deviation along an axis. [m]
    """
    return _drawn(key_of(seed, "registration", int(time)), spread)


def band_shift(seed: int, time: float, band: str, spread: float) -> Shift:
    """How far a band lies off the others. [m]

    Parameters
    ----------
    seed, time, spread
        As for ``scene_shift``.
    band
        Its name.
    """
    return _drawn(key_of(seed, "registration", int(time), band), spread)


def moved(pixels: Pixels, shift: Shift) -> tuple[Pixels, Shift]:
    """The pixels whose ground is seen in others, to the nearest whole pixel, and what is left of the displacement.

    Parameters
    ----------
    pixels
        Of an image.
    shift
        How far the image is moved against the ground. [m]

    Returns
    -------
    Pixels of the ground, and the rest of the displacement [pixel], at most a half along each axis.
    """
    across, along = (part / size for part, size in zip(shift, pixels.size, strict=True))
    whole = (round(across), round(along))
    there = replace(pixels, columns=pixels.columns - whole[0], rows=pixels.rows - whole[1])
    return there, (across - whole[0], along - whole[1])


def widened(pixels: Pixels) -> tuple[Pixels, Neighbours]:
    """A block with all pixels that touch it, and how values on it are seen from the pixels of the block."""
    if pixels.rows.shape[1:] == (1,) and pixels.columns.shape[:1] == (1,):
        rows, up = _with_neighbours(pixels.rows[:, 0])
        columns, across = _with_neighbours(pixels.columns[0])
        wide = replace(pixels, rows=rows[:, None], columns=columns[None, :])
        return wide, Neighbours(
            by_row=lambda values, step: values[up(step)], by_column=lambda values, step: values[:, across(step)]
        )
    row, column = np.broadcast_arrays(pixels.rows, pixels.columns)
    row_steps, column_steps = np.meshgrid(STEPS, STEPS, indexing="ij")
    apart = (9, *([1] * row.ndim))
    rows, columns = (row + row_steps.reshape(apart)), (column + column_steps.reshape(apart))
    flat, apart = (-1, row.shape[-1]), (3, 3, *row.shape)  # two-dimensional, as blocks are everywhere else
    return replace(pixels, rows=rows.reshape(flat), columns=columns.reshape(flat)), Neighbours(
        by_row=lambda values, step: values.reshape(apart)[step + 1], by_column=lambda values, step: values[step + 1]
    )


def blurred(values: Floats, neighbours: Neighbours, shift: Shift, spread: float) -> Floats:
    """Values on the ground as an image shows them that is displaced and not quite sharp.

    Parameters
    ----------
    values
        On the widened block.
    neighbours
        From ``widened``.
    shift
        Of the image against the pixels of the ground. [pixel]
    spread
        Standard deviation of the blur along an axis. [pixel]
    """
    for amount, seen in ((shift[1], neighbours.by_row), (shift[0], neighbours.by_column)):
        square = spread**2 + amount**2
        before, here, after = (square + amount) / 2, 1 - square, (square - amount) / 2
        mixed = here * seen(values, 0)
        mixed += before * seen(values, -1)
        mixed += after * seen(values, 1)
        values = mixed
    return values


def _with_neighbours(numbers: Integers) -> tuple[Integers, Callable[[int], slice | Integers]]:
    """Sorted numbers and those beside them, and where the neighbour of each number is found in these."""
    if int(numbers[-1] - numbers[0]) + 1 == numbers.size:
        wide = np.arange(numbers[0] - 1, numbers[-1] + 2)
        return wide, lambda step: slice(1 + step, 1 + step + numbers.size)
    wide = np.unique(numbers[:, None] + STEPS)
    return wide, lambda step: np.searchsorted(wide, numbers + step)


def _drawn(key: int, spread: float) -> Shift:
    east, north = spread * normal(key, np.arange(2))
    return float(east), float(north)
