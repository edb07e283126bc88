from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from satverify.domain.heat import FEATURES_VERSION, HEAT_COLUMNS
from satverify.errors import ModelError
from satverify.inference.classifier.fitting import Fitted
from satverify.inference.classifier.inputs import INPUTS
from satverify.inference.classifier.model import state_log_likelihood
from satverify.inference.classifier.packing import interface_of, pack, unpack
from tests.inference.classifier.conftest import LOOKS

GROUP = "sentinel-2-l1c/blast_furnace"
TREES = "sentinel-2-l1c/working"


def test_a_model_comes_back_with_the_same_answers(fitted: Fitted) -> None:
    again = unpack(pack(fitted.model), interface_of(fitted.model))
    assert again.name == "made"
    np.testing.assert_array_equal(state_log_likelihood(again, LOOKS), state_log_likelihood(fitted.model, LOOKS))
    for key, group in fitted.model.groups.items():
        assert again.groups[key].visibility == group.visibility


def test_no_array_needs_a_pickle(fitted: Fitted) -> None:
    assert not any(array.dtype.hasobject for array in pack(fitted.model).values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"features_version": FEATURES_VERSION + 1}, f"features_version {FEATURES_VERSION + 1}, this version"),
        ({"inputs": [*INPUTS, "smell"]}, r"inputs \['smell'\] not known here"),
        ({"inputs": list(INPUTS[:-1])}, rf"inputs \['{INPUTS[-1]}'\] not known to it"),
        ({"inputs": [INPUTS[1], INPUTS[0], *INPUTS[2:]]}, "inputs in another order"),
        ({"columns": list(HEAT_COLUMNS)[1:]}, r"columns \['site_id'\] not known to it"),
        ({"conditions": []}, "conditions"),
        ({"significant_digits": 12}, "significant_digits 12"),
        ({"schema": "satverify/heat-model/0"}, "schema"),
        ({"schema": None}, "schema"),
    ],
)
def test_a_model_made_for_other_features_is_refused_with_a_sentence(
    fitted: Fitted, change: dict[str, Any], said: str
) -> None:
    card = {**interface_of(fitted.model), **change}
    with pytest.raises(ModelError, match=rf"^model made: its card does not fit the features: {said}.*train it again"):
        unpack(pack(fitted.model), card)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        (f"{TREES}/value", None),
        (f"{TREES}/value", np.zeros(3, dtype=np.float32)),
        (f"{TREES}/threshold", np.zeros(1)),
        (f"{TREES}/input_index", None),
        (f"{GROUP}/detection", np.zeros(3)),
        (f"{GROUP}/visibility", np.array([1.2, 3.0])),
        (f"{GROUP}/working", np.array([-1.0, 0.0, 0.0])),
        ("another/kind/middle", np.zeros(7)),
    ],
)
def test_arrays_that_do_not_fit_the_card_are_refused(fitted: Fitted, name: str, array: Any) -> None:  # noqa: ANN401
    arrays = pack(fitted.model)
    arrays.pop(name, None)
    if array is not None:
        arrays[name] = array
    with pytest.raises(ModelError):
        unpack(arrays, interface_of(fitted.model))


def test_trees_that_ask_about_inputs_that_do_not_exist_are_refused(fitted: Fitted) -> None:
    arrays = pack(fitted.model)
    asked = arrays[f"{TREES}/input_index"].copy()
    asked[0] = len(INPUTS)
    with pytest.raises(ModelError, match="ask about inputs that do not exist"):
        unpack({**arrays, f"{TREES}/input_index": asked}, interface_of(fitted.model))


@pytest.mark.parametrize("groups", [None, [], [["sentinel-2-l1c"]], [["sentinel-2-l1c", 3]]])
def test_a_card_that_lists_no_groups_is_refused(fitted: Fitted, groups: Any) -> None:  # noqa: ANN401
    with pytest.raises(ModelError, match="lists no groups"):
        unpack(pack(fitted.model), {**interface_of(fitted.model), "groups": groups})
