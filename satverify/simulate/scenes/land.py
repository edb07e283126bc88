"""The ground at one moment: natural cover, and on it the works, snow that melts off warm ground first, burnt stubble.

Stubble is burnt in the weeks after harvest, parcel by parcel, and stays dark until the soil is tilled. Not modelled:
wet ground after rain, and snow that is cleared but for roads.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.layout import Layout
from satverify.simulate.scenes.frames import Frame, Net, Pixels, UtmFrame, between_crossings, net_round
from satverify.simulate.scenes.ground import Cover, WorksCover, cover_of
from satverify.simulate.scenes.heat import units_at_work
from satverify.simulate.scenes.noise import key_of
from satverify.simulate.scenes.patches import flash_of, table_of
from satverify.simulate.scenes.seasons import YEAR
from satverify.simulate.scenes.snow import snow_at
from satverify.simulate.scenes.surfaces import surfaces_in
from satverify.simulate.scenes.textures import texture
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

NET, COARSE_NET = 2_000.0, 10_000.0  # [m] between crossings at which snow is computed
COARSE = 200.0  # [m] and larger pixels are coarse
WHOLE = 3.0  # [mm] of water in the snow that hide the ground
DRIFT = 120.0  # [m] over which snow is deeper and shallower
SHEDDING = 4.0  # [d] in which what does not keep snow sheds it
SPELL = 25 * DAY  # [s] that a burnt parcel stays dark
BURNING = ((0.20, 0.30), (0.42, 0.48), (0.76, 0.88))  # parts of the year when stubble is burnt, in the north
SCAR = 140.0  # [m] width of a burnt parcel
SCARRED = 0.86  # of the field of scars, above which a parcel is burnt: two or three in a hundred
FREEZING = 273.15  # [K]
KEPT = 512
"""Moments that are kept: several products show the same one. Each is a few kilobytes."""


def land_of(world: World, pixels: Pixels, time: float, height: Floats, green: Floats, built: Floats) -> Cover:
    """Cover of a block of pixels at one moment.

    Parameters
    ----------
    world
        What there is to see.
    pixels
        The block.
    time
        When. [s since 1970-01-01 UTC]
    height, green, built
        Layers of ``slow_ground`` at its pixels.
    """
    cover = cover_of(world.seed, pixels, height, green, built)
    cover = _burnt(world.seed, cover, pixels, time)
    cover = _snowed(world.seed, cover, pixels, time)
    return _with_works(world, cover, pixels, time)


def skin_of(cover: Cover, temperature: Floats, cosine: Floats) -> Floats:
    """Temperature of the skin of a block: water, towns, what works are made of, and snow that does not get warm. [K]

    Parameters
    ----------
    cover
        The ground.
    temperature
        Of dry ground at its pixels. [K]
    cosine
        Of the solar zenith angle; not positive by night. [1]
    """
    warm = temperature + 1.5 * cover.built
    warm = warm + cover.water * 0.5 * (np.clip(warm, 274.0, 288.0) - warm)
    for works in cover.works:
        table = table_of(works.surfaces.layout)
        bare = 1 - works.snow
        if (cosine > 0).any():
            warm = warm + works.laid(table.by_day * bare) * np.maximum(cosine, 0.0)
        warm = warm + works.laid(table.by_night * bare) * (cosine <= 0)
    if cover.snow is not None:
        warm = warm - cover.snow * cover.land * np.maximum(warm - FREEZING, 0.0)
    return warm


def _burnt(seed: int, cover: Cover, pixels: Pixels, time: float) -> Cover:
    """Cover with burnt stubble in its season, where pixels resolve it."""
    if not isinstance(pixels.frame, UtmFrame):
        return cover
    spells = [spell for spell in (int(time // SPELL), int(time // SPELL) - 1) if _is_burning(pixels.frame.epsg, spell)]
    if not spells:
        return cover
    field = np.zeros(pixels.shape)
    for spell in spells:
        key = key_of(seed, "stubble", pixels.frame.epsg, spell)
        scar = texture(key, pixels, SCAR)
        begun = (spell + texture(key + 1, pixels, 900.0)) * SPELL  # a village at a time
        field = np.maximum(field, scar * ((time >= begun) & (time < begun + SPELL)))
    share = np.clip((field - SCARRED) / 0.02, 0.0, 1.0)
    if not share.any():
        return cover
    burnt = share * (cover.plants + cover.soil)
    return replace(cover, plants=cover.plants * (1 - share), soil=cover.soil * (1 - share), burnt=burnt)


def _is_burning(epsg: int, spell: int) -> bool:
    """Whether a spell begins in a season of burning; half a year later in the south."""
    part = ((spell + 0.5) * SPELL / YEAR + (0.0 if epsg < 32700 else 0.5)) % 1
    return any(start <= part < stop for start, stop in BURNING)


def _snowed(seed: int, cover: Cover, pixels: Pixels, time: float) -> Cover:
    """Cover with snow, patchy where it is thin and pixels are fine."""
    net = net_round(pixels.x, pixels.y, COARSE_NET if max(pixels.size) >= COARSE else NET)
    layers = _snow_on_net(seed, pixels.frame, net, time)
    if not layers[0].any():
        return cover
    water, age = between_crossings(net, layers, pixels.x, pixels.y)
    if not water.any():
        return cover
    if isinstance(pixels.frame, UtmFrame):
        drift = texture(key_of(seed, "drift", pixels.frame.epsg), pixels, DRIFT)
        water = water * (0.2 + 1.6 * drift)
    return replace(cover, snow=np.clip(water / WHOLE, 0.0, 1.0), snow_age=age)


@lru_cache(maxsize=KEPT)
def _snow_on_net(seed: int, frame: Frame, net: Net, time: float) -> Floats:
    return snow_at(seed, *frame.places(*net.crossings()), time)


def _with_works(world: World, cover: Cover, pixels: Pixels, time: float) -> Cover:
    """Cover with the surfaces of works on top; where two overlap, the first one of the world's hides the other."""
    found = []
    left: Floats | None = None
    for surfaces in surfaces_in(world.layouts, pixels):
        snow, age, flash = _state_of(world, surfaces.layout, time)
        found.append(WorksCover(surfaces=surfaces, visible=left, snow=snow, snow_age=age, flash=flash))
        free = 1 - surfaces.laid(np.ones(len(surfaces.layout.patches)))
        left = free if left is None else left * free
    if left is None:
        return cover
    return replace(
        cover,
        water=cover.water * left,
        plants=cover.plants * left,
        soil=cover.soil * left,
        built=cover.built * left,
        burnt=None if cover.burnt is None else cover.burnt * left,
        works=tuple(found),
    )


@lru_cache(maxsize=KEPT)
def _state_of(world: World, layout: Layout, time: float) -> tuple[Floats, float, Floats]:
    """Share of each patch that snow covers, since when it has not snowed [d], and the flash of each patch."""
    east, north = (np.array([part]) for part in layout.middle)
    water, age = snow_at(world.seed, east, north, time)[:, 0].tolist()
    snow, flash = _snow_on(world, layout, time, water, age), flash_of(layout, world.seed, time)
    snow.flags.writeable = flash.flags.writeable = False  # they are kept
    return snow, age, flash


def _snow_on(world: World, layout: Layout, time: float, water: float, age: float) -> Floats:
    """Share of each patch that snow covers: roofs shed it within days, ground of running units at once."""
    table = table_of(layout)
    if water <= 0:
        return np.zeros(table.unit.size)
    keeps = table.keeps_snow ** (1 + age / SHEDDING)
    share = np.clip(water * keeps / WHOLE, 0.0, 1.0)
    if world.sources is not None:
        works = units_at_work(world.sources, layout.site.site_id, time)
        is_warm = np.array([*(works.get(unit_id, False) for unit_id in layout.grounds), False])
        share[is_warm[table.unit]] = 0.0  # the last one stands for patches of no unit
    return share
