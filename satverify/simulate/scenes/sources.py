"""What glows in simulated scenes: machines of works, spots of which only the power is known, and steady spots.

Machines of works glow in parts, each of one temperature and area at a moment (``plant`` and ``processes``). Beside them
are spots of which only the power is known, such as fires and neighbours: mostly crust at a dull 500 K and to a small
part between 1,000 and 1,500 K (two temperatures, after Dozier 1981), by turns; and spots of one temperature that never
change. What glows is settled by place and time alone, so that all sensors above at one moment see the same. Not
modelled: walls seen from the side, and what roofs hide from one angle and not from another.

References
----------
J. Dozier, A method for satellite identification of surface temperature fields of subpixel resolution, Remote Sensing of
Environment 11, 1981. doi:10.1016/0034-4257(81)90021-3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import constants

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.physics.orbit import DAY
from satverify.simulate.heat import FLICKER, KM_PER_DEGREE, MEGAWATT_PER_TONNE_DAY
from satverify.simulate.layout import Layout
from satverify.simulate.machines import Machinery
from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.ground import skin_temperature
from satverify.simulate.scenes.noise import key_of, normal, uniform
from satverify.simulate.scenes.plant import Plant, heat_of_plant, plant_of, vents_of_plant, working_units
from satverify.simulate.schedules import Schedule
from satverify.simulate.works import Works, heat_of

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Window: TypeAlias = tuple[float, float, float, float]
"""Middle meridian of a block, its extent either way east and west of it, and its parallels, with room. [degree]"""

MOLTEN_SHARE = 0.08  # of a spot's power
MOLTEN = (1000.0, 1500.0)  # [K] slag in the open to iron at the tap hole
CRUST = 500.0  # [K]
TAP = (5_400.0, 10_800.0)  # [s] from one tap of a furnace to the next; eight to twelve a day
TAPPING_CHANCE = 0.7  # a spot's, in one such time
BETWEEN_TAPS = 0.12  # of its power
NO2_PER_TONNE = 1.2 / 0.046 / DAY  # [mol/s per t/d] 1.2 kg of NO2 a tonne of steel; EMEP/EEA guidebook 2019, 2.C.1
NO2_AT_REST = 0.25  # share of it from coke ovens and power plant, which go on
MARGIN = 8  # [pixel] beside a block in which things are looked for, however blurred they are
MEGA = 1e6
KEPT = 256
"""Moments that are kept: bands and products of a scene are drawn one after the other. Each is some ten kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatSources:
    """Hot spots and the works they belong to, over the local days of a season.

    On days outside of the season the nearest of its days counts.
    """

    first_day: date
    """Local day of the first column of ``heat`` and ``activity``."""
    timezone: str = "Asia/Shanghai"
    """IANA name of the local time."""
    longitude: Floats
    """Of each spot. [degree]"""
    latitude: Floats
    """Of each spot. [degree]"""
    power: Floats
    """Median power of each spot at full work. [MW]"""
    heat: Floats
    """How hot each spot is against full work: spots by days. [0, ...)"""
    temperature: Floats | None = None
    """Of each spot that has one temperature and is steady, NaN for those that flicker; none: all flicker. [K]"""
    plants: tuple[Plant, ...] = ()
    """Works whose machines are known one by one."""
    works_longitude: Floats = field(default_factory=lambda: np.zeros(0))
    """Of each works. [degree]"""
    works_latitude: Floats = field(default_factory=lambda: np.zeros(0))
    """Of each works. [degree]"""
    emission: Floats = field(default_factory=lambda: np.zeros(0))
    """Nitrogen oxides of each works at full output. [mol/s]"""
    activity: Floats = field(default_factory=lambda: np.zeros((0, 1)))
    """Output of each works against full output: works by days. [0, 1]"""

    def __post_init__(self) -> None:
        spots, works = self.longitude.size, self.works_longitude.size
        if not (self.latitude.size == self.power.size == self.heat.shape[0] == spots):
            raise InputError(f"heat sources: {spots} spots by their longitude, other fields have another number")
        if not (self.works_latitude.size == self.emission.size == self.activity.shape[0] == works):
            raise InputError(f"heat sources: {works} works by their longitude, other fields have another number")
        if self.temperature is not None and self.temperature.size != spots:
            raise InputError(f"heat sources: {spots} spots by their longitude, {self.temperature.size} temperatures")
        if self.heat.shape[1] < 1 or self.activity.shape[1] < 1:
            raise InputError("heat sources: expected at least one day")

    def day_of(self, time: float, days: int) -> int:
        """Column of the local day of a time [s since 1970-01-01 UTC], the nearest of ``days``."""
        number = (_local_date(time, self.timezone) - self.first_day).days
        return min(max(number, 0), days - 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glow:
    """Things that glow at one moment, a row for each temperature of each."""

    longitude: Floats
    """[degree]"""
    latitude: Floats
    """[degree]"""
    temperature: Floats
    """[K]"""
    area: Floats
    """Seen from above. [m²]"""
    ambient: Floats
    """Temperature of the ground whose place it takes. [K]"""

    def where(self, chosen: NDArray[np.bool_] | Integers) -> Glow:
        """The chosen rows."""
        return Glow(
            longitude=self.longitude[chosen],
            latitude=self.latitude[chosen],
            temperature=self.temperature[chosen],
            area=self.area[chosen],
            ambient=self.ambient[chosen],
        )


def steady_spots(longitude: Floats, latitude: Floats, temperature: Floats, area: Floats) -> HeatSources:
    """Things of one temperature [K] and area [m²] each that never change: what measurements are compared with."""
    return HeatSources(
        first_day=date(1970, 1, 1),
        longitude=longitude,
        latitude=latitude,
        power=area * constants.sigma * temperature**4 / MEGA,
        heat=np.ones((longitude.size, 1)),
        temperature=temperature,
    )


def sources_of(
    works: Sequence[Works],
    schedules: Sequence[Schedule],
    first_day: date,
    timezone: str,
    *,
    machinery: Sequence[Machinery] = (),
    layouts: Sequence[Layout] = (),
) -> HeatSources:
    """Heat of simulated works that followed these schedules.

    Parameters
    ----------
    works, schedules
        One schedule for each works.
    first_day
        First local day of the schedules.
    timezone
        IANA name of the local time.
    machinery
        The machines of each works; none: works are spots of which only the power is known.
    layouts
        The ground of each; none: machines stand where the detections of the season have their heat.
    """
    if not works:
        nothing, no_days = np.zeros(0), np.zeros((0, 1))
        return HeatSources(
            first_day=first_day, timezone=timezone, longitude=nothing, latitude=nothing, power=nothing, heat=no_days
        )
    first_spot = [one.own_spots if machinery else 0 for one in works]
    places = [_spot_places(one) for one in works]
    triples = list(zip(works, schedules, first_spot, strict=True))
    grounds: list[Layout | None] = [*layouts] if layouts else [None] * len(machinery)
    return HeatSources(
        first_day=first_day,
        timezone=timezone,
        longitude=np.concatenate([place[0][first:] for place, first in zip(places, first_spot, strict=True)]),
        latitude=np.concatenate([place[1][first:] for place, first in zip(places, first_spot, strict=True)]),
        power=np.concatenate([one.spots.power[first:] for one, _, first in triples]),
        heat=np.concatenate([heat_of(one, plan)[one.spots.source[first:]] for one, plan, first in triples]),
        plants=tuple(plant_of(*each) for each in zip(works if machinery else (), machinery, grounds, strict=True)),
        works_longitude=np.array([one.middle[0] for one in works]),
        works_latitude=np.array([one.middle[1] for one in works]),
        emission=np.array([_emission(one) for one in works]),
        activity=np.stack([plan.capacity @ plan.level for plan in schedules]),
    )


def spot_power(sources: HeatSources, spot: Integers, time: float, seed: int) -> Floats:
    """Power of spots at one moment: those without a temperature glow by turns. [MW]

    Parameters
    ----------
    sources
        All spots.
    spot
        Which of them.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.
    """
    turn, phase = uniform(key_of(seed, "tap length"), spot), uniform(key_of(seed, "tap phase"), spot)
    length = TAP[0] + (TAP[1] - TAP[0]) * turn
    tap = np.floor(time / length + phase).astype(np.int64)
    is_tapping = uniform(key_of(seed, "tapping"), spot, tap) < TAPPING_CHANCE
    flicker = np.exp(FLICKER * normal(key_of(seed, "flicker"), spot, tap) - FLICKER**2 / 2)
    heat = sources.heat[spot, sources.day_of(time, sources.heat.shape[1])]
    turns = flicker * np.where(is_tapping, 1.0, BETWEEN_TAPS)
    if sources.temperature is not None:
        turns = np.where(np.isfinite(sources.temperature[spot]), 1.0, turns)
    power: Floats = sources.power[spot] * heat * turns
    return power


def steam_vents(
    sources: HeatSources, time: float, seed: int, *, near: Pixels | None = None
) -> tuple[Floats, Floats, Floats]:
    """Longitude, latitude [degree] and strength [0, 1] of everything that steams at one moment.

    Parameters
    ----------
    sources
        All works; those whose machines are not known have no vents.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.
    near
        A block of pixels: only works in it, or within some two kilometres, are asked.
    """
    plants = sources.plants if near is None else _plants_near(sources, window_round(near))
    vents = [vents_of_plant(plant, time, seed) for plant in plants]
    parts = [np.concatenate([np.zeros(0), *(each[part] for each in vents)]) for part in range(3)]
    return parts[0], parts[1], parts[2]


def units_at_work(sources: HeatSources, site_id: str, time: float) -> Mapping[str, bool]:
    """Whether each unit of a site works at one moment; empty where its machines are not known.

    Parameters
    ----------
    sources
        All works.
    site_id
        Which of them.
    time
        When. [s since 1970-01-01 UTC]
    """
    return next((working_units(plant, time) for plant in sources.plants if plant.site_id == site_id), {})


def glow_near(sources: HeatSources, pixels: Pixels, time: float, seed: int) -> Glow:
    """All that glows in a block of pixels or near it at one moment.

    Parameters
    ----------
    sources
        All of it.
    pixels
        The block.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.
    """
    return _glow_in(sources, window_round(pixels), time, seed)


def spots_near(sources: HeatSources, pixels: Pixels, time: float, seed: int) -> tuple[Glow, Floats, Floats]:
    """``glow_near``, and where it lies in the plane of the pixels, NaN where it has no place there. [m]"""
    return _spots_in(sources, pixels.frame, window_round(pixels), time, seed)


@lru_cache(maxsize=KEPT)
def _spots_in(
    sources: HeatSources, frame: Frame, window: Window, time: float, seed: int
) -> tuple[Glow, Floats, Floats]:
    glow = _glow_in(sources, window, time, seed)
    return glow, *frame.position(glow.longitude, glow.latitude)


@lru_cache(maxsize=KEPT)
def _glow_in(sources: HeatSources, window: Window, time: float, seed: int) -> Glow:
    is_lit = sources.heat[:, sources.day_of(time, sources.heat.shape[1])] > 0
    spot = np.flatnonzero(is_lit & _is_within(window, sources.longitude, sources.latitude))
    parts = [_glow_of_spots(sources, spot, time, seed)] if spot.size else []
    for plant in _plants_near(sources, window):
        heat, ambient = heat_of_plant(plant, time, seed)
        parts.append(
            Glow(
                longitude=plant.longitude,
                latitude=plant.latitude,
                temperature=heat.temperature[:, 0],
                area=heat.area[:, 0],
                ambient=np.full(plant.longitude.size, ambient),
            )
        )
    columns = ("longitude", "latitude", "temperature", "area", "ambient")
    whole = Glow(**{name: np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)]) for name in columns})
    return whole.where(whole.area > 0)


