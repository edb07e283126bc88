from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from satverify.errors import InputError
from satverify.pipeline.inspect_heat import CLASSES, Inspection, inspect_heat, mask_of, summary, write_mask
from satverify.sources.image_file import ImageFile, read_image
from tests.features.hot_targets.daylight import ground, heated

PLACED = (20.0, 0.0, 500_000.0, 0.0, -20.0, 4_400_000.0)


def image_of(
    bands: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]],
    *,
    pixel: float | None = 20.0,
    crs: str = "EPSG:32650",
) -> ImageFile:
    is_placed = pixel is not None
    return ImageFile(
        bands=dict(zip(("nir08", "swir16", "swir22"), bands, strict=True)),
        is_fill=np.zeros(bands[0].shape, dtype=bool),
        crs=crs if is_placed else "",
        transform=PLACED,
        pixel=(pixel, pixel) if pixel is not None else None,
    )


def inspected(image: ImageFile) -> tuple[Inspection, dict[str, Any]]:
    seen = inspect_heat(image, solar_zenith_angle=64.0)
    return seen, summary(image, seen)


def test_a_source_is_where_it_lies_and_as_strong_as_it_is() -> None:
    _, told = inspected(image_of(heated(ground(), 10, 20, 1300.0, 0.3)))
    assert told["hot"] == told["tai"] == told["tai_index"] == 1
    (cluster,) = told["clusters"]
    assert (cluster["easting"], cluster["northing"]) == (500_000 + 20.5 * 20, 4_400_000 - 10.5 * 20)
    assert cluster["longitude"] == pytest.approx(117.0048, abs=1e-3)
    assert cluster["power_mw"] == pytest.approx(0.0486, rel=0.3)  # 0.3 m² at 1300 K; the method's own error
    assert told["warnings"] == []
    assert told["crs"] == "EPSG:32650"


def test_cold_ground_has_no_sources_and_no_warnings() -> None:
    _, told = inspected(image_of(ground()))
    assert told["hot"] == told["tai"] == told["nhi"] == told["saturated"] == 0
    assert told["clusters"] == told["warnings"] == []
    assert told["pixels"] == told["valid"] == 3600


@pytest.mark.parametrize(
    ("pixel", "sensor"), [(10.0, "sentinel-2-l1c"), (20.0, "sentinel-2-l1c"), (30.0, "landsat-ot-l1")]
)
def test_whose_image_it_is_shows_in_the_size_of_its_pixels(pixel: float, sensor: str) -> None:
    assert inspected(image_of(ground(), pixel=pixel))[1]["sensor"] == sensor


def test_no_index_depends_on_the_sun_that_is_assumed() -> None:
    image = image_of(heated(ground(), 10, 20, 1300.0, 2.0))
    seen = inspect_heat(image)
    told, other = summary(image, seen), inspected(image)[1]
    assert (told["sun_zenith"], told["sun_zenith_assumed"], other["sun_zenith_assumed"]) == (45.0, True, False)
    for name in ("tai_index", "nhi_swir_index", "nhi_swnir_index", "tai", "hot"):
        assert told[name] == other[name]


def test_an_image_without_coordinates_is_judged_and_says_so() -> None:
    _, told = inspected(image_of(heated(ground(), 10, 20, 1300.0, 2.0), pixel=None))
    (cluster,) = told["clusters"]
    assert (cluster["easting"], cluster["northing"], cluster["longitude"]) == (None, None, None)
    assert (cluster["row"], cluster["column"]) == (10.5, 20.5)
    assert "no coordinates" in str(told["warnings"])


@pytest.mark.parametrize(("pixel", "is_odd"), [(3.0, True), (10.0, False), (60.0, False), (2_000_000.0, True)])
def test_pixels_that_neither_mission_has_are_told(pixel: float, is_odd: bool) -> None:
    _, told = inspected(image_of(ground(), pixel=pixel))
    assert ("coordinate system may be wrong" in str(told["warnings"])) is is_odd


@pytest.mark.parametrize(("level", "is_used"), [(280.0, True), (25_000.0, False), (0.028, False), (7.0, False)])
def test_a_thermal_band_that_holds_no_temperatures_is_not_used(level: float, is_used: bool) -> None:
    """Counts, or degrees Celsius, would have all the ground under the coldest of clouds."""
    image = image_of(heated(ground(), 10, 20, 1300.0, 0.3))
    thermal = np.full((60, 60), level, dtype=np.float32)
    seen, told = inspected(replace(image, bands={**image.bands, "lwir11": thermal}))
    assert ("lwir11" in seen.chips.bands) is is_used
    assert ("lwir11" in str(told["warnings"])) is not is_used
    assert told["hot"] == 1
    assert told["clusters"][0]["power_mw"] is not None


