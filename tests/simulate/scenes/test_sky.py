from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import circmean

from satverify.physics.sun import solar_angles
from satverify.simulate.scenes.frames import Pixels, UtmFrame, slow_fields
from satverify.simulate.scenes.sky import (
    BASE,
    calm_at,
    cirrus_at,
    excess_at,
    ragged,
    shadow_of,
    top_depression,
    transmission_of,
    wind_of,
)
from satverify.simulate.weather import Weather, draw_weather, transmission
from tests.simulate.scenes.ground_at import DAY, JANUARY, block, block_along_track
from tests.simulate.scenes.made import winter


def test_scenes_and_detections_look_through_the_same_sky() -> None:
    rng = np.random.default_rng(1)
    longitude, latitude = rng.uniform(112, 120, 3000), rng.uniform(34, 41, 3000)
    time = np.round(rng.uniform(1.636e9, 1.648e9, 3000))
    moments = time.astype(np.int64).astype("datetime64[s]")
    clear = transmission(winter().weather, longitude, latitude, moments)
    excess = excess_at(winter().weather, longitude, latitude, time)
    np.testing.assert_array_equal(transmission_of(excess), clear)
    assert 0.2 < (clear == 1).mean() < 0.6


def test_the_sky_over_a_place_does_not_depend_on_who_else_is_asked_about() -> None:
    longitude, latitude = np.linspace(100, 130, 50), np.linspace(20, 60, 50)
    together = excess_at(winter().weather, longitude, latitude, 1.64e9)
    alone = [float(excess_at(winter().weather, longitude[[n]], latitude[[n]], 1.64e9)[0]) for n in range(50)]
    assert together.tolist() == alone


def test_missing_places_are_clear_and_higher_clouds_colder() -> None:
    assert excess_at(winter().weather, np.array([np.nan]), np.array([np.nan]), 1.64e9)[0] < 0
    assert (np.diff(top_depression(np.linspace(0, 1.4, 9))) > 0).all()


def test_the_wind_of_a_day_is_one_and_comes_more_often_from_the_west() -> None:
    days = 1.6e9 // 86_400 * 86_400 + 86_400.0 * np.arange(400)
    winds = np.array([wind_of(1, 118.0, 39.5, float(day)) for day in days])
    assert wind_of(1, 118.0, 39.5, float(days[3])) == wind_of(1, 118.1, 39.4, float(days[3]) + 80_000)
    speed = np.hypot(winds[:, 0], winds[:, 1])
    assert (speed >= 1.5).all()
    assert (speed <= 9).all()
    assert speed.std() > 1
    assert (winds[:, 0] > 0).mean() > 0.7
    assert abs((float(circmean(np.arctan2(winds[:, 1], winds[:, 0]))) + np.pi) % (2 * np.pi) - np.pi) < 0.4


def field(weather: Weather, pixels: Pixels, time: float) -> NDArray[np.float64]:
    fields: NDArray[np.float64] = slow_fields(
        pixels, lambda east, north: excess_at(weather, east, north, time)[None], 2_000.0
    )[0]
    return fields


def test_small_structure_moves_the_edges_of_clouds_and_leaves_their_number() -> None:
    before, after, is_changed = [], [], []
    for day in range(80):
        time = JANUARY + day * DAY
        excess = field(winter().weather, block(60.0, 60), time)
        rough = ragged(7, block(60.0, 60), excess, time)
        before.append((excess >= 0).mean())
        after.append((rough >= 0).mean())
        is_changed.append(bool((rough != excess).any()))
        far = np.abs(excess) >= 0.9
        np.testing.assert_array_equal(rough[far], excess[far])
    assert np.mean(after) == pytest.approx(np.mean(before), abs=0.05)
    assert 0.2 < np.mean(is_changed) < 0.95


def test_wide_pixels_along_a_track_have_no_small_structure() -> None:
    excess = field(winter().weather, block_along_track(500.0), JANUARY)
    assert ragged(7, block_along_track(500.0), excess, JANUARY) is excess


def test_a_window_sees_the_small_clouds_that_the_whole_block_sees() -> None:
    pixels = block(20.0, 80)
    part = replace(pixels, columns=pixels.columns[:, 10:30], rows=pixels.rows[40:41])
    whole = ragged(7, pixels, np.zeros(pixels.shape), JANUARY)
    np.testing.assert_array_equal(ragged(7, part, np.zeros(part.shape), JANUARY), whole[40:41, 10:30])


