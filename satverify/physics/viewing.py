"""From where a satellite looked at a place, and how near the edge of its swath the place lay.

The satellite is where its fitted orbit puts it: on its reference track, at the height of a frozen orbit over the
ellipsoid. It looks square to its track over the turning Earth, for it turns about its vertical to do so.

Measured against the angle grids of a real Sentinel-2 tile, the zenith angle of every band and detector is 0.10 degree
too small on average and 0.15 at worst; against the mean of another it is 0.1 too large (the tests hold it). Satellites
keep to their reference track to a kilometre or two, and one kilometre is 0.07 degree: to be sure of 0.05 degree takes
the orbit as flown, which no catalogue tells. The azimuth is that of the middle of fore and aft; a single detector of
MSI near nadir looks many degrees beside it. SLSTR scans along a cone, and looks at the sides of its swath some degrees
fore or aft as well: its zenith angle is a lower bound there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from satverify.errors import InputError
from satverify.physics.orbit import EARTH_RADIUS, Orbit
from satverify.physics.satellites import (
    FLATTENING,
    SATELLITES,
    SQUASH,
    Satellite,
    ground_places,
    pass_over,
    track_heading,
)

Floats = npt.NDArray[np.float64]

EQUATOR = 6_378_137.0
"""Semi-major axis of WGS 84. [m]"""
GRAVITY = 3.986004418e14
"""Gravitational parameter of the Earth, WGS 84. [m³ s⁻²]"""
OBLATENESS = 1.08262668e-3
"""Second zonal harmonic of the Earth's gravity, EGM96. [1]"""
ECCENTRICITY = 0.00115
"""Of a frozen sun-synchronous orbit, lowest in the north; 0.0001 more is 0.7 km of height and 0.01 degree. [1]"""
YEAR = 365.2422 * 86_400
"""In which the plane of the orbit turns once against the stars. [s]"""
LATEST = 300.0
"""How far a time may lie from the pass it is taken to be of: acquisition times are those of tiles or scenes. [s]"""
BESIDE = 100.0
"""How far beyond the swath a place may lie and still get angles. [km]"""
STAGGER: Mapping[str, float] = MappingProxyType(
    {"blue": 0.56, "nir08": 1.68, "cirrus": 1.03, "swir16": 1.38, "swir22": 1.72}
)
"""How far fore, and with every other detector aft, a band of MSI looks, as seen from the ground: angle grids of the
metadata of tile 31TDH, 2018-01-01. [degree]"""


def view_geometry(
    platform: str, time: Floats | float, longitude: Floats | float, latitude: Floats | float, *, band: str = "swir22"
) -> tuple[Floats, Floats, Floats]:
    """Angles at which a satellite looked at places, and how far inside its swath they lay.

    Parameters
    ----------
    platform
        In the catalogue's spelling, such as ``sentinel-2a``.
    time
        When the place was seen, to five minutes: the satellite is taken from its orbit. [s since 1970-01-01 UTC]
    longitude, latitude
        Where, of shapes that broadcast with ``time``. [degree]
    band
        Band of MSI, whose bands look fore and aft of each other; without effect on others.

    Returns
    -------
    View zenith angle [degree]; view azimuth, from the place to the satellite, clockwise from north [degree, 0 to 360);
    and distance to the nearer edge of the swath, negative beyond it [km]. NaN where no pass is near that time, and
    where an argument is NaN.

    Raises
    ------
    InputError
        Nobody knows the satellite.
    """
    if platform not in SATELLITES:
        raise InputError(f"satellite {platform!r}: expected one of {', '.join(SATELLITES)}")
    craft = SATELLITES[platform]
    given = (np.asarray(part, dtype=np.float64) for part in (time, longitude, latitude))
    when, east, north = np.broadcast_arrays(*given)
    node, after, off_track = _nearest_pass(craft, when, east, north)
    across, azimuth = _angles(craft, node, _seen_after(craft.orbit, after, off_track), east, north)
    along = np.radians(STAGGER.get(band, 0.0)) if platform.startswith("sentinel-2") else 0.0
    zenith = np.arctan(np.hypot(np.tan(across), np.tan(along)))
    edge = np.minimum(craft.reach_left - off_track, craft.reach_right + off_track)
    return np.degrees(zenith), np.degrees(azimuth) % 360, edge


