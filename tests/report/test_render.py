from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from shapely import box

from satverify.domain.evidence import ACTIVITY_COLUMNS, CELL_COLUMNS, CHANGE_COLUMNS, LOOK_COLUMNS, empty_table
from satverify.domain.findings import Statement
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.report.names import report_name
from satverify.report.ranking import index_line, index_view
from satverify.report.render import render_index, render_site, write_index, write_site_report
from satverify.report.text import LANGUAGES
from satverify.report.view import SiteView, SourceUse, site_view
from tests.report import winter

GOLDEN = Path(__file__).with_name("golden")
NASTY = "\"><script>alert('x')</script><img src=x onerror=alert(1)>=cmd|' /C calc'!A0/../..\\\x00\u202e{{ 7*7 }}{days}"
VOID = {"meta", "link", "br", "img", "hr"}
OUTWARD = {"src", "href", "action", "data", "srcset", "poster", "xlink:href"}


class Reader(HTMLParser):
    """Reads a page and notes what a careful person would."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.unbalanced: list[str] = []
        self.outward: set[str] = set()
        self.handlers: set[str] = set()
        self.ids: Counter[str] = Counter()
        self.words: list[str] = []
        self.headings: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in OUTWARD and value:
                self.outward.add(value)
            if name.startswith("on"):
                self.handlers.add(name)
            if name == "id" and value:
                self.ids[value] += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.words.append(data)
        if self.open and self.open[-1] in {"h1", "h2", "h3"}:
            self.headings.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def an_index(lang: str) -> str:
    views = [winter.small_view(), winter.winter_view(winter.works("example-2", "Example Works No. 2", ""), seed=9)]
    return render_index(index_view(views[0].project, [index_line(view) for view in views]), lang)


def a_nasty_site() -> Site:
    plain = winter.works(NASTY, NASTY, NASTY)
    units = tuple(replace(unit, name=NASTY, unit_id=unit.unit_id + NASTY) for unit in plain.units)
    return replace(plain, city=NASTY, units=units)


def a_nasty_view() -> SiteView:
    site = a_nasty_site()
    view = winter.small_view(site)
    findings = tuple(
        replace(
            item,
            order=None if item.order is None else replace(item.order, source=NASTY),
            finding=replace(
                item.finding,
                order_id=NASTY,
                reasons=(Statement(code=NASTY), Statement(code="not_separable", values=(("units", NASTY),))),
            ),
        )
        for item in view.findings
    )
    return replace(view, findings=findings, told=findings, detailed=findings, project=replace(view.project, name=NASTY))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", ["site", "index"])
def test_pages_are_as_they_were(page: str, lang: str) -> None:
    """To accept a change: SATVERIFY_ACCEPT=1 scripts/test tests/report, then look at the pages and the difference."""
    made = render_site(winter.small_view(), lang) if page == "site" else an_index(lang)
    kept = GOLDEN / f"{page}.{lang}.html"
    if os.environ.get("SATVERIFY_ACCEPT"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(made, encoding="utf-8", newline="\n")
    assert made == kept.read_text(encoding="utf-8")


def test_the_same_view_gives_the_same_bytes() -> None:
    assert render_site(winter.small_view(), "en") == render_site(winter.small_view(), "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_well_formed_and_need_nothing_from_outside(lang: str) -> None:
    for page in (render_site(winter.winter_view(), lang), an_index(lang)):
        read = Reader(page)
        assert read.unbalanced == []
        assert read.open == []
        assert not {"script", "iframe", "link[rel=stylesheet]", "object", "embed", "img"} & set(read.tags)
        assert all(re.fullmatch(r"#[\w~-]+|[a-z0-9_~-]+\.html|data:,", place) for place in read.outward)
        assert max(read.ids.values()) == 1
        assert "@import" not in page
        assert set(re.findall(r"url\(([^)]*)\)", page)) <= {"#hatch", "#cross"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_links_within_a_page_lead_somewhere(lang: str) -> None:
    read = Reader(render_site(winter.winter_view(), lang))
    assert {place[1:] for place in read.outward if place.startswith("#")} <= set(read.ids)


def test_the_headline_says_what_was_asked_and_what_the_looks_say() -> None:
    words = Reader(render_site(winter.winter_view(), "en")).text
    assert (
        "Order 241-1 asked that iron-making (all furnaces together) be halted from 15 Nov 2021 to 31 Dec 2021 "
        "(47 days). The looks are consistent with that: P = 0.98 ( 0.96–0.996 )."
    ) in words
    assert "Whether that was done is undetermined : P = 0.62 ( 0.28–0.88 )." in words
    assert "cut output by 30% from 1 Jan 2022 to 15 Mar 2022 (74 days), against 1 Jan 2021 to 15 Mar 2021" in words


def test_the_chinese_page_is_chinese_throughout() -> None:
    page = render_site(winter.winter_view(), "zh")
    assert '<html lang="zh-CN">' in page
    words = Reader(page).text
    assert "卫星观测 与指令一致 ： P = 0.98 （ 0.96–0.996 ）。" in words
    english = set(re.findall(r"[A-Za-z]{4,}", words))
    names = "Example Works Tangshan Asia Shanghai furnace Coke battery coke VIIRS NOAA satverify example csv"
    allowed = set((names + " detections cloud invented this for Heating season ironmaking").split())
    assert english <= allowed


def test_no_page_calls_anybody_guilty() -> None:
    guilty = re.compile(r"\b(?:guilty|violat\w+|illegal\w*|offend\w+|cheat\w*)\b|违规企业|违法", re.IGNORECASE)
    for lang in LANGUAGES:
        assert not guilty.search(Reader(render_site(winter.winter_view(), lang)).text)
        assert not guilty.search(Reader(an_index(lang)).text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_simulated_data_is_said_at_the_top_and_only_then(lang: str) -> None:
    view = winter.small_view()
    real = replace(view, project=replace(view.project, simulated=False))
    banner = 'class="banner"'
    assert banner in render_site(view, lang)
    assert banner not in render_site(real, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nasty_names_are_only_text(lang: str) -> None:
    view = a_nasty_view()
    for page in (render_site(view, lang), render_index(index_view(view.project, [index_line(view)]), lang)):
        read = Reader(page)
        assert read.unbalanced == []
        assert not {"script", "img"} & set(read.tags)
        assert not read.handlers
        assert "alert('x')" in read.text
        assert not set("\x00\u202e") & set(page)
        assert "{{ 7*7 }}" in read.text
        assert "49" not in re.findall(r"\b49\b", " ".join(read.headings))
        assert all(re.fullmatch(r"#[\w~-]+|[a-z0-9_~-]+\.html|data:,", place) for place in read.outward)


def test_a_formula_in_a_cell_is_text_to_a_spreadsheet() -> None:
    view = winter.small_view(winter.works("w", "=1+1", "@SUM(A1)"))
    read = Reader(render_index(index_view(view.project, [index_line(view)]), "en"))
    assert "'=1+1" in read.words
    assert not [words for words in read.words if words.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_site_without_looks_orders_or_units_has_a_page(lang: str) -> None:
    days = winter.small_view().project.days
    view = site_view(
        winter.project(days),
        Site(site_id="bare", name="", outline=box(0, 0, 0.01, 0.01)),
        orders=[],
        findings=[],
        looks=empty_table(LOOK_COLUMNS),
        activity=empty_table(ACTIVITY_COLUMNS),
        cells=empty_table(CELL_COLUMNS),
        changes=empty_table(CHANGE_COLUMNS),
    )
    read = Reader(render_site(view, lang))
    assert read.headings[0] == "bare"
    assert Reader(render_index(index_view(view.project, [index_line(view)]), lang)).unbalanced == []


def test_a_finding_whose_order_is_gone_is_still_told() -> None:
    view = winter.winter_view()
    findings = tuple(replace(item, order=None) for item in view.findings)
    words = Reader(render_site(replace(view, findings=findings, told=findings, detailed=findings[:1]), "en")).text
    assert "Order 241-2 concerns iron-making" in words


def test_many_findings_give_a_page_that_can_be_used() -> None:
    page = render_site(winter.rolling_view(933), "en")
    read = Reader(page)
    assert len(page) < 2_000_000
    assert read.tags["article"] == 10
    assert read.tags["tr"] > 933
    assert "for 10 of 933 findings" in read.text
    assert 'class="strip"' in page


def test_an_empty_project_has_an_index() -> None:
    page = render_index(index_view(winter.small_view().project, []), "en")
    assert "There are no sites in this project." in Reader(page).text


def test_a_page_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    view = winter.small_view()
    path = tmp_path / report_name(view.site.site_id)
    path.write_text("an older page")
    write_site_report(path, view, "en")
    write_index(tmp_path / "index.html", index_view(view.project, [index_line(view)]), "zh")
    assert path.read_text(encoding="utf-8") == render_site(view, "en")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["example-1.html", "index.html"]


def test_a_page_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    view = winter.small_view()
    with pytest.raises(InputError, match=r"report a\.html: expected a folder that can be written to"):
        write_site_report(tmp_path / "absent" / "a.html", view)
    (tmp_path / "b.html").mkdir()
    with pytest.raises(InputError, match=r"report b\.html"):
        write_site_report(tmp_path / "b.html", view)
    assert [file.name for file in tmp_path.iterdir()] == ["b.html"]


def test_an_unknown_language_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="report language"):
        write_site_report(tmp_path / "a.html", winter.small_view(), "fr")
    assert list(tmp_path.iterdir()) == []


def test_detections_are_credited_where_they_are_real() -> None:
    view = winter.small_view()
    firms = replace(view.project, sources=(SourceUse(kind="firms", files=("a.csv",)), SourceUse(kind="<b>", files=())))
    simulated = Reader(render_site(replace(view, project=firms), "en")).text
    real = Reader(render_site(replace(view, project=replace(firms, simulated=False)), "en")).text
    assert ("Simulated detections" in simulated, "NASA" in simulated) == (True, False)
    assert ("Simulated detections" in real, "NASA" in real) == (False, True)
    assert "<b>" in real
