"""What requests cost, for the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RequestKind(StrEnum):
    """What was asked."""

    CATALOGUE = "catalogue"
    PROCESS = "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The cost of one request with all its attempts, answered in the end or not. Holds no time and no secret."""

    kind: RequestKind
    collection: str
    """Such as ``sentinel-2-l1c``; several joined by ``+``."""
    label: str
    """What the caller calls it, such as the name of a sensor; several sensors may share a collection."""
    request_hash: str
    """SHA-256 of what was asked."""
    estimated_units: float
    """Processing units that one answer was thought to cost."""
    spent_units: float
    """Processing units that the service said it took, over all attempts."""
    is_estimated: bool
    """Whether a part of ``spent_units`` is an estimate, because an answer did not say or did not arrive."""
    attempts: int
    """Times that it was sent, or tried to."""
    requests: int
    """Attempts that reached the service and may count against a quota: not those it refused for their rate."""
    status: int
    """HTTP status of the last answer; 0 where none came."""
    outcome: str
    """``done``, or the name of the error that ended it."""