def _nearest_pass(craft: Satellite, time: Floats, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats, Floats]:
    """Node, time after it [s] and distance beside the track [km] of the pass a time belongs to; NaN for none."""
    period = craft.orbit.period
    best = [np.full(time.shape, np.nan) for _ in range(3)]
    nearest = np.full(time.shape, LATEST)
    latest = np.floor((time - craft.node_time) / period)
    for turn in (-1, 0, 1):
        node = craft.node_time + (latest + turn) * period
        for is_ascending in (True, False):
            after, off_track = pass_over(craft, node, longitude, latitude, is_ascending=is_ascending)
            apart = np.abs(node + after - time)
            is_seen = (off_track < craft.reach_left + BESIDE) & (off_track > -craft.reach_right - BESIDE)
            is_half = (np.cos(2 * np.pi * after / period) > 0) == is_ascending
            is_nearer = is_seen & is_half & (apart < nearest)
            nearest = np.where(is_nearer, apart, nearest)
            best = [np.where(is_nearer, new, old) for new, old in zip((node, after, off_track), best, strict=True)]
    return best[0], best[1], best[2]


def _seen_after(orbit: Orbit, after: Floats, off_track: Floats) -> Floats:
    """Time after the node at which a place lies square to the track over the ground, not square to the orbit."""
    argument = 2 * np.pi * after / orbit.period
    heading = np.arctan2(np.cos(orbit.inclination), np.sin(orbit.inclination) * np.cos(argument))  # against the stars
    turn = track_heading(orbit, after) - heading
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    speed = 2 * np.pi * EARTH_RADIUS / orbit.period  # [km/s] over ground that does not turn
    later: Floats = after - off_track * np.tan(turn) / speed
    return later


def _angles(
    craft: Satellite, node: Floats, after: Floats, longitude: Floats, latitude: Floats
) -> tuple[Floats, Floats]:
    """Zenith angle and azimuth of the satellite, from places on the ellipsoid. [rad]"""
    below_east, below_north = ground_places(craft, node, after, np.zeros_like(after))
    geocentric = np.arctan(SQUASH * np.tan(np.radians(below_north)))
    satellite = orbit_radius(craft.orbit, after) * _direction(np.radians(below_east), geocentric)
    east, north = np.radians(longitude), np.radians(latitude)
    squared = FLATTENING * (2 - FLATTENING)
    normal = EQUATOR / np.sqrt(1 - squared * np.sin(north) ** 2)
    up = _direction(east, north)
    place = normal * up * np.array([1.0, 1.0, 1 - squared]).reshape(3, *[1] * up[0].ndim)
    sight = satellite - place
    eastward = -np.sin(east) * sight[0] + np.cos(east) * sight[1]
    northward = -np.sin(north) * (np.cos(east) * sight[0] + np.sin(east) * sight[1]) + np.cos(north) * sight[2]
    return np.arctan2(np.hypot(eastward, northward), (up * sight).sum(axis=0)), np.arctan2(eastward, northward)


def _direction(longitude: Floats, latitude: Floats) -> Floats:
    """Unit vectors, first axis x, y, z."""
    return np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])


def orbit_radius(orbit: Orbit, after: Floats | float) -> Floats:
    """Distance of a satellite from the Earth's centre. [m]

    Where the pull of the flattened Earth, averaged over a revolution, holds a body that turns once a nodal period in a
    plane that keeps to the mean sun; and about that the eccentricity and the swing with latitude that flattening adds.

    Parameters
    ----------
    orbit
        The orbit.
    after
        Time after the node. [s]

    References
    ----------
    D. Brouwer, Astronomical Journal 64, 378, 1959: first order in the oblateness, circular limit. Real state vectors of
    Sentinel-3A agree to 0.25 km (a test).
    """
    argument = 2 * np.pi * np.asarray(after, dtype=np.float64) / orbit.period
    slant = np.sin(orbit.inclination) ** 2
    motion = 2 * np.pi / orbit.period + 2 * np.pi / YEAR * np.cos(orbit.inclination)  # against the stars, in the plane
    level = float(np.cbrt(GRAVITY / motion**2))
    flattening = OBLATENESS * (EQUATOR / level) ** 2
    mean = level * (1 + flattening * (2 - 3 * slant) / 4)
    radius: Floats = mean * (1 - ECCENTRICITY * np.sin(argument) + flattening / 4 * slant * np.cos(2 * argument))
    return radius
