"""What a city adds to a notice: the ratio for each rating, and what is known of single enterprises."""

from __future__ import annotations

from dataclasses import dataclass

from satverify.domain.sites import Rating
from satverify.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The cut that a city asks of one rating. A notice gives none: they are always an input."""

    rating: Rating
    """Whose ratio it is."""
    fraction: float
    """Cut against the baseline's output. (0, 1]"""
    phase_id: str | None = None
    """Phase it holds in; none: every phase without a ratio of its own."""
    circumstance: str | None = None
    """Code of the aggravation it is for; none: the ordinary ratio."""
    source: str = ""
    """Where the ratio was published."""

    def __post_init__(self) -> None:
        if not 0 < self.fraction <= 1:
            raise InputError(f"ratio of rating {self.rating}: fraction {self.fraction} is outside (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something a notice asks about, found to hold for one site."""

    site_id: str
    """The site."""
    code: str
    """Code of an aggravation or of a process rule of the notice."""
    source: str = ""
    """Where it was published."""

    def __post_init__(self) -> None:
        if not self.site_id.strip() or not self.code.strip():
            raise InputError(f"standing {self.code!r} of site {self.site_id!r}: both must be given")
