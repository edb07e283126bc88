from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import ACTIVITY_COLUMNS, CHANGE_COLUMNS
from satverify.domain.truth import DatedTurn, KnownState, Spell, Turn
from satverify.verification.timing import daily_calibration, score_spell, score_turn

FIRST = date(2021, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def turn(number: int, kind: Turn = Turn.STOP, days: int = 1) -> DatedTurn:
    return DatedTurn(site_id="w", turn=kind, start=day(number), stop=day(number + days))


def activity(halted: list[float], running: list[float] | None = None) -> pd.DataFrame:
    own = np.array(halted)
    full = 1 - own if running is None else np.array(running)
    table = pd.DataFrame({"site_id": "w", "unit_id": "u", "local_day": [pd.Timestamp(day(n)) for n in range(len(own))]})
    for prefix in ("", "online_"):
        table[f"{prefix}p_halted"], table[f"{prefix}p_running"] = own, full
        table[f"{prefix}p_reduced"] = 1 - own - full
    return table.assign(clear_looks=1)[list(ACTIVITY_COLUMNS)].astype(ACTIVITY_COLUMNS)


def changes(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    stamps = [(kind, *(pd.Timestamp(day(n)) for n in days)) for kind, *days in rows]
    table = pd.DataFrame(stamps, columns=["change", "local_day", "low", "high"])
    return table.assign(site_id="w", unit_id="u", level=0.9)[list(CHANGE_COLUMNS)].astype(CHANGE_COLUMNS)


STEADY = activity([0.0] * 60)


def test_the_nearest_change_of_the_same_kind_is_the_estimate() -> None:
    dated = changes(("stop", 3, 1, 5), ("restart", 11, 10, 12), ("stop", 14, 12, 20))
    score = score_turn(turn(12), [turn(12)], STEADY, dated)
    assert (score.estimate, score.low, score.high) == (day(14), day(12), day(20))
    assert score.error_days == 2
    assert score.is_covered is True


def test_an_interval_that_misses_the_day_by_one_does_not_cover() -> None:
    assert score_turn(turn(12), [turn(12)], STEADY, changes(("stop", 15, 13, 20))).is_covered is False
    assert score_turn(turn(21), [turn(21)], STEADY, changes(("stop", 15, 13, 20))).is_covered is False
    assert score_turn(turn(20), [turn(20)], STEADY, changes(("stop", 15, 13, 20))).is_covered is True


def test_within_the_known_days_there_is_no_error() -> None:
    known = turn(10, days=30)
    assert score_turn(known, [known], STEADY, changes(("stop", 20, 19, 21))).error_days == 0
    assert score_turn(known, [known], STEADY, changes(("stop", 8, 7, 9))).error_days == -2
    assert score_turn(known, [known], STEADY, changes(("stop", 41, 40, 42))).error_days == 2


def test_a_change_months_away_is_about_something_else() -> None:
    score = score_turn(turn(12), [turn(12)], STEADY, changes(("stop", 90, 88, 92)))
    assert (score.estimate, score.error_days, score.is_covered) == (None, None, None)


def test_a_stop_is_noticed_on_the_first_sure_day_and_before_the_restart() -> None:
    halted = [0.0] * 10 + [0.5] * 6 + [0.95] * 4 + [0.99] * 10
    score = score_turn(turn(10), [turn(10)], activity(halted), changes())
    assert score.halted_delay_days == 6
    assert (score.running_delay_days, score.working_delay_days) == (None, None)
    too_late = [turn(10), turn(16, Turn.RESTART)]
    assert score_turn(turn(10), too_late, activity(halted), changes()).halted_delay_days is None


def test_a_restart_at_reduced_work_is_noticed_as_work_before_it_is_as_running() -> None:
    halted = [1.0] * 10 + [0.04] * 20
    running = [0.0] * 10 + [0.1] * 10 + [0.96] * 10
    score = score_turn(turn(8, Turn.RESTART), [], activity(halted, running), changes())
    assert score.working_delay_days == 2
    assert score.running_delay_days == 12
    assert score.halted_delay_days is None


def test_days_of_a_spell_are_counted_inside_it_only() -> None:
    spell = Spell(site_id="w", state=KnownState.HALTED, start=day(10), stop=day(20))
    halted = [0.0] * 10 + [0.96] * 5 + [0.6] * 2 + [0.4] * 3 + [0.0] * 10
    running = [1.0] * 10 + [0.0] * 7 + [0.5, 0.2, 0.2] + [1.0] * 10
    score = score_spell(spell, activity(halted, running), changes(("stop", 10, 9, 11), ("restart", 15, 14, 16)))
    assert (score.days, score.surely_halted_days, score.working_days) == (10, 5, 3)
    assert score.running_days == 1  # the other two lean to halted or reduced
    assert score.changes == 1  # a change on the spell's first day is its beginning


def test_a_spell_outside_the_account_has_no_days() -> None:
    spell = Spell(site_id="w", state=KnownState.RUNNING, start=day(100), stop=day(120))
    assert score_spell(spell, STEADY, changes()).days == 0


def test_daily_probabilities_are_held_against_the_spells() -> None:
    spell = Spell(site_id="w", state=KnownState.HALTED, start=day(0), stop=day(10))
    account = activity([0.9] * 20)
    assert daily_calibration([(spell, account)], "p_halted").brier == pytest.approx(0.01)
    running = replace(spell, state=KnownState.RUNNING)
    assert daily_calibration([(running, account)], "online_p_halted").brier == pytest.approx(0.81)
    assert daily_calibration([], "p_halted").brier is None
