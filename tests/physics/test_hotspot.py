from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from satverify.physics.hotspot import (
    MSI_RULES,
    OLI_RULES,
    HotspotRules,
    Hotspots,
    hotspots,
    is_persistent,
    is_thermal_anomaly,
    normalised_hotspot_index,
    thermal_anomaly_index,
)
from satverify.physics.instruments import spectral_band

Floats = NDArray[np.float64]
Bands = tuple[Floats, Floats, Floats]

GROUND = (0.25, 0.20, 0.15)
"""Reflectance of bare ground at 0.86, 1.6 and 2.2 µm."""


def scene_of(*hot: tuple[int, int, tuple[float, float, float]], shape: tuple[int, int] = (40, 40)) -> Bands:
    """Bare ground with some other pixels: row, column, reflectances."""
    bands = [np.full(shape, level) for level in GROUND]
    for row, column, levels in hot:
        for band, level in zip(bands, levels, strict=True):
            band[row, column] = level
    return bands[0], bands[1], bands[2]


def pixel(*levels: float, rules: HotspotRules = MSI_RULES, visible: float | None = None) -> Hotspots:
    """NHI of one pixel: radiance at 0.86, 1.6 and 2.2 µm."""
    near, short, long = (np.array([level]) for level in levels)
    return hotspots(near, short, long, rules=rules, visible=None if visible is None else np.array([visible]))


def radiances(bands: Bands, platform: str, cosine: float) -> Bands:
    near, short, long = (
        band * spectral_band(platform, name).solar_irradiance * cosine / np.pi
        for name, band in zip(("nir08", "swir16", "swir22"), bands, strict=True)
    )
    return near, short, long


@given(st.floats(0, 300), st.floats(0, 300))
def test_the_contrast_of_two_bands_changes_sign_with_their_order(longer: float, shorter: float) -> None:
    one, other = np.array([longer]), np.array([shorter])
    index = normalised_hotspot_index(one, other)
    np.testing.assert_array_equal(index, -normalised_hotspot_index(other, one))
    assert np.isnan(index[0]) if longer + shorter <= 0 else -1 <= index[0] <= 1


@given(st.floats(0.01, 1e4))
def test_the_contrast_does_not_depend_on_the_height_of_the_sun(factor: float) -> None:
    longer, shorter = np.array([3.0, 1.0]), np.array([1.0, 4.0])
    np.testing.assert_allclose(
        normalised_hotspot_index(factor * longer, factor * shorter), [0.5, -0.6], rtol=1e-12
    )  # round-off


def test_the_thermal_anomaly_index_is_the_rise_over_the_near_infrared() -> None:
    index = thermal_anomaly_index(np.array([0.2, 0.0, np.nan]), np.array([0.1, 0.1, 0.1]), np.array([0.4, 0.4, 0.4]))
    np.testing.assert_allclose(index, [1.5, np.nan, np.nan], rtol=1e-12)  # round-off


def test_the_thermal_anomaly_index_is_nought_where_both_bands_are_saturated() -> None:
    assert thermal_anomaly_index(np.array([0.2]), np.array([1.64]), np.array([1.64]))[0] == 0


def test_a_hot_pixel_is_an_anomaly_and_bare_ground_is_not() -> None:
    found = is_thermal_anomaly(*scene_of((20, 20, (0.25, 0.3, 0.7))))
    assert np.argwhere(found).tolist() == [[20, 20]]


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ((0.25, 0.30, 0.41), "the index is 0.44"),
        ((0.20, 0.60, 0.75), "it rises more to 1.6 than to 2.2 µm"),
        ((0.04, 0.08, 0.14), "it is dark at 2.2 µm"),
        ((0.05, 0.04, 0.20), "it is dark at 1.6 µm, as shadow and water are"),
        ((0.009, 0.10, 0.20), "it is dark at 0.86 µm"),
    ],
)
def test_a_pixel_is_no_anomaly_when(levels: tuple[float, float, float], why: str) -> None:
    assert not is_thermal_anomaly(*scene_of((20, 20, levels))).any(), why


