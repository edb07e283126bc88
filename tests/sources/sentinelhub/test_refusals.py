"""The service's error bodies, as recorded or documented, and what they mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from satverify.sources.sentinelhub.refusals import fault_of
from satverify.sources.web.exchange import Answer
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import FaultKind


def answer(status: int, body: object = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers=headers, content=content)


def wrapped(status: int, message: str, code: str = "COMMON_EXCEPTION") -> Answer:
    return answer(status, {"error": {"status": status, "reason": "", "message": message, "code": code}})


def test_success_is_no_fault() -> None:
    assert fault_of(answer(200, {})) is None


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (wrapped(401, "You are not authorized!", "COMMON_UNAUTHORIZED"), FaultKind.UNAUTHORIZED),
        (answer(401, b""), FaultKind.UNAUTHORIZED),
        (wrapped(403, "Insufficient …", "ACCESS_INSUFFICIENT_PROCESSING_UNITS"), FaultKind.QUOTA),
        (wrapped(403, "Insufficient processing units or requests available in your account."), FaultKind.QUOTA),
        (wrapped(403, "Not allowed", "COMMON_FORBIDDEN"), FaultKind.REFUSED),
        (answer(429, {"status": 429, "message": "You have exceeded your rate limit"}), FaultKind.RATE),
        (answer(429, b"<html>"), FaultKind.RATE),
        (wrapped(400, "Request body should be non-empty.", "COMMON_BAD_PAYLOAD"), FaultKind.UNAVAILABLE),
        (answer(400, {"error": "invalid_request", "error_description": "Missing grant_type parameter"}), "unavailable"),
        (wrapped(400, "Only width and height or resx and resy can be set at the same time."), FaultKind.REFUSED),
        (answer(404, b"Not Found"), FaultKind.REFUSED),
        (answer(408, b""), FaultKind.UNAVAILABLE),
        (answer(302, b"<html>"), FaultKind.UNAVAILABLE),
        (wrapped(500, "Illegal request to creo://eodata/x. HTTP Status: '404'", "RENDERER_EXCEPTION"), "refused"),
        (wrapped(500, "Illegal request to https://store/x", "RENDERER_EXCEPTION"), FaultKind.REFUSED),
        (wrapped(500, "java.lang.IllegalArgumentException: newLimit > capacity: (9 > 8)"), FaultKind.REFUSED),
        (wrapped(500, "Index service failure: 500 Internal Server Error"), FaultKind.UNAVAILABLE),
        (answer(503, b"<html>"), FaultKind.UNAVAILABLE),
    ],
)
def test_each_refusal_has_its_meaning(refusal: Answer, kind: FaultKind) -> None:
    fault = fault_of(refusal)
    assert fault is not None
    assert fault.kind == kind
    assert str(refusal.status) in fault.sentence


@pytest.mark.parametrize(("status", "may_be"), [(500, True), (501, True), (502, False), (503, False), (504, True)])
def test_only_the_service_itself_or_its_gateway_s_patience_can_mean_the_request(status: int, may_be: bool) -> None:
    fault = fault_of(wrapped(status, "failure"))
    assert fault is not None
    assert fault.may_be_request == may_be


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b'{"code": 400, "description": "Cannot parse parameter `limit`."}',
            "HTTP 400: Cannot parse parameter `limit`.",
        ),
        (b'{"error": "invalid_client", "error_description": "No."}', "HTTP 400: invalid_client: No."),
        (b'{"error": "invalid_client"}', "HTTP 400: invalid_client"),
        (
            b'{"status": 500, "error": "Internal Server Error", "message": "No."}',
            "HTTP 400: Internal Server Error: No.",
        ),
        (b"<html>long page</html>", "HTTP 400: a web page"),
        (b"plain  \n words", "HTTP 400: plain words"),
        (b"", "HTTP 400"),
        (b"[1, 2]", "HTTP 400"),
        (b"null", "HTTP 400"),
        (b'{"error": null}', "HTTP 400"),
        (b'{"error": {"message": null}}', "HTTP 400"),
        (b"[" * 100_000, "HTTP 400: " + "[" * 299 + "…"),
        (b"\xff\xfe", "HTTP 400: \ufffd\ufffd"),
    ],
)
def test_the_service_s_words_are_found_in_any_form(content: bytes, sentence: str) -> None:
    fault = fault_of(answer(400, content))
    assert fault is not None
    assert fault.sentence == sentence


def test_a_secret_that_the_cut_would_halve_is_taken_out_whole() -> None:
    refusal = wrapped(400, "x" * 290 + " topsecret-and-long")
    fault = fault_of(refusal, clean=Redactor("topsecret-and-long").clean)
    assert fault is not None
    assert fault.sentence == f"HTTP 400: {'x' * 290} ***"


def test_retry_after_counts_milliseconds() -> None:
    fault = fault_of(answer(429, {}, **{"retry-after": "3398"}))
    assert fault is not None
    assert fault.asked_wait == pytest.approx(3.398)


def test_recorded_refusals_are_told_in_their_own_words(shared_data: Path) -> None:
    recorded = json.loads((shared_data / "sentinelhub/sentinelhub_error_bodies_from_issues.json").read_text())["items"]
    for item in recorded:
        fault = fault_of(answer(item["http_status"], item["body"]))
        assert fault is not None
        if item["body"]:
            assert item["body"]["error"]["message"] in fault.sentence


def test_a_gateway_that_waited_in_vain_may_be_asked_for_less() -> None:
    fault = fault_of(wrapped(504, "upstream request timeout"))
    assert fault is not None
    assert fault.kind is FaultKind.SLOW


@pytest.mark.parametrize(
    ("message", "may_be"), [("Script execution timed out", True), ("CUSTOM has no band SMA", False)]
)
def test_a_script_that_ran_too_long_may_be_asked_for_less(message: str, may_be: bool) -> None:
    fault = fault_of(wrapped(400, message))
    assert fault is not None
    assert (fault.kind, fault.may_be_request) == (FaultKind.REFUSED, may_be)
