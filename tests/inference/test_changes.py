from __future__ import annotations

import numpy as np
import pytest

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.inference.changes import Change, ChangeKind, change_dates
from satverify.inference.durations import FloatArray, IntArray, StateModel
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


def test_dates_equal_a_count_over_all_paths() -> None:
    rng = np.random.default_rng(3)
    compared = 0
    for _ in range(60):
        model, looks = random_model(rng), random_looks(rng, 7, spread=3.0)
        every = enumerate_paths(looks, model)
        changes = change_dates(looks, model, least_probability=0.6)
        if len(changes) != 1 or changes[0].kind is not ChangeKind.STOP:
            continue
        compared += 1
        halted = every.paths == 2
        p_halted = (every.posterior[:, np.newaxis] * halted).sum(axis=0)
        core = int(np.argmax(p_halted))
        mass = np.zeros(7)
        for path, probability in zip(halted, every.posterior, strict=True):
            if path[core] and not path[: core + 1].all():
                mass[core + 1 - int(np.argmin(path[core::-1]))] += probability
        share = np.cumsum(mass) / mass.sum()
        change = changes[0]
        assert change.probability == pytest.approx(mass.sum(), abs=1e-9)
        assert [change.low, change.day, change.high] == [int(np.argmax(share >= q)) for q in (0.05, 0.5, 0.95)]
    assert compared >= 5


def test_changes_come_in_order_and_alternate() -> None:
    rng = np.random.default_rng(9)
    for _ in range(10):
        states = simulated_states(rng, FURNACE_LIKE, 500)
        changes = change_dates(simulated_looks(rng, states, missing=0.5, p_hot=P_HOT), FURNACE_LIKE)
        assert [change.day for change in changes] == sorted(change.day for change in changes)
        assert all(one.low <= one.day <= one.high for one in changes)


def test_looks_of_any_strength_are_taken() -> None:
    looks = season((30, np.array([0.0, -5000.0, -5000.0])), (30, np.array([-np.inf, -np.inf, 0.0])))
    (stop,) = change_dates(looks, FURNACE)
    assert isinstance(stop, Change)
    assert (stop.low, stop.day, stop.high) == (30, 30, 30)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0])
def test_a_level_that_is_no_probability_is_refused(level: float) -> None:
    with pytest.raises(InputError, match="level"):
        change_dates(np.zeros((5, 3)), FURNACE, level=level)
