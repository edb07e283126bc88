"""Thermal detections from the area service of NASA FIRMS, some days at a time, as the files that ``firms`` reads.

References
----------
NASA FIRMS, Area API, https://firms.modaps.eosdis.nasa.gov/api/area/
"""

from __future__ import annotations

import csv
import io
import logging
import random
import re
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote

from satverify.domain.granules import Box
from satverify.errors import CredentialsError, InputError, ProductError, RetrievalError
from satverify.sources.web.addresses import require_safe
from satverify.sources.web.content import require_content
from satverify.sources.web.exchange import (
    TIMEOUTS,
    Answer,
    AnswerLostError,
    BadAnswer,
    NotReachedError,
    Timeouts,
    Web,
)
from satverify.sources.web.limits import Limiter, Limits
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind, Patience, Retries, wait_asked
from satverify.sources.web.waits import Waits

FIRMS = "https://firms.modaps.eosdis.nasa.gov"
VARIABLE = "FIRMS_MAP_KEY"
"""Environment variable that users put the key in, for messages; nothing here reads it."""
LONGEST_RANGE = 5  # [d] of one request
PATIENCE = Retries(rate_attempts=30, total=1_500)
"""The limit is of ten minutes: a client that used it up waits for longer than that."""
LIMITS = Limits(requests_per_minute=400)
"""5,000 transactions in ten minutes are allowed, and a large request counts as several."""
SOURCES = (
    "MODIS_SP",
    "MODIS_NRT",
    "VIIRS_SNPP_SP",
    "VIIRS_SNPP_NRT",
    "VIIRS_NOAA20_SP",
    "VIIRS_NOAA20_NRT",
    "VIIRS_NOAA21_NRT",
)
"""What detections are asked of: SP is standard processing, the archive; NRT is near real time, the last months."""
DETECTIONS = frozenset({"latitude", "longitude", "acq_date"})
AVAILABILITY = frozenset({"data_id", "min_date", "max_date"})
BAD_KEY = "map_key"
TOO_MANY = "transaction limit"
"""From "Exceeding allowed transaction limit.", which comes with more than one status."""
KEY = re.compile(r"[!-~]+")
LONGEST = 300  # characters of a message that are shown
LOOKED_AT = 2000  # bytes of an answer that are searched for a message

_log = logging.getLogger(__name__)


def firms_chunks(days: tuple[date, date]) -> tuple[tuple[date, int], ...]:
    """First day and number of days of the requests that cover ``[start, stop)``; none for an empty range.

    Between the ends they begin at fixed days whatever the range, so that what is stored stays good when a range grows.

    Examples
    --------
    >>> [(str(start), n) for start, n in firms_chunks((date(2021, 11, 3), date(2021, 11, 12)))]
    [('2021-11-03', 3), ('2021-11-06', 5), ('2021-11-11', 1)]
    """
    start, stop = days
    chunks = []
    while start < stop:
        following = start + timedelta(LONGEST_RANGE - start.toordinal() % LONGEST_RANGE)
        chunks.append((start, (min(following, stop) - start).days))
        start = following
    return tuple(chunks)


