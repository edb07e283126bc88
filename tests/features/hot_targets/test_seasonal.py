from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.seasonal import YEAR, seasonal_contrast

TWO_YEARS = np.datetime64("2020-01-05", "us") + np.arange(0, 730, 16) * np.timedelta64(1, "D")


def course(level: float = 6.0, swing: float = 4.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Warmest in early July."""
    days = (TWO_YEARS - np.datetime64("2020-01-05")) / np.timedelta64(1, "D")
    return level - swing * np.cos(2 * np.pi * days / YEAR)


def test_the_course_of_a_year_is_found_again() -> None:
    truth = course()
    rng = np.random.default_rng(0)
    usual, spread = seasonal_contrast(TWO_YEARS, (truth + rng.normal(0, 0.5, truth.shape))[None], np.full((1, 46), 0.5))
    np.testing.assert_allclose(usual[0], truth, atol=0.45)  # three standard errors of 46 looks and three coefficients
    assert float(np.median(spread)) == pytest.approx(0.7, abs=0.25)  # noise as given, and as seen


def test_weeks_of_standstill_stand_out_of_the_course() -> None:
    seen = course() + np.random.default_rng(1).normal(0, 0.4, 46)
    seen[20:26] -= 8.0
    usual, spread = seasonal_contrast(TWO_YEARS, seen[None], np.full((1, 46), 0.4))
    sigmas = (seen - usual[0]) / spread[0]
    assert sigmas[20:26].max() < -4
    assert np.abs(np.delete(sigmas, slice(20, 26))).max() < 4


def test_days_without_a_look_have_a_usual_value_and_a_wider_spread() -> None:
    seen = course()
    winter = np.abs(((TWO_YEARS - np.datetime64("2020-01-05")) / np.timedelta64(1, "D") + 60) % YEAR - 60) < 60
    seen[~winter] = np.nan
    usual, spread = seasonal_contrast(TWO_YEARS, seen[None], np.where(np.isfinite(seen), 0.3, np.nan)[None])
    assert np.isfinite(usual).all()
    assert spread[0, ~winter].max() > 2 * spread[0, winter].max()
    np.testing.assert_allclose(usual[0, winter], seen[winter], atol=0.5)


def test_few_looks_have_no_course() -> None:
    seen = course()
    seen[4:] = np.nan
    usual, spread = seasonal_contrast(TWO_YEARS, np.stack([seen, course()]), np.full((2, 46), 0.3))
    assert np.isnan([usual[0], spread[0]]).all()
    assert np.isfinite([usual[1], spread[1]]).all()


def test_a_cooler_that_is_always_warm_keeps_its_level() -> None:
    usual, _ = seasonal_contrast(TWO_YEARS, np.full((1, 46), 35.0), np.full((1, 46), 0.3))
    np.testing.assert_allclose(usual, 35.0, atol=0.05)
