"""What VIIRS sees of a works: hot spots on the ground, gathered in pixels, detected or not.

The signal of a furnace comes from slag pits, runners and torpedo cars: a few spots, some hundred metres apart, that
flicker from pass to pass. Spots in one pixel add up; a pixel is detected when its power stands out from its background,
which takes more in large pixels and in daylight. Levels were set to the counts, powers and pixel sizes that FIRMS gives
for German and Turkish works at work (see `tests/simulate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from satverify.domain.sites import UnitKind
from satverify.simulate.orbit import Passes, pixel_size

FloatArray: TypeAlias = NDArray[np.float64]

MEGAWATT_PER_TONNE_DAY = {  # seen at night, per unit of nominal capacity
    UnitKind.BLAST_FURNACE: 1.4e-3 / 2.74,
    UnitKind.IRONMAKING: 1.4e-3 / 2.74,
    UnitKind.COKE_BATTERY: 0.5e-3 / 2.74,
    UnitKind.CONVERTER: 0.2e-3 / 2.74,
    UnitKind.SINTER_MACHINE: 0.08e-3 / 2.74,
    UnitKind.PELLET_PLANT: 0.05e-3 / 2.74,
    UnitKind.ELECTRIC_ARC_FURNACE: 0.15e-3 / 2.74,
}
TONNES_PER_DAY_OF_A_SPOT = 1800.0
SPREAD = 0.25  # [km] of a unit's spots round its middle
FLICKER = 0.6  # standard deviation of a spot's log power between passes
PASS_SPREAD = 0.35  # and of what all spots of a works share: humidity, steam, broken cloud
NIGHT_THRESHOLD = 0.65  # [MW] power detected half the time in the smallest pixel, at night
DAY_THRESHOLD = 2.3  # [MW] and by day
DAY_EXCESS = 1.6  # of the power reported by day: sunlit roofs add to it
THRESHOLD_WIDTH = 0.3  # standard deviation of the log threshold
AREA_EXPONENT = 0.5  # of the threshold's growth with pixel area
SMALLEST_AREA = 0.137  # [km²]
RETRIEVAL_ERROR = 0.12  # standard deviation of the log of the power that is reported
GEOLOCATION_ERROR = 0.05  # [km] standard deviation
LOW_CONFIDENCE_BY_DAY = 0.12
KM_PER_DEGREE = 111.2
DARK = 1e-3  # [MW] less is never detected
HALF_GRID = 1 << 15  # pixels on either side of a site, far more than any has


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Places that can be hot, one row each."""

    east: FloatArray
    """East of the site's middle. [km]"""
    north: FloatArray
    """North of it. [km]"""
    power: FloatArray
    """Median power at full work. [MW]"""
    source: NDArray[np.int64]
    """Row of the heat table that says how hot it is on which day."""


def spots_of(
    rng: np.random.Generator, east: float, north: float, power: float, source: int, number: int, spread: float = SPREAD
) -> Spots:
    """A unit's spots round its middle, sharing its power unevenly."""
    shares = rng.dirichlet(np.full(number, 4.0))
    return Spots(
        east=east + rng.normal(0, spread, number),
        north=north + rng.normal(0, spread, number),
        power=power * shares,
        source=np.full(number, source),
    )


def join_spots(parts: list[Spots]) -> Spots:
    """All spots in one table."""
    return Spots(
        east=np.concatenate([part.east for part in parts]),
        north=np.concatenate([part.north for part in parts]),
        power=np.concatenate([part.power for part in parts]),
        source=np.concatenate([part.source for part in parts]),
    )


