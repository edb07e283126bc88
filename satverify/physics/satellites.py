"""When the imaging satellites pass over a place: sun-synchronous orbits that repeat, with phases fitted to real passes.

Each orbit repeats exactly after its cycle. The real ones are kept on their ground track to a kilometre or two, while
the time at which they are there wanders by up to a minute over the years. Measured against real acquisition times (the
tests hold it): Sentinel-2, Landsat and Sentinel-3A within 20 s, Sentinel-3B within 60 s (it drifts by 10 s a year; the
phase is that of 2022), Sentinel-5P within a minute. What is not modelled: manoeuvres, gaps in service, and which part
of a revolution an instrument records. Beyond 80 degrees of latitude passes north and south merge and times lose their
meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from satverify.errors import InputError
from satverify.physics.orbit import DAY, EARTH_RADIUS, Orbit, closest_approach

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FLATTENING = 1 / 298.257223563  # WGS 84
SQUASH = (1 - FLATTENING) ** 2  # tangent of the geocentric over that of the geodetic latitude
EARTH_RATE = 2 * np.pi / 86_164.0905  # [rad/s] turns against the stars
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellite:
    """One satellite: its orbit, where it was on it at one moment, and what its instrument sees."""

    name: str
    """In the catalogue's spelling, such as ``sentinel-2a``."""
    orbit: Orbit
    """The orbit and how wide the instrument looks at most."""
    node_time: float
    """One northward crossing of the equator. [s since 1970-01-01 UTC]"""
    relative_orbit: int
    """Number of the track that begins there, from 1; the WRS-2 path for Landsat."""
    relative_step: int = 1
    """What the next revolution's number is higher by, around the cycle; 16 for WRS-2 paths."""
    number_lead: float = 0.0
    """How long before the node its number begins; half a revolution where it is counted from midnight. [revolution]"""
    absolute_orbit: int
    """Number of that revolution since launch."""
    reach_left: float
    """How far left of its track, in the direction of flight, the instrument sees. [km]"""
    reach_right: float
    """How far right of it. [km]"""
    since: date
    """First UTC day of regular service."""
    until: date | None = None
    """First UTC day no longer in service; none: still at work."""

    def orbit_numbers(self, revolution: Integers) -> tuple[Integers, Integers]:
        """Relative and absolute orbit numbers, revolutions after the one that begins at ``node_time``."""
        turned = self.relative_orbit - 1 + self.relative_step * (revolution % self.orbit.repeat_orbits)
        return turned % self.orbit.repeat_orbits + 1, self.absolute_orbit + revolution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overpasses:
    """Passes of one satellite over places, one row each, sorted by time and then by place."""

    place: Integers
    """Index into the places asked for."""
    time: Floats
    """When the satellite is nearest. [s since 1970-01-01 UTC]"""
    node_time: Floats
    """Northward crossing of the equator that belongs to it: the last one, or the coming one where the place lies south
    of the equator on a northward pass. [s since 1970-01-01 UTC]"""
    off_track: Floats
    """How far the place lies beside the track, positive to the left of the flight. [km]"""
    heading: Floats
    """Direction in which the track runs over the ground, clockwise from north. [rad]"""
    relative_orbit: Integers
    """Number of the track within the cycle, from 1."""
    absolute_orbit: Integers
    """Number of the revolution since launch."""

    def __len__(self) -> int:
        return self.time.size


