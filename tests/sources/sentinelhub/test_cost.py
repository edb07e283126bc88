from __future__ import annotations

from dataclasses import replace

import pytest

from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.sources.sentinelhub.cost import request_units, scene_units, search_units
from tests.sources.sentinelhub.made import GRID, SENTINEL_2, SLSTR

REFERENCE = replace(GRID, width=512, height=512)


def bands(number: int) -> tuple:  # type: ignore[type-arg]
    return SENTINEL_2.bands[:1] * number


def test_three_bands_of_the_reference_image_cost_one_unit() -> None:
    assert scene_units(replace(SENTINEL_2, bands=bands(3)), REFERENCE) == 1.0


@pytest.mark.parametrize(
    ("width", "number", "units"),
    [
        (150, 4, 0.114),  # a site of 3 km at 20 m, B8A, B11, B12 and SCL, 16 bit: 0.114 by the documented formula
        (15, 4, 0.0133),  # 300 m at 20 m: the least area counts
    ],
)
def test_worked_examples(width: int, number: int, units: float) -> None:
    grid = replace(GRID, width=width, height=width)
    assert scene_units(replace(SENTINEL_2, bands=bands(number)), grid) == pytest.approx(units, rel=0.005)


def test_a_request_costs_its_scenes_and_never_less_than_the_least() -> None:
    assert request_units(SLSTR, GRID, 30) == pytest.approx(0.01 * 2 * 30)
    assert request_units(SENSORS["sentinel-5p-no2"], GRID, 1) == 0.005


def test_a_search_costs_by_area_and_month_within_its_limits() -> None:
    assert search_units(1.0, 1) == 0.01
    assert search_units(250_000, 2) == 0.5
    assert search_units(5e6, 12) == 1.0


def test_the_side_of_a_grid_does_not_matter_only_its_pixels() -> None:
    oblong = Grid(epsg=32650, left=0, top=0, pixel_width=20, pixel_height=20, width=1024, height=256)
    assert scene_units(SENTINEL_2, oblong) == scene_units(SENTINEL_2, REFERENCE)
