"""What lies in the archive and is not the archive's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from satverify.archive.folder import STAGING
from satverify.archive.landing import LANDING, landed
from satverify.archive.layout import IMAGE, ITEM, SCENES
from satverify.archive.ledger import LEDGER
from satverify.archive.objects import LINE
from satverify.archive.store import Store

QUARANTINE = "quarantine"
RECORDS = LEDGER.rpartition(".")[0]
"""Folder of the ledger in an object store."""
OWN = frozenset({SCENES, LANDING, LEDGER, RECORDS, QUARANTINE, STAGING})
"""What the archive makes at its root."""
_HARMLESS = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|.*\.aux\.xml", re.IGNORECASE)
"""Left by macOS, Windows, and by GDAL and QGIS beside an image; it comes back as soon as somebody looks again."""


def is_harmless(key: str) -> bool:
    """Whether a file is one that desktops and QGIS leave wherever they look."""
    return _HARMLESS.fullmatch(key.rpartition("/")[2]) is not None


def strays(store: Store, scenes: Iterable[str]) -> Iterator[str]:
    """Keys in the archive's own folders that it never writes; ``scenes`` are those that lie below ``scenes/``."""
    yield from (key for key in scenes if not key.endswith((IMAGE, ITEM)) or is_harmless(key))
    answers = {f"{LANDING}/{name}" for name in landed(store)}
    yield from (key for key in store.keys(LANDING) if key not in answers)
    yield from (key for key in store.keys(RECORDS) if not LINE.fullmatch(key.removeprefix(f"{RECORDS}/")))


def bystanders(store: Store) -> Iterator[str]:
    """Files at the root, and folders with a slash behind them, that are not the archive's."""
    names = [*store.names(""), *(f"{name}/" for name in store.folders(""))]
    yield from (name for name in sorted(names) if name.rstrip("/") not in OWN)
