from __future__ import annotations

import numpy as np
import pytest

from satverify.simulate.history import History
from satverify.simulate.scenes.processes.flare import BURNING, BURNING_IDLE, FLAME, Flare, flare_heat
from tests.simulate.machines_made import DAY, NEW_YEAR, STEADY, history

TIMES = NEW_YEAR + np.arange(0, 400 * DAY, 3600.0)


def flare(takes: tuple[History, ...], makes: History = STEADY, key: int = 5) -> Flare:
    return Flare(longitude=118.0, latitude=39.5, makes=makes, takes=takes, key=key)


def test_a_flare_burns_more_when_nobody_takes_the_gas() -> None:
    busy, idle = ((flare_heat(flare((history((0.0, level)),)), TIMES, 1).area > 0).mean() for level in (1.0, 0.0))
    assert busy == pytest.approx(BURNING, abs=0.03)  # 3,200 spells
    assert idle == pytest.approx(BURNING_IDLE, abs=0.03)


def test_a_flame_burns_for_hours_and_is_never_steady() -> None:
    times = NEW_YEAR + np.arange(0, 20 * DAY, 300.0)
    heat = flare_heat(flare(()), times, 1)
    lit = heat.area[0] > 0
    assert np.count_nonzero(np.diff(lit.astype(int))) < 2 * 20 * 8
    assert np.all(FLAME[0] <= heat.temperature[0])
    assert np.all(heat.temperature[0] <= FLAME[1])
    assert np.log(heat.area[0][lit]).std() == pytest.approx(0.7, abs=0.1)


def test_without_gas_there_is_no_flame() -> None:
    assert flare_heat(flare((), makes=history((0.0, 0.0))), TIMES, 1).area.max() == 0
