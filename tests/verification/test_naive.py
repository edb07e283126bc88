from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from satverify.domain.findings import Verdict
from satverify.domain.rules import VerdictRules
from satverify.domain.truth import KnownState, Spell
from satverify.verification.naive import RULES, DailyCounts, daily_counts, judge_naively
from satverify.verification.trials import Judged, Trial, sliding_trials

FIRST = date(2021, 1, 1)
FIFTH, SILENCE, MARKOV = RULES


def counts_of(count: list[int]) -> DailyCounts:
    return DailyCounts(
        first=np.datetime64(FIRST, "D"), count=np.array(count), is_watched=np.ones(len(count), dtype=bool)
    )


def trial_at(day: int, days: int) -> Trial:
    start = FIRST + timedelta(days=day)
    spell = Spell(site_id="w", state=KnownState.RUNNING, start=start, stop=start + timedelta(days=days))
    (trial,) = sliding_trials([spell], {None: "w:ironmaking"}, lengths=(days,), step=1)
    return trial


def said(rule: str, count: list[int], day: int, days: int = 10) -> Judged:
    (judged,) = judge_naively(counts_of(count), [trial_at(day, days)], VerdictRules())[rule]
    return judged


def test_counts_sum_all_heat_in_the_outline_by_local_day() -> None:
    looks = pd.DataFrame(
        {
            "local_day": pd.to_datetime(["2021-01-01", "2021-01-01", "2021-01-03"]),
            "hot_pixels": [1, 2, 0],
            "elsewhere_pixels": [0, 1, 5],
        }
    )
    counts = daily_counts(looks)
    assert counts.first == np.datetime64("2021-01-01")
    assert counts.count.tolist() == [4, 0, 5]
    assert counts.is_watched.tolist() == [True, False, True]


def test_fewer_than_a_fifth_of_the_mean_is_called_halted() -> None:
    usual = [10] * 90
    assert said(FIFTH, [*usual, *([2] * 10)], 90).verdict is Verdict.INCONSISTENT  # mean 9.2 a day: a fifth is 18.4
    assert said(FIFTH, [*usual, *([1] * 10)], 90).verdict is Verdict.CONSISTENT


def test_the_alarm_rings_on_the_fourteenth_silent_day_wherever_the_silence_began() -> None:
    silent_thirteen = [1] * 10 + [0] * 13 + [1] * 20
    silent_fourteen = [1] * 10 + [0] * 14 + [1] * 20
    assert said(SILENCE, silent_thirteen, 15).verdict is Verdict.INCONSISTENT
    assert said(SILENCE, silent_fourteen, 15).verdict is Verdict.CONSISTENT  # rings on day 23, inside 15 to 24
    assert said(SILENCE, silent_fourteen, 24).verdict is Verdict.INCONSISTENT  # had rung the day before
    assert said(SILENCE, silent_fourteen, 10, days=13).verdict is Verdict.INCONSISTENT  # rings the day after


def test_silence_before_the_coverage_is_not_counted() -> None:
    assert said(SILENCE, [0] * 13 + [1], 4).verdict is Verdict.INCONSISTENT
    assert said(SILENCE, [0] * 14 + [1], 4).verdict is Verdict.CONSISTENT


def test_a_window_outside_the_coverage_is_undetermined() -> None:
    for rule in RULES:
        assert said(rule, [3] * 30, 100).verdict is Verdict.UNDETERMINED
        assert said(rule, [3] * 30, -50).verdict is Verdict.UNDETERMINED


def test_the_chain_calls_long_silence_halted_and_steady_heat_running() -> None:
    count = ([2, 0] * 50) + [0] * 30 + ([2, 0] * 10)
    silent, busy = said(MARKOV, count, 100, days=30), said(MARKOV, count, 20, days=30)
    assert (silent.verdict, busy.verdict) == (Verdict.CONSISTENT, Verdict.INCONSISTENT)
    assert silent.p_met is not None
    assert busy.p_met is not None
    assert silent.p_met > 0.98 > 0.01 > busy.p_met


def test_the_chain_asks_both_readers_before_it_decides() -> None:
    count = [0 if day % 3 else 1 for day in range(300)] + [0] * 10
    even = said(MARKOV, count, 300)
    assert even.verdict is Verdict.UNDETERMINED  # ten silent days of a works that shows on one in three
    assert even.p_met is not None
    assert 0.5 < even.p_met < 0.97
    lenient = VerdictRules(consistent_at=0.6)
    (judged,) = judge_naively(counts_of(count), [trial_at(300, 10)], lenient)[MARKOV]
    assert judged.verdict is Verdict.CONSISTENT


def test_trials_of_several_lengths_come_back_in_their_order() -> None:
    trials = [trial_at(0, 30), trial_at(5, 10), trial_at(1, 30)]
    for judged in judge_naively(counts_of([1] * 60), trials, VerdictRules()).values():
        assert [each.trial for each in judged] == trials


def test_a_unit_without_looks_is_undetermined() -> None:
    none = daily_counts(pd.DataFrame({"local_day": [], "hot_pixels": [], "elsewhere_pixels": []}))
    for judged in judge_naively(none, [trial_at(0, 10)], VerdictRules()).values():
        assert judged[0].verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_looks_at_the_truth(rule: str) -> None:
    trial = trial_at(20, 10)
    counts = counts_of([1] * 20 + [0] * 20)
    told = [
        judge_naively(counts, [replace(trial, state=state)], VerdictRules())[rule][0].verdict for state in KnownState
    ]
    assert told[0] is told[1]
