"""The ground at one moment: works, snow and burnt stubble on natural cover, and how warm all of it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.simulate.scenes.ground import Cover, reflectance_of, snow_reflectance, surface_of
from satverify.simulate.scenes.land import skin_of
from satverify.simulate.scenes.patches import table_of
from satverify.simulate.scenes.snow import snow_at
from satverify.simulate.scenes.world import World
from tests.simulate.scenes.ground_at import DAY, JANUARY, block, block_along_track, land, works, world
from tests.simulate.scenes.made import PLACE, scenes, winter

BARE = replace(world(), layouts=())
NOVEMBER = JANUARY - 60 * DAY
ONES = np.ones(len(works().patches))


def snowy(seed: int = 7) -> float:
    """A moment of the winter with much snow at the works, some days old."""
    times = NOVEMBER + DAY * np.arange(120)
    depth = [snow_at(seed, np.array([PLACE[0]]), np.array([PLACE[1]]), float(time))[0, 0] for time in times]
    return float(times[int(np.argmax(depth))])


def share_of_works(cover: Cover) -> NDArray[np.float64]:
    (one,) = cover.works
    return one.laid(ONES)


def test_shares_of_natural_ground_and_works_add_up_to_one() -> None:
    for time in (JANUARY, NOVEMBER, snowy()):
        cover, _ = land(block(), time)
        np.testing.assert_allclose(cover.land + cover.water + share_of_works(cover), 1.0, atol=1e-9)


def test_works_change_nothing_where_they_are_not() -> None:
    with_it, without = (land(block(), NOVEMBER, each)[0] for each in (world(), BARE))
    elsewhere = share_of_works(with_it) == 0
    assert 0.2 < elsewhere.mean() < 0.9
    for wavelength in (0.49, 0.865, 2.2):
        one, two = surface_of(with_it, wavelength), surface_of(without, wavelength)
        np.testing.assert_array_equal(one[elsewhere], two[elsewhere])
        assert np.abs(one - two)[~elsewhere].max() > 0.1


def test_where_two_works_overlap_one_hides_the_other() -> None:
    """At edges of patches a pixel may hold some of both, but never more than all of itself."""
    twice = replace(world(), layouts=(works(), works()))
    one, two = (land(block(), NOVEMBER, each)[0] for each in (world(), twice))
    inside = share_of_works(one) > 0.999
    np.testing.assert_allclose(surface_of(one, 1.61)[inside], surface_of(two, 1.61)[inside], atol=1e-9)
    held = sum((each.laid(ONES) for each in two.works), start=two.land + two.water)
    np.testing.assert_allclose(held, 1.0, atol=1e-9)


def test_a_works_has_pixels_darker_and_brighter_than_the_fields() -> None:
    cover, _ = land(block(), NOVEMBER)
    swir, inside = surface_of(cover, 1.61), share_of_works(cover) > 0.99
    assert np.quantile(swir[inside], 0.05) < 0.5 * np.median(swir[~inside])
    assert np.quantile(swir[inside], 0.95) > 1.25 * np.median(swir[~inside])


def test_wide_pixels_show_the_mean_of_what_narrow_ones_show() -> None:
    """The same works in pixels of 500 m and of 20 m, over all of it; natural cover differs by its fine structure."""
    wide, _ = land(block_along_track(500.0), NOVEMBER)
    narrow, _ = land(block(20.0, 400), NOVEMBER)
    for wavelength in (0.56, 1.61, 2.2):
        (one,), (two,) = wide.works, narrow.works
        sums = [each.reflectance(wavelength).sum() * size**2 for each, size in ((one, 500.0), (two, 20.0))]
        assert sums[0] == pytest.approx(sums[1], rel=0.03)


def test_reflectance_at_the_top_of_the_air_is_that_of_the_ground_through_it() -> None:
    cover, _ = land(block(), NOVEMBER)
    top = reflectance_of(cover, 2.2, np.array(0.5))
    np.testing.assert_allclose(top, 0.9 * surface_of(cover, 2.2))


def test_snow_covers_fields_before_roofs_and_runs_patchy() -> None:
    time = snowy()
    cover, _ = land(block(), time)
    assert cover.snow is not None
    blue, short = surface_of(cover, 0.49), surface_of(cover, 1.61)
    is_snow = (blue - short) / (blue + short) > 0.4
    inside = share_of_works(cover) > 0.99
    fields = ~inside & (cover.water < 0.1)
    assert is_snow[fields].mean() > is_snow[inside].mean() + 0.1 > 0.15
    (one,) = cover.works
    material = np.array([patch.material for patch in works().patches])
    assert one.snow[material == "green"].mean() > one.snow[material == "metal_roof"].mean()
    assert one.snow[material == "green"].mean() > one.snow[material == "road"].mean()
    assert (one.snow[material == "water_basin"] == 0).all()
    assert (np.diff(cover.snow[75]) != 0).mean() > 0.02 or (cover.snow == 1).all()


def test_there_is_no_snow_in_summer() -> None:
    cover, _ = land(block(), JANUARY + 180 * DAY)
    assert cover.snow is None
    assert (cover.works[0].snow == 0).all()


def test_units_at_work_keep_their_ground_free_of_snow() -> None:
    time = snowy()
    hot = scenes()
    running = World(seed=7, weather=winter().weather, sources=hot.sources, layouts=hot.layouts)
    cold = replace(running, sources=None)
    at_work, at_rest = (land(block(), time, each)[0].works[0] for each in (running, cold))
    own = table_of(hot.layouts[0]).unit >= 0
    assert own.any()
    assert (at_work.snow[own] == 0).all()
    assert at_rest.snow[own].mean() > 0.1
    np.testing.assert_array_equal(at_work.snow[~own], at_rest.snow[~own])


def test_snow_is_brightest_when_fresh() -> None:
    ages = np.array([0.0, 2.0, 8.0, 60.0])
    assert (np.diff(snow_reflectance(0.56, ages))[:2] < 0).all()
    assert snow_reflectance(0.56, ages)[2] == snow_reflectance(0.56, ages)[3]
    assert snow_reflectance(2.2, ages).max() < 0.2


def test_burnt_stubble_in_its_season_fools_the_bare_index_and_no_other_fields_do() -> None:
    """The share of fields that are burnt is small, and nothing of it is left in January."""
    found = []
    for time in NOVEMBER - DAY * np.arange(0, 50, 5):
        cover, _ = land(block(20.0, 300), float(time), BARE)
        if cover.burnt is None:
            continue
        near, short, longer = (surface_of(cover, wavelength) for wavelength in (0.865, 1.61, 2.2))
        index = (longer - short) / near
        found.append(float((cover.burnt > 0.9).mean()))
        assert index[cover.burnt > 0.98].min(initial=1.0) > 0.4
        assert index[cover.burnt == 0].max() < 0.45
    assert found
    assert 0 < np.mean(found) < 0.1
    assert land(block(), JANUARY, BARE)[0].burnt is None


def test_roofs_and_coal_are_warm_in_the_sun_and_metal_cold_at_night() -> None:
    cover, kelvin = land(block(), NOVEMBER)
    noon, night = (skin_of(cover, kelvin, np.full(kelvin.shape, cosine)) - kelvin for cosine in (0.6, -0.5))
    material = np.array([patch.material for patch in works().patches])
    (one,) = cover.works
    for name in ("coal", "dark_roof"):
        assert noon[one.laid((material == name).astype(np.float64)) > 0.95].mean() > 4.0
    metal = one.laid((material == "metal_roof").astype(np.float64)) > 0.95
    assert night[metal].mean() == pytest.approx(-2.0, abs=0.6)
    assert np.abs(noon).max() < 15.0


def test_snow_does_not_get_warmer_than_melting() -> None:
    cover, _ = land(block(), snowy(), BARE)
    assert cover.snow is not None
    skin = skin_of(cover, np.full(cover.snow.shape, 280.0), np.full(cover.snow.shape, 0.5))
    covered = (cover.snow > 0.999) & (cover.land > 0.999)
    assert covered.any()
    assert np.abs(skin[covered] - 273.15).max() < 0.1