def passes(
    satellite: str,
    longitude: Floats | float,
    latitude: Floats | float,
    start: float,
    stop: float,
    *,
    is_ascending: bool,
    widen: float = 0.0,
) -> Overpasses:
    """Passes whose swath holds a place, in service and within ``[start, stop)``.

    Parameters
    ----------
    satellite
        Key into ``SATELLITES``.
    longitude, latitude
        One place or several, numbered from 0 in their order. [degree]
    start, stop
        Between when. [s since 1970-01-01 UTC]
    is_ascending
        Which half of the revolutions: northward or southward.
    widen
        How much wider than published the swath is taken to be, on each side; a planner that wants an upper bound takes
        25 km or more, negative values make it narrower. [km]

    Returns
    -------
    The passes; none for an empty range or no place. A place that is NaN has no pass.

    Raises
    ------
    InputError
        Nobody knows the satellite, or longitude and latitude differ in number.
    """
    if satellite not in SATELLITES:
        raise InputError(f"satellite {satellite!r}: expected one of {', '.join(SATELLITES)}")
    craft = SATELLITES[satellite]
    east = np.atleast_1d(np.asarray(longitude, dtype=np.float64)).ravel()
    north = np.atleast_1d(np.asarray(latitude, dtype=np.float64)).ravel()
    if east.size != north.size:
        raise InputError(f"passes of {satellite}: {east.size} longitudes but {north.size} latitudes")
    start = max(start, (craft.since - FIRST_DAY).days * DAY)
    stop = stop if craft.until is None else min(stop, (craft.until - FIRST_DAY).days * DAY)
    place, revolution, after, off_track = _cycle(craft, east, north, is_ascending, widen)
    cycle = craft.orbit.repeat_days * DAY
    first_time = craft.node_time + revolution * craft.orbit.period + after
    first = np.ceil((start - first_time) / cycle)
    number = np.maximum(np.ceil((stop - first_time) / cycle) - first, 0).astype(np.int64)
    row = np.repeat(np.arange(number.size), number)
    round_ = first[row] + np.arange(row.size) - np.repeat(np.cumsum(number) - number, number)
    time = first_time[row] + round_ * cycle
    order = np.lexsort((place[row], time))
    row, round_, time = row[order], round_[order].astype(np.int64), time[order]
    begun = np.floor(after[row] / craft.orbit.period + craft.number_lead).astype(np.int64)
    relative, absolute = craft.orbit_numbers(revolution[row] + round_ * craft.orbit.repeat_orbits + begun)
    return Overpasses(
        place=place[row],
        time=time,
        node_time=time - after[row],
        off_track=off_track[row],
        heading=track_heading(craft.orbit, after[row]),
        relative_orbit=relative,
        absolute_orbit=absolute,
    )


def pass_over(
    satellite: Satellite, node_time: Floats | float, longitude: Floats, latitude: Floats, *, is_ascending: bool
) -> tuple[Floats, Floats]:
    """Time after the node at which a satellite is nearest to places, and how far beside its track they lie.

    Parameters
    ----------
    satellite
        The satellite.
    node_time
        Northward crossing of the equator, one or of the places' shape. [s since 1970-01-01 UTC]
    longitude, latitude
        The places. [degree]
    is_ascending
        Which half of the revolution.

    Returns
    -------
    Time after the node [s] and distance beside the track, positive to the left of the flight [km]. NaN passes through.
    """
    nodes = np.broadcast_to(np.asarray(node_time, dtype=np.float64), np.shape(longitude))
    flags = np.full(np.shape(longitude), is_ascending)
    after, off_track = closest_approach(satellite.orbit, nodes, longitude, _geocentric(latitude), flags)
    return after, off_track * EARTH_RADIUS


def ground_places(
    satellite: Satellite, node_time: Floats | float, after: Floats, off_track: Floats
) -> tuple[Floats, Floats]:
    """Longitude and latitude beside a track: ``pass_over`` the other way round.

    Parameters
    ----------
    satellite
        The satellite.
    node_time
        Northward crossing of the equator. [s since 1970-01-01 UTC]
    after
        Time after it. [s]
    off_track
        Distance beside the track, positive to the left of the flight, of a shape with ``after``. [km]

    Returns
    -------
    Longitude from -180 to 180 and latitude. [degree]
    """
    orbit, argument = satellite.orbit, 2 * np.pi * after / satellite.orbit.period
    away = off_track / EARTH_RADIUS
    x, y, left = np.cos(away) * np.cos(argument), np.cos(away) * np.sin(argument), np.sin(away)
    tilt = orbit.inclination
    turned = np.arctan2(y * np.cos(tilt) - left * np.sin(tilt), x)
    geocentric = np.arcsin(np.clip(y * np.sin(tilt) + left * np.cos(tilt), -1, 1))
    node_longitude = 360 * (orbit.ascending_time / 24 - (np.asarray(node_time) % DAY) / DAY)
    longitude = node_longitude + np.degrees(turned) - 360 * after / DAY
    return (longitude + 180) % 360 - 180, np.degrees(np.arctan(np.tan(geocentric) / SQUASH))


