from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.errors import InputError
from satverify.features.hot_targets.hot_places import hot_places
from tests.features.hot_targets.stacks import SCENES, Glow, now_and_then, stack

FURNACE = Glow(rows=slice(30, 33), columns=slice(40, 43), scenes=range(0, SCENES, 2))


def test_a_furnace_is_one_place_where_it_stands() -> None:
    (place,) = hot_places(stack(FURNACE))
    assert (place.row.min(), place.row.max(), place.column.min(), place.column.max()) == (30, 32, 40, 42)
    assert place.share == pytest.approx(0.5)
    assert place.seen.all()
    np.testing.assert_array_equal(np.flatnonzero(place.hot), np.arange(0, SCENES, 2))


def test_the_excess_of_a_place_is_all_its_heat() -> None:
    seen = stack(FURNACE)
    (place,) = hot_places(seen)
    total = seen.swir22[0].sum()
    assert place.excess22[0] == pytest.approx(total, rel=0.02)
    assert place.excess22[1] == 0


def test_no_heat_is_no_place() -> None:
    assert hot_places(stack()) == ()
    assert hot_places(stack(scenes=0)) == ()


def test_a_fire_of_three_weeks_is_no_furnace() -> None:
    fire = Glow(rows=slice(10, 20), columns=slice(10, 20), scenes=range(10, 15))
    assert hot_places(stack(fire, scenes=20)) == ()  # a quarter of them
    (place,) = hot_places(stack(fire, replace(FURNACE, scenes=range(0, 20, 2)), scenes=20))
    assert place.row.min() == 30
    assert len(hot_places(stack(replace(fire, scenes=range(10, 17)), scenes=20))) == 1  # thirty days


def test_a_flash_in_few_of_many_scenes_is_no_furnace() -> None:
    flash = Glow(rows=slice(10, 11), columns=slice(10, 11), scenes=(0, 20, 40, 59))
    assert hot_places(stack(flash)) == ()
    often = replace(flash, scenes=range(0, SCENES, 9))  # seven of sixty
    assert len(hot_places(stack(often))) == 1


def test_cloudy_scenes_do_not_count_against_a_place() -> None:
    cloudy = [scene for scene in range(SCENES) if scene % 4]
    seen = stack(replace(FURNACE, scenes=range(0, SCENES, 8)), cloudy=cloudy)
    (place,) = hot_places(seen)
    assert int(place.seen.sum()) == 15
    assert place.share == pytest.approx(8 / 15)
    assert np.isnan(place.excess22[cloudy]).all()


def test_two_furnaces_with_cold_ground_between_them_are_two_places() -> None:
    other = replace(FURNACE, columns=slice(46, 49), scenes=range(1, SCENES, 3))
    first, second = hot_places(stack(FURNACE, other))
    assert first.column.max() < second.column.min() or second.column.max() < first.column.min()


def test_two_furnaces_whose_blur_touches_are_two_places() -> None:
    other = replace(FURNACE, columns=slice(44, 47))
    seen = stack(FURNACE, other)
    assert seen.is_hot[0, 31, 40:47].all()
    places = sorted(hot_places(seen), key=lambda place: int(place.column.min()))
    assert [(place.column.min(), place.column.max()) for place in places] == [(40, 42), (44, 46)]


def test_a_battery_with_ovens_pushed_by_turns_is_one_place() -> None:
    rng = np.random.default_rng(0)
    ovens = [
        Glow(rows=slice(row, row + 1), columns=slice(50, 51), scenes=range(SCENES), area=1.5) for row in range(20, 27)
    ]
    pushed = [replace(each, scenes=np.flatnonzero(rng.random(SCENES) < 0.15).tolist(), area=2.0) for each in ovens]
    (place,) = hot_places(stack(*ovens, *pushed))
    assert np.ptp(place.row) >= 5
    assert place.share == 1


def test_the_faint_skirt_of_a_strong_place_is_no_ground_of_it() -> None:
    strong = Glow(rows=slice(30, 31), columns=slice(40, 41), scenes=range(SCENES), area=60.0)
    (place,) = hot_places(stack(strong))
    assert place.row.tolist() == [30]
    assert place.column.tolist() == [40]


def test_registration_errors_do_not_tear_a_place_apart() -> None:
    rng = np.random.default_rng(1)
    glows = [
        Glow(rows=slice(30 + dy, 33 + dy), columns=slice(40 + dx, 43 + dx), scenes=(int(scene),))
        for scene, (dy, dx) in zip(now_and_then(0.6), rng.integers(-1, 2, (SCENES, 2)), strict=False)
    ]
    (place,) = hot_places(stack(*glows))
    assert abs(place.row.mean() - 31) < 0.7
    assert abs(place.column.mean() - 41) < 0.7


def test_the_place_with_most_heat_comes_first() -> None:
    faint = Glow(rows=slice(60, 62), columns=slice(70, 72), scenes=range(SCENES), area=0.5)
    first, second = hot_places(stack(faint, FURNACE))
    assert (first.row.min(), second.row.min()) == (30, 60)


def test_without_radiance_the_number_of_hot_scenes_decides() -> None:
    seen = stack(FURNACE)
    bare = replace(seen, swir22=np.full_like(seen.swir22, np.nan), swir16=np.full_like(seen.swir16, np.nan))
    (place,) = hot_places(bare)
    assert (place.row.min(), place.row.max()) == (29, 33)  # the blur is hot in as many scenes, and cannot be told


def test_arrays_of_another_shape_are_refused() -> None:
    seen = stack(FURNACE)
    with pytest.raises(InputError, match="expected all of them of shape"):
        replace(seen, is_hot=seen.is_hot[1:])


def test_a_scene_with_a_saturated_pixel_tells_no_sum() -> None:
    seen = stack(FURNACE)
    seen.swir16[4, 31, 41] = np.nan
    (place,) = hot_places(seen)
    assert np.flatnonzero(np.isnan(place.excess16)).tolist() == [4]
    assert np.isfinite(place.excess22).all()
