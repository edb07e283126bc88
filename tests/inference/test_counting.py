from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.domain.sites import UnitKind
from satverify.errors import InputError, ModelError
from satverify.inference import counting
from satverify.inference.counting import window_evidence
from satverify.inference.durations import DwellTime, StateModel
from satverify.inference.states import smooth
from tests.inference.examples import random_looks, random_model
from tests.inference.reference import enumerate_paths

EXACT = 1e-9
SEEDS = st.integers(0, 2**32 - 1)
FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)


@given(seed=SEEDS, days=st.integers(1, 7), memoryless=st.booleans())
@settings(max_examples=40)
def test_distribution_equals_a_count_over_all_paths(seed: int, days: int, memoryless: bool) -> None:
    rng = np.random.default_rng(seed)
    model, looks = random_model(rng, memoryless=memoryless), random_looks(rng, days)
    weights = tuple(int(weight) for weight in rng.integers(0, 4, 3))
    p_halted, share = rng.random(2)
    start = np.array([(1 - p_halted) * (1 - share), (1 - p_halted) * share, p_halted])
    every = enumerate_paths(looks, model, start)
    totals = np.array(weights)[every.paths].sum(axis=1)
    result = window_evidence(looks, model, weights=(weights[0], weights[1], weights[2])).posterior(
        p_halted=p_halted, reduced_share=share
    )
    size = max(weights) * days + 1
    np.testing.assert_allclose(result.prior, np.bincount(totals, every.prior, size), atol=EXACT)
    np.testing.assert_allclose(result.posterior, np.bincount(totals, every.posterior, size), atol=EXACT)
    assert result.log_evidence == pytest.approx(np.log(every.prior @ every.likelihood), abs=EXACT)


@given(seed=SEEDS, days=st.integers(1, 40))
@settings(max_examples=20)
def test_mean_total_is_the_sum_of_the_smoothed_days(seed: int, days: int) -> None:
    rng = np.random.default_rng(seed)
    model, looks = random_model(rng), random_looks(rng, days)
    daily = smooth(looks[np.newaxis], model, start=np.array([0.35, 0.15, 0.5]))
    result = window_evidence(looks, model).posterior(p_halted=0.5, reduced_share=0.3)
    assert result.posterior @ np.arange(2 * days + 1) == pytest.approx(float((daily.smoothed[0] @ [2, 1, 0]).sum()))
    assert result.log_evidence == pytest.approx(daily.log_evidence[0], abs=EXACT)
    assert result.posterior.sum() == pytest.approx(1)
    assert result.prior.sum() == pytest.approx(1)


def test_many_windows_equal_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "WINDOWS_AT_ONCE", 3)
    looks = random_looks(np.random.default_rng(2), 8, 20)
    many = window_evidence(looks, FURNACE).posterior(p_halted=0.2)
    for window in range(8):
        one = window_evidence(looks[window], FURNACE).posterior(p_halted=0.2)
        np.testing.assert_allclose(many.posterior[window], one.posterior, atol=1e-12)
        assert many.log_evidence[window] == pytest.approx(one.log_evidence)
        assert many.p_at_most(4)[window] == pytest.approx(float(one.p_at_most(4)))
        assert many.quantile(0.5)[window] == one.quantile(0.5)


def test_without_looks_the_posterior_is_the_prior_and_the_bayes_factor_is_one() -> None:
    result = window_evidence(np.zeros((30, 3)), FURNACE).posterior(p_halted=0.5)
    np.testing.assert_allclose(result.posterior, result.prior, rtol=1e-10)
    assert result.log_bayes_factor(4) == pytest.approx(0, abs=1e-9)
    assert result.p_at_most(4, prior=0.2) == pytest.approx(0.2)


