from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.features.hot_targets.whiteness import whiteness_of
from tests.features.hot_targets.skies import DROPLETS, chips_of, covered, ground, heated, roof, under

ALL = (slice(None), slice(None))


@given(depth=st.floats(3.0, 30.0), haze=st.sampled_from([0.0, 0.1, 0.25]), seed=st.integers(0, 20))
def test_the_veil_bounds_the_cloud_from_above(depth: float, haze: float, seed: int) -> None:
    """No cloud that lies over a pixel is brighter than its veil. Thinner ones over the whole scene pass for haze."""
    thin = 0.15 * depth / 2
    white = whiteness_of(chips_of(under(ground((40, 40), seed=seed, haze=haze), depth, DROPLETS)))
    assert np.quantile(white.veil, 0.01) > thin / (1 + thin) - 0.07  # less the air that it hides, 0.06
    assert white.is_valid.all()


def test_thick_cloud_is_white_and_ground_roofs_and_heat_are_not() -> None:
    cloud = whiteness_of(chips_of(under(ground(), 15.0)))
    assert cloud.is_white.mean() > 0.999
    assert whiteness_of(chips_of(ground())).veil.max() < 0.25
    metal = whiteness_of(chips_of(roof(ground(), (slice(30, 60), slice(30, 60)))))
    assert not metal.is_white[0, 30:60, 30:60].any()
    assert np.median(metal.veil[0, 30:60, 30:60]) > 0.3  # bright enough, but of another colour
    glowing = whiteness_of(chips_of(heated(ground(), 20, 20, 1400.0, 3.0)))
    assert glowing.is_hot[0, 20, 20]
    assert not glowing.is_white[0, 20, 20]
    assert glowing.is_hot.sum() == 1


def test_saturated_heat_is_hot() -> None:
    scene = ground()
    scene["swir16"][5, 5] = scene["swir22"][5, 5] = 1.64
    assert whiteness_of(chips_of(scene)).is_hot[0, 5, 5]


def test_a_pixel_without_a_needed_band_is_nothing() -> None:
    scene = under(ground(), 15.0)
    scene["swir16"][:10] = np.nan
    scene["blue"][20:30] = np.nan
    white = whiteness_of(chips_of(scene))
    assert not (white.is_valid | white.is_white | white.is_hot)[0, :10].any()
    assert (white.veil[0, :10] == -np.inf).all()
    assert white.is_white[0, 20:30].all()  # blue only sharpens the test


def test_a_missing_band_is_named() -> None:
    scene = ground()
    del scene["swir22"]
    with pytest.raises(InputError, match="swir22 missing"):
        whiteness_of(chips_of(scene))


def test_haze_is_no_cloud() -> None:
    hazy = whiteness_of(chips_of(ground(haze=0.3)))
    assert (hazy.is_white & (hazy.veil > 0.25)).mean() < 0.001
    assert hazy.haze[0] == pytest.approx(0.3, abs=0.05)


def test_colour_of_the_whole_scene_may_be_one() -> None:
    flat = covered(ground(), ALL, (0.5, 0.5, 0.002, 0.4, 0.3))
    assert whiteness_of(chips_of(flat)).is_white.all()
