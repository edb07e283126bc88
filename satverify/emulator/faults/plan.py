"""Plans of what goes wrong, and when: the same plan and the same requests always go wrong alike.

Chance is drawn from the seed, the request and how often it was asked before, never from the order in which threads
happen to arrive.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from satverify.domain.granules import Granule
from satverify.emulator.messages import RequestKind, parsed_json
from satverify.errors import InputError


class FaultKind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "rate_limit"
    """429, with ``retry_after``."""
    SERVER_ERROR = "server_error"
    """``status``, a 5xx."""
    BROKEN_PRODUCT = "broken_product"
    """500 "Illegal request to creo://…" whenever a request reads the granule, for ever."""
    SPURIOUS_BAD_REQUEST = "spurious_bad_request"
    """400 of a good request: "Request body should be non-empty.", "Missing grant_type parameter" for a token."""
    UNAUTHORIZED = "unauthorized"
    """401, and no token handed out so far is good any longer."""
    TOKEN_OUTAGE = "token_outage"
    """``status`` of the token endpoint."""
    TRUNCATED = "truncated"
    """The connection ends in the middle of the body; with ``silent`` the short body looks whole."""
    RESET = "reset"
    """The connection is reset before there is an answer."""
    SLOW_DRIP = "slow_drip"
    """The body takes ``seconds``."""
    HTML = "html"
    """200 with a page of some proxy."""
    WRONG_SIZE = "wrong_size"
    """Images one row and one column short."""
    ZEROS = "zeros"
    """Images of zeros where there should be data."""
    STALE = "stale"
    """The connection is kept alive, and closed on the next request that comes over it."""


PRINTABLE = re.compile(r"[ -~]*")
"""What can stand in a header; a line break would begin another one."""
INTERFACES = (RequestKind.CATALOG, RequestKind.PROCESS, RequestKind.STATISTICS)
DEFAULT_ON: Mapping[FaultKind, tuple[RequestKind, ...]] = MappingProxyType(
    {
        FaultKind.BROKEN_PRODUCT: (RequestKind.PROCESS, RequestKind.STATISTICS),
        FaultKind.UNAUTHORIZED: INTERFACES,
        FaultKind.TOKEN_OUTAGE: (RequestKind.TOKEN,),
        FaultKind.SPURIOUS_BAD_REQUEST: (RequestKind.PROCESS, RequestKind.STATISTICS),
        FaultKind.WRONG_SIZE: (RequestKind.PROCESS,),
        FaultKind.ZEROS: (RequestKind.PROCESS,),
    }
)
"""Interfaces that a fault hits where it names none; those not listed hit all but the token endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, and which requests it hits: those that meet every condition."""

    kind: FaultKind
    on: tuple[RequestKind, ...] = ()
    """Interfaces; none: those that the kind makes sense for."""
    indices: tuple[int, ...] = ()
    """Which requests to these interfaces, counted from 0; none: any."""
    start: int = 0
    """First request to these interfaces, counted from 0."""
    stop: int | None = None
    """First request that is spared again; none: never."""
    probability: float = 1.0
    """Of one request to be hit. [0, 1]"""
    attempts: int | None = None
    """Only the first so many times that one and the same request is made; none: every time."""
    at_most: int | None = None
    """Hits in all; none: no limit."""
    status: int = 503
    """Of ``server_error`` and ``token_outage``."""
    retry_after: str | None = "1000"
    """Text of the header of ``rate_limit``, milliseconds on the real service; none: no header."""
    seconds: float = 30.0
    """Time that ``slow_drip`` takes. [s]"""
    silent: bool = False
    """Whether a truncated body pretends to be whole."""
    granule: str = ""
    """Part of the id or the data path of what ``broken_product`` breaks; empty: any."""
    collection: str = ""
    """Collection of what ``broken_product`` breaks; empty: any."""
    day: date | None = None
    """UTC day of what ``broken_product`` breaks; none: any."""

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise InputError(f"fault {self.kind}: probability {self.probability} is outside [0, 1]")
        if self.kind in {FaultKind.SERVER_ERROR, FaultKind.TOKEN_OUTAGE} and not 500 <= self.status <= 599:
            raise InputError(f"fault {self.kind}: status {self.status} is outside 500-599")
        if self.kind is FaultKind.BROKEN_PRODUCT and not (self.granule or self.collection or self.day):
            raise InputError("fault broken_product: expected a granule, a collection or a day")
        if not 0 <= self.seconds < math.inf:
            raise InputError(f"fault {self.kind}: {self.seconds} seconds: expected 0 or more")
        if self.retry_after is not None and not PRINTABLE.fullmatch(self.retry_after):
            raise InputError(
                f"fault {self.kind}: retry_after {self.retry_after!r}: expected printable ASCII on one line"
            )

    @property
    def interfaces(self) -> tuple[RequestKind, ...]:
        """Interfaces that it hits."""
        return self.on or DEFAULT_ON.get(self.kind, INTERFACES)

    def breaks(self, granule: Granule) -> bool:
        """Whether it is this granule that cannot be read."""
        return (
            self.kind is FaultKind.BROKEN_PRODUCT
            and (self.granule in granule.granule_id or (self.granule != "" and self.granule in granule.data_path))
            and self.collection in {"", granule.collection}
            and self.day in {None, granule.time.date()}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Faults in order of precedence: of those that meet a request, the first one hits it."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    """Of all chance."""


class Mishaps:
    """A plan at work: counts requests and says which fault hits the next one. Safe to use from several threads."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._asked: Counter[RequestKind] = Counter()
        self._attempts: Counter[tuple[RequestKind, str]] = Counter()
        self._hits: Counter[int] = Counter()
        self._lock = threading.Lock()

    def next(self, kind: RequestKind, fingerprint: str) -> Fault | None:
        """Count a request and say what goes wrong with it; broken products show when they are read.

        Parameters
        ----------
        kind
            Interface.
        fingerprint
            Equal for one and the same request made again.
        """
        with self._lock:
            attempt = self._attempts[kind, fingerprint]
            self._attempts[kind, fingerprint] += 1
            found = None
            for number, fault in enumerate(self.plan.faults):
                if found is None and self._hits_now(number, fault, kind, fingerprint, attempt):
                    self._hits[number] += 1
                    found = fault
            self._asked[kind] += 1
            return found

    def _hits_now(self, number: int, fault: Fault, kind: RequestKind, fingerprint: str, attempt: int) -> bool:
        if fault.kind is FaultKind.BROKEN_PRODUCT or kind not in fault.interfaces:
            return False
        index = sum(self._asked[interface] for interface in fault.interfaces)
        is_due = index >= fault.start and (fault.stop is None or index < fault.stop)
        is_meant = (
            (not fault.indices or index in fault.indices)
            and (fault.attempts is None or attempt < fault.attempts)
            and (fault.at_most is None or self._hits[number] < fault.at_most)
        )
        drawn = f"{self.plan.seed}|{number}|{kind}|{fingerprint}|{attempt}"
        return is_due and is_meant and _chance(drawn) < fault.probability


