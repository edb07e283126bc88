"""Cloud over a region: fronts that pass, cells inside them, and a daily cloud cover too coarse to tell which is which.

Cloud is where a Gaussian field exceeds a threshold. The field is the sum of a synoptic and a mesoscale part, each a
random sum of travelling waves (random Fourier features), so that it is defined at every place and time, and neighbours
share it. The defaults give the correlation of daily cloud cover between days and places that the Open-Meteo archive
has in southern Ukraine in winter: 0.5-0.7 from one day to the next, 0.8-0.9 over 300 km.

References
----------
A. Rahimi and B. Recht, Random features for large-scale kernel machines, NIPS 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from satverify.domain.evidence import SKY_COLUMNS
from satverify.simulate.heat import KM_PER_DEGREE

FloatArray: TypeAlias = NDArray[np.float64]

SYNOPTIC_SHARE = 0.8  # of the field's variance
THIN = 0.3  # cloud this little above its threshold, in standard deviations of the field, is thin
THIN_TRANSMISSION = 0.4  # of the heat below thin cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """How often the sky is clear, and how the clouds move."""

    clear_in_winter: float = 0.38
    """P(clear) in mid-January; 0.30-0.45 on the North China Plain. (0, 1)"""
    clear_in_summer: float = 0.55
    """P(clear) in mid-July. (0, 1)"""
    synoptic_length: float = 600.0
    """Distance over which fronts are alike. [km]"""
    synoptic_time: float = 36.0
    """Time over which they are, moving along with them. [h]"""
    mesoscale_length: float = 40.0
    """Distance over which cells are alike. [km]"""
    mesoscale_time: float = 4.0
    """Time over which they are. [h]"""
    wind: float = 15.0
    """Speed at which all of it moves east. [km/h]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weather:
    """One drawn history of the sky."""

    climate: Climate
    synoptic: FloatArray
    """Rows: wave numbers east and north [1/km], frequency [1/h], phase [rad]."""
    mesoscale: FloatArray
    """The same."""
    parallel: float | None = None
    """Latitude at which degrees of longitude are turned into kilometres; none: the middle of the places asked for, so
    that a place's sky depends on the company it is asked in. [degree]"""


def draw_weather(rng: np.random.Generator, climate: Climate | None = None, waves: int = 64) -> Weather:
    """A history of the sky made of ``waves`` travelling waves on each scale."""
    kind = climate or Climate()
    return Weather(
        climate=kind,
        synoptic=_waves(rng, kind.synoptic_length, kind.synoptic_time, kind.wind, waves),
        mesoscale=_waves(rng, kind.mesoscale_length, kind.mesoscale_time, kind.wind, waves),
    )


def transmission(
    weather: Weather, longitude: FloatArray, latitude: FloatArray, time: NDArray[np.datetime64]
) -> FloatArray:
    """Share of a hot spot's radiance that leaves the atmosphere: 1 in the clear, less under thin cloud, 0 under cloud.

    Parameters
    ----------
    weather
        The sky.
    longitude, latitude, time
        Places and times, one shape. [degree]
    """
    excess = cloud_excess(weather, longitude, latitude, time)
    return np.select([excess < 0, excess < THIN], [1.0, THIN_TRANSMISSION], 0.0)


def cloud_excess(
    weather: Weather, longitude: FloatArray, latitude: FloatArray, time: NDArray[np.datetime64]
) -> FloatArray:
    """How far the field of clouds is above its threshold: negative in the clear. [standard deviations]

    Parameters
    ----------
    weather
        The sky.
    longitude, latitude, time
        Places and times, one shape of one dimension. [degree]
    """
    where = _coordinates(longitude, latitude, time, weather.parallel)
    field = np.sqrt(SYNOPTIC_SHARE) * _field(weather.synoptic, where)
    field += np.sqrt(1 - SYNOPTIC_SHARE) * _field(weather.mesoscale, where)
    excess: FloatArray = field - _threshold(weather.climate, time)
    return excess


def daily_cloud_cover(
    rng: np.random.Generator,
    weather: Weather,
    points: tuple[FloatArray, FloatArray],
    days: tuple[date, date],
    noise: float = 10.0,
) -> pd.DataFrame:
    """What a coarse archive would say of the sky: ``SKY_COLUMNS``, one row per point and UTC day ``[start, stop)``.

    It knows the synoptic part only, as the mean of four times a day, and errs by ``noise`` [%].
    """
    dates = np.arange(np.datetime64(days[0], "D"), np.datetime64(days[1], "D"))
    hours = np.array([1, 7, 13, 19])
    shape = (points[0].size, dates.size, hours.size)
    time = (dates[:, None] + hours.astype("timedelta64[h]")).astype("datetime64[s]")
    longitude, latitude = (np.broadcast_to(part[:, None, None], shape).ravel() for part in points)
    when = np.broadcast_to(time, shape).ravel()
    known = np.sqrt(SYNOPTIC_SHARE) * _field(weather.synoptic, _coordinates(longitude, latitude, when, None))
    cover = norm.cdf((known - _threshold(weather.climate, when)) / np.sqrt(1 - SYNOPTIC_SHARE))
    daily = 100 * cover.reshape(shape).mean(axis=2) + rng.normal(0, noise, shape[:2])
    table = pd.DataFrame(
        {
            "longitude": np.repeat(points[0], dates.size),
            "latitude": np.repeat(points[1], dates.size),
            "date": np.tile(dates.astype("datetime64[us]"), points[0].size),
            "cloud_cover": np.round(np.clip(daily, 0, 100), 1).ravel(),
            "snow_depth": np.nan,
        }
    )
    return table.astype(SKY_COLUMNS)


def _waves(rng: np.random.Generator, length: float, time: float, wind: float, number: int) -> FloatArray:
    """Waves whose sum has the covariance exp(-(x/length)²/2 - (t/time)²/2) in a frame moving with the wind."""
    east, north = rng.normal(0, 1 / length, (2, number))
    frequency = rng.normal(0, 1 / time, number) - wind * east
    return np.stack([east, north, frequency, rng.uniform(0, 2 * np.pi, number)])


def _coordinates(
    longitude: FloatArray, latitude: FloatArray, time: NDArray[np.datetime64], parallel: float | None
) -> FloatArray:
    """East and north [km], hours, and ones: what a wave's row is multiplied by."""
    if parallel is None:
        parallel = float(np.mean(latitude)) if latitude.size else 0.0
    middle = np.radians(parallel)
    hours = time.astype("datetime64[s]").astype(np.int64) / 3600
    east = longitude * KM_PER_DEGREE * np.cos(middle)
    return np.stack([east, latitude * KM_PER_DEGREE, hours, np.ones_like(east)], axis=1)


def _field(waves: FloatArray, where: FloatArray) -> FloatArray:
    """Standard normal at each row of ``where``, a wave after the other to keep memory small."""
    total = np.zeros(where.shape[0])
    for wave in waves.T:
        total += np.cos(where @ wave)
    total *= np.sqrt(2 / waves.shape[1])
    return total


def _threshold(climate: Climate, time: NDArray[np.datetime64]) -> FloatArray:
    """Level of the field above which there is cloud."""
    day = (time.astype("datetime64[D]") - time.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    summer = (1 - np.cos(2 * np.pi * (day - 15) / 365.25)) / 2  # 0 in mid-January
    share = climate.clear_in_winter + (climate.clear_in_summer - climate.clear_in_winter) * summer
    level: FloatArray = norm.ppf(share)
    return level
