from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.archive.layout import Entry, complete, entry_of, grid_of, newest
from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.physics.utm import snapped_grid
from tests.archive.examples import START
from tests.archive.examples import grid_of as window


@given(
    epsg=st.integers(32601, 32660) | st.integers(32701, 32760),
    west=st.floats(1e5, 9e5),
    south=st.floats(0, 9.9e6),
    size=st.floats(1, 5e5),
    pixel=st.sampled_from(sorted({sensor.pixel for sensor in SENSORS.values()})),
)
def test_every_grid_of_a_sensor_is_told_by_its_name(
    epsg: int, west: float, south: float, size: float, pixel: float
) -> None:
    grid = snapped_grid(epsg, (west, south, west + size, south + size / 3), pixel)
    assert grid_of(grid.name) == grid


@pytest.mark.parametrize("left", [-12.5, 0.0, 113.25])
def test_grids_in_degrees_and_pixels_that_are_not_square_are_told_too(left: float) -> None:
    grid = Grid(epsg=4326, left=left, top=-30.5, pixel_width=0.01, pixel_height=0.005, width=3, height=4)
    assert grid_of(grid.name) == grid


@pytest.mark.parametrize("name", ["", "32650", "32650-20m-0-0-0x1", "32650-20m-0-0-1x", "x32650-20m-0-0-1x1", "-"])
def test_other_names_are_no_grids(name: str) -> None:
    assert grid_of(name) is None


@given(
    seconds=st.integers(0, 10**9),
    platform=st.sampled_from(["sentinel-2a", "sentinel-2a+sentinel-2b", "landsat-8", "odd_r2_name"]),
    revision=st.integers(1, 10**4),
)
def test_every_entry_is_told_by_its_key(seconds: int, platform: str, revision: int) -> None:
    time = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    entry = Entry(
        sensor="landsat-ot-l1", grid=window(), time=time, platform=platform, revision=revision, path="anywhere"
    )
    assert entry_of(entry.key + ".tif", "anywhere") == entry


@pytest.mark.parametrize(
    "key",
    [
        "scenes/s/32650-20m-0-0-1x1/20220105T030111_a_r1.json",
        "scenes/s/32650-20m-0-0-1x1/20220105T030111_a_r0.tif",
        "scenes/s/32650-20m-0-0-1x1/20220105T030111_a_r01.tif",
        "scenes/s/32650-20m-0-0-1x1/20220105T030111_a.tif",
        "scenes/s/32650-20m-0-0-1x1/20221305T030111_a_r1.tif",
        "scenes/s/20220105T030111_a_r1.tif",
        "elsewhere/s/32650-20m-0-0-1x1/20220105T030111_a_r1.tif",
    ],
)
def test_other_keys_are_no_scenes(key: str) -> None:
    assert entry_of(key, key) is None


def test_only_images_with_an_item_are_complete() -> None:
    assert sorted(complete(["a.tif", "a.json", "b.tif", "c.json", "d.tif.part", "e.tif", "e.json"])) == [
        "a.tif",
        "e.tif",
    ]


def test_the_newest_is_the_highest_revision_of_its_acquisition() -> None:
    entries = [
        Entry(sensor="s", grid=window(), time=START, platform=platform, revision=revision, path="")
        for platform, revision in (("a", 2), ("a", 10), ("a", 9), ("b", 1))
    ]
    assert [(entry.platform, entry.revision) for entry in newest(entries)] == [("a", 10), ("b", 1)]
