"""The course of the year and of the weather at a place: how warm the air is, and how green the plants.

Temperature has a yearly mean and amplitude by latitude, as at sea level inland, and weather that lasts some days and
moves east.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.scenes.noise import key_of, value_noise

Floats: TypeAlias = NDArray[np.float64]

YEAR = 365.2425 * DAY  # [s]
WARMEST = 0.55  # of the year, in the north
GREENEST = 0.53


def air_temperature(seed: int, longitude: Floats, latitude: Floats, time: float | Floats) -> Floats:
    """Temperature without the day's course. [K]

    Parameters
    ----------
    seed
        Of the simulation.
    longitude, latitude
        The places. No NaN. [degree]
    time
        When, one or of a shape that broadcasts with them. [s since 1970-01-01 UTC]
    """
    mean = 299.0 - 0.0085 * latitude**2
    amplitude = 0.36 * np.clip(np.abs(latitude), 0.0, 65.0)
    phase = np.cos(2 * np.pi * (time / YEAR - WARMEST)) * np.sign(latitude)
    weather = value_noise(key_of(seed, "air mass"), longitude / 12 - time / 216_000, latitude / 9)
    temperature: Floats = mean + amplitude * phase + 16 * (weather - 0.5)
    return temperature


def greenness(latitude: Floats, time: float) -> Floats:
    """Share of the plants that are green at this time of the year: all year round in the tropics. [0, 1]

    Parameters
    ----------
    latitude
        [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    season = np.cos(2 * np.pi * (time / YEAR - GREENEST)) * np.sign(latitude)
    bare = np.clip((np.abs(latitude) - 15) / 25, 0.0, 1.0)
    green: Floats = 1 - bare * 0.45 * (1 - season)
    return green
