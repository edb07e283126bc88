from __future__ import annotations

import numpy as np

from satverify.features.hot_targets.near import MIDDLE, around, places


def test_the_pixels_around_a_pixel_are_its_square_with_itself_in_the_middle() -> None:
    image = np.arange(2 * 5 * 6).reshape(2, 5, 6)
    found = image[around((np.array([1]), np.array([2]), np.array([3])), image.shape)]
    np.testing.assert_array_equal(found.reshape(3, 3), image[1, 1:4, 2:5])
    assert found[0, MIDDLE] == image[1, 2, 3]


def test_beyond_the_edge_the_nearest_pixel_stands_in() -> None:
    image = np.arange(12).reshape(1, 3, 4)
    found = image[around((np.array([0]), np.array([0]), np.array([3])), image.shape)].reshape(3, 3)
    np.testing.assert_array_equal(found, [[2, 3, 3], [2, 3, 3], [6, 7, 7]])


def test_places_are_those_of_the_flags() -> None:
    is_flagged = np.random.default_rng(1).random((3, 4, 5)) < 0.3
    again = np.zeros_like(is_flagged)
    again[places(is_flagged)] = True
    np.testing.assert_array_equal(again, is_flagged)
