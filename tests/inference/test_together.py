"""Looks at single units as looks at their total."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from satverify.domain.looks import LOGLIK_COLUMNS
from satverify.inference.together import looks_together
from tests.verification.looks import looks_of

SORTS = ["hot", "cold", "dim", "none"]


def unit(unit_id: str, sorts: list[str]) -> pd.DataFrame:
    return looks_of(sorts, sensor="sentinel-2-l1c").assign(unit_id=unit_id)


def ways(tables: list[pd.DataFrame], row: int) -> tuple[float, float, float]:
    """The three sums, way by way."""
    told = [table[list(LOGLIK_COLUMNS)].to_numpy()[row] for table in tables]
    states = list(product(range(3), repeat=len(tables)))
    chance = {way: float(np.exp(sum(said[state] for said, state in zip(told, way, strict=True)))) for way in states}
    full, none = (0,) * len(tables), (2,) * len(tables)
    between = [chance[way] for way in states if way not in (full, none)]
    return chance[full], max(between), chance[none]


@pytest.mark.parametrize("number", [2, 3])
def test_the_total_is_reduced_in_the_best_way_its_units_can_make_it(number: int) -> None:
    tables = [unit(f"bf{n}", SORTS[n:] + SORTS[:n]) for n in range(number)]
    joint = looks_together("all", tables)
    for row in range(len(SORTS)):
        running, between, halted = ways(tables, row)
        found = joint[list(LOGLIK_COLUMNS)].to_numpy()[row]
        np.testing.assert_allclose(found, np.log([running / halted, between / halted, 1.0]), rtol=1e-9, atol=1e-9)


def test_one_unit_is_its_own_total() -> None:
    alone = unit("bf1", ["hot", "cold", "dim"])
    joint = looks_together("bf1", [alone])
    pd.testing.assert_frame_equal(joint, alone[joint.columns], check_dtype=False)


def test_a_unit_that_a_scene_does_not_show_may_be_in_any_state() -> None:
    seen, hidden = unit("bf1", ["hot"]), unit("bf2", ["none"])
    running, between, halted = looks_together("all", [seen, hidden])[list(LOGLIK_COLUMNS)].to_numpy()[0]
    assert halted == 0
    assert running == between > 0  # the hidden one is in whatever state makes it so


def test_heat_is_counted_together_and_seen_if_any_is_seen() -> None:
    joint = looks_together("all", [unit("bf1", ["hot"]), unit("bf2", ["hot"])])
    assert joint["hot_pixels"].tolist() == [4]
    assert joint["p_detect"].tolist() == pytest.approx([1 - 0.2 * 0.2])
    assert joint["unit_id"].tolist() == ["all"]


def test_the_total_is_seen_as_well_as_its_best_seen_unit() -> None:
    joint = looks_together("all", [unit("bf1", ["none", "none"]), unit("bf2", ["cold", "none"])])
    assert joint["quality"].tolist() == ["clear", "cloudy"]


def test_no_units_give_no_looks() -> None:
    assert looks_together("all", []).empty


def test_one_furnace_that_glows_all_along_is_never_a_halted_total() -> None:
    """What each look leaves open must not add up: the other furnace is cold in all of them."""
    joint = looks_together("all", [unit("bf1", ["hot"] * 30), unit("bf2", ["cold"] * 30)])
    told = joint[list(LOGLIK_COLUMNS)].sum()
    assert told["loglik_reduced"] > told["loglik_halted"] + 30
    assert told["loglik_reduced"] > told["loglik_running"]


def test_scenes_that_show_nothing_weigh_nothing() -> None:
    joint = looks_together("all", [unit("bf1", ["none"] * 3), unit("bf2", ["none"] * 3)])
    assert (joint[list(LOGLIK_COLUMNS)] == 0).all(axis=None)
