"""Read files of delimited text in whatever shape people save them, a chunk at a time.

Arrow's parser takes nearly every file; one that it does not take, or would cut into rows at other places, is read the
exact and slow way by the standard library, with the same result.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from satverify.errors import InputError, Problem
from satverify.sources.tables import Chunk, Column, RowLedger, shown

CHUNK_BYTES = 16_000_000
CHUNK_ROWS = 50_000
HEADER_BYTES = 65_536
DELIMITERS = (",", ";", "\t")
ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
"""Tried in this order. None of them uses a delimiter, quote or line-end byte inside a longer character, so that rows
can be cut before they are decoded."""

T = TypeVar("T")


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
            read_options=pacsv.ReadOptions(
                use_threads=False,
                column_names=names,
                block_size=CHUNK_BYTES,
                encoding="utf8" if header.encoding == ENCODINGS[0] else header.encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=header.delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=[names[place] for place in places],
                column_types={names[place]: pa.string() for place in places},
                check_utf8=False,  # the scan has seen to it
            ),
        )
        line = header.lines + 1
        for batch in reader:
            lines, line = _lines(line, batch.num_rows, skipped)
            texts = {place: pc.utf8_trim_whitespace(batch.column(names[place])) for place in places}
            chunk = _told(lines, {name: texts[place] for name, place in header.places.items()}, header)
            ledger.rows_read += len(chunk.lines)
            yield chunk


def _told(lines: npt.NDArray[np.int64], values: dict[str, pa.Array], header: _Header) -> Chunk:
    """Rows as a chunk, without those that say nothing in any column looked for: spreadsheets leave such at the end."""
    is_told = np.zeros(len(lines), dtype=bool)
    for text in values.values():
        is_told |= pc.not_equal(text, "").to_numpy(zero_copy_only=False)
        if is_told.all():
            break
    else:
        lines, values = lines[is_told], {name: text.filter(pa.array(is_told)) for name, text in values.items()}
    return Chunk(lines=lines, values=values, decimal_comma=header.delimiter != ",")


def _lines(first: int, rows: int, skipped: list[int]) -> tuple[npt.NDArray[np.int64], int]:
    """Lines of the next ``rows`` good rows from line ``first`` on, and the line after the last."""
    lines = np.arange(first, first + rows + len(skipped), dtype=np.int64)
    if skipped:
        lines = np.setdiff1d(lines, skipped)[:rows]
    last = int(lines[-1]) if rows else first - 1
    skipped[:] = [line for line in skipped if line > last]
    return lines, last + 1


def _exact(path: Path, header: _Header, ledger: RowLedger) -> Iterator[Chunk]:
    """Rows by way of the standard library: slow, and takes anything."""
    with path.open("rb") as raw:
        raw.seek(header.offset)
        stream = io.TextIOWrapper(raw, encoding=header.encoding, errors="replace", newline="")
        rows: list[list[str]] = []
        lines: list[int] = []
        for number, line in enumerate(stream, start=header.lines + 1):
            row = _fields(line, header.delimiter)
            if len(row) == header.width:
                rows.append(row)
                lines.append(number)
            elif line.strip():
                ledger.rows_read += 1
                ledger.leave_out(path.name, number, f"{header.width} fields", f"{len(row)}: {line.rstrip()}")
            if len(rows) >= CHUNK_ROWS:
                yield _chunk(rows, lines, header, ledger)
                rows, lines = [], []
        if rows:
            yield _chunk(rows, lines, header, ledger)


def _fields(line: str, delimiter: str) -> list[str]:
    """Fields of one line; none where it cannot be cut."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _chunk(rows: Sequence[Sequence[str]], lines: Sequence[int], header: _Header, ledger: RowLedger) -> Chunk:
    texts = {
        name: pc.utf8_trim_whitespace(pa.array([row[place] for row in rows], pa.string()))
        for name, place in header.places.items()
    }
    chunk = _told(np.asarray(lines, dtype=np.int64), texts, header)
    ledger.rows_read += len(chunk.lines)
    return chunk
