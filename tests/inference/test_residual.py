"""What a halted works still shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.inference.detectability import Detectability
from satverify.inference.residual import (
    COMPANION_SHARES,
    MOST_PLACE,
    MOST_WARM,
    P_WARM,
    SAME_PLACE,
    Residual,
    emission,
    learn_residual,
    p_warm_by_slot,
    place_ratio,
)
from satverify.inference.sky_chain import slots
from tests.inference.heat import cells, measured, observed_unit


def working(mean: float, looks: int) -> Detectability:
    return Detectability(
        sky_logit=np.zeros(looks), mean_pixels=np.full(looks, mean), size=1.5, parameters=np.zeros(looks)
    )


def test_each_state_has_the_count_it_leads_one_to_expect() -> None:
    counts = np.arange(400.0)
    seen = emission(counts, working(3.0, 400))
    for name, mean in (("running", 3.0), ("reduced", 1.5), ("clean", 0.001), ("warm", 0.8)):
        chance = np.exp(getattr(seen, name))
        assert chance.sum() == pytest.approx(1.0, abs=1e-6), name  # the tail beyond 400 pixels
        assert chance @ counts == pytest.approx(mean, rel=1e-4), name


@pytest.mark.parametrize("share", COMPANION_SHARES)
def test_equipment_that_burns_on_keeps_its_share_in_every_state(share: float) -> None:
    counts = np.arange(400.0)
    seen = emission(counts, working(3.0, 400), share)
    expected = {"running": 3.0, "reduced": 3 * (share + (1 - share) / 2), "clean": 3 * share + 0.001}
    for name, mean in expected.items():
        assert np.exp(getattr(seen, name)) @ counts == pytest.approx(mean, rel=1e-4), name


def test_foreign_heat_is_rare_until_the_units_own_history_says_otherwise() -> None:
    rng = np.random.default_rng(1)
    heat = measured(rng, np.zeros(600))
    looks = len(heat.looks)
    none = learn_residual(heat, np.zeros(looks), np.ones(looks))
    assert none.p_warm == pytest.approx(P_WARM)
    some = learn_residual(heat, np.ones(looks), np.full(looks, 0.1))
    assert P_WARM < some.p_warm < 0.1
    assert learn_residual(heat, np.ones(looks), np.ones(looks)).p_warm == MOST_WARM


def test_heat_beside_the_unit_warns_of_foreign_heat_for_a_week() -> None:
    heat = measured(np.random.default_rng(2), np.zeros(60))
    odd = np.where(heat.looks["local_day"].dt.day_of_year.to_numpy() == 31, 2, 0)
    burning = replace(heat, looks=heat.looks.assign(elsewhere_pixels=odd))
    where = slots(burning.looks, np.zeros(len(odd)))
    chance = p_warm_by_slot(burning, Residual.unknown(9), where)
    raised = np.flatnonzero(chance > P_WARM)
    assert len(raised) in (14, 15)
    assert chance.max() <= MOST_WARM


def test_pixels_where_the_works_is_always_hot_speak_for_work_and_others_against() -> None:
    heat = measured(np.random.default_rng(3), np.ones(2), p_open=1.0)
    first = np.zeros(1, dtype=np.int64)
    usual = replace(heat, pixel_look=first, pixel_cell=first + 4)
    edge = replace(heat, pixel_look=first, pixel_cell=first, ground_cells=5.0)
    ratio = place_ratio(usual, Residual.unknown(9))
    plain = ratio[0] - SAME_PLACE * max(int(heat.looks["hot_sources"].iloc[0]) - 1, 0)
    assert plain > 0.3
    assert place_ratio(edge, Residual.unknown(9))[0] < 0
    assert not ratio[1:].any()


def test_heat_where_it_lay_while_the_unit_was_halted_says_nothing_for_work() -> None:
    heat = measured(np.random.default_rng(4), np.ones(2), p_open=1.0)
    first = np.zeros(1, dtype=np.int64)
    usual = replace(heat, pixel_look=first, pixel_cell=first + 4)
    lit_when_halted = np.zeros(9)
    lit_when_halted[4] = 200.0
    learned = Residual(p_warm=0.1, cell_pixels=lit_when_halted)
    assert place_ratio(usual, learned)[0] < place_ratio(usual, Residual.unknown(9))[0]


def test_beside_coke_ovens_places_say_nothing() -> None:
    heat = measured(np.random.default_rng(5), np.ones(20), p_open=1.0)
    many = replace(
        heat, unit=observed_unit(coke=True), looks=heat.looks.assign(hot_sources=3 * (heat.looks["hot_pixels"] > 0))
    )
    assert not place_ratio(many, Residual.unknown(9)).any()


def test_places_never_settle_a_look_alone() -> None:
    heat = measured(np.random.default_rng(6), np.full(30, 20.0), p_open=1.0)
    single = replace(heat, looks=heat.looks.assign(hot_sources=1))
    assert np.abs(place_ratio(single, Residual.unknown(len(cells().share)))).max() <= MOST_PLACE
