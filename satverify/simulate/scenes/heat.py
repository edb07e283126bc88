"""Hot spots of works as imaging sensors see them, and the nitrogen oxides that go with their work.

A spot of some megawatt is mostly crust at a dull 500 K and to a small part molten slag or iron between 1,000 and 1,500
K (two temperatures, after Dozier 1981); together they radiate the power that the simulated season gives it on that day.
It is far smaller than a pixel and is spread over neighbours by the sensor's blur. Furnaces tap by turns: between taps
little glows. Whether one does is settled by spot and time alone, so that all sensors above at one moment see the same.
Not modelled: roofs and angles, spots larger than a pixel, and what saturates on board beyond a plain ceiling.

References
----------
J. Dozier, A method for satellite identification of surface temperature fields of subpixel resolution, Remote Sensing of
Environment 11, 1981. doi:10.1016/0034-4257(81)90021-3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import constants
from scipy.special import ndtr

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.physics.orbit import DAY
from satverify.simulate.heat import FLICKER, KM_PER_DEGREE, MEGAWATT_PER_TONNE_DAY
from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.noise import key_of, normal, uniform
from satverify.simulate.scenes.radiation import planck_radiance
from satverify.simulate.schedules import Schedule
from satverify.simulate.works import Works, heat_of

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

MOLTEN_SHARE = 0.08  # of a spot's power
MOLTEN = (1000.0, 1500.0)  # [K] slag in the open to iron at the tap hole
CRUST = 500.0  # [K]
TAP = (5_400.0, 10_800.0)  # [s] from one tap of a furnace to the next; eight to twelve a day
TAPPING_CHANCE = 0.7  # a spot's, in one such time
BETWEEN_TAPS = 0.12  # of its power
BLUR = 0.45  # [pixel] standard deviation of the point spread function
REACH = 2  # [pixel] of it on either side
NO2_PER_TONNE = 1.2 / 0.046 / DAY  # [mol/s per t/d] 1.2 kg of NO2 a tonne of steel; EMEP/EEA guidebook 2019, 2.C.1
NO2_AT_REST = 0.25  # share of it from coke ovens and power plant, which go on
ROW = 1 << 32


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
        if self.heat.shape[1] < 1 or self.activity.shape[1] < 1:
            raise InputError("heat sources: expected at least one day")

    def day_of(self, time: float, days: int) -> int:
        """Column of the local day of a time [s since 1970-01-01 UTC], the nearest of ``days``."""
        local = pd.Timestamp(time, unit="s", tz="UTC").tz_convert(self.timezone)
        return int(np.clip((local.date() - self.first_day).days, 0, days - 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HotPixels:
    """Pixels of a granule that hold heat, and how much of each spot falls in them; one row a spot and pixel."""

    key: Integers
    """Row and column of a pixel in one number, sorted, each once."""
    pixel: Integers
    """Index into ``key``."""
    spot: Integers
    """Index into ``temperature``, ``molten`` and ``crust``."""
    weight: Floats
    """Share of the spot's radiation that the pixel gets. [0, 1]"""
    temperature: Floats
    """Of the molten part of each spot. [K]"""
    molten: Floats
    """Area of it, against the area of a pixel. [1]"""
    crust: Floats
    """Area of the crust, likewise. [1]"""

    def radiance(self, wavelength: float) -> Floats:
        """Added to each of the pixels ``key``, in clear sky. [W m⁻² sr⁻¹ µm⁻¹]"""
        of_spot = self.molten * planck_radiance(wavelength, self.temperature)
        of_spot += self.crust * planck_radiance(wavelength, CRUST)
        weight = self.weight * of_spot[self.spot]
        return np.bincount(self.pixel, weight, minlength=self.key.size).astype(np.float64)


def sources_of(works: Sequence[Works], schedules: Sequence[Schedule], first_day: date, timezone: str) -> HeatSources:
    """Hot spots of simulated works that followed these schedules.

    Parameters
    ----------
    works, schedules
        One schedule for each works.
    first_day
        First local day of the schedules.
    timezone
        IANA name of the local time.
    """
    if not works:
        nothing, no_days = np.zeros(0), np.zeros((0, 1))
        return HeatSources(
            first_day=first_day, timezone=timezone, longitude=nothing, latitude=nothing, power=nothing, heat=no_days
        )
    places = [_spot_places(one) for one in works]
    pairs = list(zip(works, schedules, strict=True))
    return HeatSources(
        first_day=first_day,
        timezone=timezone,
        longitude=np.concatenate([longitude for longitude, _ in places]),
        latitude=np.concatenate([latitude for _, latitude in places]),
        power=np.concatenate([one.spots.power for one in works]),
        heat=np.concatenate([heat_of(one, plan)[one.spots.source] for one, plan in pairs]),
        works_longitude=np.array([one.middle[0] for one in works]),
        works_latitude=np.array([one.middle[1] for one in works]),
        emission=np.array([_emission(one) for one in works]),
        activity=np.stack([plan.capacity @ plan.level for plan in schedules]),
    )


