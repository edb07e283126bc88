"""Which files come back, in which format and in which wrapping."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from satverify.emulator.engine import Engine
from tests.emulator.engine.fields import Fields, constant, granule
from tests.emulator.engine.requests import body, error, image, members

SERVED = Engine(Fields([(granule("G", "2022-01-05T03:00:00"), constant(5000))]))
TWO = """//VERSION=3
function setup() {
  return {
    input: ["B02", "B11", "B12"],
    output: [
      { id: "default", bands: 3 },
      { id: "heat", bands: 1, sampleType: "FLOAT32" },
      { id: "wide", bands: 4, sampleType: SampleType.UINT16 },
    ],
  };
}
function evaluatePixel(sample) {
  return { default: [sample.B12, 0, 1], heat: [sample.B11], wide: [1, 2, 3, 40000] };
}
function updateOutputMetadata(scenes, inputMetadata, outputMetadata) {
  outputMetadata.userData = { note: "高炉" };
}
"""


def asked(*responses: tuple[str, str], **more: object) -> dict[str, Any]:
    listed = [{"identifier": name, "format": {"type": kind, **more}} for name, kind in responses]
    return body(TWO, output={"responses": listed})


def test_several_responses_come_in_an_archive() -> None:
    reply = SERVED.process(
        asked(("default", "image/png"), ("heat", "image/tiff"), ("userdata", "application/json")), None
    )
    assert reply.content_type == "application/tar"
    files = members(reply)
    assert list(files) == ["default.png", "heat.tif", "userdata.json"]
    np.testing.assert_array_equal(image(files["default.png"])[:, 0, 0], [128, 0, 255])
    assert image(files["heat.tif"])[0, 0, 0] == 0.5
    assert json.loads(files["userdata.json"]) == {"note": "高炉"}


def test_one_response_comes_as_it_is_unless_the_header_wants_an_archive() -> None:
    request = asked(("heat", "image/tiff"))
    plain = SERVED.process(request, None)
    assert plain.content_type == "image/tiff"
    for accept in ("application/tar", "application/x-tar"):
        reply = SERVED.process(request, accept)
        assert reply.content_type == accept
        assert members(reply) == {"heat.tif": plain.content}


def test_the_header_goes_before_the_format_of_the_body() -> None:
    request = asked(("default", "image/tiff"), ("userdata", "application/json"))
    assert SERVED.process(request, "image/png").content.startswith(b"\x89PNG")
    assert json.loads(SERVED.process(request, "application/json").content) == {"note": "高炉"}
    assert SERVED.process(request, "*/*").content_type == "application/tar"
    assert SERVED.process(request, "text/html;q=0.9, image/png;q=0.2, image/tiff;q=0.4").content_type == "image/tiff"
    assert error(SERVED.process(request, "text/html"))["code"] == "COMMON_BAD_PAYLOAD"


def test_parts_can_come_one_after_the_other() -> None:
    reply = SERVED.process(asked(("default", "image/png"), ("userdata", "application/json")), "multipart/mixed")
    boundary = reply.content_type.split('boundary="')[1].rstrip('"')
    parts = reply.content.split(f"--{boundary}".encode())
    assert len(parts) == 4
    assert b"image/png" in parts[1]
    assert b'filename="userdata.json"' in parts[2]


@pytest.mark.parametrize("kind", ["image/png", "image/tiff"])
def test_sixteen_bits_are_kept(kind: str) -> None:
    found = image(SERVED.process(asked(("wide", kind)), None).content)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found[:, 3, 3], [1, 2, 3, 40000])


def test_a_jpeg_is_near_enough() -> None:
    reply = SERVED.process(asked(("default", "image/jpeg"), quality=100), None)
    assert reply.content_type == "image/jpeg"
    assert reply.content.startswith(b"\xff\xd8")
    np.testing.assert_allclose(image(reply.content)[:, 0, 0], [128, 0, 255], atol=3)  # lossy


def test_without_responses_the_default_output_comes_as_png() -> None:
    request = body(TWO)
    del request["output"]["responses"]
    assert SERVED.process(request, None).content_type == "image/png"


def test_32_bit_numbers_cost_double_only_where_they_are_wanted() -> None:
    cheap = SERVED.process(asked(("default", "image/png")), None).processing_units
    dear = SERVED.process(asked(("default", "image/png"), ("heat", "image/tiff")), None).processing_units
    assert dear == pytest.approx(2 * cheap)


def test_an_output_that_the_script_does_not_make_is_told_as_the_service_does() -> None:
    found = error(SERVED.process(asked(("ndvi_index", "image/tiff")), None))
    assert found == {  # recorded
        "status": 400,
        "reason": "Bad Request",
        "message": "Output ndvi_index requested but missing from function setup()",
        "code": "COMMON_BAD_PAYLOAD",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("heat", "image/png"),
        ("wide", "image/jpeg"),
        ("default", "application/json"),
        ("userdata", "image/png"),
        ("default", "image/webp"),
    ],
)
def test_a_format_that_does_not_hold_the_output_is_refused(name: str, kind: str) -> None:
    assert error(SERVED.process(asked((name, kind)), None))["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize("responses", [[], {}, ["default"], [{"identifier": "default"}, {"identifier": "default"}]])
def test_responses_that_are_none_are_refused(responses: object) -> None:
    assert error(SERVED.process(body(TWO, output={"responses": responses}), None))["code"] == "COMMON_BAD_PAYLOAD"
