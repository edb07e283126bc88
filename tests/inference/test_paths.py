from __future__ import annotations

import numpy as np
import pytest

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.inference.durations import StateModel
from satverify.inference.paths import draw_paths
from satverify.inference.states import smooth
from tests.inference.examples import random_looks, random_model
from tests.inference.reference import enumerate_paths

DRAWS = 20_000
CHANCE = 0.02  # more than five standard errors of a share of 20,000 draws
FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)


@pytest.mark.parametrize("seed", range(5))
def test_draws_have_the_probability_of_their_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model, looks = random_model(rng), random_looks(rng, 5)
    every = enumerate_paths(looks, model)
    drawn = draw_paths(rng, looks, model, DRAWS) @ 3 ** np.arange(4, -1, -1)
    assert drawn.shape == (DRAWS,)
    np.testing.assert_allclose(np.bincount(drawn, minlength=3**5) / DRAWS, every.posterior, atol=CHANCE)


def test_shares_of_states_are_the_smoothed_posteriors_of_every_unit() -> None:
    rng = np.random.default_rng(6)
    model, looks = random_model(rng), random_looks(rng, 3, 30)
    start = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.0, 1.0]])
    drawn = draw_paths(rng, looks, model, DRAWS, start=start)
    assert drawn.shape == (DRAWS, 3, 30)
    shares = np.stack([(drawn == state).mean(axis=0) for state in range(3)], axis=2)
    np.testing.assert_allclose(shares, smooth(looks, model, start=start).smoothed, atol=CHANCE)


def test_no_drawn_stay_is_shorter_than_the_model_allows() -> None:
    drawn = draw_paths(np.random.default_rng(1), np.zeros((400, 3)), FURNACE, 50)
    for path in drawn:
        edges = np.flatnonzero(np.diff(path)) + 1
        stays = np.diff(edges)  # the first and last stay are cut off
        states = path[edges[:-1]]
        shortest = np.array([dwell.minimum for dwell in FURNACE.dwell])[states]
        assert (stays >= shortest).all()


def test_one_seed_gives_one_set_of_draws() -> None:
    looks = random_looks(np.random.default_rng(2), 40)
    one, two = (draw_paths(np.random.default_rng(5), looks, FURNACE, 10) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("strength", [800.0, np.inf])
def test_looks_that_contradict_the_shortest_stay_do_not_stop_the_draws(strength: float) -> None:
    running, halted = [0.0, -strength, -strength], [-strength, -strength, 0.0]
    looks = np.array([running] * 5 + [halted] + [running] * 5)
    drawn = draw_paths(np.random.default_rng(3), looks, FURNACE, 50)
    assert (drawn == 0).all()


def test_no_days_give_empty_histories() -> None:
    assert draw_paths(np.random.default_rng(1), np.zeros((0, 3)), FURNACE, 4).shape == (4, 0)


def test_at_least_one_draw_must_be_asked_for() -> None:
    with pytest.raises(InputError, match="at least 1, found 0"):
        draw_paths(np.random.default_rng(1), np.zeros((3, 3)), FURNACE, 0)
