"""Proposes units from the scenes in a project's archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.discover import FoundUnit, discover_units
from satverify.features.hot_targets.faults import Fault, faults_of
from satverify.features.hot_targets.hot_places import HotStack
from satverify.features.hot_targets.pixels import heat_pixels
from satverify.features.hot_targets.sky import Sky, sky_of
from satverify.features.hot_targets.sunlit import sunlit_residual
from satverify.features.hot_targets.warm_places import WarmMap, warm_map
from satverify.physics.utm import window_of
from satverify.pipeline.chips import chips_of

FROM_SCENES = ("sentinel-2-l1c", "landsat-ot-l1")
"""Sensors that show where equipment stands, the finer first."""
LAST = date(9999, 1, 1)
"""Scenes of all days are looked at: what glows does not depend on the days that are judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """What discovery keeps of some scenes."""

    stack: HotStack
    residual: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None
    """Temperature over that of like ground, where the sensor has a thermal band. [K]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SceneFinds:
    """What a site's scenes propose."""

    units: tuple[FoundUnit, ...]
    scenes: int
    """Scenes that showed some of the window, all sensors together."""


def has_scenes(archive: Archive, site: Site) -> bool:
    """Whether the archive holds a scene of the site that shows where equipment stands."""
    return any(archive.open(site, sensor, _days(sensor)).sizes["time"] for sensor in FROM_SCENES)


def find_in_scenes(archive: Archive, site: Site) -> SceneFinds:
    """Propose a site's units from all its scenes.

    Raises
    ------
    RetrievalError
        The archive cannot be read, or a file in it is damaged.
    """
    stacks: list[HotStack] = []
    warm: WarmMap | None = None
    for sensor in FROM_SCENES:
        blocks = list(_blocks(chips_of(archive, site, sensor, _days(sensor))))
        if blocks:
            stacks.append(_joined([block.stack for block in blocks]))
            warm = _warm(sensor, window_of(site.outline, SENSORS[sensor]), blocks) or warm
    return SceneFinds(units=discover_units(site, stacks, warm), scenes=sum(len(stack.time) for stack in stacks))


def _days(sensor: str) -> tuple[date, date]:
    return SENSORS[sensor].since, LAST


def _blocks(parts: Iterable[Chips]) -> Iterator[_Block]:
    """Of each block of scenes what discovery needs, without scenes that show nothing."""
    for chips in parts:
        sky = sky_of(chips)
        heat = heat_pixels(chips, sky)
        is_sound = np.array([fault is Fault.NONE for fault in faults_of(chips)])[:, None, None]
        is_seen = ((heat.is_valid & ~sky.is_hidden) | heat.is_hot) & is_sound
        shows = np.flatnonzero(is_seen.any(axis=(1, 2)))
        if len(shows):
            stack = HotStack(
                sensor=chips.sensor,
                grid=chips.grid,
                time=chips.time[shows],
                satellite=tuple(chips.satellite[scene] for scene in shows),
                is_hot=heat.is_hot[shows],
                is_seen=is_seen[shows],
                swir22=heat.swir22_excess[shows],
                swir16=np.where(heat.is_saturated, np.float32(np.nan), heat.swir16_excess)[shows],
            )
            residual = _residual(chips, sky)
            yield _Block(stack=stack, residual=None if residual is None else residual[shows])


def _residual(chips: Chips, sky: Sky) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    if "lwir11" not in chips.bands:
        return None
    surface = {name: chips.bands[name] for name in ("nir08", "swir16", "swir22")}
    is_usable = ~(sky.is_hidden | sky.is_thin)
    is_fitted = np.ones(chips.grid.shape, dtype=bool)
    return sunlit_residual(chips.bands["lwir11"], is_usable, surface, is_fitted).astype(np.float32)


def _joined(stacks: list[HotStack]) -> HotStack:
    first = stacks[0]
    return HotStack(
        sensor=first.sensor,
        grid=first.grid,
        time=np.concatenate([stack.time for stack in stacks]),
        satellite=tuple(name for stack in stacks for name in stack.satellite),
        is_hot=np.concatenate([stack.is_hot for stack in stacks]),
        is_seen=np.concatenate([stack.is_seen for stack in stacks]),
        swir22=np.concatenate([stack.swir22 for stack in stacks]),
        swir16=np.concatenate([stack.swir16 for stack in stacks]),
    )


def _warm(sensor: str, grid: Grid, blocks: list[_Block]) -> WarmMap | None:
    residuals = [block.residual for block in blocks if block.residual is not None]
    if not residuals:
        return None
    time = np.concatenate([block.stack.time for block in blocks])
    return warm_map(sensor, grid, time, np.concatenate(residuals))
