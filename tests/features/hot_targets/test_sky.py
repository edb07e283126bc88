from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from satverify.errors import InputError
from satverify.features.hot_targets.sky import Sky, sky_of
from tests.features.hot_targets.daylight import landsat_fire, spain, wildfire
from tests.features.hot_targets.skies import DROPLETS, ICE, SNOW, Bands, chips_of, covered, ground, heated, roof, under

ALL = (slice(None), slice(None))
SHAPE = (120, 120)


def _sky(*scenes: Bands, without: tuple[str, ...] = ()) -> Sky:
    return sky_of(chips_of(*({name: scene[name] for name in scene if name not in without} for scene in scenes)))


def _patch(depth: float, rows: slice, columns: slice, haze: float = 0.0) -> Bands:
    over = np.zeros(SHAPE)
    over[rows, columns] = depth
    return under(ground(SHAPE, haze=haze), over)


@pytest.mark.parametrize("haze", [0.0, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_clear_works_is_clear_in_haze_too(haze: float, seed: int) -> None:
    sky = _sky(ground(SHAPE, seed=seed, haze=haze))
    assert not (sky.is_hidden | sky.is_snow | sky.is_thin).any()
    assert sky.unknown == ()


@pytest.mark.parametrize(
    ("colours", "depth", "cloud", "thin"),
    [
        (DROPLETS, 40.0, 1.0, 0.0),
        (DROPLETS, 6.0, 0.99, 0.0),
        (DROPLETS, 4.0, 0.9, 0.0),
        (DROPLETS, 2.0, 0.0, 0.7),
        (ICE, 3.0, 1.0, 0.0),
        (ICE, 1.0, 1.0, 0.0),
        (ICE, 0.4, 0.0, 0.99),
    ],
)
def test_a_cloud_over_all_of_the_scene_is_seen(
    colours: tuple[float, ...], depth: float, cloud: float, thin: float
) -> None:
    """What of heat passes straight through is exp(-depth): less than 2 % at 4, 14 % at 2, 67 % at 0.4."""
    sky = _sky(*(under(ground(SHAPE, seed=seed), depth, colours) for seed in range(3)))
    assert sky.is_cloud.mean() >= cloud
    assert sky.is_thin.mean() >= thin
    assert not sky.is_steam.any()


@pytest.mark.parametrize("haze", [0.0, 0.2])
def test_a_cloud_is_found_where_it_is(haze: float) -> None:
    sky = _sky(_patch(8.0, slice(30, 90), slice(20, 80), haze=haze))
    assert sky.is_cloud[0, 30:90, 20:80].mean() > 0.99
    outside = sky.is_cloud[0].copy()
    outside[26:94, 16:84] = False  # its edge is given 60 m
    assert outside.mean() < 0.02
    assert not sky.is_steam.any()


def test_steam_is_small_and_white_and_away_from_clouds() -> None:
    plume = (slice(50, 56), slice(50, 60))
    sky = _sky(_patch(12.0, *plume))
    assert sky.is_steam[0][plume].mean() > 0.8
    assert not sky.is_cloud.any()
    over = np.zeros(SHAPE)
    over[plume], over[20:44, 20:100] = 12.0, 12.0
    beside = _sky(under(ground(SHAPE), over))
    assert beside.is_cloud[0][plume].mean() > 0.8  # a piece of the cloud beside it
    assert not beside.is_steam.any()


def test_a_white_patch_that_the_edge_cuts_off_is_cloud() -> None:
    sky = _sky(_patch(12.0, slice(0, 8), slice(40, 50)))
    assert sky.is_cloud[0, :8, 40:50].all()
    assert not sky.is_steam.any()


def test_bright_metal_roofs_are_neither_cloud_nor_steam() -> None:
    sky = _sky(roof(ground(SHAPE), (slice(20, 26), slice(20, 60))), roof(ground(SHAPE), (slice(40, 70), slice(40, 80))))
    assert not (sky.is_hidden | sky.is_snow).any()


@pytest.mark.parametrize("without", [(), ("cirrus",), ("blue",), ("blue", "cirrus")])
def test_heat_never_becomes_cloud(without: tuple[str, ...]) -> None:
    scenes = [
        heated(ground(SHAPE, seed=seed), 60, 60, kelvin, area)
        for seed in (0, 1)
        for kelvin, area in ((900.0, 10.0), (1200.0, 4.0), (1500.0, 400.0))
    ]
    shining_through = heated(under(ground(SHAPE), 20.0), 60, 60, 1500.0, 40.0)
    sky = _sky(*scenes, shining_through, without=without)
    assert not sky.is_hidden[:, 60, 60].any()
    assert sky.is_cloud[-1].mean() > 0.99


def test_snow_is_snow_and_no_cloud() -> None:
    sky = _sky(covered(ground(SHAPE), ALL, SNOW), covered(ground(SHAPE), (slice(0, 60), slice(None)), SNOW))
    assert sky.is_snow[0].mean() > 0.99
    assert sky.is_snow[1, :60].mean() > 0.99
    assert not sky.is_snow[1, 60:].any()
    assert not sky.is_hidden.any()


def test_cloud_over_snow_is_cloud() -> None:
    sky = _sky(under(covered(ground(SHAPE), ALL, SNOW), 30.0))
    assert sky.is_cloud.mean() > 0.99
    assert not sky.is_snow.any()


def test_a_bright_roof_under_dry_air_is_no_cirrus() -> None:
    scene = roof(ground(SHAPE), (slice(50, 52), slice(50, 52)))
    scene["cirrus"][50:52, 50:52] = 0.05
    sky = _sky(scene)
    assert not (sky.is_cloud | sky.is_thin).any()


def test_what_cannot_be_known_is_told() -> None:
    assert _sky(ground(SHAPE), without=("cirrus",)).unknown == ("thin_cloud",)
    assert _sky(ground(SHAPE), without=("blue", "cirrus")).unknown == ("thin_cloud", "haze")
    scene = {name: band for name, band in ground(SHAPE).items() if name not in {"blue", "cirrus"}}
    flags = np.full((1, *SHAPE), 21824, dtype=np.uint16)
    assert sky_of(chips_of(scene, codes={"quality_flags": flags})).unknown == ("haze",)


@pytest.mark.parametrize("without", [("blue",), ("blue", "cirrus")])
def test_thick_cloud_and_clear_ground_are_told_apart_without_blue(without: tuple[str, ...]) -> None:
    sky = _sky(ground(SHAPE), under(ground(SHAPE), 25.0), without=without)
    assert not (sky.is_hidden | sky.is_snow)[0].any()
    assert sky.is_cloud[1].mean() > 0.99


def test_cold_brightness_is_cloud_where_the_thermal_band_says_so() -> None:
    over = np.zeros(SHAPE)
    over[30:90, 20:80] = 4.0
    scene = under(ground(SHAPE), over)
    del scene["blue"], scene["cirrus"]
    warm = np.full(SHAPE, 275.0, dtype=np.float32)
    cold = np.where(over > 0, np.float32(262.0), warm)
    seen = sky_of(chips_of({**scene, "lwir11": cold}))
    unseen = sky_of(chips_of({**scene, "lwir11": warm}))
    assert seen.is_cloud[0, 35:85, 25:75].mean() > unseen.is_cloud[0, 35:85, 25:75].mean() + 0.2
    frozen = sky_of(chips_of({**ground(SHAPE), "lwir11": np.full(SHAPE, 230.0, dtype=np.float32)}))
    assert frozen.is_cloud.mean() > 0.99


def test_official_masks_cast_doubt_only_and_only_where_they_are_large() -> None:
    classes = np.full((2, *SHAPE), 5, dtype=np.uint16)
    classes[0, 40:52, 40:52] = 9  # a roof or steam
    classes[1, 20:80, 20:80] = 9
    sky = sky_of(chips_of(ground(SHAPE), ground(SHAPE), codes={"scene_classification": classes}))
    assert not sky.is_cloud.any()
    assert not sky.is_thin[0].any()
    np.testing.assert_array_equal(sky.is_thin[1], classes[1] == 9)
    np.testing.assert_array_equal(sky.is_official_cloud, classes == 9)
    assert sky.is_official.all()


def test_nodata_is_nothing_at_all() -> None:
    scene = under(ground(SHAPE), 20.0)
    for band in scene.values():
        band[:, :40] = np.nan
    sky = _sky(scene)
    assert not (sky.is_hidden | sky.is_snow | sky.is_thin)[0, :, :40].any()
    assert sky.is_cloud[0, :, 40:].mean() > 0.99
    empty = _sky({name: np.full(SHAPE, np.nan, dtype=np.float32) for name in ground()})
    assert not (empty.is_hidden | empty.is_snow | empty.is_thin).any()
    assert np.isnan(empty.haze).all()


def test_scenes_are_judged_one_by_one() -> None:
    scenes = [
        ground(SHAPE),
        under(ground(SHAPE), 20.0),
        _patch(12.0, slice(50, 56), slice(50, 60)),
        ground(SHAPE, haze=0.2),
    ]
    together = _sky(*scenes)
    for number, scene in enumerate(scenes):
        alone = _sky(scene)
        for name in ("is_cloud", "is_steam", "is_snow", "is_thin", "haze"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[number])


def test_no_scenes_have_no_sky() -> None:
    chips = chips_of(ground((20, 20)))
    nothing = sky_of(
        type(chips)(
            **{
                **{name: getattr(chips, name) for name in ("sensor", "grid", "codes")},
                "bands": {name: band[:0] for name, band in chips.bands.items()},
                "satellite": (),
                "scene_id": (),
                **{
                    name: getattr(chips, name)[:0]
                    for name in ("time", "solar_zenith_angle", "view_zenith_angle", "swath_edge_distance")
                },
            }
        )
    )
    assert nothing.is_cloud.shape == (0, 20, 20)


def test_a_needed_band_must_be_there() -> None:
    with pytest.raises(InputError, match="nir08 missing"):
        _sky(ground(SHAPE), without=("nir08",))


def test_a_real_clear_scene_is_clear(shared_data: Path) -> None:
    sky = sky_of(spain(shared_data))
    assert not (sky.is_hidden | sky.is_thin | sky.is_snow).any()
    assert 0.07 < sky.haze[0] < 0.11  # clear air under a Sun 40 to 60 degrees off the zenith, and a little dust


def test_real_fire_is_never_cloud(shared_data: Path) -> None:
    """All pixels that the bare index calls hot: 99 and 431."""
    for chips, hot in ((wildfire(shared_data), 99), (landsat_fire(shared_data), 431)):
        nir08, swir16, swir22 = (chips.bands[name][0] for name in ("nir08", "swir16", "swir22"))
        is_hot = (swir22 - swir16) / nir08 >= 0.45
        assert is_hot.sum() == hot
        assert not sky_of(chips).is_hidden[0][is_hot].any()
