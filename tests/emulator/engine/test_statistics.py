"""Statistics requests: intervals, masks, histograms, failures, and the shape of recorded answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from satverify.emulator.engine import Engine, EngineOptions
from tests.emulator.engine.fields import WORKS, Fields, Floats, constant, granule
from tests.emulator.engine.requests import UTM, error

NAMED = """//VERSION=3
function setup() {
  return {
    input: [{ bands: ["B11", "B12", "dataMask"] }],
    output: [{ id: "swir", bands: ["long", "short"] }, { id: "dataMask", bands: 1 }],
  };
}
function evaluatePixel(sample) {
  return { swir: [sample.B12, sample.B11], dataMask: [sample.dataMask] };
}
"""


def ramp(band: str, easting: Floats, northing: Floats) -> Floats:
    """From 1000 in the south-west, a hundred more with every pixel of 20 m to the east, a thousand to the north."""
    west, south = WORKS
    return np.asarray(1000 + 100 * (np.floor((easting - west) / 20) + 10 * np.floor((northing - south) / 20)))


def body(
    evalscript: str = NAMED,
    *,
    days: tuple[str, str] = ("2022-01-01T00:00:00Z", "2022-01-06T00:00:00Z"),
    of: object = "P1D",
    calculations: object = None,
    geometry: dict[str, Any] | None = None,
    size: int = 10,
    last: str | None = None,
) -> dict[str, Any]:
    west, south = WORKS
    bounds: dict[str, Any] = {
        "bbox": [west, south, west + 20 * size, south + 20 * size],
        "properties": {"crs": UTM},
    }
    if geometry:
        bounds["geometry"] = geometry
    request: dict[str, Any] = {
        "input": {"bounds": bounds, "data": [{"type": "sentinel-2-l1c", "dataFilter": {}}]},
        "aggregation": {
            "timeRange": {"from": days[0], "to": days[1]},
            "aggregationInterval": {"of": of, **({"lastIntervalBehavior": last} if last else {})},
            "width": size,
            "height": size,
            "evalscript": evalscript,
        },
    }
    if calculations is not None:
        request["calculations"] = calculations
    return request


def served(*days: int, options: EngineOptions = EngineOptions()) -> Engine:  # noqa: B008 - frozen
    contents = [(granule(f"G{day}", f"2022-01-{day:02d}T03:00:00"), ramp) for day in days]
    return Engine(Fields(contents), options=options)


def answer(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    reply = engine.statistics(request)
    assert reply.status == 200, reply.content
    found: dict[str, Any] = json.loads(reply.content)
    return found


def test_intervals_without_products_are_missing() -> None:
    found = answer(served(2, 4), body())
    assert [entry["interval"] for entry in found["data"]] == [
        {"from": "2022-01-02T00:00:00Z", "to": "2022-01-03T00:00:00Z"},
        {"from": "2022-01-04T00:00:00Z", "to": "2022-01-05T00:00:00Z"},
    ]
    assert found["status"] == "OK"
    assert answer(served(), body())["data"] == []


def test_statistics_are_those_of_the_pixels() -> None:
    found = answer(served(2), body())["data"][0]["outputs"]["swir"]["bands"]
    assert list(found) == ["long", "short"]
    expected = np.float32(np.arange(1000, 11000, 100) / 10000)
    assert found["long"]["stats"] == {
        "min": pytest.approx(float(expected.min())),
        "max": pytest.approx(float(expected.max())),
        "mean": pytest.approx(float(expected.mean()), rel=1e-6),
        "stDev": pytest.approx(float(expected.std()), rel=1e-6),
        "sampleCount": 100,
        "noDataCount": 0,
    }


def test_pixels_outside_of_the_polygon_count_as_no_data_where_the_mask_is_passed_on() -> None:
    west, south = WORKS
    ring = [[west, south], [west + 100, south], [west + 100, south + 200], [west, south + 200], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    found = answer(served(2), body(geometry=geometry))
    assert found["geometryPixelCount"] == 50
    stats = found["data"][0]["outputs"]["swir"]["bands"]["long"]["stats"]
    assert (stats["sampleCount"], stats["noDataCount"]) == (100, 50)
    assert stats["max"] == pytest.approx((1000 + 9400) / 10000)
    careless = NAMED.replace("dataMask: [sample.dataMask]", "dataMask: [1]")
    stats = answer(served(2), body(careless, geometry=geometry))["data"][0]["outputs"]["swir"]["bands"]["long"]["stats"]
    assert (stats["noDataCount"], stats["min"]) == (0, 0)


def test_where_nothing_is_left_numbers_are_the_word_nan() -> None:
    masked = NAMED.replace("[sample.dataMask]", "[0]")
    calculations = {"default": {"statistics": {"default": {"percentiles": {"k": [50]}}}}}
    stats = answer(served(2), body(masked, calculations=calculations))["data"][0]["outputs"]["swir"]["bands"]["long"][
        "stats"
    ]
    assert stats == {
        "min": "NaN",
        "max": "NaN",
        "mean": "NaN",
        "stDev": "NaN",
        "sampleCount": 100,
        "noDataCount": 100,
        "percentiles": {"50.0": "NaN"},
    }


def test_numbers_that_are_none_do_not_spoil_the_rest() -> None:
    holed = NAMED.replace("sample.B12,", "sample.B12 > 0.5 ? NaN : sample.B12,")
    stats = answer(served(2), body(holed))["data"][0]["outputs"]["swir"]["bands"]["long"]["stats"]
    assert stats["max"] == pytest.approx(0.5)
    assert stats["noDataCount"] == 59


def test_percentiles_are_values_of_pixels_by_the_name_of_their_share() -> None:
    calculations = {"swir": {"statistics": {"long": {"percentiles": {"k": [0, 33, 50, 100]}}}}}
    bands = answer(served(2), body(calculations=calculations))["data"][0]["outputs"]["swir"]["bands"]
    percentiles = bands["long"]["stats"]["percentiles"]
    assert list(percentiles) == ["0.0", "33.0", "50.0", "100.0"]
    assert percentiles["0.0"] == bands["long"]["stats"]["min"]
    assert percentiles["100.0"] == bands["long"]["stats"]["max"]
    assert percentiles["50.0"] == pytest.approx(0.6)  # of an even number the higher of the two in the middle
    assert "percentiles" not in bands["short"]["stats"]


def _histogram(
    wanted: dict[str, Any], evalscript: str = NAMED, *, accepts_explicit_bins: bool = False
) -> dict[str, Any]:
    calculations = {"default": {"histograms": {"default": wanted}}}
    options = EngineOptions(accepts_explicit_bins=accepts_explicit_bins)
    found = answer(served(2, options=options), body(evalscript, calculations=calculations))
    histogram: dict[str, Any] = found["data"][0]["outputs"]["swir"]["bands"]["long"]["histogram"]
    return histogram


def test_bins_are_cut_as_the_documented_example_has_them() -> None:
    histogram = _histogram({"nBins": 3, "lowEdge": 0.0, "highEdge": 0.3})
    edges = [(part["lowEdge"], part["highEdge"]) for part in histogram["bins"]]
    assert edges == [
        (0.0, 0.09999999999999999),
        (0.09999999999999999, 0.19999999999999998),
        (0.19999999999999998, 0.3),
    ]
    assert sum(part["count"] for part in histogram["bins"]) + histogram["overflowCount"] == 100
    assert histogram["underflowCount"] == 0
    wide = _histogram({"binWidth": 0.05, "lowEdge": 0.5})
    assert [part["lowEdge"] for part in wide["bins"][:3]] == [0.5, 0.55, 0.6]
    assert wide["underflowCount"] == 40
    assert wide["overflowCount"] == 0
    assert sum(part["count"] for part in wide["bins"]) == 60


def test_without_edges_a_histogram_spans_the_values() -> None:
    histogram = _histogram({"nBins": 10})
    assert histogram["bins"][0]["lowEdge"] == pytest.approx(0.1)
    assert histogram["bins"][-1]["highEdge"] == pytest.approx(1.09)
    assert [part["count"] for part in histogram["bins"]] == [10] * 10


def test_whole_numbers_get_whole_edges() -> None:
    whole = NAMED.replace('bands: ["long", "short"]', 'bands: ["long", "short"], sampleType: "UINT16"').replace(
        "[sample.B12, sample.B11]", "[sample.B12 * 10, 1]"
    )
    histogram = _histogram({"binWidth": 1, "lowEdge": 0, "highEdge": 12}, whole)
    assert isinstance(histogram["bins"][0]["lowEdge"], int)
    assert len(histogram["bins"]) == 12
    histogram = _histogram({"bins": [0, 5, 20]}, whole, accepts_explicit_bins=True)
    assert [part["highEdge"] for part in histogram["bins"]] == [5, 20]


def test_each_output_can_have_its_own_mask() -> None:
    masked = """//VERSION=3
