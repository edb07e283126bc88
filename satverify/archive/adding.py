"""How a scene enters the archive: checked, whole, once, and in place of nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from satverify.archive.damage import item_at
from satverify.archive.image import differences, encode
from satverify.archive.item import Item, pixels_hash, render
from satverify.archive.layout import IMAGE, ITEM, complete, entry_of, folder_of, key_of, require_names, stem
from satverify.archive.store import Store
from satverify.domain.scenes import Scene
from satverify.domain.sensors import SENSORS
from satverify.errors import InputError, RetrievalError

ROUNDS = 20
"""Times that another writer may have taken the revision first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A scene that is ready to be written."""

    scene: Scene
    content: bytes
    """The image file."""
    pixels_sha256: str

    def is_same_as(self, item: Item) -> bool:
        """Whether an archived item is of the same products and numbers."""
        ours, theirs = self.scene.acquisition, item.scene.acquisition
        return (ours.source_ids, ours.timeliness, ours.processing_baseline, self.pixels_sha256) == (
            theirs.source_ids,
            theirs.timeliness,
            theirs.processing_baseline,
            item.pixels_sha256,
        )

    def item(self, revision: int, predecessor: int | None) -> Item:
        """Its item as some revision."""
        scene = replace(self.scene, revision=revision)
        return Item(scene=scene, pixels_sha256=self.pixels_sha256, size=len(self.content), predecessor=predecessor)


def add(store: Store, scene: Scene, pixels: NDArray[np.uint16]) -> Scene:
    """Archive a scene, or find it archived; see ``Archive.add``."""
    draft = _drafted(scene, pixels)
    store.tidy()  # also where the scene turns out to be here: the writer may have died with its last step undone
    newest, passed_over = -1, 0
    for _ in range(ROUNDS):
        held = _held(store, scene)
        for item in held.values():
            if draft.is_same_as(item):
                return item.scene
        before, newest = newest, max(held, default=0)
        passed_over = passed_over + 1 if newest == before else 0  # a crash left other bytes there, without their half
        if _write(store, draft.item(newest + 1 + passed_over, newest or None), draft.content):
            return draft.item(newest + 1 + passed_over, newest or None).scene
    raise RetrievalError(f"{store.address(folder_of(scene))}: {ROUNDS} revisions of {scene.time} are half-written")


def _drafted(scene: Scene, pixels: NDArray[np.uint16]) -> Draft:
    _require(scene, pixels)
    content = encode(scene, pixels)
    sealed = replace(scene, sha256=hashlib.sha256(content).hexdigest())
    for expected, found in differences(content, sealed):
        raise RetrievalError(f"{scene.scene_id}: expected {expected} in its image, found {found}: nothing is written")
    return Draft(scene=sealed, content=content, pixels_sha256=pixels_hash(pixels))


def _require(scene: Scene, pixels: NDArray[np.uint16]) -> None:
    """Refuse what could not be found or read again."""
    if scene.sensor not in SENSORS:
        raise InputError(f"sensor {scene.sensor!r}: expected one of {', '.join(SENSORS)}")
    moments = {"time": scene.time, "start": scene.acquisition.start, "stop": scene.acquisition.stop}
    for name, moment in moments.items():
        if moment.utcoffset() != timedelta(0):
            raise InputError(f"{scene.sensor}: {name} {moment}: expected a time in UTC")
    if scene.time.microsecond:
        raise InputError(f"{scene.sensor}: time {scene.time}: expected whole seconds")
    require_names(scene)
    if not 0 <= scene.valid_share <= 1:
        raise InputError(f"{scene.scene_id}: valid share {scene.valid_share}: expected 0 to 1")
    shape = (len(SENSORS[scene.sensor].bands), *scene.grid.shape)
    if pixels.shape != shape or pixels.dtype != np.uint16:
        raise InputError(f"{scene.scene_id}: expected uint16 of {shape}, found {pixels.dtype} of {pixels.shape}")


def _held(store: Store, scene: Scene) -> dict[int, Item]:
    """Complete revisions of the acquisition on its grid, oldest first."""
    folder, start = folder_of(scene), stem(scene.time, scene.acquisition.platform, 0).removesuffix("0")
    keys = complete(f"{folder}/{name}" for name in store.names(folder, start))
    entries = [entry for key in keys if (entry := entry_of(key, store.address(key)))]
    return {entry.revision: item_at(store, entry.key) for entry in sorted(entries, key=lambda entry: entry.revision)}


def _write(store: Store, item: Item, image: bytes) -> bool:
    """Write the image, then the item; False where the revision is another writer's, or half of one that died."""
    key = key_of(item.scene)
    names = store.names(*key.rsplit("/", 1))
    has_image, has_item = (
        any(key.endswith(f"/{name.removesuffix(end)}") and name.endswith(end) for name in names)
        for end in (IMAGE, ITEM)
    )
    if has_item and not has_image and item_at(store, key).scene.sha256 != item.scene.sha256:
        return False
    if not store.create(key + IMAGE, image) and store.read(key + IMAGE) != image:
        return False
    content = render(item)
    return store.create(key + ITEM, content) or store.read(key + ITEM) == content
