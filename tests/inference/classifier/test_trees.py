from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from satverify.errors import ModelError
from satverify.inference.classifier.fitting import export_trees
from satverify.inference.classifier.trees import ROWS_AT_ONCE, Trees, log_odds


def ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(values, dtype=np.int32)


STUMP = Trees(
    roots=ints(0),
    input_index=ints(0, 0, 0),
    threshold=np.array([1.5, 0.0, 0.0]),
    is_left_when_missing=np.array([True, False, False]),
    left=ints(1, 1, 2),
    right=ints(2, 1, 2),
    value=np.array([0.0, -2.0, 3.0]),
    base=0.5,
)


def test_a_stump_does_what_can_be_read_off_it() -> None:
    inputs = np.array([[1.0], [1.5], [1.5000001], [np.nan]])
    np.testing.assert_array_equal(log_odds(STUMP, inputs), [-1.5, -1.5, 3.5, -1.5])


@pytest.mark.parametrize("rows", [0, 1, ROWS_AT_ONCE + 3])
def test_exported_trees_say_what_scikit_learn_says(rows: int) -> None:
    rng = np.random.default_rng(3)
    table = rng.normal(size=(600, 6))
    table[rng.random(table.shape) < 0.2] = np.nan
    is_yes = np.nan_to_num(table[:, 0]) + (np.isnan(table[:, 1]) - 0.5) + rng.normal(0, 0.5, 600) > 0
    fitted = HistGradientBoostingClassifier(max_iter=25, min_samples_leaf=5, early_stopping=False).fit(table, is_yes)
    asked = rng.normal(size=(rows, 6)) * 3
    asked[rng.random(asked.shape) < 0.3] = np.nan
    told = log_odds(export_trees(fitted), asked)
    if rows:
        np.testing.assert_allclose(1 / (1 + np.exp(-told)), fitted.predict_proba(asked)[:, 1], rtol=1e-12)
    assert told.shape == (rows,)


def test_no_trees_say_the_same_of_every_row() -> None:
    np.testing.assert_array_equal(log_odds(Trees.constant(-0.7), np.zeros((3, 2))), -0.7)


def test_trees_that_ask_for_more_inputs_than_there_are_are_refused() -> None:
    with pytest.raises(ModelError, match="expected at least 1 inputs, found 0"):
        log_odds(STUMP, np.zeros((2, 0)))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("left", ints(0, 1, 2)),
        ("right", ints(3, 1, 2)),
        ("left", ints(1, 0, 2)),
        ("value", np.array([0.0, np.nan, 1.0])),
        ("threshold", np.zeros(2)),
        ("roots", ints(-1)),
        ("input_index", ints(-1, 0, 0)),
    ],
)
def test_torn_trees_are_refused_rather_than_walked(
    name: str, array: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> None:
    fields = {field: getattr(STUMP, field) for field in Trees.__slots__}
    with pytest.raises(ModelError, match="trees"):
        Trees(**{**fields, name: array})


def test_a_model_is_used_without_scikit_learn() -> None:
    code = "import sys; import satverify.inference.classifier.looks, satverify.inference.classifier.packing; "
    code += "assert not any(name.split('.')[0] == 'sklearn' for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
