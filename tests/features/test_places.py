from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.evidence import CELL_COLUMNS
from satverify.domain.sites import FootprintStatus, Site, UnitKind
from satverify.features.persistence import CELL
from satverify.features.places import OUTLINE_MARGIN, Places, heat_places
from satverify.features.units import observed_units
from tests.features.heat import heat, joined, real, site_round, square, unit, works

BATTERY = UnitKind.COKE_BATTERY
ALL_YEAR = np.arange(0, 365, 5)


def placed(site: Site, detections: pd.DataFrame, service_days: int = 365) -> Places:
    return heat_places(site, observed_units(site), detections, service_days)


def roles(places: Places) -> set[tuple[str, str]]:
    return set(zip(places.role.tolist(), places.unit_id.tolist(), strict=True))


def test_no_detections_have_no_places() -> None:
    places = placed(works(), heat([]))
    assert len(places.role) == len(places.cell) == len(places.cells) == 0
    assert places.cells.dtypes.astype(str).to_dict() == CELL_COLUMNS
    assert len(places.hot.column) == 0


def test_one_detection_is_heat_that_did_not_return() -> None:
    places = placed(works(), heat([7]))
    assert roles(places) == {("elsewhere", "")}
    assert places.cells[["pixels", "days", "role"]].to_numpy().tolist() == [[1, 1, "elsewhere"]]


def test_heat_that_returns_inside_belongs_to_the_furnaces() -> None:
    places = placed(works(), heat(ALL_YEAR))
    assert roles(places) == {("own", "works:ironmaking")}
    assert (places.source == 0).all()
    assert (places.cell == 0).all()


def test_a_grass_fire_in_the_yard_is_elsewhere() -> None:
    fire = heat(np.repeat(np.arange(100, 114), 10), 1125.0, -1125.0)
    places = placed(works(), joined(heat(ALL_YEAR), fire))
    assert (places.role == "elsewhere").sum() == 140
    assert places.source[places.role == "elsewhere"].max() == -1


def test_a_neighbour_that_never_stops_is_a_neighbour() -> None:
    places = placed(works(), joined(heat(ALL_YEAR), heat(ALL_YEAR, 1500.0 + OUTLINE_MARGIN + 20.0)))
    assert roles(places) == {("own", "works:ironmaking"), ("neighbour", "")}


@pytest.mark.parametrize(
    ("outside", "status", "role"),
    [
        (150.0, FootprintStatus.SURVEYED, "own"),
        (300.0, FootprintStatus.SURVEYED, "neighbour"),
        (300.0, FootprintStatus.ASSUMED, "own"),
        (OUTLINE_MARGIN + 20.0, FootprintStatus.ASSUMED, "neighbour"),
    ],
)
def test_a_source_may_lie_a_little_outside_the_outline(outside: float, status: FootprintStatus, role: str) -> None:
    site = replace(works(), outline_status=status)
    assert set(placed(site, heat(ALL_YEAR, 1500.0 + outside)).role) == {role}


def test_a_pixel_that_strays_outside_belongs_to_its_source() -> None:
    places = placed(works(), heat(ALL_YEAR, 1500.0 + 150.0 * np.sin(ALL_YEAR)))
    assert roles(places) == {("own", "works:ironmaking")}


def test_a_source_inside_that_lies_in_a_neighbours_outline_is_nobodys() -> None:
    both = joined(heat(ALL_YEAR), heat(ALL_YEAR, 1125.0))
    places = heat_places(works(), observed_units(works()), both, 365, [square(1500.0, 0.0, 700.0)])
    assert roles(places) == {("own", "works:ironmaking"), ("neighbour", "")}
    assert places.hot.share.sum() == pytest.approx(1.0)
    assert set(places.hot.column[places.hot.share > 0]) == {0}


def test_a_source_between_two_works_belongs_to_the_nearer_one() -> None:
    between = heat(ALL_YEAR, 1600.0)
    for edge, role in ((1650.0, "neighbour"), (1750.0, "own")):
        places = heat_places(works(), observed_units(works()), between, 365, [square(edge + 700.0, 0.0, 700.0)])
        assert set(places.role) == {role}


def test_a_surveyed_battery_stays_hot_and_takes_no_pixel_of_the_furnace() -> None:
    site = works(unit("bf1"), unit("coke", BATTERY, place=(750.0, 0.0)))
    places = placed(site, joined(heat(ALL_YEAR), heat(ALL_YEAR, 750.0)))
    assert roles(places) == {("own", "bf1"), ("stays_hot", "")}
    assert (places.source == -1).sum() == len(ALL_YEAR)


def test_a_fire_on_the_batterys_ground_is_elsewhere() -> None:
    """Before the battery was ever seen hot its ground is like any other."""
    site = works(unit("bf1"), unit("coke", BATTERY, place=(1125.0, 0.0)))
    places = placed(site, joined(heat(ALL_YEAR), heat([100, 101], 1125.0)))
    assert roles(places) == {("own", "bf1"), ("elsewhere", "")}


def test_between_a_furnace_and_a_battery_the_nearer_footprint_wins() -> None:
    site = works(unit("bf1", place=(0.0, 0.0)), unit("coke", BATTERY, place=(500.0, 0.0)))
    places = placed(site, joined(heat(ALL_YEAR, 180.0), heat(ALL_YEAR, 320.0)))
    assert (places.role == "own").sum() == (places.role == "stays_hot").sum() == len(ALL_YEAR)


