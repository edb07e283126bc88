"""Wind at an overpass: against closed forms and another interpolator, in every shape that archives give their files."""

from __future__ import annotations

import pickle
import shutil
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import h5netcdf  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import xarray as xr
import zarr
from scipy.interpolate import RegularGridInterpolator

from satverify.domain.wind import NoWind
from satverify.errors import InputError
from satverify.sources.wind import open_wind

Floats = npt.NDArray[np.float64]
Edit = Callable[[xr.Dataset], xr.Dataset]

START = np.datetime64("2021-12-01T00:00", "us")
LATITUDES = np.arange(42.0, 35.9, -0.25)
LONGITUDES = np.arange(110.0, 120.1, 0.25)
UNITS = {"blh": "m"}
NAMES = ("u10", "v10", "u100", "v100", "blh")


def hours(count: int, step: float = 1) -> npt.NDArray[np.datetime64]:
    return START + (np.arange(count) * step * 3600).astype("timedelta64[s]")


def linear(name: str, longitude: npt.ArrayLike, latitude: npt.ArrayLike, hour: npt.ArrayLike) -> Floats:
    """A field that is linear along every axis, so that interpolation must give it back."""
    number, (x, y, t) = NAMES.index(name), map(np.asarray, (longitude, latitude, hour))
    return np.asarray((0.1 + number / 10) * x - 0.3 * y + (0.05 - number / 50) * t + 500 * (name == "blh"), dtype=float)