def _chance(drawn: str) -> float:
    """A number of [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(drawn.encode()).digest()[:8]) / 2.0**64


def plan_of_json(text: str, *, name: str = "fault plan") -> FaultPlan:
    """Read a plan: ``{"seed": 7, "faults": [{"kind": "rate_limit", "on": ["process"], "stop": 40}]}``.

    Raises
    ------
    InputError
        It is not a plan; the message names the key.
    """
    try:
        document = parsed_json(text)
    except ValueError as exc:
        raise InputError(f"{name}: not JSON: {exc}") from exc
    _check_keys(document, ("faults", "seed"), name)
    faults, seed = document.get("faults", []), document.get("seed", 0)
    if not isinstance(faults, list) or not isinstance(seed, int) or isinstance(seed, bool):
        raise InputError(f"{name}: expected a list of faults and a whole number as seed")
    return FaultPlan(faults=tuple(_fault(f, f"{name}: fault {n}") for n, f in enumerate(faults, 1)), seed=seed)


def json_of_plan(plan: FaultPlan) -> dict[str, Any]:
    """The plan as ``plan_of_json`` reads it, without what is as it would be anyway."""
    return {"seed": plan.seed, "faults": [_fault_document(fault) for fault in plan.faults]}


def _fault(document: object, where: str) -> Fault:
    _check_keys(document, tuple(field.name for field in fields(Fault)), where)
    assert isinstance(document, dict)
    given = dict(document)
    try:
        given["kind"] = FaultKind(given.get("kind", ""))
        given["on"] = tuple(RequestKind(kind) for kind in given.get("on", ()))
        given["indices"] = tuple(_whole(index) for index in given.get("indices", ()))
        if given.get("day") is not None:
            given["day"] = date.fromisoformat(given["day"])
        for name in ("start", "stop", "attempts", "at_most", "status"):
            if given.get(name) is not None:
                given[name] = _whole(given[name])
        for name, check in _KINDS.items():
            if name in given:
                check(name, given[name])
        return Fault(**given)
    except (ValueError, TypeError) as exc:
        raise InputError(f"{where}: {exc}") from exc


def _number(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name}: expected a number, found {value!r}")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected text, found {value!r}")


def _text_or_none(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f'{name}: expected text, such as "1000", or null, found {value!r}')


def _yes_or_no(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected true or false, found {value!r}")


_KINDS: Mapping[str, Callable[[str, object], None]] = MappingProxyType(
    {
        "probability": _number,
        "seconds": _number,
        "retry_after": _text_or_none,
        "granule": _text,
        "collection": _text,
        "silent": _yes_or_no,
    }
)
"""What the values of a plan have to be, beside the whole numbers."""


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, found {value!r}")
    return value


def _check_keys(document: object, known: tuple[str, ...], where: str) -> None:
    if not isinstance(document, dict):
        raise InputError(f"{where}: expected an object, found {document!r}")
    for key in document:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise InputError(f"{where}: unknown key {key!r}{hint}")


def _fault_document(fault: Fault) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for field in fields(Fault):
        value = getattr(fault, field.name)
        if field.name != "kind" and value == field.default:
            continue
        if isinstance(value, tuple):
            value = list(value)
        document[field.name] = value.isoformat() if isinstance(value, date) else value
    return document
