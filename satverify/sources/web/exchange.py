"""One exchange over HTTP: a request sent once, and an answer that came whole and in time, or a named fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3

import satverify
from satverify.errors import RetrievalError
from satverify.sources.web.addresses import is_loopback
from satverify.sources.web.deadline import DeadlineAdapter, StaleConnectionError
from satverify.sources.web.redaction import QuietLog, Redactor

CHUNK = 1 << 16  # [byte]
STALE_MOST = 4
"""Connections in a row that may turn out to have been closed while idle; each is replaced at once."""
NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    urllib3.exceptions.SSLError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long an exchange may take."""

    connect: float = 10.0
    """For a connection. [s]"""
    read: float = 120.0
    """For the answer to begin, and between two pieces of it. [s]"""
    total: float = 300.0
    """For the whole, so that an answer that drips is given up too. [s]"""
    grace: float = 10.0
    """For what is under way when the run is stopped: its answer may be paid for already. [s]"""
    largest: int = 1 << 30
    """An answer that is larger is given up. [byte]"""


TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By names in lower case."""
    content: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """Media type without parameters, in lower case; empty where the service names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class BadAnswer(RetrievalError):
    """An answer that claims success and is not what was asked for."""


class NotReachedError(RetrievalError):
    """Nothing was sent: no connection came about."""


class AnswerLostError(RetrievalError):
    """A request was sent, and no whole answer to it came back; the service may have done the work all the same."""

    def __init__(
        self, message: str, *, status: int = 0, headers: Mapping[str, str] | None = None, is_late: bool = False
    ) -> None:
        self.is_late = is_late
        """Whether it took too long, rather than that something broke."""
        self.status = status
        """Of the answer that broke off; 0 where it did not begin."""
        self.headers: Mapping[str, str] = headers or {}
        super().__init__(message)


class Web:
    """The connections of a run to one service, for any number of threads.

    No cookies are kept, no redirect is followed, no ``.netrc`` is read, and on loopback no proxy is used: a request is
    what its caller made it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeouts: Timeouts,
        redactor: Redactor,
        connections: int = 64,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeouts, self._redactor, self._clock = timeouts, redactor, clock
        self._log = QuietLog(redactor)
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(base_url)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = f"satverify/{satverify.__version__}"
        self._adapter = DeadlineAdapter(timeouts.total, connections=connections)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()
        self._log.close()

    def abandon(self) -> None:
        """Give up what is under way in any thread: AnswerLostError there. Nothing is answered after this."""
        self._adapter.abandon()

    def exchange(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send one request once, or again where a connection that lay idle was closed before the request was taken.

        Raises
        ------
        NotReachedError
            No connection came about, so nothing was sent.
        AnswerLostError
            The answer did not come, or not whole, or not in time. Neither error holds the address or a secret.
        """
        if self._adapter.is_abandoned:
            raise NotReachedError("no connection: the run was stopped")
        for _ in range(STALE_MOST):
            answer = self._exchange_once(method, url, headers, body)
            if answer is not None:
                return answer
        raise NotReachedError(f"no connection: {STALE_MOST} were closed as a request was sent")

    def _exchange_once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer | None:
        """Send once; none where the connection had been closed before."""
        # Faults are raised outside of the handlers: the library's own errors hold addresses and headers, and an error
        # raised while one is handled would carry it along.
        fault: RetrievalError
        deadline = self._clock() + self._timeouts.total
        try:
            response = self._send(method, url, headers, body)
        except requests.RequestException as exc:
            if _was_stale(exc):
                return None
            fault = self._unsent(url, exc)
        else:
            try:
                return self._received(response, deadline)
            except (urllib3.exceptions.HTTPError, OSError, _GivenUpError) as exc:
                fault = AnswerLostError(
                    f"the answer broke off: {self._redactor.clean(_reason(exc))}",
                    status=response.status_code,
                    headers=_lower(response.headers),
                    is_late=isinstance(exc, (urllib3.exceptions.TimeoutError, TimeoutError, _LateError)),
                )
            finally:
                response.close()
        raise fault

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> requests.Response:
        limits = self._timeouts
        return self._session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            auth=_as_it_is,
            stream=True,
            allow_redirects=False,
            timeout=(min(limits.connect, limits.total), min(limits.read, limits.total)),
        )

    def _received(self, response: requests.Response, deadline: float) -> Answer:
        """Read piece by piece as they come: a read of a given size would wait for all of it, however slow."""
        content = bytearray()
        while piece := response.raw.read1(CHUNK, decode_content=True):
            content += piece
            if len(content) > self._timeouts.largest:
                raise _GivenUpError(f"more than {self._timeouts.largest} bytes")
            if self._clock() > deadline:
                raise _LateError(f"not whole after {self._timeouts.total:g} s")
        return Answer(status=response.status_code, headers=_lower(response.headers), content=bytes(content))

    def _unsent(self, url: str, exc: requests.RequestException) -> RetrievalError:
        cause = getattr(exc.args[0], "reason", exc.args[0]) if exc.args else exc
        reason = self._redactor.clean(_reason(cause if isinstance(cause, Exception) else exc))
        if isinstance(cause, NEVER_SENT) or not isinstance(exc, (requests.ConnectionError, requests.Timeout)):
            return NotReachedError(f"no connection: {reason}")
        return AnswerLostError(f"no answer: {reason}", is_late=isinstance(exc, requests.Timeout))


def _was_stale(exc: requests.RequestException) -> bool:
    cause = exc.args[0] if exc.args else None
    return isinstance(cause, urllib3.exceptions.ProtocolError) and isinstance(cause.args[-1], StaleConnectionError)


class _GivenUpError(Exception):
    """An answer that would be too large."""


class _LateError(_GivenUpError):
    """An answer that would take too long."""


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication that changes nothing: without any, requests would put what ``.netrc`` has in the token's place."""
    return request


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _reason(exc: BaseException) -> str:
    """What went wrong in the library's words, without the address, which it puts first."""
    if isinstance(exc, urllib3.exceptions.ProtocolError) and len(exc.args) > 1:
        return str(exc.args[0]) if isinstance(exc.args[0], str) else str(exc)
    return str(exc).rpartition(": ")[2] or type(exc).__name__
