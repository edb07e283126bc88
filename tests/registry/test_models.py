from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from satverify.errors import InputError, ModelError
from satverify.registry.models import CARD, CARD_TEXT, WEIGHTS, digest, read_model, weights_bytes, write_model

ARRAYS = {"a/trees/left": np.arange(5, dtype=np.int32), "a/scale": np.array([0.25, -1.0])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "m", ARRAYS, {"name": "m", "scores": None}, "# m\n")
    return tmp_path / "m"


def test_a_model_comes_back_as_it_was_written(folder: Path) -> None:
    files = read_model(folder)
    assert list(files.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(files.arrays[name], array, strict=True)
    assert files.card["scores"] is None
    assert (folder / CARD_TEXT).read_text("utf-8") == "# m\n"


def test_numpy_itself_reads_the_weights(folder: Path) -> None:
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["a/scale"], ARRAYS["a/scale"])


def test_the_bytes_depend_on_the_arrays_alone(folder: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "again", {name: array.copy() for name, array in ARRAYS.items()}, {"name": "m"}, "")
    assert (tmp_path / "again" / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()
    assert weights_bytes({**ARRAYS, "a/scale": np.array([0.25, -2.0])}) != (folder / WEIGHTS).read_bytes()


def test_one_changed_bit_of_the_weights_is_refused(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match="expected the SHA-256 of its card"):
        read_model(folder)


def test_weights_that_need_a_pickle_are_refused_though_the_card_vouches_for_them(folder: Path) -> None:
    with zipfile.ZipFile(folder / WEIGHTS, "w") as archive:
        head = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
        text = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
        archive.writestr("a.npy", head + text.ljust(117) + b"\n" + pickle.dumps([print]))
    card = json.loads((folder / CARD).read_text("utf-8"))
    card["weights_sha256"] = digest((folder / WEIGHTS).read_bytes())
    (folder / CARD).write_text(json.dumps(card), "utf-8")
    with pytest.raises(ModelError, match="without pickle"):
        read_model(folder)


def test_objects_are_not_written() -> None:
    with pytest.raises(ModelError, match="expected numbers, found objects"):
        weights_bytes({"a": np.array([None])})


@pytest.mark.parametrize("content", ["{", "[1, 2]", "[" * 100_000])
def test_a_card_that_is_no_card_is_refused(folder: Path, content: str) -> None:
    (folder / CARD).write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"card\.json: expected a model's card as"):
        read_model(folder)


@pytest.mark.parametrize("name", [WEIGHTS, CARD])
def test_a_missing_file_is_an_input_error_that_names_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        read_model(folder)


def test_weights_that_are_no_archive_are_refused(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"no zip")
    card = json.loads((folder / CARD).read_text("utf-8"))
    (folder / CARD).write_text(json.dumps({**card, "weights_sha256": digest(b"no zip")}), "utf-8")
    with pytest.raises(ModelError, match="expected arrays without pickle"):
        read_model(folder)
