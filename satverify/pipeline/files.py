"""Files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from satverify.errors import InputError


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary file in the same folder, force it to the disk, and rename: no reader sees a part of it.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """
    with StagedFiles(path.parent) as staged:
        staged.write(path.name, content)
        staged.publish()


def require_writable(folder: Path) -> None:
    """Make a folder and try whether it takes files, before hours of work end at its door.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """
    with StagedFiles(folder) as staged:
        staged.write("probe", b"")


class StagedFiles:
    """A set of files of one folder that appear together, once all of them are on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._staged: dict[str, Path] = {}

    def __enter__(self) -> StagedFiles:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise InputError(f"{self.folder}: cannot be made: {exc.strerror or exc}") from exc
        return self

    def __exit__(self, *_: object) -> None:
        for temporary in self._staged.values():
            with suppress(OSError):  # a disk that cannot be written to was complained of already
                temporary.unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        """Where to write what ``publish`` is to rename to ``name``."""
        self._staged[name] = self.folder / f".{name}.{os.getpid()}.part"
        return self._staged[name]

    def write(self, name: str, content: bytes) -> None:
        """Stage ``content`` under ``name``."""
        try:
            self.path(name).write_bytes(content)
        except OSError as exc:
            raise InputError(f"{self.folder / name}: cannot be written: {exc.strerror or exc}") from exc

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every staged file by its name, sorted."""
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(self._staged.items())}

    def publish(self) -> None:
        """Force every staged file to the disk, then rename them one after the other, in the order of staging."""
        try:
            for temporary in self._staged.values():
                with temporary.open("rb+") as stream:
                    os.fsync(stream.fileno())
            for name, temporary in self._staged.items():
                temporary.replace(self.folder / name)
        except OSError as exc:
            raise InputError(f"{self.folder}: cannot be written to: {exc.strerror or exc}") from exc
