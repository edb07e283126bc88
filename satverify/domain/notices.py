"""A notice as data: who must do what, where and when, before any enterprise is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from satverify.domain.policy import Requirement
from satverify.domain.sites import Rating, UnitKind
from satverify.errors import InputError, Problem

LONGEST_BASELINE_GAP_DAYS = 1
"""How much longer or shorter than its phase a baseline may be: a 29 February. [d]"""


class CityScope(StrEnum):
    """How a notice binds a city."""

    CORE = "core"
    """One of the cities the notice is about, such as the 2+26."""
    INCLUDED = "included"
    """A smaller place named as belonging to them."""
    REFERENCE = "reference"
    """Acts on the notice by reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A place whose enterprises a notice covers."""

    name: str
    """Name in English."""
    name_zh: str
    """Name in Chinese."""
    province: str
    """Province or municipality, in English."""
    scope: CityScope
    """How the notice binds it."""

    def __post_init__(self) -> None:
        if not (self.name.strip() and self.name_zh.strip() and self.province.strip()):
            raise InputError(f"city {self.name!r}: name, name_zh and province must all be given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One point of a notice, in both languages, with a code that other files can refer to."""

    code: str
    """Unique within its list."""
    text: str
    """What it says, in English."""
    text_zh: str
    """What it says, in Chinese."""

    def __post_init__(self) -> None:
        if not (self.code.strip() and self.text.strip() and self.text_zh.strip()):
            raise InputError(f"clause {self.code!r}: code, text and text_zh must all be given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the season with its own demand, over local days ``[start, stop)``."""

    phase_id: str
    """Unique within the notice."""
    start: date
    """First local day."""
    stop: date
    """First local day after it."""
    requires: str
    """What the phase asks, in English."""
    requires_zh: str
    """What the phase asks, in Chinese."""
    baseline_start: date
    """First local day of the same period of the year before."""
    baseline_stop: date
    """First local day after that period."""
    regional_floor: float | None = None
    """Least cut of the region's output against the baseline, which cities spread over enterprises; none where the
    notice gives no number. (0, 1]"""

    def __post_init__(self) -> None:
        name = f"phase {self.phase_id}"
        if not self.phase_id.strip():
            raise InputError("phase without an id")
        if self.stop <= self.start:
            raise InputError(f"{name}: stop {self.stop} is not after start {self.start}")
        if self.baseline_stop <= self.baseline_start:
            raise InputError(f"{name}: baseline stop {self.baseline_stop} is not after {self.baseline_start}")
        if self.baseline_stop > self.start:
            raise InputError(f"{name}: baseline reaches {self.baseline_stop}, after the phase begins {self.start}")
        gap = abs((self.baseline_stop - self.baseline_start).days - (self.stop - self.start).days)
        if gap > LONGEST_BASELINE_GAP_DAYS:
            raise InputError(f"{name}: baseline and phase differ in length by {gap} days")
        if self.regional_floor is not None and not 0 < self.regional_floor <= 1:
            raise InputError(f"{name}: regional floor {self.regional_floor} is outside (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRule:
    """What enterprises of one environmental rating must do. The ratio of a cut is no part of it."""

    rating: Rating
    """Whom it is about."""
    requirement: Requirement
    """What is asked of them by default."""
    text: str
    """What they may do, in English."""
    text_zh: str
    """What they may do, in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRule:
    """What enterprises of one kind of process must do, whatever their rating."""

    code: str
    """Unique within the notice; a standing of a site refers to it."""
    requirement: Requirement
    """What is asked of them by default."""
    text: str
    """Whom it is about and what they may do, in English."""
    text_zh: str
    """The same in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Whether enterprises may take turns."""

    allowed: bool
    """Whether one enterprise may run for another that stands."""
    utilisation_limit: float
    """Most output of a rotating enterprise, as a fraction of its capacity. (0, 1]"""
    text: str
    """The rule in English."""
    text_zh: str
    """The rule in Chinese."""

    def __post_init__(self) -> None:
        if not 0 < self.utilisation_limit <= 1:
            raise InputError(f"rotation: utilisation limit {self.utilisation_limit} is outside (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictOverrides:
    """Where a notice sets the rule of verdicts itself. None leaves the built-in value."""

    prior_low: float | None = None
    """Lower prior probability of obedience. (0, 1)"""
    prior_high: float | None = None
    """Higher prior probability of obedience. (0, 1)"""
    consistent_at: float | None = None
    """Least p_met over the priors that makes a finding consistent. (0, 1)"""
    inconsistent_at: float | None = None
    """Largest p_met over the priors that makes a finding inconsistent. (0, 1)"""
    tolerance_days: float | None = None
    """Running days a halt may have, for running down. [d]"""
    tolerance_share: float | None = None
    """The same as a share of the window; the larger of both counts. [0, 1]"""

    def __post_init__(self) -> None:
        for name in ("prior_low", "prior_high", "consistent_at", "inconsistent_at"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise InputError(f"verdict: {name} {value} is outside (0, 1)")
        for low, high in (("prior_low", "prior_high"), ("inconsistent_at", "consistent_at")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and not least < most:
                raise InputError(f"verdict: {low} {least} is not below {high} {most}")
        if self.tolerance_days is not None and not 0 <= self.tolerance_days < float("inf"):
            raise InputError(f"verdict: tolerance_days {self.tolerance_days} is negative or endless")
        if self.tolerance_share is not None and not 0 <= self.tolerance_share <= 1:
            raise InputError(f"verdict: tolerance_share {self.tolerance_share} is outside [0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A notice as data. With a site list and the ratios a city set, it gives default orders; named orders win."""

    policy_id: str
    """Short name, the first part of the ids of its orders."""
    title: str
    """Title in English."""
    title_zh: str
    """Title in Chinese."""
    document: str
    """Number of the document."""
    issued: date
    """Day it was issued."""
    issuers: tuple[str, ...]
    """Who issued it."""
    start: date
    """First local day of the season."""
    stop: date
    """First local day after the season."""
    phases: tuple[Phase, ...]
    """Parts of the season, in time."""
    cities: tuple[City, ...]
    """Where it holds."""
    ratings: tuple[RatingRule, ...]
    """What each environmental rating must do."""
    processes: tuple[ProcessRule, ...] = ()
    """What kinds of process must do, whatever the rating."""
    aggravations: tuple[Clause, ...] = ()
    """What calls for a larger ratio."""
    rotation: Rotation | None = None
    """Taking turns; none where the notice is silent."""
    never_halted: frozenset[UnitKind] = frozenset()
    """Equipment that is slowed but never stopped."""
    principles: tuple[Clause, ...] = ()
    """Goals and principles that have no number."""
    verification: tuple[Clause, ...] = ()
    """How obedience is to be checked."""
    verdict: VerdictOverrides = VerdictOverrides()
    """The notice's own rule of verdicts, where it sets one."""
    rated_on: date | None = None
    """Day whose ratings count."""
    plans_due: date | None = None
    """Day by which provinces file their plans."""
    lunar_new_year: date | None = None
    """Lunar new year inside the season, for comparing like days with like."""
    baseline_lunar_new_year: date | None = None
    """Lunar new year inside the baseline."""
    notes: tuple[str, ...] = ()
    """Remarks for readers of the file."""

    def __post_init__(self) -> None:
        problems = tuple(_season_problems(self)) + tuple(_repeated(self)) + tuple(_missing(self))
        if problems:
            raise InputError(f"policy {self.policy_id!r} is not sound:", problems=problems)

    @property
    def lunar_shift_days(self) -> int | None:
        """Days to add to the calendar shift of a year so that both new years coincide; none where unknown. [d]"""
        if self.lunar_new_year is None or self.baseline_lunar_new_year is None:
            return None
        anniversary = self.lunar_new_year.replace(year=self.baseline_lunar_new_year.year)
        return (self.baseline_lunar_new_year - anniversary).days

    def city(self, name: str) -> City | None:
        """The covered city of a name in English or Chinese; capitals, apostrophes and ``City`` do not matter."""
        wanted = plain_city_name(name)
        for city in self.cities:
            if wanted and wanted in (plain_city_name(city.name), plain_city_name(city.name_zh)):
                return city
        return None

    @property
    def standing_codes(self) -> tuple[str, ...]:
        """What can be said of a single site: its process rules, then its aggravations."""
        return (*(rule.code for rule in self.processes), *(clause.code for clause in self.aggravations))

    def rule_for(self, rating: Rating | None) -> RatingRule | None:
        """What a rating must do; none for an unknown rating or one the notice does not name."""
        return next((rule for rule in self.ratings if rule.rating is rating), None)


def plain_city_name(name: str) -> str:
    """A city's name without what spellings differ in: ``Xi'an City`` and ``xian`` are one."""
    plain = name.strip().casefold()
    for mark in ("'", "’", "‘", " "):
        plain = plain.replace(mark, "")
    for ending in ("city", "newarea", "新区", "市"):
        if plain.endswith(ending) and plain != ending:
            plain = plain.removesuffix(ending)
    return plain


def _season_problems(policy: Policy) -> Iterable[Problem]:
    """Days that do not fit together."""
    if policy.stop <= policy.start:
        yield _problem(policy, "season", f"stop after start {policy.start}", f"{policy.stop}")
    for phase in policy.phases:
        if phase.start < policy.start or phase.stop > policy.stop:
            yield _problem(
                policy,
                f"phase {phase.phase_id}",
                f"days inside the season [{policy.start}, {policy.stop})",
                f"[{phase.start}, {phase.stop})",
            )
    for before, after in zip(policy.phases, policy.phases[1:], strict=False):
        if after.start < before.stop:
            yield _problem(
                policy,
                f"phase {after.phase_id}",
                f"a start on or after {before.stop}, when the last ends",
                f"{after.start}",
            )


def _repeated(policy: Policy) -> Iterable[Problem]:
    """Names that must be unique and are not."""
    lists = {
        "phases": [phase.phase_id for phase in policy.phases],
        "cities": [plain_city_name(city.name) for city in policy.cities],
        "cities (Chinese)": [plain_city_name(city.name_zh) for city in policy.cities],
        "ratings": [rule.rating.value for rule in policy.ratings],
        "processes and aggravations": list(policy.standing_codes),
        "principles": [clause.code for clause in policy.principles],
        "verification": [clause.code for clause in policy.verification],
    }
    for where, names in lists.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield _problem(policy, where, "each only once", f"{name!r} {count} times")


def _missing(policy: Policy) -> Iterable[Problem]:
    """What no notice can do without."""
    for where in ("policy_id", "title", "document"):
        if not str(getattr(policy, where)).strip():
            yield _problem(policy, where, "some text", "nothing")
    for where in ("phases", "cities", "ratings"):
        if not getattr(policy, where):
            yield _problem(policy, where, "at least one", "none")


def _problem(policy: Policy, where: str, expected: str, found: str) -> Problem:
    """A problem of a policy that does not know its file."""
    return Problem(file=f"policy {policy.policy_id}", where=where, expected=expected, found=found)
