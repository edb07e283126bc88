"""The figures of a page, drawn from its view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from satverify.domain.looks import STATES
from satverify.report import gauge as gauges
from satverify.report.axis import TimeAxis
from satverify.report.lanes import bin_days
from satverify.report.map import heat_map
from satverify.report.names import display_name
from satverify.report.ranking import SiteLine
from satverify.report.sightings import Seen, UnitSeries, number_of
from satverify.report.strip import activity_strip, findings_strip
from satverify.report.svg import element, line, path, rect
from satverify.report.text import Text
from satverify.report.timeline import Span, timeline
from satverify.report.view import FindingView, Project, SiteView, SourceUse, UnitView, count_verdicts
from satverify.report.wording import unit_words

MARGIN = 20
"""Days drawn on either side of a window."""
MAX_SPANS = 8
"""Windows named on one overview; more go into a strip."""

Days = tuple[int, int]


def overview(view: UnitView, project: Project, text: Text) -> Markup:
    """The whole period of one unit."""
    spans: list[Span] = []
    if len(view.findings) <= MAX_SPANS:
        for finding in view.findings:
            spans += _spans(finding, text)
    unit = unit_words(view.unit, text)
    return timeline(view.series, _period(view.series, project), spans, text, aria_unit=unit, dim=False)


def overview_bin(view: UnitView, project: Project) -> int:
    """Days that one mark of the overview stands for."""
    first, stop = _period(view.series, project)
    return bin_days(TimeAxis(first=first, stop=stop, left=0.0, right=930.0))


def zoom(view: FindingView, project: Project, text: Text) -> Markup:
    """The window of one finding and the days on either side."""
    finding = view.finding
    return _close_up(view, project, text, _named(view, text), (number_of(finding.start), number_of(finding.stop)))


def baseline_zoom(view: FindingView, project: Project, text: Text) -> Markup:
    """The days an order compares with; nothing where it has none."""
    spans = _spans(view, text)[1:]
    return _close_up(view, project, text, spans[0], (spans[0].start, spans[0].stop)) if spans else Markup()


def many_findings(view: UnitView, text: Text) -> Markup:
    """All findings of one unit as a strip; nothing where they fit on the overview."""
    findings = [item.finding for item in view.findings]
    if len(findings) <= MAX_SPANS:
        return Markup()
    counts = count_verdicts(findings)
    aria = text(
        "finding.strip_aria",
        unit=unit_words(view.unit, text),
        inconsistent=counts.inconsistent,
        undetermined=counts.undetermined,
        consistent=counts.consistent,
    )
    return findings_strip(findings, text, aria)


def gauge(view: FindingView, project: Project, text: Text) -> Markup:
    """How probable it is that the order was met."""
    finding = view.finding
    return gauges.gauge(finding.p_met, finding.p_met_range, project.decided, finding.verdict, text)


def map_of(view: SiteView, text: Text) -> Markup:
    """Where the heat sits."""
    return heat_map(view.heat, text)


def spark(site: SiteLine, text: Text) -> Markup:
    """One site's activity in a line."""
    return activity_strip(site, text)


def state_keys(text: Text) -> list[tuple[Markup, str]]:
    """Swatches of the states."""
    return [(_swatch(rect(0, 1, 18, 12, f"s-{state}")), text.word("state", state)) for state in STATES]


def look_keys(text: Text) -> list[tuple[Markup, str]]:
    """Swatches of the looks."""
    base = line(0, 7, 18, 7, "base")
    drawings = {
        Seen.HOT: (base, element("g", path("M6 7V1M12 7V3", "look hot"), stroke_width=2.5)),
        Seen.COLD: (base, element("g", path("M6 7V13M12 7V11", "look cold"), stroke_width=2.5)),
        Seen.COLD_PARTLY: (base, element("g", path("M6 7V13M12 7V11", "look cold_partly"), stroke_width=2.5)),
        Seen.CLOUDY: (base, path("M5 7h0M13 7h0", "look cloudy")),
        Seen.NODATA: (rect(0, 1, 18, 12, "nodata", fill="url(#hatch)"),),
    }
    return [(_swatch(*drawing), text.word("look", kind)) for kind, drawing in drawings.items()]


