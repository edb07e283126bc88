"""Process requests from end to end: which pixels, from which products, in which numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio import MemoryFile
from shapely import box

from satverify.domain.granules import Granule
from satverify.domain.grids import Grid
from satverify.emulator.engine import Engine, EngineOptions
from satverify.errors import ProductError
from satverify.physics.sun import earth_sun_distance, solar_angles
from tests.emulator.engine.fields import WIDE, WORKS, Field, Fields, Floats, constant, granule
from tests.emulator.engine.requests import ONE_BAND, body, error, image, made, members, script
from tests.emulator.standin import at

ORBITS = script(
    '["B12", "dataMask"]',
    "samples.map((sample) => sample.B12 * 10000)",
    output='bands: 1, sampleType: "UINT16"',
    mosaicking="ORBIT",
    extra="""function updateOutput(outputs, collection) { outputs.default.bands = collection.scenes.length; }
function updateOutputMetadata(scenes, inputMetadata, outputMetadata) {
  outputMetadata.userData = { scenes, inputMetadata };
}""",
)
BOTH = {
    "responses": [
        {"identifier": "default", "format": {"type": "image/tiff"}},
        {"identifier": "userdata", "format": {"type": "application/json"}},
    ]
}
WEST_HALF = box(115, 38, 116.76735, 41)
"""Ends within the second column of the square at the works."""


def engine(*contents: tuple[Granule, Field]) -> Engine:
    return Engine(Fields(contents))


def l1c(name: str, time: str, value: float, **more: object) -> tuple[Granule, Field]:
    return granule(name, time, **more), constant(value)  # type: ignore[arg-type]


def test_an_image_lies_where_it_was_asked_for() -> None:
    west, south = WORKS

    def ramp(_: str, easting: Floats, northing: Floats) -> Floats:
        return (easting - west) / 20 + (northing - south) / 20 * 10

    reply = engine((granule("G", "2022-01-05T03:00:00"), ramp)).process(body(size=3), None)
    with MemoryFile(reply.content) as memory, memory.open() as dataset:
        assert dataset.crs.to_epsg() == 32650
        assert tuple(dataset.transform)[:6] == (20, 0, west, 0, -20, south + 60)
        np.testing.assert_array_equal(dataset.read(1), [[25.5, 26.5, 27.5], [15.5, 16.5, 17.5], [5.5, 6.5, 7.5]])
        np.testing.assert_array_equal(dataset.read(2), np.ones((3, 3)))


def test_no_product_gives_a_blank_image_and_not_an_error() -> None:
    reply = engine().process(body(), None)
    assert reply.status == 200
    assert reply.processing_units == pytest.approx(0.01 * 1 / 3 * 2)
    assert not image(reply.content).any()


def test_the_newest_product_goes_first_and_older_ones_fill_its_holes() -> None:
    served = engine(l1c("new", "2022-01-09T03:00:00", 900, footprint=WEST_HALF), l1c("old", "2022-01-05T03:00:00", 500))
    np.testing.assert_array_equal(made(served, body())[0], [[900, 900, 500, 500]] * 4)
    oldest = made(served, body(data_filter={"mosaickingOrder": "leastRecent"}))
    np.testing.assert_array_equal(oldest[0], np.full((4, 4), 500))


def test_the_clearest_product_goes_first_where_asked() -> None:
    served = engine(
        l1c("cloudy", "2022-01-09T03:00:00", 900, cloud_cover=80.0),
        l1c("clear", "2022-01-05T03:00:00", 500, cloud_cover=3.0),
    )
    assert made(served, body(data_filter={"mosaickingOrder": "leastCC"}))[0, 0, 0] == 500
    assert made(served, body())[0, 0, 0] == 900
    assert made(served, body(data_filter={"maxCloudCoverage": 80}))[0, 0, 0] == 900
    assert made(served, body(data_filter={"maxCloudCoverage": 79.9}))[0, 0, 0] == 500
    assert made(served, body(data_filter={"maxCloudCoverage": 2}))[1].max() == 0


def test_the_time_range_holds_both_of_its_ends() -> None:
    served = engine(l1c("G", "2022-01-05T03:00:00", 500))
    for days, expected in (
        (("2022-01-05T03:00:00Z", "2022-01-06T00:00:00Z"), 1),
        (("2022-01-04T00:00:00Z", "2022-01-05T03:00:00Z"), 1),
        (("2022-01-04T00:00:00Z", "2022-01-05T02:59:59Z"), 0),
        (("2022-01-05T11:00:00+08:00", "2022-01-05T11:00:00+08:00"), 1),
    ):
        assert made(served, body(days=days))[1].max() == expected


def test_an_orbit_is_a_utc_day_and_the_newest_comes_first() -> None:
    served = engine(
        l1c("early", "2022-01-05T00:00:01", 100, cloud_cover=12.5),
        l1c("late", "2022-01-05T23:59:59", 200, footprint=WEST_HALF),
        l1c("next", "2022-01-06T00:00:00", 300),
    )
    files = members(served.process(body(ORBITS, output=BOTH), None))
    assert list(files) == ["default.tif", "userdata.json"]
    found = image(files["default.tif"])
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found[:, 0], [[300, 300, 300, 300], [200, 200, 100, 100]])
    told = json.loads(files["userdata.json"])
    assert told["inputMetadata"] == {"serviceVersion": "4.263.0", "normalizationFactor": 0.0001}
    first, second = told["scenes"]["orbits"]
    assert (first["__idx"], first["dateFrom"], first["dateTo"]) == (0, "2022-01-06T00:00:00Z", "2022-01-06T23:59:59Z")
    assert [tile["date"] for tile in second["tiles"]] == ["2022-01-05T23:59:59Z", "2022-01-05T00:00:01Z"]
    assert second["tiles"][1]["cloudCoverage"] == 12.5
    assert second["tiles"][1]["dataPath"] == "early"
    assert isinstance(second["tiles"][1]["shId"], int)


def test_every_product_is_a_tile() -> None:
    served = engine(
        l1c("a", "2022-01-05T03:00:00.402000", 100), l1c("b", "2022-01-05T03:00:10", 200, footprint=WEST_HALF)
    )
    files = members(served.process(body(ORBITS.replace("ORBIT", "TILE"), output=BOTH), None))
    np.testing.assert_array_equal(image(files["default.tif"])[:, 0], [[200, 200, 0, 0], [100, 100, 100, 100]])
    tiles = json.loads(files["userdata.json"])["scenes"]["tiles"]
    assert [(tile["date"], tile["__idx"]) for tile in tiles] == [
        ("2022-01-05T03:00:10Z", 0),
        ("2022-01-05T03:00:00.402Z", 1),
    ]


def test_scripts_choose_scenes_and_pay_for_those_only() -> None:
    served = engine(*(l1c(f"G{day}", f"2022-01-{day:02d}T03:00:00", day) for day in range(1, 11)))
    chosen = """
