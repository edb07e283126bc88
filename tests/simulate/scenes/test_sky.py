from __future__ import annotations

import numpy as np
from scipy.stats import circmean

from satverify.simulate.scenes.sky import excess_at, top_depression, transmission_of, wind_of
from satverify.simulate.weather import transmission
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
