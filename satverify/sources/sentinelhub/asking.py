"""One request asked until it is answered: the only place where budget, limits, token, retries and faults meet."""

from __future__ import annotations

import logging
import math
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from satverify.errors import CredentialsError, ProductError, QuotaExceeded, RetrievalError
from satverify.sources.sentinelhub.endpoint import VARIABLES, Endpoint
from satverify.sources.sentinelhub.refusals import fault_of
from satverify.sources.sentinelhub.spending import RequestKind, Spending
from satverify.sources.sentinelhub.token import Token, Tokens
from satverify.sources.web.budget import Budget, Reservation
from satverify.sources.web.content import require_content
from satverify.sources.web.exchange import Answer, AnswerLostError, BadAnswer, NotReachedError, Web
from satverify.sources.web.limits import Limiter
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import Fault, FaultKind, Patience, Retries
from satverify.sources.web.waits import StoppedError, Waits

T = TypeVar("T")

UNITS_HEADER = "x-processingunits-spent"
OUTAGE_AFTER = 10
"""Requests in a row that the service could not serve for reasons of its own: then it is the service, not they. One
broken product among 45 scenes fails seven in a row, when the request that holds it is halved until it is found."""
TOKENS_REFUSED = 3
"""Tokens refused in a row, each fetched after the refusal before: then it is the account. One or two may have been
revoked."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    kind: RequestKind
    path: str
    body: bytes = field(repr=False)
    accept: str
    collection: str
    label: str
    request_hash: str
    estimate: float
    """Processing units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a request cost so far."""

    units: float = 0.0
    is_estimated: bool = False
    attempts: int = 0
    requests: int = 0
    status: int = 0
    refused: int = 0
    """Tokens refused in a row, each fetched after the refusal before."""
    refused_up_to: int = 0
    """Number of the newest token that there was at the last refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got(Generic[T]):
    """A request answered."""

    result: T
    answer: Answer
    tally: Tally


