"""What the archive needs of the place it is in, and which place an address means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from satverify.archive.folder import FolderStore
from satverify.archive.objects import ObjectStore
from satverify.errors import InputError


class Store(Protocol):
    """Files under keys such as ``scenes/sentinel-2-l1c/…``. Threads and processes may use one place at once."""

    def address(self, key: str) -> str:
        """How a person finds the file."""
        ...

    def folders(self, folder: str) -> list[str]:
        """Names of the folders directly in a folder, sorted; none where it does not exist."""
        ...

    def names(self, folder: str, prefix: str = "") -> list[str]:
        """Names of the files directly in a folder that begin so, sorted; none where it does not exist."""
        ...

    def keys(self, folder: str) -> list[str]:
        """Keys of all files below a folder, sorted; none where it does not exist."""
        ...

    def read(self, key: str) -> bytes:
        """All of a file; a RetrievalError where it is not there."""
        ...

    def read_all(self, keys: Sequence[str]) -> list[bytes]:
        """All of several files, in their order."""
        ...

    def create(self, key: str, content: bytes) -> bool:
        """Write a file whole or not at all; False, and nothing written, where the key is taken."""
        ...

    def replace(self, key: str, content: bytes) -> None:
        """Write a file whole or not at all, in place of one that may be there."""
        ...

    def append(self, key: str, line: bytes) -> None:
        """Add a line to a journal; on the disk once this returns."""
        ...

    def lines(self, key: str) -> list[bytes]:
        """Lines of a journal, oldest first; one that a crash cut short may be among them."""
        ...

    def retain(self, key: str, is_kept: Callable[[bytes], bool]) -> None:
        """Take all other lines out of a journal; what is added meanwhile stays."""
        ...

    def move(self, key: str, target: str) -> None:
        """Give a file another key."""
        ...

    def remove(self, key: str) -> None:
        """Delete a file; one that is not there is fine."""
        ...

    def tidy(self) -> None:
        """Remove what killed writers left; whoever writes does so once."""
        ...

    def leftovers(self) -> list[str]:
        """Keys of half-written files that nobody is writing any more."""
        ...

    def probe(self, size: int) -> None:
        """Nothing where as many bytes can be written, a RetrievalError where they cannot; none are left behind."""
        ...


def store_at(root: str | Path, options: Mapping[str, Any] | None) -> Store:
    """The place that an address means.

    Parameters
    ----------
    root
        A folder, ``file://…``, ``s3://bucket/prefix``, or another address that fsspec knows.
    options
        For fsspec, such as ``key``, ``secret``, ``endpoint_url``.

    Raises
    ------
    InputError
        The address is empty or holds credentials, or its package is not installed.
    """
    text = str(root)
    if not text:
        raise InputError("the archive's address is empty")
    if "://" not in text:
        return FolderStore(Path(root))
    parts = urlsplit(text)
    if parts.username or parts.password:
        raise InputError(
            f"archive at {parts.scheme}://…@{parts.hostname}{parts.path}: credentials do not belong in an address; "
            "expected them in the environment"
        )
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    return ObjectStore(text.rstrip("/"), options or {})
