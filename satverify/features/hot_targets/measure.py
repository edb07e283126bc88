"""What scenes by day show of each unit, of Sentinel-2 and Landsat: one row for each unit and scene.

Every scene is measured by itself, in blocks of scenes that fit into memory; only how often the place of the heat was
hot before and after, the persistence, needs all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import empty_table
from satverify.domain.heat import HEAT_COLUMNS
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.day_block import DayBlock, measure_block, some_scenes
from satverify.features.hot_targets.footprints import Footprints, footprints_on
from satverify.features.hot_targets.hot_part import HotSums, hot_parts
from satverify.features.hot_targets.night_quality import solar_zenith
from satverify.features.hot_targets.persistence import persistence_of
from satverify.features.hot_targets.rows import heat_rows
from satverify.features.units import ImagedUnit

Columns: TypeAlias = dict[str, NDArray[Any]]

SENSORS_BY_DAY = ("sentinel-2-l1c", "landsat-ot-l1")
BLOCK = 200_000
"""Pixels of one band that are measured at a time: about what caches hold, some 30 MB with all that is made of them."""


def measure_heat(
    site_id: str, chips: Chips, units: Sequence[ImagedUnit], footprints: Footprints | None = None
) -> pd.DataFrame:
    """Measure the heat of each unit in each scene by day, and how good the look at it was.

    Parameters
    ----------
    site_id
        Whose units they are.
    chips
        Of Sentinel-2 L1C or Landsat, reflectances at the top of the atmosphere; ``lwir11`` and codes where they are
        there. Solar zenith angles that are NaN are computed.
    units
        Pieces of equipment with their ground.
    footprints
        What ``footprints_on`` gave for the chips' grid and these units; none: it is made.

    Returns
    -------
    ``HEAT_COLUMNS``, by unit as given and by time. Measurements of heat are NaN where the look is not usable; what is
    known of sky and geometry stays. Of no units or no scenes, no rows.

    Raises
    ------
    InputError
        The sensor does not look by day, a needed band is missing, the footprints are those of other units or another
        grid, or a unit's ground cannot be one.
    """
    return measure_scenes(site_id, [chips], units, footprints)


def measure_scenes(
    site_id: str, scenes: Iterable[Chips], units: Sequence[ImagedUnit], footprints: Footprints | None = None
) -> pd.DataFrame:
    """The same of scenes that are too many for the memory: of one sensor and grid, some at a time, in order of time.

    Pixels are let go as soon as they are measured. What comes out does not depend on how the scenes are divided.
    """
    known: list[Chips] = []
    blocks: list[DayBlock] = []
    ground = footprints
    for chips in scenes:
        ground = _ground(site_id, chips, units, ground)
        angled = replace(chips, solar_zenith_angle=solar_zenith(chips)) if len(chips) and units else chips
        known.append(replace(angled, bands={}, codes={}))
        blocks += _blocks(angled, ground) if units else []
    if not known:
        return empty_table(HEAT_COLUMNS)
    every = _joined(known)
    return heat_rows(site_id, every, units, _columns(every, ground, blocks) if blocks and ground else {})


def _ground(site_id: str, chips: Chips, units: Sequence[ImagedUnit], footprints: Footprints | None) -> Footprints:
    """Footprints for these scenes: those that are there, or new ones."""
    if chips.sensor not in SENSORS_BY_DAY:
        raise InputError(f"heat by day: expected scenes of {' or '.join(SENSORS_BY_DAY)}, found {chips.sensor}")
    ground = footprints_on(chips.grid, units) if footprints is None else footprints
    if ground.grid != chips.grid or ground.unit_ids != tuple(unit.unit_id for unit in units):
        raise InputError(
            f"heat at {site_id}: expected footprints of the units given on {chips.grid.name}, "
            f"found those of {', '.join(ground.unit_ids) or 'none'} on {ground.grid.name}"
        )
    return ground


def _blocks(chips: Chips, ground: Footprints) -> list[DayBlock]:
    """What the scenes show, as many of them at a time as caches hold."""
    if not len(chips):
        return []
    step = max(BLOCK // (chips.grid.width * chips.grid.height), 1)
    starts = range(0, len(chips), step)
    return [measure_block(some_scenes(chips, slice(first, first + step)), ground) for first in starts]


def _joined(parts: Sequence[Chips]) -> Chips:
    """What is known of the scenes of several blocks, pixels apart."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        time=np.concatenate([part.time for part in parts]),
        satellite=tuple(name for part in parts for name in part.satellite),
        scene_id=tuple(name for part in parts for name in part.scene_id),
        solar_zenith_angle=np.concatenate([part.solar_zenith_angle for part in parts]),
        view_zenith_angle=np.concatenate([part.view_zenith_angle for part in parts]),
        swath_edge_distance=np.concatenate([part.swath_edge_distance for part in parts]),
    )


def _columns(chips: Chips, footprints: Footprints, blocks: Sequence[DayBlock]) -> Columns:
    """Columns of all scenes, each (units, time) or such as broadcast to it."""
    looks = {
        name: np.concatenate([getattr(block.looks, name) for block in blocks], axis=1)
        for name in ("quality", "seen_share", "cloud_share", "steam_share", "snow_share", "official_cloud_share")
    }
    is_usable = np.concatenate([block.looks.is_usable for block in blocks], axis=1)
    parts = hot_parts(chips.satellite, _joined_sums(blocks))
    measured = {
        **{name: np.concatenate([block.numbers[name] for block in blocks], axis=1) for name in blocks[0].numbers},
        "radiant_power": parts.power,
        "radiant_power_uncertainty": parts.power_uncertainty,
        "temperature": parts.temperature,
        "hot_area": parts.area,
        "persistence": persistence_of(len(is_usable), [block.places for block in blocks]),
    }
    false_target = np.concatenate([block.false_target for block in blocks], axis=1)
    return {
        **looks,
        "quality_reason": np.concatenate([block.looks.reason for block in blocks], axis=1),
        "footprint_pixels": footprints.pixels[:, None],
        "haze": np.concatenate([block.haze for block in blocks]),
        **{name: np.where(is_usable, each, np.nan) for name, each in measured.items()},
        "false_target": np.where(is_usable, false_target, ""),
    }


def _joined_sums(blocks: Sequence[DayBlock]) -> HotSums:
    parts = [block.sums for block in blocks]
    return HotSums(
        **{each.name: np.concatenate([getattr(part, each.name) for part in parts], axis=1) for each in fields(HotSums)}
    )
