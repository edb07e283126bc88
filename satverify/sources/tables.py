"""Tables on their way in: the columns looked for, chunks of text, and the account of what became of each row.

Rows that cannot be used are never an error by themselves: they are counted, and the first of them are kept as problems.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from satverify.errors import Problem

PROBLEMS_KEPT = 1000
"""Problems stored; the rest are only counted."""
SHOWN = 60
"""Longest value quoted in a message."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that a reader looks for."""

    name: str
    """Name the reader uses."""
    also: tuple[str, ...] = ()
    """Other names files give it; case and surrounding blanks never matter."""
    is_required: bool = False
    """Whether a file without it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """Some rows of a file, as text."""

    lines: npt.NDArray[np.int64]
    """Line of each row in the file, the header being line 1 unless blank lines precede it."""
    values: dict[str, pa.Array]
    """Text by column name, only for columns the file has; an array of strings as long as ``lines``."""
    decimal_comma: bool
    """Whether a comma may stand for the decimal point."""

    def text(self, name: str) -> pa.Array | None:
        """Values of a column, or None where the file lacks it."""
        return self.values.get(name)


@dataclass(slots=True)
class RowLedger:
    """What became of the rows: counts all that were left out, keeps the first problems.

    Filled while reading, so the one thing here that changes.
    """

    rows_read: int = 0
    rows_left_out: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """Things to know about rows that were kept."""

    def mark(self) -> tuple[int, int, int, int]:
        """State to come back to by ``rewind``."""
        return self.rows_read, self.rows_left_out, len(self.problems), len(self.notes)

    def rewind(self, mark: tuple[int, int, int, int]) -> None:
        """Forget what was told since ``mark``."""
        self.rows_read, self.rows_left_out = mark[:2]
        del self.problems[mark[2] :], self.notes[mark[3] :]

    def leave_out(self, file: str, line: int, expected: str, found: str) -> None:
        """Count one unusable row."""
        self.rows_left_out += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(Problem(file=file, where=f"line {line}", expected=expected, found=shown(found)))

    def note(self, file: str, where: str, expected: str, found: str) -> None:
        """Keep something to know about rows that were kept."""
        note = Problem(file=file, where=where, expected=expected, found=shown(found))
        if note not in self.notes and len(self.notes) < PROBLEMS_KEPT:
            self.notes.append(note)


class RowCheck:
    """Goes through the columns of one chunk; the first fault of a row is the one reported."""

    def __init__(self, file: str, chunk: Chunk) -> None:
        self.chunk = chunk
        self.file = file
        self.is_usable: Flags = np.ones(len(chunk.lines), dtype=bool)
        self._faults: list[tuple[int, str, str]] = []

    def require(self, is_right: Flags, expected: str, column: str) -> None:
        """Leave out the rows where ``is_right`` is false, and say what stands in ``column`` there."""
        found = self.chunk.text(column)
        for row in np.flatnonzero(self.is_usable & ~is_right):
            value = "" if found is None else found[int(row)].as_py()
            self._faults.append((int(row), expected, f"{column} {value!r}"))
        self.is_usable &= is_right

    def settle(self, ledger: RowLedger) -> None:
        """Hand the faults to the ledger, in the order of the file."""
        for row, expected, found in sorted(self._faults):
            ledger.leave_out(self.file, int(self.chunk.lines[row]), expected, found)


def shown(value: str) -> str:
    """Shorten a value so that it fits in a message, and make what cannot be printed visible."""
    plain = value if value.isprintable() else value.encode("unicode_escape").decode("ascii")
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
