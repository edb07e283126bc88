"""Boosted decision trees as plain arrays: what a library fitted, read and evaluated without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.errors import ModelError

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int32]

ROWS_AT_ONCE = 2048  # rows x trees that are walked together then stay in the processor's cache
NODE_FIELDS = ("input_index", "threshold", "is_left_when_missing", "left", "right", "value")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """A sum of trees that gives log-odds. Nodes of all trees stand in one list; a leaf leads to itself."""

    roots: Indices
    """First node of each tree, shape (trees,)."""
    input_index: Indices
    """Column of the inputs that each node asks about, shape (nodes,)."""
    threshold: Floats
    """Up to and with it a row goes left, shape (nodes,)."""
    is_left_when_missing: NDArray[np.bool_]
    """Whether NaN goes left, as the trees learned, shape (nodes,)."""
    left: Indices
    """Node to the left, shape (nodes,)."""
    right: Indices
    """Node to the right, shape (nodes,)."""
    value: Floats
    """Log-odds that a leaf adds, shape (nodes,)."""
    base: float
    """Log-odds before any tree."""

    def __post_init__(self) -> None:
        nodes = len(self.value)
        sizes = {name: getattr(self, name).shape for name in NODE_FIELDS}
        if set(sizes.values()) != {(nodes,)}:
            raise ModelError(f"trees: expected arrays of one length, found {sizes}")
        for name in ("roots", "left", "right"):
            places = getattr(self, name)
            if len(places) and (places.min() < 0 or places.max() >= nodes):
                raise ModelError(f"trees: {name} points outside of the {nodes} nodes")
        if np.any(self.input_index < 0) or not np.all(np.isfinite(self.value)) or not np.isfinite(self.base):
            raise ModelError("trees: expected finite values and inputs counted from 0")
        is_leaf = self.left == np.arange(nodes)
        ahead = np.minimum(self.left, self.right) > np.arange(nodes)
        if not np.all(ahead | (is_leaf & (self.right == self.left))):
            raise ModelError("trees: a node leads back to an earlier one, so that a walk might never end")

    @classmethod
    def constant(cls, base: float) -> Trees:
        """No tree at all: the same log-odds for every row."""
        none, real = np.zeros(0, dtype=np.int32), np.zeros(0)
        return cls(
            roots=none,
            input_index=none,
            threshold=real,
            is_left_when_missing=np.zeros(0, dtype=np.bool_),
            left=none,
            right=none,
            value=real,
            base=base,
        )


def log_odds(trees: Trees, inputs: Floats) -> Floats:
    """Sum of the leaves that each row comes to.

    Parameters
    ----------
    trees
        Fitted.
    inputs
        Shape (rows, inputs); NaN goes the way the trees learned.

    Returns
    -------
    Shape (rows,). [1]

    Raises
    ------
    ModelError
        The trees ask about a column that is not there.
    """
    asked = int(trees.input_index.max(initial=-1))
    if asked >= inputs.shape[1]:
        raise ModelError(f"trees: expected at least {asked + 1} inputs, found {inputs.shape[1]}")
    total = np.full(len(inputs), trees.base)
    if len(trees.roots):
        for first in range(0, len(inputs), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            total[rows] += trees.value[_leaves(trees, inputs[rows])].sum(axis=1)
    return total


def _leaves(trees: Trees, inputs: Floats) -> Indices:
    """Leaf of each row in each tree, shape (rows, trees)."""
    node = np.broadcast_to(trees.roots, (len(inputs), len(trees.roots)))
    row = np.arange(len(inputs))[:, np.newaxis]
    while True:
        seen = inputs[row, trees.input_index[node]]
        with np.errstate(invalid="ignore"):
            goes_left = np.where(np.isnan(seen), trees.is_left_when_missing[node], seen <= trees.threshold[node])
        following = np.where(goes_left, trees.left[node], trees.right[node])
        if np.array_equal(following, node):
            return following
        node = following
