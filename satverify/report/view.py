"""What the pages show, without any wording: pure functions from the tables to frozen values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from satverify.domain.findings import Finding, Verdict
from satverify.domain.policy import Order
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.report.attention import attention, choose
from satverify.report.heat import Heat, heat_of
from satverify.report.names import report_name
from satverify.report.sightings import (
    Change,
    Evidence,
    UnitSeries,
    evidence_of,
    unit_series,
)

if TYPE_CHECKING:
    from satverify.report.chips import Chip

MAX_DETAILS = 10
"""Findings with their own timeline and evidence on one page."""
MAX_ROWS = 2000
"""Findings listed on one page."""
MAX_UNITS = 6
"""Units with an overview timeline on one page."""
MAX_SENTENCES = 6
"""Findings said in full at the top of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUse:
    """One source of the run."""

    kind: str
    """As in the project file: ``firms``, ``cloud_cover``, …, or ``simulated``."""
    coverage: tuple[tuple[date, date], ...] = ()
    """Runs of days ``[start, stop)`` it covers; empty where not stated."""
    files: tuple[str, ...] = ()
    """Names of its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What holds for every page of a run."""

    name: str
    """The project's name."""
    timezone: str
    """IANA name of the local time."""
    days: tuple[date, date]
    """Local days ``[start, stop)`` accounted for."""
    simulated: bool = False
    """Whether the evidence was made by a simulator; the pages then say so in large letters."""
    version: str = ""
    """Version of the code, empty where unknown."""
    config_hash: str = ""
    """Digest of the configuration, empty where unknown."""
    sources: tuple[SourceUse, ...] = ()
    """What the run read."""
    decided: tuple[float, float] = (0.05, 0.95)
    """P at or below which a verdict is inconsistent, and at or above which it is consistent."""
    priors: tuple[float, float] = (0.2, 0.8)
    """Low and high prior probability of obedience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Findings by verdict."""

    consistent: int
    inconsistent: int
    undetermined: int

    @property
    def total(self) -> int:
        """All findings."""
        return self.consistent + self.inconsistent + self.undetermined


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitName:
    """What is known of a unit's name; the page puts it in words."""

    unit_id: str
    name: str
    kind: UnitKind | None
    """None where the site's list does not hold the unit."""
    implied: bool
    """Whether it stands for all furnaces of the site without being on record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindingView:
    """One finding with all that is shown of it."""

    finding: Finding
    order: Order | None
    """None where the order list no longer holds it."""
    unit: UnitName
    evidence: Evidence | None
    """The looks in the window; none where the unit has no looks of its own, or where the page would grow too long."""
    series: UnitSeries | None
    """The unit's days and looks, likewise."""
    chips: tuple[Chip, ...] = ()
    """Images of the looks that decided, where scenes did."""

    @property
    def anchor(self) -> str:
        """Name of its place on the page."""
        return "f-" + report_name(self.finding.finding_id).removesuffix(".html")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitView:
    """One observed unit over the whole period."""

    unit: UnitName
    series: UnitSeries
    changes: tuple[Change, ...]
    """Latest first."""
    findings: tuple[FindingView, ...]
    """Its findings, by date."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteView:
    """One page."""

    project: Project
    site: Site
    counts: Counts
    findings: tuple[FindingView, ...]
    """All findings, those to look at first on top; those on units without looks of their own come last."""
    told: tuple[FindingView, ...]
    """Those said in full at the top of the page."""
    detailed: tuple[FindingView, ...]
    """Those with a section of their own, by date."""
    units: tuple[UnitView, ...]
    """Observed units, those with looks and findings first."""
    heat: Heat
    capped: bool
    """Whether findings that have looks go without a section of their own."""


def site_view(
    project: Project,
    site: Site,
    *,
    orders: Sequence[Order],
    findings: Sequence[Finding],
    looks: pd.DataFrame,
    activity: pd.DataFrame,
    cells: pd.DataFrame,
    changes: pd.DataFrame,
) -> SiteView:
    """All that one site's page shows.

    Parameters
    ----------
    project
        What holds for the run.
    site
        The site; rows and findings of other sites are left aside.
    orders, findings
        The site's orders and the findings on them.
    looks, activity, cells, changes
        Tables with the columns of ``satverify.domain.evidence``.
    """
    looks, activity, cells, changes = (
        table[table["site_id"] == site.site_id] for table in (looks, activity, cells, changes)
    )
    series = _all_series(looks, activity, changes, project)
    mine = [finding for finding in findings if finding.site_id == site.site_id]
    ranked = sorted(mine, key=lambda finding: (finding.unit_id not in series, attention(finding)))
    seen = [finding for finding in ranked if finding.unit_id in series]
    shown = {finding.finding_id for finding in choose(seen, MAX_DETAILS)}
    told = {finding.finding_id for finding in choose(seen or ranked, MAX_SENTENCES)}
    by_id = {order.order_id: order for order in orders}
    views = tuple(
        FindingView(
            finding=finding,
            order=by_id.get(finding.order_id),
            unit=unit_name(site, finding.unit_id),
            series=series.get(finding.unit_id) if finding.finding_id in shown else None,
            evidence=evidence_of(looks, finding, project.timezone) if finding.finding_id in shown else None,
        )
        for finding in ranked
    )
    return SiteView(
        project=project,
        site=site,
        counts=count_verdicts(ranked),
        findings=views,
        told=tuple(view for view in views if view.finding.finding_id in told),
        detailed=tuple(sorted((view for view in views if view.series is not None), key=_by_date)),
        units=_unit_views(site, series, views),
        heat=heat_of(site, cells),
        capped=len(seen) > MAX_DETAILS,
    )


def unit_name(site: Site, unit_id: str) -> UnitName:
    """How to call a unit of ``site``, on record or not."""
    unit: Unit | None = next((unit for unit in site.units if unit.unit_id == unit_id), None)
    if unit is not None:
        return UnitName(unit_id=unit_id, name=unit.name, kind=unit.kind, implied=False)
    implied = unit_id == f"{site.site_id}:{UnitKind.IRONMAKING}"
    return UnitName(unit_id=unit_id, name="", kind=UnitKind.IRONMAKING if implied else None, implied=implied)


def count_verdicts(findings: Iterable[Finding]) -> Counts:
    """Findings by verdict."""
    counts = Counter(finding.verdict for finding in findings)
    return Counts(
        consistent=counts[Verdict.CONSISTENT],
        inconsistent=counts[Verdict.INCONSISTENT],
        undetermined=counts[Verdict.UNDETERMINED],
    )


def _by_date(view: FindingView) -> tuple[date, date, str, str]:
    finding = view.finding
    return (finding.start, finding.stop, finding.order_id, finding.unit_id)


def _all_series(
    looks: pd.DataFrame, activity: pd.DataFrame, changes: pd.DataFrame, project: Project
) -> dict[str, UnitSeries]:
    units = sorted({*looks["unit_id"].astype(str), *activity["unit_id"].astype(str)})
    return {
        unit: unit_series(
            looks[looks["unit_id"] == unit],
            activity[activity["unit_id"] == unit],
            changes[changes["unit_id"] == unit],
            project.timezone,
        )
        for unit in units
    }


def _unit_views(site: Site, series: Mapping[str, UnitSeries], views: Sequence[FindingView]) -> tuple[UnitView, ...]:
    found = Counter(view.finding.unit_id for view in views)
    order = sorted(series, key=lambda unit: (found[unit] == 0, unit))
    return tuple(
        UnitView(
            unit=unit_name(site, unit),
            series=series[unit],
            changes=tuple(reversed(series[unit].changes)),
            findings=tuple(sorted((view for view in views if view.finding.unit_id == unit), key=_by_date)),
        )
        for unit in order
    )
