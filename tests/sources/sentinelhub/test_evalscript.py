"""The evalscript in V8, which is what the service runs it in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from py_mini_racer import MiniRacer

from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import NODATA, SENSORS, Sensor
from satverify.sources.sentinelhub.bodies import evalscript, evalscript_hash
from tests.sources.sentinelhub.made import SENTINEL_2, SLSTR, acquired

DAYS = acquired("2022-01-05T03:01:11", "2022-01-10T03:01:12")
NIGHT = acquired("2022-01-05T13:40:00", "2022-01-05T14:19:00", platform="sentinel-3a")


def call(sensor: Sensor, acquisitions: Sequence[Acquisition], function: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever JavaScript returns
    """What a function of the script returns."""
    engine = MiniRacer()
    engine.eval(evalscript(sensor, acquisitions))
    said = ", ".join(json.dumps(argument) for argument in arguments)
    return json.loads(str(engine.eval(f"JSON.stringify({function}({said}))")))


def orbit(day: str) -> dict[str, Any]:
    return {"dateFrom": f"{day}T00:00:00Z", "dateTo": f"{day}T23:59:59Z", "tiles": [{"date": f"{day}T03:01:11Z"}]}


def tile(moment: str) -> dict[str, Any]:
    return {"date": moment, "dataPath": f"creo://{moment}", "shId": 1}


def sample(value: float, has_data: int = 1, sensor: Sensor = SENTINEL_2) -> dict[str, float]:
    return {band.source: value for band in sensor.bands} | {"dataMask": has_data}


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=lambda sensor: sensor.name)
def test_every_sensor_asks_for_its_bands_and_the_mask(sensor: Sensor) -> None:
    found = call(sensor, DAYS, "setup")
    assert found["input"][0]["bands"] == [*(band.source for band in sensor.bands), "dataMask"]
    assert found["input"][0]["units"] == [*(band.source_unit for band in sensor.bands), "DN"]
    assert found["output"] == {"id": "default", "bands": 2 * (len(sensor.bands) + 1), "sampleType": "UINT16"}
    assert found["mosaicking"] == sensor.mosaicking.value


def test_only_wanted_days_are_paid_for() -> None:
    scenes = {"orbits": [orbit("2022-01-10"), orbit("2022-01-07"), orbit("2022-01-05")]}
    kept = call(SENTINEL_2, DAYS, "preProcessScenes", {"scenes": scenes})
    assert [scene["dateFrom"][:10] for scene in kept["scenes"]["orbits"]] == ["2022-01-10", "2022-01-05"]


def test_only_wanted_passes_are_paid_for() -> None:
    scenes = {"tiles": [tile("2022-01-05T13:40:10Z"), tile("2022-01-05T13:43:00Z"), tile("2022-01-05T14:18:59Z")]}
    kept = call(SLSTR, NIGHT, "preProcessScenes", {"scenes": scenes})
    assert [scene["date"] for scene in kept["scenes"]["tiles"]] == ["2022-01-05T13:40:10Z", "2022-01-05T14:18:59Z"]


def test_scenes_land_in_the_wanted_order_whatever_order_the_service_has() -> None:
    scenes = {"orbits": [orbit("2022-01-10"), orbit("2022-01-05")]}
    image = call(SENTINEL_2, DAYS, "evaluatePixel", [sample(200), sample(100)], scenes)
    assert image == [100, 100, 100, 100, 100, 1, 200, 200, 200, 200, 200, 6]


@pytest.mark.parametrize("samples", [[], [sample(0, has_data=0)]])
def test_where_nothing_was_measured_there_is_no_number(samples: list[dict[str, float]]) -> None:
    image = call(SENTINEL_2, DAYS[:1], "evaluatePixel", samples, {"orbits": [orbit("2022-01-05")]})
    assert image == [NODATA] * 5 + [0]


def test_a_dark_pixel_is_zero_and_no_gap() -> None:
    image = call(SENTINEL_2, DAYS[:1], "evaluatePixel", [sample(0)], {"orbits": [orbit("2022-01-05")]})
    assert image == [0] * 5 + [1]


def test_values_become_numbers_by_scale_and_offset_and_never_pass_for_a_gap() -> None:
    values = {"S5": 0.0121, "S6": -1.5, "S7": 271.236, "S8": 1e9, "S9": 265.0, "F1": 270.0, "dataMask": 1}
    image = call(SLSTR, NIGHT[:1], "evaluatePixel", [values], {"tiles": [tile("2022-01-05T13:40:00Z")]})
    assert image == [506, 0, 27124, NODATA - 1, 26500, 27000, 1]


def test_pieces_of_one_pass_are_put_together() -> None:
    scenes = {"tiles": [tile("2022-01-05T13:40:05Z"), tile("2022-01-05T13:40:00Z")]}
    hidden, seen = sample(1.0, has_data=0, sensor=SLSTR), sample(300.0, sensor=SLSTR)
    image = call(SLSTR, NIGHT[:1], "evaluatePixel", [hidden, seen], scenes)
    assert image[2:5] == [30000] * 3


def test_a_band_without_a_value_is_a_gap_of_its_own() -> None:
    values = sample(100) | {"B10": None}
    image = call(SENTINEL_2, DAYS[:1], "evaluatePixel", [values], {"orbits": [orbit("2022-01-05")]})
    assert image == [100, 100, NODATA, 100, 100, 1]


def test_userdata_lists_the_scenes_with_the_times_of_their_products() -> None:
    scenes = {"orbits": [orbit("2022-01-10"), orbit("2022-01-05")]}
    engine = MiniRacer()
    engine.eval(evalscript(SENTINEL_2, DAYS))
    engine.eval(f"const metadata = {{}}; updateOutputMetadata({json.dumps(scenes)}, {{}}, metadata)")
    found = json.loads(str(engine.eval("JSON.stringify(metadata.userData)")))
    assert [scene["place"] for scene in found["scenes"]] == [1, 0]
    assert found["scenes"][1]["tiles"][0]["time"] == "2022-01-05T03:01:11Z"


def test_times_may_be_dates_of_javascript() -> None:
    engine = MiniRacer()
    engine.eval(evalscript(SENTINEL_2, DAYS))
    scene = '{dateFrom: new Date("2022-01-05T00:00:00Z")}'
    values = json.dumps(sample(5))
    assert engine.eval(f"evaluatePixel([{values}], {{orbits: [{scene}]}})[0]") == 5


def test_the_hash_is_of_script_and_bands_and_not_of_dates() -> None:
    hashes = {evalscript_hash(sensor) for sensor in SENSORS.values()}
    assert len(hashes) == len(SENSORS) - 1  # night and day of one instrument are asked for alike
    assert evalscript(SENTINEL_2, DAYS) != evalscript(SENTINEL_2, DAYS[:1])
    assert datetime(2022, 1, 5, tzinfo=UTC).timestamp() * 1000 == pytest.approx(
        json.loads(evalscript(SENTINEL_2, DAYS).split("const REQUEST = ")[1].split(";\n")[0])["origin"]
    )
