"""The one token that all threads of a run ask with."""

from __future__ import annotations

import json
import math
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from satverify.errors import CredentialsError, RetrievalError
from satverify.sources.sentinelhub.endpoint import VARIABLES, Endpoint
from satverify.sources.sentinelhub.refusals import fault_of
from satverify.sources.web.content import require_content
from satverify.sources.web.exchange import AnswerLostError, BadAnswer, NotReachedError, Web
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind, Patience, Retries

AHEAD = 120.0  # [s] before its end that a token is replaced, as in sentinelhub-py
AHEAD_SHARE = 0.2  # of its life, where that is less
UNTOLD_LIFE = 300.0  # [s] of a token whose life is not told: Copernicus Data Space gives 600 s
SHORTEST_LIFE, LONGEST_LIFE = 1.0, 86_400.0  # [s] that are believed
FIRST_ATTEMPTS = 3
"""At a first contact: where nobody ever answered, a wrong address or no network is likelier than a passing fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A token and when to replace it."""

    text: str = field(repr=False)
    use_until: float
    """By the clock of the run. [s]"""


class Tokens:
    """Gets a token when one is needed: ahead of its end, once for all who wait, and anew when it was refused."""

    def __init__(
        self,
        endpoint: Endpoint,
        web: Web,
        *,
        redactor: Redactor,
        retries: Retries,
        pause: Callable[[float], None],
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._endpoint, self._web, self._redactor = endpoint, web, redactor
        self._retries, self._pause, self._clock, self._rng = retries, pause, clock, rng
        self._is_there = False  # until anything was heard
        self._token: _Token | None = None
        self._underway: Future[str] | None = None
        self._refused = ""
        self._lock = threading.Lock()

    def get(self) -> str:
        """A token to ask with.

        Raises
        ------
        CredentialsError
            The service does not know who asks. It is not asked again: accounts are locked for that.
        RetrievalError
            It gives no token, and did not in all attempts.
        """
        with self._lock:
            if self._refused:
                raise CredentialsError(self._refused)
            if self._token is not None and self._clock() < self._token.use_until:
                return self._token.text
            underway, is_mine = self._underway, self._underway is None
            if underway is None:
                underway = self._underway = Future()
        if is_mine:
            self._settle(underway)
        try:
            return underway.result()
        except RetrievalError as exc:
            kind, sentence = type(exc), str(exc)
        raise kind(sentence)  # each thread its own error: one shared by threads collects all their tracebacks

    def drop(self, token: str) -> None:
        """Forget a token that was refused, unless another has taken its place already."""
        with self._lock:
            if self._token is not None and self._token.text == token:
                self._token = None

    def _settle(self, underway: Future[str]) -> None:
        """Fetch a token for all who wait."""
        try:
            token = self._fetch()
        except BaseException as exc:
            with self._lock:
                self._underway = None
                if isinstance(exc, CredentialsError):
                    self._refused = str(exc)
            if isinstance(exc, RetrievalError):
                underway.set_exception(exc)
                return
            underway.set_exception(RetrievalError("the token was not fetched to the end"))
            raise
        with self._lock:
            self._token, self._underway = token, None
        underway.set_result(token.text)

    def _fetch(self) -> _Token:
        patience, attempts = Patience(self._retries, clock=self._clock, rng=self._rng), 0
        while True:
            attempts += 1
            found = self._ask()
            if isinstance(found, _Token):
                return found
            where, names = self._endpoint.token_url, " and ".join(VARIABLES)
            if found.kind is FaultKind.CREDENTIALS:
                raise CredentialsError(f"{where} refuses the credentials in {names}: {found.sentence}")
            wait = patience.wait_after(found) if found.kind is not FaultKind.REFUSED else None
            if wait is None or (attempts >= FIRST_ATTEMPTS and not self._is_there):
                raise RetrievalError(
                    f"{where} gives no token: {found.sentence} (after {attempts} attempts); "
                    "what was fetched is kept, and the same command resumes"
                )
            self._pause(wait)

    def _ask(self) -> _Token | Fault:
        endpoint, asked = self._endpoint, self._clock()
        form = {
            "grant_type": "client_credentials",
            "client_id": endpoint.client_id,
            "client_secret": endpoint.client_secret,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._web.exchange("POST", endpoint.token_url, headers=headers, body=urlencode(form).encode())
        except NotReachedError as exc:
            return Fault(kind=FaultKind.UNAVAILABLE, sentence=str(exc))
        except AnswerLostError as exc:
            self._is_there = True
            return Fault(kind=FaultKind.UNAVAILABLE, sentence=str(exc))
        self._is_there = True
        fault = fault_of(answer, clean=self._redactor.clean)
        if fault is not None:
            return _of_token_endpoint(fault)
        try:
            require_content(answer, "application/json")
            text, life = _read(answer.content)
        except BadAnswer as exc:
            return Fault(kind=FaultKind.UNAVAILABLE, sentence=str(exc), status=answer.status)
        self._redactor.add(text)
        return _Token(text=text, use_until=asked + life - min(AHEAD, AHEAD_SHARE * life))


def _of_token_endpoint(fault: Fault) -> Fault:
    """What a refusal means where it is credentials that are asked about."""
    kinds = {FaultKind.UNAUTHORIZED: FaultKind.CREDENTIALS, FaultKind.QUOTA: FaultKind.CREDENTIALS}
    kind = kinds.get(fault.kind, fault.kind)
    if kind is FaultKind.REFUSED and fault.status in {400, 403}:
        kind = FaultKind.CREDENTIALS  # RFC 6749, 5.2: invalid_client and its like come with 400 too
    return replace(fault, kind=kind)


def _read(content: bytes) -> tuple[str, float]:
    """Token and life [s]."""
    try:
        body: Any = json.loads(content)
        text = body["access_token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not (isinstance(text, str) and text.isascii() and text.isprintable() and text.strip()):
        raise BadAnswer("expected a token, found JSON without one")
    try:
        life = float(body.get("expires_in"))
    except (TypeError, ValueError):
        life = math.nan
    return text, min(max(life, SHORTEST_LIFE), LONGEST_LIFE) if math.isfinite(life) else UNTOLD_LIFE
