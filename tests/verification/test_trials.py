from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.findings import Finding, LookCount, Tier, Verdict
from satverify.domain.policy import Requirement
from satverify.domain.truth import KnownState, Scored, Spell
from satverify.errors import InputError
from satverify.verification.trials import Judged, Season, Trial, judged_by, season_of, sliding_trials, tally

SPELL = Spell(site_id="works", state=KnownState.RUNNING, start=date(2021, 1, 1), stop=date(2021, 1, 31))
UNITS = {None: "works:ironmaking", "bf1": "bf1"}


def trials_of(spell: Spell = SPELL, *, lengths: tuple[int, ...] = (10,), step: int = 5) -> tuple[Trial, ...]:
    return sliding_trials([spell], UNITS, lengths=lengths, step=step)


def finding_of(trial: Trial, verdict: Verdict, unit_id: str | None = None) -> Finding:
    order = trial.order
    return Finding(
        finding_id=order.order_id, order_id=order.order_id, site_id=order.site_id, unit_id=unit_id or trial.unit_id,
        requirement=order.requirement, start=order.start, stop=order.stop, verdict=verdict, p_met=0.3,
        p_met_range=(0.1, 0.6), running_days=None, longest_unseen_run_days=3,
        looks=LookCount(clear=0, hot=0, cold=0, unusable=0, by_sensor=()), tier=Tier.NONE, q_value=None, reasons=(),
        alternatives=(),
    )  # fmt: skip


def test_windows_slide_by_the_step_and_end_inside_the_spell() -> None:
    found = trials_of()
    assert [each.order.start.day for each in found] == [1, 6, 11, 16, 21]
    assert {each.order.days for each in found} == {10}
    assert found[-1].order.stop == SPELL.stop
    assert all(each.order.requirement is Requirement.HALT and each.order.unit_id is None for each in found)


def test_a_spell_of_which_only_days_are_scored_has_no_windows() -> None:
    assert trials_of(replace(SPELL, scored=Scored.DAYS)) == ()


def test_a_spell_shorter_than_the_window_has_none() -> None:
    assert trials_of(lengths=(31,)) == ()


def test_a_named_unit_is_the_one_that_is_judged() -> None:
    assert {each.unit_id for each in trials_of(replace(SPELL, unit_id="bf1"))} == {"bf1"}


@pytest.mark.parametrize(("lengths", "step"), [((), 5), ((0,), 5), ((10,), 0)])
def test_windows_without_days_are_refused(lengths: tuple[int, ...], step: int) -> None:
    with pytest.raises(InputError, match="windows: expected"):
        trials_of(lengths=lengths, step=step)


@given(days=st.integers(1, 90), length=st.integers(1, 40), step=st.integers(1, 20))
def test_there_are_as_many_windows_as_fit_and_no_id_occurs_twice(days: int, length: int, step: int) -> None:
    spell = replace(SPELL, stop=SPELL.start + timedelta(days=days))
    found = trials_of(spell, lengths=(length, length + 1), step=step)
    assert len(found) == sum(max(0, (days - each) // step + 1) for each in (length, length + 1) if each <= days)
    assert len({each.order.order_id for each in found}) == len(found)
    assert all(spell.start <= each.order.start and each.order.stop <= spell.stop for each in found)


def test_the_season_is_that_of_the_first_day() -> None:
    assert season_of(date(2021, 9, 30)) is Season.SUMMER
    assert season_of(date(2021, 10, 1)) is Season.WINTER
    assert season_of(date(2021, 2, 28)) is Season.WINTER
    assert season_of(date(2021, 3, 1)) is Season.SUMMER


def test_a_running_works_called_consistent_is_false_and_a_halted_one_is_right() -> None:
    (running, *_) = trials_of()
    halted = replace(running, state=KnownState.HALTED)

    def said(trial: Trial, verdict: Verdict) -> tuple[int, int]:
        counted = tally([Judged(trial=trial, verdict=verdict, p_met=None)])
        return counted.false, counted.decided

    assert said(running, Verdict.CONSISTENT) == (1, 1)
    assert said(running, Verdict.INCONSISTENT) == (0, 1)
    assert said(halted, Verdict.CONSISTENT) == (0, 1)
    assert said(halted, Verdict.INCONSISTENT) == (1, 1)
    assert said(running, Verdict.UNDETERMINED) == said(halted, Verdict.UNDETERMINED) == (0, 0)


def test_no_windows_have_no_decided_share() -> None:
    assert tally([]).decided_share is None


def test_each_trial_is_judged_by_the_finding_on_its_own_unit() -> None:
    first, second, *_ = trials_of()
    findings = [
        finding_of(second, Verdict.UNDETERMINED),
        finding_of(first, Verdict.CONSISTENT, unit_id="coke"),
        finding_of(first, Verdict.INCONSISTENT),
    ]
    assert [each.verdict for each in judged_by(findings, [first, second])] == [
        Verdict.INCONSISTENT,
        Verdict.UNDETERMINED,
    ]


def test_a_trial_without_a_finding_is_a_fault() -> None:
    with pytest.raises(InputError, match="no finding on unit works:ironmaking"):
        judged_by([], trials_of())
