"""Real reanalyses and forecasts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    refusal,
    saved,
)


def test_real_speeds_and_directions_are_refused(shared_data: Path) -> None:
    """Rightly: these directions are angles from east, counted the other way round, and nothing in the files says so."""
    found = refusal(shared_data / "wind" / "era5_ruhr_201501")
    assert "wd10, which is speed or direction" in found


@pytest.fixture
def ruhr(shared_data: Path, tmp_path: Path) -> Path:
    """Real ERA5 over the Ruhr, its components made from speed and angle, packed as it came."""
    folder = shared_data / "wind" / "era5_ruhr_201501"
    found = xr.Dataset()
    for height in ("10", "100"):
        with (
            xr.open_dataset(folder / f"{height}m_wind_speed.processed.nc", engine="h5netcdf") as speed,
            xr.open_dataset(folder / f"{height}m_wind_direction.processed.nc", engine="h5netcdf") as angle,
        ):
            turned = np.radians(angle[f"wd{height}"])
            for name, part in ((f"u{height}", np.cos(turned)), (f"v{height}", np.sin(turned))):
                found[name] = (speed[f"ws{height}"] * part).assign_attrs(units="m s-1")
    saved(found, tmp_path / "ruhr.nc")
    shutil.copy(folder / "boundary_layer_height.nc", tmp_path)
    return tmp_path


def test_real_era5_turns_and_quickens_with_height(ruhr: Path) -> None:
    with open_wind(ruhr) as wind:
        assert wind.coverage.start == datetime(2015, 1, 1, tzinfo=UTC)
        assert wind.coverage.stop == datetime(2015, 1, 6, 19, tzinfo=UTC)
        assert (wind.coverage.west, wind.coverage.south, wind.coverage.east, wind.coverage.north) == (5, 49, 7.5, 52)
        found = wind.during(6.73, 51.48, wind.coverage.start, wind.coverage.stop)
        noon = wind.during(6.73, 51.48, datetime(2015, 1, 3, 12, tzinfo=UTC), datetime(2015, 1, 3, 13, tzinfo=UTC))
    assert (found["no_wind"] == "").all()
    assert (found["no_boundary_layer"] == "").all()
    speed = found["wind_speed"].median("time").to_numpy()
    assert 1.3 < speed[1] / speed[0] < 2.2  # flat country in winter, neutral to stable
    veer = (found["wind_from_direction"].diff("height") + 180) % 360 - 180
    assert 0 < float(veer.median()) < 25  # [degree] clockwise with height in the north: Ekman
    assert float(found["boundary_layer_height"].min()) > 30
    assert float(found["boundary_layer_height"].max()) < 3000
    assert 200 < float(noon["wind_from_direction"].sel(height=100).item()) < 300  # westerly after the front


def test_real_values_at_the_nodes_are_those_of_the_file(ruhr: Path) -> None:
    with (
        xr.open_dataset(ruhr / "boundary_layer_height.nc", engine="h5netcdf") as raw,
        open_wind(ruhr) as wind,
    ):
        longitude, latitude = np.meshgrid(raw["longitude"], raw["latitude"])
        found = wind.at(longitude, latitude, raw["time"].to_numpy()[77])
        np.testing.assert_allclose(found["boundary_layer_height"], raw["blh"][77])


def test_a_real_gfs_file_that_says_neither_time_nor_height_is_refused(shared_data: Path) -> None:
    found = refusal(shared_data / "wind" / "gfs_wind_global_20160430.nc")
    assert "u_wind, whose height above ground is not said" in found


def test_real_gfs_winds_close_over_greenwich(shared_data: Path, made: Callable[..., Path]) -> None:
    with xr.open_dataset(shared_data / "wind" / "gfs_wind_global_20160430.nc", engine="h5netcdf") as raw:
        winds = raw.load()
    time = np.array(["2016-04-30T06", "2016-04-30T12"], dtype="datetime64[us]")
    told = winds.rename(u_wind="u10", v_wind="v10").expand_dims(time=time)
    with open_wind(made(told)) as wind:
        assert (wind.coverage.west, wind.coverage.east, wind.coverage.south, wind.coverage.north) == (
            -180,
            180,
            -90,
            90,
        )
        found = wind.at([-0.25, 359.75, 116.5], [51.0, 51.0, 39.5], time[0]).sel(height=10)
    u = winds["u_wind"]
    expected = 0.25 * float(u.sel(lat=51, lon=359)) + 0.75 * float(u.sel(lat=51, lon=0))
    np.testing.assert_allclose(found["eastward_wind"][:2], expected)
    near = float(u.sel(lat=slice(40, 39), lon=slice(116, 117)).mean())
    np.testing.assert_allclose(found["eastward_wind"][2], near)
