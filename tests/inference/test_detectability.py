"""What a working unit shows, learned from counts whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from satverify.inference.detectability import (
    LEVEL_TERMS,
    SKY_TERMS,
    Covariates,
    _log_likelihood,
    covariates,
    fit_detectability,
    log_negative_binomial,
)
from satverify.inference.durations import FloatArray


def looks_of(rng: np.random.Generator, days: int) -> pd.DataFrame:
    """Two looks a day by two satellites, with a daily cloud cover."""
    time = pd.date_range("2020-01-01 18:00", periods=days, tz="UTC", unit="us").repeat(2)
    return pd.DataFrame(
        {
            "time": time,
            "sensor": "viirs",
            "satellite": ["N", "N20"] * days,
            "day_night": "N",
            "view_zenith_angle": rng.uniform(0, 60, 2 * days),
            "cloud_cover": rng.uniform(0, 100, days).repeat(2),
            "snow_depth": 0.0,
            "lit": rng.uniform(0, 3, days).repeat(2),
            "steady": 1.5,
        }
    )


def some_parameters(rng: np.random.Generator, streams: int) -> FloatArray:
    return np.asarray(rng.normal(0.2, 0.4, len(SKY_TERMS) + len(LEVEL_TERMS) + streams + 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_is_that_of_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = covariates(looks_of(rng, 60))
    counts = rng.poisson(0.9, 120).astype(np.float64)
    weights = rng.random(120)
    at = some_parameters(rng, len(known.streams))
    slope = _log_likelihood(at, counts, weights, known)[1]

    def value(parameters: FloatArray) -> float:
        return _log_likelihood(parameters, counts, weights, known)[0]

    numeric = optimize.approx_fprime(at, value, 1e-6)
    np.testing.assert_allclose(slope, numeric, rtol=1e-3, atol=1e-3)  # forward differences with steps of 1e-6


def test_the_count_is_scipys_negative_binomial() -> None:
    counts = np.arange(12.0)
    ours = log_negative_binomial(counts, np.full(12, 1.7), 0.8)
    np.testing.assert_allclose(ours, stats.nbinom.logpmf(counts, 0.8, 0.8 / (0.8 + 1.7)), rtol=1e-12)


def drawn(rng: np.random.Generator, known: Covariates) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Counts of a unit whose detection is known, its chance of an open sky, and its chance to be seen."""
    sky = np.array([0.5, 0.9, 0.2, -1.0, -0.5, 0.4, 0.0, 0.0, 0.0])
    logit = np.bincount(known.slot, known.sky @ sky) / np.bincount(known.slot)  # looks of one slot share their sky
    is_open = (1 / (1 + np.exp(-logit)))[known.slot]
    mean = np.exp(np.array([0.3, 0.9])[known.stream] + known.level @ np.array([-0.2, -0.4]))
    size = 1.5
    count = rng.negative_binomial(size, size / (size + mean)) * (rng.random(len(logit))[known.slot] < is_open)
    return count.astype(np.float64), is_open, is_open * (1 - (size / (size + mean)) ** size)


def test_two_years_of_counts_give_back_the_chance_to_be_seen() -> None:
    rng = np.random.default_rng(7)
    known = covariates(looks_of(rng, 730))
    counts, is_open, p_detect = drawn(rng, known)
    fitted = fit_detectability(counts, np.ones(len(counts)), known)
    # 1460 looks know a proportion to 0.013, and a logistic surface of six terms to about 0.03 on the mean
    assert np.abs(fitted.p_detect - p_detect).mean() < 0.03
    # a dark look beside a lit one was under an open sky: that tells an empty pixel from a shut sky
    assert np.abs(fitted.p_open - is_open).mean() < 0.05
    lit = fitted.p_open * fitted.mean_pixels
    assert lit.mean() == pytest.approx(counts.mean(), rel=0.05)


def test_looks_without_weight_teach_nothing() -> None:
    rng = np.random.default_rng(8)
    known = covariates(looks_of(rng, 365))
    counts, _, _ = drawn(rng, known)
    is_kept = rng.random(len(counts)) < 0.5
    spoilt = np.where(is_kept, counts, 40.0)
    clean = fit_detectability(counts, is_kept.astype(np.float64), known)
    other = fit_detectability(spoilt, is_kept.astype(np.float64), known)
    np.testing.assert_allclose(other.parameters, clean.parameters, atol=1e-9)


def test_a_short_history_stays_near_what_is_usual() -> None:
    rng = np.random.default_rng(9)
    known = covariates(looks_of(rng, 4))
    fitted = fit_detectability(np.zeros(8), np.ones(8), known)
    assert np.all(fitted.p_detect > 0.05)  # eight dark looks do not make a unit invisible
    assert np.all(fitted.p_detect < 0.7)


def test_satellites_have_levels_of_their_own() -> None:
    rng = np.random.default_rng(10)
    known = covariates(looks_of(rng, 365))
    counts, _, _ = drawn(rng, known)
    counts[known.stream == 1] = 0.0
    fitted = fit_detectability(counts, np.ones(len(counts)), known)
    assert known.streams == ("viirs:N20:N", "viirs:N:N")
    assert fitted.p_detect[known.stream == 1].max() < 0.05
    assert fitted.p_detect[known.stream == 0].mean() > 0.2


def test_what_is_unknown_of_the_sky_has_no_effect() -> None:
    looks = looks_of(np.random.default_rng(11), 3)
    blind = looks.assign(cloud_cover=np.nan, snow_depth=np.nan, view_zenith_angle=np.nan, lit=0.0, steady=0.0)
    known = covariates(blind)
    names = ("cloud", "overcast", "surroundings", "slant", "snow")
    assert not known.sky[:, [SKY_TERMS.index(name) for name in names]].any()
    assert not known.level.any()
    assert np.isfinite(known.sky).all()
