"""Which findings a person should look at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from satverify.domain.findings import Finding, Tier, Verdict

ATTENTION = (Verdict.INCONSISTENT, Verdict.UNDETERMINED, Verdict.CONSISTENT)
Attention: TypeAlias = tuple[int, bool, int, float, float, str, str, str]
_STRENGTH = (Tier.CONFIRMED, Tier.SINGLE_SENSOR, Tier.NONE)


def attention(finding: Finding) -> Attention:
    """Sorting key: inconsistent first, those with the strongest evidence on top; unseen last among undetermined."""
    low, high = finding.p_met_range
    doubt = {Verdict.INCONSISTENT: high, Verdict.UNDETERMINED: finding.p_met, Verdict.CONSISTENT: 1 - low}
    return (
        ATTENTION.index(finding.verdict),
        not finding.looks.clear,
        _STRENGTH.index(finding.tier),
        1.0 if finding.q_value is None else finding.q_value,
        doubt[finding.verdict],
        finding.start.isoformat(),
        finding.order_id,
        finding.unit_id,
    )


def choose(ranked: Sequence[Finding], count: int) -> list[Finding]:
    """The first ``count``, but with a sixth kept for the first of each verdict: one verdict should not hide another."""
    least = -(-count // 6)
    heads = [[finding for finding in ranked if finding.verdict is verdict][:least] for verdict in ATTENTION]
    chosen = {finding.finding_id for head in heads for finding in head}
    for finding in ranked:
        if len(chosen) >= count:
            break
        chosen.add(finding.finding_id)
    return [finding for finding in ranked if finding.finding_id in chosen]
