"""Places and times that wind is asked for: scalars, arrays or labelled arrays, brought to one list of points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from satverify.errors import InputError
from satverify.sources.tables import shown
from satverify.sources.wind.times import seconds_of, stamps

Floats = npt.NDArray[np.float64]

DIMS: tuple[tuple[str, ...], ...] = ((), ("point",), ("y", "x"))
"""Dimensions of plain arrays, by how many they have."""
SLACK = 1e-6
"""Round-off that is no reason to refuse a place. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Places and times."""

    longitude: Floats
    """``(point,)`` [degree]"""
    latitude: Floats
    """``(point,)`` [degree]"""
    seconds: Floats
    """``(point,)`` since 1970-01-01 UTC. [s]"""
    dims: tuple[str, ...]
    """How the points were given."""
    shape: tuple[int, ...]
    """Sizes of ``dims``."""
    coords: dict[str, xr.DataArray]
    """Longitude, latitude and time as they were given, each on its own dimensions."""


def points_of(longitude: object, latitude: object, time: object) -> Points:
    """Bring places and times together.

    Parameters
    ----------
    longitude, latitude
        Numbers: scalars, arrays of up to two dimensions, or labelled arrays of any. [degree]
    time
        Aware datetimes, or naive ones and numpy's taken as UTC; likewise shaped.

    Returns
    -------
    Every combination that follows from broadcasting by the names of dimensions; scalars go with everything.

    Raises
    ------
    InputError
        Shapes do not fit, places are off the globe, or times are no times.
    """
    parts = {
        "longitude": _numbers("longitude", longitude, 720),
        "latitude": _numbers("latitude", latitude, 90),
        "time": _labelled("time", time, seconds_of(time)),
    }
    try:
        full = xr.broadcast(*parts.values())
    except ValueError as exc:
        shapes = ", ".join(f"{name} {part.shape}" for name, part in parts.items())
        raise InputError(f"points of wind: expected one shape, or scalars beside it, found {shapes}") from exc
    coords = {name: part for name, part in parts.items() if name not in part.dims or part.dims == (name,)}
    if "time" in coords:
        coords["time"] = coords["time"].copy(data=stamps(coords["time"].to_numpy()))
    return Points(
        longitude=full[0].to_numpy().ravel(),
        latitude=full[1].to_numpy().ravel(),
        seconds=full[2].to_numpy().ravel(),
        dims=tuple(map(str, full[0].dims)),
        shape=full[0].shape,
        coords=coords,
    )


def _numbers(name: str, given: object, most: float) -> xr.DataArray:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (ValueError, TypeError) as exc:
        raise InputError(f"points of wind: expected {name} as numbers, found {shown(repr(given))}") from exc
    with np.errstate(invalid="ignore"):
        is_off = np.abs(values) > most + SLACK
    if is_off.any():
        worst = values[is_off].ravel()[0]
        expected = f"-{most:g} to {most:g} degree"
        raise InputError(f"points of wind: expected {name} in {expected}, found {worst:g}; longitude comes first")
    return _labelled(name, given, values)


def _labelled(name: str, given: object, values: Floats) -> xr.DataArray:
    if isinstance(given, xr.DataArray):
        return xr.DataArray(values, dims=given.dims)
    if values.ndim >= len(DIMS):
        raise InputError(f"points of wind: expected {name} in up to two dimensions or labelled, found {values.ndim}")
    return xr.DataArray(values, dims=DIMS[values.ndim])
