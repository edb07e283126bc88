"""Boxes, polygons and sizes, and the service's words where they are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from satverify.emulator.engine import Engine, EngineOptions
from tests.emulator.engine.fields import WORKS, Fields, constant, granule
from tests.emulator.engine.requests import UTM, body, error, image

SERVED = Engine(Fields([(granule("G", "2022-01-05T03:00:00"), constant(500))]))
BOX = [WORKS[0], WORKS[1], WORKS[0] + 80, WORKS[1] + 80]
DEGREES = {"bbox": [116.0, 39.0, 116.4, 39.1]}


def sized(bounds: dict[str, Any] | None = None, **size: object) -> dict[str, Any]:
    request = body(bounds=bounds)
    request["output"] = {"responses": request["output"]["responses"], **size}
    return request


def test_too_many_pixels_by_resolution_are_told_as_the_service_does() -> None:
    wide = {"bbox": [WORKS[0], WORKS[1], WORKS[0] + 26_240, WORKS[1] + 80], "properties": {"crs": UTM}}
    found = error(SERVED.process(sized(wide, resx=10, resy=10), None))
    assert found == {
        "status": 400,
        "reason": "Bad Request",
        "message": "`width = 2624`, calculated from resx, is larger than allowed 2500.\n",
        "code": "COMMON_BAD_PAYLOAD",
        "errors": [
            {
                "parameter": "output->resx",
                "violation": "`width = 2624`, calculated from resx, is larger than allowed 2500.",
            }
        ],
    }


def test_size_and_resolution_exclude_each_other() -> None:
    found = error(SERVED.process(sized(width=10, height=10, resx=10, resy=10), None))
    assert found["message"] == "Only width and height or resx and resy can be set at the same time."
    assert found["code"] == "COMMON_BAD_PAYLOAD"


def test_pixels_coarser_than_the_collection_allows_are_told_as_the_service_does() -> None:
    wide = {"bbox": [300_000, 4_000_000, 700_000, 4_400_000], "properties": {"crs": UTM}}
    found = error(SERVED.process(sized(wide, width=100, height=100), None))
    assert found["code"] == "COMMON_EXCEPTION"
    assert found["message"] == (
        "Your request of 4000.00 meters per pixel exceeds the limit 1500.00 meters per pixel of the collection S2L1C. "
        "Please revise the resolution (or corresponding width/height) to make sure it is in supported range."
    )


def test_collections_of_coarse_sensors_allow_coarser_pixels() -> None:
    wide = {"bbox": [300_000, 4_000_000, 700_000, 4_400_000], "properties": {"crs": UTM}}
    request = sized(wide, width=100, height=100)
    request["input"]["data"][0]["type"] = "sentinel-5p-l2"
    request["evalscript"] = request["evalscript"].replace("B12", "NO2")
    assert SERVED.process(request, None).status == 200


def test_resolution_is_in_units_of_the_coordinate_system() -> None:
    found = error(SERVED.process(sized(DEGREES, resx=10, resy=10), None))
    assert "exceeds the limit 1500.00 meters per pixel" in found["message"]
    small = {"bbox": [116.0, 39.0, 116.001, 39.001]}  # the silent trap: one pixel
    assert image(SERVED.process(sized(small, resx=10, resy=10), None).content).shape == (2, 1, 1)


def test_an_image_without_a_size_has_256_pixels_a_side() -> None:
    assert image(SERVED.process(sized(), None).content).shape == (2, 256, 256)
    assert image(SERVED.process(sized(width=7), None).content).shape == (2, 256, 7)


def test_sides_by_resolution_are_rounded() -> None:
    box = {"bbox": [414315, 4958219, 414859, 4958819], "properties": {"crs": UTM}}  # of the documentation: 27 x 30
    assert image(SERVED.process(sized(box, resx=20, resy=20), None).content).shape == (2, 30, 27)


@pytest.mark.parametrize(
    "crs",
    [
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "http://www.opengis.net/def/crs/EPSG/0/3857",
        "http://www.opengis.net/def/crs/EPSG/0/32601",
        "http://www.opengis.net/def/crs/EPSG/0/32760",
    ],
)
def test_supported_systems_are_taken(crs: str) -> None:
    bounds = {"bbox": [10.0, 20.0, 11.0, 21.0], "properties": {"crs": crs}}
    assert SERVED.process(sized(bounds, width=100, height=100), None).status == 200


def _polygon(*positions: object) -> dict[str, Any]:
    return {"geometry": {"type": "Polygon", "coordinates": [list(positions)]}}


@pytest.mark.parametrize(
    ("bounds", "parameter"),
    [
        ({"bbox": BOX, "properties": {"crs": "EPSG:32650"}}, "crs"),
        ({"bbox": BOX, "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/2154"}}, "crs"),
        ({"bbox": BOX, "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32661"}}, "crs"),
        ({"bbox": [1, 2, 3]}, "bbox"),
        ({"bbox": [1, 2, 3, "4"]}, "bbox"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bbox"),
        ({"bbox": [3, 2, 1, 4]}, "bbox"),
        ({"bbox": [1, 2, 1, 4]}, "bbox"),
        ({"bbox": BOX}, "bbox"),  # metres taken for degrees
        ({"geometry": {"type": "Point", "coordinates": [1, 2]}}, "geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, "geometry"),
        (_polygon([0, 0], [1, 0], [1, 1], [0, 1]), "geometry"),
        (_polygon([0, 0], [1, 0], [0, 0]), "geometry"),
        (_polygon([0, 0], [1, "a"], [1, 1], [0, 0]), "geometry"),
    ],
)
def test_bounds_that_are_not_what_they_should_be_are_refused(bounds: dict[str, Any], parameter: str) -> None:
    found = error(SERVED.process(sized(bounds, width=4, height=4), None))
    assert found["code"] == "COMMON_BAD_PAYLOAD"
    assert parameter in found["errors"][0]["parameter"]
    assert found["errors"][0]["violation"] in found["message"]


@pytest.mark.parametrize("bounds", [None, {}, {"properties": {"crs": UTM}}, "here"])
def test_bounds_must_be_there(bounds: object) -> None:
    request = body()
    request["input"]["bounds"] = bounds
    assert error(SERVED.process(request, None))["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize(
    "size",
    [
        {"width": 0},
        {"width": 2501},
        {"height": -3},
        {"width": 1.5},
        {"width": "9"},
        {"width": True},
        {"resx": 10},
        {"resx": 0, "resy": 5},
    ],
)
def test_sizes_that_are_none_are_refused(size: dict[str, Any]) -> None:
    assert error(SERVED.process(sized(**size), None))["code"] == "COMMON_BAD_PAYLOAD"


def test_a_multipolygon_of_too_many_parts_is_refused() -> None:
    part = [[[116.0, 39.0], [116.001, 39.0], [116.001, 39.001], [116.0, 39.0]]]
    bounds = {"geometry": {"type": "MultiPolygon", "coordinates": [part] * 5}}
    served = Engine(Fields(), options=EngineOptions(most_polygons=4))
    assert "too complex" in error(served.process(sized(bounds, width=4, height=4), None))["message"]
