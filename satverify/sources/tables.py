"""Read tables of delimited text in whatever shape people save them, and keep what is wrong with each row.

Rows that cannot be used are never an error by themselves: they are counted, and the first of them are kept as problems.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from satverify.errors import InputError, Problem

PROBLEMS_KEPT = 1000
"""Problems stored; the rest are only counted."""
CHUNK_BYTES = 16_000_000
CHUNK_ROWS = 50_000
HEADER_BYTES = 65_536
SHOWN = 60
"""Longest value quoted in a message."""
DELIMITERS = (",", ";", "\t")
ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
"""Tried in this order. None of them uses a delimiter, quote or line-end byte inside a longer character, so that rows
can be cut before they are decoded."""

T = TypeVar("T")
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


def read_table(
    path: Path, columns: Sequence[Column], ledger: RowLedger, convert: Callable[[Chunk, RowLedger], T]
) -> list[T]:
    """Read a delimited text file with a header, a chunk at a time.

    Parameters
    ----------
    path
        UTF-8 (with or without mark), GB18030 or Latin-1; comma, semicolon or tab; LF, CRLF or CR. A line is a row: a
        line break inside quotes ends the row.
    columns
        What to look for; other columns of the file are skipped.
    ledger
        Receives rows with too many or too few fields, and is handed on to ``convert``.
    convert
        Makes of a chunk what is kept of it, so that no more than a chunk of text is held at once.

    Returns
    -------
    What ``convert`` made, in the order of the file; nothing for an empty file or a header alone.

    Raises
    ------
    InputError
        Where the file cannot be read, or lacks a required column.
    """
    header = _read_header(path, columns)
    if header is None:
        ledger.note(path.name, "the file", "a header and rows", "an empty file")
        return []
    if header.is_plain:
        before = ledger.mark()
        try:
            return [convert(chunk, ledger) for chunk in _fast(path, header, ledger)]
        except (pa.ArrowException, OverflowError):
            ledger.rewind(before)
    return [convert(chunk, ledger) for chunk in _exact(path, header, ledger)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    delimiter: str
    width: int
    places: dict[str, int]
    offset: int
    """Byte at which the first row starts."""
    lines: int
    """Lines before the first row."""
    encoding: str
    is_plain: bool
    """Whether no line leaves a quote open, so that Arrow's parser cuts the rows at the same places."""


def _read_header(path: Path, columns: Sequence[Column]) -> _Header | None:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEADER_BYTES)
    except OSError as exc:
        raise InputError(f"{path.name}: expected a readable file, found {exc.strerror or exc}") from exc
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        raise InputError(f"{path.name}: expected UTF-8, GB18030 or Latin-1 text, found UTF-16 or a binary file")
    offset, line, lines = 0, b"", 0
    for raw in head.splitlines(keepends=True):
        offset, lines = offset + len(raw), lines + 1
        line = raw.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n")
        if line.strip():
            break
    if not line.strip():
        return None
    text = next(text for text in (_decoded(line, encoding) for encoding in ENCODINGS) if text is not None)
    delimiter = max(DELIMITERS, key=lambda mark: (_known(text, mark, columns), text.count(mark)))
    names = _names(text, delimiter)
    places = {column.name: place for column in columns if (place := _place(names, column)) is not None}
    missing = [column for column in columns if column.is_required and column.name not in places]
    if missing:
        raise _missing(path, missing, names, lines)
    encoding, is_plain = _scan(path)
    return _Header(
        delimiter=delimiter,
        width=len(names),
        places=places,
        offset=offset,
        lines=lines,
        encoding=encoding,
        is_plain=is_plain,
    )


def _scan(path: Path) -> tuple[str, bool]:
    """First encoding that the whole file is valid in, and whether no line leaves a quote open."""
    decoders = {encoding: codecs.getincrementaldecoder(encoding)() for encoding in ENCODINGS[:-1]}
    is_plain, quotes = True, 0
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(CHUNK_BYTES), b""):
            for encoding in [name for name, decoder in decoders.items() if not _takes(decoder, block)]:
                del decoders[encoding]
            if b'"' in block:
                marks = np.frombuffer(block, dtype=np.uint8)
                total = quotes + np.cumsum(marks == ord('"'))
                is_plain &= not (total[(marks == ord("\n")) | (marks == ord("\r"))] % 2).any()
                quotes = int(total[-1])
            elif quotes % 2:
                is_plain = False
    finished = [name for name, decoder in decoders.items() if _takes(decoder, b"", final=True)]
    return (finished or ENCODINGS[-1:])[0], is_plain


