"""Places in which heat returns from scene to scene: a furnace taps for years at one spot, a fire burns there once.

References
----------
M. Faruolo et al., Remote Sensing 14(24), 6319, 2022. doi:10.3390/rs14246319 (DAFI): a gas flare is hot in a tenth of
its clear scenes at least.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]

RETURNS = 0.1
"""Share of clear scenes in which a place is hot, at least: Faruolo et al. [1]"""
FEWEST = 3
"""Scenes in which it is, however few there are."""
LASTS = np.timedelta64(30, "D")
"""From the first of them to the last, at least: longer than fires burn at one spot."""
CORE = 0.3
"""A pixel is part of a place where it holds this share of the excess of the hottest one: beyond is the blur. [1]"""
SADDLE = 0.35
"""Two peaks are two places where heat between them falls by this share of the lower peak. [1]"""
BLUR = 0.6
"""Standard deviation by which heat is smoothed before peaks are told: registration moves it about as much. [pixel]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotStack:
    """Hot pixels of one sensor's scenes over one window."""

    sensor: str
    """Key into ``SENSORS``."""
    grid: Grid
    """Where the pixels lie."""
    time: NDArray[np.datetime64]
    """Of each scene, UTC, ascending, shape (time,)."""
    satellite: tuple[str, ...]
    """Platform of each scene."""
    is_hot: Booleans
    """Hot pixels, shape (time, y, x)."""
    is_seen: Booleans
    """Pixels with data and no cloud, of that shape; a hot pixel is seen."""
    swir22: Images
    """Radiance over background at 2.2 µm, of that shape; NaN where unknown. [W m⁻² sr⁻¹ µm⁻¹]"""
    swir16: Images
    """Likewise at 1.6 µm; NaN where either band is saturated, so that no temperature is told from it."""

    def __post_init__(self) -> None:
        shape = (len(self.time), *self.grid.shape)
        arrays = (self.is_hot, self.is_seen, self.swir22, self.swir16)
        if any(each.shape != shape for each in arrays) or len(self.satellite) != shape[0]:
            raise InputError(f"hot pixels of {self.sensor}: expected all of them of shape {shape}, found another")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotPlace:
    """One place to which heat returns."""

    row: Integers
    """Pixels of its ground, shape (pixels,)."""
    column: Integers
    """Likewise."""
    seen: Booleans
    """Scenes in which half of it or more was seen, shape (time,)."""
    hot: Booleans
    """Scenes in which any of it was hot, shape (time,)."""
    excess22: Floats
    """Radiance over background at 2.2 µm of the ground and the pixels round it, summed, shape (time,); NaN where not
    seen, or unknown of a hot pixel. [W m⁻² sr⁻¹ µm⁻¹]"""
    excess16: Floats
    """Likewise at 1.6 µm."""

    @property
    def share(self) -> float:
        """Share of the scenes that saw it in which it was hot. (0, 1]"""
        return float((self.hot & self.seen).sum() / max(int(self.seen.sum()), 1))


def hot_places(stack: HotStack) -> tuple[HotPlace, ...]:
    """Find the places to which heat returns.

    Parameters
    ----------
    stack
        Hot pixels of all scenes.

    Returns
    -------
    The place with the largest mean excess first; none where heat did not return. Places do not overlap.
    """
    if len(stack.time) == 0:
        return ()
    is_hot = stack.is_hot & stack.is_seen
    mean = _mean_excess(stack, is_hot)
    kept = _returns(stack, is_hot)
    smooth = np.where(kept, ndimage.gaussian_filter(mean, BLUR, mode="constant"), 0.0)
    number = _separate(smooth)
    found = [_place(stack, is_hot, *pixels) for pixels in _grounds(number, np.where(kept, mean, 0.0))]
    lasting = [place for place in found if _lasts(stack.time[place.hot])]
    lasting.sort(
        key=lambda place: (-float(mean[place.row, place.column].sum()), int(place.row[0]), int(place.column[0]))
    )
    return tuple(lasting)


