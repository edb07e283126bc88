from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import UnitKind
from satverify.simulate.behaviours import (
    HALT_CONDUCTS,
    SLOWED,
    choose_conduct,
    overlaid,
    overlay_of,
    spells_of,
)
from satverify.simulate.history import History, Span, is_banked_at, level_at, mean_level
from satverify.simulate.schedules import Behaviour
from tests.simulate.machines_made import STEADY, history

HALT = Order(
    order_id="o",
    site_id="s",
    unit_id="s:sinter",
    start=date(2022, 1, 11),
    stop=date(2022, 1, 31),
    requirement=Requirement.HALT,
)
CUT = replace(
    HALT,
    requirement=Requirement.CUT,
    fraction=0.3,
    baseline_start=date(2021, 1, 1),
    baseline_stop=date(2021, 2, 1),
)
WINDOW = Span(days=(HALT.start, HALT.stop), timezone="Asia/Shanghai").starts
HOUR = 3600.0


def after(
    behaviour: Behaviour, order: Order = HALT, kind: UnitKind = UnitKind.SINTER_MACHINE, seed: int = 0
) -> History:
    return overlaid(STEADY, overlay_of(np.random.default_rng(seed), order, behaviour, kind, WINDOW))


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_nothing_changes_outside_the_window(behaviour: Behaviour) -> None:
    did = after(behaviour)
    outside = np.array([WINDOW[0] - 1.0, WINDOW[-1], WINDOW[-1] + 1e6])
    assert level_at(did, outside).tolist() == [1.0, 1.0, 1.0]


def test_a_machine_that_obeys_stands_within_half_a_day() -> None:
    for seed in range(20):
        assert np.all(level_at(after(Behaviour.OBEYED, seed=seed), WINDOW[0] + np.arange(12.1, 480, 0.5) * HOUR) == 0)


def test_run_by_night_only_it_is_at_work_at_midnight_and_at_rest_at_noon() -> None:
    did = after(Behaviour.NIGHT_ONLY)
    assert np.all(level_at(did, WINDOW[:-1] + 12 * HOUR) == 0)
    assert np.all(level_at(did, WINDOW[:-1] + 2 * HOUR) == 1)
    assert np.all(level_at(did, WINDOW[:-1] + 23 * HOUR) == 1)
    local = WINDOW[0] + np.arange(0, 20 * 24, 0.05) * HOUR
    hour = ((local - WINDOW[0]) / HOUR) % 24
    surely_day, surely_night = (hour > 6.5) & (hour < 19.5), (hour < 5.5) | (hour > 20.5)
    assert np.all(level_at(did, local[surely_day]) == 0)
    assert np.all(level_at(did, local[surely_night]) == 1)
    assert mean_level(did, WINDOW).mean() == pytest.approx(10 / 24, abs=0.02)


@pytest.mark.parametrize("behaviour", [Behaviour.LATE_STOP, Behaviour.EARLY_RESTART])
def test_late_stops_and_early_restarts_run_for_a_third_to_two_thirds(behaviour: Behaviour) -> None:
    for seed in range(20):
        share = mean_level(after(behaviour, seed=seed), WINDOW[[0, -1]])[0]
        assert 0.3 < share < 0.7


def test_a_throttled_machine_never_stands() -> None:
    level = level_at(after(Behaviour.REDUCED), WINDOW[:-1] + 1.0)
    assert np.all((level >= 0.6) & (level <= 0.8))


@pytest.mark.parametrize("behaviour", [Behaviour.IGNORED, Behaviour.WRONG_UNIT])
def test_who_ignores_an_order_changes_nothing(behaviour: Behaviour) -> None:
    assert after(behaviour) is STEADY


@pytest.mark.parametrize("kind", [UnitKind.SINTER_MACHINE, UnitKind.COKE_BATTERY])
def test_an_obeyed_cut_takes_off_its_fraction_and_not_much_more(kind: UnitKind) -> None:
    assert 0.55 < mean_level(after(Behaviour.OBEYED, CUT, kind), WINDOW[[0, -1]])[0] <= 0.7


def test_a_battery_is_slowed_where_others_stand() -> None:
    level = level_at(after(Behaviour.OBEYED, kind=UnitKind.COKE_BATTERY), WINDOW[2:-1])
    assert np.all(level == SLOWED)


def test_conducts_come_in_all_kinds_that_the_machine_is_capable_of() -> None:
    rng = np.random.default_rng(0)
    for siblings, kind, expected in (
        (1, UnitKind.SINTER_MACHINE, set(HALT_CONDUCTS)),
        (0, UnitKind.SINTER_MACHINE, set(HALT_CONDUCTS) - {Behaviour.WRONG_UNIT}),
        (1, UnitKind.COKE_BATTERY, {Behaviour.OBEYED, Behaviour.IGNORED}),
        (1, UnitKind.BLAST_FURNACE, set(HALT_CONDUCTS) - {Behaviour.NIGHT_ONLY}),
    ):
        assert {choose_conduct(rng, HALT, kind, siblings) for _ in range(400)} == expected
    exempt = replace(HALT, requirement=Requirement.EXEMPT)
    assert choose_conduct(rng, exempt, UnitKind.CONVERTER, 0) is None


def test_later_spells_count_where_they_meet_earlier_ones_and_what_was_banked_is_not() -> None:
    start = history((0, 0.0), banked=(True,))
    begin = float(start.begin[0])
    did = overlaid(start, spells_of([(begin + 10, begin + 30, 0.5), (begin + 20, begin + 40, 1.0)]))
    at = begin + np.array([0.0, 15.0, 25.0, 35.0, 45.0])
    assert level_at(did, at).tolist() == [0.0, 0.5, 1.0, 1.0, 0.0]
    assert is_banked_at(did, at).tolist() == [True, False, False, False, True]
