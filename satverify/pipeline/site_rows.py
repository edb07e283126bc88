"""The rows of one site after the other, out of a table of all sites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from satverify.errors import InputError
from satverify.pipeline.tables import Columns

AGAIN = "`satverify run` writes it anew"


class SiteRows:
    """A Parquet table that a run wrote, opened once: its parts are looked up by site, not searched for each."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path, self._columns = path, columns
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as exc:
            raise self._damaged(exc) from exc
        self._parts: dict[str, list[int]] = {}
        self._mixed: list[int] = []
        """Parts that may hold any site."""
        self._sort_parts()

    def __enter__(self) -> SiteRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def of(self, site_id: str) -> pd.DataFrame:
        """The site's rows, in the order of the file."""
        parts = sorted(self._parts.get(site_id, []) + self._mixed)
        try:
            table = self._file.read_row_groups(parts) if parts else self._file.schema_arrow.empty_table()
        except (OSError, pa.ArrowException) as exc:
            raise self._damaged(exc) from exc
        frame: pd.DataFrame = table.to_pandas()
        if self._mixed:
            frame = frame[frame["site_id"] == site_id].reset_index(drop=True)
        return frame.astype(dict(self._columns))[list(self._columns)]

    def every(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of all sites' rows, in the order of the file."""
        try:
            frame: pd.DataFrame = self._file.read(columns=list(columns)).to_pandas()
        except (OSError, pa.ArrowException) as exc:
            raise self._damaged(exc) from exc
        return frame.astype({name: self._columns[name] for name in columns})

    def _sort_parts(self) -> None:
        metadata = self._file.metadata
        place = self._file.schema_arrow.get_field_index("site_id")
        for part in range(metadata.num_row_groups):
            known = metadata.row_group(part).column(place).statistics
            if known is not None and known.has_min_max and known.min == known.max:
                self._parts.setdefault(str(known.min), []).append(part)
            else:
                self._mixed.append(part)

    def _damaged(self, exc: Exception) -> InputError:
        return InputError(f"{self._path}: cannot be read: {exc}; {AGAIN}")
