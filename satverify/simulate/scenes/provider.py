"""Simulated scenes of all sensors, anywhere on Earth and on any day that the satellites are in service.

What a granule shows is a function of place, time and seed, never of the request: two grids that hold the same pixel of
a granule get the same number, in whatever order and from whatever thread they ask. Orbits, and with them times, tracks
and footprints, are fitted to the real satellites. Ground, sky, instruments and works are simple models: ``ground``,
``land``, ``snow``, ``sky``, ``haze``, ``steam``, ``heat`` and the modules in ``pixels`` each say what they leave out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, time
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.domain.policy import Requirement
from satverify.errors import InputError
from satverify.simulate.layout import Layout, layout_of, middle_of
from satverify.simulate.scenes.granules.msi import msi_granules
from satverify.simulate.scenes.granules.oli import oli_granules
from satverify.simulate.scenes.granules.slstr import slstr_granules
from satverify.simulate.scenes.granules.tropomi import tropomi_granules
from satverify.simulate.scenes.heat import HeatSources, sources_of
from satverify.simulate.scenes.pixels import oli, slstr
from satverify.simulate.scenes.pixels.msi import BANDS
from satverify.simulate.scenes.reading import READERS
from satverify.simulate.scenes.world import USUAL_HAZE, Curb, World, seconds_of
from satverify.simulate.season import SeasonDraw
from satverify.simulate.weather import Weather, draw_weather

MIDDLE = 40.0  # [degree] parallel of a sky that is not a season's
LEVEL_2A = (*(band for band in BANDS if band != "B10"), "SCL")
LEVEL_BANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sentinel-2-l1c": tuple(BANDS),
        "sentinel-2-l2a": LEVEL_2A,
        "sentinel-3-slstr": (*slstr.SOLAR, *slstr.THERMAL),
        "sentinel-3-slstr-l2": slstr.LEVEL_2,
        "sentinel-5p-l2": ("NO2", "CLOUD_FRACTION", "qa"),
        "landsat-ot-l1": (*oli.REFLECTIVE, *oli.THERMAL, *oli.QUALITY),
    }
)
"""Bands of each collection."""
DENSITY: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "sentinel-2-l1c": (0.6, 2.5),
        "sentinel-2-l2a": (0.6, 2.5),
        "sentinel-3-slstr": (0.018, 18.0),
        "sentinel-3-slstr-l2": (0.018, 18.0),
        "sentinel-5p-l2": (0.006, 45.0),
        "landsat-ot-l1": (0.1, 2.0),
    }
)
"""Granules a day and square degree of each collection, rather more than there are, and their extent [degree]."""
LONGEST_KEPT = 1_000
"""Granules of a list that is kept for the next page; a granule takes some 2 kB, and 128 lists are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedScenes:
    """A scene provider that makes its scenes up, the same for the same seed."""

    seed: int
    """Of ground, clouds and everything else that is made up."""
    _: KW_ONLY
    sources: HeatSources | None = None
    """Works that glow and smoke, if any."""
    weather: Weather | None = None
    """The sky; none: one is drawn from the seed."""
    layouts: tuple[Layout, ...] = ()
    """The ground of works, if any."""
    curbs: tuple[Curb, ...] = ()
    """Orders that came with haze."""
    haze: float = USUAL_HAZE
    """Median aerosol optical depth at 0.55 µm. [0, ...)"""

    def collections(self) -> Sequence[str]:
        """Names of the collections it has something of."""
        return tuple(LEVEL_BANDS)

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        """Granules of every version whose footprint meets the box, acquired in ``[start, stop)``, oldest first.

        None of a collection that is not simulated. A box whose west is beyond its east lies across 180 degrees.

        Raises
        ------
        InputError
            The box is upside down or no box at all.
        """
        west, south, east, north = box
        if not (np.isfinite(box).all() and -90 <= south <= north <= 90):
            raise InputError(f"box {box}: expected west, south, east and north in degrees")
        if collection not in LEVEL_BANDS or stop <= start:
            return ()
        parts = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
        found: dict[tuple[str, datetime], Granule] = {}
        for part in parts:
            for granule in _granules(self, collection, part, seconds_of(start), seconds_of(stop)):
                if seconds_of(start) <= seconds_of(granule.time) < seconds_of(stop):
                    found.setdefault((granule.granule_id, granule.time), granule)
        return tuple(sorted(found.values(), key=lambda granule: (granule.time, granule.granule_id)))

    def expected(self, collection: str, box: Box, days: float) -> float:
        """About how many granules of a box and so many days there are, without making any; rather too many."""
        density, extent = DENSITY.get(collection, (0.0, 0.0))
        west, south, east, north = box
        wide = east - west if west <= east else east - west + 360
        return density * (wide + extent) * (north - south + extent) * days

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        """Bands of one granule on a grid, each ``(height, width)``, nearest pixel, NaN outside of the granule's data.

        Raises
        ------
        KeyError
            The collection does not have a band.
        """
        known = LEVEL_BANDS.get(granule.collection, ())
        for band in bands:
            if band not in known:
                raise KeyError(f"{granule.collection} has no band {band}")
        images = READERS[granule.collection](_world_of(self), granule, bands, grid) if bands else {}
        return {band: np.ascontiguousarray(images[band], dtype=np.float32) for band in bands}


