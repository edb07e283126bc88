"""When the VIIRS satellites pass over a place, and from what angle: a circular sun-synchronous orbit that repeats.

Suomi NPP, NOAA-20 and NOAA-21 share one orbit: 227 revolutions in 16 days, the equator crossed northward at 13:25 local
solar time, a quarter of a revolution apart. The phases were fitted to the acquisition times and pixel sizes that FIRMS
gives for German and Turkish works in 2023-2026, and are kept for other years: what a simulation needs is the pattern.
Within the simulation the orbit repeats to the second, as the real ones do to about a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]

EARTH_RADIUS = 6371.0  # [km] mean
ALTITUDE = 829.0  # [km] J. Xiong et al., Remote Sensing 8(1), 1, 2016
INCLINATION = np.radians(98.7)  # as above
ASCENDING_LOCAL_TIME = (13 + 25 / 60) / 24  # [d] equator crossed northward; fitted
REPEAT_DAYS = 16
REPEAT_ORBITS = 227
PERIOD = REPEAT_DAYS / REPEAT_ORBITS  # [d]
WIDEST_SCAN = np.radians(56.28)  # edge of the 3060 km swath; VIIRS SDR User's Guide, NOAA Technical Report NESDIS 142
STEP_1 = np.radians(31.72)  # beyond it two detector samples are joined to a pixel, not three; as above
STEP_2 = np.radians(44.86)  # beyond it one sample is the pixel; as above
SAMPLE_ALONG_SCAN = 0.1528e-3  # [rad] one of the three samples of a nadir pixel; gives the 0.38 km FIRMS reports
PIXEL_ALONG_TRACK = 0.434e-3  # [rad] gives the 0.36 km FIRMS reports at nadir

EPOCH = date(2023, 1, 1)
EPOCH_PHASE = {"N": 55.0 / 1440, "N20": 80.5 / 1440, "N21": 30.0 / 1440}  # [d] first northward crossing; fitted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passes:
    """Overpasses of places, one row each, sorted by place and time."""

    place: NDArray[np.int64]
    """Index into the places asked for."""
    satellite: NDArray[np.str_]
    """``N``, ``N20`` or ``N21``."""
    time: NDArray[np.datetime64]
    """UTC, to the second."""
    is_day: NDArray[np.bool_]
    """True on the northward half of the orbit, in daylight but for polar winters."""
    scan_angle: FloatArray
    """Angle off nadir, positive to the right of the flight. [rad]"""
    heading: FloatArray
    """Direction of flight, clockwise from north. [rad]"""

    def __len__(self) -> int:
        return self.place.size

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Passes:
        """The chosen rows, by a truth value each or by their numbers."""
        return Passes(
            place=self.place[chosen],
            satellite=self.satellite[chosen],
            time=self.time[chosen],
            is_day=self.is_day[chosen],
            scan_angle=self.scan_angle[chosen],
            heading=self.heading[chosen],
        )


def overpasses(
    longitude: FloatArray, latitude: FloatArray, days: tuple[date, date], satellites: tuple[str, ...]
) -> Passes:
    """Every overpass of every place on the UTC days ``[start, stop)``.

    Parameters
    ----------
    longitude, latitude
        The places, one dimension. [degree]
    days
        First day, and first day after. An empty range gives no overpass.
    satellites
        Of ``N``, ``N20`` and ``N21``.
    """
    cycles = [_cycle(np.radians(longitude), np.radians(latitude), days[0], name) for name in satellites]
    length = (days[1] - days[0]).days
    rounds = REPEAT_DAYS * np.arange(max(0, -(-length // REPEAT_DAYS)))
    which = np.concatenate([np.full(cycle[0].size, index) for index, cycle in enumerate(cycles)])
    place, moment, is_day, scan_angle, heading = (np.concatenate(parts) for parts in zip(*cycles, strict=True))
    moment = (moment + rounds[:, None]).ravel()
    place, is_day, scan_angle, heading, which = (
        np.tile(part, rounds.size) for part in (place, is_day, scan_angle, heading, which)
    )
    order = np.lexsort((which, moment, place))
    order = order[moment[order] < length]
    return Passes(
        place=place[order].astype(np.int64),
        satellite=np.array(satellites)[which[order].astype(np.int64)],
        time=np.datetime64(days[0], "s") + np.round(moment[order] * 86400).astype("timedelta64[s]"),
        is_day=is_day[order] > 0,
        scan_angle=scan_angle[order],
        heading=heading[order],
    )


def pixel_size(scan_angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extent of a VIIRS 375 m pixel along the scan and along the track, as FIRMS gives it. [km]"""
    angle = np.abs(scan_angle)
    centre_angle = np.arcsin((EARTH_RADIUS + ALTITUDE) / EARTH_RADIUS * np.sin(angle)) - angle
    distance = (EARTH_RADIUS + ALTITUDE) * np.cos(angle) - EARTH_RADIUS * np.cos(angle + centre_angle)
    samples = np.select([angle < STEP_1, angle < STEP_2], [3.0, 2.0], 1.0)
    return samples * SAMPLE_ALONG_SCAN * distance / np.cos(angle + centre_angle), PIXEL_ALONG_TRACK * distance