class Asker:
    """Asks for any number of threads, with one token, one limiter, one budget and one pool of connections."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        web: Web,
        tokens: Tokens,
        limiter: Limiter,
        budget: Budget,
        redactor: Redactor,
        retries: Retries,
        on_spending: Callable[[Spending], None] | None,
        waits: Waits,
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._endpoint, self._web, self._tokens, self._redactor = endpoint, web, tokens, redactor
        self._limiter, self._budget, self._retries, self._on_spending = limiter, budget, retries, on_spending
        self._waits, self._clock, self._rng = waits, clock, rng
        self._failed_in_a_row = 0
        self._lock = threading.Lock()

    def ask(self, asked: Asked, read: Callable[[Answer], T]) -> Got[T]:
        """Ask until ``read`` makes something of the answer.

        Parameters
        ----------
        asked
            The request.
        read
            Takes a successful answer of the kind asked for; BadAnswer from it counts as a fault that may pass.

        Raises
        ------
        ProductError
            The service cannot or will not serve this one request; others it may.
        QuotaExceeded
            The budget or the account's quota is used up.
        CredentialsError
            The service does not know who asks.
        RetrievalError
            The service is out of order or out of reach.
        StoppedError
            The run was stopped, by its caller or by an error of another request that all others would meet too.
        """
        patience = Patience(self._retries, clock=self._clock, rng=self._rng)
        tally, outcome = Tally(), "interrupted"
        try:
            while True:
                sent, tally = self._send(asked, tally)
                found = sent if isinstance(sent, Fault) else self._read(asked, sent, read, tally)
                if isinstance(found, Got):
                    self._failed_in_a_row = 0
                    outcome = "done"
                    return found
                self._bear(found, patience, tally)
                if found.kind is not FaultKind.UNAUTHORIZED:
                    tally = replace(tally, refused=0)
        except RetrievalError as exc:
            outcome = type(exc).__name__
            if not isinstance(exc, (ProductError, QuotaExceeded, StoppedError)):
                self._waits.stop(str(exc))
            raise
        finally:
            self._tell(asked, tally, outcome)

    def _send(self, asked: Asked, tally: Tally) -> tuple[Answer | Fault, Tally]:
        """Send once, and book what it cost."""
        tally = replace(tally, attempts=tally.attempts + 1, status=0)
        with self._budget.reserve(asked.estimate) as reservation:
            self._require_going()
            self._limiter.acquire(asked.estimate, check=self._require_going)
            token = self._tokens.get()
            self._waits.require_going()  # fetching a token may have taken its time
            headers = {
                "Authorization": f"Bearer {token.text}",
                "Content-Type": "application/json",
                "Accept": asked.accept,
                "Accept-Encoding": "identity",  # images are compressed, and a length that is told can be checked
            }
            url = f"{self._endpoint.base_url}{asked.path}"
            try:
                answer = self._web.exchange("POST", url, headers=headers, body=asked.body)
            except NotReachedError as exc:
                return Fault(kind=FaultKind.UNAVAILABLE, sentence=str(exc)), tally
            except AnswerLostError as exc:
                tally = self._charge(asked, reservation, tally, exc.status, exc.headers)
                kind = FaultKind.SLOW if exc.is_late else FaultKind.UNAVAILABLE
                return Fault(kind=kind, sentence=str(exc), status=exc.status, may_be_request=exc.is_late), tally
            tally = self._charge(asked, reservation, tally, answer.status, answer.headers)
        fault = fault_of(answer, clean=self._redactor.clean)
        if fault is not None:
            if fault.kind is FaultKind.UNAUTHORIZED:
                tally = self._refused(token, tally)
            return fault, tally
        return answer, tally

    def _require_going(self) -> None:
        self._budget.require_open()
        self._waits.require_going()

    def _refused(self, token: Token, tally: Tally) -> Tally:
        """Have a refused token replaced, and count it unless it is as old as one refused before."""
        is_fresh = token.number > tally.refused_up_to
        self._tokens.drop(token)
        return replace(tally, refused=tally.refused + is_fresh, refused_up_to=self._tokens.fetched)

    def _read(self, asked: Asked, answer: Answer, read: Callable[[Answer], T], tally: Tally) -> Got[T] | Fault:
        """Make something of an answer that claims success."""
        try:
            require_content(answer, asked.accept)
            return Got(result=read(answer), answer=answer, tally=tally)
        except BadAnswer as exc:
            sentence = self._redactor.clean(str(exc))
        return Fault(kind=FaultKind.CONTENT, sentence=sentence, status=answer.status, may_be_request=True)

    def _charge(
        self, asked: Asked, reservation: Reservation, tally: Tally, status: int, headers: Mapping[str, str]
    ) -> Tally:
        """Book what one attempt cost: what the service says, else the estimate unless it is known to be nothing."""
        units, is_estimated = _units(headers), False
        if units is None:
            is_estimated = status == 0 or 200 <= status < 300  # no answer may mean that only the answer was lost
            units = asked.estimate if is_estimated else 0.0
        requests = 0 if status == 429 else 1
        reservation.spend(units, requests)
        if 200 <= status < 300:
            self._limiter.settle(units - asked.estimate)
        return replace(
            tally,
            units=tally.units + units,
            is_estimated=tally.is_estimated or is_estimated,
            requests=tally.requests + requests,
            status=status,
        )

    def _bear(self, fault: Fault, patience: Patience, tally: Tally) -> None:
        """Wait for the next attempt, or raise what ends the request."""
        names = " and ".join(VARIABLES)
        match fault.kind:
            case FaultKind.REFUSED:
                raise ProductError(fault.sentence, may_be_one_of_many=fault.may_be_request)
            case FaultKind.QUOTA:
                why = (
                    f"the quota of the account in {VARIABLES[0]} is used up: {fault.sentence}; what was fetched is kept"
                )
                self._budget.close(why)
                self._waits.stop(why)
                raise QuotaExceeded(why)
            case FaultKind.UNAUTHORIZED if tally.refused >= TOKENS_REFUSED:
                raise CredentialsError(
                    f"{self._endpoint.base_url} refuses the tokens that {names} brought, {tally.refused} in a row: "
                    f"{fault.sentence}"
                )
            case FaultKind.UNAUTHORIZED:
                return
        wait = patience.wait_after(fault)
        if wait is None:
            raise self._given_up(fault, tally)
        _log.info("attempt %d failed, next in %.1f s: %s", tally.attempts, wait, fault.sentence)
        self._waits.tell(fault, tally.attempts, wait)
        if fault.kind is FaultKind.RATE:
            self._limiter.hold(wait)
        else:
            self._waits.pause(wait)

    def _given_up(self, fault: Fault, tally: Tally) -> RetrievalError:
        """The error of a request whose attempts are used up: its own fault, or the service's."""
        times = f"{fault.sentence} (after {tally.attempts} attempts)"
        if fault.may_be_request:
            with self._lock:
                self._failed_in_a_row += 1
                in_a_row = self._failed_in_a_row
            if in_a_row < OUTAGE_AFTER:
                # Answers that were not what was asked for were paid for: to ask for halves would be paid for again.
                return ProductError(times, may_be_one_of_many=fault.kind is not FaultKind.CONTENT)
            times = f"{times}, like the {in_a_row - 1} requests before"
        where = self._endpoint.base_url
        return RetrievalError(
            f"{where} does not serve: {times}; what was fetched is kept, and the same command resumes"
        )

    def _tell(self, asked: Asked, tally: Tally, outcome: str) -> None:
        if self._on_spending is None or not tally.attempts:
            return
        spending = Spending(
            kind=asked.kind,
            collection=asked.collection,
            label=asked.label,
            request_hash=asked.request_hash,
            estimated_units=asked.estimate,
            spent_units=tally.units,
            is_estimated=tally.is_estimated,
            attempts=tally.attempts,
            requests=tally.requests,
            status=tally.status,
            outcome=outcome,
        )
        with self._lock:
            self._on_spending(spending)


def _units(headers: Mapping[str, str]) -> float | None:
    try:
        units = float(headers.get(UNITS_HEADER, ""))
    except ValueError:
        return None
    return units if math.isfinite(units) and units >= 0 else None
