from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.features.hot_targets.background import deviation_of, local_means
from satverify.features.hot_targets.near import places


def test_the_mean_is_that_of_the_cold_pixels_of_the_blocks_around() -> None:
    rng = np.random.default_rng(2)
    image = rng.random((2, 63, 58)).astype(np.float32)
    is_cold = rng.random(image.shape) < 0.7
    (mean,) = local_means([image], is_cold, 20.0)
    for row, column in ((0, 0), (31, 30), (62, 57)):  # blocks of five pixels, two on either side
        rows = slice(max(row // 5 * 5 - 10, 0), row // 5 * 5 + 15)
        columns = slice(max(column // 5 * 5 - 10, 0), column // 5 * 5 + 15)
        expected = image[1, rows, columns][is_cold[1, rows, columns]].mean()
        assert mean.image((63, 58))[1, row, column] == pytest.approx(expected, rel=1e-5)  # float32
        assert mean.at((np.array([1]), np.array([row]), np.array([column])))[0] == pytest.approx(expected, rel=1e-5)


def test_what_is_not_cold_does_not_count_whatever_it_holds() -> None:
    image = np.full((1, 40, 40), 0.2, dtype=np.float32)
    is_cold = np.ones(image.shape, dtype=bool)
    image[0, 20, 20:22], is_cold[0, 20, 20:22] = (np.nan, 9.0), False
    (mean,) = local_means([image], is_cold, 20.0)
    np.testing.assert_allclose(mean.image((40, 40)), 0.2, rtol=1e-6)  # float32


def test_a_window_with_little_cold_ground_has_the_mean_of_its_scene_and_no_other() -> None:
    image = np.stack([np.full((100, 100), level, dtype=np.float32) for level in (0.1, 0.3)])
    is_cold = np.ones(image.shape, dtype=bool)
    is_cold[:, :40] = False
    (mean,) = local_means([image], is_cold, 20.0)
    np.testing.assert_allclose(mean.image((100, 100))[:, 0, 0], [0.1, 0.3], rtol=1e-6)  # float32


def test_a_scene_with_too_little_cold_ground_has_no_mean() -> None:
    is_cold = np.zeros((1, 30, 30), dtype=bool)
    is_cold[0, 0, :20] = True
    (mean,) = local_means([np.ones((1, 30, 30), dtype=np.float32)], is_cold, 20.0)
    assert np.isnan(mean.image((30, 30))).all()


@given(st.integers(0, 1000), st.floats(0.01, 0.2))
def test_the_deviation_is_that_of_the_pixels(seed: int, spread: float) -> None:
    image = (0.3 + spread * np.random.default_rng(seed).standard_normal((1, 25, 25))).astype(np.float32)
    mean, square = local_means([image, image * image], np.ones(image.shape, dtype=bool), 20.0)
    where = places(np.ones(image.shape, dtype=bool))
    middle = [axis[312:313] for axis in where]
    found = deviation_of(mean, square).at((middle[0], middle[1], middle[2]))
    assert found[0] == pytest.approx(image.std(), rel=1e-3)  # float32 squares


def test_blocks_are_a_hundred_metres_at_any_pixel() -> None:
    is_cold = np.ones((1, 60, 60), dtype=bool)
    image = np.ones(is_cold.shape, dtype=np.float32)
    assert [local_means([image], is_cold, step)[0].size for step in (10.0, 20.0, 30.0, 500.0)] == [10, 5, 3, 1]
