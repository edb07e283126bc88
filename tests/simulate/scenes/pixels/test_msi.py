"""What Sentinel-2 shows of a works at work, of clouds and of the seasons."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.domain.grids import Grid
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.pixels.msi import BANDS
from satverify.simulate.scenes.pixels.registration import band_shift, scene_shift
from satverify.simulate.scenes.pixels.responses import MSI
from satverify.simulate.scenes.pixels.scene_classes import CLASSES
from tests.simulate.scenes.made import BOX, PLACE, WINTER, grid, is_clear, is_overcast, scenes

NEAR = grid(20.0, 150)


def reflectance(provider: SimulatedScenes, granule: Granule, *bands: str) -> list[NDArray[np.float64]]:
    offset = 1000 if granule.processing_baseline >= "04.00" else 0
    images = provider.read(granule, bands, NEAR)
    return [(images[band].astype(np.float64) - offset) / 10_000 for band in bands]


def clear_passes(provider: SimulatedScenes, collection: str = "sentinel-2-l1c") -> list[Granule]:
    return [each for each in provider.granules(collection, (*PLACE, *PLACE), *WINTER) if is_clear(each)]


def hot_pixels(provider: SimulatedScenes, granule: Granule) -> int:
    """By the thermal anomaly index of Liu et al. 2021."""
    nir, swir16, swir22 = reflectance(provider, granule, "B8A", "B11", "B12")
    return int((((swir22 - swir16) / nir >= 0.45) & (swir22 - swir16 >= swir16 - nir)).sum())


def test_a_running_works_is_hot_on_many_clear_days_but_not_on_all() -> None:
    counts = [hot_pixels(scenes(), each) for each in clear_passes(scenes())]
    assert len(counts) >= 8
    assert 0.3 < np.mean(np.array(counts) > 0) <= 1
    assert max(counts) < 60  # it glows in spots, not all over


def test_works_change_only_the_pixels_that_they_are_in() -> None:
    cold = SimulatedScenes(7, weather=scenes().weather, layouts=scenes().layouts, curbs=scenes().curbs)
    for granule in clear_passes(scenes())[:4]:
        one, two = (reflectance(each, granule, "B12")[0] for each in (scenes(), cold))
        changed = one != two
        assert 0 < changed.mean() < 0.2
        assert (one - two)[changed].max() > 0.005


def test_clouds_are_bright_in_the_blue_and_high_ones_in_the_cirrus_band() -> None:
    cloudy: list[tuple[float, float]] = []
    clear: list[tuple[float, float]] = []
    for granule in scenes().granules("sentinel-2-l1c", (*PLACE, *PLACE), *WINTER):
        for is_so, out in ((is_overcast, cloudy), (is_clear, clear)):
            if is_so(granule):
                blue, cirrus = reflectance(scenes(), granule, "B02", "B10")
                out.append((float(np.median(blue)), float(np.median(cirrus))))
    assert min(len(cloudy), len(clear)) >= 5
    assert min(blue for blue, _ in cloudy) > 0.3
    assert np.median([blue for blue, _ in clear]) < 0.3  # haze and snow are bright too
    assert np.quantile([cirrus for _, cirrus in cloudy], 0.9) > 0.02
    assert np.median([cirrus for _, cirrus in clear]) < 0.005


def test_plants_are_greener_in_summer() -> None:
    bare = SimulatedScenes(3)
    value = {}
    for month in (1, 7):
        seen = []
        for granule in bare.granules(
            "sentinel-2-l1c", BOX, datetime(2021, month, 1, tzinfo=UTC), datetime(2021, month + 1, 1, tzinfo=UTC)
        ):
            red, nir, blue = reflectance(bare, granule, "B04", "B08", "B02")
            seen.append(np.median(((nir - red) / (nir + red))[blue < 0.25]) if (blue < 0.25).any() else np.nan)
        value[month] = np.nanmax(seen)
    assert value[7] > value[1] + 0.1


def test_counts_are_whole_numbers_in_the_range_of_the_product() -> None:
    (granule, *_) = scenes().granules("sentinel-2-l1c", BOX, *WINTER)
    for image in scenes().read(granule, list(BANDS), NEAR).values():
        assert (image == np.rint(image)).all()
        assert image.min() >= 1
        assert image.max() <= 32_767


def test_bands_of_60_metres_have_one_number_over_a_pixel_and_those_of_10_more() -> None:
    (granule, *_) = scenes().granules("sentinel-2-l1c", BOX, *WINTER)
    fine = grid(10.0, 60)
    images = scenes().read(granule, ["B02", "B11", "B10"], fine)
    assert [np.unique(images[band][:, 0]).size <= limit for band, limit in (("B11", 31), ("B10", 11))] == [True, True]
    assert np.unique(images["B02"][:, 0]).size > 31


@pytest.mark.parametrize(("size", "pixels"), [(20.0, 41), (10.0, 37), (60.0, 5)])
def test_a_part_of_a_window_shows_what_the_whole_shows_whatever_else_is_asked_for(size: float, pixels: int) -> None:
    granule = clear_passes(scenes())[0]
    bands = ("B02", "B8A", "B09", "B10", "B12")
    part = grid(size, pixels, shift=(400.0, -300.0))
    whole = scenes().read(granule, bands, grid(size, round(3000 / size)))
    big = grid(size, round(3000 / size))
    row, column = round((big.top - part.top) / size), round((part.left - big.left) / size)
    for band in bands:
        seen = scenes().read(granule, [band], part)[band]
        np.testing.assert_array_equal(seen, whole[band][row : row + pixels, column : column + pixels])


def test_pixels_asked_for_in_another_plane_are_the_same() -> None:
    granule = clear_passes(scenes())[0]
    seen = scenes().read(granule, ["B12"], NEAR)["B12"]
    other = scenes().read(granule, ["B12"], grid_in_degrees())["B12"]
    assert np.isin(other, seen).mean() > 0.97  # the window reaches a little beyond


def grid_in_degrees() -> Grid:
    return Grid(epsg=4326, left=117.99, top=39.51, pixel_width=0.0004, pixel_height=0.0003, width=40, height=40)


def test_noise_grows_with_the_signal_as_the_maker_says() -> None:
    response = MSI["B12"]
    assert response.noise(np.array([response.reference]))[0] == pytest.approx(
        response.reference / response.signal_to_noise
    )
    dark, bright = response.noise(np.array([0.0, 4 * response.reference]))
    assert dark == pytest.approx(np.sqrt(0.5) * response.reference / response.signal_to_noise)
    assert bright == pytest.approx(np.sqrt(2.5) * response.reference / response.signal_to_noise)


def test_scenes_lie_some_metres_off_their_place_and_bands_a_little_off_each_other() -> None:
    """Against a scene of the same moment in the same bands: an edge moves by what registration says."""
    scene = np.array([scene_shift(7, time, 5.0) for time in range(2000)])
    band = np.array([band_shift(7, time, "B12", 2.0) for time in range(2000)])
    assert scene.std(axis=0) == pytest.approx([5.0, 5.0], rel=0.06)
    assert band.std(axis=0) == pytest.approx([2.0, 2.0], rel=0.06)
    assert abs(np.corrcoef(scene[:, 0], band[:, 0])[0, 1]) < 0.1
    assert np.quantile(np.hypot(*band.T), 0.997) < 0.36 * 20  # 0.3 pixels are required of 99.7 %


def confusion() -> Counter[tuple[str, int]]:
    """How often pixels without and under opaque cloud come out as each class."""
    found: Counter[tuple[str, int]] = Counter()
    for granule in scenes().granules("sentinel-2-l2a", (*PLACE, *PLACE), *WINTER):
        for is_so, word in ((is_clear, "clear"), (is_overcast, "overcast")):
            if is_so(granule):
                classes = scenes().read(granule, ["SCL"], NEAR)["SCL"]
                found.update(
                    {
                        (word, int(code)): int(number)
                        for code, number in zip(*np.unique(classes, return_counts=True), strict=True)
                    }
                )
    return found


def test_the_classification_is_mostly_right_but_takes_bright_and_hot_ground_for_cloud() -> None:
    found = confusion()
    clear = sum(number for (word, _), number in found.items() if word == "clear")
    wrong = sum(found["clear", CLASSES[each]] for each in ("medium", "cloud"))
    overcast = sum(number for (word, _), number in found.items() if word == "overcast")
    missed = overcast - sum(found["overcast", CLASSES[each]] for each in ("medium", "cloud", "cirrus"))
    assert 0.001 < wrong / clear < 0.15
    assert missed / overcast < 0.1
