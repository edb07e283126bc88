"""Daily sky at given points, from a table such as a reanalysis archive gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from satverify.domain.evidence import SKY_COLUMNS, empty_table
from satverify.errors import InputError, Problem
from satverify.sources.columns import IMPOSSIBLE, codes, coordinate, day_of, floats, is_blank
from satverify.sources.delimited import read_table
from satverify.sources.tables import Chunk, Column, RowCheck, RowLedger

COLUMNS: Final = (
    Column(name="latitude", also=("lat", "y"), is_required=True),
    Column(name="longitude", also=("lon", "long", "lng", "x"), is_required=True),
    Column(name="date", also=("day", "time"), is_required=True),
    Column(name="cloud_cover", also=("cloud_cover_mean", "cloudcover", "tcc"), is_required=True),
    Column(name="snow_depth", also=("snow_cm", "snow_depth_cm")),
)
PERCENT = 100.0
FRACTION_ROWS = 30
"""Days that must all lie in 0 to 1 before a file is taken for fractions: a clear week may well stay under 1 %."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """Daily sky at some points, each point and day once.

    ``rows_read == rows_kept + rows_left_out + duplicates + conflicts``.
    """

    table: pd.DataFrame
    """``SKY_COLUMNS``, sorted by longitude, latitude and date."""
    problems: tuple[Problem, ...]
    """Why rows were left out; the first thousand."""
    notes: tuple[Problem, ...]
    """What was assumed about rows that were kept."""
    rows_read: int
    rows_kept: int
    rows_left_out: int
    duplicates: int
    """Rows that repeat another one exactly."""
    conflicts: int
    """Rows left out because another row says otherwise of the same point and day; the cloudier one is kept, which
    claims less."""


def read_sky(path: Path) -> Sky:
    """Read daily cloud cover from a CSV file.

    Parameters
    ----------
    path
        Needs latitude, longitude, date and cloud_cover [%]; snow_depth or snow_cm [cm] is optional.

    Returns
    -------
    The sky; an empty table where the file has no rows. Cloud cover that is blank stays NaN, and so does snow depth.

    Raises
    ------
    InputError
        Where the file cannot be read, lacks a required column, has rows of which none is usable, or gives cloud cover
        as fractions.
    """
    ledger = RowLedger()
    parts = read_table(path, COLUMNS, ledger, _reader(path.name))
    if ledger.rows_read and ledger.rows_left_out == ledger.rows_read:
        raise InputError(f"{path.name}: none of {ledger.rows_read} rows is usable", problems=ledger.problems)
    rows = pd.concat([empty_table(SKY_COLUMNS), *parts], ignore_index=True) if parts else empty_table(SKY_COLUMNS)
    _refuse_fractions(path, rows)
    unique = rows.drop_duplicates()
    place = ["longitude", "latitude", "date"]
    ordered = unique.sort_values([*place, "cloud_cover", "snow_depth"], na_position="first", kind="stable")
    table = ordered.drop_duplicates(place, keep="last").reset_index(drop=True).astype(SKY_COLUMNS)
    return Sky(
        table=table,
        problems=tuple(ledger.problems),
        notes=tuple(ledger.notes),
        rows_read=ledger.rows_read,
        rows_kept=len(table),
        rows_left_out=ledger.rows_left_out,
        duplicates=len(rows) - len(unique),
        conflicts=len(unique) - len(table),
    )


def _reader(file: str) -> Callable[[Chunk, RowLedger], pd.DataFrame]:
    def convert(chunk: Chunk, ledger: RowLedger) -> pd.DataFrame:
        check = RowCheck(file, chunk)
        latitude = coordinate(check, "latitude", 90.0)
        longitude = coordinate(check, "longitude", 180.0)
        day = codes(chunk, "date", day_of, missing=IMPOSSIBLE)
        check.require(day != IMPOSSIBLE, "a date such as 2023-01-31", "date")
        cloud = floats(chunk, "cloud_cover")
        with np.errstate(invalid="ignore"):
            in_range = (cloud >= 0) & (cloud <= PERCENT)
        check.require(in_range | is_blank(chunk, "cloud_cover"), "a cloud_cover between 0 and 100 %", "cloud_cover")
        snow = floats(chunk, "snow_depth")
        if (snow < 0).any():
            ledger.note(file, "snow_depth", "0 cm or more", "negative values, taken as unknown")
        check.settle(ledger)
        table = pd.DataFrame(
            {
                "longitude": longitude,
                "latitude": latitude,
                "date": day.astype("datetime64[D]").astype("datetime64[us]"),
                "cloud_cover": cloud,
                "snow_depth": np.where(snow >= 0, snow, np.nan),
            }
        )
        return table[check.is_usable]

    return convert


def _refuse_fractions(path: Path, rows: pd.DataFrame) -> None:
    """Refuse cloud cover in 0 to 1: read as percent it would call every night clear."""
    cloud = rows["cloud_cover"].dropna()
    if len(cloud) < FRACTION_ROWS or cloud.max() > 1 or cloud.max() == 0:
        return
    found = f"{len(cloud)} values and none above {cloud.max():g}: these look like fractions; multiply by 100"
    problem = Problem(file=path.name, where="cloud_cover", expected="percent, 0 to 100", found=found)
    raise InputError(f"{path.name}: cloud cover is not in percent", problems=[problem])