def detect(
    rng: np.random.Generator,
    spots: Spots,
    heat: FloatArray,
    day: NDArray[np.int64],
    passes: Passes,
    transmission: FloatArray,
    middle: tuple[float, float],
) -> pd.DataFrame:
    """Detected pixels, one row each.

    Parameters
    ----------
    spots
        What can be hot.
    heat
        How hot each source is on each day against full work, sources by days. [0, ...)
    day
        Column of ``heat`` at each pass.
    passes
        The passes over the site.
    transmission
        Share of the heat that each pass sees. [0, 1]
    middle
        Longitude and latitude of the site's middle. [degree]
    """
    glow = spots.power * heat[spots.source][:, day].T * transmission[:, None]
    glow *= np.exp(FLICKER * rng.standard_normal(glow.shape) - FLICKER**2 / 2)
    glow *= np.exp(PASS_SPREAD * rng.standard_normal(len(passes)))[:, None]
    row, spot = np.nonzero(glow > DARK)
    scan, track = pixel_size(passes.scan_angle)
    column, line, *centre = _pixels(rng, passes, scan, track, row, (spots.east[spot], spots.north[spot]))
    key = (row << 32) + ((column.astype(np.int64) + HALF_GRID) << 16) + line.astype(np.int64) + HALF_GRID
    _, first, pixel = np.unique(key, return_index=True, return_inverse=True)
    power: FloatArray = np.bincount(pixel, weights=glow[row, spot], minlength=first.size).astype(np.float64)
    seen = row[first]
    threshold = np.where(passes.is_day, DAY_THRESHOLD, NIGHT_THRESHOLD)[seen]
    threshold *= (scan * track / SMALLEST_AREA)[seen] ** AREA_EXPONENT
    found = np.flatnonzero(rng.random(first.size) < ndtr(np.log(power / threshold) / THRESHOLD_WIDTH))
    place = np.stack(centre)[:, first[found]]
    seen = seen[found]
    return _rows(rng, passes, seen, power[found], place, (scan[seen], track[seen]), middle)


def _pixels(
    rng: np.random.Generator,
    passes: Passes,
    scan: FloatArray,
    track: FloatArray,
    row: NDArray[np.int64],
    place: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Pixel column and row of each place in its pass's grid, and that pixel's centre east and north. [km]"""
    turn = passes.heading[row]
    offset = rng.random((2, len(passes)))
    along = place[0] * np.sin(turn) + place[1] * np.cos(turn)
    across = place[0] * np.cos(turn) - place[1] * np.sin(turn)
    column = np.floor(across / scan[row] + offset[0, row])
    line = np.floor(along / track[row] + offset[1, row])
    across = (column + 0.5 - offset[0, row]) * scan[row]
    along = (line + 0.5 - offset[1, row]) * track[row]
    east = across * np.cos(turn) + along * np.sin(turn)
    north = along * np.cos(turn) - across * np.sin(turn)
    return np.stack([column, line, east, north])


def _rows(
    rng: np.random.Generator,
    passes: Passes,
    seen: NDArray[np.int64],
    power: FloatArray,
    centre: FloatArray,
    size: tuple[FloatArray, FloatArray],
    middle: tuple[float, float],
) -> pd.DataFrame:
    """Detections in the columns of ``DETECTION_COLUMNS``, as fine as FIRMS prints them."""
    east, north = centre + rng.normal(0, GEOLOCATION_ERROR, centre.shape)
    is_day = passes.is_day[seen]
    reported = power * np.where(is_day, DAY_EXCESS, 1.0) * np.exp(rng.normal(0, RETRIEVAL_ERROR, power.size))
    is_low = is_day & (rng.random(seen.size) < LOW_CONFIDENCE_BY_DAY)
    minute = passes.time[seen].astype("datetime64[m]")
    return pd.DataFrame(
        {
            "longitude": np.round(middle[0] + east / (KM_PER_DEGREE * np.cos(np.radians(middle[1]))), 5),
            "latitude": np.round(middle[1] + north / KM_PER_DEGREE, 5),
            "time": pd.DatetimeIndex(minute.astype("datetime64[us]")).tz_localize("UTC"),
            "utc_date": minute.astype("datetime64[D]").astype("datetime64[us]"),
            "sensor": "viirs",
            "satellite": passes.satellite[seen].astype(object),
            "day_night": np.where(is_day, "D", "N").astype(object),
            "confidence": np.where(is_low, "low", "nominal").astype(object),
            "scan": np.round(size[0], 2),
            "track": np.round(size[1], 2),
            "fire_radiative_power": np.round(reported, 2),
        }
    )
