"""Views in words: the sentences that need more than one value of a view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup, escape

from satverify.domain.findings import Finding, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.report.names import display_name
from satverify.report.ranking import SiteLine
from satverify.report.text import Text, sentence
from satverify.report.view import FindingView, UnitName

_DAY = timedelta(days=1)


def unit_words(unit: UnitName, text: Text) -> str:
    """What to call a unit in a sentence."""
    if unit.implied:
        return text("unit_label.implied")
    name = display_name(unit.name or unit.unit_id)
    if unit.kind is None:
        return text("unit_label.unknown", name=name)
    return text("unit_label.named", name=name, kind=text.word("unit_kind", unit.kind))


def window_words(finding: Finding, text: Text) -> str:
    """The window by its first and last day."""
    return text.days(finding.start, finding.stop - _DAY)


def headline(view: FindingView, text: Text) -> Markup:
    """What was ordered, and what the looks say of it."""
    return order_sentence(view, text) + text("format.sentence_separator") + verdict_sentence(view, text)


def order_sentence(view: FindingView, text: Text) -> Markup:
    """What was ordered."""
    finding = view.finding
    values: dict[str, object] = {
        "order": Markup('<b class="order">{}</b>').format(display_name(finding.order_id)),
        "unit": unit_words(view.unit, text),
        "first": _date(finding.start, text),
        "last": _date(finding.stop - _DAY, text),
        "days": (finding.stop - finding.start).days,
    }
    key = str(finding.requirement)
    if finding.requirement in {Requirement.CUT, Requirement.NO_INCREASE}:
        baseline = _baseline(view.order, text)
        key, values = (key, values | baseline) if baseline else ("unknown_order", values)
    return text.markup(f"summary.{key}", **values)


def verdict_sentence(view: FindingView, text: Text) -> Markup:
    """What the looks say of the order; nothing where nothing was asked."""
    finding = view.finding
    if finding.requirement is Requirement.EXEMPT:
        return Markup()
    verdict = Markup('<strong class="v-{}-text">{}</strong>').format(
        str(finding.verdict), text(f"verdict.{finding.verdict}")
    )
    if finding.verdict is Verdict.UNDETERMINED and not finding.looks.clear:
        return text.markup("summary.undetermined_unseen", verdict=verdict)
    return text.markup(
        f"summary.{finding.verdict}",
        verdict=verdict,
        p=_unbroken(text.p_equals(finding.p_met)),
        range=_unbroken(text.probabilities(finding.p_met_range)),
    )


def leading_words(line: SiteLine, text: Text) -> Markup:
    """The order, unit and probability of a site's leading finding."""
    if line.leading is None or line.leading_unit is None:
        return Markup()
    return text.markup(
        "index.leading_value",
        order=display_name(line.leading.order_id),
        unit=unit_words(line.leading_unit, text),
        p=_unbroken(text.p_equals(line.leading.p_met)),
        range=_unbroken(text.probabilities(line.leading.p_met_range)),
    )


def reasons(finding: Finding, text: Text) -> list[str]:
    """Why the verdict is what it is; what could have been missed is told apart."""
    return [sentence(reason, text.lang) for reason in finding.reasons if reason.code != "unseen_run"]


def counted(counts: Sequence[tuple[str, int]], section: str, text: Text) -> str:
    """How many of each kind; ``section`` of the text files holds the kinds' names."""
    return text.join([f"{text.word(section, kind)} {count}" for kind, count in counts])


def missed(finding: Finding, text: Text) -> str:
    """What could have happened in the window without being seen."""
    if not finding.looks.clear:
        return text("finding.missed_all")
    days = finding.longest_unseen_run_days
    return text("finding.missed_some", days=days) if days > 0 else text("finding.missed_none")


def running_days(finding: Finding, text: Text) -> str:
    """How many days of the window the unit ran."""
    days = finding.running_days
    if days is None:
        return text("finding.running_days_none")
    length = (finding.stop - finding.start).days
    if days.low == days.high:
        return text("finding.running_days_exact", median=days.median, level=days.level, days=length)
    return text(
        "finding.running_days_value",
        low=days.low,
        median=days.median,
        high=days.high,
        level=days.level,
        days=length,
    )


def _baseline(order: Order | None, text: Text) -> dict[str, object]:
    if order is None or order.baseline_start is None or order.baseline_stop is None:
        return {}
    return {
        "baseline_first": _date(order.baseline_start, text),
        "baseline_last": _date(order.baseline_stop - _DAY, text),
        "fraction": order.fraction or 0.0,
    }


def _date(day: date, text: Text) -> Markup:
    """A day that does not break over two lines."""
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), escape(text.date(day)))


def _unbroken(words: str) -> Markup:
    """Figures that do not break over two lines."""
    return Markup('<span class="num">{}</span>').format(words)
