"""A works under a simulated sky, and rasters round it, for the tests of simulated scenes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.simulate.scenes import SimulatedScenes, scenes_of_season
from satverify.simulate.scenes.sky import excess_at
from satverify.simulate.scenes.world import seconds_of
from satverify.simulate.season import Scenario, SeasonDraw, draw_season
from satverify.simulate.weather import THIN
from tests.simulate.works_at import works_at

PLACE = (118.0, 39.5)
BOX: Box = (117.99, 39.49, 118.01, 39.51)
WINTER = (datetime(2021, 11, 1, tzinfo=UTC), datetime(2022, 4, 1, tzinfo=UTC))
MONTH = (datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC))
SCENARIO = Scenario(days=(date(2021, 11, 1), date(2022, 4, 1)), is_steady=True)


@cache
def winter() -> SeasonDraw:
    """A works of 12,000 t/d at work all winter."""
    return draw_season(np.random.default_rng(3), [works_at("s1", PLACE, 12000, 2)], SCENARIO, orders=[])


@cache
def scenes() -> SimulatedScenes:
    """Its scenes."""
    return scenes_of_season(7, winter())


def grid(pixel: float, width: int, height: int | None = None, shift: tuple[float, float] = (0.0, 0.0)) -> Grid:
    """North-up pixels in UTM zone 50 whose middle is near the works, ``shift`` [m] east and north of it."""
    tall = width if height is None else height
    left = round((586_000 + shift[0] - width * pixel / 2) / pixel) * pixel
    top = round((4_372_600 + shift[1] + tall * pixel / 2) / pixel) * pixel
    return Grid(epsg=32650, left=left, top=top, pixel_width=pixel, pixel_height=pixel, width=width, height=tall)


def sky_over(granule: Granule, middle: tuple[float, float] = PLACE) -> NDArray[np.float64]:
    """How far the clouds are over their threshold at places about a middle, when a granule was taken."""
    east, north = np.meshgrid(np.linspace(-0.03, 0.03, 7), np.linspace(-0.025, 0.025, 7))
    return excess_at(winter().weather, middle[0] + east, middle[1] + north, seconds_of(granule.time))


CLEARLY = 0.35  # of the cloud field: farther from its threshold small clouds make no difference


def is_clear(granule: Granule) -> bool:
    """Whether there is no cloud near the works, however small."""
    return bool((sky_over(granule) < -CLEARLY).all())


def is_overcast(granule: Granule) -> bool:
    """Whether there is opaque cloud all over it."""
    return bool((sky_over(granule) > THIN + CLEARLY).all())
