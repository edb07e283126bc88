from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.noise import value_noise
from satverify.simulate.scenes.pixels.resampling import taken_for

FRAME = UtmFrame(epsg=32650)


def product(height: int = 20, width: int = 17) -> Pixels:
    rows, columns = np.arange(height)[:, None] + 500, np.arange(width)[None, :] - 30
    return Pixels(frame=FRAME, size=(30.0, 30.0), rows=rows, columns=columns, origin=(15.0, 15.0))


@given(begin=st.tuples(st.floats(-50, 50), st.floats(-50, 50)))
def test_a_plane_is_a_plane_whatever_pixels_it_was_taken_in(begin: tuple[float, float]) -> None:
    """Cubic convolution is exact for polynomials of the second degree (Keys 1981)."""
    own, made_of = taken_for(product(), 100.0, begin)
    x, y = (np.broadcast_to(part, own.shape) for part in (own.x - 0.0, own.y - 15_000.0))
    seen = made_of(280 + 0.01 * x - 0.02 * y + 1e-5 * x**2)
    goal = 280 + 0.01 * product().x - 0.02 * (product().y - 15_000.0) + 1e-5 * product().x ** 2
    np.testing.assert_allclose(seen, goal, rtol=1e-9)


def test_a_pixel_of_the_instrument_is_seen_at_its_own_height_in_its_middle() -> None:
    pixels = product()
    begin = (float(pixels.x[0, 8]) - 50.0, float(pixels.y[9, 0]) - 50.0)
    own, made_of = taken_for(pixels, 100.0, begin)
    image = np.zeros(own.shape)
    row, column = int(np.flatnonzero(own.rows[:, 0] == 0)[0]), int(np.flatnonzero(own.columns[0] == 0)[0])
    image[row, column] = 7.0
    seen = made_of(image)
    assert seen[9, 8] == pytest.approx(7.0)
    assert seen.max() == pytest.approx(7.0)
    assert seen.sum() * 900 == pytest.approx(7.0 * 10_000, rel=0.05)  # nothing is lost between the pixels


def test_scattered_pixels_are_made_of_what_a_whole_block_is_made_of() -> None:
    pixels = product()
    own, made_of = taken_for(pixels, 100.0, (13.0, 41.0))
    expected = made_of(value_noise(3, own.x / 300, own.y / 300))
    at = (np.array([[0, 3], [19, 7]]), np.array([[16, 2], [0, 9]]))
    some = Pixels(
        frame=FRAME,
        size=(30.0, 30.0),
        rows=pixels.rows[at[0], 0],
        columns=pixels.columns[0, at[1]],
        origin=(15.0, 15.0),
    )
    own, made_of = taken_for(some, 100.0, (13.0, 41.0))
    np.testing.assert_array_equal(made_of(value_noise(3, own.x / 300, own.y / 300)), expected[at])
