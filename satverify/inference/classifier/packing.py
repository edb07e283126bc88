"""A heat model as named arrays and facts, and back: what a file can hold without running any code when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.heat import FEATURES_VERSION, HEAT_COLUMNS
from satverify.errors import ModelError
from satverify.inference.classifier.inputs import DIGITS, INPUTS
from satverify.inference.classifier.model import CONDITIONS, Detection, Group, GroupKey, HeatModel, Question
from satverify.inference.classifier.trees import NODE_FIELDS, Trees
from satverify.inference.visibility import Visibility

Array: TypeAlias = NDArray[Any]

SCHEMA = "satverify/heat-model/1"
NODE_TYPES: Mapping[str, type[np.generic]] = {
    "roots": np.int32,
    "input_index": np.int32,
    "threshold": np.float64,
    "is_left_when_missing": np.bool_,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
}
QUESTIONS = ("working", "full")


def interface_of(model: HeatModel) -> dict[str, Any]:
    """What a card says of the numbers that its model takes: read back, they must be those of this version."""
    return {
        "schema": SCHEMA,
        "name": model.name,
        "features_version": FEATURES_VERSION,
        "columns": list(HEAT_COLUMNS),
        "inputs": list(INPUTS),
        "conditions": list(CONDITIONS),
        "significant_digits": DIGITS,
        "groups": [list(key) for key in sorted(model.groups)],
    }


def require_fit(card: Mapping[str, Any]) -> None:
    """Refuse a model that was made for other features than these.

    Raises
    ------
    ModelError
        The card lacks a fact, or says another one than this version of satverify has; the sentence names both.
    """
    name = card.get("name", "without a name")
    known = {
        "schema": SCHEMA,
        "features_version": FEATURES_VERSION,
        "columns": list(HEAT_COLUMNS),
        "inputs": list(INPUTS),
        "conditions": list(CONDITIONS),
        "significant_digits": DIGITS,
    }
    for fact, expected in known.items():
        found = card.get(fact)
        if found == expected:
            continue
        if isinstance(expected, list) and isinstance(found, list):
            strange = [each for each in found if each not in expected]
            absent = [each for each in expected if each not in found]
            parts = [f"{each} not known {where}" for each, where in ((absent, "to it"), (strange, "here")) if each]
            told = f"{fact} {', '.join(parts) or 'in another order'}"
        else:
            told = f"{fact} {found!r}, this version of satverify has {expected!r}"
        raise ModelError(f"model {name}: its card does not fit the features: {told}; train it again (satverify train)")


def pack(model: HeatModel) -> dict[str, Array]:
    """Arrays of a model by name, in a fixed order and of fixed types; the trees of a sensor once for all its kinds.

    Raises
    ------
    ModelError
        Groups of one sensor have different trees.
    """
    arrays: dict[str, Array] = {}
    trees: dict[str, Trees] = {}
    for sensor, kind in sorted(model.groups):
        group, stem = model.groups[sensor, kind], f"{sensor}/{kind}"
        for asked in QUESTIONS:
            question: Question = getattr(group, asked)
            place = f"{sensor}/{asked}"
            if trees.setdefault(place, question.trees) is not question.trees:
                raise ModelError(f"model {model.name}: expected one set of trees for {place}, found several")
            numbers = [question.slope, question.offset, question.prior]
            arrays[f"{stem}/{asked}"] = np.array(numbers, dtype=np.float64)
        arrays[f"{stem}/visibility"] = np.array([group.visibility.mean, group.visibility.strength], dtype=np.float64)
        arrays[f"{stem}/detection"] = np.ascontiguousarray(group.detection.coefficients, dtype=np.float64)
        arrays[f"{stem}/middle"] = np.ascontiguousarray(group.detection.middle, dtype=np.float64)
    for place, each in sorted(trees.items()):
        for name, dtype in NODE_TYPES.items():
            arrays[f"{place}/{name}"] = np.ascontiguousarray(getattr(each, name), dtype=dtype)
        arrays[f"{place}/base"] = np.array([each.base], dtype=np.float64)
    return arrays


def unpack(arrays: Mapping[str, Array], card: Mapping[str, Any]) -> HeatModel:
    """A model from its arrays and its card.

    Raises
    ------
    ModelError
        The card does not fit the features, or the arrays do not fit the card.
    """
    require_fit(card)
    name = str(card.get("name", ""))
    left, keys = dict(arrays), _keys(card)
    trees = {
        (sensor, asked): _trees(left, name, f"{sensor}/{asked}")
        for sensor in sorted({sensor for sensor, _ in keys})
        for asked in QUESTIONS
    }
    groups = {
        (sensor, kind): _group(left, name, f"{sensor}/{kind}", *(trees[sensor, asked] for asked in QUESTIONS))
        for sensor, kind in keys
    }
    if left:
        raise ModelError(f"model {name}: expected arrays of the groups on its card only, found {sorted(left)[:3]}")
    return HeatModel(name=name, groups=groups)


def _group(left: dict[str, Array], name: str, stem: str, working: Trees, full: Trees) -> Group:
    """One group; its arrays are taken out of those that are left."""
    mean, strength = _taken(left, name, f"{stem}/visibility", np.float64, 2).tolist()
    if not (0 < mean < 1 and strength > 0):
        raise ModelError(f"model {name}: visibility of {stem}: expected a mean in (0, 1), found {mean}")
    return Group(
        working=_question(left, name, f"{stem}/working", working),
        full=_question(left, name, f"{stem}/full", full),
        detection=Detection(
            coefficients=_taken(left, name, f"{stem}/detection", np.float64, len(CONDITIONS) + 1),
            middle=_taken(left, name, f"{stem}/middle", np.float64, len(CONDITIONS)),
        ),
        visibility=Visibility(mean=mean, strength=strength),
    )


def _question(left: dict[str, Array], name: str, key: str, trees: Trees) -> Question:
    slope, offset, prior = _taken(left, name, key, np.float64, 3).tolist()
    return Question(trees=trees, slope=slope, offset=offset, prior=prior)


def _trees(left: dict[str, Array], name: str, stem: str) -> Trees:
    (base,) = _taken(left, name, f"{stem}/base", np.float64, 1).tolist()
    nodes = {each: _taken(left, name, f"{stem}/{each}", dtype) for each, dtype in NODE_TYPES.items()}
    if len({len(nodes[each]) for each in NODE_FIELDS}) != 1 or nodes["input_index"].max(initial=-1) >= len(INPUTS):
        raise ModelError(f"model {name}: trees of {stem} ask about inputs that do not exist, or are torn")
    return Trees(base=base, **nodes)


def _taken(left: dict[str, Array], name: str, key: str, dtype: type[np.generic], size: int | None = None) -> Array:
    """An array of a type and length."""
    found = left.pop(key, None)
    if found is None or found.dtype != np.dtype(dtype) or found.ndim != 1 or size not in (None, len(found)):
        told = "none" if found is None else f"{found.dtype} of shape {found.shape}"
        wanted = np.dtype(dtype).name if size is None else f"{size} of {np.dtype(dtype).name}"
        raise ModelError(f"model {name}: array {key}: expected {wanted}, found {told}")
    return found


def _keys(card: Mapping[str, Any]) -> list[GroupKey]:
    keys = card.get("groups")
    is_pairs = isinstance(keys, list) and all(
        isinstance(key, list) and len(key) == 2 and all(isinstance(word, str) for word in key) for key in keys
    )
    if not is_pairs or not keys:
        raise ModelError(f"model {card.get('name')}: its card lists no groups of sensor and kind of unit")
    return [(sensor, kind) for sensor, kind in keys]
