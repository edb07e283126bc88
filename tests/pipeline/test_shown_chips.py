"""Images of looks are cut out of the archive, with the footprint on the right pixels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from satverify import report
from satverify.archive import Archive
from satverify.domain.findings import Verdict
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import FootprintStatus, Site
from satverify.physics.utm import window_of
from satverify.pipeline.shown_chips import LARGEST, ROUND, site_chips
from tests.pipeline import archived
from tests.pipeline.archived import L1C
from tests.report import winter
from tests.report.test_chips import image_looks

SITE = archived.works()
GRID = window_of(SITE.outline, SENSORS[L1C])
LANDSAT = "landsat-ot-l1"


def page(site: Site, unit_id: str, numbers: tuple[int, ...], *, sensor: str = L1C) -> report.SiteView:
    """A finding on a unit in November 2021 and the scenes that were looked at."""
    days = (date(2021, 11, 1), date(2021, 12, 1))
    looks = image_looks(*((archived.time_of(number).date(), 2.0, 1) for number in numbers), sensor=sensor).assign(
        site_id=site.site_id, unit_id=unit_id
    )
    grid = window_of(site.outline, SENSORS[sensor])
    ids = [f"{sensor}_{archived.time_of(n):%Y%m%dT%H%M%S}_sentinel-2a_{grid.name}_r1" for n in numbers]
    looks = looks.assign(
        scene_id=ids, time=[archived.time_of(n) for n in numbers], local_day=looks["local_day"].to_numpy()
    ).astype(looks.dtypes.to_dict())
    order = replace(winter._order(SITE, "o", (2021, 11, 1), (2021, 12, 1)), site_id=site.site_id)
    found = winter.finding(site, order, looks, Verdict.INCONSISTENT, unit=unit_id)
    return report.site_view(
        winter.project(days), site, orders=[order], findings=[found], looks=looks,
        activity=winter.activity_table(looks), cells=winter.cells_table(site).iloc[:0],
        changes=winter.changes_table(site, [], days),
    )  # fmt: skip


def chips_of(archive: Archive, view: report.SiteView, site: Site = SITE) -> tuple[report.Chip, ...]:
    (chips,) = site_chips(archive, site, view).values()
    return chips


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = Archive(tmp_path_factory.mktemp("archive"))
    archived.fill(made, SITE, 3, {0: ("w:bf1",), 1: ("w:bf2",)})
    return made


def hottest(chip: report.Chip) -> shapely.Point:
    """Middle of the brightest pixel at 2.2 µm, as column and row from the upper left corner."""
    row, column = np.unravel_index(np.argmax(chip.reflectance[0]), chip.reflectance.shape[1:])
    return shapely.Point(column + 0.5, row + 0.5)


def test_hot_pixels_lie_inside_the_drawn_outline_of_their_unit(archive: Archive) -> None:
    for unit_id, number in (("w:bf1", 0), ("w:bf2", 1)):
        (chip,) = chips_of(archive, page(SITE, unit_id, (number,)))
        (ring,) = chip.outlines
        footprint = shapely.Polygon(ring)
        assert chip.reflectance[0].max() > 0.5
        assert footprint.contains(hottest(chip))
        assert footprint.area * 400 == pytest.approx(120 * 133, rel=0.05)  # 0.0014 by 0.0012 degrees at 39.6 N [m2]
    (other,) = chips_of(archive, page(SITE, "w:bf1", (1,)))
    assert other.reflectance[0].max() < 0.25  # the other furnace's heat is not in it


def test_a_chip_is_the_scene_round_the_footprint_in_the_order_of_its_bands(archive: Archive) -> None:
    (chip,) = chips_of(archive, page(SITE, "w:bf1", (0,)))
    room = round(ROUND / 20)
    row, column = archived.place_of(SITE, "w:bf1", GRID)
    assert chip.reflectance.shape[1] == pytest.approx(2 * room + 7, abs=2)
    corner = shapely.Polygon(chip.outlines[0]).bounds
    assert corner[0] == pytest.approx(room, abs=1)
    assert corner[1] == pytest.approx(room, abs=1)
    middle = shapely.Polygon(chip.outlines[0]).centroid
    scene = archive.open(SITE, L1C, archived.DAYS).isel(time=0)
    for number, name in enumerate(report.BAND_ORDER):
        expected = float(scene[name][row, column])
        assert chip.reflectance[number, int(middle.y), int(middle.x)] == expected
        assert float(np.median(chip.reflectance[number])) == pytest.approx(archived.DULL[name], rel=0.02)


def test_all_furnaces_together_are_shown_with_all_their_outlines(archive: Archive) -> None:
    both = chips_of(archive, page(SITE, "w:ironmaking", (0, 1)))
    assert [len(chip.outlines) for chip in both] == [2, 2]
    for chip, inside in zip(both, (0, 1), strict=True):
        holds = [shapely.Polygon(ring).contains(hottest(chip)) for ring in chip.outlines]
        assert holds == [number == inside for number in range(2)]


def test_a_scene_that_is_gone_or_damaged_leaves_no_chip_and_no_fault(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archived.fill(archive, SITE, 3, {})
    Path(archive.entries(L1C)[1].path).write_bytes(b"<html>")
    item = Path(archive.entries(L1C)[2].path)
    item.unlink()
    shown = chips_of(archive, page(SITE, "w:bf1", (0, 1, 2)))
    assert [chip.look.time for chip in shown] == [archived.time_of(0)]
    assert chips_of(Archive(tmp_path / "none"), page(SITE, "w:bf1", (0,))) == ()


def test_a_scene_of_the_day_that_is_not_the_looks_own_is_not_shown(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    time = datetime(2021, 11, 1, 3, 40, tzinfo=UTC)
    archive.add(archived.scene_at(SITE, time), archived.pixels_of(SITE, time))
    assert chips_of(archive, page(SITE, "w:bf1", (0,))) == ()


def test_a_unit_without_ground_has_no_images(archive: Archive) -> None:
    bare = replace(SITE, units=())
    assert chips_of(archive, page(bare, "w:ironmaking", (0,)), bare) == ()


def test_a_footprint_at_the_edge_is_cut_where_the_scene_ends(archive: Archive) -> None:
    west, south, *_ = SITE.outline.bounds
    corner = shapely.box(west - 0.004, south - 0.003, west + 0.001, south + 0.001)
    moved = replace(SITE.units[0], footprint=corner)
    site = replace(SITE, units=(moved, SITE.units[1]))
    (chip,) = chips_of(archive, page(site, "w:bf1", (0,)), site)
    rows, columns = chip.reflectance.shape[1:]
    assert 0 < columns < GRID.width
    scene = archive.open(SITE, L1C, archived.DAYS).isel(time=0)["swir22"].to_numpy()
    np.testing.assert_array_equal(chip.reflectance[0], scene[-rows:, :columns])


def test_a_large_unit_is_shown_in_its_middle(tmp_path: Path) -> None:
    site = replace(SITE, outline=shapely.box(118.16, 39.58, 118.24, 39.62))
    whole = replace(SITE.units[0], footprint=site.outline.buffer(-0.001), footprint_status=FootprintStatus.SURVEYED)
    site = replace(site, units=(whole,))
    archive = Archive(tmp_path)
    archived.fill(archive, site, 1, {0: ("w:bf1",)})
    (chip,) = chips_of(archive, page(site, "w:bf1", (0,)), site)
    assert chip.reflectance.shape == (3, LARGEST, LARGEST)
    assert abs(hottest(chip).x - LARGEST / 2) < 3
    assert abs(hottest(chip).y - LARGEST / 2) < 3


def test_chips_of_landsat_lie_on_its_own_grid(tmp_path: Path) -> None:
    archive, time = Archive(tmp_path), archived.time_of(0)
    scene = archived.scene_at(SITE, time, sensor=LANDSAT)
    numbers = np.full((5, *scene.grid.shape), 3000, dtype=np.uint16)
    row, column = archived.place_of(SITE, "w:bf1", scene.grid)
    numbers[2, row, column] = 20_000
    archive.add(scene, numbers)
    (chip,) = chips_of(archive, page(SITE, "w:bf1", (0,), sensor=LANDSAT))
    footprint = shapely.Polygon(chip.outlines[0])
    assert footprint.contains(hottest(chip))
    assert footprint.area * 900 == pytest.approx(120 * 133, rel=0.05)
