from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from satverify.domain.policy import Order, Requirement
from satverify.simulate.ledger import OUTCOME_COLUMNS, TRUTH_COLUMNS, act, draw_orders, truth_table, unit_levels
from satverify.simulate.schedules import Schedule, free_schedule
from tests.simulate.works_at import works_at

DAYS = (date(2021, 1, 1), date(2022, 1, 1))
SITE = works_at("s", (118.0, 39.5), 9000, 2)
HALT = Order(order_id="s-1", site_id="s", start=date(2021, 11, 1), stop=date(2021, 12, 1), requirement=Requirement.HALT)
CUT = replace(
    HALT, requirement=Requirement.CUT, fraction=0.3, baseline_start=date(2021, 1, 1), baseline_stop=date(2021, 3, 1)
)


def steady() -> Schedule:
    names = ["s:bf0", "s:bf1"]
    return free_schedule(np.random.default_rng(0), names, np.array([1.0, 2.0]), 365, steady=True)


def outcomes(order: Order, seed: int = 0) -> tuple[Schedule, pd.DataFrame]:
    return act(np.random.default_rng(seed), SITE, steady(), (order,), DAYS)


def test_the_site_together_runs_while_any_furnace_does() -> None:
    schedule = steady()
    schedule.level[1, 100:] = 0
    levels = unit_levels(SITE, schedule)
    assert levels["s:ironmaking"][[99, 100]].tolist() == pytest.approx([1, 1 / 3])
    table = truth_table(SITE, schedule, DAYS[0]).set_index(["unit_id", "local_day"])["state"]
    day = pd.Timestamp("2021-04-11")  # the hundredth day after the first
    assert [table[unit, day] for unit in ("s:bf0", "s:bf1", "s:ironmaking")] == ["running", "halted", "reduced"]


def test_truth_has_a_row_for_every_unit_and_day() -> None:
    table = truth_table(SITE, steady(), DAYS[0])
    assert list(table.columns) == list(TRUTH_COLUMNS)
    assert len(table) == 3 * 365
    assert set(table["state"]) == {"running"}


@pytest.mark.parametrize("seed", range(30))
def test_a_halt_is_met_where_running_days_are_within_the_tolerance(seed: int) -> None:
    schedule, table = outcomes(HALT, seed)
    assert list(table.columns) == list(OUTCOME_COLUMNS)
    assert table["unit_id"].tolist() == ["s:bf0", "s:bf1", "s:ironmaking"]
    begin, end = (day.toordinal() - DAYS[0].toordinal() for day in (HALT.start, HALT.stop))
    for row in table.itertuples():
        running = int((unit_levels(SITE, schedule)[str(row.unit_id)][begin:end] > 0).sum())
        assert row.running_days == running
        assert row.is_met == (running <= 2)
    obeyed = table["behaviour"].isin(["obeyed", "obeyed_banked"])
    assert table.loc[obeyed, "is_met"].all()
    assert not table.loc[table["behaviour"].isin(["ignored", "late_stop", "early_restart"]), "is_met"].any()


def test_an_orders_own_tolerance_counts() -> None:
    assert outcomes(replace(HALT, tolerance_days=30.0))[1]["is_met"].all()


@pytest.mark.parametrize("seed", range(20))
def test_a_sites_cut_is_judged_on_all_furnaces_together(seed: int) -> None:
    table = outcomes(CUT, seed)[1]
    assert table["unit_id"].tolist() == ["s:ironmaking"]
    assert table["is_met"].tolist() == [table["behaviour"].iloc[0] == "obeyed"]


def test_a_cut_of_a_site_with_one_furnace_is_a_cut_of_that_furnace() -> None:
    site = works_at("s", (118.0, 39.5), 9000, 1)
    schedule = free_schedule(np.random.default_rng(0), ["s:bf0"], np.array([1.0]), 365, steady=True)
    table = act(np.random.default_rng(0), site, schedule, (CUT,), DAYS)[1]
    assert table["unit_id"].tolist() == ["s:bf0", "s:ironmaking"]
    assert table["is_met"].tolist() in ([True, True], [False, False])


def test_nothing_is_asked_of_an_exempt_site_or_of_a_unit_it_does_not_have() -> None:
    assert outcomes(replace(HALT, requirement=Requirement.EXEMPT))[1].empty
    assert outcomes(replace(HALT, unit_id="stranger"))[1].empty


def test_drawn_orders_leave_history_before_them_and_do_not_overlap() -> None:
    kinds = set()
    for seed in range(100):
        first, second = draw_orders(np.random.default_rng(seed), SITE, steady(), DAYS)
        assert DAYS[0].toordinal() + 0.55 * 365 - 1 <= first.start.toordinal()
        assert first.stop <= second.start
        assert second.stop <= DAYS[1]
        kinds |= {(order.requirement, order.unit_id is None) for order in (first, second)}
    assert kinds == {(Requirement.HALT, True), (Requirement.HALT, False), (Requirement.CUT, True)}
