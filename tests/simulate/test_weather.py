from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from satverify.domain.evidence import SKY_COLUMNS
from satverify.simulate.heat import KM_PER_DEGREE
from satverify.simulate.weather import (
    THIN_TRANSMISSION,
    Climate,
    FloatArray,
    Weather,
    daily_cloud_cover,
    draw_weather,
    transmission,
)

HOUR = np.timedelta64(1, "h")


def is_clear(weather: Weather, longitude: FloatArray, hours: FloatArray, start: str = "2022-01-01") -> FloatArray:
    time = np.datetime64(start, "s") + (hours * 3600).astype("timedelta64[s]")
    seen: FloatArray = transmission(weather, longitude, np.full_like(longitude, 38.0), time)
    return np.where(seen == 1, 1.0, 0.0)


def over_draws(longitude: FloatArray, hours: FloatArray, start: str = "2022-01-01") -> FloatArray:
    """Clear or not at each of the points, in 400 independent histories of the sky."""
    draws = [draw_weather(np.random.default_rng(seed)) for seed in range(400)]
    return np.stack([is_clear(weather, longitude, hours, start) for weather in draws])


@pytest.mark.parametrize(("start", "share"), [("2022-01-15", 0.38), ("2022-07-16", 0.55)])
def test_the_sky_is_clear_as_often_as_the_climate_says(start: str, share: float) -> None:
    far_apart = np.linspace(90, 130, 5)
    clear = over_draws(far_apart, np.zeros(5), start)
    assert clear.mean() == pytest.approx(share, abs=0.04)  # 2000 draws, four standard errors


def test_places_and_times_close_together_share_their_sky_and_those_far_apart_do_not() -> None:
    degree = KM_PER_DEGREE * np.cos(np.radians(38))
    clear = over_draws(115 + np.array([0, 5, 100, 2500, 0, 0]) / degree, np.array([0.0, 0, 0, 0, 24, 240]))
    near, hundred, far, day, ten_days = (np.corrcoef(clear[:, 0], clear[:, other])[0, 1] for other in range(1, 6))
    assert near > 0.9
    assert 0.4 < hundred < near
    assert 0.2 < day < 0.6  # 0.5 for the daily cloud cover of southern Ukraine, less for single moments
    assert abs(far) < 0.15  # three standard errors of 400 draws
    assert abs(ten_days) < 0.15


def test_heat_is_seen_whole_or_dimmed_or_not_at_all() -> None:
    weather = draw_weather(np.random.default_rng(1))
    time = np.datetime64("2022-01-01", "s") + np.arange(2000) * HOUR
    seen = transmission(weather, np.full(2000, 116.0), np.full(2000, 39.0), time)
    assert set(np.unique(seen)) == {0.0, THIN_TRANSMISSION, 1.0}


def test_daily_cloud_cover_knows_the_sky_coarsely() -> None:
    weather = draw_weather(np.random.default_rng(2))
    days = (date(2021, 11, 1), date(2022, 4, 1))
    table = daily_cloud_cover(np.random.default_rng(3), weather, (np.array([116.0]), np.array([38.0])), days)
    hours = np.arange(24.0) + 24 * np.arange(len(table))[:, None]
    clear = is_clear(weather, np.full(hours.size, 116.0), hours.ravel(), "2021-11-01").reshape(hours.shape).mean(axis=1)
    assert list(table.columns) == list(SKY_COLUMNS)
    assert table["cloud_cover"].between(0, 100).all()
    assert len(table) == 151
    assert -0.98 < np.corrcoef(table["cloud_cover"], clear)[0, 1] < -0.7


def test_a_climate_can_be_given() -> None:
    weather = draw_weather(np.random.default_rng(4), Climate(clear_in_winter=0.95, clear_in_summer=0.95))
    assert is_clear(weather, np.linspace(80, 140, 500), np.linspace(0, 5000, 500)).mean() > 0.9


def test_no_places_have_no_sky() -> None:
    weather = draw_weather(np.random.default_rng(5))
    empty = np.empty(0)
    assert transmission(weather, empty, empty, np.empty(0, "datetime64[s]")).size == 0
    days = (date(2022, 1, 1), date(2022, 1, 3))
    assert daily_cloud_cover(np.random.default_rng(6), weather, (empty, empty), days).empty
