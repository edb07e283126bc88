from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.footprints import footprints_on
from satverify.features.hot_targets.unevenness import block_size, likeness, sum_noise
from satverify.features.hot_targets.zonal import zonal_sum
from tests.features.hot_targets.skies import grid_of, unit_on


def _ground(alike: float, scenes: int, shape: tuple[int, int] = (100, 100), size: int = 5, seed: int = 0) -> np.ndarray:
    """Ground of variance 1 of which a share is that of whole blocks."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((scenes, shape[0] // size, shape[1] // size))
    together = np.repeat(np.repeat(coarse, size, axis=1), size, axis=2)
    apart = rng.standard_normal((scenes, *shape))
    images: np.ndarray = (np.sqrt(alike) * together + np.sqrt(1 - alike) * apart).astype(np.float32)
    return images


@pytest.mark.parametrize("alike", [0.0, 0.3, 0.8, 1.0])
def test_likeness_is_the_share_of_variance_that_blocks_have_in_common(alike: float) -> None:
    images = _ground(alike, 4)
    found = likeness(images, np.ones(images.shape, dtype=bool), 5)
    np.testing.assert_allclose(found, alike, atol=0.06)  # 400 blocks know it to 0.05
    half = np.random.default_rng(1).random(images.shape) < 0.5
    np.testing.assert_allclose(likeness(images, half, 5), alike, atol=0.08)


@pytest.mark.parametrize("alike", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("extent", [2, 5, 10])
def test_the_noise_of_a_sum_is_what_sums_over_cold_ground_scatter_by(alike: float, extent: int) -> None:
    images = _ground(alike, 600, (50, 50), seed=extent)
    grid = grid_of((50, 50))
    units = [unit_on(grid, (row, row + extent), (row, row + extent), f"u{row}") for row in (0, 20, 40)]
    zones = footprints_on(grid, units).inside
    where = np.ones(images.shape, dtype=bool)
    expected = sum_noise(zones, np.ones_like(images), where, np.full(len(images), alike), 5)
    sums = zonal_sum(zones, images)
    # 1,800 sums know their scatter to 2 %; squares that are not whole blocks differ by up to a tenth
    assert sums.std() == pytest.approx(expected.mean(), rel=0.15)


def test_too_little_ground_is_taken_for_uneven_by_chance() -> None:
    images = _ground(0.5, 1, (10, 10))
    nothing = np.zeros(images.shape, dtype=bool)
    assert likeness(images, nothing, 5).tolist() == [0]
    one = nothing.copy()
    one[0, :5, :5] = True
    assert likeness(images, one, 5).tolist() == [0]
    assert likeness(np.ones_like(images), ~nothing, 5).tolist() == [0]


def test_blocks_are_a_hundred_metres_wide() -> None:
    assert [block_size(ground) for ground in (100.0, 400.0, 900.0, 250_000.0)] == [10, 5, 3, 1]