def test_dark_ground_that_fills_the_surroundings_is_no_anomaly() -> None:
    """What holds of a stretch of burnt ground holds of every pixel of it: the mean index is as high as each."""
    burnt = np.ones((40, 40))
    bands = (0.10 * burnt, 0.12 * burnt, 0.18 * burnt)
    assert (thermal_anomaly_index(*bands) >= 0.45).all()
    assert not is_thermal_anomaly(*bands).any()


def test_a_saturated_pixel_beside_an_anomaly_is_one_and_a_lonely_one_is_not() -> None:
    hot, saturated = (0.25, 0.4, 1.2), (0.25, 1.64, 1.64)
    found = is_thermal_anomaly(*scene_of((10, 10, hot), (10, 11, saturated), (30, 30, saturated)))
    assert np.argwhere(found).tolist() == [[10, 10], [10, 11]]


def test_scenes_stand_for_themselves() -> None:
    cold, hot = scene_of(), scene_of((5, 7, (0.25, 0.3, 0.7)))
    together = is_thermal_anomaly(*(np.stack(pair) for pair in zip(cold, hot, strict=True)))
    np.testing.assert_array_equal(together, np.stack([is_thermal_anomaly(*cold), is_thermal_anomaly(*hot)]))


@given(st.integers(0, 10_000))
def test_where_the_anomalies_lie_in_the_image_does_not_matter(seed: int) -> None:
    """Scenes are searched where the index is over its threshold only; a pixel in the far corner has all searched."""
    rng = np.random.default_rng(seed)
    near, short, long = (rng.uniform(low, high, (60, 60)) for low, high in ((0.2, 0.3), (0.15, 0.25), (0.1, 0.25)))
    rows, columns = rng.integers(8, 40, (2, 30))
    long[rows, columns] += rng.uniform(0, 1.5, 30)
    part = is_thermal_anomaly(near, short, long)
    long[0, 0] = long[59, 59] = 2.0
    whole = is_thermal_anomaly(near, short, long)
    np.testing.assert_array_equal(part[8:50, 8:50], whole[8:50, 8:50])
    assert whole[0, 0]


def test_pixels_without_a_measurement_are_no_anomaly_and_harm_no_other() -> None:
    bands = scene_of((20, 20, (0.25, 0.3, 0.7)))
    for band in bands:
        band[18:21, 22] = np.nan
    assert np.argwhere(is_thermal_anomaly(*bands)).tolist() == [[20, 20]]


def test_a_pixel_brighter_at_the_longer_wavelength_is_of_middle_or_low_intensity() -> None:
    found = pixel(20.0, 8.0, 9.0)
    assert (found.is_mid_low[0], found.is_high[0], found.is_extreme[0]) == (True, False, False)


def test_a_pixel_brighter_at_1_6_than_at_0_86_is_of_high_intensity() -> None:
    found = pixel(20.0, 30.0, 25.0)
    assert (found.is_mid_low[0], found.is_high[0], found.is_extreme[0]) == (False, True, False)


def test_a_saturated_pixel_is_extreme_unless_it_is_bright_in_the_visible() -> None:
    levels = (90.0, 75.0, 30.0)
    assert pixel(*levels, visible=20.0).is_extreme[0]
    assert not pixel(*levels, visible=71.0).is_hot[0]
    assert pixel(*levels).is_extreme[0], "without a visible band what 0.86 µm shows decides: not sunlight"
    assert not pixel(280.0, 75.0, 30.0).is_hot[0], "a white cloud under a high Sun"


@pytest.mark.parametrize(
    ("levels", "visible"),
    [
        ((3.0, 1.5, 1.9), None),  # below the floor at 2.2 µm
        ((30.0, 4.0, 6.0), None),  # contrast of 2.2 with 0.86 µm below -0.6: bands that lie off each other
        ((9.0, 12.0, 10.0), None),  # below the floor at 0.86 µm
        ((20.0, 21.0, 10.0), None),  # contrast below -0.3
        ((20.0, 8.0, 9.0), 91.0),  # bright in the visible
        ((20.0, 30.0, 25.0), 71.0),
    ],
)
def test_the_tests_round_the_indices_reject_for_msi(levels: tuple[float, float, float], visible: float | None) -> None:
    assert not pixel(*levels, visible=visible).is_hot[0]


