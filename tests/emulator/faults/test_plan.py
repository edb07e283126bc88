"""Plans of faults: which request is hit, and that it is always the same."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.emulator import Fault, FaultKind, FaultPlan, RequestKind
from satverify.emulator.faults.plan import DEFAULT_ON, INTERFACES, Mishaps, json_of_plan, plan_of_json
from satverify.errors import InputError
from tests.emulator.standin import GRANULES

PROCESS, CATALOG, TOKEN = RequestKind.PROCESS, RequestKind.CATALOG, RequestKind.TOKEN


def hits(plan: FaultPlan, requests: int, kind: RequestKind = PROCESS) -> list[int]:
    """Which of so many different requests are hit."""
    mishaps = Mishaps(plan)
    return [number for number in range(requests) if mishaps.next(kind, f"request {number}") is not None]


def one(**fault: object) -> FaultPlan:
    return FaultPlan(faults=(Fault(**{"kind": FaultKind.RATE_LIMIT, **fault}),))  # type: ignore[arg-type]


def test_a_storm_hits_from_its_first_request_to_its_last() -> None:
    assert hits(one(start=3, stop=6), 10) == [3, 4, 5]
    assert hits(one(start=8), 10) == [8, 9]


def test_requests_can_be_picked_by_number() -> None:
    assert hits(one(indices=(0, 4, 7)), 10) == [0, 4, 7]


def test_numbers_count_the_requests_to_the_faults_interfaces_alone() -> None:
    mishaps = Mishaps(one(on=(PROCESS,), indices=(1,)))
    asked = [CATALOG, PROCESS, CATALOG, PROCESS, PROCESS]
    assert [mishaps.next(kind, str(number)) is not None for number, kind in enumerate(asked)] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_fault_that_stops_after_some_attempts_lets_each_request_through_then() -> None:
    mishaps = Mishaps(one(attempts=2))
    assert [mishaps.next(PROCESS, "a") is not None for _ in range(4)] == [True, True, False, False]
    assert mishaps.next(PROCESS, "b") is not None


def test_a_fault_can_be_limited_in_all() -> None:
    assert hits(one(at_most=2), 10) == [0, 1]


@given(probability=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), seed=st.integers(0, 2**31))
def test_chance_hits_its_share(probability: float, seed: int) -> None:
    plan = FaultPlan(faults=(Fault(kind=FaultKind.RESET, probability=probability),), seed=seed)
    share = len(hits(plan, 300)) / 300
    spread = (probability * (1 - probability) / 300) ** 0.5
    assert abs(share - probability) <= 6 * spread  # beyond six sigma once in 500 million


def test_chance_depends_on_the_request_and_not_on_the_order_of_arrival() -> None:
    plan = FaultPlan(faults=(Fault(kind=FaultKind.RESET, probability=0.5),), seed=3)
    forward, backward = Mishaps(plan), Mishaps(plan)
    names = [f"request {number}" for number in range(100)]
    first = {name: forward.next(PROCESS, name) is not None for name in names}
    second = {name: backward.next(PROCESS, name) is not None for name in reversed(names)}
    assert first == second
    assert 0 < sum(first.values()) < 100
    other = Mishaps(FaultPlan(faults=plan.faults, seed=4))
    assert first != {name: other.next(PROCESS, name) is not None for name in names}


def test_a_further_attempt_draws_anew() -> None:
    mishaps = Mishaps(FaultPlan(faults=(Fault(kind=FaultKind.RESET, probability=0.5),), seed=3))
    drawn = {mishaps.next(PROCESS, "a") is not None for _ in range(30)}
    assert drawn == {True, False}


def test_the_first_fault_that_meets_a_request_hits_it() -> None:
    plan = FaultPlan(faults=(Fault(kind=FaultKind.HTML, indices=(1,)), Fault(kind=FaultKind.RESET)))
    mishaps = Mishaps(plan)
    met = [mishaps.next(PROCESS, str(number)) for number in range(3)]
    assert [fault.kind for fault in met if fault] == [FaultKind.RESET, FaultKind.HTML, FaultKind.RESET]


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.BROKEN_PRODUCT])
def test_a_fault_hits_the_interfaces_it_makes_sense_for(kind: FaultKind) -> None:
    met = {interface for interface in RequestKind if hits(FaultPlan(faults=(Fault(kind=kind),)), 1, interface)}
    assert met == set(DEFAULT_ON.get(kind, INTERFACES))
    assert RequestKind.OTHER not in met


def test_a_broken_product_is_told_by_id_path_collection_or_day() -> None:
    s2, s3 = GRANULES[0], GRANULES[5]

    def broken(**fault: object) -> list[bool]:
        made = Fault(kind=FaultKind.BROKEN_PRODUCT, **fault)  # type: ignore[arg-type]
        return [made.breaks(granule) for granule in (s2, s3)]

    assert broken(granule="T50TMK") == [True, False]
    assert broken(granule="SL_1_RBT/2022/01/05") == [False, True]
    assert broken(collection="sentinel-3-slstr") == [False, True]
    assert broken(day=date(2022, 1, 5)) == [True, True]
    assert broken(day=date(2022, 1, 5), collection="sentinel-2-l1c") == [True, False]
    assert broken(day=date(2022, 1, 6)) == [False, False]
    assert not hits(FaultPlan(faults=(Fault(kind=FaultKind.BROKEN_PRODUCT, granule="x"),)), 5)


FAULTS = st.builds(
    Fault,
    kind=st.sampled_from([kind for kind in FaultKind if kind is not FaultKind.BROKEN_PRODUCT]),
    on=st.lists(st.sampled_from(RequestKind), max_size=2).map(tuple),
    indices=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    start=st.integers(0, 9),
    stop=st.none() | st.integers(0, 99),
    probability=st.floats(0, 1),
    attempts=st.none() | st.integers(0, 5),
    at_most=st.none() | st.integers(0, 5),
    status=st.integers(500, 599),
    retry_after=st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10),
    seconds=st.floats(0, 100),
    silent=st.booleans(),
    day=st.none() | st.dates(),
)


@given(faults=st.lists(FAULTS, max_size=4), seed=st.integers(0, 100))
def test_a_plan_survives_json(faults: list[Fault], seed: int) -> None:
    plan = FaultPlan(faults=tuple(faults), seed=seed)
    assert plan_of_json(json.dumps(json_of_plan(plan))) == plan


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ('{"fault": []}', "did you mean 'faults'"),
        ('{"faults": {}}', "expected a list"),
        ('{"seed": true}', "expected a list of faults and a whole number"),
        ('{"faults": [5]}', "fault 1: expected an object"),
        ('{"faults": [{"kind": "html"}, {"kind": "htm"}]}', "fault 2: 'htm' is not a valid FaultKind"),
        ('{"faults": [{}]}', "fault 1"),
        ('{"faults": [{"kind": "html", "probabilty": 1}]}', "did you mean 'probability'"),
        ('{"faults": [{"kind": "html", "probability": 2}]}', "outside"),
        ('{"faults": [{"kind": "html", "on": ["proces"]}]}', "'proces' is not a valid RequestKind"),
        ('{"faults": [{"kind": "html", "indices": [1.5]}]}', "whole number"),
        ('{"faults": [{"kind": "html", "start": "1"}]}', "whole number"),
        ('{"faults": [{"kind": "broken_product"}]}', "expected a granule"),
        ('{"faults": [{"kind": "server_error", "status": 404}]}', "outside 500-599"),
        ('{"faults": [{"kind": "broken_product", "day": "yesterday"}]}', "isoformat"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_its_key(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_of_json(text)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"retry_after": 5}, "retry_after: expected text"),
        ({"retry_after": "a\r\nX-Evil: 1"}, "expected printable ASCII on one line"),
        ({"seconds": "abc"}, "seconds: expected a number, found 'abc'"),
        ({"probability": "often"}, "probability: expected a number"),
        ({"silent": 1}, "silent: expected true or false"),
        ({"granule": 7}, "granule: expected text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_by_name_and_what_was_expected(fault: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        plan_of_json(json.dumps({"faults": [{"kind": "rate_limit", **fault}]}))


def test_a_plan_nested_too_deeply_is_refused() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        plan_of_json("[" * 100_000)
