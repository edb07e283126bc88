"""What a run may spend: a limit that is not passed, because every cost is set aside before it is incurred."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace

from satverify.errors import InputError, QuotaExceeded

UNITS_SET_BY = "[[sources]] budget or --max-units"
REQUESTS_SET_BY = "[[sources]] budget or --max-requests"
"""Where users set the limits, for messages; nothing here reads them."""
ROUND_OFF = 1e-9  # [processing unit] sums of many small costs are exact to less than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A cost."""

    units: float = 0.0
    """Processing units."""
    requests: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.units) and self.units >= 0 and self.requests >= 0):
            raise InputError(
                f"a cost of {self.units} processing units and {self.requests} requests: expected none or more"
            )


class Budget:
    """Limits on the whole of a run, for any number of threads."""

    def __init__(
        self, *, processing_units: float = math.inf, requests: float = math.inf, spent: Spent | None = None
    ) -> None:
        """Begin a budget.

        Parameters
        ----------
        processing_units, requests
            What may be spent in all, with what was spent before; infinity for no limit.
        spent
            What was spent before.

        Raises
        ------
        InputError
            A limit is negative or no number.
        """
        for name, limit in (("processing units", processing_units), ("requests", requests)):
            if not limit >= 0:
                raise InputError(f"budget of {limit} {name}: expected a number that is not negative")
        self._units, self._requests = processing_units, requests
        self._spent, self._reserved = spent or Spent(), Spent()
        self._closed = ""
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What is spent by now, with what was spent before; what is under way is not in it."""
        with self._lock:
            return self._spent

    def reserve(self, units: float) -> Reservation:
        """Set aside the cost of one request.

        Raises
        ------
        QuotaExceeded
            It would pass a limit, counting all that is under way at its estimate; or the budget was closed.
        """
        asked = Spent(units=units, requests=1)
        with self._lock:
            self._require_open()
            before = _sum(self._spent, self._reserved)
            if before.units + asked.units > self._units + ROUND_OFF:
                raise QuotaExceeded(
                    f"the budget of {self._units:g} processing units ({UNITS_SET_BY}) would be passed: "
                    f"{self._spent.units:.4g} are spent, {self._reserved.units:.4g} under way, and the "
                    f"next request costs about {asked.units:.4g}; "
                    "what was fetched is kept"
                )
            if before.requests + 1 > self._requests:
                raise QuotaExceeded(
                    f"the budget of {self._requests:g} requests ({REQUESTS_SET_BY}) is used up, "
                    f"with {self._reserved.requests} under way; "
                    "what was fetched is kept"
                )
            self._reserved = _sum(self._reserved, asked)
        return Reservation(self, asked)

    def close(self, why: str) -> None:
        """Let nothing more be spent, as when the account's own quota is used up; the first reason stays."""
        with self._lock:
            self._closed = self._closed or why

    def require_open(self) -> None:
        """Raise QuotaExceeded where the budget was closed."""
        with self._lock:
            self._require_open()

    def _require_open(self) -> None:
        if self._closed:
            raise QuotaExceeded(self._closed)

    def _settle(self, reserved: Spent, spent: Spent) -> None:
        with self._lock:
            left = Spent(
                units=max(self._reserved.units - reserved.units, 0.0),
                requests=self._reserved.requests - reserved.requests,
            )
            self._reserved = left if left.requests else Spent()  # no round-off stays behind when nothing is under way
            self._spent = _sum(self._spent, spent)


class Reservation:
    """A cost set aside. Leaving its context gives back what was not settled."""

    def __init__(self, budget: Budget, reserved: Spent) -> None:
        self._budget, self._reserved = budget, reserved
        self._spent = Spent()

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, *_: object) -> None:
        self._budget._settle(self._reserved, self._spent)

    def spend(self, units: float, requests: int = 1) -> None:
        """Say what the request really cost."""
        self._spent = replace(self._spent, units=units, requests=requests)


def _sum(first: Spent, second: Spent) -> Spent:
    return Spent(units=first.units + second.units, requests=first.requests + second.requests)
