from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.features.hot_targets.false_targets import FALSE_TARGETS, FalseTarget
from satverify.features.hot_targets.pixels import HeatPixels, heat_pixels, white_radiance
from satverify.features.hot_targets.sky import sky_of
from satverify.simulate.scenes.materials import BURNT, FRESH_SNOW, MATERIALS, OLD_SNOW, at_wavelength
from tests.features.hot_targets.daylight import (
    NAMES,
    WINTER,
    chips_of,
    ground,
    heated,
    landsat_fire,
    sky_with,
    spain,
    wildfire,
)

SUMMER = 22.0  # [degree]
EVERYTHING = {**{name: material.spectrum for name, material in MATERIALS.items()}, "burnt": BURNT}
EVERYTHING |= {"fresh_snow": FRESH_SNOW, "old_snow": OLD_SNOW}


def colour(name: str) -> tuple[float, float, float]:
    """Reflectance of a surface at 0.86, 1.6 and 2.2 µm."""
    near, short, long = (at_wavelength(EVERYTHING[name], wavelength) for wavelength in (0.865, 1.61, 2.2))
    return near, short, long


def names_in(found: HeatPixels) -> set[str]:
    return {FALSE_TARGETS[code - 1].value for code in np.unique(found.false_target) if code}


def is_same(one: HeatPixels, other: HeatPixels, scene: int) -> bool:
    """Whether the one scene of ``other`` is a scene of ``one``, to the last bit."""
    return all(
        np.array_equal(getattr(one, name)[scene : scene + 1], getattr(other, name), equal_nan=name != "false_target")
        for name in HeatPixels.__slots__
    )


@pytest.mark.parametrize("zenith", [WINTER, SUMMER])
@given(kelvin=st.floats(700, 1900), more=st.floats(2.0, 30.0), seed=st.integers(0, 20))
def test_heat_well_over_the_smallest_is_found_where_it_is(zenith: float, kelvin: float, more: float, seed: int) -> None:
    """A reflectance of 0.12 at 2.2 µm is about the smallest that shows on such ground."""
    bands = ground((40, 40), seed=seed)
    one = heated(bands, 20, 20, kelvin, 1.0, zenith)[2][20, 20] - bands[2][20, 20]
    found = heat_pixels(chips_of(heated(bands, 20, 20, kelvin, more * 0.12 / one, zenith), zenith=zenith))
    assert found.is_hot[0, 20, 20]
    assert found.is_hot.sum() == 1


def test_the_smallest_area_that_shows_is_near_that_of_the_sensitive_published_index() -> None:
    """0.04 m² at 1500 K and 1.1 m² at 800 K show by TAI in December, without noise; half as much again here."""
    for kelvin, area in ((1500.0, 0.06), (1000.0, 0.35), (800.0, 1.65)):
        assert heat_pixels(chips_of(heated(ground(), 30, 30, kelvin, area))).is_hot[0, 30, 30], kelvin


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("zenith", [WINTER, SUMMER])
def test_cold_ground_of_one_kind_is_not_hot(name: str, zenith: float) -> None:
    for seed in range(5):
        found = heat_pixels(chips_of(ground((50, 50), colour(name), seed), zenith=zenith))
        assert not found.is_hot.any()


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("extent", [1, 2, 4, 12])
def test_a_patch_of_other_cold_ground_is_not_hot(name: str, extent: int) -> None:
    for around in ("works_ground", "green", "concrete", "coal", "fresh_snow"):
        bands, patch = ground((50, 50), colour(around)), ground((50, 50), colour(name), seed=3)
        for band, other in zip(bands, patch, strict=True):
            band[20 : 20 + extent, 20 : 20 + extent] = other[20 : 20 + extent, 20 : 20 + extent]
        assert not heat_pixels(chips_of(bands)).is_hot.any(), around


@pytest.mark.parametrize("levels", [(0.20, 0.20, 0.20), (0.25, 0.20, 0.15), (0.12, 0.15, 0.15)])
@pytest.mark.parametrize("noise", [0.01, 0.02, 0.03])
def test_noise_is_not_hot_however_strong_it_is(levels: tuple[float, float, float], noise: float) -> None:
    rng = np.random.default_rng(8)
    bands = [rng.normal(level, noise, (150, 150)).clip(0.001).astype(np.float32) for level in levels]
    assert not heat_pixels(chips_of(bands)).is_hot.any()
    assert heat_pixels(chips_of(heated(bands, 90, 90, 1000.0, 2.0))).is_hot[0, 90, 90]


def test_burnt_ground_fools_the_bare_index_and_not_the_answer() -> None:
    bands, burnt = ground((80, 80), colour("green")), ground((80, 80), (0.06, 0.14, 0.20), seed=5)
    for band, other in zip(bands, burnt, strict=True):
        band[20:60, 20:60] = other[20:60, 20:60]
    found = heat_pixels(chips_of(bands))
    assert (found.tai[0, 20:60, 20:60] >= 0.45).mean() > 0.99
    assert not found.is_hot.any()
    assert names_in(found) == {FalseTarget.BURN_SCAR}


