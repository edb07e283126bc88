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
from satverify.sources.web.exchange import Answer, AnswerLostError, BadAnswer, NotReachedError, Web
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind, Patience, Retries
from satverify.sources.web.waits import Waits

AHEAD = 120.0  # [s] before its end that a token is replaced, as in sentinelhub-py
AHEAD_SHARE = 0.2  # of its life, where that is less
UNTOLD_LIFE = 300.0  # [s] of a token whose life is not told: Copernicus Data Space gives 600 s
SHORTEST_LIFE, LONGEST_LIFE = 1.0, 86_400.0  # [s] that are believed
FIRST_ATTEMPTS = 3
"""At a first contact: where nothing that speaks of tokens ever answered, a wrong address or no network is likelier than
a passing fault."""
READ_TIMEOUT = 20.0  # [s] a token is given within one; images take minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token and when to replace it."""

    text: str = field(repr=False)
    number: int
    """How many were fetched up to it."""
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
        waits: Waits,
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._endpoint, self._web, self._redactor = endpoint, web, redactor
        self._retries, self._waits, self._clock, self._rng = retries, waits, clock, rng
        self._is_there = False  # until an answer that such a service gives
        self._token: Token | None = None
        self._fetched = 0
        self._underway: Future[Token] | None = None
        self._refused = ""
        self._lock = threading.Lock()

    @property
    def fetched(self) -> int:
        """How many were fetched by now."""
        with self._lock:
            return self._fetched

    def get(self) -> Token:
        """A token to ask with.

        Raises
        ------
        StoppedError
            The run was stopped before one came.
        CredentialsError
            The service does not know who asks. It is not asked again: accounts are locked for that.
        RetrievalError
            It gives no token, and did not in all attempts.
        """
        with self._lock:
            if self._refused:
                raise CredentialsError(self._refused)
            if self._token is not None and self._clock() < self._token.use_until:
                return self._token
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

    def drop(self, token: Token) -> None:
        """Forget a token that was refused, unless another has taken its place already."""
        with self._lock:
            if self._token is not None and self._token.number == token.number:
                self._token = None

    def _settle(self, underway: Future[Token]) -> None:
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
            self._token, self._underway, self._fetched = token, None, token.number
        underway.set_result(token)

    def _fetch(self) -> Token:
        patience, attempts = Patience(self._retries, clock=self._clock, rng=self._rng), 0
        while True:
            attempts += 1
            self._waits.require_going()
            found = self._ask()
            if isinstance(found, Token):
                return found
            where, names = self._endpoint.token_url, " and ".join(VARIABLES)
            if found.kind is FaultKind.CREDENTIALS:
                raise CredentialsError(f"{where} refuses the credentials in {names}: {found.sentence}")
            is_final = found.kind is FaultKind.REFUSED or (_is_redirect(found.status) and not self._is_there)
            wait = None if is_final else patience.wait_after(found)
            if wait is None or (attempts >= FIRST_ATTEMPTS and not self._is_there):
                raise RetrievalError(
                    f"{where} gives no token: {found.sentence} (after {attempts} attempts); "
                    "what was fetched is kept, and the same command resumes"
                )
            self._waits.tell(found, attempts, wait, what="no token yet: ")
            self._waits.pause(wait)

    def _ask(self) -> Token | Fault:
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
            return Fault(kind=FaultKind.SLOW if exc.is_late else FaultKind.UNAVAILABLE, sentence=str(exc))
        return self._made_of(answer, asked)

    def _made_of(self, answer: Answer, asked: float) -> Token | Fault:
        """The token of an answer to a question at a time, or what is wrong with it."""
        fault = fault_of(answer, clean=self._redactor.clean)
        if fault is not None:
            self._is_there = self._is_there or not _is_redirect(answer.status)
            return _of_token_endpoint(fault)
        try:
            require_content(answer, "application/json")
            text, life = _read(answer.content)
        except BadAnswer as exc:
            return Fault(kind=FaultKind.UNAVAILABLE, sentence=f"{exc}; check token_url", status=answer.status)
        self._is_there = True
        self._redactor.add(text)
        use_until = asked + life - min(AHEAD, AHEAD_SHARE * life)
        return Token(text=text, number=self.fetched + 1, use_until=use_until)


def _of_token_endpoint(fault: Fault) -> Fault:
    """What a refusal means where it is credentials that are asked about."""
    kinds = {FaultKind.UNAUTHORIZED: FaultKind.CREDENTIALS, FaultKind.QUOTA: FaultKind.CREDENTIALS}
    kind = kinds.get(fault.kind, fault.kind)
    if kind is FaultKind.REFUSED and fault.status in {400, 403}:
        kind = FaultKind.CREDENTIALS  # RFC 6749, 5.2: invalid_client and its like come with 400 too
    if _is_redirect(fault.status):
        fault = replace(fault, sentence=f"{fault.sentence}; redirects are not followed; check token_url")
    return replace(fault, kind=kind)


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400


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
