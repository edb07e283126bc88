"""What the pages show, without any wording: pure functions from the tables to frozen values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from satverify.domain.findings import Finding, Tier, Verdict
from satverify.domain.policy import Order
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.report.heat import Heat, heat_of
from satverify.report.names import report_name
from satverify.report.sightings import (
    Change,
    Evidence,
    UnitSeries,
    evidence_of,
    number_of,
    unit_series,
)

MAX_DETAILS = 10
"""Findings with their own timeline and evidence on one page."""
MAX_ROWS = 2000
"""Findings listed on one page."""
MAX_UNITS = 6
"""Units with an overview timeline on one page."""
MAX_SENTENCES = 6
"""Findings said in full at the top of a page."""
MAX_STRIPS = 400
"""Sites of the index with an activity strip."""
STRIP_BINS = 120
"""Most steps of one activity strip."""

ATTENTION = (Verdict.INCONSISTENT, Verdict.UNDETERMINED, Verdict.CONSISTENT)
Attention: TypeAlias = tuple[int, bool, int, float, float, str, str, str]
_STRENGTH = (Tier.CONFIRMED, Tier.SINGLE_SENSOR, Tier.NONE)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteLine:
    """One site's line in the index; small, so that a run can keep one for every site."""

    site_id: str
    name: str
    name_zh: str
    city: str
    rating: str
    counts: Counts
    leading: Finding | None
    """The finding to look at first."""
    leading_unit: UnitName | None
    strip: tuple[int, ...]
    """Most likely state by step of time: 0 running, 1 reduced, 2 halted, -1 unknown."""
    halted_days: int
    """Days whose most likely state is halted."""
    known_days: int
    """Days with a state."""
    windows: tuple[tuple[float, float], ...]
    """Windows of its findings as shares of the strip's length."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndexView:
    """The page that ranks sites."""

    project: Project
    lines: tuple[SiteLine, ...]
    """Those to look at first on top."""
    counts: Counts
    sites: Mapping[str, int] = field(default_factory=dict)
    """Sites by the verdict of their leading finding; ``none`` for those without."""


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
    ranked = sorted(mine, key=lambda finding: (finding.unit_id not in series, _attention(finding)))
    seen = [finding for finding in ranked if finding.unit_id in series]
    shown = {finding.finding_id for finding in _choose(seen, MAX_DETAILS)}
    told = {finding.finding_id for finding in _choose(seen or ranked, MAX_SENTENCES)}
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


def index_line(view: SiteView) -> SiteLine:
    """The line of one site in the index."""
    site = view.site
    leading = view.findings[0] if view.findings else None
    series = next((unit.series for unit in view.units), None)
    states, halted, known = _strip(series)
    return SiteLine(
        site_id=site.site_id,
        name=site.name,
        name_zh=site.name_zh,
        city=site.city,
        rating="" if site.rating is None else str(site.rating),
        counts=view.counts,
        leading=leading.finding if leading else None,
        leading_unit=leading.unit if leading else None,
        strip=states,
        halted_days=halted,
        known_days=known,
        windows=_shares(series, view.findings),
    )


def index_view(project: Project, lines: Iterable[SiteLine]) -> IndexView:
    """The ranking of all sites."""
    ranked = tuple(sorted(lines, key=_line_attention))
    counts = Counts(
        consistent=sum(line.counts.consistent for line in ranked),
        inconsistent=sum(line.counts.inconsistent for line in ranked),
        undetermined=sum(line.counts.undetermined for line in ranked),
    )
    sites = Counter("none" if line.leading is None else str(line.leading.verdict) for line in ranked)
    return IndexView(project=project, lines=ranked, counts=counts, sites=dict(sites))


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


def _attention(finding: Finding) -> Attention:
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


def _choose(ranked: Sequence[Finding], count: int) -> list[Finding]:
    """The first ``count``, but with a sixth kept for the first of each verdict: one verdict should not hide another."""
    least = -(-count // 6)
    heads = [[finding for finding in ranked if finding.verdict is verdict][:least] for verdict in ATTENTION]
    chosen = {finding.finding_id for head in heads for finding in head}
    for finding in ranked:
        if len(chosen) >= count:
            break
        chosen.add(finding.finding_id)
    return [finding for finding in ranked if finding.finding_id in chosen]


def _line_attention(line: SiteLine) -> tuple[bool, Attention, int, str]:
    nothing = (0, False, 0, 0.0, 0.0, "", "", "")
    leading = nothing if line.leading is None else _attention(line.leading)
    return (line.leading is None, leading, -line.counts.inconsistent, line.site_id)


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


def _strip(series: UnitSeries | None) -> tuple[tuple[int, ...], int, int]:
    """Most likely state by step of time, the days most likely halted, and the days with a state."""
    if series is None or not len(series.p):
        return (), 0, 0
    known = ~np.isnan(series.p).any(axis=1)
    likeliest = np.where(known, np.nan_to_num(series.p).argmax(axis=1), -1)
    edges = np.unique(np.linspace(0, len(likeliest), min(STRIP_BINS, len(likeliest)) + 1).astype(int))
    states = tuple(_most_frequent(likeliest[start:stop]) for start, stop in pairwise(edges.tolist()))
    return states, int((likeliest == 2).sum()), int(known.sum())


def _most_frequent(states: npt.NDArray[np.int64]) -> int:
    """The state of most days; an unknown one only where no day has any."""
    known = states[states >= 0]
    return int(np.bincount(known).argmax()) if len(known) else -1


def _shares(series: UnitSeries | None, views: Sequence[FindingView]) -> tuple[tuple[float, float], ...]:
    """Windows as shares of the series' days, at most a dozen."""
    if series is None or not len(series.p):
        return ()
    windows = sorted({(view.finding.start, view.finding.stop) for view in views})
    scale = float(len(series.p))
    shares = [
        ((number_of(start) - series.first) / scale, (number_of(stop) - series.first) / scale) for start, stop in windows
    ]
    inside = [(max(0.0, start), min(1.0, stop)) for start, stop in shares if stop > 0 and start < 1]
    return tuple(inside) if len(inside) <= 12 else ()
