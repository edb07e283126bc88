"""The emulator: a Sentinel-Hub-compatible service on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from satverify.domain.granules import SceneProvider
from satverify.emulator.auth import Accounts, Tokens
from satverify.emulator.catalogue.catalog import Catalog
from satverify.emulator.catalogue.shelf import Shelf
from satverify.emulator.clock import Calendar
from satverify.emulator.control import Control
from satverify.emulator.faults.broken import BrokenProvider
from satverify.emulator.faults.plan import Fault, FaultKind, FaultPlan, Mishaps
from satverify.emulator.faults.sabotage import Delivery, answer_instead, delivery_of, spoilt
from satverify.emulator.limits import Limits, Meter
from satverify.emulator.messages import Answer, Request, RequestKind
from satverify.emulator.ports import RequestEngine
from satverify.emulator.request_log import Entry, RequestLog
from satverify.emulator.service import Service, collection_in, fingerprint_of, kind_of
from satverify.emulator.wire import Dispatch, Listener
from satverify.errors import InputError

TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"


class Emulator:
    """A service that answers as Sentinel Hub does, from any provider of scenes.

    ``with Emulator(provider) as emulator:`` serves until the end of the block; ``emulator.base_url`` and
    ``emulator.token_url`` are what a client is configured with, and ``emulator.log`` tells what it asked.

    Parameters
    ----------
    provider
        Who has the scenes.
    engine
        Who computes process and statistics requests; none: the emulator's own.
    host, port
        Address to listen on; port 0 takes a free one.
    accounts
        Who may ask for tokens.
    limits
        What an account may spend.
    faults
        What goes wrong.
    now
        Time at which the archive is seen: what is published later is not there yet. None: everything is published.
        ``emulator.calendar.set`` moves it. UTC
    log_file
        File that gets a JSON line for each request.
    clock
        Seconds since 1970 for tokens, limits and the log.
    pause
        Waits so many seconds in the middle of an answer that drips; none: real time, ended by ``stop``.

    Raises
    ------
    InputError
        The address cannot be listened on, or the log not be written.
    """

    def __init__(
        self,
        provider: SceneProvider,
        *,
        engine: RequestEngine | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: Accounts | None = None,
        limits: Limits | None = None,
        faults: FaultPlan | None = None,
        now: datetime | None = None,
        log_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.calendar = Calendar(now)
        """Time at which the archive is seen."""
        self.log = RequestLog(log_file)
        """What was asked so far, and what came of it."""
        self._mishaps = Mishaps(faults or FaultPlan())
        self._clock = clock
        self.provider = BrokenProvider(provider, lambda: self.faults.faults)
        """Who has the scenes, as the engine sees it: broken products fail."""
        shelf = Shelf(provider, self.calendar, clock)
        self.collections = shelf.collections()
        """Names of what is served."""
        self._service = Service(
            engine=engine or _own_engine(self.provider, self.calendar),
            catalog=Catalog(shelf),
            tokens=Tokens(accounts or Accounts(), clock),
            meter=Meter(limits or Limits(), clock),
        )
        self._control = Control(self)
        self._stopping = threading.Event()
        self._listener = _listening(host, port, self._dispatched, pause or self._stopping.wait)
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Address of the service, without a final slash."""
        return self._listener.url

    @property
    def token_url(self) -> str:
        """Address of the token endpoint."""
        return f"{self.base_url}{TOKEN_PATH}"

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong; setting a plan starts it from its beginning."""
        return self._mishaps.plan

    @faults.setter
    def faults(self, plan: FaultPlan) -> None:
        self._mishaps = Mishaps(plan)

    def start(self) -> None:
        """Serve in the background."""
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), name="emulator", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until it is interrupted."""
        self._listener.serve_forever()

    def stop(self) -> None:
        """End all connections and free the address."""
        self._stopping.set()
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._thread = None
        self._listener.close()
        self.log.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _dispatched(self, request: Request) -> Dispatch:
        """The answer to one request, and how it is to be delivered; it is in the log already."""
        kind = kind_of(request.path)
        if request.method == "OPTIONS":
            return Dispatch(answer=Answer(status=200, content_type="text/plain", content=b""))
        if kind is RequestKind.OTHER:
            return Dispatch(answer=self._control.answer(request))
        index, fingerprint = self.log.number(), fingerprint_of(request, kind)
        fault = self._mishaps.next(kind, fingerprint)
        with self.provider.watched() as broken:
            answer, applied = self._answered(request, kind, fault)
        delivery = delivery_of(fault)
        if broken and not applied:
            applied = str(FaultKind.BROKEN_PRODUCT)
        entry = Entry(
            index=index,
            time=f"{datetime.fromtimestamp(self._clock(), UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            method=request.method,
            path=request.path,
            kind=kind,
            status=answer.status,
            processing_units=answer.processing_units,
            is_paid=answer.processing_units > 0,
            is_delivered=applied in {"", FaultKind.SLOW_DRIP, FaultKind.STALE, FaultKind.BROKEN_PRODUCT},
            fault=applied,
            collection=collection_in(request, kind),
            request_sha256=fingerprint,
            size=len(answer.content),
        )
        self.log.add(entry)
        return Dispatch(
            answer=answer,
            delivery=delivery,
            seconds=fault.seconds if fault is not None and delivery is Delivery.SLOW else 0.0,
            on_lost=lambda: self.log.undelivered(index),
        )

    def _answered(self, request: Request, kind: RequestKind, fault: Fault | None) -> tuple[Answer, str]:
        """The answer, and the kind of the fault that showed in it or will show in its delivery."""
        if fault is None:
            return self._service.answer(request, kind), ""
        if fault.kind is FaultKind.UNAUTHORIZED:
            self._service.revoke_tokens()
        instead = answer_instead(fault, kind)
        if instead is not None:
            return instead, str(fault.kind)
        answer = self._service.answer(request, kind)
        changed = spoilt(answer, fault)
        is_felt = changed is not answer or delivery_of(fault) is not Delivery.WHOLE
        return changed, str(fault.kind) if is_felt else ""


def _own_engine(provider: SceneProvider, now: Callable[[], datetime]) -> RequestEngine:
    from satverify.emulator.engine import Engine  # V8 takes a while to load, and a test may bring its own

    return Engine(provider, now=now)


def _listening(
    host: str, port: int, dispatch: Callable[[Request], Dispatch], pause: Callable[[float], object]
) -> Listener:
    try:
        return Listener((host, port), dispatch, pause)
    except OSError as exc:
        raise InputError(f"the emulator cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
