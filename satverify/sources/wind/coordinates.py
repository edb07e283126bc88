"""Coordinates of a file of wind: which one is longitude, latitude, time and height, and whether they can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from satverify.sources.tables import shown
from satverify.sources.wind.axes import SLACK, Axis, Floats, Ground, Places
from satverify.sources.wind.files import DAMAGE, damaged
from satverify.sources.wind.times import TimeError, steps_of

LATITUDE_NAMES = frozenset({"latitude", "lat"})
LONGITUDE_NAMES = frozenset({"longitude", "lon"})
TIME_NAMES = ("valid_time", "time")
REFERENCE_TIMES = frozenset({"forecast_reference_time", "reftime", "forecast_period", "step"})
"""When a forecast began and how far ahead it looks: neither is when the wind blew."""
DEGREES = re.compile(r"(?:degrees?|deg)(?:_?(?P<to>n|north|e|east))?", re.IGNORECASE)
METRES = frozenset({"m", "metre", "metres", "meter", "meters"})
FINAL_VERSION = 1
"""ECMWF's ``expver`` of ERA5 proper; that of its preliminary form, ERA5T, is 5."""


class CoordinateError(Exception):
    """What is wrong with a coordinate; becomes a problem of its file."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        self.where, self.expected, self.found = where, expected, found
        super().__init__(f"{where}: expected {expected}, found {found}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Times:
    """When the steps of a variable are."""

    dim: str | None
    """Their dimension; none for a single step."""
    values: Floats
    """In the order of the file. [s] since 1970-01-01 UTC"""
    rank: Places
    """0 for final steps, 1 for preliminary ones."""


def ground_of(dataset: xr.Dataset, variable: xr.Variable, file: str) -> tuple[str, str, Ground]:
    """Dimensions of latitude and longitude, and the grid on them.

    Raises
    ------
    CoordinateError
        There are none, or none that can be used.
    """
    found = []
    for kind, is_kind in (("latitude", is_latitude), ("longitude", is_longitude)):
        name = _along(dataset, variable, is_kind)
        if name is None:
            raise CoordinateError(kind, f"a coordinate along one dimension named {kind}", _instead(dataset, is_kind))
        values = _loaded(dataset.variables[name], file, name)
        unit = str(dataset.variables[name].attrs.get("units", "degrees")).strip()
        if not DEGREES.fullmatch(unit):
            raise CoordinateError(name, "units such as degrees_north or degrees_east", repr(shown(unit)))
        if len(values) < 2 or not np.isfinite(values).all():
            what = "one step" if len(values) < 2 else "steps that are not numbers"
            raise CoordinateError(kind, f"at least two steps of {kind}, for interpolating between", what)
        found.append((str(dataset.variables[name].dims[0]), values))
    (latitude_dim, latitude), (longitude_dim, longitude) = found
    ground = Ground(latitude=_latitudes(latitude), longitude=_longitudes(longitude))
    return latitude_dim, longitude_dim, ground


def times_of(dataset: xr.Dataset, variable: xr.Variable, file: str) -> Times:
    """Steps of a variable.

    Raises
    ------
    CoordinateError
        There are none, or they are not understood.
    """
    name = _time_name(dataset, variable)
    if name is None:
        hint = next((f"; the attribute {key} says {shown(str(dataset.attrs[key]))}" for key in _hints(dataset)), "")
        raise CoordinateError("time", "a coordinate of time", f"none on ({', '.join(map(str, variable.dims))}){hint}")
    coordinate = dataset.variables[name]
    try:
        values = steps_of(coordinate)
    except TimeError as exc:
        raise CoordinateError(
            name, "times such as 'hours since 1970-01-01' in the standard calendar", str(exc)
        ) from exc
    except DAMAGE as exc:
        raise damaged(file, name, exc) from exc
    if not len(values):
        raise CoordinateError(name, "at least one step", "none")
    dim = str(coordinate.dims[0]) if coordinate.dims else None
    versions = dataset.variables.get("expver")
    is_told = versions is not None and dim is not None and versions.dims == (dim,)
    rank = (
        [int(version != FINAL_VERSION) for version in versions_of(versions, file)]
        if is_told and versions is not None
        else [0] * len(values)
    )
    return Times(dim=dim, values=values, rank=np.array(rank, dtype=np.intp))


def versions_of(variable: xr.Variable, file: str) -> list[int]:
    """Numbers of ``expver``, which some files give as text, such as ``0005``.

    Raises
    ------
    CoordinateError
        They are no numbers.
    """
    try:
        values = np.atleast_1d(variable.to_numpy())
        return [int(float(value.decode() if isinstance(value, bytes) else value)) for value in values.tolist()]
    except DAMAGE as exc:
        raise CoordinateError("expver", "1 for ERA5, 5 for ERA5T", f"{file} has others: {exc}") from exc


def height_dim(dataset: xr.Dataset, variable: xr.Variable) -> str | None:
    """Name of the coordinate of height above ground along a dimension of a variable, if there is one."""
    return _along(dataset, variable, is_height)


def height_beside(dataset: xr.Dataset) -> float | None:
    """Height above ground that the file says once for all, as a coordinate without dimension. [m]"""
    heights = {
        float(variable.to_numpy())
        for name, variable in dataset.variables.items()
        if not variable.dims and variable.dtype.kind in "iuf" and is_height(str(name), variable.attrs)
    }
    return heights.pop() if len(heights) == 1 else None


def is_latitude(name: str, attributes: Mapping[str, object]) -> bool:
    """Whether a coordinate is latitude."""
    return _is_degrees(name, attributes, "latitude", LATITUDE_NAMES, "n")


def is_longitude(name: str, attributes: Mapping[str, object]) -> bool:
    """Whether a coordinate is longitude."""
    return _is_degrees(name, attributes, "longitude", LONGITUDE_NAMES, "e")


def is_height(name: str, attributes: Mapping[str, object]) -> bool:
    """Whether a coordinate is height above ground."""
    is_named = attributes.get("standard_name") == "height" or "height" in name.lower()
    return is_named and str(attributes.get("units", "m")).strip().lower() in METRES


def _is_degrees(name: str, attributes: Mapping[str, object], kind: str, names: frozenset[str], towards: str) -> bool:
    standard_name = attributes.get("standard_name")
    if isinstance(standard_name, str) and standard_name:
        return standard_name == kind
    match = DEGREES.fullmatch(str(attributes.get("units", "")).strip())
    return match["to"][0].lower() == towards if match and match["to"] else name.lower() in names


def _along(
    dataset: xr.Dataset, variable: xr.Variable, is_kind: Callable[[str, Mapping[str, object]], bool]
) -> str | None:
    """Name of the coordinate of a kind along a dimension of a variable; that of the dimension's own name first."""
    for dim in variable.dims:
        names = sorted(str(name) for name, other in dataset.variables.items() if other.dims == (dim,) and name != dim)
        for name in [str(dim), *names] if dim in dataset.variables else names:
            if is_kind(name, dataset.variables[name].attrs):
                return name
    return None


