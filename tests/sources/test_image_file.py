from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning

from satverify.errors import InputError
from satverify.sources.image_file import read_image

UTM = Affine(20, 0, 500_000, 0, -20, 4_400_000)


def written(path: Path, pixels: NDArray[Any], **more: object) -> Path:
    """An image of shape (bands, y, x)."""
    profile: dict[str, object] = {"driver": "GTiff", "crs": "EPSG:32650", "transform": UTM, **more}
    with rasterio.open(
        path, "w", count=len(pixels), height=pixels.shape[1], width=pixels.shape[2], dtype=pixels.dtype, **profile
    ) as image:
        image.write(pixels)
    return path


def counts() -> NDArray[np.uint16]:
    return np.arange(3 * 8 * 10, dtype=np.uint16).reshape(3, 8, 10) + 1


def test_bands_are_taken_by_number_and_scaled(tmp_path: Path) -> None:
    image = read_image(written(tmp_path / "a.tif", counts()), {"swir22": 1, "nir08": 3}, 1e-4, -0.1)
    np.testing.assert_allclose(image.bands["swir22"], counts()[0] * 1e-4 - 0.1, atol=1e-8)  # float32
    np.testing.assert_allclose(image.bands["nir08"], counts()[2] * 1e-4 - 0.1, atol=1e-8)
    assert image.crs == "EPSG:32650"
    assert not image.is_fill.any()


@pytest.mark.parametrize("driver", ["GTiff", "ENVI", "COG", "JP2OpenJPEG"])
def test_any_format_gives_the_same(tmp_path: Path, driver: str) -> None:
    more = {"QUALITY": "100", "REVERSIBLE": "YES"} if driver == "JP2OpenJPEG" else {}
    image = read_image(written(tmp_path / "image", counts(), driver=driver, **more), {"nir08": 2}, 1.0, 0.0)
    np.testing.assert_array_equal(image.bands["nir08"], counts()[1])
    assert image.place(0, 0) == (500_000, 4_400_000)


def test_a_stack_of_files_with_one_band_each_is_a_vrt(tmp_path: Path) -> None:
    names = [written(tmp_path / f"b{number}.tif", counts()[number : number + 1]).name for number in range(3)]
    bands = "".join(
        f'<VRTRasterBand dataType="UInt16" band="{number}"><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{name}</SourceFilename><SourceBand>1</SourceBand>'
        f"</SimpleSource></VRTRasterBand>"
        for number, name in enumerate(names, 1)
    )
    stack = tmp_path / "stack.vrt"
    stack.write_text(
        '<VRTDataset rasterXSize="10" rasterYSize="8"><SRS>EPSG:32650</SRS>'
        f"<GeoTransform>500000,20,0,4400000,0,-20</GeoTransform>{bands}</VRTDataset>"
    )
    np.testing.assert_array_equal(read_image(stack, {"swir16": 3}).bands["swir16"], counts()[2])


def test_files_with_one_band_each_are_counted_through(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"b{number}.tif", counts()[number : number + 1]) for number in range(2)]
    paths.append(written(tmp_path / "rest.tif", counts()[1:]))
    image = read_image(paths, {"nir08": 2, "swir16": 1, "swir22": 4})
    for name, place in {"nir08": 1, "swir16": 0, "swir22": 2}.items():
        np.testing.assert_array_equal(image.bands[name], counts()[place])
    assert image.crs == "EPSG:32650"
    with pytest.raises(InputError, match=r"rest\.tif: nir08: expected a band from 1 to 4, found 5"):
        read_image(paths, {"nir08": 5})


def test_files_that_do_not_lie_on_each_other_are_refused(tmp_path: Path) -> None:
    first = written(tmp_path / "a.tif", counts())
    smaller = written(tmp_path / "b.tif", counts()[:, :4])
    with pytest.raises(InputError, match=r"b\.tif: expected 10 x 8 pixels, as .*a\.tif has, found 10 x 4"):
        read_image([first, smaller], {"nir08": 1})
    moved = written(tmp_path / "c.tif", counts(), transform=Affine(20, 0, 500_020, 0, -20, 4_400_000))
    elsewhere = written(tmp_path / "d.tif", counts(), crs="EPSG:32651")
    for other in (moved, elsewhere):
        with pytest.raises(InputError, match="found other coordinates"):
            read_image([first, other], {"nir08": 1})


