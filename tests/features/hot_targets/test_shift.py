from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from satverify.features.hot_targets.near import places
from satverify.features.hot_targets.shift import shift_effect

EVERYWHERE = np.ones((1, 80, 80), dtype=bool)


def works(seed: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Halls on a yard, as sharp as an image is."""
    rng = np.random.default_rng(seed)
    yard = np.full((80, 80), 0.2)
    for row, column in rng.integers(0, 70, (25, 2)):
        yard[row : row + rng.integers(3, 10), column : column + rng.integers(3, 10)] = rng.uniform(0.1, 0.6)
    return ndimage.gaussian_filter(yard, 0.7).astype(np.float32)[None]


@given(down=st.floats(-0.4, 0.4), across=st.floats(-0.4, 0.4), level=st.floats(0.7, 1.1))
def test_most_of_what_a_shift_makes_of_edges_is_told(down: float, across: float, level: float) -> None:
    short = works()
    moved = (level * ndimage.shift(short[0], (down, across), mode="nearest", order=3))[None].astype(np.float32)
    effect = shift_effect(short, moved, EVERYWHERE, places(EVERYWHERE)).reshape(short.shape)
    inside = (0, slice(5, -5), slice(5, -5))
    made = (moved - level * short)[inside]
    left = made - effect[inside]
    assert left.std() <= 0.5 * made.std() + 1e-4  # slopes over two pixels do not follow every corner


def test_images_that_lie_on_each_other_have_no_effect() -> None:
    short = works()
    effect = shift_effect(short, np.float32(0.9) * short, EVERYWHERE, places(EVERYWHERE))
    np.testing.assert_allclose(effect, 0, atol=1e-4)  # float32 sums


def test_heat_is_no_shift() -> None:
    short, long = works(), np.float32(0.9) * works()
    long[0, 40, 40] += 1.0
    is_cold = EVERYWHERE.copy()
    is_cold[0, 39:42, 39:42] = False
    place = (np.array([0]), np.array([40]), np.array([40]))
    assert shift_effect(short, long, is_cold, place)[0] == pytest.approx(0, abs=1e-3)


def test_scenes_have_their_own_shift() -> None:
    short = np.concatenate([works(), works(2)])
    moved = short.copy()
    moved[1] = ndimage.shift(short[1], (0.3, 0.0), mode="nearest")
    both = np.ones(short.shape, dtype=bool)
    effect = shift_effect(short, moved, both, places(both)).reshape(short.shape)
    assert np.abs(effect[0]).max() < 1e-3
    assert np.abs(effect[1]).max() > 0.05


@pytest.mark.parametrize("step", [10.0, 20.0, 30.0])
def test_how_far_a_shift_may_reach_is_told_in_metres(step: float) -> None:
    """On any grid 12 m are told, and 40 m are none, as coarse as the ground is that is on it."""
    fine = ndimage.zoom(works()[0], 20 / step, order=1, grid_mode=True, mode="nearest").astype(np.float32)
    everywhere = np.ones((1, *fine.shape), dtype=bool)
    inside = (0, slice(8, -8), slice(8, -8))
    for metres, is_told in ((12.0, True), (40.0, False)):
        moved = ndimage.shift(fine, (metres / step, 0), mode="nearest", order=1)[None].astype(np.float32)
        effect = shift_effect(fine[None], moved, everywhere, places(everywhere), step).reshape(moved.shape)
        left = (moved - fine[None] - effect)[inside].std() / (moved - fine[None])[inside].std()
        assert (left < 0.75) == is_told, (metres, left)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 9), (1, 10, 10)])
def test_a_scene_that_tells_none_has_none(shape: tuple[int, int, int]) -> None:
    everywhere = np.ones(shape, dtype=bool)
    image = np.random.default_rng(1).random(shape).astype(np.float32)
    assert not shift_effect(image, image[..., ::-1].copy(), everywhere, places(everywhere)).any()


def test_beside_a_gap_nothing_is_known() -> None:
    short = works()
    moved = ndimage.shift(short[0], (0.3, 0.0), mode="nearest")[None].astype(np.float32)
    short[0, 40, 40] = np.nan
    is_cold = np.isfinite(short)
    effect = shift_effect(short, moved, is_cold, places(EVERYWHERE)).reshape(short.shape)
    assert np.isfinite(effect).all()
    assert effect[0, 41, 40] == 0
