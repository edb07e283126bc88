from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.physics.utm import project
from satverify.simulate.scenes.tiles import SIDE, tile_corner, tiles_in


@pytest.mark.parametrize(
    ("name", "epsg", "corner"),
    [
        ("31TDH", 32631, (399960, 4800000)),  # S2A_MSIL1C_20180101T105441_N0206_T31TDH_MTD_TL.xml
        ("46RER", 32646, (499980, 3100020)),  # proj:transform of S2A_T46RER_20210908T043714_L1C
        ("06VVN", 32606, (399960, 6800040)),  # S2B_MSIL2A_20190629T212529_R043_T06VVN
    ],
)
def test_tiles_begin_where_real_ones_do(name: str, epsg: int, corner: tuple[int, int]) -> None:
    assert tile_corner(name, epsg) == corner


@settings(max_examples=40)
@given(longitude=st.floats(-179.9, 179.9), latitude=st.floats(-79, 83.5))
def test_every_place_has_a_tile_whose_name_leads_back_to_it(longitude: float, latitude: float) -> None:
    tiles = tiles_in((longitude, latitude, longitude, latitude))
    assert tiles
    assert [tile.name for tile in tiles] == sorted({tile.name for tile in tiles})
    assert len({tile.number for tile in tiles}) == len(tiles)
    for tile in tiles:
        assert tile_corner(tile.name, tile.epsg) == (tile.left, tile.top)
        x, y = project(tile.epsg, longitude, latitude)
        assert -2000 < x - tile.left < SIDE + 2000  # edges are straight in degrees here and in metres there
        assert -2000 < tile.top - y < SIDE + 2000


def test_tiles_of_a_large_box_leave_no_gap() -> None:
    box = (110.0, 34.0, 120.0, 42.0)
    tiles = tiles_in(box)
    assert shapely.union_all([tile.outline for tile in tiles]).buffer(0.02).covers(shapely.box(*box))
    assert all(tile.outline.intersects(shapely.box(*box)) for tile in tiles)
    assert 100 < len(tiles) < 140


def test_tiles_meet_at_the_equator_and_at_the_edges_of_zones() -> None:
    box = (5.5, -0.8, 6.5, 0.8)
    tiles = tiles_in(box)
    assert {tile.epsg for tile in tiles} == {32631, 32632, 32731, 32732}
    assert {tile.name[2] for tile in tiles} == {"M", "N"}
    assert shapely.union_all([tile.outline for tile in tiles]).buffer(0.02).covers(shapely.box(*box))


def test_neighbours_overlap_by_ten_kilometres() -> None:
    tiles = {tile.name: tile for tile in tiles_in((117.1, 39.0, 118.9, 40.5))}
    one, two = tiles["50SMJ" if "50SMJ" in tiles else sorted(tiles)[0]], None
    for each in tiles.values():
        if each.epsg == one.epsg and each.top == one.top and each.left > one.left:
            two = each
            break
    assert two is not None
    assert one.left + SIDE - two.left == pytest.approx(9_800, abs=60)


def test_there_are_no_tiles_beyond_the_grid() -> None:
    assert tiles_in((0.0, 85.0, 10.0, 89.0)) == ()
    assert np.abs([tile.latitude for tile in tiles_in((0.0, 82.0, 3.0, 83.9))]).max() < 85
