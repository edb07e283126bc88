"""What archived scenes show is measured once, site by site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from satverify.archive import Archive
from satverify.config import read_project
from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.pipeline import chips as chips_module
from satverify.pipeline import heat as heat_module
from satverify.pipeline.heat import HeatTask, SiteHeat, heat_of_sites, measure_site
from satverify.pipeline.project import Project
from satverify.pipeline.run import Failure, Workers
from satverify.progress import Silent
from tests.pipeline import archived
from tests.pipeline.archived import DAYS, L1C, L2A, NIGHT

SITE, OTHER = archived.works(), archived.works("x", archived.EAST + 0.1)
HOT = {0: ("w:bf1",), 1: ("w:bf1", "w:bf2"), 3: ("w:bf1",)}
SCENES = 5
CLOUDY = 4


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = Archive(tmp_path_factory.mktemp("archive"))
    archived.fill(made, SITE, SCENES, HOT, cloudy=[CLOUDY])
    return made


def task(archive: Archive, *, site: Site = SITE, sensors: tuple[str, ...] = (L1C,)) -> HeatTask:
    return HeatTask(site=site, archive=archive, sensors=sensors, days=DAYS)


@pytest.fixture(scope="module")
def measured(archive: Archive) -> pd.DataFrame:
    return measure_site(task(archive)).heat


class Counting:
    """Measures sites and notes which."""

    def __init__(self) -> None:
        self.sites: list[str] = []

    def __call__(self, what: HeatTask) -> SiteHeat:
        self.sites.append(what.site.site_id)
        return measure_site(what)


class Noting(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    found = Counting()
    monkeypatch.setattr(heat_module, "measure_site", found)
    return found


def project_of(folder: Path, *sites: Site) -> Project:
    """A project whose archive has two scenes of each site."""
    archive = Archive(folder / "archive")
    for site in sites:
        archived.fill(archive, site, 2, {1: (f"{site.site_id}:bf1",)})
    return read_project(archived.write_project(folder, sites, archive))


def measure(project: Project, folder: Path, *sites: Site) -> tuple[dict[str, pd.DataFrame], tuple[Failure, ...]]:
    found, failed = heat_of_sites(project, sites, folder / "state", Workers(), Silent())
    return dict(found), failed


def test_every_unit_has_a_row_in_every_scene_with_its_own_heat(measured: pd.DataFrame) -> None:
    assert {name: str(dtype) for name, dtype in measured.dtypes.items()} == HEAT_COLUMNS
    assert len(measured) == 2 * SCENES
    for unit_id in ("w:bf1", "w:bf2"):
        rows = measured[measured["unit_id"] == unit_id]
        assert rows["time"].is_monotonic_increasing
        seen = {number for number, count in enumerate(rows["hot_pixels"]) if count > 0}
        assert seen == {number for number, hot in HOT.items() if unit_id in hot}
        hidden = rows.iloc[CLOUDY]
        assert hidden["quality"] not in {"clear", "partly"}
        assert np.isnan(hidden["hot_pixels"])
    assert set(measured["sensor"]) == {L1C}
    assert measured["solar_zenith_angle"].between(50, 70).all()


def test_blocks_of_time_give_the_same_rows(
    archive: Archive, measured: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert measured["persistence"].notna().any()  # which only all scenes together tell
    monkeypatch.setattr(chips_module, "BLOCK", 1)
    assert_frame_equal(measure_site(task(archive)).heat, measured)


def test_a_site_without_scenes_has_an_empty_table_with_the_right_columns(tmp_path: Path) -> None:
    heat = measure_site(task(Archive(tmp_path), sensors=(L1C, NIGHT))).heat
    assert heat.empty
    assert {name: str(dtype) for name, dtype in heat.dtypes.items()} == HEAT_COLUMNS


def test_scenes_by_night_are_measured_for_what_coarse_pixels_tell_apart(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    bands = {"swir16": 500, "swir22": 500, "mir37": 26_800, "lwir11": 26_500, "lwir12": 26_400, "fire37": 26_800}
    for number in range(2):
        night = datetime(2022, 1, 5, 14, 0, tzinfo=UTC) + timedelta(days=number)
        scene = archived.scene_at(SITE, night, sensor=NIGHT, platform="sentinel-3a")
        noise = np.random.default_rng(number).integers(-3, 4, (len(bands), *scene.grid.shape))
        level = np.array([bands[band.name] for band in SENSORS[NIGHT].bands])[:, None, None]
        archive.add(scene, (level + noise).astype(np.uint16))
    heat = measure_site(task(archive, sensors=(L1C, NIGHT))).heat
    assert set(heat["unit_id"]) == {"w:ironmaking"}
    assert set(heat["sensor"]) == {NIGHT}
    assert (heat["solar_zenith_angle"] > 96).all()


def test_what_was_measured_is_kept_and_used_again(tmp_path: Path, counting: Counting) -> None:
    project = project_of(tmp_path, SITE, OTHER)
    first, failed = measure(project, tmp_path, SITE, OTHER)
    again, _ = measure(project, tmp_path, SITE, OTHER)
    assert not failed
    assert counting.sites == ["w", "x"]
    for site_id in ("w", "x"):
        assert_frame_equal(again[site_id], first[site_id])
        assert (first[site_id]["site_id"] == site_id).all()


def test_a_new_scene_has_its_site_measured_again_and_no_other(tmp_path: Path, counting: Counting) -> None:
    project = project_of(tmp_path, SITE, OTHER)
    before, _ = measure(project, tmp_path, SITE, OTHER)
    archive = Archive(tmp_path / "archive")
    time = archived.time_of(2)
    archive.add(archived.scene_at(OTHER, time), archived.pixels_of(OTHER, time))
    after, _ = measure(project, tmp_path, SITE, OTHER)
    assert counting.sites == ["w", "x", "x"]
    assert (len(after["x"]), len(before["x"])) == (6, 4)
    assert len(list((tmp_path / "state").glob("heat-*.parquet"))) == 2, "what is no longer true is not kept"


def test_another_second_opinion_and_other_footprints_have_a_site_measured_again(
    tmp_path: Path, counting: Counting
) -> None:
    project = project_of(tmp_path, SITE)
    measure(project, tmp_path, SITE)
    scene = archived.scene_at(SITE, archived.time_of(0), sensor=L2A)
    Archive(tmp_path / "archive").add(scene, archived.constant_codes(L2A, scene.grid, 9))
    told, _ = measure(project, tmp_path, SITE)
    assert told["w"]["official_cloud_share"].iloc[0] == 1.0
    measure(project, tmp_path, replace(SITE, units=SITE.units[:1]))
    assert counting.sites == ["w", "w", "w"]


def test_a_kept_table_that_is_damaged_is_made_again(tmp_path: Path, counting: Counting) -> None:
    project = project_of(tmp_path, SITE)
    first, _ = measure(project, tmp_path, SITE)
    (kept,) = (tmp_path / "state").glob("heat-*.parquet")
    kept.write_bytes(kept.read_bytes()[:-20])
    again, _ = measure(project, tmp_path, SITE)
    assert counting.sites == ["w", "w"]
    assert_frame_equal(again["w"], first["w"])


def test_a_damaged_scene_is_the_failure_of_its_site_alone(tmp_path: Path) -> None:
    project = project_of(tmp_path, SITE, OTHER)
    archive = Archive(tmp_path / "archive")
    window = archived.scene_at(OTHER, archived.time_of(0)).grid
    damaged = next(entry for entry in archive.entries(L1C) if entry.grid == window)
    Path(damaged.path).write_bytes(b"<html>")
    told = Noting()
    found, failed = heat_of_sites(project, (SITE, OTHER), tmp_path / "state", Workers(), told)
    assert set(found) == {"w"}
    assert [failure.site_id for failure in failed] == ["x"]
    assert "SHA-256" in failed[0].message
    assert any(note.startswith("site x: its scenes cannot be measured") for note in told.notes)


def test_a_scene_whose_item_is_damaged_is_the_failure_of_its_site_too(tmp_path: Path) -> None:
    """Which of two grids of one overpass to take is asked of the items, before any pixel is read."""
    project = project_of(tmp_path, SITE, OTHER)
    archive = Archive(tmp_path / "archive")
    scene = archived.scene_at(OTHER, archived.time_of(0))
    wider = replace(scene, grid=replace(scene.grid, width=scene.grid.width + 1))
    archive.add(wider, np.pad(archived.pixels_of(OTHER, archived.time_of(0)), ((0, 0), (0, 0), (0, 1))))
    entry = next(entry for entry in archive.entries(L1C) if entry.grid == wider.grid)
    Path(entry.path).with_suffix(".json").write_text("{")
    found, failed = measure(project, tmp_path, SITE, OTHER)
    assert set(found) == {"w"}
    assert [failure.site_id for failure in failed] == ["x"]


def test_scenes_of_the_day_before_local_days_begin_are_measured(tmp_path: Path) -> None:
    """Local days of the site begin at 16:00 UTC of the day before."""
    project = project_of(tmp_path, SITE)
    night = datetime(2021, 10, 31, 18, 0, tzinfo=UTC)
    Archive(tmp_path / "archive").add(archived.scene_at(SITE, night), archived.pixels_of(SITE, night))
    found, _ = measure(replace(project, days=(date(2021, 11, 1), date(2021, 11, 3))), tmp_path, SITE)
    assert list(found["w"]["time"].dt.date.unique()) == [date(2021, 10, 31), date(2021, 11, 1)]


def test_only_sites_that_a_source_names_are_measured(tmp_path: Path) -> None:
    project = project_of(tmp_path, SITE, OTHER)
    (source,) = project.sentinelhub
    named = replace(project, sentinelhub=(replace(source, site_ids=("x",)),))
    found, _ = measure(named, tmp_path, SITE, OTHER)
    assert set(found) == {"x"}


def test_a_project_without_an_archive_has_nothing_to_measure(tmp_path: Path) -> None:
    project = replace(project_of(tmp_path, SITE), archive=None)
    assert measure(project, tmp_path, SITE) == ({}, ())
