"""The orders of a project: those named in its list, and those its policy gives by default."""

from __future__ import annotations

from collections.abc import Sequence

from satverify.domain.policy import Order
from satverify.domain.sites import Site
from satverify.pipeline.project import Project
from satverify.registry.orders import read_orders
from satverify.registry.policies import read_policy
from satverify.verification.expand import expand


def orders_of(project: Project, sites: Sequence[Site]) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """Every order of the project, and what its policy leaves open; a named order wins over the policy's default.

    Raises
    ------
    InputError
        The order list or the policy is wrong, or the ratios do not fit the policy.
    """
    named = read_orders(project.orders, sites) if project.orders is not None else ()
    if project.policy is None:
        return named, ()
    expansion = expand(read_policy(project.policy), sites, named, dict(project.ratios))
    return expansion.orders, tuple(str(gap) for gap in expansion.gaps)
