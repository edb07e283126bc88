"""The orders of a project, named in its list or given by its policy by default, and its rules of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from satverify.domain.notices import Policy
from satverify.domain.policy import Order
from satverify.domain.rules import VerdictRules
from satverify.domain.sites import Site
from satverify.pipeline.project import Project
from satverify.registry.orders import read_orders
from satverify.registry.policies import read_policy
from satverify.verification.expand import expand


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What the sites had to do, and when the evidence on it suffices."""

    orders: tuple[Order, ...] = ()
    """Sorted by site and id; a named order wins over the policy's default."""
    gaps: tuple[str, ...] = ()
    """What the policy leaves open."""
    rules: VerdictRules = VerdictRules()


def obligations(project: Project, sites: Sequence[Site]) -> Obligations:
    """Every order of the project, and its rules of verdicts.

    Raises
    ------
    InputError
        The order list or the policy is wrong, the ratios do not fit the policy, or the rules contradict each other.
    """
    policy = None if project.policy is None else read_policy(project.policy)
    named = () if project.orders is None else read_orders(project.orders, sites)
    orders: tuple[Order, ...] = named
    gaps: tuple[str, ...] = ()
    if policy is not None:
        expansion = expand(policy, sites, named, dict(project.ratios))
        orders, gaps = expansion.orders, tuple(str(gap) for gap in expansion.gaps)
    return Obligations(
        orders=tuple(sorted(orders, key=lambda order: (order.site_id, order.order_id))),
        gaps=gaps,
        rules=rules_of(policy, project.verdict),
    )


def rules_of(policy: Policy | None, settings: Mapping[str, float]) -> VerdictRules:
    """The built-in rules, changed by the policy, changed by the project's own settings."""
    told = (
        {} if policy is None else {name: value for name, value in asdict(policy.verdict).items() if value is not None}
    )
    return VerdictRules(**(told | dict(settings)))
