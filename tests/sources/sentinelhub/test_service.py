"""Requests through thick and thin."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from satverify.errors import CredentialsError, InputError, ProductError, QuotaExceeded, RetrievalError
from satverify.sources.sentinelhub.asking import OUTAGE_AFTER
from satverify.sources.sentinelhub.bodies import body_hash
from satverify.sources.sentinelhub.service import Service, StoppedError
from satverify.sources.web.budget import Budget, Spent
from satverify.sources.web.exchange import Timeouts
from satverify.sources.web.limits import Limits
from satverify.sources.web.retries import Retries
from tests.sources.sentinelhub.sham import (
    BODY,
    BROKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    NO_UNITS,
    OUT_OF_ORDER,
    RATE_LIMIT,
    TOKEN,
    UNAUTHORIZED,
    error,
    image,
    says,
    sham,
    tar,
    token,
)
from tests.sources.web.scripted import Reply, Seen, in_turn

BOX = (117.0, 39.0, 118.0, 40.0)
START, STOP = datetime(2021, 11, 1, tzinfo=UTC), datetime(2021, 12, 1, tzinfo=UTC)
INTERNAL = error(500, "Index service failure: 500 Internal Server Error", "RENDERER_EXCEPTION")
LATE = Reply(status=504, content=b"upstream request timeout")
NON_EMPTY = error(400, "Request body should be non-empty.", "COMMON_BAD_PAYLOAD")


def test_a_request_is_answered_and_its_cost_told() -> None:
    with sham() as it:
        found = it.process(estimate=2.0)
        assert (found.result, found.content, found.processing_units, found.attempts) == (b"pixels", tar(), 2.5, 1)
        assert not found.is_estimated
        assert json.loads(it.asked[0].body) == BODY
        assert it.asked[0].headers["accept"] == "application/tar"
        assert it.budget.spent == it.service.spent == Spent(units=2.5, requests=1)
        assert [asdict(spending) for spending in it.spent] == [
            {
                "kind": "process",
                "collection": "sentinel-2-l1c",
                "label": "sensor",
                "request_hash": body_hash(BODY),
                "estimated_units": 2.0,
                "spent_units": 2.5,
                "is_estimated": False,
                "attempts": 1,
                "requests": 1,
                "status": 200,
                "outcome": "done",
            }
        ]
        json.dumps(asdict(it.spent[0]))


@pytest.mark.parametrize("units", [None, "", "many", "-1", "nan", "inf"])
def test_an_answer_that_does_not_tell_its_cost_costs_the_estimate(units: str | None) -> None:
    with sham(in_turn(image(units=units))) as it:
        found = it.process(estimate=2.0)
        assert (found.processing_units, found.is_estimated) == (2.0, True)
        assert it.budget.spent.units == 2.0


PASSING: dict[str, Reply] = {
    "server error": INTERNAL,
    "gateway": OUT_OF_ORDER,
    "spurious 400": NON_EMPTY,
    "another spurious 400": error(400, "Missing grant_type parameter"),
    "rate limit": RATE_LIMIT,
    "unauthorized": UNAUTHORIZED,
    "reset": Reply(is_reset=True),
    "truncated": Reply(headers={"Content-Type": "application/tar"}, content=tar()[:700], told_length=len(tar())),
    "truncated chunks": Reply(content=tar()[:700], is_chunked=True, breaks_off=True),
    "html": Reply(headers={"Content-Type": "text/html"}, content=b"<html>sign in</html>"),
    "html as tar": Reply(headers={"Content-Type": "application/tar"}, content=b"<html>sign in</html>"),
    "empty": Reply(headers={"Content-Type": "application/tar"}),
    "wrong pixels": image(b"others"),
    "redirect": Reply(status=302, headers={"Location": "https://sign.in"}),
}


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_loses_nothing(fault: str) -> None:
    with sham(in_turn(PASSING[fault], image())) as it:
        found = it.process()
        assert found.result == b"pixels"
        assert found.attempts == len(it.asked) == 2
        assert len(it.spent) == 1


def test_an_answer_that_drips_is_asked_for_again() -> None:
    drip = Reply(headers={"Content-Type": "application/tar"}, content=tar(), drip=0.005)
    with sham(in_turn(drip, image()), timeouts=Timeouts(connect=5, read=5, total=0.2)) as it:
        assert it.process().attempts == 2


@pytest.mark.parametrize(
    ("fault", "spent", "is_estimated"),
    [
        (INTERNAL, 2.5, False),
        (RATE_LIMIT, 2.5, False),
        (Reply(is_reset=True), 4.5, True),
        (Reply(content=b"x", told_length=9, headers={"x-processingunits-spent": "2.25"}), 4.75, False),
        (Reply(status=500, content=b"x", told_length=9), 2.5, False),
        (image(b"others", units="2.25"), 4.75, False),
    ],
)
def test_each_attempt_is_charged_what_it_may_have_cost(fault: Reply, spent: float, is_estimated: bool) -> None:
    with sham(in_turn(fault, image())) as it:
        found = it.process(estimate=2.0)
        assert (found.processing_units, found.is_estimated) == (spent, is_estimated)
        assert it.budget.spent.units == it.spent[0].spent_units == spent
        assert it.budget.spent.requests == it.spent[0].requests == (1 if fault is RATE_LIMIT else 2)


@pytest.mark.parametrize(
    ("retry_after", "wait"), [("3398", 3.398), ("5.5", 5.5), ("9" * 50, 60.0), ("Wed, 05 Jan 2022 10:00:09 GMT", 9.0)]
)
def test_a_rate_limit_is_waited_for_as_the_service_asks(retry_after: str, wait: float) -> None:
    headers = {"Retry-After": retry_after, "Date": "Wed, 05 Jan 2022 10:00:00 GMT"}
    with sham(in_turn(Reply(status=429, headers=headers), image())) as it:
        it.process()
        assert sum(it.watch.pauses) == pytest.approx(wait)


def test_a_rate_limit_slows_every_thread_down() -> None:
    told: list[float] = []
    refuse_first = in_turn(RATE_LIMIT, image())

    def script(seen: Seen) -> Reply:
        reply = refuse_first(seen)
        if reply.status == 200:
            told.append(it.watch.clock())
        return reply

    with sham(script, limits=Limits(requests_per_minute=60)) as it, ThreadPoolExecutor(4) as pool:
        start = it.watch.clock()
        refused = pool.submit(it.process)
        while it.service._asker._limiter._held_until < start:  # until the limiter is told
            pass
        list(pool.map(lambda _: it.process(), range(3)))
        refused.result(10)
        assert len(told) == 4
        assert min(told) - start >= 3.398
        # After a hold they come one by one, as the service's own count is used up.
        assert max(told) - start == pytest.approx(3.398 + 4)


def test_a_rate_limit_for_ever_ends_and_is_no_product_s_fault() -> None:
    with sham(in_turn(RATE_LIMIT), retries=Retries(rate_attempts=5)) as it:
        with pytest.raises(RetrievalError, match=r"HTTP 429.*5 attempts.*resumes") as caught:
            it.process()
        assert type(caught.value) is RetrievalError
        assert len(it.asked) == 5
        assert it.budget.spent == Spent()


def test_waits_grow_and_the_whole_is_bounded_in_time() -> None:
    with sham(in_turn(OUT_OF_ORDER), retries=Retries(attempts=100, total=200)) as it:
        with pytest.raises(RetrievalError, match="HTTP 503"):
            it.process()
        assert 100 < sum(it.watch.pauses) <= 200
        assert it.watch.pauses[0] < it.watch.pauses[2] < it.watch.pauses[4]


def test_requests_and_units_per_minute_are_kept_to() -> None:
    with sham(limits=Limits(requests_per_minute=60, units_per_minute=6)) as it:
        for _ in range(5):
            it.process(estimate=2.0)
        # Each is said to cost 2 and costs 2.5: 12.5 units, of which 6 were there. The last one's surplus is owed.
        assert sum(it.watch.pauses) == pytest.approx((5 * 2.5 - 0.5 - 6) * 10)


def test_a_401_in_the_middle_of_a_run_costs_one_token_and_one_replay() -> None:
    with sham(in_turn(image(), UNAUTHORIZED, image()), tokens=in_turn(token("token-one"), token("token-two"))) as it:
        it.process()
        assert it.process().attempts == 2
        assert it.tokens_asked == 2
        assert [seen.headers["authorization"] for seen in it.asked] == ["Bearer token-one"] * 2 + ["Bearer token-two"]
        assert it.watch.pauses == []


def test_two_fresh_tokens_refused_in_a_row_are_about_the_credentials() -> None:
    with sham(in_turn(UNAUTHORIZED)) as it:
        with pytest.raises(CredentialsError, match="SH_CLIENT_ID and SH_CLIENT_SECRET brought, 3 in a row"):
            it.process()
        assert len(it.asked) == 3
        assert it.tokens_asked == 3


def test_tokens_that_are_revoked_twice_under_many_threads_end_nothing() -> None:
    fresh = in_turn(*(token(f"token-number-{number}") for number in range(3)))
    together = {number: threading.Barrier(4, timeout=10) for number in range(2)}

    def script(seen: Seen) -> Reply:
        number = int(seen.headers["authorization"][-1])
        if number == 2:
            return image()
        together[number].wait()
        return UNAUTHORIZED

    with sham(script, tokens=fresh) as it, ThreadPoolExecutor(4) as pool:
        assert [found.attempts for found in pool.map(lambda _: it.process(), range(4))] == [3] * 4
        assert it.tokens_asked == 3


def test_a_token_from_before_a_refusal_says_nothing_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with sham(in_turn(*[UNAUTHORIZED] * 3, image())) as it:
        tokens = it.service._asker._tokens
        old = tokens.get()
        monkeypatch.setattr(tokens, "get", lambda: old)  # as when a refusal and the fetching of a token overlap
        assert it.process().attempts == 4


def test_401s_apart_are_each_replayed() -> None:
    with sham(in_turn(UNAUTHORIZED, UNAUTHORIZED, INTERNAL, UNAUTHORIZED, UNAUTHORIZED, image())) as it:
        assert it.process().attempts == 6


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (BROKEN, "Illegal request to creo://eodata"),
        (error(500, "java.lang.IllegalArgumentException: newLimit > capacity: (9 > 8)"), "newLimit > capacity"),
        (error(400, "CUSTOM has no band SMA", "RENDERER_EXCEPTION"), "CUSTOM has no band SMA"),
        (error(403, "You may not use this collection"), "You may not use this collection"),
        (error(404, "Collection not found"), "Collection not found"),
    ],
)
def test_a_refusal_of_one_thing_is_told_at_once_and_the_rest_goes_on(refusal: Reply, words: str) -> None:
    with sham(in_turn(refusal, image())) as it:
        with pytest.raises(ProductError, match=words.replace("(", r"\(")) as caught:
            it.process()
        assert caught.value.may_be_one_of_many == (refusal.status == 500)
        assert len(it.asked) == 1
        assert it.watch.pauses == []
        assert it.process().result == b"pixels"
        assert [spending.outcome for spending in it.spent] == ["ProductError", "done"]
        assert it.budget.spent.units == 2.5


@pytest.mark.parametrize(("fault", "attempts"), [(INTERNAL, 7), (LATE, 3), (image(b"others"), 3)])
def test_one_request_that_never_works_does_not_stop_the_rest(fault: Reply, attempts: int) -> None:
    with sham(in_turn(*[fault] * attempts, image())) as it:
        with pytest.raises(ProductError, match=f"after {attempts} attempts") as caught:
            it.process()
        assert caught.value.may_be_one_of_many == (fault.status >= 500)  # bad content was paid for
        assert it.process().attempts == 1


def test_many_requests_in_a_row_that_never_work_are_the_service_s_fault() -> None:
    with sham(in_turn(INTERNAL), retries=Retries(attempts=2)) as it:
        for _ in range(OUTAGE_AFTER - 1):
            with pytest.raises(ProductError):
                it.process()
        with pytest.raises(RetrievalError, match="does not serve") as caught:
            it.process()
        assert type(caught.value) is RetrievalError


def test_a_success_between_failures_clears_the_service() -> None:
    replies = [INTERNAL, INTERNAL] * (OUTAGE_AFTER - 1)
    with sham(in_turn(*replies, image(), *replies, image()), retries=Retries(attempts=2)) as it:
        for _ in range(2):
            for _ in range(OUTAGE_AFTER - 1):
                with pytest.raises(ProductError):
                    it.process()
            it.process()


def test_a_service_out_of_reach_is_told_and_the_run_can_resume() -> None:
    with sham(retries=Retries(attempts=3)) as it:
        it.process()  # has its token
        address = it.server.base_url
    it.watch.pauses.clear()
    with pytest.raises(
        RetrievalError, match=rf"{address} does not serve: no connection.*3 attempts.*resumes"
    ) as caught:
        it.process()
    assert type(caught.value) is RetrievalError
    assert len(it.watch.pauses) == 2
    assert it.budget.spent.requests == 1  # nothing was sent


def test_a_spent_account_stops_every_thread_before_its_next_request() -> None:
    together, refused = threading.Barrier(6, timeout=10), threading.Event()

    def script(_: Seen) -> Reply:
        together.wait()
        return NO_UNITS

    def run(process: Callable[[], object]) -> None:
        with pytest.raises(QuotaExceeded, match=r"quota of the account.*Insufficient processing units.*kept"):
            process()
        with pytest.raises(QuotaExceeded):
            process()
        refused.set()

    with sham(script) as it, ThreadPoolExecutor(6) as pool:
        list(pool.map(run, [it.process] * 6))
        with pytest.raises(QuotaExceeded):
            it.service.search("sentinel-2-l1c", BOX, START, STOP)
        assert len(it.asked) == 6
        assert it.watch.pauses == []
        assert it.budget.spent.units == 0


def test_whoever_waits_for_its_turn_stops_when_the_account_is_spent() -> None:
    with sham(limits=Limits(requests_per_minute=1)) as it:
        it.process()
        it.watch.on_pause = lambda: it.budget.close("another thread was told that the quota is used up")
        with pytest.raises(QuotaExceeded, match="another thread"):
            it.process()
        assert len(it.asked) == 1


def test_the_budget_stops_before_it_is_passed() -> None:
    with sham(budget=Budget(processing_units=10)) as it:
        for _ in range(4):
            it.process(estimate=2.5)
        with pytest.raises(QuotaExceeded, match="budget of 10 processing units"):
            it.process(estimate=2.5)
        assert len(it.asked) == 4
        assert len(it.spent) == 4


def test_threads_together_keep_the_budget() -> None:
    def run(process: Callable[[float], object]) -> bool:
        try:
            process(2.5)
        except QuotaExceeded:
            return False
        return True

    with sham(budget=Budget(processing_units=50, requests=1000)) as it, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, [it.process] * 40)) == 20
        assert it.budget.spent.units == 50
        assert len(it.asked) == 20


def test_a_lost_answer_that_uses_up_the_budget_ends_the_request() -> None:
    with sham(in_turn(Reply(is_reset=True), image()), budget=Budget(processing_units=3)) as it:
        with pytest.raises(QuotaExceeded):
            it.process(estimate=2)
        assert len(it.asked) == 1
        assert it.spent[0].spent_units == 2
        assert it.spent[0].outcome == "QuotaExceeded"


def test_what_a_check_raises_of_its_own_passes_and_the_cost_is_booked() -> None:
    def broken(_: bytes, __: str) -> None:
        raise ZeroDivisionError

    with sham() as it:
        with pytest.raises(ZeroDivisionError):
            it.service.process(BODY, estimate=2, check=broken)
        assert it.spent[0].spent_units == 2.5


def test_the_check_is_told_the_media_type() -> None:
    reply = Reply(headers={"Content-Type": "image/tiff; application=geotiff"}, content=b"II*\0rest")
    with sham(in_turn(reply)) as it:
        found = it.service.process(BODY, estimate=2, accept="image/tiff", check=lambda content, kind: (content, kind))
        assert found.result == (b"II*\0rest", "image/tiff")


@pytest.mark.parametrize("estimate", [-1.0, float("nan"), float("inf")])
def test_an_estimate_that_is_none_is_refused(estimate: float) -> None:
    with sham() as it, pytest.raises(InputError):
        it.process(estimate=estimate)


def listed(number: int, day: str = "2021-11-05") -> dict[str, object]:
    return {"id": f"product-{number}", "properties": {"datetime": f"{day}T03:07:20Z", "platform": "sentinel-2a"}}


def test_a_search_reads_every_page_once() -> None:
    pages = {
        None: {"features": [listed(3, "2021-11-20"), listed(2, "2021-11-10")], "context": {"next": 2}},
        2: {"features": [listed(2, "2021-11-10"), listed(1)], "context": {"next": 4}},
        4: {"features": [listed(9, "2021-12-01"), listed(8, "2021-10-31")], "context": {}},
    }
    with sham(search=lambda seen: says(pages[json.loads(seen.body).get("next")])) as it:
        found = it.service.search("sentinel-2-l1c", BOX, START, STOP, filter="eo:cloud_cover < 90")
        assert [product.product_id for product in found] == ["product-1", "product-2", "product-3"]
        assert [spending.kind for spending in it.spent] == ["catalogue"] * 3
        assert all(spending.is_estimated and spending.spent_units == 0.01 for spending in it.spent)
        bodies = [json.loads(seen.body) for seen in it.server.of("/api/v1/catalog/1.0.0/search")]
        assert [body.get("next") for body in bodies] == [None, 2, 4]
        assert {body["filter"] for body in bodies} == {"eo:cloud_cover < 90"}


def test_a_search_in_a_circle_ends() -> None:
    pages = in_turn(*(says({"features": [], "context": {"next": number}}) for number in (1, 2, 1)))
    with sham(search=pages) as it, pytest.raises(RetrievalError, match="circle"):
        it.service.search("sentinel-2-l1c", BOX, START, STOP)


@pytest.mark.parametrize("fault", [RATE_LIMIT, INTERNAL, UNAUTHORIZED, Reply(content=b"<html>"), says({"features": 3})])
def test_a_search_bears_faults_too(fault: Reply) -> None:
    with sham(search=in_turn(fault, says({"features": [listed(1)]}))) as it:
        assert len(it.service.search("sentinel-2-l1c", BOX, START, STOP)) == 1


def test_a_search_that_is_refused_tells_why() -> None:
    refusal = says({"code": 400, "description": "Cannot parse parameter `filter`."}, 400)
    with sham(search=in_turn(refusal)) as it, pytest.raises(ProductError, match="Cannot parse parameter `filter`"):
        it.service.search("sentinel-2-l1c", BOX, START, STOP, filter="nonsense")


def test_one_connection_pool_serves_the_run() -> None:
    with sham() as it:
        for _ in range(20):
            it.process()
        assert len({seen.connection for seen in it.asked}) == 1


@pytest.mark.parametrize(
    "fault",
    [
        error(400, f"you sent {CLIENT_ID} and {CLIENT_SECRET} and Bearer {TOKEN}"),
        error(500, f"Illegal request to https://x?token={TOKEN}"),
        error(503, f"{TOKEN} {CLIENT_SECRET}"),
        error(403, f"Insufficient processing units of {CLIENT_ID}", "ACCESS_INSUFFICIENT_PROCESSING_UNITS"),
        error(401, f"not with {TOKEN}"),
        error(429, f"not with {TOKEN}"),
        Reply(is_reset=True),
        Reply(content=TOKEN.encode(), told_length=1000),
        Reply(content=f"<html>{TOKEN}</html>".encode()),
        image(TOKEN.encode()),
    ],
)
def test_no_secret_is_in_any_error_log_text_or_ledger(fault: Reply, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), sham(in_turn(fault), retries=Retries(attempts=2, rate_attempts=2)) as it:
        with pytest.raises(RetrievalError) as caught:
            it.process()
        told = [
            caplog.text,
            repr(it.service),
            str(it.service),
            repr(it.spent),
            json.dumps([asdict(s) for s in it.spent]),
        ]
    walked: BaseException | None = caught.value
    while walked is not None:
        told += [repr(walked), str(vars(walked)), "".join(traceback.format_exception(walked))]
        walked = walked.__cause__ or walked.__context__
    for secret in (CLIENT_SECRET, CLIENT_ID, TOKEN, "p4ss%2Fw0rd"):
        assert not [text for text in told if secret in text]


def test_no_secret_is_in_the_errors_of_the_token_endpoint(caplog: pytest.LogCaptureFixture) -> None:
    refusal = says({"error": "invalid_client", "error_description": f"{CLIENT_ID}:{CLIENT_SECRET}"}, 401)
    with caplog.at_level(logging.DEBUG), sham(tokens=in_turn(refusal)) as it, pytest.raises(CredentialsError) as caught:
        it.process()
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert CLIENT_SECRET not in told
    assert CLIENT_ID not in told


def test_the_same_seed_waits_the_same() -> None:
    waits = []
    for _ in range(2):
        with sham(in_turn(OUT_OF_ORDER, OUT_OF_ORDER, image())) as it:
            it.process()
        waits.append(it.watch.pauses)
    assert waits[0] == waits[1]


def test_importing_the_service_does_not_import_the_library_it_replaces() -> None:
    code = f"import sys, {Service.__module__}; print('sentinelhub' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


ASKS_FOR_A_MINUTE = {"Retry-After": "60000"}
BUSY = [Reply(status=503, headers=ASKS_FOR_A_MINUTE), Reply(status=429, headers=ASKS_FOR_A_MINUTE)]


@pytest.mark.parametrize("fault", BUSY)
def test_a_stop_ends_every_wait_at_once(fault: Reply) -> None:
    waiting = threading.Event()
    with sham(in_turn(fault), on_wait=waiting.set) as it, ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(it.process) for _ in range(4)]
        assert waiting.wait(10)
        it.service.stop("interrupted")
        for future in asked:
            with pytest.raises(StoppedError, match="stopped: interrupted"):
                future.result(10)
        sent = len(it.asked)
        with pytest.raises(StoppedError, match="stopped: interrupted"):
            it.process()
        with pytest.raises(StoppedError):
            it.service.search("sentinel-2-l1c", BOX, START, STOP)
        assert len(it.asked) == sent
        assert it.spent[0].outcome == "StoppedError"


def test_a_stop_ends_the_wait_for_a_turn() -> None:
    waiting = threading.Event()
    with sham(limits=Limits(requests_per_minute=1), on_wait=waiting.set) as it, ThreadPoolExecutor(3) as pool:
        it.process()
        asked = [pool.submit(it.process) for _ in range(3)]
        assert waiting.wait(10)
        it.service.stop("interrupted")
        for future in asked:
            with pytest.raises(StoppedError):
                future.result(10)
        assert len(it.asked) == 1
        assert it.told[0].startswith("the service's limit per minute is reached, next request in ")
        assert it.budget._reserved == Spent()


def test_a_stop_ends_the_wait_for_a_token() -> None:
    waiting = threading.Event()
    tokens = in_turn(Reply(status=429, headers=ASKS_FOR_A_MINUTE))
    with sham(tokens=tokens, on_wait=waiting.set) as it, ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(it.process) for _ in range(3)]
        assert waiting.wait(10)
        it.service.stop("interrupted")
        for future in asked:
            with pytest.raises(StoppedError):
                future.result(10)
        assert (it.tokens_asked, it.asked) == (1, [])


def test_what_is_under_way_at_a_stop_may_finish() -> None:
    begun, gate = threading.Event(), threading.Event()

    def script(_: Seen) -> Reply:
        begun.set()
        gate.wait(10)
        return image()

    with sham(script) as it, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(it.process)
        assert begun.wait(10)
        it.service.stop("interrupted")
        gate.set()
        assert asked.result(10).result == b"pixels"


def test_what_does_not_finish_after_a_stop_is_given_up_and_charged() -> None:
    begun, gate = threading.Event(), threading.Event()

    def script(_: Seen) -> Reply:
        begun.set()
        gate.wait(20)
        return image()

    with sham(script, timeouts=Timeouts(connect=5, read=60, total=60, grace=0.01)) as it:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(it.process)
            assert begun.wait(10)
            it.service.stop("interrupted")
            with pytest.raises(StoppedError):
                asked.result(10)
        gate.set()
        assert (it.spent[0].spent_units, it.spent[0].is_estimated) == (2.0, True)
        assert len(it.asked) == 1


@pytest.mark.parametrize(
    ("fault", "error"), [(OUT_OF_ORDER, RetrievalError), (NO_UNITS, QuotaExceeded), (UNAUTHORIZED, CredentialsError)]
)
def test_what_ends_the_run_for_one_ends_the_waits_of_all(fault: Reply, error: type[Exception]) -> None:
    waiting = threading.Event()
    replies = in_turn(BUSY[0], fault)
    with sham(replies, on_wait=waiting.set, retries=Retries(attempts=2, first_wait=0.001)) as it:
        with ThreadPoolExecutor(1) as pool:
            patient = pool.submit(it.process)
            assert waiting.wait(10)
            with pytest.raises(error) as caught:
                it.process()
            with pytest.raises(StoppedError) as stopped:
                patient.result(10)
        assert str(stopped.value) == f"stopped: {caught.value}"


def test_one_product_s_fault_and_the_run_s_own_budget_stop_nothing() -> None:
    with sham(in_turn(BROKEN, image()), budget=Budget(processing_units=10)) as it:
        with pytest.raises(ProductError):
            it.process()
        with pytest.raises(QuotaExceeded):
            it.process(estimate=20)
        assert it.process().result == b"pixels"


def test_long_waits_are_told_in_a_line_and_not_often() -> None:
    with sham(in_turn(OUT_OF_ORDER), retries=Retries(attempts=6, first_wait=4)) as it:
        with pytest.raises(RetrievalError):
            it.process()
        assert it.told[-1] == f"attempt 5 failed (HTTP 503: a web page), next in {it.watch.pauses[-1]:.0f} s"
        assert 2 <= len(it.told) <= sum(it.watch.pauses) / 10 + 1


def test_short_waits_are_not_told_unless_the_attempt_was_slow() -> None:
    with sham(in_turn(OUT_OF_ORDER, image(), LATE, image())) as it:
        it.process()
        assert it.told == []
        it.process()
        assert it.told == ["attempt 1 failed (HTTP 504: upstream request timeout), next in 1 s"]


def test_no_secret_is_in_what_is_told() -> None:
    refusal = error(503, f"{TOKEN} and {CLIENT_SECRET}", **{"Retry-After": "9000"})
    with sham(in_turn(refusal, image())) as it:
        it.process()
        assert it.told == ["attempt 1 failed (HTTP 503: *** and ***), next in 9 s"]


@pytest.mark.parametrize("closes", [Reply(is_reset=True), Reply(is_closed=True)])
def test_a_connection_that_was_closed_while_idle_costs_nothing(closes: Reply) -> None:
    with sham(in_turn(image(), closes, image())) as it:
        it.process()
        found = it.process()
        assert (found.attempts, found.processing_units, found.is_estimated) == (1, 2.5, False)
        assert it.watch.pauses == []
        assert it.budget.spent.requests == 2