def test_numbers_that_stand_for_no_measurement_are_told_and_neither_hot_nor_cold(tmp_path: Path) -> None:
    """They are not declared: taken as reflectance, -9999 at 1.6 µm would make heat of any pixel."""
    bands = heated(ground(), 10, 20, 1300.0, 0.3)
    for band in bands:
        band[40:] = -9999.0
    with rasterio.open(
        tmp_path / "a.tif",
        "w",
        driver="GTiff",
        count=3,
        height=60,
        width=60,
        dtype="float32",
        crs="EPSG:32650",
        transform=rasterio.Affine(*PLACED),
    ) as out:
        out.write(np.stack(bands))
    _, told = inspected(read_image(tmp_path / "a.tif", {"nir08": 1, "swir16": 2, "swir22": 3}))
    assert (told["valid"], told["hot"], told["tai"]) == (2400, 1, 1)
    assert any("1200 pixels" in warning for warning in told["warnings"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bands: [band + 0.1 for band in bands], "offset was left in"),
        (lambda bands: [band * 1e-4 for band in bands], "scaled before"),
        (lambda bands: [band * 1e4 for band in bands], "counts, not reflectance"),
        (lambda bands: [bands[1], bands[2], bands[0]], "swapped"),
        (lambda bands: [np.full_like(band, np.nan) for band in bands], "no pixel is measured"),
        (
            lambda bands: [
                np.where(np.indices(band.shape)[1] % 3 == place, band, np.nan) for place, band in enumerate(bands)
            ],
            "no pixel is measured",
        ),
        (lambda bands: [np.full_like(band, 0.2) for band in bands], "one and the same number"),
        (lambda bands: [bands[0], bands[1], bands[1]], "two bands are the same"),
        (lambda bands: [bands[0], *(np.full_like(band, 1.6) + 0.01 * band for band in bands[1:])], "saturated"),
    ],
)
def test_a_spoiled_image_is_warned_of(change: object, words: str) -> None:
    dark = ground((80, 80), (0.05, 0.02, 0.01), seed=3)
    bands = ground((80, 80), (0.35, 0.22, 0.13))
    for band, other in zip(bands, dark, strict=True):
        band[:20] = np.abs(other[:20])
    spoiled = [band.astype(np.float32) for band in change(bands)]  # type: ignore[operator]
    assert inspected(image_of(bands))[1]["warnings"] == []
    assert words in str(inspected(image_of(spoiled))[1]["warnings"])


def test_what_is_missing_or_wrong_is_an_error() -> None:
    image = image_of(ground())
    for zenith in (-1.0, 90.0, float("nan")):
        with pytest.raises(InputError, match="solar zenith angle"):
            inspect_heat(image, solar_zenith_angle=zenith)
    with pytest.raises(InputError, match="sensor"):
        inspect_heat(image, sensor="sentinel-3-slstr")


def test_a_mask_lies_on_the_image_and_says_what_it_means(tmp_path: Path) -> None:
    bands = heated(ground(), 10, 20, 1000.0, 3.0)
    bands[2][5, 5] = np.nan
    bands[1][30, 30:32] = bands[2][30, 30:32] = 2.6
    image = image_of(bands)
    seen, told = inspected(image)
    write_mask(tmp_path / "mask.tif", image, seen)
    with rasterio.open(tmp_path / "mask.tif") as mask:
        codes = mask.read(1)
        assert (mask.crs.to_epsg(), tuple(mask.transform)[:6], mask.nodata) == (32650, PLACED, 255)
        assert mask.tags(1)["CLASS_7"] == CLASSES[7]
    np.testing.assert_array_equal(codes, mask_of(seen.found))
    assert codes.dtype == np.uint8
    assert codes[5, 5] == 255
    assert codes[30, 30] == 7
    assert np.isin(codes, (4, 5, 6, 7)).sum() == told["hot"]
    assert set(np.unique(codes).tolist()) <= set(CLASSES)


def test_counts_of_the_real_fires_are_those_counted_by_others(shared_data: Path, tmp_path: Path) -> None:
    wildfire = shared_data / "s2/wildfire_g90292/G90292_20230514.tif"
    image = read_image(wildfire, {"nir08": 1, "swir16": 2, "swir22": 3}, 1e-4, -0.1)
    _, told = inspected(image)
    assert (told["tai_index"], told["nhi_swir_index"], told["warnings"]) == (99, 39, [])
    left_in = read_image(wildfire, {"nir08": 1, "swir16": 2, "swir22": 3}, 1e-4, 0.0)
    assert "offset was left in" in str(inspected(left_in)[1]["warnings"])
    swapped = read_image(wildfire, {"nir08": 3, "swir16": 2, "swir22": 1}, 1e-4, -0.1)
    assert "swapped" in str(inspected(swapped)[1]["warnings"])

    stack = tmp_path / "arnhem.tif"
    names = [shared_data / f"landsat/arnhem_fire/band{number}.tif" for number in (5, 6, 7)]
    with rasterio.open(names[0]) as first:
        profile = {**first.profile, "count": 3}
    with rasterio.open(stack, "w", **profile) as out:
        for number, name in enumerate(names, 1):
            with rasterio.open(name) as band:
                out.write(band.read(1), number)
    image = read_image(stack, {"nir08": 1, "swir16": 2, "swir22": 3})
    told = summary(image, inspect_heat(image))
    assert (told["tai_index"], told["nhi_swir_index"], told["nhi_swnir_index"]) == (431, 13, 7)
    assert (told["sensor"], told["saturated"], told["warnings"]) == ("landsat-ot-l1", 5, [])


def test_the_real_scene_without_heat_has_none(shared_data: Path) -> None:
    bands = {"nir08": 9, "swir16": 12, "swir22": 13, "blue": 2, "cirrus": 11}
    image = read_image(shared_data / "s2/spain_l1c/Spain_7370579_S2Hand.tif", bands, 1e-4, 0.0)
    _, told = inspected(image)
    assert (told["hot"], told["tai"], told["nhi"], told["clusters"], told["warnings"]) == (0, 0, 0, [], [])
