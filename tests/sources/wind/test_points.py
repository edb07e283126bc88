"""What can be asked of a wind, and what shape the answer has."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import h5netcdf  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from satverify.domain.wind import NoWind
from satverify.errors import InputError
from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    START,
    at_hour,
    hours,
    linear,
    sample,
    somewhere,
)


def test_points_keep_the_shape_they_are_given_in(made: Callable[..., Path]) -> None:
    moment = datetime(2021, 12, 1, 1, 30, tzinfo=UTC)
    longitude, latitude, _ = somewhere(6)
    with open_wind(made()) as wind:
        line = wind.at(longitude, latitude, moment)
        square = wind.at(longitude.reshape(2, 3), latitude.reshape(2, 3), moment)
        named = wind.at(xr.DataArray(longitude, dims="pixel"), xr.DataArray(latitude, dims="pixel"), moment)
        crossed = wind.at(xr.DataArray(longitude, dims="x"), xr.DataArray(latitude[:2], dims="y"), moment)
        none = wind.at([], [], moment)
    assert line["eastward_wind"].dims == ("height", "point")
    assert square["eastward_wind"].dims == ("height", "y", "x")
    assert named["boundary_layer_height"].dims == ("pixel",)
    assert dict(crossed["boundary_layer_height"].sizes) == {"x": 6, "y": 2}
    assert none["eastward_wind"].shape == (2, 0)
    np.testing.assert_array_equal(square["eastward_wind"].to_numpy().reshape(2, 6), line["eastward_wind"])
    np.testing.assert_array_equal(named["eastward_wind"], line["eastward_wind"])
    one = wind_value = crossed["boundary_layer_height"].isel(x=4, y=1)
    assert float(one) == float(wind_value)
    np.testing.assert_allclose(one, linear("blh", longitude[4], latitude[1], 1.5), atol=1e-5)


BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "time",
    [
        datetime(2021, 12, 1, 2, 30, tzinfo=UTC),
        datetime(2021, 12, 1, 10, 30, tzinfo=BEIJING),
        datetime(2021, 12, 1, 2, 30),
        np.datetime64("2021-12-01T02:30"),
        pd.Timestamp("2021-12-01T10:30", tz="Asia/Shanghai"),
        "2021-12-01T02:30:00Z",
    ],
    ids=repr,
)
def test_times_of_every_kind_mean_the_same(made: Callable[..., Path], time: object) -> None:
    with open_wind(made()) as wind:
        found = wind.at(115.0, 39.0, time)
        many = wind.at(115.0, 39.0, pd.Series([time] * 2) if isinstance(time, pd.Timestamp) else [time] * 2)
    expected = linear("u10", 115.0, 39.0, 2.5)
    np.testing.assert_allclose(found["eastward_wind"].sel(height=10), expected)
    np.testing.assert_allclose(many["eastward_wind"].sel(height=10), [expected] * 2)
    assert found["time"].to_numpy() == np.datetime64("2021-12-01T02:30")


@pytest.mark.parametrize(
    ("longitude", "latitude", "time", "message"),
    [
        (39.0, 115.0, START, "longitude comes first"),
        (1e9, 39.0, START, "longitude"),
        ("east", 39.0, START, "numbers"),
        (115.0, 39.0, 18962, "dates and times"),
        (115.0, 39.0, "soon", "dates and times"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], START, "one shape"),
        (np.zeros((1, 1, 1)), 39.0, START, "two dimensions"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    made: Callable[..., Path], longitude: object, latitude: object, time: object, message: str
) -> None:
    with open_wind(made()) as wind, pytest.raises(InputError, match=message):
        wind.at(longitude, latitude, time)


def test_the_hours_before_an_overpass_are_a_series(made: Callable[..., Path]) -> None:
    overpass = datetime(2021, 12, 1, 4, 37, tzinfo=UTC)
    with open_wind(made()) as wind:
        one = wind.during(115.0, 39.0, overpass - timedelta(hours=4), overpass)
        two = wind.during(
            [115.0, 116.0], [39.0, 40.0], overpass - timedelta(hours=4), overpass, step=timedelta(minutes=30)
        )
    assert one["eastward_wind"].dims == ("height", "time")
    assert one["time"].to_numpy().tolist() == [
        np.datetime64(f"2021-12-01T0{hour}:37", "us").item() for hour in range(4)
    ]
    np.testing.assert_allclose(one["eastward_wind"].sel(height=10), linear("u10", 115.0, 39.0, np.arange(4) + 37 / 60))
    assert two["northward_wind"].dims == ("height", "time", "point")
    assert two.sizes["time"] == 8
    np.testing.assert_array_equal(two["northward_wind"].isel(time=slice(None, None, 2), point=0), one["northward_wind"])


def test_a_series_shows_what_is_not_known(made: Callable[..., Path]) -> None:
    with open_wind(made(sample(time=hours(12)).isel(time=[0, 1, 2, 3, 6, 7, 8]))) as wind:
        found = wind.during(115, 39, datetime(2021, 12, 1, 2, tzinfo=UTC), datetime(2021, 12, 1, 10, tzinfo=UTC))
    reasons = found["no_wind"].sel(height=10).to_numpy().tolist()
    assert reasons == ["", "", NoWind.GAP, NoWind.GAP, "", "", "", NoWind.AFTER]


def test_a_series_needs_a_span(made: Callable[..., Path]) -> None:
    moment = datetime(2021, 12, 1, 2, tzinfo=UTC)
    with open_wind(made()) as wind:
        with pytest.raises(InputError, match="not after the start"):
            wind.during(115, 39, moment, moment)
        with pytest.raises(InputError, match="not positive"):
            wind.during(115, 39, moment, moment + timedelta(hours=1), step=timedelta(hours=-1))


def test_wind_travels_to_another_process(made: Callable[..., Path]) -> None:
    with open_wind(made()) as wind:
        copy = pickle.loads(pickle.dumps(wind))
        with copy:
            xr.testing.assert_identical(copy.at(115, 39, at_hour(1.2)), wind.at(115, 39, at_hour(1.2)))
        assert len(pickle.dumps(wind)) < 100_000  # the values stay in the file


def test_a_large_file_is_not_loaded(tmp_path: Path) -> None:
    """Two fields of 416 MB each, of which only some steps were written and take room on the disk."""
    path, dims = tmp_path / "large.nc", {"time": 400, "latitude": 361, "longitude": 720}
    with h5netcdf.File(path, "w") as file:
        file.dimensions = dims
        for name, values, units in (
            ("time", np.arange(400.0), "hours since 2021-12-01"),
            ("latitude", np.linspace(90, -90, 361), "degrees_north"),
            ("longitude", np.arange(720) / 2, "degrees_east"),
        ):
            file.create_variable(name, (name,), "f8", values).attrs["units"] = units
        for name in ("u10", "v10"):
            variable = file.create_variable(name, tuple(dims), "f4", fillvalue=np.float32(-1), chunks=(1, 361, 720))
            variable.attrs["units"] = "m s-1"
            variable[29:43], variable[200] = 3, 3
    tracemalloc.start()
    with open_wind(path) as wind:
        found = wind.during(
            [2.0, 116.0], [50.0, 39.0], datetime(2021, 12, 2, 5, 30, tzinfo=UTC), datetime(2021, 12, 2, 18, tzinfo=UTC)
        )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found["eastward_wind"].sel(height=10) == 3).all()
    assert peak < 40e6
