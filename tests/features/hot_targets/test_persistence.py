from __future__ import annotations

import numpy as np

from satverify.features.hot_targets.footprints import Zones
from satverify.features.hot_targets.persistence import hot_places, persistence_of

ZONES = Zones(
    count=2,
    unit=np.repeat([0, 1], 4),
    pixel=np.array([11, 12, 21, 22, 17, 18, 27, 28]),
    weight=np.ones(8),
)
"""Two units of four pixels on a grid of 10 x 10."""


def _scenes(count: int, *hot: tuple[int, int, int]) -> np.ndarray:
    out = np.zeros((count, 10, 10), dtype=bool)
    for scene, row, column in hot:
        out[scene, row, column] = True
    return out


def test_persistence_is_the_share_of_clear_scenes_with_heat_at_the_place() -> None:
    is_hot = _scenes(8, (0, 1, 1), (2, 1, 1), (5, 1, 2), (3, 2, 8))
    is_seen = np.ones_like(is_hot)
    is_seen[[6, 7], :5, :5] = False
    found = persistence_of(2, [hot_places(ZONES, is_hot, is_seen)])
    assert np.isnan(found[0, [1, 3, 4, 6, 7]]).all()
    np.testing.assert_allclose(found[0, [0, 2, 5]], 3 / 6)  # a pixel beside it is the same place
    np.testing.assert_allclose(found[1, 3], 1 / 8)
    assert np.isnan(np.delete(found[1], 3)).all()


def test_blocks_of_scenes_add_up() -> None:
    rng = np.random.default_rng(0)
    is_seen = rng.random((20, 10, 10)) < 0.8
    is_hot = (rng.random(is_seen.shape) < 0.1) & is_seen
    whole = persistence_of(2, [hot_places(ZONES, is_hot, is_seen)])
    parts = [hot_places(ZONES, is_hot[part], is_seen[part]) for part in (slice(0, 7), slice(7, 8), slice(8, 20))]
    np.testing.assert_array_equal(persistence_of(2, parts), whole)
    assert np.isfinite(whole).any()
    assert np.nanmax(whole) <= 1


def test_of_one_or_two_scenes_nothing_is_known() -> None:
    is_hot = _scenes(2, (0, 1, 1), (1, 1, 1))
    assert np.isnan(persistence_of(2, [hot_places(ZONES, is_hot, np.ones_like(is_hot))])).all()
