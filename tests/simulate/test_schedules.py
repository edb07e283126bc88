from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from satverify.domain.policy import Order, Requirement
from satverify.errors import InputError
from satverify.simulate.schedules import (
    BANKED_HEAT,
    HALT_BEHAVIOURS,
    REDUCED_LEVEL,
    Behaviour,
    Schedule,
    choose_behaviour,
    free_schedule,
    lay_order,
)

FIRST = date(2022, 1, 1)
WINDOW = np.s_[10:40]
HALT = Order(
    order_id="o",
    site_id="s",
    start=date(2022, 1, 11),
    stop=date(2022, 2, 10),
    requirement=Requirement.HALT,
)
CUT = Order(
    order_id="c",
    site_id="s",
    start=HALT.start,
    stop=HALT.stop,
    requirement=Requirement.CUT,
    fraction=0.3,
    baseline_start=date(2021, 1, 1),
    baseline_stop=date(2021, 2, 1),
)


def steady(capacity: tuple[float, ...] = (1.0, 2.0, 3.0), days: int = 60) -> Schedule:
    names = [f"bf{number}" for number in range(len(capacity))]
    return free_schedule(np.random.default_rng(0), names, np.array(capacity), days, steady=True)


def after(behaviour: Behaviour, order: Order = HALT, schedule: Schedule | None = None, seed: int = 1) -> Schedule:
    return lay_order(np.random.default_rng(seed), schedule or steady(), order, behaviour, FIRST)


@pytest.mark.parametrize("behaviour", [each for each in Behaviour if each is not Behaviour.NIGHT_ONLY])
def test_nothing_changes_outside_the_window(behaviour: Behaviour) -> None:
    level = after(behaviour).level
    assert np.all(level[:, :10] == 1)
    assert np.all(level[:, 40:] == 1)


@pytest.mark.parametrize("behaviour", [Behaviour.OBEYED, Behaviour.OBEYED_BANKED])
def test_an_order_that_is_obeyed_leaves_one_day_to_run_down(behaviour: Behaviour) -> None:
    for seed in range(10):
        assert np.all((after(behaviour, seed=seed).level[:, WINDOW] > 0).sum(axis=1) <= 1)


def test_a_banked_furnace_keeps_heat_that_fades_and_a_cold_one_has_none() -> None:
    heat = after(Behaviour.OBEYED_BANKED).heat[:, 11:40]
    assert np.all(np.diff(heat, axis=1) < 0)
    assert np.all(heat[:, 0] <= BANKED_HEAT)
    assert np.all(heat[:, -1] < 1e-6)
    assert np.all(after(Behaviour.OBEYED).heat[:, 11:40] == 0)


def test_an_order_that_is_ignored_changes_nothing_and_cancels_the_repair() -> None:
    idle = steady()
    idle.level[:, 20:25] = 0
    assert np.all(after(Behaviour.IGNORED, schedule=idle).level[:, WINDOW] == 1)


def test_a_late_stop_and_an_early_restart_each_run_for_a_third_to_two_thirds() -> None:
    late, early = after(Behaviour.LATE_STOP).level[:, WINDOW], after(Behaviour.EARLY_RESTART).level[:, WINDOW]
    for level in (late, early):
        assert np.all((level > 0).sum(axis=1) >= 0.3 * 30)
        assert np.all((level > 0).sum(axis=1) <= 0.7 * 30)
    assert np.all(late[:, 0] == 1)
    assert np.all(early[:, -1] == 1)


def test_one_furnace_down_for_show_is_the_smallest() -> None:
    running = (after(Behaviour.ONE_OF_SEVERAL).level[:, WINDOW] > 0).mean(axis=1)
    assert running.tolist() == [0, 1, 1]


def test_a_furnace_throttled_instead_of_stopped_never_stands() -> None:
    level = after(Behaviour.REDUCED).level[:, WINDOW]
    assert np.all(level == REDUCED_LEVEL)


def test_the_wrong_furnace_stopped_is_the_largest_that_nobody_named() -> None:
    order = replace(HALT, unit_id="bf1")
    running = (after(Behaviour.WRONG_UNIT, order).level[:, WINDOW] > 0).mean(axis=1)
    assert running[:2].tolist() == [1, 1]
    assert running[2] <= 1 / 30


def test_no_furnace_runs_by_night_only() -> None:
    with pytest.raises(InputError, match="night only"):
        after(Behaviour.NIGHT_ONLY)


def test_only_a_furnace_that_stands_and_keeps_heat_is_banked() -> None:
    assert np.all(after(Behaviour.OBEYED_BANKED).is_banked[:, 11:40])
    assert not after(Behaviour.OBEYED_BANKED).is_banked[:, :10].any()
    assert not after(Behaviour.OBEYED).is_banked.any()
    assert not after(Behaviour.IGNORED).is_banked.any()


def test_an_order_on_one_unit_leaves_the_others_alone() -> None:
    order = Order(
        order_id="o", site_id="s", unit_id="bf1", start=HALT.start, stop=HALT.stop, requirement=HALT.requirement
    )
    level = after(Behaviour.OBEYED, order).level[:, WINDOW]
    assert np.all(level[[0, 2]] == 1)
    assert np.all(level[1, 1:] == 0)


@pytest.mark.parametrize("capacity", [(1.0,), (1.0, 2.0, 3.0), (5.0, 5.0)])
def test_an_obeyed_cut_takes_off_its_fraction_and_not_much_more(capacity: tuple[float, ...]) -> None:
    for seed in range(5):
        schedule = after(Behaviour.OBEYED, CUT, steady(capacity), seed)
        output = (schedule.capacity @ schedule.level)[WINDOW].mean()
        assert 1 - 0.3 - 0.1 - 0.04 < output <= 1 - 0.3  # a tenth of margin, and up to a furnace-day more


def test_windows_outside_the_simulated_days_change_nothing() -> None:
    order = Order(
        order_id="o", site_id="s", start=date(2023, 1, 1), stop=date(2023, 2, 1), requirement=Requirement.HALT
    )
    assert np.all(after(Behaviour.OBEYED, order).level == 1)


def test_free_furnaces_run_most_days_and_rest_in_blocks() -> None:
    names = [f"bf{number}" for number in range(300)]
    level = free_schedule(np.random.default_rng(5), names, np.ones(300), 600).level
    idle = level == 0
    starts = np.count_nonzero(np.diff(idle.astype(int), axis=1) == 1)
    assert set(np.unique(level)) == {0.0, REDUCED_LEVEL, 1.0}
    assert idle.mean() == pytest.approx(3 / 153, rel=0.15)  # repair over campaign; about 1200 repairs
    assert idle.sum() / starts == pytest.approx(3.0, rel=0.25)  # whole days, a few cut off by the edges


def test_behaviours_come_in_all_kinds_and_none_where_nothing_is_asked() -> None:
    rng = np.random.default_rng(6)
    assert {choose_behaviour(rng, HALT, 3) for _ in range(300)} == set(HALT_BEHAVIOURS)
    assert Behaviour.ONE_OF_SEVERAL not in {choose_behaviour(rng, HALT, 1) for _ in range(300)}
    assert {choose_behaviour(rng, CUT, 3) for _ in range(50)} == {Behaviour.OBEYED, Behaviour.IGNORED}
    exempt = Order(order_id="o", site_id="s", start=HALT.start, stop=HALT.stop, requirement=Requirement.EXEMPT)
    assert choose_behaviour(rng, exempt, 3) is None
