"""Evalscripts as the documentation has them: what they find, what they return, and how they fail."""

from __future__ import annotations

import json

import numpy as np
import pytest

from satverify.emulator.engine import Engine, EngineOptions
from satverify.emulator.engine.evalscript import sources
from satverify.emulator.engine.workers import running
from tests.emulator.engine.fields import Fields, constant, granule
from tests.emulator.engine.requests import ONE_BAND, body, error, made, script

SCENE = (granule("G", "2022-01-05T03:00:00"), constant(500))
SERVED = Engine(Fields([SCENE]))
QUICK = EngineOptions(script_seconds=0.5)
GREEDY = EngineOptions(script_memory=60_000_000, block_bytes=20_000_000)


def evaluated(expression: str) -> object:
    """Value of an expression in the scope of an evalscript."""
    text = f"//VERSION=3\nfunction setup() {{ return {expression}; }}\nfunction evaluatePixel() {{}}"
    with running(sources(text), seconds=20, memory=500_000_000, payload=0) as opened:
        return json.loads(opened.call("setup"))


# Each is an example of the service's own documentation, "Utility Functions".
DOCUMENTED = [
    ("int2rgb(65537)", [1, 0, 1]),
    ("rgb2int([0, 1, 0])", 256),
    ("normalizeRGB([255, 0, 51])", [1, 0, 0.2]),
    ("combine([100, 0, 0], [0, 100, 0], 1)", [100, 0, 0]),
    ("combine([100, 0, 0], [0, 100, 0], 0.5)", [50, 50, 0]),
    ("index(0.6, 0.4)", 0.2),
    ("index(0.5, -0.5)", 0),
    ("inverse(5.0)", 0.2),
    ("inverse(0)", 1.7976931348623157e308),
    ("valueMap(5, [1, 3, 5, 7, 10], [100, 300, 500, 700, 900])", 500),
    ("valueMap(1, [1, 3, 5, 7, 10], [100, 300, 500, 700, 900])", 100),
    ("valueMap(2, [1, 3, 5, 7, 10], [100, 300, 500, 700, 900])", 300),
    ("valueMap(12, [1, 3, 5, 7, 10], [100, 300, 500, 700, 900])", 900),
    ("valueMap(50)", 50),
    ("valueInterpolate(0, [-10, -5, 0, 5, 10], [-1000,-50, 0, 50, 1000])", 0),
    ("valueInterpolate(-10, [-10, -5, 0, 5, 10], [-1000,-50, 0, 50, 1000])", -1000),
    ("valueInterpolate(9, [-10, -5, 0, 5, 10], [-1000,-50, 0, 50, 1000])", 810),
    ("valueInterpolate(50)", 50),
    ("valueInterpolate(0.1, [0, 0.2, 1], [[0, 0, 0], [0.1, 0.2, 0.5], [1, 1, 0.5]])", [0.05, 0.1, 0.25]),
    ("colorBlend(0.1, [0, 0.2], [0, 1])", 0.5),
    ("new ColorMapVisualizer([[200, 0xff0000], [300, 0x0000ff]]).process(199)", [1, 0, 0]),
    ("new ColorMapVisualizer([[200, 0xff0000], [300, 0x0000ff]]).process(299)", [1, 0, 0]),
    ("new ColorMapVisualizer([[200, 0xff0000], [300, 0x0000ff]]).process(300)", [0, 0, 1]),
    ("ColorMapVisualizer.createDefaultColorMap().process(0.45)", [0.2, 1, 1]),
    ("new ColorRampVisualizer([[200, 0xFF0000], [300, 0x0000FF]]).process(199)", [1, 0, 0]),
    (
        "new ColorRampVisualizer([[200, 0xFF0000], [300, 0x0000FF]]).process(250)",
        [0.4980392156862745, 0, 0.4980392156862745],
    ),
    (
        "new ColorRampVisualizer([[200, 0xFF0000], [300, 0x0000FF]]).process(299)",
        [0.00784313725490196, 0, 0.9882352941176471],
    ),
    ("new ColorRampVisualizer([[200, 0xFF0000], [300, 0x0000FF]]).process(300)", [0, 0, 1]),
    ("new ColorRampVisualizer([[200, [1, 0, 0]], [300, [0, 0, 1]]]).inverse().process(200)", [0, 0, 1]),
    ("ColorRampVisualizer.createRedTemperature(0.0, 1.0).process(0.3)", [1, 0.43137254901960786, 0]),
    ("ColorRampVisualizer.createRedTemperature(0.0, 1.0).process(0.5)", [1, 0.5137254901960784, 0]),
    ("ColorRampVisualizer.createRedTemperature(0.0, 1.0).process(0.8)", [1, 0.8, 0.5764705882352941]),
    ("ColorRampVisualizer.createWhiteGreen(0.0, 1.0).process(0.5)", [0.3333333333333333, 0.6, 0]),
    (
        "ColorRampVisualizer.createWhiteGreen(0.0, 1.0).process(0.8)",
        [0.7490196078431373, 0.8509803921568627, 0.4980392156862745],
    ),
    ("ColorRampVisualizer.createBlueRed(0.0, 1.0).process(0.3)", [0, 0.6980392156862745, 1]),
    ("ColorRampVisualizer.createBlueRed(0.0, 1.0).process(0.8)", [1, 0.2980392156862745, 0]),
    ("ColorRampVisualizer.createOceanColor(0, 1).process(1)", [105 / 255, 0, 0]),
    ("ColorGradientVisualizer.createRedTemperature(0.0, 1.0).process(0.3)", [0.43137254901960786, 0, 0]),
    ("ColorGradientVisualizer.createRedTemperature(0.0, 1.0).process(0.8)", [1, 0.6196078431372549, 0.2]),
    ("ColorGradientVisualizer.createWhiteGreen(0.0, 1.0).process(0.3)", [0, 0.2980392156862745, 0]),
    ("ColorGradientVisualizer.createWhiteGreen(0.0, 1.0).process(0.8)", [0.6666666666666666, 0.8, 0.3333333333333333]),
    ("ColorGradientVisualizer.createBlueRed(0.0, 1.0).process(0.3)", [0, 0.7019607843137254, 1]),
    ("new HighlightCompressVisualizer(0.1, 0.4).process(0)", 0),
    ("new HighlightCompressVisualizer(0.1, 0.4).process(0.25)", 0.5),
    ("new HighlightCompressVisualizer(0.1, 0.4).process(0.376)", 0.92),
    ("new HighlightCompressVisualizer(0.1, 0.4).process(0.4)", 0.92 + 0.08 * 0.08 / 1.08),
    ("new HighlightCompressVisualizer(0.1, 0.4).process(0.7)", 1),
    ("new HighlightCompressVisualizer(0.1, 0.4).processList([0.25, 1.1])", [0.5, 1]),
    ("new DefaultVisualizer(0, 2).process(1)", 0.5),
]


