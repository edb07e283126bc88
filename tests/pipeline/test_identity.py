from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.findings import Statement, Verdict
from satverify.errors import InputError
from satverify.pipeline.identity import code_hash, file_hash, value_hash

SCALARS = st.one_of(st.none(), st.text(), st.integers(), st.floats(allow_nan=False), st.dates())
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


@given(one=VALUES, other=VALUES)
def test_equal_values_have_equal_hashes_and_different_ones_do_not(one: object, other: object) -> None:
    assert (value_hash(one) == value_hash(other)) == (repr(one) == repr(other))


def test_what_looks_alike_is_told_apart() -> None:
    alike = [("ab", "c"), ("a", "bc"), ("abc",), "abc", (("ab", "c"),), 1, 1.0, "1", None, "None", date(2021, 1, 1)]
    assert len({value_hash(value) for value in [*alike, Verdict.CONSISTENT, "consistent", Statement(code="a")]}) == 14


def test_text_columns_are_not_run_together() -> None:
    one = pd.DataFrame({"a": pd.Series(["x\x1fy", "z"], dtype="str")})
    other = pd.DataFrame({"a": pd.Series(["x", "y\x1fz"], dtype="str")})
    missing = pd.DataFrame({"a": pd.Series(["x\x1fy", None], dtype="str")})
    assert len({value_hash(frame) for frame in (one, other, missing)}) == 3


def test_columns_are_told_apart_by_name_and_type() -> None:
    numbers = pd.DataFrame({"a": [1, 2]})
    frames = [numbers, numbers.rename(columns={"a": "b"}), numbers.astype("uint64"), numbers.iloc[::-1]]
    assert len({value_hash(frame) for frame in frames}) == 4


def test_a_kind_of_value_without_a_lasting_hash_is_a_fault() -> None:
    with pytest.raises(TypeError, match="set"):
        value_hash({1, 2})


def test_a_file_has_the_hash_that_others_compute(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, example "abc"
    assert file_hash(tmp_path / "a") == known
    with pytest.raises(InputError, match="cannot be read"):
        file_hash(tmp_path / "b")


def test_the_code_has_one_hash_while_it_does_not_change() -> None:
    assert code_hash() == code_hash()
    assert len(code_hash()) == 64
