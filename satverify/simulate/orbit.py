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

from satverify.physics.orbit import DAY, EARTH_RADIUS, Orbit, closest_approach, is_in_swath, scan_angle

FloatArray: TypeAlias = NDArray[np.float64]

VIIRS = Orbit(
    repeat_days=16,
    repeat_orbits=227,
    inclination=float(np.radians(98.7)),  # X. Xiong et al., Remote Sensing 8(1), 1, 2016
    ascending_time=13 + 25 / 60,  # fitted
    altitude=829.0,  # Xiong et al. 2016
    widest_scan=float(np.radians(56.28)),  # VIIRS SDR User's Guide, NOAA Technical Report NESDIS 142
)
STEP_1 = np.radians(31.72)  # beyond it two samples are joined to a pixel, not three; as above
STEP_2 = np.radians(44.86)  # beyond it one sample is the pixel; as above
SAMPLE_ALONG_SCAN = 0.1528e-3  # [rad] one of the three samples of a nadir pixel; gives the 0.38 km FIRMS reports
PIXEL_ALONG_TRACK = 0.434e-3  # [rad] gives the 0.36 km FIRMS reports at nadir

FIRST_CROSSING = {"N": 55.0, "N20": 80.5, "N21": 30.0}  # [min] after 2023-01-01 00:00 UTC, northward; fitted
EPOCH = (date(2023, 1, 1) - date(1970, 1, 1)).days * DAY  # [s]


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
    cycles = [_cycle(longitude, latitude, days[0], name) for name in satellites]
    length = (days[1] - days[0]).days
    rounds = VIIRS.repeat_days * np.arange(max(0, -(-length // VIIRS.repeat_days)))
    which = np.concatenate([np.full(cycle[0].size, index) for index, cycle in enumerate(cycles)])
    place, moment, is_day, angle, heading = (np.concatenate(parts) for parts in zip(*cycles, strict=True))
    moment = (moment + rounds[:, None]).ravel()
    place, is_day, angle, heading, which = (
        np.tile(part, rounds.size) for part in (place, is_day, angle, heading, which)
    )
    order = np.lexsort((which, moment, place))
    order = order[moment[order] < length]
    return Passes(
        place=place[order].astype(np.int64),
        satellite=np.array(satellites)[which[order].astype(np.int64)],
        time=np.datetime64(days[0], "s") + np.round(moment[order] * 86400).astype("timedelta64[s]"),
        is_day=is_day[order] > 0,
        scan_angle=angle[order],
        heading=heading[order],
    )


def pixel_size(off_nadir: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extent of a VIIRS 375 m pixel along the scan and along the track, as FIRMS gives it. [km]"""
    angle = np.abs(off_nadir)
    satellite = EARTH_RADIUS + VIIRS.altitude
    centre_angle = np.arcsin(satellite / EARTH_RADIUS * np.sin(angle)) - angle
    distance = satellite * np.cos(angle) - EARTH_RADIUS * np.cos(angle + centre_angle)
    samples = np.select([angle < STEP_1, angle < STEP_2], [3.0, 2.0], 1.0)
    return samples * SAMPLE_ALONG_SCAN * distance / np.cos(angle + centre_angle), PIXEL_ALONG_TRACK * distance


def _cycle(longitude: FloatArray, latitude: FloatArray, start: date, satellite: str) -> tuple[FloatArray, ...]:
    """Place, time [d], is-day, scan angle and heading of the overpasses in the 16 days from ``start`` on."""
    begin = (start - date(1970, 1, 1)).days * DAY
    late = EPOCH + 60 * FIRST_CROSSING[satellite] - begin
    node = (late + VIIRS.period * np.arange(VIIRS.repeat_orbits)) % (VIIRS.repeat_days * DAY)
    parts = np.meshgrid(np.arange(longitude.size), node, [1.0, 0.0], indexing="ij")
    place, node, is_day = parts[0].ravel(), parts[1].ravel(), parts[2].ravel()
    after, off_track = closest_approach(VIIRS, begin + node, longitude[place], latitude[place], is_day > 0)
    argument = 2 * np.pi * after / VIIRS.period
    northward = np.cos(argument) > 0  # of the two halves of a revolution only one is near a place
    seen = is_in_swath(VIIRS, off_track) & (northward == (is_day > 0))
    heading = np.arctan2(np.cos(VIIRS.inclination), np.sin(VIIRS.inclination) * np.cos(argument))
    moment = (node + after) / DAY % VIIRS.repeat_days
    angle = -np.copysign(scan_angle(VIIRS, off_track), off_track)  # the angle to the track is positive to its left
    return tuple(part[seen] for part in (place.astype(np.float64), moment, is_day, angle, heading))
