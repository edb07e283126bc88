from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.features.hot_targets.sunlit import sunlit_residual

SHAPE = (1, 40, 50)


def ground(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    near, green = rng.uniform(0.05, 0.5, SHAPE), rng.uniform(0, 0.5, SHAPE)
    short = near * (1 - green) / (1 + green)  # so that the contrast of the two is ``green``
    return {"nir08": near.astype(np.float32), "swir16": short.astype(np.float32)}


def residual(kelvin: NDArray[np.float64], surface: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    everything = np.ones(SHAPE, dtype=bool)
    return sunlit_residual(kelvin.astype(np.float32), everything, surface, everything[0])


def plane(surface: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    near, short = surface["nir08"].astype(np.float64), surface["swir16"].astype(np.float64)
    return 300 - 20 * near - 8 * (near - short) / (near + short)


def test_a_plane_over_the_surface_leaves_nothing() -> None:
    left = residual(plane(ground()), ground())
    assert np.abs(np.quantile(left, [0.05, 0.95])).max() < 0.01  # float32, and the ends that are not extrapolated


def test_heat_does_not_bend_the_rule_of_the_ground() -> None:
    surface = ground()
    kelvin = plane(surface)
    kelvin[0, 10:14, 10:14] += 30.0
    left = residual(kelvin, surface)
    assert left[0, 10:14, 10:14].mean() == pytest.approx(30.0, abs=0.3)
    assert abs(float(np.median(left))) < 0.05


def test_a_pixel_brighter_than_all_ground_is_not_extrapolated_to() -> None:
    surface = ground()
    surface["nir08"][0, 0, 0], surface["swir16"][0, 0, 0] = 3.0, 3.0
    kelvin = plane(ground())
    assert abs(residual(kelvin, surface)[0, 0, 0]) < 15  # the plane itself would be 60 K off


def test_molten_pixels_are_not_taken_for_dry_ground() -> None:
    surface = ground() | {"swir22": (0.8 * ground()["swir16"]).astype(np.float32)}
    kelvin = plane(surface)
    before = residual(kelvin, surface)[0, 5, 5]
    surface["swir16"][0, 5, 5], surface["swir22"][0, 5, 5] = 0.9, 1.4
    assert residual(kelvin, surface)[0, 5, 5] == pytest.approx(before, abs=6)


def test_without_reflectance_the_median_is_taken_off() -> None:
    kelvin = plane(ground())
    left = residual(kelvin, {})
    np.testing.assert_allclose(left, kelvin - np.median(kelvin.astype(np.float32)), atol=1e-3)


def test_unusable_pixels_are_nan_and_teach_nothing() -> None:
    surface = ground()
    kelvin = plane(surface)
    usable = np.ones(SHAPE, dtype=bool)
    usable[0, :20] = False
    kelvin[0, :20] = 200.0
    surface["nir08"][0, 30, 30] = np.nan
    left = sunlit_residual(kelvin.astype(np.float32), usable, surface, np.ones(SHAPE[1:], dtype=bool))
    assert np.isnan(left[0, :20]).all()
    assert np.isnan(left[0, 30, 30])
    assert np.nanmax(np.abs(left)) < 0.5


def test_a_scene_that_shows_nothing_is_nan() -> None:
    left = sunlit_residual(
        np.full(SHAPE, 280, dtype=np.float32), np.zeros(SHAPE, dtype=bool), ground(), np.ones(SHAPE[1:], dtype=bool)
    )
    assert np.isnan(left).all()
