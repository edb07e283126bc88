"""Surfaces that are kept are those that would be computed, and what is kept makes no difference to what is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.noise import value_noise
from satverify.simulate.scenes.pixels import daylight
from satverify.simulate.scenes.textures import pixels_of, run_of, texture
from satverify.simulate.weather import THIN
from tests.simulate.scenes.ground_at import DAY, JANUARY, block, world


def with_gap() -> Pixels:
    whole = block(20.0, 30)
    return replace(whole, columns=whole.columns[:, [0, 1, 5, 9]])


def scattered() -> Pixels:
    whole = block(20.0, 30)
    rows, columns = np.broadcast_arrays(whole.rows, whole.columns)
    return replace(whole, rows=rows, columns=columns)


@pytest.mark.parametrize("pixels", [block(20.0, 30), block(30.0, 1), block(20.0, 320), with_gap(), scattered()])
def test_a_texture_is_the_noise_at_the_middles_of_pixels_whether_it_is_kept_or_not(pixels: Pixels) -> None:
    expected = value_noise(5, pixels.x / 55.0, pixels.y / 55.0)
    for _ in range(2):
        np.testing.assert_array_equal(texture(5, pixels, 55.0), expected)
    assert not np.array_equal(texture(6, pixels, 55.0), expected)


def test_only_whole_rows_and_columns_without_gaps_are_a_run_and_lead_back_to_the_same_pixels() -> None:
    pixels = replace(block(30.0, 20), origin=(15.0, 15.0))
    run = run_of(pixels)
    assert run is not None
    back = pixels_of(run, pixels.frame)
    np.testing.assert_array_equal(back.x, pixels.x)
    np.testing.assert_array_equal(back.y, pixels.y)
    down = replace(pixels, rows=pixels.rows[::-1])
    assert [run_of(each) for each in (with_gap(), scattered(), down)] == [None, None, None]


def test_ground_that_clouds_hide_is_not_drawn_and_cannot_be_missed() -> None:
    pixels, hidden = block(20.0, 40), 0
    for day in range(60):
        time = JANUARY + day * DAY
        bare, drawn = (daylight.sunlit(world(), pixels, time, is_bare=is_bare) for is_bare in (True, False))
        np.testing.assert_array_equal(bare.excess, drawn.excess)
        np.testing.assert_array_equal(bare.temperature, drawn.temperature)
        is_hidden = bool((drawn.excess >= THIN).all())
        assert (bare.cover.soil.shape == (1, 1)) == is_hidden
        hidden += is_hidden
    assert 5 < hidden < 55
