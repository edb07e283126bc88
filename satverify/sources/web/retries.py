"""How often and after what wait a request is sent again."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

MOST_DIGITS = 15
"""Of a number of milliseconds that is believed: more would be longer than recorded history."""


class FaultKind(StrEnum):
    """What is wrong with an answer, or with there being none."""

    UNAVAILABLE = "unavailable"
    """The service or the way to it is out of order; later it may do."""
    SLOW = "slow"
    """No answer in time: the service may be busy, or the request too much for it."""
    RATE = "rate"
    """Too much was asked in too short a time."""
    CONTENT = "content"
    """It claims success, and is not what was asked for."""
    UNAUTHORIZED = "unauthorized"
    """The token is not accepted, or not any more."""
    CREDENTIALS = "credentials"
    """Who asks is not known, or may not."""
    QUOTA = "quota"
    """The account's allowance is spent."""
    REFUSED = "refused"
    """This one thing cannot be had, now or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One exchange that did not bring what was asked for."""

    kind: FaultKind
    sentence: str
    """What the service said or what happened, without secrets."""
    status: int = 0
    """Of the answer; 0 where none came."""
    asked_wait: float | None = None
    """How long the service asks to wait. [s]"""
    may_be_request: bool = False
    """Whether something behind this one request may be at fault, such as a broken product, and others may succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Patience with one request. Attempts count the first one."""

    attempts: int = 7
    """Where the service or the network is out of order."""
    slow_attempts: int = 3
    """Where no answer comes in time: each takes minutes, and a smaller request may do."""
    rate_attempts: int = 15
    """Where the service asks to slow down."""
    content_attempts: int = 3
    """Where the answer is not what was asked for: each may be charged."""
    first_wait: float = 1.0
    """Before the second attempt, at most. [s]"""
    factor: float = 2.0
    """By which the wait grows."""
    longest_wait: float = 60.0
    """Whatever the service asks. [s]"""
    total: float = 900.0
    """From the first attempt to the start of the last. [s]"""

    def most(self, kind: FaultKind) -> int:
        """Attempts that may end in a kind of fault."""
        most = {
            FaultKind.SLOW: self.slow_attempts,
            FaultKind.RATE: self.rate_attempts,
            FaultKind.CONTENT: self.content_attempts,
        }
        return most.get(kind, self.attempts)


RETRIES = Retries()


class Patience:
    """What is left of the retries of one request; for one thread."""

    def __init__(self, retries: Retries, *, clock: Callable[[], float], rng: random.Random) -> None:
        self._retries, self._clock, self._rng = retries, clock, rng
        self._stop = clock() + retries.total
        self._faults: Counter[FaultKind] = Counter()

    def wait_after(self, fault: Fault) -> float | None:
        """How long to wait before the next attempt, or none where there is to be no other. [s]

        The wait grows with every fault of a kind and is drawn from its upper half, so that many who failed together do
        not come back together. A service that asks for a wait gets it, and more where that did not do.
        """
        self._faults[fault.kind] += 1
        times = self._faults[fault.kind]
        if times >= self._retries.most(fault.kind):
            return None
        wait = self._grown(times)
        if fault.asked_wait is not None:
            wait = max(fault.asked_wait, wait if times > 1 else 0.0)
        wait = min(wait, self._retries.longest_wait)
        return wait if self._clock() + wait <= self._stop else None

    def _grown(self, times: int) -> float:
        power = min(times - 1, 64)  # beyond that the longest wait holds anyhow, and powers overflow
        return self._retries.first_wait * self._retries.factor**power * self._rng.uniform(0.5, 1.0)


def wait_asked(headers: Mapping[str, str], *, tick: float) -> float | None:
    """The wait that ``Retry-After`` asks for.

    Parameters
    ----------
    headers
        Of the answer, by names in lower case.
    tick
        What a whole number counts: seconds by RFC 9110, milliseconds with Sentinel Hub. [s]

    Returns
    -------
    Seconds, at least 0; infinity where the number is absurdly large; none where the header is absent or makes no sense.
    A number with a fraction is taken for seconds, as no one counts parts of milliseconds. A date is taken against the
    answer's own date, whose clock is the same.
    """
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return int(text) * tick if len(text) <= MOST_DIGITS else math.inf
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, headers.get("date", ""))
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(then: str, now: str) -> float | None:
    moments = [_moment(then), _moment(now)]
    if moments[0] is None or moments[1] is None:
        return None
    return max((moments[0] - moments[1]).total_seconds(), 0.0)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
