"""What SLSTR shows by night and by day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.heat import steady_spots
from tests.simulate.scenes.made import BOX, MONTH, PLACE, grid, is_clear, is_overcast, scenes

NEAR = grid(500.0, 40)
COLD = SimulatedScenes(7, weather=scenes().weather, layouts=scenes().layouts, curbs=scenes().curbs)


def frames(state: str) -> list[Granule]:
    found = [each for each in scenes().granules("sentinel-3-slstr", BOX, *MONTH) if each.orbit_state == state]
    return [each for each in found if np.isfinite(scenes().read(each, ["S8"], NEAR)["S8"]).all()]


def flags(granule: Granule, band: str) -> NDArray[np.int64]:
    same = [each for each in scenes().granules("sentinel-3-slstr-l2", BOX, *MONTH) if each.time == granule.time]
    return scenes().read(same[0], [band], NEAR)[band].astype(np.int64)


def test_a_works_warms_the_middle_infrared_by_night_far_more_than_the_thermal() -> None:
    gains = []
    for granule in frames("ascending"):
        if not is_clear(granule):
            continue
        hot, cold = (each.read(granule, ["S7", "F1", "S8", "S6"], NEAR) for each in (scenes(), COLD))
        gains.append([float((hot[band] - cold[band]).max()) for band in ("S7", "F1", "S8", "S6")])
    assert len(gains) >= 4
    middle = np.median(gains, axis=0)
    assert 2 < middle[0] < 40  # [K]
    assert 2 < middle[1] < 60
    assert middle[0] > 5 * middle[2]
    assert middle[3] > 0.008  # [mW m-2 sr-1 nm-1] above the noise of S6


def test_s7_saturates_over_a_great_fire_and_f1_does_not() -> None:
    blaze = steady_spots(*(np.array([each]) for each in (*PLACE, 1000.0, 2000.0)))
    fires = SimulatedScenes(7, weather=scenes().weather, sources=blaze)
    granule = next(each for each in frames("ascending") if is_clear(each))
    seen = fires.read(granule, ["S7", "F1", "S6"], NEAR)
    assert seen["S7"].max() == np.float32(312.0)
    assert 330 < seen["F1"].max() < 500
    assert (seen["S7"] == 312.0).sum() > 4  # a pixel sees beyond its edges


def test_heat_of_one_place_reaches_the_neighbouring_pixels_of_500_metres() -> None:
    fires = SimulatedScenes(
        7, weather=scenes().weather, sources=steady_spots(*(np.array([each]) for each in (*PLACE, 1200.0, 50.0)))
    )
    granule = next(each for each in frames("ascending") if is_clear(each))
    hot, cold = (
        each.read(granule, ["S6"], NEAR)["S6"] for each in (fires, SimulatedScenes(7, weather=scenes().weather))
    )
    added = np.sort((hot - cold).ravel())[::-1]
    assert added[0] < 0.75 * added[added > 0].sum()
    assert (added > 0.02 * added[0]).sum() >= 4


def test_flags_err_about_clear_and_thin_but_seldom_about_opaque_sky() -> None:
    called, missed = [], []
    for granule in frames("ascending") + frames("descending"):
        if is_clear(granule):
            called.append(float((flags(granule, "CLOUD") > 0)[17:23, 17:23].mean()))
        if is_overcast(granule):
            missed.append(float((flags(granule, "CLOUD") == 0)[17:23, 17:23].mean()))
    assert min(len(called), len(missed)) >= 5
    assert 0 < np.mean(called) < 0.3
    assert np.mean(missed) < 0.05


def test_opaque_cloud_hides_the_works_and_is_cold() -> None:
    depth = []
    for granule in frames("ascending"):
        thick = flags(granule, "BAYES") == 3
        if thick.all():
            hot, cold = (each.read(granule, ["S7", "S6"], NEAR) for each in (scenes(), COLD))
            for band in ("S7", "S6"):
                np.testing.assert_array_equal(hot[band], cold[band])
            depth.append(float(np.median(hot["S7"])))
    assert len(depth) >= 4
    assert np.median(depth) < 262


def test_the_solar_bands_hold_nothing_by_night_but_noise_and_s1_to_s3_not_even_that() -> None:
    (granule, *_) = frames("ascending")
    images = COLD.read(granule, ["S1", "S2", "S3", "S4", "S5", "S6"], NEAR)
    assert all(np.isnan(images[band]).all() for band in ("S1", "S2", "S3"))
    assert all(abs(float(images[band].mean())) < 0.002 for band in ("S4", "S5", "S6"))
    assert 0.01 < images["S5"].std() < 0.02


def test_by_day_the_sun_shows_in_the_solar_bands_and_at_3_74_micrometres() -> None:
    clear = [each for each in frames("descending") if not flags(each, "CLOUD").any()]
    assert clear
    images = COLD.read(clear[0], ["S1", "S5", "S7", "S8"], NEAR)
    assert images["S5"].min() > 0.5
    assert images["S1"].min() > 3
    assert np.median(images["S7"] - images["S8"]) > 2  # [K]
    night = [each for each in frames("ascending") if not flags(each, "CLOUD").any()]
    images = COLD.read(night[0], ["S7", "S8"], NEAR)
    assert abs(np.median(images["S7"] - images["S8"])) < 1


def test_flags_say_day_and_night_and_cloud_alike() -> None:
    for state, is_day in (("ascending", False), ("descending", True)):
        for granule in frames(state)[:5]:
            confidence, cloud, bayes = (flags(granule, each) for each in ("CONFIDENCE", "CLOUD", "BAYES"))
            assert ((confidence & 1024 > 0) == is_day).all()
            np.testing.assert_array_equal(confidence & 16384 > 0, cloud > 0)
            np.testing.assert_array_equal(bayes > 0, cloud > 0)
            assert ((confidence & 2 > 0) != (confidence & 8 > 0)).all()


def test_numbers_are_as_fine_as_the_product_packs_them() -> None:
    (granule, *_) = frames("ascending")
    images = scenes().read(granule, ["S6", "S8"], NEAR)
    for band, step in (("S6", 0.001), ("S8", 0.01)):
        away = np.abs(images[band] / step - np.rint(images[band] / step))
        assert away.max() < 0.005  # float32
