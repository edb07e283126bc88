"""A ledger of what is wrong with one file, so that all of it can be told at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from satverify.errors import InputError, Problem

LONGEST_SHOWN = 80
"""Characters of a found value that a message repeats."""


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Errors and warnings of one file, in the order in which they were found."""

    file: str
    """Name of the file as the user gave it."""
    errors: list[Problem] = field(default_factory=list)
    """What makes the file unusable."""
    warnings: list[Problem] = field(default_factory=list)
    """What is only suspicious."""

    def error(self, where: str, expected: str, found: str) -> None:
        """Note something that makes the file unusable."""
        self.errors.append(Problem(file=self.file, where=where, expected=expected, found=found))

    def warn(self, where: str, expected: str, found: str) -> None:
        """Note something that is only suspicious."""
        self.warnings.append(Problem(file=self.file, where=where, expected=expected, found=found))

    def log_warnings(self) -> None:
        """Send the warnings to the log, for callers that get no account of them."""
        for warning in self.warnings:
            logging.getLogger(__name__).warning("%s", warning)

    def raise_errors(self, what: str) -> None:
        """Raise all errors as one.

        Parameters
        ----------
        what
            What could not be read, such as ``sites``.

        Raises
        ------
        InputError
            Where there is any error; ``problems`` holds all of them.
        """
        if self.errors:
            count = "1 problem" if len(self.errors) == 1 else f"{len(self.errors)} problems"
            raise InputError(f"{self.file}: {count} in these {what}", problems=self.errors)


def shown(value: object) -> str:
    """A found value in quotes, shortened where long, with nothing in it that could disturb a terminal.

    >>> shown("2021/11/15")
    "'2021/11/15'"
    """
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except RecursionError:  # lists in lists, hundreds deep
        text = f"a deep {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def nearest(word: str, known: Iterable[str]) -> str:
    """``, did you mean 'x'?`` where a known word is close, else nothing.

    >>> nearest("blast furnace", ["blast_furnace", "converter"])
    ", did you mean 'blast_furnace'?"
    """
    match = get_close_matches(word, sorted(str(each) for each in known), n=1, cutoff=0.6)
    return f", did you mean {match[0]!r}?" if match else ""
