from __future__ import annotations

from datetime import date

import pandas as pd

from satverify.domain.evidence import ACTIVITY_COLUMNS, CELL_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS, empty_table
from satverify.domain.findings import Finding, Verdict
from satverify.domain.sites import UnitKind
from satverify.report.attention import ATTENTION
from satverify.report.ranking import index_line
from satverify.report.view import MAX_DETAILS, site_view, unit_name
from tests.report import winter

VIEW = winter.winter_view()
DAYS = (date(2021, 11, 1), date(2021, 12, 12))


def test_inconsistent_comes_first_and_consistent_last() -> None:
    verdicts = [view.finding.verdict for view in VIEW.findings]
    assert verdicts[:3] == [Verdict.INCONSISTENT, Verdict.UNDETERMINED, Verdict.CONSISTENT]


def test_orders_on_units_without_looks_of_their_own_come_last() -> None:
    assert VIEW.findings[-1].finding.order_id == "TS-2022-07"
    assert [item.finding.order_id for item in VIEW.told] == ["TS-2021-03", "241-2", "241-1"]


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
