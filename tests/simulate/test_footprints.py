"""How much ground units take, and that they find it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import rotate

from satverify.domain.sites import Unit, UnitKind
from satverify.simulate.footprints import direction_of, ground_size, placed


def unit(kind: UnitKind, capacity: float | None) -> Unit:
    return Unit(unit_id="u", site_id="s", kind=kind, capacity_t_per_day=capacity)


@pytest.mark.parametrize("kind", list(UnitKind))
def test_ground_grows_with_capacity_but_not_without_end(kind: UnitKind) -> None:
    areas = [float(np.prod(ground_size(unit(kind, capacity)))) for capacity in (10.0, 2000.0, 20_000.0, 1e6)]
    assert areas == sorted(areas)
    assert 800 < areas[0] < areas[-1] < 80_000  # [m²]


def test_a_unit_of_unknown_capacity_takes_the_usual_ground() -> None:
    assert ground_size(unit(UnitKind.BLAST_FURNACE, None)) == ground_size(unit(UnitKind.BLAST_FURNACE, 3000.0))
    assert ground_size(unit(UnitKind.COKE_BATTERY, 1800.0)) == (92.0, 22.0)


def test_pooled_furnaces_take_the_ground_of_a_row() -> None:
    one, four = (ground_size(unit(UnitKind.IRONMAKING, capacity))[0] for capacity in (5000.0, 20_000.0))
    assert four == one + 3 * 150.0


@given(turn=st.floats(-89, 89), ratio=st.floats(1.3, 5.0))
def test_the_direction_of_a_turned_box_is_its_turn(turn: float, ratio: float) -> None:
    box = rotate(shapely.box(-ratio * 50, -50, ratio * 50, 50), turn, origin=(0, 0))
    assert abs((direction_of(box) - turn + 90) % 180 - 90) < 1e-6


def test_grounds_are_turned_as_the_outline_is_and_keep_off_what_is_taken() -> None:
    outline = rotate(shapely.box(-900, -500, 900, 500), 30, origin=(0, 0))
    taken = shapely.box(-200, -200, 200, 200)
    found = placed(
        np.random.default_rng(1),
        outline,
        30.0,
        {"a": (100.0, 40.0), "b": (100.0, 40.0)},
        groups={"a": "row", "b": "row"},
        taken=[taken],
    )
    for ground in found.values():
        assert ground.area == pytest.approx(4000.0)
        assert direction_of(ground) == pytest.approx(30.0)
        assert outline.contains(ground)
        assert ground.distance(taken) > 30.0 - 1e-6
