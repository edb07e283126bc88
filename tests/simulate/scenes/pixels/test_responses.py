from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.physics.instruments import SPECTRAL_BANDS
from satverify.simulate.scenes.pixels.msi import BANDS
from satverify.simulate.scenes.pixels.oli import REFLECTIVE
from satverify.simulate.scenes.pixels.responses import MSI, OLI, SLSTR, light_of
from satverify.simulate.scenes.pixels.slstr import SOLAR
from satverify.simulate.scenes.radiation import SUN


def test_every_band_that_sees_the_sun_has_a_response() -> None:
    assert (set(MSI), set(OLI), set(SLSTR)) == (set(BANDS), set(REFLECTIVE), set(SOLAR))


@given(name=st.sampled_from(sorted(MSI)), times=st.floats(0, 30))
def test_variance_grows_in_a_straight_line_with_the_signal(name: str, times: float) -> None:
    response = MSI[name]
    variance = response.noise(np.array([0.0, response.reference, times * response.reference])) ** 2
    assert variance[1] == pytest.approx((response.reference / response.signal_to_noise) ** 2)
    assert variance[2] == pytest.approx(variance[0] + times * (variance[1] - variance[0]))


def test_the_largest_radiance_is_above_white_ground_in_the_visible_but_not_above_hot_metal() -> None:
    for name, response in MSI.items():
        white = SUN[BANDS[name].wavelength] / np.pi
        assert response.ceiling > 0.35 * white
    assert MSI["B12"].ceiling * np.pi / SUN[2.2] == pytest.approx(1.17, abs=0.02)  # reflectance below the Sun


@pytest.mark.parametrize(
    ("platform", "band", "name"),
    [
        ("sentinel-2a", "B12", "swir22"),
        ("sentinel-2b", "B8A", "nir08"),
        ("landsat-9", "B10", "lwir11"),
        ("sentinel-3b", "S7", "mir37"),
    ],
)
def test_bands_in_which_heat_counts_see_with_their_measured_response(platform: str, band: str, name: str) -> None:
    assert light_of(platform, band, 2.2).spectral is SPECTRAL_BANDS[platform][name]


def test_other_bands_see_their_middle() -> None:
    light = light_of("sentinel-2a", "B03", 0.56)
    assert list(light.spectral.wavelengths) == pytest.approx([0.56e-6])
    assert light.spectral.solar_irradiance == SUN[0.56]
