from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from satverify.physics.satellites import SATELLITES, pass_over
from satverify.simulate.scenes.swaths import cut_tile, swath_pieces, within_map

SQUARE = shapely.Polygon([(0, 1), (1, 1), (1, 0), (0, 0)])
WEST_TO_EAST = np.array([-100.0, 100.0, 100.0, -100.0])  # at the corners of the square


@given(left=st.floats(-120, 120), right=st.floats(-120, 120))
def test_a_tile_is_cut_where_the_swath_ends(left: float, right: float) -> None:
    part = cut_tile(SQUARE, WEST_TO_EAST, left, right)
    low, high = max(-right, -100.0), min(left, 100.0)
    assert part.area == pytest.approx(max(high - low, 0) / 200, abs=2e-4)
    if not part.is_empty:
        assert part.bounds == pytest.approx(((low + 100) / 200, 0, (high + 100) / 200, 1), abs=1e-9)


def test_a_tile_wholly_seen_is_left_alone_and_one_beside_the_swath_is_empty() -> None:
    assert cut_tile(SQUARE, WEST_TO_EAST, 148.0, 148.0) is SQUARE
    assert cut_tile(SQUARE, WEST_TO_EAST + 300, 148.0, 148.0).is_empty


@pytest.mark.parametrize("name", ["sentinel-3a", "sentinel-5p", "landsat-8"])
def test_pieces_have_the_extent_of_the_swath(name: str) -> None:
    satellite = SATELLITES[name]
    after = np.array([500.0, 2400.0])
    pieces = swath_pieces(satellite, np.full(2, satellite.node_time), after, after + 60)
    for piece, begin in zip(pieces, after, strict=True):
        assert piece is not None
        assert piece.is_valid
        corners = shapely.get_coordinates(piece)
        is_ascending = bool(np.cos(2 * np.pi * begin / satellite.orbit.period) > 0)
        found, off = pass_over(satellite, satellite.node_time, corners[:, 0], corners[:, 1], is_ascending=is_ascending)
        np.testing.assert_allclose([off.min(), off.max()], [-satellite.reach_right, satellite.reach_left], atol=0.5)
        np.testing.assert_allclose([found.min(), found.max()], [begin, begin + 60], atol=0.1)


def test_what_lies_across_the_date_line_is_two_parts_on_one_map() -> None:
    two = within_map(shapely.box(175.0, -10.0, 185.0, 10.0))
    assert isinstance(two, shapely.MultiPolygon)
    assert two.area == pytest.approx(200)
    assert two.bounds == (-180.0, -10.0, 180.0, 10.0)
    assert within_map(shapely.box(-190.0, 0.0, -185.0, 1.0)).bounds == (170.0, 0.0, 175.0, 1.0)


def test_pieces_near_the_pole_are_left_out() -> None:
    satellite = SATELLITES["sentinel-3a"]
    quarter = satellite.orbit.period / 4
    assert swath_pieces(satellite, np.array([satellite.node_time]), np.array([quarter]), np.array([quarter + 60])) == [
        None
    ]
    assert swath_pieces(satellite, np.zeros(0), np.zeros(0), np.zeros(0)) == []
