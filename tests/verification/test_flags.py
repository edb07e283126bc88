from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from shapely import box

from satverify.domain.evidence import LOOK_COLUMNS, empty_table
from satverify.domain.findings import Finding, LookCount, RunningDays, Statement, Tier, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.verification.flags import flag_lines, last_look_times, parse_flag_lines, raise_flags, shown

SCHEMA = json.loads(files("satverify.verification").joinpath("schema/flag-1.schema.json").read_text("utf-8"))
SITE = Site(
    site_id="s1", name="Lakeside Iron Works", name_zh="湖畔钢铁厂", city="Tangshan", outline=box(118, 39, 118.1, 39.1)
)
ACCUSED = Finding(
    finding_id="o1:s1:bf",
    order_id="o1",
    site_id="s1",
    unit_id="s1:bf",
    requirement=Requirement.HALT,
    start=date(2022, 1, 1),
    stop=date(2022, 2, 1),
    verdict=Verdict.INCONSISTENT,
    p_met=1.23456e-7,
    p_met_range=(3.1e-8, 4.9e-7),
    running_days=RunningDays(low=26, median=30, high=31, level=0.9),
    longest_unseen_run_days=31,
    looks=LookCount(clear=14, hot=12, cold=2, unusable=70, by_sensor=(("viirs", 14),)),
    tier=Tier.SINGLE_SENSOR,
    q_value=2.5e-5,
    reasons=(Statement(code="seen_hot", values=(("looks", 12), ("first", "2022-01-02"))),),
    alternatives=(Statement(code="hot_idle"),),
)
CLEARED = replace(ACCUSED, verdict=Verdict.CONSISTENT, p_met=0.99, p_met_range=(0.96, 0.99), q_value=1.0)
nasty = st.one_of(
    st.text(st.characters(), min_size=1, max_size=30),
    st.sampled_from(
        [
            '=HYPERLINK("http://x","y")',
            "+1-1",
            "@SUM(A1)",
            " \t=1",
            "\r\n-2",
            "<script>alert(1)</script>",
            "../../etc/passwd",
            "a\x00b\x85c\u2028d\u202ee",
            "\ud800",
            "＝1",
            "\ufeff=1",
        ]
    ),
)


def problems_of(flag: dict[str, Any]) -> list[str]:
    checker = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in checker.iter_errors(json.loads(json.dumps(flag)))]


