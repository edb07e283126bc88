"""Detections asked for some days at a time."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.errors import CredentialsError, InputError, ProductError, RetrievalError
from satverify.sources.firms import read_detections
from satverify.sources.firms_area import FIRMS, SOURCES, FirmsArea, firms_chunks
from satverify.sources.web.exchange import Timeouts
from satverify.sources.web.limits import Limits
from satverify.sources.web.retries import Retries
from satverify.sources.web.waits import StoppedError
from tests.sources.web.scripted import Reply, Script, Scripted, Stopwatch, in_turn, scripted

KEY = "0123456789abcdef0123456789abcdef"
BOX = (117.0, 39.25, 118.5, 40.0)
DAY = date(2021, 11, 1)
NAMES = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,"
    "frp,daynight"
)
ROW = "39.60123,118.20456,331.5,0.39,0.36,2021-11-01,1758,N,VIIRS,n,2,281.2,3.4,N"


def csv(*rows: str, status: int = 200, kind: str = "text/csv") -> Reply:
    return Reply(status=status, headers={"Content-Type": kind}, content="\n".join(rows).encode())


@contextmanager
def area(
    script: Script,
    *,
    retries: Retries | None = None,
    limits: Limits | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[Asking]:
    """The service, whose time passes only when it waits; with ``on_wait`` it is that of the world."""
    watch = Stopwatch()
    with (
        scripted(anything=script) as server,
        FirmsArea(
            KEY,
            base_url=server.base_url + "/",
            limits=limits or Limits(requests_per_minute=400),
            retries=retries or Retries(),
            timeouts=Timeouts(connect=5, read=5, total=10),
            pause=watch.pause if on_wait is None else None,
            clock=watch.clock if on_wait is None else time.monotonic,
            on_wait=on_wait,
        ) as firms,
    ):
        yield Asking(firms, server, watch)


class Asking:
    def __init__(self, firms: FirmsArea, server: Scripted, watch: Stopwatch) -> None:
        self.firms, self.server, self.watch = firms, server, watch

    def fetch(self) -> bytes:
        return self.firms.fetch("VIIRS_SNPP_SP", BOX, DAY, 5)


def test_the_address_is_that_of_the_service_s_documentation(tmp_path: Path) -> None:
    with area(in_turn(csv(NAMES, ROW))) as it:
        content = it.fetch()
        path = it.server.seen[0].path
        assert path == f"/api/area/csv/{KEY}/VIIRS_SNPP_SP/117,39.25,118.5,40/5/2021-11-01"
    file = tmp_path / "chunk.csv"
    file.write_bytes(content)
    assert read_detections([file]).rows_kept == 1


@pytest.mark.parametrize("kind", ["text/csv", "text/plain;charset=UTF-8", "application/octet-stream"])
def test_nothing_detected_is_just_the_names(kind: str) -> None:
    with area(in_turn(csv(NAMES, kind=kind))) as it:
        assert it.fetch() == NAMES.encode()


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_wrong_key_is_named_by_its_variable_and_not_tried_again(status: int) -> None:
    with area(in_turn(csv("Invalid MAP_KEY.", status=status, kind="text/plain"))) as it:
        with pytest.raises(CredentialsError, match="FIRMS_MAP_KEY") as caught:
            it.fetch()
        assert KEY not in str(caught.value)
        assert len(it.server.seen) == 1


@pytest.mark.parametrize("key", ["", "  ", "two words", "a\nb"])
def test_a_key_that_is_none_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(CredentialsError, match="FIRMS_MAP_KEY"):
        FirmsArea(key)


def test_the_key_does_not_travel_in_plain_http() -> None:
    with pytest.raises(InputError, match="base_url"):
        FirmsArea(KEY, base_url="http://firms.example.org")
    FirmsArea(KEY, base_url=FIRMS).close()


@pytest.mark.parametrize("status", [200, 400, 403, 429])
def test_the_transaction_limit_is_waited_for(status: int) -> None:
    limit = csv("Exceeding allowed transaction limit.", status=status, kind="text/plain")
    with area(in_turn(*[limit] * 12, csv(NAMES))) as it:
        assert it.fetch() == NAMES.encode()
        assert sum(it.watch.pauses) > 300


def test_retry_after_counts_seconds_here() -> None:
    limit = Reply(status=429, headers={"Retry-After": "30"})
    with area(in_turn(limit, csv(NAMES)), limits=Limits(requests_per_minute=60)) as it:
        it.fetch()
        assert sum(it.watch.pauses) == pytest.approx(31)  # and one by one after that


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=500),
        Reply(status=502, content=b"<html>Bad Gateway</html>"),
        Reply(is_reset=True),
        csv(NAMES, ROW[:30]),
        Reply(content=NAMES[:20].encode(), told_length=200),
        csv("<html>maintenance</html>", kind="text/html"),
        csv("<html>maintenance</html>"),
        csv(""),
        csv("latitude,longitude"),
        csv("some,other,table"),
        Reply(content=b"latitude,longitude,acq_date\n\xff\xfe,1,2"),
        Reply(status=302, headers={"Location": "/login"}),
    ],
)
def test_a_fault_that_passes_is_borne(fault: Reply) -> None:
    with area(in_turn(fault, csv(NAMES, ROW))) as it:
        assert it.fetch().endswith(ROW.encode())
        assert len(it.server.seen) == 2
        assert len(it.watch.pauses) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        csv("Invalid area coordinates.", kind="text/plain"),
        csv("Invalid source: X", status=400, kind="text/plain"),
        csv("Not Found", status=404),
    ],
)
def test_a_refusal_is_told_in_the_service_s_words(refusal: Reply) -> None:
    with area(in_turn(refusal)) as it:
        with pytest.raises(ProductError, match=refusal.content.decode()):
            it.fetch()
        assert len(it.server.seen) == 1


@pytest.mark.parametrize(
    ("fault", "error"), [(Reply(status=503), RetrievalError), (csv("some,other,table"), ProductError)]
)
def test_a_fault_that_stays_is_told(fault: Reply, error: type[RetrievalError]) -> None:
    with area(in_turn(fault), retries=Retries(attempts=3)) as it:
        with pytest.raises(RetrievalError, match="after 3 attempts") as caught:
            it.fetch()
        assert type(caught.value) is error


@pytest.mark.parametrize(
    ("source", "box", "days"),
    [
        ("VIIRS", BOX, 1),
        ("VIIRS_SNPP_SP", (118, 39, 117, 40), 1),
        ("VIIRS_SNPP_SP", (117, 39, 118, 91), 1),
        ("VIIRS_SNPP_SP", BOX, 0),
        ("VIIRS_SNPP_SP", BOX, 6),
    ],
)
def test_nonsense_is_not_sent(source: str, box: tuple[float, float, float, float], days: int) -> None:
    with area(in_turn(csv(NAMES))) as it:
        with pytest.raises(InputError):
            it.firms.fetch(source, box, DAY, days)
        assert not it.server.seen


def test_all_sources_that_the_task_needs_are_known() -> None:
    assert {"VIIRS_SNPP_SP", "VIIRS_NOAA20_SP", "VIIRS_NOAA21_NRT", "MODIS_SP"} <= set(SOURCES)


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=503, content=KEY.encode()),
        Reply(status=400, content=f"bad request for {KEY}".encode()),
        Reply(is_reset=True),
        Reply(content=b"x", told_length=9),
        csv(f"{KEY},other,table"),
        csv(f"Invalid MAP_KEY {KEY}."),
        csv("x" * 290 + KEY, status=400),
        csv("x" * 290 + KEY),
    ],
)
def test_the_key_is_in_no_error_and_no_log(fault: Reply, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), area(in_turn(fault), retries=Retries(attempts=2)) as it:
        with pytest.raises(RetrievalError) as caught:
            it.fetch()
        told = caplog.text + repr(it.firms) + "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY[:8] not in told
    assert caught.value.__context__ is None


def test_the_key_is_in_no_error_of_a_service_out_of_reach(caplog: pytest.LogCaptureFixture) -> None:
    with area(in_turn(csv(NAMES)), retries=Retries(attempts=2)) as it:
        pass
    with caplog.at_level(logging.DEBUG), pytest.raises(RetrievalError, match=r"no connection.*resumes") as caught:
        it.fetch()
    assert KEY not in caplog.text + "".join(traceback.format_exception(caught.value))


@given(start=st.dates(date(2012, 1, 1), date(2030, 1, 1)), length=st.integers(0, 400))
def test_chunks_cover_each_day_once_and_are_not_too_long(start: date, length: int) -> None:
    chunks = firms_chunks((start, start + timedelta(length)))
    covered = [first + timedelta(day) for first, days in chunks for day in range(days)]
    assert covered == [start + timedelta(day) for day in range(length)]
    assert all(1 <= days <= 5 for _, days in chunks)
    assert len(chunks) <= length // 5 + 2


@given(start=st.dates(date(2012, 1, 1), date(2030, 1, 1)), length=st.integers(11, 100), more=st.integers(0, 50))
def test_a_longer_range_has_the_inner_chunks_of_a_shorter_one(start: date, length: int, more: int) -> None:
    stop = start + timedelta(length)
    short, long = (firms_chunks((start - timedelta(grown), stop + timedelta(grown))) for grown in (0, more))
    assert set(short[1:-1]) <= set(long)


def test_no_days_need_no_request() -> None:
    assert firms_chunks((DAY, DAY)) == firms_chunks((DAY, DAY - timedelta(3))) == ()


def test_the_days_of_a_source_are_those_that_the_service_names() -> None:
    table = csv("data_id,min_date,max_date", "MODIS_SP,2000-11-01,2022-05-31", "VIIRS_SNPP_SP,2012-01-20,2022-03-31")
    with area(in_turn(table)) as it:
        assert it.firms.availability("VIIRS_SNPP_SP") == (date(2012, 1, 20), date(2022, 3, 31))
        assert it.server.seen[0].path == f"/api/data_availability/csv/{KEY}/VIIRS_SNPP_SP"


def test_days_that_the_service_does_not_name_are_not_made_up() -> None:
    with area(in_turn(csv("data_id,min_date,max_date"))) as it, pytest.raises(ProductError, match="VIIRS_SNPP_SP"):
        it.firms.availability("VIIRS_SNPP_SP")
    with area(in_turn(csv(NAMES, ROW))) as it, pytest.raises(ProductError, match="min_date"):
        it.firms.availability("VIIRS_SNPP_SP")
    with area(in_turn(csv(NAMES))) as it, pytest.raises(InputError, match="expected one of"):
        it.firms.availability("VIIRS")


@pytest.mark.parametrize("status", [429, 503])
def test_a_stop_ends_the_wait_at_once_and_the_wait_is_told(status: int) -> None:
    waiting, told = threading.Event(), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        waiting.set()

    busy = Reply(status=status, headers={"Retry-After": "60"}, content=f"busy with {KEY}".encode())
    with area(in_turn(busy), on_wait=tell) as it, ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(it.fetch) for _ in range(2)]
        assert waiting.wait(10)
        it.firms.stop("interrupted")
        for future in asked:
            with pytest.raises(StoppedError, match="stopped: interrupted"):
                future.result(10)
        sent = len(it.server.seen)
        with pytest.raises(StoppedError):
            it.fetch()
        assert len(it.server.seen) == sent
        assert told[0] == f"attempt 1 failed (HTTP {status}: busy with ***), next in 60 s"
