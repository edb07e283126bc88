"""How probable it is that a requirement was met, against all paths of the states counted one by one."""

from __future__ import annotations

import itertools
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from satverify.domain.policy import Requirement
from satverify.domain.rules import VerdictRules
from satverify.inference.durations import FloatArray, StateModel, phase_chain
from satverify.verification.requirement import (
    HALTED_AT_START,
    LEVEL_ERROR,
    REDUCED_AT_START,
    Probability,
    p_halt,
    p_level,
    p_of,
    tolerance_of,
)
from tests.inference.examples import random_looks, random_model
from tests.verification.looks import FIRST, FURNACE, order

RULES = VerdictRules()
HALF_DAYS = (2, 1, 0)


def totals(loglik: FloatArray, model: StateModel, weights: tuple[int, int, int]) -> FloatArray:
    """P(total weight of the days, looks), shape (totals,): a sum over all paths of the phases."""
    chain = phase_chain(model)
    working = 1 - HALTED_AT_START
    first = chain.start(np.array([working * (1 - REDUCED_AT_START), working * REDUCED_AT_START, HALTED_AT_START]))
    mass = np.zeros(max(weights) * len(loglik) + 1)
    for path in itertools.product(range(len(chain.state)), repeat=len(loglik)):
        p = first[path[0]] * np.prod([chain.transition[a, b] for a, b in itertools.pairwise(path)])
        states = chain.state[list(path)]
        mass[sum(weights[state] for state in states)] += p * np.exp(loglik[np.arange(len(loglik)), states].sum())
    return mass


def factor(inside: float, outside: float, inside_before: float, outside_before: float) -> float:
    return float(np.log(inside / outside) - np.log(inside_before / outside_before))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_a_halt_is_weighed_as_all_paths_say(seed: int, tolerance: int) -> None:
    rng = np.random.default_rng(seed)
    model, loglik = random_model(rng, memoryless=seed % 2 == 0), random_looks(rng, 4)
    after, before = totals(loglik, model, (1, 1, 0)), totals(np.zeros((4, 3)), model, (1, 1, 0))
    cut = tolerance + 1
    expected = factor(after[:cut].sum(), after[cut:].sum(), before[:cut].sum(), before[cut:].sum())
    assert p_halt(loglik, model, tolerance).log_bayes_factor == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_is_weighed_as_all_pairs_of_paths_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(rng, memoryless=True)
    loglik, baseline = random_looks(rng, 4), random_looks(rng, 5)
    after, flat = totals(loglik, model, HALF_DAYS), totals(np.zeros((4, 3)), model, HALF_DAYS)
    base = totals(baseline, model, HALF_DAYS)
    after, flat, base = after / after.sum(), flat / flat.sum(), base / base.sum()
    met = np.zeros((len(base), len(after)))
    for before, now in itertools.product(range(len(base)), range(len(after))):
        off, level = 0.7 * before / 10 - now / 8, now / 8
        error = LEVEL_ERROR * min(1.0, 2 * level)
        met[before, now] = special.ndtr(off / error) if error > 0 else float(off >= 0)
    expected = special.logit(base @ met @ after) - special.logit(base @ met @ flat)
    assert p_level(loglik, baseline, model, most=0.7).log_bayes_factor == pytest.approx(expected, abs=1e-8)


@given(low=st.floats(0.01, 0.99), high=st.floats(0.01, 0.99), weight=st.floats(-50, 50))
def test_who_trusts_more_believes_more(low: float, high: float, weight: float) -> None:
    days = p_halt(np.zeros((3, 3)), FURNACE, 0).running_days
    one = Probability(log_bayes_factor=weight, running_days=days)
    low, high = sorted((low, high))
    assert one.p_met(low) <= one.p_met(high)


def test_looks_that_say_nothing_leave_any_prior_as_it_was() -> None:
    for flat in (p_halt(np.zeros((30, 3)), FURNACE, 2), p_level(np.zeros((30, 3)), np.zeros((30, 3)), FURNACE, 0.7)):
        assert flat.p_met(0.2) == pytest.approx(0.2)
        assert flat.p_met(0.8) == pytest.approx(0.8)


def test_a_tolerance_as_long_as_the_window_leaves_nothing_to_weigh() -> None:
    assert p_halt(random_looks(np.random.default_rng(1), 3), FURNACE, 3).log_bayes_factor == 0.0


@pytest.mark.parametrize(
    ("days", "asked", "expected"),
    [
        (1, None, 0),
        (3, None, 0),
        (4, None, 1),
        (8, None, 2),
        (10, None, 2),
        (40, None, 2),
        (60, None, 3),
        (120, None, 6),
        (10, 0.0, 0),
        (10, 5.0, 5),
        (3, 9.0, 2),
        (1, 1.0, 0),
        (10, 1.9, 1),
    ],
)
def test_the_tolerance_is_the_orders_or_else_the_rules(days: int, asked: float | None, expected: int) -> None:
    assert tolerance_of(order(FIRST, FIRST + timedelta(days=days), tolerance=asked), RULES) == expected


def level_days(days: int, state: int) -> FloatArray:
    """Looks that leave no doubt of one state."""
    loglik = np.full((days, 3), -6.0)
    loglik[:, state] = 0.0
    return loglik


@pytest.mark.parametrize(
    ("before", "now", "most", "expected"),
    [
        (0, 2, 0.7, "met"),
        (0, 0, 0.7, "not"),
        (0, 0, 0.9, "open"),  # a cut of a tenth is finer than three states can show
        (0, 1, 0.45, "open"),
        (1, 0, 0.7, "not"),
        (2, 0, 0.7, "not"),
    ],
)
def test_a_cut_is_held_against_its_own_baseline(before: int, now: int, most: float, expected: str) -> None:
    weight = p_level(level_days(30, now), level_days(30, before), FURNACE, most)
    low, high = weight.p_met(0.2), weight.p_met(0.8)
    found = "met" if low >= 0.95 else "not" if high <= 0.05 else "open"
    assert found == expected, (low, high)


def test_no_increase_is_broken_by_a_unit_that_stood_before_and_runs_now() -> None:
    window = order(
        FIRST,
        FIRST + timedelta(days=30),
        requirement=Requirement.NO_INCREASE,
        baseline=(FIRST - timedelta(days=60), FIRST - timedelta(days=30)),
    )
    for before, now, side in ((2, 0, -1), (0, 2, 1), (0, 0, 0)):
        weight = p_of(window, level_days(30, now), level_days(30, before), FURNACE, 0)
        verdict = (weight.p_met(0.2) >= 0.95) - (weight.p_met(0.8) <= 0.05)
        assert verdict == side, (before, now, weight)


def test_running_days_bracket_what_was_seen() -> None:
    loglik = np.concatenate([level_days(10, 0), level_days(20, 2)])
    days = p_halt(loglik, FURNACE, 2).running_days
    assert days.low <= 10 <= days.high
    assert days.median == 10
    assert days.level == 0.9
