"""Interpolation against another implementation, and around what is missing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from satverify.emulator.engine.interpolation import Floats, Plane, bicubic, bilinear, nearest

SOURCE = np.random.default_rng(3).uniform(0, 1000, (12, 15)).astype(np.float32)
INNER = st.floats(2, 8)
Method = Callable[[Plane, Floats, Floats], Plane]


@given(row=INNER, column=INNER)
def test_bilinear_values_are_those_of_scipy(row: float, column: float) -> None:
    rows, columns = np.array([[row]]), np.array([[column]])
    expected = map_coordinates(SOURCE.astype(np.float64), [rows, columns], order=1)
    np.testing.assert_allclose(bilinear(SOURCE, rows, columns), expected, rtol=1e-6)  # float32


@given(row=INNER, column=INNER, a=st.floats(-5, 5), b=st.floats(-5, 5), c=st.floats(-0.2, 0.2))
def test_bicubic_values_follow_a_parabola_exactly(row: float, column: float, a: float, b: float, c: float) -> None:
    y, x = np.mgrid[0:12, 0:15]  # the kernel with a = -1/2 reproduces polynomials of the second degree
    source = (a * x + b * y + c * x * x + 50).astype(np.float32)
    found = bicubic(source, np.array([[row]]), np.array([[column]]))[0, 0]
    assert found == pytest.approx(a * column + b * row + c * column**2 + 50, abs=1e-3)  # float32 of hundreds


@pytest.mark.parametrize("method", [nearest, bilinear, bicubic])
def test_in_the_middle_of_a_pixel_its_value_stands(method: Method) -> None:
    rows, columns = np.meshgrid(np.arange(12.0), np.arange(15.0), indexing="ij")
    np.testing.assert_allclose(method(SOURCE, rows, columns), SOURCE, rtol=1e-6)


@pytest.mark.parametrize("method", [nearest, bilinear, bicubic])
def test_what_is_missing_stays_missing_and_spoils_nothing_else(method: Method) -> None:
    source = np.full((6, 6), 7, dtype=np.float32)
    source[2, 3] = np.nan
    rows, columns = np.meshgrid(np.linspace(1, 4, 13), np.linspace(1, 4, 13), indexing="ij")
    found = method(source, rows, columns)
    is_missing = np.isnan(nearest(source, rows, columns))
    assert is_missing.any()
    np.testing.assert_array_equal(np.isnan(found), is_missing)
    np.testing.assert_allclose(found[~is_missing], 7, rtol=1e-6)
