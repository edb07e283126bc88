"""Orders held against looks whose truth is plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from satverify.domain.findings import Finding, LookCount, Tier, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.domain.rules import VerdictRules
from satverify.report.text import known_codes
from satverify.verification.judge import judge, verdict_of
from tests.verification.looks import FIRST, Works, evidence_of, looks_of, order, site_of

RULES = VerdictRules()
START, STOP = FIRST + timedelta(days=40), FIRST + timedelta(days=80)
BEFORE = (FIRST, START)
HALT = order(START, STOP)


def findings(
    works: Works, orders: Sequence[Order], looks: pd.DataFrame, *, has_history: bool = True
) -> dict[str, Finding]:
    """Findings by order and unit."""
    site = site_of(works)
    found = judge(site, orders, evidence_of(site, looks, has_history=has_history), RULES)
    assert [one.finding_id for one in found] == sorted(one.finding_id for one in found)
    assert len({one.finding_id for one in found}) == len(found)
    for one in found:
        assert {said.code for said in (*one.reasons, *one.alternatives)} <= known_codes()
        assert one.p_met_range[0] <= one.p_met <= one.p_met_range[1]
        rests_on_looks = one.verdict is not Verdict.UNDETERMINED and one.requirement is not Requirement.EXEMPT
        assert (one.tier is not Tier.NONE) == rests_on_looks
    return {one.finding_id: one for one in found}


def one_of(works: Works, what: Order, looks: pd.DataFrame, *, has_history: bool = True) -> Finding:
    """The only finding."""
    (found,) = findings(works, [what], looks, has_history=has_history).values()
    return found


def season(inside: Sequence[str], outside: str = "hot") -> pd.DataFrame:
    """Looks on 120 days, ``inside`` in the window."""
    return looks_of([outside] * 40 + list(inside) + [outside] * (80 - len(inside)))


def codes(found: Finding) -> list[str]:
    return [said.code for said in found.reasons]


ONE = LookCount(clear=1, hot=0, cold=1, unusable=0, by_sensor=(("viirs", 1),))


@pytest.mark.parametrize(
    ("p_low", "p_high", "expected"),
    [
        (0.95, 0.99, Verdict.CONSISTENT),
        (0.9499, 0.9999, Verdict.UNDETERMINED),
        (0.001, 0.05, Verdict.INCONSISTENT),
        (0.001, 0.0501, Verdict.UNDETERMINED),
        (0.2, 0.8, Verdict.UNDETERMINED),
    ],
)
def test_the_whole_range_must_agree(p_low: float, p_high: float, expected: Verdict) -> None:
    assert verdict_of(p_low, p_high, ONE, RULES) is expected
    assert verdict_of(p_low, p_high, replace(ONE, clear=0, cold=0), RULES) is Verdict.UNDETERMINED


def test_thresholds_are_those_of_the_rules() -> None:
    strict = VerdictRules(consistent_at=0.99, inconsistent_at=0.01)
    assert verdict_of(0.97, 0.99, ONE, strict) is Verdict.UNDETERMINED
    assert verdict_of(0.01, 0.04, ONE, strict) is Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("inside", "expected"),
    [("cold", Verdict.CONSISTENT), ("hot", Verdict.INCONSISTENT), ("none", Verdict.UNDETERMINED)],
)
def test_what_was_seen_inside_the_window_decides(inside: str, expected: Verdict) -> None:
    found = one_of(Works(), HALT, season([inside] * 40))
    assert found.verdict is expected
    assert codes(found)[0] == {"cold": "seen_cold", "hot": "seen_hot", "none": "no_usable_look"}[inside]


def test_without_a_usable_look_nothing_is_known() -> None:
    found = one_of(Works(), HALT, season(["none"] * 40))
    assert found.p_met == pytest.approx(0.5)
    assert found.p_met_range == pytest.approx((RULES.prior_low, RULES.prior_high))
    assert found.running_days is None
    assert found.longest_unseen_run_days == 40


@pytest.mark.parametrize("inside", ["cold", "hot", "none"])
def test_habit_has_no_vote(inside: str) -> None:
    sorts = ([inside] * 3 + ["none"]) * 10
    ran, stood = (one_of(Works(), HALT, season(sorts, outside)) for outside in ("hot", "cold"))
    assert ran == stood


def test_days_of_running_down_are_allowed_for() -> None:
    allowed = order(START, STOP, tolerance=10.0)
    late = season(["hot"] * 5 + ["cold"] * 35)
    assert one_of(Works(), HALT, late).verdict is Verdict.INCONSISTENT
    assert one_of(Works(), allowed, late).verdict is Verdict.CONSISTENT


@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_tiny_window_can_be_broken_but_hardly_be_kept(days: int) -> None:
    tiny = order(START, START + timedelta(days=days))
    assert one_of(Works(), tiny, season(["cold"] * 40)).verdict is not Verdict.INCONSISTENT
    assert one_of(Works(), tiny, season(["hot"] * 40)).p_met < 0.1


def test_a_window_outside_the_coverage_says_so() -> None:
    later = order(date(2030, 1, 1), date(2030, 2, 1))
    found = one_of(Works(), later, season(["cold"] * 40))
    assert (found.verdict, codes(found)) == (Verdict.UNDETERMINED, ["outside_coverage"])


def test_a_unit_without_history_says_so() -> None:
    found = one_of(Works(), HALT, season(["none"] * 40), has_history=False)
    assert (found.verdict, codes(found)) == (Verdict.UNDETERMINED, ["no_history"])


def test_an_exemption_is_met_by_whatever_was_done() -> None:
    found = one_of(Works(), order(START, STOP, requirement=Requirement.EXEMPT), season(["hot"] * 40))
    assert (found.verdict, found.p_met, codes(found)) == (Verdict.CONSISTENT, 1.0, ["exempt"])


def test_one_furnace_of_several_cannot_be_told_apart() -> None:
    what = order(START, STOP, unit_id="w:bf0")
    lit = one_of(Works(furnaces=3), what, season(["hot"] * 40))
    assert (lit.verdict, codes(lit)[0]) == (Verdict.UNDETERMINED, "not_separable")
    assert lit.reasons[0].values == (("units", "w:bf1, w:bf2"),)
    dark = one_of(Works(furnaces=3), what, season(["cold"] * 40))
    assert dark.verdict is Verdict.CONSISTENT  # where none ran, this one did not


def test_two_of_five_are_judged_on_the_sites_total() -> None:
    orders = [order(START, STOP, unit_id=f"w:bf{n}", order_id=f"o{n}") for n in range(2)]
    for inside, expected in (("hot", Verdict.INCONSISTENT), ("cold", Verdict.CONSISTENT)):
        found = findings(Works(furnaces=5), orders, season([inside] * 40))
        assert list(found) == ["o0/w:bf0", "o1/w:bf1"]
        assert {one.verdict for one in found.values()} == {expected}
    lit = findings(Works(furnaces=5), orders, season(["hot"] * 40))["o0/w:bf0"]
    assert codes(lit)[-1] == "site_total_only"


def test_orders_on_every_furnace_by_name_are_one_order_on_all() -> None:
    orders = [order(START, STOP, unit_id=f"w:bf{n}", order_id=f"o{n}") for n in range(3)]
    found = findings(Works(furnaces=3), orders, season(["hot"] * 40))
    assert {one.verdict for one in found.values()} == {Verdict.INCONSISTENT}
    assert all(codes(one)[-1] == "site_total_only" for one in found.values())


def test_orders_for_other_days_are_not_judged_together() -> None:
    orders = [order(START + timedelta(days=n), STOP, unit_id=f"w:bf{n}", order_id=f"o{n}") for n in range(2)]
    found = findings(Works(furnaces=5), orders, season(["hot"] * 40))
    assert {one.verdict for one in found.values()} == {Verdict.UNDETERMINED}


@pytest.mark.parametrize(("inside", "expected"), [("cold", Verdict.CONSISTENT), ("hot", Verdict.UNDETERMINED)])
def test_an_order_on_a_whole_site_has_a_finding_for_all_and_for_each(inside: str, expected: Verdict) -> None:
    found = findings(Works(furnaces=3, coke=1), [HALT], season([inside] * 40))
    assert sorted(found) == ["o/w:bf0", "o/w:bf1", "o/w:bf2", "o/w:ironmaking"]
    total = found["o/w:ironmaking"]
    assert total.verdict is (Verdict.CONSISTENT if inside == "cold" else Verdict.INCONSISTENT)
    assert "site_total_only" in codes(total)
    assert {found[f"o/w:bf{n}"].verdict for n in range(3)} == {expected}


def test_a_works_without_a_list_is_judged_as_one() -> None:
    assert list(findings(Works(listed=False), [HALT], season(["hot"] * 40))) == ["o/w:ironmaking"]


def test_a_halt_does_not_mean_the_batteries() -> None:
    only = one_of(Works(furnaces=0, coke=2), HALT, season(["hot"] * 40))
    assert (only.verdict, codes(only)) == (Verdict.UNDETERMINED, ["not_observable_kind"])
    named = one_of(Works(coke=1), order(START, STOP, unit_id="w:coke0"), season(["hot"] * 40))
    assert (named.verdict, codes(named)) == (Verdict.UNDETERMINED, ["not_separable"])


def cut(*, unit_id: str | None = None, fraction: float = 0.3, baseline: tuple[date, date] = BEFORE) -> Order:
    return order(START, STOP, requirement=Requirement.CUT, unit_id=unit_id, fraction=fraction, baseline=baseline)


def test_a_cut_is_held_against_the_baseline_days() -> None:
    assert one_of(Works(), cut(), season(["cold"] * 40)).verdict is Verdict.CONSISTENT
    assert one_of(Works(), cut(), season(["hot"] * 40)).verdict is Verdict.INCONSISTENT


def test_a_cut_of_the_total_does_not_say_which_furnace_was_cut() -> None:
    works = Works(furnaces=2)
    half = season(["dim"] * 20 + ["cold"] * 20)
    assert one_of(works, cut(), half).verdict is Verdict.CONSISTENT
    assert one_of(works, cut(unit_id="w:bf0"), half).verdict is Verdict.UNDETERMINED
    assert one_of(works, cut(unit_id="w:bf0"), season(["cold"] * 40)).verdict is Verdict.CONSISTENT


def test_a_baseline_nobody_saw_leaves_a_cut_open() -> None:
    unseen = (date(2019, 1, 1), date(2019, 2, 1))
    found = one_of(Works(), cut(baseline=unseen), season(["cold"] * 40))
    assert (found.verdict, codes(found)) == (Verdict.UNDETERMINED, ["baseline_unseen"])
    assert dict(found.reasons[0].values) == {"start": "2019-01-01", "stop": "2019-02-01"}


def test_no_increase_is_broken_by_a_works_that_stood_before() -> None:
    what = order(START, STOP, requirement=Requirement.NO_INCREASE, baseline=BEFORE)
    assert one_of(Works(), what, season(["hot"] * 40, "cold")).verdict is Verdict.INCONSISTENT
    assert one_of(Works(), what, season(["cold"] * 40, "hot")).verdict is Verdict.CONSISTENT


def test_two_sensors_confirm_what_each_says_alone() -> None:
    viirs, modis = season(["cold"] * 40), season(["cold"] * 40).assign(sensor="modis", satellite="Aqua")
    assert one_of(Works(), HALT, viirs).tier is Tier.SINGLE_SENSOR
    assert one_of(Works(), HALT, pd.concat([viirs, modis], ignore_index=True)).tier is Tier.CONFIRMED
    blind = season(["none"] * 40).assign(sensor="modis", satellite="Aqua")
    assert one_of(Works(), HALT, pd.concat([viirs, blind], ignore_index=True)).tier is Tier.SINGLE_SENSOR


def test_no_orders_are_no_findings() -> None:
    assert findings(Works(), [], season(["cold"] * 40)) == {}


TWO = Works(furnaces=2)
ONE_ORDER = replace(HALT, unit_id="w:bf0")


def judged_with_own(total: str, own: str, what: Order = ONE_ORDER) -> Finding:
    """The finding on the first of two furnaces, the total and its own images each showing one thing."""
    site = site_of(TWO)
    looks = season([total] * 40)
    images = looks_of(["hot"] * 40 + [own] * 40, sensor="sentinel-2-l1c").assign(unit_id="w:bf0")
    (alone,) = evidence_of(site_of(Works()), images)
    found = judge(site, [what], evidence_of(site, looks), RULES, {"w:bf0": alone})
    return {one.unit_id: one for one in found}["w:bf0"]


def test_a_furnace_among_others_is_judged_on_its_own_images() -> None:
    assert judged_with_own("hot", "cold").verdict is Verdict.CONSISTENT
    assert judged_with_own("none", "hot").verdict is Verdict.INCONSISTENT
    assert judged_with_own("none", "none").verdict is Verdict.UNDETERMINED


def test_a_dark_total_clears_a_furnace_that_no_image_shows() -> None:
    found = judged_with_own("cold", "none")
    assert found.verdict is Verdict.CONSISTENT
    assert found.looks.by_sensor[0][0] == "viirs"


def test_images_and_total_that_contradict_each_other_decide_nothing() -> None:
    found = judged_with_own("cold", "hot")
    assert (found.verdict, found.tier, found.p_met) == (Verdict.UNDETERMINED, Tier.NONE, 0.5)
    assert codes(found)[0] == "sensors_disagree"
    assert {said.code for said in found.reasons} <= known_codes()


def test_images_of_a_furnace_say_nothing_of_an_order_on_the_other() -> None:
    other = replace(HALT, unit_id="w:bf1")
    site, looks = site_of(TWO), season(["hot"] * 40)
    images = looks_of(["hot"] * 40 + ["cold"] * 40, sensor="sentinel-2-l1c").assign(unit_id="w:bf0")
    (alone,) = evidence_of(site_of(Works()), images)
    (found,) = judge(site, [other], evidence_of(site, looks), RULES, {"w:bf0": alone})
    assert (found.unit_id, found.verdict) == ("w:bf1", Verdict.UNDETERMINED)
