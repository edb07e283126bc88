from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from satverify.domain.notices import City, CityScope, Clause, Phase, Policy, ProcessRule, RatingRule
from satverify.domain.policy import Order, Requirement
from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating, Site, Unit, UnitKind
from satverify.errors import InputError
from satverify.verification.expand import Expansion, expand, expand_policy, free_windows, same_days_of_baseline

FIRST = Phase(
    phase_id="phase-1",
    start=date(2021, 11, 15),
    stop=date(2022, 1, 1),
    requires="Meet the task.",
    requires_zh="完成任务",
    baseline_start=date(2020, 11, 15),
    baseline_stop=date(2021, 1, 1),
)
SECOND = Phase(
    phase_id="phase-2",
    start=date(2022, 1, 1),
    stop=date(2022, 3, 16),
    requires="Cut.",
    requires_zh="减产",
    baseline_start=date(2021, 1, 1),
    baseline_stop=date(2021, 3, 16),
    regional_floor=0.3,
)
WORSE = Clause(code="over_utilisation", text="Runs hot.", text_zh="超产")
POLICY = Policy(
    policy_id="season",
    title="A notice",
    title_zh="通知",
    document="No. 241",
    issued=date(2021, 9, 30),
    issuers=(),
    start=FIRST.start,
    stop=SECOND.stop,
    phases=(FIRST, SECOND),
    cities=(
        City(name="Tangshan", name_zh="唐山市", province="Hebei", scope=CityScope.CORE),
        City(name="Chengde", name_zh="承德市", province="Hebei", scope=CityScope.REFERENCE),
    ),
    ratings=(
        RatingRule(rating=Rating.A, requirement=Requirement.NO_INCREASE, text="Own measures.", text_zh="自主"),
        *(
            RatingRule(rating=rating, requirement=Requirement.CUT, text="Cut.", text_zh="减产")
            for rating in (Rating.B, Rating.B_MINUS, Rating.C)
        ),
    ),
    processes=(
        ProcessRule(code="all_scrap", requirement=Requirement.NO_INCREASE, text="Scrap only.", text_zh="全废钢"),
    ),
    aggravations=(WORSE,),
    never_halted=frozenset({UnitKind.COKE_BATTERY}),
)
FLAT = {Rating.B: 0.3, Rating.C: 0.5}


def site(
    site_id: str = "works",
    *,
    city: str = "Tangshan",
    rating: Rating | None = Rating.C,
    kinds: tuple[UnitKind, ...] = (),
) -> Site:
    units = tuple(
        Unit(unit_id=f"{site_id}-{number}", site_id=site_id, kind=kind, capacity_t_per_day=1000.0)
        for number, kind in enumerate(kinds)
    )
    return Site(
        site_id=site_id, name=site_id, outline=box(118, 39, 118.01, 39.01), city=city, rating=rating, units=units
    )


def named(start: date, stop: date, requirement: Requirement = Requirement.HALT, unit_id: str | None = None) -> Order:
    return Order(
        order_id=f"named-{start}-{stop}",
        site_id="works",
        unit_id=unit_id,
        start=start,
        stop=stop,
        requirement=requirement,
        source="City order",
    )


def codes(expansion: Expansion) -> set[tuple[str, str | None]]:
    return {(gap.code, gap.phase_id) for gap in expansion.gaps}


def test_a_rated_works_may_not_increase_against_the_same_period_of_the_year_before() -> None:
    first, second = expand_policy(POLICY, [site(rating=Rating.A)])
    assert first.requirement is second.requirement is Requirement.NO_INCREASE
    assert (first.start, first.stop) == (FIRST.start, FIRST.stop)
    assert (first.baseline_start, first.baseline_stop) == (date(2020, 11, 15), date(2021, 1, 1))
    assert (second.baseline_start, second.baseline_stop) == (date(2021, 1, 1), date(2021, 3, 16))
    assert first.unit_id is None
    assert "No. 241" in first.source


