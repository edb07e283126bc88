from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile

from satverify.archive.image import decode, differences, encode
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, SENSORS
from tests.archive.examples import pixels_of, scene_of


@pytest.mark.parametrize("sensor", SENSORS)
def test_every_sensor_comes_back_as_it_was(sensor: str) -> None:
    grid = Grid(
        epsg=32650,
        left=480_000.0,
        top=4_380_000.0,
        pixel_width=float(SENSORS[sensor].pixel),
        pixel_height=float(SENSORS[sensor].pixel),
        width=37,
        height=21,
    )
    scene = scene_of(sensor, grid=grid)
    content = encode(scene, pixels_of(scene))
    assert list(differences(content, scene)) == []
    np.testing.assert_array_equal(decode(content), pixels_of(scene))


@settings(max_examples=40)
@given(width=st.integers(1, 300), height=st.integers(1, 40), seed=st.integers(0, 5))
def test_any_size_and_any_window_comes_back(width: int, height: int, seed: int) -> None:
    grid = Grid(epsg=32750, left=0, top=1e6, pixel_width=1000, pixel_height=500, width=width, height=height)
    scene = scene_of("sentinel-3-slstr-l2", grid=grid)
    pixels = pixels_of(scene, seed)
    content = encode(scene, pixels)
    rows, columns = slice(height // 3, height // 3 + (height + 1) // 2), slice(width // 2, width)
    np.testing.assert_array_equal(decode(content, (rows, columns)), pixels[:, rows, columns])
    np.testing.assert_array_equal(decode(content, (rows, columns), 1)[0], pixels[1, rows, columns])


def test_readers_find_coordinates_names_values_and_the_time(tmp_path: Path) -> None:
    scene = scene_of("sentinel-5p-no2", baseline="02.04.00", timeliness="OFFL", platform="sentinel-5p")
    file = tmp_path / "scene.tif"
    file.write_bytes(encode(scene, pixels_of(scene)))
    with rasterio.open(file) as image:
        assert image.crs.to_epsg() == 32650
        assert tuple(image.transform)[:6] == scene.grid.transform
        assert image.nodata == NODATA
        assert image.descriptions == ("no2_tropospheric_column",)
        assert (image.scales, image.offsets, image.units) == ((1e-7,), (-1e-3,), ("mol m-2",))
        assert image.tags()["TIFFTAG_DATETIME"] == "2022:01:05 03:01:11"
        assert image.tags()["ACQUISITION_TIME"] == "2022-01-05T03:01:11Z"
        assert (image.tags()["PLATFORM"], image.tags()["TIMELINESS"]) == ("sentinel-5p", "OFFL")
        assert image.profile["tiled"]
        assert image.profile["compress"] == "deflate"
        masked = image.read(1, masked=True)
    assert masked.mask.sum() == 6


def test_the_same_scene_gives_the_same_bytes_whoever_asked_for_it() -> None:
    scene = scene_of()
    other = replace(scene, site_ids=("a", "b"), request_hash="f" * 64, revision=7)
    first, second = (hashlib.sha256(encode(each, pixels_of(scene))).hexdigest() for each in (scene, other))
    assert first == second


def test_a_difference_is_named() -> None:
    scene = scene_of()
    content = encode(scene, pixels_of(scene))
    later = replace(scene, time=scene.time + timedelta(seconds=1))
    shifted = replace(scene, grid=replace(scene.grid, left=scene.grid.left + 20))
    other = replace(scene, sensor="sentinel-3-slstr-l2")
    for claim, words in ((later, "03:01:12"), (shifted, "transform"), (other, "cloud_flags")):
        found = [f"{expected}; {seen}" for expected, seen in differences(content, claim)]
        assert any(words in each for each in found), found


def test_bytes_that_are_no_image_are_a_value_error() -> None:
    scene = scene_of()
    content = encode(scene, pixels_of(scene))
    for damaged in (b"", b"<html>502 Bad Gateway</html>", content[: len(content) // 2], bytes(len(content))):
        with pytest.raises(ValueError, match="bytes"):
            decode(damaged)
        assert [expected for expected, _ in differences(damaged, scene)] == ["an image"]


def test_a_tile_is_no_larger_than_its_image_needs() -> None:
    small, large = (
        scene_of(grid=Grid(epsg=32650, left=0, top=0, pixel_width=20, pixel_height=20, width=size, height=size))
        for size in (150, 600)
    )
    for scene, tile in ((small, 160), (large, 256)):
        with MemoryFile(encode(scene, pixels_of(scene))) as memory, memory.open() as image:
            assert image.block_shapes[0] == (tile, tile)


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="no gdalinfo on this machine")
def test_gdal_itself_reads_it(tmp_path: Path) -> None:
    scene = scene_of()
    (tmp_path / "scene.tif").write_bytes(encode(scene, pixels_of(scene)))
    said = subprocess.run(["gdalinfo", tmp_path / "scene.tif"], capture_output=True, text=True, check=True).stdout
    assert "Description = nir08" in said
