from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control

from satverify.domain.findings import Finding, LookCount, Statement, Tier, Verdict
from satverify.domain.policy import Requirement
from satverify.verification.fdr import FloatArray, is_tested, p_bound, q_values, with_q_values

BENJAMINI_HOCHBERG_1995 = np.array(  # section 3.2 of J. R. Statist. Soc. B 57, 289-300: 15 hypotheses, sorted p-values
    [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
        *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
    ]
)
probabilities = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))


def finding(p_met: float, verdict: Verdict = Verdict.UNDETERMINED, reason: str = "seen_hot", clear: int = 5) -> Finding:
    return Finding(
        finding_id=f"o:u:{p_met}",
        order_id="o",
        site_id="s",
        unit_id="u",
        requirement=Requirement.HALT,
        start=date(2022, 1, 1),
        stop=date(2022, 2, 1),
        verdict=verdict,
        p_met=p_met,
        p_met_range=(p_met, p_met),
        running_days=None,
        longest_unseen_run_days=0,
        looks=LookCount(clear=clear, hot=0, cold=clear, unusable=0, by_sensor=(("viirs", clear),)),
        tier=Tier.NONE,
        q_value=None,
        reasons=(Statement(code=reason),),
        alternatives=(),
    )


def test_by_keeps_three_of_the_fifteen_hypotheses_of_benjamini_and_hochberg() -> None:
    # sum of 1/i to 15 is 3.3182: the bound of rank 3 is 0.05 * 3 / (15 * 3.3182) = 0.00301, of rank 4 it is 0.00402
    assert np.count_nonzero(q_values(BENJAMINI_HOCHBERG_1995) <= 0.05) == 3


def test_q_values_by_hand() -> None:
    # m = 3, 1 + 1/2 + 1/3 = 11/6: 0.01*3*11/6 = 0.055; 0.02*3/2*11/6 = 0.055; 0.5*11/6 = 0.917
    np.testing.assert_allclose(q_values(np.array([0.5, 0.01, 0.02])), [11 / 12, 0.055, 0.055], rtol=1e-12)  # round-off


@given(probabilities)
def test_q_values_agree_with_scipy(p: FloatArray) -> None:
    np.testing.assert_allclose(
        q_values(p), false_discovery_control(p, method="by"), rtol=1e-12, atol=1e-300
    )  # round-off


@given(probabilities)
def test_q_values_are_no_smaller_than_p_and_keep_its_order(p: FloatArray) -> None:
    q = q_values(p)
    assert np.all(q >= p * (1 - 1e-12) - 1e-300)  # round-off
    assert np.all(q <= 1)
    assert np.all(np.diff(q[np.argsort(p, kind="stable")]) >= 0)


@given(probabilities)
def test_q_values_do_not_depend_on_the_order_of_findings(p: FloatArray) -> None:
    order = np.random.default_rng(p.size).permutation(p.size)
    np.testing.assert_array_equal(q_values(p[order]), q_values(p)[order])


@given(probabilities, st.integers(0, 5))
def test_what_was_not_tested_is_nan_and_does_not_count(p: FloatArray, blanks: int) -> None:
    q = q_values(np.concatenate([np.full(blanks, np.nan), p]))
    assert np.all(np.isnan(q[:blanks]))
    np.testing.assert_array_equal(q[blanks:], q_values(p))


def test_no_findings_have_no_q_values() -> None:
    assert q_values(np.array([])).size == 0
    assert np.isnan(q_values(np.array([np.nan]))).all()


def test_p_bound_is_the_inverse_bayes_factor() -> None:
    p_met = np.array([0.0, 0.01, 0.05, 0.5, 0.9, 1.0, np.nan])
    np.testing.assert_allclose(p_bound(p_met), [0, 1 / 99, 1 / 19, 1, 1, 1, np.nan], rtol=1e-12)  # round-off


def test_p_bound_is_a_p_value_where_the_requirement_was_met() -> None:
    # ten cold or hot looks of a unit that obeyed: hot with chance 0.1; were it running, 0.6
    hot = np.random.default_rng(1).binomial(10, 0.1, size=100_000)
    factor = (0.6 / 0.1) ** hot * (0.4 / 0.9) ** (10 - hot)
    p = p_bound(1 / (1 + factor))
    for level in (0.01, 0.05, 0.2):
        assert np.mean(p <= level) <= level


@pytest.mark.parametrize("reason", ["no_usable_look", "not_separable", "outside_coverage", "not_observable_kind"])
def test_findings_that_nothing_could_decide_get_no_q_value(reason: str) -> None:
    assert with_q_values([finding(0.5, reason=reason)])[0].q_value is None
    assert not is_tested(finding(0.5, clear=0))
    assert not is_tested(replace(finding(0.5), requirement=Requirement.EXEMPT))


def test_a_weak_finding_counts_as_a_test_and_an_untestable_one_does_not() -> None:
    accusation = finding(0.001, Verdict.INCONSISTENT)
    alone, _ = with_q_values([accusation, finding(0.5, reason="no_usable_look")])
    among, weak = with_q_values([accusation, finding(0.4, reason="evidence_weak")])
    assert alone.q_value == pytest.approx(0.001 / 0.999)
    assert among.q_value == pytest.approx(0.001 / 0.999 * 2 * 1.5)
    assert weak.q_value == 1.0
    assert replace(among, q_value=None) == accusation
