"""Random surfaces that never change, over blocks of pixels that are asked for scene after scene."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.noise import value_noise

Floats: TypeAlias = NDArray[np.float64]

KEPT = 24
"""Textures that are kept: those of a site's blocks, since its scenes are drawn one after the other."""
LARGEST_KEPT = 100_000  # pixels: 20 MB in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Whole rows and columns without gaps; equal ones are the same pixels."""

    size: tuple[float, float]
    """Extent of a pixel across and along. [m]"""
    origin: tuple[float, float]
    """Where pixel 0, 0 begins. [m]"""
    columns: tuple[int, int]
    """First column, and one after the last."""
    rows: tuple[int, int]
    """First row, and one after the last."""


def run_of(pixels: Pixels) -> Run | None:
    """A block as whole rows and columns; none where it has gaps or another form."""
    rows, columns = pixels.rows, pixels.columns
    if 0 in pixels.shape or rows.shape[1:] != (1,) or columns.shape[:1] != (1,):
        return None
    ends = [(int(part.flat[0]), int(part.flat[-1]) + 1) for part in (columns, rows)]
    if ends[0][1] - ends[0][0] != columns.size or ends[1][1] - ends[1][0] != rows.size:
        return None
    return Run(size=pixels.size, origin=pixels.origin, columns=ends[0], rows=ends[1])


def pixels_of(run: Run, frame: Frame) -> Pixels:
    """``run_of`` the other way round."""
    return Pixels(
        frame=frame,
        size=run.size,
        origin=run.origin,
        columns=np.arange(*run.columns)[None, :],
        rows=np.arange(*run.rows)[:, None],
    )


def texture(key: int, pixels: Pixels, hill: float) -> Floats:
    """A smooth random surface over the plane at the middles of pixels, not to be written to. [0, 1)

    Parameters
    ----------
    key
        Which surface; that of a moment is not worth keeping, and better asked of ``value_noise``.
    pixels
        The block. No NaN.
    hill
        Width of its hills. [m]
    """
    run = run_of(pixels)
    if run is None or np.prod(pixels.shape) > LARGEST_KEPT:
        return value_noise(key, pixels.x / hill, pixels.y / hill)
    return _kept(key, run, hill)


@lru_cache(maxsize=KEPT)
def _kept(key: int, run: Run, hill: float) -> Floats:
    x, y = (
        (np.arange(*ends, dtype=np.float64) + 0.5) * size + origin
        for ends, size, origin in zip((run.columns, run.rows), run.size, run.origin, strict=True)
    )
    surface = value_noise(key, x[None, :] / hill, y[:, None] / hill)
    surface.flags.writeable = False
    return surface
