from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from satverify.domain.evidence import ACTIVITY_COLUMNS, CELL_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS, empty_table
from satverify.domain.findings import Finding, Tier, Verdict
from satverify.domain.sites import UnitKind
from satverify.report.view import (
    ATTENTION,
    MAX_DETAILS,
    STRIP_BINS,
    SiteLine,
    index_line,
    index_view,
    site_view,
    unit_name,
)
from tests.report import winter

VIEW = winter.winter_view()
DAYS = (date(2021, 11, 1), date(2021, 12, 12))


def line(site_id: str, finding: Finding | None) -> SiteLine:
    counts = replace(VIEW.counts, inconsistent=0)
    return replace(index_line(VIEW), site_id=site_id, leading=finding, counts=counts)


def found(verdict: Verdict) -> Finding:
    return next(view.finding for view in VIEW.findings if view.finding.verdict is verdict and view.finding.looks.clear)


def test_inconsistent_comes_first_and_consistent_last() -> None:
    verdicts = [view.finding.verdict for view in VIEW.findings]
    assert verdicts[:3] == [Verdict.INCONSISTENT, Verdict.UNDETERMINED, Verdict.CONSISTENT]


def test_orders_on_units_without_looks_of_their_own_come_last() -> None:
    assert VIEW.findings[-1].finding.order_id == "TS-2022-07"
    assert [item.finding.order_id for item in VIEW.told] == ["TS-2021-03", "241-2", "241-1"]


def test_what_nobody_could_see_comes_after_what_the_looks_left_open() -> None:
    view = winter.winter_view()
    open_question = found(Verdict.UNDETERMINED)
    nobody = replace(open_question, finding_id="a", p_met=0.5, looks=replace(open_question.looks, clear=0))
    table = index_view(view.project, [line("nobody", nobody), line("open", open_question)])
    assert [row.site_id for row in table.lines] == ["open", "nobody"]


def test_findings_with_looks_of_their_own_get_a_section_by_date() -> None:
    assert [view.finding.order_id for view in VIEW.detailed] == ["TS-2021-03", "241-1", "241-2"]
    assert not VIEW.capped


def test_an_order_on_one_furnace_is_listed_without_a_timeline() -> None:
    view = next(view for view in VIEW.findings if view.finding.order_id == "TS-2022-07")
    assert view.series is None
    assert view.evidence is None
    assert view.unit.kind is UnitKind.BLAST_FURNACE


def test_the_unit_of_all_furnaces_is_known_by_its_id() -> None:
    site = winter.works()
    assert unit_name(site, f"{site.site_id}:ironmaking").implied
    assert unit_name(site, "another").kind is None


def test_many_findings_keep_the_most_telling_sections() -> None:
    view = winter.rolling_view(60)
    assert len(view.findings) == 60
    assert len(view.detailed) == MAX_DETAILS
    assert view.capped
    verdicts = [item.finding.verdict for item in view.detailed]
    assert [verdicts.count(verdict) for verdict in ATTENTION] == [6, 2, 2]
    assert [item.finding.verdict for item in view.told].count(Verdict.INCONSISTENT) == 4


def test_every_finding_is_counted_once() -> None:
    assert (VIEW.counts.inconsistent, VIEW.counts.undetermined, VIEW.counts.consistent, VIEW.counts.total) == (
        1,
        2,
        1,
        4,
    )


def test_rows_and_findings_of_other_sites_stay_out() -> None:
    mine, other = winter.works(), winter.works("other-works")
    looks = pd.concat([winter.looks_table(site, DAYS, [], 1) for site in (mine, other)], ignore_index=True)
    view = site_view(
        winter.project(DAYS),
        mine,
        orders=[],
        findings=[view.finding for view in winter.small_view(other).findings],
        looks=looks,
        activity=winter.activity_table(looks),
        cells=pd.concat([winter.cells_table(site) for site in (mine, other)], ignore_index=True),
        changes=empty_table(CHANGE_COLUMNS),
    )
    assert view.findings == ()
    assert [unit.unit.unit_id for unit in view.units] == [winter.ironmaking(mine)]
    assert len(view.heat.cells) == len(winter.cells_table(mine))


def test_a_site_that_nobody_looked_at_still_has_a_page() -> None:
    view = site_view(
        winter.project(DAYS),
        winter.works(),
        orders=[],
        findings=[],
        looks=empty_table(LOOK_COLUMNS),
        activity=empty_table(ACTIVITY_COLUMNS),
        cells=empty_table(CELL_COLUMNS),
        changes=empty_table(CHANGE_COLUMNS),
    )
    assert view.units == ()
    assert index_line(view).strip == ()


def test_the_order_of_the_inputs_does_not_show() -> None:
    site, looks = winter.works(), winter.looks_table(winter.works(), DAYS, [], 1)
    findings = [view.finding for view in winter.small_view(site).findings]

    def ranking(given: list[Finding]) -> list[str]:
        view = site_view(
            winter.project(DAYS),
            site,
            orders=[],
            findings=given,
            looks=looks.sample(frac=1, random_state=1),
            activity=winter.activity_table(looks),
            cells=winter.cells_table(site),
            changes=empty_table(CHANGE_COLUMNS),
        )
        return [view.finding.finding_id for view in view.findings]

    assert ranking(findings) == ranking(findings[::-1])


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
