"""How many of the accusations may be wrong: Benjamini-Yekutieli q-values across the findings of one run.

An accusation is the claim that a requirement was *not* met; its null hypothesis is that it was. At the neutral prior
0.5 the posterior odds of a finding are its Bayes factor, ``(1 - p_met) / p_met`` of not met against met. A Bayes factor
has expectation at most 1 under the hypothesis in its denominator, so it is an e-value, and by Markov's inequality its
inverse is a conservative p-value (Vovk and Wang 2021, section 2). The findings of one run share their weather and
their satellites, so nothing may be assumed of their dependence: Benjamini and Yekutieli's procedure needs nothing.

A q-value says: were every finding with a q-value as small called an accusation, at most this share of them is expected
to be wrong, as far as the observation model is right. It is small only where the evidence is strong beside the number
of findings that were asked about.

References
----------
Y. Benjamini and D. Yekutieli, Annals of Statistics 29(4), 1165-1188, 2001. doi:10.1214/aos/1013699998
V. Vovk and R. Wang, Annals of Statistics 49(3), 1736-1754, 2021. doi:10.1214/20-AOS2020
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.findings import Finding, Verdict
from satverify.domain.policy import Requirement

FloatArray: TypeAlias = NDArray[np.float64]

UNDECIDABLE = frozenset(
    {
        "exempt",
        "no_history",
        "no_usable_look",
        "not_observable_kind",
        "not_separable",
        "outside_area",
        "outside_coverage",
        "window_outside_days",
    }
)
"""Reasons that make a finding undetermined whatever the looks show: nothing was tested, so nothing is counted."""


def p_bound(p_met: FloatArray) -> FloatArray:
    """Upper bound on the p-value of "the requirement was met", from its posterior at the neutral prior.

    Parameters
    ----------
    p_met
        P(requirement met) at the prior 0.5, any shape. [0, 1]

    Returns
    -------
    ``min(1, p_met / (1 - p_met))``, the inverse Bayes factor; 1 wherever the evidence speaks for the order. NaN passes.

    References
    ----------
    V. Vovk and R. Wang, Annals of Statistics 49(3), 1736-1754, 2021, proposition 2.2. doi:10.1214/20-AOS2020
    """
    p_met = np.asarray(p_met, dtype=np.float64)
    doubtful = np.minimum(p_met, 0.5)  # beyond one half the bound is 1 and the quotient would run away
    bound: FloatArray = doubtful / (1.0 - doubtful)
    return bound


def q_values(p: FloatArray) -> FloatArray:
    """Benjamini-Yekutieli adjusted p-values: false-discovery bounds that hold under any dependence.

    Parameters
    ----------
    p
        P-values, one dimension. [0, 1]; NaN where nothing was tested.

    Returns
    -------
    q-values in the order of ``p``; NaN where ``p`` is, which does not count as a test; empty for an empty input.

    References
    ----------
    Y. Benjamini and D. Yekutieli, Annals of Statistics 29(4), 1165-1188, 2001, theorem 1.3. doi:10.1214/aos/1013699998
    """
    p = np.asarray(p, dtype=np.float64)
    q = np.full_like(p, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if tested.size == 0:
        return q
    ranks = np.arange(1, tested.size + 1)
    rising = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[rising] * (tested.size * np.sum(1.0 / ranks)) / ranks
    q[rising] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q


def is_tested(finding: Finding) -> bool:
    """Whether the looks could have decided this finding either way."""
    if finding.verdict is not Verdict.UNDETERMINED:
        return True
    if finding.requirement is Requirement.EXEMPT or finding.looks.clear == 0:
        return False
    return UNDECIDABLE.isdisjoint(reason.code for reason in finding.reasons)


def with_q_values(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The same findings, in the same order, each with its q-value among all of them; none where nothing was tested."""
    p_met = np.array([finding.p_met if is_tested(finding) else np.nan for finding in findings], dtype=np.float64)
    bounds = q_values(p_bound(p_met))
    return tuple(
        replace(finding, q_value=None if np.isnan(q) else float(q)) for finding, q in zip(findings, bounds, strict=True)
    )
