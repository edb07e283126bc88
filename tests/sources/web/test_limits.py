"""Token buckets for a whole run."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError, QuotaExceeded
from satverify.sources.web.limits import Limiter, Limits
from tests.sources.web.scripted import Stopwatch

FREE = math.inf


def times(costs: Sequence[float], limits: Limits) -> list[float]:
    watch = Stopwatch()
    limiter, start, found = Limiter(limits, pause=watch.pause, clock=watch.clock), watch.now, []
    for cost in costs:
        limiter.acquire(cost)
        found.append(watch.now - start)
    return found


def test_a_minute_s_worth_goes_at_once_and_the_rest_evenly() -> None:
    found = times([0] * 90, Limits(requests_per_minute=60, units_per_minute=FREE))
    assert found[:60] == [0] * 60
    assert found[60:] == pytest.approx(range(1, 31))


def test_units_are_limited_beside_requests() -> None:
    found = times([30] * 4, Limits(requests_per_minute=1000, units_per_minute=60))
    assert found == pytest.approx([0, 0, 30, 60])


def test_a_request_that_costs_more_than_fits_goes_and_leaves_a_debt() -> None:
    found = times([150, 10, 150], Limits(requests_per_minute=FREE, units_per_minute=60))
    assert found == pytest.approx([0, 100, 160])  # from -90 to 10; then from 0 to 60


def test_unused_allowance_does_not_pile_up() -> None:
    watch = Stopwatch()
    limiter = Limiter(Limits(requests_per_minute=60, units_per_minute=FREE), pause=watch.pause, clock=watch.clock)
    watch.pause(3600)
    start = watch.now
    for _ in range(61):
        limiter.acquire(0)
    assert watch.now - start == pytest.approx(1)


@given(
    costs=st.lists(st.floats(0, 200), min_size=1, max_size=60),
    requests=st.floats(1, 100),
    units=st.floats(1, 100),
)
def test_no_minute_brings_more_than_a_full_bucket_and_its_refill(
    costs: list[float], requests: float, units: float
) -> None:
    found = times(costs, Limits(requests_per_minute=requests, units_per_minute=units))
    for first, start in enumerate(found):
        inside = [cost for time, cost in zip(found[first:], costs[first:], strict=True) if time < start + 60]
        assert len(inside) <= max(requests, 1) + requests + 1e-6
        # The last one may be let go into debt once the bucket is full.
        assert sum(inside[:-1]) <= 2 * units + max(costs) + 1e-6


def test_a_hold_stops_everyone_and_then_lets_them_go_slowly() -> None:
    watch = Stopwatch()
    limiter = Limiter(Limits(requests_per_minute=60, units_per_minute=FREE), pause=watch.pause, clock=watch.clock)
    limiter.hold(7)
    limiter.hold(3)
    start, found = watch.now, []
    for _ in range(3):
        limiter.acquire(0)
        found.append(watch.now - start)
    assert found == pytest.approx([8, 9, 10])


def test_a_hold_holds_without_any_limit_too() -> None:
    watch = Stopwatch()
    unlimited = Limits(requests_per_minute=FREE, units_per_minute=FREE)
    limiter = Limiter(unlimited, pause=watch.pause, clock=watch.clock)
    limiter.hold(7)
    limiter.acquire(1000)
    assert watch.pauses == [7]


def test_a_cost_that_was_higher_than_said_is_made_up_for() -> None:
    watch = Stopwatch()
    limiter = Limiter(Limits(requests_per_minute=FREE, units_per_minute=60), pause=watch.pause, clock=watch.clock)
    limiter.acquire(10)
    limiter.settle(50)
    limiter.acquire(5)
    assert watch.pauses == pytest.approx([5])
    limiter.settle(-1000)  # given back, though never above what fits
    for _ in range(2):
        limiter.acquire(60)
    assert sum(watch.pauses) == pytest.approx(65)


def test_threads_go_in_the_order_in_which_they_came() -> None:
    gate, watch, order = threading.Event(), Stopwatch(), []

    def pause(seconds: float) -> None:
        gate.wait(10)
        watch.pause(seconds)

    limiter = Limiter(Limits(requests_per_minute=1, units_per_minute=FREE), pause=pause, clock=watch.clock)
    limiter.acquire(0)

    def run(number: int) -> None:
        limiter.acquire(0)
        order.append(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=run, args=(number,)))
        threads[-1].start()
        while len(limiter._queue) <= number:  # until it stands in line
            pass
    gate.set()
    for thread in threads:
        thread.join()
    assert order == list(range(6))


def test_many_threads_together_are_no_faster_than_one() -> None:
    watch = Stopwatch()
    limiter = Limiter(Limits(requests_per_minute=60, units_per_minute=60), pause=watch.pause, clock=watch.clock)
    start = watch.now

    def run() -> None:
        for _ in range(10):
            limiter.acquire(2)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watch.now - start == pytest.approx(80 * 2 - 60)


def test_whoever_waits_leaves_the_line_when_the_run_stops() -> None:
    watch = Stopwatch()
    limiter = Limiter(Limits(requests_per_minute=1, units_per_minute=FREE), pause=watch.pause, clock=watch.clock)
    limiter.acquire(0)

    def stop() -> None:
        if watch.pauses:
            raise QuotaExceeded("spent")

    with pytest.raises(QuotaExceeded):
        limiter.acquire(0, check=stop)
    limiter.acquire(0)  # the line is free again


@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_a_limit_of_nothing_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="limit"):
        Limits(requests_per_minute=value)
    with pytest.raises(InputError, match="limit"):
        Limits(units_per_minute=value)
