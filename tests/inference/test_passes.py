from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.inference.durations import phase_chain
from satverify.inference.passes import backward, emission, forward, log_passes
from satverify.inference.states import smooth
from tests.inference.examples import random_looks, random_model, random_start

SEEDS = st.integers(0, 2**32 - 1)


def violent_looks(rng: np.random.Generator, days: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Looks that contradict each other with up to 3,000 nats, far beyond what a float can hold."""
    strength = rng.choice([0, 0, 1, 30, 300, 450, 700, 740, 760, 900, 3000], size=(1, days, 3))
    return -strength * rng.random((1, days, 3)).round(2)


@given(seed=SEEDS, days=st.integers(2, 24))
@settings(max_examples=300)
def test_violent_looks_give_what_logarithms_give(seed: int, days: int) -> None:
    rng = np.random.default_rng(seed)
    model, looks, start = random_model(rng), violent_looks(rng, days), random_start(rng)
    chain = phase_chain(model)
    slow = log_passes(looks, chain, chain.start(start))
    fast = smooth(looks, model, start=start)
    for phases, states in ((slow.smoothed, fast.smoothed), (slow.filtered, fast.online)):
        np.testing.assert_allclose(states[0], np.add.reduceat(phases, chain.first, axis=1)[:, :, 0], atol=1e-9)
    np.testing.assert_allclose(fast.log_evidence, slow.log_evidence, rtol=1e-9)


@pytest.mark.parametrize("seed", [372, 437, 483, 1204, 1466, 1547])  # the first of 4,000 in which this goes wrong
def test_a_path_that_underflows_beside_an_unlikely_day_is_not_lost_to_the_online_posterior(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model, looks = random_model(rng), violent_looks(rng, 18)
    chain = phase_chain(model)
    slow = np.add.reduceat(log_passes(looks, chain, chain.start()).filtered, chain.first, axis=1)
    np.testing.assert_allclose(smooth(looks, model).online[0], slow[:, :, 0], atol=1e-9)


@given(seed=SEEDS)
def test_past_and_future_multiply_to_one_on_every_day(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chain = phase_chain(random_model(rng))
    past = forward(emission(random_looks(rng, 4, 70)).likelihood, chain, chain.start())
    for filtered, future in zip(past.filtered[::-1], backward(past.gain, chain), strict=True):
        np.testing.assert_allclose((filtered * future).sum(axis=0), 1.0, rtol=1e-10)


@given(seed=SEEDS, days=st.integers(1, 70))
def test_likelihood_and_peak_give_the_looks_back(seed: int, days: int) -> None:
    looks = random_looks(np.random.default_rng(seed), 3, days)
    seen = emission(looks)
    assert seen.likelihood.max() == 1
    peak = looks.max(axis=2)
    np.testing.assert_allclose(np.log(seen.likelihood).transpose(2, 0, 1) + peak[:, :, np.newaxis], looks, atol=1e-9)
    np.testing.assert_allclose(seen.log_peak, peak.sum(axis=1), atol=1e-9)


def test_looks_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"expected shape \(units, days, 3\), found \(5, 3\)"):
        emission(np.zeros((5, 3)))
