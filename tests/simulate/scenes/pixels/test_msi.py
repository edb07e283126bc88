"""What Sentinel-2 shows of a works at work, of clouds and of the seasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.pixels.msi import BANDS
from tests.simulate.scenes.made import BOX, PLACE, WINTER, grid, scenes

NEAR = grid(20.0, 150)


def reflectance(provider: SimulatedScenes, granule: Granule, *bands: str) -> list[NDArray[np.float64]]:
    offset = 1000 if granule.processing_baseline >= "04.00" else 0
    images = provider.read(granule, bands, NEAR)
    return [(images[band].astype(np.float64) - offset) / 10_000 for band in bands]


def clear_passes(provider: SimulatedScenes) -> list[Granule]:
    found = provider.granules("sentinel-2-l1c", (*PLACE, *PLACE), *WINTER)
    masks = {each.time: each for each in provider.granules("sentinel-2-l2a", (*PLACE, *PLACE), *WINTER)}
    shown = [(each, provider.read(masks[each.time], ["SCL"], NEAR)["SCL"]) for each in found]
    return [each for each, classes in shown if not np.isin(classes, (8, 9, 10)).any()]


def hot_pixels(provider: SimulatedScenes, granule: Granule) -> int:
    """By the thermal anomaly index of Liu et al. 2021."""
    nir, swir16, swir22 = reflectance(provider, granule, "B8A", "B11", "B12")
    return int((((swir22 - swir16) / nir >= 0.45) & (swir22 - swir16 >= swir16 - nir)).sum())


def test_a_running_works_is_hot_on_many_clear_days_but_not_on_all() -> None:
    counts = [hot_pixels(scenes(), each) for each in clear_passes(scenes())]
    assert len(counts) >= 8
    assert 0.4 < np.mean(np.array(counts) > 0) < 1
    assert max(counts) < 60  # it glows in spots, not all over


def test_without_works_nothing_is_hot() -> None:
    cold = SimulatedScenes(7, weather=scenes().weather)
    assert [hot_pixels(cold, each) for each in clear_passes(cold)] == [0] * len(clear_passes(cold))


def test_works_change_only_the_pixels_that_they_are_in() -> None:
    cold = SimulatedScenes(7, weather=scenes().weather)
    for granule in clear_passes(scenes())[:4]:
        one, two = (reflectance(each, granule, "B12")[0] for each in (scenes(), cold))
        assert (one >= two).all()
        assert 0 < (one != two).mean() < 0.05


def test_clouds_are_bright_in_the_blue_and_high_ones_in_the_cirrus_band() -> None:
    cloudy: list[tuple[float, float]] = []
    clear: list[tuple[float, float]] = []
    for granule in scenes().granules("sentinel-2-l1c", (*PLACE, *PLACE), *WINTER):
        (blue, cirrus), mask = reflectance(scenes(), granule, "B02", "B10"), granule
        classes = scenes().read(replace(mask, collection="sentinel-2-l2a"), ["SCL"], NEAR)["SCL"]
        for chosen, out in ((classes == 9, cloudy), (classes < 8, clear)):
            if chosen.any():
                out.append((float(np.median(blue[chosen])), float(np.median(cirrus[chosen]))))
    assert min(blue for blue, _ in cloudy) > 0.3 > max(blue for blue, _ in clear)
    assert np.quantile([cirrus for _, cirrus in cloudy], 0.9) > 0.02
    assert max(cirrus for _, cirrus in clear) < 0.005


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
        assert image.max() <= 28_000


def test_bands_of_60_metres_have_one_number_over_a_pixel_and_those_of_10_more() -> None:
    (granule, *_) = scenes().granules("sentinel-2-l1c", BOX, *WINTER)
    fine = grid(10.0, 60)
    images = scenes().read(granule, ["B02", "B11", "B10"], fine)
    assert [np.unique(images[band][:, 0]).size <= limit for band, limit in (("B11", 31), ("B10", 11))] == [True, True]
    assert np.unique(images["B02"][:, 0]).size > 31
