"""Wind and boundary-layer height at an overpass, out of reanalysis files: ERA5, and others that say what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from satverify.domain.wind import HEIGHTS, Floats, NoWind, WindCoverage, wind_from_direction, wind_speed
from satverify.errors import InputError, Problem
from satverify.sources.wind.contents import Kind
from satverify.sources.wind.fields import REASONS, Field, Reasons
from satverify.sources.wind.names import Quantity
from satverify.sources.wind.opening import assemble
from satverify.sources.wind.points import Points, points_of

BATCH = 2**17
"""Points worked on at once; each needs eight nodes of every field."""
BOUNDARY_LAYER: Kind = (Quantity.BOUNDARY_LAYER, None)
ATTRIBUTES = {
    "longitude": ("longitude", "degrees_east", "longitude"),
    "latitude": ("latitude", "degrees_north", "latitude"),
    "time": ("time", "", "time, UTC"),
    "height": ("height", "m", "height above ground"),
    "eastward_wind": ("eastward_wind", "m s-1", "wind towards the east"),
    "northward_wind": ("northward_wind", "m s-1", "wind towards the north"),
    "wind_speed": ("wind_speed", "m s-1", "speed of the wind interpolated by components"),
    "wind_from_direction": ("wind_from_direction", "degree", "direction the wind comes from, clockwise from north"),
    "boundary_layer_height": ("atmosphere_boundary_layer_thickness", "m", "height of the boundary layer above ground"),
    "no_wind": ("", "", "why there is no wind, empty where there is"),
    "no_boundary_layer": ("", "", "why there is no boundary-layer height, empty where there is"),
}
"""CF standard name, unit and words for everything that is handed out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wind:
    """Wind of some area and time, still in its files: what is asked for is read, nothing is kept."""

    fields: Mapping[Kind, Field]
    """Components by height, and the boundary layer where the files have it."""
    coverage: WindCoverage
    """What all of the fields cover."""
    notes: tuple[Problem, ...]
    """What was assumed, and what the files lack."""
    files: tuple[xr.Dataset, ...]
    """The open files."""

    def at(self, longitude: object, latitude: object, time: object) -> xr.Dataset:
        """Wind at places and times, such as an overpass over the pixels of a scene.

        Components are interpolated each by itself, bilinearly in space and linearly in time; speed and direction
        follow from them. Nothing is extrapolated, and no step is made up where the file lacks one.

        Parameters
        ----------
        longitude, latitude
            Numbers: scalars, arrays of one (``point``) or two (``y, x``) dimensions, or labelled arrays of any.
            Longitudes of either round, -180 to 180 or 0 to 360. [degree]
        time
            Aware datetimes; naive ones and numpy's are taken as UTC. Likewise shaped; scalars go with everything.

        Returns
        -------
        ``eastward_wind``, ``northward_wind``, ``wind_speed`` [m s-1] and ``wind_from_direction`` [degree], on
        ``height`` (10 m and 100 m) and the dimensions of the points; ``boundary_layer_height`` [m] on those of the
        points. NaN where there is no value, and then ``no_wind`` on ``height`` and the points and
        ``no_boundary_layer`` on the points say why, in the words of ``NoWind``; both are empty elsewhere. NaN and NaT
        pass through. The direction of calm air is NaN too. No points give an empty Dataset of the same variables.

        Raises
        ------
        InputError
            Shapes do not fit, places are off the globe, times are no times, or a file is damaged where it is read.
        """
        points = points_of(longitude, latitude, time)
        levels = [self._components(height, points) for height in HEIGHTS]
        eastward = np.stack([level[0] for level in levels])
        northward = np.stack([level[1] for level in levels])
        reasons = np.stack([level[2] for level in levels])
        layer, layer_reasons = self._values(BOUNDARY_LAYER, points)
        return _labelled(
            points,
            {
                "eastward_wind": eastward,
                "northward_wind": northward,
                "wind_speed": wind_speed(eastward, northward),
                "wind_from_direction": wind_from_direction(eastward, northward),
                "boundary_layer_height": layer,
                "no_wind": _words(reasons),
                "no_boundary_layer": _words(layer_reasons),
            },
        )

    def during(
        self,
        longitude: object,
        latitude: object,
        start: datetime,
        stop: datetime,
        *,
        step: timedelta | None = None,
    ) -> xr.Dataset:
        """Wind at places through a span of time, such as the hours before an overpass.

        Average the components, not the direction. Steps at which nothing is known are there, as NaN with their
        reason, so that whoever averages sees how much of the span is known.

        Parameters
        ----------
        longitude, latitude
            As for ``at``, without a dimension ``time``. [degree]
        start, stop
            Times are ``start`` and every ``step`` on, before ``stop``. Naive ones are taken as UTC.
        step
            By default that of the files, or an hour if they have a single one.

        Returns
        -------
        As from ``at``, with a dimension ``time`` before those of the places.

        Raises
        ------
        InputError
            As from ``at``, and where ``stop`` is not after ``start`` or ``step`` is not positive.
        """
        every = step or self.coverage.step or timedelta(hours=1)
        begin, end = (pd.Timestamp(moment) for moment in (start, stop))
        begin, end = (moment if moment.tz is not None else moment.tz_localize("UTC") for moment in (begin, end))
        if not begin < end:
            raise InputError(f"wind from {start} to {stop}: the stop is not after the start")
        if every <= timedelta(0):
            raise InputError(f"wind every {every}: the step is not positive")
        times = pd.date_range(begin, end, freq=every, inclusive="left").tz_convert("UTC").tz_localize(None)
        return self.at(longitude, latitude, xr.DataArray(times.to_numpy(), dims="time")).transpose(
            "height", "time", ...
        )

    def close(self) -> None:
        """Close the files; nothing can be asked afterwards."""
        for file in self.files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _components(self, height: float, points: Points) -> tuple[Floats, Floats, Reasons]:
        """Both components at one height, NaN together, and why."""
        eastward, why_not = self._values((Quantity.EASTWARD, height), points)
        northward, or_not = self._values((Quantity.NORTHWARD, height), points)
        reasons = np.where(why_not == 0, or_not, why_not)
        is_known = reasons == 0
        return np.where(is_known, eastward, np.nan), np.where(is_known, northward, np.nan), reasons

    def _values(self, kind: Kind, points: Points) -> tuple[Floats, Reasons]:
        """One quantity at all points, and why not, in the shape of the points."""
        count, field = len(points.seconds), self.fields.get(kind)
        values, reasons = np.full(count, np.nan), np.full(count, REASONS.index(NoWind.NO_QUANTITY), dtype=np.int8)
        if field is not None:
            for first in range(0, count, BATCH):
                some = slice(first, first + BATCH)
                places = points.longitude[some], points.latitude[some]
                values[some], reasons[some] = field.at(*places, points.seconds[some])
        return values.reshape(points.shape), reasons.reshape(points.shape)


