from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.physics.detectable import least_share_by_nhi, least_share_by_tai
from satverify.physics.hotspot import MSI_RULES, hotspots, normalised_hotspot_index, thermal_anomaly_index
from satverify.physics.instruments import spectral_band
from satverify.physics.radiometry import reflectance_to_radiance
from satverify.physics.spectral import band_radiance

BANDS = [spectral_band("sentinel-2a", name) for name in ("nir08", "swir16", "swir22")]
WORKS = (0.16, 0.21, 0.20)
"""Reflectance of the ground of a works at 0.86, 1.6 and 2.2 µm."""
FIELDS = (0.25, 0.21, 0.18)
"""Likewise of dry fields."""
DECEMBER, JUNE = 64.0, 22.0
"""Solar zenith angle at 39 degrees north, late in the morning. [degree]"""


def white(zenith: float) -> list[float]:
    return [float(reflectance_to_radiance(1.0, band.solar_irradiance, zenith)) for band in BANDS]


def as_reflectance(kelvin: float, zenith: float) -> list[float]:
    return [float(band_radiance(band, kelvin)) / one for band, one in zip(BANDS, white(zenith), strict=True)]


@given(kelvin=st.floats(600, 2000), zenith=st.floats(20, 75))
def test_the_smallest_share_lies_on_the_threshold_of_the_index(kelvin: float, zenith: float) -> None:
    hot = as_reflectance(kelvin, zenith)
    share = float(least_share_by_tai(WORKS, hot))
    near, short, long = (np.array([cold + share * heat]) for cold, heat in zip(WORKS, hot, strict=True))
    index, rise = thermal_anomaly_index(near, short, long)[0], float(long[0] - 2 * short[0] + near[0])
    assert index >= 0.45 * (1 - 1e-9)  # round-off of a difference of like numbers
    assert rise >= -1e-9
    assert min(index - 0.45, rise) < 1e-6, "no smaller share would do"


@given(kelvin=st.floats(600, 2000), zenith=st.floats(20, 75))
def test_the_smallest_share_by_nhi_lies_on_a_threshold(kelvin: float, zenith: float) -> None:
    ground = [level * one for level, one in zip(WORKS, white(zenith), strict=True)]
    hot = [float(band_radiance(band, kelvin)) for band in BANDS]
    share = float(least_share_by_nhi(ground, hot, MSI_RULES.least_swir22))
    more = [np.array([cold + 1.001 * share * heat]) for cold, heat in zip(ground, hot, strict=True)]
    less = [np.array([cold + 0.999 * share * heat]) for cold, heat in zip(ground, hot, strict=True)]
    is_over = [
        max(normalised_hotspot_index(each[2], each[1])[0], normalised_hotspot_index(each[1], each[0])[0]) > 0
        and each[2][0] > 2
        for each in (more, less)
    ]
    assert is_over == [True, False]
    found = hotspots(*less, rules=MSI_RULES)
    assert not (found.is_mid_low | found.is_high)[0]


@pytest.mark.parametrize(("kelvin", "square_metres"), [(1500.0, 0.04), (1000.0, 0.23), (800.0, 1.1), (600.0, 15.0)])
def test_the_smallest_heat_in_december_is_that_computed_before(kelvin: float, square_metres: float) -> None:
    """Areas in one pixel of 20 m; the ground was not stated, so that one level is free and three areas are a check."""
    share = least_share_by_tai(FIELDS, as_reflectance(kelvin, DECEMBER))
    assert float(share) * 400 == pytest.approx(square_metres, rel=0.2)


@pytest.mark.parametrize("kelvin", [800.0, 1000.0, 1200.0])
def test_nhi_needs_several_times_the_heat_that_the_index_needs(kelvin: float) -> None:
    by_tai = float(least_share_by_tai(FIELDS, as_reflectance(kelvin, DECEMBER)))
    ground = [level * one for level, one in zip(FIELDS, white(DECEMBER), strict=True)]
    by_nhi = float(least_share_by_nhi(ground, [float(band_radiance(band, kelvin)) for band in BANDS], 2.0))
    assert 3 < by_nhi / by_tai < 9  # four to eight, by ground


def test_a_high_sun_hides_heat_in_proportion_to_its_light() -> None:
    winter, summer = (float(least_share_by_tai(WORKS, as_reflectance(1200.0, sun))) for sun in (DECEMBER, JUNE))
    assert summer / winter == pytest.approx(np.cos(np.radians(JUNE)) / np.cos(np.radians(DECEMBER)), rel=1e-9)


def test_what_does_not_glow_never_shows() -> None:
    assert np.isnan(least_share_by_tai(WORKS, as_reflectance(350.0, DECEMBER)))


def test_ground_that_is_over_the_threshold_by_itself_needs_no_heat() -> None:
    assert least_share_by_tai((0.08, 0.15, 0.25), as_reflectance(1000.0, DECEMBER)) == 0


def test_three_bands_are_needed() -> None:
    with pytest.raises(InputError, match="three bands"):
        least_share_by_tai((0.2, 0.2), (1.0, 1.0))
