"""Scores of a trained model on sites that it never saw, beside the published methods on the same looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from satverify.domain.looks import Quality, State
from satverify.domain.sites import STAYS_HOT
from satverify.inference.classifier.fitting import logistic_answers
from satverify.inference.classifier.inputs import inputs_of
from satverify.inference.classifier.looks import local_days
from satverify.inference.classifier.model import (
    ANY_KIND,
    HeatModel,
    grouped_rows,
    state_log_likelihood,
    working_log_ratio,
)
from satverify.inference.classifier.scores import (
    SCORED_COLUMNS,
    Statistic,
    abstained_share,
    balanced_accuracy,
    baseline_answers,
    by_local_day,
    by_site,
    decided,
    decided_accuracy,
    false_hit_share,
    probability,
    producers_accuracy,
    settled_accuracy,
    users_accuracy,
)
from satverify.verification.calibration import calibration

ALL_SENSORS = "all, by local day"
LEAST_SITES = 4
"""Test sites below which a score says more of these sites than of the model."""

DIGITS = 4
ENDS = ("value", "low", "high")


def scored_groups(
    model: HeatModel, learned: pd.DataFrame, unseen: pd.DataFrame, timezone: str, seed: int
) -> list[dict[str, Any]]:
    """Scores of each sensor and kind of unit, and of all sensors together, as a card has them.

    Kinds at fewer than ``LEAST_SITES`` test sites are left out.

    Parameters
    ----------
    model
        Trained on ``learned``.
    learned, unseen
        Looks with their ``state``, of the sites to learn from and of the test sites.
    timezone
        IANA name of the sites' local time.
    seed
        Of the redrawing of sites.
    """
    table = _scorable(model, unseen, timezone)
    clear = table[(table["quality"] == Quality.CLEAR) & table["is_known"]]
    found = []
    for sensor, kind in sorted(set(zip(clear["sensor"], clear["kind"], strict=True))):
        rows = clear[(clear["sensor"] == sensor) & (clear["kind"] == kind)]
        if rows["site_id"].nunique() >= LEAST_SITES:
            rows = rows.assign(**_logistic(model, learned, rows, sensor, kind))
            found.append(_scores(rows, sensor, kind, seed))
    for kind in sorted(set(clear["kind"])):
        days = by_local_day(clear[clear["kind"] == kind])
        if days["site_id"].nunique() >= LEAST_SITES:
            found.append(_scores(days, ALL_SENSORS, kind, seed))
    return found


def cold_sites(unseen: pd.DataFrame, seed: int) -> dict[str, Any]:
    """False hits at sites where nothing ever was hot, in clear looks."""
    halted = unseen.groupby("site_id")["level"].transform("max") == 0
    looks = unseen[halted & (unseen["quality"] == Quality.CLEAR)]
    table = looks.assign(is_working=False, log_ratio=0.0, is_settled=True, is_hot=looks["hot_pixels"] > 0)
    return {
        "looks": len(table),
        "sites": int(table["site_id"].nunique()),
        "false_hits": _intervals(table[list(SCORED_COLUMNS)], {"hot": false_hit_share}, seed)["hot"],
    }


def _scorable(model: HeatModel, unseen: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Looks with what the model says of them."""
    chosen = unseen[~unseen["kind"].isin([str(kind) for kind in STAYS_HOT])].reset_index(drop=True)
    is_known = np.zeros(len(chosen), dtype=bool)
    for rows in grouped_rows(model, chosen).values():
        is_known[rows] = True
    return chosen.assign(
        is_known=is_known,
        log_ratio=working_log_ratio(state_log_likelihood(model, chosen)),
        is_working=(chosen["state"] != State.HALTED).to_numpy(),
        is_hot=(chosen["hot_pixels"] > 0).to_numpy(),
        local_day=local_days(chosen["time"], timezone),
    )


