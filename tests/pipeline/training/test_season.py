from __future__ import annotations

import numpy as np
import pytest

from satverify.domain.looks import State
from satverify.pipeline.training.season import COLD_EVERY, LENGTH, REGION, drawn_season, drawn_site
from satverify.simulate.layout import Enterprise
from satverify.simulate.truth import levels_at, state_of, unit_ids_of

SEED = 12


def share_halted(number: int) -> tuple[float, float]:
    """Share of furnace-hours at which a furnace stands, and P(a second stands | the first does)."""
    site = drawn_site(number, SEED)
    season = drawn_season(site, number, SEED)
    assert season.draw is not None
    times = np.datetime64(season.days[0], "s") + np.arange(0, LENGTH.days * 24, 6) * np.timedelta64(1, "h")
    furnaces = [unit for unit in unit_ids_of(season.draw, site.site_id) if "blast_furnace" in unit]
    halted = state_of(levels_at(season.draw, site.site_id, furnaces, times)) == State.HALTED
    return float(halted.mean()), float(halted[:, halted.any(axis=0)].mean()) if halted.any() else 0.0


def test_a_site_and_its_season_depend_on_their_numbers_alone() -> None:
    first, again = (drawn_season(drawn_site(5, SEED), 5, SEED) for _ in range(2))
    assert first.site == again.site
    assert first.days == again.days
    assert first.scenes.seed == again.scenes.seed
    assert drawn_site(5, SEED).outline != drawn_site(6, SEED).outline
    assert drawn_site(5, SEED).outline != drawn_site(5, SEED + 1).outline


def test_sites_lie_in_the_region() -> None:
    west, south, east, north = REGION
    for number in range(20):
        middle = drawn_site(number, SEED).outline.centroid
        assert west - 0.1 < middle.x < east + 0.1
        assert south - 0.1 < middle.y < north + 0.1


def test_both_kinds_of_season_hold_much_work_and_many_halts() -> None:
    free = [share_halted(number)[0] for number in (1, 4, 10, 13)]
    ordered = [share_halted(number)[0] for number in (0, 2, 3, 5, 6, 8)]
    assert 0.25 < np.mean(free) < 0.65
    assert 0.2 < np.mean(ordered) < 0.65


def test_furnaces_under_orders_stop_together() -> None:
    together = np.mean([share_halted(number)[1] for number in (0, 2, 3, 5, 6, 8)])
    assert together > 0.75


def test_one_site_in_eight_has_no_heat_and_no_truth_but_rest() -> None:
    season = drawn_season(drawn_site(COLD_EVERY - 1, SEED), COLD_EVERY - 1, SEED)
    assert season.draw is None
    assert season.scenes.sources is None
    (layout,) = season.scenes.layouts
    assert "metal_roof" in {patch.material for patch in layout.patches} or len(layout.patches) > 3
    assert {Enterprise.WAREHOUSES, Enterprise.GALVANISING} <= set(Enterprise)


@pytest.mark.parametrize("number", [0, 1])
def test_scenes_are_those_of_the_works(number: int) -> None:
    season = drawn_season(drawn_site(number, SEED), number, SEED)
    assert season.scenes.sources is not None
    assert season.scenes.layouts[0].site == season.site
