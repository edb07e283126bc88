from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from satverify.simulate.scenes.noise import chance, key_of, normal, uniform, value_noise

KEYS = st.integers(0, 2**64 - 1)


def test_keys_depend_on_every_part_and_on_their_order() -> None:
    parts = [(1, "a", 2), (2, "a", 1), (1, "a", 3), (1, "b", 2), (1, "a"), ("a", 1, 2), (1, "a", -2), (1, "a", 2**70)]
    assert len({key_of(*each) for each in parts}) == len(parts)
    assert key_of(1, "a", 2) == key_of(1, "a", 2)


def test_numbers_are_the_same_on_every_machine() -> None:
    """Written down once: a change here changes every simulated scene."""
    assert key_of(7, "noise", "B12") == 3_190_433_918_718_447_748
    drawn = uniform(12345, np.array([0, -1, 10**9]), np.array([0, 5, -(10**9)]))
    assert drawn.tolist() == [0.9508810691208035, 0.04745661770062959, 0.5642361333810395]


@given(key=KEYS)
def test_numbers_of_neighbours_are_even_and_unrelated(key: int) -> None:
    block = uniform(key, np.arange(60)[:, None] - 30, np.arange(60)[None, :] + 10**6)
    assert kstest(block.ravel(), "uniform").pvalue > 1e-6
    for one, two in ((block[1:], block[:-1]), (block[:, 1:], block[:, :-1]), (block[1:, 1:], block[:-1, :-1])):
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1  # six standard deviations


@given(key=KEYS)
def test_normal_numbers_have_mean_0_and_variance_1(key: int) -> None:
    drawn = normal(key, np.arange(100)[:, None], np.arange(100)[None, :])
    assert abs(drawn.mean()) < 0.06
    assert abs(drawn.var() - 1) < 0.08
    assert np.abs(drawn).max() < 3.5


def test_chances_are_as_frequent_as_they_say() -> None:
    drawn = np.array([chance(3, "again", number) for number in range(4000)])
    assert abs((drawn < 0.02).mean() - 0.02) < 0.009
    assert ((drawn >= 0) & (drawn < 1)).all()


@given(key=KEYS, east=st.floats(-1e4, 1e4), north=st.floats(-1e4, 1e4))
def test_the_surface_is_smooth_and_does_not_depend_on_what_else_is_asked(key: int, east: float, north: float) -> None:
    x, y = east + np.linspace(0, 3, 40), north + np.linspace(0, 2, 30)
    apart = value_noise(key, x[None, :], y[:, None])
    together = value_noise(key, *np.meshgrid(x, y))
    np.testing.assert_array_equal(apart, together)
    np.testing.assert_array_equal(value_noise(key, x[None, 7:9], y[3:5, None]), apart[3:5, 7:9])
    assert ((apart >= 0) & (apart < 1)).all()
    assert np.abs(np.diff(apart, axis=1)).max() < 0.13  # 1.5 between posts a unit apart, at most
    assert np.ptp(apart) > 0


def test_nothing_asked_is_nothing_given() -> None:
    assert value_noise(1, np.zeros((0, 1)), np.zeros((1, 5))).shape == (0, 5)
