from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from satverify.features.hot_targets.patches import blocks_of, grown, on_edge, patches_of, spread, touched


@given(seed=st.integers(0, 500), radius=st.integers(0, 9), height=st.integers(1, 12), width=st.integers(1, 12))
def test_growing_is_a_maximum_over_a_square_in_each_scene(seed: int, radius: int, height: int, width: int) -> None:
    is_flagged = np.random.default_rng(seed).random((3, height, width)) < 0.05
    size = (1, 2 * radius + 1, 2 * radius + 1)
    expected = ndimage.maximum_filter(is_flagged.view(np.uint8), size=size, mode="constant").view(bool)
    np.testing.assert_array_equal(grown(is_flagged, radius), expected)


def test_patches_touch_at_corners_and_never_across_scenes() -> None:
    is_flagged = np.zeros((2, 4, 4), dtype=bool)
    is_flagged[0, 0, 0] = is_flagged[0, 1, 1] = is_flagged[1, 0, 0] = is_flagged[1, 3, 3] = True
    labels, size = patches_of(is_flagged)
    assert sorted(size[1:]) == [1, 1, 2]
    assert labels[0, 0, 0] == labels[0, 1, 1] != labels[1, 0, 0]
    where = np.zeros_like(is_flagged)
    where[0, 1, 1] = where[0, 3, 3] = True
    assert touched(labels, where, len(size)).tolist() == [False, *(np.arange(1, 4) == labels[0, 0, 0])]


@pytest.mark.parametrize(("height", "width"), [(6, 9), (7, 8), (2, 2)])
def test_blocks_hold_what_their_pixels_hold(height: int, width: int) -> None:
    images = np.random.default_rng(0).random((2, height, width))
    total = blocks_of(images, 3, np.add, 0.0)
    np.testing.assert_allclose(total.sum(axis=(1, 2)), images.sum(axis=(1, 2)))
    least = spread(blocks_of(images, 3, np.minimum, np.inf), 3, (height, width))
    assert least.shape == images.shape
    assert (least <= images).all()
    assert least[0, 0, 0] == images[0, :3, :3].min()
    assert least[1, -1, -1] == images[1, (height - 1) // 3 * 3 :, (width - 1) // 3 * 3 :].min()


def test_the_rim_is_one_pixel_wide() -> None:
    assert on_edge((3, 4)).sum() == 10
    assert on_edge((1, 2)).all()
