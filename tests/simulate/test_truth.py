from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Unit, UnitKind
from satverify.errors import InputError
from satverify.simulate.ledger import TRUTH_COLUMNS
from satverify.simulate.schedules import Behaviour
from satverify.simulate.season import Scenario, SeasonDraw, draw_season, simulate_season
from satverify.simulate.truth import banked_at, daily_truth, levels_at, state_of, unit_ids_of
from tests.simulate.works_at import works_at

SCENARIO = Scenario(days=(date(2022, 1, 1), date(2022, 3, 1)), is_steady=True)
BARE = works_at("s", (118.0, 39.5), 9000, 2)
SINTER = Unit(unit_id="s:sinter", site_id="s", kind=UnitKind.SINTER_MACHINE, capacity_t_per_day=9000.0)
SITE = replace(BARE, units=(*BARE.units, SINTER))
ON_SINTER = Order(
    order_id="by-night",
    site_id="s",
    unit_id="s:sinter",
    start=date(2022, 1, 10),
    stop=date(2022, 1, 20),
    requirement=Requirement.HALT,
)
ON_FURNACE = replace(ON_SINTER, order_id="banked", unit_id="s:bf0", start=date(2022, 2, 1), stop=date(2022, 2, 21))
ORDERS = (ON_SINTER, ON_FURNACE)
SAID = {"by-night": Behaviour.NIGHT_ONLY, "banked": Behaviour.OBEYED_BANKED}


@cache
def draw() -> SeasonDraw:
    return draw_season(np.random.default_rng(2), [SITE], SCENARIO, orders=ORDERS, behaviours=SAID)


def at(*moments: str) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.array(moments, dtype="datetime64[us]")


def test_a_strand_run_by_night_only_is_halted_at_noon_and_running_at_midnight() -> None:
    local_noon, local_midnight = "2022-01-15T04:00", "2022-01-15T16:00"  # UTC
    level = levels_at(draw(), "s", ["s:sinter"], at(local_noon, local_midnight))
    assert level.tolist() == [[0.0, 1.0]]
    assert state_of(level).tolist() == [["halted", "running"]]


def test_a_banked_furnace_is_halted_and_known_to_be_banked() -> None:
    when = at("2022-01-25T04:00", "2022-02-10T04:00")
    assert levels_at(draw(), "s", ["s:bf0", "s:bf1", "s:ironmaking"], when).tolist() == [[1, 0], [1, 1], [1, 0.5]]
    assert banked_at(draw(), "s", ["s:bf0", "s:ironmaking"], when).tolist() == [[0, 1], [0, 0.5]]


def test_states_follow_the_output() -> None:
    levels = np.array([0.0, 1e-6, 0.6, 0.9499, 0.95, 1.0])
    assert state_of(levels).tolist() == ["halted", "reduced", "reduced", "reduced", "running", "running"]


def test_daily_truth_of_furnaces_is_that_of_the_season() -> None:
    made = simulate_season(np.random.default_rng(2), [SITE], SCENARIO, orders=ORDERS, behaviours=SAID)
    both = daily_truth(draw(), "s", ["s:bf0", "s:bf1", "s:ironmaking"])
    known = made.truth[made.truth["unit_id"] != "s:sinter"].reset_index(drop=True)
    pd.testing.assert_frame_equal(both, known, check_exact=False, atol=1e-9)


def test_a_season_tells_the_truth_of_machines_that_an_order_names_and_what_became_of_it() -> None:
    made = simulate_season(np.random.default_rng(2), [SITE], SCENARIO, orders=ORDERS, behaviours=SAID)
    mine = made.truth[made.truth["unit_id"] == "s:sinter"].set_index("local_day")
    assert mine["state"][pd.Timestamp("2022-01-15")] == "reduced"  # ten hours of twenty-four
    assert mine["level"][pd.Timestamp("2022-01-15")] == pytest.approx(10 / 24, abs=0.05)
    pd.testing.assert_frame_equal(
        made.truth, made.truth.sort_values(["site_id", "unit_id", "local_day"], ignore_index=True)
    )
    named = made.outcomes[["order_id", "unit_id", "behaviour", "running_days", "is_met"]]
    rows = named[named["unit_id"] != "s:ironmaking"].to_numpy().tolist()
    assert rows == [["banked", "s:bf0", "obeyed_banked", 1, True], ["by-night", "s:sinter", "night_only", 10, False]]
    assert "s:coke" not in set(made.truth["unit_id"])


def test_all_units_have_a_daily_truth() -> None:
    table = daily_truth(draw(), "s")
    assert list(table.columns) == list(TRUTH_COLUMNS)
    assert set(table["unit_id"]) == {"s:bf0", "s:bf1", "s:coke", "s:sinter"} == set(unit_ids_of(draw(), "s"))
    assert len(table) == 4 * 59
    assert (table.loc[table["unit_id"] == "s:coke", "level"] > 0).all()


def test_strangers_are_refused_and_nobody_has_no_rows() -> None:
    with pytest.raises(InputError, match="no site t"):
        levels_at(draw(), "t", ["s:bf0"], at("2022-01-15"))
    with pytest.raises(InputError, match="no unit s:bf7"):
        levels_at(draw(), "s", ["s:bf7"], at("2022-01-15"))
    assert levels_at(draw(), "s", [], at("2022-01-15")).shape == (0, 1)
    assert banked_at(draw(), "s", [], at("2022-01-15")).shape == (0, 1)