def cell_keys(text: Text) -> list[tuple[Markup, str]]:
    """Swatches of the map's cells."""
    over = rect(3, 1, 12, 12, "over", fill="url(#cross)")
    drawings = {
        "own": (rect(3, 1, 12, 12, "cell own g3"),),
        "stays_hot": (rect(3, 1, 12, 12, "cell stays_hot g3"), over),
        "elsewhere": (rect(3, 1, 12, 12, "cell elsewhere g3"),),
        "neighbour": (rect(3, 1, 12, 12, "cell neighbour g3"),),
    }
    return [(_swatch(*drawing), text.word("map", role)) for role, drawing in drawings.items()]


def outline_keys(view: SiteView, text: Text) -> list[tuple[Markup, str]]:
    """Swatches of the map's lines."""
    status = text.word("footprint", view.heat.outline_status)
    keys = [(_swatch(path("M1 3H17V12H1Z", "outline")), text("map.outline", status=status))]
    if view.heat.footprints:
        keys.append((_swatch(path("M3 3H15V12H3Z", "footprint")), text("map.footprint")))
    return keys


def _swatch(*content: str) -> Markup:
    return element("svg", *content, viewBox="0 0 18 14", aria_hidden="true", class_="swatch")


def _close_up(view: FindingView, project: Project, text: Text, span: Span, days: Days) -> Markup:
    if view.series is None or not len(view.series.p):
        return Markup()
    first, stop = _period(view.series, project)
    near = (max(first, days[0] - MARGIN), min(stop, days[1] + MARGIN))
    if near[0] >= near[1]:
        return Markup()
    return timeline(view.series, near, [span], text, aria_unit=unit_words(view.unit, text), dim=True)


def _period(series: UnitSeries, project: Project) -> Days:
    """The project's days as far as the series knows any, else the series' own."""
    start, stop = (number_of(day) for day in project.days)
    first, last = max(start, series.first), min(stop, series.stop)
    return (first, last) if first < last else (series.first, series.stop)


def _named(view: FindingView, text: Text) -> Span:
    finding = view.finding
    asked = text.word("requirement", finding.requirement)
    name = f"{display_name(finding.order_id)} · {asked} · {text.word('verdict', finding.verdict)}"
    return Span(start=number_of(finding.start), stop=number_of(finding.stop), name=name, verdict=finding.verdict)


def _spans(view: FindingView, text: Text) -> list[Span]:
    """The window, and the days it compares with where it does."""
    spans = [_named(view, text)]
    order = view.order
    if order is not None and order.baseline_start is not None and order.baseline_stop is not None:
        name = text("timeline.baseline", order=display_name(order.order_id))
        start, stop = number_of(order.baseline_start), number_of(order.baseline_stop)
        spans.append(Span(start=start, stop=stop, name=name))
    return spans


def last_day(project: Project) -> date:
    """Last day that the project accounts for."""
    return day_before(project.days[1])


def day_before(day: date) -> date:
    """The last day of a window that stops at ``day``."""
    return day - timedelta(days=1)


def ranges(coverage: Sequence[tuple[date, date]], text: Text) -> list[str]:
    """Runs of days in words."""
    return [text.days(start, day_before(stop)) for start, stop in coverage]


def source_name(source: SourceUse, project: Project, text: Text) -> str:
    """What to call a source: detections of a simulator are not called those of a satellite."""
    kind = "simulated" if project.simulated and source.kind == "firms" else source.kind
    key = f"provenance.source_{kind}"
    return text(key) if text.has(key) else display_name(kind)


def credits(project: Project, text: Text) -> list[str]:
    """Acknowledgements that the sources ask for; simulated ones ask for none."""
    if project.simulated:
        return []
    keys = sorted({f"provenance.credit_{source.kind}" for source in project.sources})
    return [text(key) for key in keys if text.has(key)]