def _logistic(
    model: HeatModel, learned: pd.DataFrame, rows: pd.DataFrame, sensor: str, kind: str
) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
    """What logistic regression says of the same looks, trained on the same sites."""
    key = model.key(sensor, kind)
    of_group = (learned["sensor"] == sensor) & (learned["quality"] == Quality.CLEAR)
    if key is not None and key[1] != ANY_KIND:
        of_group &= learned["kind"] == kind
    group = learned[of_group]
    is_working = (group["state"] != State.HALTED).to_numpy()
    if is_working.all() or not is_working.any():
        return {}
    return {"says_logistic": logistic_answers(inputs_of(group), is_working, inputs_of(rows))}


def _scores(rows: pd.DataFrame, sensor: str, kind: str, seed: int) -> dict[str, Any]:
    """All scores of one row of the card. Reduced looks count as working, but not in the two recalls."""
    answers = dict(baseline_answers(rows)) if "tai_pixels" in rows else {}
    if "says_logistic" in rows:
        answers["logistic"] = rows["says_logistic"].to_numpy(dtype=bool)
    told = rows.assign(**{f"says_{name}": answer for name, answer in answers.items()})
    curve = calibration(probability(rows), rows["is_working"].to_numpy(dtype=bool), balanced=True)
    statistics = {**STATISTICS, **{name: _answer_accuracy(f"says_{name}") for name in answers}}
    columns = [*SCORED_COLUMNS, *(f"says_{name}" for name in answers)]
    found = _intervals(told[columns], statistics, seed)
    return {
        "sensor": sensor,
        "kind": kind,
        "looks": len(rows),
        "sites": int(rows["site_id"].nunique()),
        "working_looks": int(rows["is_working"].sum()),
        **{name: found[name] for name in STATISTICS},
        "baselines": {name: found[name] for name in answers},
        "calibration": [
            {
                "low": each.low,
                "cases": each.cases,
                "said": round(each.mean_probability, DIGITS),
                "true": round(each.share_true, DIGITS),
            }
            for each in curve.bins
        ],
    }


def _intervals(
    rows: pd.DataFrame, statistics: Mapping[str, Statistic], seed: int
) -> dict[str, dict[str, float | None]]:
    found = by_site(np.random.default_rng(seed), rows, statistics)
    return {
        name: {end: None if (value := getattr(each, end)) is None else round(value, DIGITS) for end in ENDS}
        for name, each in found.items()
    }


def _accuracy_of_all(rows: pd.DataFrame) -> float:
    return balanced_accuracy((rows["log_ratio"] > 0).to_numpy(), rows["is_working"].to_numpy(dtype=bool))


def _calibration_error(rows: pd.DataFrame) -> float:
    error = calibration(probability(rows), rows["is_working"].to_numpy(dtype=bool), balanced=True).expected_error
    return float("nan") if error is None else error


def _recall(*, is_working: bool) -> Callable[[pd.DataFrame], float]:
    """Share of decided looks at working or halted units that are told right."""

    def recall(rows: pd.DataFrame) -> float:
        told = rows[decided(rows)]
        says = (told["log_ratio"] > 0).to_numpy() == is_working
        return producers_accuracy(says, told["is_working"].to_numpy(dtype=bool) == is_working)

    return recall


def _hot(score: Callable[..., float]) -> Callable[[pd.DataFrame], float]:
    """A score of what is called hot, against what works."""
    return lambda rows: score(rows["is_hot"].to_numpy(dtype=bool), rows["is_working"].to_numpy(dtype=bool))


def _answer_accuracy(column: str) -> Callable[[pd.DataFrame], float]:
    return lambda rows: balanced_accuracy(rows[column].to_numpy(dtype=bool), rows["is_working"].to_numpy(dtype=bool))


STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        "balanced_accuracy": decided_accuracy,
        "settled_accuracy": settled_accuracy,
        "accuracy_of_all": _accuracy_of_all,
        "abstained": abstained_share,
        "expected_calibration_error": _calibration_error,
        "recall_running": _recall(is_working=True),
        "recall_halted": _recall(is_working=False),
        "users_accuracy": _hot(users_accuracy),
        "producers_accuracy": _hot(producers_accuracy),
        "false_hits": false_hit_share,
    }
)
"""Scores of every row of the card by name."""
