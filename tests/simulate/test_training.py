from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from satverify.domain.sites import Site, Unit, UnitKind
from satverify.simulate.scenes import scenes_of_season
from satverify.simulate.season import SeasonDraw
from satverify.simulate.training import training_season
from satverify.simulate.truth import banked_at, levels_at, state_of
from tests.simulate.works_at import works_at

DAYS = (date(2021, 10, 1), date(2022, 4, 1))
HOURS = np.arange(np.datetime64("2021-10-02T00"), np.datetime64("2022-03-31T00"), np.timedelta64(3, "h"))


def sites(number: int) -> list[Site]:
    made = []
    for index in range(number):
        name = f"s{index}"
        bare = works_at(name, (114.0 + 0.1 * index, 37.0), 9000, 2)
        kinds = (UnitKind.SINTER_MACHINE, UnitKind.SINTER_MACHINE, UnitKind.CONVERTER)
        more = [
            Unit(unit_id=f"{name}:{row}", site_id=name, kind=kind, capacity_t_per_day=5000.0)
            for row, kind in enumerate(kinds)
        ]
        made.append(replace(bare, units=(*bare.units, *more)))
    return made


@cache
def season(number: int = 30) -> SeasonDraw:
    return training_season(np.random.default_rng(8), sites(number), DAYS)


def shares(kind: str) -> dict[str, float]:
    words = np.concatenate(
        [state_of(levels_at(season(), f"s{index}", [f"s{index}:{kind}"], HOURS))[0] for index in range(30)]
    )
    return {state: float((words == state).mean()) for state in ("running", "reduced", "halted")}


def test_no_state_of_a_furnace_or_strand_is_rare() -> None:
    assert all(0.12 < share < 0.55 for share in shares("bf0").values())
    assert all(0.10 < share < 0.60 for share in shares("0").values())
    assert shares("coke")["halted"] == 0
    assert 0.25 < shares("coke")["reduced"] < 0.75


def test_halted_furnaces_are_banked_about_as_often_as_cold() -> None:
    units = [(f"s{index}", [f"s{index}:bf{row}" for row in (0, 1)]) for index in range(30)]
    level = np.concatenate([levels_at(season(), site_id, names, HOURS) for site_id, names in units])
    banked = np.concatenate([banked_at(season(), site_id, names, HOURS) for site_id, names in units])
    assert 0.3 < banked[level == 0].mean() < 0.6
    assert np.all(banked[level > 0] == 0)


def test_machines_of_a_works_change_each_for_itself() -> None:
    level = np.stack(
        [levels_at(season(), f"s{index}", [f"s{index}:bf0", f"s{index}:bf1"], HOURS) for index in range(30)]
    )
    one, two = (level[:, row] > 0 for row in (0, 1))
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.2  # thirty sites of some eight spells each


def test_strands_change_many_times_in_a_winter() -> None:
    level = np.stack([levels_at(season(), f"s{index}", [f"s{index}:0"], HOURS)[0] for index in range(30)])
    stops = (np.diff((level == 0).astype(int), axis=1) == 1).sum(axis=1)
    assert stops.mean() > 6


def test_some_weeks_strands_run_by_night_only() -> None:
    level = np.stack([levels_at(season(), f"s{index}", [f"s{index}:0"], HOURS)[0] for index in range(30)])
    hour = (HOURS.astype("datetime64[h]").astype(np.int64) + 8) % 24
    by_night, by_noon = level[:, hour == 2], level[:, hour == 11]
    assert 0.03 < ((by_night == 1) & (by_noon == 0)).mean() < 0.2


def test_the_same_seed_gives_the_same_season_and_one_site_more_changes_nothing() -> None:
    fewer = season(3)
    for one, two in zip(fewer.machinery, season().machinery, strict=False):
        for first, second in zip(one.machines, two.machines, strict=True):
            np.testing.assert_array_equal(first.history.begin, second.history.begin)
            assert (first.key, first.openness, first.gain) == (second.key, second.openness, second.gain)
    np.testing.assert_array_equal(fewer.weather.synoptic, season().weather.synoptic)


def test_scenes_can_be_made_of_it() -> None:
    scenes = scenes_of_season(1, season(3))
    assert scenes.sources is not None
    assert [plant.site_id for plant in scenes.sources.plants] == ["s0", "s1", "s2"]
    assert season(3).orders == ()
    assert season(3).outcomes.empty


def test_no_sites_make_an_empty_season() -> None:
    assert training_season(np.random.default_rng(0), [], DAYS).works == ()


@pytest.mark.parametrize("kind", [UnitKind.ELECTRIC_ARC_FURNACE])
def test_an_arc_furnace_is_never_banked(kind: UnitKind) -> None:
    bare = works_at("s", (118.0, 39.5), 9000, 1)
    arc = replace(bare, units=(Unit(unit_id="s:arc", site_id="s", kind=kind, capacity_t_per_day=2000.0),))
    draw = training_season(np.random.default_rng(0), [arc], (date(2018, 1, 1), date(2022, 1, 1)))
    assert not draw.schedules[0].is_banked.any()
    assert (draw.schedules[0].level == 0).mean() > 0.2
