"""The sky of simulated scenes: the clouds that also hid the season's detections, the wind, and how opaque both are.

Clouds are one layer. Where the weather's field exceeds its threshold there is cloud, thin at first and opaque from
``THIN`` on; it gets higher and colder with the excess. Not modelled: shadows, the slant of the view through the layer,
haze, snow, and clouds smaller than a kilometre.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.scenes.noise import chance, normal, value_noise
from satverify.simulate.weather import THIN, THIN_TRANSMISSION, Weather, cloud_excess

Floats: TypeAlias = NDArray[np.float64]

LAST_DIGIT = 6  # of the cloud field; sums of waves differ in the last bits with how many places are asked at once
LOWEST_TOP = 12.0  # [K] colder than the ground below
COLDEST_TOP = 55.0  # [K]
HIGHEST_EXCESS = 1.5  # standard deviations above the threshold, where tops are coldest
WIND_SPEED = (1.5, 9.0)  # [m/s]


def excess_at(weather: Weather, longitude: Floats, latitude: Floats, time: float | Floats) -> Floats:
    """How far the field of clouds is above its threshold, of the places' shape; clear where a place is NaN.

    Parameters
    ----------
    weather
        The sky; its ``parallel`` must be set.
    longitude, latitude
        The places. [degree]
    time
        When, one or of their shape. [s since 1970-01-01 UTC]
    """
    shape = longitude.shape
    when = np.broadcast_to(np.asarray(time, dtype=np.float64), shape).ravel()
    moments = np.round(when).astype(np.int64).astype("datetime64[s]")
    where = (np.nan_to_num(longitude).ravel(), np.nan_to_num(latitude).ravel())
    excess: Floats = np.round(cloud_excess(weather, *where, moments), LAST_DIGIT).reshape(shape)
    return np.where(np.isfinite(longitude), excess, -1.0)


def transmission_of(excess: Floats) -> Floats:
    """Share of what the ground sends out that passes the clouds, as detections of hot spots had it. {0, 0.4, 1}"""
    return np.where(excess < 0, 1.0, np.where(excess < THIN, THIN_TRANSMISSION, 0.0))


def top_depression(excess: Floats) -> Floats:
    """How much colder the top of the cloud is than the ground. [K]"""
    height = np.clip(excess / HIGHEST_EXCESS, 0.0, 1.0)
    depression: Floats = LOWEST_TOP + (COLDEST_TOP - LOWEST_TOP) * height
    return depression


def brightness_of(key: int, excess: Floats, x: Floats, y: Floats) -> Floats:
    """Reflectance of clouds in the visible, textured over the granule's plane. [1]"""
    texture = value_noise(key, x / 900.0, y / 900.0)
    texture = 0.7 * texture + 0.3 * value_noise(key + 1, x / 250.0, y / 250.0)
    bright: Floats = 0.32 + 0.30 * np.clip(excess / HIGHEST_EXCESS, 0.0, 1.0) + 0.25 * texture
    return bright


def wind_of(seed: int, longitude: float, latitude: float, time: float) -> tuple[float, float]:
    """Wind of one UTC day over a region of four degrees, eastward and northward; westerlies are more frequent. [m/s]

    Parameters
    ----------
    seed
        Of the simulation.
    longitude, latitude
        Where. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    where = (int(np.floor(time / DAY)), int(np.floor(longitude / 4)), int(np.floor(latitude / 4)))
    low, high = WIND_SPEED
    speed = low + (high - low) * chance(seed, "wind speed", *where) ** 1.5
    turn = 1.2 * float(normal(seed, np.array(where[0]), np.array(where[1] * 1000 + where[2])))  # [rad] round due east
    return speed * float(np.cos(turn)), speed * float(np.sin(turn))