def test_a_flame_front_in_burnt_ground_is_hot() -> None:
    bands = ground((80, 80), (0.06, 0.14, 0.20))
    for row in range(30, 40):
        bands = heated(bands, row, 40, 1000.0, 1.0)
    assert heat_pixels(chips_of(bands)).is_hot[0, 30:40, 40].all()


def test_bands_that_lie_off_each_other_make_no_heat_at_the_edge_of_a_roof() -> None:
    """2.2 µm sees a bright roof three tenths of a pixel further east than 1.6 µm does."""
    near, short, long = ground((60, 60))
    for band, roof in zip((near, short, long), colour("metal_roof"), strict=True):
        band[20:40, 20:40] = roof
    long[20:40, 40] += 0.3 * (long[20:40, 39] - long[20:40, 40])
    found = heat_pixels(chips_of([near, short, long]))
    assert not found.is_hot.any()
    assert FALSE_TARGETS[found.false_target[0, 30, 40] - 1] is FalseTarget.MISREGISTRATION


def test_a_mirror_of_the_sun_is_glint_and_a_bright_roof_is_a_roof() -> None:
    near, short, long = ground((60, 60))
    for band, roof, mirror in zip((near, short, long), colour("metal_roof"), (0.9, 1.0, 1.05), strict=True):
        band[10:14, 10:14], band[40, 40] = roof, mirror
    found = heat_pixels(chips_of([near, short, long]))
    assert not found.is_hot.any()
    assert FALSE_TARGETS[found.false_target[0, 40, 40] - 1] is FalseTarget.GLINT
    assert FALSE_TARGETS[found.false_target[0, 12, 12] - 1] is FalseTarget.METAL_ROOF


def test_pixels_that_saturate_both_bands_are_hot_though_their_index_is_nought() -> None:
    near, short, long = ground()
    short[30, 30:33] = long[30, 30:33] = 2.4
    found = heat_pixels(chips_of([near, short, long], sensor="landsat-ot-l1", platform="landsat-8"))
    assert (found.tai[0, 30, 30:33] == 0).all()
    assert found.is_saturated[0, 30, 30:33].all()
    assert found.is_hot.sum() == found.is_saturated.sum() == 3


def test_excess_is_the_radiance_that_heat_adds() -> None:
    cold = ground()
    hot = heated(cold, 30, 30, 1200.0, 1.0)
    one, other = heat_pixels(chips_of(cold)), heat_pixels(chips_of(hot))
    white = white_radiance(chips_of(cold))
    for name in NAMES:
        added = getattr(other, f"{name}_excess")[0, 30, 30] - getattr(one, f"{name}_excess")[0, 30, 30]
        place = NAMES.index(name)
        expected = (hot[place][30, 30] - cold[place][30, 30]) * white[name][0]
        background = 0.002 * white[name][0]  # the hot pixel and those beside it leave the mean of 600 others
        assert added == pytest.approx(expected, abs=background)
    noise = other.swir22_noise[0, 5, 5] / white["swir22"][0]
    assert noise == pytest.approx(np.hypot(0.02, 0.004), rel=0.1)  # ground by a tenth, and noise; 600 pixels


def test_excess_of_cold_ground_is_nought_on_average() -> None:
    found = heat_pixels(chips_of(ground()))
    assert abs(found.swir22_excess.mean()) < 0.05 * found.swir22_noise.mean()


def test_scenes_together_are_what_they_are_one_by_one() -> None:
    scenes = [ground(seed=1), heated(ground(seed=2), 20, 20, 1300, 2.0), ground(seed=3)]
    together = heat_pixels(chips_of(*scenes))
    alone = heat_pixels(chips_of(scenes[0]))
    assert is_same(together, alone, 0)
    hot = chips_of(scenes[1])
    assert heat_pixels(hot).is_hot.sum() == together.is_hot[1].sum() == 1


def test_pixels_without_a_measurement_are_nothing_and_their_neighbours_are_told() -> None:
    near, short, long = ground()
    long[30, 30] = np.nan
    near[30, 31], short[30, 31], long[30, 31] = 0.1, 0.13, 0.19  # by the index hot: resampled at the edge
    found = heat_pixels(chips_of([near, short, long]))
    assert not found.is_valid[0, 30, 30]
    assert not found.is_hot.any()
    assert FALSE_TARGETS[found.false_target[0, 30, 31] - 1] is FalseTarget.NODATA_EDGE
    assert np.isnan(found.tai[0, 30, 30])


@pytest.mark.parametrize("lost", [0.0, -0.1])
def test_where_1_6_is_lost_and_2_2_is_not_there_is_no_measurement_and_no_heat(lost: float) -> None:
    """At the edge of a swath bands end differently; what is not measured may come as the count 0."""
    near, short, long = heated(ground(), 40, 40, 1300.0, 2.0)
    short[10] = lost
    found = heat_pixels(chips_of([near, short, long]))
    assert not found.is_valid[0, 10].any()
    assert np.argwhere(found.is_hot).tolist() == [[0, 40, 40]]
    assert found.is_valid.sum() == 59 * 60