class FirmsArea:
    """The service, for all threads of a run. To be closed, or used as a context."""

    def __init__(
        self,
        map_key: str,
        *,
        base_url: str = FIRMS,
        limits: Limits = LIMITS,
        retries: Retries = PATIENCE,
        timeouts: Timeouts = TIMEOUTS,
        pause: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Make ready; nothing is sent yet.

        Parameters
        ----------
        map_key
            The key of the user, free from the service. It stands in every address, so no address is ever shown.
        base_url
            Where the service is.
        limits, retries, timeouts
            What it allows, and the patience with a request and with an exchange.
        pause, clock
            How to wait [s], none for a wait that ``stop`` cuts short; and what tells the time that waits are counted
            by [s].
        seed
            Of the jitter of waits.
        on_wait
            Told in a line what is waited for when it takes long.

        Raises
        ------
        CredentialsError
            The key is empty or cannot be one.
        InputError
            The address is none, or would carry the key readably.
        """
        if not KEY.fullmatch(map_key):
            found = "something that is no key" if map_key.strip() else "nothing"
            raise CredentialsError(f"expected a map key of FIRMS in {VARIABLE}, found {found}")
        self._key, self._base_url = map_key, require_safe("base_url", base_url)
        self._redactor = Redactor(map_key)
        self._web = Web(base_url, timeouts=timeouts, redactor=self._redactor)
        self._abandoning = threading.Timer(timeouts.grace, self._web.abandon)
        self._abandoning.daemon = True
        self._waits = Waits(
            clock=clock, redactor=self._redactor, pause=pause, on_wait=on_wait, on_stop=self._abandoning.start
        )
        self._limiter = Limiter(limits, pause=self._waits.pause_for_limit, clock=clock)
        self._retries, self._clock, self._rng = retries, clock, random.Random(seed)

    def __enter__(self) -> FirmsArea:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._abandoning.cancel()
        self._web.close()

    def stop(self, why: str) -> None:
        """Send nothing more, and end every wait at once, for good: StoppedError for whoever waits or asks.

        What is under way may finish within ``timeouts.grace`` and is given up then.

        Parameters
        ----------
        why
            Said in the errors; the first reason stays.
        """
        self._waits.stop(why)

    def fetch(self, source: str, box: Box, start: date, days: int) -> bytes:
        """Detections of one source in a box and some days.

        Parameters
        ----------
        source
            One of ``SOURCES``.
        box
            Where. [degree]
        start, days
            First UTC day, and how many, from 1 to 5.

        Returns
        -------
        A CSV file as it came, checked: only the line of names where nothing was detected.

        Raises
        ------
        InputError
            An argument is out of range.
        CredentialsError
            The service does not know the key.
        ProductError
            It refuses the request, or its answers are no detections.
        RetrievalError
            It is out of order or out of reach, or its limit is used up for longer than is waited.
        StoppedError
            It was stopped before the request was answered.
        """
        return self._ask("area", f"{source}/{_area(source, box, days)}/{days}/{start:%Y-%m-%d}", DETECTIONS)

    def availability(self, source: str) -> tuple[date, date]:
        """First and last UTC day of which the service has a source; on other days its silence says nothing.

        Raises
        ------
        InputError
            The source is none of ``SOURCES``.
        RetrievalError
            As ``fetch``.
        """
        _require_known(source)
        table = self._ask("data_availability", source, AVAILABILITY).decode("utf-8-sig")
        for row in csv.DictReader(io.StringIO(table.lower())):
            if row["data_id"].strip() == source.lower():
                return date.fromisoformat(row["min_date"].strip()), date.fromisoformat(row["max_date"].strip())
        raise ProductError(f"{self._base_url} does not say of which days it has {source}")

    def _ask(self, interface: str, path: str, columns: frozenset[str]) -> bytes:
        """Ask until a table with the columns comes."""
        patience, attempts = Patience(self._retries, clock=self._clock, rng=self._rng), 0
        while True:
            attempts += 1
            found = self._attempt(interface, path, columns)
            if isinstance(found, bytes):
                return found
            self._bear(found, patience, attempts)

    def _attempt(self, interface: str, path: str, columns: frozenset[str]) -> bytes | Fault:
        """Send once."""
        self._waits.require_going()
        self._limiter.acquire(0.0, check=self._waits.require_going)
        url = f"{self._base_url}/api/{interface}/csv/{quote(self._key, safe='')}/{path}"
        try:
            answer = self._web.exchange("GET", url, headers={"Accept": "text/csv"})
        except (NotReachedError, AnswerLostError) as exc:
            return Fault(kind=FaultKind.UNAVAILABLE, sentence=str(exc))
        return _fault_of(answer, self._redactor, columns) or answer.content

    def _bear(self, fault: Fault, patience: Patience, attempts: int) -> None:
        """Wait for the next attempt, or raise what ends the request."""
        if fault.kind is FaultKind.CREDENTIALS:
            raise CredentialsError(f"{self._base_url} refuses the map key in {VARIABLE}: {fault.sentence}")
        if fault.kind is FaultKind.REFUSED:
            raise ProductError(fault.sentence)
        wait = patience.wait_after(fault)
        if wait is None:
            times = f"{fault.sentence} (after {attempts} attempts)"
            if fault.kind is FaultKind.CONTENT:
                raise ProductError(times)
            raise RetrievalError(
                f"{self._base_url} does not serve: {times}; what was fetched is kept, and the same command resumes"
            )
        _log.info("attempt %d failed, next in %.1f s: %s", attempts, wait, fault.sentence)
        self._waits.tell(fault, attempts, wait)
        if fault.kind is FaultKind.RATE:
            self._limiter.hold(wait)
        else:
            self._waits.pause(wait)


def _area(source: str, box: Box, days: int) -> str:
    west, south, east, north = box
    _require_known(source)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(f"box {box}: expected west < east and south < north, in degrees")
    if not 1 <= days <= LONGEST_RANGE:
        raise InputError(f"{days} days: expected 1 to {LONGEST_RANGE}")
    return ",".join(f"{edge:.6f}".rstrip("0").rstrip(".") for edge in box)


def _require_known(source: str) -> None:
    if source not in SOURCES:
        raise InputError(f"source {source!r}: expected one of {', '.join(SOURCES)}")


def _fault_of(answer: Answer, redactor: Redactor, columns: frozenset[str]) -> Fault | None:
    """What is wrong with an answer. The service says much in plain words under a status of success."""
    words = redactor.clean(" ".join(answer.content[:LOOKED_AT].decode("utf-8", "replace").split()))
    kind = _kind(answer.status, words.lower())
    if kind is None:
        try:
            require_content(answer, "text/csv")
            _require_table(answer.content, columns)
        except BadAnswer as exc:
            kind, words = FaultKind.CONTENT, redactor.clean(str(exc))
    if kind is None:
        return None
    sentence = "a web page" if words.startswith("<") else words[:LONGEST]
    if not 200 <= answer.status < 300:
        sentence = f"HTTP {answer.status}: {sentence}".rstrip(": ")
    return Fault(kind=kind, sentence=sentence, status=answer.status, asked_wait=wait_asked(answer.headers, tick=1.0))


def _kind(status: int, words: str) -> FaultKind | None:
    if status == 429 or TOO_MANY in words:
        return FaultKind.RATE
    if status == 401 or (BAD_KEY in words and "invalid" in words):
        return FaultKind.CREDENTIALS
    if status >= 500 or status in {408, 425} or 300 <= status < 400:
        return FaultKind.UNAVAILABLE
    if status >= 400 or words.startswith("invalid"):
        return FaultKind.REFUSED
    return None


def _require_table(content: bytes, columns: frozenset[str]) -> None:
    """Check that a file has the columns, and as many fields in each row as names."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        names = [name.strip().lower() for name in next(rows, [])]
        if not columns <= set(names):
            raise BadAnswer(f"expected columns {', '.join(sorted(columns))}, found {','.join(names)!r}")
        for number, row in enumerate(rows, start=2):
            if row and len(row) != len(names):
                raise BadAnswer(f"expected {len(names)} fields in line {number}, found {len(row)}")
    except (UnicodeDecodeError, csv.Error):
        raise BadAnswer("expected a CSV file, found bytes that are none") from None
