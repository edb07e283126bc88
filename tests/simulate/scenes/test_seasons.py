"""The course of the year."""

from __future__ import annotations

import numpy as np

from satverify.simulate.scenes.seasons import YEAR, air_temperature, greenness

DAYS = np.arange(365, dtype=np.float64) * 86_400.0


def test_july_is_warmest_in_the_north_and_january_in_the_south() -> None:
    for latitude, month in ((40.0, 6), (-35.0, 0)):
        mean = np.mean(
            [air_temperature(seed, np.full(365, 118.0), np.full(365, latitude), DAYS) for seed in range(40)], axis=0
        )
        assert abs((mean.argmax() / 30.4 - month - 0.5 + 6) % 12 - 6) < 1.5
        assert 20 < mean.max() - mean.min() < 40


def test_winters_of_the_north_china_plain_are_about_freezing() -> None:
    """January means: Tangshan 268 K, Anyang 273 K (China Meteorological Administration, 1981 to 2010, rounded)."""
    january = 1.642e9 + np.arange(30, dtype=np.float64) * 86_400.0
    for latitude, kelvin in ((39.6, 268.0), (36.1, 273.0)):
        seen = [air_temperature(seed, np.full(30, 116.0), np.full(30, latitude), january).mean() for seed in range(60)]
        assert abs(np.mean(seen) - kelvin) < 5.0


def test_plants_are_green_in_summer_and_all_year_round_in_the_tropics() -> None:
    summer, winter = 0.53 * YEAR, 0.03 * YEAR
    assert greenness(np.array([40.0]), summer)[0] > greenness(np.array([40.0]), winter)[0] + 0.5
    assert greenness(np.array([-40.0]), summer)[0] < greenness(np.array([-40.0]), winter)[0] - 0.5
    assert greenness(np.array([5.0]), winter)[0] == 1.0
