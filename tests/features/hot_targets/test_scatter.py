from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.features.hot_targets.scatter import chance_level

FIRST = np.zeros(1, dtype=np.intp)


def noisy(sigma: float, level: float = -0.1, shape: tuple[int, int, int] = (1, 100, 100)) -> NDArray[np.float32]:
    return (level + sigma * np.random.default_rng(3).standard_normal(shape)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.003, 0.05])
def test_the_level_is_so_many_deviations_over_the_median(sigma: float) -> None:
    image = noisy(sigma)
    level = chance_level(image, np.ones(image.shape, dtype=bool), FIRST, 5.0)
    # three thousand pixels know a median deviation to 2.5 %
    assert level == pytest.approx(-0.1 + 5 * sigma, abs=0.08 * 5 * sigma)


def test_ground_that_differs_from_place_to_place_is_no_noise() -> None:
    image = noisy(0.004)
    image[0, :, ::20] -= 0.2  # roofs
    image += np.linspace(0, 0.01, 100, dtype=np.float32)
    level = chance_level(image, np.ones(image.shape, dtype=bool), FIRST, 5.0)
    assert level == pytest.approx(-0.095 + 5 * 0.004, abs=0.004)


def test_noise_is_seen_in_images_that_were_doubled() -> None:
    image = noisy(0.02).repeat(2, axis=1).repeat(2, axis=2)
    level = chance_level(image, np.ones(image.shape, dtype=bool), FIRST, 5.0)
    assert level == pytest.approx(0.0, abs=0.004)


def test_each_scene_has_its_own_and_what_is_hot_has_none() -> None:
    image = np.concatenate([noisy(0.01), noisy(0.03), noisy(0.01)])
    is_cold = np.ones(image.shape, dtype=bool)
    image[2, :60], is_cold[2, :60] = 3.0, False
    levels = chance_level(image, is_cold, np.array([2, 1, 0, 1]), 5.0)
    assert levels == pytest.approx([-0.05, 0.05, -0.05, 0.05], abs=0.006)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 3), (1, 50, 1)])
def test_too_few_pixels_say_nothing(shape: tuple[int, int, int]) -> None:
    image = noisy(0.01, shape=shape)
    assert chance_level(image, np.ones(shape, dtype=bool), FIRST, 5.0) == -np.inf
