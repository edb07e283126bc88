from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.simulate.scenes.air import (
    ANGSTROM,
    cirrus_reflectance,
    cirrus_transmittance,
    clear_transmittance,
    direct_share,
    haze_reflectance,
    haze_transmittance,
    optical_depth,
    spot_transmittance,
)

DEPTH, COSINE = st.floats(0.0, 4.0), st.floats(0.15, 1.0)
COLOURS = st.sampled_from([0.443, 0.49, 0.665, 0.865, 1.61, 2.2])


@given(depth=DEPTH, cosine=COSINE)
def test_haze_gives_back_no_more_light_than_it_gets(depth: float, cosine: float) -> None:
    """What black ground sends up and what white ground adds stay below what fell in."""
    bright, passed = (
        function(np.array(depth), np.array(cosine)) for function in (haze_reflectance, haze_transmittance)
    )
    assert float(bright) >= 0
    assert 0 < float(passed) <= 1
    assert float(bright + passed) <= 1 + 1e-12


@given(cosine=COSINE, wavelength=COLOURS)
def test_without_haze_nothing_is_added_or_taken(cosine: float, wavelength: float) -> None:
    none = np.zeros(1)
    assert float(haze_reflectance(none, np.array([cosine]))[0]) == 0
    assert float(haze_transmittance(none, np.array([cosine]))[0]) == 1
    assert float(spot_transmittance(none, wavelength)[0]) == 1


def test_thin_haze_scatters_what_single_scattering_says() -> None:
    """Reflectance of a thin layer: single-scattering albedo, phase and depth over four cosines; here in numbers."""
    phase = (1 - 0.65**2) / (1 + 0.65**2 + 2 * 0.65 * 0.5) ** 1.5
    expected = 0.9 * phase * 1e-4 / (4 * 0.5 * 1)
    assert float(haze_reflectance(np.array(1e-4), np.array(0.5))) == pytest.approx(expected, rel=1e-3)


def test_haze_is_bright_in_the_blue_and_hardly_there_at_2_2_micrometres() -> None:
    """Optical depth falls with the stated exponent; half a unit at 0.55 µm adds some hundredths in the blue."""
    assert float(optical_depth(1.0, 0.55)) == pytest.approx(1)
    ratio = float(optical_depth(1.0, 2.2) / optical_depth(1.0, 0.55))
    assert np.log(ratio) / np.log(2.2 / 0.55) == pytest.approx(-ANGSTROM)
    blue, short = (float(haze_reflectance(optical_depth(0.5, each), np.array(0.5))) for each in (0.49, 2.2))
    assert 0.02 < blue < 0.08
    assert short < blue / 3


@given(depth=DEPTH, cosine=COSINE, wavelength=COLOURS)
def test_a_spot_loses_more_than_wide_ground_on_the_way_up(depth: float, cosine: float, wavelength: float) -> None:
    at = optical_depth(depth, wavelength)
    assert float(spot_transmittance(depth, wavelength)) <= float(haze_transmittance(at, np.array(1e9))) + 1e-12
    assert 0 < float(direct_share(np.array(depth), wavelength, np.array(cosine))) <= 1


def test_clear_air_takes_the_same_on_both_ways() -> None:
    assert clear_transmittance(2.2) ** 2 == pytest.approx(0.9)
    assert clear_transmittance(1.375) < 0.1


def test_cirrus_is_seen_best_where_vapour_hides_the_ground() -> None:
    depth, cosine = np.array([0.0, 0.1, 0.3]), np.full(3, 0.5)
    high = cirrus_reflectance(depth, cosine, 1.375)
    assert high[0] == 0
    assert 0.012 < high[1] < 0.05  # what is called cirrus at this depth
    assert (high >= cirrus_reflectance(depth, cosine, 2.2)).all()
    assert (np.diff(cirrus_transmittance(depth)) < 0).all()
    assert float(cirrus_transmittance(depth)[2]) > 0.8  # too thin to hide a hot spot
