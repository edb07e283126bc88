"""A Sentinel-Hub-compatible service: the one object that a whole run asks it through."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from satverify.domain.granules import Box
from satverify.errors import RetrievalError
from satverify.sources.sentinelhub.asking import Asked, Asker, Got
from satverify.sources.sentinelhub.bodies import body_hash
from satverify.sources.sentinelhub.catalogue import (
    SEARCH_PATH,
    ListedProduct,
    oldest_first,
    read_page,
    search_body,
    search_estimate,
)
from satverify.sources.sentinelhub.endpoint import Endpoint
from satverify.sources.sentinelhub.spending import RequestKind, Spending
from satverify.sources.sentinelhub.token import READ_TIMEOUT, Tokens
from satverify.sources.web.budget import Budget, Spent
from satverify.sources.web.exchange import TIMEOUTS, Timeouts, Web
from satverify.sources.web.limits import Limiter, Limits
from satverify.sources.web.redaction import Redactor
from satverify.sources.web.retries import RETRIES, Retries
from satverify.sources.web.waits import StoppedError, Waits

__all__ = ["Endpoint", "ListedProduct", "Processed", "RequestKind", "Service", "Spending", "StoppedError"]

T = TypeVar("T")

PROCESS_PATH = "/api/v1/process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed(Generic[T]):
    """A process request answered."""

    result: T
    """What the caller's check made of the content."""
    content: bytes = field(repr=False)
    """The answer's body, whole."""
    processing_units: float
    """Spent on it, attempts whose answers were lost included."""
    is_estimated: bool
    """Whether a part of that is an estimate, because an answer did not say or did not arrive."""
    attempts: int
    """Times that it was sent, or tried to."""


