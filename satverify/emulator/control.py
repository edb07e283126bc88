"""The emulator's own interface, for programs that run it as a process: log, ledger, clock, faults, documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

from satverify.emulator.clock import Calendar, parsed_time
from satverify.emulator.documentation import page
from satverify.emulator.faults.plan import FaultPlan, json_of_plan, plan_of_json
from satverify.emulator.messages import (
    Answer,
    Request,
    json_answer,
    method_not_allowed,
    not_found,
    parsed_json,
    service_error,
)
from satverify.emulator.request_log import RequestLog, ledger
from satverify.errors import InputError


class Controlled(Protocol):
    """What can be seen and set of an emulator."""

    @property
    def log(self) -> RequestLog:
        """What was asked so far."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Time at which the archive is seen."""
        ...

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong."""
        ...

    @faults.setter
    def faults(self, plan: FaultPlan) -> None: ...

    @property
    def collections(self) -> tuple[str, ...]:
        """Names of what is served."""
        ...


class Control:
    """Answers requests to the emulator itself. Safe to use from several threads."""

    def __init__(self, emulator: Controlled) -> None:
        self._emulator = emulator
        self._pages: dict[str, dict[str, Callable[[Request], Answer]]] = {
            "/": {"GET": self._page},
            "/emulator/log": {"GET": self._log, "DELETE": self._cleared},
            "/emulator/ledger": {"GET": self._ledger},
            "/emulator/clock": {"GET": self._clock, "PUT": self._set_clock, "POST": self._set_clock},
            "/emulator/faults": {"GET": self._faults, "PUT": self._set_faults, "POST": self._set_faults},
        }

    def answer(self, request: Request) -> Answer:
        """Answer a request that is for none of the service's interfaces."""
        methods = self._pages.get(request.path)
        if methods is None:
            return not_found()
        answering = methods.get(request.method)
        if answering is None:
            return method_not_allowed()
        try:
            return answering(request)
        except (InputError, ValueError) as exc:
            return service_error(400, "COMMON_BAD_PAYLOAD", str(exc))

    def _page(self, request: Request) -> Answer:
        html = page(request.base_url, self._emulator.collections)
        return Answer(status=200, content_type="text/html; charset=utf-8", content=html.encode())

    def _log(self, request: Request) -> Answer:
        first = int(request.query.get("since", "0"))
        return json_answer([asdict(entry) for entry in self._emulator.log.entries() if entry.index >= first])

    def _cleared(self, _: Request) -> Answer:
        self._emulator.log.clear()
        return json_answer([])

    def _ledger(self, _: Request) -> Answer:
        return json_answer(ledger(self._emulator.log.entries()))

    def _clock(self, _: Request) -> Answer:
        calendar = self._emulator.calendar
        return json_answer({"now": None if calendar.is_open else f"{calendar():%Y-%m-%dT%H:%M:%SZ}"})

    def _set_clock(self, request: Request) -> Answer:
        document = parsed_json(request.body)
        if not isinstance(document, dict) or set(document) != {"now"}:
            raise InputError('expected {"now": "2022-01-05T00:00:00Z"} or {"now": null}')
        now = document["now"]
        try:
            self._emulator.calendar.set(None if now is None else parsed_time(str(now)))
        except ValueError as exc:
            wanted = "a time with its zone, such as 2022-01-05T00:00:00Z, or null"
            raise InputError(f"now {now!r}: expected {wanted}") from exc
        return self._clock(request)

    def _faults(self, _: Request) -> Answer:
        return json_answer(json_of_plan(self._emulator.faults))

    def _set_faults(self, request: Request) -> Answer:
        self._emulator.faults = plan_of_json(request.body.decode("utf-8", "replace"))
        return self._faults(request)
