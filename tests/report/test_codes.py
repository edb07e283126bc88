"""Whatever the judge says, the pages can put into words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import satverify.verification
from satverify.report.text import known_codes, load_text, placeholders


def statements() -> Iterator[tuple[str, frozenset[str]]]:
    """Code and names of values of every statement in the source of the judge: ``say("code", name=…)``."""
    for file in sorted(Path(satverify.verification.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say":
                (code,) = node.args
                assert isinstance(code, ast.Constant), f"{file.name}: a code must be written out to be found"
                assert isinstance(code.value, str)
                yield code.value, frozenset(keyword.arg or "" for keyword in node.keywords)


def test_the_judge_says_something() -> None:
    assert {"seen_hot", "no_usable_look", "not_separable", "coke_battery"} <= {code for code, _ in statements()}


def test_every_code_of_the_judge_has_wording() -> None:
    assert {code for code, _ in statements()} <= known_codes()


def test_the_judge_gives_every_value_that_the_wording_fills_in() -> None:
    entries = load_text("en").entries
    missing = {
        code: placeholders(wording) - names
        for code, names in statements()
        for section in ("reasons", "alternatives")
        if (wording := entries.get(f"{section}.{code}")) is not None and placeholders(wording) - names
    }
    assert missing == {}
