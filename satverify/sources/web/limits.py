"""What a service allows per minute, shared by all threads of a run."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from satverify.errors import InputError

MINUTE = 60.0  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an account may ask for per minute; infinity where there is no limit."""

    requests_per_minute: float = 300.0
    """Copernicus Data Space, quotas and limitations: 300 for a general user."""
    units_per_minute: float = 300.0
    """Processing units; Copernicus Data Space: 300 for a general user."""

    def __post_init__(self) -> None:
        for name, value in (("requests", self.requests_per_minute), ("processing units", self.units_per_minute)):
            if not value > 0:
                raise InputError(f"limit of {value} {name} per minute: expected more than none")


class _Bucket:
    """Allowance that fills evenly up to one minute's worth. What does not fit is lost; what costs more is owed."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._capacity, self._rate = per_minute, per_minute / MINUTE
        self._level, self._time = per_minute, now

    def wait_for(self, amount: float, now: float) -> float:
        """Seconds until the amount is there; for more than fits, until it is full."""
        self._fill(now)
        missing = min(amount, self._capacity) - self._level
        return missing / self._rate if missing > 1e-9 * self._capacity else 0.0

    def take(self, amount: float) -> None:
        """Take, into debt if need be; a negative amount is given back."""
        self._level = min(self._level - amount, self._capacity)

    def empty(self, until: float) -> None:
        """Begin afresh from nothing at a moment."""
        self._level, self._time = min(self._level, 0.0), max(self._time, until)

    def _fill(self, now: float) -> None:
        if now > self._time:
            self._level = min(self._level + (now - self._time) * self._rate, self._capacity)
            self._time = now


class Limiter:
    """Lets requests go one after another in the order in which they came, no faster than allowed."""

    def __init__(self, limits: Limits, *, pause: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._pause, self._clock = pause, clock
        allowed = (limits.requests_per_minute, limits.units_per_minute)
        self._requests, self._units = (
            None if math.isinf(per_minute) else _Bucket(per_minute, clock()) for per_minute in allowed
        )
        self._held_until = -math.inf
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()

    def acquire(self, units: float, *, check: Callable[[], object] = lambda: None) -> None:
        """Wait until one request of so many processing units may go.

        Parameters
        ----------
        units
            Its cost; more than a minute's worth waits for a full minute's worth and leaves a debt.
        check
            Called before each wait and at the end; what it raises ends the waiting.
        """
        place = object()
        with self._turn:
            self._queue.append(place)
        try:
            with self._turn:
                self._turn.wait_for(lambda: self._queue[0] is place)
            check()
            while (wait := self._try(units)) > 0:
                self._pause(wait)
                check()
        finally:
            with self._turn:
                self._queue.remove(place)
                self._turn.notify_all()

    def settle(self, difference: float) -> None:
        """Tell by how many processing units a request cost more than was said, or less where negative."""
        with self._turn:
            if self._units is not None:
                self._units.take(difference)

    def hold(self, seconds: float) -> None:
        """Let no request go for some time, and then slowly: the service says that its own count is used up. [s]"""
        with self._turn:
            self._held_until = max(self._held_until, self._clock() + seconds)
            if self._requests is not None:
                self._requests.empty(self._held_until)

    def _try(self, units: float) -> float:
        """Take one request and its units, or say how long to wait before it is worth trying again. [s]"""
        with self._turn:
            now = self._clock()
            pairs = [
                (bucket, amount)
                for bucket, amount in ((self._requests, 1.0), (self._units, units))
                if bucket is not None
            ]
            wait = max([self._held_until - now, *(bucket.wait_for(amount, now) for bucket, amount in pairs)])
            if wait > 0:
                return wait
            for bucket, amount in pairs:
                bucket.take(amount)
            return 0.0
