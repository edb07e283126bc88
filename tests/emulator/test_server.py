"""The emulator on its sockets: connections, faults as a client meets them, the log, and the clock."""

from __future__ import annotations

import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from rasterio.io import MemoryFile
from requests.adapters import HTTPAdapter

from satverify.domain.granules import SceneProvider
from satverify.domain.grids import Grid
from satverify.emulator import Emulator, Fault, FaultKind, FaultPlan, RequestKind
from satverify.emulator.ports import RequestEngine
from satverify.errors import InputError
from tests.emulator.standin import CATALOG, GRANULES, Client, FakeEngine, FakeReply, ListProvider, Time, at, tiff
from tests.packing import tarred

GRID = Grid(epsg=32650, left=0, top=0, pixel_width=20, pixel_height=20, width=2, height=2)


@contextmanager
def faulty(
    *faults: Fault,
    engine: RequestEngine | None = None,
    **more: Any,  # noqa: ANN401
) -> Iterator[tuple[Emulator, Client]]:
    plan = FaultPlan(faults=faults)
    made = engine or FakeEngine()
    with (
        Emulator(ListProvider(), engine=made, faults=plan, clock=Time(), **more) as emulator,
        Client(emulator) as client,
    ):
        yield emulator, client


def last(emulator: Emulator) -> Mapping[str, Any]:
    entry = emulator.log.entries()[-1]
    return {name: getattr(entry, name) for name in ("status", "fault", "is_paid", "is_delivered", "processing_units")}


def pixels_of(content: bytes) -> tuple[np.ndarray[Any, Any], Mapping[str, Any]]:
    with MemoryFile(content) as file, file.open() as image:
        return image.read(), {"transform": image.transform, "crs": image.crs, "nodata": image.nodata}


def test_one_connection_serves_many_requests(client: Client) -> None:
    answers = [ask(number) for number in range(10) for ask in (client.process, lambda _: client.get("/nowhere"))]
    assert {answer.status_code for answer in answers} == {200, 404}
    adapter = client.session.get_adapter(client.emulator.base_url)
    assert isinstance(adapter, HTTPAdapter)
    pools = adapter.poolmanager.pools
    assert [(pools[key].num_connections, pools[key].num_requests) for key in pools.keys()] == [(1, 21)]  # noqa: SIM118


def test_many_threads_are_served_at_once(engine: FakeEngine) -> None:
    """Every thread waits for all the others inside the engine."""
    together = threading.Barrier(12, timeout=20)

    @dataclass
    class Meeting(FakeEngine):
        def process(self, body: Mapping[str, Any], accept: str | None) -> FakeReply:
            together.wait()
            return super().process(body, accept)

    with faulty(engine=Meeting()) as (emulator, client), ThreadPoolExecutor(12) as pool:
        assert [answer.status_code for answer in pool.map(client.process, range(12))] == [200] * 12
        entries = emulator.log.entries()
        assert [entry.index for entry in entries] == list(range(13))
        assert len({entry.request_sha256 for entry in entries if entry.kind is RequestKind.PROCESS}) == 12


def test_a_stopped_emulator_frees_its_address_and_ends_connections() -> None:
    with faulty() as (emulator, client):
        url, port = emulator.base_url, int(emulator.base_url.rpartition(":")[2])
        client.process()
    with pytest.raises(requests.ConnectionError):
        client.session.get(url, timeout=5)
    with Emulator(ListProvider(), engine=FakeEngine(), port=port) as again:
        assert again.base_url == url


def test_an_address_in_use_is_told() -> None:
    with faulty() as (emulator, _), pytest.raises(InputError, match=r"cannot listen on 127\.0\.0\.1:"):
        Emulator(ListProvider(), engine=FakeEngine(), port=int(emulator.base_url.rpartition(":")[2]))


def test_a_request_of_unknown_length_is_refused(client: Client) -> None:
    assert client.post("/api/v1/process", data=iter([b"{}"])).status_code == 411


def test_a_storm_of_429_says_when_to_come_back() -> None:
    for text in ("1000", "5.5", "Wed, 21 Oct 2026 07:28:00 GMT", None):
        with faulty(Fault(kind=FaultKind.RATE_LIMIT, stop=2, retry_after=text)) as (emulator, client):
            refused = [client.process(), client.search()]
            assert [answer.status_code for answer in refused] == [429, 429]
            assert [answer.headers.get("Retry-After") for answer in refused] == [text, text]
            assert refused[0].json()["code"] == "RATE_LIMIT_EXCEEDED"
            assert last(emulator)["fault"] == "rate_limit"
            assert client.process().status_code == 200