def open_wind(path: str | Path) -> Wind:
    """Open wind without reading it.

    Parameters
    ----------
    path
        A netCDF file (classic, 64-bit offset or netCDF-4), a Zarr store (version 2 or 3), or a folder of these, whose
        files may each hold other months or other quantities. Needed are the eastward and the northward wind at 10 m
        or 100 m, better both; a boundary-layer height is taken where there is one.

    Returns
    -------
    The wind; close it, or use it as a context. ``notes`` says what was assumed.

    Raises
    ------
    InputError
        Nothing there, or not what it should be; ``problems`` holds everything that is wrong.
    """
    named = Path(path) if Path(path).name else Path(path).resolve()  # "." has no name for messages to call it by
    fields, coverage, notes, files = assemble(named)
    return Wind(fields=fields, coverage=coverage, notes=notes, files=files)


def _words(reasons: Reasons) -> npt.NDArray[np.object_]:
    """Reasons in words; as objects, since there are a handful of them for a million pixels."""
    words = np.array([str(reason) for reason in REASONS], dtype=object)
    return words[reasons.ravel()].reshape(reasons.shape)


def _labelled(points: Points, values: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Arrays under their CF names and units."""
    variables = {
        name: (points.dims if array.ndim == len(points.shape) else ("height", *points.dims), array)
        for name, array in values.items()
    }
    found = xr.Dataset(variables, coords={"height": np.array(HEIGHTS), **points.coords})
    for name, (standard_name, unit, words) in ATTRIBUTES.items():
        if name in found.variables:
            found[name].attrs = {
                key: text
                for key, text in (("standard_name", standard_name), ("units", unit), ("long_name", words))
                if text
            }
    return found
