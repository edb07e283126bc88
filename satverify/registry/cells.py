"""Single values of files: text, ids, numbers, dates and words out of a list, each with its own complaint."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from satverify.registry.problems import Ledger, nearest, shown

Word = TypeVar("Word", bound=StrEnum)

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SAME_SIGN = str.maketrans({"−": "-", "–": "-", "－": "-"})
"""Minus signs and dashes that word processors put where a hyphen is meant, as in the rating ``B-``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The values of one feature or line, and where complaints about them go."""

    where: str
    values: dict[str, object]
    """By canonical name; absent where the file has no such column."""
    ledger: Ledger

    def error(self, name: str, expected: str, found: str) -> None:
        """Note that one value is wrong."""
        self.ledger.error(f"{self.where}, {name}", expected, found)

    def is_given(self, name: str) -> bool:
        """Whether there is any value but blanks."""
        value = self.values.get(name)
        return value is not None and not (isinstance(value, str) and not value.strip())

    def text(self, name: str, *, strip: bool = True, one_line: bool = True) -> str:
        """Text, empty where absent; whole numbers count as text, since programs turn ids into numbers."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or _is_long_number(value):
            self.error(name, "text", shown(value) if not _is_long_number(value) else "a number of more than 18 digits")
            return ""
        text = str(value)
        if bad := unprintable(text, one_line=one_line):
            self.error(name, "text without control characters", f"{bad} in {shown(text)}")
            return ""
        return text.strip() if strip else text

    def required(self, name: str) -> str:
        """Text that must not be empty."""
        text = self.text(name)
        if not text and not self._has_error(name):
            self.error(name, "a value", "nothing")
        return text

    def number(self, name: str) -> float | None:
        """A finite number; none where absent or wrong."""
        if not self.is_given(name):
            return None
        value = self.values[name]
        try:
            number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number) or (isinstance(value, str) and "_" in value):
            self.error(name, "a number", shown(value))
            return None
        return number

    def day(self, name: str) -> date | None:
        """A calendar day written YYYY-MM-DD; none where absent or wrong."""
        if not self.is_given(name):
            return None
        text = self.text(name)
        try:
            day = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None and text:
            self.error(name, "a day written YYYY-MM-DD, such as 2021-11-15", shown(text))
        return day

    def word(self, name: str, words: type[Word]) -> Word | None:
        """One word of a list, whatever its case; none where absent or wrong."""
        text = self.text(name).translate(SAME_SIGN)
        if not text:
            return None
        found = {word.value.lower(): word for word in words}.get(text.lower().replace(" ", "_"))
        if found is None:
            known = [word.value for word in words]
            self.error(name, f"one of {', '.join(known)}", shown(text) + nearest(text.lower(), known))
        return found

    def _has_error(self, name: str) -> bool:
        errors = self.ledger.errors
        return bool(errors) and errors[-1].where == f"{self.where}, {name}"


def unprintable(text: str, *, one_line: bool = True) -> str:
    r"""Name of the first character that no name or id can hold, or nothing.

    >>> unprintable("a\0b")
    'U+0000'
    """
    if text.isprintable():
        return ""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and (one_line or character not in "\n\r\t"):
            return f"U+{ord(character):04X}"
    return ""


def _is_long_number(value: object) -> bool:
    """Whole numbers too long to print, which no id is."""
    return isinstance(value, int) and abs(value) >= 10**18
