"""A limit that is not passed."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError, QuotaExceeded
from satverify.sources.web.budget import Budget, Spent


def test_it_stops_before_the_limit_is_passed() -> None:
    budget = Budget(processing_units=1.0)
    for _ in range(10):
        with budget.reserve(0.1) as reservation:
            reservation.spend(0.1)
    with pytest.raises(QuotaExceeded, match=r"budget of 1 processing units .* 1 are spent, 0 under way"):
        budget.reserve(0.001)
    assert budget.spent.units == pytest.approx(1.0)
    assert budget.spent.requests == 10


def test_a_limit_is_named_by_where_it_is_set() -> None:
    with pytest.raises(QuotaExceeded, match=r"\[\[sources\]\] budget or --max-units\)"):
        Budget(processing_units=1).reserve(2)
    with pytest.raises(QuotaExceeded, match=r"\[\[sources\]\] budget or --max-requests\)"):
        Budget(requests=0).reserve(0)


def test_what_is_under_way_counts() -> None:
    budget = Budget(processing_units=10)
    with budget.reserve(6):
        with pytest.raises(QuotaExceeded):
            budget.reserve(6)
        budget.reserve(4)


def test_what_was_not_spent_comes_back() -> None:
    budget = Budget(processing_units=10, requests=2)
    with budget.reserve(8):
        pass
    with budget.reserve(8) as reservation:
        reservation.spend(1.5)
    assert budget.spent == Spent(units=1.5, requests=1)
    budget.reserve(8.5)


def test_what_cost_more_than_thought_counts_in_full() -> None:
    budget = Budget(processing_units=10)
    with budget.reserve(1) as reservation:
        reservation.spend(9.5)
    with pytest.raises(QuotaExceeded):
        budget.reserve(1)


def test_requests_are_limited_too_and_what_was_spent_before_counts() -> None:
    budget = Budget(requests=3, spent=Spent(units=5, requests=2))
    budget.reserve(100)
    with pytest.raises(QuotaExceeded, match="budget of 3 requests"):
        budget.reserve(0)


def test_an_interruption_gives_back_what_was_set_aside() -> None:
    budget = Budget(processing_units=1)
    with pytest.raises(KeyboardInterrupt), budget.reserve(1):
        raise KeyboardInterrupt
    budget.reserve(1)


def test_a_closed_budget_says_why_and_keeps_the_first_reason() -> None:
    budget = Budget()
    budget.require_open()
    budget.close("the quota is used up")
    budget.close("another")
    for attempt in (budget.require_open, lambda: budget.reserve(0)):
        with pytest.raises(QuotaExceeded, match="the quota is used up"):
            attempt()


@given(costs=st.lists(st.floats(0, 3), max_size=50), limit=st.floats(0, 20))
def test_no_order_of_costs_passes_the_limit(costs: list[float], limit: float) -> None:
    budget = Budget(processing_units=limit)
    for cost in costs:
        try:
            with budget.reserve(cost) as reservation:
                reservation.spend(cost)
        except QuotaExceeded:
            assert budget.spent.units + cost > limit
    assert budget.spent.units <= limit + 1e-8


def test_threads_together_do_not_pass_the_limit() -> None:
    budget, stopped = Budget(processing_units=100, requests=90), []

    def run() -> None:
        try:
            while True:
                with budget.reserve(1) as reservation:
                    reservation.spend(1)
        except QuotaExceeded:
            stopped.append(True)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.spent == Spent(units=90, requests=90)
    assert len(stopped) == 8


@pytest.mark.parametrize("value", [-1, math.nan])
def test_nonsense_is_refused(value: float) -> None:
    with pytest.raises(InputError):
        Budget(processing_units=value)
    with pytest.raises(InputError):
        Budget(requests=value)
    with pytest.raises(InputError):
        Budget().reserve(value)
    with pytest.raises(InputError):
        Budget().reserve(math.inf)
