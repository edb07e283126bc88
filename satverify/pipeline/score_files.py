"""An evaluation as JSON."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from satverify.pipeline.evaluate import Evaluation
from satverify.pipeline.files import write_whole
from satverify.verification.naive import RULES
from satverify.verification.scores import WindowScore

SCHEMA = "satverify/scores/1"


def score_record(evaluation: Evaluation) -> dict[str, Any]:
    """Every score, with the keys that ``docs/evaluate.md`` names."""
    scores = evaluation.scores
    return {
        "schema": SCHEMA,
        "rules": dict(RULES),
        "windows": [_window(score) for score in scores.windows],
        "turns": _plain(scores.turns),
        "spells": _plain(scores.spells),
        "calibrations": _plain(scores.calibrations),
        "failed_sites": [failure.site_id for failure in evaluation.failed],
        "sites_in_no_project": list(evaluation.missing),
    }


def score_text(evaluation: Evaluation) -> str:
    """``score_record`` as a JSON document."""
    return json.dumps(score_record(evaluation), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_scores(path: Path, evaluation: Evaluation) -> None:
    """Write the JSON document whole or not at all.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """
    write_whole(path, score_text(evaluation).encode())


def _window(score: WindowScore) -> dict[str, Any]:
    record: dict[str, Any] = {name: value for name, value in _plain(score).items() if name != "tally"}
    counted: dict[str, Any] = _plain(score.tally)
    return {**record, **counted, "decided_share": score.tally.decided_share}


def _plain(value: object) -> Any:  # noqa: ANN401 -- whatever JSON holds
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
