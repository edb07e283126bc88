from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.looks import STATES, State
from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.inference.durations import DwellTime, StateModel, phase_chain
from tests.inference.examples import random_model
from tests.inference.reference import dwell_pmf, stationary, survival

ROUND_OFF = 1e-12
HALTED = STATES.index(State.HALTED)


@given(phases=st.integers(1, 5), delay=st.integers(0, 4), stretch=st.floats(1.0, 50.0), seed=st.integers(0, 2**32 - 1))
def test_stay_in_the_expanded_chain_is_negative_binomial(phases: int, delay: int, stretch: float, seed: int) -> None:
    dwell = DwellTime(mean=delay + phases * stretch, phases=phases, delay=delay)
    other = random_model(np.random.default_rng(seed))
    model = StateModel(dwell=(other.dwell[0], dwell, other.dwell[2]), following=other.following)
    chain = phase_chain(model)
    block = chain.block(1)
    inside = chain.transition[block, block]
    here = np.zeros(phases + delay)
    here[0] = 1.0
    leaving = [0.0]
    for _ in range(40):
        leaving.append(float(here.sum() - (here @ inside).sum()))
        here = here @ inside
    np.testing.assert_allclose(leaving, dwell_pmf(dwell, 40), atol=1e-9)  # scipy's pmf has round-off of 1e-10


@given(phases=st.integers(1, 5), delay=st.integers(0, 4), stretch=st.floats(1.0, 20.0))
def test_mean_stay_is_the_sum_of_the_stages(phases: int, delay: int, stretch: float) -> None:
    dwell = DwellTime(mean=delay + phases * stretch, phases=phases, delay=delay)
    assert (1 / dwell.leave_probability).sum() == pytest.approx(dwell.mean)
    assert dwell_pmf(dwell, 2000) @ np.arange(2001) == pytest.approx(dwell.mean)
    assert dwell_pmf(dwell, dwell.minimum - 1).sum() == 0


@given(seed=st.integers(0, 2**32 - 1))
def test_long_run_probability_does_not_change_with_time(seed: int) -> None:
    model = random_model(np.random.default_rng(seed))
    chain = phase_chain(model)
    np.testing.assert_allclose(chain.transition.sum(axis=1), 1.0, rtol=ROUND_OFF)
    np.testing.assert_allclose(chain.start() @ chain.transition, chain.start(), atol=ROUND_OFF)
    np.testing.assert_allclose(chain.stationary, stationary(model), atol=1e-9)  # iterated


@given(seed=st.integers(0, 2**32 - 1))
def test_a_stay_of_unknown_age_has_the_residual_life_of_renewal_theory(seed: int) -> None:
    model = random_model(np.random.default_rng(seed))
    chain = phase_chain(model)
    for state, dwell in enumerate(model.dwell):
        block = chain.block(state)
        here, rest = chain.residual[block], []
        for _ in range(30):
            after = here @ chain.transition[block, block]
            rest.append(here.sum() - after.sum())
            here = after
        np.testing.assert_allclose(rest, survival(dwell, 30)[1:] / dwell.mean, atol=1e-9)  # scipy's pmf, summed


def test_a_given_first_state_is_spread_over_its_own_phases() -> None:
    chain = phase_chain(StateModel.for_kind(UnitKind.BLAST_FURNACE))
    start = chain.start(np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]))
    assert start.shape == (2, len(chain.state))
    for state in range(3):
        np.testing.assert_allclose(start[:, chain.block(state)].sum(axis=1), [[0.2, 0.3, 0.5][state], [1, 0, 0][state]])


@pytest.mark.parametrize("kind", list(UnitKind))
def test_every_kind_has_a_model_that_runs_more_than_it_stands(kind: UnitKind) -> None:
    stationary_share = phase_chain(StateModel.for_kind(kind)).stationary
    assert stationary_share.sum() == pytest.approx(1)
    assert stationary_share[0] > 0.5
    assert stationary_share.min() > 0.01


def test_furnaces_stand_for_days_and_sinter_machines_may_stand_for_one() -> None:
    assert StateModel.for_kind(UnitKind.BLAST_FURNACE).dwell[HALTED].minimum >= 3
    assert StateModel.for_kind(UnitKind.SINTER_MACHINE).dwell[HALTED].minimum == 1


def test_arrays_of_a_shared_chain_cannot_be_changed() -> None:
    chain = phase_chain(StateModel.for_kind(UnitKind.CONVERTER))
    with pytest.raises(ValueError, match="read-only"):
        chain.transition[0, 0] = 0.5


@pytest.mark.parametrize(
    ("mean", "phases", "delay"), [(2, 3, 0), (3, 2, 2), (5, 0, 0), (5, 1, -1), (float("inf"), 1, 0)]
)
def test_an_impossible_dwell_time_is_refused(mean: float, phases: int, delay: int) -> None:
    with pytest.raises(InputError, match="dwell time: expected"):
        DwellTime(mean=mean, phases=phases, delay=delay)


def test_a_dwell_time_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(InputError, match="nan"):
        DwellTime(mean=float("nan"))


@pytest.mark.parametrize(
    "following",
    [
        ((0.1, 0.4, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0)),
        ((0.0, 0.4, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0)),
        ((0.0, 1.5, -0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0)),
    ],
)
def test_following_states_must_be_probabilities_of_other_states(
    following: tuple[tuple[float, float, float], ...],
) -> None:
    stay = DwellTime(mean=3)
    with pytest.raises(InputError, match="following: expected"):
        StateModel(dwell=(stay, stay, stay), following=following)
