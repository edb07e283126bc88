from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.verification.calibration import calibration


def test_the_brier_score_of_known_cases() -> None:
    found = calibration(np.array([0.9, 0.2, 0.5]), np.array([True, False, True]))
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.25) / 3)


def test_the_expected_error_weighs_each_bin_by_its_cases() -> None:
    # three cases near 0.85 of which two are true, one at 0.15 that is false
    found = calibration(np.array([0.85, 0.85, 0.85, 0.15]), np.array([True, True, False, False]))
    assert found.expected_error == pytest.approx(0.75 * abs(0.85 - 2 / 3) + 0.25 * 0.15)
    assert [(each.low, each.cases) for each in found.bins] == [(0.1, 1), (0.8, 3)]


def test_certainty_that_is_right_scores_nothing() -> None:
    found = calibration(np.array([1.0, 0.0]), np.array([True, False]))
    assert (found.brier, found.expected_error) == (0.0, 0.0)


def test_balanced_weights_give_both_truths_half() -> None:
    # nine running windows told 0.1, one halted one told 0.1: fine as it is, wrong at even odds
    probability, is_true = np.full(10, 0.1), np.array([True] + [False] * 9)
    assert calibration(probability, is_true).expected_error == pytest.approx(0.0)
    balanced = calibration(probability, is_true, balanced=True)
    assert balanced.expected_error == pytest.approx(0.4)
    assert balanced.brier == pytest.approx(0.5 * 0.81 + 0.5 * 0.01)


def test_without_cases_there_is_no_score() -> None:
    assert calibration(np.zeros(0), np.zeros(0, dtype=bool)).brier is None
    assert calibration(np.array([0.5]), np.array([True]), balanced=True).brier is None


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="probabilities"):
        calibration(np.array([value]), np.array([True]))


@given(seed=st.integers(0, 2**32 - 1))
def test_outcomes_drawn_at_what_was_said_are_calibrated(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability = rng.random(20_000)
    found = calibration(probability, rng.random(20_000) < probability)
    assert found.expected_error is not None
    assert (
        found.expected_error < 0.03
    )  # each bin of 2000 cases errs by 0.009 in the mean, 0.03 is beyond five of its sigma
    assert found.brier == pytest.approx(1 / 6, abs=0.01)  # mean of p (1 - p) over [0, 1]
