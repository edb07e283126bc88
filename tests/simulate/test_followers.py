from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.simulate.behaviours import SLOWED
from satverify.simulate.followers import HABITS, Deed, draw_machinery, stops_of
from satverify.simulate.history import Span, level_at, mean_level
from satverify.simulate.machines import Machinery
from satverify.simulate.schedules import Behaviour, Schedule
from satverify.simulate.works import Works, draw_works
from tests.simulate.works_at import works_at

DAYS = (date(2022, 1, 1), date(2022, 3, 2))
SPAN = Span(days=DAYS, timezone="Asia/Shanghai")
NOON = SPAN.starts[:-1] + 12 * 3600.0
HALT = Order(
    order_id="o",
    site_id="s",
    unit_id="s:sinter0",
    start=date(2022, 1, 21),
    stop=date(2022, 2, 20),
    requirement=Requirement.HALT,
)
WINDOW = np.s_[20:50]


def site() -> Site:
    bare = works_at("s", (118.0, 39.5), 9000, 2)
    kinds = [("sinter0", UnitKind.SINTER_MACHINE), ("sinter1", UnitKind.SINTER_MACHINE), ("bof", UnitKind.CONVERTER)]
    more = [Unit(unit_id=f"s:{name}", site_id="s", kind=kind, capacity_t_per_day=5000.0) for name, kind in kinds]
    return replace(bare, units=(*bare.units, *more))


def works() -> Works:
    return draw_works(np.random.default_rng(0), site(), DAYS, is_steady=True)


def idle_in_window(level: float = 0.0) -> Schedule:
    plan = works().schedule
    levels = plan.level.copy()
    levels[:, WINDOW] = level
    return replace(plan, level=levels, heat=levels.copy())


def drawn(
    schedule: Schedule, *orders: Order, seed: int = 0, said: Behaviour | None = None
) -> tuple[Machinery, tuple[Deed, ...]]:
    behaviours = {} if said is None else {order.order_id: said for order in orders}
    return draw_machinery(np.random.default_rng(seed), works(), schedule, orders, behaviours, SPAN)


def noons(machinery: Machinery, unit_id: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return machinery.mean(unit_id, lambda history: level_at(history, NOON))


def test_furnaces_do_by_the_second_what_their_schedule_says_by_the_day() -> None:
    plan = works().schedule
    levels = np.random.default_rng(1).choice([0.0, 0.75, 1.0], plan.level.shape)
    machinery, _ = drawn(replace(plan, level=levels, heat=levels))
    for row, unit_id in enumerate(plan.unit_ids):
        np.testing.assert_array_equal(noons(machinery, unit_id), levels[row])
        days = machinery.mean(unit_id, lambda history: mean_level(history, SPAN.starts))
        np.testing.assert_allclose(days, levels[row], atol=1e-9)  # round-off of a sum of seconds


def test_strands_stop_some_days_after_the_furnaces_and_batteries_are_slowed() -> None:
    machinery, _ = drawn(idle_in_window())
    assert np.all(noons(machinery, "s:sinter0")[24:50] == 0)
    assert noons(machinery, "s:sinter1")[20:22].max() > 0  # from stock
    assert np.all(noons(machinery, "s:bof")[WINDOW] == 0)
    coke = noons(machinery, "s:coke")
    assert np.all(coke[24:50] == SLOWED)
    assert np.all(coke[:20] == 1)


def test_the_last_of_several_strands_is_the_first_to_stop() -> None:
    machinery, _ = drawn(idle_in_window(0.5))
    first, second = (noons(machinery, f"s:sinter{number}")[24:50] for number in (0, 1))
    assert first.mean() > 0.7  # but for stops of its own
    assert second.max() == 0


def test_strands_stop_for_hours_to_days_and_restart() -> None:
    habit = HABITS[UnitKind.SINTER_MACHINE]
    stops = stops_of(np.random.default_rng(0), habit, (0.0, 20_000 * 86_400.0))
    hours = (stops.end - stops.begin) / 3600
    runs = (stops.begin[1:] - stops.end[:-1]) / 86_400
    assert np.median(hours) == pytest.approx(habit.stop, rel=0.15)  # some 2,000 stops
    assert np.quantile(hours, 0.95) > 24
    assert runs.mean() == pytest.approx(habit.run, rel=0.08)
    assert stops_of(np.random.default_rng(0), HABITS[UnitKind.COKE_BATTERY], (0.0, 1e9)).begin.size == 0


def test_an_order_on_a_strand_is_kept_or_broken_as_it_is_said() -> None:
    for said, noon_of_first, noon_of_second in (
        (Behaviour.OBEYED, 0.0, None),
        (Behaviour.NIGHT_ONLY, 0.0, None),
        (Behaviour.WRONG_UNIT, None, 0.0),
    ):
        machinery, deeds = drawn(works().schedule, HALT, said=said)
        assert [(deed.order, deed.behaviour) for deed in deeds] == [(HALT, said)]
        for number, expected in enumerate((noon_of_first, noon_of_second)):
            level = noons(machinery, f"s:sinter{number}")[21:50]
            if expected is None:
                assert level.mean() > 0.7
            else:
                assert np.all(level == expected)


def test_what_is_done_with_an_order_is_drawn_where_nobody_says() -> None:
    done = {drawn(works().schedule, HALT, seed=seed)[1][0].behaviour for seed in range(80)}
    assert {Behaviour.OBEYED, Behaviour.IGNORED, Behaviour.NIGHT_ONLY, Behaviour.WRONG_UNIT} <= done


def test_where_a_whole_site_halts_most_of_its_machines_do_from_the_first_day() -> None:
    whole = replace(HALT, unit_id=None)
    obeyed = 0
    for seed in range(40):
        machinery, deeds = drawn(idle_in_window(), whole, seed=seed, said=Behaviour.OBEYED)
        assert deeds == ()
        obeyed += bool(np.all(noons(machinery, "s:bof")[21:50] == 0))
    assert 25 <= obeyed <= 40  # three quarters of forty, and those that break it run by night


def test_orders_on_furnaces_are_left_to_their_schedule() -> None:
    plain, _ = drawn(works().schedule)
    ordered, deeds = drawn(works().schedule, replace(HALT, unit_id="s:bf0"))
    assert deeds == ()
    for one, two in zip(plain.machines, ordered.machines, strict=True):
        np.testing.assert_array_equal(one.history.level, two.history.level)
        assert one.key == two.key


def test_one_unit_more_changes_nothing_for_the_others() -> None:
    fewer = replace(works(), site=replace(site(), units=site().units[:-1]))
    one = draw_machinery(np.random.default_rng(3), fewer, works().schedule, (), {}, SPAN)[0]
    two = draw_machinery(np.random.default_rng(3), works(), works().schedule, (), {}, SPAN)[0]
    for first, second in zip(one.machines, two.machines, strict=False):
        assert (first.unit_id, first.key, first.openness) == (second.unit_id, second.key, second.openness)
        np.testing.assert_array_equal(first.history.begin, second.history.begin)
