"""The offset of Sentinel-2 on real images and on made-up ground: found where it is, and only there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.physics.count_offset import (
    COUNTS_PER_REFLECTANCE,
    OFFSET,
    CountFault,
    count_faults,
    count_offset,
    count_offset_on,
    counts_to_reflectance,
)

Floats = NDArray[np.float64]
Bands = dict[str, Floats]

SIZE = 60  # pixels a side of made-up ground


def read(path: Path, order: dict[str, int]) -> Bands:
    with rasterio.open(path) as image:
        return {name: image.read(number).astype(np.float64) for name, number in order.items()}


@pytest.fixture
def spain(shared_data: Path) -> Bands:
    order = {"blue": 2, "nir08": 9, "cirrus": 11, "swir16": 12, "swir22": 13}
    return scaled(read(shared_data / "s2/spain_l1c/Spain_7370579_S2Hand.tif", order), 1e-4)


@pytest.fixture
def wildfire(shared_data: Path) -> Bands:
    """Counts with the offset in them."""
    return read(shared_data / "s2/wildfire_g90292/G90292_20230514.tif", {"nir08": 1, "swir16": 2, "swir22": 3})


@pytest.fixture
def savanna(shared_data: Path) -> Bands:
    folder = shared_data / "landsat/arnhem_fire"
    return {
        name: read(folder / f"band{n}.tif", {name: 1})[name] for name, n in (("nir08", 5), ("swir16", 6), ("swir22", 7))
    }


def scaled(bands: Bands, factor: float, offset: float = 0.0) -> Bands:
    return {name: image * factor + offset for name, image in bands.items()}


def without(bands: Bands, *names: str) -> Bands:
    return {name: image for name, image in bands.items() if name not in names}


def ground(nir08: float, swir16: float, swir22: float, *, shade: float = 1.0, spread: float = 0.1) -> Bands:
    """One kind of ground, uneven by ``spread``, a hundredth of it in shade that leaves a share of the light."""
    generator = np.random.default_rng(7)
    light = 1 + spread * np.clip(generator.normal(size=(SIZE, SIZE)), -2.5, 2.5)
    light[:6, :6] *= shade
    return {
        "nir08": nir08 * light,
        "swir16": swir16 * light,
        "swir22": swir22 * light * (1 + 0.02 * generator.normal(size=(SIZE, SIZE))),
    }


def test_the_offset_left_in_a_real_image_is_found(wildfire: Bands) -> None:
    assert count_faults(wildfire) == (CountFault.NOT_SCALED, CountFault.OFFSET_LEFT_IN)
    assert count_faults(scaled(wildfire, 1e-4)) == (CountFault.OFFSET_LEFT_IN,)


def test_sound_real_images_are_sound(spain: Bands, wildfire: Bands, savanna: Bands) -> None:
    assert count_faults(spain) == ()
    assert count_faults(without(spain, "blue", "cirrus")) == ()
    assert count_faults(without(spain, "cirrus")) == ()
    assert count_faults(savanna) == ()
    assert count_faults(scaled(wildfire, 1e-4, -OFFSET)) == ()


def test_an_offset_put_into_a_real_image_is_found(spain: Bands) -> None:
    for bands in (spain, without(spain, "blue", "cirrus")):
        assert count_faults(scaled(bands, 1, OFFSET)) == (CountFault.OFFSET_LEFT_IN,)


def test_an_offset_taken_twice_is_found(spain: Bands) -> None:
    assert count_faults(scaled(spain, 1, -OFFSET)) == (CountFault.OFFSET_TAKEN_TWICE,)


def test_wrong_scales_are_found(spain: Bands) -> None:
    assert count_faults(scaled(spain, 1e4)) == (CountFault.NOT_SCALED,)
    assert count_faults(scaled(spain, 1e-4)) == (CountFault.SCALED_TWICE,)
    assert count_faults(scaled(scaled(spain, 1, OFFSET), 1e-4)) == (CountFault.SCALED_TWICE, CountFault.OFFSET_LEFT_IN)


def test_no_piece_of_a_real_image_cries_wolf(spain: Bands, wildfire: Bands, savanna: Bands) -> None:
    """Pieces of 50 x 50 pixels: smoke, fields, burnt ground without any water or shade."""
    size, said, heard = 50, 0, 0
    for bands in (without(spain, "blue", "cirrus"), scaled(wildfire, 1e-4, -OFFSET), savanna):
        height, width = bands["nir08"].shape
        for row in range(0, height - size + 1, size):
            for column in range(0, width - size + 1, size):
                piece = {name: image[row : row + size, column : column + size] for name, image in bands.items()}
                said += CountFault.OFFSET_LEFT_IN in count_faults(piece)
                heard += CountFault.OFFSET_LEFT_IN in count_faults(scaled(piece, 1, OFFSET))
    print(f"\n{said} false, {heard} of 213 found")
    assert said == 0
    assert heard > 0.75 * 213  # the rest is bare and bright: burnt savanna, stubble


@pytest.mark.parametrize(
    ("name", "bands"),
    [
        ("desert", ground(0.35, 0.48, 0.42)),
        ("bright desert in shade", ground(0.35, 0.48, 0.42, shade=0.5)),
        ("snow", ground(0.85, 0.12, 0.10, spread=0.03)),
        ("fine snow", ground(0.90, 0.20, 0.17, spread=0.03)),
        ("water", ground(0.02, 0.008, 0.005)),
        ("forest", ground(0.30, 0.13, 0.06)),
        ("cloud", ground(0.60, 0.45, 0.35)),
        ("dry grass", ground(0.28, 0.32, 0.22)),
        ("concrete and roofs", ground(0.25, 0.28, 0.25, spread=0.3)),
    ],
)
def test_sound_ground_of_any_kind_is_never_called_wrong(name: str, bands: Bands) -> None:
    faults = count_faults(bands)
    assert set(faults) <= {CountFault.OFFSET_UNCERTAIN}, name


@pytest.mark.parametrize(
    "bands", [ground(0.02, 0.008, 0.005), ground(0.30, 0.13, 0.06), ground(0.28, 0.32, 0.22, shade=0.1)]
)
def test_dark_ground_with_the_offset_is_called_out(bands: Bands) -> None:
    """Water, forest, and dry grass with shade."""
    assert count_faults(scaled(bands, 1, OFFSET)) == (CountFault.OFFSET_LEFT_IN,)


@given(shift=st.floats(0.0, 0.006), brightness=st.floats(0.3, 0.9))
def test_the_cirrus_band_settles_it_over_any_ground(shift: float, brightness: float) -> None:
    bands = ground(brightness, 1.1 * brightness, 0.9 * brightness) | {"cirrus": np.full((SIZE, SIZE), shift)}
    assert count_faults(bands) == ()
    assert count_faults(scaled(bands, 1, OFFSET)) == (CountFault.OFFSET_LEFT_IN,)


@pytest.mark.parametrize("level", [0.10, 0.11, 0.12, 0.15, 0.25])
@pytest.mark.parametrize("spread", [0.002, 0.05, 0.1])
def test_a_high_cloud_over_everything_is_no_offset(level: float, spread: float) -> None:
    """Whether it is as even as no cloud is, or as clouds are."""
    bands = ground(0.6, 0.42, 0.3, spread=spread) | {"cirrus": ground(level, level, level, spread=spread)["nir08"]}
    assert CountFault.OFFSET_LEFT_IN not in count_faults(bands)


@pytest.mark.parametrize("brightness", [0.2, 0.3, 0.5])
def test_a_high_cloud_that_lets_ground_through_is_no_offset(brightness: float) -> None:
    """Its own light at 1.37 µm begins where the offset does, but lies on no floor."""
    cirrus = 0.098 + 0.03 * np.random.default_rng(3).random((SIZE, SIZE))
    bands = ground(brightness, 1.1 * brightness, brightness) | {"cirrus": cirrus}
    assert count_faults(bands) == (CountFault.OFFSET_UNCERTAIN,)


def test_the_clear_part_of_a_sky_settles_it_beside_high_clouds() -> None:
    cirrus = np.full((SIZE, SIZE), 0.001)
    cirrus[:30] = 0.05 + 0.02 * np.random.default_rng(3).random((30, SIZE))
    bands = ground(0.2, 0.25, 0.2) | {"cirrus": cirrus}
    assert count_faults(bands) == ()
    assert count_faults(scaled(bands, 1, OFFSET)) == (CountFault.OFFSET_LEFT_IN,)


@pytest.mark.parametrize("spread", [0.01, 0.03, 0.06, 0.1, 0.15])
@pytest.mark.parametrize(
    "colour",
    [(0.16, 0.21, 0.20), (0.15, 0.18, 0.17), (0.11, 0.12, 0.13), (0.10, 0.12, 0.14), (0.12, 0.13, 0.14)],
    ids=["gravel", "asphalt", "slate", "coke", "slag"],
)
def test_an_even_yard_that_is_nowhere_black_has_no_offset(colour: tuple[float, float, float], spread: float) -> None:
    assert CountFault.OFFSET_LEFT_IN not in count_faults(ground(*colour, spread=spread))


@given(light=st.floats(0.25, 0.62), share=st.floats(0.62, 0.75))
def test_a_low_cloud_over_everything_is_no_offset(light: float, share: float) -> None:
    """Without the cirrus band; droplets reflect 0.7 and 0.48 of their light at 1.6 and 2.2 µm."""
    cloud = ground(light, 0.69 * light, share * 0.69 * light)
    assert CountFault.OFFSET_LEFT_IN not in count_faults(cloud)


def test_a_few_pixels_are_not_enough_to_say() -> None:
    few = {name: image[:10, :10] for name, image in ground(0.30, 0.13, 0.06).items()}
    assert count_faults(scaled(few, 1, OFFSET)) == (CountFault.OFFSET_UNCERTAIN,)


def test_nothing_and_one_number_are_faults() -> None:
    blank = np.full((3, 3), np.nan)
    assert count_faults({}) == (CountFault.EMPTY,)
    assert count_faults({"swir22": blank}) == (CountFault.EMPTY,)
    assert count_faults({"swir16": np.ones((3, 3)), "swir22": np.eye(3)}) == (CountFault.CONSTANT,)
    assert count_faults({"swir16": blank, "swir22": np.eye(3)}) == (CountFault.EMPTY,)


def test_broken_pixels_are_no_dark_ground() -> None:
    bands = scaled(ground(0.30, 0.13, 0.06), 1, OFFSET)
    bands["swir22"][0, 0] = 0.0
    bands["nir08"][1, 1] = np.nan
    assert count_faults(bands) == (CountFault.OFFSET_LEFT_IN,)


@pytest.mark.parametrize(
    ("baseline", "offset"),
    [("02.06", 0), ("0301", 0), ("N0301", 0), ("04.00", 1000), ("N0400", 1000), ("05.00", 1000), ("N0511", 1000)],
)
def test_the_baseline_tells_the_offset(baseline: str, offset: int) -> None:
    assert count_offset(baseline) == offset


def test_real_metadata_agree(shared_data: Path) -> None:
    for path in sorted((shared_data / "reference/s2_metadata").glob("*MTD_MSIL*.xml")):
        text = path.read_text("utf-8")
        stated = {-int(value) for value in re.findall(r"<(?:RADIO|BOA)_ADD_OFFSET [^>]*>(-?\d+)<", text)} or {0}
        (baseline,) = re.findall(r"<PROCESSING_BASELINE>([\d.]+)<", text)
        assert {count_offset(baseline)} == stated, path.name


def test_the_date_alone_tells_it_from_2022_01_25_on() -> None:
    assert count_offset_on(date(2022, 1, 25)) == 1000
    assert count_offset_on(date(2022, 1, 24)) is None  # Collection 1 goes back to 2015


def test_a_baseline_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'4'"):
        count_offset("4")


@given(count=st.integers(1, 65_534), offset=st.sampled_from([0, 1000]))
def test_counts_become_reflectance(count: int, offset: int) -> None:
    (reflectance,) = counts_to_reflectance(np.array([count], dtype=np.uint16), offset)
    assert reflectance * COUNTS_PER_REFLECTANCE + offset == pytest.approx(count)


def test_the_count_zero_is_no_measurement() -> None:
    assert np.isnan(counts_to_reflectance(np.array([0], dtype=np.uint16), 1000)).all()
