from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from shapely import box

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS, Sensor
from satverify.domain.sites import Site
from satverify.pipeline.project import Project, SentinelHubSource
from satverify.pipeline.wanted import Holdings, wanted_of
from satverify.sources.sentinelhub.acquisitions import Listed
from satverify.sources.sentinelhub.areas import Area
from tests.sources.sentinelhub.made import GRID, SENTINEL_2, SLSTR, acquired

TODAY = date(2022, 6, 1)
WINTER = ((date(2022, 1, 1), date(2022, 2, 1)),)
NO2 = SENSORS["sentinel-5p-no2"]


def project(days: tuple[date, date] = (date(2021, 11, 15), date(2022, 3, 16))) -> Project:
    return Project(
        file=Path("satverify.toml"), name="p", timezone="UTC", days=days, sites=Path("s"), outputs=Path("out")
    )


def source(*sensors: str, **given: object) -> SentinelHubSource:
    return SentinelHubSource(sensors=sensors, base_url="https://a", token_url="https://b", **given)  # type: ignore[arg-type]


def site(site_id: str, longitude: float) -> Site:
    return Site(site_id=site_id, name=site_id, outline=box(longitude, 39.6, longitude + 0.02, 39.62))


def area(sensor: Sensor, grid: Grid, *windows: Grid) -> Area:
    ids = tuple(f"site-{number}" for number in range(len(windows)))
    return Area(sensor=sensor, grid=grid, site_ids=ids, windows=windows)


