"""The sky of simulated scenes: the clouds that also hid the season's detections, their shadows, cirrus, and the wind.

Clouds are one layer. Where the weather's field exceeds its threshold there is cloud, thin at first and opaque from
``THIN`` on; it gets higher and colder with the excess. Where pixels are fine the field gets structure below a
kilometre: ragged edges, holes, and small clouds beside large ones. Cirrus is a second layer, too thin to hide a hot
spot. Not modelled: the slant of the view through the layers, and clouds that drift between the bands of one scene.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from satverify.physics.orbit import DAY
from satverify.physics.sun import solar_angles
from satverify.simulate.scenes.frames import Net, Pixels, UtmFrame, between_crossings, net_round
from satverify.simulate.scenes.noise import key_of, normal, value_noise
from satverify.simulate.weather import THIN, THIN_TRANSMISSION, Weather, cloud_excess

Floats: TypeAlias = NDArray[np.float64]

LAST_DIGIT = 6  # of the cloud field; sums of waves differ in the last bits with how many places are asked at once
LOWEST_TOP = 12.0  # [K] colder than the ground below
COLDEST_TOP = 55.0  # [K]
HIGHEST_EXCESS = 1.5  # standard deviations above the threshold, where tops are coldest
WIND_SPEED = (1.5, 9.0)  # [m/s]
REGION = 4.0  # [degree] over which there is one wind
RAGGED = ((2_100.0, 0.5), (700.0, 0.3), (230.0, 0.2))  # [m] size of structures, and their share
ROUGHNESS = 1.0  # of the field that structures add or take at most, at its threshold
NEAR_THRESHOLD = 0.9  # of the field, from which on they add nothing
CALM_TIME = 2.2 * DAY  # [s] over which calm weather lasts
CALM_SPREAD = 0.18  # standard deviation of the field of calm before it is made even
CIRRUS_LEVEL, CIRRUS_DEPTH = (
    0.66,
    0.9,
)  # of the field of cirrus above which there is any, and optical depth where it is 1
BASE = 1_400.0  # [m] height at which clouds throw their shadow
LOWEST_SUN = np.radians(80.0)  # [rad] zenith angle beyond which shadows are everywhere and nowhere
KEPT = 512
"""Moments of nets that are kept, a kilobyte or two each: several products show the same one."""
NET = 2_000.0  # [m] between crossings at which the clouds that throw shadows are computed


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


def ragged(seed: int, pixels: Pixels, excess: Floats, time: float) -> Floats:
    """The field of clouds with structure below a kilometre, where pixels resolve it.

    As often up as down, so that there is as much cloud as before. Far from the threshold nothing changes.

    Parameters
    ----------
    seed
        Of the simulation.
    pixels
        The block.
    excess
        The field at its pixels.
    time
        When. [s since 1970-01-01 UTC]
    """
    if not isinstance(pixels.frame, UtmFrame):
        return excess
    return _roughened(key_of(seed, "small clouds", pixels.frame.epsg, int(time // 60)), pixels.x, pixels.y, excess)


def shadow_of(seed: int, weather: Weather, pixels: Pixels, time: float) -> Floats | None:
    """Share of the direct sunlight that clouds take from the ground, of the block's shape; none where they take none.

    Parameters
    ----------
    seed, weather
        Of the simulation; the weather's ``parallel`` must be set.
    pixels
        The block.
    time
        When. [s since 1970-01-01 UTC]
    """
    frame = pixels.frame
    if not isinstance(frame, UtmFrame):
        return None

    net = net_round(pixels.x, pixels.y, NET)
    layers = _shading(weather, frame, net, time)
    if (layers[0] <= -NEAR_THRESHOLD).all():
        return None
    excess, east, north = between_crossings(net, layers, pixels.x, pixels.y)
    near = _nearness(excess)
    lost = 1 - transmission_of(excess)
    is_open = (excess + ROUGHNESS * near >= 0) & (excess - ROUGHNESS * near < THIN)  # structure settles it only there
    if is_open.any():
        key = key_of(seed, "small clouds", frame.epsg, int(time // 60))
        x, y = (pixels.x + east)[is_open], (pixels.y + north)[is_open]
        lost[is_open] = 1 - transmission_of(_roughened(key, x, y, excess[is_open]))
    return lost if lost.any() else None


@lru_cache(maxsize=KEPT)
def _shading(weather: Weather, frame: UtmFrame, net: Net, time: float) -> Floats:
    """Clouds that throw their shadow on the crossings of a net, and how far east and north they stand of them. [m]"""
    x, y = net.crossings()
    zenith, azimuth = solar_angles(time, *frame.places(x, y))
    away = BASE * np.tan(np.minimum(zenith, LOWEST_SUN))
    east, north = x + away * np.sin(azimuth), y + away * np.cos(azimuth)
    excess = excess_at(weather, *frame.places(east, north), time)
    return np.stack([np.where(zenith < LOWEST_SUN, excess, -NEAR_THRESHOLD), east - x, north - y])


def _roughened(key: int, x: Floats, y: Floats, excess: Floats) -> Floats:
    """The field of clouds at points of a plane [m] with structure below a kilometre."""
    near = _nearness(excess)
    if not near.any():
        return excess
    texture = sum(share * value_noise(key + number, x / size, y / size) for number, (size, share) in enumerate(RAGGED))
    rough: Floats = excess + 2 * ROUGHNESS * (texture - 0.5) * near
    return rough


def _nearness(excess: Floats) -> Floats:
    """How much of small structure the field of clouds takes on: all at its threshold, nothing far from it. [0, 1]"""
    near: Floats = np.maximum(1 - (excess / NEAR_THRESHOLD) ** 2, 0.0) ** 2
    return near


def cirrus_at(seed: int, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """Optical depth of thin cirrus over places, of their shape; most of the time 0. [0, 0.4]

    Parameters
    ----------
    seed
        Of the simulation.
    longitude, latitude
        The places; NaN counts as 0. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    east, north = np.nan_to_num(longitude) - time / 14_000, np.nan_to_num(latitude)
    field = 0.7 * value_noise(key_of(seed, "cirrus"), east / 3.0, north / 1.6)
    field = field + 0.2 * value_noise(key_of(seed, "cirrus", 1), east / 0.4, north / 0.12)
    field = field + 0.1 * value_noise(key_of(seed, "cirrus", 2), east / 0.12, north / 0.04)
    depth: Floats = CIRRUS_DEPTH * np.maximum(field - CIRRUS_LEVEL, 0.0)
    return depth


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


