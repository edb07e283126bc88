"""Names of winds: those that mean one, and those that look like one."""

from __future__ import annotations

import pytest

from satverify.sources.wind.names import Quantity, is_speed_or_direction, is_unit_of, meaning_of

EASTWARD, NORTHWARD, LAYER = Quantity.EASTWARD, Quantity.NORTHWARD, Quantity.BOUNDARY_LAYER


@pytest.mark.parametrize(
    ("name", "attributes", "quantity", "height"),
    [
        ("u10", {}, EASTWARD, 10),
        ("V100", {}, NORTHWARD, 100),
        ("U10M", {}, EASTWARD, 10),
        ("10v", {}, NORTHWARD, 10),
        ("100m_u_component_of_wind", {}, EASTWARD, 100),
        ("10_metre_V_wind_component", {}, NORTHWARD, 10),
        ("UGRD_10maboveground", {}, EASTWARD, 10),
        ("VGRD_100m_above_ground", {}, NORTHWARD, 100),
        ("u-component_of_wind_height_above_ground", {}, EASTWARD, None),
        ("v_wind", {}, NORTHWARD, None),
        ("UGRD", {"level": "10 m above ground"}, EASTWARD, 10),
        ("u", {"long_name": "100 metre U wind component"}, EASTWARD, 100),
        ("u", {"long_name": "from 10 m to 100 m"}, EASTWARD, None),
        ("var165", {"GRIB_shortName": "10u"}, EASTWARD, 10),
        ("a", {"standard_name": "northward_wind", "long_name": "10 metre V wind component"}, NORTHWARD, 10),
        ("v10", {"standard_name": "eastward_wind"}, EASTWARD, 10),
        ("u10", {"standard_name": "unknown"}, EASTWARD, 10),
        ("blh", {}, LAYER, None),
        ("HPBL_surface", {}, LAYER, None),
        ("b", {"standard_name": "atmosphere_boundary_layer_thickness"}, LAYER, None),
    ],
)
def test_known_names_are_understood(name: str, attributes: dict[str, str], quantity: Quantity, height: float) -> None:
    found = meaning_of(name, attributes)
    assert found is not None
    assert (found.quantity, found.height) == (quantity, height)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("u10n", {"standard_name": "eastward_wind"}),
        ("u10", {"long_name": "Neutral wind at 10 m u-component"}),
        ("i10fg", {"long_name": "Instantaneous 10 metre wind gust"}),
        ("ewss", {"long_name": "Eastward turbulent surface stress"}),
        ("ws10", {}),
        ("wd100", {"standard_name": "wind_direction_at_100m"}),
        ("t2m", {"standard_name": "air_temperature"}),
        ("uv10", {}),
        ("u10_std", {}),
        ("time", {"standard_name": "time"}),
    ],
)
def test_what_only_looks_like_a_wind_is_left_alone(name: str, attributes: dict[str, str]) -> None:
    assert meaning_of(name, attributes) is None


def test_speed_and_direction_are_recognised() -> None:
    assert is_speed_or_direction("wd100", {})
    assert is_speed_or_direction("a", {"standard_name": "wind_from_direction"})
    assert is_speed_or_direction("b", {"long_name": "Total wind direction at 100 m"})
    assert not is_speed_or_direction("t2m", {"long_name": "2 metre temperature"})


@pytest.mark.parametrize(
    "unit", ["m s-1", "m s**-1", "m/s", "M S-1", "m.s-1", "m s^-1", "meters/second", "m s⁻¹", " metre second-1"]
)
def test_metres_per_second_have_many_spellings(unit: str) -> None:
    assert is_unit_of(EASTWARD, unit)


@pytest.mark.parametrize("unit", ["knots", "km h-1", "cm s-1", "mm/s", "m", "m s-2", "m2 s-1", "mph", "1", ""])
def test_other_units_are_not_metres_per_second(unit: str) -> None:
    assert not is_unit_of(NORTHWARD, unit)


def test_a_height_is_in_metres() -> None:
    assert is_unit_of(LAYER, "metres")
    assert not is_unit_of(LAYER, "km")
    assert not is_unit_of(LAYER, "hPa")
