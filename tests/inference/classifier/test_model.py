from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from satverify.domain.looks import STATES, USABLE, Quality
from satverify.errors import ModelError
from satverify.inference.classifier.fitting import Fitted
from satverify.inference.classifier.inputs import DIRECTIONS, INPUTS, inputs_of
from satverify.inference.classifier.model import (
    ABSTAIN,
    ANY_KIND,
    CONDITIONS,
    STRONGEST,
    Detection,
    Question,
    group_log_likelihood,
    has_abstained,
    joined_answers,
    state_log_likelihood,
    working_log_ratio,
)
from satverify.inference.classifier.trees import Trees
from satverify.inference.visibility import RUNNING
from tests.inference.classifier.made_heat import FURNACE, OVENS, SINTER, made_looks

ASKED = made_looks(sites=6, looks=40, kinds=(FURNACE, SINTER), seed=99)
SENSOR = "sentinel-2-l1c"


def test_hot_looks_speak_for_work_and_cold_ones_against_it(fitted: Fitted) -> None:
    ratio = working_log_ratio(state_log_likelihood(fitted.model, ASKED))
    hot = (ASKED["hot_pixels"] > 0).to_numpy()
    assert (ratio[hot] > ABSTAIN).mean() > 0.98
    assert (ratio[~hot] < -ABSTAIN).mean() > 0.9


def test_a_cold_look_says_no_more_than_the_share_that_is_hidden_allows(fitted: Fitted) -> None:
    """Of looks at working units 15 % show nothing, so a cold look is 1 to 0.15 for a halt, whatever the prior was."""
    loglik = state_log_likelihood(fitted.model, ASKED[ASKED["hot_pixels"] == 0])
    assert float(np.median(working_log_ratio(loglik))) == pytest.approx(np.log(0.15), abs=0.35)


def test_the_training_prior_is_divided_out() -> None:
    trees = Trees.constant(special.logit(0.8))
    told = Question(trees=trees, slope=1.0, offset=0.0, prior=float(special.logit(0.8))).log_ratio(np.zeros((2, 1)))
    np.testing.assert_allclose(told, 0.0, atol=1e-12)


@pytest.mark.parametrize("quality", [quality for quality in Quality if quality not in USABLE])
def test_a_look_that_is_not_usable_says_exactly_nothing(fitted: Fitted, quality: Quality) -> None:
    assert (state_log_likelihood(fitted.model, ASKED.assign(quality=str(quality))) == 0).all()


@pytest.mark.parametrize("change", [{"sensor": "sentinel-9"}, {"kind": OVENS}])
def test_a_sensor_that_was_not_learned_and_a_kind_that_never_halts_say_exactly_nothing(
    fitted: Fitted, change: dict[str, str]
) -> None:
    assert (state_log_likelihood(fitted.model, ASKED.assign(**change)) == 0).all()


def test_a_kind_without_a_group_gets_the_answer_of_its_sensors_pool(fitted: Fitted) -> None:
    stranger = ASKED.assign(kind="pellet_plant")
    pooled = group_log_likelihood(fitted.model.groups[SENSOR, ANY_KIND], inputs_of(stranger))
    np.testing.assert_array_equal(state_log_likelihood(fitted.model, stranger), pooled)


def test_rows_may_come_in_any_order_and_on_any_index(fitted: Fitted) -> None:
    shuffled = ASKED.sample(frac=1, random_state=5)
    told = state_log_likelihood(fitted.model, shuffled)
    np.testing.assert_array_equal(told[np.argsort(shuffled.index)], state_log_likelihood(fitted.model, ASKED))


def test_nothing_measured_is_still_an_answer_within_bounds(fitted: Fitted) -> None:
    floats = ASKED.select_dtypes("float64").columns
    told = state_log_likelihood(fitted.model, ASKED.assign(**dict.fromkeys(floats, np.nan)))
    assert np.isfinite(told).all()
    assert np.abs(told).max() <= STRONGEST


@pytest.mark.parametrize("name", ["swir22_excess", "hot_pixels", "radiant_power", "swir22_peak"])
def test_more_heat_never_speaks_for_a_halt_however_far_beyond_training(fitted: Fitted, name: str) -> None:
    ratios = [
        state_log_likelihood(fitted.model, ASKED.assign(**{name: level}))[:, RUNNING] for level in (0.0, 1e2, 1e4, 1e8)
    ]
    assert (np.diff(ratios, axis=0) >= -1e-9).all()
    assert DIRECTIONS["swir22_signal"] == 1


def test_no_rows_give_no_rows(fitted: Fitted) -> None:
    assert state_log_likelihood(fitted.model, ASKED.iloc[:0]).shape == (0, len(STATES))


@given(working=st.floats(-3, 3), full=st.floats(-0.5, 0.5), prior=st.floats(-3, 3))
def test_the_two_states_at_work_mix_to_what_was_said_of_work(working: float, full: float, prior: float) -> None:
    told = joined_answers(np.array([working]), np.array([full]), prior)[0]
    share = special.expit(prior)
    np.testing.assert_allclose(share * np.exp(told[0]) + (1 - share) * np.exp(told[1]), np.exp(working), rtol=1e-9)
    np.testing.assert_allclose(told[0] - told[1], full, atol=1e-9)
    assert told[2] == 0


@given(working=st.floats(-50, 50), full=st.floats(-50, 50))
def test_no_look_says_more_than_the_method_was_tested_for(working: float, full: float) -> None:
    assert np.abs(joined_answers(np.array([working]), np.array([full]), 1.0)).max() <= STRONGEST


def test_a_look_abstains_below_two_to_one() -> None:
    loglik = np.array([[level, level, 0.0] for level in (ABSTAIN - 1e-6, ABSTAIN + 1e-6, -ABSTAIN + 1e-6, -1.0, 0.0)])
    np.testing.assert_array_equal(has_abstained(loglik), [True, False, True, False, True])


def test_unknown_conditions_count_as_their_middle() -> None:
    detection = Detection(coefficients=np.linspace(-1, 1, len(CONDITIONS) + 1), middle=np.linspace(0.1, 0.7, 7))
    known = ASKED.assign(**dict(zip(CONDITIONS, detection.middle, strict=True)))
    np.testing.assert_array_equal(
        detection.p_seen(ASKED.assign(**dict.fromkeys(CONDITIONS, np.nan))), detection.p_seen(known)
    )


@pytest.mark.parametrize(("slope", "offset"), [(0.0, 0.0), (-1.0, 0.0), (np.nan, 0.0), (1.0, np.inf)])
def test_a_calibration_that_turns_answers_round_is_refused(slope: float, offset: float) -> None:
    with pytest.raises(ModelError, match="expected a positive slope"):
        Question(trees=Trees.constant(0.0), slope=slope, offset=offset, prior=0.0)


def test_inputs_have_a_direction_each() -> None:
    assert tuple(DIRECTIONS) == INPUTS
