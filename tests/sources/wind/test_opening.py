"""Winds under the names that archives give them, and files put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from satverify.domain.wind import NoWind
from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    LONGITUDES,
    NAMES,
    Edit,
    at_hour,
    hours,
    linear,
    refusal,
    sample,
    saved,
    somewhere,
)


def new_cds(dataset: xr.Dataset) -> xr.Dataset:
    """As the CDS gives it since 2024: another name of time, a member number, and the version of each step."""
    count = dataset.sizes["time"]
    renamed = dataset.rename(time="valid_time").assign_coords(
        number=((), 0, {"standard_name": "realization"}),
        expver=("valid_time", np.array(["0001"] * (count - 2) + ["0005"] * 2, dtype=object)),
    )
    for name in NAMES:
        renamed[name].attrs |= {"standard_name": "unknown", "GRIB_paramId": 1}
    return renamed


def old_cds(dataset: xr.Dataset) -> xr.Dataset:
    """As the CDS gave it where ERA5 and ERA5T met: a dimension of versions, each blank where the other one holds."""
    final = dataset.where(dataset["time"] < dataset["time"][3])
    preliminary = dataset.where(dataset["time"] >= dataset["time"][3])
    return xr.concat(
        [final, preliminary], pd.Index([1, 5], name="expver"), data_vars="all", coords="minimal"
    ).transpose("time", "expver", ...)


def long_named(dataset: xr.Dataset) -> xr.Dataset:
    """As ARCO-ERA5 names them."""
    return dataset.rename(
        u10="10m_u_component_of_wind",
        v10="10m_v_component_of_wind",
        u100="100m_u_component_of_wind",
        v100="100m_v_component_of_wind",
        blh="boundary_layer_height",
    )


def by_wgrib2(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.rename(
        u10="UGRD_10maboveground",
        v10="VGRD_10maboveground",
        u100="UGRD_100maboveground",
        v100="VGRD_100maboveground",
        blh="HPBL_surface",
    )


def by_thredds(dataset: xr.Dataset) -> xr.Dataset:
    """As a THREDDS server gives GFS: heights as a dimension, a time of reference beside the time that is meant."""
    height = xr.DataArray([10.0, 80.0, 100.0], dims="height_above_ground", attrs={"units": "m", "positive": "up"})
    found = xr.Dataset(coords=dataset.coords)
    for component in "uv":
        levels = [dataset[f"{component}{level}"] for level in (10, 10, 100)]
        levels[1] = levels[1] * 0 + 77
        found[f"{component}-component_of_wind_height_above_ground"] = (
            xr.concat(levels, "height_above_ground", coords="minimal", compat="override")
            .transpose("time", ...)
            .assign_attrs(units="m/s", long_name="wind component @ Specified height level above ground")
        )
    found = found.assign_coords(height_above_ground=height)
    found["Planetary_Boundary_Layer_Height_surface"] = dataset["blh"]
    found["reftime"] = xr.Variable((), np.datetime64("1999-01-01", "us"), {"standard_name": "forecast_reference_time"})
    return found


def by_standard_name_only(dataset: xr.Dataset) -> xr.Dataset:
    found = dataset[["u10", "v10"]].rename(u10="a", v10="b", latitude="y", longitude="x", time="t")
    found["a"].attrs["standard_name"], found["b"].attrs["standard_name"] = "eastward_wind", "northward_wind"
    return found.assign_coords(height=((), 10.0, {"standard_name": "height", "units": "m"}))


def with_members_of_one(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.expand_dims(number=[0]).transpose("time", "latitude", "number", "longitude")


def with_lead_time(dataset: xr.Dataset) -> xr.Dataset:
    """As cfgrib gives a forecast: ``time`` is when it was started, ``valid_time`` when it holds."""
    valid = dataset["time"].to_numpy()
    found = dataset.assign_coords(
        time=("time", valid - np.timedelta64(6, "h"), {"standard_name": "forecast_reference_time"})
    )
    return found.assign_coords(
        valid_time=("time", valid, {"standard_name": "time"}), step=((), 6.0, {"units": "hours"})
    )


DIALECTS = [
    new_cds,
    old_cds,
    long_named,
    by_wgrib2,
    by_thredds,
    by_standard_name_only,
    with_members_of_one,
    with_lead_time,
]


@pytest.mark.parametrize("edit", DIALECTS, ids=lambda edit: edit.__name__)
def test_winds_are_found_under_the_names_that_archives_give_them(made: Callable[..., Path], edit: Edit) -> None:
    longitude, latitude, hour = somewhere(50)
    with open_wind(made(edit(sample()))) as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
        heights = wind.coverage.heights
    assert heights == ((10.0,) if edit is by_standard_name_only else (10.0, 100.0))
    for height in heights:
        expected = [linear(f"{name}{height:g}", longitude, latitude, hour) for name in "uv"]
        np.testing.assert_allclose(found["eastward_wind"].sel(height=height), expected[0], atol=1e-5)
        np.testing.assert_allclose(found["northward_wind"].sel(height=height), expected[1], atol=1e-5)
    if edit is not by_standard_name_only:
        np.testing.assert_allclose(found["boundary_layer_height"], linear("blh", longitude, latitude, hour), atol=1e-5)


def test_the_standard_name_says_more_than_the_name(made: Callable[..., Path]) -> None:
    swapped = sample(names=("u10", "v10"))
    swapped["u10"].attrs["standard_name"], swapped["v10"].attrs["standard_name"] = "northward_wind", "eastward_wind"
    with open_wind(made(swapped)) as wind:
        found = wind.at(115.0, 39.0, at_hour(1)).sel(height=10)
    assert found["eastward_wind"] == pytest.approx(float(linear("v10", 115.0, 39.0, 1.0)))


def test_u10_wins_over_another_wind_of_that_height(made: Callable[..., Path]) -> None:
    dataset = sample()
    dataset["u10n"] = dataset["u10"] + 50
    dataset["u10n"].attrs = {"units": "m s-1", "standard_name": "eastward_wind", "long_name": "Neutral wind at 10 m"}
    dataset["mean"] = dataset["u10"] + 60
    dataset["mean"].attrs = {"units": "m s-1", "standard_name": "eastward_wind", "long_name": "mean at 10 m"}
    with open_wind(made(dataset)) as wind:
        found = wind.at(115.0, 39.0, at_hour(1)).sel(height=10)
    assert found["eastward_wind"] == pytest.approx(float(linear("u10", 115.0, 39.0, 1.0)))


def test_final_steps_count_more_than_preliminary_ones(made: Callable[..., Path]) -> None:
    preliminary, final = sample(time=hours(4)), sample(time=hours(4))
    preliminary["u10"] = preliminary["u10"] + 50
    both = xr.concat([preliminary, final], "time").assign_coords(expver=("time", [5] * 4 + [1] * 4))
    with open_wind(made(both)) as wind:
        found = wind.at(115.0, 39.0, at_hour(1.5)).sel(height=10)
        assert any("steps of eastward wind at 10 m that other steps repeat" in str(note) for note in wind.notes)
    assert found["eastward_wind"] == pytest.approx(float(linear("u10", 115.0, 39.0, 1.5)))


def test_steps_in_disorder_are_put_in_order(made: Callable[..., Path]) -> None:
    dataset = sample(time=hours(12)).isel(time=[7, 3, 0, 11, 1, 2, 10, 4, 5, 6, 9, 8])
    with open_wind(made(dataset)) as wind:
        found = wind.at(115.0, 39.0, at_hour(np.array([0.5, 6.7, 10.2])))
    hour = np.array([0.5, 6.7, 10.2])
    np.testing.assert_allclose(found["eastward_wind"].sel(height=10), linear("u10", 115.0, 39.0, hour), atol=1e-5)


def test_a_folder_of_months_and_quantities_is_one_wind(tmp_path: Path) -> None:
    whole = sample(time=hours(12))
    for part, steps in (("b", slice(0, 5)), ("a", slice(5, 12))):
        saved(whole[["u10", "v10"]].isel(time=steps), tmp_path / f"{part}-wind.nc")
        saved(whole[["blh"]].isel(time=steps).sortby("latitude"), tmp_path / f"{part}-blh.nc")
    write_zarr_3_of = whole[["u100", "v100"]]
    write_zarr_3_of.to_zarr(tmp_path / "high.zarr", zarr_format=3, consolidated=False)
    (tmp_path / "read-me.txt").write_text("not wind")
    longitude, latitude, _ = somewhere(50)
    hour = np.linspace(0, 11, 50)
    with open_wind(tmp_path) as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
        assert wind.notes == ()
    np.testing.assert_allclose(
        found["eastward_wind"].sel(height=10), linear("u10", longitude, latitude, hour), atol=1e-5
    )
    np.testing.assert_allclose(
        found["northward_wind"].sel(height=100), linear("v100", longitude, latitude, hour), atol=1e-5
    )
    np.testing.assert_allclose(found["boundary_layer_height"], linear("blh", longitude, latitude, hour), atol=1e-5)


def test_months_on_different_grids_are_refused(tmp_path: Path) -> None:
    saved(sample(), tmp_path / "a.nc")
    saved(sample(longitude=LONGITUDES + 0.1), tmp_path / "b.nc")
    assert "expected the grid of a.nc" in refusal(tmp_path)


def test_what_a_file_lacks_stays_unknown_and_is_told(made: Callable[..., Path]) -> None:
    with open_wind(made(sample(names=("u100", "v100")))) as wind:
        found = wind.at(115, 39, at_hour(1))
        assert [note.expected for note in wind.notes] == ["wind at 10 m", "a boundary-layer height, such as blh"]
        assert (wind.coverage.heights, wind.coverage.has_boundary_layer) == ((100.0,), False)
    assert found["no_wind"].to_numpy().tolist() == [NoWind.NO_QUANTITY, ""]
    assert found["no_boundary_layer"] == NoWind.NO_QUANTITY


def test_a_missing_unit_is_assumed_and_told(made: Callable[..., Path]) -> None:
    dataset = sample()
    del dataset["u10"].attrs["units"]
    with open_wind(made(dataset)) as wind:
        assert [note.where for note in wind.notes] == ["variable u10"]
