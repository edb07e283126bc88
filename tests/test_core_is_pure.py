"""What import-linter cannot see of the import rule: built-ins and methods that reach out of the core."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "satverify"
CORE = ("domain", "physics", "features", "simulate", "inference", "verification")
BUILT_INS = {"breakpoint", "eval", "exec", "input", "open", "print"}
METHODS = {
    "now",
    "today",
    "utcnow",
    "read_bytes",
    "read_csv",
    "read_parquet",
    "read_text",
    "tofile",
    "to_csv",
    "to_parquet",
}


def _reaches_out(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in BUILT_INS
        case ast.Attribute(attr=name):
            return name in METHODS
    return False


def _calls_out(source: str) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [f"line {call.lineno}: {ast.unparse(call.func)}" for call in calls if _reaches_out(call)]


@pytest.mark.parametrize("folder", CORE)
def test_the_core_reads_no_file_and_no_clock(folder: str) -> None:
    found = {path.name: _calls_out(path.read_text("utf-8")) for path in sorted((PACKAGE / folder).rglob("*.py"))}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_a_call_that_reaches_out_is_seen() -> None:
    assert _calls_out("import pandas as pd\nx = open('a')\ny = pd.Timestamp.now()\n") == [
        "line 2: open",
        "line 3: pd.Timestamp.now",
    ]
