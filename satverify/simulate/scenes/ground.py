"""The ground of simulated scenes: water, plants, bare soil and buildings, how they reflect, and how warm they are.

Cover is a smooth random surface over longitude and latitude, the same for all sensors, with parcels of some hundred
metres in each UTM zone for those that resolve them. Plants come and go with the season of their hemisphere. The
temperature of a place has a yearly and a daily course, and weather that lasts some days and moves east. Not modelled:
relief, snow, real coasts, angles of view, and what temperature has to do with cloud and soil.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.noise import key_of, value_noise

Floats: TypeAlias = NDArray[np.float64]

YEAR = 365.2425 * DAY  # [s]
WARMEST = 0.55  # of the year, in the north
GREENEST = 0.53
WATER_LEVEL = 0.30  # of the surface whose lowest parts are water; about a tenth of the ground
LAPSE = 6.0  # [K] from the lowest ground to the highest
PATCHES = 2.0  # [K] from the barest to the most fertile
SHORE = 0.015  # of that surface, over which water gives way to land

ENDMEMBERS = {  # reflectance of water, plants, soil and buildings; after the ECOSTRESS spectral library, rounded
    0.443: (0.05, 0.03, 0.09, 0.13),
    0.490: (0.05, 0.04, 0.11, 0.15),
    0.560: (0.04, 0.08, 0.15, 0.17),
    0.665: (0.03, 0.04, 0.20, 0.19),
    0.705: (0.025, 0.11, 0.22, 0.20),
    0.740: (0.02, 0.30, 0.24, 0.21),
    0.783: (0.02, 0.36, 0.25, 0.21),
    0.842: (0.015, 0.38, 0.27, 0.22),
    0.865: (0.015, 0.40, 0.28, 0.22),
    0.945: (0.01, 0.38, 0.29, 0.23),
    1.375: (0.0, 0.20, 0.32, 0.24),
    1.610: (0.005, 0.20, 0.34, 0.25),
    2.200: (0.003, 0.10, 0.29, 0.23),
}
PATH = {0.443: 0.095, 0.490: 0.065, 0.560: 0.038, 0.665: 0.020}  # reflectance of clear air, the Sun 45 degrees high
TRANSMITTANCE = {0.945: 0.45, 1.375: 0.004}  # where water vapour absorbs; 0.9 elsewhere
USUAL_TRANSMITTANCE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """What lies on the ground of a block of pixels; the shares add up to 1."""

    water: Floats
    """Share of water. [0, 1]"""
    plants: Floats
    """Share of green plants. [0, 1]"""
    soil: Floats
    """Share of bare soil. [0, 1]"""
    built: Floats
    """Share of buildings and yards. [0, 1]"""
    shade: Floats
    """Factor by which all of it is brighter or darker than usual."""


def slow_ground(seed: int, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """Layers that vary within kilometres: height above water, plants, buildings, and temperature of the skin [K].

    Parameters
    ----------
    seed
        Of the simulation.
    longitude, latitude
        The places; NaN counts as 0. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    east, north = np.nan_to_num(longitude), np.nan_to_num(latitude)
    height = sum(
        share * value_noise(key_of(seed, "height", octave), east / size, north / size)
        for octave, (size, share) in enumerate(((1.6, 0.45), (0.45, 0.35), (0.13, 0.20)))
    )
    fertile = 0.6 * value_noise(key_of(seed, "fertile"), east / 0.8, north / 0.8)
    fertile = fertile + 0.4 * value_noise(key_of(seed, "fertile", 1), east / 0.15, north / 0.15)
    town = value_noise(key_of(seed, "town"), east / 0.25, north / 0.25)
    built = np.clip((town - 0.72) / 0.12, 0.0, 1.0)
    green = np.clip(fertile * 1.3 - 0.1, 0.0, 1.0) * _greenness(north, time)
    local = LAPSE * (0.5 - height) + PATCHES * (0.5 - fertile)
    return np.stack([np.asarray(height), green, built, skin_temperature(seed, east, north, time, green) + local])


def skin_temperature(seed: int, longitude: Floats, latitude: Floats, time: float, green: Floats) -> Floats:
    """Temperature of dry ground. [K]

    Yearly mean and amplitude by latitude, as at sea level inland; a day's course that plants damp; weather.
    """
    mean = 299.0 - 0.0085 * latitude**2
    amplitude = 0.36 * np.clip(np.abs(latitude), 0.0, 65.0)
    phase = np.cos(2 * np.pi * (time / YEAR - WARMEST)) * np.sign(latitude)
    hour = (time / 3600 + longitude / 15) % 24
    day = np.maximum(np.cos(2 * np.pi * (hour - 13.5) / 24), -0.6)
    swing = 8.0 * (1 - 0.5 * green)
    weather = value_noise(key_of(seed, "air mass"), longitude / 12 - time / 216_000, latitude / 9)
    temperature: Floats = mean + amplitude * phase + swing * day + 16 * (weather - 0.5)
    return temperature


def cover_of(seed: int, pixels: Pixels, height: Floats, green: Floats, built: Floats) -> Cover:
    """Cover of a block of pixels from its slow layers, with parcels where the plane is that of a UTM zone.

    Parameters
    ----------
    seed
        Of the simulation.
    pixels
        The block.
    height, green, built
        Layers of ``slow_ground`` at its pixels.
    """
    parcels, grain = np.full(pixels.shape, 0.5), np.full(pixels.shape, 0.5)
    if isinstance(pixels.frame, UtmFrame):
        parcels = value_noise(key_of(seed, "parcels", pixels.frame.epsg), pixels.x / 300.0, pixels.y / 300.0)
        grain = value_noise(key_of(seed, "grain", pixels.frame.epsg), pixels.x / 55.0, pixels.y / 55.0)
    dry = np.clip((height + 0.05 * (parcels - 0.5) - WATER_LEVEL) / SHORE, 0.0, 1.0)
    town = dry * np.clip(built + (grain - 0.5) * (built > 0), 0.0, 1.0)
    open_ground = dry - town
    plants = open_ground * np.clip(green * (0.4 + 1.2 * parcels), 0.0, 1.0)
    return Cover(
        water=1 - dry,
        plants=plants,
        soil=open_ground - plants,
        built=town,
        shade=0.85 + 0.3 * grain,
    )


def reflectance_of(cover: Cover, wavelength: float, cosine: Floats) -> Floats:
    """Reflectance at the top of clear air. [1]

    Parameters
    ----------
    cover
        The ground.
    wavelength
        Key into ``ENDMEMBERS``. [µm]
    cosine
        Of the solar zenith angle; below a tenth the path through the air grows no longer. [1]
    """
    water, plants, soil, built = ENDMEMBERS[wavelength]
    ground = cover.plants * plants
    ground += cover.soil * soil
    ground += cover.built * built
    ground *= cover.shade
    ground += cover.water * water
    ground *= TRANSMITTANCE.get(wavelength, USUAL_TRANSMITTANCE)
    path = PATH.get(wavelength, 0.0)
    if path:
        ground += path * np.sqrt(0.5) / np.maximum(cosine, 0.1)
    return ground


def _greenness(latitude: Floats, time: float) -> Floats:
    """Share of the plants that are green at this time of the year: all year round in the tropics. [0, 1]"""
    season = np.cos(2 * np.pi * (time / YEAR - GREENEST)) * np.sign(latitude)
    bare = np.clip((np.abs(latitude) - 15) / 25, 0.0, 1.0)
    green: Floats = 1 - bare * 0.45 * (1 - season)
    return green