def test_the_documented_examples_of_utility_functions_come_out() -> None:
    found = evaluated(f"[{', '.join(expression for expression, _ in DOCUMENTED)}]")
    assert isinstance(found, list)
    for (expression, expected), value in zip(DOCUMENTED, found, strict=True):
        np.testing.assert_allclose(np.array(value), np.array(expected), atol=1e-12, err_msg=expression)


def test_constants_are_their_own_names() -> None:
    assert evaluated("[Mosaicking.ORBIT, SampleType.FLOAT32]") == ["ORBIT", "FLOAT32"]


def test_landsat_quality_bits_are_told_apart() -> None:
    assert evaluated("decodeL8C2Qa(55052)") == {  # the documentation's example
        "cirrus": 1,
        "cirrusConfidence": 3,
        "clear": 0,
        "cloud": 1,
        "cloudConfidence": 3,
        "cloudShadow": 0,
        "cloudShadowConfidence": 1,
        "dilatedCloud": 0,
        "fill": 0,
        "snow": 0,
        "snowIceConfidence": 1,
        "water": 0,
    }


def test_a_ramp_may_fall_and_may_be_stretched() -> None:
    falling = "new ColorRampVisualizer([[30, 0x345e03], [0, 0xf0f5d5]])"
    assert evaluated(f"{falling}.process(30)") == pytest.approx([0x34 / 255, 0x5E / 255, 3 / 255])
    assert evaluated("new ColorRampVisualizer([[0, [0,0,0]], [1, [1,1,1]]], 10, 20).process(15)") == [0.5, 0.5, 0.5]