def test_small_clouds_are_as_many_and_as_ragged_as_measured(shared_data: Path) -> None:
    """One square kilometre of Slovenia, 68 dates, of tiles that are at most 80 % cloud.

    Of the dates that are not clear about half are partly cloudy; edges are as long as the mask's.
    """
    folder = shared_data / "s2" / "slovenia_cloud_masks"
    masks = np.load(folder / "mask" / "CLM.npy")[..., 0] == 1
    times = np.array(json.loads((folder / "timestamps.json").read_text("utf-8")), dtype="datetime64[s]")
    tile = np.meshgrid(np.linspace(13.9, 15.3, 7), np.linspace(45.3, 46.3, 7))
    columns, rows = np.arange(46_518, 46_618), np.arange(507_924, 508_025)
    pixels = Pixels(frame=UtmFrame(epsg=32633), size=(10.0, 10.0), columns=columns[None, :], rows=rows[:, None])
    made = []
    for seed in range(4):
        weather = replace(draw_weather(np.random.default_rng(100 + seed)), parallel=45.8)
        moments = times.astype(np.int64).astype(np.float64).tolist()
        broken_up = [time for time in moments if (excess_at(weather, *tile, time) >= 0).mean() <= 0.8]
        made += [ragged(seed, pixels, field(weather, pixels, time), time) >= 0 for time in broken_up]
    partly, edges = [], []
    for group in (list(masks), made):
        cover = np.array([mask.mean() for mask in group])
        is_partly = (cover >= 0.01) & (cover <= 0.99)
        partly.append(float(is_partly.sum() / (cover >= 0.01).sum()))
        broken = [mask for mask, share in zip(group, cover.tolist(), strict=True) if 0.05 < share < 0.95]
        edges.append(float(np.mean([(mask[:, 1:] != mask[:, :-1]).mean() for mask in broken])))
    assert partly[1] == pytest.approx(partly[0], abs=0.16)  # 39 cloudy dates of the mask: two standard errors
    assert edges[1] == pytest.approx(edges[0], rel=0.4)  # 18 broken dates


def test_shadows_lie_on_the_side_away_from_the_sun() -> None:
    """A shadow is its cloud moved by the height of the cloud times the tangent of the zenith angle."""
    pixels = block(20.0, 200)
    seen = 0
    for day in range(60):
        time = JANUARY + day * DAY
        lost = shadow_of(7, winter().weather, pixels, time)
        if lost is None or not 0.1 < (lost > 0).mean() < 0.9:
            continue
        zenith, azimuth = (float(part) for part in solar_angles(time, 118.0, 39.5))
        away = BASE * np.tan(zenith) / 20.0
        step = round(away * np.sin(azimuth)), round(away * np.cos(azimuth))
        there = replace(pixels, columns=pixels.columns + step[0], rows=pixels.rows + step[1])
        cloud = transmission_of(ragged(7, there, field(winter().weather, there, time), time)) < 1
        assert ((lost > 0) == cloud).mean() > 0.95  # to a pixel at the edges
        assert step[1] < 0  # the Sun is in the south: clouds are looked for there
        seen += 1
    assert seen >= 2


def test_a_window_sees_the_shadows_that_the_whole_block_sees() -> None:
    pixels = block(20.0, 200)
    seen = 0
    for day in range(30):
        time = JANUARY + day * DAY
        whole = shadow_of(7, winter().weather, pixels, time)
        if whole is not None and 0.1 < whole.mean() < 0.9:
            part = replace(pixels, columns=pixels.columns[:, 90:101], rows=pixels.rows[3:40])
            lost = shadow_of(7, winter().weather, part, time)
            np.testing.assert_array_equal(0.0 if lost is None else lost, whole[3:40, 90:101])
            seen += 1
    assert seen


def test_there_are_no_shadows_by_night_in_the_clear_or_in_wide_pixels() -> None:
    assert shadow_of(7, winter().weather, block(), JANUARY + 12 * 3600) is None
    assert shadow_of(7, winter().weather, block_along_track(500.0), JANUARY) is None
    clear = [shadow_of(7, winter().weather, block(), JANUARY + day * DAY) is None for day in range(40)]
    assert 0.1 < np.mean(clear) < 0.7


def test_cirrus_is_thin_and_there_on_one_day_in_seven() -> None:
    east, north = np.meshgrid(np.linspace(112, 120, 9), np.linspace(34, 41, 9))
    depth = np.array([cirrus_at(7, east, north, JANUARY + 0.7 * day * DAY) for day in range(300)])
    assert 0.08 < (depth > 0.01).mean() < 0.25
    assert 0.1 < depth.max() <= 0.4
    assert cirrus_at(7, np.array([np.nan]), np.array([np.nan]), JANUARY).shape == (1,)


def test_calm_weather_lasts_some_days_and_comes_as_often_as_windy() -> None:
    times = JANUARY + 0.5 * DAY * np.arange(600)
    calm = np.array([calm_at(7, np.array([117.0]), np.array([38.3]), float(time))[0] for time in times])
    assert 0.35 < calm.mean() < 0.65
    assert np.corrcoef(calm[:-2], calm[2:])[0, 1] > 0.5
    assert abs(np.corrcoef(calm[:-20], calm[20:])[0, 1]) < 0.3