function setup() {
  return {
    input: ["B12", "dataMask"],
    output: [
      { id: "a", bands: 1 }, { id: "b", bands: 1 }, { id: "c", bands: 1 }, { id: "dataMask", bands: ["a", "b"] },
    ],
  };
}
function evaluatePixel(sample) {
  return { a: [1], b: [2], c: [3], dataMask: [sample.dataMask, sample.B12 > 0.5 ? 1 : 0] };
}
"""
    outputs = answer(served(2), body(masked))["data"][0]["outputs"]
    assert list(outputs) == ["a", "b", "c"]
    assert [outputs[name]["bands"]["B0"]["stats"]["noDataCount"] for name in "abc"] == [0, 41, 0]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("SKIP", ["2022-01-03T00:00:00Z"]),
        ("SHORTEN", ["2022-01-03T00:00:00Z", "2022-01-04T12:00:00Z"]),
        ("EXTEND", ["2022-01-03T00:00:00Z", "2022-01-05T00:00:00Z"]),
        (None, ["2022-01-03T00:00:00Z"]),
    ],
)
def test_a_last_interval_that_does_not_fit_is_treated_as_asked(behaviour: str | None, expected: list[str]) -> None:
    request = body(of="P2D", days=("2022-01-01T00:00:00Z", "2022-01-04T12:00:00Z"), last=behaviour)
    found = answer(served(1, 3, 4), request)
    assert [entry["interval"]["to"] for entry in found["data"]] == expected


def test_months_are_those_of_the_calendar() -> None:
    contents = [(granule(f"G{m}", f"2022-{m:02d}-28T03:00:00"), ramp) for m in (1, 2, 3)]
    request = body(of="P1M", days=("2022-01-01T00:00:00Z", "2022-04-01T00:00:00Z"))
    found = answer(Engine(Fields(contents)), request)
    assert [entry["interval"]["from"][:10] for entry in found["data"]] == ["2022-01-01", "2022-02-01", "2022-03-01"]


def test_the_end_of_an_interval_belongs_to_the_next() -> None:
    contents = [(granule("G", "2022-01-02T00:00:00"), ramp)]
    found = answer(Engine(Fields(contents)), body())
    assert [entry["interval"]["from"][:10] for entry in found["data"]] == ["2022-01-02"]


@pytest.mark.parametrize("of", ["", "P", "PT12H", "1D", "P1DT1H", "PT", None, 5, "P0D"])
def test_an_interval_is_at_least_a_day_by_period_or_by_time(of: object) -> None:
    assert error(served().statistics(body(of=of)))["code"] == "COMMON_BAD_PAYLOAD"


def test_hours_may_add_up_to_days() -> None:
    assert len(answer(served(2, 4), body(of="PT24H"))["data"]) == 2
    assert len(answer(served(2, 4), body(of="P1W"))["data"]) == 0


FAILING = NAMED.replace("return { swir", 'if (sample.B12 === 0.4) throw new Error("no"); return { swir')


def test_a_failing_interval_leaves_the_others() -> None:
    contents = [
        (granule("good", "2022-01-02T03:00:00"), constant(3000)),
        (granule("bad", "2022-01-03T03:00:00"), constant(4000)),
    ]
    found = answer(Engine(Fields(contents)), body(FAILING))
    assert found["status"] == "PARTIAL"
    assert found["data"][1] == {
        "interval": {"from": "2022-01-03T00:00:00Z", "to": "2022-01-04T00:00:00Z"},
        "error": {"type": "EXECUTION_ERROR"},
    }
    found = answer(Engine(Fields(contents[1:])), body(FAILING))
    assert found["status"] == "FAILED"


def test_an_interval_that_takes_too_long_is_told_apart() -> None:
    endless = NAMED.replace("return { swir", "while (true); return { swir")
    found = answer(served(2, options=EngineOptions(script_seconds=0.3)), body(endless))
    assert found["data"][0]["error"] == {"type": "TIMEOUT"}


def test_a_script_without_a_mask_is_refused() -> None:
    unmasked = NAMED.replace(', { id: "dataMask", bands: 1 }', "")
    found = error(served(2).statistics(body(unmasked)))
    assert "dataMask" in found["message"]
    assert found["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize(
    "calculations",
    [
        [],
        {"default": {"statistics": {"default": {"percentiles": {"k": [101]}}}}},
        {"default": {"statistics": {"default": {"percentiles": {"k": 50}}}}},
        {"default": {"statistics": {"default": {"percentiles": {"k": [50], "interpolation": "cubic"}}}}},
        {"default": {"histograms": {"default": {"lowEdge": 0}}}},
        {"default": {"histograms": {"default": {"nBins": 0}}}},
        {"default": {"histograms": {"default": {"nBins": 5, "binWidth": 1}}}},
        {"default": {"histograms": {"default": {"binWidth": -1}}}},
        {"default": {"histograms": {"default": {"nBins": 5, "lowEdge": 1, "highEdge": 1}}}},
        {"default": {"histograms": {"default": {"bins": [0, 1, 2]}}}},  # Copernicus Data Space refuses them
    ],
)
def test_calculations_that_are_none_are_refused(calculations: object) -> None:
    assert error(served(2).statistics(body(calculations=calculations)))["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize("missing", ["timeRange", "aggregationInterval", "evalscript"])
def test_an_aggregation_must_be_whole(missing: str) -> None:
    request = body()
    del request["aggregation"][missing]
    assert error(served(2).statistics(request))["code"] == "COMMON_BAD_PAYLOAD"


def test_intervals_with_products_are_paid_for() -> None:
    assert served(2, 4).statistics(body(size=512)).processing_units == pytest.approx(2 * 2 / 3)
    assert served().statistics(body(size=512)).processing_units == 0.01


def test_late_products_are_not_seen_before_they_are_published() -> None:
    late = granule("late", "2022-01-02T03:00:00", published=datetime(2022, 1, 5, tzinfo=UTC))
    provider = Fields([(late, ramp)])
    assert answer(Engine(provider, now=lambda: datetime(2022, 1, 4, tzinfo=UTC)), body())["data"] == []
    assert len(answer(Engine(provider, now=lambda: datetime(2022, 1, 6, tzinfo=UTC)), body())["data"]) == 1


def _shape(value: object) -> object:
    """Keys and types of a document; of lists the first entry, of bands by whatever name the first."""
    if isinstance(value, dict):
        return {key: _shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value).__name__


def test_an_answer_has_the_shape_of_a_recorded_one(shared_data: Path) -> None:
    path = shared_data / "sentinelhub" / "sentinelhub-py" / "statistical_request_cdse__stat_response.json"
    recorded = json.loads(path.read_text())["response"]
    rgb = NAMED.replace('"swir", bands: ["long", "short"]', '"rgb", bands: ["R", "G", "B"]').replace(
        "swir: [sample.B12, sample.B11]", "rgb: [sample.B12, sample.B11, 0.5]"
    )
    found = answer(served(2, 4), body(rgb))
    assert found.pop("geometryPixelCount") == 100  # newer than the record
    assert _shape(found) == _shape(recorded)


def test_histograms_and_percentiles_have_the_shape_of_a_recorded_batch(shared_data: Path) -> None:
    path = shared_data / "sentinelhub" / "sentinelhub-py" / "batch_stat_failed_results.json"
    recorded = next(entry["response"] for entry in json.loads(path.read_text()) if entry["id"] == 5)
    calculations = {
        "default": {
            "statistics": {"default": {"percentiles": {"k": [50]}}},
            "histograms": {"default": {"nBins": 10, "lowEdge": -1.0, "highEdge": 1.0}},
        }
    }
    ndvi = NAMED.replace('"swir", bands: ["long", "short"]', '"ndvi", bands: 1').replace(
        "swir: [sample.B12, sample.B11]", "ndvi: [sample.B12]"
    )
    found = answer(served(2), body(ndvi, calculations=calculations))["data"][0]["outputs"]
    expected = next(entry["outputs"] for entry in recorded["data"] if "outputs" in entry)
    assert _shape(found) == _shape(expected)
    edges = [part["lowEdge"] for part in found["ndvi"]["bands"]["B0"]["histogram"]["bins"]]
    recorded_edges = [part["lowEdge"] for part in expected["ndvi"]["bands"]["B0"]["histogram"]["bins"]]
    np.testing.assert_allclose(edges, recorded_edges, atol=1e-12)
