"""Waits between attempts."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.sources.web.retries import Fault, FaultKind, Patience, Retries, wait_asked
from tests.sources.web.scripted import Stopwatch

DATE = "Wed, 05 Jan 2022 10:00:00 GMT"


def patience(retries: Retries, watch: Stopwatch, seed: int = 1) -> Patience:
    return Patience(retries, clock=watch.clock, rng=random.Random(seed))


def fault(kind: FaultKind = FaultKind.UNAVAILABLE, asked_wait: float | None = None) -> Fault:
    return Fault(kind=kind, sentence="", asked_wait=asked_wait)


def waits(retries: Retries, kind: FaultKind, seed: int = 1) -> list[float]:
    watch = Stopwatch()
    bearing = patience(retries, watch, seed)
    while (wait := bearing.wait_after(fault(kind))) is not None:
        watch.pause(wait)
    return watch.pauses


def test_waits_grow_with_jitter_up_to_the_longest() -> None:
    found = waits(Retries(attempts=9, first_wait=1, factor=2, longest_wait=10), FaultKind.UNAVAILABLE)
    assert len(found) == 8
    for number, wait in enumerate(found):
        assert min(2**number * 0.5, 10) <= wait <= min(2**number, 10)
    assert found != waits(Retries(attempts=9, longest_wait=10), FaultKind.UNAVAILABLE, seed=2)


def test_the_same_seed_waits_the_same() -> None:
    assert waits(Retries(), FaultKind.RATE) == waits(Retries(), FaultKind.RATE)


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.RATE, FaultKind.CONTENT])
def test_each_kind_has_its_own_number_of_attempts(kind: FaultKind) -> None:
    retries = Retries(attempts=2, rate_attempts=4, content_attempts=3, total=1e9)
    assert len(waits(retries, kind)) == {"unavailable": 1, "rate": 3, "content": 2}[kind] == retries.most(kind) - 1


def test_kinds_are_counted_apart() -> None:
    bearing = patience(Retries(attempts=3, content_attempts=2), Stopwatch())
    assert bearing.wait_after(fault()) is not None
    assert bearing.wait_after(fault(FaultKind.CONTENT)) is not None
    assert bearing.wait_after(fault()) is not None
    assert bearing.wait_after(fault(FaultKind.CONTENT)) is None


def test_the_whole_is_bounded_in_time() -> None:
    watch = Stopwatch()
    bearing = patience(Retries(rate_attempts=1000, longest_wait=60, total=300), watch)
    while (wait := bearing.wait_after(fault(FaultKind.RATE, asked_wait=60))) is not None:
        watch.pause(wait)
    assert sum(watch.pauses) == 300


def test_a_wait_that_is_asked_for_is_kept_to_and_grows_when_it_does_not_do() -> None:
    bearing = patience(Retries(first_wait=1, factor=2), Stopwatch())
    assert bearing.wait_after(fault(FaultKind.RATE, asked_wait=0.005)) == 0.005
    second = bearing.wait_after(fault(FaultKind.RATE, asked_wait=0.005))
    assert second is not None
    assert 1 <= second <= 2
    assert bearing.wait_after(fault(FaultKind.RATE, asked_wait=33.0)) == 33.0


def test_an_absurd_wait_is_capped() -> None:
    bearing = patience(Retries(longest_wait=60), Stopwatch())
    assert bearing.wait_after(fault(FaultKind.RATE, asked_wait=math.inf)) == 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3398", 3.398),
        (" 55408 ", 55.408),
        ("0", 0.0),
        ("5.5", 5.5),
        ("Wed, 05 Jan 2022 10:00:07 GMT", 7.0),
        ("Wed, 05 Jan 2022 09:59:00 GMT", 0.0),
        ("05 Jan 2022 10:00:03", 3.0),
        ("9" * 400, math.inf),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e999", None),
        ("Wed, 99 Foo 2022 10:00:07 GMT", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(text: str, seconds: float | None) -> None:
    found = wait_asked({"retry-after": text, "date": DATE}, tick=1e-3)
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_an_absent_header_or_date_asks_for_nothing() -> None:
    assert wait_asked({}, tick=1e-3) is None
    assert wait_asked({"retry-after": DATE}, tick=1e-3) is None


def test_a_whole_number_counts_seconds_where_the_service_does() -> None:
    assert wait_asked({"retry-after": "30"}, tick=1.0) == 30


@given(text=st.text(max_size=60), date=st.text(max_size=60))
def test_no_header_breaks_the_reading(text: str, date: str) -> None:
    found = wait_asked({"retry-after": text, "date": date}, tick=1e-3)
    assert found is None or found >= 0
