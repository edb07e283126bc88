"""Everything in the archive, held against what it was when it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from satverify.archive import landing, ledger
from satverify.archive.image import decode, differences
from satverify.archive.item import parse, pixels_hash
from satverify.archive.layout import IMAGE, ITEM, SCENES, entry_of, key_of
from satverify.archive.store import Store
from satverify.archive.strays import QUARANTINE, bystanders, is_harmless, strays
from satverify.errors import RetrievalError

NOT_OURS = ("nothing there but the archive's own", "a file or folder that it did not write")


class Condition(StrEnum):
    """In what state something was found."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    """Not what was written."""
    ORPHANED = "orphaned"
    """An image without its item, an item without its image, or a name that is none of a scene."""
    LEFTOVER = "leftover"
    """Half-written by something that died."""
    STRAY = "stray"
    """Not the archive's, in a folder that is."""
    FOREIGN = "foreign"
    """Not the archive's and in nobody's way: at its root, or what desktops and QGIS leave. Never touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing in the archive, and how it was found."""

    path: str
    """The file: a path, or an address such as ``s3://…``."""
    condition: Condition
    expected: str = ""
    """What would have been right; empty where nothing is wrong."""
    found: str = ""
    """What is there; empty where nothing is wrong."""
    moved_to: str = ""
    """Where repair put it; empty where it stays or was removed."""
    is_repaired: bool = False
    """Whether repair moved or removed it, so that the next check does not find it."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.condition in {Condition.WHOLE, Condition.FOREIGN}


def check(store: Store, *, repair: bool) -> Iterator[Checked]:
    """Look at everything, one by one; see ``Archive.check``."""
    keys = set(store.keys(SCENES))
    yield from _scenes(store, {key for key in keys if not is_harmless(key)}, repair)
    for name in landing.landed(store):
        yield _settled(store, _answer(store, name), [f"{landing.LANDING}/{name}"], repair)
    for key in store.leftovers():  # before anything is written, which would sweep them untold
        if repair:
            store.remove(key)
        left = _told(store, key, Condition.LEFTOVER, "nothing", "a half-written file")
        yield replace(left, is_repaired=repair)
    yield from _ledger(store, repair)
    for key in strays(store, sorted(keys)):
        yield _settled(store, _stray(store, key), [key], repair)
    for key in bystanders(store):
        yield _told(store, key, Condition.FOREIGN, *NOT_OURS)


def _scenes(store: Store, keys: set[str], repair: bool) -> Iterator[Checked]:
    """Images with the items beside them, and items that lost their image."""
    for key in sorted(keys):
        base = key.removesuffix(IMAGE).removesuffix(ITEM)
        if key.endswith(IMAGE):
            yield _settled(store, _image(store, base, has_item=base + ITEM in keys), [base + ITEM, key], repair)
        elif key.endswith(ITEM) and base + IMAGE not in keys:
            lost = _told(store, key, Condition.ORPHANED, "its image beside it", "none")
            yield _settled(store, lost, [key], repair)


def _ledger(store: Store, repair: bool) -> Iterator[Checked]:
    """Lines that hold no record; repair keeps them in quarantine before it takes them out."""
    torn, moved_to = ledger.unreadable(store), ""
    if torn and repair:
        place = _free(store, f"{QUARANTINE}/{ledger.LEDGER}")
        store.replace(place, b"".join(line + b"\n" for line in torn.values()))
        store.retain(ledger.LEDGER, ledger.is_record)
        moved_to = store.address(place)
    for number in torn:
        told = _told(store, ledger.LEDGER, Condition.LEFTOVER, f"a record in line {number}", "part of one")
        yield replace(told, moved_to=moved_to, is_repaired=repair)


def _stray(store: Store, key: str) -> Checked:
    return _told(store, key, Condition.FOREIGN if is_harmless(key) else Condition.STRAY, *NOT_OURS)


def _image(store: Store, base: str, *, has_item: bool) -> Checked:
    """One image, with the item beside it."""
    key = base + IMAGE
    if entry_of(key, key) is None:
        return _told(store, key, Condition.ORPHANED, "sensor, grid, time, platform and revision in its path", key)
    if not has_item:
        return _told(store, key, Condition.ORPHANED, "its item beside it", "none")
    try:
        return _pair(store, base)
    except RetrievalError as exc:
        return _unreadable(store, key, exc)


def _pair(store: Store, base: str) -> Checked:
    try:
        item = parse(store.read(base + ITEM))
    except ValueError as exc:
        return _told(store, base + ITEM, Condition.DAMAGED, "a STAC item as it was written", str(exc))
    if key_of(item.scene) != base:
        return _told(store, base + ITEM, Condition.DAMAGED, f"the item of {base}", f"that of {key_of(item.scene)}")
    content = store.read(base + IMAGE)
    digest = hashlib.sha256(content).hexdigest()
    if len(content) != item.size:
        found = f"{len(content)} bytes"
        return _told(store, base + IMAGE, Condition.DAMAGED, f"{item.size} bytes", found)
    if digest != item.scene.sha256:
        return _told(store, base + IMAGE, Condition.DAMAGED, f"SHA-256 {item.scene.sha256}", digest)
    for expected, found in differences(content, item.scene):
        return _told(store, base + IMAGE, Condition.DAMAGED, expected, found)
    numbers = pixels_hash(decode(content))
    if numbers != item.pixels_sha256:
        return _told(store, base + IMAGE, Condition.DAMAGED, f"numbers with SHA-256 {item.pixels_sha256}", numbers)
    return Checked(path=store.address(base + IMAGE), condition=Condition.WHOLE)


def _answer(store: Store, name: str) -> Checked:
    key = f"{landing.LANDING}/{name}"
    try:
        for expected, found in landing.faults(store.read(key)):
            return _told(store, key, Condition.DAMAGED, expected, found)
    except RetrievalError as exc:
        return _unreadable(store, key, exc)
    return Checked(path=store.address(key), condition=Condition.WHOLE)


def _unreadable(store: Store, key: str, exc: RetrievalError) -> Checked:
    """A file that cannot be read; its path stands before the sentence already."""
    found = str(exc).removeprefix(f"{store.address(key)}: ")
    return _told(store, key, Condition.DAMAGED, "a file that can be read", found)


def _told(store: Store, key: str, condition: Condition, expected: str, found: str) -> Checked:
    return Checked(path=store.address(key), condition=condition, expected=expected, found=found)


def _settled(store: Store, checked: Checked, keys: list[str], repair: bool) -> Checked:
    """Set a thing aside where it is not whole: the item first, with which the scene ceases to exist."""
    if checked.is_whole or not repair:
        return checked
    present = [key for key in keys if _is_there(store, key)]
    places = [_free(store, f"{QUARANTINE}/{key}") for key in present]
    for key, place in zip(present, places, strict=True):
        store.move(key, place)
    return replace(checked, moved_to=store.address(places[-1]) if places else "", is_repaired=True)


def _is_there(store: Store, key: str) -> bool:
    folder, name = key.rsplit("/", 1)
    return name in store.names(folder, name)


def _free(store: Store, key: str) -> str:
    """A key in quarantine that nothing lies under yet."""
    folder, name = key.rsplit("/", 1)
    taken = set(store.names(folder, name))
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}.{number}", number + 1
    return f"{folder}/{free}"
