"""What an account may spend: requests and processing units, by the minute and by the month.

All limits hold at once. What a minute leaves unused is not carried over: a bucket holds one minute's worth and fills
steadily. The price of a request is known once it is computed, so a bucket of processing units may go below zero by one
request of each thread, and later ones wait until it is paid off; thus a request dearer than a minute's worth passes
too. Every request counts by the minute, and by the month those that were answered with 2xx.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from satverify.emulator.messages import Answer, quota_spent, rate_limited
from satverify.errors import InputError

MINUTE = 60.0  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Allowance of an account; none: without limit."""

    requests_per_minute: float | None = None
    units_per_minute: float | None = None
    """Processing units."""
    requests_per_month: float | None = None
    """By calendar months, UTC."""
    units_per_month: float | None = None
    """Processing units, by calendar months, UTC."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not value > 0:
                raise InputError(f"{field.name} is {value}: expected more than 0, or none for no limit")
        if self.requests_per_minute is not None and self.requests_per_minute < 1:
            raise InputError(f"requests_per_minute is {self.requests_per_minute}: expected at least 1")


COPERNICUS_GENERAL_USER = Limits(
    requests_per_minute=300, units_per_minute=300, requests_per_month=10_000, units_per_month=10_000
)
"""What a free account of the Copernicus Data Space has (documentation of its quotas and limits, 2026)."""


class Bucket:
    """A token bucket of one minute's worth. Safe to use from several threads."""

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        self._capacity = per_minute
        self._rate = per_minute / MINUTE
        self._clock = clock
        self._level = per_minute
        self._filled = clock()
        self._lock = threading.Lock()

    def take(self, amount: float) -> int | None:
        """Take an amount, or say how long to wait until it is there. [ms]"""
        with self._lock:
            self._fill()
            if self._level >= amount:
                self._level -= amount
                return None
            return self._wait(amount)

    def debt_wait(self) -> int | None:
        """How long until there is anything in it, or none where there is. [ms]"""
        with self._lock:
            self._fill()
            return None if self._level > 0 else self._wait(self._rate / 1000)

    def charge(self, amount: float) -> None:
        """Take an amount that was spent, whether or not it is there."""
        with self._lock:
            self._fill()
            self._level -= amount

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._capacity, self._level + max(0.0, now - self._filled) * self._rate)
        self._filled = now

    def _wait(self, amount: float) -> int:
        return max(1, math.ceil(round((amount - self._level) / self._rate * 1000, 6)))


class Meter:
    """Counts what is spent and refuses what is too much. Safe to use from several threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._requests = None if limits.requests_per_minute is None else Bucket(limits.requests_per_minute, clock)
        self._units = None if limits.units_per_minute is None else Bucket(limits.units_per_minute, clock)
        self._month = ""
        self._month_requests = 0
        self._month_units = 0.0
        self._lock = threading.Lock()

    def refusal(self) -> Answer | None:
        """Let one request in, or the answer that refuses it."""
        if self._is_month_spent():
            return quota_spent()
        wait = None if self._units is None else self._units.debt_wait()
        if wait is not None:
            return rate_limited(str(wait), _policy(self._limits.units_per_minute, "PROCESSING_UNITS"))
        wait = None if self._requests is None else self._requests.take(1)
        if wait is not None:
            return rate_limited(str(wait), _policy(self._limits.requests_per_minute, "REQUESTS"))
        return None

    def charge(self, units: float) -> None:
        """Book one request that was answered with 2xx, and its price."""
        if self._units is not None:
            self._units.charge(units)
        with self._lock:
            self._turn_month()
            self._month_requests += 1
            self._month_units += units

    def _is_month_spent(self) -> bool:
        with self._lock:
            self._turn_month()
            requests, units = self._limits.requests_per_month, self._limits.units_per_month
            return (requests is not None and self._month_requests >= requests) or (
                units is not None and self._month_units >= units
            )

    def _turn_month(self) -> None:
        month = f"{datetime.fromtimestamp(self._clock(), UTC):%Y-%m}"
        if month != self._month:
            self._month, self._month_requests, self._month_units = month, 0, 0.0


def _policy(limit: float | None, of: str) -> dict[str, object]:
    return {"samplingPeriod": "PT1M", "limit": limit, "type": of}
