from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from satverify.domain.findings import Finding, Tier, Verdict
from satverify.report.ranking import STRIP_BINS, SiteLine, index_line, index_view
from tests.report import winter

VIEW = winter.winter_view()


def line(site_id: str, finding: Finding | None) -> SiteLine:
    counts = replace(VIEW.counts, inconsistent=0)
    return replace(index_line(VIEW), site_id=site_id, leading=finding, counts=counts)


def found(verdict: Verdict) -> Finding:
    return next(view.finding for view in VIEW.findings if view.finding.verdict is verdict and view.finding.looks.clear)


def test_what_nobody_could_see_comes_after_what_the_looks_left_open() -> None:
    view = winter.winter_view()
    open_question = found(Verdict.UNDETERMINED)
    nobody = replace(open_question, finding_id="a", p_met=0.5, looks=replace(open_question.looks, clear=0))
    table = index_view(view.project, [line("nobody", nobody), line("open", open_question)])
    assert [row.site_id for row in table.lines] == ["open", "nobody"]


def test_the_index_ranks_sites_by_their_leading_finding() -> None:
    lines = [
        line("d-without-orders", None),
        line("c", found(Verdict.CONSISTENT)),
        line("b", found(Verdict.UNDETERMINED)),
        line("a2", found(Verdict.INCONSISTENT)),
        line("a1", replace(found(Verdict.INCONSISTENT), tier=Tier.CONFIRMED, q_value=0.04)),
    ]
    view = index_view(VIEW.project, lines)
    assert [line.site_id for line in view.lines] == ["a1", "a2", "b", "c", "d-without-orders"]
    assert view.sites == {"inconsistent": 2, "undetermined": 1, "consistent": 1, "none": 1}


def test_smaller_q_values_rank_higher_within_a_tier() -> None:
    strong, weak = (replace(found(Verdict.INCONSISTENT), q_value=q) for q in (0.001, 0.2))
    view = index_view(VIEW.project, [line("weak", weak), line("strong", strong)])
    assert [line.site_id for line in view.lines] == ["strong", "weak"]


def test_the_strip_keeps_the_share_of_halted_days() -> None:
    strip = index_line(VIEW)
    assert len(strip.strip) == STRIP_BINS
    assert strip.known_days == (date(2022, 4, 1) - date(2020, 11, 1)).days
    assert strip.strip.count(2) / STRIP_BINS == pytest.approx(strip.halted_days / strip.known_days, abs=0.02)


def test_windows_lie_on_the_strip_where_their_days_do() -> None:
    first, second = index_line(winter.small_view()).windows
    assert first == pytest.approx((14 / 41, 21 / 41))
    assert second == pytest.approx((28 / 41, 33 / 41))