def glow(sources: HeatSources, spot: Integers, time: float, seed: int) -> Floats:
    """Power of spots at one moment. [MW]

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
    power: Floats = sources.power[spot] * heat * flicker * np.where(is_tapping, 1.0, BETWEEN_TAPS)
    return power


def hot_pixels(sources: HeatSources | None, pixels: Pixels, time: float, seed: int) -> HotPixels | None:
    """Where the spots fall among a granule's pixels; none where the block holds no heat.

    Parameters
    ----------
    sources
        All spots, if any.
    pixels
        The block that is asked for.
    time
        When. [s since 1970-01-01 UTC]
    seed
        Of the simulation.
    """
    near = np.zeros(0, dtype=np.int64) if sources is None else _spots_near(sources, pixels)
    if sources is None or near.size == 0:
        return None
    power = glow(sources, near, time, seed)
    near, power = near[power > 0], power[power > 0]
    if near.size == 0:
        return None
    x, y = pixels.frame.position(sources.longitude[near], sources.latitude[near])
    column, row, weight = _spread(pixels, x, y)
    key, pixel = np.unique(row * ROW + column, return_inverse=True)
    low, high = MOLTEN
    temperature = low + (high - low) * uniform(key_of(seed, "molten"), near)
    watt_per_area = power * 1e6 / (pixels.size[0] * pixels.size[1])
    return HotPixels(
        key=key,
        pixel=pixel.ravel(),
        spot=np.repeat(np.arange(near.size), weight.shape[1]),
        weight=weight.ravel(),
        temperature=temperature,
        molten=MOLTEN_SHARE * watt_per_area / (constants.sigma * temperature**4),
        crust=(1 - MOLTEN_SHARE) * watt_per_area / (constants.sigma * CRUST**4),
    )


def places_of(hot: HotPixels | None, pixels: Pixels) -> tuple[tuple[NDArray[np.intp], ...], Integers]:
    """Where hot pixels lie in a block, as an index into it, and which of them each is."""
    shape = pixels.shape
    if hot is None:
        return tuple(np.zeros(0, dtype=np.intp) for _ in shape), np.zeros(0, dtype=np.int64)
    key = pixels.rows * ROW + pixels.columns
    first = np.minimum(np.searchsorted(hot.key, key), hot.key.size - 1)
    inside = np.nonzero(hot.key[first] == key)
    return inside, first[inside].astype(np.int64)


def _spread(pixels: Pixels, x: Floats, y: Floats) -> tuple[Integers, Integers, Floats]:
    """Column, row and weight of the pixels that spots at x, y are blurred over: flat, flat, and spots by pixels."""
    offset = np.arange(-REACH, REACH + 1)
    across, along = (x - pixels.origin[0]) / pixels.size[0], (y - pixels.origin[1]) / pixels.size[1]
    column = np.floor(across)[:, None] + offset
    row = np.floor(along)[:, None] + offset
    wide = ndtr((column + 1 - across[:, None]) / BLUR) - ndtr((column - across[:, None]) / BLUR)
    high = ndtr((row + 1 - along[:, None]) / BLUR) - ndtr((row - along[:, None]) / BLUR)
    weight = (high[:, :, None] * wide[:, None, :]).reshape(x.size, -1)
    columns = np.broadcast_to(column[:, None, :], (x.size, offset.size, offset.size))
    rows = np.broadcast_to(row[:, :, None], columns.shape)
    return columns.ravel().astype(np.int64), rows.ravel().astype(np.int64), weight


def _spots_near(sources: HeatSources, pixels: Pixels) -> Integers:
    """Spots within a block of pixels or a few pixels beside it."""
    edge = np.array([-REACH - 1, REACH + 1]) * np.array(pixels.size)[:, None]
    x = np.array([pixels.x.min(), pixels.x.max()]) + edge[0]
    y = np.array([pixels.y.min(), pixels.y.max()]) + edge[1]
    corners = pixels.frame.places(np.array([x[0], x[1], x[0], x[1]]), np.array([y[0], y[0], y[1], y[1]]))
    middle = corners[0][0]
    east = (corners[0] - middle + 180) % 360 - 180
    room = 0.02 + 0.05 * float(np.ptp(corners[1]))  # edges of the block are no straight lines on the map
    away = (sources.longitude - middle + 180) % 360 - 180
    is_near = (away >= east.min() - room) & (away <= east.max() + room)
    is_near &= (sources.latitude >= corners[1].min() - room) & (sources.latitude <= corners[1].max() + room)
    return np.flatnonzero(is_near)


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
