from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.sites import UnitKind
from satverify.simulate.scenes.processes.parts import (
    MOLTEN_SLAG,
    crust_temperature,
    drawn,
    flicker,
    poured,
    repeated,
    view_of,
)
from tests.simulate.machines_made import DAY, NEW_YEAR, STEADY, history, machine, minutes

AIR = np.array([275.0])


def test_slag_cools_with_the_root_of_time_to_600_k_within_the_hour_and_is_warm_for_hours() -> None:
    age = np.array([0.0, 2400.0, 6 * 3600.0, 10 * DAY])
    kelvin = crust_temperature(age, AIR)
    assert kelvin[0] == MOLTEN_SLAG
    assert kelvin[1] == pytest.approx(600.0, abs=25)
    assert kelvin[2] > 320
    assert kelvin[3] < 276
    assert crust_temperature(np.array([np.inf]), AIR)[0] == 275.0
    late = np.array([1800.0, 7200.0])  # four times as old, half as warm, but for what is dug out
    excess = crust_temperature(late, AIR) - AIR
    assert excess[0] / excess[1] == pytest.approx(2.0, rel=0.1)


@given(age=st.floats(0, 1e6), later=st.floats(1, 1e6))
def test_slag_only_ever_cools(age: float, later: float) -> None:
    kelvin = crust_temperature(np.array([age, age + later]), AIR)
    assert kelvin[0] >= kelvin[1] >= AIR[0]


def test_the_last_pour_lies_on_top() -> None:
    bed = np.array([[0], [1], [0]])
    age = np.array([[100.0], [4000.0], [9000.0]])
    lasting = np.full((3, 1), 600.0)
    assert poured(bed, age, lasting, 3)[:, 0].tolist() == [50.0, 3700.0, np.inf]
    assert poured(bed, -age, lasting, 3)[:, 0].tolist() == [np.inf] * 3


def test_what_repeats_does_so_by_the_work_and_not_by_the_clock() -> None:
    times = minutes(10)
    for level in (1.0, 0.5):
        one = machine(UnitKind.CONVERTER, 1000.0, history((0.0, level)))
        number, age = repeated(view_of((one,), (1.0,), times, np.zeros(times.size), 1), np.full(1, 3600.0), 1, "x")
        assert number[0, -1] - number[0, 0] == pytest.approx(240 * level, abs=1)
        assert np.all(age >= 0)
        assert age.max() <= 3600 / level + 1


def test_nothing_repeats_at_rest_and_what_began_before_grows_old() -> None:
    one = machine(UnitKind.CONVERTER, 1000.0, history((0.0, 1.0), (5.0, 0.0)))
    times = minutes(10)
    number, age = repeated(view_of((one,), (1.0,), times, np.zeros(times.size), 1), np.full(1, 3600.0), 3, "x")
    at_rest = times > NEW_YEAR + 5 * DAY
    assert len(np.unique(number[0, at_rest])) == 1
    np.testing.assert_allclose(np.diff(age[:, at_rest], axis=1), 60.0)


def test_machines_looked_at_together_are_what_they_are_alone() -> None:
    times = minutes(1, step=20)
    two = tuple(machine(UnitKind.CONVERTER, 1000.0 * key, STEADY, key=key) for key in (3, 4))
    together = view_of(two, (1.0, 2.0), times, np.zeros(times.size), 5)
    numbers = repeated(together, np.full(2 * times.size, 2000.0), 2, "x")
    for row, one in enumerate(two):
        alone = view_of((one,), (1.0,), times, np.zeros(times.size), 5)
        part = np.s_[:, row * times.size : (row + 1) * times.size]
        for first, second in zip(numbers, repeated(alone, np.full(times.size, 2000.0), 2, "x"), strict=True):
            np.testing.assert_array_equal(first[part], second)
        np.testing.assert_array_equal(flicker(together, "y", 3)[part], flicker(alone, "y", 3))
        np.testing.assert_array_equal(drawn(together, "z", numbers[0])[part], drawn(alone, "z", numbers[0][part]))
        assert together.own("a", 1)[part[1]].tolist() == alone.own("a", 1).tolist()


def test_flicker_keeps_the_mean_and_changes_every_ten_minutes() -> None:
    times = minutes(60)
    view = view_of((machine(UnitKind.CONVERTER, 1.0),), (1.0,), times, np.zeros(times.size), 1)
    shown = flicker(view, "x", 4)
    assert shown.mean() == pytest.approx(1.0, abs=0.02)  # 35,000 draws that differ by 0.4
    assert np.log(shown).std() == pytest.approx(0.4, abs=0.02)
    assert (np.diff(shown[0]) != 0).mean() == pytest.approx(0.1, abs=0.01)
