"""An archive served again: what was stored comes back in the numbers of the product."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS
from satverify.emulator.archived import ArchivedScenes
from satverify.errors import InputError, ProductError
from satverify.physics.utm import project

GRID = Grid(epsg=32650, left=600_000, top=4_400_000, pixel_width=20, pixel_height=20, width=30, height=20)
TIME = datetime(2022, 1, 5, 3, 1, 11, tzinfo=UTC)
EVER = (datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
WORLD = (-180.0, -90.0, 180.0, 90.0)


def scene(sensor: str = "sentinel-2-l1c", grid: Grid = GRID, **acquired: Any) -> Scene:  # noqa: ANN401
    told = {"platform": SENSORS[sensor].satellites[0], "start": TIME, "stop": TIME, "source_ids": ("a",), **acquired}
    return Scene(
        sensor=sensor,
        grid=grid,
        time=TIME,
        acquisition=Acquisition(**told),
        site_ids=("works",),
        request_hash="0" * 64,
        evalscript_hash="1" * 64,
        valid_share=1.0,
    )


def numbers(sensor: str = "sentinel-2-l1c", grid: Grid = GRID, seed: int = 0) -> NDArray[np.uint16]:
    """Random stored numbers, some of them missing."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 20_000, (len(SENSORS[sensor].bands), *grid.shape)).astype(np.uint16)
    drawn[:, rng.random(grid.shape) < 0.1] = NODATA
    return drawn


def served(root: Path) -> ArchivedScenes:
    return ArchivedScenes(root)


def test_every_sensor_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    for number, sensor in enumerate(SENSORS.values()):
        grid = Grid(
            epsg=32650,
            left=600_000,
            top=4_400_000 - number * 100 * sensor.pixel,
            pixel_width=sensor.pixel,
            pixel_height=sensor.pixel,
            width=12,
            height=10,
        )
        stored = numbers(sensor.name, grid, number)
        Archive(tmp_path / sensor.name).add(scene(sensor.name, grid), stored)
        provider = served(tmp_path / sensor.name)
        assert list(provider.collections()) == [sensor.collection]
        (granule,) = provider.granules(sensor.collection, WORLD, *EVER)
        read = provider.read(granule, [band.source for band in sensor.bands], grid)
        for band, expected in zip(sensor.bands, stored, strict=True):
            is_count = sensor.collection.startswith("sentinel-2")
            values = expected.astype(float) if is_count else expected * band.scale + band.offset
            values[expected == NODATA] = np.nan
            np.testing.assert_allclose(read[band.source], values, rtol=1e-6)  # float32
            back = np.rint(
                (read[band.source].astype(float) - (0 if is_count else band.offset)) / (1 if is_count else band.scale)
            )
            np.testing.assert_array_equal(np.where(np.isnan(back), NODATA, back), expected)


def test_counts_have_their_offset_back(tmp_path: Path) -> None:
    stored = numbers()
    Archive(tmp_path).add(scene(processing_baseline="04.00"), stored)
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-2-l1c", WORLD, *EVER)
    assert granule.processing_baseline == "04.00"
    read = provider.read(granule, ["B8A"], GRID)["B8A"]
    expected = np.where(stored[1] == NODATA, np.nan, stored[1] + 1000.0)
    np.testing.assert_array_equal(read, expected.astype(np.float32))


def test_a_granule_tells_what_the_archive_knows(tmp_path: Path) -> None:
    told = scene("sentinel-5p-no2", source_ids=("S5P_x",), timeliness="OFFL", cloud_cover=12.5, relative_orbit=7)
    Archive(tmp_path).add(told, numbers("sentinel-5p-no2"))
    (granule,) = served(tmp_path).granules("sentinel-5p-l2", WORLD, *EVER)
    assert (granule.granule_id, granule.platform, granule.time) == ("S5P_x", "sentinel-5p", TIME)
    assert (granule.product_type, granule.timeliness) == ("NO2", "OFFL")
    assert (granule.cloud_cover, granule.relative_orbit) == (12.5, 7)


def test_quality_is_perfect_where_there_is_data(tmp_path: Path) -> None:
    stored = numbers("sentinel-5p-no2")
    Archive(tmp_path).add(scene("sentinel-5p-no2"), stored)
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-5p-l2", WORLD, *EVER)
    read = provider.read(granule, ["NO2", "qa"], GRID)
    np.testing.assert_array_equal(read["qa"], np.where(stored[0] == NODATA, np.nan, 100).astype(np.float32))