def window_round(pixels: Pixels) -> Window:
    """The part of the map that may matter to a block."""
    x, y = (
        (float(part.min() - MARGIN * size), float(part.max() + MARGIN * size))
        for part, size in zip((pixels.x, pixels.y), pixels.size, strict=True)
    )
    return _window_of(pixels.frame, x, y)


@lru_cache(maxsize=KEPT)
def _window_of(frame: Frame, x: tuple[float, float], y: tuple[float, float]) -> Window:
    longitude, latitude = frame.places(np.array([x[0], x[1], x[0], x[1]]), np.array([y[0], y[0], y[1], y[1]]))
    east = (longitude - longitude[0] + 180) % 360 - 180
    room = 0.02 + 0.05 * float(np.ptp(longitude))  # edges of the block are no straight lines on the map
    middle = float(longitude[0]) + (float(east.min()) + float(east.max())) / 2
    half = (float(east.max()) - float(east.min())) / 2 + room
    return middle, half, float(latitude.min()) - room, float(latitude.max()) + room


def _is_within(window: Window, longitude: Floats, latitude: Floats, around: Floats | float = 0.0) -> NDArray[np.bool_]:
    """True for places in a window, or as near it as ``around``. [degree]"""
    middle, half, south, north = window
    away = np.abs((longitude - middle + 180) % 360 - 180)
    is_within: NDArray[np.bool_] = away <= half + around
    is_within &= (latitude >= south - around) & (latitude <= north + around)
    return is_within