def track_heading(orbit: Orbit, after: Floats) -> Floats:
    """Direction in which the track runs over the turning Earth, clockwise from north. [rad]

    Parameters
    ----------
    orbit
        The orbit.
    after
        Time after the node. [s]
    """
    argument = 2 * np.pi * after / orbit.period
    cosine = np.sqrt(1 - (np.sin(orbit.inclination) * np.sin(argument)) ** 2)  # of the latitude below
    rate = 2 * np.pi / orbit.period
    eastward = rate * np.cos(orbit.inclination) / cosine - EARTH_RATE * cosine
    heading: Floats = np.arctan2(eastward, rate * np.sin(orbit.inclination) * np.cos(argument) / cosine)
    return heading


def _cycle(
    craft: Satellite, longitude: Floats, latitude: Floats, is_ascending: bool, widen: float
) -> tuple[Integers, Integers, Floats, Floats]:
    """Place, revolution, time after the node [s] and distance beside the track [km] of a cycle's passes."""
    revolution = np.arange(craft.orbit.repeat_orbits)
    nodes = craft.node_time + revolution * craft.orbit.period
    shape = (longitude.size, revolution.size)
    places = (np.broadcast_to(part[:, None], shape) for part in (longitude, latitude))
    after, off_track = pass_over(craft, np.broadcast_to(nodes, shape), *places, is_ascending=is_ascending)
    is_northward = (
        np.cos(2 * np.pi * after / craft.orbit.period) > 0
    )  # a plane passes a place on both sides of the Earth
    is_seen = (off_track <= craft.reach_left + widen) & (off_track >= -craft.reach_right - widen)
    place, turn = np.nonzero(is_seen & (is_northward == is_ascending))
    return place, turn, after[place, turn], off_track[place, turn]


def _geocentric(latitude: Floats) -> Floats:
    angle: Floats = np.degrees(np.arctan(SQUASH * np.tan(np.radians(latitude))))
    return angle


def _orbit(days: int, orbits: int, inclination: float, ascending_time: float, altitude: float, reach: float) -> Orbit:
    """An orbit, ``inclination`` in degrees, whose instrument sees ``reach`` [km] from the track at most."""
    away = reach / EARTH_RADIUS
    scan = np.arctan2(EARTH_RADIUS * np.sin(away), EARTH_RADIUS + altitude - EARTH_RADIUS * np.cos(away))
    return Orbit(
        repeat_days=days,
        repeat_orbits=orbits,
        inclination=float(np.radians(inclination)),
        ascending_time=ascending_time,
        altitude=altitude,
        widest_scan=float(scan),
    )


# Inclination, altitude, swath and cycle: the missions' pages at sentiwiki.copernicus.eu, usgs.gov/landsat-missions.
_MSI = _orbit(10, 143, 98.62, 22.5, 786.0, 148.0)
_SLSTR = _orbit(27, 385, 98.65, 22.0044, 814.5, 957.0)  # node's local time: state vectors in a product's manifest
_TROPOMI = _orbit(16, 227, 98.74, 13.5, 824.0, 1300.0)
_OLI = _orbit(16, 233, 98.2, 22.2107, 705.0, 93.5)  # local time: corners of scene 028/030 of 2020-01-14
_MSI_REACH = 148.0  # [km] 145 is published, and power plants are in images up to 147.8 beside the track
# The nadir view is set to the right so that it covers that of OLCI. Footprints of products reach 502 km left and 998 km
# right; the grid they outline is 1,500 km wide, the swath 1,420, and what is too much is taken off both sides alike.
_SLSTR_REACH = (462.0, 958.0)  # [km]

