from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.sites import FootprintStatus, Unit, UnitKind
from satverify.features.units import SEPARABLE, has_known_ground, imaged_units, observed_units, pooled_units
from tests.features.heat import unit, works

FURNACE, BATTERY, ARC = UnitKind.BLAST_FURNACE, UnitKind.COKE_BATTERY, UnitKind.ELECTRIC_ARC_FURNACE


def test_a_site_without_equipment_is_its_furnaces_together() -> None:
    (one,) = observed_units(works())
    assert (one.unit_id, one.kind, one.members, one.separate) == ("works:ironmaking", UnitKind.IRONMAKING, (), False)


def test_an_only_furnace_is_judged_under_its_own_name() -> None:
    (one,) = observed_units(works(unit("bf1")))
    assert (one.unit_id, one.kind) == ("bf1", FURNACE)


def test_furnaces_without_known_ground_are_judged_together() -> None:
    units = (unit("bf1"), unit("bf2", place=(0, 0), status=FootprintStatus.ASSUMED))
    (one,) = observed_units(works(*units))
    assert (one.unit_id, one.kind, one.members) == ("works:ironmaking", FURNACE, units)


def test_the_listed_ironmaking_unit_lends_its_name() -> None:
    (one,) = observed_units(works(unit("bf1"), unit("all", UnitKind.IRONMAKING), unit("s1", UnitKind.SINTER_MACHINE)))
    assert (one.unit_id, one.kind) == ("all", UnitKind.IRONMAKING)


@pytest.mark.parametrize(("gap", "separate"), [(SEPARABLE - 5.0, False), (SEPARABLE + 5.0, True)])
def test_two_surveyed_furnaces_are_told_apart_from_two_pixels_on(gap: float, separate: bool) -> None:
    units = (unit("bf1", place=(0, 0)), unit("bf2", place=(gap + 100.0, 0)))  # footprints are 100 m wide
    found = observed_units(works(*units))
    assert [each.separate for each in found] == ([True, True] if separate else [False])


def test_one_unit_on_unknown_ground_keeps_all_the_rest_together() -> None:
    units = (unit("bf1", place=(-1000, 0)), unit("bf2", place=(1000, 0)), unit("bf3"))
    (one,) = observed_units(works(*units))
    assert one.members == units


def test_a_battery_on_unknown_ground_is_a_companion_and_no_member() -> None:
    (one,) = observed_units(works(unit("bf1"), unit("coke", BATTERY)))
    assert (one.unit_id, [each.unit_id for each in one.companions]) == ("bf1", ["coke"])


def test_a_battery_on_known_ground_is_neither() -> None:
    (one,) = observed_units(works(unit("bf1"), unit("coke", BATTERY, place=(0, 0))))
    assert (one.unit_id, one.companions) == ("bf1", ())


def test_a_works_of_batteries_is_judged_on_its_batteries() -> None:
    (one,) = observed_units(works(unit("c1", BATTERY), unit("c2", BATTERY, place=(0, 0))))
    assert (one.unit_id, one.kind, len(one.members)) == ("works:coke_battery", BATTERY, 2)


def test_a_scrap_works_is_judged_on_its_arc_furnaces() -> None:
    (one,) = observed_units(works(unit("e1", ARC), unit("e2", ARC)))
    assert (one.unit_id, one.kind) == ("works:electric_arc_furnace", ARC)


@pytest.mark.parametrize(
    ("footprint", "status", "known"),
    [
        (True, FootprintStatus.SURVEYED, True),
        (True, FootprintStatus.DISCOVERED, True),
        (True, FootprintStatus.ASSUMED, False),
        (False, FootprintStatus.SURVEYED, False),
    ],
)
def test_ground_is_known_where_it_is_no_guess(footprint: bool, status: FootprintStatus, known: bool) -> None:
    given_unit = replace(unit("bf1", place=(0, 0)), footprint_status=status)
    assert has_known_ground(given_unit if footprint else replace(given_unit, footprint=None)) is known


units_of_any_kind = st.lists(
    st.tuples(
        st.sampled_from(UnitKind),
        st.none() | st.tuples(st.sampled_from([-1400.0, -600.0, 0.0, 900.0]), st.sampled_from([-900.0, 0.0, 1000.0])),
        st.sampled_from(FootprintStatus),
    ),
    max_size=6,
)


@given(listed=units_of_any_kind)
def test_every_unit_is_judged_once_or_known_to_burn_on(
    listed: list[tuple[UnitKind, tuple[float, float] | None, FootprintStatus]],
) -> None:
    units = [unit(f"u{n}", kind, place, status) for n, (kind, place, status) in enumerate(listed)]
    found = observed_units(works(*units))
    ids = [each.unit_id for each in found]
    assert len(ids) == len(set(ids)) >= 1
    assert sum(not each.separate for each in found) <= 1
    members = [member.unit_id for each in found for member in each.members]
    companions = [each.unit_id for one in found for each in one.companions]
    assert len(members) == len(set(members))
    assert not set(members) & set(companions)
    left: list[Unit] = [each for each in units if each.unit_id not in {*members, *companions}]
    assert all(each.kind in {BATTERY, ARC} and has_known_ground(each) for each in left)


def test_images_tell_every_unit_with_known_ground_from_the_others() -> None:
    units = (unit("bf1", place=(0, 0)), unit("bf2", place=(200, 0)), unit("coke", BATTERY, place=(400, 0)))
    found = imaged_units(works(*units))
    assert [(each.unit_id, each.observed_as) for each in found] == [
        ("bf1", "works:ironmaking"),
        ("bf2", "works:ironmaking"),
        ("coke", "coke"),
    ]


def test_images_look_for_the_rest_on_what_is_left_of_the_outline() -> None:
    site = works(unit("bf1", place=(0, 0)), unit("bf2"))
    known, rest = imaged_units(site)
    assert (rest.unit_id, rest.kind) == ("works:ironmaking", FURNACE)
    assert not rest.ground.intersects(known.ground)
    assert rest.ground.within(site.outline.buffer(1e-9))


def test_images_do_not_look_for_furnaces_where_ovens_may_burn() -> None:
    site = works(unit("bf1"), unit("coke", BATTERY))
    assert imaged_units(site) == ()
    assert pooled_units(site) == ()
    assert imaged_units(works()) == ()


def test_coarse_pixels_see_what_detections_see_on_its_own_ground() -> None:
    units = (unit("bf1", place=(0, 0)), unit("bf2", place=(200, 0)), unit("bf3", place=(2500, 0)))
    together, alone = pooled_units(works(*units))
    assert (together.unit_id, together.kind) == ("works:ironmaking", FURNACE)
    assert together.ground.contains(units[0].footprint)
    assert together.ground.contains(units[1].footprint)
    assert alone.unit_id == "bf3"
    (outline,) = pooled_units(works(unit("bf1"), unit("bf2")))
    assert outline.ground == works().outline
