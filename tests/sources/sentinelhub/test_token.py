"""One token for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest

from satverify.errors import CredentialsError, RetrievalError
from satverify.sources.sentinelhub.service import StoppedError
from satverify.sources.web.exchange import Timeouts
from satverify.sources.web.retries import Retries
from tests.sources.sentinelhub.sham import (
    CLIENT_ID,
    CLIENT_SECRET,
    OUT_OF_ORDER,
    UNAUTHORIZED,
    image,
    says,
    sham,
    token,
)
from tests.sources.web.scripted import Reply, Seen, in_turn

INVALID_CLIENT = {"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials"}


def test_credentials_go_in_the_body_and_the_token_in_the_header() -> None:
    with sham() as it:
        it.process()
        asked = it.server.of("/token")[0]
        assert parse_qs(asked.body.decode()) == {
            "grant_type": ["client_credentials"],
            "client_id": [CLIENT_ID],
            "client_secret": [CLIENT_SECRET],
        }
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert "authorization" not in asked.headers
        assert it.asked[0].headers["authorization"].startswith("Bearer eyJ")


@pytest.mark.parametrize(("expires_in", "ahead"), [(600, 120), (2, 0.4), ("300", 60), (86_400, 120)])
def test_it_is_replaced_ahead_of_its_end_and_not_before(expires_in: object, ahead: float) -> None:
    with sham(tokens=in_turn(token(expires_in=expires_in))) as it:
        it.process()
        it.watch.pause(float(str(expires_in)) - ahead - 0.01)
        it.process()
        assert it.tokens_asked == 1
        it.watch.pause(0.02)
        it.process()
        assert it.tokens_asked == 2


@pytest.mark.parametrize("expires_in", [None, "soon", float("nan"), -5, 0, 1e99, [1]])
def test_a_life_that_is_none_is_not_believed(expires_in: object) -> None:
    with sham(tokens=in_turn(token(expires_in=expires_in))) as it:
        it.process()
        it.watch.pause(86_400)
        it.process()
        assert it.tokens_asked == 2


def test_many_threads_at_once_ask_for_one_token() -> None:
    together = threading.Barrier(8, timeout=10)

    def run(process: Callable[[], object]) -> None:
        together.wait()
        process()

    with sham() as it, ThreadPoolExecutor(8) as pool:
        list(pool.map(run, [it.process] * 8))
        assert it.tokens_asked == 1
        assert len(it.asked) == 8


def test_a_refused_token_is_replaced_once_by_all_threads_together() -> None:
    fresh = in_turn(token("first-token-of-all"), token("second-token-of-all"))
    together = threading.Barrier(6, timeout=10)

    def script(seen: Seen) -> Reply:
        if "first" in seen.headers["authorization"]:
            together.wait()
            return UNAUTHORIZED
        return image()

    with sham(script, tokens=fresh) as it, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: it.process(), range(6)))
        assert it.tokens_asked == 2
        assert len(it.asked) == 12


def test_a_token_that_was_replaced_already_is_not_dropped_by_a_late_refusal() -> None:
    with sham(tokens=in_turn(token("token-one"), token("token-two"), token("token-three"))) as it:
        tokens = it.service._asker._tokens
        first = tokens.get()
        assert (first.text, first.number) == ("token-one", 1)
        for _ in range(2):
            tokens.drop(first)
            assert (tokens.get().text, tokens.fetched) == ("token-two", 2)
        assert it.tokens_asked == 2


@pytest.mark.parametrize(
    "refusal",
    [says(INVALID_CLIENT, 401), says(INVALID_CLIENT, 400), Reply(status=401), Reply(status=403, content=b"blocked")],
)
def test_refused_credentials_are_named_and_not_tried_again(refusal: Reply) -> None:
    with sham(tokens=in_turn(refusal)) as it:
        for error in (CredentialsError, StoppedError, StoppedError):
            with pytest.raises(error, match=r"SH_CLIENT_ID and SH_CLIENT_SECRET: HTTP 40\d") as caught:
                it.process()
            assert CLIENT_SECRET not in str(caught.value)
        assert it.tokens_asked == 1
        assert not it.asked
        assert it.watch.pauses == []


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=429, headers={"Retry-After": "1500"}),
        Reply(status=400, content=b'{"error": "invalid_request", "error_description": "Missing grant_type parameter"}'),
        Reply(status=500),
        OUT_OF_ORDER,
        Reply(is_reset=True),
        Reply(content=b'{"access_tok', told_length=200),
        Reply(content=b"<html>maintenance</html>"),
        Reply(content=b"{}"),
        Reply(content=b'{"access_token": ""}'),
        Reply(content=b'{"access_token": "a\\nb"}'),
        Reply(content=b"[]"),
    ],
)
def test_a_fault_of_the_token_endpoint_that_passes_is_borne(fault: Reply) -> None:
    with sham(tokens=in_turn(fault, fault, token())) as it:
        it.process()
        assert it.tokens_asked == 3
        assert len(it.watch.pauses) == 2


def test_its_own_rate_limit_is_kept_to() -> None:
    with sham(tokens=in_turn(Reply(status=429, headers={"Retry-After": "42000"}), token())) as it:
        it.process()
        assert it.watch.pauses == [42]


def test_an_outage_that_stays_ends_the_run() -> None:
    with sham(tokens=in_turn(OUT_OF_ORDER), retries=Retries(attempts=4)) as it:
        with pytest.raises(RetrievalError, match=r"/token gives no token: HTTP 503.*4 attempts.*resumes") as caught:
            it.process()
        assert type(caught.value) is RetrievalError
        assert it.tokens_asked == 4
        with pytest.raises(StoppedError, match=r"stopped: .*/token gives no token"):
            it.process()
        assert it.tokens_asked == 4


def test_an_outage_is_waited_for_once_by_all_threads_together() -> None:
    with sham(tokens=in_turn(OUT_OF_ORDER), retries=Retries(attempts=3)) as it, ThreadPoolExecutor(4) as pool:
        waiting = threading.Barrier(4, timeout=10)

        def script(_: Seen) -> Reply:
            while it.service._asker._budget._reserved.requests < 4:  # until all four are under way
                pass
            return OUT_OF_ORDER

        it.server.scripts["/token"] = script

        def run() -> None:
            waiting.wait()
            it.process()

        errors = [future.exception() for future in [pool.submit(run) for _ in range(4)]]
        assert {type(error) for error in errors} <= {RetrievalError, StoppedError}
        assert len({id(error) for error in errors}) == 4
        assert it.tokens_asked == 3


def test_a_missing_token_endpoint_is_not_tried_again() -> None:
    with sham(tokens=in_turn(Reply(status=404, content=b"Not Found"))) as it:
        with pytest.raises(RetrievalError, match="HTTP 404: Not Found"):
            it.process()
        assert it.tokens_asked == 1


@pytest.mark.parametrize(
    ("fault", "attempts", "words"),
    [
        (
            Reply(status=302, headers={"Location": "/sign-in"}),
            1,
            "HTTP 302; redirects are not followed; check token_url",
        ),
        (Reply(content=b"<html>sign in</html>"), 3, "found a web page.*check token_url"),
        (Reply(content=b"{}"), 3, "JSON without one; check token_url"),
        (Reply(content=b"part", told_length=200), 3, "the answer broke off"),
        (Reply(is_reset=True), 3, "no answer"),
    ],
)
def test_an_address_that_never_spoke_of_tokens_is_given_up_soon(fault: Reply, attempts: int, words: str) -> None:
    with sham(tokens=in_turn(fault)) as it:
        with pytest.raises(RetrievalError, match=words):
            it.process()
        assert it.tokens_asked == attempts
        assert sum(it.watch.pauses) <= 3


def test_a_token_address_that_accepts_and_never_answers_is_given_up_soon() -> None:
    gate = threading.Event()

    def silent(_: Seen) -> Reply:
        gate.wait(10)
        return token()

    with sham(tokens=silent, timeouts=Timeouts(connect=5, read=0.05, total=10)) as it:
        with pytest.raises(RetrievalError, match=r"no token: .*timed out.*3 attempts"):
            it.process()
        gate.set()
        assert it.told[0].startswith("no token yet: attempt 1 failed (no answer: ")


def test_a_token_is_waited_for_less_long_than_an_image() -> None:
    with sham(timeouts=Timeouts()) as it:
        asker = it.service._asker
        assert asker._tokens._web._timeouts.read == 20
        assert asker._web._timeouts.read == Timeouts().read


def test_a_redirect_of_an_address_that_gave_tokens_is_borne_as_maintenance() -> None:
    redirect = Reply(status=302, headers={"Location": "/maintenance"})
    with sham(tokens=in_turn(token(expires_in=300), redirect, redirect, token())) as it:
        it.process()
        it.watch.pause(301)
        it.process()
        assert it.tokens_asked == 4
