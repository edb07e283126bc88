"""Haze over a region: thin after wind, thick after calm days, and thicker where works were ordered to stop.

Orders are given on days of bad air, so that the looks that matter most are the worst. Optical depth is lognormal
round a median, its logarithm the sum of calm weather (the field that ``sky.wind_of`` takes its speed from), of cells of
some ten kilometres, and of curbs near by. Not modelled: dust, layers, and works that dirty their own air.

References
----------
N. T. O'Neill et al., The lognormal distribution as a reference for reporting aerosol optical depth statistics,
Geophysical Research Letters 27, 2000. doi:10.1029/2000GL011581
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.orbit import DAY
from satverify.simulate.heat import KM_PER_DEGREE
from satverify.simulate.scenes.noise import key_of, value_noise
from satverify.simulate.scenes.sky import calm_at
from satverify.simulate.scenes.world import Curb, World

Floats: TypeAlias = NDArray[np.float64]

CALM_GAIN = 2.1  # of the log of optical depth, from the windiest to the calmest weather
CELL_GAIN = 1.2  # from the cleanest to the dirtiest cell
CURB_GAIN = 0.8  # in the middle of a short curb: about twice the usual haze
CURB_REACH = 250.0  # [km] over which that falls off
CURB_RAMP = 1.0  # [d] before and after over which it builds up and clears
CURB_LENGTH = 7.0  # [d] curbs for longer were not ordered for one spell of bad air, and are only in part hazy
THICKEST = 4.0


def air_of(world: World, longitude: Floats, latitude: Floats, time: float) -> Floats:
    """Aerosol optical depth at 0.55 µm over places, of their shape. (0, 4]

    Parameters
    ----------
    world
        Seed, median and curbs.
    longitude, latitude
        The places; NaN counts as 0. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    east, north = np.nan_to_num(longitude), np.nan_to_num(latitude)
    log = CALM_GAIN * (calm_at(world.seed, east, north, time) - 0.5)
    cells = value_noise(key_of(world.seed, "haze cells"), east / 0.5 - time / (2 * DAY), north / 0.4)
    log = log + CELL_GAIN * (cells - 0.5) + CURB_GAIN * curbed(world.curbs, east, north, time)
    depth: Floats = np.minimum(world.haze * np.exp(log), THICKEST)
    return depth


def curbed(curbs: Sequence[Curb], longitude: Floats, latitude: Floats, time: float) -> Floats:
    """How much places are in curbs at a time: 1 in the middle of a short one. [0, 1]

    Parameters
    ----------
    curbs
        All of them.
    longitude, latitude
        The places. [degree]
    time
        When. [s since 1970-01-01 UTC]
    """
    share = np.zeros(np.broadcast_shapes(longitude.shape, latitude.shape))
    for curb in curbs:
        inside = min(time - curb.start, curb.stop - time) / DAY + CURB_RAMP
        if inside <= 0:
            continue
        weight = min(inside / CURB_RAMP, 1.0) * min(CURB_LENGTH * DAY / (curb.stop - curb.start), 1.0)
        east = KM_PER_DEGREE * np.cos(np.radians(curb.latitude)) * ((longitude - curb.longitude + 180) % 360 - 180)
        away = np.hypot(east, KM_PER_DEGREE * (latitude - curb.latitude))
        share = np.maximum(share, weight * np.exp(-0.5 * (away / CURB_REACH) ** 2))
    return share
