"""Where a sun-synchronous satellite that repeats its track is nearest to a place, and from what angle it looks.

A circular orbit over a round Earth, which turns once a day below a plane that keeps to the mean sun. Against real
acquisition times this is good to about a minute, and across the track to some tens of kilometres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EARTH_RADIUS = 6371.0  # [km] mean
DAY = 86_400.0  # [s]
ROUNDS = 8
"""The Earth turns by 4 degrees while a satellite crosses 60: each round leaves a fifteenth of the error."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orbit:
    """A sun-synchronous orbit whose ground track repeats, and the width of what is seen from it."""

    repeat_days: int
    """Days after which the track repeats. [d]"""
    repeat_orbits: int
    """Revolutions in that time."""
    inclination: float
    """Angle between orbit and equator. [rad]"""
    ascending_time: float
    """Mean local solar time of the northward crossing of the equator. [h]"""
    altitude: float
    """Height above the Earth. [km]"""
    widest_scan: float
    """Angle off nadir at the edge of the swath. [rad]"""

    @property
    def period(self) -> float:
        """Time from one northward crossing of the equator to the next. [s]"""
        return self.repeat_days * DAY / self.repeat_orbits


def closest_approach(
    orbit: Orbit,
    node_time: Floats,
    longitude: Floats,
    latitude: Floats,
    is_ascending: Flags,
    later: Floats | float = 0.0,
) -> tuple[Floats, Floats]:
    """Time after the node at which the satellite is nearest to a place, and how far its track passes beside it.

    Parameters
    ----------
    orbit
        The orbit.
    node_time
        Northward crossings of the equator. [s since 1970-01-01 UTC]
    longitude, latitude
        The places, of a shape with ``node_time``. [degree]
    is_ascending
        Which half of the revolution is asked about: northward or southward.
    later
        How much later by local time than usual the satellite crosses the equator. [h]

    Returns
    -------
    Time after the node [s], negative where the place lies south of the equator on a northward pass; and the angle at
    the Earth's centre between the place and the track [rad], positive where the place lies left of the flight. Far from
    the track both lose their meaning. NaN passes through.
    """
    east, north = np.radians(longitude), np.radians(latitude)
    node_longitude = 2 * np.pi * ((orbit.ascending_time + later) / 24 - (node_time % DAY) / DAY)
    first = np.where(is_ascending, north, np.pi - north)
    argument = first
    for _ in range(ROUNDS):
        argument, off_track = _seen_from_plane(orbit, east - node_longitude + argument * orbit.period / DAY, north)
        argument = first + _wrapped(argument - first, 2 * np.pi)
    return argument / (2 * np.pi) * orbit.period, off_track


def node_time_of(
    orbit: Orbit, time: Floats, longitude: Floats, latitude: Floats, is_ascending: Flags
) -> tuple[Floats, Floats]:
    """Last node before a place was seen, from when it was seen: ``closest_approach`` the other way round.

    Parameters
    ----------
    orbit
        The orbit.
    time
        When the places were seen. [s since 1970-01-01 UTC]
    longitude, latitude
        The places. [degree]
    is_ascending
        Whether the satellite flew northward.

    Returns
    -------
    The node [s since 1970-01-01 UTC], and the angle to the track as in ``closest_approach`` [rad].
    """
    after, off_track = np.zeros_like(time), np.zeros_like(time)
    for _ in range(ROUNDS):
        after, off_track = closest_approach(orbit, time - after, longitude, latitude, is_ascending)
    return time - after, off_track


def scan_angle(orbit: Orbit, off_track: Floats) -> Floats:
    """Angle off nadir of a place beside the track, never negative; beyond the horizon it falls again. [rad]"""
    away = np.abs(off_track)
    return np.arctan2(EARTH_RADIUS * np.sin(away), EARTH_RADIUS + orbit.altitude - EARTH_RADIUS * np.cos(away))


def view_zenith_angle(orbit: Orbit, off_track: Floats) -> Floats:
    """Angle between the zenith of a place beside the track and the satellite, a right angle at the horizon. [rad]"""
    return scan_angle(orbit, off_track) + np.abs(off_track)


def is_in_swath(orbit: Orbit, off_track: Floats) -> Flags:
    """Whether a place beside the track is seen: on this side of the horizon and within the widest scan."""
    is_above_horizon = view_zenith_angle(orbit, off_track) < np.pi / 2
    return is_above_horizon & (scan_angle(orbit, off_track) <= orbit.widest_scan)


def _seen_from_plane(orbit: Orbit, turned: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Angle along the orbit from its node, and left of it, of places ``turned`` east of the node."""
    x, y, z = np.cos(north) * np.cos(turned), np.cos(north) * np.sin(turned), np.sin(north)
    along_y = y * np.cos(orbit.inclination) + z * np.sin(orbit.inclination)
    left = z * np.cos(orbit.inclination) - y * np.sin(orbit.inclination)
    return np.arctan2(along_y, x), np.arcsin(np.clip(left, -1, 1))


def _wrapped(value: Floats, round_: float) -> Floats:
    """The same angle or phase within half a round of zero."""
    return (value + round_ / 2) % round_ - round_ / 2
