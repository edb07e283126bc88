"""Patches among pixels: no ground is lost or doubled, whatever the pixels and the window."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from satverify.simulate.layout import in_degrees
from satverify.simulate.scenes.frames import Pixels
from satverify.simulate.scenes.surfaces import layouts_near, surfaces_in
from tests.simulate.scenes.ground_at import block, block_along_track, works

PATCHES = works().patches
ONES = np.ones(len(PATCHES))


@cache
def visible() -> list[float]:
    """Area of each patch that no later one lies on. [m²]"""
    areas: list[float] = []
    above: BaseGeometry = shapely.Polygon()
    for patch in reversed(PATCHES):
        areas.append(patch.ground.difference(above).area)
        above = above.union(patch.ground)
    return areas[::-1]


def area_of(pixels: Pixels, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    (surfaces,) = surfaces_in((works(),), pixels)
    return float(surfaces.laid(values).sum()) * pixels.size[0] * pixels.size[1]


@pytest.mark.parametrize(("size", "number"), [(20.0, 400), (30.0, 280), (60.0, 140), (90.0, 90)])
def test_pixels_of_a_tile_hold_the_area_of_all_patches(size: float, number: int) -> None:
    """To the half per cent that UTM and a round Earth differ by here."""
    whole = shapely.union_all([patch.ground for patch in PATCHES]).area
    assert area_of(block(size, number), ONES) == pytest.approx(whole, rel=8e-3)


@pytest.mark.parametrize("size", [500.0, 1000.0])
def test_pixels_along_a_track_hold_it_too(size: float) -> None:
    whole = shapely.union_all([patch.ground for patch in PATCHES]).area
    assert area_of(block_along_track(size), ONES) == pytest.approx(whole, rel=0.03)  # points 40 m apart


@pytest.mark.parametrize("material", ["metal_roof", "coal", "works_ground", "water_basin"])
def test_each_material_has_its_own_area_less_what_lies_on_it(material: str) -> None:
    is_it = np.array([patch.material == material for patch in PATCHES], dtype=np.float64)
    assert area_of(block(20.0, 400), is_it) == pytest.approx(float(np.dot(is_it, visible())), rel=0.03)


def test_shares_are_between_none_and_all_and_partial_at_edges() -> None:
    (surfaces,) = surfaces_in((works(),), block())
    share = surfaces.laid(ONES)
    assert share.min() == 0
    assert share.max() == pytest.approx(1)
    assert 0.005 < ((share > 0.01) & (share < 0.99)).mean() < 0.2


def test_a_window_sees_what_the_whole_block_sees_of_it() -> None:
    values = np.arange(len(PATCHES), dtype=np.float64)
    (whole,) = surfaces_in((works(),), block())
    image = whole.laid(values)
    pixels = block()
    for rows, columns in ((slice(40, 41), slice(60, 90)), (slice(10, 140, 7), slice(3, 150, 11))):
        part = Pixels(frame=pixels.frame, size=pixels.size, columns=pixels.columns[:, columns], rows=pixels.rows[rows])
        (seen,) = surfaces_in((works(),), part)
        np.testing.assert_array_equal(seen.laid(values), image[rows, columns])
        scattered = [np.broadcast_to(each, part.shape).copy() for each in (part.columns, part.rows)]
        loose = Pixels(frame=pixels.frame, size=pixels.size, columns=scattered[0], rows=scattered[1])
        (seen,) = surfaces_in((works(),), loose)
        np.testing.assert_array_equal(seen.laid(values), image[rows, columns])


def test_a_block_that_holds_none_of_it_has_no_surfaces() -> None:
    assert surfaces_in((works(),), block(shift=(400, 0))) == ()
    assert surfaces_in((), block()) == ()
    assert layouts_near((works(),), block(shift=(4000, 0))) == ()
    assert layouts_near((works(),), block(shift=(20, 0))) == (works(),)


def test_a_roof_lies_where_its_corners_are_on_the_map() -> None:
    """Pixels that are mostly of one patch are those whose middles its polygon holds."""
    largest = max(range(len(PATCHES)), key=lambda index: visible()[index] * (PATCHES[index].material == "metal_roof"))
    only = np.zeros(len(PATCHES))
    only[largest] = 1.0
    pixels = block(20.0, 300)
    (surfaces,) = surfaces_in((works(),), pixels)
    share = surfaces.laid(only)
    longitude, latitude = pixels.frame.places(*np.broadcast_arrays(pixels.x, pixels.y))
    ground = in_degrees(PATCHES[largest].ground, works().middle)
    inside = shapely.contains_xy(ground, longitude, latitude)
    assert (inside == (share > 0.5)).mean() > 0.9995
    assert share[inside].mean() > 0.85