def test_a_scale_of_reflectance_is_none_of_temperature(tmp_path: Path) -> None:
    pixels = np.stack([counts()[0].astype(np.float32), np.full((8, 10), 285.0, np.float32)])
    image = read_image(written(tmp_path / "a.tif", pixels), {"nir08": 1, "lwir11": 2}, 1e-4, -0.1)
    assert (image.bands["lwir11"] == 285.0).all()


def test_scale_and_offset_of_the_file_are_used_where_none_is_given(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", counts())
    with rasterio.open(path, "r+") as image:
        image.scales, image.offsets = (1e-4, 1e-4, 2e-5), (0.0, -0.1, -0.1)
    read = read_image(path, {"nir08": 1, "swir16": 3})
    np.testing.assert_allclose(read.bands["nir08"], counts()[0] * 1e-4, atol=1e-8)  # float32
    np.testing.assert_allclose(read.bands["swir16"], counts()[2] * 2e-5 - 0.1, atol=1e-8)
    np.testing.assert_allclose(read_image(path, {"nir08": 1}, 1.0, 0.0).bands["nir08"], counts()[0])


def test_nodata_is_nan_and_so_is_nought_in_every_band_of_counts(tmp_path: Path) -> None:
    pixels = counts()
    pixels[:, 0, 0] = 65535
    pixels[:, 1, :2] = 0
    pixels[1, 1, 1] = 7
    pixels[0, 1, 1] = 1
    told = read_image(written(tmp_path / "a.tif", pixels, nodata=65535), {"nir08": 1, "swir16": 2}, 1.0, 0.0)
    assert np.isnan(told.bands["nir08"]).sum() == 1
    assert not told.is_fill.any()
    guessed = read_image(written(tmp_path / "b.tif", pixels), {"nir08": 1, "swir16": 2}, 1.0, 0.0)
    assert np.argwhere(guessed.is_fill).tolist() == [[0, 0], [1, 0]]
    assert np.argwhere(np.isnan(guessed.bands["nir08"])).tolist() == [[0, 0], [1, 0]]


def test_numbers_that_are_not_finite_are_no_measurement(tmp_path: Path) -> None:
    pixels = counts().astype(np.float32)
    pixels[0, 0, :2] = np.nan, np.inf
    assert np.isnan(read_image(written(tmp_path / "a.tif", pixels), {"nir08": 1}).bands["nir08"]).sum() == 2


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.float32])
def test_nought_in_one_band_is_no_measurement_where_another_is_lit(tmp_path: Path, dtype: type) -> None:
    """So bands end at the edge of a swath; the darkest water may be 0 in one."""
    pixels: NDArray[Any] = np.full((2, 8, 10), 2000, dtype=dtype)
    pixels[0, 5] = 0
    pixels[:, 6] = [[0], [150]]
    image = read_image(written(tmp_path / "a.tif", pixels), {"swir16": 1, "swir22": 2}, 1e-4)
    assert np.argwhere(image.is_fill).tolist() == [[5, column] for column in range(10)]
    np.testing.assert_array_equal(np.isnan(image.bands["swir16"]), image.is_fill)
    assert np.isfinite(image.bands["swir22"]).all()
    declared = read_image(written(tmp_path / "b.tif", pixels, nodata=9999), {"swir16": 1, "swir22": 2}, 1e-4)
    assert not declared.is_fill.any(), "the file says what stands for no measurement"


@pytest.mark.parametrize("fill", [-9999.0, -32768.0, -3.4e38, 1e20])
def test_numbers_that_are_no_reflectance_are_no_measurement_of_their_band(tmp_path: Path, fill: float) -> None:
    pixels = (counts() * 1e-4).astype(np.float32)
    pixels[0, 2, 3] = fill
    image = read_image(written(tmp_path / "a.tif", pixels), {"nir08": 1, "swir16": 2})
    assert np.argwhere(image.is_fill).tolist() == [[2, 3]]
    assert np.argwhere(np.isnan(image.bands["nir08"])).tolist() == [[2, 3]]
    assert np.isfinite(image.bands["swir16"]).all()
    declared = read_image(written(tmp_path / "b.tif", pixels, nodata=fill), {"nir08": 1, "swir16": 2})
    assert not declared.is_fill.any(), "the file says so itself"


def test_fills_of_counts_are_known_whatever_their_scale(tmp_path: Path) -> None:
    pixels = counts().astype(np.int16)
    pixels[:, 0, 0], pixels[1, 0, 1], pixels[:, 0, 2] = -9999, -32768, -40
    image = read_image(written(tmp_path / "a.tif", pixels), {"nir08": 1, "swir16": 2}, 2e-5, -0.1)
    assert np.argwhere(image.is_fill).tolist() == [[0, 0], [0, 1]], "what is a little below 0 is noise"


