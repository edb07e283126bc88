"""An archive in an object store, through fsspec: what a single PUT writes is there whole or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import fsspec

from satverify.errors import CredentialsError, InputError, RetrievalError

PACKAGES = {"s3": "pip install 'satverify[s3]'", "s3a": "pip install 'satverify[s3]'"}
"""What brings the package that an address needs."""
BATCH = 64
"""Objects that are asked for at once."""
TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""What S3 answers to a conditional PUT of a key that is there or is being written: Amazon S3 API, PutObject."""
NO_CONDITIONS = frozenset({"NotImplemented"})
LINE = re.compile(r"\d{8}\.json")
"""Name of an object that holds one line of a journal."""


class ObjectStore:
    """Objects below one address. Without the package that it needs, the first use says which to install."""

    def __init__(self, root: str, options: Mapping[str, Any]) -> None:
        self.root = root
        self._options = dict(options)
        self._last_line: dict[str, int] = {}

    @cached_property
    def _fs(self) -> fsspec.AbstractFileSystem:
        scheme = self.root.partition("://")[0]
        settings = {"use_listings_cache": False, **self._options}
        try:
            return fsspec.filesystem(scheme, **settings)
        except ImportError as exc:
            remedy = PACKAGES.get(scheme, f"the fsspec package for {scheme}")
            raise InputError(f"{self.root}: a package for {scheme}:// is not installed; install it: {remedy}") from exc
        except ValueError as exc:
            raise InputError(f"{self.root}: expected a folder, file:// or s3://, found {scheme}://") from exc

    def __getstate__(self) -> dict[str, Any]:
        """Connections stay here: whoever unpickles makes its own."""
        return {"root": self.root, "_options": self._options, "_last_line": {}}

    def __repr__(self) -> str:
        return f"ObjectStore({self.root!r})"  # never the options: they may hold a secret

    def address(self, key: str) -> str:
        """The object's address."""
        return f"{self.root}/{key}"

    def folders(self, folder: str) -> list[str]:
        """Names of the folders directly in a folder, sorted."""
        with self._asking(folder):
            try:
                found = self._fs.ls(self._path(folder), detail=True)
            except FileNotFoundError:
                return []
        below = f"{self._path(folder)}/"
        names = {each["name"].rstrip("/").removeprefix(below) for each in found if each["type"] == "directory"}
        return sorted(name for name in names if "/" not in name)  # one with a slash is the folder itself

    def names(self, folder: str, prefix: str = "") -> list[str]:
        """Names of the files directly in a folder that begin so, sorted."""
        inside = (key.removeprefix(f"{folder}/") for key in self._found(folder, prefix, is_deep=False))
        return [name for name in inside if "/" not in name and name.startswith(prefix)]

    def keys(self, folder: str) -> list[str]:
        """Keys of all files below a folder, sorted."""
        return self._found(folder)

    def read(self, key: str) -> bytes:
        """All of an object."""
        with self._asking(key):
            return bytes(self._fs.cat_file(self._path(key)))

    def read_all(self, keys: Sequence[str]) -> list[bytes]:
        """All of several objects, in their order, many at once."""
        contents: list[bytes] = []
        for first in range(0, len(keys), BATCH):
            batch = [self._path(key) for key in keys[first : first + BATCH]]
            with self._asking(keys[first]):
                found = self._fs.cat(batch) if len(batch) > 1 else {batch[0]: self._fs.cat_file(batch[0])}
            contents += [bytes(found[path]) for path in batch]
        return contents

    def create(self, key: str, content: bytes) -> bool:
        """Write an object whole or not at all; False, and nothing written, where the key is taken."""
        with self._asking(key):
            try:
                self._fs.pipe_file(self._path(key), content, mode="create")
            except OSError as exc:
                code = _code(exc)
                if isinstance(exc, FileExistsError) or code in TAKEN:
                    return False
                if code not in NO_CONDITIONS:
                    raise
                if self._fs.exists(self._path(key)):  # an old server: two writers at one instant are not told apart
                    return False
                self._fs.pipe_file(self._path(key), content)
        self._verify(key, content)
        return True

    def replace(self, key: str, content: bytes) -> None:
        """Write an object whole or not at all, in place of one that may be there."""
        with self._asking(key):
            self._fs.pipe_file(self._path(key), content)
        self._verify(key, content)

    def append(self, key: str, line: bytes) -> None:
        """Add a line to a journal: an object of its own under the next number, since objects cannot grow."""
        folder = _journal(key)
        number = self._last_line.get(folder) or self._highest(folder)
        while True:
            number += 1
            if self.create(f"{folder}/{number:08d}.json", line):
                self._last_line[folder] = number
                return

    def lines(self, key: str) -> list[bytes]:
        """Lines of a journal, oldest first."""
        return self.read_all(self._line_keys(key))

    def retain(self, key: str, is_kept: Callable[[bytes], bool]) -> None:
        """Take all other lines out of a journal."""
        keys = self._line_keys(key)
        for each, line in zip(keys, self.read_all(keys), strict=True):
            if not is_kept(line):
                self.remove(each)

    def move(self, key: str, target: str) -> None:
        """Give an object another key: the copy is there before the old one goes."""
        with self._asking(key):
            self._fs.cp_file(self._path(key), self._path(target))
            self._fs.rm_file(self._path(key))

    def remove(self, key: str) -> None:
        """Delete an object; one that is not there is fine."""
        with self._asking(key):
            try:
                self._fs.rm_file(self._path(key))
            except FileNotFoundError:
                return

    def leftovers(self) -> list[str]:
        """None: no PUT leaves a part behind."""
        return []

    def tidy(self) -> None:
        """Nothing to do: no PUT leaves a part behind."""

    def probe(self, size: int) -> None:
        """Nothing is tried: only the write itself would tell what room there is, and a failed PUT leaves nothing."""

    def _path(self, key: str) -> str:
        return str(self._fs._strip_protocol(f"{self.root}/{key}"))

    def _found(self, folder: str, prefix: str = "", *, is_deep: bool = True) -> list[str]:
        """Keys in a folder, sorted; all that lie deeper too unless a shallow listing will do."""
        base = self._path(folder)
        with self._asking(folder):
            try:
                if is_deep or prefix:
                    found = list(self._fs.find(base, detail=True, **({"prefix": prefix} if prefix else {})).values())
                else:
                    found = self._fs.ls(base, detail=True)
            except FileNotFoundError:
                return []
        paths = (str(each["name"]) for each in found if _is_file(each))
        keys = (f"{folder}/{path.removeprefix(f'{base}/')}" for path in paths if path.startswith(f"{base}/"))
        return sorted(key.removeprefix("/") for key in keys)

    def _line_keys(self, key: str) -> list[str]:
        folder = _journal(key)
        return [f"{folder}/{name}" for name in self.names(folder) if LINE.fullmatch(name)]

    def _highest(self, folder: str) -> int:
        return max((int(name[:8]) for name in self.names(folder) if LINE.fullmatch(name)), default=0)

    def _verify(self, key: str, content: bytes) -> None:
        """What the server says it holds, against what it was given; its ETag is an MD5 unless it encrypts."""
        with self._asking(key):
            held = self._fs.info(self._path(key))
            etag = str(held.get("ETag", "")).strip('"')
            is_same = held["size"] == len(content)
            if is_same and etag and etag != hashlib.md5(content, usedforsecurity=False).hexdigest():
                is_same = self._fs.cat_file(self._path(key)) == content
        if not is_same:
            raise RetrievalError(
                f"{self.address(key)}: the store holds {held['size']} bytes that differ from the {len(content)} written"
            )

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        try:
            yield
        except PermissionError as exc:
            raise CredentialsError(f"{self.address(key)}: access is refused: {_reason(exc)}; {REMEDY}") from exc
        except FileNotFoundError as exc:
            raise RetrievalError(f"{self.address(key)}: is not there") from exc
        except OSError as exc:
            raise RetrievalError(f"{self.address(key)}: {_reason(exc)}") from exc
        except _connection_faults() as exc:
            if type(exc).__name__ in NO_CREDENTIALS:
                raise CredentialsError(f"{self.address(key)}: {_reason(exc)}; {REMEDY}") from exc
            raise RetrievalError(f"{self.address(key)}: {_reason(exc)}") from exc


REMEDY = "expected credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in an AWS profile"
NO_CREDENTIALS = frozenset({"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"})


def _journal(key: str) -> str:
    return key.rpartition(".")[0]


def _is_file(listed: Mapping[str, Any]) -> bool:
    """Whether it is more than the mark of a folder, such as SeaweedFS lists for an empty one and a console makes."""
    return listed.get("type") != "directory" and not str(listed["name"]).endswith("/")


def _code(error: BaseException) -> str:
    """S3's word for the fault behind an error of s3fs, empty where there is none."""
    answer = getattr(error.__cause__, "response", None) or {}
    return str(answer.get("Error", {}).get("Code", ""))


def _connection_faults() -> tuple[type[Exception], ...]:
    """Faults of the connection that s3fs hands on as they are; there are none without the extra."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return ()
    return BotoCoreError, ClientError


def _reason(error: BaseException) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())
