from __future__ import annotations

import numpy as np
import pytest

from satverify.domain.granules import Granule
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.pixels.quality_flags import CIRRUS, CLOUD, IS_CLEAR
from tests.simulate.scenes.made import BOX, WINTER, grid, is_clear, is_overcast, scenes

NEAR = grid(30.0, 100)
COLD = SimulatedScenes(7, weather=scenes().weather, layouts=scenes().layouts, curbs=scenes().curbs)
OFTEN = {21824, 21826, 21952, 21954, 22280, 30048, 30050, 54596, 54598, 54724, 54726, 55052, 62820, 62822}
"""Values of ``QA_PIXEL`` in the Data Format Control Book that can come without shadow."""


def seen_passes() -> list[Granule]:
    """Passes that see all of the window."""
    found = scenes().granules("landsat-ot-l1", BOX, *WINTER)
    return [each for each in found if np.isfinite(scenes().read(each, ["B07"], NEAR)["B07"]).all()]


def test_a_works_glows_in_the_short_waves_and_is_warm_in_the_thermal() -> None:
    seen, clouds = [], []
    for granule in seen_passes():
        hot, cold = (each.read(granule, ["B05", "B06", "B07", "B10"], NEAR) for each in (scenes(), COLD))
        gain = {band: float((hot[band] - cold[band]).max()) for band in hot}
        if is_clear(granule):
            seen.append(gain)
            assert 240 < np.median(hot["B10"]) < 300
        elif is_overcast(granule):
            clouds.append(float(np.median(hot["B10"])))
            assert max(gain.values()) == 0
    assert len(seen) >= 4
    assert np.median([each["B07"] for each in seen]) > 0.03
    assert np.median([each["B10"] for each in seen]) > 1
    assert clouds
    assert np.median(clouds) < 268


def test_stored_numbers_end_where_those_of_the_product_do() -> None:
    (granule, *_) = scenes().granules("landsat-ot-l1", BOX, *WINTER)
    image = scenes().read(granule, ["B07"], NEAR)["B07"]
    image = image[np.isfinite(image)]
    assert image.min() >= -0.1
    assert image.max() <= 1.2107 / np.cos(np.radians(76))


def test_flags_are_mostly_right_about_clouds_and_say_so_in_the_products_own_numbers() -> None:
    right, missed, thick = [], 0.0, 0
    for granule in seen_passes():
        flags = scenes().read(granule, ["BQA"], NEAR)["BQA"].astype(np.int64)
        is_cloud = flags & CLOUD > 0
        assert set(np.unique(flags)) <= OFTEN
        assert ((flags & IS_CLEAR > 0) == ~is_cloud).all()
        if is_clear(granule):
            right.append(float((~is_cloud).mean()))
        if is_overcast(granule):
            missed, thick = missed + float((flags & (CLOUD | CIRRUS) == 0).mean()), thick + 1
    assert len(right) >= 4
    assert np.mean(right) > 0.9
    assert thick >= 4
    assert missed / thick < 0.1  # opaque cloud that is hardly colder than the ground is missed now and then


def test_a_thermal_pixel_of_the_product_is_made_of_pixels_of_100_metres() -> None:
    granule, *_ = seen_passes()
    image = scenes().read(granule, ["B10"], NEAR)["B10"].astype(np.float64)
    steps, jumps = np.diff(image, axis=1), np.diff(image, n=2, axis=1)
    assert steps.std() < 1.2 * image.std()
    assert jumps.std() < 0.9 * steps.std()  # noise of each pixel's own would give the root of three


@pytest.mark.parametrize("band", ["B07", "B10", "BQA"])
def test_a_part_of_a_window_shows_what_the_whole_shows(band: str) -> None:
    granule, *_ = seen_passes()
    part = grid(30.0, 40, shift=(15.0, 15.0))
    whole = scenes().read(granule, [band], NEAR)[band]
    row = round((NEAR.top - part.top) / 30)
    column = round((part.left - NEAR.left) / 30)
    seen = scenes().read(granule, [band], part)[band]
    np.testing.assert_array_equal(seen, whole[row : row + 40, column : column + 40])
