"""Limits: several at once, refilled steadily, and a month that ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.emulator import COPERNICUS_GENERAL_USER, Emulator, Limits
from satverify.emulator.limits import Bucket, Meter
from satverify.errors import InputError
from tests.emulator.standin import Client, FakeEngine, FakeReply, ListProvider, Time


@given(steps=st.lists(st.floats(0, 30), min_size=1, max_size=40), per_minute=st.integers(1, 50))
def test_no_minute_holds_more_than_a_full_bucket_and_its_refill(steps: list[float], per_minute: int) -> None:
    time = Time()
    bucket, taken = Bucket(per_minute, time), []
    for step in steps:
        time.seconds += step
        while bucket.take(1) is None:
            taken.append(time.seconds)
    for first in taken:
        assert sum(first <= moment < first + 60 for moment in taken) <= 2 * per_minute + 1


@given(spent=st.floats(0.1, 200))
def test_the_wait_that_is_told_is_enough_and_no_longer_than_needed(spent: float) -> None:
    time = Time()
    bucket = Bucket(30, time)
    bucket.charge(spent)
    wait = bucket.take(10)
    if wait is None:
        assert spent <= 20
        return
    time.seconds += (wait - 2) / 1000
    assert bucket.take(10) is not None
    time.seconds += 2 / 1000
    assert bucket.take(10) is None


def test_what_is_not_used_does_not_pile_up() -> None:
    time = Time()
    bucket = Bucket(5, time)
    time.seconds += 3600
    assert [bucket.take(1) is None for _ in range(6)] == [True] * 5 + [False]


def test_requests_are_refused_by_the_minute_with_a_wait_in_milliseconds(engine: FakeEngine, time: Time) -> None:
    limits = Limits(requests_per_minute=2)
    with Emulator(ListProvider(), engine=engine, limits=limits, clock=time) as emulator, Client(emulator) as client:
        assert [client.process(n).status_code for n in range(3)] == [200, 200, 429]
        refused = client.process()
        assert refused.json() == {
            "status": 429,
            "reason": "Too Many Requests",
            "message": "You have exceeded your rate limit",
            "code": "RATE_LIMIT_EXCEEDED",
        }
        assert int(refused.headers["Retry-After"]) == 30_000
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert json.loads(refused.headers["X-RateLimit-ViolatedPolicy"])["samplingPeriod"] == "PT1M"
        assert "x-processingunits-spent" not in refused.headers
        time.seconds += 30
        assert client.process().status_code == 200


def test_units_are_limited_too_and_a_dear_request_passes_once(engine: FakeEngine, time: Time) -> None:
    engine.reply = FakeReply(content=b"x", processing_units=25.0)
    limits = Limits(units_per_minute=10)
    with Emulator(ListProvider(), engine=engine, limits=limits, clock=time) as emulator, Client(emulator) as client:
        assert client.process().headers["x-processingunits-spent"] == "25.0"
        refused = client.search()
        assert refused.status_code == 429
        wait = int(refused.headers["Retry-After"])
        assert wait == pytest.approx(90_000, abs=2)  # 15 units below zero at 10 a minute
        time.seconds += wait / 1000
        assert client.search().status_code == 200


@pytest.mark.parametrize("limits", [Limits(requests_per_month=2), Limits(units_per_month=0.5)])
def test_a_spent_month_is_a_403_until_the_next_one(engine: FakeEngine, time: Time, limits: Limits) -> None:
    time.seconds = datetime(2022, 1, 31, 23, 59, tzinfo=UTC).timestamp()
    with Emulator(ListProvider(), engine=engine, limits=limits, clock=time) as emulator, Client(emulator) as client:
        assert [client.process(n).status_code for n in range(3)] == [200, 200, 403]
        refused = client.process()
        assert refused.json()["error"] == {
            "status": 403,
            "reason": "Forbidden",
            "message": "Insufficient processing units or requests available in your account.",
            "code": "ACCESS_INSUFFICIENT_PROCESSING_UNITS",
        }
        assert client.token().status_code == 200
        time.seconds += 61
        assert client.process().status_code == 200


def test_what_fails_costs_nothing(engine: FakeEngine, time: Time) -> None:
    engine.reply = FakeReply(status=400, content_type="application/json", content=b"{}", processing_units=3.0)
    limits = Limits(units_per_month=1)
    with Emulator(ListProvider(), engine=engine, limits=limits, clock=time) as emulator, Client(emulator) as client:
        assert [client.process(n).status_code for n in range(3)] == [400, 400, 400]
        assert "x-processingunits-spent" not in client.process().headers
        assert not any(entry.is_paid for entry in emulator.log.entries())


def test_without_limits_nothing_is_refused() -> None:
    meter = Meter(Limits(), Time())
    for _ in range(1000):
        assert meter.refusal() is None
        meter.charge(100)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="units_per_minute is 0"):
        Limits(units_per_minute=0)
    with pytest.raises(InputError, match="at least 1"):
        Limits(requests_per_minute=0.5)
    assert COPERNICUS_GENERAL_USER.requests_per_minute == 300
