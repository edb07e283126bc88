"""What looks to come would catch: more looks catch shorter runs, and the rules bound the false alarms."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from satverify.domain.rules import VerdictRules
from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.inference.durations import StateModel
from satverify.verification.foresight import Foresight, Overlooks, blind, foresee

DAYS = 31
RUNS = (3, 10, 31)
FURNACE = StateModel.for_kind(UnitKind.BLAST_FURNACE)
SEASONS = 40


def overlooks(
    every: int = 2, *, clear: float = 0.5, p_detect: float = 0.85, p_false: float = 0.01, seasons: int = SEASONS
) -> Overlooks:
    """Overpasses every few days, each clear by chance."""
    day = np.arange(0, DAYS, every)
    is_clear = np.random.default_rng(5).random((seasons, day.size)) < clear
    return Overlooks(sensor="sentinel-2-l1c", day=day, is_clear=is_clear, p_detect=p_detect, p_false=p_false)


def foreseen(*looks: Overlooks, runs: tuple[int, ...] = RUNS, seed: int = 1) -> Foresight:
    return foresee(np.random.default_rng(seed), looks, DAYS, runs, FURNACE, VerdictRules())


def test_more_looks_catch_more_and_shorter_runs() -> None:
    few, many = (foreseen(overlooks(every, clear=0.9, seasons=40), runs=(3, 10)) for every in (8, 1))
    assert all(many.caught[run] >= few.caught[run] for run in (3, 10))
    assert many.caught[10] > few.caught[10] + 0.3
    shortest, longest = many.shortest_caught(0.8), few.shortest_caught(0.8)
    assert shortest is not None
    assert shortest <= 10
    assert longest is None or longest > shortest


def test_longer_runs_are_caught_more_often() -> None:
    found = foreseen(overlooks())
    caught = [found.caught[run] for run in RUNS]
    assert all(later >= earlier - 0.1 for earlier, later in pairwise(caught))  # chance
    assert caught[-1] > 0.95
    assert caught[0] < caught[-1] - 0.3


def test_an_obedient_unit_is_cleared_by_good_looks_and_hardly_ever_accused() -> None:
    found = foreseen(overlooks(every=1, clear=0.8), runs=(31,))
    assert found.cleared > 0.8  # a false hit or a week of cloud leaves the others open
    assert found.accused <= 0.03
    assert found.missed[31] == 0.0


@pytest.mark.parametrize("every", [1, 2, 4])
def test_false_alarms_are_a_few_in_a_hundred_however_many_looks_there_are(every: int) -> None:
    assert foreseen(overlooks(every=every, clear=0.8, seasons=100), runs=()).accused <= 0.03


def test_a_sensor_that_hardly_sees_clears_nobody() -> None:
    found = foreseen(overlooks(every=1, clear=1.0, p_detect=0.012, p_false=0.01, seasons=20))
    assert found.cleared == 0.0
    assert found.missed == dict.fromkeys(RUNS, 0.0)


def test_a_season_under_cloud_decides_nothing() -> None:
    found = foreseen(overlooks(clear=0.0, seasons=10))
    assert (found.cleared, found.accused, found.clear_looks) == (0.0, 0.0, {"sentinel-2-l1c": 0.0})
    assert set(found.caught.values()) == {0.0}
    assert found.shortest_caught(0.8) is None


def test_a_second_sensor_adds_its_looks() -> None:
    one = overlooks(every=4)
    night = Overlooks(sensor="viirs", day=one.day, is_clear=one.is_clear, p_detect=0.9, p_false=0.005)
    alone, both = foreseen(one, runs=(10,)), foreseen(one, night, runs=(10,))
    assert both.clear_looks.keys() == {"sentinel-2-l1c", "viirs"}
    assert both.clear_looks["viirs"] == pytest.approx(float(one.is_clear.sum(axis=1).mean()))
    assert both.caught[10] > alone.caught[10]


def test_the_same_seed_gives_the_same_foresight() -> None:
    looks = overlooks(seasons=12)
    assert foreseen(looks, runs=(7,), seed=3) == foreseen(looks, runs=(7,), seed=3)
    assert foreseen(looks, runs=(7,), seed=3) != foreseen(looks, runs=(7,), seed=4)


def test_the_shortest_run_caught_is_one_from_which_all_longer_ones_are() -> None:
    caught = {3: 0.9, 7: 0.5, 14: 0.85, 31: 0.99}
    found = Foresight(clear_looks={}, cleared=1.0, accused=0.0, caught=caught, missed=dict.fromkeys(caught, 0.0))
    assert found.shortest_caught(0.8) == 14
    assert found.shortest_caught(0.5) == 3
    assert found.shortest_caught(1.0) is None


def test_a_unit_that_no_sensor_sees_is_never_caught_and_never_cleared() -> None:
    found = blind(RUNS)
    assert (found.cleared, found.accused, found.shortest_caught(0.01)) == (0.0, 0.0, None)
    assert tuple(found.caught) == RUNS


@pytest.mark.parametrize(("p_detect", "p_false"), [(0.01, 0.01), (0.005, 0.01), (1.0, 0.01), (0.5, 0.0)])
def test_chances_that_make_no_sense_are_refused(p_detect: float, p_false: float) -> None:
    with pytest.raises(InputError, match="make no sense"):
        overlooks(p_detect=p_detect, p_false=p_false)


def test_sensors_with_different_seasons_and_no_sensors_are_refused() -> None:
    with pytest.raises(InputError, match="same number"):
        foreseen(overlooks(seasons=8), overlooks(seasons=7))
    with pytest.raises(InputError, match="same number"):
        foreseen()


@pytest.mark.parametrize("run", [0, DAYS + 1])
def test_a_run_that_does_not_fit_into_the_window_is_refused(run: int) -> None:
    with pytest.raises(InputError, match=f"runs of 1 to {DAYS} days"):
        foreseen(overlooks(), runs=(run,))


def images(look: Overlooks, *, has_history: bool) -> Overlooks:
    return replace(look, is_image=True, has_history=has_history)


def test_images_of_a_unit_that_was_never_seen_hot_clear_nobody() -> None:
    look = overlooks(every=2, clear=0.9, seasons=25)
    assert foreseen(images(look, has_history=False), runs=()).cleared == 0
    assert foreseen(images(look, has_history=True), runs=()).cleared > 0.5


def test_many_images_of_one_place_do_not_convict_more_than_foreign_heat_allows() -> None:
    look = overlooks(every=1, clear=0.9, seasons=25)
    free, doubted = foreseen(look, runs=(DAYS,)), foreseen(images(look, has_history=True), runs=(DAYS,))
    assert free.caught[DAYS] == 1
    assert doubted.caught[DAYS] <= free.caught[DAYS]
    assert doubted.accused == 0