def calm_at(seed: int, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """How calm the weather is, over places: about as often near 0 as near 1, for some days at a time. (0, 1)

    Parameters
    ----------
    seed
        Of the simulation.
    longitude, latitude
        The places. No NaN. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    day = time / CALM_TIME
    before = int(np.floor(day))
    part = (day - before) ** 2 * (3 - 2 * (day - before))
    ends = [
        value_noise(key_of(seed, "calm", each), longitude / REGION, latitude / REGION) for each in (before, before + 1)
    ]
    calm: Floats = ndtr((ends[0] + part * (ends[1] - ends[0]) - 0.5) / CALM_SPREAD)
    return calm


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
    return _wind(seed, int(np.floor(time / DAY)), int(np.floor(longitude / REGION)), int(np.floor(latitude / REGION)))


@lru_cache(maxsize=4096)
def _wind(seed: int, day: int, column: int, row: int) -> tuple[float, float]:
    """Wind of one day and region. [m/s]"""
    low, high = WIND_SPEED
    east, north = (np.array([(each + 0.5) * REGION]) for each in (column, row))
    speed = low + (high - low) * (1 - float(calm_at(seed, east, north, (day + 0.5) * DAY)[0])) ** 1.5
    turn = 1.2 * float(normal(seed, np.array(day), np.array(column * 1000 + row)))  # [rad] round due east
    return speed * float(np.cos(turn)), speed * float(np.sin(turn))
