"""Credit of looks under a sky and foreign heat that last, against all their paths counted one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from satverify.inference.durations import FloatArray
from satverify.inference.sky_chain import Emission, Persistence, Slots, blend, credit, open_sky_credit, slots

HALF_DAYS = np.array([0.0, 0.5, 1.0, 1.5, 3.0])


def random_case(seed: int, looks: int = 6) -> tuple[FloatArray, np.ndarray, Emission, Slots, Persistence]:
    rng = np.random.default_rng(seed)
    number = np.sort(rng.integers(0, len(HALF_DAYS), looks))
    number = np.unique(number, return_inverse=True)[1].astype(np.intp)
    day = HALF_DAYS[: number.max() + 1]
    where = Slots(number=number, gap=np.diff(day, prepend=day[:1]), day=day, p_open=rng.uniform(0.1, 0.9, len(day)))
    counts = rng.integers(0, 3, looks).astype(np.float64)
    usable = rng.random(looks) < 0.8
    seen = Emission(**{name: np.log(rng.uniform(0.05, 0.9, looks)) for name in ("running", "reduced", "clean", "warm")})
    last = Persistence(sky=0.4, warm=0.7, p_warm=rng.uniform(0.05, 0.5, len(day)))
    return counts, usable, seen, where, last


def all_paths(
    counts: FloatArray, usable: np.ndarray, lit: dict[int, FloatArray], where: Slots, last: Persistence
) -> float:
    """Probability of all looks, summed over every path of sky (open or not) and foreign heat (there or not).

    ``lit`` holds the probability of each count under an open sky, without (0) and with (1) foreign heat.
    """
    number, total = len(where.gap), 0.0
    for sky in itertools.product((0, 1), repeat=number):
        for warm in itertools.product((0, 1), repeat=number):
            weight = 1.0
            for slot in range(number):
                p_open, p_warm = where.p_open[slot], last.p_warm[slot]
                fresh = (p_open if sky[slot] else 1 - p_open, p_warm if warm[slot] else 1 - p_warm)
                if slot == 0:
                    weight *= fresh[0] * fresh[1]
                    continue
                for path, new, lasts in ((sky, fresh[0], last.sky), (warm, fresh[1], last.warm)):
                    hold = lasts ** where.gap[slot]
                    weight *= hold * (path[slot] == path[slot - 1]) + (1 - hold) * new
            for look in np.flatnonzero(usable):
                slot = where.number[look]
                weight *= lit[warm[slot]][look] if sky[slot] else float(counts[look] == 0)
            total += weight
    return total


@pytest.mark.parametrize("seed", range(12))
def test_the_credits_add_up_to_the_probability_of_all_looks(seed: int) -> None:
    counts, usable, seen, where, last = random_case(seed)
    gained, _ = credit(counts, usable, seen, where, last)
    run, less = np.exp(seen.running), np.exp(seen.reduced)
    expected = [
        all_paths(counts, usable, {0: run, 1: run}, where, last),
        all_paths(counts, usable, {0: less, 1: less}, where, last),
        all_paths(counts, usable, {0: np.exp(seen.clean), 1: np.exp(seen.warm)}, where, last),
    ]
    np.testing.assert_allclose(gained.sum(axis=0), np.log(expected), rtol=1e-10)


def test_unusable_looks_carry_exactly_nothing() -> None:
    counts, usable, seen, where, last = random_case(3, looks=12)
    gained, _ = credit(counts, usable, seen, where, last)
    assert not usable.all()
    assert np.all(gained[~usable] == 0.0)
    kept = np.flatnonzero(usable)
    names = ("running", "reduced", "clean", "warm")
    thinner = Emission(**{name: getattr(seen, name)[kept] for name in names})
    same = Slots(number=where.number[kept], gap=where.gap, day=where.day, p_open=where.p_open)
    np.testing.assert_allclose(credit(counts[kept], usable[kept], thinner, same, last)[0], gained[kept], rtol=1e-12)


def test_without_persistence_each_slot_stands_for_itself() -> None:
    rng = np.random.default_rng(4)
    day = np.arange(8.0)
    p_open, p_warm = rng.uniform(0.1, 0.9, 8), rng.uniform(0.1, 0.5, 8)
    where = Slots(number=np.arange(8), gap=np.diff(day, prepend=0.0), day=day, p_open=p_open)
    counts = rng.integers(0, 2, 8).astype(np.float64)
    seen = Emission(**{name: np.log(rng.uniform(0.1, 0.9, 8)) for name in ("running", "reduced", "clean", "warm")})
    gained, _ = credit(counts, np.ones(8, bool), seen, where, Persistence(sky=0.0, warm=0.0, p_warm=p_warm))
    shut = np.where(counts == 0, 1 - p_open, 0.0)
    halted = (1 - p_warm) * np.exp(seen.clean) + p_warm * np.exp(seen.warm)
    for column, lit in enumerate((np.exp(seen.running), np.exp(seen.reduced), halted)):
        np.testing.assert_allclose(np.exp(gained[:, column]), p_open * lit + shut, rtol=1e-12)


def test_ten_dark_looks_in_a_row_tell_less_than_ten_far_apart() -> None:
    def against_running(gap: float) -> float:
        day = gap * np.arange(10.0)
        where = Slots(number=np.arange(10), gap=np.diff(day, prepend=0.0), day=day, p_open=np.full(10, 0.5))
        dark = np.full(10, np.log(0.2))
        return float(open_sky_credit(np.zeros(10), np.ones(10, bool), dark, where, 0.6).sum())

    assert against_running(1.0) > against_running(20.0) + 1.0


def test_heat_on_a_halted_unit_is_less_news_the_day_after_heat() -> None:
    day = np.arange(5.0)
    where = Slots(number=np.arange(5), gap=np.diff(day, prepend=0.0), day=day, p_open=np.ones(5))
    lit = {"running": -0.5, "reduced": -0.7, "clean": -9.0, "warm": -0.8}
    seen = Emission(**{name: np.full(5, value) for name, value in lit.items()})
    gained, warm = credit(
        np.ones(5), np.ones(5, bool), seen, where, Persistence(sky=0.3, warm=0.6, p_warm=np.full(5, 0.01))
    )
    assert gained[1, 2] > gained[0, 2] + 2.0
    assert np.all(warm > 0.9)


def test_looks_of_one_night_share_a_sky_though_midnight_utc_splits_it() -> None:
    time = pd.to_datetime(
        ["2021-01-01 23:55", "2021-01-02 00:45", "2021-01-02 12:40", "2021-01-02 23:50", "2021-01-03 00:40"], utc=True
    )
    looks = pd.DataFrame({"time": time.as_unit("us"), "day_night": ["N", "N", "D", "N", "N"]})
    found = slots(looks, np.array([0.0, 2.0, 0.0, 0.0, 0.0]))
    assert found.number.tolist() == [0, 0, 1, 2, 2]
    assert found.p_open[0] == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert found.gap[0] == 0.0
    assert found.gap[1:] == pytest.approx([0.53, 0.465], abs=0.01)


def test_looks_of_one_date_share_a_sky_where_the_hour_is_unknown() -> None:
    time = pd.to_datetime(["2021-01-01 00:10", "2021-01-01 23:20", "2021-01-02 00:10"], utc=True).as_unit("us")
    found = slots(pd.DataFrame({"time": time, "day_night": ["", "", ""]}), np.zeros(3))
    assert found.number.tolist() == [0, 0, 1]
    assert found.gap.tolist() == [0.0, 1.0]


def test_blended_ways_add_up_to_the_mean_of_their_probabilities() -> None:
    rng = np.random.default_rng(5)
    ways = np.log(rng.uniform(0.05, 0.9, (3, 9, 3)))
    day = np.arange(9.0)
    where = Slots(number=np.arange(9), gap=np.diff(day, prepend=0.0), day=day, p_open=np.full(9, 0.5))
    gained = blend(ways, where, 1e12)
    np.testing.assert_allclose(gained.sum(axis=0), np.log(np.exp(ways.sum(axis=1)).mean(axis=0)), rtol=1e-9)


def test_a_way_that_was_wrong_long_ago_may_be_right_today() -> None:
    ways = np.zeros((2, 400, 3))
    ways[0, :200], ways[1, 200:] = -1.0, -1.0  # each way explains one half of the looks
    day = np.arange(400.0)
    where = Slots(number=np.arange(400), gap=np.diff(day, prepend=0.0), day=day, p_open=np.full(400, 0.5))
    gained = blend(ways, where, 60.0)[:, 0]
    assert gained[200:].sum() > -10.0
    assert gained[210:].min() > -0.1
