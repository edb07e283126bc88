"""Steam: only while something works, downwind of its vent, longer in the cold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.simulate.scenes import steam
from satverify.simulate.scenes.ground import ENDMEMBERS
from satverify.simulate.scenes.sky import wind_of
from satverify.simulate.scenes.steam import STEAM, steam_of
from satverify.simulate.scenes.world import World
from tests.simulate.scenes.ground_at import DAY, JANUARY, JUNE, block, block_along_track, world
from tests.simulate.scenes.made import PLACE, scenes, winter

RUNNING = World(seed=7, weather=winter().weather, sources=scenes().sources, layouts=scenes().layouts)
STRONG = (np.array([PLACE[0]]), np.array([PLACE[1]]), np.array([1.0]))


def test_a_works_at_work_steams_on_most_days_and_not_over_all_of_it() -> None:
    shares = []
    for day in range(30):
        opacity = steam_of(RUNNING, block(), JANUARY + day * DAY)
        shares.append(0.0 if opacity is None else float((opacity > 0.3).mean()))
        if opacity is not None:
            assert opacity.shape == block().shape
            assert ((opacity >= 0) & (opacity < 1)).all()
    assert np.mean(np.array(shares) > 0) > 0.6
    assert max(shares) < 0.05


def test_nothing_steams_without_heat_far_away_or_in_wide_pixels() -> None:
    assert steam_of(world(), block(), JANUARY) is None
    assert steam_of(RUNNING, block(shift=(1000, 0)), JANUARY) is None
    assert steam_of(RUNNING, block_along_track(500.0), JANUARY) is None


@pytest.fixture
def one_vent(monkeypatch: pytest.MonkeyPatch) -> World:
    """A works with one strong vent; a world of its own, since what a world shows at a moment is kept."""
    monkeypatch.setattr(steam, "steam_vents", lambda *_, **__: STRONG)
    return replace(RUNNING)


def test_a_plume_lies_downwind_of_its_vent(one_vent: World) -> None:
    pixels = block(10.0, 160)
    x, y = pixels.frame.position(*STRONG[:2])
    for day in range(8):
        time = JANUARY + day * DAY
        opacity = steam_of(one_vent, pixels, time)
        assert opacity is not None
        assert opacity.max() > 0.5
        wind = np.array(wind_of(7, *PLACE, time))
        away = np.array([(opacity * (pixels.x - x)).sum(), (opacity * (pixels.y - y)).sum()]) / opacity.sum()
        along = float(away @ wind / np.linalg.norm(wind))
        assert 20.0 < along < 350.0
        assert np.linalg.norm(away) - along < 0.2 * along
        upwind = (pixels.x - x) * wind[0] + (pixels.y - y) * wind[1] < -15.0 * np.linalg.norm(wind)
        assert opacity[upwind].max() == 0


def test_plumes_are_longer_in_winter_than_in_summer(one_vent: World) -> None:
    def length(time: float) -> float:
        opacity = steam_of(one_vent, block(10.0, 200), time)
        return 0.0 if opacity is None else float((opacity > 0.2).sum())

    assert np.mean([length(JANUARY + day * DAY) for day in range(6)]) > 1.5 * np.mean(
        [length(JUNE + day * DAY) for day in range(6)]
    )


def test_pixels_of_two_sizes_hold_about_the_same_steam(one_vent: World) -> None:
    fine, coarse = (steam_of(one_vent, block(size, number), JANUARY) for size, number in ((10.0, 160), (30.0, 54)))
    assert fine is not None
    assert coarse is not None
    assert coarse.sum() * 9 == pytest.approx(fine.sum(), rel=0.3)  # mixed opacity is not the opacity of the mixture


def test_a_window_sees_what_the_whole_sees(one_vent: World) -> None:
    whole = steam_of(one_vent, block(), JANUARY)
    pixels = block()
    assert whole is not None
    for rows in (slice(40, 60), slice(60, 75), slice(75, 90), slice(90, 110)):
        for columns in (slice(50, 74), slice(74, 76), slice(76, 120)):
            seen = steam_of(
                one_vent, replace(pixels, columns=pixels.columns[:, columns], rows=pixels.rows[rows]), JANUARY
            )
            np.testing.assert_array_equal(0.0 if seen is None else seen, whole[rows, columns])


def test_steam_has_a_reflectance_in_every_band_and_is_white() -> None:
    assert set(STEAM) == set(ENDMEMBERS)
    visible = [STEAM[wavelength] for wavelength in STEAM if wavelength < 0.7]
    assert max(visible) - min(visible) < 0.05
    assert STEAM[2.2] < STEAM[1.61] < min(visible)
