"""What a policy leaves open for a list of sites: told, never filled in."""

from __future__ import annotations

from dataclasses import dataclass, field

MEANING = {
    "outside_cities": "outside the policy's cities, or without a city: no default order",
    "no_rating": "environmental rating unknown: no default order",
    "rating_without_rule": "the policy says nothing about this rating: no default order",
    "no_ratio": "must cut, but no ratio is given for this rating: no default order",
    "no_larger_ratio": "aggravated, but no larger ratio is given for it: the ordinary ratio stands",
    "process_unknown": "electric-arc furnaces only: say in the standings whether a rule for its process holds",
    "nothing_to_halt": "holds only equipment that is never halted: no default order",
    "halt_of_never_halted": "a named order halts equipment that the policy says is never halted",
    "better_rating_cuts_more": "a better rating cuts more than a worse one: check the ratios",
    "below_regional_floor": "the default orders' cuts, weighted by capacity, stay below the region's floor",
}
"""Codes of gaps, and what they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that a policy leaves open."""

    code: str
    """Key into ``MEANING``."""
    phase_id: str | None
    """Phase it is about; none: the season."""
    site_ids: tuple[str, ...]
    """Sites it is about, sorted; empty: all together."""

    def __str__(self) -> str:
        phase = f" in {self.phase_id}" if self.phase_id else ""
        sites = f": {', '.join(self.site_ids)}" if self.site_ids else ""
        count = f" ({len(self.site_ids)})" if self.site_ids else ""
        return f"{MEANING[self.code]}{phase}{count}{sites}"


@dataclass(slots=True)
class Gaps:
    """Gaps as they are found."""

    _found: dict[tuple[str, str | None], set[str]] = field(default_factory=dict)

    def note(self, code: str, site_id: str | None, phase_id: str | None = None) -> None:
        """Remember a gap of a site, or of all together."""
        sites = self._found.setdefault((code, phase_id), set())
        if site_id is not None:
            sites.add(site_id)

    def sorted(self) -> tuple[Gap, ...]:
        """All gaps in the order of ``MEANING``, then by phase."""
        order = list(MEANING)
        keys = sorted(self._found, key=lambda key: (order.index(key[0]), key[1] or ""))
        return tuple(
            Gap(code=code, phase_id=phase_id, site_ids=tuple(sorted(self._found[code, phase_id])))
            for code, phase_id in keys
        )