def test_other_ratings_cut_by_the_ratio_that_is_given_for_them() -> None:
    orders = expand_policy(POLICY, [site("b", rating=Rating.B), site("c", rating=Rating.C)], ratios=FLAT)
    assert {(order.site_id, order.fraction) for order in orders} == {("b", 0.3), ("c", 0.5)}
    assert {order.requirement for order in orders} == {Requirement.CUT}


def test_without_a_ratio_there_is_no_order_but_a_gap_that_names_the_sites() -> None:
    expansion = expand(POLICY, [site("b", rating=Rating.B), site("b2", rating=Rating.B)], ratios={Rating.C: 0.5})
    assert expansion.orders == ()
    assert codes(expansion) == {("no_ratio", "phase-1"), ("no_ratio", "phase-2")}
    assert expansion.gaps[0].site_ids == ("b", "b2")
    assert "b, b2" in str(expansion.gaps[0])


def test_an_unrated_works_gets_no_order_whatever_the_ratios() -> None:
    expansion = expand(POLICY, [site(rating=None)], ratios=FLAT)
    assert expansion.orders == ()
    assert codes(expansion) == {("no_rating", None)}


def test_a_rating_the_notice_does_not_name_gets_no_order() -> None:
    expansion = expand(POLICY, [site(rating=Rating.D)], ratios=FLAT)
    assert (expansion.orders, codes(expansion)) == ((), {("rating_without_rule", None)})


def test_a_ratio_for_one_phase_does_not_hold_in_the_other() -> None:
    expansion = expand(POLICY, [site()], ratios=[Ratio(rating=Rating.C, fraction=0.4, phase_id="phase-2")])
    assert [order.start for order in expansion.orders] == [SECOND.start]
    assert codes(expansion) == {("no_ratio", "phase-1")}


def test_a_ratio_for_one_phase_wins_over_that_for_all() -> None:
    ratios = [
        Ratio(rating=Rating.C, fraction=0.4),
        Ratio(rating=Rating.C, fraction=0.2, phase_id="phase-1", source="Plan"),
    ]
    first, second = expand_policy(POLICY, [site()], ratios=ratios)
    assert (first.fraction, second.fraction) == (0.2, 0.4)
    assert "Plan" in first.source


@pytest.mark.parametrize("city", ["", "Xuzhou", "Handan"])
def test_works_outside_the_cities_are_not_covered(city: str) -> None:
    expansion = expand(POLICY, [site(city=city)], ratios=FLAT)
    assert (expansion.orders, codes(expansion)) == ((), {("outside_cities", None)})


def test_a_city_in_chinese_is_covered_and_one_by_reference_says_so() -> None:
    assert len(expand_policy(POLICY, [site(city="唐山")], ratios=FLAT)) == 2
    orders = expand_policy(POLICY, [site(city="Chengde")], ratios=FLAT)
    assert all("by reference" in order.source for order in orders)


def test_an_aggravated_works_cuts_more_only_where_a_larger_ratio_is_given() -> None:
    standing = [Standing(site_id="works", code=WORSE.code)]
    plain = expand(POLICY, [site()], ratios=FLAT, standings=standing)
    assert {order.fraction for order in plain.orders} == {0.5}
    assert codes(plain) == {("no_larger_ratio", "phase-1"), ("no_larger_ratio", "phase-2")}
    ratios = [Ratio(rating=Rating.C, fraction=0.5), Ratio(rating=Rating.C, fraction=0.7, circumstance=WORSE.code)]
    given_larger = expand(POLICY, [site(), site("other")], ratios=ratios, standings=standing)
    assert {(order.site_id, order.fraction) for order in given_larger.orders} == {("works", 0.7), ("other", 0.5)}
    assert codes(given_larger) == set()


def test_a_process_rule_holds_only_where_a_standing_says_so() -> None:
    short = site(kinds=(UnitKind.ELECTRIC_ARC_FURNACE,), rating=Rating.C)
    unsaid = expand(POLICY, [short], ratios=FLAT)
    assert {order.requirement for order in unsaid.orders} == {Requirement.CUT}
    assert ("process_unknown", None) in codes(unsaid)
    said = expand(POLICY, [short], ratios=FLAT, standings=[Standing(site_id="works", code="all_scrap")])
    assert {order.requirement for order in said.orders} == {Requirement.NO_INCREASE}
    assert ("process_unknown", None) not in codes(said)


