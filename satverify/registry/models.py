"""The only reader and writer of trained models: ``weights.npz`` without pickle, and a card as JSON and as text.

The same arrays give the same bytes wherever they are written: entries have no date and are not compressed.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from satverify.errors import InputError, ModelError
from satverify.registry.files import file_bytes, write_whole

Array: TypeAlias = NDArray[Any]

WEIGHTS, CARD, CARD_TEXT = "weights.npz", "card.json", "card.md"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP file can say; a true one would change the bytes."""
LARGEST = 256 * 2**20
"""No array of a model takes more; a header that claims to would fill the memory. [byte]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelFiles:
    """What the folder of a model holds."""

    arrays: Mapping[str, Array]
    """By name, in the order of the file."""
    card: Mapping[str, Any]
    """What is said of the model: where it came from, what it takes, how good it is."""


def weights_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Arrays as the bytes of an ``.npz`` file, the same for the same arrays.

    Raises
    ------
    ModelError
        An array holds objects, which only a pickle could carry.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise ModelError(f"array {name}: expected numbers, found objects")
            content = io.BytesIO()
            npy.write_array(content, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=FIRST_DATE)
            entry.create_system = 3  # as on Unix, wherever it is written
            archive.writestr(entry, content.getvalue())
    return buffer.getvalue()


def card_bytes(card: Mapping[str, Any]) -> bytes:
    """A card as the bytes of its file; a number that JSON does not have is a fault of whoever wrote the card."""
    return (json.dumps(card, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def digest(content: bytes) -> str:
    """SHA-256 of a file, as cards carry it."""
    return hashlib.sha256(content).hexdigest()


def write_model(folder: Path, arrays: Mapping[str, Array], card: Mapping[str, Any], text: str) -> None:
    """Write a model; the hash of its weights is put on the card, which is written last.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    ModelError
        An array holds objects.
    """
    weights = weights_bytes(arrays)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(f"{folder}: cannot be made: {exc.strerror or exc}") from exc
    write_whole(folder / WEIGHTS, weights)
    write_whole(folder / CARD_TEXT, text.encode())
    write_whole(folder / CARD, card_bytes({**card, "weights_sha256": digest(weights)}))


def read_model(folder: Path) -> ModelFiles:
    """Read a model and check that the weights are those of the card.

    Raises
    ------
    InputError
        A file is missing or cannot be opened.
    ModelError
        The card is no card, or the weights are not those that it was written for.
    """
    card = _card(folder / CARD)
    weights = file_bytes(folder / WEIGHTS)
    expected, found = card.get("weights_sha256"), digest(weights)
    if expected != found:
        raise ModelError(f"{folder / WEIGHTS}: expected the SHA-256 of its card, {expected}, found {found}")
    return ModelFiles(arrays=_arrays(folder / WEIGHTS, weights), card=card)


def _card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(file_bytes(path))
    except (ValueError, RecursionError) as exc:
        if isinstance(exc, InputError):
            raise
        raise ModelError(f"{path}: expected a model's card as JSON, found {exc}") from exc
    if not isinstance(card, dict):
        raise ModelError(f"{path}: expected a model's card as a JSON object, found {type(card).__name__}")
    return card


def _arrays(path: Path, content: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.file_size > LARGEST or not entry.filename.endswith(".npy"):
                    raise ModelError(f"{path}: expected arrays of less than {LARGEST} bytes, found {entry.filename}")
                with archive.open(entry) as file:
                    name = entry.filename.removesuffix(".npy")
                    arrays[name] = npy.read_array(file, allow_pickle=False)
    except (ValueError, OSError, zipfile.BadZipFile, NotImplementedError, MemoryError) as exc:
        if isinstance(exc, ModelError):
            raise
        raise ModelError(f"{path}: expected arrays without pickle, found {exc}") from exc
    return arrays
