"""Works that are made up for training: of the size and outfit that real ones have."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from satverify.domain.sites import FootprintStatus, Site, UnitKind
from satverify.simulate.layout import Enterprise, in_metres, layout_of, middle_of
from satverify.simulate.sites import draw_cold_site, draw_works_site


@cache
def works() -> tuple[Site, ...]:
    return tuple(draw_works_site(np.random.default_rng(seed), f"w{seed}", 113.0 + seed % 6, 36.0) for seed in range(60))


def test_the_same_generator_draws_the_same_works() -> None:
    one, two = (draw_works_site(np.random.default_rng(9), "w", 118.0, 39.5) for _ in range(2))
    assert one == two
    assert one != draw_works_site(np.random.default_rng(8), "w", 118.0, 39.5)


def test_every_unit_is_surveyed_and_stands_inside_apart_from_the_others() -> None:
    for site in works():
        grounds = []
        for unit in site.units:
            assert unit.footprint is not None
            assert unit.footprint_status is FootprintStatus.SURVEYED
            assert site.outline.contains(unit.footprint)
            grounds.append(in_metres(unit.footprint, middle_of(site)))
        tree = shapely.STRtree(grounds)
        pairs = tree.query(grounds, predicate="intersects")
        assert (pairs[0] == pairs[1]).all()


def test_works_have_the_equipment_of_a_chain_from_ore_to_steel() -> None:
    for site in works():
        kinds = Counter(unit.kind for unit in site.units)
        assert 1 <= kinds[UnitKind.BLAST_FURNACE] <= 4
        assert 1 <= kinds[UnitKind.SINTER_MACHINE] <= 3
        assert kinds[UnitKind.CONVERTER] >= 1
    seen = {unit.kind for site in works() for unit in site.units}
    assert seen == set(UnitKind) - {UnitKind.IRONMAKING}


def test_outlines_are_as_large_as_real_ones() -> None:
    """Quartiles of 194 outlines on OpenStreetMap are 2.2 and 8.6 km²."""
    areas = np.array([in_metres(site.outline, middle_of(site)).area for site in works()]) / 1e6
    assert 3.0 < np.median(areas) < 7.0
    assert areas.min() >= 0.7
    assert areas.max() <= 13.0
    assert areas.std() > 1.5


def test_capacities_are_those_of_the_tracker(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "plants" / "gem_gist_2025_units_2plus26.csv")
    for kind, word in ((UnitKind.BLAST_FURNACE, "Blast_furnaces"), (UnitKind.CONVERTER, "Basic_oxygen_furnaces")):
        real = pd.to_numeric(table.loc[table["tab-type"] == word, "current-capacity-(ttpa)"], errors="coerce") / 0.365
        made = [unit.capacity_t_per_day or 0.0 for site in works() for unit in site.units if unit.kind is kind]
        for quantile in (0.25, 0.5, 0.75):
            assert 0.75 < np.quantile(made, quantile) / real.quantile(quantile) < 1.35


def test_a_cold_site_lists_units_and_is_laid_out_without_them() -> None:
    for seed in range(12):
        site = draw_cold_site(np.random.default_rng(seed), f"c{seed}", 116.0, 38.0)
        assert 2 <= len(site.units) <= 4
        layout = layout_of(site, seed, list(Enterprise)[1 + seed % 2])
        assert set(layout.grounds) == {unit.unit_id for unit in site.units}
        assert "coke" not in {patch.material for patch in layout.patches}