def test_a_named_order_wins_and_splits_the_default_window_round_it() -> None:
    order = named(date(2022, 1, 10), date(2022, 1, 20))
    orders = expand_policy(POLICY, [site()], [order], FLAT)
    assert [(found.order_id, found.start, found.stop) for found in orders] == [
        ("season:phase-1:works:2021-11-15", date(2021, 11, 15), date(2022, 1, 1)),
        ("season:phase-2:works:2022-01-01", date(2022, 1, 1), date(2022, 1, 10)),
        (order.order_id, date(2022, 1, 10), date(2022, 1, 20)),
        ("season:phase-2:works:2022-01-20", date(2022, 1, 20), date(2022, 3, 16)),
    ]
    assert [(found.baseline_start, found.baseline_stop) for found in orders if found.start.year == 2022] == [
        (date(2021, 1, 1), date(2021, 1, 10)),
        (None, None),
        (date(2021, 1, 20), date(2021, 3, 16)),
    ]


def test_a_named_order_for_one_unit_or_an_exemption_wins_as_well() -> None:
    for order in (
        named(FIRST.start, SECOND.stop, unit_id="works-0"),
        named(FIRST.start, SECOND.stop, Requirement.EXEMPT),
    ):
        expansion = expand(POLICY, [site()], [order], FLAT)
        assert (expansion.orders, expansion.gaps) == ((order,), ())


def test_a_named_order_of_another_works_changes_nothing() -> None:
    order = replace(named(FIRST.start, SECOND.stop), site_id="elsewhere")
    assert len(expand_policy(POLICY, [site()], [order], FLAT)) == 3


def test_coke_ovens_are_never_halted_by_default() -> None:
    halting = replace(
        POLICY,
        ratings=(RatingRule(rating=Rating.C, requirement=Requirement.HALT, text="Halt.", text_zh="停产"),),
    )
    mixed = site("mixed", kinds=(UnitKind.BLAST_FURNACE, UnitKind.COKE_BATTERY, UnitKind.SINTER_MACHINE))
    coking = site("coking", kinds=(UnitKind.COKE_BATTERY,))
    plain = site("plain", kinds=(UnitKind.BLAST_FURNACE,))
    expansion = expand(halting, [mixed, coking, plain])
    assert {(order.site_id, order.unit_id) for order in expansion.orders} == {
        ("mixed", "mixed-0"),
        ("mixed", "mixed-2"),
        ("plain", None),
    }
    assert codes(expansion) == {("nothing_to_halt", None)}


def test_a_cut_of_a_works_with_coke_ovens_is_one_order_for_the_whole_site() -> None:
    works = site(kinds=(UnitKind.BLAST_FURNACE, UnitKind.COKE_BATTERY))
    assert [order.unit_id for order in expand_policy(POLICY, [works], ratios=FLAT)] == [None, None]


def test_a_named_halt_of_a_coke_oven_is_kept_and_noted() -> None:
    order = named(date(2022, 1, 10), date(2022, 1, 20), unit_id="works-0")
    expansion = expand(POLICY, [site(kinds=(UnitKind.COKE_BATTERY,))], [order], FLAT)
    assert order in expansion.orders
    assert ("halt_of_never_halted", None) in codes(expansion)


def test_cuts_below_the_regional_floor_are_noted() -> None:
    sites = [site(kinds=(UnitKind.BLAST_FURNACE,)), site("a", rating=Rating.A, kinds=(UnitKind.BLAST_FURNACE,))]
    assert ("below_regional_floor", "phase-2") in codes(expand(POLICY, sites, ratios={Rating.C: 0.5}))
    assert codes(expand(POLICY, sites, ratios={Rating.C: 0.6})) == set()


def test_a_better_rating_that_cuts_more_is_noted() -> None:
    assert ("better_rating_cuts_more", None) in codes(expand(POLICY, [], ratios={Rating.B: 0.6, Rating.C: 0.5}))
    assert codes(expand(POLICY, [], ratios={Rating.B: 0.5, Rating.C: 0.5})) == set()


