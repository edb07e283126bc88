"""Steady hot spots under a clear sky, for comparing simulated scenes with what is measured and computed elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from satverify.physics.utm import project
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.ground import Cover
from satverify.simulate.scenes.heat import HeatSources, steady_spots
from satverify.simulate.scenes.pixels.daylight import Sight, sight_of
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import Climate, draw_weather

PLACE = (118.0, 39.0)
DECEMBER = datetime(2021, 12, 21, 3, 0, tzinfo=UTC).timestamp()
JUNE = datetime(2021, 6, 21, 3, 0, tzinfo=UTC).timestamp()
NO_HAZE = 1e-9
ALWAYS_CLEAR = Climate(clear_in_winter=1 - 1e-9, clear_in_summer=1 - 1e-9)


def spot(kelvin: float, area: float, place: tuple[float, float] = PLACE) -> HeatSources:
    """One steady spot."""
    return steady_spots(*(np.array([each]) for each in (*place, kelvin, area)))


def clear_world(sources: HeatSources | None, seed: int = 5, haze: float = NO_HAZE) -> World:
    """A world without a cloud."""
    weather = replace(draw_weather(np.random.default_rng(1), ALWAYS_CLEAR), parallel=PLACE[1])
    return World(seed=seed, weather=weather, sources=sources, haze=haze)


def pixels_round(size: float, reach: int = 2, place: tuple[float, float] = PLACE) -> Pixels:
    """A block whose middle pixel has the place in its middle."""
    x, y = (float(part) for part in project(32650, *place))
    steps = np.arange(-reach, reach + 1)
    return Pixels(
        frame=UtmFrame(epsg=32650),
        size=(size, size),
        columns=steps[None, :],
        rows=steps[:, None],
        origin=(x - size / 2, y - size / 2),
    )


def winter_ground(shape: tuple[int, ...]) -> Cover:
    """Bare soil and yards, half each: the assumption behind the smallest areas that can be seen."""
    half, none = np.full(shape, 0.5), np.zeros(shape)
    return Cover(water=none, plants=none, soil=half, built=half, shade=np.ones(shape))


def plain_sight(world: World, pixels: Pixels, time: float) -> Sight:
    """A sight of plain winter ground in place of the world's own, without snow and cirrus."""
    sight = sight_of(world, pixels, time, (0.0, 0.0))
    block = replace(sight.block, cover=winter_ground(sight.block.pixels.shape))
    return replace(sight, block=block, cirrus=None)


def is_tai(near: NDArray[np.float64], short: NDArray[np.float64], shorter: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Liu et al. 2021: reflectance at 0.86, 2.2 and 1.6 µm."""
    hot: NDArray[np.bool_] = ((short - shorter) >= 0.45 * near) & (short - shorter >= shorter - near)
    return hot


def is_nhi(near: NDArray[np.float64], short: NDArray[np.float64], shorter: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Marchese et al. 2019, the bare indices: radiance at 0.86, 2.2 and 1.6 µm."""
    hot: NDArray[np.bool_] = (short > shorter) | (shorter > near)
    return hot
