from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.features.hot_targets.warm_places import WarmMap, warm_map, warm_places
from satverify.physics.utm import unproject

GRID = Grid(epsg=32650, left=500_015, top=4_400_015, pixel_width=30, pixel_height=30, width=60, height=50)


def warmth(cooler: float = 8.0, roof: float = 0.0, scenes: int = 20, seed: int = 0) -> NDArray[np.float64]:
    """What ground is warmer by: noise, a cooler at all times, and a dark roof in the summer half of the scenes."""
    rng = np.random.default_rng(seed)
    image = rng.normal(0, 0.8, (scenes, *GRID.shape))
    image[:, 20:25, 30:34] += cooler
    image[: scenes // 2, 35:40, 10:15] += roof
    return np.asarray(ndimage.gaussian_filter(image, (0, 1.0, 1.0)))


def mapped(residual: NDArray[np.float64]) -> WarmMap:
    time = np.datetime64("2021-01-01", "us") + np.arange(len(residual)) * np.timedelta64(16, "D")
    return warm_map("landsat-ot-l1", GRID, time, residual)


def test_a_cooler_is_found_where_it_stands() -> None:
    ((row, column),) = warm_places(mapped(warmth()))
    assert abs(row.mean() - 22) < 0.5
    assert abs(column.mean() - 31.5) < 0.5
    assert 15 <= len(row) <= 30


def test_a_roof_that_the_summer_sun_heats_is_none() -> None:
    places = warm_places(mapped(warmth(cooler=0.0, roof=12.0)))
    assert places == ()


def test_ground_alone_is_nowhere_warm() -> None:
    assert warm_places(mapped(warmth(cooler=0.0))) == ()


def test_few_clear_scenes_tell_nothing() -> None:
    residual = warmth()
    residual[5:] = np.nan
    found = mapped(residual)
    assert np.isnan(found.warmth).all()
    assert warm_places(found) == ()


def test_the_warmest_place_comes_first() -> None:
    residual = warmth()
    residual[:, 5:10, 45:50] += 20.0
    first, second = warm_places(mapped(residual))
    assert first[0].mean() < second[0].mean()


def test_warmth_is_told_of_a_piece_of_ground() -> None:
    found = mapped(warmth())
    corners = np.column_stack(unproject(32650, np.array([500_950.0, 500_990.0]), np.array([4_399_300.0, 4_399_340.0])))
    assert found.at(shapely.box(*corners[0], *corners[1])) == pytest.approx(8, abs=1.5)
    assert np.isnan(found.at(shapely.box(0, 0, 1, 1)))
