from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from satverify.config import read_project
from satverify.errors import InputError
from satverify.pipeline.flow import run
from satverify.pipeline.inputs import read_inputs
from satverify.progress import Silent
from tests.pipeline.standin import count_heat, write_project

SOURCE = '[[sources]]\nkind = "wind"\npath = "era5.nc"\n'


def write_wind(path: Path, unit: str = "m s**-1") -> None:
    times = pd.date_range("2021-11-01", periods=6, freq="h")
    place = {"valid_time": times, "latitude": [40.0, 39.0], "longitude": [117.0, 118.0, 119.0]}
    shape = (len(times), 2, 3)
    fields = {
        name: (tuple(place), np.full(shape, value, dtype=np.float32), {"units": unit})
        for name, value in (("u10", 3.0), ("v10", -1.0), ("u100", 5.0), ("v100", -2.0))
    }
    xr.Dataset(fields, coords=place).to_netcdf(path, engine="h5netcdf")


def test_a_run_tells_what_there_is_of_the_wind(tmp_path: Path) -> None:
    file = write_project(tmp_path, sites=1, extra=SOURCE)
    write_wind(tmp_path / "era5.nc")
    run(read_project(file), verify=count_heat, lang=None)
    (said,) = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["wind"]
    assert said["path"] == "era5.nc"
    assert said["area"] == [117.0, 39.0, 119.0, 40.0]
    assert said["steps"] == ["2021-11-01T00:00:00+00:00", "2021-11-01T05:00:00+00:00"]
    assert said["heights"] == [10.0, 100.0]
    assert said["has_boundary_layer"] is False


def test_a_file_that_is_no_wind_is_told_with_the_problems_of_the_other_files(tmp_path: Path) -> None:
    file = write_project(tmp_path, sites=1, extra=SOURCE)
    write_wind(tmp_path / "era5.nc", unit="K")
    (tmp_path / "orders.csv").write_text("order_id\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(read_project(file), Silent())
    assert {Path(problem.file).name for problem in caught.value.problems} >= {"era5.nc", "orders.csv"}
