"""Filters: what is understood, and what is refused."""

from __future__ import annotations

import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.emulator.catalogue.cql2 import OPERATORS, Comparison, FilterError, checked, parse_filter

PYTHON = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(name=st.sampled_from(sorted(PYTHON)), bound=NUMBERS, value=NUMBERS)
def test_text_and_json_mean_what_python_means(name: str, bound: float, value: float) -> None:
    text = parse_filter(f"eo:cloud_cover {name} {bound!r}", "cql2-text")
    document = {"op": name, "args": [{"property": "eo:cloud_cover"}, bound]}
    assert text == parse_filter(document, "cql2-json")
    assert text[0].holds(value) == PYTHON[name](value, bound)


@given(low=NUMBERS, high=NUMBERS, value=NUMBERS)
def test_between_includes_both_ends(low: float, high: float, value: float) -> None:
    (text,) = parse_filter(f"eo:cloud_cover BETWEEN {low!r} AND {high!r}", "cql2-text")
    (nested,) = parse_filter({"op": "between", "args": [{"property": "eo:cloud_cover"}, [low, high]]}, "cql2-json")
    assert text == nested
    assert text.holds(value) == (low <= value <= high)


@given(word=st.text(max_size=12))
def test_any_text_can_be_compared_with(word: str) -> None:
    quoted = word.replace("'", "''")
    (comparison,) = parse_filter(f"s5p:type='{quoted}'", "cql2-text")
    assert comparison == Comparison(property="s5p:type", operator="=", values=(word,))


def test_and_joins_any_number_of_comparisons_in_either_case() -> None:
    text = "a>=1 AND (b = 'x' and c BETWEEN 2 AND 3) And \"sat:orbit_state\"='ascending'"
    assert [(c.property, c.operator) for c in parse_filter(text, "cql2-text")] == [
        ("a", ">="),
        ("b", "="),
        ("c", "between"),
        ("sat:orbit_state", "="),
    ]
    document = {
        "op": "AND",
        "args": [
            {"op": ">=", "args": [{"property": "a"}, 1]},
            {"op": "and", "args": [{"op": "=", "args": [{"property": "b"}, "x"]}]},
        ],
    }
    assert [c.property for c in parse_filter(document, "cql2-json")] == ["a", "b"]


def test_no_filter_lets_everything_pass() -> None:
    assert parse_filter(None, "cql2-text") == parse_filter("", "cql2-text") == ()


def test_what_is_not_there_fits_nothing() -> None:
    assert not any(Comparison(property="a", operator=name, values=(1.0,)).holds(None) for name in OPERATORS)


@pytest.mark.parametrize(
    "text",
    [
        "eo:cloud_cover",
        "eo:cloud_cover <",
        "eo:cloud_cover < 5 AND",
        "eo:cloud_cover < 5 OR eo:cloud_cover > 9",
        "NOT eo:cloud_cover < 5",
        "eo:cloud_cover LIKE 'a'",
        "eo:cloud_cover IN (1, 2)",
        "eo:cloud_cover BETWEEN 1",
        "(eo:cloud_cover < 5",
        "eo:cloud_cover < 5)",
        "5 < eo:cloud_cover",
        "s5p:type = 'NO2",
        "eo:cloud_cover == 5",
        "eo:cloud_cover ~ 5",
    ],
)
def test_text_beyond_the_part_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="Unable to parse filter"):
        parse_filter(text, "cql2-text")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"op": "or", "args": []},
        {"op": "and", "args": []},
        {"op": "=", "args": [{"property": "a"}]},
        {"op": "=", "args": [1, 2]},
        {"op": "=", "args": [{"property": "a"}, True]},
        {"op": "=", "args": [{"property": "a"}, None]},
        {"op": "between", "args": [{"property": "a"}, 1]},
        {"op": "not", "args": [{"op": "=", "args": [{"property": "a"}, 1]}]},
    ],
)
def test_json_beyond_the_part_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        parse_filter(document, "cql2-json")


def test_a_filter_in_another_language_is_refused() -> None:
    with pytest.raises(FilterError, match="Unsupported filter-lang"):
        parse_filter("a = 1", "cql")
    with pytest.raises(FilterError, match="does not match"):
        parse_filter("a = 1", "cql2-json")


def test_only_queryables_can_be_asked_for_in_the_services_words() -> None:
    unknown = parse_filter("nonsense = 1", "cql2-text")
    with pytest.raises(FilterError, match=r"^Querying is not supported on property 'nonsense'$"):
        checked(unknown, {"eo:cloud_cover": float})
    mistyped = parse_filter("eo:cloud_cover = '5'", "cql2-text")
    with pytest.raises(FilterError, match="a number"):
        checked(mistyped, {"eo:cloud_cover": float})
