"""One exchange against a server that misbehaves in every way that networks do."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from satverify.sources.web import deadline
from satverify.sources.web.exchange import Answer, AnswerLostError, NotReachedError, Timeouts, Web
from satverify.sources.web.redaction import Redactor
from tests.sources.web.scripted import Reply, Script, Seen, in_turn, scripted

SECRET = "topsecret"
QUICK = Timeouts(connect=5, read=5, total=10)


@contextmanager
def opened(base_url: str) -> Iterator[Web]:
    web = Web(base_url, timeouts=QUICK, redactor=Redactor(SECRET))
    try:
        yield web
    finally:
        web.close()


def exchange(script: Script, timeouts: Timeouts = QUICK, path: str = "/anything") -> Answer:
    with scripted(anything=script) as server:
        web = Web(server.base_url, timeouts=timeouts, redactor=Redactor(SECRET))
        try:
            return web.exchange("POST", server.base_url + path, headers={"Accept": "x/y"}, body=b"body")
        finally:
            web.close()


def test_a_whole_answer_comes_back_as_it_was_sent() -> None:
    content = bytes(range(256)) * 1000
    answer = exchange(in_turn(Reply(status=202, headers={"Content-Type": "Image/TIFF; x=1"}, content=content)))
    assert (answer.status, answer.content, answer.content_type) == (202, content, "image/tiff")


def test_chunks_and_compression_are_undone() -> None:
    packed = gzip.compress(b"scene" * 100_000)
    answer = exchange(in_turn(Reply(headers={"Content-Encoding": "gzip"}, content=packed, is_chunked=True)))
    assert answer.content == b"scene" * 100_000


@pytest.mark.parametrize(
    "reply",
    [
        Reply(content=b"part", told_length=400),
        Reply(content=b"part", is_chunked=True, breaks_off=True),
    ],
)
def test_a_truncated_answer_is_lost_and_its_head_is_known(reply: Reply) -> None:
    with pytest.raises(AnswerLostError) as caught:
        exchange(in_turn(replace(reply, headers={"X-ProcessingUnits-Spent": "2.5"})))
    assert caught.value.status == 200
    assert caught.value.headers["x-processingunits-spent"] == "2.5"


def test_a_reset_is_a_lost_answer_as_the_request_was_sent() -> None:
    with pytest.raises(AnswerLostError) as caught:
        exchange(in_turn(Reply(is_reset=True)))
    assert caught.value.status == 0


@pytest.mark.parametrize("closes", [Reply(is_reset=True), Reply(is_closed=True)])
def test_a_connection_that_was_closed_while_idle_is_replaced_at_once(closes: Reply) -> None:
    script = in_turn(Reply(content=b"first"), closes, Reply(content=b"second"))
    with scripted(anything=script) as server, opened(server.base_url) as web:
        for content in (b"first", b"second"):
            assert web.exchange("POST", server.base_url + "/anything", headers={}).content == content
        used = [seen.connection for seen in server.seen]
        assert used[0] == used[1] != used[2]


@pytest.mark.parametrize(
    "breaks",
    [
        [Reply(is_reset=True)],
        [Reply(is_closed=True)],
        [Reply(content=b"first"), Reply(content=b"part", told_length=400)],
    ],
)
def test_a_new_connection_or_one_that_began_to_answer_is_not_taken_for_idle(breaks: list[Reply]) -> None:
    with scripted(anything=in_turn(*breaks)) as server, opened(server.base_url) as web:
        for _ in breaks[1:]:
            web.exchange("POST", server.base_url + "/anything", headers={})
        with pytest.raises(AnswerLostError):
            web.exchange("POST", server.base_url + "/anything", headers={})
        assert len(server.seen) == len(breaks)


def test_an_idle_connection_that_breaks_late_may_have_done_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "STALE_WITHIN", 0.0)
    with scripted(anything=in_turn(Reply(), Reply(is_closed=True))) as server, opened(server.base_url) as web:
        web.exchange("POST", server.base_url + "/anything", headers={})
        with pytest.raises(AnswerLostError):
            web.exchange("POST", server.base_url + "/anything", headers={})


@pytest.mark.parametrize("replies", [0, 1])
def test_what_is_under_way_is_given_up_and_nothing_is_sent_after(replies: int) -> None:
    begun, gate, left = threading.Event(), threading.Event(), [Reply()] * replies

    def script(_: Seen) -> Reply:
        if left:
            return left.pop()
        begun.set()
        gate.wait(10)
        return Reply()

    with scripted(anything=script) as server, opened(server.base_url) as web, ThreadPoolExecutor(1) as pool:
        for _ in range(replies):
            web.exchange("POST", server.base_url + "/anything", headers={})
        lost = pool.submit(web.exchange, "POST", server.base_url + "/anything", headers={})
        assert begun.wait(10)
        web.abandon()
        with pytest.raises(AnswerLostError):
            lost.result(10)
        gate.set()
        with pytest.raises(NotReachedError, match="stopped"):
            web.exchange("POST", server.base_url + "/anything", headers={})
        assert len(server.seen) == replies + 1


def test_a_closed_port_is_not_reached() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and not listening
        web = Web("http://127.0.0.1", timeouts=QUICK, redactor=Redactor())
        with pytest.raises(NotReachedError, match="refused"):
            web.exchange("GET", f"http://127.0.0.1:{held.getsockname()[1]}/", headers={})
        web.close()


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        web = Web("http://127.0.0.1", timeouts=Timeouts(connect=1, read=0.05, total=1), redactor=Redactor())
        with pytest.raises(AnswerLostError, match="timed out"):
            web.exchange("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", headers={})
        web.close()


def test_an_answer_that_drips_is_given_up_although_each_byte_is_in_time() -> None:
    with pytest.raises(AnswerLostError, match=r"timed out|not whole after"):
        exchange(in_turn(Reply(content=b"x" * 10_000, drip=0.005)), Timeouts(connect=5, read=5, total=0.1))


def test_a_head_that_drips_is_given_up_too() -> None:
    with pytest.raises(AnswerLostError, match="timed out"):  # some 40 bytes, so two seconds
        exchange(in_turn(Reply(head_drip=0.05, content=b"x")), Timeouts(connect=5, read=5, total=0.1))


def test_a_connection_that_is_used_again_gets_its_time_anew() -> None:
    with scripted(anything=in_turn(Reply(content=b"x"))) as server:
        web = Web(server.base_url, timeouts=Timeouts(connect=5, read=5, total=0.4), redactor=Redactor())
        for _ in range(3):
            web.exchange("GET", server.base_url + "/a", headers={})
            server.stopping.wait(0.2)
        web.close()
    assert len({seen.connection for seen in server.seen}) == 1


def test_an_answer_that_never_ends_is_given_up() -> None:
    with pytest.raises(AnswerLostError, match="more than 1000 bytes"):
        exchange(in_turn(Reply(content=b"x" * 200_000)), Timeouts(largest=1000))


def test_a_small_compressed_answer_that_is_huge_is_given_up() -> None:
    bomb = Reply(content=gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(AnswerLostError, match="more than 1000000 bytes"):
        exchange(in_turn(bomb), Timeouts(largest=1_000_000))


def test_redirects_are_not_followed() -> None:
    answer = exchange(in_turn(Reply(status=302, headers={"Location": "/elsewhere"})))
    assert answer.status == 302


def test_one_connection_serves_many_exchanges_and_keeps_no_cookie() -> None:
    with scripted(anything=in_turn(Reply(content=b"{}", headers={"Set-Cookie": "session=1"}))) as server:
        web = Web(server.base_url, timeouts=QUICK, redactor=Redactor())
        for _ in range(5):
            web.exchange("POST", server.base_url + "/a", headers={}, body=b"x")
        web.close()
    assert len({seen.connection for seen in server.seen}) == 1
    assert not any("cookie" in seen.headers for seen in server.seen)


def test_a_lost_answer_costs_its_connection() -> None:
    replies = in_turn(Reply(content=b"part", told_length=400), Reply(content=b"whole"))
    with scripted(anything=replies) as server:
        web = Web(server.base_url, timeouts=QUICK, redactor=Redactor())
        with pytest.raises(AnswerLostError):
            web.exchange("GET", server.base_url + "/a", headers={})
        assert web.exchange("GET", server.base_url + "/a", headers={}).content == b"whole"
        web.close()


def test_neither_netrc_nor_proxy_changes_a_request_to_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password topsecret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with scripted(anything=in_turn(Reply())) as server:
        web = Web(server.base_url, timeouts=QUICK, redactor=Redactor())
        web.exchange("GET", server.base_url + "/a", headers={"Authorization": "Bearer mine"})
        web.close()
    assert server.seen[0].headers["authorization"] == "Bearer mine"


def test_netrc_takes_no_token_s_place_where_the_environment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password topsecret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "*")
    with scripted(anything=in_turn(Reply())) as server:
        web = Web("https://far.example.org", timeouts=QUICK, redactor=Redactor())
        web.exchange("GET", server.base_url + "/a", headers={"Authorization": "Bearer mine"})
        web.close()
    assert server.seen[0].headers["authorization"] == "Bearer mine"


@pytest.mark.parametrize(
    "reply", [Reply(is_reset=True), Reply(content=b"part", told_length=400), Reply(content=b"x" * 99, drip=0.02)]
)
def test_no_fault_tells_the_address_or_the_headers(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(AnswerLostError) as caught:
        exchange(in_turn(reply), Timeouts(connect=5, read=5, total=0.05), path=f"/key/{SECRET}")
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert SECRET not in told
    assert reply.is_reset or "key/***" in caplog.text  # the library does log the path of what is answered
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