def test_a_server_error_passes() -> None:
    with faulty(Fault(kind=FaultKind.SERVER_ERROR, attempts=1, status=502)) as (emulator, client):
        first, second = client.process(), client.process()
        assert (first.status_code, second.status_code) == (502, 200)
        assert first.json()["error"]["code"] == "RENDERER_EXCEPTION"
        assert [entry.is_paid for entry in emulator.log.entries()[1:]] == [False, True]


def test_a_good_request_is_called_bad_now_and_then() -> None:
    faults = (
        Fault(kind=FaultKind.SPURIOUS_BAD_REQUEST, attempts=1),
        Fault(kind=FaultKind.SPURIOUS_BAD_REQUEST, on=(RequestKind.TOKEN,), indices=(1,)),
    )
    with faulty(*faults) as (_, client):
        assert client.process().json()["error"]["message"] == "Request body should be non-empty."
        assert client.process().status_code == 200
        token = client.token()
        assert token.status_code == 400
        assert token.json() == {"error": "invalid_request", "error_description": "Missing grant_type parameter"}
        assert client.token().status_code == 200


def test_a_401_in_the_middle_takes_all_tokens_away() -> None:
    with faulty(Fault(kind=FaultKind.UNAUTHORIZED, indices=(1,))) as (_, client):
        assert [client.process(number).status_code for number in range(4)] == [200, 401, 401, 401]
        client.renew()
        assert client.process().status_code == 200


def test_a_token_outage_leaves_old_tokens_good() -> None:
    with faulty(Fault(kind=FaultKind.TOKEN_OUTAGE, start=1, stop=3)) as (emulator, client):
        assert [client.token().status_code for _ in range(3)] == [503, 503, 200]
        assert client.process().status_code == 200
        assert [entry.fault for entry in emulator.log.entries()] == ["", "token_outage", "token_outage", "", ""]


@pytest.mark.parametrize("content_type", ["image/tiff", "application/json"])
def test_a_truncated_body_ends_early_though_it_was_paid(content_type: str) -> None:
    engine = FakeEngine(reply=FakeReply(content_type=content_type, content=b"x" * 10_000, processing_units=0.5))
    with faulty(Fault(kind=FaultKind.TRUNCATED, attempts=1), engine=engine) as (emulator, client):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            client.process()
        assert last(emulator) == {
            "status": 200,
            "fault": "truncated",
            "is_paid": True,
            "is_delivered": False,
            "processing_units": 0.5,
        }
        assert len(client.process().content) == 10_000


@pytest.mark.parametrize("content_type", ["image/tiff", "application/json"])
def test_a_silently_truncated_body_looks_whole(content_type: str) -> None:
    engine = FakeEngine(reply=FakeReply(content_type=content_type, content=b"x" * 10_000))
    with faulty(Fault(kind=FaultKind.TRUNCATED, silent=True), engine=engine) as (_, client):
        assert len(client.process().content) == 5_000
        assert len(client.process().content) == 5_000


def test_a_reset_is_a_reset_and_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine()
    with faulty(Fault(kind=FaultKind.RESET, indices=(1,)), engine=engine) as (emulator, client):
        assert client.process().status_code == 200
        with pytest.raises(requests.ConnectionError) as caught:
            client.process()
        assert "ConnectionResetError" in repr(caught.value)
        assert last(emulator)["status"] == 0
        assert last(emulator)["is_paid"] is False
        assert len(engine.asked) == 1
        assert client.process().status_code == 200
    assert capsys.readouterr().err == ""


def test_a_slow_body_comes_in_drops_that_take_the_time_they_should() -> None:
    paused: list[float] = []
    engine = FakeEngine(reply=FakeReply(content=b"abc" * 1000, processing_units=1))
    fault = Fault(kind=FaultKind.SLOW_DRIP, seconds=40)
    with faulty(fault, engine=engine, pause=paused.append) as (emulator, client):
        assert client.process().content == b"abc" * 1000
        assert sum(paused) == pytest.approx(40)
        assert len(paused) == 50
        assert last(emulator)["is_delivered"] is True


def test_a_client_that_leaves_a_slow_body_has_paid_for_nothing() -> None:
    gone = threading.Event()
    engine = FakeEngine(reply=FakeReply(content=b"abc" * 300_000, processing_units=1))
    fault = Fault(kind=FaultKind.SLOW_DRIP, seconds=40)
    with faulty(fault, engine=engine, pause=lambda _: gone.wait(10)) as (emulator, client):
        answer = client.process(stream=True)
        answer.close()
        client.session.close()
        gone.set()
    entry = emulator.log.entries()[-1]
    assert (entry.is_paid, entry.is_delivered) == (True, False)


def test_a_page_of_html_comes_with_200_and_without_a_price() -> None:
    with faulty(Fault(kind=FaultKind.HTML, attempts=1)) as (emulator, client):
        answer = client.process()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "x-processingunits-spent" not in answer.headers
        assert last(emulator)["is_paid"] is False
        assert client.process().headers["Content-Type"] == "image/tiff"


