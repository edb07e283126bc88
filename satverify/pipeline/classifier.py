"""The trained model that a run uses: the one that ships with satverify, or the one that a project names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from satverify.errors import ModelError
from satverify.inference.classifier.model import HeatModel
from satverify.inference.classifier.packing import unpack
from satverify.registry.models import read_model
from satverify.resources import resource_path

SHIPPED = "heat-1"
"""Name of the model that ships with satverify, in ``models/``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classifier:
    """A model, and what makes it this model."""

    model: HeatModel
    digest: str
    """SHA-256 of its weights."""


def read_classifier(folder: Path | None = None) -> Classifier:
    """Read a model and check that it fits this version's features.

    Parameters
    ----------
    folder
        With ``weights.npz`` and ``card.json``; none: the model that ships with satverify.

    Raises
    ------
    InputError
        A file is missing.
    ModelError
        The files are damaged, or the model was made for other features.
    """
    if folder is None:
        try:
            folder = resource_path("models", SHIPPED)
        except FileNotFoundError as exc:
            raise ModelError(str(exc)) from exc
    files = read_model(folder)
    return Classifier(model=unpack(files.arrays, files.card), digest=str(files.card["weights_sha256"]))
