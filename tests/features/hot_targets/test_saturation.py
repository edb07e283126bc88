from __future__ import annotations

import numpy as np

from satverify.features.hot_targets.saturation import is_saturated, is_saturated_by_heat

WHITE = {"swir16": np.array([34.0]), "swir22": np.array([12.0])}
"""Radiance of a white surface in December at 39 degrees north."""


def image(*pixels: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A scene of dark ground that begins with some pixels."""
    scene = np.full((1, 10, 10), 0.2, dtype=np.float32)
    scene[0, 0, : len(pixels)] = pixels
    return scene


def test_pixels_that_share_the_largest_value_are_the_ceiling() -> None:
    found = is_saturated(image(2.4, 2.4, 2.39, 2.2), WHITE["swir22"], "swir22")
    assert found[0, 0, :5].tolist() == [True, True, False, False, False]


def test_without_a_ceiling_what_lies_far_beyond_the_required_radiance_counts() -> None:
    """24.5 W m⁻² sr⁻¹ µm⁻¹ are a reflectance of 2.04 under this Sun, and a quarter more is 2.55."""
    found = is_saturated(image(2.7, 2.5, 2.0), WHITE["swir22"], "swir22")
    assert found[0, 0, :4].tolist() == [True, False, False, False]


def test_a_bright_scene_under_a_high_sun_is_not_saturated() -> None:
    assert not is_saturated(image(0.9, 0.9, 0.9), np.array([26.0]), "swir22").any()


def test_each_scene_has_its_own_sun() -> None:
    bright = np.concatenate([image(1.2, 1.2), image(1.2, 1.2)])
    found = is_saturated(bright, np.array([26.0, 8.0]), "swir22")
    assert found.any(axis=(1, 2)).tolist() == [True, False], "1.2 is 31 under one Sun and 10 under the other"


def test_heat_is_dark_in_the_near_infrared_and_glint_is_not() -> None:
    short, long = image(2.6, 2.6), image(2.6, 2.6)
    found = is_saturated_by_heat(image(0.2, 2.0), short, long, WHITE)
    assert found[0, 0, :3].tolist() == [True, False, False]


def test_one_saturated_band_is_enough() -> None:
    found = is_saturated_by_heat(image(0.2, 0.2), image(0.9, 0.8), image(2.6, 2.6), WHITE)
    assert found[0, 0, :3].tolist() == [True, True, False]


def test_a_scene_most_of_which_is_saturated_is_broken_and_not_hot() -> None:
    everything = np.full((1, 20, 20), 2.6, dtype=np.float32)
    assert not is_saturated_by_heat(np.full_like(everything, 0.2), everything, everything, WHITE).any()


def test_a_window_of_which_heat_saturates_a_third_is_not_broken() -> None:
    near, short, long = (np.full((1, 20, 20), level, dtype=np.float32) for level in (0.2, 0.25, 0.2))
    near[:, :7], short[:, :7], long[:, :7] = 0.6, 2.6, 2.6  # by 1300 K the near infrared glows a little, too
    found = is_saturated_by_heat(near, short, long, WHITE)
    assert found[0, :7].all()
    assert found.sum() == 140


def test_nothing_measured_is_nothing_saturated() -> None:
    nothing = np.full((1, 4, 4), np.nan, dtype=np.float32)
    assert not is_saturated_by_heat(nothing, nothing, nothing, WHITE).any()
