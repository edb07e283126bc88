"""What is said of a file that is not what the archive wrote."""

from __future__ import annotations

from satverify.archive.item import Item, parse
from satverify.archive.layout import ITEM
from satverify.archive.store import Store
from satverify.errors import RetrievalError


def damaged(store: Store, key: str, expected: str, found: str) -> RetrievalError:
    """The error for a damaged file: which it is, what is wrong with it, and what to do."""
    root = store.address("").rstrip("/")
    return RetrievalError(
        f"{store.address(key)}: expected {expected}, found {found}; "
        f"`satverify archive check --repair {root}` sets damaged scenes aside, and the next fetch brings them again"
    )


def item_at(store: Store, key: str) -> Item:
    """The item of a scene, from the scene's key.

    Raises
    ------
    RetrievalError
        It is not there or damaged.
    """
    try:
        return parse(store.read(key + ITEM))
    except ValueError as exc:
        raise damaged(store, key + ITEM, "a STAC item as it was written", str(exc)) from exc
