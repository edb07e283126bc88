"""Where the Sun stands: good to a hundredth of a degree between 1950 and 2050, which is far more than a scene needs.

References
----------
The Astronomical Almanac, section C, low-precision formulas for the Sun's coordinates.
J. Michalsky, The Astronomical Almanac's algorithm for approximate solar position, Solar Energy 40(3), 1988.
doi:10.1016/0038-092X(88)90045-X
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DAY = 86_400.0  # [s]
J2000 = 946_728_000.0  # [s since 1970-01-01 UTC] 2000-01-01 12:00
TURN = 2 * np.pi

Floats = npt.NDArray[np.float64]


def solar_angles(time: Floats | float, longitude: Floats | float, latitude: Floats | float) -> tuple[Floats, Floats]:
    """Zenith angle and azimuth of the Sun's middle, without refraction.

    Parameters
    ----------
    time
        When. [s since 1970-01-01 UTC]
    longitude, latitude
        Where, of a shape with ``time``. [degree]

    Returns
    -------
    Solar zenith angle, more than a right angle by night [rad]; and solar azimuth, clockwise from north [rad, 0 to 2π).
    NaN passes through.
    """
    days = (np.asarray(time, dtype=np.float64) - J2000) / DAY
    right_ascension, declination = _equatorial(days)
    sidereal = np.radians(280.46062 + 360.98564737 * days)
    hour_angle = sidereal + np.radians(longitude) - right_ascension
    north = np.radians(latitude)
    east = -np.cos(declination) * np.sin(hour_angle)
    northward = np.cos(north) * np.sin(declination) - np.sin(north) * np.cos(declination) * np.cos(hour_angle)
    up = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(hour_angle)
    return np.arctan2(np.hypot(east, northward), up), np.arctan2(east, northward) % TURN


def earth_sun_distance(time: Floats | float) -> Floats:
    """Distance between Earth and Sun. [au]

    Parameters
    ----------
    time
        When. [s since 1970-01-01 UTC] NaN passes through.
    """
    anomaly = _mean_anomaly((np.asarray(time, dtype=np.float64) - J2000) / DAY)
    distance: Floats = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2 * anomaly)
    return distance


def solar_declination(time: Floats | float) -> Floats:
    """Angle of the Sun north of the equator. [rad]

    Parameters
    ----------
    time
        When. [s since 1970-01-01 UTC] NaN passes through.
    """
    return _equatorial((np.asarray(time, dtype=np.float64) - J2000) / DAY)[1]


def _mean_anomaly(days: Floats) -> Floats:
    anomaly: Floats = np.radians(357.528 + 0.9856003 * days)
    return anomaly


def _equatorial(days: Floats) -> tuple[Floats, Floats]:
    """Right ascension and declination, days after J2000. [rad]"""
    anomaly = _mean_anomaly(days)
    mean_longitude = 280.460 + 0.9856474 * days
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    return right_ascension, np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
