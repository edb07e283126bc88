"""Orders, and the notices (policies) that default orders come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from satverify.errors import InputError


class Requirement(StrEnum):
    """What an order asks."""

    HALT = "halt"
    CUT = "cut"
    """Output down by ``fraction`` against the baseline days."""
    NO_INCREASE = "no_increase"
    """Output no higher than on the baseline days."""
    EXEMPT = "exempt"
    """Nothing is asked; stated so that a policy's default does not apply."""


NEEDS_BASELINE = frozenset({Requirement.CUT, Requirement.NO_INCREASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One obligation of one site, or one of its units, over a run of local days ``[start, stop)``."""

    order_id: str
    """Unique within the order list."""
    site_id: str
    """Key into the site list."""
    unit_id: str | None = None
    """One unit; none means every unit of the site that the requirement can apply to."""
    start: date
    """First local day in force."""
    stop: date
    """First local day no longer in force."""
    requirement: Requirement
    """What is asked."""
    fraction: float | None = None
    """Ordered cut as a fraction of the baseline's output; only for a cut. (0, 1]"""
    baseline_start: date | None = None
    """First local day compared with; for a cut or no increase."""
    baseline_stop: date | None = None
    """First local day no longer compared with."""
    tolerance_days: float | None = None
    """Running days a halt may have, for running down; none: the policy's or the built-in default. [d]"""
    source: str = ""
    """Where the order was published (URL or document number)."""

    def __post_init__(self) -> None:
        name = f"order {self.order_id} on {self.site_id}"
        if self.stop <= self.start:
            raise InputError(f"{name}: stop {self.stop} is not after start {self.start}")
        if (self.requirement is Requirement.CUT) != (self.fraction is not None):
            raise InputError(f"{name}: a cut needs a fraction and nothing else may have one, found {self.fraction}")
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise InputError(f"{name}: fraction {self.fraction} is outside (0, 1]")
        if self.requirement in NEEDS_BASELINE:
            if self.baseline_start is None or self.baseline_stop is None:
                raise InputError(f"{name}: {self.requirement} needs baseline_start and baseline_stop")
            if self.baseline_stop <= self.baseline_start:
                raise InputError(f"{name}: baseline stop {self.baseline_stop} is not after {self.baseline_start}")
        if self.tolerance_days is not None and not self.tolerance_days >= 0:
            raise InputError(f"{name}: tolerance of {self.tolerance_days} days is negative")

    @property
    def days(self) -> int:
        """Length of the window. [d]"""
        return (self.stop - self.start).days