def _plants_near(sources: HeatSources, window: Window) -> list[Plant]:
    if not sources.plants:
        return []
    longitude, latitude, reach = _plant_places(sources)
    near = np.flatnonzero(_is_within(window, longitude, latitude, reach))
    return [sources.plants[number] for number in near]


@lru_cache(maxsize=16)
def _plant_places(sources: HeatSources) -> tuple[Floats, Floats, Floats]:
    """Middle of each plant, and how far its parts lie from it. [degree]"""
    middles = np.array([plant.middle for plant in sources.plants])
    reach = [
        max(np.abs(plant.longitude - plant.middle[0]).max(), np.abs(plant.latitude - plant.middle[1]).max())
        for plant in sources.plants
    ]
    return middles[:, 0], middles[:, 1], np.array(reach)


@lru_cache(maxsize=1024)
def _local_date(time: float, timezone: str) -> date:
    return pd.Timestamp(time, unit="s", tz="UTC").tz_convert(timezone).date()


def _glow_of_spots(sources: HeatSources, spot: Integers, time: float, seed: int) -> Glow:
    """Steady spots as one temperature each, the others as a molten part and a crust."""
    power = MEGA * spot_power(sources, spot, time, seed)
    known = np.full(spot.size, np.nan) if sources.temperature is None else sources.temperature[spot]
    is_steady = np.isfinite(known)
    low, high = MOLTEN
    kelvin = np.where(is_steady, known, low + (high - low) * uniform(key_of(seed, "molten"), spot))
    share = np.where(is_steady, 1.0, MOLTEN_SHARE)
    longitude, latitude = sources.longitude[spot], sources.latitude[spot]
    ambient = skin_temperature(seed, longitude, latitude, time, np.zeros(spot.size))
    return Glow(
        longitude=np.tile(longitude, 2),
        latitude=np.tile(latitude, 2),
        temperature=np.concatenate([kelvin, np.full(spot.size, CRUST)]),
        area=np.concatenate([share * power / kelvin**4, (1 - share) * power / CRUST**4]) / constants.sigma,
        ambient=np.tile(ambient, 2),
    )


def _spot_places(works: Works) -> tuple[Floats, Floats]:
    """Longitude and latitude of a works' spots. [degree]"""
    longitude, latitude = works.middle
    width = KM_PER_DEGREE * np.cos(np.radians(latitude))
    return longitude + works.spots.east / width, latitude + works.spots.north / KM_PER_DEGREE


def _emission(works: Works) -> float:
    """Nitrogen oxides of a works at full output, by the power of its furnaces. [mol/s]"""
    furnaces = works.spots.source < len(works.schedule.unit_ids)
    tonnes = works.spots.power[furnaces].sum() / MEGAWATT_PER_TONNE_DAY[UnitKind.BLAST_FURNACE]
    return float(tonnes * NO2_PER_TONNE)
