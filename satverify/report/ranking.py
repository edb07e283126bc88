"""What the index shows: all sites of a run, those to look at first on top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from satverify.domain.findings import Finding
from satverify.report.attention import Attention, attention
from satverify.report.sightings import UnitSeries, number_of
from satverify.report.view import Counts, FindingView, Project, SiteView, UnitName

MAX_STRIPS = 400
"""Sites of the index with an activity strip."""
STRIP_BINS = 120
"""Most steps of one activity strip."""


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


def _line_attention(line: SiteLine) -> tuple[bool, Attention, int, str]:
    nothing = (0, False, 0, 0.0, 0.0, "", "", "")
    leading = nothing if line.leading is None else attention(line.leading)
    return (line.leading is None, leading, -line.counts.inconsistent, line.site_id)


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
