"""What makes a run this run: SHA-256 of its inputs, of each site's task, and of the code that judged."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from satverify import __version__
from satverify.errors import InputError

JUDGING = ("domain", "errors.py", "features", "inference", "physics", "pipeline/site.py", "verification")
"""Parts of the package that decide what a site's evidence gives; reading and showing do not."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as exc:
        raise InputError(f"{path.name}: cannot be read: {exc.strerror or exc}") from exc


@cache
def code_hash() -> str:
    """SHA-256 of the modules that decide what a site's evidence gives, and of the libraries' versions."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(repr((__version__, *sorted(library_versions().items()))).encode())
    for part in JUDGING:
        place = package / part
        for module in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if module.is_file():
                digest.update(module.relative_to(package).as_posix().encode() + b"\0" + module.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def library_versions() -> Mapping[str, str]:
    """Versions of the libraries that compute."""
    import scipy
    import shapely

    libraries = {"numpy": np, "pandas": pd, "scipy": scipy, "shapely": shapely}
    return {name: str(library.__version__) for name, library in libraries.items()}


def value_hash(value: object) -> str:
    """SHA-256 of a value made of frozen dataclasses, frames, geometries, enums, dates, numbers, text and tuples.

    Equal values give equal hashes on every machine; a value of another kind is a fault.
    """
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, value: object) -> None:
    if isinstance(value, pd.DataFrame):
        _feed_frame(digest, value)
    elif is_dataclass(value) and not isinstance(value, type):
        _feed_all(digest, type(value).__name__, {entry.name: getattr(value, entry.name) for entry in fields(value)})
    elif isinstance(value, BaseGeometry):
        _feed_bytes(digest, "geometry", value.wkb)
    elif isinstance(value, Mapping):
        _feed_all(digest, "mapping", value)
    elif isinstance(value, tuple | list):
        digest.update(f"sequence {len(value)};".encode())
        for item in value:
            _feed(digest, item)
    elif isinstance(value, Enum):
        _feed_bytes(digest, type(value).__name__, str(value.value).encode("utf-8", "surrogatepass"))
    elif isinstance(value, float):
        _feed_bytes(digest, "float", struct.pack("<d", value))
    elif value is None or isinstance(value, str | int | date | datetime):
        _feed_bytes(digest, type(value).__name__, str(value).encode("utf-8", "surrogatepass"))
    else:
        raise TypeError(f"{type(value).__name__} has no hash that lasts")


def _feed_all(digest: hashlib._Hash, kind: str, entries: Mapping[object, object] | Mapping[str, object]) -> None:
    digest.update(f"{kind} {len(entries)};".encode())
    for name, entry in sorted(entries.items(), key=lambda item: str(item[0])):
        _feed(digest, str(name))
        _feed(digest, entry)


def _feed_frame(digest: hashlib._Hash, frame: pd.DataFrame) -> None:
    digest.update(f"frame {len(frame)} {len(frame.columns)};".encode())
    for name in frame.columns:
        column = frame[name]
        _feed_bytes(digest, "column", f"{name} {column.dtype}".encode())
        kind = column.dtype.kind
        if kind in "mM":
            _feed_bytes(digest, "times", column.astype("int64").to_numpy().tobytes())
        elif kind in "biuf":
            _feed_bytes(digest, "numbers", np.ascontiguousarray(column.to_numpy()).tobytes())
        else:
            codes, words = pd.factorize(column)  # each word once: a column of names has few
            _feed_bytes(digest, "codes", codes.astype("<i8").tobytes())
            _feed(digest, tuple(str(word) for word in words))


def _feed_bytes(digest: hashlib._Hash, kind: str, content: bytes) -> None:
    digest.update(f"{kind} {len(content)};".encode() + content)
