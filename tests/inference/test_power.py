"""Radiative power beside the count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.inference.durations import FloatArray
from satverify.inference.power import LEAST_LOOKS, MOST, power_ratio

RUNNING, REDUCED, HALTED = range(3)


def usual(looks: int = 200, level: float = 3.0) -> FloatArray:
    """Power of looks with one pixel each, scattered by half about a level. [MW]"""
    return np.asarray(level * np.exp(np.random.default_rng(3).normal(0.0, 0.5, looks)))


def ratio_of(power: FloatArray, pixels: FloatArray | None = None) -> FloatArray:
    ones = np.ones(len(power))
    return power_ratio(ones if pixels is None else pixels, power, np.zeros(len(power), dtype=np.intp), ones)


def test_weak_pixels_speak_against_usual_work_and_usual_ones_for_it() -> None:
    power = usual()
    found = ratio_of(np.concatenate([power, [0.9, 3.0]]))
    weak, plain = found[-2], found[-1]
    assert min(weak[HALTED], weak[REDUCED]) > 0 == weak[RUNNING]
    assert plain[HALTED] < plain[REDUCED] < 0 == plain[RUNNING]


def test_over_looks_at_usual_work_power_speaks_for_it() -> None:
    found = ratio_of(usual(2000))
    assert found[:, HALTED].mean() < found[:, REDUCED].mean() < 0


def test_no_look_weighs_more_than_the_bound() -> None:
    found = ratio_of(np.concatenate([usual(), [1e-4, 1e4]]))
    assert np.abs(found).max() == pytest.approx(MOST)


def test_power_counts_by_the_pixel() -> None:
    power = usual()
    pixels = np.random.default_rng(4).integers(1, 6, len(power)).astype(np.float64)
    np.testing.assert_allclose(ratio_of(power * pixels, pixels), ratio_of(power), atol=1e-12)


@given(st.floats(1e-3, 1e3))
def test_the_unit_of_power_does_not_matter(factor: float) -> None:
    power = usual(60)
    np.testing.assert_allclose(ratio_of(power * factor), ratio_of(power), atol=1e-9)


def test_what_is_not_known_says_nothing() -> None:
    power = usual()
    dark = power.copy()
    dark[::2] = np.nan
    assert (ratio_of(dark)[::2] == 0).all()
    pixels = np.ones(len(power))
    pixels[5] = 0.0
    assert (ratio_of(power, pixels)[5] == 0).all()
    assert (ratio_of(power[: LEAST_LOOKS - 1]) == 0).all()
    assert ratio_of(np.empty(0)).shape == (0, 3)


def test_satellites_are_not_compared_with_each_other_and_halted_looks_teach_nothing() -> None:
    bright, faint = usual(level=10.0), usual(level=1.0)
    stream = np.repeat([0, 1], 200).astype(np.intp)
    both = power_ratio(np.ones(400), np.concatenate([bright, faint]), stream, np.ones(400))
    np.testing.assert_allclose(both[:200], both[200:], atol=1e-9)
    weights = np.ones(400)
    weights[200:] = 0.0
    assert (power_ratio(np.ones(400), np.concatenate([bright, faint]), stream, weights)[200:] == 0).all()
