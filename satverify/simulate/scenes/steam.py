"""Steam that a works at work gives off: white plumes downwind of its vents, longer in cold air.

Each vent has a plume that widens and thins out downwind and comes in puffs. The wind is that of the day, the vents and
how hard they blow those of the works. A plume hides what lies below it, heat too. Not modelled: the height of plumes
and their shadows, and pixels so wide that a plume does not matter.

References
----------
G. A. Briggs, Diffusion estimation for small emissions, NOAA ATDL report 79, 1973: how plumes widen, neutral air.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.heat import HeatSources, steam_vents
from satverify.simulate.scenes.noise import key_of, value_noise
from satverify.simulate.scenes.seasons import air_temperature
from satverify.simulate.scenes.sky import wind_of
from satverify.simulate.scenes.textures import Run, pixels_of, run_of
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

WIDEST_PIXEL = 120.0  # [m] beyond which steam is not drawn
LENGTH = (60.0, 320.0)  # [m] over which a plume evaporates, in warm and in freezing air
WARM, COLD = 293.0, 263.0  # [K] between which its length changes
FIRST_WIDTH, SPREAD = 7.0, 0.08  # [m] half width at the vent, and what it gains downwind; Briggs 1973, rounded
DEPTH = 2.4  # optical depth at a strong vent
REACH = 2.5  # lengths of a plume after which it is gone
PUFF = 25.0  # [m] size of puffs
KEPT = 64
"""Blocks whose steam is kept for the other product of an overpass."""
LARGEST_KEPT = 40_000  # pixels of these: 20 MB in all
STEAM = MappingProxyType(
    {
        0.443: 0.72,
        0.490: 0.74,
        0.560: 0.75,
        0.665: 0.75,
        0.705: 0.75,
        0.740: 0.74,
        0.783: 0.74,
        0.842: 0.74,
        0.865: 0.74,
        0.945: 0.68,
        1.375: 0.005,
        1.610: 0.50,
        2.200: 0.32,
    }
)
"""Reflectance of thick steam by wavelength [µm]: small drops, as of low cloud, that absorb beyond 1.4 µm."""


def steam_of(world: World, pixels: Pixels, time: float) -> Floats | None:
    """Share of each pixel's light that steam takes, of the block's shape; none where there is no steam. [0, 1)

    Parameters
    ----------
    world
        What there is to see.
    pixels
        The block.
    time
        When. [s since 1970-01-01 UTC]
    """
    if world.sources is None or max(pixels.size) > WIDEST_PIXEL or 0 in pixels.shape:
        return None
    run = run_of(pixels)
    if run is None or np.prod(pixels.shape) > LARGEST_KEPT:
        return _drawn(world, world.sources, pixels, time)
    return _kept(world, world.sources, pixels.frame, run, time)


@lru_cache(maxsize=KEPT)
def _kept(world: World, sources: HeatSources, frame: Frame, run: Run, time: float) -> Floats | None:
    opacity = _drawn(world, sources, pixels_of(run, frame), time)
    if opacity is not None:
        opacity.flags.writeable = False
    return opacity


def _drawn(world: World, sources: HeatSources, pixels: Pixels, time: float) -> Floats | None:
    longitude, latitude, strength = steam_vents(sources, time, world.seed, near=pixels)
    if longitude.size == 0:
        return None
    east, north = pixels.frame.position(longitude, latitude)
    reach = REACH * LENGTH[1] + _edge(LENGTH[1], max(pixels.size))
    x, y = pixels.x, pixels.y
    is_near = (
        (east > x.min() - reach) & (east < x.max() + reach) & (north > y.min() - reach) & (north < y.max() + reach)
    )
    is_near &= strength > 0.02
    if not is_near.any():
        return None
    cold = (WARM - air_temperature(world.seed, longitude, latitude, time)) / (WARM - COLD)
    length = (LENGTH[0] + (LENGTH[1] - LENGTH[0]) * np.clip(cold, 0.0, 1.0)) * np.sqrt(strength)
    depth = np.zeros(pixels.shape)
    for vent in np.flatnonzero(is_near).tolist():
        wind = wind_of(world.seed, float(longitude[vent]), float(latitude[vent]), time)
        place = (float(east[vent]), float(north[vent]))
        _add_plume(depth, pixels, place, wind, float(length[vent]), DEPTH * float(strength[vent]))
    if not depth.any():
        return None
    key = key_of(world.seed, "puffs", int(time))
    rows, columns = (np.flatnonzero(depth.any(axis=axis)) for axis in (1, 0))
    here = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    depth[here] *= 0.4 + 1.2 * value_noise(key, x[_own(x, here)] / PUFF, y[_own(y, here)] / PUFF)
    opacity: Floats = -np.expm1(-depth)
    return opacity


def _add_plume(
    depth: Floats, pixels: Pixels, vent: tuple[float, float], wind: tuple[float, float], length: float, force: float
) -> None:
    """Add the optical depth of one plume, mixed into pixels of their size."""
    speed, size = float(np.hypot(*wind)), max(pixels.size)
    edge = _edge(length, size)
    away = [part - at for part, at in zip((pixels.x, pixels.y), vent, strict=True)]
    is_near = np.array(True)
    for part, end in zip(away, (REACH * length * each / speed for each in wind), strict=True):
        is_near = is_near & (part > min(end, 0.0) - edge) & (part < max(end, 0.0) + edge)
    if is_near.shape != depth.shape or not is_near.any():
        return
    rows, columns = (np.flatnonzero(is_near.any(axis=axis)) for axis in (1, 0))
    here = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    east, north = (part[_own(part, here)] for part in away)
    down = (east * wind[0] + north * wind[1]) / speed
    beside = (north * wind[0] - east * wind[1]) / speed
    own = FIRST_WIDTH + SPREAD * np.maximum(down, 0.0)
    width = np.hypot(own, size / np.sqrt(12))
    begin = np.clip(0.5 + down / size, 0.0, 1.0)
    thin = FIRST_WIDTH / own * np.exp(-np.maximum(down, 0.0) / length)
    depth[here] += force * begin * thin * (own / width) * np.exp(-0.5 * (beside / width) ** 2) * is_near[here]


def _edge(length: float, size: float) -> float:
    """Distance beside a plume at which nothing of it is left. [m]"""
    return 3 * (FIRST_WIDTH + SPREAD * REACH * length) + 2 * size


def _own(part: Floats, here: tuple[slice, slice]) -> tuple[slice, ...]:
    """The same window of an array that is one pixel wide where it does not vary."""
    return tuple(window if length > 1 else slice(None) for window, length in zip(here, part.shape, strict=True))
