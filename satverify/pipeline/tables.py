"""Tables to and from Parquet, with the columns of ``domain.evidence`` and the same bytes for the same rows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from satverify.domain.evidence import ACTIVITY_COLUMNS, CELL_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS
from satverify.domain.heat import HEAT_COLUMNS

Columns: TypeAlias = Mapping[str, str]

TABLES = {
    "looks": LOOK_COLUMNS,
    "activity": ACTIVITY_COLUMNS,
    "cells": CELL_COLUMNS,
    "changes": CHANGE_COLUMNS,
    "heat": HEAT_COLUMNS,
}
"""Tables of a ``SiteResult`` and their columns."""

_ARROW_TYPES = {
    "str": pa.string(),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "datetime64[us]": pa.timestamp("us"),
    "datetime64[us, UTC]": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(columns: Columns) -> pa.Schema:
    """The Arrow schema of a table of ``domain.evidence``."""
    return pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])


def arrow_table(frame: pd.DataFrame, columns: Columns) -> pa.Table:
    """``frame`` under exactly ``columns``.

    Raises
    ------
    KeyError, pyarrow.ArrowException
        A column is missing or does not hold what ``columns`` says: a fault of whoever made the frame.
    """
    table = pa.Table.from_pandas(frame[list(columns)], schema=arrow_schema(columns), preserve_index=False)
    return table.replace_schema_metadata(None)


def parquet_bytes(frame: pd.DataFrame, columns: Columns) -> bytes:
    """``frame`` as one Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(arrow_table(frame, columns), buffer, compression="zstd")
    return buffer.getvalue()


def frame_of(parquet: bytes, columns: Columns) -> pd.DataFrame:
    """The frame that ``parquet_bytes`` wrote, in the types of ``columns``."""
    frame: pd.DataFrame = pq.read_table(io.BytesIO(parquet)).to_pandas()
    return frame.astype(dict(columns))[list(columns)]
