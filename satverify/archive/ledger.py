"""What was spent: records that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from satverify.archive.store import Store
from satverify.errors import InputError

LEDGER = "ledger.jsonl"


def record(store: Store, entry: Mapping[str, Any]) -> None:
    """Add a record; on the disk once this returns."""
    try:
        line = json.dumps(dict(entry), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as exc:
        raise InputError(f"a record of the ledger is not made of JSON values: {exc}") from exc
    store.append(LEDGER, line.encode())


def ledger(store: Store) -> tuple[dict[str, Any], ...]:
    """All records, oldest first, without one that a crash cut short: what it told of was not yet said to be kept."""
    found = (_record(line) for line in store.lines(LEDGER))
    return tuple(entry for entry in found if entry is not None)


def unreadable(store: Store) -> dict[int, bytes]:
    """Lines that hold no record, by their number from 1."""
    return {number: line for number, line in enumerate(store.lines(LEDGER), start=1) if not is_record(line)}


def is_record(line: bytes) -> bool:
    """Whether a line holds a record."""
    return _record(line) is not None


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
