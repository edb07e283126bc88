"""Columns of a chunk as numbers: NaN or a code where a value says nothing or cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from satverify.sources.tables import Chunk, Flags, RowCheck

BLANK_WORDS: Final = frozenset({"", "na", "n/a", "nan", "null", "none"})
IMPOSSIBLE: Final = -2_000_000_000
"""The file tells what cannot be."""
ISO_DATE: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger[Any]]


def floats(chunk: Chunk, name: str) -> Floats:
    """Numbers of a column, NaN where the file has no such column or the value is no finite number."""
    text = chunk.text(name)
    if text is None:
        return np.full(len(chunk.lines), np.nan)
    text = pc.if_else(pc.equal(text, ""), None, text)
    if chunk.decimal_comma:
        text = pc.replace_substring(text, ",", ".")
    try:
        numbers = np.array(text.cast(pa.float64()).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        numbers = np.array(pd.to_numeric(pd.Series(text.to_pylist(), dtype=object), errors="coerce"), dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def is_blank(chunk: Chunk, name: str) -> Flags:
    """Whether a value says nothing: no such column, empty, or a word such as ``NA``."""
    text = chunk.text(name)
    if text is None:
        return np.ones(len(chunk.lines), dtype=bool)
    return by_value(text, lambda value: value.lower() in BLANK_WORDS, bool)


def by_value(text: pa.Array, convert: Callable[[str], T], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Convert a text column by converting each different value once."""
    coded = text.dictionary_encode()
    table = np.array([convert(value) for value in coded.dictionary.to_pylist()], dtype=dtype)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    return table[codes] if len(table) else np.empty(len(codes), dtype=dtype)


def codes(chunk: Chunk, name: str, convert: Callable[[str], int], *, missing: int) -> Codes:
    """Numbers for the texts of a column: ``missing`` where it says nothing, ``IMPOSSIBLE`` where it cannot be read."""

    def code(text: str) -> int:
        if text.lower() in BLANK_WORDS:
            return missing
        try:
            return convert(text)
        except ValueError:
            return IMPOSSIBLE

    text = chunk.text(name)
    if text is None:
        return np.full(len(chunk.lines), missing, dtype=np.int64)
    return by_value(text, code, np.int64)


def coordinate(check: RowCheck, name: str, limit: float) -> Floats:
    """Degrees; rows beyond the limit or without a number are left out."""
    values = floats(check.chunk, name)
    with np.errstate(invalid="ignore"):
        check.require(np.abs(values) <= limit, f"a {name} between {-limit:g} and {limit:g}", name)
    return values


def positive(chunk: Chunk, name: str) -> Floats:
    """Numbers above zero, else NaN."""
    values = floats(chunk, name)
    return np.where(values > 0, values, np.nan)


def not_negative(chunk: Chunk, name: str) -> Floats:
    """Numbers of at least zero, else NaN."""
    values = floats(chunk, name)
    return np.where(values >= 0, values, np.nan)


def days_since_1970(day: date) -> int:
    """Number of a day, as numpy counts."""
    return (day - date(1970, 1, 1)).days


def day_of(text: str) -> int:
    """Day in a text such as 2023-01-31, 2023/1/31 or 20230131, as a number; ValueError where it is none."""
    found = COMPACT_DATE.fullmatch(text) or ISO_DATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    return days_since_1970(date(int(found[1]), int(found[2]), int(found[3])))
