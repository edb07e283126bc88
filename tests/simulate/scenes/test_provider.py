"""Simulated scenes as a service hands them out: whoever asks, however often, for whatever raster."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from satverify.domain.granules import Granule, SceneProvider
from satverify.domain.grids import Grid
from satverify.domain.policy import Requirement
from satverify.errors import InputError
from satverify.physics.satellites import SATELLITES, passes
from satverify.physics.utm import project, unproject
from satverify.simulate.scenes import LEVEL_BANDS, SimulatedScenes, scenes_of_season
from satverify.simulate.scenes.track import frame_of
from satverify.simulate.scenes.world import seconds_of
from satverify.simulate.season import draw_season, simulate_season
from satverify.simulate.weather import transmission
from tests.simulate.scenes.made import BOX, MONTH, PLACE, SCENARIO, WINTER, grid, scenes, winter
from tests.simulate.works_at import works_at

PIXEL = {
    "sentinel-2-l1c": 20.0,
    "sentinel-2-l2a": 20.0,
    "sentinel-3-slstr": 500.0,
    "sentinel-3-slstr-l2": 1000.0,
    "sentinel-5p-l2": 2500.0,
    "landsat-ot-l1": 30.0,
}
COLLECTIONS = sorted(PIXEL)


def some(collection: str, number: int = 3) -> list[Granule]:
    """A few granules that hold the works."""
    return [each for each in scenes().granules(collection, BOX, *MONTH) if each.product_type != "CLOUD"][:number]


def bands(collection: str) -> tuple[str, ...]:
    return tuple(band for band in LEVEL_BANDS[collection] if band != "CLOUD_FRACTION")


def test_it_is_a_provider_of_all_collections() -> None:
    provider: SceneProvider = SimulatedScenes(1)
    assert sorted(provider.collections()) == COLLECTIONS


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(collection: str) -> None:
    window = grid(PIXEL[collection], 40)
    one, two, other = SimulatedScenes(1), SimulatedScenes(1), SimulatedScenes(2)
    first, again = (each.granules(collection, BOX, *MONTH) for each in (one, two))
    assert first == again
    for granule in first[::9]:
        wanted = bands(collection)
        a, b = one.read(granule, wanted, window), two.read(granule, wanted[::-1], window)
        for band in wanted:
            np.testing.assert_array_equal(a[band], b[band])
    if not collection.startswith("sentinel-3-slstr-l2"):
        band = {"sentinel-2-l2a": "SCL", "sentinel-5p-l2": "NO2"}.get(collection, bands(collection)[-1])
        band = "B10" if collection == "landsat-ot-l1" else band
        wide = grid(PIXEL[collection], 200)
        differ = [
            not np.array_equal(one.read(each, [band], wide)[band], other.read(each, [band], wide)[band], equal_nan=True)
            for each in first[:12]
        ]
        assert any(differ)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_pixel_has_the_same_value_in_every_raster_that_holds_it(collection: str) -> None:
    pixel = PIXEL[collection]
    whole = grid(pixel, 60)
    parts = [
        Grid(
            epsg=32650,
            left=whole.left + column * pixel,
            top=whole.top - row * pixel,
            pixel_width=pixel,
            pixel_height=pixel,
            width=width,
            height=height,
        )
        for row, column, width, height in ((0, 0, 60, 1), (7, 13, 1, 1), (20, 5, 31, 40), (59, 59, 1, 1))
    ]
    for granule in some(collection):
        everything = scenes().read(granule, bands(collection), whole)
        for part in parts:
            seen = scenes().read(granule, bands(collection), part)
            rows, columns = whole.window(part)
            for band in bands(collection):
                assert seen[band].dtype == np.float32
                np.testing.assert_array_equal(seen[band], everything[band][rows, columns])


def test_threads_see_what_one_sees() -> None:
    tasks = [(granule, grid(PIXEL[name], 30), name) for name in COLLECTIONS for granule in some(name)]

    def read(task: tuple[Granule, Grid, str]) -> list[NDArray[np.float32]]:
        images = SimulatedScenes(5).read(task[0], bands(task[2]), task[1])
        return [images[band] for band in bands(task[2])]

    alone = [read(task) for task in tasks]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read, tasks * 3))
    for expected, got in zip(alone * 3, together, strict=True):
        for one, two in zip(expected, got, strict=True):
            np.testing.assert_array_equal(one, two)


def test_a_raster_in_degrees_gets_the_nearest_pixel_of_the_tile() -> None:
    (granule, *_) = some("sentinel-2-l1c")
    degrees = Grid(epsg=4326, left=117.98, top=39.52, pixel_width=0.0002, pixel_height=0.0002, width=70, height=50)
    east, north = np.meshgrid(117.98 + (np.arange(70) + 0.5) * 0.0002, 39.52 - (np.arange(50) + 0.5) * 0.0002)
    x, y = project(granule.epsg or 0, east, north)
    left, top = np.floor(x.min() / 10) * 10, np.ceil(y.max() / 10) * 10
    tight = Grid(epsg=granule.epsg or 0, left=left, top=top, pixel_width=10, pixel_height=10, width=180, height=180)
    native = scenes().read(granule, ["B02", "B12"], tight)
    seen = scenes().read(granule, ["B02", "B12"], degrees)
    column, row = np.floor((x - left) / 10).astype(int), np.floor((top - y) / 10).astype(int)
    for band in ("B02", "B12"):
        same = seen[band] == native[band][row, column]
        assert same.mean() > 0.98  # a tenth of a metre decides about one pixel in a hundred


def test_rasters_of_two_zones_show_one_granule_of_a_swath() -> None:
    """The pixel that holds a place is the same, whatever the raster through which it is asked for."""
    (granule, *_) = some("sentinel-3-slstr")
    one = grid(500.0, 80)
    east, north = np.meshgrid(one.left + (np.arange(80) + 0.5) * 500.0, one.top - (np.arange(80) + 0.5) * 500.0)
    x, y = project(32651, *unproject(32650, east, north))
    other = Grid(
        epsg=32651,
        left=np.floor(x.min() / 500) * 500,
        top=np.ceil(y.max() / 500) * 500,
        pixel_width=500.0,
        pixel_height=500.0,
        width=110,
        height=110,
    )
    frame = frame_of(granule)
    values: list[dict[tuple[int, int], float]] = []
    for window in (one, other):
        image = scenes().read(granule, ["S8"], window)["S8"]
        points = np.meshgrid(
            window.left + (np.arange(window.width) + 0.5) * 500.0, window.top - (np.arange(window.height) + 0.5) * 500.0
        )
        across, along = frame.position(*unproject(window.epsg, *points))
        sure = (np.abs(across % 1000 - 500) < 490) & (np.abs(along % 1000 - 500) < 490)  # nets err by two metres
        keys = zip((across[sure] // 1000).astype(int).tolist(), (along[sure] // 1000).astype(int).tolist(), strict=True)
        values.append(dict(zip(keys, image[sure].tolist(), strict=True)))
    shared = values[0].keys() & values[1].keys()
    assert len(shared) > 1000
    assert all(values[0][key] == values[1][key] for key in shared)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_there_are_numbers_inside_of_the_footprint_only(collection: str) -> None:
    pixel = 2_000.0 if collection.startswith(("sentinel-2", "landsat")) else 16_000.0
    room = {"sentinel-5p-l2": 0.3, "sentinel-3-slstr": 0.1, "sentinel-3-slstr-l2": 0.1}.get(collection, 0.02)
    size = 60
    window = grid(pixel, size)
    points = np.meshgrid(window.left + (np.arange(size) + 0.5) * pixel, window.top - (np.arange(size) + 0.5) * pixel)
    longitude, latitude = unproject(32650, *points)
    band = {"sentinel-2-l2a": "SCL", "sentinel-5p-l2": "qa", "sentinel-3-slstr": "S8", "sentinel-3-slstr-l2": "CLOUD"}
    is_cut = False
    for granule in scenes().granules(collection, BOX, *MONTH)[:6]:
        seen = np.isfinite(scenes().read(granule, [band.get(collection, "B02")], window)[band.get(collection, "B02")])
        sure_in = shapely.contains_xy(granule.footprint.buffer(-room), longitude, latitude)
        sure_out = ~shapely.contains_xy(granule.footprint.buffer(room), longitude, latitude)
        assert sure_in.any()
        assert seen[sure_in].all()
        assert not seen[sure_out].any()
        is_cut |= bool(sure_out.any())
    assert is_cut


def test_far_away_there_is_nothing() -> None:
    for collection in COLLECTIONS:
        (granule, *_) = some(collection)
        for far in (
            Grid(epsg=32721, left=5e5, top=7e6, pixel_width=1000, pixel_height=1000, width=3, height=2),
            Grid(epsg=4326, left=-60, top=10, pixel_width=0.1, pixel_height=0.1, width=3, height=2),
        ):
            for image in scenes().read(granule, bands(collection), far).values():
                assert image.shape == (2, 3)
                assert np.isnan(image).all()


def test_a_raster_far_larger_than_the_tile_costs_no_more_than_the_tile() -> None:
    (granule, *_) = some("sentinel-2-l1c")
    huge = Grid(epsg=4326, left=60.0, top=60.0, pixel_width=0.04, pixel_height=0.04, width=1500, height=1000)
    image = scenes().read(granule, ["B12"], huge)["B12"]
    assert 0 < np.isfinite(image).sum() < 2000


def test_an_unknown_band_is_a_key_error_and_no_band_is_no_image() -> None:
    for collection in COLLECTIONS:
        (granule, *_) = some(collection)
        with pytest.raises(KeyError, match="B99"):
            scenes().read(granule, ["B99"], grid(1000.0, 2))
        assert scenes().read(granule, [], grid(1000.0, 2)) == {}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_catalogue_is_sorted_unique_and_within_what_was_asked(collection: str) -> None:
    start, stop = datetime(2022, 1, 5, 3, tzinfo=UTC), datetime(2022, 1, 19, 2, tzinfo=UTC)
    box = (114.0, 36.0, 119.0, 40.0)
    found = scenes().granules(collection, box, start, stop)
    assert found
    assert list(found) == sorted(found, key=lambda granule: (granule.time, granule.granule_id))
    assert len({granule.granule_id for granule in found}) == len(found)
    for granule in found:
        assert start <= granule.time < stop
        assert granule.footprint.is_valid
        assert granule.footprint.intersects(shapely.box(*box))
        assert granule.published is not None
        assert granule.published > granule.time
        assert granule.withdrawn is None or granule.withdrawn > granule.published
        assert granule.data_path.rsplit("/", 1)[1].startswith(granule.granule_id)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_catalogue_read_by_pieces_is_the_one_read_at_once(collection: str) -> None:
    """Neither the window of time nor the box decides what a granule is."""
    days = [datetime(2022, 1, 10, tzinfo=UTC) + timedelta(days=n) for n in range(5)]
    box = (116.0, 38.0, 119.0, 40.0)
    whole = scenes().granules(collection, box, days[0], days[-1])
    pieces = [each for one, two in pairwise(days) for each in scenes().granules(collection, box, one, two)]
    assert list(whole) == pieces
    wider = {
        each.granule_id: each for each in scenes().granules(collection, (113.0, 36.0, 121.0, 42.0), days[0], days[-1])
    }
    for granule in whole:
        assert wider[granule.granule_id] == granule


def test_every_pass_over_the_works_has_a_granule_and_every_granule_a_pass() -> None:
    start, stop = seconds_of(MONTH[0]), seconds_of(MONTH[1])
    for collection, names, half in (
        ("sentinel-2-l1c", ("sentinel-2a", "sentinel-2b"), (False,)),
        ("sentinel-3-slstr", ("sentinel-3a", "sentinel-3b"), (False, True)),
        ("landsat-ot-l1", ("landsat-8", "landsat-9"), (False,)),
    ):
        at = (*PLACE, *PLACE)
        found = np.unique([seconds_of(each.time) for each in scenes().granules(collection, at, *MONTH)])
        expected = np.concatenate(
            [passes(name, *PLACE, start, stop, is_ascending=each).time for name in names for each in half]
        )
        apart = np.abs(found[:, None] - expected)
        assert (apart.min(axis=0) < 200).all()  # [s] a frame lasts 180
        assert (apart.min(axis=1) < 200).all()


def test_a_box_across_the_date_line_has_both_sides() -> None:
    across = scenes().granules("sentinel-3-slstr", (178.0, -20.0, -178.0, -10.0), *MONTH)
    for side in ((178.0, -20.0, 180.0, -10.0), (-180.0, -20.0, -178.0, -10.0)):
        one = {each.granule_id for each in scenes().granules("sentinel-3-slstr", side, *MONTH)}
        assert one <= {each.granule_id for each in across}
    assert any(isinstance(each.footprint, shapely.MultiPolygon) for each in across)
    assert all(each.footprint.bounds[0] >= -180 and each.footprint.bounds[2] <= 180 for each in across)


def test_what_is_not_simulated_or_not_asked_for_is_empty_and_no_box_is_an_error() -> None:
    assert scenes().granules("sentinel-1-grd", BOX, *MONTH) == ()
    assert scenes().granules("sentinel-2-l1c", BOX, MONTH[1], MONTH[0]) == ()
    assert (
        scenes().granules("sentinel-2-l1c", BOX, datetime(2010, 1, 1, tzinfo=UTC), datetime(2011, 1, 1, tzinfo=UTC))
        == ()
    )
    with pytest.raises(InputError, match="west, south, east and north"):
        scenes().granules("sentinel-2-l1c", (0.0, 10.0, 1.0, 0.0), *MONTH)


def test_the_season_of_the_scenes_is_the_season_of_the_detections() -> None:
    sites = [works_at("s1", PLACE, 12000, 2), works_at("s2", (114.5, 36.6), 20000, 4)]
    season = simulate_season(np.random.default_rng(5), sites, SCENARIO)
    draw = draw_season(np.random.default_rng(5), sites, SCENARIO)
    assert draw.orders == season.orders
    assert draw.outages == season.outages
    assert draw.outcomes.equals(season.outcomes)
    sources = scenes_of_season(1, draw).sources
    assert sources is not None
    together = season.truth[season.truth["unit_id"] == "s2:ironmaking"]["level"].to_numpy()
    np.testing.assert_allclose(sources.activity[1], together, atol=1e-8)


def test_scenes_of_a_season_know_the_ground_of_its_works_and_the_days_of_its_orders() -> None:
    sites = [works_at("s1", PLACE, 12000, 2), works_at("s2", (114.5, 36.6), 20000, 4)]
    draw = draw_season(np.random.default_rng(5), sites, SCENARIO)
    made = scenes_of_season(1, draw)
    assert [layout.site.site_id for layout in made.layouts] == ["s1", "s2"]
    curbed = [order for order in draw.orders if order.requirement in {Requirement.HALT, Requirement.CUT}]
    assert curbed
    assert len(made.curbs) == len({(order.site_id, order.start, order.stop) for order in curbed})
    for curb in made.curbs:
        assert (curb.start + 8 * 3600) % 86_400 == 0  # midnight in Shanghai
        assert any(abs(curb.longitude - layout.middle[0]) < 1e-9 for layout in made.layouts)


def test_works_are_seen_on_the_ground_by_all_that_see_the_ground() -> None:
    """The same scene with and without the works differs at the works and nowhere else."""
    bare = SimulatedScenes(7, weather=scenes().weather)
    laid = SimulatedScenes(7, weather=scenes().weather, layouts=scenes().layouts)
    for collection, band, pixel in (("sentinel-2-l1c", "B11", 20.0), ("landsat-ot-l1", "B06", 30.0)):
        for granule in some(collection, 8):
            near, far = (grid(pixel, 60, shift=shift) for shift in ((0.0, 0.0), (9_000.0, 0.0)))
            one, two = (each.read(granule, [band], near)[band] for each in (bare, laid))
            away = [each.read(granule, [band], far)[band] for each in (bare, laid)]
            np.testing.assert_array_equal(away[0], away[1])
            if not np.array_equal(one, two, equal_nan=True):
                break
        else:
            pytest.fail(f"no scene of {collection} shows the works")


def test_kilometres_of_the_sky_are_counted_as_the_detections_counted_them() -> None:
    assert winter().weather.parallel == pytest.approx(PLACE[1], abs=1e-9)


def test_clouds_hide_scenes_and_detections_alike() -> None:
    """At the moment of each pass the mask mostly says what hid the detections; it errs as real masks do."""
    weather = winter().weather
    same = []
    for granule in scenes().granules("sentinel-3-slstr-l2", BOX, *WINTER)[::4]:
        flags = scenes().read(granule, ["CLOUD"], grid(1000.0, 1))["CLOUD"]
        if np.isnan(flags).any():
            continue
        when = np.array([granule.time.replace(tzinfo=None)], dtype="datetime64[s]")
        clear = transmission(weather, np.array([PLACE[0]]), np.array([PLACE[1]]), when)
        same.append(bool(flags[0, 0] == 0) == bool(clear[0] == 1))
    assert len(same) > 90
    assert 0.85 < np.mean(same) < 1


def test_cloud_cover_in_the_catalogue_is_what_the_pixels_show() -> None:
    """Cirrus that hides no hot spot is a class of the pixels, but no cloud of the catalogue."""
    window = grid(4500.0, 34)
    error = []
    for granule in scenes().granules("sentinel-2-l2a", (*PLACE, *PLACE), *WINTER)[:25]:
        classes = scenes().read(granule, ["SCL"], window)["SCL"]
        seen = np.isfinite(classes)
        error.append(100 * np.isin(classes[seen], (8, 9)).mean() - (granule.cloud_cover or 0.0))
    assert np.abs(np.mean(error)) < 6  # [%] 25 places against a thousand, and a mask that errs
    assert np.abs(error).max() < 30


def test_versions_of_a_sentinel_5p_product_follow_each_other() -> None:
    found = [each for each in scenes().granules("sentinel-5p-l2", BOX, *MONTH) if each.product_type == "NO2"]
    kinds = Counter(each.timeliness for each in found)
    assert kinds["OFFL"] == kinds["RPRO"] >= 31
    assert kinds["NRTI"] >= kinds["OFFL"]
    for day in (
        datetime(2022, 1, 20, 12, tzinfo=UTC),
        datetime(2022, 3, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=UTC),
    ):
        listed = [
            each
            for each in found
            if each.published is not None and each.published <= day and (each.withdrawn is None or each.withdrawn > day)
        ]
        orbits = Counter((each.absolute_orbit, each.timeliness) for each in listed)
        assert all(number == 1 for (_, kind), number in orbits.items() if kind != "NRTI")
        by_orbit = {orbit: {kind for each, kind in orbits if each == orbit} for orbit, _ in orbits}
        assert all(len(kinds) == 1 for kinds in by_orbit.values())
    window = grid(2500.0, 40)
    quick, offline, redone = (
        next(each for each in found if each.timeliness == kind) for kind in ("NRTI", "OFFL", "RPRO")
    )
    assert offline.absolute_orbit == redone.absolute_orbit == quick.absolute_orbit
    columns = [scenes().read(each, ["NO2"], window)["NO2"] for each in (quick, offline, redone)]
    both = np.isfinite(columns[0]) & np.isfinite(columns[1])
    ratio = np.median(columns[0][both]) / np.median(columns[1][both])
    assert ratio == pytest.approx(1.05 / 0.95, rel=0.05)
    assert not np.array_equal(columns[1], columns[2])


def test_a_product_of_clouds_has_no_nitrogen_dioxide_and_the_other_way_round() -> None:
    found = scenes().granules("sentinel-5p-l2", BOX, *MONTH)
    no2, cloud = (next(each for each in found if each.product_type == kind) for kind in ("NO2", "CLOUD"))
    window = grid(2500.0, 10)
    assert np.isnan(scenes().read(no2, ["CLOUD_FRACTION"], window)["CLOUD_FRACTION"]).all()
    assert np.isnan(scenes().read(cloud, ["NO2"], window)["NO2"]).all()
    fraction = scenes().read(cloud, ["CLOUD_FRACTION"], window)["CLOUD_FRACTION"]
    assert ((fraction >= 0) & (fraction <= 1)).all()


def test_counts_carry_the_offset_from_baseline_04_on() -> None:
    found = scenes().granules("sentinel-2-l1c", (110.0, 34.0, 120.0, 42.0), *MONTH)
    assert {each.processing_baseline for each in found if each.time < datetime(2022, 1, 25, tzinfo=UTC)} == {"03.01"}
    assert {each.processing_baseline for each in found if each.time >= datetime(2022, 1, 25, tzinfo=UTC)} == {"04.00"}
    earlier = scenes().granules(
        "sentinel-2-l1c",
        (110.0, 34.0, 120.0, 42.0),
        datetime(2021, 11, 1, tzinfo=UTC),
        datetime(2021, 12, 1, tzinfo=UTC),
    )
    redone = [each for each in earlier if each.processing_baseline == "05.00"]
    assert 0 < len(redone) < 0.05 * len(earlier)
    for granule in redone[:3]:
        (first,) = [
            each
            for each in earlier
            if each.time == granule.time
            and each.processing_baseline != "05.00"
            and each.epsg == granule.epsg
            and each.footprint.equals(granule.footprint)
        ][:1]
        middle = granule.footprint.representative_point()
        x, y = project(granule.epsg or 0, middle.x, middle.y)
        window = Grid(
            epsg=granule.epsg or 0,
            left=np.floor(float(x) / 20) * 20,
            top=np.floor(float(y) / 20) * 20,
            pixel_width=20,
            pixel_height=20,
            width=20,
            height=20,
        )
        old, new = (scenes().read(each, ["B02", "B12"], window) for each in (first, granule))
        for band in ("B02", "B12"):
            np.testing.assert_array_equal(np.maximum(new[band] - 1000, 1), old[band])


def test_frames_and_tiles_lie_where_the_real_ones_do(shared_data: Path) -> None:
    """Catalogue items of real products: the simulated one of the same tile or frame has its time, track and ground."""
    folder = shared_data / "sentinelhub"
    for file, collection, day, name, least in (
        ("stactools/S2A_MSIL1C_20210908_N0301_T46RER_item.json", "sentinel-2-l1c", (2021, 9, 8), "_R133_T46RER", 0.95),
        (
            "stactools/S3A_SL_1_RBT_20210930T220914_20210930T221214_0180_077_043_5400.json",
            "sentinel-3-slstr",
            (2021, 9, 30),
            "_077_043_5400",
            0.88,  # the real footprint is that of a grid wider than the swath
        ),
        (
            "stactools/S3A_SL_2_FRP_20210802T000420_20210802T000720_0179_074_344_2880.json",
            "sentinel-3-slstr",
            (2021, 8, 2),
            "_074_344_2880",
            0.88,
        ),
        (
            "odc-stac/LC08_L2SP_028030_20200114_20200824_02_T1_SR.json",
            "landsat-ot-l1",
            (2020, 1, 14),
            "_028030_20200114",
            0.88,
        ),
    ):
        real = shape(json.loads((folder / file).read_text("utf-8"))["geometry"])
        start = datetime(*day, tzinfo=UTC)
        found = SimulatedScenes(1).granules(collection, real.bounds, start, start + timedelta(days=1))
        (same,) = [each for each in found if name in each.granule_id]
        overlap = same.footprint.intersection(real).area / same.footprint.union(real).area
        assert overlap > least, (same.granule_id, overlap)


def test_real_days_of_acquisition_at_the_works_have_granules() -> None:
    """S2C_MSIL1C_20250317T030551_N0511_R075_T50SMJ is a real product; so was S3B's frame 4320 of 2023-03-15."""
    start = datetime(2025, 3, 17, tzinfo=UTC)
    found = SimulatedScenes(1).granules("sentinel-2-l1c", (116.3, 39.2, 116.4, 39.3), start, start + timedelta(days=1))
    assert any("S2C" in each.granule_id and "_R075_T50SMJ" in each.granule_id for each in found)
    assert SATELLITES["sentinel-2c"].since.year == 2025
