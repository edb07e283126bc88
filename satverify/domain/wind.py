"""Wind: the names and units under which it travels, why there may be none, and what a file of it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from satverify.errors import InputError

Floats = npt.NDArray[np.float64]

HEIGHTS = (10.0, 100.0)
"""Heights above ground at which wind is kept. [m]"""


class NoWind(StrEnum):
    """Why there is no wind at a place and time."""

    HAS_WIND = ""
    """There is."""
    UNKNOWN_POINT = "the place or the time is not known"
    OFF_AREA = "the place lies outside of the file's area"
    BEFORE = "the time lies before the file's first step"
    AFTER = "the time lies after the file's last step"
    GAP = "the file lacks the steps round this time"
    NO_VALUE = "the file holds no value there"
    NO_QUANTITY = "the file has no such quantity"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindCoverage:
    """The area and the time for which all that a file has of the wind is known, gaps aside."""

    start: datetime
    """First step. UTC"""
    stop: datetime
    """Last step, itself covered: beyond it nothing is known. UTC"""
    step: timedelta
    """Usual time from one step to the next; zero for a single step."""
    west: float
    """Westernmost longitude, in -180 to 180. [degree]"""
    south: float
    """Southernmost latitude. [degree]"""
    east: float
    """Easternmost longitude, above ``west``, so it may exceed 180; ``west + 360`` where a file goes round. [degree]"""
    north: float
    """Northernmost latitude. [degree]"""
    heights: tuple[float, ...]
    """Heights above ground at which there is wind: some of ``HEIGHTS``. [m]"""
    has_boundary_layer: bool
    """Whether there is a boundary-layer height."""
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    """Steps between which others are missing: nothing is known strictly between the two of a pair. UTC"""

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise InputError(f"wind from {self.start} to {self.stop}: the stop lies before the start")
        if not (self.west < self.east and self.south < self.north):
            raise InputError(f"wind over {self.west} to {self.east} E, {self.south} to {self.north} N: no area")


def wind_speed(eastward: Floats, northward: Floats) -> Floats:
    """Speed of the wind from its components, of one shape. [m s-1] NaN passes through."""
    speed: Floats = np.hypot(eastward, northward)
    return speed


def wind_from_direction(eastward: Floats, northward: Floats) -> Floats:
    """Direction the wind comes from, clockwise from north, as CF and WMO count it.

    Parameters
    ----------
    eastward, northward
        Components, of one shape. [m s-1]

    Returns
    -------
    0 for wind from the north, 90 from the east; in [0, 360). NaN where a component is, and where the air is calm.
    [degree]
    """
    direction: Floats = np.degrees(np.arctan2(-eastward, -northward)) % 360
    direction = np.where(direction >= 360, 0.0, direction)  # the remainder of a tiny negative number rounds up to 360
    return np.where((eastward == 0) & (northward == 0), np.nan, direction)
