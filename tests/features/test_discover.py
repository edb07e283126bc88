from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.domain.sites import FootprintStatus, Unit, UnitKind
from satverify.features.discover import HeatSource, discover_sources
from satverify.features.persistence import CELL
from tests.features.heat import PLANE, heat, joined, real, site_round, square, unit, works

ALL_YEAR = np.arange(0, 365, 5)


def found(seen: pd.DataFrame, *units: Unit, half: float = 1500.0) -> tuple[HeatSource, ...]:
    return discover_sources(works(*units, half=half), seen, 365)


def test_a_works_without_heat_has_no_places() -> None:
    assert found(heat([])) == ()
    assert found(heat([3, 4])) == ()


def test_a_place_tells_what_was_seen_at_it() -> None:
    seen = joined(
        heat(ALL_YEAR, fire_radiative_power=2.0),
        heat([0, 5], 20.0, fire_radiative_power=5.0),
        heat([5], 20.0, 20.0),
        heat([150], 1125.0),
    )
    (one,) = found(seen)
    assert (one.unit_id, one.site_id, one.pixels, one.days) == ("works:heat-1", "works", 76, 73)
    assert (str(one.first_day), str(one.last_day), one.months_hot) == ("2021-01-01", "2021-12-27", 12)
    assert one.mean_power == pytest.approx((73 * 2.0 + 2 * 5.0) / 75)
    assert (one.share, one.is_inside, one.nearest_unit, one.nearest_distance) == (1.0, True, "", None)


def test_the_ground_is_the_cell_of_the_heat() -> None:
    (one,) = found(heat(ALL_YEAR, 375.0, -750.0))
    flat = PLANE.flatten(one.footprint)
    np.testing.assert_allclose(flat.bounds, [187.5, -937.5, 562.5, -562.5], atol=0.2)  # corners are given to 0.1 m
    assert flat.area == pytest.approx(CELL**2, rel=1e-3)


def test_the_skirt_of_a_place_is_no_ground_of_it() -> None:
    (one,) = found(joined(heat(ALL_YEAR), heat(ALL_YEAR), heat(ALL_YEAR[::3], 375.0)))
    assert one.pixels == 2 * 73 + 25
    assert PLANE.flatten(one.footprint).area == pytest.approx(CELL**2, rel=1e-3)


def test_coarse_pixels_are_counted_but_tell_nothing_of_the_ground() -> None:
    (one,) = found(joined(heat(ALL_YEAR), heat(ALL_YEAR, 400.0, sensor="modis"), heat(ALL_YEAR[:7], 375.0)))
    assert one.pixels == 2 * 73 + 7
    assert PLANE.flatten(one.footprint).bounds[2] == pytest.approx(187.5, abs=0.2)


def test_the_strongest_place_comes_first() -> None:
    parts = [heat(ALL_YEAR, -1125.0), heat(ALL_YEAR, 1125.0), heat(ALL_YEAR, 1125.0), heat(ALL_YEAR[::2], 0.0, 1125.0)]
    places = found(joined(*parts))
    assert [each.pixels for each in places] == [146, 73, 37]
    assert [each.unit_id for each in places] == ["works:heat-1", "works:heat-2", "works:heat-3"]
    assert sum(each.share for each in places) == pytest.approx(1.0)


def test_a_number_that_is_taken_is_not_given_again() -> None:
    (one,) = found(heat(ALL_YEAR), unit("works:heat-1", place=(0.0, 900.0)))
    assert one.unit_id == "works:heat-2"


def test_listed_equipment_hides_no_heat_and_is_measured_to() -> None:
    listed = (
        unit("coke", UnitKind.COKE_BATTERY, place=(0.0, 0.0)),
        unit("bf1", place=(0.0, 1000.0), status=FootprintStatus.ASSUMED),
        unit("bf2"),
    )
    at_battery, beyond = found(joined(heat(ALL_YEAR), heat(ALL_YEAR[1:], 0.0, 1312.5 + 375.0 / 2)), *listed)
    assert (at_battery.nearest_unit, at_battery.nearest_distance) == ("coke", 0.0)
    assert beyond.nearest_unit == "bf1"
    assert beyond.nearest_distance == pytest.approx(1500.0 - 187.5 - 1050.0, abs=0.5)


def test_ground_is_cut_to_the_outline_and_what_lies_outside_is_said_to() -> None:
    (across,) = found(heat(ALL_YEAR, 1500.0))
    assert across.is_inside
    assert PLANE.flatten(across.footprint).area == pytest.approx(CELL**2 / 2, rel=1e-2)
    assumed = replace(works(), outline_status=FootprintStatus.ASSUMED)
    (outside,) = discover_sources(assumed, heat(ALL_YEAR, 1875.0), 365)
    assert not outside.is_inside
    assert PLANE.flatten(outside.footprint).area == pytest.approx(CELL**2, rel=1e-3)


def test_a_neighbours_heat_is_left_to_it() -> None:
    seen = joined(heat(ALL_YEAR), heat(ALL_YEAR, 1125.0))
    assert len(discover_sources(works(), seen, 365)) == 2
    (one,) = discover_sources(works(), seen, 365, [square(1500.0, 0.0, 700.0)])
    assert one.footprint.contains(works().outline.centroid)


@settings(max_examples=30)
@given(
    furnaces=st.lists(
        st.tuples(st.floats(-1900, 1900), st.floats(-1900, 1900), st.sampled_from(["viirs", "modis"])), max_size=8
    ),
    seed=st.integers(0, 99),
)
def test_grounds_are_whole_short_to_write_and_apart(furnaces: list[tuple[float, float, str]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [
        heat(ALL_YEAR, x + rng.normal(0, 200, 73), y + rng.normal(0, 200, 73), sensor=sensor)
        for x, y, sensor in furnaces
    ]
    places = found(joined(heat([]), *parts), half=2000.0)
    for number, one in enumerate(places):
        assert one.footprint.is_valid
        assert not one.footprint.is_empty
        corners = shapely.get_coordinates(one.footprint)
        np.testing.assert_array_equal(corners, corners.round(6))
        assert 0 < one.share <= 1
        assert 0 < one.months_hot <= one.days <= one.pixels
        for other in places[number + 1 :]:
            assert one.pixels >= other.pixels
            assert one.footprint.intersection(other.footprint).area < 1e-9  # they may touch
    assert sum(one.share for one in places) == pytest.approx(1.0) if places else True


def test_the_ovens_and_furnaces_of_real_works_are_several_places(shared_data: Path) -> None:
    """Dillingen's two furnaces and its coke ovens; Duisburg's works lie along four kilometres of the Rhine."""
    for name, least in (("germany_dillingen", 2), ("germany_thyssenkrupp_duisburg", 4), ("ukraine_zaporizhstal", 2)):
        table = real(shared_data, name)
        places = discover_sources(site_round(table), table, 365)
        assert least <= len(places) <= 12
        assert all(each.months_hot >= 6 for each in places)