@pytest.mark.parametrize("kinds", [(BATTERY, BATTERY), (UnitKind.ELECTRIC_ARC_FURNACE,) * 2])
def test_batteries_close_together_are_what_a_coke_works_is_judged_on(kinds: tuple[UnitKind, UnitKind]) -> None:
    """Their heat is the unit's own: there is nothing else it could be taken for."""
    one, other = unit("c1", kinds[0], place=(0.0, 0.0)), unit("c2", kinds[1], place=(300.0, 0.0))
    places = placed(works(one, other), joined(heat(ALL_YEAR), heat(ALL_YEAR, 300.0)))
    assert roles(places) == {("own", f"works:{kinds[0]}")}


def test_units_far_apart_get_their_own_pixels() -> None:
    site = works(unit("bf1", place=(-750.0, 0.0)), unit("bf2", place=(750.0, 0.0)))
    west, east, far = heat(ALL_YEAR, -600.0), heat(ALL_YEAR, 900.0), heat(ALL_YEAR, 0.0, 1200.0)
    places = placed(site, joined(west, east, far))
    assert roles(places) == {("own", "bf1"), ("own", "bf2"), ("elsewhere", "")}
    assert [(places.unit_id == name).sum() for name in ("bf1", "bf2")] == [len(ALL_YEAR)] * 2


def test_a_battery_far_from_all_else_is_a_unit_of_its_own() -> None:
    site = works(unit("bf1", place=(-750.0, 0.0)), unit("coke", BATTERY, place=(750.0, 0.0)))
    places = placed(site, joined(heat(ALL_YEAR, -750.0), heat(ALL_YEAR, 750.0)))
    assert roles(places) == {("own", "bf1"), ("own", "coke")}


def test_a_coarse_pixel_a_kilometre_off_belongs_to_the_furnace() -> None:
    coarse = heat([50, 60], [800.0, 1400.0], sensor="modis")
    places = placed(works(), joined(heat(ALL_YEAR), coarse))
    assert (places.role == "own").sum() == len(ALL_YEAR) + 1
    assert (places.role == "elsewhere").sum() == 1


def test_coarse_pixels_alone_still_show_where_heat_returns() -> None:
    assert roles(placed(works(), heat(ALL_YEAR, sensor="modis"))) == {("own", "works:ironmaking")}


def test_the_ground_is_counted_in_cells_with_its_margin() -> None:
    half = 1500.0
    rounded = 4 * half**2 + 8 * half * OUTLINE_MARGIN + np.pi * OUTLINE_MARGIN**2
    assert placed(works(), heat([0])).ground_cells == pytest.approx(rounded / CELL**2, rel=0.01)  # corners are polygons


def test_a_cell_has_the_role_of_most_of_its_pixels_and_its_own_centre() -> None:
    site = works(unit("bf1", place=(0.0, 0.0)), unit("coke", BATTERY, place=(500.0, 0.0)))
    places = placed(site, joined(heat(ALL_YEAR, 200.0), heat(ALL_YEAR[:20], 280.0), heat(ALL_YEAR, 375.0)))
    middle = places.cells[places.cells["cell_id"] == "+1+0"].iloc[0]
    assert (middle["pixels"], middle["days"], middle["role"]) == (len(ALL_YEAR) * 2 + 20, len(ALL_YEAR), "stays_hot")
    assert middle["longitude"] == pytest.approx(heat([0], CELL)["longitude"][0])


metres = st.floats(-3000, 3000)


@given(
    pixels=st.lists(st.tuples(st.integers(0, 700), metres, metres, st.sampled_from(["viirs", "modis"])), max_size=80),
    furnace=st.none() | st.tuples(metres, metres),
    battery=st.none() | st.tuples(metres, metres),
)
def test_every_detection_has_one_place_and_every_place_is_whole(
    pixels: list[tuple[int, float, float, str]],
    furnace: tuple[float, float] | None,
    battery: tuple[float, float] | None,
) -> None:
    site = works(unit("bf1", place=furnace), unit("coke", BATTERY, place=battery), half=2000.0)
    detections = joined(*[heat([day], east, north, sensor=sensor) for day, east, north, sensor in pixels], heat([]))
    places = placed(site, detections, 60)
    known = {unit.unit_id for unit in observed_units(site)}
    assert len(places.role) == len(places.source) == len(places.cell) == len(detections)
    assert set(places.role) <= {"own", "stays_hot", "elsewhere", "neighbour"}
    assert ((places.role == "own") == np.isin(places.unit_id.astype(str), sorted(known))).all()
    assert ((places.role == "own") == (places.source >= 0)).all()
    assert (places.cell[places.role == "own"] >= 0).all()
    assert places.cells["pixels"].sum() == len(detections)
    assert places.cells["cell_id"].is_unique


def test_the_fires_of_the_siege_are_not_taken_for_Azovstals_furnaces(shared_data: Path) -> None:
    table = real(shared_data, "ukraine_azovstal")
    places = placed(site_round(table), table, 3200)
    own = pd.Series(places.role == "own")
    peace = table["utc_date"].between("2018-01-01", "2022-02-20")
    siege = table["utc_date"].between("2022-03-05", "2022-05-20")
    assert own[peace].mean() > 0.95
    assert own[siege].mean() < 0.75
