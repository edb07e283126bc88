from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.inference.changes import Change, ChangeKind, change_dates
from satverify.inference.durations import FloatArray, IntArray, StateModel
from satverify.inference.states import smooth
from tests.inference.examples import FURNACE_LIKE, random_looks, random_model, simulated_looks, simulated_states
from tests.inference.reference import enumerate_paths

FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)
P_HOT = (0.6, 0.4, 0.03)
HOT, COLD = np.log(P_HOT), np.log1p(-np.array(P_HOT))


def season(*parts: tuple[int, FloatArray]) -> FloatArray:
    return np.concatenate([np.tile(looks, (days, 1)) for days, looks in parts])


NOTHING = np.zeros(3)


def true_changes(states: IntArray) -> dict[ChangeKind, IntArray]:
    step = np.diff((states == 2).astype(int))
    return {ChangeKind.STOP: np.flatnonzero(step == 1) + 1, ChangeKind.RESTART: np.flatnonzero(step == -1) + 1}


def test_a_stop_and_a_restart_are_found_on_their_days() -> None:
    looks = season((60, HOT), (40, COLD), (60, HOT))
    stop, restart = change_dates(looks, FURNACE)
    assert (stop.kind, restart.kind) == (ChangeKind.STOP, ChangeKind.RESTART)
    assert stop.day == 60
    assert restart.day == 100
    assert stop.low <= stop.day <= stop.high <= stop.low + 4
    assert stop.probability > 0.99
    assert stop.level == 0.9


def test_a_gap_without_looks_makes_the_interval_as_wide_as_the_gap() -> None:
    looks = season((60, HOT), (30, NOTHING), (60, COLD))
    (stop,) = change_dates(looks, FURNACE)
    assert stop.low <= 63
    assert stop.high >= 87
    assert 70 <= stop.day <= 80


def test_a_steady_furnace_has_no_changes() -> None:
    assert change_dates(season((200, HOT)), FURNACE) == ()
    assert change_dates(season((200, COLD)), FURNACE) == ()
    assert change_dates(season((200, NOTHING)), FURNACE) == ()
    assert change_dates(np.zeros((0, 3)), FURNACE) == ()


def test_a_halt_under_way_on_the_first_day_has_only_a_restart() -> None:
    (restart,) = change_dates(season((40, COLD), (40, HOT)), FURNACE)
    assert restart.kind is ChangeKind.RESTART
    assert restart.day == 40


def test_a_gap_inside_one_halt_does_not_make_two() -> None:
    looks = season((60, HOT), (30, COLD), (25, NOTHING), (30, COLD), (60, HOT))
    assert [change.kind for change in change_dates(looks, FURNACE)] == [ChangeKind.STOP, ChangeKind.RESTART]


def test_a_long_gap_inside_what_may_be_one_halt_is_not_dated() -> None:
    looks = season((60, HOT), (30, COLD), (45, NOTHING), (30, COLD), (60, HOT))
    p_halted = smooth(looks[np.newaxis], FURNACE_LIKE).smoothed[0, :, 2]
    assert p_halted[60:165].min() < 0.7  # two stretches
    stop, restart = change_dates(looks, FURNACE_LIKE)
    assert abs(stop.day - 60) <= 1
    assert abs(restart.day - 165) <= 1


def test_two_halts_are_told_apart() -> None:
    looks = season((60, HOT), (30, COLD), (20, HOT), (30, COLD), (60, HOT))
    assert [change.day for change in change_dates(looks, FURNACE)] == [60, 90, 110, 140]


def test_intervals_of_ninety_per_cent_hold_the_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(20220302)
    held: dict[ChangeKind, list[bool]] = {ChangeKind.STOP: [], ChangeKind.RESTART: []}
    happened, said = [], []
    for _ in range(250):
        states = simulated_states(rng, FURNACE_LIKE, 400)
        truth = true_changes(states)
        for change in change_dates(simulated_looks(rng, states, missing=0.6, p_hot=P_HOT), FURNACE_LIKE):
            near = truth[change.kind]
            said.append(change.probability)
            happened.append(bool(np.any(np.abs(near - change.day) <= 40)))
            held[change.kind].append(bool(np.any((near >= change.low) & (near <= change.high))))
    # Some 300 of each: a standard error of 0.017; whole days make intervals a little wide, changes that never were a
    # little short.
    for kind in ChangeKind:
        assert len(held[kind]) > 250
        assert 0.85 <= np.mean(held[kind]) <= 0.95
    assert np.mean(happened) == pytest.approx(float(np.mean(said)), abs=0.05)