def test_an_empty_scene_is_neither_hot_nor_an_error() -> None:
    nothing = [np.full((20, 20), np.nan, dtype=np.float32)] * 3
    found = heat_pixels(chips_of(nothing))
    assert not any(image.any() for image in (found.is_valid, found.is_hot, found.false_target))
    assert np.isnan(found.swir22_excess).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 3)])
def test_the_smallest_images_are_judged_by_what_no_cold_ground_has(shape: tuple[int, int]) -> None:
    bands = ground(shape)
    assert not heat_pixels(chips_of(bands)).is_hot.any()
    assert heat_pixels(chips_of(heated(bands, 0, 0, 1200.0, 5.0))).is_hot[0, 0, 0]


@pytest.mark.parametrize("level", [0.0, 0.2, 1.0, 6.5])
def test_a_constant_image_is_not_hot(level: float) -> None:
    assert not heat_pixels(chips_of([np.full((30, 30), level, dtype=np.float32)] * 3)).is_hot.any()


def test_by_night_nothing_is_said() -> None:
    found = heat_pixels(chips_of(heated(ground(), 30, 30, 1300.0, 5.0), zenith=95.0))
    assert not any(image.any() for image in (found.is_valid, found.is_hot, found.is_tai, found.is_nhi))


def test_cloud_edges_and_snow_edges_are_told_where_the_sky_is_known() -> None:
    near, short, long = ground()
    for row, column in ((10, 10), (40, 40)):
        near[row, column], short[row, column], long[row, column] = 0.1, 0.13, 0.19
    chips = chips_of([near, short, long])
    is_cloud = np.zeros((1, 60, 60), dtype=bool)
    is_cloud[0, 10, 12:20] = True
    is_snow = np.zeros_like(is_cloud)
    is_snow[0, 41, 41:50] = True
    found = heat_pixels(chips, sky_with(chips, is_cloud=is_cloud, is_snow=is_snow))
    assert FALSE_TARGETS[found.false_target[0, 10, 10] - 1] is FalseTarget.CLOUD_EDGE
    assert FALSE_TARGETS[found.false_target[0, 40, 40] - 1] is FalseTarget.SNOW_EDGE


def test_missing_bands_and_other_units_are_refused() -> None:
    chips = chips_of(ground())
    with pytest.raises(InputError, match="missing swir22"):
        heat_pixels(replace(chips, bands={name: chips.bands[name] for name in ("nir08", "swir16")}))
    with pytest.raises(InputError, match="expected reflectance"):
        heat_pixels(chips_of(ground(), sensor="sentinel-3-slstr-day", platform="sentinel-3a"))


@pytest.mark.parametrize("is_sky_known", [False, True])
def test_real_fires_are_found_where_both_published_methods_find_them(shared_data: Path, is_sky_known: bool) -> None:
    for chips, least in ((wildfire(shared_data), 39), (landsat_fire(shared_data), 18)):
        found = heat_pixels(chips, sky_of(chips) if is_sky_known else None)
        by_both = (found.tai >= 0.45) & ((found.nhi_swir > 0) | (found.nhi_swnir > 0))
        whole = found.is_tai & found.is_nhi
        assert by_both.sum() >= least
        assert whole.sum() >= 16
        assert found.is_hot[by_both].mean() >= 0.95
        assert found.is_hot[whole].mean() >= 0.95
        assert found.is_hot.mean() < 0.01, "a fire is no larger"
        assert found.is_hot[found.is_tai].mean() > 0.9


def test_saturated_pixels_of_the_real_landsat_fire_are_those_at_its_ceiling(shared_data: Path) -> None:
    chips = landsat_fire(shared_data)
    found = heat_pixels(chips)
    np.testing.assert_array_equal(found.is_saturated, np.maximum(chips.bands["swir16"], chips.bands["swir22"]) > 1.639)


@pytest.mark.parametrize("is_sky_known", [False, True])
def test_a_real_scene_without_heat_has_none(shared_data: Path, is_sky_known: bool) -> None:
    chips = spain(shared_data)
    found = heat_pixels(chips, sky_of(chips) if is_sky_known else None)
    assert not any(image.any() for image in (found.is_hot, found.is_tai, found.is_nhi))
    assert found.is_valid.mean() > 0.99


def test_it_has_none_either_with_the_band_at_0_945_in_the_place_of_0_86(shared_data: Path) -> None:
    """Real chips have that band, which has water vapour in it and pixels of 60 m: bright roofs are dark there."""
    with rasterio.open(shared_data / "s2/spain_l1c/Spain_7370579_S2Hand.tif") as image:
        bands = [image.read(number).astype(np.float32) * np.float32(1e-4) for number in (10, 12, 13)]
    assert not heat_pixels(chips_of(bands, zenith=40.0, pixel=10.0)).is_hot.any()
