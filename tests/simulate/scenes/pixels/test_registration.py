from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.noise import value_noise
from satverify.simulate.scenes.pixels.registration import blurred, moved, widened

FRAME = UtmFrame(epsg=32650)
SPREAD = 0.45


def block(rows: np.ndarray, columns: np.ndarray) -> Pixels:
    return Pixels(frame=FRAME, size=(20.0, 20.0), rows=rows, columns=columns)


def whole(height: int = 12, width: int = 15) -> Pixels:
    return block(np.arange(40, 40 + height)[:, None], np.arange(70, 70 + width)[None, :])


def surface(pixels: Pixels) -> np.ndarray:
    return value_noise(9, pixels.x / 90.0, pixels.y / 90.0)


@given(across=st.floats(-200, 200), along=st.floats(-200, 200))
def test_a_displacement_is_whole_pixels_and_at_most_half_of_one(across: float, along: float) -> None:
    there, rest = moved(whole(), (across, along))
    assert max(map(abs, rest)) <= 0.5 + 1e-12
    assert 20 * (int(whole().columns[0, 0] - there.columns[0, 0]) + rest[0]) == pytest.approx(across, abs=1e-9)
    assert 20 * (int(whole().rows[0, 0] - there.rows[0, 0]) + rest[1]) == pytest.approx(along, abs=1e-9)


@given(across=st.floats(-0.7, 0.7), along=st.floats(-0.7, 0.7))
def test_a_ramp_is_moved_by_just_the_displacement_and_even_ground_stays_even(across: float, along: float) -> None:
    wide, neighbours = widened(whole())
    ramp = np.broadcast_to(wide.columns * 3.0 + wide.rows * 2.0, wide.shape)
    seen = blurred(ramp, neighbours, (across, along), SPREAD)
    expected = (whole().columns - across) * 3.0 + (whole().rows - along) * 2.0
    np.testing.assert_allclose(seen, expected, rtol=1e-12)
    np.testing.assert_allclose(blurred(np.full(wide.shape, 0.3), neighbours, (across, along), SPREAD), 0.3)


@given(across=st.floats(-0.5, 0.5))
def test_a_point_is_spread_with_the_stated_variance(across: float) -> None:
    wide, neighbours = widened(whole())
    point = np.zeros(wide.shape)
    point[7, 8] = 1.0
    seen = blurred(point, neighbours, (across, 0.0), SPREAD)
    columns = np.arange(seen.shape[1])
    mean = (seen * columns).sum() / seen.sum()
    variance = (seen * (columns - mean) ** 2).sum() / seen.sum()
    assert seen.sum() == pytest.approx(1)
    assert mean == pytest.approx(7 + across)  # the wide block begins a pixel earlier
    assert variance == pytest.approx(SPREAD**2)


def test_gaps_and_single_pixels_see_the_neighbours_that_a_whole_block_sees() -> None:
    pixels = whole()
    wide, neighbours = widened(pixels)
    expected = blurred(surface(wide), neighbours, (0.2, -0.3), SPREAD)
    some = block(pixels.rows[[0, 3, 4, 9]], pixels.columns[:, [1, 2, 7]])
    wide, neighbours = widened(some)
    seen = blurred(surface(wide), neighbours, (0.2, -0.3), SPREAD)
    np.testing.assert_array_equal(seen, expected[np.ix_([0, 3, 4, 9], [1, 2, 7])])
    single = block(np.array([[40, 43], [45, 51]]), np.array([[71, 80], [70, 84]]))
    wide, neighbours = widened(single)
    seen = blurred(surface(wide), neighbours, (0.2, -0.3), SPREAD)
    np.testing.assert_array_equal(seen, expected[[[0, 3], [5, 11]], [[1, 10], [0, 14]]])
