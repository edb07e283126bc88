from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.simulate.history import (
    History,
    Pace,
    Span,
    day_starts,
    history_of_days,
    is_banked_at,
    level_at,
    mean_level,
    rest_began,
    time_of_work,
    warmth,
    work_done,
)

HOUR = 3600.0
PACE = Pace(warming=2 * HOUR, cooling=10 * HOUR, banked=100 * HOUR)


def made(*spells: tuple[float, float], banked: tuple[bool, ...] = ()) -> History:
    begin, level = np.array(spells).T
    return History(begin=begin * HOUR, level=level, is_banked=np.array(banked or (False,) * len(spells)))


levels = st.lists(st.sampled_from([0.0, 0.4, 0.75, 1.0]), min_size=1, max_size=8)


@given(levels=levels, work=st.floats(0.001, 50))
def test_the_time_at_which_work_is_done_is_when_it_has_been_done(levels: list[float], work: float) -> None:
    history = made(*((5.0 * number, level) for number, level in enumerate(levels)))
    moment = time_of_work(history, np.array([work * HOUR]))
    if np.isfinite(moment[0]):
        assert work_done(history, moment)[0] == pytest.approx(work * HOUR, rel=1e-9)
        just_before = work_done(history, moment - 0.01)
        assert just_before[0] < work * HOUR
    else:
        assert levels[-1] == 0


def test_work_stands_still_while_a_machine_does() -> None:
    history = made((0, 1.0), (10, 0.0), (20, 0.5))
    hours = np.array([-2.0, 0.0, 5.0, 10.0, 15.0, 20.0, 24.0]) * HOUR
    np.testing.assert_allclose(work_done(history, hours) / HOUR, [-2, 0, 5, 10, 10, 10, 12])
    np.testing.assert_allclose(time_of_work(history, np.array([-1.0, 10.0, 11.0]) * HOUR) / HOUR, [-1, 10, 22])


def test_work_that_is_never_done_is_never() -> None:
    assert time_of_work(made((0, 1.0), (10, 0.0)), np.array([11 * HOUR]))[0] == np.inf
    assert time_of_work(made((0, 0.0), (10, 1.0)), np.array([-1.0]))[0] == -np.inf


def test_the_first_spell_counts_before_it_and_the_last_one_after_it() -> None:
    history = made((0, 0.3), (10, 0.8))
    assert level_at(history, np.array([-1e9, 10 * HOUR - 1, 10 * HOUR, 1e12])).tolist() == [0.3, 0.3, 0.8, 0.8]


def test_mean_output_counts_parts_of_days() -> None:
    history = made((0, 1.0), (36, 0.0))
    np.testing.assert_allclose(mean_level(history, np.array([0, 24, 48, 72]) * HOUR), [1.0, 0.5, 0.0])


def test_a_rest_goes_on_through_spells_of_rest() -> None:
    history = made((0, 1.0), (10, 0.0), (20, 0.0), (30, 0.5), (40, 0.0), banked=(False, True, False, False, False))
    began = rest_began(history, np.array([5, 12, 25, 35, 45]) * HOUR) / HOUR
    np.testing.assert_array_equal(began, [np.nan, 10, 10, np.nan, 40])
    assert rest_began(made((0, 0.0)), np.zeros(1))[0] == -np.inf
    assert is_banked_at(history, np.array([5, 12, 25]) * HOUR).tolist() == [False, True, False]


def test_a_surface_cools_by_1_over_e_in_its_time_constant() -> None:
    cold = made((0, 1.0), (10, 0.0))
    banked = made((0, 1.0), (10, 0.0), banked=(False, True))
    after = np.array([0.0, 10.0, 20.0]) * HOUR
    np.testing.assert_allclose(warmth(cold, PACE, 10 * HOUR + after), np.exp(-after / PACE.cooling))
    np.testing.assert_allclose(warmth(banked, PACE, 10 * HOUR + after), np.exp(-after / PACE.banked))


def test_a_surface_that_cooled_warms_from_what_it_had_left() -> None:
    history = made((0, 1.0), (10, 0.0), (20, 1.0))
    left = np.exp(-1.0)
    np.testing.assert_allclose(
        warmth(history, PACE, np.array([20.0, 22.0, 100.0]) * HOUR), [left, 1 - (1 - left) / np.e, 1]
    )


@given(levels=levels)
def test_warmth_never_jumps(levels: list[float]) -> None:
    history = made(*((5.0 * number, level) for number, level in enumerate(levels)))
    edges = history.begin[1:]
    np.testing.assert_allclose(warmth(history, PACE, edges - 1e-3), warmth(history, PACE, edges), atol=1e-6)


def test_days_alike_become_one_spell() -> None:
    starts = day_starts(date(2022, 1, 1), 5, "Asia/Shanghai")
    history = history_of_days(
        starts[:-1], np.array([1.0, 1.0, 0.0, 0.0, 0.0]), np.array([False, False, False, True, True])
    )
    assert history.level.tolist() == [1.0, 0.0, 0.0]
    assert history.is_banked.tolist() == [False, False, True]
    np.testing.assert_array_equal(history.begin, starts[[0, 2, 3]])


def test_local_days_begin_at_local_midnight_and_change_length_with_the_clock() -> None:
    starts = Span(days=(date(2022, 3, 26), date(2022, 3, 29)), timezone="Europe/Berlin").starts
    assert starts[0] == 1648249200.0  # 2022-03-25 23:00 UTC
    assert [(two - one) / HOUR for one, two in pairwise(starts)] == [24, 23, 24]


def test_histories_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="order of time"):
        made((1, 1.0), (0, 0.0))
    with pytest.raises(InputError, match="from 0 to 1"):
        made((0, 1.5))
    with pytest.raises(InputError, match="another number"):
        History(begin=np.zeros(1), level=np.zeros(2), is_banked=np.zeros(1, dtype=bool))
