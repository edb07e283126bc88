from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from shapely import box

from satverify.domain.sites import Site, Unit, UnitKind
from satverify.simulate.heat import KM_PER_DEGREE, MEGAWATT_PER_TONNE_DAY
from satverify.simulate.works import Works, draw_works, heat_of, in_kilometres
from tests.simulate.works_at import works_at

DAYS = (date(2021, 11, 1), date(2022, 4, 1))
SITE = works_at("s", (118.0, 39.5), 12000, 3)


def drawn(site: Site, seed: int = 0) -> Works:
    return draw_works(np.random.default_rng(seed), site, DAYS)


def test_each_furnace_is_its_own_source_and_the_battery_never_stops() -> None:
    works = drawn(SITE)
    assert works.schedule.unit_ids == ("s:bf0", "s:bf1", "s:bf2")
    halted = replace(works.schedule, heat=np.zeros((3, 151)), level=np.zeros((3, 151)))
    heat = heat_of(works, halted)
    assert np.all(heat[:4] == 0)  # furnaces, and what follows them
    assert np.all(heat[4] == 1)  # the battery
    assert set(works.spots.source) >= {0, 1, 2, 4}


def test_power_follows_capacity() -> None:
    powers = []
    for seed in range(200):
        works = drawn(works_at("s", (118.0, 39.5), 8220, 3, coke=False), seed)
        powers.append(works.spots.power[works.spots.source < 3].sum())
    expected = 8220 * MEGAWATT_PER_TONNE_DAY[UnitKind.BLAST_FURNACE]
    assert np.median(powers) == pytest.approx(expected, rel=0.1)  # log-normal spread 0.35, 200 draws
    assert expected == pytest.approx(4.2)  # 1.4 MW for each million tonnes a year


def test_an_ironmaking_unit_stands_for_several_furnaces() -> None:
    pooled = Unit(unit_id="s:im", site_id="s", kind=UnitKind.IRONMAKING, capacity_t_per_day=18000)
    works = drawn(replace(SITE, units=(pooled,)))
    assert works.schedule.unit_ids == ("s:im",) * 3


def test_a_site_without_equipment_makes_iron_in_a_unit_nobody_lists() -> None:
    assert set(drawn(replace(SITE, units=())).schedule.unit_ids) == {"s:ironmaking"}


def test_an_arc_furnace_is_what_a_short_process_mill_is_ordered_about() -> None:
    arc = Unit(unit_id="s:eaf", site_id="s", kind=UnitKind.ELECTRIC_ARC_FURNACE)
    assert drawn(replace(SITE, units=(arc,))).schedule.unit_ids == ("s:eaf",)


def test_furnaces_stand_on_their_footprints_or_somewhere_in_the_outline() -> None:
    footprint = box(118.009, 39.499, 118.011, 39.501)
    known = replace(SITE.units[0], footprint=footprint)
    works = drawn(replace(SITE, units=(known, *SITE.units[1:])))
    width = KM_PER_DEGREE * np.cos(np.radians(39.5))
    mine = works.spots.source == 0
    assert works.spots.east[mine].mean() == pytest.approx(0.01 * width, abs=0.6)  # spots spread by 250 m


def test_no_spot_of_a_works_lies_outside_its_outline() -> None:
    thin = replace(SITE, outline=box(117.99, 39.499, 118.01, 39.501))  # 1.7 km by 220 m, less than the spots' spread
    for site, seed in ((SITE, 1), (thin, 2), (thin, 3)):
        spots = drawn(site, seed).spots
        iron = spots.source < 3
        assert shapely.contains_xy(in_kilometres(site), spots.east[iron], spots.north[iron]).all()


def test_fires_burn_one_day_each_in_the_dry_months() -> None:
    fires = np.concatenate([drawn(SITE, seed).fires for seed in range(100)])
    assert np.all(fires.sum(axis=1) == 1)
    assert np.all(np.flatnonzero(fires.any(axis=0)) >= (date(2022, 2, 1) - DAYS[0]).days)
    assert len(fires) == pytest.approx(100 * 0.4 * 59 / 30, abs=30)  # Poisson, three standard deviations


def test_some_works_have_a_steady_neighbour_outside_the_outline() -> None:
    bare = works_at("s", (118.0, 39.5), 8000, 2, coke=False)
    distances = []
    for seed in range(200):
        spots = drawn(bare, seed).spots
        steady = spots.source == 3
        if steady.any():
            distances.append(np.hypot(spots.east[steady].mean(), spots.north[steady].mean()))
    assert len(distances) == pytest.approx(40, abs=19)  # a fifth of 200, three standard deviations
    assert min(distances) > 1.2 + 1.2 - 3 * 0.25
