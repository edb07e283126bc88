from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.faults import Fault, faults_of
from satverify.features.hot_targets.haze import clear_air_reflectance
from tests.features.hot_targets.daylight import landsat_fire, spain, wildfire
from tests.features.hot_targets.skies import ICE, NAMES, SNOW, Bands, chips_of, covered, ground, heated, under

ALL = (slice(None), slice(None))


def _fault(scene: Bands, zenith: float = 62.0) -> Fault:
    return faults_of(chips_of(scene, zenith=zenith))[0]


def _each(scene: Bands, change: Callable[[np.ndarray], np.ndarray]) -> Bands:
    return {name: change(band).astype(np.float32) for name, band in scene.items()}


def _swapped(scene: Bands, one: str, other: str) -> Bands:
    return {**scene, one: scene[other], other: scene[one]}


SOUND: dict[str, Bands] = {
    "clear": ground(),
    "hazy": ground(haze=0.3),
    "snow": covered(ground(), ALL, SNOW),
    "cloud": under(ground(), 30.0),
    "high cloud": under(ground(), 30.0, ICE),
    "high overcast": covered(ground(), ALL, (0.6, 0.62, 0.2, 0.4, 0.3)),
    "burnt": covered(ground(), ALL, (0.10, 0.06, 0.001, 0.12, 0.17)),
    "charred": covered(ground(), ALL, (0.09, 0.03, 0.001, 0.08, 0.12)),
    "desert": covered(ground(), ALL, (0.22, 0.42, 0.001, 0.52, 0.47)),
    "hot": heated(heated(ground(), 40, 40, 1500.0, 400.0), 60, 60, 900.0, 50.0),
}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_wrong_with_a_sound_scene(name: str) -> None:
    assert _fault(SOUND[name]) is Fault.NONE


DARK = {  # at 0.49, 0.86, 1.6 and 2.2 µm, after the ECOSTRESS library and burnt ground, rounded
    "coal": (0.04, 0.05, 0.06, 0.065),
    "rising coal": (0.04, 0.06, 0.08, 0.09),
    "coke": (0.03, 0.04, 0.045, 0.05),
    "panels": (0.08, 0.08, 0.10, 0.11),
    "basalt": (0.06, 0.09, 0.10, 0.11),
    "slag": (0.10, 0.12, 0.13, 0.14),
    "asphalt": (0.10, 0.15, 0.18, 0.17),
    "burnt": (0.04, 0.06, 0.12, 0.17),
    "ash on char": (0.03, 0.03, 0.05, 0.08),
}


def _even(colour: tuple[float, ...], *, spread: float, haze: float = 0.0, zenith: float = 62.0) -> Bands:
    """One material all over, with air and haze above."""
    rng = np.random.default_rng(2)
    light = 1 + spread * rng.standard_normal((60, 60))
    path = [haze * (length / 0.49) ** -1.3 for length in (0.49, 0.86, 1.6, 2.2)]
    air = (float(clear_air_reflectance(np.array(zenith))), 0.0, 0.0, 0.0)
    images = [
        level * light * (1 - share) + share + one + 0.003 * rng.standard_normal(light.shape)
        for level, share, one in zip(colour, path, air, strict=True)
    ]
    images.insert(2, 0.001 + 0.0002 * rng.standard_normal(light.shape))
    return {name: image.astype(np.float32) for name, image in zip(NAMES, images, strict=True)}


@pytest.mark.parametrize("name", DARK)
@pytest.mark.parametrize("spread", [0.02, 0.1, 0.2])
def test_no_look_is_lost_for_being_dark(name: str, spread: float) -> None:
    for zenith in (30.0, 62.0, 75.0):
        scene = _even(DARK[name], spread=spread, zenith=zenith)
        assert _fault(scene, zenith) is Fault.NONE
        assert _fault({band: scene[band] for band in ("nir08", "swir16", "swir22")}, zenith) is Fault.NONE


@pytest.mark.parametrize("name", DARK)
def test_water_beside_dark_ground_does_not_make_it_a_fault(name: str) -> None:
    """Something black shows that there is no haze, so that nothing but the ground is to blame."""
    scene = covered(_even(DARK[name], spread=0.1), (slice(0, 3), slice(None)), (0.11, 0.003, 0.001, 0.001, 0.001))
    assert _fault(scene) is Fault.NONE
    assert _fault({band: scene[band] for band in ("nir08", "swir16", "swir22")}) is Fault.NONE


@pytest.mark.parametrize("name", [name for name in DARK if name != "burnt"])
@pytest.mark.parametrize("haze", [0.1, 0.3])
def test_no_look_is_lost_for_being_dark_in_haze(name: str, haze: float) -> None:
    assert _fault(_even(DARK[name], spread=0.1, haze=haze)) is Fault.NONE


@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
@pytest.mark.parametrize("kelvin", [600.0, 900.0, 1200.0])
@pytest.mark.parametrize("area", [3.0, 30.0])
def test_lava_over_much_of_a_scene_is_no_fault(share: float, kelvin: float, area: float) -> None:
    scene = _even(DARK["basalt"], spread=0.1)
    rng = np.random.default_rng(6)
    shape = scene["nir08"].shape
    square_metres = np.minimum(area * rng.lognormal(0, 1, shape), 400) * (rng.random(shape) < share)
    one = heated({name: np.zeros((1, 1), dtype=np.float32) for name in NAMES}, 0, 0, kelvin, 1.0)
    lava = {name: np.minimum(scene[name] + one[name] * square_metres, 3.4).astype(np.float32) for name in NAMES}
    assert _fault(lava) is Fault.NONE


