"""Looks with likelihoods, from a history that holds stops nobody told of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.looks import LOGLIK_COLUMNS, USABLE, Quality
from satverify.domain.sites import UnitKind
from satverify.inference.durations import StateModel
from satverify.inference.observation import LEAST_HOT_DAYS, Days, Observation, by_day, observe
from satverify.inference.states import smooth
from tests.inference.heat import measured

FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)


def days_of(number: int) -> Days:
    return np.datetime64("2020-01-02") + np.arange(number)


def halted_days(seen: Observation) -> np.ndarray:
    return np.asarray(smooth(seen.daily[None], FURNACE).smoothed[0, :, 2])


def test_looks_are_summed_by_day_and_those_of_other_days_left_out() -> None:
    loglik = np.arange(12.0).reshape(4, 3)
    total = by_day(loglik, np.array([1, -1, 1, 0]), 3)
    assert total.tolist() == [[9.0, 10.0, 11.0], [6.0, 8.0, 10.0], [0.0, 0.0, 0.0]]


def test_a_stop_inside_the_history_is_found_and_does_not_blur_it() -> None:
    level = np.ones(500)
    level[200:260] = 0.0
    seen = observe(measured(np.random.default_rng(1), level), FURNACE, days_of(500))
    p_halted = halted_days(seen)
    assert p_halted[210:250].min() > 0.9
    assert p_halted[:190].max() < 0.5
    assert p_halted[270:].max() < 0.5
    whole = observe(measured(np.random.default_rng(1), np.ones(500)), FURNACE, days_of(500))
    assert seen.looks["p_detect"].mean() == pytest.approx(whole.looks["p_detect"].mean(), abs=0.05)


def test_a_works_that_mostly_stood_still_under_cloud_is_known_by_the_days_it_ran() -> None:
    level = np.zeros(500)
    level[:60] = 1.0
    seen = observe(measured(np.random.default_rng(2), level, p_open=0.4), FURNACE, days_of(500))
    assert np.mean(halted_days(seen)[100:] > 0.9) > 0.95
    assert halted_days(seen)[:50].max() < 0.5


def test_half_the_furnaces_gone_for_good_is_no_halt() -> None:
    level = np.ones(600)
    level[300:] = 0.5
    seen = observe(measured(np.random.default_rng(3), level, mean=3.0), FURNACE, days_of(600))
    assert halted_days(seen).max() < 0.5


@pytest.mark.parametrize("residual", [0.1, 0.3, 0.45])
def test_coke_ovens_that_burn_on_are_not_taken_for_iron_making(residual: float) -> None:
    level = np.ones(500)
    level[300:360] = residual
    heat = measured(np.random.default_rng(4), level, coke=True, mean=4.0)
    seen = observe(heat, FURNACE, days_of(500))
    window = seen.daily[300:360].sum(axis=0)
    assert window[2] > window[0] + 3.0  # halted, rather than at full work
    assert window[2] > window[1] - 2.0  # and at least not surely at reduced work
    assert halted_days(seen)[:280].max() < 0.5


def test_unusable_looks_carry_exactly_nothing() -> None:
    seen = observe(measured(np.random.default_rng(5), np.ones(300), p_outage=0.2), FURNACE, days_of(300))
    is_usable = seen.looks["quality"].isin([str(quality) for quality in USABLE])
    assert (seen.looks["quality"] == str(Quality.OUTAGE)).mean() > 0.1
    assert (seen.looks.loc[~is_usable, list(LOGLIK_COLUMNS)] == 0.0).all(axis=None)
    assert (seen.looks.loc[seen.looks["hot_pixels"] > 0, "quality"] == str(Quality.CLEAR)).all()


def test_days_are_the_sums_of_their_looks() -> None:
    seen = observe(measured(np.random.default_rng(6), np.ones(100)), FURNACE, days_of(100))
    summed = seen.looks.groupby("local_day")[list(LOGLIK_COLUMNS)].sum().to_numpy()
    np.testing.assert_allclose(seen.daily, summed, atol=1e-9)


def test_looks_outside_the_days_asked_for_teach_all_the_same() -> None:
    heat = measured(np.random.default_rng(7), np.ones(200))
    part = observe(heat, FURNACE, days_of(200)[150:160])
    whole = observe(heat, FURNACE, days_of(200))
    pd.testing.assert_frame_equal(part.looks, whole.looks)
    np.testing.assert_array_equal(part.daily, whole.daily[150:160])


def test_a_unit_that_was_never_hot_stays_unknown() -> None:
    level = np.zeros(400)
    heat = measured(np.random.default_rng(8), level)
    seen = observe(heat, FURNACE, days_of(400))
    assert not seen.has_history
    assert not seen.daily.any()
    assert (seen.looks["quality"] == str(Quality.LOW_QUALITY)).all()
    assert list(seen.looks) == list(LOOK_COLUMNS)


def test_a_few_hot_days_are_no_history() -> None:
    heat = measured(np.random.default_rng(9), np.zeros(400))
    counts = np.zeros(800, dtype=np.int64)
    counts[: 2 * (LEAST_HOT_DAYS - 1) : 2] = 1
    few = replace(heat, looks=heat.looks.assign(hot_pixels=counts))
    assert not observe(few, FURNACE, days_of(400)).has_history


def test_no_looks_at_all_are_no_history() -> None:
    heat = measured(np.random.default_rng(10), np.ones(5))
    nothing = replace(
        heat,
        looks=heat.looks.iloc[:0],
        pixel_look=np.zeros(0, dtype=np.int64),
        pixel_cell=np.zeros(0, dtype=np.int64),
    )
    seen = observe(nothing, FURNACE, days_of(5))
    assert not seen.has_history
    assert len(seen.looks) == 0
    assert seen.daily.shape == (5, 3)
