"""The waits of a run: ended all at once when it is stopped, and told to whoever looks on."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from satverify.errors import RetrievalError
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind

TOLD_FROM = 5.0  # [s] shorter waits are not worth a line
TOLD_EVERY = 10.0  # [s] between lines, over all threads


class StoppedError(RetrievalError):
    """Not asked, or given up, because the run was stopped; whatever stopped it has an error of its own."""


class Waits:
    """How all threads of a run wait on one service."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        redactor: Redactor,
        pause: Callable[[float], None] | None = None,
        on_wait: Callable[[str], None] | None = None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin going.

        Parameters
        ----------
        clock
            Tells the time. [s]
        redactor
            Takes the secrets out of what is told.
        pause
            How to wait [s]; none for a wait that a stop cuts short.
        on_wait
            Told in a line what is waited for, one at a time and not often.
        on_stop
            Called once, when the run is stopped.
        """
        self._clock, self._redactor, self._pause = clock, redactor, pause
        self._on_wait, self._on_stop = on_wait, on_stop
        self._told_at, self._why = -math.inf, ""
        self._stopped = threading.Event()
        self._lock, self._telling = threading.Lock(), threading.Lock()

    def stop(self, why: str) -> None:
        """End every wait, now and later; the first reason, which holds no secret, stays."""
        with self._lock:
            if self._stopped.is_set():
                return
            self._why = why
            self._stopped.set()
        self._on_stop()

    def require_going(self) -> None:
        """Raise StoppedError where the run was stopped."""
        if self._stopped.is_set():
            raise StoppedError(f"stopped: {self._why}")

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is stopped or gets stopped meanwhile: that raises StoppedError."""
        self.require_going()
        if self._pause is None:
            self._stopped.wait(seconds)
        else:
            self._pause(seconds)
        self.require_going()

    def pause_for_limit(self, seconds: float) -> None:
        """Wait for what the service allows per minute."""
        if seconds > TOLD_FROM:
            self._tell(f"the service's limit per minute is reached, next request in {seconds:.0f} s")
        self.pause(seconds)

    def tell(self, fault: Fault, attempts: int, seconds: float, *, what: str = "") -> None:
        """Say what failed and when it is tried again, if that is long or the failing itself took long."""
        if seconds > TOLD_FROM or fault.kind is FaultKind.SLOW:
            self._tell(f"{what}attempt {attempts} failed ({fault.sentence}), next in {max(seconds, 1):.0f} s")

    def _tell(self, line: str) -> None:
        if self._on_wait is None:
            return
        with self._telling:
            now = self._clock()
            if now - self._told_at >= TOLD_EVERY:
                self._told_at = now
                self._on_wait(self._redactor.clean(line))