class Service:
    """The service, for all threads of a run: one token, one limiter, one budget, one pool of connections.

    To be closed, or used as a context.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        limits: Limits,
        budget: Budget,
        on_spending: Callable[[Spending], None] | None = None,
        retries: Retries = RETRIES,
        timeouts: Timeouts = TIMEOUTS,
        pause: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Make ready; nothing is sent yet.

        Parameters
        ----------
        endpoint
            Where the service is, and who asks.
        limits
            What it allows per minute.
        budget
            What the run may spend.
        on_spending
            Told the cost of each request once it is answered or given up, by the thread that asked, one at a time.
        retries, timeouts
            Patience with a request and with an exchange.
        pause, clock
            How to wait [s], none for a wait that ``stop`` cuts short; and what tells the time that waits are counted
            by [s].
        seed
            Of the jitter of waits.
        on_wait
            Told in a line what is waited for when it takes long, by the thread that waits, one at a time.
        """
        self._budget = budget
        redactor = Redactor(endpoint.client_id, endpoint.client_secret)
        rng = random.Random(seed)
        self._web = Web(endpoint.base_url, timeouts=timeouts, redactor=redactor)
        brief = replace(timeouts, read=min(timeouts.read, READ_TIMEOUT))
        self._token_web = Web(endpoint.token_url, timeouts=brief, redactor=redactor, connections=1)
        self._abandoning = threading.Timer(timeouts.grace, self._abandon)
        self._abandoning.daemon = True
        self._waits = waits = Waits(
            clock=clock, redactor=redactor, pause=pause, on_wait=on_wait, on_stop=self._abandoning.start
        )
        tokens = Tokens(
            endpoint, self._token_web, redactor=redactor, retries=retries, waits=waits, clock=clock, rng=rng
        )
        self._asker = Asker(
            endpoint,
            web=self._web,
            tokens=tokens,
            limiter=Limiter(limits, pause=waits.pause_for_limit, clock=clock),
            budget=budget,
            redactor=redactor,
            retries=retries,
            on_spending=on_spending,
            waits=waits,
            clock=clock,
            rng=rng,
        )

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._abandoning.cancel()
        self._web.close()
        self._token_web.close()

    def stop(self, why: str) -> None:
        """Send nothing more, and end every wait of every thread at once, for good.

        Whoever waits or asks from now on gets StoppedError, or QuotaExceeded where the account's quota was the reason.
        What is under way may finish within ``timeouts.grace`` and is given up then. The service stops itself likewise
        when one request meets what all others would meet: an outage, refused credentials or a spent quota.

        Parameters
        ----------
        why
            Said in the errors; the first reason stays.
        """
        self._waits.stop(why)

    def _abandon(self) -> None:
        self._web.abandon()
        self._token_web.abandon()

    @property
    def spent(self) -> Spent:
        """What is spent of the budget by now."""
        return self._budget.spent

    def search(
        self, collection: str, box: Box, start: datetime, stop: datetime, *, filter: str = "", label: str = ""
    ) -> tuple[ListedProduct, ...]:
        """Everything that the catalogue lists.

        Parameters
        ----------
        collection
            Such as ``sentinel-2-l1c``.
        box
            Ground that products must meet. [degree]
        start, stop
            Period of acquisition, half-open, with a time zone.
        filter
            CQL2 text, such as ``sat:orbit_state = 'ascending'``; empty for none.
        label
            What the ledger is to call it.

        Returns
        -------
        The products of all pages, each once, oldest first.

        Raises
        ------
        InputError
            The box or the period makes no sense.
        RetrievalError
            As ``process``.
        """
        listed: list[ListedProduct] = []
        following: int | str | None = None
        asked_for = {following}
        while True:
            body = search_body(collection, box, start, stop, filter=filter, next=following)
            asked = Asked(
                kind=RequestKind.CATALOGUE,
                path=SEARCH_PATH,
                body=_bytes(body),
                accept="application/json",
                collection=collection,
                label=label,
                request_hash=body_hash(body),
                estimate=search_estimate(box, start, stop),
            )
            page = self._asker.ask(asked, lambda answer: read_page(answer.content, box)).result
            listed += page.products
            following = page.next
            if following is None:
                return oldest_first(product for product in listed if start <= product.time < stop)
            if following in asked_for:
                raise RetrievalError(f"the catalogue of {collection} leads in a circle, back to page {following!r}")
            asked_for.add(following)

    def process(
        self,
        body: Mapping[str, Any],
        *,
        estimate: float,
        accept: str = "application/tar",
        check: Callable[[bytes, str], T],
        label: str = "",
    ) -> Processed[T]:
        """Ask for an image.

        Parameters
        ----------
        body
            The JSON document of the request.
        estimate
            What it should cost. [processing unit]
        accept
            Media type of the answer.
        check
            Takes the content and its media type and makes of them what is wanted. BadAnswer from it means that they
            are not what was asked for: they are asked for again, a bounded number of times.
        label
            What the ledger is to call it.

        Raises
        ------
        ProductError
            The service cannot or will not serve this request, or all its answers were bad; others it may serve.
        QuotaExceeded
            The request would pass the budget, or the account's quota is used up; no other request is sent after that.
        CredentialsError
            The service does not know who asks.
        RetrievalError
            The service is out of order or out of reach; what was fetched stands, and another run resumes.
        StoppedError
            The service was stopped before the request was answered.
        """
        sources = body.get("input", {}).get("data", [])
        collection = "+".join(dict.fromkeys(str(source.get("type", "")) for source in sources))
        asked = Asked(
            kind=RequestKind.PROCESS,
            path=PROCESS_PATH,
            body=_bytes(body),
            accept=accept,
            collection=collection,
            label=label,
            request_hash=body_hash(dict(body)),
            estimate=estimate,
        )
        got: Got[T] = self._asker.ask(asked, lambda answer: check(answer.content, answer.content_type))
        return Processed(
            result=got.result,
            content=got.answer.content,
            processing_units=got.tally.units,
            is_estimated=got.tally.is_estimated,
            attempts=got.tally.attempts,
        )


def _bytes(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, allow_nan=False).encode()