function preProcessScenes(collections) {
  if (!(collections.from instanceof Date) || !(collections.to instanceof Date)) throw new Error("no dates");
  if (collections.scenes.orbits.some((orbit) => orbit.tiles)) throw new Error("tiles");
  collections.scenes.orbits = collections.scenes.orbits.filter((orbit) => orbit.dateFrom.startsWith("2022-01-03")
    || orbit.dateFrom.startsWith("2022-01-07"));
  return collections;
}"""
    reply = served.process(body(ORBITS + chosen, size=512, output=BOTH), None)
    files = members(reply)
    np.testing.assert_array_equal(image(files["default.tif"])[:, 0, 0], [7, 3])
    assert reply.processing_units == pytest.approx(1 * (1 / 3) * 2)
    assert [orbit["__idx"] for orbit in json.loads(files["userdata.json"])["scenes"]["orbits"]] == [3, 7]


def test_samples_can_be_an_empty_list() -> None:
    counted = script('["B12"]', "[samples.length + 5]", output='bands: 1, sampleType: "UINT8"', mosaicking="ORBIT")
    assert made(engine(), body(counted)).max() == 5


def test_offsets_of_newer_baselines_are_taken_off_unless_the_file_is_wanted_as_it_is() -> None:
    contents = (
        l1c("old", "2022-01-05T03:00:00", 700, processing_baseline="03.01"),
        l1c("new", "2022-01-26T03:00:00", 1700, processing_baseline="04.00"),
        l1c("dark", "2022-01-27T03:00:00", 900, processing_baseline="05.10"),
    )
    served = engine(*contents)
    counts = ORBITS.replace('["B12", "dataMask"]', '[{ bands: ["B12", "dataMask"], units: "DN" }]').replace(
        "sample.B12 * 10000", "sample.B12"
    )
    reflectance = ORBITS.replace("UINT16", "FLOAT32").replace("sample.B12 * 10000", "sample.B12")
    raw = {"harmonizeValues": False}
    np.testing.assert_array_equal(made(served, body(counts))[:, 0, 0], [0, 700, 700])
    np.testing.assert_array_equal(made(served, body(counts, processing=raw))[:, 0, 0], [900, 1700, 700])
    np.testing.assert_array_equal(made(served, body(reflectance))[:, 0, 0], np.array([0, 0.07, 0.07], np.float32))
    np.testing.assert_array_equal(
        made(served, body(reflectance, processing=raw))[:, 0, 0], np.array([-0.01, 0.07, 0.07], np.float32)
    )


def test_counts_become_reflectance_in_double_precision() -> None:
    asked = script('["B12"]', "[sample.B12 === 8795 * 0.0001 ? 1 : 0]", output='bands: 1, sampleType: "UINT8"').replace(
        "samples,", "sample,"
    )
    assert made(engine(l1c("G", "2022-01-05T03:00:00", 8795)), body(asked)).min() == 1


def test_pixels_count_as_inside_a_polygon_by_their_centres() -> None:
    west, south = WORKS
    ring = [
        [west + 31, south],
        [west + 80, south],
        [west + 80, south + 80],
        [west + 31, south + 80],
        [west + 31, south],
    ]
    bounds = body()["input"]["bounds"] | {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    found = made(engine(l1c("G", "2022-01-05T03:00:00", 500)), body(bounds=bounds))
    np.testing.assert_array_equal(found[0], [[0, 0, 500, 500]] * 4)
    np.testing.assert_array_equal(found[1], [[0, 0, 1, 1]] * 4)
    ring[0][0] = ring[3][0] = ring[4][0] = west + 29
    np.testing.assert_array_equal(
        made(engine(l1c("G", "2022-01-05T03:00:00", 500)), body(bounds=bounds))[1], [[0, 1, 1, 1]] * 4
    )


def test_without_a_box_the_image_is_as_large_as_the_polygon() -> None:
    ring = [[116.0, 39.0], [116.5, 39.0], [116.5, 39.5], [116.0, 39.0]]
    bounds = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    reply = engine(l1c("G", "2022-01-05T03:00:00", 500)).process(body(size=100, bounds=bounds), None)
    with MemoryFile(reply.content) as memory, memory.open() as dataset:
        assert dataset.bounds == (116.0, 39.0, 116.5, 39.5)
        assert dataset.crs.to_epsg() == 4326
        assert dataset.read(2).mean() == pytest.approx(0.5, abs=0.02)  # the triangle, to the pixels along its side


def test_web_mercator_is_served_too() -> None:
    crs = {"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"}
    bounds = {"bbox": [12_900_000, 4_800_000, 12_900_080, 4_800_080], "properties": crs}

    def eastward(_: str, easting: Floats, northing: Floats) -> Floats:
        return np.floor(easting / 10)

    found = made(engine((granule("G", "2022-01-05T03:00:00"), eastward)), body(bounds=bounds))
    assert found[1].min() == 1
    assert (np.diff(found[0], axis=1) >= 0).all()
    assert np.ptp(found[0]) > 2


@pytest.mark.parametrize(("method", "expected"), [("NEAREST", 0.5), ("BILINEAR", 0.25), ("BICUBIC", 0.25)])
def test_bands_are_interpolated_from_their_own_pixels(method: str, expected: float) -> None:
    west, _ = WORKS

    def steps(_: str, easting: Floats, northing: Floats) -> Floats:
        return np.floor((easting - west) / 20) + 0.5  # each 20 m pixel its own number: what the product has

    served = engine((granule("G", "2022-01-05T03:00:00"), steps))
    found = made(served, body(size=8, pixel=10, processing={"upsampling": method}))[0, 0]
    assert found[0] == pytest.approx(expected)  # a quarter of a pixel before the middle
    inner = found[1:-1]
    if method == "NEAREST":
        np.testing.assert_array_equal(found, [0.5, 0.5, 1.5, 1.5, 2.5, 2.5, 3.5, 3.5])
    else:  # both kernels keep a straight line straight
        np.testing.assert_allclose(np.diff(inner), 0.5, atol=1e-5)


def test_only_the_interpolation_for_the_direction_of_the_change_is_used() -> None:
    provider = Fields([(granule("G", "2022-01-05T03:00:00"), constant(5))])
    served = Engine(provider)
    made(served, body(pixel=10, processing={"downsampling": "BILINEAR"}))
    made(served, body(pixel=40, processing={"upsampling": "BILINEAR"}))
    assert [grid.pixel_width for _, _, grid in provider.reads] == [10, 40]
    made(served, body(pixel=40, processing={"downsampling": "BILINEAR"}))
    assert provider.reads[-1][2].width > 4


def test_outside_of_data_interpolation_adds_nothing() -> None:
    served = engine(l1c("G", "2022-01-05T03:00:00", 500, footprint=WEST_HALF))
    for method in ("BILINEAR", "BICUBIC"):
        found = made(served, body(size=8, pixel=10, processing={"upsampling": method}))
        assert set(np.unique(found[0])) == {0, 500}


SLSTR = script(
    '[{ bands: ["S5", "S7", "dataMask"], units: ["UNIT", "BRIGHTNESS_TEMPERATURE", "DN"] }]',
    "[samples.S5, samples.S7, samples.dataMask]",
    output='bands: 3, sampleType: "FLOAT32"',
)


def slstr(name: str, time: str, orbit_state: str) -> tuple[Granule, Field]:
    found = granule(
        name, time, collection="sentinel-3-slstr", platform="sentinel-3a", orbit_state=orbit_state, epsg=None
    )
    return found, constant(2.0, S7=300.0)


def test_radiance_becomes_reflectance_by_the_height_of_the_sun() -> None:
    served = engine(slstr("day", "2022-01-05T03:00:00", "descending"))
    request = body(SLSTR.replace("UNIT", "REFLECTANCE", 1), collection="sentinel-3-slstr", pixel=500)
    found = made(served, request)
    seconds = at("2022-01-05T03:00:00").timestamp()
    zenith, _ = solar_angles(seconds, 116.77, 39.66)
    expected = math.pi * 2.0 * float(earth_sun_distance(seconds)) ** 2 / (248.33 * math.cos(float(zenith)))
    assert found[0, 2, 2] == pytest.approx(expected, rel=1e-3)  # the middle of the box, to a hundredth of a degree
    assert found[1, 0, 0] == 300
    radiance = made(served, body(SLSTR.replace("UNIT", "radiance", 1), collection="sentinel-3-slstr", pixel=500))
    assert radiance[0, 0, 0] == 2


def test_by_night_there_is_no_reflectance_and_the_orbit_direction_tells_night_from_day() -> None:
    served = engine(
        slstr("day", "2022-01-05T03:00:00", "descending"), slstr("night", "2022-01-05T14:00:00", "ascending")
    )
    script_ = SLSTR.replace("UNIT", "REFLECTANCE", 1)
    by_night = body(script_, collection="sentinel-3-slstr", pixel=500, data_filter={"orbitDirection": "ASCENDING"})
    found = made(served, by_night)
    assert (found[0, 0, 0], found[1, 0, 0], found[2, 0, 0]) == (0, 300, 1)
    by_day = body(script_, collection="sentinel-3-slstr", pixel=500, data_filter={"orbitDirection": "descending"})
    assert made(served, by_day)[0, 0, 0] > 0


def test_what_only_looks_down_has_nothing_in_the_oblique_view() -> None:
    served = engine(slstr("day", "2022-01-05T03:00:00", "descending"))
    request = body(
        SLSTR.replace("UNIT", "RADIANCE", 1), collection="sentinel-3-slstr", pixel=500, processing={"view": "OBLIQUE"}
    )
    assert made(served, request)[2].max() == 0


NO2 = script('["NO2", "dataMask"]', "[samples.NO2, samples.dataMask]", output='bands: 2, sampleType: "FLOAT32"')


def s5p(name: str, time: str, value: float, *, qa: float = 80.0, **more: object) -> tuple[Granule, Field]:
    described = {"product_type": "NO2", "timeliness": "OFFL", "epsg": None, "platform": "sentinel-5p", **more}
    return granule(name, time, collection="sentinel-5p-l2", **described), constant(value, qa=qa)


def s5p_body(
    evalscript: str = NO2,
    *,
    days: tuple[str, str] = ("2022-01-05T00:00:00Z", "2022-01-06T00:00:00Z"),
    data_filter: dict[str, Any] | None = None,
    processing: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return body(
        evalscript,
        collection="sentinel-5p-l2",
        pixel=2500,
        days=days,
        data_filter=data_filter,
        processing=processing,
    )


def test_pixels_of_low_quality_are_no_data() -> None:
    served = engine(s5p("G", "2022-01-05T05:00:00", 1e-4, qa=74.0))
    np.testing.assert_array_equal(made(served, s5p_body())[:, 0, 0], [0, 0])
    lenient = made(served, s5p_body(processing={"minQa": 74}))
    np.testing.assert_array_equal(lenient[:, 0, 0], np.array([1e-4, 1], np.float32))
    cloud = engine(s5p("G", "2022-01-05T05:00:00", 0.5, qa=50.0, product_type="CLOUD"))
    fraction = NO2.replace("NO2", "CLOUD_FRACTION")
    assert made(cloud, s5p_body(fraction))[1, 0, 0] == 1


def test_flattened_sentinel_5p_looks_at_the_last_day_only() -> None:
    served = engine(
        s5p("old", "2022-01-05T05:00:00", 1e-4), s5p("new", "2022-01-06T05:00:00", 2e-4, footprint=WEST_HALF)
    )
    days = ("2022-01-01T00:00:00Z", "2022-01-06T05:30:00Z")
    eastern = made(served, s5p_body(days=days))[1, 0, -1]
    assert eastern == 0
    days = ("2022-01-01T00:00:00Z", "2022-01-06T05:00:00Z")
    assert made(served, s5p_body(days=days))[1, 0, -1] == 1


def test_later_made_products_replace_earlier_ones_unless_one_kind_is_asked_for() -> None:
    orbit = {"absolute_orbit": 20056}
    served = engine(
        s5p("nrti", "2022-01-05T05:04:00", 1e-4, timeliness="NRTI", **orbit),
        s5p("rpro", "2022-01-05T04:20:00", 3e-4, timeliness="RPRO", **orbit),
        s5p("offl", "2022-01-05T04:20:00", 2e-4, timeliness="OFFL", **orbit),
    )
    days = ("2022-01-05T00:00:00Z", "2022-01-06T00:00:00Z")
    for data_filter, expected in (
        ({}, 3e-4),
        ({"timeliness": "NRTI"}, 1e-4),
        ({"timeliness": "OFFL"}, 2e-4),
        ({"timeliness": "AUTO"}, 3e-4),
    ):
        assert made(served, s5p_body(days=days, data_filter=data_filter))[0, 0, 0] == np.float32(expected)


def test_an_early_product_stays_where_the_later_one_does_not_reach() -> None:
    orbit = {"absolute_orbit": 20056}
    served = engine(
        s5p("nrti", "2022-01-05T05:04:00", 1e-4, timeliness="NRTI", **orbit),
        s5p("offl", "2022-01-05T04:20:00", 2e-4, timeliness="OFFL", footprint=box(110, 30, 111, 31), **orbit),
    )
    days = ("2022-01-05T00:00:00Z", "2022-01-06T00:00:00Z")
    assert made(served, s5p_body(days=days))[0, 0, 0] == np.float32(1e-4)


def test_one_input_has_one_product_of_sentinel_5p() -> None:
    both = NO2.replace('["NO2", "dataMask"]', '["NO2", "CLOUD_FRACTION"]')
    found = error(engine().process(s5p_body(both), None))
    assert found["code"] == "RENDERER_EXCEPTION"
    assert "CLOUD, NO2" in found["message"]
    tile = error(engine().process(s5p_body(NO2.replace("SIMPLE", "TILE")), None))
    assert tile["code"] == "RENDERER_EXCEPTION"


def test_products_appear_and_disappear_with_time() -> None:
    contents = [
        l1c("first", "2022-01-05T03:00:00", 100, withdrawn=datetime(2022, 1, 20, tzinfo=UTC)),
        l1c("again", "2022-01-05T03:00:00", 200, published=datetime(2022, 1, 20, tzinfo=UTC)),
    ]
    clock = [datetime(2022, 1, 19, 23, 59, tzinfo=UTC)]
    timed = Engine(Fields(contents), now=lambda: clock[0])
    assert made(timed, body())[0, 0, 0] == 100
    clock[0] = datetime(2022, 1, 20, tzinfo=UTC)
    assert made(timed, body())[0, 0, 0] == 200
    assert made(Engine(Fields(contents)), body())[0, 0, 0] == 200


def test_of_two_products_of_one_time_the_later_published_is_used() -> None:
    served = engine(
        l1c("a", "2022-01-05T03:00:00", 100, published=datetime(2022, 1, 6, tzinfo=UTC)),
        l1c("b", "2022-01-05T03:00:00", 200, published=datetime(2023, 1, 6, tzinfo=UTC)),
    )
    assert made(served, body())[0, 0, 0] == 200


LANDSAT = script(
    '["B06", "B10", "BQA", "SZA", "dataMask"]',
    "[samples.B06, samples.B10, samples.BQA, samples.SZA, samples.dataMask]",
    output='bands: 5, sampleType: "FLOAT32", nodataValue: -1',
)


def test_landsat_is_nan_where_there_are_no_data() -> None:
    served = engine(
        (
            granule(
                "LC08_L1TP_123032_20220105_20220113_02_T1",
                "2022-01-05T03:00:00",
                collection="landsat-ot-l1",
                footprint=WEST_HALF,
            ),
            constant(0.2, B10=280.0, BQA=21824.0),
        )
    )
    reply = served.process(body(LANDSAT, collection="landsat-ot-l1", pixel=30), None)
    found = image(reply.content)
    np.testing.assert_array_equal(found[[0, 1, 2, 4], 0, 0], np.array([0.2, 280, 21824, 1], np.float32))
    zenith, _ = solar_angles(at("2022-01-05T03:00:00").timestamp(), 116.77, 39.66)
    assert found[3, 0, 0] == pytest.approx(math.degrees(float(zenith)), abs=0.01)
    assert np.isnan(found[:3, 0, -1]).all()
    assert found[4, 0, -1] == 0
    with MemoryFile(reply.content) as memory, memory.open() as dataset:
        assert dataset.nodata == -1


FUSED = """//VERSION=3
function setup() {
  return {
    input: [
      { datasource: "codes", bands: ["SCL"], units: "DN" },
      { datasource: "counts", bands: ["B12", "B11"], units: "DN", mosaicking: "ORBIT" },
    ],
    output: { bands: 3, sampleType: "UINT16" },
  };
}
function evaluatePixel(samples) {
  return [samples.codes[0].SCL, samples.counts.length, samples.counts[1].B12];
}
"""


def test_several_collections_are_fused_by_their_names() -> None:
    codes = granule("codes", "2022-01-05T03:00:00", collection="sentinel-2-l2a"), constant(4)
    served = engine(codes, l1c("a", "2022-01-05T03:00:00", 100), l1c("b", "2022-01-06T03:00:00", 200))
    request = body(FUSED, size=512)
    first = request["input"]["data"][0]
    request["input"]["data"] = [{**first, "id": "counts"}, {**first, "id": "codes", "type": "sentinel-2-l2a"}]
    reply = served.process(request, None)
    np.testing.assert_array_equal(image(reply.content)[:, 0, 0], [4, 2, 100])
    assert reply.processing_units == pytest.approx((1 * 1 + 2 * 2) / 3 * 2)


def test_a_provider_that_has_lost_a_product_makes_the_service_fail_for_good() -> None:
    class Broken(Fields):
        def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
            raise ProductError("Illegal request to creo://eodata/x. HTTP Status: '404'")

    reply = Engine(Broken([l1c("G", "2022-01-05T03:00:00", 1)])).process(body(), None)
    assert reply.status == 500
    assert error(reply)["code"] == "RENDERER_EXCEPTION"
    assert "Illegal request" in error(reply)["message"]


def test_large_images_go_through_in_blocks_and_come_out_the_same() -> None:
    def texture(band: str, easting: Floats, northing: Floats) -> Floats:
        return (easting * 7 + northing * 13) % 1000

    contents = (granule("G", "2022-01-05T03:00:00"), texture)
    request = body(size=37, processing={"upsampling": "BILINEAR"}, pixel=13)
    whole = engine(contents).process(request, None)
    assert (
        Engine(Fields([contents]), options=EngineOptions(block_bytes=4 * 4 * 37 * 5)).process(request, None).content
        == whole.content
    )


def test_many_threads_get_each_their_own_answer() -> None:
    contents = [l1c(f"G{day}", f"2022-01-{day:02d}T03:00:00", day) for day in range(1, 25)]
    served = engine(*contents)

    def ask(day: int) -> float:
        days = (f"2022-01-{day:02d}T00:00:00Z", f"2022-01-{day:02d}T23:59:59Z")
        return float(made(served, body(days=days))[0].max())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(1, 25))) == list(range(1, 25))


def test_the_footprint_of_tiles_is_told_where_asked() -> None:
    asked = ORBITS.replace('["B12", "dataMask"]', '[{ bands: ["B12"], metadata: ["bounds"] }]')
    files = members(engine(l1c("G", "2022-01-05T03:00:00", 1)).process(body(asked, output=BOTH), None))
    tile = json.loads(files["userdata.json"])["scenes"]["orbits"][0]["tiles"][0]
    assert tile["dataGeometry"]["type"] == "Polygon"
    assert [list(WIDE.bounds[:2])][0] in tile["dataEnvelope"]["coordinates"][0]


def test_a_request_without_a_mask_still_knows_where_data_are() -> None:
    only = script('["dataMask"]', "[samples.dataMask]", output='bands: 1, sampleType: "UINT8"')
    reply = engine(l1c("G", "2022-01-05T03:00:00", 1, footprint=WEST_HALF)).process(
        body(only, size=512, pixel=20), None
    )
    assert reply.processing_units == pytest.approx(1 / 3)
    assert 0 < image(reply.content).mean() < 1


def test_the_script_of_one_request_is_gone_with_it() -> None:
    served = engine(l1c("G", "2022-01-05T03:00:00", 500))
    greedy = ONE_BAND + "\nglobalThis.leak = 7; Math.round = () => 99; index = () => 99; Array.prototype.leak = 7;"
    made(served, body(greedy))
    asked = script(
        '["B12"]',
        "[typeof leak === 'undefined' ? 1 : 0, Math.round(1.2), index(3, 1) * 10, [].leak === undefined ? 1 : 0]",
        output='bands: 4, sampleType: "UINT8"',
    )
    for _ in range(4):
        np.testing.assert_array_equal(made(served, body(asked))[:, 0, 0], [1, 1, 5, 1])
