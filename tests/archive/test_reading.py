from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import basic_indices
from pyproj import CRS
from shapely import box

from satverify.archive import Archive
from satverify.archive import stack as stacks
from satverify.domain.sensors import NODATA, SENSORS
from satverify.domain.sites import Site
from satverify.errors import InputError, RetrievalError
from satverify.physics.utm import project, window_of
from tests.archive.examples import SITE, START, WINTER, filled, grid_of, moved, pixels_of, scene_of

NAME = "sentinel-2-l1c"


@pytest.fixture(scope="module")
def winter(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Twelve scenes."""
    return filled(tmp_path_factory.mktemp("archive"), 12)


def kept_of(read: xr.Dataset) -> stacks._Recent:
    """What a Dataset keeps for the other bands of its scenes."""
    lazy: Any = read["blue"].variable._data
    kept: stacks._Recent = lazy.array._stack._recent
    return kept


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    """Reflectance of those scenes: (bands, time, y, x)."""
    stored = np.stack([pixels_of(scene_of(), day) for day in range(12)], axis=1)
    return np.where(stored == NODATA, np.nan, stored * 1e-4).astype(np.float32)


def test_bands_times_and_places_carry_names_and_units(winter: Archive) -> None:
    read = winter.open(SITE, NAME, WINTER)
    assert list(read.data_vars) == ["blue", "nir08", "cirrus", "swir16", "swir22"]
    assert read["nir08"].dims == ("time", "y", "x")
    assert read["nir08"].dtype == np.float32
    assert read["nir08"].attrs == {
        "long_name": "MSI B8A, 0.86 um",
        "units": "1",
        "standard_name": "toa_bidirectional_reflectance",
        "grid_mapping": "spatial_ref",
    }
    assert read["time"].values[0] == np.datetime64(START.replace(tzinfo=None), "ns")
    assert read["platform"].values.tolist() == ["sentinel-2a"] * 12
    assert read["x"].attrs["standard_name"] == "projection_x_coordinate"
    assert CRS.from_cf(read["spatial_ref"].attrs).to_epsg() == grid_of().epsg
    easting, northing = project(grid_of().epsg, 118.153, 39.592)
    assert read["x"].min() + 500 < easting < read["x"].max() - 500
    assert read["y"].min() + 500 < northing < read["y"].max() - 500
    assert float(read["x"][0]) == grid_of().left + 10
    assert float(read["y"][0]) == grid_of().top - 10
    left, wide, _, top, _, high = map(float, read["spatial_ref"].attrs["GeoTransform"].split())
    assert (left, wide, top, high) == (grid_of().left, 20, grid_of().top, -20)


def test_all_of_it_is_what_was_stored(winter: Archive, expected: np.ndarray) -> None:
    read = winter.open(SITE, NAME, WINTER).load()
    np.testing.assert_array_equal(np.stack([read[name] for name in read.data_vars]), expected)


@settings(max_examples=40)
@given(data=st.data())
def test_any_part_of_it_is_that_part_of_all(winter: Archive, expected: np.ndarray, data: st.DataObject) -> None:
    index = data.draw(basic_indices(expected.shape[1:], allow_newaxis=False, allow_ellipsis=False))
    band = data.draw(st.integers(0, 4))
    name = SENSORS[NAME].bands[band].name
    index = index if isinstance(index, tuple) else (index,)
    np.testing.assert_array_equal(winter.open(SITE, NAME, WINTER)[name][index].values, expected[band][index])


@settings(max_examples=40)
@given(
    steps=st.lists(st.integers(-12, 11), max_size=5),
    rows=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    columns=st.lists(st.integers(0, 40), min_size=1, max_size=4),
)
def test_picked_scenes_rows_and_columns_are_those_of_all(
    winter: Archive, expected: np.ndarray, steps: list[int], rows: list[int], columns: list[int]
) -> None:
    read = winter.open(SITE, NAME, WINTER)["swir16"].isel(time=steps, y=rows, x=columns)
    np.testing.assert_array_equal(read.values, expected[3][np.ix_(steps, rows, columns)])


def test_points_of_different_scenes_can_be_picked_together(winter: Archive, expected: np.ndarray) -> None:
    steps, rows, columns = (xr.DataArray(each, dims="point") for each in ([3, 0, 3, 11], [5, 9, 40, 0], [7, 7, 0, 40]))
    read = winter.open(SITE, NAME, WINTER)["blue"].isel(time=steps, y=rows, x=columns)
    np.testing.assert_array_equal(read.values, expected[0][[3, 0, 3, 11], [5, 9, 40, 0], [7, 7, 0, 40]])


def test_opening_reads_no_pixel_and_indexing_reads_only_the_scenes_asked_for(
    winter: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    read_bytes = Path.read_bytes

    def watched(path: Path) -> bytes:
        seen.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", watched)
    read = winter.open(SITE, NAME, WINTER)
    assert repr(read)
    assert seen == []
    wanted = read.isel(time=[3, 7])
    for name in read.data_vars:
        wanted[name].load()
    assert sorted(path.name for path in seen if path.suffix == ".tif") == [
        f"{START + timedelta(days=day):%Y%m%dT%H%M%S}_sentinel-2a_r1.tif" for day in (3, 7)
    ]


def test_pixels_that_fit_no_memory_for_later_are_right_too(
    winter: Archive, expected: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = expected[:, 0].size * 2
    for room in (0, one, 3 * one):
        monkeypatch.setattr(stacks, "KEPT", room)
        read = winter.open(SITE, NAME, WINTER)
        for step in range(12):
            for band, name in enumerate(read.data_vars):
                np.testing.assert_array_equal(read[name][step], expected[band][step])
        np.testing.assert_array_equal(read["swir22"], expected[4])


def test_what_is_kept_for_later_stays_within_its_room(winter: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pixels_of(scene_of()).nbytes
    monkeypatch.setattr(stacks, "KEPT", 3 * one)
    read = winter.open(SITE, NAME, WINTER)
    recent = kept_of(read)
    for step in range(12):
        read["blue"][step].load()
        assert recent._size == min(step + 1, 3) * one
    for name in read.data_vars:
        read[name][11].load()
    assert recent._size <= 3 * one
    fresh = winter.open(SITE, NAME, WINTER)
    fresh.isel(time=slice(0, 2)).load()
    assert kept_of(fresh)._size == 0


def test_threads_may_read_one_dataset_at_once(winter: Archive, expected: np.ndarray) -> None:
    read = winter.open(SITE, NAME, WINTER)
    start = threading.Barrier(4)

    def mean(worker: int) -> list[float]:
        start.wait()
        order = np.random.default_rng(worker).permutation(12)
        found = {int(step): float(read["nir08"][int(step)].mean()) for step in order}
        return [found[step] for step in range(12)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(mean, range(4)))
    truth = np.nanmean(expected[1], axis=(1, 2))
    np.testing.assert_allclose(found, np.broadcast_to(truth, (4, 12)), rtol=1e-6)


def test_it_can_be_cut_in_chunks_and_written_as_netcdf(winter: Archive, expected: np.ndarray, tmp_path: Path) -> None:
    read = winter.open(SITE, NAME, WINTER)
    mean = read.chunk({"time": 5})["swir22"].mean(("y", "x"))
    np.testing.assert_allclose(mean, np.nanmean(expected[4], axis=(1, 2)), rtol=1e-5)
    read.to_netcdf(tmp_path / "cube.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "cube.nc", engine="h5netcdf") as again:
        np.testing.assert_array_equal(again["nir08"], expected[1])


def test_codes_stay_as_they_are_stored(tmp_path: Path) -> None:
    archive, scene = Archive(tmp_path), scene_of("sentinel-3-slstr-l2")
    archive.add(scene, pixels_of(scene))
    read = archive.open(SITE, scene.sensor, WINTER)
    stored = np.stack([read[name][0] for name in ("cloud_flags", "bayes_flags", "confidence_flags")])
    assert stored.dtype == np.uint16
    np.testing.assert_array_equal(stored, pixels_of(scene))
    assert read["cloud_flags"].attrs["_FillValue"] == NODATA
    read.to_netcdf(tmp_path / "flags.nc", engine="h5netcdf")


@pytest.mark.parametrize("sensor", SENSORS)
def test_an_empty_dataset_has_the_variables_of_a_full_one(sensor: str, tmp_path: Path) -> None:
    archive, scene = Archive(tmp_path), scene_of(sensor)
    empty = archive.open(SITE, sensor, WINTER).load()
    archive.add(scene, pixels_of(scene))
    full = archive.open(SITE, sensor, WINTER)
    assert empty.sizes["time"] == 0
    assert {name: (each.dims, each.dtype, each.attrs) for name, each in empty.data_vars.items()} == {
        name: (each.dims, each.dtype, each.attrs) for name, each in full.data_vars.items()
    }
    xr.testing.assert_identical(empty["x"], full["x"])
    assert set(empty.coords) == set(full.coords)


def test_values_are_those_of_scale_and_offset(tmp_path: Path) -> None:
    archive, scene = Archive(tmp_path), scene_of("sentinel-5p-no2")
    numbers = np.full((1, *scene.grid.shape), 10_000, dtype=np.uint16)
    numbers[0, 0, :3] = 0, 65_534, NODATA
    archive.add(scene, numbers)
    column = archive.open(SITE, scene.sensor, WINTER)["no2_tropospheric_column"]
    np.testing.assert_allclose(column[0, 0, :3], [-1e-3, 65_534e-7 - 1e-3, np.nan], rtol=1e-6)
    np.testing.assert_allclose(column[0, 1, 0], 0, atol=1e-10)
    assert column.attrs["units"] == "mol m-2"
    assert column.attrs["standard_name"] == "troposphere_mole_content_of_nitrogen_dioxide"


def test_a_shared_box_is_cut_to_the_site(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    large = scene_of(grid=moved(grid_of(), -300, 40, wider=500))
    archive.add(large, pixels_of(large))
    read = archive.open(SITE, NAME, WINTER)
    assert (read.sizes["y"], read.sizes["x"]) == grid_of().shape
    rows, columns = large.grid.window(grid_of())
    part = pixels_of(large)[2, rows, columns]
    np.testing.assert_array_equal(read["cirrus"][0], np.where(part == NODATA, np.nan, part * 1e-4).astype(np.float32))


def test_boxes_that_miss_the_site_or_its_lattice_are_left_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for grid in (moved(grid_of(), 1, 0), replace(grid_of(), left=grid_of().left - 3), replace(grid_of(), epsg=32651)):
        scene = scene_of(grid=grid)
        archive.add(scene, pixels_of(scene))
    assert len(archive.entries()) == 3
    assert archive.open(SITE, NAME, WINTER).sizes["time"] == 0


def test_a_smaller_margin_cuts_and_a_larger_one_finds_nothing(winter: Archive) -> None:
    near = winter.open(SITE, NAME, WINTER, margin=100)
    whole = winter.open(SITE, NAME, WINTER)
    assert near.sizes["x"] == whole.sizes["x"] - 40
    np.testing.assert_array_equal(near["nir08"], whole["nir08"].sel(x=near["x"], y=near["y"]))
    assert winter.open(SITE, NAME, WINTER, margin=540).sizes["time"] == 0


def test_days_are_utc_and_half_open(winter: Archive) -> None:
    read = winter.open(SITE, NAME, (date(2022, 1, 6), date(2022, 1, 8)))
    assert read["time"].dt.day.values.tolist() == [6, 7]


def test_the_newest_revision_is_read(tmp_path: Path) -> None:
    archive = filled(tmp_path, 2)
    later = scene_of(source_ids=("again",))
    archive.add(later, pixels_of(later, seed=9))
    read = archive.open(SITE, NAME, WINTER)
    assert read["revision"].values.tolist() == [2, 1]
    stored = pixels_of(later, seed=9)[1]
    assert float(read["nir08"][0, 5, 5]) == pytest.approx(stored[5, 5] * 1e-4, rel=1e-6)


def test_an_overpass_on_two_grids_is_given_once_and_settled_products_win(tmp_path: Path) -> None:
    archive, kind = Archive(tmp_path), "sentinel-5p-no2"
    large = moved(grid_of(kind), -3, 3, wider=6)
    first = scene_of(kind, grid=large, timeliness="NRTI", platform="sentinel-5p")
    second = replace(
        scene_of(kind, days=3 / 1440, timeliness="OFFL", platform="sentinel-5p"), valid_share=0.5
    )  # the smaller box meets another product first
    other = scene_of(kind, days=100 / 1440, platform="sentinel-5p")
    for scene in (first, second, other):
        archive.add(scene, pixels_of(scene))
    read = archive.open(SITE, kind, WINTER)
    assert read["time"].values.astype("datetime64[s]").tolist() == [
        each.time.replace(tzinfo=None) for each in (second, other)
    ]


def test_passes_on_one_grid_are_all_given_however_near(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for minute in range(4):
        scene = scene_of(days=minute / 1440)
        archive.add(scene, pixels_of(scene))
    assert archive.open(SITE, NAME, WINTER).sizes["time"] == 4


@pytest.mark.parametrize("damage", ["truncated", "flipped", "zeros", "sparse", "swapped", "gone", "html"])
def test_reading_a_damaged_file_names_it_and_the_remedy(tmp_path: Path, damage: str) -> None:
    archive = filled(tmp_path, 3)
    path, other = (Path(entry.path) for entry in archive.entries()[1:])
    content = path.read_bytes()
    place = len(content) // 2
    path.write_bytes(
        {
            "truncated": content[:-10],
            "flipped": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
            "zeros": bytes(len(content)),
            "sparse": content[:8] + bytes(len(content) - 8),
            "swapped": other.read_bytes(),
            "gone": content,
            "html": b"<html>",
        }[damage]
    )
    read = archive.open(SITE, NAME, WINTER)
    if damage == "gone":
        path.unlink()
    assert read["nir08"][0].mean() > 0
    with pytest.raises(RetrievalError) as told:
        read["nir08"][1].load()
    assert str(path) in str(told.value)
    if damage != "gone":
        assert f"satverify archive check --repair {tmp_path}" in str(told.value)


def test_no_byte_of_an_image_may_change_unnoticed(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    path = Path(archive.entries()[0].path)
    content = path.read_bytes()
    for place in np.random.default_rng(1).integers(0, len(content), 25).tolist() + list(range(0, 400, 40)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        with pytest.raises(RetrievalError, match="SHA-256"):
            archive.open(SITE, NAME, WINTER)["blue"].load()


def test_an_unknown_sensor_is_an_input_error_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected sentinel-2-l1c"):
        Archive(tmp_path).open(SITE, "sentinel-2-l1", WINTER)


def test_a_site_at_the_edge_of_a_zone_uses_the_zone_of_its_middle(tmp_path: Path) -> None:
    site = Site(site_id="edge", name="", outline=box(119.995, 39.59, 120.003, 39.6))
    window = window_of(site.outline, SENSORS[NAME])
    scene = scene_of(grid=window)
    archive = Archive(tmp_path)
    archive.add(scene, pixels_of(scene))
    assert window.epsg == 32650
    assert archive.open(site, NAME, WINTER).sizes["time"] == 1


def test_other_files_in_the_folder_do_no_harm(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    path = Path(archive.entries()[0].path)
    for name in (path.name + ".aux.xml", ".DS_Store", "notes.txt", "preview.tif", "20220199T000000_x_r1.tif"):
        (path.parent / name).write_text("x")
    (path.parent.parent / "not-a-grid").mkdir()
    assert len(archive.entries()) == 1
    assert archive.open(SITE, NAME, WINTER).sizes["time"] == 1