@pytest.mark.parametrize("kind", [FaultKind.WRONG_SIZE, FaultKind.ZEROS])
@pytest.mark.parametrize("is_tar", [False, True])
def test_images_are_spoilt_and_stay_images(kind: FaultKind, is_tar: bool) -> None:
    image, notes = tiff(), b'{"dates": []}'
    content = tarred({"default.tif": image, "userdata.json": notes}) if is_tar else image
    engine = FakeEngine(reply=FakeReply(content_type="application/tar" if is_tar else "image/tiff", content=content))
    with faulty(Fault(kind=kind, attempts=1), engine=engine) as (emulator, client):
        spoilt = client.process().content
        assert last(emulator)["fault"] == kind
        assert last(emulator)["is_delivered"] is False
        assert client.process().content == content
    if is_tar:
        with tarfile.open(fileobj=io.BytesIO(spoilt)) as members:
            stream = members.extractfile("userdata.json")
            assert stream is not None
            assert stream.read() == notes
            stream = members.extractfile("default.tif")
            assert stream is not None
            spoilt = stream.read()
    (good, told), (bad, told_too) = pixels_of(image), pixels_of(spoilt)
    assert told == told_too
    if kind is FaultKind.ZEROS:
        assert bad.shape == good.shape
        assert not bad.any()
    else:
        assert bad.shape == (good.shape[0], good.shape[1] - 1, good.shape[2] - 1)
        np.testing.assert_array_equal(bad, good[:, :-1, :-1])


def test_an_answer_without_an_image_is_not_spoilt() -> None:
    engine = FakeEngine(reply=FakeReply(content_type="application/json", content=b"{}"))
    with faulty(Fault(kind=FaultKind.ZEROS), engine=engine) as (emulator, client):
        assert client.process().content == b"{}"
        assert last(emulator)["fault"] == ""


def test_a_stale_connection_is_found_closed_by_the_next_request() -> None:
    with faulty(Fault(kind=FaultKind.STALE, indices=(0,))) as (emulator, _):
        host, port = emulator.base_url.removeprefix("http://").split(":")
        ask = b"GET /api/v1/catalog/1.0.0/conformance HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(ask)
            head = connection.recv(65536)
            assert head.startswith(b"HTTP/1.1 200")
            assert b"close" not in head.lower().partition(b"\r\n\r\n")[0]
            connection.sendall(ask)
            while connection.recv(65536):  # the rest of the first answer, then the end
                pass
        assert last(emulator)["fault"] == "stale"
        assert last(emulator)["is_delivered"] is True


@dataclass
class ReadingEngine(FakeEngine):
    """Reads the granule that a request names, as the real engine would, and answers as it does."""

    provider: SceneProvider | None = None

    def process(self, body: Mapping[str, Any], accept: str | None) -> FakeReply:
        assert self.provider is not None
        self.provider.read(GRANULES[int(body["note"])], ["B02"], GRID)
        return super().process(body, accept)


def test_a_broken_product_fails_for_ever_and_alone() -> None:
    engine = ReadingEngine()
    fault = Fault(kind=FaultKind.BROKEN_PRODUCT, collection="sentinel-3-slstr", day=date(2022, 1, 5))
    with faulty(fault, engine=engine) as (emulator, client):
        engine.provider = emulator.provider
        for _ in range(3):
            assert [client.process(number).status_code for number in (0, 5, 7)] == [200, 500, 200]
        error = client.process(5).json()["error"]
        assert error["code"] == "RENDERER_EXCEPTION"
        assert error["message"].startswith("Illegal request to creo://eodata/Sentinel-3/SLSTR/")
        assert error["message"].endswith("HTTP Status: '404'")
        assert last(emulator)["fault"] == "broken_product"
        assert client.search(collections=["sentinel-3-slstr"]).json()["context"]["returned"] == 3


def test_a_fault_of_the_emulator_itself_is_a_500_and_seen(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclass
    class Failing(FakeEngine):
        def process(self, body: Mapping[str, Any], accept: str | None) -> FakeReply:
            raise ZeroDivisionError("a fault")

    with faulty(engine=Failing()) as (_, client):
        answer = client.process()
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "COMMON_EXCEPTION")
        assert client.token().status_code == 200
    assert "ZeroDivisionError: a fault" in capsys.readouterr().err