def test_bayes_factor_is_the_ratio_of_likelihoods_over_paths() -> None:
    rng = np.random.default_rng(4)
    model, looks = random_model(rng), random_looks(rng, 6)
    every = enumerate_paths(looks, model, np.array([0.5, 0.0, 0.5]))
    met = np.array([2, 1, 0])[every.paths].sum(axis=1) <= 3
    inside = every.prior[met] @ every.likelihood[met] / every.prior[met].sum()
    outside = every.prior[~met] @ every.likelihood[~met] / every.prior[~met].sum()
    result = window_evidence(looks, model).posterior(p_halted=0.5)
    assert result.log_bayes_factor(3) == pytest.approx(np.log(inside / outside))
    assert result.p_at_most(3) == pytest.approx(every.posterior[met].sum())
    odds = 0.2 / 0.8 * inside / outside
    assert result.p_at_most(3, prior=0.2) == pytest.approx(odds / (1 + odds))


def test_cold_looks_speak_for_a_halt_and_hot_looks_against_it() -> None:
    cold, hot = [np.log(0.3), np.log(0.5), np.log(0.98)], [np.log(0.7), np.log(0.5), np.log(0.02)]
    before = window_evidence(np.zeros((10, 3)), FURNACE).posterior(p_halted=0.5)
    for looks, sign in ((cold, 1), (hot, -1)):
        result = window_evidence(np.array([looks] * 10), FURNACE).posterior(p_halted=0.5)
        assert sign * (result.p_at_most(4) - before.p_at_most(4)) > 0.2
        assert sign * result.log_bayes_factor(4) > 3


def test_extreme_looks_give_certainty_and_no_warning() -> None:
    looks = np.tile([0.0, -300.0, -600.0], (150, 1))
    result = window_evidence(looks, FURNACE).posterior(p_halted=0.8)
    assert result.p_at_most(15) == pytest.approx(0, abs=1e-200)
    assert result.p_at_most(15, prior=0.8) == pytest.approx(0, abs=1e-200)
    assert result.posterior[300] == pytest.approx(1)
    assert result.log_bayes_factor(15) < -200


def test_events_that_are_certain_or_impossible_stay_so_at_any_prior() -> None:
    result = window_evidence(np.zeros((5, 3)), FURNACE).posterior(p_halted=0.5)
    assert result.p_at_most(10, prior=0.2) == 1
    assert result.p_at_most(-1, prior=0.8) == 0
    assert np.isnan(result.log_bayes_factor(10))


def test_quantiles_of_a_certain_total() -> None:
    certain = np.full((10, 3), -np.inf)
    certain[:, 0] = 0.0
    result = window_evidence(certain, FURNACE).posterior(p_halted=0.5)
    assert [int(result.quantile(p)) for p in (0.05, 0.5, 0.95)] == [20, 20, 20]


def test_the_first_state_may_be_certain() -> None:
    evidence = window_evidence(np.zeros((3, 3)), FURNACE)
    assert evidence.posterior(p_halted=1.0).prior[0] > 0.8
    assert evidence.posterior(p_halted=0.0).prior[0] == 0


@pytest.mark.parametrize(
    ("shape", "weights"), [((0, 3), (2, 1, 0)), ((4, 2), (2, 1, 0)), ((4,), (2, 1, 0)), ((4, 3), (2, 1, -1))]
)
def test_a_window_that_makes_no_sense_is_refused(shape: tuple[int, ...], weights: tuple[int, int, int]) -> None:
    with pytest.raises(InputError):
        window_evidence(np.zeros(shape), FURNACE, weights=weights)


def test_a_prior_that_is_no_probability_is_refused() -> None:
    with pytest.raises(InputError, match=r"1\.5"):
        window_evidence(np.zeros((4, 3)), FURNACE).posterior(p_halted=1.5)


def test_looks_that_the_model_cannot_bring_about_are_named() -> None:
    stay = DwellTime(mean=6, phases=3)
    model = StateModel(dwell=(stay, stay, stay), following=((0.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0)))
    looks = np.full((4, 3), -np.inf)
    looks[[0, 1, 2, 3], [0, 0, 2, 0]] = 0.0
    with pytest.raises(ModelError, match="window 0, day 3"):
        window_evidence(looks, model)
    with pytest.raises(ModelError, match="probability 0"):
        window_evidence(looks[:1], model).posterior(p_halted=1.0)