_SATELLITES = (
    Satellite(
        name="sentinel-2a",
        orbit=_MSI,
        node_time=1_578_435_964.0,  # fitted to 1,792 acquisitions of power plants, 2019 to 2021
        relative_orbit=1,
        absolute_orbit=23_736,
        reach_left=_MSI_REACH,
        reach_right=_MSI_REACH,
        since=date(2015, 7, 4),
        until=date(2025, 1, 21),  # 2C took its place; the extended campaign in another slot is not modelled
    ),
    Satellite(
        name="sentinel-2b",
        orbit=_MSI,
        node_time=1_578_003_964.0,  # fitted to 1,568 acquisitions, as above; half a cycle from 2A
        relative_orbit=1,
        absolute_orbit=14_756,
        reach_left=_MSI_REACH,
        reach_right=_MSI_REACH,
        since=date(2017, 7, 1),
    ),
    Satellite(
        name="sentinel-2c",
        orbit=_MSI,
        node_time=1_578_435_964.0,  # of 2A, whose place it took: track 65 on 2025-12-01, track 61 on 2025-03-26
        relative_orbit=1,
        absolute_orbit=-24_339,  # counted back from revolution 6,470, on 2025-12-01
        reach_left=_MSI_REACH,
        reach_right=_MSI_REACH,
        since=date(2025, 1, 21),
    ),
    Satellite(
        name="sentinel-3a",
        orbit=_SLSTR,
        node_time=1_579_125_467.0,  # state vector of 2021-09-30, carried back; two more products agree to a second
        relative_orbit=1,
        absolute_orbit=20_379,
        reach_left=_SLSTR_REACH[0],
        reach_right=_SLSTR_REACH[1],
        since=date(2016, 4, 19),
    ),
    Satellite(
        name="sentinel-3b",
        orbit=_SLSTR,
        node_time=1_579_989_579.0,  # 140 degrees behind 3A, which puts its tracks midway between; 14 product names
        relative_orbit=1,
        absolute_orbit=9_128,  # counted from the launch, 2018-04-25
        reach_left=_SLSTR_REACH[0],
        reach_right=_SLSTR_REACH[1],
        since=date(2018, 12, 1),  # in place after flying beside 3A
    ),
    Satellite(
        name="sentinel-5p",
        orbit=_TROPOMI,
        node_time=1_577_922_535.0,  # fitted to the times of 133,000 pixels over Delhi and Sicily, 2019-08 to 2020-12
        relative_orbit=1,
        absolute_orbit=11_500,
        number_lead=0.5,
        reach_left=1300.0,
        reach_right=1300.0,
        since=date(2018, 4, 30),
    ),
    Satellite(
        name="landsat-8",
        orbit=_OLI,
        node_time=1_579_019_297.9,  # scene 028/030 of 2020-01-14 17:05:46.7; paths and dates of 18 others agree
        relative_orbit=28,
        relative_step=16,
        absolute_orbit=36_812,  # counted from the launch, 2013-02-11
        reach_left=93.5,  # [km] corners of scenes lie there; 92.5 is published
        reach_right=93.5,
        since=date(2013, 4, 11),
    ),
    Satellite(
        name="landsat-9",
        orbit=_OLI,
        node_time=1_579_019_297.9 + 8 * DAY,  # eight days from Landsat 8
        relative_orbit=28,
        relative_step=16,
        absolute_orbit=-9_440,  # counted back from the launch, 2021-09-27
        reach_left=93.5,
        reach_right=93.5,
        since=date(2021, 10, 31),
    ),
)

SATELLITES: Mapping[str, Satellite] = MappingProxyType({craft.name: craft for craft in _SATELLITES})
"""All satellites by name."""
