"""The part of CQL2 that the service's catalogue understands: comparisons joined by AND, as text and as JSON."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Value = str | float

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "=": operator.eq,
        "<>": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)
TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<operator><>|<=|>=|=|<|>)
      | (?P<bracket>[()])
      | (?P<word>"[^"]+"|[A-Za-z_][A-Za-z0-9_:.\-]*)
    )""",
    re.VERBOSE,
)


class FilterError(ValueError):
    """A filter that the catalogue does not understand; its text is what the service says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One property against one value, or against two that it lies between, both included."""

    property: str
    operator: str
    """A key of ``OPERATORS``, or ``between``."""
    values: tuple[Value, ...]

    def holds(self, found: Value | None) -> bool:
        """Whether a value fits. What is not there fits nothing."""
        if found is None:
            return False
        if self.operator == "between":
            low, high = self.values
            return low <= found <= high  # type: ignore[operator] # of one type: see ``checked``
        return OPERATORS[self.operator](found, self.values[0])


def parse_filter(expression: object, language: str) -> tuple[Comparison, ...]:
    """Comparisons that all have to hold.

    Parameters
    ----------
    expression
        Text, or a JSON object; none and empty text let everything pass.
    language
        ``cql2-text`` or ``cql2-json``.

    Raises
    ------
    FilterError
        The language is neither, or the expression is not of the part that the catalogue understands.
    """
    if expression is None or expression == "":
        return ()
    if language == "cql2-text" and isinstance(expression, str):
        return _TextParser(expression).comparisons()
    if language == "cql2-json" and isinstance(expression, Mapping):
        return _from_json(expression)
    if language not in {"cql2-text", "cql2-json"}:
        raise FilterError(f"Unsupported filter-lang '{language}'.")
    raise FilterError(f"Filter does not match filter-lang '{language}'.")


def checked(comparisons: Sequence[Comparison], queryables: Mapping[str, type]) -> tuple[Comparison, ...]:
    """The same comparisons, of properties that can be asked for and values of their type.

    Raises
    ------
    FilterError
        A property cannot be asked for, or is compared with a value of another type.
    """
    for comparison in comparisons:
        kind = queryables.get(comparison.property)
        if kind is None:
            raise FilterError(f"Querying is not supported on property '{comparison.property}'")
        if any(isinstance(value, str) != (kind is str) for value in comparison.values):
            wanted = "a string" if kind is str else "a number"
            raise FilterError(f"Property '{comparison.property}' can only be compared with {wanted}.")
    return tuple(comparisons)


class _TextParser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def comparisons(self) -> tuple[Comparison, ...]:
        found = self._conjunction()
        if self._at < len(self._tokens):
            raise self._error()
        return tuple(found)

    def _conjunction(self) -> list[Comparison]:
        found = self._term()
        while self._is_word("and"):
            self._at += 1
            found += self._term()
        return found

    def _term(self) -> list[Comparison]:
        if self._peek() == ("bracket", "("):
            self._at += 1
            found = self._conjunction()
            self._expect("bracket", ")")
            return found
        name = self._expect("word").strip('"')
        if self._is_word("between"):
            self._at += 1
            low = self._value()
            if not self._is_word("and"):
                raise self._error()
            self._at += 1
            return [Comparison(property=name, operator="between", values=(low, self._value()))]
        return [Comparison(property=name, operator=self._expect("operator"), values=(self._value(),))]

    def _value(self) -> Value:
        kind, text = self._peek()
        if kind not in {"text", "number"}:
            raise self._error()
        self._at += 1
        return text[1:-1].replace("''", "'") if kind == "text" else float(text)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _is_word(self, word: str) -> bool:
        kind, text = self._peek()
        return kind == "word" and text.lower() == word

    def _expect(self, kind: str, text: str | None = None) -> str:
        found_kind, found = self._peek()
        if found_kind != kind or (text is not None and found != text):
            raise self._error()
        self._at += 1
        return found

    def _error(self) -> FilterError:
        _, text = self._peek()
        where = f"at '{text}'" if text else "at its end"
        return FilterError(f"Unable to parse filter {where}: {self._text}")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FilterError(f"Unable to parse filter at '{text[at:].strip()[:20]}': {text}")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return tokens


def _from_json(node: object) -> tuple[Comparison, ...]:
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
        raise FilterError("Unable to parse filter: expected an object with 'op' and 'args'.")
    name, args = node["op"].lower(), node["args"]
    if name == "and":
        if len(args) < 1:
            raise FilterError("Unable to parse filter: 'and' without arguments.")
        return tuple(comparison for arg in args for comparison in _from_json(arg))
    if name != "between" and name not in OPERATORS:
        raise FilterError(f"Operator '{node['op']}' is not supported.")
    values = args[1:]
    if len(values) == 1 and isinstance(values[0], list):  # drafts of CQL2 had the bounds in a list of their own
        values = values[0]
    if not args or len(values) != (2 if name == "between" else 1):
        raise FilterError(f"Operator '{node['op']}' has the wrong number of arguments.")
    return (Comparison(property=_property(args[0]), operator=name, values=tuple(map(_json_value, values))),)


def _property(node: object) -> str:
    if isinstance(node, Mapping) and isinstance(node.get("property"), str):
        return str(node["property"])
    raise FilterError("Unable to parse filter: the first argument is not a property.")


def _json_value(value: object) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise FilterError(f"Unable to parse filter: {value!r} is neither text nor a number.")
