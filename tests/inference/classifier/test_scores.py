from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from satverify.errors import InputError
from satverify.inference.classifier.model import ABSTAIN
from satverify.inference.classifier.scores import (
    SCORED_COLUMNS,
    abstained_share,
    balanced_accuracy,
    baseline_answers,
    by_local_day,
    by_site,
    decided_accuracy,
    false_hit_share,
    probability,
    producers_accuracy,
    settled_accuracy,
    users_accuracy,
)
from tests.inference.classifier.made_heat import made_looks


def table(*rows: tuple[str, bool, float, bool]) -> pd.DataFrame:
    settled = [(*row, True) for row in rows]
    return pd.DataFrame(settled, columns=list(SCORED_COLUMNS)).astype(SCORED_COLUMNS)


def hot_share(looks: pd.DataFrame) -> float:
    return float(looks["is_hot"].mean())


EIGHT = table(
    ("a", True, 3.0, True),
    ("a", True, 2.0, True),
    ("a", True, -2.0, False),  # wrong
    ("a", True, 0.1, False),  # abstained
    ("b", False, -3.0, False),
    ("b", False, 2.5, True),  # wrong, a false hit
    ("b", False, -0.1, False),  # abstained
    ("b", False, -1.0, False),
)


def test_the_hand_made_table_scores_what_can_be_counted_in_it() -> None:
    hot, works = EIGHT["is_hot"].to_numpy(), EIGHT["is_working"].to_numpy()
    assert decided_accuracy(EIGHT) == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert abstained_share(EIGHT) == pytest.approx(2 / 8)
    assert users_accuracy(hot, works) == pytest.approx(2 / 3)
    assert producers_accuracy(hot, works) == pytest.approx(2 / 4)
    assert balanced_accuracy(hot, works) == pytest.approx((2 / 4 + 3 / 4) / 2)


def test_units_that_changed_lately_are_left_out_where_that_is_asked() -> None:
    fresh = EIGHT.assign(is_settled=[True, True, False, True, True, False, True, True])
    assert settled_accuracy(fresh) == 1.0
    assert settled_accuracy(EIGHT) == decided_accuracy(EIGHT)


def test_balanced_accuracy_does_not_reward_the_common_answer() -> None:
    works = np.array([True] * 99 + [False])
    assert balanced_accuracy(np.ones(100, dtype=bool), works) == 0.5


def test_false_hits_are_counted_among_hot_looks_of_halted_units() -> None:
    assert false_hit_share(EIGHT) == pytest.approx(1 / 4)


def test_scores_of_nothing_are_not_a_number_rather_than_perfect() -> None:
    nothing = EIGHT.iloc[:0]
    assert np.isnan([decided_accuracy(nothing), abstained_share(nothing), false_hit_share(nothing)]).all()
    assert np.isnan(decided_accuracy(EIGHT[EIGHT["is_working"]]))


def test_the_bound_itself_is_decided() -> None:
    assert abstained_share(EIGHT.assign(log_ratio=ABSTAIN)) == 0
    assert abstained_share(EIGHT.assign(log_ratio=-ABSTAIN + 1e-9)) == 1


def test_even_odds_are_a_probability_of_a_half() -> None:
    np.testing.assert_allclose(probability(EIGHT.assign(log_ratio=[0, np.log(3)] * 4)), [0.5, 0.75] * 4)


def test_an_interval_redraws_sites_and_not_looks() -> None:
    """Forty looks of one site that agree are one witness: between a good and a bad site lies everything."""
    looks = table(*[("good", True, 1.0, True)] * 40, *[("bad", True, 1.0, False)] * 40)
    found = by_site(np.random.default_rng(1), looks, {"hot": hot_share})["hot"]
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    rng = np.random.default_rng(2)
    looks = table(*[(f"s{n:03d}", True, 1.0, bool(hot)) for n, hot in enumerate(rng.random(200) < 0.3)])
    found = by_site(rng, looks, {"hot": hot_share}, draws=1000)["hot"]
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    spread = np.sqrt(found.value * (1 - found.value) / 200)
    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.1)


def test_no_sites_have_no_interval() -> None:
    found = by_site(np.random.default_rng(1), EIGHT.iloc[:0], {"abstained": abstained_share})["abstained"]
    assert (found.value, found.low, found.high) == (None, None, None)
    with pytest.raises(InputError, match="expected one draw or more"):
        by_site(np.random.default_rng(1), EIGHT, {"abstained": abstained_share}, draws=0)


def test_the_published_methods_say_hot_where_their_whole_rule_does() -> None:
    looks = made_looks(sites=1, looks=5).assign(
        tai_pixels=[0.0, 0.5, 2.0, np.nan, 1.0],
        nhi_pixels=[0.0, 0.0, 1.0, np.nan, 1.0],
        persistence=[0.9, 0.9, 0.10, 0.9, 0.05],
    )
    answers = baseline_answers(looks)
    assert answers["tai"].tolist() == [False, True, True, False, True]
    assert answers["nhi"].tolist() == [False, False, True, False, True]
    assert answers["dafi"].tolist() == [False, False, True, False, False]


def test_looks_of_a_day_add_up_and_a_day_of_both_states_is_left_out() -> None:
    looks = EIGHT.assign(unit_id="u", local_day=[1, 1, 2, 2, 1, 1, 3, 3])
    looks.loc[5, "is_working"] = True  # site b worked for a part of day 1
    days = by_local_day(looks)
    assert days["site_id"].tolist() == ["a", "a", "b"]
    np.testing.assert_allclose(days["log_ratio"], [5.0, -1.9, -1.1])
    assert days["is_hot"].tolist() == [True, False, False]
