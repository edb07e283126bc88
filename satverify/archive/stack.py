"""Pixels of many scenes on one window, read when they are indexed."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import rasterio
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core.indexing import ExplicitIndexer, IndexingSupport, VectorizedIndexer, explicit_indexing_adapter

from satverify.archive.damage import damaged
from satverify.archive.image import decode
from satverify.archive.item import checksum_field
from satverify.archive.layout import IMAGE, ITEM, Entry
from satverify.archive.store import Store
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, Band, Sensor

KEPT = 64 * 2**20
"""Decoded numbers that are kept for the other bands of their scenes, however many scenes there are. [byte]"""
AHEAD = 8
"""Files that are read together: over a network that saves waiting."""

Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of the window."""
Numbers: TypeAlias = NDArray[np.uint16]


def holds_codes(band: Band) -> bool:
    """Whether a band's numbers are codes or flags, which stay as they are."""
    return band.scale == 1 and band.offset == 0


class SceneStack:
    """The scenes of one Dataset. Its variables share it, so that a file is read once for all bands."""

    def __init__(self, store: Store, sensor: Sensor, window: Grid, entries: Sequence[Entry]) -> None:
        self.sensor, self.window, self.entries = sensor, window, tuple(entries)
        self._store = store
        self._recent = _Recent(len(sensor.bands))

    def numbers(self, steps: Sequence[int], part: Part, band: int) -> Iterator[Numbers]:
        """Stored numbers of one band in the order of ``steps``, each (rows, columns)."""
        rows, columns = part[0].stop - part[0].start, part[1].stop - part[1].start
        size = rows * columns * len(self.sensor.bands) * np.dtype(np.uint16).itemsize
        worth_keeping = len(self.sensor.bands) > 1 and size * len(steps) <= KEPT
        for first in range(0, len(steps), AHEAD):
            batch = steps[first : first + AHEAD]
            held = {step: self._recent.take((step, *_edges(part)), band) for step in batch}
            missing = [step for step, found in held.items() if found is None]
            for step, numbers in self._read(missing, part, None if worth_keeping else band):
                if worth_keeping:
                    self._recent.put((step, *_edges(part)), numbers, band)
                held[step] = numbers[band if worth_keeping else 0]
            for step in batch:
                found = held[step]
                assert found is not None
                yield found

    def _read(self, steps: Sequence[int], part: Part, band: int | None) -> Iterator[tuple[int, Numbers]]:
        """Decoded numbers of some scenes, of one band or all: (bands, rows, columns)."""
        if steps:
            with rasterio.Env():  # entered once, rather than for every file
                for step, content in self._contents(steps).items():
                    yield step, self._decoded(self.entries[step], content, part, band)

    def _contents(self, steps: Sequence[int]) -> dict[int, bytes]:
        """Image files, each as its item says it is."""
        entries = [self.entries[step] for step in steps]
        keys = [key for entry in entries for key in (entry.key + IMAGE, entry.key + ITEM)]
        files = self._store.read_all(keys)
        for entry, image, item in zip(entries, files[::2], files[1::2], strict=True):
            expected, found = checksum_field(item).decode("ascii", "replace"), hashlib.sha256(image).hexdigest()
            if expected != found:
                raise damaged(self._store, entry.key + IMAGE, f"SHA-256 {expected or 'in its item'}", found)
        return dict(zip(steps, files[::2], strict=True))

    def _decoded(self, entry: Entry, content: bytes, part: Part, band: int | None) -> Numbers:
        rows, columns = entry.grid.window(self.window)
        window = (_shifted(part[0], rows.start), _shifted(part[1], columns.start))
        try:
            return decode(content, window, band)
        except ValueError as exc:
            raise damaged(self._store, entry.key + IMAGE, "an image", str(exc)) from exc


class BandArray(BackendArray):
    """One variable of a Dataset, as xarray's lazy indexing wants it."""

    def __init__(self, stack: SceneStack, number: int) -> None:
        self._stack, self._number = stack, number
        self._band = stack.sensor.bands[number]
        self.shape = (len(stack.entries), *stack.window.shape)
        self.dtype = np.dtype(np.uint16 if holds_codes(self._band) else np.float32)

    def __getitem__(self, key: ExplicitIndexer) -> NDArray[Any]:
        if not isinstance(key, VectorizedIndexer):
            return self._read(key.tuple)
        found: NDArray[Any] = explicit_indexing_adapter(key, self.shape, IndexingSupport.OUTER, self._read)
        return found

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        chosen = [np.arange(size)[part] for size, part in zip(self.shape, key, strict=True)]
        steps, rows, columns = (np.atleast_1d(each) for each in chosen)
        out = np.empty((len(steps), len(rows), len(columns)), dtype=self.dtype)
        if out.size:
            part = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
            is_plain = all(isinstance(each, slice) and each.step in {None, 1} for each in key[1:])
            for place, numbers in enumerate(self._stack.numbers(steps.tolist(), part, self._number)):
                picked = numbers if is_plain else numbers[np.ix_(rows - part[0].start, columns - part[1].start)]
                self._decode(picked, out[place])
        return out.reshape([len(each) for each in chosen if each.ndim])

    def _decode(self, numbers: Numbers, out: NDArray[Any]) -> None:
        if holds_codes(self._band):
            out[...] = numbers
        else:
            np.take(_physical(self._band), numbers, out=out, mode="clip")


class _Recent:
    """Decoded windows whose other bands may be asked for next; one that every band was taken from is let go."""

    def __init__(self, bands: int) -> None:
        self._bands = bands
        self._held: OrderedDict[tuple[int, ...], tuple[Numbers, set[int]]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[_Recent], tuple[int]]:
        """Nothing travels to another process."""
        return _Recent, (self._bands,)

    def take(self, key: tuple[int, ...], band: int) -> Numbers | None:
        """One band of a window, none where it is not held."""
        with self._lock:
            held = self._held.get(key)
            if held is None:
                return None
            numbers, taken = held
            taken.add(band)
            if len(taken) == self._bands:
                self._drop(key)
            wanted: Numbers = numbers[band]
            return wanted

    def put(self, key: tuple[int, ...], numbers: Numbers, band: int) -> None:
        """Hold a window of which ``band`` was taken; the oldest go where there is no room."""
        with self._lock:
            if key not in self._held:
                self._held[key] = (numbers, {band})
                self._size += numbers.nbytes
            while self._size > KEPT:
                self._drop(next(iter(self._held)))

    def _drop(self, key: tuple[int, ...]) -> None:
        numbers, _ = self._held.pop(key)
        self._size -= numbers.nbytes


@lru_cache(maxsize=64)
def _physical(band: Band) -> NDArray[np.float32]:
    """The value of every stored number: looking one up takes less time than computing it."""
    values = np.arange(NODATA + 1) * band.scale + band.offset
    values[NODATA] = np.nan
    return values.astype(np.float32)


def _edges(part: Part) -> tuple[int, int, int, int]:
    return part[0].start, part[0].stop, part[1].start, part[1].stop


def _shifted(part: slice, by: int) -> slice:
    return slice(int(part.start) + by, int(part.stop) + by)
