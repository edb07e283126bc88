"""Every statement that a finding can carry has wording, and brings what the wording asks for."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from satverify.domain.findings import Statement, Verdict
from satverify.domain.policy import Requirement
from satverify.report.text import LANGUAGES, known_codes, load_text, sentence
from satverify.verification.window import Window, window_of
from satverify.verification.words import FEW_LOOKS, SHORT_HISTORY, Case, alternatives, reasons
from tests.verification.looks import FIRST, Works, looks_of, unit_of


def window(looks: pd.DataFrame, days: int) -> Window:
    return window_of(looks, FIRST, FIRST + timedelta(days=days))


def case(
    verdict: Verdict,
    *,
    requirement: Requirement = Requirement.HALT,
    tolerance: int = 2,
    unseen: int = 3,
    history: int = 900,
) -> Case:
    return Case(
        requirement=requirement,
        verdict=verdict,
        p_low=0.2,
        p_high=0.9,
        tolerance=tolerance,
        unseen_run=unseen,
        history_days=history,
    )


def codes(statements: tuple[Statement, ...]) -> list[str]:
    return [statement.code for statement in statements]


def fields(statement: Statement, lang: str) -> set[str]:
    """What the wording of a statement asks for."""
    text = load_text(lang)
    keys = [f"{section}.{statement.code}" for section in ("reasons", "alternatives")]
    wording = next(text.entries[key] for key in keys if text.has(key))
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def all_said() -> list[Statement]:
    """What is said of many windows, under every verdict and requirement."""
    said: list[Statement] = []
    odd = looks_of(["cold", "none"] * 10)
    odd["elsewhere_pixels"] = 3
    faint = looks_of(["cold"] * 20).assign(p_detect=0.05, cloud_cover=np.nan)
    out = looks_of(["none", "cold", "hot"] * 7)
    out.loc[0, "quality"] = "outage"
    late = pd.concat([looks_of(["cold"] * 20), looks_of(["none"] * 10 + ["hot"] * 10, satellite="N20")])
    for looks in (odd, faint, out, late, looks_of(["none"] * 20), looks_of(["hot"] * 20), looks_of(["cold"] * 2)):
        for verdict in Verdict:
            for requirement in Requirement:
                one = case(verdict, requirement=requirement, history=90)
                said.extend(reasons(window(looks, 20), one))
                said.extend(alternatives(window(looks, 20), unit_of(Works(furnaces=2, coke=2)), one))
                said.extend(
                    alternatives(window(looks, 20), unit_of(Works(listed=False)), replace(one, neighbour=612.4))
                )
    return said


def test_every_statement_has_wording_and_brings_just_what_it_asks_for() -> None:
    said = all_said()
    expected = {
        "no_usable_look",
        "residual_heat",
        "seen_hot",
        "seen_cold",
        "evidence_weak",
        "few_usable_looks",
        "detectability_low",
        "heat_elsewhere_only",
        "tolerance",
        "unseen_run",
        "coke_battery",
        "hot_idle",
        "unlisted_equipment",
        "neighbour",
        "fire_elsewhere",
        "partial_operation",
        "sensor_change",
        "outage",
        "own_history_short",
        "snow_or_haze",
    }
    assert {statement.code for statement in said} == expected
    for statement in set(said):
        assert statement.code in known_codes()
        for lang in LANGUAGES:
            assert fields(statement, lang) == {name for name, _ in statement.values}, (statement, lang)
            assert f"{statement.code}(" not in sentence(statement, lang)


def test_a_window_without_a_usable_look_has_that_one_reason() -> None:
    blind = window(looks_of(["none"] * 5), 5)
    assert codes(reasons(blind, case(Verdict.UNDETERMINED))) == ["no_usable_look"]


def test_heat_in_a_window_that_counts_as_halted_is_called_residual() -> None:
    seen = window(looks_of(["hot", *["cold"] * 20]), 21)
    assert codes(reasons(seen, case(Verdict.CONSISTENT))) == ["residual_heat", "seen_cold", "tolerance", "unseen_run"]
    assert "seen_hot" in codes(reasons(seen, case(Verdict.CONSISTENT, requirement=Requirement.CUT)))


def test_heat_is_dated_by_its_first_and_last_day() -> None:
    said = reasons(window(looks_of(["cold", "hot", "none", "hot", "cold"]), 5), case(Verdict.INCONSISTENT))
    assert said[0].code == "seen_hot"
    assert dict(said[0].values) == {"looks": 2, "days": 2, "first": "2021-01-02", "last": "2021-01-04"}


@pytest.mark.parametrize(("looks", "is_said"), [(FEW_LOOKS - 1, True), (FEW_LOOKS, False)])
def test_few_looks_are_a_reason_of_their_own(looks: int, is_said: bool) -> None:
    said = codes(reasons(window(looks_of(["cold"] * looks), 20), case(Verdict.UNDETERMINED)))
    assert ("few_usable_looks" in said) == is_said


@pytest.mark.parametrize(("days", "is_said"), [(SHORT_HISTORY - 1, True), (SHORT_HISTORY, False)])
def test_a_short_history_is_told(days: int, is_said: bool) -> None:
    seen = window(looks_of(["cold"] * 20), 20)
    said = codes(alternatives(seen, unit_of(Works()), case(Verdict.CONSISTENT, history=days)))
    assert ("own_history_short" in said) == is_said


def test_batteries_are_an_alternative_only_to_heat() -> None:
    unit = unit_of(Works(coke=1))
    dark, lit = window(looks_of(["cold"] * 20), 20), window(looks_of(["hot"] * 20), 20)
    assert "coke_battery" not in codes(alternatives(dark, unit, case(Verdict.UNDETERMINED)))
    assert "coke_battery" in codes(alternatives(lit, unit, case(Verdict.INCONSISTENT)))


def test_a_satellite_that_came_is_dated() -> None:
    looks = pd.concat([looks_of(["cold"] * 20), looks_of(["none"] * 10 + ["cold"] * 10, satellite="N20")])
    said = alternatives(window(looks, 20), unit_of(Works()), case(Verdict.CONSISTENT))
    changes = [dict(statement.values)["day"] for statement in said if statement.code == "sensor_change"]
    assert changes == ["2021-01-11"]