def test_a_product_over_several_scenes_is_one_granule(tmp_path: Path) -> None:
    beside = Grid(**{**_values(GRID), "left": GRID.right})
    archive = Archive(tmp_path)
    left, right = numbers(seed=1), numbers(seed=2)
    archive.add(scene(source_ids=("a", "b")), left)
    archive.add(scene(grid=beside, source_ids=("b",)), right)
    provider = served(tmp_path)
    granules = {granule.granule_id: granule for granule in provider.granules("sentinel-2-l1c", WORLD, *EVER)}
    assert sorted(granules) == ["a", "b"]
    assert granules["b"].footprint.area == pytest.approx(2 * granules["a"].footprint.area, rel=1e-3)
    both = Grid(**{**_values(GRID), "width": 2 * GRID.width})
    expected = np.concatenate([left[0], right[0]], axis=1).astype(np.float32)
    expected[expected == NODATA] = np.nan
    np.testing.assert_array_equal(provider.read(granules["b"], ["B02"], both)["B02"], expected)
    expected[:, GRID.width :] = np.nan
    np.testing.assert_array_equal(provider.read(granules["a"], ["B02"], both)["B02"], expected)


def _values(grid: Grid) -> dict[str, Any]:
    return {name: getattr(grid, name) for name in Grid.__dataclass_fields__}


def test_another_grid_gets_the_nearest_pixels_and_nothing_beyond(tmp_path: Path) -> None:
    stored = numbers()
    Archive(tmp_path).add(scene(), stored)
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-2-l1c", WORLD, *EVER)
    degrees = Grid(epsg=4326, left=118.16, top=39.75, pixel_width=3e-4, pixel_height=2e-4, width=40, height=50)
    read = provider.read(granule, ["B12"], degrees)["B12"]
    longitude = degrees.left + (np.arange(degrees.width) + 0.5) * degrees.pixel_width
    latitude = degrees.top - (np.arange(degrees.height) + 0.5) * degrees.pixel_height
    inside = 0
    for row, column in np.ndindex(read.shape):
        east, north = project(GRID.epsg, longitude[column], latitude[row])
        i, j = int((GRID.top - north) // 20), int((east - GRID.left) // 20)
        if 0 <= i < GRID.height and 0 <= j < GRID.width and stored[4, i, j] != NODATA:
            assert read[row, column] == stored[4, i, j]
            inside += 1
        else:
            assert np.isnan(read[row, column])
    assert inside > 100


def test_the_newest_revision_is_served(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.add(scene("sentinel-5p-no2", timeliness="NRTI"), numbers("sentinel-5p-no2", seed=1))
    newer = numbers("sentinel-5p-no2", seed=2)
    archive.add(scene("sentinel-5p-no2", timeliness="RPRO"), newer)
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-5p-l2", WORLD, *EVER)
    assert granule.timeliness == "RPRO"
    expected = np.where(newer[0] == NODATA, np.nan, newer[0] * 1e-7 - 1e-3)
    np.testing.assert_allclose(provider.read(granule, ["NO2"], GRID)["NO2"], expected, rtol=1e-6, atol=1e-10)


def test_granules_are_found_by_place_and_time(tmp_path: Path) -> None:
    Archive(tmp_path).add(scene(), numbers())
    provider = served(tmp_path)
    at_stop = (TIME.replace(hour=0), TIME)
    assert len(provider.granules("sentinel-2-l1c", (118, 39, 119, 40), TIME, EVER[1])) == 1
    assert provider.granules("sentinel-2-l1c", (118, 39, 119, 40), *at_stop) == ()
    assert provider.granules("sentinel-2-l1c", (0, 0, 1, 1), *EVER) == ()
    assert provider.granules("sentinel-2-l2a", WORLD, *EVER) == ()


def test_a_band_that_the_archive_does_not_keep_is_a_key_error(tmp_path: Path) -> None:
    Archive(tmp_path).add(scene(), numbers())
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-2-l1c", WORLD, *EVER)
    for band in ("B04", "qa", "nonsense"):
        with pytest.raises(KeyError, match=band):
            provider.read(granule, [band], GRID)


def test_a_damaged_archive_is_told_by_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an archive"):
        served(tmp_path)
    Archive(tmp_path).add(scene(), numbers())
    provider = served(tmp_path)
    (granule,) = provider.granules("sentinel-2-l1c", WORLD, *EVER)
    (image,) = tmp_path.glob("scenes/*/*/*.tif")
    image.write_bytes(image.read_bytes()[:200])
    with pytest.raises(ProductError, match=image.name):
        provider.read(granule, ["B02"], GRID)
    (item,) = tmp_path.glob("scenes/*/*/*.json")
    document = json.loads(item.read_text())
    del document["properties"]["proj:shape"]
    item.write_text(json.dumps(document))
    with pytest.raises(InputError, match=item.name):
        served(tmp_path)


def test_an_item_without_its_image_is_no_scene(tmp_path: Path) -> None:
    Archive(tmp_path).add(scene(), numbers())
    (image,) = tmp_path.glob("scenes/*/*/*.tif")
    image.unlink()
    assert served(tmp_path).collections() == ()