def test_the_log_tells_what_was_asked_and_never_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with faulty(log_file=file) as (_, client):
        client.search()
        client.process(1)
        client.process(1)
        client.process(2)
        client.get("/api/v1/process")
        by_http = client.get("/emulator/log").json()
        spent = client.get("/emulator/ledger").json()
        later = client.get("/emulator/log?since=5").json()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines == by_http
    assert [line["index"] for line in lines] == list(range(6))
    assert [line["kind"] for line in lines] == ["token", "catalog", "process", "process", "process", "process"]
    assert [line["status"] for line in lines] == [200, 200, 200, 200, 200, 405]
    assert [line["is_paid"] for line in lines] == [False, True, True, True, True, False]
    assert lines[2]["request_sha256"] == lines[3]["request_sha256"] != lines[4]["request_sha256"]
    assert lines[1]["collection"] == lines[2]["collection"] == "sentinel-2-l1c"
    assert datetime.fromisoformat(lines[0]["time"]) == datetime(2022, 3, 1, tzinfo=UTC)
    assert later == lines[5:]
    assert spent["processing_units"] == pytest.approx(1.75)  # a search of the whole world, and three images
    assert spent["by_kind"]["process"] == {"requests": 4, "paid_requests": 3, "processing_units": 0.75}
    assert spent["by_collection"]["sentinel-2-l1c"]["paid_requests"] == 4
    assert spent["bought_twice"] == 1
    assert "hidden" not in file.read_text()
    assert str(client.session.headers["Authorization"]).partition(" ")[2] not in file.read_text()


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the request log cannot be written"):
        Emulator(ListProvider(), engine=FakeEngine(), log_file=tmp_path / "nowhere" / "log.jsonl")


def test_the_log_can_be_emptied(client: Client, emulator: Emulator) -> None:
    url = f"{emulator.base_url}/emulator/log"
    assert client.session.delete(url, timeout=10).json() == []
    client.process()
    assert [entry["index"] for entry in client.get("/emulator/log").json()] == [1]


def test_the_clock_can_be_set_by_other_processes(client: Client, emulator: Emulator) -> None:
    url = f"{emulator.base_url}/emulator/clock"
    assert client.session.get(url, timeout=10).json() == {"now": None}
    answer = client.session.put(url, json={"now": "2022-01-06T08:00:00+08:00"}, timeout=10)
    assert answer.json() == {"now": "2022-01-06T00:00:00Z"}
    assert emulator.calendar() == at("2022-01-06T00:00:00")
    found = client.search(collections=["sentinel-5p-l2"]).json()["features"]
    assert [item["properties"]["s5p:timeliness"] for item in found] == ["NRTI"]
    assert client.session.put(url, json={"now": None}, timeout=10).json() == {"now": None}
    body: Any
    for body in ({"now": "yesterday"}, {"now": "2022-01-06"}, {}, [], {"then": None}):
        assert client.session.put(url, json=body, timeout=10).status_code == 400
    assert client.session.put(url, data=b"{", timeout=10).status_code == 400


def test_faults_can_be_set_by_other_processes(client: Client, emulator: Emulator) -> None:
    url = f"{emulator.base_url}/emulator/faults"
    plan = {"seed": 3, "faults": [{"kind": "server_error", "at_most": 1, "status": 504}]}
    assert client.session.put(url, json=plan, timeout=10).json() == plan
    assert client.session.get(url, timeout=10).json() == plan
    assert [client.process().status_code for _ in range(2)] == [504, 200]
    wrong = client.session.put(url, json={"faults": [{"kind": "server_eror"}]}, timeout=10)
    assert wrong.status_code == 400
    assert "server_eror" in wrong.json()["error"]["message"]
    assert client.session.delete(url, timeout=10).status_code == 405
    emulator.faults = FaultPlan()
    assert client.process().status_code == 200


def test_the_page_tells_how_to_use_it(client: Client, emulator: Emulator) -> None:
    answer = client.get("/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.text
    for needed in (
        emulator.base_url,
        emulator.token_url,
        "/api/v1/process",
        f"{CATALOG}/search",
        "Not the real service",
    ):
        assert needed in page
    for kind in FaultKind:
        assert f"<code>{kind}</code>" in page
    assert "$" not in page.replace("$(curl", "").replace("$token", "")
    assert not any(f'{attribute}="http' in page for attribute in ("src", "href"))  # self-contained


@pytest.mark.parametrize(
    "path",
    ["/api/v1/catalog/1.0.0/search", "/api/v1/process", "/api/v1/statistics", "/emulator/faults", "/emulator/clock"],
)
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000])
def test_a_body_nested_too_deeply_is_a_bad_request(
    client: Client, capsys: pytest.CaptureFixture[str], path: str, body: bytes
) -> None:
    answer = client.post(path, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert capsys.readouterr().err == ""


def test_a_clock_without_its_zone_is_told_what_was_expected(client: Client) -> None:
    for wrong in ("2021-12-05", "noon", 5):
        answer = client.post("/emulator/clock", json={"now": wrong})
        assert answer.status_code == 400
        assert "expected a time with its zone, such as 2022-01-05T00:00:00Z" in answer.json()["error"]["message"]
