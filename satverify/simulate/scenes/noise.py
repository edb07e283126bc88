"""Chance without a generator: numbers that depend on a place, a time and a seed only, whoever asks and in what order.

Whole numbers are mixed to 64 random-looking bits (the finaliser of SplitMix64); everything else is made of those.

References
----------
G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014. doi:10.1145/2660193.2660195
K. Perlin, Improving noise, SIGGRAPH 2002. doi:10.1145/566654.566636
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
FIRST_MIX = np.uint64(0xBF58476D1CE4E5B9)
SECOND_MIX = np.uint64(0x94D049BB133111EB)
EVERYTHING = 0xFFFFFFFFFFFFFFFF
EVERY_OTHER = np.uint64(0x0000FFFF0000FFFF)
ROWS_OF_A_CELL = 6
"""On average, from which on it is faster to go from cell to cell."""
LOW_HALF = np.uint64(0xFFFFFFFF)
QUARTER_SPREAD = 65_536 * np.sqrt(1 / 3)  # standard deviation of the sum of four 16-bit numbers


@lru_cache(maxsize=8192, typed=True)
def key_of(*parts: int | str) -> int:
    """One seed out of several numbers and words; their order counts. [0, 2⁶⁴)"""
    key = 0
    for part in parts:
        number = int.from_bytes(part.encode(), "little") + len(part) if isinstance(part, str) else part
        while True:
            key = _mixed(key * 31 + (number & EVERYTHING) + GOLDEN)
            number >>= 64
            if number in (0, -1):
                break
    return key


def chance(*parts: int | str) -> float:
    """One number that depends on all parts. [0, 1)"""
    return key_of(*parts) / 2**64


def scattered(key: int, rows: NDArray[Any], columns: NDArray[Any] | int = 0) -> Bits:
    """64 bits for each pair of whole numbers, of the shape that both broadcast to."""
    first, second = (np.asarray(part).astype(np.int64).view(np.uint64) for part in (rows, columns))
    is_one = first.ndim == second.ndim == 0
    down, across = _multipliers(key)
    bits: Bits = np.atleast_1d(second) * across  # arrays, unlike single numbers, overflow without a warning
    bits ^= np.uint64(key & EVERYTHING)
    bits = bits + np.atleast_1d(first) * down
    shifted = bits >> np.uint64(30)
    bits ^= shifted  # in place: blocks of an image's size are mixed for every band
    bits *= FIRST_MIX
    bits ^= np.right_shift(bits, np.uint64(27), out=shifted)
    bits *= SECOND_MIX
    bits ^= np.right_shift(bits, np.uint64(31), out=shifted)
    return bits[0] if is_one else bits


@lru_cache(maxsize=8192)
def _multipliers(key: int) -> tuple[np.uint64, np.uint64]:
    """What rows and columns are multiplied with: odd numbers of the key's own."""
    return np.uint64(_mixed(key) | 1), np.uint64(_mixed(key + GOLDEN) | 1)


def uniform(key: int, rows: NDArray[Any], columns: NDArray[Any] | int = 0) -> Floats:
    """A number in [0, 1) for each pair of whole numbers."""
    share = np.asarray(scattered(key, rows, columns) >> np.uint64(11)).astype(np.float64)
    share *= 2.0**-53
    return share


def normal(key: int, rows: NDArray[Any], columns: NDArray[Any] | int = 0) -> Floats:
    """A nearly normal number for each pair: four uniform ones added, mean 0, variance 1, never beyond 3.5."""
    bits = scattered(key, rows, columns)
    pairs = bits >> np.uint64(16)
    pairs &= EVERY_OTHER
    pairs += bits & EVERY_OTHER  # the first and second of four numbers in its lower half, the others in its upper
    total = (pairs & LOW_HALF) + (pairs >> np.uint64(32))
    deviation = np.asarray(total).astype(np.float64)
    deviation -= 2 * 65_535
    deviation /= QUARTER_SPREAD
    return deviation


def value_noise(key: int, x: Floats, y: Floats) -> Floats:
    """A smooth random surface over the plane, with hills about one unit wide.

    Parameters
    ----------
    key
        Which surface.
    x, y
        Where, in units of the hills; shapes that broadcast. No NaN.

    Returns
    -------
    Heights, half of them above 0.5. [0, 1)
    """
    left, low = np.floor(x), np.floor(y)
    across, up = _eased(x - left), _eased(y - low)
    column, row = left.astype(np.int64), low.astype(np.int64)
    if row.size == 0 or column.size == 0:
        return np.zeros(np.broadcast_shapes(x.shape, y.shape))
    west, south = int(column.min()), int(row.min())
    height, width = int(row.max()) - south + 2, int(column.max()) - west + 2
    posts = uniform(key, np.arange(south, south + height)[:, None], np.arange(west, west + width)[None, :])
    return between_knots(posts, (row - south, column - west), (up, across), None)


def between_knots(
    knots: Floats, corner: tuple[Integers, Integers], share: tuple[Floats, Floats], out: Floats | None
) -> Floats:
    """Bilinear interpolation between the knots of a net.

    Parameters
    ----------
    knots
        Values at the crossings, rows by columns.
    corner
        Row and column of the crossing before each point; arrays that broadcast.
    share
        How far each point lies beyond it, up and across. [0, 1]
    out
        Where to put the result, of the shape that all broadcast to; none: a new array.

    Returns
    -------
    Values at the points; the same to the last bit whether rows and columns come apart or as one array.
    """
    (row, column), (up, across) = corner, share
    if row.shape[1:] == (1,) and column.shape[:1] == (1,):  # whole rows and columns: along the columns first
        part = across[0]
        along = knots[:, column[0]]
        along += part * (knots[:, column[0] + 1] - along)
        return _up_along(along, row[:, 0], up, np.empty((row.size, part.size)) if out is None else out)
    flat, width = knots.ravel(), knots.shape[1]
    at = row * width + column
    below = flat[at]
    below += across * (flat[at + 1] - below)
    above = flat[at + width]
    above += across * (flat[at + width + 1] - above)
    above -= below
    above *= up
    value: Floats = np.add(above, below, out=out)
    return value


def _up_along(along: Floats, row: Integers, up: Floats, out: Floats) -> Floats:
    """Between the knots above and below each row, in ``out``; rows of one cell at a time where they are many."""
    rise = along[1:] - along[:-1]
    ends = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), row.size]
    if ROWS_OF_A_CELL * len(ends) <= row.size:
        for first, stop in pairwise(ends):
            cell = row[first]
            np.multiply(rise[cell], up[first:stop], out=out[first:stop])
            out[first:stop] += along[cell]
        return out
    np.take(rise, row, axis=0, out=out, mode="clip")  # "clip" takes without a buffer; no row is beyond the knots
    out *= up
    out += along[row]
    return out


def _eased(part: Floats) -> Floats:
    eased: Floats = part * part * (3 - 2 * part)
    return eased


def _mixed(number: int) -> int:
    """The finaliser of SplitMix64, on one number."""
    number &= EVERYTHING
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & EVERYTHING
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & EVERYTHING
    return number ^ (number >> 31)