def test_a_script_may_declare_names_of_the_service_for_itself() -> None:
    own = script(
        '["B12"]',
        "[index(1, 2), clamp]",
        output='bands: 2, sampleType: "UINT8"',
        extra="let index = (a, b) => a + b; const clamp = 9;",
    )
    np.testing.assert_array_equal(made(SERVED, body(own))[:, 0, 0], [3, 9])


def test_functions_may_be_constants() -> None:
    arrows = """//VERSION=3
const setup = () => ({ input: ["B12"], output: { bands: 1, sampleType: "UINT8" } });
const evaluatePixel = (sample) => [sample.B12 * 1000];
"""
    assert made(SERVED, body(arrows)).max() == 50


@pytest.mark.parametrize(
    ("sample_type", "given", "expected"),
    [
        ("UINT8", [40.6, 310, -4, float("nan"), 40.5, float("inf")], [41, 255, 0, 0, 41, 255]),
        ("INT8", [-128.4, -200, 127.4, 300, -0.6, 0], [-128, -128, 127, 127, -1, 0]),
        ("UINT16", [65535.4, 70000, -1, 0.49, 0.51, 1e30], [65535, 65535, 0, 0, 1, 65535]),
        ("INT16", [-32768.9, 40000, 1.5, -1.4, 0, -1e30], [-32768, 32767, 2, -1, 0, -32768]),
        ("AUTO", [0.5, 2, -1, 1 / 255, 0.999, 1], [128, 255, 0, 1, 255, 255]),
        ("FLOAT32", [0.1, -5, 1e30, 0, 2.5, -0.25], [0.1, -5, 1e30, 0, 2.5, -0.25]),
    ],
)
def test_numbers_are_rounded_and_clamped_to_the_sample_type(
    sample_type: str, given: list[float], expected: list[float]
) -> None:
    written = ", ".join({"nan": "NaN", "inf": "Infinity"}.get(str(value), str(value)) for value in given)
    asked = script('["B12"]', f"[{written}]", output=f'bands: {len(given)}, sampleType: "{sample_type}"')
    found = made(SERVED, body(asked))[:, 0, 0]
    assert found.dtype == np.dtype({"AUTO": "uint8"}.get(sample_type, sample_type.lower()))
    np.testing.assert_array_equal(found, np.array(expected).astype(found.dtype))


def test_typed_arrays_are_as_good_as_arrays() -> None:
    asked = script('["B12"]', "new Float32Array([1, 2])", output='bands: 2, sampleType: "UINT8"')
    np.testing.assert_array_equal(made(SERVED, body(asked))[:, 0, 0], [1, 2])


def test_a_script_may_return_nothing() -> None:
    assert not made(SERVED, body(script('["B12"]', "undefined", output='bands: 1, sampleType: "UINT8"'))).any()


