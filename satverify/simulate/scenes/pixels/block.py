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
    """The pixels of a block each once, where it is made of whole rows and columns; and how to spread them out again."""
    if pixels.rows.shape[1:] != (1,) or pixels.columns.shape[:1] != (1,):
        return pixels, lambda values: values
    rows, from_row = np.unique(pixels.rows[:, 0], return_inverse=True)
    columns, from_column = np.unique(pixels.columns[0], return_inverse=True)
    few = replace(pixels, rows=rows[:, None], columns=columns[None, :])
    return few, lambda values: values[from_row[:, None], from_column[None, :]]


def ground_temperature(block: Block) -> Floats:
    """Of the skin, water being nearer to the freezing point and to 15 °C than land, and towns warmer. [K]"""
    warm = block.temperature + 1.5 * block.cover.built
    temperature: Floats = warm + block.cover.water * 0.5 * (np.clip(warm, 274.0, 288.0) - warm)
    return temperature


def noise_of(world: World, band: str, pixels: Pixels, time: float) -> Floats:
    """Noise of a band, with standard deviation 1: each pixel's own at each second."""
    return normal(key_of(world.seed, "noise", band, int(time)), pixels.rows, pixels.columns)
