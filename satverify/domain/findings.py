"""Findings: an order held against the evidence. A finding is not a judgement of guilt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from satverify.domain.policy import Requirement


class Verdict(StrEnum):
    """What the looks say of an order: that it was obeyed, that it was not, or that nobody could tell."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    UNDETERMINED = "undetermined"


class Tier(StrEnum):
    """How much stands behind a verdict, weakest first."""

    NONE = "none"
    """Undetermined."""
    SINGLE_SENSOR = "single_sensor"
    CONFIRMED = "confirmed"
    """Two independent sensors say so, each on its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence in a language-free form: the report's text files hold its wording."""

    code: str
    """Key into the text files, such as ``no_usable_look``."""
    values: tuple[tuple[str, str | int | float], ...] = ()
    """What the sentence fills in, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCount:
    """Looks inside the window."""

    clear: int
    """Usable looks."""
    hot: int
    """Usable looks with heat of the unit's own."""
    cold: int
    """Usable looks without."""
    unusable: int
    """Cloudy, out of service or otherwise no evidence."""
    by_sensor: tuple[tuple[str, int], ...]
    """Usable looks by sensor, sorted by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDays:
    """How many days of the window the unit ran, with its interval."""

    low: int
    median: int
    high: int
    level: float
    """Posterior mass of ``[low, high]``. (0, 1)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One order on one unit."""

    finding_id: str
    """Stable across re-runs."""
    order_id: str
    site_id: str
    unit_id: str
    requirement: Requirement
    start: date
    """First local day of the window."""
    stop: date
    """First local day after the window."""
    verdict: Verdict
    p_met: float
    """P(requirement met) at the neutral prior 0.5. [0, 1]"""
    p_met_range: tuple[float, float]
    """The same at the low and the high prior, 0.2 and 0.8 unless the policy says otherwise."""
    running_days: RunningDays | None
    """None where no usable look falls inside the window."""
    longest_unseen_run_days: int
    """Longest run inside the window that the evidence would have missed with 5 % chance or more. [d]"""
    looks: LookCount
    tier: Tier
    q_value: float | None
    """Benjamini-Yekutieli false-discovery bound across the run's findings; none where undetermined by design."""
    reasons: tuple[Statement, ...]
    """Why the verdict is what it is, most important first."""
    alternatives: tuple[Statement, ...]
    """What else the data could mean."""
