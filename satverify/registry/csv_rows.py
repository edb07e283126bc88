"""CSV tables as people save them: line by line, with the number of each line, and safe to open in a spreadsheet.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula. Such text is written with an
apostrophe before it, which spreadsheets understand as "text", and read back without.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from satverify.registry.files import decoded, file_bytes, unreadable
from satverify.registry.problems import Ledger, nearest, shown

FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r]")
"""Text that a spreadsheet would run, or that would be taken for the protected form of such text."""


def table_rows(
    path: Path, *, known: Sequence[str], required: Sequence[str], ledger: Ledger
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values by column of each row that has as many fields as the header; blank lines are passed over.

    Raises
    ------
    InputError
        Where the file is no text, empty, or not separated by commas.
    """
    text = decoded(path, file_bytes(path))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] | None = None
    start = 1
    while True:
        start = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as exc:
            ledger.error(f"line {start}", "fields separated by commas, quotes closed", str(exc))
            continue
        if fields is None:
            break
        if not any(field.strip() for field in fields):
            continue
        if columns is None:
            columns = _header(path, start, fields, known=known, required=required, ledger=ledger)
        elif len(fields) != len(columns):
            ledger.error(f"line {start}", f"{len(columns)} fields, as in the header", f"{len(fields)}")
        else:
            yield start, {name: unprotected(field) for name, field in zip(columns, fields, strict=True) if name}


def table_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV table in UTF-8 with a header; lines end in LF."""
    lines = [columns, *([protected(row.get(name, "")) for name in columns] for row in rows)]
    return "".join(f"{','.join(map(_quoted, line))}\n" for line in lines).encode()


def protected(text: str) -> str:
    """Text that no spreadsheet runs as a formula.

    >>> protected("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    return f"'{text}" if FORMULA.match(text) else text


def unprotected(text: str) -> str:
    """What ``protected`` was given.

    >>> unprotected("'=HYPERLINK(1)")
    '=HYPERLINK(1)'
    """
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def _quoted(text: str) -> str:
    """A field in quotes where it needs them; Python's own writer forgets a lone carriage return."""
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


def _header(
    path: Path, line: int, fields: Sequence[str], *, known: Sequence[str], required: Sequence[str], ledger: Ledger
) -> list[str]:
    """Canonical column names; an unknown or repeated one is noted and becomes empty."""
    names = [field.strip().lower() for field in fields]
    if len(fields) == 1 and any(sign in fields[0] for sign in ";\t|"):
        raise unreadable(path, f"line {line}", "fields separated by commas", shown(fields[0]))
    for place, name in enumerate(names, start=1):
        if name not in known:
            expected = f"columns {', '.join(known)}"
            ledger.error(f"line {line}, column {place}", expected, shown(fields[place - 1]) + nearest(name, known))
        elif name in names[: place - 1]:
            ledger.error(f"line {line}, column {place}", "each column once", f"{name!r} again")
    for name in required:
        if name not in names:
            ledger.error(f"line {line}", f"a column {name}", f"{', '.join(map(shown, fields))[:200]}")
    return [name if name in known and name not in names[:place] else "" for place, name in enumerate(names)]
