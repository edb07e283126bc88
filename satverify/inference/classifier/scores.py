"""How well looks tell working from halted units: tables in, numbers out, with intervals from redrawing sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.inference.classifier.model import ABSTAIN

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]
Statistic: TypeAlias = Callable[[pd.DataFrame], float]

DRAWS = 200
"""Redrawings of the sites; the ends of an interval of 95 % then scatter by some tenth of its width."""

LEVEL = 0.95
"""Of the intervals. [1]"""

PERSISTENT = 0.1
"""Share of clear scenes in which a place must be hot for DAFI; the tenth is that of Faruolo et al. [1]"""

SCORED_COLUMNS = {
    "site_id": "str",
    "is_working": "bool",
    "log_ratio": "float64",
    "is_hot": "bool",
    "is_settled": "bool",
}
"""Looks to score: ``log_ratio`` is that of working against halted, ``is_hot`` our own answer on its
pixels; ``is_settled`` says that the unit did not start or stop in the days before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A score, and where it lies if the sites are drawn anew."""

    value: float | None
    """None where it is not defined, such as a share of no looks."""
    low: float | None
    high: float | None


def decided(looks: pd.DataFrame) -> Booleans:
    """True where a look has not abstained, shape (rows,)."""
    return np.asarray(looks["log_ratio"].abs() >= ABSTAIN)


def abstained_share(looks: pd.DataFrame) -> float:
    """Share of looks that favour neither, NaN without looks. [0, 1]"""
    return float(1 - decided(looks).mean()) if len(looks) else float("nan")


def balanced_accuracy(says_working: Booleans, is_working: Booleans) -> float:
    """Mean of the shares of working and of halted looks that are told right, NaN unless there are both. [0, 1]"""
    if is_working.all() or not is_working.any():
        return float("nan")
    return float((says_working[is_working].mean() + (~says_working[~is_working]).mean()) / 2)


def decided_accuracy(looks: pd.DataFrame) -> float:
    """Balanced accuracy of the looks that have not abstained. [0, 1]"""
    told = looks[decided(looks)]
    return balanced_accuracy((told["log_ratio"] > 0).to_numpy(), told["is_working"].to_numpy(dtype=bool))


def settled_accuracy(looks: pd.DataFrame) -> float:
    """The same of looks at units that did not change lately. [0, 1]"""
    return decided_accuracy(looks[looks["is_settled"]])


def users_accuracy(says: Booleans, is_so: Booleans) -> float:
    """Share of those said to be so that are, NaN where nothing is said. [0, 1]"""
    return float(is_so[says].mean()) if says.any() else float("nan")


def producers_accuracy(says: Booleans, is_so: Booleans) -> float:
    """Share of those that are so that are said to be, NaN where nothing is. [0, 1]"""
    return float(says[is_so].mean()) if is_so.any() else float("nan")


def false_hit_share(looks: pd.DataFrame) -> float:
    """Share of looks at halted units that are called hot, NaN without any. [0, 1]"""
    return users_accuracy(~looks["is_working"].to_numpy(dtype=bool), looks["is_hot"].to_numpy(dtype=bool))


def probability(looks: pd.DataFrame) -> Floats:
    """P(working) at a neutral prior, shape (rows,). [0, 1]"""
    return np.asarray(1 / (1 + np.exp(-looks["log_ratio"].to_numpy(dtype=np.float64))))


def by_site(
    rng: np.random.Generator, looks: pd.DataFrame, statistics: Mapping[str, Statistic], draws: int = DRAWS
) -> dict[str, Interval]:
    """Scores of all looks, and their intervals when as many sites are drawn with replacement.

    Parameters
    ----------
    rng
        Where the drawing comes from.
    looks
        A table with ``site_id`` and whatever the statistics read.
    statistics
        Numbers of a table by name; NaN where one is not defined, and such draws are left out.
    draws
        How often sites are drawn.

    Raises
    ------
    InputError
        For less than one draw.
    """
    if draws < 1:
        raise InputError(f"redrawing sites: expected one draw or more, found {draws}")
    rows = [np.asarray(each) for _, each in sorted(looks.reset_index(drop=True).groupby("site_id").indices.items())]
    found: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(draws if rows else 0):
        chosen = rng.integers(0, len(rows), len(rows))
        drawn = looks.iloc[np.concatenate([rows[each] for each in chosen])]
        for name, statistic in statistics.items():
            found[name].append(statistic(drawn))
    return {name: _interval(statistic(looks), found[name]) for name, statistic in statistics.items()}


def _interval(value: float, drawn: Sequence[float]) -> Interval:
    kept = [each for each in drawn if np.isfinite(each)]
    if not kept or not np.isfinite(value):
        return Interval(value=None, low=None, high=None)
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value=value, low=float(low), high=float(high))


def baseline_answers(looks: pd.DataFrame) -> Mapping[str, Booleans]:
    """What the published methods by themselves say of each look: hot, and so working, or not.

    Parameters
    ----------
    looks
        Rows with ``HEAT_COLUMNS``; a method whose bands the sensor lacks finds nothing.

    Returns
    -------
    TAI alone, NHI alone, and NHI where it persists (DAFI), each of shape (rows,).
    """
    tai, nhi = (looks[name].fillna(0.0).to_numpy() > 0 for name in ("tai_pixels", "nhi_pixels"))
    lasts = looks["persistence"].fillna(0.0).to_numpy() >= PERSISTENT
    return {"tai": tai, "nhi": nhi, "dafi": nhi & lasts}


def by_local_day(looks: pd.DataFrame) -> pd.DataFrame:
    """Looks of all sensors at one unit on one local day as one: what they say together.

    Parameters
    ----------
    looks
        ``SCORED_COLUMNS``, ``unit_id`` and ``local_day``.

    Returns
    -------
    ``SCORED_COLUMNS``, by site, unit and day. A day on which the unit both worked and stood is left out.
    """
    days = looks.groupby(["site_id", "unit_id", "local_day"], sort=True)
    table = days.agg(
        log_ratio=("log_ratio", "sum"),
        is_hot=("is_hot", "any"),
        is_working=("is_working", "any"),
        is_settled=("is_settled", "all"),
        is_always=("is_working", "all"),
    ).reset_index()
    whole = table[table["is_working"] == table["is_always"]].reset_index(drop=True)
    return whole[list(SCORED_COLUMNS)].astype(SCORED_COLUMNS)
