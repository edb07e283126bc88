"""Bought answers that are kept until their scenes are archived, so that a crash never buys twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from satverify.archive.damage import damaged
from satverify.archive.store import Store
from satverify.errors import InputError

LANDING = "landing"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=-]{0,199}")


def land(store: Store, name: str, content: bytes, note: Mapping[str, Any]) -> None:
    """Keep an answer and what is to be remembered of it in one file: a line of JSON, then the answer."""
    try:
        head = {"sha256": _hash(content), "note": dict(note)}
        line = json.dumps(head, ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as exc:
        raise InputError(f"the note of {name} is not made of JSON values: {exc}") from exc
    store.replace(_key(name), line.encode() + b"\n" + content)


def landed(store: Store) -> tuple[str, ...]:
    """Names of the answers that are kept, sorted; a file that no answer could be called is none."""
    return tuple(name for name in store.names(LANDING) if _NAME.fullmatch(name))


def landing(store: Store, name: str) -> tuple[bytes, dict[str, Any]]:
    """An answer and its note."""
    answer = store.read(_key(name))
    for expected, found in faults(answer):
        raise damaged(store, _key(name), expected, found)
    line, _, content = answer.partition(b"\n")
    return content, dict(json.loads(line)["note"])


def faults(answer: bytes) -> Iterator[tuple[str, str]]:
    """What was expected of a landed file and what was found instead; nothing where it is as it was landed."""
    line, _, content = answer.partition(b"\n")
    try:
        head = json.loads(line)
        expected, _ = str(head["sha256"]), dict(head["note"])
    except (ValueError, KeyError, TypeError) as exc:
        yield "a line of JSON before the answer", f"{type(exc).__name__} {exc}"
        return
    if _hash(content) != expected:
        yield f"an answer with SHA-256 {expected}", _hash(content)


def clear(store: Store, name: str) -> None:
    """Forget an answer."""
    store.remove(_key(name))


def _key(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"a landed answer cannot be called {name!r}: expected up to 200 of A-Z a-z 0-9 . _ + = -")
    return f"{LANDING}/{name}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
