from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.features.hot_targets.haze import (
    MOLECULES,
    clear_air_reflectance,
    haze_by_band,
    haze_reflectance,
    path_reflectance,
)
from tests.features.hot_targets.skies import DROPLETS, chips_of, covered, ground, under

EVERYWHERE = np.ones((1, 120, 120), dtype=bool)


def test_thin_air_reflects_as_its_optical_depth() -> None:
    """For a thin layer single scattering is P tau / (4 mu mu0); Liou 2002, equation 6.1.6."""
    zenith = np.array([20.0, 40.0, 60.0])
    height = np.cos(np.radians(zenith))
    thin = 0.75 * (1 + height**2) * MOLECULES / (4 * height)
    found = clear_air_reflectance(zenith)
    assert (found < thin).all()
    np.testing.assert_allclose(found, thin, rtol=0.25)  # tau over the path is 0.3 to 0.5, half of which is lost


def test_the_optical_depth_of_molecules_is_the_published_one() -> None:
    """Bodhaine et al. 1999, equation 30: at sea level and 45 degrees north, wavelength in µm."""
    square = 0.49**2
    numerator = 1.0455996 - 341.29061 / square - 0.90230850 * square
    denominator = 1 + 0.0027059889 / square - 85.968563 * square
    assert pytest.approx(0.0021520 * numerator / denominator, rel=0.01) == MOLECULES


def test_the_sun_overhead_is_scattered_back_by_half_as_much_again_as_sideways() -> None:
    """Straight back Rayleigh's phase function is 3/2, so that a reflectance of 3/16 is what a thick layer comes to."""
    assert clear_air_reflectance(np.array(0.0)) == pytest.approx(1.5 / 8 * -np.expm1(-2 * MOLECULES), rel=1e-12)
    assert np.isnan(clear_air_reflectance(np.array([91.0, np.nan]))).all()


@pytest.mark.parametrize("zenith", [30.0, 50.0, 70.0])
@pytest.mark.parametrize("haze", [0.0, 0.05, 0.15, 0.3])
def test_haze_over_a_works_is_found(zenith: float, haze: float) -> None:
    chips = chips_of(ground(zenith=zenith, haze=haze), zenith=zenith)
    expected = float(clear_air_reflectance(np.array(zenith))) + haze
    found = path_reflectance(chips, EVERYWHERE)[0]
    assert found == pytest.approx(expected, abs=0.025)  # blue of dark ground is known to that


def test_haze_cannot_be_told_without_blue_or_dark_ground() -> None:
    scene = ground()
    assert np.isnan(path_reflectance(chips_of({n: b for n, b in scene.items() if n != "blue"}), EVERYWHERE)).all()
    assert np.isnan(path_reflectance(chips_of(scene), ~EVERYWHERE)).all()
    snow = covered(scene, (slice(None), slice(None)), (0.8, 0.7, 0.004, 0.4, 0.4))
    assert np.isnan(path_reflectance(chips_of(snow), EVERYWHERE)).all()


def test_a_cloud_over_the_whole_scene_is_not_taken_for_haze() -> None:
    hazy, cloudy = ground(haze=0.15), under(ground(), 3.0, DROPLETS)
    brightness = [float(np.median(scene["blue"])) for scene in (hazy, cloudy)]
    assert brightness[0] == pytest.approx(brightness[1], abs=0.03)  # alike in the blue
    found = haze_reflectance(chips_of(hazy, cloudy), np.repeat(EVERYWHERE, 2, axis=0))
    assert found[0] == pytest.approx(0.15, abs=0.04)
    assert found[1] == 0


@given(haze=st.floats(0, 0.5))
def test_haze_fades_with_wavelength(haze: float) -> None:
    bands = [float(haze_by_band(np.array(haze), name)) for name in ("blue", "nir08", "swir16", "swir22")]
    assert bands == sorted(bands, reverse=True)
    assert bands[0] == haze
    assert bands[3] <= 0.15 * haze
