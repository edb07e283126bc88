from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.report.names import display_name, report_name

NASTY = [
    "../../etc/passwd",
    "..\\..\\windows",
    "a/b",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "con",
    "index",
    "",
    " ",
    ".",
    "..",
    "x" * 400,
    "唐山钢铁",
    "A",
    "a\x00b",
    "a~b",
    "\ud800",
]


def test_plain_ids_stay_as_they_are() -> None:
    assert report_name("tangshan-03") == "tangshan-03.html"
    assert report_name("works_1") == "works_1.html"


@pytest.mark.parametrize("site_id", NASTY)
def test_nasty_ids_give_safe_file_names(site_id: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*~[0-9a-f]{20}\.html", report_name(site_id))
    assert len(report_name(site_id)) < 120


def test_nasty_ids_do_not_share_a_page() -> None:
    assert len({report_name(site_id) for site_id in NASTY}) == len(NASTY)


@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_two_ids_never_share_a_page_even_where_case_is_ignored(one: str, other: str) -> None:
    assert (report_name(one).lower() == report_name(other).lower()) == (one == other)


def test_ids_that_differ_by_case_alone_do_not_share_a_page() -> None:
    assert report_name("Works").lower() != report_name("works").lower()


def test_a_plain_id_cannot_imitate_the_page_of_another() -> None:
    assert report_name(report_name("Works").removesuffix(".html")) != report_name("Works")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1+1"])
def test_formulas_are_shown_as_text(name: str) -> None:
    assert display_name(name) == "'" + name.strip()


def test_characters_that_change_the_direction_of_text_are_shown() -> None:
    assert display_name("works\u202egpj.exe\x07") == "works\N{REPLACEMENT CHARACTER}gpj.exe\N{REPLACEMENT CHARACTER}"


def test_ordinary_names_stay_as_they_are() -> None:
    assert display_name("唐山钢铁 (No. 3) – “north”") == "唐山钢铁 (No. 3) – “north”"
