from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.findings import Verdict
from satverify.report.gauge import gauge, verdict_mark, weight_bar, weight_code, weight_factor
from satverify.report.text import LANGUAGES, load_text

TEXT = load_text("en")
DECIDED = (0.05, 0.95)


def dot(p: float) -> float:
    return float(re.findall(r'cx="([\d.]+)"', gauge(p, (p, p), DECIDED, Verdict.UNDETERMINED, TEXT))[0])


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_probability_never_lies_further_left(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 8 <= dot(low) <= dot(high) <= 292


def test_even_odds_lie_in_the_middle() -> None:
    assert dot(0.5) == 150


@pytest.mark.parametrize(("p", "verdict"), [(0.04, "inconsistent"), (0.06, "undetermined"), (0.96, "consistent")])
def test_a_probability_lies_in_the_zone_of_its_verdict(p: float, verdict: str) -> None:
    drawing = gauge(p, (p, p), DECIDED, Verdict.UNDETERMINED, TEXT)
    ((x, width),) = re.findall(
        rf'<rect x="([\d.]+)" y="20" width="([\d.]+)" height="16" class="zone v-{verdict}"', drawing
    )
    assert float(x) <= dot(p) <= float(x) + float(width)


def test_the_gauge_tells_its_numbers_to_those_who_cannot_see_it() -> None:
    drawing = gauge(0.98, (0.95, 0.992), DECIDED, Verdict.CONSISTENT, TEXT)
    assert 'aria-label="Probability that the order was met: 0.98, between 0.95 and 0.99"' in drawing


def test_verdicts_are_told_apart_without_colour() -> None:
    assert len({re.findall(r' d="([^"]*)"', verdict_mark(verdict))[0] for verdict in Verdict}) == 3


@pytest.mark.parametrize(
    ("favours", "code"),
    [
        (0.0, "neutral"),
        (-0.2, "neutral"),
        (math.log(2), "slightly_running"),
        (-math.log(2), "slightly_halted"),
        (math.log(5), "clearly_running"),
        (-math.log(5), "clearly_halted"),
        (math.log(50), "strongly_running"),
        (-math.log(50), "strongly_halted"),
    ],
)
def test_a_look_is_worded_by_its_side_and_its_strength(favours: float, code: str) -> None:
    assert weight_code(favours) == code
    assert all(load_text(lang).has(f"evidence.{code}") for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("factor", "written"), [(1.5, "1.5"), (9.94, "9.9"), (42.4, "42"), (999, "999"), (5e6, "1000+")]
)
@pytest.mark.parametrize("side", [1, -1])
def test_the_factor_is_the_likelihood_ratio_of_either_side(factor: float, written: str, side: int) -> None:
    assert weight_factor(side * math.log(factor)) == written


def test_bars_point_right_for_running_and_left_for_halted() -> None:
    running, halted = (re.findall(r'<rect x="([\d.]+)"[^>]*class="s-(\w+)"', weight_bar(w))[0] for w in (2.0, -2.0))
    assert running == ("40", "running")
    assert float(halted[0]) < 40
    assert halted[1] == "halted"
    assert "<rect" not in weight_bar(0.0)
