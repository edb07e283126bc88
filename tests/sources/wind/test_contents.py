"""Files whose content cannot be used: each fault is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from satverify.errors import InputError
from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    LATITUDES,
    LONGITUDES,
    Edit,
    hours,
    refusal,
    sample,
    saved,
)


def without(*names: str) -> Edit:
    return lambda dataset: dataset.drop_vars(names)


def with_unit(name: str, unit: str) -> Edit:
    def edit(dataset: xr.Dataset) -> xr.Dataset:
        dataset[name].attrs["units"] = unit
        return dataset

    return edit


def blank(name: str) -> Edit:
    return lambda dataset: dataset.assign({name: dataset[name] * np.nan})


def curvilinear(dataset: xr.Dataset) -> xr.Dataset:
    latitude, longitude = np.meshgrid(LATITUDES, LONGITUDES, indexing="ij")
    plain = dataset.drop_vars(["latitude", "longitude"]).rename(latitude="y", longitude="x")
    return plain.assign_coords(
        latitude=(("y", "x"), latitude, {"units": "degrees_north"}),
        longitude=(("y", "x"), longitude, {"units": "degrees_east"}),
    )


def in_radians(dataset: xr.Dataset) -> xr.Dataset:
    attributes = {"units": "radian", "standard_name": "latitude"}
    return dataset.assign_coords(latitude=("latitude", np.radians(LATITUDES), attributes))


def speeds(dataset: xr.Dataset) -> xr.Dataset:
    found = dataset[["u10", "v10"]].rename(u10="ws10", v10="wd10")
    found["wd10"].attrs |= {"standard_name": "wind_direction_at_10m", "units": "degrees"}
    return found


def on_pressure_levels(dataset: xr.Dataset) -> xr.Dataset:
    level = xr.DataArray([1000.0, 850.0], dims="level", attrs={"units": "millibars", "long_name": "pressure_level"})
    found = dataset[["u10", "v10"]].rename(u10="u", v10="v").expand_dims(level=2).assign_coords(level=level)
    found["u"].attrs["standard_name"], found["v"].attrs["standard_name"] = "eastward_wind", "northward_wind"
    return found


def started_only(dataset: xr.Dataset) -> xr.Dataset:
    """When the forecast was started is no time at which the wind blew."""
    started = ((), np.datetime64("2021-12-01", "us"), {"standard_name": "forecast_reference_time"})
    return dataset.isel(time=0, drop=True).assign_coords(started=started)


def coordinate(name: str, change: Callable[[xr.DataArray], xr.DataArray]) -> Edit:
    return lambda dataset: dataset.assign_coords({name: (name, change(dataset[name]).to_numpy(), dataset[name].attrs)})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (without("v10"), "expected northward wind at 10 m, found only the other component"),
        (without("u100"), "expected eastward wind at 100 m, found only the other component"),
        (without("u10", "v10", "u100", "v100"), "no wind among its variables"),
        (lambda dataset: dataset.drop_vars("time"), "time: expected a coordinate of time"),
        (lambda dataset: dataset.isel(time=0, drop=True), "time: expected a coordinate of time"),
        (started_only, "time: expected a coordinate of time"),
        (with_unit("u10", "knots"), "variable u10: expected units m s-1, found 'knots'"),
        (with_unit("v100", "km h-1"), "variable v100: expected units m s-1"),
        (with_unit("blh", "hPa"), "variable blh: expected units m, found 'hPa'"),
        (
            coordinate("latitude", lambda values: values + 60),
            "latitude: expected values in -90 to 90 degree, found 102",
        ),
        (coordinate("longitude", lambda values: values * 100), "longitude: expected values in -180 to 360"),
        (coordinate("latitude", lambda values: values.where(values != 40)), "not numbers"),
        (coordinate("latitude", lambda values: (values - 39) ** 2), "up and down or repeat"),
        (coordinate("longitude", lambda values: values * 0 + 5), "up and down or repeat"),
        (in_radians, "latitude: expected units such as degrees_north or degrees_east, found 'radian'"),
        (without("latitude"), "expected a coordinate along one dimension named latitude"),
        (lambda dataset: dataset.isel(longitude=[3]), "at least two steps of longitude"),
        (curvilinear, "rotated or projected grid"),
        (blank("u10"), "variable u10: expected numbers that can be wind, found none"),
        (blank("blh"), "variable blh: expected numbers that can be wind, found none"),
        (lambda dataset: dataset.assign(u10=dataset["u10"] * 0 - 9999), "numbers that can be wind"),
        (lambda dataset: dataset.expand_dims(number=3), "found 3 along number"),
        (speeds, "ws10, which is speed or direction"),
        (on_pressure_levels, "u, whose height above ground is not said"),
        (lambda dataset: dataset.assign(u10=dataset["u10"].astype(str)), "numbers"),
    ],
)
def test_everything_wrong_with_a_file_is_told(made: Callable[..., Path], edit: Edit, message: str) -> None:
    assert message in refusal(made(edit(sample())))


@pytest.mark.parametrize(
    ("units", "calendar"),
    [
        ("fortnights since 2021-01-01", "standard"),
        ("hours since 2021-01-01", "360_day"),
        ("hours since never", "standard"),
    ],
)
def test_times_that_cannot_be_understood_are_refused(made: Callable[..., Path], units: str, calendar: str) -> None:
    dataset = sample().assign_coords(time=("time", np.arange(6.0), {"units": units, "calendar": calendar}))
    assert f"{units!r} in the calendar {calendar!r}" in refusal(made(dataset))


def test_several_problems_are_told_at_once(made: Callable[..., Path]) -> None:
    dataset = with_unit("v10", "knots")(with_unit("u10", "knots")(sample())).drop_vars("v100")
    with pytest.raises(InputError) as caught:
        open_wind(made(dataset))
    assert [problem.where for problem in caught.value.problems] == ["the wind", "variable u10", "variable v10"]


def test_quantities_of_different_times_are_refused(tmp_path: Path) -> None:
    saved(sample(names=("u10", "v10")), tmp_path / "a.nc")
    saved(sample(names=("blh",), time=hours(5) + np.timedelta64(30, "D")), tmp_path / "b.nc")
    assert "expected quantities of one time and area" in refusal(tmp_path)