def _mean_excess(stack: HotStack, is_hot: Booleans) -> Floats:
    """Excess of hot pixels, a mean over the scenes that saw them; one per hot scene where excess is unknown, (y, x)."""
    seen = stack.is_seen.sum(axis=0)
    known = np.isfinite(stack.swir22)
    value = np.where(is_hot, np.where(known, np.maximum(stack.swir22, 0.0), 0.0), 0.0).sum(axis=0, dtype=np.float64)
    if not value.any():
        value = is_hot.sum(axis=0).astype(np.float64)
    mean: Floats = value / np.maximum(seen, 1)
    return mean


def _returns(stack: HotStack, is_hot: Booleans) -> Booleans:
    """Pixels that were hot, they or one beside them, in enough scenes; they themselves at least twice."""
    near = ndimage.maximum_filter(is_hot.view(np.uint8), size=(1, 3, 3), mode="constant").sum(axis=0, dtype=np.int64)
    need = np.maximum(FEWEST, np.ceil(RETURNS * stack.is_seen.sum(axis=0)))
    enough: Booleans = (near >= need) & (is_hot.sum(axis=0) >= 2)
    return enough


def _lasts(times: NDArray[np.datetime64]) -> bool:
    return len(times) >= FEWEST and bool(times.max() - times.min() >= LASTS)


def _separate(smooth: Floats) -> Integers:
    """Number of the peak that each pixel above zero belongs to, -1 for others.

    Pixels are taken from the hottest down. Where one joins two peaks, they become one unless heat has fallen by
    ``SADDLE`` of the lower one by then.
    """
    number = np.full(smooth.shape, -1, dtype=np.int64)
    peak: list[float] = []
    stands_for: list[int] = []

    def root(one: int) -> int:
        while stands_for[one] != one:
            one = stands_for[one]
        return one

    order = np.argsort(-smooth, axis=None, kind="stable")
    for row, column in zip(*np.unravel_index(order, smooth.shape), strict=True):
        level = float(smooth[row, column])
        if level <= 0:
            break
        beside = number[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        roots = sorted({root(int(each)) for each in beside[beside >= 0]}, key=lambda one: (-peak[one], one))
        if not roots:
            roots = [len(peak)]
            peak.append(level)
            stands_for.append(roots[0])
        for lower in roots[1:]:
            if peak[lower] - level < SADDLE * peak[lower]:
                stands_for[lower] = roots[0]
        number[row, column] = roots[0]
    final = np.array([root(one) for one in range(len(peak))], dtype=np.int64)
    return np.where(number >= 0, final[number] if len(final) else number, -1)


def _grounds(number: Integers, mean: Floats) -> Iterator[tuple[Integers, Integers]]:
    """Rows and columns of the core of each peak that hangs together."""
    for one in np.unique(number[number >= 0]):
        own = number == one
        core = own & (mean >= CORE * mean[own].max())
        pieces, count = ndimage.label(core, structure=np.ones((3, 3)))
        if count > 1:  # the piece with most heat; others are skirts of neighbours
            heat = ndimage.sum_labels(mean, pieces, np.arange(1, count + 1))
            core = pieces == 1 + int(np.argmax(heat))
        row, column = np.nonzero(core)
        yield row.astype(np.int64), column.astype(np.int64)


def _place(stack: HotStack, is_hot: Booleans, row: Integers, column: Integers) -> HotPlace:
    height, width = stack.grid.shape
    rows, columns = (
        slice(max(int(row.min()) - 1, 0), int(row.max()) + 2),
        slice(max(int(column.min()) - 1, 0), int(column.max()) + 2),
    )
    near = np.zeros((height, width), dtype=bool)
    near[row, column] = True
    near = ndimage.maximum_filter(near, size=3, mode="constant")[rows, columns]
    seen = stack.is_seen[:, row, column].mean(axis=1) >= 0.5
    hot: Booleans = np.asarray(is_hot[:, row, column].any(axis=1))

    def summed(images: Images) -> Floats:
        part = images[:, rows, columns]
        known = np.isfinite(part)
        total: Floats = np.where(near & known, part, 0.0).sum(axis=(1, 2), dtype=np.float64)
        is_whole = ~(near & is_hot[:, rows, columns] & ~known).any(axis=(1, 2))
        return np.where(seen & is_whole, total, np.nan)

    return HotPlace(
        row=row,
        column=column,
        seen=seen,
        hot=hot,
        excess22=summed(stack.swir22),
        excess16=summed(stack.swir16),
    )
