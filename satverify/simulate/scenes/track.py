"""What granules cut from a swath have in common: the half of the revolution they are of, their clouds, their plane."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.physics.satellites import SATELLITES, Satellite, ground_places
from satverify.simulate.scenes.frames import TrackFrame
from satverify.simulate.scenes.sky import excess_at
from satverify.simulate.scenes.world import World, seconds_of

Floats: TypeAlias = NDArray[np.float64]

SAMPLES = 8  # along and across at which a piece's clouds are counted


def half_of(satellite: Satellite, after: Floats) -> NDArray[np.bool_]:
    """True where the satellite flies north, times [s] after the node."""
    return np.cos(2 * np.pi * after / satellite.orbit.period) > 0


def cover_of_pieces(world: World, satellite: Satellite, node_time: Floats, begin: Floats, length: float) -> Floats:
    """Cloud cover of pieces of a swath, one a row. [%]

    Parameters
    ----------
    world
        Whose sky.
    satellite
        Whose swath.
    node_time, begin
        Of each piece: its revolution's node [s since 1970-01-01 UTC], and where it begins [s after it].
    length
        Of all of them. [s]
    """
    shares = (np.arange(SAMPLES) + 0.5) / SAMPLES
    off = satellite.reach_left - shares * (satellite.reach_left + satellite.reach_right)
    after = begin[:, None, None] + length * shares[:, None]
    after, across = np.broadcast_arrays(after, off)
    longitude, latitude = ground_places(satellite, node_time[:, None, None], after, across)
    time = np.broadcast_to((node_time + begin)[:, None, None], after.shape)
    cover: Floats = 100 * (excess_at(world.weather, longitude, latitude, time) >= 0).mean(axis=(1, 2))
    return cover


def frame_of(granule: Granule) -> TrackFrame:
    """The plane of a granule that was cut from a swath."""
    satellite = SATELLITES[granule.platform]
    period, is_ascending = satellite.orbit.period, granule.orbit_state == "ascending"
    node_time = satellite.node_time + ((granule.absolute_orbit or 0) - satellite.absolute_orbit) * period
    if is_ascending and seconds_of(granule.time) - node_time > period / 2:
        node_time += period  # a northward pass south of the equator is counted from the node ahead
    return TrackFrame(satellite=satellite, node_time=node_time, is_ascending=is_ascending)
