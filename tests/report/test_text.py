from __future__ import annotations

from datetime import date
from importlib import resources

import pytest
from markupsafe import Markup

from satverify.domain.findings import Statement, Tier, Verdict
from satverify.domain.looks import Quality, State
from satverify.domain.policy import Requirement
from satverify.domain.sites import FootprintStatus, UnitKind
from satverify.errors import InputError
from satverify.report.sightings import Seen
from satverify.report.text import LANGUAGES, known_codes, load_text, placeholders, sentence

STATEMENTS = [
    Statement(code=code, values=values)
    for code, values in {
        "seen_hot": (("looks", 12), ("days", 7), ("first", "2021-11-16"), ("last", "2021-12-03")),
        "seen_cold": (("looks", 40), ("days", 22)),
        "no_usable_look": (),
        "few_usable_looks": (("looks", 1),),
        "evidence_weak": (("p_low", 0.3), ("p_high", 0.9)),
        "not_separable": (("units", "bf-1, bf-2"),),
        "outside_area": (),
        "outside_coverage": (),
        "detectability_low": (("p_detect", 0.08),),
        "baseline_unseen": (("start", "2021-01-01"), ("stop", "2021-03-16")),
        "heat_elsewhere_only": (("pixels", 3),),
        "residual_heat": (("pixels", 5), ("days", 4)),
        "level_below_usual": (("share", 0.4),),
        "not_observable_kind": (("kind", "converter"),),
        "no_history": (),
        "exempt": (),
        "sensors_disagree": (),
        "site_total_only": (("units", "bf-1, bf-2"),),
        "window_outside_days": (),
        "tolerance": (("days", 2.35),),
        "unseen_run": (("days", 6),),
        "coke_battery": (("units", "coke-1"),),
        "unlisted_equipment": (),
        "hot_idle": (),
        "neighbour": (("distance_m", 1430.0),),
        "fire_elsewhere": (("pixels", 1),),
        "sensor_change": (("day", "2022-01-25"),),
        "own_history_short": (("days", 61),),
        "outage": (("days", 15),),
        "snow_or_haze": (),
        "partial_operation": (("share", 0.55),),
    }.items()
]
"""Every code of the first judge, with the values it gives."""


def test_both_languages_have_the_same_sentences() -> None:
    assert load_text("en").entries.keys() == load_text("zh").entries.keys()


def test_both_languages_fill_in_the_same_values() -> None:
    english, chinese = (load_text(lang).entries for lang in LANGUAGES)
    differing = [key for key in english if placeholders(english[key]) != placeholders(chinese[key])]
    assert differing == []


def test_there_are_twelve_months() -> None:
    assert [len(set(load_text(lang).months)) for lang in LANGUAGES] == [12, 12]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.code)
def test_every_statement_has_wording(statement: Statement, lang: str) -> None:
    said = sentence(statement, lang)
    assert said.endswith("." if lang == "en" else "。")
    assert statement.code not in said
    assert not set("{}#|") & set(said)


