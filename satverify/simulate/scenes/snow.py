"""Snow on the ground: it falls when the air is cold and wet, thaws when it is warm, and gets old and coarse.

Water in the snow is counted day by day over a winter, on a lattice of a degree, from the air's temperature and from
days of rain or snow that come over a region at a time; between the posts it is interpolated. Not modelled: relief, and
clouds that know of the snow they bring.

References
----------
R. Hock, Temperature index melt modelling in mountain areas, Journal of Hydrology 282, 2003.
doi:10.1016/S0022-1694(03)00257-9
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.scenes.noise import between_knots, key_of, value_noise
from satverify.simulate.scenes.seasons import YEAR, air_temperature

Floats: TypeAlias = NDArray[np.float64]

FREEZING = 273.15  # [K]
COLDEST = 255.0  # [K] daily mean below which snow stays
SNOWY = 274.2  # [K] daily mean below which it snows rather than rains
MELT = 3.0  # [mm/d/K] degree-day factor of snow; Hock 2003, table 1, lower end
WASTING = 0.7  # [mm/d] that the Sun and dry air take just below freezing, and less in the cold
WET, HEAVIEST = 0.80, 12.0  # of the field of rain, from which it rains; [mm] in a day where it is 1
FRESH = 1.0  # [mm] of a day that make the surface new
SHEET = 8  # [degree] edge of the squares that are reckoned at once
START = {True: 0.62, False: 0.12}  # of the year, when the winter of the north and of the south begins: mid-August
OLDEST = 60.0  # [d]


def snow_at(seed: int, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """Water in the snow [mm], and days since it last snowed [d], at places: two layers of their shape.

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
    left, low = np.floor(east), np.floor(north)
    column, row = left.astype(np.int64), low.astype(np.int64)
    west, south = int(column.min()), int(row.min())
    height, width = int(row.max()) - south + 2, int(column.max()) - west + 2
    knots = np.empty((2, height, width))
    rows, columns = np.arange(south, south + height), np.arange(west, west + width)
    for block_row in np.unique(rows // SHEET).tolist():
        for block_column in np.unique(columns // SHEET).tolist():
            is_row, is_column = rows // SHEET == block_row, columns // SHEET == block_column
            layers = _layers_of(seed, block_row, block_column, time)
            here = np.ix_(np.arange(2), rows[is_row] % SHEET, columns[is_column] % SHEET)
            knots[np.ix_(np.arange(2), np.flatnonzero(is_row), np.flatnonzero(is_column))] = layers[here]
    out = np.empty((2, *np.broadcast_shapes(east.shape, north.shape)))
    for layer, part in zip(out, knots, strict=True):
        between_knots(part, (row - south, column - west), (north - low, east - left), layer)
    return out


def _layers_of(seed: int, block_row: int, block_column: int, time: float) -> Floats:
    """Water and age over one sheet at a time, between that at the beginnings of two days."""
    is_north = block_row >= 0
    winter = int(np.floor(time / YEAR - START[is_north]))
    days = _winter(seed, block_row, block_column, winter)
    since = (time - _beginning(winter, is_north=is_north)) / DAY
    day = int(np.clip(np.floor(since), 0, days.shape[1] - 2))
    part = float(np.clip(since - day, 0.0, 1.0))
    water = days[0, day] + part * (days[0, day + 1] - days[0, day])
    return np.stack([water, days[1, day]])


def _beginning(winter: int, *, is_north: bool) -> float:
    """First moment of a winter, a whole UTC day. [s since 1970-01-01 UTC]"""
    return float(np.floor((winter + START[is_north]) * YEAR / DAY) * DAY)


@lru_cache(maxsize=128)
def _winter(seed: int, block_row: int, block_column: int, winter: int) -> Floats:
    """Water [mm] and age [d] at the beginning of each day: 2 by days by rows by columns of a sheet."""
    number = int(np.ceil(YEAR / DAY)) + 2
    begin = _beginning(winter, is_north=block_row >= 0)
    time = (begin + (np.arange(number, dtype=np.float64) + 0.5) * DAY)[:, None, None]
    north = np.clip((block_row * SHEET + np.arange(SHEET, dtype=np.float64))[None, :, None], -90, 90)
    east = (block_column * SHEET + np.arange(SHEET, dtype=np.float64))[None, None, :]
    temperature = air_temperature(seed, east, north, time)
    wet = value_noise(key_of(seed, "rain"), east / 7 - time / (1.3 * DAY), north / 5 - time / (4.7 * DAY))
    fall = np.where(temperature < SNOWY, HEAVIEST * np.clip((wet - WET) / (1 - WET), 0.0, 1.0), 0.0)
    thaw = WASTING * np.clip((temperature - COLDEST) / (FREEZING - COLDEST), 0.0, 1.0)
    thaw = thaw + MELT * np.maximum(temperature - FREEZING, 0.0)
    days = np.zeros((2, number, SHEET, SHEET))
    for day in range(number - 1):
        days[0, day + 1] = np.maximum(days[0, day] + fall[day] - thaw[day], 0.0)
        days[1, day + 1] = np.where(fall[day] >= FRESH, 0.0, np.minimum(days[1, day] + 1, OLDEST))
    return days
