"""Snow that falls in the cold, thaws in the warmth, and is the same for whoever asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.seasons import air_temperature
from satverify.simulate.scenes.snow import HEAVIEST, MELT, OLDEST, WASTING, snow_at

DAY = 86_400.0
WINTER = 1.6383e9 + DAY * np.arange(90, dtype=np.float64)  # from 2021-12-01


def series(longitude: float, latitude: float, times: NDArray[np.float64], seed: int = 3) -> NDArray[np.float64]:
    east, north = np.array([longitude]), np.array([latitude])
    return np.array([snow_at(seed, east, north, float(time))[:, 0] for time in times]).T


def test_there_is_none_in_summer_and_none_in_the_tropics() -> None:
    assert (series(118.0, 39.5, WINTER + 200 * DAY)[0] == 0).all()
    assert (series(110.0, 5.0, WINTER)[0] == 0).all()


def test_it_lies_on_some_days_in_the_north_of_the_plain_on_fewer_in_the_south_and_on_most_in_the_steppe() -> None:
    share = {
        place: np.mean([(series(*place, WINTER[::4] + year * 365.25 * DAY)[0] > 1).mean() for year in range(-20, 20)])
        for place in ((118.0, 39.5), (114.4, 36.1), (116.0, 48.0))
    }
    assert 0.05 < share[118.0, 39.5] < 0.4
    assert share[114.4, 36.1] < share[118.0, 39.5] < share[116.0, 48.0]
    assert share[116.0, 48.0] > 0.5


def test_the_south_has_its_winter_in_july() -> None:
    july = 1.6567e9 + DAY * np.arange(60, dtype=np.float64)
    found = [
        (series(-70.0, -48.0, july, seed)[0].max(), series(-70.0, -48.0, july + 184 * DAY, seed)[0].max())
        for seed in range(4)
    ]
    assert max(winter for winter, _ in found) > 1
    assert max(summer for _, summer in found) == 0


def test_water_is_neither_made_nor_lost_but_by_snowfall_and_thaw() -> None:
    """Day by day it grows by no more than the heaviest fall, and shrinks by no more than the day's warmth explains."""
    longitude, latitude = 118.0, 42.0
    times = np.floor(WINTER / DAY) * DAY
    water = series(longitude, latitude, times)[0]
    step = np.diff(water)
    middle = times[:-1] + DAY / 2
    air = air_temperature(3, np.full(middle.size, longitude), np.full(middle.size, latitude), middle)
    thaw = WASTING + MELT * np.maximum(air - 273.15, 0.0)
    assert (water >= 0).all()
    assert step.max() > 1
    assert (step <= HEAVIEST).all()
    assert (step >= -thaw - 1e-9).all()
    dry = (step < 0) & (water[1:] > 0) & (air < 273.15)
    assert (step[dry] >= -WASTING - 1e-9).all()


def test_snow_ages_until_it_snows_again() -> None:
    water, age = series(118.0, 42.0, np.floor(WINTER / DAY) * DAY)
    fresh = np.diff(water) > 1
    assert fresh.any()
    assert (age[1:][fresh] == 0).all()
    assert (np.diff(age)[~(age[1:] == 0)] <= 1).all()
    assert age.max() <= OLDEST


def test_it_changes_little_within_hours_and_kilometres() -> None:
    times = WINTER[20] + 3600.0 * np.arange(100, dtype=np.float64)
    assert np.abs(np.diff(series(118.0, 41.0, times)[0])).max() < HEAVIEST / 20
    east = np.linspace(117.0, 119.0, 400)
    for day in (5, 20, 50):
        line = snow_at(3, east, np.full(400, 41.3), float(WINTER[day]))[0]
        assert np.abs(np.diff(line)).max() < HEAVIEST / 40


def test_a_place_alone_has_the_snow_it_has_among_others() -> None:
    rng = np.random.default_rng(0)
    east, north = rng.uniform(100, 130, 60), rng.uniform(-50, 60, 60)
    together = snow_at(3, east, north, float(WINTER[30]))
    alone = np.stack([snow_at(3, east[[n]], north[[n]], float(WINTER[30]))[:, 0] for n in range(60)], axis=1)
    np.testing.assert_array_equal(together, alone)
    assert np.isfinite(snow_at(3, np.array([np.nan]), np.array([np.nan]), float(WINTER[0]))).all()
