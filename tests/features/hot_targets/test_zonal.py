from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from satverify.features.hot_targets.footprints import Zones
from satverify.features.hot_targets.zonal import zonal_max, zonal_mean, zonal_sum

ZONES = Zones(
    count=4, unit=np.array([0, 0, 2, 2, 2]), pixel=np.array([1, 5, 0, 5, 7]), weight=np.array([1.0, 0.5, 0.2, 1.0, 0.1])
)
IMAGES = np.arange(24, dtype=np.float32).reshape(2, 2, 6)[:, :, :4].copy()
"""Two scenes of 2 x 4 pixels; those of the first are 0 1 2 3 / 6 7 8 9."""


def test_sums_and_means_are_weighted_and_units_without_pixels_have_none() -> None:
    np.testing.assert_allclose(zonal_sum(ZONES, IMAGES)[:, 0], [1 + 0.5 * 7, 0, 7 + 0.9, 0], rtol=1e-6)
    np.testing.assert_allclose(zonal_mean(ZONES, IMAGES)[:, 0], [4.5 / 1.5, np.nan, 7.9 / 1.3, np.nan], rtol=1e-6)
    np.testing.assert_allclose(zonal_sum(ZONES, IMAGES)[:, 1], zonal_sum(ZONES, IMAGES[1:])[:, 0])


def test_what_is_not_finite_or_not_asked_is_left_aside() -> None:
    broken = IMAGES.copy()
    broken[0, 1, 1] = np.nan
    broken[1, 1, 1] = np.inf
    where = np.ones(IMAGES.shape, dtype=bool)
    where[:, 1, 1] = False
    for result in (zonal_sum, zonal_mean, zonal_max):
        np.testing.assert_array_equal(result(ZONES, broken), result(ZONES, IMAGES, where))
    np.testing.assert_allclose(zonal_mean(ZONES, broken)[0], [1, 13])


def test_the_largest_counts_from_a_share_of_the_largest_coverage() -> None:
    np.testing.assert_array_equal(zonal_max(ZONES, IMAGES)[:, 0], [7, np.nan, 9, np.nan])
    np.testing.assert_array_equal(zonal_max(ZONES, IMAGES, least=0.15)[:, 0], [7, np.nan, 7, np.nan])
    np.testing.assert_array_equal(zonal_max(ZONES, IMAGES, least=0.6)[:, 0], [1, np.nan, 7, np.nan])


def test_flags_are_counted_by_coverage() -> None:
    np.testing.assert_allclose(zonal_sum(ZONES, IMAGES > 6)[:, 0], [0.5, 0, 1.1, 0])


def test_no_scenes_give_no_columns() -> None:
    assert zonal_sum(ZONES, IMAGES[:0]).shape == zonal_max(ZONES, IMAGES[:0]).shape == (4, 0)


@given(seed=st.integers(0, 1000), units=st.integers(1, 6), share=st.floats(0, 1))
def test_sums_agree_with_a_plain_loop(seed: int, units: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((units, 30)) < share, rng.random((units, 30)), 0)
    unit, pixel = np.nonzero(dense)
    zones = Zones(count=units, unit=unit, pixel=pixel, weight=dense[unit, pixel])
    images = rng.normal(size=(3, 5, 6))
    np.testing.assert_allclose(zonal_sum(zones, images), dense @ images.reshape(3, 30).T, atol=1e-12)
    expected = np.full((units, 3), np.nan)
    for number in range(units):
        if dense[number].any():
            expected[number] = images.reshape(3, 30)[:, dense[number] > 0].max(axis=1)
    np.testing.assert_array_equal(zonal_max(zones, images), expected)
