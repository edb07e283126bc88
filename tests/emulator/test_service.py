"""Process and statistics requests on their way to the engine and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satverify.emulator import RequestKind
from satverify.emulator.messages import Request
from satverify.emulator.service import collection_in, fingerprint_of, kind_of
from tests.emulator.standin import Client, FakeEngine, FakeReply

DOCUMENT = {"input": {"bounds": {"bbox": [1, 2, 3, 4]}, "data": [{"type": "sentinel-2-l1c"}]}, "output": {}}
SCRIPT = "//VERSION=3\r\nfunction setup() { return {input: ['B02'], output: {bands: 1}} } // ü\n\n"


@pytest.mark.parametrize("path", ["/api/v1/process", "/api/v1/statistics", "/process/v1", "/statistics/v1"])
def test_a_json_document_reaches_the_engine_as_it_is(client: Client, engine: FakeEngine, path: str) -> None:
    body = {**DOCUMENT, "evalscript": SCRIPT}
    assert client.post(path, json=body).status_code == 200
    assert engine.asked == [(body, "*/*" if "process" in path else None)]


@pytest.mark.parametrize("path", ["/api/v1/process", "/api/v1/statistics"])
def test_a_form_reaches_the_engine_as_one_document(client: Client, engine: FakeEngine, path: str) -> None:
    parts = {"request": (None, json.dumps(DOCUMENT), "application/json"), "evalscript": (None, SCRIPT.encode())}
    assert client.post(path, files=parts).status_code == 200
    ((body, _),) = engine.asked
    assert body == {**DOCUMENT, "evalscript": SCRIPT}


def test_a_form_whose_script_holds_its_boundary_like_text_is_taken_apart(client: Client, engine: FakeEngine) -> None:
    script = "x --edge\n--edge--\r\n"
    body = (
        '--edge\r\nContent-Disposition: form-data; name="request"\r\n\r\n{"a": 1}\r\n'
        '--edge\r\nContent-Disposition: form-data; name=evalscript; filename="x.js"\r\n'
        f"Content-Type: text/javascript\r\n\r\n{script}\r\n--edge--\r\n"
    )
    headers = {"Content-Type": 'multipart/form-data; boundary="edge"'}
    assert client.post("/api/v1/process", data=body.encode(), headers=headers).status_code == 200
    assert engine.asked[0][0] == {"a": 1, "evalscript": script}


@pytest.mark.parametrize(
    "body",
    [
        b"--edge\r\nContent-Disposition: form-data; name=request\r\n\r\n{}",
        b"no parts at all",
        b"--edge--\r\n",
        b"--edge\r\nContent-Disposition: form-data; name=evalscript\r\n\r\nx\r\n--edge--",
        b"--edge\r\nContent-Disposition: form-data; name=request\r\n\r\nnot json\r\n--edge--",
        b"--edge\r\nContent-Disposition: form-data; name=request\r\n\r\n[]\r\n--edge--",
    ],
)
def test_a_form_that_is_none_is_a_bad_payload(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = client.post("/api/v1/process", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "COMMON_BAD_PAYLOAD"


@pytest.mark.parametrize("path", ["/api/v1/process", "/api/v1/statistics"])
def test_requests_of_the_wrong_kind_get_the_services_words(client: Client, path: str) -> None:
    assert client.get(path).json() == {
        "error": {
            "status": 405,
            "reason": "Method Not Allowed",
            "message": "HTTP 405 Method Not Allowed",
            "code": "COMMON_METHOD_NOT_ALLOWED",
        }
    }
    empty = client.post(path)
    assert (empty.status_code, empty.json()["error"]["message"]) == (400, "Request body should be non-empty.")
    for content_type in ("text/plain", "application/xml", ""):
        answer = client.post(path, data=b"{}", headers={"Content-Type": content_type})
        assert (answer.status_code, answer.json()["error"]["reason"]) == (415, "Unsupported Media Type")
    for text in (b"{", b"[1]", b'"a"', b"\xff"):
        answer = client.post(path, data=text, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "COMMON_BAD_PAYLOAD")


def test_what_the_client_accepts_is_handed_on(client: Client, engine: FakeEngine) -> None:
    client.session.headers["Accept"] = "application/tar"
    client.process()
    assert engine.asked[0][1] == "application/tar"


def test_the_answer_of_the_engine_comes_back_unchanged_with_its_price(client: Client, engine: FakeEngine) -> None:
    content = bytes(range(256)) * 300
    engine.reply = FakeReply(content_type="image/png", content=content, processing_units=2.52020645)
    answer = client.process()
    assert answer.content == content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["x-processingunits-spent"] == "2.5202064514160156"  # as recorded: of single precision


def test_an_error_of_the_engine_comes_back_unchanged_and_free(client: Client, engine: FakeEngine) -> None:
    engine.reply = FakeReply(status=400, content_type="application/json", content=b'{"error":{}}', processing_units=9)
    answer = client.process()
    assert (answer.status_code, answer.content) == (400, b'{"error":{}}')
    assert "x-processingunits-spent" not in answer.headers


def test_an_address_that_nobody_has_is_a_404(client: Client) -> None:
    for path in ("/api/v1/async/process", "/api/v1", "/emulator", "/favicon.ico"):
        assert client.get(path).json()["error"]["reason"] == "Not Found"


def test_a_page_in_a_browser_may_ask_too(client: Client) -> None:
    answer = client.session.options(f"{client.emulator.base_url}/api/v1/process", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]


def request(body: object, path: str = "/api/v1/process", **more: Any) -> Request:  # noqa: ANN401
    headers = {"content-type": "application/json"}
    return Request(method="POST", path=path, headers=headers, body=json.dumps(body).encode(), **more)


def test_equal_requests_have_one_fingerprint_however_they_are_written() -> None:
    one = fingerprint_of(request({"a": 1, "b": [2]}), RequestKind.PROCESS)
    assert one == fingerprint_of(request({"b": [2], "a": 1}), RequestKind.PROCESS)
    assert one != fingerprint_of(request({"b": [2], "a": 2}), RequestKind.PROCESS)
    assert one != fingerprint_of(request({"a": 1, "b": [2]}, query={"c": "1"}), RequestKind.PROCESS)
    parts = "--x\r\nContent-Disposition: form-data; name=request\r\n\r\n{}\r\n--x--".replace("{}", '{"b":[2], "a":1}')
    form = Request(
        method="POST",
        path="/api/v1/process",
        headers={"content-type": "multipart/form-data; boundary=x"},
        body=parts.encode(),
    )
    assert one == fingerprint_of(form, RequestKind.PROCESS)


def test_a_request_for_a_token_has_no_fingerprint() -> None:
    assert fingerprint_of(request({"client_secret": "hidden"}), RequestKind.TOKEN) == ""


def test_the_collection_of_a_request_is_found_wherever_it_stands() -> None:
    catalog = "/api/v1/catalog/1.0.0"
    assert collection_in(request(DOCUMENT), RequestKind.PROCESS) == "sentinel-2-l1c"
    assert collection_in(request({"collections": ["a"]}, f"{catalog}/search"), RequestKind.CATALOG) == "a"
    get = Request(method="GET", path=f"{catalog}/collections/b/items/x")
    assert collection_in(get, RequestKind.CATALOG) == "b"
    by_query = Request(method="GET", path=f"{catalog}/search", query={"collections": "c"})
    assert collection_in(by_query, RequestKind.CATALOG) == "c"
    odd: Any
    for odd in (
        {},
        {"input": 5},
        {"input": {"data": []}},
        {"input": {"data": [5]}},
        {"input": {"data": [{"type": 5}]}},
        5,
    ):
        assert collection_in(request(odd), RequestKind.PROCESS) == ""


def test_addresses_belong_to_interfaces() -> None:
    assert kind_of("/oauth/token") is RequestKind.TOKEN
    assert kind_of("/api/v1/catalog/1.0.0") is RequestKind.CATALOG
    assert kind_of("/catalog/v1/search") is RequestKind.CATALOG
    assert kind_of("/api/v1/catalog/1.0.0x") is RequestKind.OTHER
    assert kind_of("/") is RequestKind.OTHER
