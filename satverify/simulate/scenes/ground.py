"""The ground of simulated scenes: water, plants, bare soil and buildings, how they reflect, and how warm they are.

Cover is a smooth random surface over longitude and latitude, the same for all sensors, with parcels of some hundred
metres in each UTM zone for those that resolve them. Plants come and go with the season of their hemisphere. The
temperature of a place has a yearly and a daily course, and weather that lasts some days and moves east. What ``land``
puts on top, the surfaces of works, snow and burnt stubble, reflects here too. Not modelled: relief, real coasts, angles
of view, and what temperature has to do with cloud and soil.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes import seasons
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.materials import BURNT, FRESH_SNOW, OLD_SNOW, at_wavelength
from satverify.simulate.scenes.noise import key_of, value_noise
from satverify.simulate.scenes.patches import table_of
from satverify.simulate.scenes.surfaces import Surfaces
from satverify.simulate.scenes.textures import texture

Floats: TypeAlias = NDArray[np.float64]

YEAR = seasons.YEAR  # [s]
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
AGEING = 8.0  # [d] in which snow gets coarse
FAINTEST = 1e-4  # flash that is worth adding
VISIBLE = 0.56  # [µm]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorksCover:
    """The surfaces of one works in a block of pixels, at one moment."""

    surfaces: Surfaces
    """Where they lie."""
    visible: Floats | None
    """Share of them that no other works hides, of the block's shape; none: all. [0, 1]"""
    snow: Floats
    """Share of each patch that snow covers. [0, 1]"""
    snow_age: float
    """Since it last snowed there. [d]"""
    flash: Floats
    """Reflectance that mirroring facets of each patch add in the visible. [0, ...)"""

    def laid(self, values: Floats) -> Floats:
        """Sum over patches of visible share times value, of the block's shape."""
        image = self.surfaces.laid(values)
        return image if self.visible is None else image * self.visible

    def reflectance(self, wavelength: float) -> Floats:
        """Of all the works adds to a pixel, of the block's shape. [1]"""
        table = table_of(self.surfaces.layout)
        dull = table.reflectance(wavelength)
        dull = dull + self.snow * (float(snow_reflectance(wavelength, np.array(self.snow_age))) - dull)
        bright = self.flash > FAINTEST
        dull[bright] += self.flash[bright] * (wavelength / VISIBLE) ** table.reddening[bright]
        return self.laid(dull)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """What lies on the ground of a block of pixels; the shares and those of works add up to 1."""

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
    burnt: Floats | None = None
    """Share of burnt stubble, if there is any. [0, 1]"""
    snow: Floats | None = None
    """Share of all this but the water that snow covers, if there is any. [0, 1]"""
    snow_age: Floats | None = None
    """Since it last snowed. [d]"""
    works: tuple[WorksCover, ...] = ()
    """Works in the block."""

    @property
    def land(self) -> Floats:
        """Share of natural ground and towns that is no water. [0, 1]"""
        dry: Floats = self.plants + self.soil + self.built
        return dry if self.burnt is None else dry + self.burnt


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
    green = np.clip(fertile * 1.3 - 0.1, 0.0, 1.0) * seasons.greenness(north, time)
    local = LAPSE * (0.5 - height) + PATCHES * (0.5 - fertile)
    return np.stack([np.asarray(height), green, built, skin_temperature(seed, east, north, time, green) + local])


def skin_temperature(seed: int, longitude: Floats, latitude: Floats, time: float, green: Floats) -> Floats:
    """Temperature of dry ground: that of the air, and a day's course that plants damp. [K]"""
    hour = (time / 3600 + longitude / 15) % 24
    day = np.maximum(np.cos(2 * np.pi * (hour - 13.5) / 24), -0.6)
    swing = 8.0 * (1 - 0.5 * green)
    temperature: Floats = seasons.air_temperature(seed, longitude, latitude, time) + swing * day
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
        parcels = texture(key_of(seed, "parcels", pixels.frame.epsg), pixels, 300.0)
        grain = texture(key_of(seed, "grain", pixels.frame.epsg), pixels, 55.0)
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
    ground = surface_of(cover, wavelength)
    ground *= TRANSMITTANCE.get(wavelength, USUAL_TRANSMITTANCE)
    path = PATH.get(wavelength, 0.0)
    if path:
        ground += path * np.sqrt(0.5) / np.maximum(cosine, 0.1)
    return ground


def surface_of(cover: Cover, wavelength: float) -> Floats:
    """Reflectance of the ground itself, without air. [1]

    Parameters
    ----------
    cover
        The ground.
    wavelength
        Key into ``ENDMEMBERS``. [µm]
    """
    water, plants, soil, built = ENDMEMBERS[wavelength]
    ground = cover.plants * plants
    ground += cover.soil * soil
    ground += cover.built * built
    if cover.burnt is not None:
        ground += cover.burnt * at_wavelength(BURNT, wavelength)
    ground *= cover.shade
    if cover.snow is not None and cover.snow_age is not None:
        ground += cover.snow * (cover.land * snow_reflectance(wavelength, cover.snow_age) - ground)
    ground += cover.water * water
    for works in cover.works:
        ground += works.reflectance(wavelength)
    return ground


def snow_reflectance(wavelength: float, age: Floats) -> Floats:
    """Reflectance of snow that gets coarser and dirtier day by day. [1]

    Parameters
    ----------
    wavelength
        [µm]
    age
        Since it last snowed. [d]
    """
    fresh, old = at_wavelength(FRESH_SNOW, wavelength), at_wavelength(OLD_SNOW, wavelength)
    reflectance: Floats = fresh + (old - fresh) * np.minimum(age / AGEING, 1.0)
    return reflectance
