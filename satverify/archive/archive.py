"""The archive as those who fill and read it see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from satverify.archive import adding, checking, landing, ledger, reading
from satverify.archive.checking import Checked
from satverify.archive.damage import item_at
from satverify.archive.layout import SCENES, Entry, complete, entry_of, is_within, newest, order
from satverify.archive.store import store_at
from satverify.domain.scenes import Scene
from satverify.domain.sites import Site

LARGEST_PROBE = 64 * 10**6
"""More than this is not written only to see whether it can be. [byte]"""


class Archive:
    """Scenes in a folder or under an address that fsspec knows. Threads and processes may use one archive at once.

    Nothing is made before the first write, an archive that is not there is an empty one, and what is written is never
    written over. It may be pickled; connections and caches stay behind.
    """

    def __init__(self, root: str | Path, *, storage_options: Mapping[str, Any] | None = None) -> None:
        """Name a place.

        Parameters
        ----------
        root
            A folder, ``file://…`` or ``s3://bucket/prefix``.
        storage_options
            For fsspec, such as ``endpoint_url``; credentials belong in the environment.

        Raises
        ------
        InputError
            The address is empty or holds credentials.
        """
        self.root = str(root)
        self._store = store_at(root, storage_options)

    def __repr__(self) -> str:
        return f"Archive({self.root!r})"

    def add(self, scene: Scene, pixels: NDArray[np.uint16]) -> Scene:
        """Archive a scene, whole or not at all.

        Parameters
        ----------
        scene
            What it is; ``revision`` and ``sha256`` are given here.
        pixels
            Stored numbers in the order of the sensor's bands, 65535 where nothing was measured. (bands, height, width)

        Returns
        -------
        The scene as it is archived. The same products with the same numbers are archived once: a second call changes
        nothing and returns what is there. Other products (source ids, timeliness, baseline) or numbers of the same
        acquisition become its next revision, and the one before is kept and linked.

        Raises
        ------
        InputError
            Scene and pixels do not fit each other or the sensor.
        RetrievalError
            The place cannot be written to, such as a full disk; what was there is unharmed.
        """
        return adding.add(self._store, scene, pixels)

    def entries(
        self,
        sensor: str | None = None,
        days: tuple[date, date] | None = None,
        *,
        all_revisions: bool = False,
    ) -> tuple[Entry, ...]:
        """Complete scenes, from the listing alone.

        Parameters
        ----------
        sensor
            Of this sensor only.
        days
            UTC days ``[start, stop)``; none: all.
        all_revisions
            Also revisions that newer ones took the place of.

        Returns
        -------
        Sorted by sensor, time, platform, grid and revision.

        Raises
        ------
        RetrievalError
            The place cannot be listed.
        """
        keys = self._store.keys(f"{SCENES}/{sensor}" if sensor else SCENES)
        found = (entry_of(key, self._store.address(key)) for key in complete(keys))
        wanted = [entry for entry in found if entry is not None and is_within(entry, days)]
        return tuple(sorted(wanted if all_revisions else newest(wanted), key=order))

    def scene(self, entry: Entry) -> Scene:
        """All that the item of a scene tells.

        Raises
        ------
        RetrievalError
            The item is not there, or damaged.
        """
        return item_at(self._store, entry.key).scene

    def open(self, site: Site, sensor: str, days: tuple[date, date], *, margin: float | None = None) -> xr.Dataset:
        """The newest scenes of a site, lazily: pixels are read when they are asked for, and checked by their hash.

        Parameters
        ----------
        site
            Whose ground is wanted.
        sensor
            Key into ``SENSORS``.
        days
            UTC days ``[start, stop)``.
        margin
            How far the window reaches beyond the outline, at most as far as the scenes do; none: as far. [m]

        Returns
        -------
        A variable per band on dims (time, y, x): physical values, float32, NaN where nothing was measured; codes and
        flags as they are stored, uint16, with ``_FillValue`` 65535. Coordinates ``time`` (UTC), ``y`` and ``x`` of
        pixel centres [m], ``platform``, ``scene_id``, ``revision`` and ``spatial_ref``. Of length 0 in time where
        there is nothing. An overpass that several grids hold is given once.

        Raises
        ------
        InputError
            There is no such sensor.
        RetrievalError
            The place cannot be listed; on reading: a file is damaged, which the message names with what to do.
        """
        return reading.open_scenes(self._store, site, sensor, days, margin=margin)

    def check(self, *, repair: bool = False) -> Iterator[Checked]:
        """Hash and decode everything again, and hold it against its item.

        Parameters
        ----------
        repair
            Move what is damaged, has lost its half or does not belong there to ``quarantine/``, so that scenes are
            fetched again, and remove what was left half-written; the next check finds none of it. Not while something
            writes.

        Returns
        -------
        Every scene and landed answer as it is looked at, whole or not, what is left over, and what is not the
        archive's.

        Raises
        ------
        RetrievalError
            The place cannot be listed.
        """
        return checking.check(self._store, repair=repair)

    def require_writable(self, size: int) -> None:
        """Write a probe and remove it again, so that a full disk is known before something is bought.

        Parameters
        ----------
        size
            What is to be written soon; of more than 64 MB, only so much is tried. At an object store nothing is. [byte]

        Raises
        ------
        RetrievalError
            There is no room, or the place may not be written to.
        """
        self._store.probe(min(max(size, 0), LARGEST_PROBE))

    def land(self, name: str, content: bytes, note: Mapping[str, Any]) -> None:
        """Keep a bought answer until its scenes are archived.

        Parameters
        ----------
        name
            Up to 200 of A-Z a-z 0-9 . _ + = -; an answer of that name is replaced.
        content
            The answer.
        note
            What is to be remembered of it, in JSON values.

        Raises
        ------
        InputError
            Name or note are not as above.
        RetrievalError
            The place cannot be written to.
        """
        landing.land(self._store, name, content, note)

    def landed(self) -> tuple[str, ...]:
        """Names of the answers that are kept, sorted."""
        return landing.landed(self._store)

    def landing(self, name: str) -> tuple[bytes, dict[str, Any]]:
        """An answer and its note.

        Raises
        ------
        RetrievalError
            It is not there, or damaged.
        """
        return landing.landing(self._store, name)

    def clear(self, name: str) -> None:
        """Forget an answer, once its scenes are archived; one that is not there is fine."""
        landing.clear(self._store, name)

    def record(self, entry: Mapping[str, Any]) -> None:
        """Add to the ledger what was spent.

        Parameters
        ----------
        entry
            Anything in JSON values; no secrets.

        Raises
        ------
        InputError
            It is not made of JSON values.
        RetrievalError
            The place cannot be written to.
        """
        ledger.record(self._store, entry)

    def ledger(self) -> tuple[dict[str, Any], ...]:
        """All records, in the order in which they were added."""
        return ledger.ledger(self._store)
