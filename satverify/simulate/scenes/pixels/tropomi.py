"""Pixels of simulated Sentinel-5P granules: tropospheric NO2 with plumes of works, and cloud fraction.

The column is a background, what towns and traffic give (more in winter), and a plume downwind of each works: steady
emission, wind of the day, Gaussian across with a width that grows downwind, decay with the life of NOx. Pixels are 5.5
by 3.5 km (7 km until 2019-08-06), all alike across the swath. ``qa`` falls below 50 where cloud covers more than half
and below 75 where it covers a fifth, and is 0 with the Sun low. Versions of one product differ by a bias of some per
cent. Not modelled: averaging kernels, stratosphere, and plumes that remember yesterday's wind.

References
----------
S. Beirle et al., Megacity emissions and lifetimes of nitrogen oxides probed from space, Science 333, 2011.
doi:10.1126/science.1207824
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.sun import solar_angles
from satverify.simulate.heat import KM_PER_DEGREE
from satverify.simulate.scenes.frames import Pixels, TrackFrame, slow_fields
from satverify.simulate.scenes.ground import YEAR
from satverify.simulate.scenes.heat import NO2_AT_REST, HeatSources
from satverify.simulate.scenes.noise import key_of, normal, value_noise
from satverify.simulate.scenes.sky import excess_at, wind_of
from satverify.simulate.scenes.world import World, seconds_of
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

NET = 10_000.0  # [m] between crossings at which slow quantities are computed
ACROSS = 3_500.0  # [m] extent of a pixel
ALONG, ALONG_BEFORE = 5_500.0, 7_000.0  # [m]
SHORTENED = seconds_of(datetime(2019, 8, 6, tzinfo=UTC))
BANDS = {"NO2": ("NO2", "qa"), "CLOUD": ("CLOUD_FRACTION", "qa")}  # of each product
BACKGROUND = 1.2e-5  # [mol/m²]
TOWNS = 9.0e-5  # [mol/m²] where most is
NOISE, RELATIVE_NOISE = 5e-6, 0.08  # [mol/m²] and share of the column; S5P MPC routine validation reports
LIFETIME = 4 * 3600.0  # [s]
FIRST_WIDTH, SPREAD = 3_000.0, 0.12  # [m] half width of a plume at the works, and what it gains downwind
PLUME = 150_000.0  # [m] beyond which it is forgotten
BIAS = {"NRTI": 1.05, "OFFL": 0.95, "RPRO": 1.0}
STEP = 1e-8  # [mol/m²]
LOWEST_SUN = np.cos(np.radians(81.2))  # cosine of the zenith angle beyond which nothing is good; product user manual


def track_size(time: float) -> tuple[float, float]:
    """Extent of a pixel across and along the track. [m]"""
    return ACROSS, ALONG if time >= SHORTENED else ALONG_BEFORE


def tropomi_bands(
    world: World, frame: TrackFrame, place: tuple[Integers, Integers], bands: Sequence[str], time: float, version: str
) -> dict[str, Floats]:
    """Bands of one product over a rectangle of pixels.

    Parameters
    ----------
    world
        What there is to see.
    frame
        The plane along the track.
    place
        Rows and columns.
    bands
        Of ``NO2`` [mol m⁻²], ``CLOUD_FRACTION`` [1] and ``qa`` [%].
    time
        When. [s since 1970-01-01 UTC]
    version
        ``NRTI``, ``OFFL`` or ``RPRO``.
    """
    pixels = Pixels(frame=frame, size=track_size(time), rows=place[0], columns=place[1])

    def fields(longitude: Floats, latitude: Floats) -> Floats:
        zenith, _ = solar_angles(time, longitude, latitude)
        excess = excess_at(world.weather, longitude, latitude, time)
        town = _towns(world.seed, longitude, latitude, time)
        return np.stack([excess, np.cos(zenith), town])

    excess, cosine, town = slow_fields(pixels, fields, NET)
    cloud = np.clip(0.5 + excess / (2 * THIN), 0.0, 1.0)  # pixels are wider than the edges of clouds
    cloud = np.clip(cloud + 0.03 * _noise(world, "cloud", pixels, time), 0.0, 1.0)
    out: dict[str, Floats] = {}
    for name in bands:
        if name == "NO2":
            column = (BACKGROUND + town + plumes(world, pixels, time)) * BIAS[version]
            spread = NOISE + RELATIVE_NOISE * column
            column = column + spread * (1 + cloud) * _noise(world, "NO2", pixels, time)
            out[name] = np.where(cosine > 0.05, np.round(column / STEP) * STEP, np.nan)
        elif name == "CLOUD_FRACTION":
            out[name] = np.where(cosine > 0.05, np.round(cloud, 4), np.nan)
        else:
            quality = np.where(cloud > 0.5, 45.0, np.where(cloud > 0.2, 73.0, 100.0))
            out[name] = np.where(cosine > LOWEST_SUN, quality, 0.0)
    return out


def plumes(world: World, pixels: Pixels, time: float) -> Floats:
    """NO2 that works add to the column over pixels, by the wind of the day. [mol m⁻²]"""
    total = np.zeros(pixels.shape)
    if world.sources is None or world.sources.emission.size == 0:
        return total
    longitude, latitude = pixels.frame.places(*np.broadcast_arrays(pixels.x, pixels.y))
    rate = emission_rate(world.sources, time)
    for east, north, emission in zip(
        world.sources.works_longitude.tolist(), world.sources.works_latitude.tolist(), rate.tolist(), strict=True
    ):
        width = KM_PER_DEGREE * 1000 * np.cos(np.radians(north))
        x, y = (longitude - east + 180) % 360 - 180, latitude - north
        near = np.nonzero((np.abs(x) * width < PLUME) & (np.abs(y) * KM_PER_DEGREE * 1000 < PLUME))
        if emission > 0 and near[0].size:
            metres = (x[near] * width, y[near] * KM_PER_DEGREE * 1000)
            total[near] += plume(emission, wind_of(world.seed, east, north, time), *metres)
    return total


def plume(emission: float, wind: tuple[float, float], east: Floats, north: Floats) -> Floats:
    """Column of a steady Gaussian plume over points beside its source. [mol m⁻²]

    Parameters
    ----------
    emission
        [mol/s]
    wind
        Eastward and northward. [m/s]
    east, north
        From the source. [m]
    """
    speed = float(np.hypot(*wind))
    down = (east * wind[0] + north * wind[1]) / speed
    beside = (north * wind[0] - east * wind[1]) / speed
    width = FIRST_WIDTH + SPREAD * np.maximum(down, 0.0)
    start = 1 / (1 + np.exp(-down / 1_500.0))  # a pixel holds some of what lies upwind of its middle
    column = emission / (speed * width * np.sqrt(2 * np.pi)) * np.exp(-0.5 * (beside / width) ** 2)
    decayed: Floats = column * start * np.exp(-np.maximum(down, 0.0) / (speed * LIFETIME))
    return decayed


def emission_rate(sources: HeatSources, time: float) -> Floats:
    """What each works gives on the local day of a time [s since 1970-01-01 UTC]. [mol/s]"""
    activity = sources.activity[:, sources.day_of(time, sources.activity.shape[1])]
    rate: Floats = sources.emission * (NO2_AT_REST + (1 - NO2_AT_REST) * activity)
    return rate


def _towns(seed: int, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """Column from everything that is no works: patches of a hundred kilometres, twice as much in winter. [mol m⁻²]"""
    east, north = np.nan_to_num(longitude), np.nan_to_num(latitude)
    patch = np.clip(value_noise(key_of(seed, "traffic"), east / 1.3, north / 1.1) * 1.5 - 0.5, 0.0, 1.0)
    winter = 1 + 0.35 * np.cos(2 * np.pi * (time / YEAR - 0.04)) * np.sign(north)
    column: Floats = TOWNS * patch**2 * winter
    return column


def _noise(world: World, name: str, pixels: Pixels, time: float) -> Floats:
    return normal(key_of(world.seed, "noise", name, int(time // 3600)), pixels.rows, pixels.columns)
