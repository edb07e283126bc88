"""Wind at an overpass: against closed forms and another interpolator, in every shape that archives give their files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import RegularGridInterpolator

from satverify.domain.wind import NoWind
from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    LATITUDES,
    LONGITUDES,
    NAMES,
    START,
    WRITERS,
    Edit,
    Floats,
    at_hour,
    hours,
    linear,
    sample,
    somewhere,
    write_packed,
)


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