def test_oli_is_not_tested_for_bands_that_lie_off_each_other() -> None:
    assert not pixel(30.0, 4.0, 6.0).is_hot[0]
    assert pixel(30.0, 4.0, 6.0, rules=OLI_RULES).is_mid_low[0]
    assert pixel(9.0, 12.0, 10.0, rules=OLI_RULES).is_high[0]
    assert not pixel(160.0, 73.0, 10.0, rules=OLI_RULES, visible=10.0).is_hot[0]
    assert pixel(160.0, 74.0, 10.0, rules=OLI_RULES, visible=10.0).is_extreme[0]


@given(st.lists(st.floats(0, 200), min_size=3, max_size=3), st.floats(0, 200), st.sampled_from([MSI_RULES, OLI_RULES]))
def test_a_pixel_is_in_one_class_at_most(levels: list[float], visible: float, rules: HotspotRules) -> None:
    found = pixel(*levels, rules=rules, visible=visible)
    assert int(found.is_mid_low[0]) + int(found.is_high[0]) + int(found.is_extreme[0]) == int(found.is_hot[0])


def test_a_pixel_without_a_measurement_is_not_hot() -> None:
    for gap in range(3):
        levels = [20.0, 80.0, 60.0]
        levels[gap] = np.nan
        assert not pixel(*levels).is_hot[0]


def test_what_is_hot_in_a_tenth_of_clear_scenes_is_persistent() -> None:
    is_hot = np.zeros((20, 1, 3), dtype=bool)
    is_clear = np.ones((20, 1, 3), dtype=bool)
    is_hot[:2, 0, 0] = True  # two of twenty
    is_hot[:1, 0, 1] = True  # one of twenty …
    is_hot[:2, 0, 2] = True
    is_clear[1, 0, 2] = False  # … and one more under cloud does not count
    assert is_persistent(is_hot, is_clear).tolist() == [[True, False, False]]
    assert not is_persistent(is_hot, np.zeros_like(is_clear)).any()


def test_bare_indices_of_the_real_wildfire_are_those_counted_by_others(shared_data: Path) -> None:
    with rasterio.open(shared_data / "s2/wildfire_g90292/G90292_20230514.tif") as image:
        near, short, long = image.read().astype(np.float64) * 1e-4 - 0.1
    radiance = radiances((near, short, long), "sentinel-2b", 0.8)
    assert (thermal_anomaly_index(near, short, long) >= 0.45).sum() == 99
    assert (normalised_hotspot_index(radiance[2], radiance[1]) > 0).sum() == 39


def test_bare_indices_of_the_real_landsat_fire_are_those_counted_by_others(shared_data: Path) -> None:
    near, short, long = (
        rasterio.open(shared_data / f"landsat/arnhem_fire/band{number}.tif").read(1).astype(np.float64)
        for number in (5, 6, 7)
    )
    radiance = radiances((near, short, long), "landsat-8", 0.74)
    assert (thermal_anomaly_index(near, short, long) >= 0.45).sum() == 431
    assert (normalised_hotspot_index(radiance[2], radiance[1]) > 0).sum() == 13
    assert (normalised_hotspot_index(radiance[1], radiance[0]) > 0).sum() == 7
    assert hotspots(*radiance, rules=OLI_RULES).is_hot.sum() >= 18  # 13 and 7 with two in both, and saturated ones


def test_hot_pixels_of_darvaza_bear_out_the_classes(shared_data: Path) -> None:
    """Means over the hot pixels that another tool found, in days with pixels of one class only."""
    rows = (shared_data / "landsat/nhi_reference/NHI_all_results_Darvaza_crater.csv").read_text().splitlines()[1:]
    seen = 0
    for row in rows:
        _, swir, swnir, both, _, extreme, _, short_sum, long_sum = row.split(",")
        if int(both) == 0 or int(swir) > 0 or int(extreme) > 0:
            continue
        seen += 1
        short, long = float(short_sum) / int(swnir), float(long_sum) / int(swnir)
        assert pixel(0.9 * short, short, long, rules=OLI_RULES).is_high[0]
        assert long < short, "none of them is hot by 2.2 over 1.6 µm: the flames are too hot for that contrast"
        assert long > OLI_RULES.least_swir22
    assert seen == 10
