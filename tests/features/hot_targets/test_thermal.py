from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import Zones, footprints_on
from satverify.features.hot_targets.thermal import TIRS, Imager, is_surroundings, outline_contrast, thermal_contrast
from satverify.features.units import ImagedUnit
from satverify.physics.utm import unproject

GRID = Grid(epsg=32650, left=500_015, top=4_400_015, pixel_width=30, pixel_height=30, width=90, height=80)
EVENLY = Imager(resolution=30, reach=600, noise=0.0)


def unit(unit_id: str, column: int, row: int, columns: int = 3, rows: int = 2) -> ImagedUnit:
    """A unit on whole pixels."""
    west, north = GRID.left + 30 * column, GRID.top - 30 * row
    x = west + 30 * columns * np.array([0, 1, 1, 0])
    y = north - 30 * rows * np.array([0, 0, 1, 1])
    ground = shapely.Polygon(np.column_stack(unproject(GRID.epsg, x, y)))
    return ImagedUnit(unit_id=unit_id, kind=UnitKind.SINTER_MACHINE, ground=ground, observed_as=unit_id)


def rectangle(row: slice, column: slice) -> Zones:
    rows, columns = np.mgrid[row, column]
    pixel = (rows * GRID.width + columns).ravel()
    return Zones(count=1, unit=np.zeros(pixel.size, dtype=np.int64), pixel=pixel, weight=np.ones(pixel.size))


