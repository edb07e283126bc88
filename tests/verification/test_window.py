"""The looks inside one window."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.verification.window import MISSED, count_looks, longest_unseen_run, outage_days, window_of
from tests.verification.looks import FIRST, LOGLIK, looks_of


def brute_force(hidden: list[float], hot: list[bool]) -> int:
    """Every run of days without heat, held against the chance to have missed it."""
    longest, days = 0, len(hidden)
    for first in range(days):
        for stop in range(first + 1, days + 1):
            if not any(hot[first:stop]) and sum(hidden[first:stop]) >= np.log(MISSED):
                longest = max(longest, stop - first)
    return longest


@given(sorts=st.lists(st.sampled_from(["hot", "cold", "none"]), min_size=1, max_size=25))
def test_the_longest_unseen_run_is_that_of_all_runs(sorts: list[str]) -> None:
    window = window_of(looks_of(sorts), FIRST, FIRST + timedelta(days=len(sorts)))
    hidden = [LOGLIK[sort][0] if sort == "cold" else 0.0 for sort in sorts]
    assert longest_unseen_run(window) == brute_force(hidden, [sort == "hot" for sort in sorts])


def test_a_single_look_sure_to_have_seen_it_leaves_no_run_over_its_day() -> None:
    looks = looks_of(["none"] * 3 + ["cold"] + ["none"] * 5)
    looks.loc[3, "loglik_running"] = -8.0
    assert longest_unseen_run(window_of(looks, FIRST, FIRST + timedelta(days=9))) == 5


def test_a_window_nobody_looked_into_hides_all_of_itself() -> None:
    window = window_of(looks_of([]), FIRST, FIRST + timedelta(days=12))
    assert longest_unseen_run(window) == 12
    assert count_looks(window).clear == 0


def test_windows_are_half_open_on_local_days() -> None:
    window = window_of(looks_of(["hot", "cold", "none", "cold", "hot"]), date(2021, 1, 2), date(2021, 1, 5))
    counted = count_looks(window)
    assert (counted.clear, counted.hot, counted.cold, counted.unusable) == (2, 0, 2, 1)
    assert counted.by_sensor == (("viirs", 2),)


def test_days_sum_the_usable_looks_of_one_sensor_or_of_all() -> None:
    both = pd.concat([looks_of(["cold", "hot"]), looks_of(["cold", "none"], sensor="modis")], ignore_index=True)
    both.loc[3, "loglik_running"] = -99.0  # an unusable look has no vote, whatever stands there
    window = window_of(both, FIRST, FIRST + timedelta(days=2))
    np.testing.assert_allclose(window.loglik()[0], 2 * np.array(LOGLIK["cold"]))
    np.testing.assert_allclose(window.loglik()[1], LOGLIK["hot"])
    np.testing.assert_allclose(window.loglik("modis")[1], 0.0)


def test_outages_are_counted_in_days() -> None:
    both = pd.concat([looks_of(["cold"] * 4), looks_of(["none"] * 4, satellite="N20")], ignore_index=True)
    both.loc[[5, 6], "quality"] = "outage"
    assert outage_days(window_of(both, FIRST, FIRST + timedelta(days=4))) == 2


@pytest.mark.parametrize("days", [1, 2])
def test_a_window_of_a_day_or_two_has_runs_too(days: int) -> None:
    assert longest_unseen_run(window_of(looks_of(["cold"] * days), FIRST, FIRST + timedelta(days=days))) <= days
