"""The model that a run uses, and what happens where it is none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from satverify.domain.heat import FEATURES_VERSION
from satverify.errors import InputError, ModelError
from satverify.pipeline import classifier
from satverify.pipeline.classifier import read_classifier
from tests.pipeline import archived


def test_a_model_of_the_projects_own_is_read_and_named_by_its_weights(tmp_path: Path) -> None:
    known = read_classifier(archived.write_simple_model(tmp_path / "mine"))
    assert known.model.name == "mine"
    assert known.model.groups.keys() == archived.simple_model().groups.keys()
    assert known.digest == hashlib.sha256((tmp_path / "mine/weights.npz").read_bytes()).hexdigest()


def test_the_model_that_ships_is_used_where_none_is_named() -> None:
    known = read_classifier()
    assert known.model.name == classifier.SHIPPED
    assert known.model.key("sentinel-2-l1c", "blast_furnace") is not None


def test_a_folder_without_a_model_is_an_input_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"card\.json"):
        read_classifier(tmp_path)


def test_a_model_that_does_not_ship_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "SHIPPED", "heat-none")
    with pytest.raises(ModelError, match="heat-none"):
        read_classifier()


def test_weights_other_than_those_of_the_card_are_refused(tmp_path: Path) -> None:
    folder = archived.write_simple_model(tmp_path / "mine")
    (folder / "weights.npz").write_bytes((folder / "weights.npz").read_bytes() + b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        read_classifier(folder)


def test_a_model_made_for_other_features_is_refused(tmp_path: Path) -> None:
    folder = archived.write_simple_model(tmp_path / "mine")
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"features_version": FEATURES_VERSION + 1}))
    with pytest.raises(ModelError, match="train it again"):
        read_classifier(folder)