def test_medians_are_not_biased() -> None:
    rng = np.random.default_rng(7)
    errors = []
    for _ in range(150):
        states = simulated_states(rng, FURNACE_LIKE, 300)
        truth = true_changes(states)
        for change in change_dates(simulated_looks(rng, states, missing=0.3, p_hot=P_HOT), FURNACE_LIKE):
            near = truth[change.kind]
            if near.size:
                errors.append(change.day - near[np.argmin(np.abs(near - change.day))])
    assert abs(float(np.median(errors))) <= 1


def day_masses(halted: NDArray[np.bool_], posterior: FloatArray, core: int) -> tuple[FloatArray, FloatArray]:
    """P(halted on ``core`` in a halt that began on each day), and the same for the first day after it."""
    days = halted.shape[1]
    began, ended = np.zeros(days), np.zeros(days)
    for path, probability in zip(halted, posterior, strict=True):
        if path[core]:
            first = max((day + 1 for day in range(core) if not path[day]), default=0)
            after = min((day for day in range(core, days) if not path[day]), default=days)
            if first > 0:
                began[first] += probability
            if after < days:
                ended[after] += probability
    return began, ended


def test_dates_equal_a_count_over_all_paths() -> None:
    rng = np.random.default_rng(3)
    least, days, compared = 0.4, 7, {1: 0, 2: 0}
    for _ in range(150):
        model, looks = random_model(rng), random_looks(rng, days, spread=3.0)
        every = enumerate_paths(looks, model)
        halted = every.paths == 2
        sure = every.posterior @ halted >= least
        starts = np.flatnonzero(sure & ~np.concatenate([[False], sure[:-1]]))
        stops = np.flatnonzero(sure & ~np.concatenate([sure[1:], [False]])) + 1
        cores = [int(a + np.argmax((every.posterior @ halted)[a:b])) for a, b in zip(starts, stops, strict=True)]
        expected = []
        for at, core in enumerate(cores):
            began, ended = day_masses(halted, every.posterior, core)
            began[: cores[at - 1] + 1 if at else 0] = 0
            ended[cores[at + 1] + 1 if at + 1 < len(cores) else days :] = 0
            expected += [(ChangeKind.STOP, began), (ChangeKind.RESTART, ended)]
        probable = [mass.sum() >= least for _, mass in expected]
        for at in range(1, len(expected) - 1, 2):
            probable[at] = probable[at + 1] = probable[at] and probable[at + 1]
        wanted = [each for each, is_probable in zip(expected, probable, strict=True) if is_probable]
        changes = change_dates(looks, model, least_probability=least)
        assert [change.kind for change in changes] == [kind for kind, _ in wanted]
        for change, (_, mass) in zip(changes, wanted, strict=True):
            share = np.cumsum(mass) / mass.sum()
            assert change.probability == pytest.approx(mass.sum(), abs=1e-9)
            assert [change.low, change.day, change.high] == [int(np.argmax(share >= q)) for q in (0.05, 0.5, 0.95)]
        compared[min(max(len(cores), 1), 2)] += 1
    assert min(compared.values()) >= 15


def test_changes_come_in_order_and_alternate() -> None:
    rng = np.random.default_rng(9)
    for _ in range(10):
        states = simulated_states(rng, FURNACE_LIKE, 500)
        changes = change_dates(simulated_looks(rng, states, missing=0.5, p_hot=P_HOT), FURNACE_LIKE)
        assert [change.day for change in changes] == sorted(change.day for change in changes)
        assert all(one.low <= one.day <= one.high for one in changes)
        assert all(one.kind is not two.kind for one, two in pairwise(changes))


def test_looks_of_any_strength_are_taken() -> None:
    looks = season((30, np.array([0.0, -5000.0, -5000.0])), (30, np.array([-np.inf, -np.inf, 0.0])))
    (stop,) = change_dates(looks, FURNACE)
    assert isinstance(stop, Change)
    assert (stop.low, stop.day, stop.high) == (30, 30, 30)


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0])
def test_a_level_or_limit_that_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="expected a level between"):
        change_dates(np.zeros((5, 3)), FURNACE, level=value)
    with pytest.raises(InputError, match="expected a least_probability between"):
        change_dates(np.zeros((5, 3)), FURNACE, least_probability=value)