def sample(
    *,
    longitude: Floats = LONGITUDES,
    latitude: Floats = LATITUDES,
    time: npt.NDArray[np.datetime64] | None = None,
    names: tuple[str, ...] = NAMES,
    of: Callable[[str, Floats, Floats, Floats], Floats] = linear,
) -> xr.Dataset:
    time = hours(6) if time is None else time
    hour = (time - START) / np.timedelta64(1, "h")
    grid = np.meshgrid(hour, latitude, longitude, indexing="ij")
    dims = ("time", "latitude", "longitude")
    return xr.Dataset(
        {name: (dims, of(name, grid[2], grid[1], grid[0]), {"units": UNITS.get(name, "m s**-1")}) for name in names},
        coords={
            "time": ("time", time, {"standard_name": "time"}),
            "latitude": ("latitude", latitude, {"units": "degrees_north", "standard_name": "latitude"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east", "standard_name": "longitude"}),
        },
    )


def saved(dataset: xr.Dataset, path: Path, **options: object) -> Path:
    dataset.to_netcdf(path, engine="h5netcdf", **options)  # type: ignore[call-overload]
    return path


def write_classic(dataset: xr.Dataset, path: Path, **options: object) -> None:
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_CLASSIC", **options)  # type: ignore[call-overload]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, of the kind that is written fastest."""

    def make(dataset: xr.Dataset | None = None, name: str = "era5.nc", **options: object) -> Path:
        write_classic(sample() if dataset is None else dataset, tmp_path / name, **options)
        return tmp_path / name

    return make


def somewhere(count: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Longitudes, latitudes and hours inside the usual sample."""
    rng = np.random.default_rng(seed)
    return rng.uniform(110, 120, count), rng.uniform(36, 42, count), rng.uniform(0, 5, count)


def at_hour(hour: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    return START + np.round(np.asarray(hour, dtype=np.float64) * 3.6e9).astype("timedelta64[us]")


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_wind(path)
    assert caught.value.problems
    return str(caught.value)


def write_64_bit(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def write_packed(dataset: xr.Dataset, path: Path) -> None:
    packing = {"dtype": "int16", "scale_factor": 0.0037, "add_offset": 12.5, "_FillValue": -32767}
    saved(dataset, path, encoding={name: packing if name != "blh" else {} for name in NAMES})


def write_zarr_2(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_zarr(path, zarr_format=2, consolidated=True)


def write_zarr_3(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_zarr(path, zarr_format=3, consolidated=False, encoding={name: {"chunks": (2, 7, 5)} for name in NAMES})


def write_chunked(dataset: xr.Dataset, path: Path) -> None:
    saved(dataset, path, encoding={name: {"chunksizes": (2, 7, 5), "zlib": True} for name in NAMES})


WRITERS = [saved, write_classic, write_64_bit, write_packed, write_chunked, write_zarr_2, write_zarr_3]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_linear_field_comes_back_exactly_from_every_kind_of_file(
    tmp_path: Path, write: Callable[[xr.Dataset, Path], object]
) -> None:
    write(sample(), tmp_path / "wind")
    longitude, latitude, hour = somewhere(200)
    with open_wind(tmp_path / "wind") as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
    tolerance = 0.0037 / 2 + 1e-5 if write is write_packed else 1e-5  # half a packed step; microseconds of time
    for name, height in (("u", 10), ("v", 10), ("u", 100), ("v", 100)):
        got = found["eastward_wind" if name == "u" else "northward_wind"].sel(height=height)
        np.testing.assert_allclose(got, linear(f"{name}{height}", longitude, latitude, hour), atol=tolerance)
    np.testing.assert_allclose(found["boundary_layer_height"], linear("blh", longitude, latitude, hour), atol=1e-5)
    assert (found["no_wind"] == "").all()
    assert (found["no_boundary_layer"] == "").all()


def test_another_interpolator_agrees_on_a_field_without_any_order(made: Callable[..., Path]) -> None:
    rng = np.random.default_rng(1)
    dataset = sample(time=hours(30), of=lambda name, x, y, t: rng.normal(0, 6, x.shape) + 300 * (name == "blh"))
    longitude, latitude, _ = somewhere(500)
    hour = np.random.default_rng(2).uniform(0, 29, 500)
    with open_wind(made(dataset)) as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
    for name, got in (("v100", found["northward_wind"].sel(height=100)), ("blh", found["boundary_layer_height"])):
        other = RegularGridInterpolator(
            (np.arange(30.0), LATITUDES[::-1], LONGITUDES), dataset[name].to_numpy()[:, ::-1]
        )
        np.testing.assert_allclose(got, other(np.stack([hour, latitude, longitude], axis=-1)), atol=1e-6)


def test_speed_and_direction_follow_from_the_components(made: Callable[..., Path]) -> None:
    def gale(name: str, x: Floats, y: Floats, t: Floats) -> Floats:
        return np.full_like(x, {"u10": 3.0, "v10": 4.0, "u100": -8.0, "v100": 0.0, "blh": 700.0}[name])

    with open_wind(made(sample(of=gale))) as wind:
        found = wind.at(116.0, 39.0, at_hour(2.5))
    np.testing.assert_allclose(found["wind_speed"], [5, 8])
    # Towards the north-east by 3 to 4 comes from the south-west; towards the west comes from the east.
    np.testing.assert_allclose(found["wind_from_direction"], [180 + np.degrees(np.arctan2(3, 4)), 90])


def test_wind_that_turns_past_north_is_interpolated_by_components(made: Callable[..., Path]) -> None:
    def turning(name: str, x: Floats, y: Floats, t: Floats) -> Floats:
        from_direction = np.radians(np.where(t < 0.5, 350.0, 10.0))
        return -10 * (np.sin(from_direction) if name[0] == "u" else np.cos(from_direction))

    with open_wind(made(sample(time=hours(2), names=NAMES[:4], of=turning))) as wind:
        found = wind.at(116.0, 39.0, at_hour(0.5))
    np.testing.assert_allclose(found["wind_from_direction"] % 360, 0, atol=1e-9)
    np.testing.assert_allclose(found["wind_speed"], 10 * np.cos(np.radians(10)))


def test_everything_carries_its_cf_name_and_unit(made: Callable[..., Path]) -> None:
    with open_wind(made()) as wind:
        found = wind.at(116.0, 39.0, at_hour(1.5))
    units = {str(name): variable.attrs.get("units") for name, variable in found.variables.items()}
    assert units == {
        "height": "m",
        "longitude": "degrees_east",
        "latitude": "degrees_north",
        "time": None,  # datetime64 has its own
        "eastward_wind": "m s-1",
        "northward_wind": "m s-1",
        "wind_speed": "m s-1",
        "wind_from_direction": "degree",
        "boundary_layer_height": "m",
        "no_wind": None,
        "no_boundary_layer": None,
    }
    assert found["boundary_layer_height"].attrs["standard_name"] == "atmosphere_boundary_layer_thickness"
    assert found["wind_from_direction"].attrs["standard_name"] == "wind_from_direction"


def with_longitudes_to_180(dataset: xr.Dataset) -> xr.Dataset:
    longitude = (dataset["longitude"] + 180) % 360 - 180
    return dataset.assign_coords(longitude=longitude.assign_attrs(dataset["longitude"].attrs)).sortby("longitude")


def around(name: str, x: Floats, y: Floats, t: Floats) -> Floats:
    """A field that closes round the globe, is linear between columns of 90 degrees, and depends on latitude."""
    return np.interp(x % 360, [0, 90, 180, 270, 360], [0, 3, 5, -2, 0]) * (1 + NAMES.index(name)) + y / 10


@pytest.mark.parametrize("edit", [lambda dataset: dataset, with_longitudes_to_180], ids=["0..360", "-180..180"])
@pytest.mark.parametrize("flip", [1, -1], ids=["from north", "from south"])
def test_a_globe_closes_at_its_seam_whichever_way_it_is_cut(made: Callable[..., Path], edit: Edit, flip: int) -> None:
    dataset = edit(sample(longitude=np.arange(0.0, 360, 90), latitude=np.arange(90.0, -91, -45), of=around)).isel(
        latitude=slice(None, None, flip)
    )
    longitude = np.array([-180, -179.5, -90, -0.1, 0, 0.1, 89.9, 179.9, 180, 269, 315, 359.9, 360])
    with open_wind(made(dataset)) as wind:
        found = wind.at(longitude, np.full_like(longitude, 30), at_hour(1))
        assert (wind.coverage.west, wind.coverage.east) == (-180, 180)
    np.testing.assert_allclose(
        found["eastward_wind"].sel(height=100),
        around("u100", longitude, np.full_like(longitude, 30.0), longitude),
        atol=1e-12,
    )


def test_longitudes_may_fall(made: Callable[..., Path]) -> None:
    longitude, latitude, hour = somewhere(50)
    with open_wind(made(sample().isel(longitude=slice(None, None, -1)))) as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
        assert (wind.coverage.west, wind.coverage.east) == (110, 120)
    np.testing.assert_allclose(
        found["eastward_wind"].sel(height=10), linear("u10", longitude, latitude, hour), atol=1e-5
    )


def test_a_box_over_greenwich_may_jump_from_359_to_0(made: Callable[..., Path]) -> None:
    dataset = sample(longitude=np.arange(-5.0, 5.1, 0.5))
    cut = dataset.assign_coords(longitude=dataset["longitude"] % 360)
    with open_wind(made(dataset, "one.nc")) as one, open_wind(made(cut, "other.nc")) as other:
        asked = np.linspace(-5, 5, 41), np.full(41, 40.1), at_hour(2.2)
        xr.testing.assert_allclose(one.at(*asked), other.at(*asked))
        assert (other.at(*asked)["no_wind"] == "").all()
        assert other.coverage == one.coverage


def test_over_the_pole_goes_on_the_other_side_with_its_direction_turned(made: Callable[..., Path]) -> None:
    def across(name: str, x: Floats, y: Floats, t: Floats) -> Floats:
        """One and the same wind over the pole, 10 m/s along the meridian of 0 degree, seen from each longitude."""
        along = -np.cos(np.radians(x)) if name[0] == "v" else np.sin(np.radians(x))
        return np.full_like(x, 300.0) if name == "blh" else -10 * along

    centres = sample(longitude=np.arange(0.5, 360), latitude=np.arange(89.5, -90, -1), time=hours(2), of=across)
    with open_wind(made(centres)) as wind:
        longitude = np.arange(0.0, 360, 15)
        found = wind.at(longitude, np.full_like(longitude, 90.0), at_hour(0.3))
        south = wind.at(7.0, -89.9, at_hour(0.3))
        assert wind.coverage.north == 89.5
    still = across("u10", longitude, longitude, longitude), across("v10", longitude, longitude, longitude)
    np.testing.assert_allclose(found["eastward_wind"].sel(height=10), still[0], atol=0.01)  # columns of one degree
    np.testing.assert_allclose(found["northward_wind"].sel(height=10), still[1], atol=0.01)
    np.testing.assert_allclose(found["boundary_layer_height"], 300)
    assert (south["no_wind"] == "").all()


def test_a_box_is_not_extended_to_the_pole(made: Callable[..., Path]) -> None:
    with open_wind(made(sample(latitude=np.arange(89.5, 80, -1)))) as wind:
        assert (wind.at(115, 89.8, at_hour(1))["no_wind"] == NoWind.OFF_AREA).all()


@pytest.mark.parametrize(
    ("longitude", "latitude", "hour", "reason"),
    [
        (109.9, 39, 1, NoWind.OFF_AREA),
        (120.1, 39, 1, NoWind.OFF_AREA),
        (115, 42.1, 1, NoWind.OFF_AREA),
        (115, 35.9, 1, NoWind.OFF_AREA),
        (-65, 39, 1, NoWind.OFF_AREA),
        (115, 39, -0.001, NoWind.BEFORE),
        (115, 39, 5.001, NoWind.AFTER),
        (np.nan, 39, 1, NoWind.UNKNOWN_POINT),
        (115, np.nan, 1, NoWind.UNKNOWN_POINT),
        (110, 42, 0, NoWind.HAS_WIND),
        (120, 36, 5, NoWind.HAS_WIND),
        (-240, 36, 5, NoWind.HAS_WIND),
    ],
)
def test_nothing_is_known_beyond_the_file(
    made: Callable[..., Path], longitude: float, latitude: float, hour: float, reason: NoWind
) -> None:
    with open_wind(made()) as wind:
        found = wind.at(longitude, latitude, at_hour(hour))
    assert (found["no_wind"] == reason).all()
    assert (found["no_boundary_layer"] == reason).all()
    for name in ("eastward_wind", "northward_wind", "wind_speed", "wind_from_direction", "boundary_layer_height"):
        assert (np.isnan(found[name]) == bool(reason)).all()


def test_a_time_that_is_not_known_has_no_wind(made: Callable[..., Path]) -> None:
    with open_wind(made()) as wind:
        found = wind.at(115, 39, np.array(["NaT", START], dtype="datetime64[us]"))
    assert found["no_wind"].sel(height=10).to_numpy().tolist() == [NoWind.UNKNOWN_POINT, ""]


def test_a_gap_is_not_bridged_but_its_ends_are_known(made: Callable[..., Path]) -> None:
    dataset = sample(time=hours(24)).isel(time=[*range(6), *range(9, 24)])
    with open_wind(made(dataset)) as wind:
        found = wind.at(115, 39, at_hour(np.array([4.5, 5, 5.001, 7, 8.999, 9, 9.5])))
        start = datetime(2021, 12, 1, tzinfo=UTC)
        assert wind.coverage.gaps == ((start + timedelta(hours=5), start + timedelta(hours=9)),)
    assert found["no_wind"].sel(height=10).to_numpy().tolist() == ["", "", *[NoWind.GAP] * 3, "", ""]


def test_hours_round_the_overpass_only_are_no_reason_to_interpolate_over_the_night(made: Callable[..., Path]) -> None:
    daily = np.concatenate([hours(3) + np.timedelta64(day, "D") + np.timedelta64(4, "h") for day in range(5)])
    with open_wind(made(sample(time=daily))) as wind:
        assert wind.coverage.step == timedelta(hours=1)
        found = wind.at(115, 39, at_hour(np.array([5.3, 12, 29.3])))
    assert found["no_wind"].sel(height=10).to_numpy().tolist() == ["", NoWind.GAP, ""]


@pytest.mark.parametrize("step", [0.25, 1, 3, 6])
def test_any_step_will_do(made: Callable[..., Path], step: float) -> None:
    with open_wind(made(sample(time=hours(5, step)))) as wind:
        assert wind.coverage.step == timedelta(hours=step)
        found = wind.at(115.0, 39.0, at_hour(3.3 * step))
        assert wind.notes == ()
    expected = linear("u10", 115.0, 39.0, np.array(3.3 * step))
    np.testing.assert_allclose(found["eastward_wind"].sel(height=10), expected, atol=1e-6)


def test_daily_steps_are_taken_and_told(made: Callable[..., Path]) -> None:
    with open_wind(made(sample(time=hours(5, 24)))) as wind:
        assert any("steps of six hours at most" in str(note) for note in wind.notes)


@pytest.mark.parametrize(
    "units",
    [
        "hours since 1900-01-01 00:00:00.0",
        "seconds since 1970-01-01",
        "days since 2021-11-30T16:00:00Z",
        "minutes since 2021-12-01 08:00:00+08:00",
    ],
)
def test_times_are_understood_in_every_unit(made: Callable[..., Path], units: str) -> None:
    hour = np.arange(6) + (8 if units.endswith("+08:00") else 0)
    count = {
        "hours": hour + 1_068_696,
        "seconds": hour * 3600 + 1_638_316_800,
        "days": (hour + 8) / 24,
        "minutes": hour * 60 - 480,
    }
    values = count[units.split()[0]].astype(float)
    path = made(sample().assign_coords(time=("time", values, {"units": units})))
    with open_wind(path) as wind:
        assert wind.coverage.start == datetime(2021, 12, 1, tzinfo=UTC)
        assert wind.coverage.step == timedelta(hours=1)


def test_a_missing_value_is_missing_only_where_it_weighs(made: Callable[..., Path]) -> None:
    dataset = sample()
    dataset["u10"][2, 4, 4] = np.nan
    dataset["v100"][5, 10, 10] = np.nan
    dataset["blh"][:, 0, 0] = 1e20  # a fill value nobody declared
    longitude, latitude = LONGITUDES[4], LATITUDES[4]
    with open_wind(made(dataset)) as wind:
        near = wind.at(longitude + np.array([0.1, 0.25, -0.1, 0]), latitude, at_hour(np.array([2.0, 2, 1.5, 3])))
        corner = wind.at(110.1, 41.9, at_hour(1))
        half = wind.at(LONGITUDES[10], LATITUDES[10], at_hour(5))
    assert near["no_wind"].sel(height=10).to_numpy().tolist() == [NoWind.NO_VALUE, "", NoWind.NO_VALUE, ""]
    assert np.isnan(near["northward_wind"].sel(height=10).to_numpy()).tolist() == [True, False, True, False]
    assert (near["no_wind"].sel(height=100) == "").all()
    assert half["no_wind"].to_numpy().tolist() == ["", NoWind.NO_VALUE]
    assert np.isnan(half["eastward_wind"].to_numpy()).tolist() == [False, True]
    assert corner["no_boundary_layer"] == NoWind.NO_VALUE
    assert (corner["no_wind"] == "").all()


def test_a_file_that_is_blank_but_for_one_node_is_no_blank_file(made: Callable[..., Path]) -> None:
    dataset = sample()
    is_kept = xr.zeros_like(dataset["u10"], dtype=bool)
    is_kept[1, 3, 5] = True
    with open_wind(made(dataset.where(is_kept))) as wind:
        found = wind.at(LONGITUDES[[5, 6]], LATITUDES[[3, 3]], at_hour([1, 1]))
    assert found["no_wind"].sel(height=100).to_numpy().tolist() == ["", NoWind.NO_VALUE]


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


# Asking


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


# Files that are not what they should be


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"GRIB\x00\x01\x02\x02", "GRIB; ask for netCDF"),
        (b"\n<!DOCTYPE html><html>Log in</html>", "a page of HTML"),
        (b'{"message": "licence not accepted"}', "JSON"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x1f\x8b\x08rest", "a gzip file"),
        (b"CDF\x05rest", "CDF-5"),
        (b"time,u10,v10\n", "begins with 'time,u10,v10"),
        (b"CDF\x01\x00", "cannot be read"),
        (b"\x89HDF\r\n\x1a\nrest", "cannot be read"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "era5.nc").write_bytes(content)
    assert found in refusal(tmp_path / "era5.nc")


def test_nothing_is_no_wind(tmp_path: Path) -> None:
    assert "nothing there" in refusal(tmp_path / "era5.nc")
    (tmp_path / "notes.txt").write_text("x")
    assert "a folder of other things: notes.txt" in refusal(tmp_path)
    with pytest.raises(InputError, match=r"notes\.txt"):
        open_wind(str(tmp_path / "notes.txt"))


@pytest.mark.parametrize("write", [saved, write_classic, write_64_bit, write_chunked], ids=lambda write: write.__name__)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_file_cut_short_is_refused(tmp_path: Path, write: Callable[[xr.Dataset, Path], object], share: float) -> None:
    write(sample(), tmp_path / "era5.nc")
    whole = (tmp_path / "era5.nc").read_bytes()
    (tmp_path / "era5.nc").write_bytes(whole[: int(share * len(whole))])
    assert "cannot be read" in refusal(tmp_path / "era5.nc")


def test_a_damaged_chunk_is_told_when_it_is_read(tmp_path: Path) -> None:
    write_chunked(sample(), tmp_path / "era5.nc")
    with h5netcdf.File(tmp_path / "era5.nc") as file:
        chunk = file["u10"]._h5ds.id.get_chunk_info(0)
    content = bytearray((tmp_path / "era5.nc").read_bytes())
    content[chunk.byte_offset + 8 : chunk.byte_offset + chunk.size] = bytes(chunk.size - 8)
    (tmp_path / "era5.nc").write_bytes(content)
    with open_wind(tmp_path / "era5.nc") as wind:
        wind.at(119.9, 36.1, at_hour(4.5))
        with pytest.raises(InputError, match="variable u10: expected a whole file"):
            wind.at(110.1, 41.9, at_hour(0.5))


def test_a_store_cut_short_is_refused_where_holes_would_look_like_wind(tmp_path: Path) -> None:
    packing = {"dtype": "int16", "scale_factor": 0.01, "add_offset": 1.0, "_FillValue": -32767, "chunks": (2, 25, 41)}
    encoding = dict.fromkeys(NAMES[:4], packing) | {"blh": {"chunks": (2, 25, 41)}}
    sample().to_zarr(tmp_path / "era5.zarr", zarr_format=3, consolidated=False, encoding=encoding)
    shutil.rmtree(tmp_path / "era5.zarr" / "u10" / "c" / "1")
    assert "expected every chunk of the store, found 1 absent" in refusal(tmp_path / "era5.zarr")


def test_a_hole_that_reads_as_missing_is_missing(tmp_path: Path) -> None:
    write_zarr_3(sample(), tmp_path / "era5.zarr")
    shutil.rmtree(tmp_path / "era5.zarr" / "u10" / "c" / "1")
    with open_wind(tmp_path / "era5.zarr") as wind:
        found = wind.at(115, 39, at_hour(np.array([0.5, 2.5])))
    assert found["no_wind"].sel(height=10).to_numpy().tolist() == ["", NoWind.NO_VALUE]


def test_hdf5_that_is_no_netcdf_has_no_coordinates(tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "era5.h5", "w") as file:
        for name in ("u10", "v10"):
            file._h5file[name] = np.zeros((3, 4, 5))
    assert "latitude: expected a coordinate along one dimension" in refusal(tmp_path / "era5.h5")


def test_the_folder_where_one_is_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert tmp_path.name in refusal(Path())


def test_an_array_alone_is_no_store(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "u10.zarr", shape=(2, 2, 2), dtype="f4")
    assert "u10.zarr" in refusal(tmp_path / "u10.zarr")


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


# Real files


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
