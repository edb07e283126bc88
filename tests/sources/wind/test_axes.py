"""Axes: every place has weights that sum to one, on nodes that lie round it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.sources.wind.axes import Axis, Floats, Ground


def axis(values: Floats) -> Axis:
    return Axis(values=values, places=np.arange(len(values)))


GLOBE = Ground(longitude=axis(np.arange(0.0, 360, 1.5)), latitude=axis(np.arange(-89.25, 90, 1.5)))


@given(
    values=st.lists(st.integers(-1000, 1000), min_size=2, max_size=30, unique=True).map(sorted),
    wanted=st.floats(-1100, 1100),
)
def test_a_value_is_the_weighted_mean_of_its_neighbours(values: list[int], wanted: float) -> None:
    steps = axis(np.array(values, dtype=float))
    found = steps.bracket(np.array([wanted]))
    if not found.is_inside[0]:
        beside = np.searchsorted(steps.values, wanted)
        is_between = 0 < beside < len(values)
        assert not is_between or steps.values[beside] - steps.values[beside - 1] > steps.spacing
        return
    low, high = steps.values[found.lower[0]], steps.values[found.upper[0]]
    assert low <= wanted <= high
    assert low + found.share[0] * (high - low) == pytest.approx(wanted)


def test_the_usual_spacing_is_the_most_frequent_and_gaps_are_twice_as_long() -> None:
    steps = axis(np.array([0.0, 1, 2, 4, 5, 6, 29, 30]))
    assert steps.spacing == 1
    assert steps.gaps().tolist() == [2, 5]
    assert steps.bracket(np.array([3.0, 2.0, 4.0, 28.9, 29.5])).is_inside.tolist() == [False, True, True, False, True]


def test_a_single_step_is_known_at_itself_only() -> None:
    assert axis(np.array([5.0])).bracket(np.array([4.9, 5, 5.1, np.nan])).is_inside.tolist() == [
        False,
        True,
        False,
        False,
    ]
    assert axis(np.array([5.0])).spacing == 0


def test_single_precision_does_not_cut_off_the_edge() -> None:
    steps = axis(np.array([5.1, 5.2, 5.3], dtype=np.float32).astype(float))
    assert steps.bracket(np.array([5.1, 5.3]), slack=1e-4).is_inside.all()
    assert not steps.bracket(np.array([5.0997, 5.3003]), slack=1e-4).is_inside.any()
    assert not Ground(longitude=steps, latitude=steps).goes_round


@given(longitude=st.floats(-720, 720), latitude=st.floats(-90, 90))
def test_a_globe_of_cell_centres_leaves_no_place_out(longitude: float, latitude: float) -> None:
    found = GLOBE.corners(np.array([longitude]), np.array([latitude]))
    assert found.is_inside.all()
    assert found.weight.sum() == pytest.approx(1)
    assert (found.weight >= 0).all()
    # The weighted mean of the corners' directions in space points to the place, but for the curvature of 1.5 degree.
    east = np.radians(GLOBE.longitude.values[found.column[:, 0]])
    north = np.radians(GLOBE.latitude.values[found.row[:, 0]])
    corners = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
    x, y = np.radians(longitude), np.radians(latitude)
    place = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
    np.testing.assert_allclose(corners @ found.weight[:, 0], place, atol=4e-4)  # (1.5 degree)^2 / 2
    assert (found.sign[:, 0] == -1).any() == (abs(latitude) > 89.25)


def test_columns_given_twice_at_the_seam_do_no_harm() -> None:
    ground = Ground(longitude=axis(np.arange(0.0, 361, 90)), latitude=axis(np.array([0.0, 1])))
    found = ground.corners(np.array([-45.0, 360, 359]), np.array([0.5, 0.5, 0.5]))
    assert found.is_inside.all()
    np.testing.assert_allclose(found.weight.sum(axis=0), 1)


def test_a_box_over_the_date_line_has_one_inside() -> None:
    ground = Ground(longitude=axis(np.arange(175.0, 186)), latitude=axis(np.array([0.0, 1])))
    assert ground.corners(np.array([180.0, -178, 174, -174]), np.full(4, 0.5)).is_inside.tolist() == [
        True,
        True,
        False,
        False,
    ]
