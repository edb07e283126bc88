"""Progress on stderr: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from satverify.domain.ports import Progress

SECONDS_BETWEEN_LINES = 10.0
"""A log line where a stage starts, and this often while it lasts. [s]"""


@contextmanager
def progress(stream: TextIO | None = None) -> Iterator[Progress]:
    """Progress for as long as the block lasts: bars where ``stream`` (stderr) is a terminal, else log lines."""
    target = sys.stderr if stream is None else stream
    if not target.isatty():
        yield LogLines(target)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(file=target)) as bars:
        yield TerminalBars(bars)


class LogLines:
    """Log lines on a stream that is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._what, self._total, self._done, self._said = "", 0, 0, 0.0

    def start(self, what: str, total: int) -> None:
        """A line with what begins."""
        self._what, self._total, self._done, self._said = what, total, 0, time.monotonic()
        self.note(f"{what}: {total}" if total else what)

    def advance(self, name: str = "") -> None:
        """A line where the last one is long ago."""
        self._done += 1
        if time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            total = f" of {self._total}" if self._total else ""
            self.note(f"{self._what}: {self._done}{total}" + (f" ({name})" if name else ""))

    def note(self, text: str) -> None:
        """A line of its own."""
        print(one_line(text), file=self._stream, flush=True)


class TerminalBars:
    """A bar per stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def start(self, what: str, total: int) -> None:
        """A new bar."""
        self._bars.add_task(one_line(what), total=total)

    def advance(self, name: str = "") -> None:
        """Move the newest bar."""
        if self._bars.task_ids:
            self._bars.advance(self._bars.task_ids[-1])

    def note(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(one_line(text), markup=False, highlight=False)


class Silent:
    """Tells nobody."""

    def start(self, what: str, total: int) -> None:
        """Nothing."""

    def advance(self, name: str = "") -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


def one_line(text: str) -> str:
    """``text`` without line breaks or control characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
