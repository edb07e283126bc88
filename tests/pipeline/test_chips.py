"""From the archive to arrays: what is beside a scene, who took it, and where the Sun stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from satverify.archive import Archive
from satverify.domain.sensors import NODATA, SENSORS
from satverify.errors import RetrievalError
from satverify.features.hot_targets.chips import Chips
from satverify.physics.satellites import passes
from satverify.physics.utm import window_of
from satverify.pipeline import chips as chips_module
from satverify.pipeline.chips import chips_of, scene_ids, views
from tests.pipeline import archived
from tests.pipeline.archived import DAYS, L1C, L2A, NIGHT, NIGHT_L2

SITE = archived.works()


def with_scenes(folder: Path, *platforms: str) -> Archive:
    """One scene of Sentinel-2 for each platform, five days apart."""
    archive = Archive(folder)
    for number, platform in enumerate(platforms):
        time = archived.time_of(number)
        archive.add(archived.scene_at(SITE, time, platform=platform), archived.pixels_of(SITE, time))
    return archive


def add_codes(archive: Archive, time: datetime, code: int, sensor: str = L2A, platform: str = "sentinel-2a") -> None:
    scene = archived.scene_at(SITE, time, sensor=sensor, platform=platform)
    archive.add(scene, archived.constant_codes(sensor, scene.grid, code))


def chips_in(archive: Archive, sensor: str = L1C) -> Chips:
    (chips,) = chips_of(archive, SITE, sensor, DAYS)
    return chips


def test_bands_are_reflectances_on_the_grid_of_the_site(tmp_path: Path) -> None:
    chips = chips_in(with_scenes(tmp_path, "sentinel-2a", "sentinel-2b"))
    assert chips.grid == window_of(SITE.outline, SENSORS[L1C])
    assert set(chips.bands) == {band.name for band in SENSORS[L1C].bands}
    assert chips.satellite == ("sentinel-2a", "sentinel-2b")
    for name, level in archived.DULL.items():
        assert float(chips.bands[name].mean()) == pytest.approx(level, rel=0.02, abs=1e-4)
    np.testing.assert_array_equal(chips.time, [np.datetime64(archived.time_of(n).replace(tzinfo=None)) for n in (0, 1)])


def test_solar_zenith_angles_are_degrees(tmp_path: Path) -> None:
    """On 21 December the Sun is 23.44° south: at its highest it stands 90° - 39.6° - 23.44° over the horizon."""
    archive = Archive(tmp_path)
    noon = datetime(2021, 12, 21, 4, 5, 30, tzinfo=UTC)  # 12 h less 118.2°/15 and an equation of time of 2 min
    archive.add(archived.scene_at(SITE, noon), archived.pixels_of(SITE, noon))
    assert chips_in(archive).solar_zenith_angle[0] == pytest.approx(39.6 + 23.44, abs=0.05)


def pass_of(platform: str, start: datetime = archived.FIRST) -> datetime:
    """The first real pass of a satellite over the site after a time."""
    begin = start.timestamp()
    times = passes(platform, archived.EAST, archived.NORTH, begin, begin + 20 * 86_400, is_ascending=False).time
    return datetime.fromtimestamp(int(times[0]), UTC)


def taken(folder: Path, platform: str, time: datetime) -> Chips:
    archive = Archive(folder)
    archive.add(archived.scene_at(SITE, time, platform=platform), archived.pixels_of(SITE, time))
    return chips_in(archive)


def test_the_geometry_of_a_known_satellite_is_known_in_degrees_and_kilometres(tmp_path: Path) -> None:
    time = pass_of("sentinel-2a")
    known = taken(tmp_path / "known", "sentinel-2a", time)
    assert 0 < known.view_zenith_angle[0] < 12  # half the field of view is 10.3 degrees, more on a curved Earth
    assert 0 < known.swath_edge_distance[0] <= 145  # [km] half the swath
    unknown = taken(tmp_path / "unknown", "sentinel-9z", time)
    assert np.isnan([unknown.view_zenith_angle[0], unknown.swath_edge_distance[0]]).all()


def test_views_belong_to_their_satellites_whatever_the_order() -> None:
    names = ("sentinel-2b", "sentinel-2a", "sentinel-2b")
    times = [pass_of("sentinel-2b"), pass_of("sentinel-2a"), pass_of("sentinel-2b", pass_of("sentinel-2a"))]
    seconds = np.array([time.timestamp() for time in times])
    view, edge = views(names, seconds, (archived.EAST, archived.NORTH))
    assert np.isfinite(view).all()
    for number, name in enumerate(names):
        alone, alone_edge = views((name,), seconds[number : number + 1], (archived.EAST, archived.NORTH))
        np.testing.assert_array_equal([view[number], edge[number]], [alone[0], alone_edge[0]])


def test_of_joined_platforms_the_first_counts(tmp_path: Path) -> None:
    time = pass_of("sentinel-2b")
    joined = taken(tmp_path / "joined", "sentinel-2b-and-sentinel-2a", time)
    alone = taken(tmp_path / "alone", "sentinel-2b", time)
    assert joined.satellite == ("sentinel-2b",)
    assert np.isfinite(alone.view_zenith_angle[0])
    np.testing.assert_array_equal(joined.view_zenith_angle, alone.view_zenith_angle)


@pytest.mark.parametrize(("minutes", "is_same"), [(-9.9, True), (0, True), (10, True), (10.1, False), (-11, False)])
def test_second_opinions_are_those_of_the_same_overpass(tmp_path: Path, minutes: float, is_same: bool) -> None:
    archive = with_scenes(tmp_path, "sentinel-2a")
    add_codes(archive, archived.time_of(0) + timedelta(minutes=minutes), 9)
    codes = chips_in(archive).codes["scene_classification"]
    assert codes.dtype == np.uint16
    assert np.all(codes == (9 if is_same else NODATA))


def test_each_scene_gets_the_second_opinion_of_its_own_overpass(tmp_path: Path) -> None:
    archive = with_scenes(tmp_path, "sentinel-2a", "sentinel-2a", "sentinel-2a")
    for number, code in ((2, 4), (0, 8)):
        add_codes(archive, archived.time_of(number) + timedelta(minutes=2), code)
    codes = chips_in(archive).codes["scene_classification"]
    assert [set(np.unique(image)) for image in codes] == [{8}, {NODATA}, {4}]


def test_no_second_opinion_at_all_is_no_fault(tmp_path: Path) -> None:
    assert "scene_classification" not in chips_in(with_scenes(tmp_path, "sentinel-2a")).codes


def test_coarse_second_opinions_are_put_on_the_finer_grid(tmp_path: Path) -> None:
    archive, night = Archive(tmp_path), datetime(2022, 1, 5, 14, 0, tzinfo=UTC)
    fine = archived.scene_at(SITE, night, sensor=NIGHT, platform="sentinel-3a")
    numbers = np.full((len(SENSORS[NIGHT].bands), *fine.grid.shape), 20_000, dtype=np.uint16)
    archive.add(fine, numbers)
    coarse = archived.scene_at(SITE, night, sensor=NIGHT_L2, platform="sentinel-3a")
    marked = archived.constant_codes(NIGHT_L2, coarse.grid, 0)
    marked[:, 3, 5] = 7
    archive.add(coarse, marked)
    flags = chips_in(archive, NIGHT).codes["cloud_flags"][0]
    assert flags.shape == fine.grid.shape
    rows, columns = np.nonzero(flags)
    assert set(flags[rows, columns]) == {7}
    assert len(rows) == 4  # one pixel of 1 km is four of 500 m
    middle_x = fine.grid.left + (columns.mean() + 0.5) * 500
    middle_y = fine.grid.top - (rows.mean() + 0.5) * 500
    assert abs(middle_x - (coarse.grid.left + 5.5 * 1000)) <= 250
    assert abs(middle_y - (coarse.grid.top - 3.5 * 1000)) <= 250


def test_blocks_hold_what_one_block_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = with_scenes(tmp_path, *["sentinel-2a", "sentinel-2b"] * 2)
    add_codes(archive, archived.time_of(3), 5)
    whole = chips_in(archive)
    monkeypatch.setattr(chips_module, "BLOCK", 1)
    blocks = list(chips_of(archive, SITE, L1C, DAYS))
    assert [len(block) for block in blocks] == [1, 1, 1, 1]
    assert [name for block in blocks for name in block.scene_id] == list(whole.scene_id)
    for name, image in (dict(whole.bands) | dict(whole.codes)).items():
        parts = [(dict(block.bands) | dict(block.codes))[name] for block in blocks]
        np.testing.assert_array_equal(np.concatenate(parts), image)
    np.testing.assert_array_equal(
        np.concatenate([block.solar_zenith_angle for block in blocks]), whole.solar_zenith_angle
    )


def test_where_the_archive_has_nothing_there_is_nothing(tmp_path: Path) -> None:
    assert list(chips_of(Archive(tmp_path), SITE, L1C, DAYS)) == []
    archive = with_scenes(tmp_path, "sentinel-2a")
    assert list(chips_of(archive, SITE, L1C, (date(2022, 1, 1), date(2022, 2, 1)))) == []


def test_ids_name_scenes_and_what_is_beside_them_and_change_with_a_revision(tmp_path: Path) -> None:
    archive = with_scenes(tmp_path, "sentinel-2a")
    first = scene_ids(archive, SITE, L1C, DAYS)
    assert first == chips_in(archive).scene_id
    add_codes(archive, archived.time_of(0), 4)
    with_codes = scene_ids(archive, SITE, L1C, DAYS)
    assert with_codes[:1] == first
    assert len(with_codes) == 2
    scene = archived.scene_at(SITE, archived.time_of(0))
    later = replace(scene, acquisition=replace(scene.acquisition, processing_baseline="05.00"))
    archive.add(later, archived.pixels_of(SITE, archived.time_of(0), ["w:bf1"]))
    assert scene_ids(archive, SITE, L1C, DAYS)[0] != first[0]


def test_a_damaged_file_is_told_when_it_is_read(tmp_path: Path) -> None:
    archive = with_scenes(tmp_path, "sentinel-2a")
    Path(archive.entries(L1C)[0].path).write_bytes(b"<html>")
    with pytest.raises(RetrievalError, match="SHA-256"):
        list(chips_of(archive, SITE, L1C, DAYS))