def stored(
    archive: Archive, sensor: Sensor, acquisition: Acquisition, grid: Grid = GRID, *, valid_share: float = 1.0
) -> None:
    pixels = np.full((len(sensor.bands), *grid.shape), 7, dtype=np.uint16)
    pixels[:, 0, 0] = NODATA if valid_share < 1 else 7
    archive.add(
        Scene(
            sensor=sensor.name,
            grid=grid,
            time=acquisition.start.replace(microsecond=0),
            acquisition=acquisition,
            site_ids=("site-0",),
            request_hash="0" * 64,
            evalscript_hash="1" * 64,
            valid_share=valid_share,
        ),
        pixels,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def missing(archive: Archive, of: Area, *acquisitions: Acquisition, today: date = TODAY) -> list[int]:
    listed = [Listed(acquisition=one, samples=1) for one in acquisitions]
    found = Holdings(archive, of.sensor, WINTER, today).missing(of, listed)
    return [one.acquisition.start.day for one in found]


def test_what_is_archived_is_not_wanted_again(archive: Archive) -> None:
    first, second = acquired("2022-01-05T03:01:11", "2022-01-10T03:01:11")
    stored(archive, SENTINEL_2, first)
    assert missing(archive, area(SENTINEL_2, GRID, GRID), first, second) == [10]


def test_a_larger_box_that_is_archived_serves_a_site_within_it(archive: Archive) -> None:
    (night,) = acquired("2022-01-05T13:40:20", platform="sentinel-3a")
    small = replace(GRID, width=1, height=1)
    stored(archive, SLSTR, night)
    assert missing(archive, area(SLSTR, small, small), night) == []


def test_a_site_that_the_archived_box_does_not_hold_makes_its_area_wanted(archive: Archive) -> None:
    (night,) = acquired("2022-01-05T13:40:20", platform="sentinel-3a")
    beside = replace(GRID, left=GRID.right)
    both = replace(GRID, width=2 * GRID.width)
    stored(archive, SLSTR, night)
    assert missing(archive, area(SLSTR, both, GRID, beside), night) == [5]


def test_passes_of_two_satellites_and_of_two_orbits_are_told_apart(archive: Archive) -> None:
    (night,) = acquired("2022-01-05T13:40:20", platform="sentinel-3a")
    stored(archive, SLSTR, night)
    other = replace(night, platform="sentinel-3b")
    later = replace(night, start=night.start + timedelta(minutes=100), stop=night.start + timedelta(minutes=100))
    sooner = replace(night, start=night.start + timedelta(seconds=40), stop=night.start + timedelta(seconds=40))
    assert missing(archive, area(SLSTR, GRID, GRID), other) == [5]
    assert missing(archive, area(SLSTR, GRID, GRID), later) == [5]
    assert missing(archive, area(SLSTR, GRID, GRID), sooner) == []


def test_of_a_joined_day_a_second_orbit_makes_no_second_scene(archive: Archive) -> None:
    (early,) = acquired("2022-01-05T04:10:00", platform="sentinel-5p")
    stored(archive, NO2, early)
    late = replace(early, start=early.start + timedelta(minutes=100), stop=early.start + timedelta(minutes=101))
    assert missing(archive, area(NO2, GRID, GRID), late) == []


@pytest.mark.parametrize(("had", "has", "wanted"), [("NRTI", "OFFL", [5]), ("OFFL", "RPRO", [5]), ("RPRO", "OFFL", [])])
def test_a_more_settled_version_is_wanted(archive: Archive, had: str, has: str, wanted: list[int]) -> None:
    (orbit,) = acquired("2022-01-05T04:10:00", platform="sentinel-5p")
    stored(archive, NO2, replace(orbit, timeliness=had))
    assert missing(archive, area(NO2, GRID, GRID), replace(orbit, timeliness=has)) == wanted


@pytest.mark.parametrize(
    ("share", "today", "wanted"), [(0.9, date(2022, 1, 20), [5]), (0.9, TODAY, []), (1.0, date(2022, 1, 20), [])]
)
def test_a_part_that_comes_late_is_wanted_for_a_month(
    archive: Archive, share: float, today: date, wanted: list[int]
) -> None:
    (day,) = acquired("2022-01-05T03:01:11")
    stored(archive, SENTINEL_2, day, valid_share=share)
    more = replace(day, source_ids=(*day.source_ids, "another tile"))
    assert missing(archive, area(SENTINEL_2, GRID, GRID), more, today=today) == wanted


def test_months_are_cut_at_their_ends_and_at_today_and_at_the_start_of_the_service() -> None:
    (wanted,) = wanted_of(project(), source("sentinel-2-l1c"), [site("a", 118.0)], date(2022, 1, 11))
    assert wanted.months == (
        (date(2021, 11, 15), date(2021, 12, 1)),
        (date(2021, 12, 1), date(2022, 1, 1)),
        (date(2022, 1, 1), date(2022, 1, 11)),
    )
    (landsat,) = wanted_of(
        project((date(2020, 12, 1), date(2021, 2, 1))), source("landsat-ot-l1"), [site("a", 118.0)], TODAY
    )
    assert landsat.months == ((date(2021, 1, 1), date(2021, 2, 1)),)


def test_days_of_the_source_replace_those_of_the_project_and_overlap_counts_once() -> None:
    days = (
        (date(2022, 1, 1), date(2022, 1, 20)),
        (date(2022, 1, 10), date(2022, 1, 25)),
        (date(2022, 1, 28), date(2022, 1, 30)),
    )
    (wanted,) = wanted_of(project(), source("sentinel-2-l1c", days=days), [site("a", 118.0)], TODAY)
    assert wanted.months == ((date(2022, 1, 1), date(2022, 1, 25)), (date(2022, 1, 28), date(2022, 1, 30)))


def test_searches_hold_every_area_once_a_month() -> None:
    sites = [site("a", 118.0), site("b", 118.5), site("c", 112.0)]
    (wanted,) = wanted_of(project(), source("sentinel-2-l1c"), sites, TODAY)
    for month in wanted.months:
        searches = wanted.searches(month)
        assert sorted(area.site_ids[0] for _, areas in searches for area in areas) == ["a", "b", "c"]
        for search, _ in searches:
            west, south, east, north = search.box
            assert (search.start.date(), search.stop.date()) == month
            assert west < 118.52
            assert east > 111.9
            assert south < 39.6 < north
            assert 0.01 <= search.units <= 1


def test_an_area_across_180_degrees_is_searched_for_on_either_side_and_nowhere_else() -> None:
    (wanted,) = wanted_of(project(), source("sentinel-3-slstr"), [site("a", 179.975)], TODAY)
    searches = wanted.searches(wanted.months[0])
    boxes = sorted(search.box for search, _ in searches)
    assert [areas for _, areas in searches] == [wanted.areas, wanted.areas]
    assert boxes[0][0] == -180.0
    assert boxes[1][2] == 180.0
    assert sum(east - west for west, _, east, _ in boxes) < 1


def test_no_sites_want_nothing() -> None:
    (wanted,) = wanted_of(project(), source("sentinel-3-slstr"), [], TODAY)
    assert (wanted.areas, wanted.searches(wanted.months[0])) == ((), ())
