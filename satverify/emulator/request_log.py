"""What was asked, what it cost and what went wrong, request by request."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from satverify.emulator.messages import RequestKind
from satverify.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request to one of the interfaces and what came of it."""

    index: int
    """Order of arrival, from 0."""
    time: str
    """By the emulator's clock. UTC, RFC 3339"""
    method: str
    path: str
    kind: RequestKind
    status: int
    """HTTP status; 0 where the connection was cut before there was one."""
    processing_units: float
    """Charged."""
    is_paid: bool
    """Whether it was charged at all."""
    is_delivered: bool
    """Whether the true answer went out whole: false where a fault changed, cut or replaced it, or the client left."""
    fault: str = ""
    """Kind of the fault that hit it, or empty."""
    collection: str = ""
    """Collection of the first input of a process or statistics request, or of a search."""
    request_sha256: str = ""
    """Of what was asked, equal for equal requests; empty for tokens, whose requests hold secrets."""
    size: int = 0
    """Length of the content. [byte]"""


class RequestLog:
    """Entries in the order of arrival, in memory and, where wanted, in a file of JSON lines. For several threads."""

    def __init__(self, file: Path | None = None) -> None:
        self._entries: dict[int, Entry] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._stream: TextIOWrapper | None = None
        if file is not None:
            try:
                self._stream = file.open("a", encoding="utf-8")
            except OSError as exc:
                raise InputError(f"{file}: the request log cannot be written: {exc.strerror or exc}") from exc

    def number(self) -> int:
        """The index of a request that just arrived."""
        with self._lock:
            self._next += 1
            return self._next - 1

    def add(self, entry: Entry) -> None:
        """Note what comes of a request, before its answer goes out: nobody sees an answer that is not in the log."""
        with self._lock:
            self._entries[entry.index] = entry
            self._write(asdict(entry))

    def undelivered(self, index: int) -> None:
        """Note that the answer did not go out whole after all; the file gets a further line for it."""
        with self._lock:
            entry = self._entries.get(index)
            if entry is not None and entry.is_delivered:
                self._entries[index] = replace(entry, is_delivered=False)
                self._write({"index": index, "is_delivered": False})

    def entries(self) -> tuple[Entry, ...]:
        """All entries so far, by index."""
        with self._lock:
            return tuple(self._entries[index] for index in sorted(self._entries))

    def clear(self) -> None:
        """Forget the entries in memory; indices go on."""
        with self._lock:
            self._entries.clear()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._stream is not None:
                with suppress(OSError):
                    self._stream.close()
                self._stream = None

    def _write(self, document: dict[str, Any]) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(document, ensure_ascii=False) + "\n")
            self._stream.flush()


def ledger(entries: Iterable[Entry]) -> dict[str, Any]:
    """What was spent: in all, by interface and by collection.

    Returns
    -------
    ``requests``, ``paid_requests``, ``processing_units``, ``faults`` by kind, ``bought_twice``: requests that were
    paid and delivered whole more than once; and ``by_kind`` and ``by_collection`` of the first three.
    """
    noted = tuple(entries)
    bought = Counter(
        e.request_sha256 for e in noted if e.is_paid and e.is_delivered and e.kind is not RequestKind.CATALOG
    )
    return {
        **_sums(noted),
        "faults": dict(sorted(Counter(entry.fault for entry in noted if entry.fault).items())),
        "bought_twice": sum(count - 1 for request, count in bought.items() if request),
        "by_kind": _grouped(noted, lambda entry: str(entry.kind)),
        "by_collection": _grouped((e for e in noted if e.collection), lambda entry: entry.collection),
    }


def _sums(entries: Iterable[Entry]) -> dict[str, Any]:
    noted = tuple(entries)
    return {
        "requests": len(noted),
        "paid_requests": sum(entry.is_paid for entry in noted),
        "processing_units": round(sum(entry.processing_units for entry in noted), 9),
    }


def _grouped(entries: Iterable[Entry], key: Callable[[Entry], str]) -> dict[str, Any]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return {name: _sums(groups[name]) for name in sorted(groups)}