@pytest.mark.parametrize(
    ("evalscript", "words"),
    [
        ("", "Evalscript"),
        ("return [B04];", "VERSION=3"),
        ("//VERSION=3\nfunction setup( {", "SyntaxError"),
        ("//VERSION=3\nfunction evaluatePixel() {}", "setup is missing"),
        ('//VERSION=3\nfunction setup() { return {input: ["B12"], output: {bands: 1}} }', "evaluatePixel is missing"),
        ("//VERSION=3\nfunction setup() {}\nfunction evaluatePixel() {}", "input and output"),
        (script('["B12"]', "[B11]", output="bands: 1"), "evalscript.js:6: ReferenceError: B11 is not defined"),
        (script('["B12"]', "[1, 2]", output="bands: 1"), "returned 2"),
        (script('["B12"]', "1", output="bands: 1"), "array"),
        (script('["B12"]', "[1]", output="bands: 0"), "bands"),
        (script('["B12"]', "[1]", output="bands: 1, sampleType: 'FLOAT64'"), "FLOAT64"),
        (script('["B12"]', "[1]", output="bands: 1", mosaicking="WEEK"), "WEEK"),
        (script('[{bands: ["B12", "B11"], units: ["DN"]}]', "[1]", output="bands: 1"), "1 units"),
        (script('[{bands: ["B12"], units: "PARSEC"}]', "[1]", output="bands: 1"), "PARSEC"),
        (script("[]", "[1]", output="bands: 1"), "input"),
        (script('["B12"]', "[samples[0].B12]", output="bands: 1"), "TypeError"),
        (
            script('["B12"]', "[1]", output="bands: 1", mosaicking="ORBIT", extra="function preProcessScenes() {}"),
            "preProcessScenes",
        ),
        (
            script(
                '["B12"]',
                "[1]",
                output="bands: 1",
                mosaicking="ORBIT",
                extra="function preProcessScenes() { return { scenes: { orbits: [{}] } }; }",
            ),
            "preProcessScenes",
        ),
        (script('["B12"]', "[1]", output="bands: 1, sampleType: 'UINT8', nodataValue: -1"), "nodataValue -1"),
        (script('["B12"]', "Promise.resolve([1])", output="bands: 1"), "array"),
        (
            script("['B12']", "[1]", output="bands: 1", extra="function updateOutput(o) { o.default.bands = 1e9; }"),
            "bands",
        ),
        (
            script(
                "['B12']", "[1]", output="bands: 1", extra="function updateOutputMetadata(s, i, o) { o.userData = o; }"
            ),
            "circular",
        ),
    ],
)
def test_a_faulty_script_is_told_what_is_wrong(evalscript: str, words: str) -> None:
    found = error(SERVED.process(body(evalscript), None))
    assert found["status"] == 400
    assert words in found["message"]


def test_a_band_that_a_collection_does_not_have_is_told_as_the_service_does() -> None:
    found = error(SERVED.process(body(ONE_BAND.replace("B12", "SMA")), None))
    assert found == {  # the recorded body, but for the collection
        "status": 400,
        "reason": "Bad Request",
        "message": "S2L1C has no band SMA",
        "code": "RENDERER_EXCEPTION",
    }


@pytest.mark.parametrize(
    ("name", "loop"),
    [
        ("loop", "while (true);"),
        ("expression", "/(a+)+b/.test('a'.repeat(50));"),
    ],
)
def test_a_script_without_end_is_stopped(name: str, loop: str) -> None:
    served = Engine(Fields([SCENE]), options=QUICK)
    for evalscript in (f"//VERSION=3\n{loop}", ONE_BAND.replace("return [", f"{loop} return [")):
        found = error(served.process(body(evalscript), None))
        assert (found["status"], found["code"]) == (400, "RENDERER_EXCEPTION")
        assert "timed out" in found["message"]
    assert made(served, body()).max() == 500


@pytest.mark.parametrize(
    "greedy",
    [
        "const kept = []; while (true) kept.push(new Array(1000).fill(1.5));",
        "const kept = []; while (true) kept.push('abc'.repeat(1e6) + kept.length);",
        "const kept = []; while (true) kept.push(new Float64Array(1e6).fill(1));",
        "const kept = []; while (true) kept.push(new Array(3.2e7).fill(1.5));",
    ],
)
def test_a_script_that_takes_all_memory_is_stopped(greedy: str) -> None:
    served = Engine(Fields([SCENE]), options=GREEDY)
    found = error(served.process(body(f"//VERSION=3\n{greedy}"), None))
    assert (found["status"], found["code"]) == (400, "RENDERER_EXCEPTION")
    assert "memory" in found["message"]
    assert made(served, body()).max() == 500


def test_scripts_reach_nothing_but_their_input() -> None:
    names = ["require", "process", "fetch", "XMLHttpRequest", "setTimeout", "WebAssembly", "Deno", "importScripts"]
    assert evaluated(f"[{', '.join(f'typeof {name}' for name in names)}]") == ["undefined"] * len(names)