def test_no_wording_is_left_over() -> None:
    assert known_codes() == {statement.code for statement in STATEMENTS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_choice_of_words_has_its_word(lang: str) -> None:
    text = load_text(lang)
    choices = {
        "verdict": Verdict,
        "verdict_title": Verdict,
        "tier": Tier,
        "requirement": Requirement,
        "unit_kind": UnitKind,
        "footprint": FootprintStatus,
        "state": State,
        "quality": Quality,
        "look": Seen,
    }
    wordless = [f"{section}.{value}" for section, values in choices.items() for value in values]
    assert [key for key in wordless if not text.has(key)] == []


def test_the_number_of_a_thing_chooses_its_word() -> None:
    assert sentence(Statement(code="few_usable_looks", values=(("looks", 1),)), "en").startswith("Only 1 usable look ")
    assert sentence(Statement(code="few_usable_looks", values=(("looks", 2),)), "en").startswith("Only 2 usable looks ")


def test_days_are_written_the_way_each_language_does() -> None:
    changed = Statement(code="sensor_change", values=(("day", "2022-01-05"),))
    assert "on 5 Jan 2022;" in sentence(changed, "en")
    assert sentence(changed, "zh").startswith("2022年1月5日")


def test_a_half_open_baseline_is_told_by_its_last_day() -> None:
    unseen = Statement(code="baseline_unseen", values=(("start", "2021-01-01"), ("stop", "2021-03-16")))
    assert "1 Jan 2021 to 15 Mar 2021" in sentence(unseen, "en")


def test_heat_of_one_day_is_told_by_that_day() -> None:
    values = (("looks", 2), ("days", 1), ("first", "2021-11-15"), ("last", "2021-11-15"))
    said = sentence(Statement(code="seen_hot", values=values), "en")
    assert said.count("15 Nov 2021") == 1


@pytest.mark.parametrize(
    "statement",
    [
        Statement(code="a_later_code", values=(("days", 3),)),
        Statement(code="tolerance", values=(("hours", 3),)),
        Statement(code="sensor_change", values=(("day", "soon"),)),
    ],
)
def test_what_cannot_be_worded_is_given_as_it_stands(statement: Statement) -> None:
    name, value = statement.values[0]
    assert sentence(statement, "zh") == f"{statement.code}({name}={value})"


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(InputError, match="expected one of en, zh, found 'fr'"):
        sentence(STATEMENTS[0], "fr")


@pytest.mark.parametrize(
    ("p", "written"),
    [(0.5, "0.50"), (0.953, "0.95"), (0.9962, "0.996"), (0.99999, "> 0.999"), (0.004, "0.004"), (0.0, "< 0.001")],
)
def test_probabilities_have_the_digits_that_tell_something(p: float, written: str) -> None:
    assert load_text("en").probability(p) == written


def test_a_probability_beyond_its_digits_is_not_said_to_equal_them() -> None:
    assert load_text("en").p_equals(0.00001) == "P < 0.001"


def test_values_in_markup_are_escaped_and_markup_is_kept() -> None:
    text = load_text("en")
    said = text.markup("unit_label.named", name="<i>x</i>", kind=Markup("<b>k</b>"))
    assert said == "&lt;i&gt;x&lt;/i&gt; (<b>k</b>)"


def test_a_run_of_days_in_each_language() -> None:
    first, last = date(2021, 11, 15), date(2021, 12, 31)
    assert load_text("en").days(first, last) == "15 Nov 2021 to 31 Dec 2021"
    assert load_text("zh").days(first, last) == "2021年11月15日至2021年12月31日"


def test_no_wording_is_without_use() -> None:
    report = resources.files("satverify.report")
    sources = [file for folder in (report, report / "templates") for file in folder.iterdir() if file.is_file()]
    code = "".join(file.read_text(encoding="utf-8") for file in sources)
    by_value = {
        "reasons",
        "alternatives",
        "satellite",
        "sensor",
        "day_night",
        "map",
        "evidence",
        "provenance",
        "format",
    }
    by_choice = {
        "verdict",
        "verdict_title",
        "tier",
        "requirement",
        "unit_kind",
        "footprint",
        "state",
        "quality",
        "look",
    }
    named = [key for key in load_text("en").entries if key.split(".")[0] not in by_value | by_choice | {"summary"}]
    computed = {"finding.gauge_low", "finding.gauge_mid", "finding.gauge_high", "timeline.stop", "timeline.restart"}
    assert [key for key in named if f'"{key}"' not in code and key not in computed] == []


def test_several_kinds_are_each_named() -> None:
    blind = Statement(code="not_observable_kind", values=(("kind", "converter, sinter_machine"),))
    assert "(converter, sinter machine)" in sentence(blind, "en")
    assert "（转炉、烧结机）" in sentence(blind, "zh")