def test_all_that_the_policy_does_not_know_is_told_at_once() -> None:
    ratios = [
        Ratio(rating=Rating.A, fraction=0.1),
        Ratio(rating=Rating.C, fraction=0.3, phase_id="phase-3"),
        Ratio(rating=Rating.C, fraction=0.3, circumstance="late"),
        Ratio(rating=Rating.B, fraction=0.3),
        Ratio(rating=Rating.B, fraction=0.4),
    ]
    standings = [Standing(site_id="works", code="late"), Standing(site_id="nowhere", code=WORSE.code)]
    with pytest.raises(InputError) as caught:
        expand(POLICY, [site(), site()], ratios=ratios, standings=standings)
    assert len(caught.value.problems) == 7


def test_a_named_order_may_not_take_the_id_of_a_default_order() -> None:
    order = replace(named(date(2022, 3, 1), date(2022, 3, 2)), order_id="season:phase-1:works:2021-11-15")
    with pytest.raises(InputError, match="season:phase-1:works:2021-11-15"):
        expand(POLICY, [site()], [order], FLAT)


def test_the_order_of_sites_and_orders_makes_no_difference() -> None:
    sites = [site("b", rating=Rating.B), site("c"), site("a", rating=None), site()]
    orders = [named(date(2022, 1, 3), date(2022, 1, 9)), named(date(2021, 12, 3), date(2021, 12, 9))]
    assert expand(POLICY, sites, orders, FLAT) == expand(POLICY, sites[::-1], orders[::-1], FLAT)


DAYS = st.integers(min_value=-20, max_value=140).map(lambda day: FIRST.start + timedelta(days=day))


@given(spans=st.lists(st.tuples(DAYS, st.integers(min_value=1, max_value=40)), max_size=5))
def test_every_day_of_the_season_has_a_default_order_or_a_named_one_and_never_both(
    spans: list[tuple[date, int]],
) -> None:
    taken = [named(start, start + timedelta(days=length)) for start, length in dict(spans).items()]
    orders = expand_policy(POLICY, [site()], taken, FLAT)
    default = [order for order in orders if order not in taken]
    for offset in range((SECOND.stop - FIRST.start).days):
        day = FIRST.start + timedelta(days=offset)
        covering = [order for order in default if order.start <= day < order.stop]
        assert len(covering) == (0 if any(order.start <= day < order.stop for order in taken) else 1)
    for order in default:
        assert order.baseline_start is not None
        assert order.baseline_stop is not None
        assert order.baseline_stop - order.baseline_start == order.stop - order.start
        assert (order.baseline_start.month, order.baseline_start.day) == (order.start.month, order.start.day)


@given(start=st.integers(0, 73), length=st.integers(1, 74))
def test_a_window_in_a_leap_winter_keeps_a_baseline(start: int, length: int) -> None:
    leap = replace(
        SECOND,
        start=date(2020, 1, 1),
        stop=date(2020, 3, 16),
        baseline_start=date(2019, 1, 1),
        baseline_stop=date(2019, 3, 16),
    )
    window = (leap.start + timedelta(days=start), min(leap.start + timedelta(days=start + length), leap.stop))
    first, last = same_days_of_baseline(leap, window)
    assert leap.baseline_start <= first < last <= leap.baseline_stop


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_whole_phase_is_compared_with_its_whole_baseline(days: int) -> None:
    phase = replace(SECOND, baseline_stop=SECOND.baseline_stop + timedelta(days=days))
    assert same_days_of_baseline(phase, (phase.start, phase.stop)) == (phase.baseline_start, phase.baseline_stop)


def test_taken_windows_outside_or_inside_one_another_leave_the_right_days() -> None:
    day = date(2022, 1, 1)
    at = [day + timedelta(days=number) for number in range(12)]
    assert free_windows(at[2], at[8], [(at[0], at[1]), (at[3], at[7]), (at[4], at[5]), (at[9], at[10])]) == (
        (at[2], at[3]),
        (at[7], at[8]),
    )
    assert free_windows(at[2], at[8], [(at[0], at[11])]) == ()
