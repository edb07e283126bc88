"""Thermal detections from NASA FIRMS files, archive and near-real-time, VIIRS and MODIS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from satverify.domain.evidence import DETECTION_COLUMNS, empty_table
from satverify.errors import InputError, Problem
from satverify.sources.columns import Codes
from satverify.sources.delimited import read_table
from satverify.sources.firms_duplicates import keep_one_of_each
from satverify.sources.firms_rows import (
    COLUMNS,
    CONFIDENCE_NAMES,
    DAY_NIGHT_NAMES,
    SATELLITE_NAMES,
    SENSOR_NAMES,
    UNKNOWN,
    Rows,
    joined,
    reader_of,
)
from satverify.sources.tables import RowLedger


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detections:
    """What a set of FIRMS files holds, each detection once.

    ``rows_read == rows_kept + rows_left_out + duplicates + conflicts``.
    """

    table: pd.DataFrame
    """``DETECTION_COLUMNS``, sorted by date, time, sensor, satellite, latitude and longitude."""
    problems: tuple[Problem, ...]
    """Why rows were left out, in the order of files and lines; the first thousand."""
    notes: tuple[Problem, ...]
    """What was assumed about rows that were kept, such as the sensor where no column tells it."""
    rows_read: int
    rows_kept: int
    rows_left_out: int
    """Rows that cannot be used; more than ``problems`` where there are very many."""
    duplicates: int
    """Rows that repeat another one exactly."""
    conflicts: int
    """Rows that tell of a detection which another row tells better: archive before near-real-time, complete before
    date-only; else the one with the greater power."""


def read_detections(paths: Sequence[Path], *, today: date | None = None) -> Detections:
    """Read FIRMS detections from any number of CSV files.

    Parameters
    ----------
    paths
        Files; their order does not matter. Each needs latitude, longitude and acq_date [UTC]; all else is optional.
    today
        Last UTC date a detection can have; no date is too late where not given.

    Returns
    -------
    The detections; an empty table where no path is given or all files are empty.

    Raises
    ------
    InputError
        Where a file cannot be read, lacks a required column, or files have rows and none of them is usable.
    """
    ledger = RowLedger()
    parts: list[Rows] = []
    faults: list[Problem] = []
    for path in sorted(set(paths)):
        try:
            parts += read_table(path, COLUMNS, ledger, reader_of(path.name, today or date.max))
        except InputError as exc:
            faults += exc.problems or (Problem(file=path.name, where="the file", expected="FIRMS CSV", found=str(exc)),)
    if faults:
        raise InputError("detections cannot be read", problems=faults)
    if ledger.rows_read and ledger.rows_left_out == ledger.rows_read:
        raise InputError(f"none of {ledger.rows_read} detection rows is usable", problems=ledger.problems)
    kept = keep_one_of_each(joined(parts)) if parts else None
    return Detections(
        table=_table(kept.rows) if kept else empty_table(DETECTION_COLUMNS),
        problems=tuple(ledger.problems),
        notes=tuple(ledger.notes),
        rows_read=ledger.rows_read,
        rows_kept=len(kept.rows.day) if kept else 0,
        rows_left_out=ledger.rows_left_out,
        duplicates=kept.duplicates if kept else 0,
        conflicts=kept.conflicts if kept else 0,
    )


def _table(rows: Rows) -> pd.DataFrame:
    """Rows under their names and in their types."""
    moment = rows.day.astype("datetime64[D]").astype("datetime64[us]")
    time = moment + rows.second * np.timedelta64(1_000_000, "us")
    time[rows.second == UNKNOWN] = np.datetime64("NaT")
    values = {
        "longitude": rows.longitude,
        "latitude": rows.latitude,
        "time": pd.Series(time).dt.tz_localize("UTC"),
        "utc_date": moment,
        "sensor": _named(rows.sensor, SENSOR_NAMES),
        "satellite": _named(rows.satellite, SATELLITE_NAMES),
        "day_night": _named(rows.day_night, DAY_NIGHT_NAMES),
        "confidence": _named(rows.confidence, CONFIDENCE_NAMES),
        "scan": rows.scan,
        "track": rows.track,
        "fire_radiative_power": rows.power,
    }
    return pd.DataFrame({name: values[name] for name in DETECTION_COLUMNS}).astype(DETECTION_COLUMNS)


def _named(codes: Codes, names: Sequence[str]) -> pd.Series:
    return pd.Series(names, dtype="str").take(codes).reset_index(drop=True)