def scenes_of_season(seed: int, draw: SeasonDraw) -> SimulatedScenes:
    """Scenes of the works and under the sky of a simulated season.

    Parameters
    ----------
    seed
        Of what the season leaves open: ground, wind, noise, taps.
    draw
        From ``draw_season`` with the generator, sites and scenario that ``simulate_season`` got.
    """
    layouts = tuple(layout_of(one.site, seed) for one in draw.works)
    sources = sources_of(
        draw.works,
        draw.schedules,
        draw.scenario.days[0],
        draw.scenario.timezone,
        machinery=draw.machinery,
        layouts=layouts,
    )
    return SimulatedScenes(
        seed,
        sources=sources,
        weather=draw.weather,
        layouts=layouts,
        curbs=curbs_of(draw),
    )


def curbs_of(draw: SeasonDraw) -> tuple[Curb, ...]:
    """Days and regions of a season's orders to stop or cut."""
    zone = ZoneInfo(draw.scenario.timezone)
    middles = {one.site.site_id: middle_of(one.site) for one in draw.works}
    spans = {
        (*middles[order.site_id], order.start, order.stop)
        for order in draw.orders
        if order.site_id in middles and order.requirement in {Requirement.HALT, Requirement.CUT}
    }
    return tuple(
        Curb(
            longitude=longitude,
            latitude=latitude,
            start=datetime.combine(start, time(), zone).timestamp(),
            stop=datetime.combine(stop, time(), zone).timestamp(),
        )
        for longitude, latitude, start, stop in sorted(spans)
    )


@lru_cache(maxsize=16)
def _world_of(scenes: SimulatedScenes) -> World:
    weather = scenes.weather
    if weather is None:
        weather = draw_weather(np.random.default_rng(scenes.seed))
    if weather.parallel is None:
        weather = Weather(
            climate=weather.climate, synoptic=weather.synoptic, mesoscale=weather.mesoscale, parallel=MIDDLE
        )
    return World(
        seed=scenes.seed,
        weather=weather,
        sources=scenes.sources,
        layouts=scenes.layouts,
        curbs=scenes.curbs,
        haze=scenes.haze,
    )


def _granules(scenes: SimulatedScenes, collection: str, box: Box, start: float, stop: float) -> tuple[Granule, ...]:
    """Granules of a box that does not cross 180 degrees, kept where they are few."""
    try:
        return _kept(scenes, collection, box, start, stop)
    except _TooLongError as many:
        return many.granules


class _TooLongError(Exception):
    """A list that is too long to be kept: what is raised is not cached."""

    def __init__(self, granules: tuple[Granule, ...]) -> None:
        self.granules = granules
        super().__init__(f"{len(granules)} granules")


@lru_cache(maxsize=128)
def _kept(scenes: SimulatedScenes, collection: str, box: Box, start: float, stop: float) -> tuple[Granule, ...]:
    granules = _made(_world_of(scenes), collection, box, (start, stop))
    if len(granules) > LONGEST_KEPT:
        raise _TooLongError(granules)
    return granules


def _made(world: World, collection: str, box: Box, span: tuple[float, float]) -> tuple[Granule, ...]:
    if collection.startswith("sentinel-2"):
        return tuple(msi_granules(world, collection, box, span))
    if collection.startswith("sentinel-3"):
        return tuple(slstr_granules(world, collection, box, span))
    if collection.startswith("sentinel-5p"):
        return tuple(tropomi_granules(world, box, span))
    return tuple(oli_granules(world, box, span))
