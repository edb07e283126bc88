"""Times of gridded wind: of the file's steps, in whatever unit and calendar, and of whoever asks."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from satverify.errors import InputError
from satverify.sources.tables import shown

Floats = npt.NDArray[np.float64]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORT_UNITS = MappingProxyType(
    {"d": "days", "h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "s": "seconds", "sec": "seconds"}
)
"""UDUNITS' abbreviations, which xarray does not know."""


class TimeError(Exception):
    """What is wrong with a time coordinate; becomes a problem of its file."""


def steps_of(variable: xr.Variable) -> Floats:
    """Steps of a time coordinate, to the second, which days in floating point do not keep better. [s] since 1970 UTC

    Raises
    ------
    TimeError
        Its unit or calendar is not understood, or a step is missing.
    """
    decoded = variable.to_numpy() if variable.dtype.kind == "M" else _decoded(variable)
    if decoded.dtype.kind != "M":
        raise TimeError(f"units {shown(str(variable.attrs.get('units')))!r}")
    if np.isnat(decoded).any():
        raise TimeError(f"{int(np.isnat(decoded).sum())} steps without a time")
    return np.round(_seconds(np.atleast_1d(decoded)))


def seconds_of(time: object) -> Floats:
    """Times as numbers, in their own shape; NaT becomes NaN. [s] since 1970-01-01 UTC

    Parameters
    ----------
    time
        Aware datetimes of any zone, or numpy's and naive ones, which are taken as UTC.

    Raises
    ------
    InputError
        It holds something else, such as plain numbers.
    """
    values = np.asarray(time)
    if values.dtype.kind != "M":
        if values.dtype.kind not in "OUT":
            raise InputError(f"times of wind: expected dates and times, found {shown(repr(time))}")
        try:
            stamps = pd.to_datetime(values.ravel(), utc=True)
        except (ValueError, TypeError, OverflowError) as exc:
            raise InputError(f"times of wind: expected dates and times, found {shown(repr(time))}") from exc
        values = stamps.tz_localize(None).to_numpy().reshape(values.shape)
    return _seconds(values)


def moment(seconds: float) -> datetime:
    """Number as a time. UTC"""
    return EPOCH + timedelta(seconds=seconds)


def stamps(seconds: Floats) -> npt.NDArray[np.datetime64]:
    """Numbers as numpy's times, NaN as NaT. UTC"""
    is_known = np.isfinite(seconds)
    whole = np.where(is_known, np.round(seconds * 1e6), 0).astype(np.int64).astype("datetime64[us]")
    return np.where(is_known, whole, np.datetime64("NaT", "us"))


def _decoded(variable: xr.Variable) -> npt.NDArray[np.datetime64]:
    """Values of a time coordinate as numpy's times."""
    unit, calendar = str(variable.attrs.get("units")), variable.attrs.get("calendar", "standard")
    word, _, rest = unit.partition(" ")
    spelled = variable.copy(deep=False)
    spelled.attrs = {**variable.attrs, "units": f"{SHORT_UNITS.get(word.lower(), word)} {rest}"}
    try:
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            warnings.simplefilter("ignore", xr.SerializationWarning)  # of a year without zeros, which is refused anyway
            return xr.coders.CFDatetimeCoder(use_cftime=False, time_unit="us").decode(spelled).to_numpy()
    except (ValueError, TypeError, OverflowError, KeyError) as exc:
        raise TimeError(f"units {shown(unit)!r} in the calendar {calendar!r}") from exc


def _seconds(values: npt.NDArray[np.datetime64]) -> Floats:
    whole = values.astype("datetime64[us]")
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64) / 1e6)
