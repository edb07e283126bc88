"""Which ratio holds for which site: ratios by rating, sharpened by what is known of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from satverify.domain.notices import Phase, Policy, ProcessRule
from satverify.domain.policy import Requirement
from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating, Site, UnitKind
from satverify.errors import InputError, Problem
from satverify.verification.gaps import Gaps

Key: TypeAlias = tuple[Rating, str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Ratios and standings that were checked against a policy and a site list."""

    ratios: Mapping[Key, Ratio]
    """By rating, phase and circumstance."""
    standings: Mapping[str, frozenset[str]]
    """Codes by site."""
    processes: frozenset[str]
    """Codes that are process rules; the others aggravate."""

    @classmethod
    def of(
        cls,
        policy: Policy,
        ratios: Iterable[Ratio] | Mapping[Rating, float],
        standings: Iterable[Standing],
        sites: Sequence[Site],
    ) -> Tariff:
        """Check everything against the policy and the sites; all problems at once."""
        given = tuple(_ratios_of(ratios))
        known = tuple(standings)
        problems = [*_site_problems(sites), *_ratio_problems(policy, given), *_standing_problems(policy, known, sites)]
        if problems:
            raise InputError(f"policy {policy.policy_id} cannot be expanded:", problems=problems)
        codes: dict[str, set[str]] = {}
        for standing in known:
            codes.setdefault(standing.site_id, set()).add(standing.code)
        return cls(
            ratios={(ratio.rating, ratio.phase_id, ratio.circumstance): ratio for ratio in given},
            standings={site_id: frozenset(found) for site_id, found in codes.items()},
            processes=frozenset(rule.code for rule in policy.processes),
        )

    def process_rule(self, policy: Policy, site: Site) -> ProcessRule | None:
        """The rule for the site's process, where a standing says that one holds."""
        held = self.standings.get(site.site_id, frozenset())
        return next((rule for rule in policy.processes if rule.code in held), None)

    def may_be_short_process(self, policy: Policy, site: Site) -> bool:
        """Whether the site looks like a case for a process rule that no standing confirms."""
        smelters = {unit.kind for unit in site.units} - {UnitKind.SINTER_MACHINE, UnitKind.PELLET_PLANT}
        return bool(policy.processes) and smelters == {UnitKind.ELECTRIC_ARC_FURNACE}

    def ratio(self, site: Site, phase: Phase, gaps: Gaps) -> Ratio | None:
        """The largest ratio that is given for the site in the phase; none where none is given."""
        if site.rating is None:
            return None
        ordinary = self._ratio(site.rating, phase.phase_id, None)
        aggravations = sorted(self.standings.get(site.site_id, frozenset()) - self.processes)
        larger = [found for code in aggravations if (found := self._ratio(site.rating, phase.phase_id, code))]
        if aggravations and not larger:
            gaps.note("no_larger_ratio", site.site_id, phase.phase_id)
        candidates = [ratio for ratio in (ordinary, *larger) if ratio is not None]
        return max(candidates, key=lambda ratio: ratio.fraction, default=None)

    def look_at_order_of_ratings(self, gaps: Gaps) -> None:
        """Note ratios by which a better rating cuts more than a worse one."""
        best_first = list(Rating)
        for rating, phase_id, circumstance in self.ratios:
            worse = best_first[best_first.index(rating) + 1 :]
            others = [self.ratios.get((other, phase_id, circumstance)) for other in worse]
            mine = self.ratios[rating, phase_id, circumstance].fraction
            if any(other is not None and other.fraction < mine for other in others):
                gaps.note("better_rating_cuts_more", None, phase_id)

    def _ratio(self, rating: Rating, phase_id: str, circumstance: str | None) -> Ratio | None:
        return self.ratios.get((rating, phase_id, circumstance)) or self.ratios.get((rating, None, circumstance))


def _ratios_of(ratios: Iterable[Ratio] | Mapping[Rating, float]) -> Iterable[Ratio]:
    if isinstance(ratios, Mapping):
        return [Ratio(rating=rating, fraction=fraction) for rating, fraction in ratios.items()]
    return ratios


def _site_problems(sites: Sequence[Site]) -> Iterable[Problem]:
    for site_id, count in Counter(site.site_id for site in sites).items():
        if count > 1:
            yield Problem(file="sites", where=f"site {site_id}", expected="each site once", found=f"{count} times")


def _ratio_problems(policy: Policy, ratios: Sequence[Ratio]) -> Iterable[Problem]:
    phases = [phase.phase_id for phase in policy.phases]
    circumstances = [clause.code for clause in policy.aggravations]
    for ratio in ratios:
        rule = policy.rule_for(ratio.rating)
        if ratio.phase_id is not None and ratio.phase_id not in phases:
            yield _ratio_problem(ratio, f"a phase among {', '.join(phases)}", repr(ratio.phase_id))
        if ratio.circumstance is not None and ratio.circumstance not in circumstances:
            yield _ratio_problem(ratio, f"an aggravation among {', '.join(circumstances)}", repr(ratio.circumstance))
        if rule is None or rule.requirement is not Requirement.CUT:
            yield _ratio_problem(ratio, "a rating that the policy cuts", f"{rule.requirement}" if rule else "no rule")
    keys = Counter((ratio.rating, ratio.phase_id, ratio.circumstance) for ratio in ratios)
    for key, count in keys.items():
        if count > 1:
            where = ", ".join(word for word in (f"rating {key[0]}", key[1], key[2]) if word)
            yield Problem(file="ratios", where=where, expected="one ratio", found=f"{count}")


def _ratio_problem(ratio: Ratio, expected: str, found: str) -> Problem:
    return Problem(file="ratios", where=f"ratio of rating {ratio.rating}", expected=expected, found=found)


def _standing_problems(policy: Policy, standings: Sequence[Standing], sites: Sequence[Site]) -> Iterable[Problem]:
    codes = policy.standing_codes
    known = {site.site_id for site in sites}
    for standing in standings:
        where = f"standing of site {standing.site_id}"
        if standing.code not in codes:
            expected = f"one of {', '.join(codes)}"
            yield Problem(file="standings", where=where, expected=expected, found=repr(standing.code))
        if standing.site_id not in known:
            yield Problem(file="standings", where=where, expected="a site of the list", found="none of this id")
