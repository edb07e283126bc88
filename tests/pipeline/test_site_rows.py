from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from satverify.domain.evidence import CELL_COLUMNS, empty_table
from satverify.errors import InputError
from satverify.pipeline.site_rows import SiteRows
from satverify.pipeline.tables import arrow_schema, arrow_table


def cells(names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({name: pd.Series([None] * len(names)) for name in CELL_COLUMNS})
    for name, kind in CELL_COLUMNS.items():
        table[name] = pd.Series(["x"] * len(names), dtype="str") if kind == "str" else pd.Series(0.0, table.index)
    table["site_id"] = names
    table["cell_id"] = [f"c{place}" for place in range(len(names))]
    return table.astype(CELL_COLUMNS)


def written(path: Path, *parts: list[str]) -> Path:
    with pq.ParquetWriter(path, arrow_schema(CELL_COLUMNS)) as writer:
        for names in parts:
            writer.write_table(arrow_table(cells(names), CELL_COLUMNS))
    return path


def test_each_site_gets_its_own_rows_wherever_they_lie(tmp_path: Path) -> None:
    long = "山" * 300
    path = written(tmp_path / "a.parquet", ["a", "a"], ["b"], ["b", "c"], [long], ["a"])
    with SiteRows(path, CELL_COLUMNS) as rows:
        assert [len(rows.of(name)) for name in ("a", "b", "c", long)] == [3, 2, 1, 1]
        assert list(rows.of("a")["site_id"]) == ["a"] * 3
        pd.testing.assert_frame_equal(rows.of("nobody"), empty_table(CELL_COLUMNS), check_index_type=False)


def test_a_table_without_rows_has_none_for_anybody(tmp_path: Path) -> None:
    with SiteRows(written(tmp_path / "a.parquet"), CELL_COLUMNS) as rows:
        assert rows.of("a").empty


def test_a_damaged_table_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(InputError, match="writes it anew"):
        SiteRows(tmp_path / "a.parquet", CELL_COLUMNS)
