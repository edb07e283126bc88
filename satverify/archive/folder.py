"""An archive in a folder: every file appears whole or not at all, whatever dies in between."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from satverify.errors import InputError, RetrievalError

STAGING = ".staging"
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
"""What file systems without hard links answer to one."""
ROUNDS = 10
"""Times a write begins again when a sweeper took its fresh file for one that was left behind."""

PROBED_AT_ONCE = 2**20
"""A probe of the disk repeats a block of this size. [byte]"""

Publisher: TypeAlias = Callable[[Path, Path], bool]
"""Gives a finished file its name; False where the name is taken."""


class FolderStore:
    """Files below one folder. A new one is written in ``.staging``, forced to the disk, then given its name."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100 -- Path.resolve would follow links
        self._prefix = str(self.root).rstrip("/")
        self._is_swept = False

    def address(self, key: str) -> str:
        """The path."""
        return f"{self._prefix}/{key}"

    def folders(self, folder: str) -> list[str]:
        """Names of the folders directly in a folder, sorted."""
        return sorted(each.name for each in self._scanned(folder) if each.is_dir())

    def names(self, folder: str, prefix: str = "") -> list[str]:
        """Names of the files directly in a folder that begin so, sorted."""
        found = self._scanned(folder)
        return sorted(each.name for each in found if each.name.startswith(prefix) and not each.is_dir())

    def keys(self, folder: str) -> list[str]:
        """Keys of all files below a folder, sorted."""
        below = [key for name in self.folders(folder) for key in self.keys(f"{folder}/{name}")]
        return sorted([*(f"{folder}/{name}" for name in self.names(folder)), *below])

    def read(self, key: str) -> bytes:
        """All of a file."""
        try:
            return (self.root / key).read_bytes()
        except OSError as exc:
            raise RetrievalError(f"{self.root / key}: cannot be read: {exc.strerror or exc}") from exc

    def read_all(self, keys: Sequence[str]) -> list[bytes]:
        """All of several files, in their order."""
        return [self.read(key) for key in keys]

    def create(self, key: str, content: bytes) -> bool:
        """Write a file whole or not at all; False, and nothing written, where the key is taken."""
        return self._write(key, content, _link)

    def replace(self, key: str, content: bytes) -> None:
        """Write a file whole or not at all, in place of one that may be there."""
        self._write(key, content, _rename)

    def append(self, key: str, line: bytes) -> None:
        """Add a line to a journal and force it to the disk; a line that a crash cut short before stays alone."""
        path = self.root / key
        with self._writing(path):
            self.tidy()
            self._make(path.parent)
            is_new = not path.exists()
            with _locked(path, os.O_CREAT) as descriptor:
                _append_line(descriptor, line)
            if is_new:
                _sync_folder(path.parent)

    def lines(self, key: str) -> list[bytes]:
        """Lines of a journal, oldest first."""
        if not (self.root / key).exists():
            return []
        return [line for line in self.read(key).split(b"\n") if line]

    def retain(self, key: str, is_kept: Callable[[bytes], bool]) -> None:
        """Take all other lines out of a journal, which is replaced as a whole while its writers wait."""
        path = self.root / key
        with self._writing(path), _locked(path):
            kept = b"".join(line + b"\n" for line in self.lines(key) if is_kept(line))
            self._publish(path, kept, _rename)

    def move(self, key: str, target: str) -> None:
        """Give a file another key."""
        path = self.root / target
        with self._writing(path):
            self._make(path.parent)
            (self.root / key).replace(path)
            _sync_folder(path.parent)
            _sync_folder((self.root / key).parent)

    def remove(self, key: str) -> None:
        """Delete a file; one that is not there is fine."""
        path = self.root / key
        with self._writing(path):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)

    def leftovers(self) -> list[str]:
        """Keys of half-written files that nobody is writing any more."""
        return [f"{STAGING}/{name}" for name in self.names(STAGING) if not _is_held(self.root / STAGING / name)]

    def tidy(self) -> None:
        """Remove what killed writers left; once is enough."""
        if not self._is_swept:
            self._is_swept = True
            for key in self.leftovers():
                with suppress(OSError):
                    (self.root / key).unlink()

    def probe(self, size: int) -> None:
        """Write as many bytes and force them to the disk, which may promise room that it has not; leave none."""
        block = os.urandom(min(size, PROBED_AT_ONCE))  # zeros would take no room where the file system packs them
        whole, rest = divmod(size, PROBED_AT_ONCE)
        try:
            self._make(self.root / STAGING)
            _staged(self.root / STAGING, block * whole + block[:rest], self.root, lambda *_: True)
        except OSError as exc:
            raise RetrievalError(
                f"{self.root}: {size} bytes cannot be written there: {exc.strerror or exc}; nothing there is changed"
            ) from exc

    def _scanned(self, folder: str) -> list[os.DirEntry[str]]:
        path = self.root / folder
        try:
            with os.scandir(path) as found:
                return list(found)
        except FileNotFoundError:
            return []
        except NotADirectoryError as exc:
            raise InputError(f"{path}: expected a folder of an archive, found a file") from exc
        except OSError as exc:
            raise RetrievalError(f"{path}: cannot be listed: {exc.strerror or exc}") from exc

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise RetrievalError(
                f"{path}: cannot be written: {exc.strerror or exc}; what was there before is unharmed"
            ) from exc

    def _write(self, key: str, content: bytes, publish: Publisher) -> bool:
        path = self.root / key
        with self._writing(path):
            self._make(path.parent)
            self.tidy()
            return self._publish(path, content, publish)

    def _publish(self, path: Path, content: bytes, publish: Publisher) -> bool:
        self._make(self.root / STAGING)
        for _ in range(ROUNDS):
            try:
                is_written = _staged(self.root / STAGING, content, path, publish)
            except FileNotFoundError:
                continue
            _sync_folder(path.parent)
            return is_written
        raise RetrievalError(f"{path}: cannot be written: {self.root / STAGING} loses its files")

    def _make(self, folder: Path) -> None:
        """Make a folder, and force it and those above that are new to the disk."""
        new = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for each in new:
            _sync_folder(each.parent)


def _staged(staging: Path, content: bytes, path: Path, publish: Publisher) -> bool:
    """Write under a name of its own, locked for as long as it is meant, force it to the disk, and publish it."""
    temporary = staging / f"{os.getpid()}-{secrets.token_hex(8)}.part"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with suppress(OSError):  # where locks are unknown, leftovers are too
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _write_out(descriptor, content)
        os.fsync(descriptor)
        return publish(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        os.close(descriptor)


def _link(temporary: Path, path: Path) -> bool:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as exc:
        if exc.errno not in NO_LINKS:
            raise
        if path.exists():
            return False
        temporary.replace(path)
    return True


def _rename(temporary: Path, path: Path) -> bool:
    temporary.replace(path)
    return True


def _write_out(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


@contextmanager
def _locked(path: Path, flags: int = 0) -> Iterator[int]:
    """A journal that nobody else changes: opened again where it was replaced while the lock was waited for."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _append_line(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    try:
        _write_out(descriptor, (b"\n" if is_torn else b"") + line + b"\n")
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_held(path: Path) -> bool:
    """Whether somebody is writing the file, or it cannot be known."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
