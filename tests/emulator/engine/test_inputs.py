"""Data items that are not what they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from satverify.emulator.engine import Engine
from tests.emulator.engine.fields import Fields, constant, granule
from tests.emulator.engine.requests import DAYS, body, error

SERVED = Engine(Fields([(granule("G", "2022-01-05T03:00:00"), constant(500))]))


def _set(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(request: dict[str, Any]) -> None:
        target: Any = request["input"]["data"]
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = value

    return change


TIME, FILTER, PROCESSING = (0, "dataFilter", "timeRange"), (0, "dataFilter"), (0, "processing")


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        (_set(0, "type", value="sentinel-9"), "type"),
        (_set(0, "type", value=None), "type"),
        (_set(*TIME, value=None), "timeRange"),
        (_set(*TIME, "from", value="yesterday"), "from"),
        (_set(*TIME, "from", value="2022-01-01"), "from"),
        (_set(*TIME, "from", value="2022-01-01T00:00:00"), "from"),
        (_set(*TIME, "to", value=20220101), "to"),
        (_set(*TIME, "to", value="2021-01-01T00:00:00Z"), "timeRange"),
        (_set(*FILTER, "maxCloudCoverage", value=101), "maxCloudCoverage"),
        (_set(*FILTER, "maxCloudCoverage", value="50"), "maxCloudCoverage"),
        (_set(*FILTER, "mosaickingOrder", value="newest"), "mosaickingOrder"),
        (_set(*FILTER, "orbitDirection", value="UP"), "orbitDirection"),
        (_set(*FILTER, "timeliness", value="SOON"), "timeliness"),
        (_set(*PROCESSING, "upsampling", value="LANCZOS"), "upsampling"),
        (_set(*PROCESSING, "downsampling", value=3), "downsampling"),
        (_set(*PROCESSING, "harmonizeValues", value="yes"), "harmonizeValues"),
        (_set(*PROCESSING, "view", value="DOWN"), "view"),
        (_set(*PROCESSING, "minQa", value=-1), "minQa"),
        (_set(0, value="sentinel-2-l1c"), "data[0]"),
    ],
)
def test_the_parameter_that_is_wrong_is_named(change: Callable[[dict[str, Any]], None], parameter: str) -> None:
    request = body()
    change(request)
    found = error(SERVED.process(request, None))
    assert (found["status"], found["code"]) == (400, "COMMON_BAD_PAYLOAD")
    assert parameter in found["errors"][0]["parameter"]


@pytest.mark.parametrize("data", [None, [], {}, "sentinel-2-l1c"])
def test_data_must_be_there(data: object) -> None:
    request = body()
    request["input"]["data"] = data
    assert error(SERVED.process(request, None))["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize("request_body", [{}, {"input": None}, {"input": []}, {"input": {}, "output": 3}])
def test_a_request_must_have_an_input(request_body: dict[str, Any]) -> None:
    assert error(SERVED.process(request_body, None))["code"] == "COMMON_BAD_PAYLOAD"


def test_older_names_of_collections_are_known() -> None:
    assert SERVED.process(body(collection="S2L1C"), None).status == 200


def test_ids_of_data_items_are_unique() -> None:
    request = body()
    request["input"]["data"] = [{**request["input"]["data"][0], "id": "a"}] * 2
    assert "unique" in error(SERVED.process(request, None))["message"]


def test_choices_are_taken_in_any_case() -> None:
    request = body(data_filter={"mosaickingOrder": "MOSTRECENT"}, processing={"upsampling": "bilinear"}, days=DAYS)
    assert SERVED.process(request, None).status == 200