def only(flags: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(flags) == 1
    assert problems_of(flags[0]) == []
    return flags[0]


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_flag_carries_the_finding_the_site_and_the_order() -> None:
    order = Order(
        order_id="o1",
        site_id="s1",
        start=ACCUSED.start,
        stop=ACCUSED.stop,
        requirement=Requirement.HALT,
        source="唐政办〔2021〕9号",
    )
    flag = only(raise_flags([ACCUSED], [SITE], orders=[order], timezone="Asia/Shanghai", project="north plain"))
    data = flag["data"]
    assert flag["type"] == "org.satverify.flag.raised"
    assert flag["source"] == "urn:satverify:project:north%20plain"
    assert flag["subject"] == "site/s1/unit/s1%3Abf"
    assert flag["time"] == "2022-01-31T16:00:00Z"  # midnight in Shanghai, UTC+8
    assert data["order"] == {"order_id": "o1", "source": "唐政办〔2021〕9号"}
    assert data["site"] == {
        "site_id": "s1",
        "name": "Lakeside Iron Works",
        "name_zh": "湖畔钢铁厂",
        "city": "Tangshan",
    }
    assert data["window"] == {"start": "2022-01-01", "stop": "2022-02-01"}
    assert (data["verdict"], data["p_met"], data["q_value"]) == ("inconsistent", 1.23e-7, 2.5e-5)
    assert data["running_days"] == {"low": 26, "median": 30, "high": 31, "level": 0.9}
    assert data["reasons"] == [{"code": "seen_hot", "values": {"looks": 12, "first": "2022-01-02"}}]
    assert "not a judgement of guilt" in data["statement"]["en"]


@pytest.mark.parametrize(
    "finding",
    [
        CLEARED,
        replace(ACCUSED, verdict=Verdict.UNDETERMINED),
        replace(ACCUSED, q_value=None),
        replace(ACCUSED, q_value=0.051),
    ],
)
def test_only_an_inconsistent_finding_within_the_bound_is_flagged(finding: Finding) -> None:
    assert raise_flags([finding], [SITE]) == []


def test_a_flag_on_made_up_evidence_says_so() -> None:
    assert only(raise_flags([ACCUSED], [SITE], simulated=True))["data"]["simulated"] is True
    assert only(raise_flags([ACCUSED], [SITE]))["data"]["simulated"] is False


def test_the_bound_can_be_set_and_is_recorded() -> None:
    flag = only(raise_flags([replace(ACCUSED, q_value=0.08)], [SITE], q_bound=0.1))
    assert flag["data"]["q_bound"] == 0.1


def test_the_same_inputs_give_the_same_bytes_in_any_order_and_on_the_next_run() -> None:
    other = replace(ACCUSED, finding_id="o1:s1:bf2", unit_id="s1:bf2")
    first = raise_flags([ACCUSED, other], [SITE])
    assert flag_lines(raise_flags([other, ACCUSED], [SITE])) == flag_lines(first)
    assert flag_lines(raise_flags([ACCUSED, other], [SITE], parse_flag_lines(flag_lines(first)))) == flag_lines(first)


def test_new_evidence_keeps_the_flag_and_gives_a_new_event() -> None:
    first = raise_flags([ACCUSED], [SITE])
    stronger = replace(ACCUSED, p_met=1e-9)
    second = raise_flags([stronger], [SITE], first)
    assert only(second)["type"] == "org.satverify.flag.updated"
    assert second[0]["data"]["flag_id"] == first[0]["data"]["flag_id"]
    assert (first[0]["data"]["revision"], second[0]["data"]["revision"]) == (1, 2)
    assert second[0]["id"] != first[0]["id"]
    back = raise_flags([ACCUSED], [SITE], second)
    assert len({first[0]["id"], second[0]["id"], only(back)["id"]}) == 3


def test_other_evidence_never_has_an_old_id_even_where_the_earlier_flags_were_lost() -> None:
    first = raise_flags([ACCUSED], [SITE])
    again = raise_flags([replace(ACCUSED, p_met=1e-9)], [SITE])
    assert first[0]["data"]["revision"] == again[0]["data"]["revision"] == 1
    assert first[0]["id"] != again[0]["id"]


def test_a_q_value_moved_by_other_sites_is_no_news() -> None:
    first = raise_flags([ACCUSED], [SITE])
    assert raise_flags([replace(ACCUSED, q_value=3e-5)], [SITE], first) == first


@pytest.mark.parametrize(
    ("now", "withdrawal"),
    [
        ([CLEARED], {"code": "verdict_changed", "verdict": "consistent", "p_met": 0.99, "q_value": 1.0}),
        (
            [replace(ACCUSED, q_value=0.2)],
            {
                "code": "q_value_above_bound",
                "verdict": "inconsistent",
                "p_met": 1.23e-7,
                "q_value": 0.2,
                "q_bound": 0.05,
            },
        ),
        ([], {"code": "no_such_order", "verdict": None, "p_met": None, "q_value": None}),
    ],
)
def test_a_withdrawn_flag_says_so_and_why_and_stays(now: list[Finding], withdrawal: dict[str, Any]) -> None:
    first = raise_flags([ACCUSED], [SITE])
    gone = raise_flags(now, [SITE], first)
    flag = only(gone)
    assert flag["type"] == "org.satverify.flag.withdrawn"
    assert flag["data"]["withdrawal"] == withdrawal
    assert (flag["data"]["status"], flag["data"]["revision"]) == ("withdrawn", 2)
    assert flag["data"]["reply"]["state"] == "not_needed"
    assert flag["data"]["flag_id"] == first[0]["data"]["flag_id"]
    assert flag["data"]["p_met"] == first[0]["data"]["p_met"]
    assert raise_flags(now, [SITE], parse_flag_lines(flag_lines(gone))) == gone


def test_a_withdrawn_flag_can_be_raised_again() -> None:
    gone = raise_flags([CLEARED], [SITE], raise_flags([ACCUSED], [SITE]))
    flag = only(raise_flags([ACCUSED], [SITE], gone))
    assert flag["type"] == "org.satverify.flag.raised"
    assert flag["data"]["revision"] == 3
    assert "withdrawal" not in flag["data"]


def test_the_event_has_the_time_of_the_last_usable_look_inside_the_window() -> None:
    days = ["2021-12-31", "2022-01-05", "2022-01-20", "2022-01-30", "2022-02-01"]
    looks = pd.concat(
        [
            empty_table(LOOK_COLUMNS),
            pd.DataFrame(
                {
                    "site_id": "s1",
                    "unit_id": ["s1:bf"] * 5,
                    "time": pd.to_datetime([f"{day}T17:30:00Z" for day in days]).as_unit("us"),
                    "local_day": pd.to_datetime(days).as_unit("us"),
                    "quality": ["clear", "clear", "partly", "cloudy", "clear"],
                }
            ),
        ]
    )
    times = last_look_times([ACCUSED, replace(ACCUSED, finding_id="none", unit_id="s1:coke")], looks)
    assert times == {"o1:s1:bf": datetime(2022, 1, 20, 17, 30, tzinfo=UTC)}
    assert only(raise_flags([ACCUSED], [SITE], last_looks=times))["time"] == "2022-01-20T17:30:00Z"


def test_a_flag_is_never_withdrawn_at_a_time_before_it_was_raised() -> None:
    first = raise_flags([ACCUSED], [SITE])
    early = {CLEARED.finding_id: datetime(2021, 1, 1, tzinfo=UTC)}
    assert raise_flags([CLEARED], [SITE], first, last_looks=early)[0]["time"] == first[0]["time"]


def test_a_finding_of_an_unknown_site_is_flagged_without_names() -> None:
    assert only(raise_flags([ACCUSED], []))["data"]["site"]["name"] == ""


@given(nasty, nasty, nasty, nasty)
def test_nasty_names_are_harmless(name: str, city: str, unit_id: str, order_id: str) -> None:
    site = replace(SITE, name=name, name_zh=name, city=city)
    finding = replace(
        ACCUSED, unit_id=unit_id, order_id=order_id, reasons=(Statement(code="x", values=(("a", name),)),)
    )
    flags = raise_flags([finding], [site], project=name)
    only(flags)
    text = flag_lines(flags)
    assert len(text.splitlines()) == 1
    text.encode("utf-8")
    assert parse_flag_lines(text) == json.loads(f"[{text}]")
    assert not only(flags)["data"]["site"]["name"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_shown_names_are_left_alone_where_they_are_harmless() -> None:
    assert shown("Baosteel-Zhanjiang (BF 1+2)") == "Baosteel-Zhanjiang (BF 1+2)"
    assert shown("唐山 钢铁") == "唐山 钢铁"
    assert shown("=1+1") == "'=1+1"
    assert shown("a\x07\u202eb") == "a b"


def test_chinese_stays_legible_in_the_file() -> None:
    assert "湖畔钢铁厂" in flag_lines(raise_flags([ACCUSED], [SITE]))


def test_every_line_that_is_no_flag_is_named() -> None:
    good = flag_lines(raise_flags([ACCUSED], [SITE]))
    with pytest.raises(InputError) as caught:
        parse_flag_lines(good + "\n{}\n" + good + "[1\n", file="out/flags.jsonl")
    assert [(problem.file, problem.where) for problem in caught.value.problems] == [
        ("out/flags.jsonl", "line 3"),
        ("out/flags.jsonl", "line 5"),
    ]


@given(st.one_of(st.text(), st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps)))
def test_random_text_gives_flags_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert parse_flag_lines(text) == []


def test_the_schema_refuses_what_is_not_a_flag() -> None:
    flag = only(raise_flags([ACCUSED], [SITE]))
    gone = only(raise_flags([], [SITE], [flag]))
    silent = {name: value for name, value in gone["data"].items() if name != "withdrawal"}
    for wrong in (
        {**flag, "time": "yesterday"},
        {**flag, "data": {**flag["data"], "p_met": 1.2}},
        {**flag, "data": {**flag["data"], "guilty": True}},
        {**flag, "data": {**flag["data"], "site": {**flag["data"]["site"], "name": "=1"}}},
        {**flag, "type": "org.satverify.flag.withdrawn"},
        {**gone, "data": silent},
    ):
        assert problems_of(wrong)
