from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.grids import Grid
from satverify.physics.satellites import SATELLITES
from satverify.physics.utm import unproject
from satverify.simulate.scenes.frames import TrackFrame, UtmFrame, netted, request_positions
from tests.simulate.scenes.made import grid

TRACK = TrackFrame(
    satellite=SATELLITES["sentinel-3a"], node_time=SATELLITES["sentinel-3a"].node_time, is_ascending=False
)


@given(x=st.floats(-1e6, 1e6), y=st.floats(-1e6, 1e6), step=st.floats(100, 9000))
def test_a_net_gives_linear_quantities_exactly_and_all_others_alike_to_all(x: float, y: float, step: float) -> None:
    across, along = x + np.linspace(0, 2e4, 13), y + np.linspace(0, 1e4, 7)

    def compute(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        return np.stack([2 * east - 3 * north + 5, np.sin(east / 7e3) * np.cos(north / 5e3)])

    apart = netted(compute, across[None, :], along[:, None], step)
    together = netted(compute, *np.meshgrid(across, along), step)
    np.testing.assert_allclose(apart[0], 2 * across[None, :] - 3 * along[:, None] + 5, rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(apart, together)
    np.testing.assert_array_equal(netted(compute, across[None, 4:5], along[2:3, None], step), apart[:, 2:3, 4:5])


@given(x=st.floats(-7e5, 7e5), y=st.floats(1e6, 1.8e7))
def test_the_plane_along_a_track_leads_to_places_and_back(x: float, y: float) -> None:
    after = y / TRACK.speed
    longitude, latitude = TRACK.places(np.array([x]), np.array([y]))
    if abs(latitude[0]) > 75 or np.cos(2 * np.pi * after / TRACK.satellite.orbit.period) > -0.05:
        return
    found = TRACK.position(longitude, latitude)
    np.testing.assert_allclose(np.ravel(found), [x, y], atol=40)  # [m] what the rounds of the iteration leave


def test_one_pixel_along_the_track_is_its_size_on_the_ground() -> None:
    y = 12e6 + np.array([0.0, 1000.0])
    longitude, latitude = TRACK.places(np.zeros(2), y)
    east = np.diff(longitude)[0] * np.cos(np.radians(latitude.mean())) * 111.2
    assert np.hypot(east, np.diff(latitude)[0] * 111.2) == pytest.approx(1.0, abs=0.04)  # [km] the Earth turns below


@pytest.mark.parametrize("is_coarse", [False, True])
def test_positions_through_a_net_are_those_without(is_coarse: bool) -> None:
    frame = TRACK if is_coarse else UtmFrame(epsg=32651)
    near = Grid(epsg=32650, left=8e5, top=4.4e6, pixel_width=100, pixel_height=100, width=50, height=40)
    found = request_positions(near, frame, is_coarse=is_coarse)
    points = np.meshgrid(near.left + (np.arange(50) + 0.5) * 100, near.top - (np.arange(40) + 0.5) * 100)
    exact = frame.position(*unproject(32650, *points))
    for one, two in zip(found, exact, strict=True):
        np.testing.assert_allclose(one, two, atol=2.0 if is_coarse else 0.1)


def test_positions_in_the_tiles_own_zone_are_exact_and_come_apart() -> None:
    window = grid(20.0, 5, 3)
    x, y = request_positions(window, UtmFrame(epsg=32650), is_coarse=False)
    assert x.shape == (1, 5)
    assert y.shape == (3, 1)
    assert x[0, 0] == window.left + 10
    assert y[0, 0] == window.top - 10
