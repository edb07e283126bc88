"""A works on the ground, blocks of pixels round it, and the world it lies in, for the tests of the simulated ground."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from satverify.physics.utm import project
from satverify.simulate.layout import Layout, layout_of
from satverify.simulate.scenes.frames import Pixels, TrackFrame, UtmFrame, slow_fields
from satverify.simulate.scenes.ground import Cover, slow_ground
from satverify.simulate.scenes.land import land_of
from satverify.simulate.scenes.track import frame_of
from satverify.simulate.scenes.world import World
from satverify.simulate.sites import draw_works_site
from tests.simulate.scenes.made import BOX, MONTH, PLACE, scenes, winter

JANUARY = datetime(2022, 1, 10, 3, 5, tzinfo=UTC).timestamp()
JUNE = datetime(2022, 6, 20, 3, 5, tzinfo=UTC).timestamp()
DAY = 86_400.0


@cache
def works() -> Layout:
    """A works at ``PLACE``, larger than its neighbours."""
    return layout_of(draw_works_site(np.random.default_rng(2), "w2", *PLACE), 7)


@cache
def world() -> World:
    """It alone under the sky of the tests' winter, at rest."""
    return World(seed=7, weather=winter().weather, layouts=(works(),))


def block(size: float = 20.0, number: int = 150, epsg: int = 32650, shift: tuple[int, int] = (0, 0)) -> Pixels:
    """Square pixels whose middle is the works, ``shift`` pixels to the east and north."""
    x, y = project(epsg, *PLACE)
    column = int(np.floor(x / size)) - number // 2 + shift[0]
    row = int(np.floor(y / size)) - number // 2 + shift[1]
    columns, rows = np.arange(column, column + number), np.arange(row, row + number)
    return Pixels(frame=UtmFrame(epsg=epsg), size=(size, size), columns=columns[None, :], rows=rows[:, None])


@cache
def track() -> TrackFrame:
    """The plane of a pass of Sentinel-3 over the works."""
    return frame_of(scenes().granules("sentinel-3-slstr", BOX, *MONTH)[0])


def block_along_track(size: float, number: int = 24) -> Pixels:
    """Pixels along the track whose middle is the works."""
    x, y = track().position(np.array([PLACE[0]]), np.array([PLACE[1]]))
    column, row = (int(np.floor(part[0] / size)) - number // 2 for part in (x, y))
    columns, rows = np.arange(column, column + number), np.arange(row, row + number)
    return Pixels(frame=track(), size=(size, size), columns=columns[None, :], rows=rows[:, None])


def land(pixels: Pixels, time: float, of: World | None = None) -> tuple[Cover, NDArray[np.float64]]:
    """Cover of a block, and the temperature of its dry ground."""
    there = of or world()
    net = 2_000.0 if isinstance(pixels.frame, UtmFrame) else 5_000.0
    height, green, built, kelvin = slow_fields(
        pixels, lambda east, north: slow_ground(there.seed, east, north, time), net
    )
    return land_of(there, pixels, time, height, green, built), kelvin