def _cycle(longitude: FloatArray, latitude: FloatArray, start: date, satellite: str) -> tuple[FloatArray, ...]:
    """Place, time [d], is-day, scan angle and heading of the overpasses in the 16 days from ``start`` on."""
    node = (EPOCH_PHASE[satellite] + PERIOD * np.arange(REPEAT_ORBITS) - (start - EPOCH).days) % REPEAT_DAYS
    is_day = np.array([1.0, 0.0])
    place, node, is_day = (part.ravel() for part in np.meshgrid(np.arange(longitude.size), node, is_day, indexing="ij"))
    argument, off_track = _closest(longitude[place], latitude[place], node, is_day > 0)
    scan_angle = np.arctan2(
        EARTH_RADIUS * np.sin(off_track), EARTH_RADIUS + ALTITUDE - EARTH_RADIUS * np.cos(off_track)
    )
    northward = np.cos(argument) > 0  # of the two halves of a revolution only one is near a place
    above_horizon = np.abs(scan_angle) + np.abs(off_track) < np.pi / 2  # beyond it the scan angle falls again
    seen = above_horizon & (np.abs(scan_angle) <= WIDEST_SCAN) & (northward == (is_day > 0))
    heading = np.arctan2(np.cos(INCLINATION), np.sin(INCLINATION) * np.cos(argument))
    moment = (node + argument / (2 * np.pi) * PERIOD) % REPEAT_DAYS
    # the site is left of the track for a positive distance, and right is positive for a scan angle
    return tuple(part[seen] for part in (place.astype(np.float64), moment, is_day, -scan_angle, heading))


def _closest(
    longitude: FloatArray, latitude: FloatArray, node: FloatArray, is_day: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Argument of latitude at which the satellite is nearest to a place, and the angle to its track. [rad]

    The Earth turns by 360 degrees a day below an orbit that keeps to the sun; three rounds settle when it is where.
    """
    node_longitude = 2 * np.pi * (ASCENDING_LOCAL_TIME - node)
    argument = np.where(is_day, latitude, np.pi - latitude)
    for _ in range(3):
        turned = longitude - node_longitude + argument * PERIOD
        east, north = np.cos(latitude) * np.sin(turned), np.sin(latitude)
        ahead = east * np.cos(INCLINATION) + north * np.sin(INCLINATION)
        nearest = np.arctan2(ahead, np.cos(latitude) * np.cos(turned))
        argument += (nearest - argument + np.pi) % (2 * np.pi) - np.pi  # of the same revolution
        off_track = np.arcsin(north * np.cos(INCLINATION) - east * np.sin(INCLINATION))
    return argument, off_track
