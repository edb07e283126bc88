"""Waits that end together and are told."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind
from satverify.sources.web.waits import StoppedError, Waits
from tests.sources.web.scripted import Stopwatch

BUSY = Fault(kind=FaultKind.UNAVAILABLE, sentence="HTTP 503: topsecret is busy")


def test_a_wait_of_its_own_ends_with_the_stop() -> None:
    waits, together = Waits(clock=time.monotonic, redactor=Redactor()), threading.Barrier(2, timeout=10)

    def run() -> None:
        together.wait()
        waits.pause(600)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run)
        together.wait()
        waits.stop("interrupted")
        waits.stop("another reason")
        with pytest.raises(StoppedError, match="stopped: interrupted"):
            waiting.result(10)


def test_a_wait_that_was_given_is_used_and_the_stop_is_seen_after_it() -> None:
    watch = Stopwatch()
    waits = Waits(clock=watch.clock, redactor=Redactor(), pause=watch.pause)
    waits.pause(3)
    watch.on_pause = lambda: waits.stop("interrupted")
    with pytest.raises(StoppedError):
        waits.pause(4)
    with pytest.raises(StoppedError):
        waits.pause(5)
    assert watch.pauses == [3, 4]


def test_a_stop_is_told_on_once() -> None:
    stops: list[str] = []
    waits = Waits(clock=time.monotonic, redactor=Redactor(), on_stop=lambda: stops.append("stop"))
    waits.require_going()
    waits.stop("interrupted")
    waits.stop("interrupted")
    assert stops == ["stop"]


def test_long_waits_are_told_without_secrets_and_not_often() -> None:
    watch, told = Stopwatch(), list[str]()
    waits = Waits(clock=watch.clock, redactor=Redactor("topsecret"), pause=watch.pause, on_wait=told.append)
    waits.tell(BUSY, 1, 5.0)
    assert told == []
    for attempt in (2, 3):
        waits.tell(BUSY, attempt, 8.4)
        waits.pause(9.9)
    waits.pause_for_limit(12)
    assert told == [
        "attempt 2 failed (HTTP 503: *** is busy), next in 8 s",
        "the service's limit per minute is reached, next request in 12 s",
    ]
