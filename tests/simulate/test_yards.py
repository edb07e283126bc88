"""What fills a works: within its outline, off its units."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from satverify.domain.sites import UnitKind
from satverify.simulate.yards import STEELWORKS_USES, mill_sizes, surfaces_within, unit_surfaces

OUTLINE = shapely.Polygon([(-1500, -800), (1400, -900), (1600, 700), (-1200, 900)])
UNIT = shapely.box(-100, -60, 100, 60)


def test_chances_of_uses_are_chances() -> None:
    assert 0.8 < sum(STEELWORKS_USES.values()) <= 1


def test_blocks_stay_inside_the_outline_and_off_the_units() -> None:
    surfaces = surfaces_within(np.random.default_rng(1), OUTLINE, 17.0, [UNIT], STEELWORKS_USES)
    union = shapely.union_all([ground for _, ground in surfaces])
    assert union.difference(OUTLINE.buffer(0.01)).area < 1.0
    assert union.distance(UNIT) == pytest.approx(10.0, abs=1.0)
    assert 0.5 * OUTLINE.area < union.area < 0.95 * OUTLINE.area


def test_blocks_do_not_lie_on_each_other_but_panels_on_roofs_and_water_in_its_basin() -> None:
    surfaces = surfaces_within(np.random.default_rng(2), OUTLINE, 0.0, [], STEELWORKS_USES)
    plain = [ground for name, ground in surfaces if name not in {"solar_panel", "water_basin"}]
    assert shapely.union_all(plain).area == pytest.approx(sum(ground.area for ground in plain), rel=1e-6)


@pytest.mark.parametrize("kind", list(UnitKind))
def test_what_covers_a_unit_lies_on_its_ground_and_covers_all_of_it(kind: UnitKind) -> None:
    ground = shapely.affinity.rotate(UNIT, 40, origin=(300, 200))
    surfaces = unit_surfaces(np.random.default_rng(3), kind, ground)
    union = shapely.union_all([each for _, each in surfaces])
    assert union.symmetric_difference(ground).area < 1.0


def test_furnaces_that_are_pooled_have_a_slag_pit_each() -> None:
    row = shapely.box(0, 0, 560, 70)
    surfaces = unit_surfaces(np.random.default_rng(3), UnitKind.IRONMAKING, row)
    assert [name for name, _ in surfaces].count("slag") == 4


def test_larger_works_have_more_mills() -> None:
    rng = np.random.default_rng(1)
    assert len(mill_sizes(rng, shapely.box(0, 0, 500, 500))) == 0
    assert len(mill_sizes(rng, shapely.box(0, 0, 2000, 2000))) == 4
    assert len(mill_sizes(rng, shapely.box(0, 0, 9000, 9000))) == 6
