from __future__ import annotations

import json
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.findings import Finding, LookCount, RunningDays, Statement, Tier, Verdict
from satverify.domain.policy import Requirement
from satverify.pipeline.records import finding_of, finding_record, rounded

P = st.floats(0, 1)
COUNT = st.integers(0, 10**6)
TEXT = st.text(max_size=8)
STATEMENTS = st.lists(
    st.builds(
        Statement, code=TEXT, values=st.dictionaries(TEXT, TEXT | COUNT | P, max_size=3).map(lambda v: tuple(v.items()))
    ),
    max_size=3,
).map(tuple)
FINDINGS = st.builds(
    Finding,
    finding_id=TEXT,
    order_id=TEXT,
    site_id=TEXT,
    unit_id=TEXT,
    requirement=st.sampled_from(Requirement),
    start=st.dates(max_value=date(2100, 1, 1)),
    stop=st.dates(max_value=date(2100, 1, 1)),
    verdict=st.sampled_from(Verdict),
    p_met=P,
    p_met_range=st.tuples(P, P),
    running_days=st.none() | st.builds(RunningDays, low=COUNT, median=COUNT, high=COUNT, level=P),
    longest_unseen_run_days=COUNT,
    looks=st.builds(
        LookCount,
        clear=COUNT,
        hot=COUNT,
        cold=COUNT,
        unusable=COUNT,
        by_sensor=st.dictionaries(TEXT, COUNT, max_size=3).map(lambda counts: tuple(sorted(counts.items()))),
    ),
    tier=st.sampled_from(Tier),
    q_value=st.none() | P,
    reasons=STATEMENTS,
    alternatives=STATEMENTS,
)


@given(finding=FINDINGS)
def test_a_finding_comes_back_from_json_as_it_was(finding: Finding) -> None:
    assert finding_of(json.loads(json.dumps(finding_record(finding)))) == finding


@given(finding=FINDINGS)
def test_a_sentence_stands_beside_each_code(finding: Finding) -> None:
    record = finding_record(finding, lambda statement: f"said {statement.code}")
    told = [*record["reasons"], *record["alternatives"]]
    assert [said["text"] for said in told] == [f"said {said['code']}" for said in told]
    assert record["window"]["start"] == (finding.start + timedelta(0)).isoformat()


def test_rounding_takes_away_what_differs_between_machines_and_no_more() -> None:
    assert rounded(
        {"p": 0.1 + 0.2, "many": [1e-17, 123456789, float("nan")], "none": None, "word": "x", "yes": True}
    ) == {
        "p": 0.3,
        "many": [1e-17, 123456789, None],
        "none": None,
        "word": "x",
        "yes": True,
    }