def summer(scenes: int = 6, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Fields, roofs and yards in the sun: dark and dry ground is warm. Thermal pixels are blurred to 100 m."""
    rng = np.random.default_rng(seed)
    shape = (scenes, GRID.height, GRID.width)
    near = np.clip(0.25 + 0.8 * ndimage.gaussian_filter(rng.normal(0, 1, shape), (0, 3, 3)), 0.03, 0.6)
    green = np.clip(0.4 + 3 * ndimage.gaussian_filter(rng.normal(0, 1, shape[1:]), 4), 0, 1)
    short = near * (1.2 - 0.8 * green)
    kelvin = 300 - 25 * (near - 0.25) - 10 * green + rng.normal(0, 0.5, shape)
    blurred = ndimage.gaussian_filter(kelvin, (0, 1.3, 1.3))
    images = {"lwir11": blurred, "nir08": near, "swir16": short, "swir22": 0.8 * short}
    return {name: image.astype(np.float32) for name, image in images.items()}


def chips(bands: dict[str, NDArray[np.float32]]) -> Chips:
    scenes = len(bands["nir08"])
    return Chips(
        sensor="landsat-ot-l1",
        grid=GRID,
        time=np.datetime64("2021-07-01T03:00", "us") + np.arange(scenes) * np.timedelta64(16, "D"),
        satellite=("landsat-8",) * scenes,
        scene_id=("",) * scenes,
        bands=bands,
        solar_zenith_angle=np.full(scenes, 30.0),
        view_zenith_angle=np.full(scenes, 3.0),
        swath_edge_distance=np.full(scenes, 40.0),
    )


def clear(bands: dict[str, NDArray[np.float32]]) -> NDArray[np.bool_]:
    return np.zeros(bands["nir08"].shape, dtype=bool)


def test_added_warmth_is_the_growth_of_the_contrast() -> None:
    bands = summer()
    footprints = footprints_on(GRID, [unit("a", 40, 40), unit("b", 55, 30)])
    before, noise = thermal_contrast(chips(bands), footprints, clear(bands))
    warmer = {**bands, "lwir11": bands["lwir11"].copy()}
    warmer["lwir11"][:, 40:42, 40:43] += 5.0
    after, _ = thermal_contrast(chips(warmer), footprints, clear(bands))
    np.testing.assert_allclose(after[0] - before[0], 5.0, atol=0.05)  # the surface model may move a little
    np.testing.assert_allclose(after[1], before[1], atol=0.05)
    assert np.isfinite(noise).all()


def test_ground_without_heat_is_within_its_noise_whatever_it_is_made_of() -> None:
    places = [unit(f"{row}/{column}", column, row) for row in range(20, 65, 11) for column in range(18, 72, 11)]
    bands = summer(4)
    contrast, noise = zip(
        *(thermal_contrast(chips(bands), footprints_on(GRID, [place]), clear(bands)) for place in places), strict=True
    )
    sigmas = np.concatenate(contrast) / np.concatenate(noise)
    assert abs(float(sigmas.mean())) < 0.35
    assert 0.6 < float(sigmas.std()) < 1.3
    raw = {name: image for name, image in bands.items() if name == "lwir11" or name == "swir22"}
    blind = {**raw, "nir08": np.full_like(bands["nir08"], 0.2), "swir16": np.full_like(bands["nir08"], 0.2)}
    _, uncorrected = thermal_contrast(chips(blind), footprints_on(GRID, places[:6]), clear(bands))
    assert np.median(uncorrected) > 2 * np.median(np.concatenate(noise))  # what the surface model is worth


def test_the_contrast_of_a_flat_scene_is_the_step_and_its_noise_the_floor() -> None:
    kelvin = np.full((1, *GRID.shape), 280.0)
    zones = rectangle(slice(40, 42), slice(40, 43))
    kelvin[0, 40:42, 40:43] += 3.0
    contrast, noise = outline_contrast(kelvin, np.ones(kelvin.shape, dtype=bool), zones, GRID, TIRS)
    assert contrast[0, 0] == pytest.approx(3.0)
    assert noise[0, 0] == pytest.approx(TIRS.noise, rel=0.02)


def test_noise_is_the_spread_of_means_over_as_many_pixels() -> None:
    rng = np.random.default_rng(3)
    kelvin = 280 + rng.normal(0, 1.0, (40, *GRID.shape))
    zones = rectangle(slice(38, 42), slice(40, 44))
    contrast, noise = outline_contrast(kelvin, np.ones(kelvin.shape, dtype=bool), zones, GRID, EVENLY)
    assert float(np.median(noise)) == pytest.approx(1 / 4, rel=0.1)  # white noise over 16 pixels
    assert float(contrast.std()) == pytest.approx(1 / 4, rel=0.3)  # 40 scenes tell it to a tenth


def test_a_slope_of_the_ground_is_no_contrast() -> None:
    rows = np.arange(GRID.height, dtype=np.float64)[:, None]
    kelvin = np.broadcast_to(280 + 0.05 * rows, (1, *GRID.shape))
    zones = rectangle(slice(40, 42), slice(40, 43))
    contrast, _ = outline_contrast(kelvin, np.ones(kelvin.shape, dtype=bool), zones, GRID, TIRS)
    assert abs(contrast[0, 0]) < 0.1


def test_heat_of_another_unit_is_no_surroundings() -> None:
    footprints = footprints_on(GRID, [unit("a", 40, 40), unit("b", 48, 40)])
    bands = summer()
    before, noise = thermal_contrast(chips(bands), footprints, clear(bands))
    bands["lwir11"][:, 36:46, 45:55] += 40.0  # smeared a pixel of 100 m round b
    after, with_b = thermal_contrast(chips(bands), footprints, clear(bands))
    np.testing.assert_allclose(after[0], before[0], atol=0.2)
    np.testing.assert_allclose(with_b[0], noise[0], rtol=0.3)


def test_cloud_is_left_out_and_too_much_of_it_leaves_nothing() -> None:
    bands = summer()
    footprints = footprints_on(GRID, [unit("a", 40, 40)])
    before, _ = thermal_contrast(chips(bands), footprints, clear(bands))
    is_cloud = clear(bands)
    is_cloud[0, :, :30] = True
    is_cloud[1, 40:42, 40:43] = True
    is_cloud[2] = True
    is_cloud[2, 39:43, 39:44] = False
    for scene in range(3):
        bands["lwir11"][scene][is_cloud[scene]] = 240.0
    contrast, noise = thermal_contrast(chips(bands), footprints, is_cloud)
    assert contrast[0, 0] == pytest.approx(before[0, 0], abs=0.3)
    assert np.isnan(contrast[0, 1:3]).all()
    assert np.isnan(noise[0, 1:3]).all()
    np.testing.assert_allclose(contrast[0, 3:], before[0, 3:])


def test_scenes_do_not_depend_on_each_other() -> None:
    bands = summer(5)
    footprints = footprints_on(GRID, [unit("a", 40, 40)])
    together, _ = thermal_contrast(chips(bands), footprints, clear(bands))
    alone = {name: image[3:4] for name, image in bands.items()}
    one, _ = thermal_contrast(chips(alone), footprints, clear(alone))
    assert one[0, 0] == together[0, 3]


def test_what_cannot_be_measured_is_nan() -> None:
    bands = summer(2)
    outside = unit("far", 400, 40)
    footprints = footprints_on(GRID, [unit("a", 40, 40), outside])
    contrast, noise = thermal_contrast(chips(bands), footprints, clear(bands))
    assert np.isnan([contrast[1], noise[1]]).all()
    bands["lwir11"][:] = np.nan
    assert np.isnan(thermal_contrast(chips(bands), footprints, clear(bands))[0]).all()
    without = {name: image for name, image in bands.items() if name != "lwir11"}
    contrast, noise = thermal_contrast(chips(without), footprints, clear(bands))
    assert contrast.shape == noise.shape == (2, 2)
    assert np.isnan(contrast).all()


def test_footprints_of_another_grid_are_refused() -> None:
    bands = summer(1)
    elsewhere = footprints_on(replace(GRID, left=GRID.left + 30), [unit("a", 40, 40)])
    with pytest.raises(InputError, match="expected footprints"):
        thermal_contrast(chips(bands), elsewhere, clear(bands))


def test_surroundings_begin_a_thermal_pixel_and_a_half_away() -> None:
    zones = rectangle(slice(40, 41), slice(40, 41))
    away = is_surroundings(zones, GRID, TIRS)[40]
    assert not away[36:45].any()  # up to 120 m
    assert not away[45]  # 150 m
    assert away[46:].all()