@pytest.mark.parametrize("level", [0.10, 0.11, 0.12, 0.14])
@pytest.mark.parametrize("depth", [25.0, 60.0])
def test_a_thick_high_cloud_over_everything_is_no_offset(level: float, depth: float) -> None:
    """Clouds differ by some hundredths over a few kilometres, at 1.38 µm as elsewhere."""
    rng = np.random.default_rng(3)
    uneven = depth * (1 + 0.1 * rng.standard_normal((60, 60)))
    cloud = under(_even((0.09, 0.27, 0.33, 0.28), spread=0.1), uneven, (1.0, 1.0, 0.0, 0.69, 0.48))
    cloud["cirrus"] = (level * cloud["blue"] / cloud["blue"].min()).astype(np.float32)
    assert _fault(cloud) is Fault.NONE


@pytest.mark.parametrize("one", ["nir08", "swir16", "swir22"])
@pytest.mark.parametrize("other", ["swir16", "swir22"])
def test_bands_of_a_real_smoky_fire_that_are_swapped_are_noticed(one: str, other: str, shared_data: Path) -> None:
    chips = wildfire(shared_data)
    bands = {**chips.bands, one: chips.bands[other], other: chips.bands[one]}
    assert faults_of(replace(chips, bands=bands)) == (Fault.NONE if one == other else Fault.BANDS_SWAPPED,)


@pytest.mark.parametrize("bands", [("blue", "nir08", "cirrus", "swir16", "swir22"), ("nir08", "swir16", "swir22")])
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda band: band + 0.1, Fault.OFFSET_LEFT_IN),
        (lambda band: band - 0.1, Fault.OFFSET_TAKEN_TWICE),
        (lambda band: band * 1e-4, Fault.SCALED_TWICE),
        (lambda band: band * 1e4, Fault.NOT_SCALED),
        (lambda band: band * 0 + 0.3, Fault.CONSTANT),
        (lambda band: band * np.nan, Fault.NO_DATA),
        (lambda band: 1.3 + 0.2 * band, Fault.SATURATED),
    ],
)
def test_wrong_numbers_are_named(
    bands: tuple[str, ...], change: Callable[[np.ndarray], np.ndarray], fault: Fault
) -> None:
    scene = {name: band for name, band in ground().items() if name in bands}
    found = _fault(_each(scene, change))
    assert found is fault or (fault is Fault.SATURATED and found is Fault.OFFSET_LEFT_IN)  # either, and unusable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("blue", "nir08"),
        ("blue", "cirrus"),
        ("blue", "swir16"),
        ("blue", "swir22"),
        ("nir08", "cirrus"),
        ("nir08", "swir16"),
        ("nir08", "swir22"),
        ("cirrus", "swir16"),
        ("cirrus", "swir22"),
        ("swir16", "swir22"),
    ],
)
def test_any_two_bands_of_a_real_scene_that_are_swapped_are_noticed(one: str, other: str, shared_data: Path) -> None:
    chips = spain(shared_data)
    assert faults_of(chips) == (Fault.NONE,)
    bands = {**chips.bands, one: chips.bands[other], other: chips.bands[one]}
    assert faults_of(replace(chips, bands=bands)) == (Fault.BANDS_SWAPPED,)


def test_short_wave_bands_that_are_swapped_are_noticed_without_the_others() -> None:
    three = {name: ground()[name] for name in ("nir08", "swir16", "swir22")}
    assert _fault(_swapped(three, "swir16", "swir22")) is Fault.BANDS_SWAPPED


def test_one_band_given_twice_is_noticed() -> None:
    scene = ground()
    assert _fault({**scene, "nir08": scene["swir16"]}) is Fault.BANDS_ALIKE


@pytest.mark.parametrize("missing", ["nir08", "swir22", "blue", "cirrus"])
def test_a_band_without_numbers_is_missing(missing: str) -> None:
    scene = ground()
    assert _fault({**scene, missing: scene[missing] * np.nan}) is Fault.BANDS_MISSING
    nothing = faults_of(chips_of({name: band for name, band in scene.items() if name != "swir22"}, scene))
    assert nothing == (Fault.BANDS_MISSING,) * 2


def test_without_a_sun_reflectance_means_nothing() -> None:
    assert _fault(ground(), zenith=79.0) is Fault.NONE
    assert _fault(ground(), zenith=80.0) is Fault.LOW_SUN
    assert _fault(ground(), zenith=110.0) is Fault.LOW_SUN
    assert _fault(ground(), zenith=np.nan) is Fault.SUN_UNKNOWN


def test_nodata_pixels_and_hot_pixels_hide_no_fault() -> None:
    scene = heated(ground(), 30, 30, 1500.0, 400.0)
    for band in scene.values():
        band[:50] = np.nan
    assert _fault(scene) is Fault.NONE
    assert _fault(_each(scene, lambda band: band + 0.1)) is Fault.OFFSET_LEFT_IN


def test_a_handful_of_pixels_is_not_judged() -> None:
    few = {name: band[:3, :3] for name, band in ground().items()}
    assert _fault(_each(few, lambda band: band * 0 + 0.3)) is Fault.NONE


def test_each_scene_has_its_own_fault() -> None:
    good = ground()
    chips: Chips = chips_of(good, _each(good, lambda band: band + 0.1), _each(good, lambda band: band * np.nan), good)
    assert faults_of(chips) == (Fault.NONE, Fault.OFFSET_LEFT_IN, Fault.NO_DATA, Fault.NONE)


def test_real_fires_are_sound_and_their_raw_counts_are_not(shared_data: Path) -> None:
    fire = wildfire(shared_data)
    assert faults_of(fire) == faults_of(landsat_fire(shared_data)) == (Fault.NONE,)
    raw = replace(fire, bands={name: band + np.float32(0.1) for name, band in fire.bands.items()})
    assert faults_of(raw) == (Fault.OFFSET_LEFT_IN,)
