from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.domain.sites import FootprintStatus, Unit, UnitKind
from satverify.features.hot_targets.discover import discover_units
from satverify.features.hot_targets.kinds import Guess
from satverify.features.hot_targets.warm_places import warm_map
from satverify.features.plane import Plane
from tests.features.hot_targets.stacks import GRID, SCENES, Glow, now_and_then, site, stack

rng = np.random.default_rng(8)
FURNACE = Glow(rows=slice(30, 33), columns=slice(40, 43), scenes=now_and_then(0.5).tolist(), temperature=1350)
BATTERY = Glow(rows=slice(50, 51), columns=slice(60, 66), scenes=range(SCENES), temperature=1050, area=6)


def test_a_furnace_and_a_battery_are_proposed_with_their_ground_and_a_guess() -> None:
    units = discover_units(site(), [stack(FURNACE, BATTERY)])
    by_guess = {unit.guess: unit for unit in units}
    assert by_guess.keys() == {Guess.BLAST_FURNACE, Guess.COKE_BATTERY}
    furnace, battery = by_guess[Guess.BLAST_FURNACE], by_guess[Guess.COKE_BATTERY]
    assert (furnace.kind, battery.kind) == (UnitKind.BLAST_FURNACE, UnitKind.COKE_BATTERY)
    assert furnace.traits.temperature == pytest.approx(1350, rel=0.02)
    assert battery.traits.temperature == pytest.approx(1050, rel=0.02)
    assert battery.traits.slenderness == pytest.approx(6, abs=0.5)
    assert battery.traits.length == pytest.approx(120, abs=10)
    assert (battery.hot_scenes, battery.clear_scenes, battery.months_hot) == (SCENES, SCENES, 10)
    assert (battery.first_day, battery.last_day) == (date(2021, 1, 1), date(2021, 10, 23))
    assert {unit.unit_id for unit in units} == {"works:heat-1", "works:heat-2"}
    plane = Plane(longitude=site().outline.centroid.x, latitude=site().outline.centroid.y)
    assert plane.flatten(furnace.footprint).area == pytest.approx(
        80 * 80, rel=0.03
    )  # 3 pixels and half of one all round


def test_mean_power_is_that_of_the_heat() -> None:
    (battery,) = discover_units(site(), [stack(BATTERY)])
    truth = 5.670374419e-8 * 1050**4 * 36 / 1e6  # Stefan and Boltzmann; CODATA
    assert battery.mean_power == pytest.approx(truth, rel=0.75)  # one band, between 1000 and 1800 K


def test_ground_is_cut_to_the_outline_and_heat_outside_is_left_out() -> None:
    across = replace(BATTERY, columns=slice(92, 98))  # the outline ends at column 95
    (unit,) = discover_units(site(), [stack(across)])
    assert site().outline.buffer(1e-6).contains(unit.footprint)
    assert discover_units(site(), [stack(replace(BATTERY, columns=slice(97, 99)))]) == ()


def test_listed_equipment_is_measured_to_and_its_numbers_are_not_given_again() -> None:
    (found,) = discover_units(site(), [stack(BATTERY)])
    listed = Unit(
        unit_id="works:heat-1", site_id="works", kind=UnitKind.COKE_BATTERY, footprint=found.footprint,
        footprint_status=FootprintStatus.SURVEYED,
    )  # fmt: skip
    (again,) = discover_units(site(listed), [stack(BATTERY)])
    assert (again.unit_id, again.nearest_unit, again.nearest_distance) == ("works:heat-2", "works:heat-1", 0.0)


def test_a_second_sensor_adds_only_what_the_first_does_not_see() -> None:
    first, second = stack(FURNACE), stack(FURNACE, BATTERY)
    found = discover_units(site(), [first, replace(second, sensor="landsat-ot-l1", satellite=("landsat-8",) * SCENES)])
    assert [unit.sensor for unit in found] == ["sentinel-2-l1c", "landsat-ot-l1"]


def test_warm_ground_without_molten_heat_is_taken_for_a_sinter_machine() -> None:
    time = stack().time[::4]
    residual = np.random.default_rng(2).normal(0, 0.5, (len(time), *GRID.shape))
    residual[:, 60:66, 20:25] += 9.0
    residual[:, 31:33, 41:43] += 30.0  # beside the furnace, and part of it
    warm = warm_map("landsat-ot-l1", GRID, time, residual)
    furnace, strand = discover_units(site(), [stack(FURNACE)], warm)
    assert furnace.traits.warmth > 20
    assert (strand.guess, strand.kind) == (Guess.SINTER_MACHINE, UnitKind.SINTER_MACHINE)
    assert strand.traits.warmth == pytest.approx(9, abs=1)
    assert strand.mean_power is None
    assert (strand.sensor, strand.hot_scenes) == ("landsat-ot-l1", len(time))


def test_nothing_is_proposed_of_nothing() -> None:
    assert discover_units(site(), []) == ()
    assert discover_units(site(), [stack()]) == ()


@settings(max_examples=15)
@given(
    places=st.lists(st.tuples(st.integers(2, 75), st.integers(2, 95), st.integers(1, 4)), max_size=6),
    seed=st.integers(0, 9),
)
def test_grounds_are_whole_apart_and_short_to_write(places: list[tuple[int, int, int]], seed: int) -> None:
    glows = [
        Glow(
            rows=slice(row, row + size),
            columns=slice(column, column + size),
            scenes=now_and_then(0.5, seed + n).tolist(),
        )
        for n, (row, column, size) in enumerate(places)
    ]
    units = discover_units(site(), [stack(*glows)])
    for number, one in enumerate(units):
        assert one.footprint.is_valid
        assert not one.footprint.is_empty
        corners = shapely.get_coordinates(one.footprint)
        np.testing.assert_array_equal(corners, corners.round(6))
        assert 0 < one.hot_scenes <= one.clear_scenes <= SCENES
        assert 0 < one.confidence < 1
        for other in units[number + 1 :]:
            assert one.footprint.intersection(other.footprint).area < 0.5 * one.footprint.area