def _takes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    if not final and block.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _names(text: str, delimiter: str) -> list[str]:
    return [name.strip().lower() for name in _fields(text, delimiter)]


def _place(names: Sequence[str], column: Column) -> int | None:
    return next((names.index(name) for name in (column.name, *column.also) if name in names), None)


def _known(text: str, delimiter: str, columns: Sequence[Column]) -> int:
    names = _names(text, delimiter)
    return sum(_place(names, column) is not None for column in columns)


def _missing(path: Path, missing: Sequence[Column], names: Sequence[str], line: int) -> InputError:
    problems = []
    for column in missing:
        near = difflib.get_close_matches(column.name, names, n=1, cutoff=0.5)
        found = f"no such column; the nearest is {shown(near[0])!r}" if near else f"only {shown(', '.join(names))}"
        problems.append(Problem(file=path.name, where=f"line {line}", expected=f"a column {column.name}", found=found))
    return InputError(f"{path.name}: required columns are missing", problems=problems)


def _fast(path: Path, header: _Header, ledger: RowLedger) -> Iterator[Chunk]:
    """Rows by way of Arrow's parser; raises ArrowException on what it does not take."""
    skipped: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        number = header.lines + (row.number or 0)
        skipped.append(number)
        if row.text.strip():
            ledger.rows_read += 1
            ledger.leave_out(path.name, number, f"{header.width} fields", f"{row.actual_columns}: {row.text}")
        return "skip"

    names = [str(place) for place in range(header.width)]
    places = sorted(set(header.places.values()))
    with path.open("rb") as stream:
        stream.seek(header.offset)
        if not stream.read(1):
            return
        stream.seek(header.offset)
        reader = pacsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pacsv.ReadOptions(use_threads=False, column_names=names, block_size=CHUNK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=header.delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=[names[place] for place in places],
                column_types={names[place]: pa.binary() for place in places},
                check_utf8=False,
            ),
        )
        line = header.lines + 1
        for batch in reader:
            lines, line = _lines(line, batch.num_rows, skipped)
            ledger.rows_read += batch.num_rows
            texts = {place: _as_text(batch.column(names[place]), header.encoding) for place in places}
            yield Chunk(
                lines=lines,
                values={name: texts[place] for name, place in header.places.items()},
                decimal_comma=header.delimiter != ",",
            )


def _lines(first: int, rows: int, skipped: list[int]) -> tuple[npt.NDArray[np.int64], int]:
    """Lines of the next ``rows`` good rows from line ``first`` on, and the line after the last."""
    lines = np.arange(first, first + rows + len(skipped), dtype=np.int64)
    if skipped:
        lines = np.setdiff1d(lines, skipped)[:rows]
    last = int(lines[-1]) if rows else first - 1
    skipped[:] = [line for line in skipped if line > last]
    return lines, last + 1


def _as_text(raw: pa.Array, encoding: str) -> pa.Array:
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        text = pa.array([value.decode(encoding, "replace") for value in raw.to_pylist()], pa.string())
    return pc.utf8_trim_whitespace(text)


def _exact(path: Path, header: _Header, ledger: RowLedger) -> Iterator[Chunk]:
    """Rows by way of the standard library: slow, and takes anything."""
    with path.open("rb") as raw:
        raw.seek(header.offset)
        stream = io.TextIOWrapper(raw, encoding=header.encoding, errors="replace", newline="")
        rows: list[list[str]] = []
        lines: list[int] = []
        for number, line in enumerate(stream, start=header.lines + 1):
            if not line.strip():
                continue
            ledger.rows_read += 1
            row = _fields(line, header.delimiter)
            if len(row) != header.width:
                ledger.leave_out(path.name, number, f"{header.width} fields", f"{len(row)}: {line.rstrip()}")
                continue
            rows.append(row)
            lines.append(number)
            if len(rows) >= CHUNK_ROWS:
                yield _chunk(rows, lines, header)
                rows, lines = [], []
        if rows:
            yield _chunk(rows, lines, header)


def _fields(line: str, delimiter: str) -> list[str]:
    """Fields of one line; none where it cannot be cut."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _chunk(rows: Sequence[Sequence[str]], lines: Sequence[int], header: _Header) -> Chunk:
    return Chunk(
        lines=np.asarray(lines, dtype=np.int64),
        values={
            name: pa.array([row[place].strip() for row in rows], pa.string()) for name, place in header.places.items()
        },
        decimal_comma=header.delimiter != ",",
    )
