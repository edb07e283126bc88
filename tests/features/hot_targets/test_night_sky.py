from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.features.hot_targets.night_heat import night_heat
from satverify.features.hot_targets.night_sky import NightSky, night_sky
from tests.features.hot_targets.nights import SIZE, nights

NIGHTS = 20
OVERCAST = 7
Flags = NDArray[np.bool_]


def no_heat(count: int = NIGHTS) -> Flags:
    return np.zeros((count, SIZE, SIZE), dtype=bool)


def cloud(*scenes: int, rows: slice = slice(None)) -> Flags:
    hidden = no_heat()
    for scene in scenes:
        hidden[scene, rows] = True
    return hidden


def sky(**made: object) -> NightSky:
    return night_sky(nights(NIGHTS, **made), no_heat())  # type: ignore[arg-type]


def test_clear_nights_are_clear() -> None:
    found = sky()
    assert found.is_known.all()
    assert not found.is_cloud.any()
    assert found.is_thin.mean() < 0.001


@pytest.mark.parametrize("colder", [12.0, 25.0, 50.0])
def test_an_overcast_night_is_cloud_all_over(colder: float) -> None:
    found = sky(cloud=cloud(OVERCAST), colder=colder)
    assert found.is_cloud[OVERCAST].mean() > 0.95  # of a low one a few tops, uneven by 1 K, stay under 9 K
    assert not np.delete(found.is_cloud, OVERCAST, axis=0).any()


def test_half_a_cloudy_sky_is_half_a_clear_one() -> None:
    found = sky(cloud=cloud(OVERCAST, rows=slice(0, SIZE // 2)), colder=12.0)
    assert found.is_cloud[OVERCAST, : SIZE // 2].all()
    assert not found.is_cloud[OVERCAST, SIZE // 2 :].any()
    assert found.is_thin[OVERCAST, SIZE // 2 : SIZE // 2 + 2].all()  # the edge
    assert not found.is_thin[OVERCAST, SIZE // 2 + 3 :].any()


def test_two_nights_of_three_may_be_overcast() -> None:
    hidden = [scene for scene in range(NIGHTS) if scene % 3]
    found = sky(cloud=cloud(*hidden))
    assert found.is_cloud[hidden].all()
    assert not np.delete(found.is_cloud, hidden, axis=0).any()


def test_a_cold_wave_under_a_clear_sky_is_no_cloud() -> None:
    level = np.full(NIGHTS, 272.0)
    level[5:8] = 259.0
    found = sky(level=level)
    assert not found.is_cloud.any()
    assert found.drop[5:8].min() > 10


def test_the_season_may_cool_down() -> None:
    assert not sky(level=np.linspace(280, 262, NIGHTS)).is_cloud.any()


def test_thin_ice_cloud_is_told_by_eleven_and_twelve_micrometres() -> None:
    chips = nights(NIGHTS)
    chips.bands["lwir11"][OVERCAST] -= 2.0
    chips.bands["lwir12"][OVERCAST] -= 4.5
    chips.bands["mir37"][OVERCAST] -= 1.0
    found = night_sky(chips, no_heat())
    assert found.is_thin[OVERCAST].mean() > 0.99
    assert not found.is_cloud[OVERCAST].any()
    assert np.delete(found.is_thin, OVERCAST, axis=0).mean() < 0.001


def test_fog_as_warm_as_the_ground_is_told_at_three_micrometres() -> None:
    chips = nights(NIGHTS)
    chips.bands["mir37"][OVERCAST] -= 2.5
    found = night_sky(chips, no_heat())
    assert found.is_cloud[OVERCAST].mean() > 0.99
    assert not np.delete(found.is_cloud, OVERCAST, axis=0).any()


def test_heat_is_no_thin_cloud() -> None:
    chips = nights(NIGHTS, [(0.0, 0.0, 1100.0, 300.0)])
    found = night_sky(chips, night_heat(chips).is_hot)
    assert not found.is_cloud.any()
    assert found.is_thin.mean() < 0.001


def test_cloud_over_heat_is_taken_from_round_about() -> None:
    chips = nights(NIGHTS, [(0.0, 0.0, 1300.0, 300.0)], cloud=cloud(OVERCAST))
    heat = no_heat()
    heat[:, SIZE // 2 - 1 : SIZE // 2 + 2, SIZE // 2 - 1 : SIZE // 2 + 2] = True
    assert night_sky(chips, heat).is_cloud[OVERCAST].all()


def test_few_nights_are_not_known_but_patches_are_seen() -> None:
    hidden = no_heat(3)
    hidden[1, : SIZE // 2] = True
    found = night_sky(nights(3, cloud=hidden), no_heat(3))
    assert not found.is_known.any()
    assert found.is_cloud[1, : SIZE // 2].all()
    assert not found.is_cloud[[0, 2]].any()


def test_what_was_not_measured_is_neither() -> None:
    chips = nights(NIGHTS)
    chips.bands["lwir11"][3, :10] = np.nan
    chips.bands["lwir11"][4] = np.nan
    found = night_sky(chips, no_heat())
    assert not (found.is_cloud | found.is_thin)[3, :10].any()
    assert not (found.is_cloud | found.is_thin)[4].any()
    assert not found.is_known[4]
    assert np.isnan(found.drop[4])
