from __future__ import annotations

from dataclasses import replace

import pytest

from satverify.sources.sentinelhub.acquisitions import Listed
from satverify.sources.sentinelhub.areas import Area
from satverify.sources.sentinelhub.bundles import LARGEST_ANSWER, bundles_of, scenes_in_answer
from tests.sources.sentinelhub.made import GRID, SENTINEL_2, SLSTR, acquired

AREA = Area(sensor=SENTINEL_2, grid=GRID, site_ids=("a",), windows=(GRID,))


def listed(*moments: str, samples: int = 1) -> list[Listed]:
    return [Listed(acquisition=one, samples=samples) for one in acquired(*moments)]


def test_a_month_of_one_area_is_one_bundle() -> None:
    scenes = listed("2022-02-01T03:00:00", "2022-01-31T03:00:00", "2022-01-05T03:00:00", "2021-01-05T03:00:00")
    bundles = bundles_of(AREA, scenes)
    assert [[one.acquisition.start.strftime("%y%m%d") for one in bundle.scenes] for bundle in bundles] == [
        ["210105"],
        ["220105", "220131"],
        ["220201"],
    ]


def test_a_bundle_costs_what_the_service_will_count() -> None:
    area = replace(AREA, sensor=SLSTR)
    (bundle,) = bundles_of(area, listed("2022-01-05T13:00:00", "2022-01-06T13:00:00", samples=2))
    assert bundle.units == pytest.approx(4 * 0.01 * 6 / 3)
    assert bundle.requests == 1


def test_large_grids_bring_fewer_dates_at_a_time_and_in_parts() -> None:
    grid = replace(GRID, width=5000, height=2500)
    area = Area(sensor=SENTINEL_2, grid=grid, site_ids=("a",), windows=(grid,))
    bundles = bundles_of(area, listed(*(f"2022-01-{day:02d}T03:00:00" for day in range(1, 6))))
    assert scenes_in_answer(area) * 2 * 2500 * 2500 * 6 <= LARGEST_ANSWER
    assert [len(bundle.scenes) for bundle in bundles] == [2, 2, 1]
    assert {bundle.requests for bundle in bundles} == {2}


def test_the_key_is_of_what_is_asked_and_nothing_else() -> None:
    scenes = listed("2022-01-05T03:00:00", "2022-01-06T03:00:00")
    (bundle,) = bundles_of(AREA, scenes)
    assert bundle.key == replace(bundle, area=replace(AREA, site_ids=("b",))).key
    assert len({bundle.key, *(half.key for half in bundle.halves())}) == 3


def test_halves_hold_every_scene_once() -> None:
    (bundle,) = bundles_of(AREA, listed(*(f"2022-01-{day:02d}T03:00:00" for day in range(1, 6))))
    first, second = bundle.halves()
    assert first.scenes + second.scenes == bundle.scenes
