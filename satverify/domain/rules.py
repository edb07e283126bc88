"""The thresholds of a verdict, in one place: a policy or a project may set them, nothing else does."""

from __future__ import annotations

from dataclasses import dataclass

from satverify.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRules:
    """When the evidence suffices."""

    prior_low: float = 0.2
    """Prior probability of obedience of a sceptic. (0, 1)"""
    prior_high: float = 0.8
    """The same of a trusting reader. (0, 1)"""
    consistent_at: float = 0.95
    """P(met) that even the sceptic must reach. (0, 1)"""
    inconsistent_at: float = 0.05
    """P(met) that even the trusting reader must not pass. (0, 1)"""
    tolerance_days: float = 2.0
    """Running days that a halt may have, for running down. [d]"""
    tolerance_share: float = 0.05
    """The same as a share of the window; the larger of the two counts. [0, 1)"""

    def __post_init__(self) -> None:
        if not 0 < self.prior_low <= self.prior_high < 1:
            raise InputError(f"priors: expected 0 < low <= high < 1, found {self.prior_low} and {self.prior_high}")
        if not 0 < self.inconsistent_at < self.consistent_at < 1:
            found = f"{self.inconsistent_at} and {self.consistent_at}"
            raise InputError(f"verdict thresholds: expected 0 < inconsistent < consistent < 1, found {found}")
        if not (self.tolerance_days >= 0 and 0 <= self.tolerance_share < 1):
            found = f"{self.tolerance_days} and {self.tolerance_share}"
            raise InputError(f"tolerance: expected days >= 0 and a share in [0, 1), found {found}")