def test_the_largest_count_is_no_measurement_in_every_band_and_saturation_in_one(tmp_path: Path) -> None:
    pixels = counts()
    pixels[:, 3, 3] = pixels[1, 4, 4] = 65535
    image = read_image(written(tmp_path / "a.tif", pixels), {"nir08": 1, "swir16": 2}, 1e-4)
    assert np.argwhere(image.is_fill).tolist() == [[3, 3]]
    assert image.bands["swir16"][4, 4] == pytest.approx(6.5535)


@pytest.mark.parametrize(
    ("scale", "offset", "message"),
    [
        (0.0, 0.0, "scale: expected a number above 0, found 0"),
        (-1e-4, 0.0, "scale: expected a number above 0, found -0.0001"),
        (float("nan"), 0.0, "scale: expected a number above 0, found nan"),
        (float("inf"), 0.0, "scale: expected a number above 0, found inf"),
        (1e-4, float("nan"), "offset: expected a number, found nan"),
    ],
)
def test_scales_that_leave_nothing_of_an_image_are_refused(
    tmp_path: Path, scale: float, offset: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_image(written(tmp_path / "a.tif", counts()), {"nir08": 1}, scale, offset)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:32650", Affine(20, 0, 5e9, 0, -20, 4e9)),  # beyond what the projection maps
        ("EPSG:4326", UTM),  # metres taken for degrees
        ('LOCAL_CS["drawing",UNIT["metre",1]]', UTM),
        ("EPSG:32650", Affine(0, 0, 500_000, 0, 0, 4_400_000)),  # all pixels in one place
    ],
)
def test_coordinates_that_lie_nowhere_on_earth_give_no_places(tmp_path: Path, crs: str, transform: Affine) -> None:
    image = read_image(written(tmp_path / "a.tif", counts(), crs=crs, transform=transform), {"nir08": 1})
    assert image.crs
    assert (image.pixel, image.place(1, 1)) == (None, None)


def test_pixels_have_their_size_on_the_ground_in_any_coordinates(tmp_path: Path) -> None:
    degrees = Affine(1e-4, 0, 114.0, 0, -1e-4, 60.0)
    path = written(tmp_path / "a.tif", counts(), crs="EPSG:4326", transform=degrees)
    width, height = read_image(path, {"nir08": 1}).pixel or (0, 0)
    assert height == pytest.approx(11.14, rel=1e-3)  # a degree of latitude at 60 degrees is 111.41 km
    assert width == pytest.approx(5.58, rel=1e-3)  # and one of longitude 55.80 km


def test_a_file_without_coordinates_has_no_places(tmp_path: Path) -> None:
    with pytest.warns(NotGeoreferencedWarning):  # of writing; reading is silent
        path = written(tmp_path / "a.tif", counts(), crs=None, transform=None)
    image = read_image(path, {"nir08": 1})
    assert (image.crs, image.pixel, image.place(1, 1)) == ("", None, None)


def test_a_place_has_longitude_and_latitude(tmp_path: Path) -> None:
    image = read_image(written(tmp_path / "a.tif", counts()), {"nir08": 1})
    place = image.place(0.0, 0.0)
    assert place is not None
    longitude, latitude = image.longitude_latitude(*place)
    assert longitude == pytest.approx(117.0, abs=1e-9)  # the middle of zone 50
    assert latitude == pytest.approx(39.75, abs=0.01)


@pytest.mark.parametrize(("number", "message"), [(4, "band from 1 to 3, found 4"), (0, "band from 1 to 3, found 0")])
def test_a_band_that_is_not_there_is_told(tmp_path: Path, number: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_image(written(tmp_path / "a.tif", counts()), {"nir08": number})


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("no image")
    with pytest.raises(InputError, match="an image that GDAL reads"):
        read_image(text, {"nir08": 1})
    with pytest.raises(InputError, match="no such file"):
        read_image(tmp_path / "b.tif", {"nir08": 1})
    with pytest.raises(InputError, match="complex"):
        read_image(written(tmp_path / "c.tif", counts().astype(np.complex64)), {"nir08": 1})


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", np.random.default_rng(1).integers(1, 9, (3, 64, 64)).astype(np.uint16))
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(InputError, match="an image that GDAL reads"):
        read_image(path, {"nir08": 1, "swir16": 3})
