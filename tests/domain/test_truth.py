from __future__ import annotations

from datetime import date

import pytest

from satverify.domain.truth import DatedTurn, KnownState, Spell, Truth, Turn
from satverify.errors import InputError


def spell(site_id: str, unit_id: str | None = None) -> Spell:
    return Spell(
        site_id=site_id, unit_id=unit_id, state=KnownState.RUNNING, start=date(2021, 1, 1), stop=date(2021, 1, 11)
    )


def turn(site_id: str) -> DatedTurn:
    return DatedTurn(site_id=site_id, turn=Turn.STOP, start=date(2021, 2, 1), stop=date(2021, 2, 2))


def test_a_spell_without_days_cannot_be_made() -> None:
    with pytest.raises(InputError, match="is not after start"):
        Spell(site_id="a", state=KnownState.HALTED, start=date(2021, 1, 1), stop=date(2021, 1, 1))


def test_a_turn_that_ends_before_it_begins_cannot_be_made() -> None:
    with pytest.raises(InputError, match="is not after start"):
        DatedTurn(site_id="a", turn=Turn.RESTART, start=date(2021, 1, 2), stop=date(2021, 1, 1))


def test_a_truth_is_cut_to_one_works() -> None:
    truth = Truth(spells=(spell("a"), spell("b")), turns=(turn("b"), turn("c")))
    assert truth.site_ids == ("a", "b", "c")
    assert truth.of("b") == Truth(spells=(spell("b"),), turns=(turn("b"),))


def test_names_of_units_begin_with_none() -> None:
    truth = Truth(spells=(spell("a", "bf2"), spell("a", "bf1")), turns=(turn("a"),))
    assert truth.unit_names == (None, "bf1", "bf2")


def test_the_length_of_a_spell_leaves_its_stop_out() -> None:
    assert spell("a").days == 10
