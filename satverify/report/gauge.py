"""Small figures: how probable obedience is, what a look says, and what a verdict looks like."""

from __future__ import annotations

import math

from markupsafe import Markup

from satverify.domain.findings import Verdict
from satverify.report.svg import element, figure, label, line, path, rect
from satverify.report.text import Text

_WIDTH, _LEFT, _RIGHT = 300.0, 8.0, 292.0
_END = math.log(0.999 / 0.001)
_TICKS = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
_SHAPES = {
    Verdict.CONSISTENT: "M8 1a7 7 0 1 0 .01 0zM4.6 8.2l2.4 2.5 4.6-5.2",
    Verdict.INCONSISTENT: "M8 1.2L15.2 14.4H.8zM8 5.6v4.4M8 11.6v1.2",
    Verdict.UNDETERMINED: "M8 .8L15.2 8 8 15.2.8 8z",
}


def gauge(p: float, bounds: tuple[float, float], decided: tuple[float, float], verdict: Verdict, text: Text) -> Markup:
    """P(order met) with its range on a log-odds scale, over the zones of the three verdicts."""
    top, height = 20.0, 16.0
    low, high = _x(decided[0]), _x(decided[1])
    zones = (
        (_LEFT, low, "inconsistent", "gauge_low"),
        (low, high, "undetermined", "gauge_mid"),
        (high, _RIGHT, "consistent", "gauge_high"),
    )
    parts: list[Markup] = []
    for start, stop, kind, words in zones:
        parts.append(rect(start, top, stop - start, height, f"zone v-{kind}"))
        parts.append(label((start + stop) / 2, top - 7, text(f"finding.{words}"), "zone-name"))
    for tick in _TICKS:
        x = _x(tick)
        parts += [
            line(x, top + height, x, top + height + 4, "tick-line"),
            label(x, top + height + 16, f"{tick:g}", "scale-mid"),
        ]
    start, stop, middle = _x(bounds[0]), _x(bounds[1]), top + height / 2
    parts.append(rect(start, middle - 3, max(2.0, stop - start), 6, f"bar v-{verdict}", rx=3))
    parts.append(element("circle", cx=_x(p), cy=middle, r=5.5, class_=f"dot v-{verdict}"))
    words = text(
        "finding.gauge", p=text.probability(p), low=text.probability(bounds[0]), high=text.probability(bounds[1])
    )
    return figure(_WIDTH, 56, words, "gauge", parts)


def verdict_mark(verdict: Verdict) -> Markup:
    """Circle with a tick, triangle with a bar or hollow diamond: told apart without colour."""
    return element(
        "svg", path(_SHAPES[verdict], "shape"), viewBox="0 0 16 16", aria_hidden="true", class_=f"mark v-{verdict}"
    )


def weight_bar(favours: float) -> Markup:
    """A look's log-likelihood ratio as a bar from the middle: right for running, left for halted."""
    half, full = 40.0, math.log(1000)
    length = half * min(1.0, abs(favours) / full)
    kind = "running" if favours > 0 else "halted"
    return element(
        "svg",
        line(half, 0, half, 12, "tick-line"),
        rect(half if favours > 0 else half - length, 2, length, 8, f"s-{kind}") if length >= 0.1 else "",
        viewBox="0 0 80 12",
        aria_hidden="true",
        class_="weight",
    )


def weight_code(favours: float) -> str:
    """How much a look says, as a key of the text files."""
    size = abs(favours)
    if size < math.log(1.25):
        return "neutral"
    strength = "slightly" if size < math.log(3) else "clearly" if size < math.log(20) else "strongly"
    return f"{strength}_{'running' if favours > 0 else 'halted'}"


def weight_factor(favours: float) -> str:
    """The likelihood ratio, to two digits."""
    size = abs(favours)
    if size > math.log(1000):
        return "1000+"
    factor = math.exp(size)
    return f"{factor:.1f}" if factor < 9.95 else f"{factor:.0f}"


def _x(p: float) -> float:
    odds = math.log(p / (1 - p)) if 0 < p < 1 else math.copysign(_END, p - 0.5)
    return _LEFT + (_RIGHT - _LEFT) * (min(_END, max(-_END, odds)) / _END + 1) / 2