def _instead(dataset: xr.Dataset, is_kind: Callable[[str, Mapping[str, object]], bool]) -> str:
    """What a file has in place of a coordinate along one dimension."""
    for name, variable in dataset.variables.items():
        if is_kind(str(name), variable.attrs):
            dims = ", ".join(map(str, variable.dims))
            return f"{name} on ({dims}): winds on a rotated or projected grid must be brought to a regular one first"
    return f"none among {shown(', '.join(map(str, dataset.variables)))}"


def _latitudes(values: Floats) -> Axis:
    if np.abs(values).max() > 90 + SLACK:
        worst = values[np.argmax(np.abs(values))]
        raise CoordinateError("latitude", "values in -90 to 90 degree", f"{worst:g}")
    places = np.argsort(values, kind="stable")
    steps = np.diff(values)
    if not ((steps > 0).all() or (steps < 0).all()):
        raise CoordinateError(
            "latitude", "values that rise or fall all the way", "values that go up and down or repeat"
        )
    return Axis(values=np.clip(values[places], -90, 90), places=places)


def _longitudes(values: Floats) -> Axis:
    """Rising eastward; 350, 355, 0, 5 goes on as 360, 365."""
    if values.min() < -360 - SLACK or values.max() > 720 + SLACK:
        worst = values[np.argmax(np.abs(values))]
        raise CoordinateError("longitude", "values in -180 to 360 degree", f"{worst:g}")
    places = np.arange(len(values))
    if (np.diff(values) < 0).sum() > len(values) / 2:
        places = places[::-1]
    eastward = values[places]
    eastward = eastward + 360 * np.concatenate([[0], np.cumsum(np.diff(eastward) < 0)])
    if (np.diff(eastward) <= 0).any() or eastward[-1] - eastward[0] > 360 + SLACK:
        raise CoordinateError(
            "longitude", "values once round the globe at most", "values that go up and down or repeat"
        )
    return Axis(values=eastward, places=places)


def _time_name(dataset: xr.Dataset, variable: xr.Variable) -> str | None:
    """Name of the coordinate that says when a variable holds: along a dimension rather than beside it."""
    ranked = []
    for name, other in dataset.variables.items():
        standard_name, unit = other.attrs.get("standard_name"), str(other.attrs.get("units", ""))
        is_beside = not other.dims
        if standard_name in REFERENCE_TIMES or str(name) in REFERENCE_TIMES or "bounds" in str(name):
            continue
        if not (" since " in unit or other.dtype.kind == "M"):
            continue
        if is_beside or (len(other.dims) == 1 and other.dims[0] in variable.dims):
            order = TIME_NAMES.index(str(name)) if name in TIME_NAMES else len(TIME_NAMES)
            ranked.append((is_beside, standard_name != "time", order, str(name)))
    return min(ranked)[-1] if ranked else None


def _hints(dataset: xr.Dataset) -> list[str]:
    """Attributes of the file that speak of time."""
    return [str(key) for key in dataset.attrs if re.search(r"time|date", str(key), re.IGNORECASE)]


def _loaded(variable: xr.Variable, file: str, name: str) -> Floats:
    try:
        return np.asarray(variable.to_numpy(), dtype=np.float64)
    except DAMAGE as exc:
        raise damaged(file, name, exc) from exc
