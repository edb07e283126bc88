"""The card of a model as text: where it came from, how good it is beside the published methods, what it never saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

METHODS = {"tai": "TAI alone", "nhi": "NHI alone", "dafi": "NHI, persistent (DAFI)", "logistic": "Logistic regression"}

SCORES = {
    "balanced_accuracy": "balanced accuracy",
    "settled_accuracy": "settled",
    "abstained": "abstained",
    "expected_calibration_error": "ECE",
    "recall_running": "working told",
    "recall_halted": "halted told",
    "users_accuracy": "user's, hot",
    "producers_accuracy": "producer's, hot",
    "false_hits": "false hits",
}


def card_text(card: Mapping[str, Any]) -> str:
    """Write a card as Markdown.

    Parameters
    ----------
    card
        As ``satverify train`` makes it; see ``docs/classifier.md``.
    """
    return "\n".join([*_head(card), *_scores(card), *_baselines(card), *_calibration(card), *_limits(card), ""])


def _head(card: Mapping[str, Any]) -> Iterator[str]:
    data, splits = card["data"], card["splits"]
    yield f"# Heat model `{card['name']}`"
    yield ""
    yield card["purpose"]
    yield ""
    yield f"Features: version {card['features_version']} of the heat table, {len(card['inputs'])} inputs. "
    yield (
        f"Seed {card['seed']}. Made with "
        + ", ".join(f"{name} {what}" for name, what in card["made_with"].items())
        + "."
    )
    yield ""
    yield "## Data and splits"
    yield ""
    yield data["what"]
    yield ""
    yield f"{data['sites']} sites with {data['looks']} looks, {data['usable_looks']} of them usable, from "
    yield f"{data['first_day']} to {data['last_day']}. No site is in two parts: "
    yield f"{len(splits['develop'])} sites to learn from, in {splits['folds']} folds whose out-of-fold answers set the "
    yield f"calibration, and {len(splits['test'])} sites that were looked at once, for the scores below."
    yield ""


def _scores(card: Mapping[str, Any]) -> Iterator[str]:
    yield "## Scores on the test sites"
    yield ""
    yield card["scoring"]
    yield ""
    rows = [
        (row["sensor"], row["kind"], str(row["looks"]), str(row["sites"]), *(_interval(row[name]) for name in SCORES))
        for row in card["scores"]
    ]
    yield from _table(("sensor", "unit", "looks", "sites", *SCORES.values()), rows)
    cold = card["cold_sites"]
    yield ""
    yield f"At {cold['sites']} test sites without any heat, {_interval(cold['false_hits'])} of {cold['looks']} clear "
    yield "looks were called hot."
    yield ""


def _baselines(card: Mapping[str, Any]) -> Iterator[str]:
    yield "## The same looks by other methods"
    yield ""
    yield "Balanced accuracy where every look must be answered; ours without abstaining in the first column."
    yield ""
    yield from _table(
        ("sensor", "unit", "this model", *METHODS.values()),
        [
            (
                row["sensor"],
                row["kind"],
                _interval(row["accuracy_of_all"]),
                *(_interval(row["baselines"].get(name)) for name in METHODS),
            )
            for row in card["scores"]
        ],
    )
    yield ""


def _calibration(card: Mapping[str, Any]) -> Iterator[str]:
    yield "## Calibration"
    yield ""
    yield "P(working) at a neutral prior, and the share that did work, both states weighted alike."
    yield ""
    rows = [
        (
            row["sensor"],
            row["kind"],
            f"{each['low']:.1f}",
            str(each["cases"]),
            f"{each['said']:.3f}",
            f"{each['true']:.3f}",
        )
        for row in card["scores"]
        for each in row["calibration"]
    ]
    yield from _table(("sensor", "unit", "from", "looks", "said", "happened"), rows)
    yield ""


def _limits(card: Mapping[str, Any]) -> Iterator[str]:
    yield "## What it was never shown"
    yield ""
    yield from (f"- {each}" for each in card["never_shown"])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def _interval(score: Mapping[str, float | None] | None) -> str:
    """A score with its interval, as per cent."""
    if score is None or score["value"] is None:
        return "-"
    value, low, high = (100 * float(score[name] or 0.0) for name in ("value", "low", "high"))
    return f"{value:.1f} % ({low:.1f}-{high:.1f})"
