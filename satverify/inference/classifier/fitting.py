"""Learning a heat model from looks whose truth is known. Needed for training only: it is what imports scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from satverify.domain.looks import USABLE, Quality, State
from satverify.domain.sites import STAYS_HOT
from satverify.errors import ModelError
from satverify.inference.classifier.inputs import DIRECTIONS, INPUTS, inputs_of
from satverify.inference.classifier.model import (
    ABSTAIN,
    ANY_KIND,
    CONDITIONS,
    SURE,
    Booleans,
    Detection,
    Floats,
    Group,
    GroupKey,
    HeatModel,
    Question,
    design,
    joined_answers,
)
from satverify.inference.classifier.trees import Trees, log_odds
from satverify.inference.visibility import LEAST_SHARE, QUANTILES, RUNNING, Visibility

Integers: TypeAlias = NDArray[np.intp]

FOLDS = 5
"""Parts of the sites; each is predicted by trees that never saw it, and those predictions set the calibration."""

LEAST_SITES = 10
"""Sites on which both answers of a question must occur, for it to be asked of a kind of unit by itself."""

LEARNING = {
    "learning_rate": 0.08,
    "max_iter": 80,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
}
"""Of the boosted trees: shallow and slow, so that no leaf stands for a single works."""

KIND_SPREAD = 0.3
"""Spread among kinds of unit of the calibration's log slope and offset, beforehand."""

LOOKS_ALIKE = 5
"""So many looks count as one when a kind's calibration is weighed against the pool's: looks at one site agree."""

STRENGTHS = np.geomspace(0.5, 50.0, 15)
"""Spreads of visibility among units that are tried: from works that show all or nothing to works all alike."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A model, and what it said of its own training looks before it had seen them."""

    model: HeatModel
    out_of_fold: Floats
    """Log-likelihoods of every row by trees that never saw its site, shape (rows, 3); zeros for unusable rows."""


def fit_heat_model(looks: pd.DataFrame, name: str, seed: int) -> Fitted:
    """Train on looks with known states; every split keeps the looks of a site together.

    Parameters
    ----------
    looks
        ``HEAT_COLUMNS`` and ``state``, the truth at the time of the look, one of ``STATES``. Rows in a fixed order:
        the same rows give the same model.
    name
        Of the model.
    seed
        Of how sites are dealt to folds, and of the trees.

    Raises
    ------
    ModelError
        There are too few sites to learn anything from.
    """
    with threadpool_limits(limits=1):  # sums must not depend on the number of cores
        return _fit(looks, name, seed)


def _fit(looks: pd.DataFrame, name: str, seed: int) -> Fitted:
    usable = looks["quality"].isin([str(each) for each in USABLE]) & ~looks["kind"].isin([str(k) for k in STAYS_HOT])
    fold = site_folds(looks["site_id"], FOLDS, seed)
    inputs, out_of_fold = inputs_of(looks), np.zeros((len(looks), 3))
    groups: dict[GroupKey, Group] = {}
    for sensor in sorted(set(looks.loc[usable, "sensor"])):
        rows = np.flatnonzero((usable & (looks["sensor"] == sensor)).to_numpy())
        if _sites_with_both(looks.iloc[rows]) < LEAST_SITES:
            continue
        found, out_of_fold[rows] = _fit_sensor(looks.iloc[rows], inputs[rows], fold[rows], seed)
        groups |= {(sensor, kind): group for kind, group in found.items()}
    if not groups:
        raise ModelError(f"training: expected {LEAST_SITES} sites or more that both work and halt, found fewer")
    return Fitted(model=HeatModel(name=name, groups=groups), out_of_fold=out_of_fold)


def site_folds(site_ids: pd.Series, folds: int, seed: int) -> Integers:
    """Deal sites to folds evenly by a drawn order, shape (rows,)."""
    sites = np.array(sorted(set(site_ids)), dtype=object)
    dealt = np.random.default_rng(seed).permutation(len(sites)) % folds
    return np.asarray(pd.Series(dealt, index=sites).reindex(site_ids).to_numpy(), dtype=np.intp)


def logistic_answers(inputs: Floats, is_working: Booleans, asked: Floats) -> Booleans:
    """A plain yardstick: what logistic regression on the same inputs says, the classes given equal weight.

    Parameters
    ----------
    inputs, is_working
        To learn from, shapes (rows, inputs) and (rows,); what is missing counts as the median of its column.
    asked
        Rows to answer, shape (others, inputs).

    Returns
    -------
    True where it says working, shape (others,).
    """
    varying = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in inputs.T])
    middle = np.nanmedian(inputs[:, varying], axis=0)

    def filled(table: Floats) -> Floats:
        part = table[:, varying]
        return np.where(np.isfinite(part), part, middle)

    scale = np.maximum(filled(inputs).std(axis=0), 1e-9)
    with threadpool_limits(limits=1):
        fitted = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000)
        fitted.fit((filled(inputs) - middle) / scale, is_working)
        return np.asarray(fitted.predict((filled(asked) - middle) / scale), dtype=bool)


def export_trees(fitted: HistGradientBoostingClassifier) -> Trees:
    """Nodes of fitted trees as plain arrays: scikit-learn keeps them in records of its own."""
    nodes = [step[0].nodes for step in fitted._predictors]
    sizes = np.array([len(each) for each in nodes], dtype=np.int64)
    start = np.cumsum(sizes) - sizes
    joined, shift = np.concatenate(nodes), np.repeat(start, sizes)
    here, is_leaf = np.arange(len(joined)), joined["is_leaf"].astype(bool)
    return Trees(
        roots=start.astype(np.int32),
        input_index=np.where(is_leaf, 0, joined["feature_idx"]).astype(np.int32),
        threshold=np.where(is_leaf, 0.0, joined["num_threshold"]).astype(np.float64),
        is_left_when_missing=np.where(is_leaf, False, joined["missing_go_to_left"]).astype(np.bool_),
        left=np.where(is_leaf, here, joined["left"] + shift).astype(np.int32),
        right=np.where(is_leaf, here, joined["right"] + shift).astype(np.int32),
        value=np.where(is_leaf, joined["value"], 0.0).astype(np.float64),
        base=float(np.ravel(fitted._baseline_prediction)[0]),
    )


def _fit_sensor(looks: pd.DataFrame, inputs: Floats, fold: Integers, seed: int) -> tuple[dict[str, Group], Floats]:
    """Groups of one sensor by kind, and the out-of-fold log-likelihoods of its looks, shape (rows, 3)."""
    state = looks["state"].to_numpy()
    is_working, is_full = state != State.HALTED, state != State.REDUCED
    working, unseen_working = _fit_trees(inputs, is_working, fold, seed)
    full, unseen_full = Trees.constant(0.0), np.zeros(len(looks))
    if _sites_with_both(looks[is_working], State.REDUCED) >= LEAST_SITES:
        full, among = _fit_trees(inputs[is_working], is_full[is_working], fold[is_working], seed)
        unseen_full = log_odds(full, inputs)
        unseen_full[is_working] = among
    groups: dict[str, Group] = {}
    out_of_fold = np.zeros((len(looks), 3))
    for kind in (ANY_KIND, *sorted(set(looks["kind"]))):
        rows = np.flatnonzero((looks["kind"] == kind).to_numpy() | (kind == ANY_KIND))
        if _sites_with_both(looks.iloc[rows]) < LEAST_SITES:
            continue
        pool, at_work = groups.get(ANY_KIND), rows[is_working[rows]]
        halves = np.where(is_working[rows], 0.5 / len(at_work), 0.5 / (len(rows) - len(at_work))) * len(rows)
        asked = _scaled(working, unseen_working[rows], is_working[rows], halves, pool.working if pool else None)
        fully = _scaled(
            full, unseen_full[at_work], is_full[at_work], np.ones(len(at_work)), pool.full if pool else None
        )
        out_of_fold[rows] = joined_answers(
            asked.rescaled(unseen_working[rows]), fully.rescaled(unseen_full[rows]), fully.prior
        )  # a kind of its own overwrites what the pool said
        detection = _fit_detection(looks.iloc[at_work], out_of_fold[at_work])
        visibility = _fit_visibility(looks.iloc[at_work], out_of_fold[at_work], detection)
        groups[kind] = Group(working=asked, full=fully, detection=detection, visibility=visibility)
    return groups, out_of_fold


def _fit_trees(inputs: Floats, is_yes: Booleans, fold: Integers, seed: int) -> tuple[Trees, Floats]:
    """Trees, and the log-odds of rows by trees that never saw their site."""
    unseen = np.empty(len(inputs))
    for each in np.unique(fold):
        inside = fold == each
        unseen[inside] = log_odds(_boosted(inputs[~inside], is_yes[~inside], seed), inputs[inside])
    return _boosted(inputs, is_yes, seed), unseen


def _scaled(trees: Trees, unseen: Floats, is_yes: Booleans, weights: Floats, pool: Question | None) -> Question:
    """Calibrate the trees for some looks, near what holds for the pool.

    The weights say what prior the probabilities stand for; it is divided out of every answer.
    """
    share = float(np.clip(weights[is_yes].sum() / weights.sum(), 0.01, 0.99))
    prior = float(special.logit(share))
    if not len(trees.roots) or is_yes.all() or not is_yes.any():
        return (
            Question(trees=trees, slope=1.0, offset=prior, prior=prior) if pool is None else replace(pool, trees=trees)
        )
    near = None if pool is None else (pool.slope, pool.offset - pool.prior + prior)
    slope, offset = fit_scale(unseen, is_yes, weights, near)
    return Question(trees=trees, slope=slope, offset=offset, prior=prior)


def _boosted(inputs: Floats, is_yes: Booleans, seed: int) -> Trees:
    """Trees on those inputs that vary at all: a sensor measures some of them only, and has no columns for the rest."""
    varying = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in inputs.T])
    chosen = np.flatnonzero(varying)
    if not len(chosen):
        return Trees.constant(float(special.logit(is_yes.mean())))
    boosting = HistGradientBoostingClassifier(
        **LEARNING,
        early_stopping=False,
        monotonic_cst=[DIRECTIONS[INPUTS[column]] for column in chosen],
        random_state=seed,
    )
    trees = export_trees(boosting.fit(inputs[:, chosen], is_yes))
    return replace(trees, input_index=chosen[trees.input_index].astype(np.int32))


def fit_scale(
    unseen: Floats, is_yes: Booleans, weights: Floats, near: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Slope and offset with which log-odds of rows that the trees never saw mean what they say (Platt 1999).

    Parameters
    ----------
    unseen
        Log-odds, shape (rows,).
    is_yes
        What was true, shape (rows,).
    weights
        Of the rows, shape (rows,).
    near
        Slope and offset of a larger group, which few rows stay close to; none: the rows alone tell.

    Returns
    -------
    The most probable pair; the slope is positive.
    """
    sign, total = np.where(is_yes, 1.0, -1.0), weights.sum()
    middle = np.zeros(2) if near is None else np.array([np.log(near[0]), near[1]])
    pull = 0.0 if near is None else LOOKS_ALIKE / (KIND_SPREAD**2 * total)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, off = np.exp(parameters[0]), parameters - middle
        told = sign * (slope * unseen + parameters[1])
        wrong = weights * special.expit(-told) * sign
        gradient = -np.array([slope * (wrong @ unseen), wrong.sum()]) / total + pull * off
        return float(-(weights @ special.log_expit(told)) / total + 0.5 * pull * (off @ off)), gradient

    found = optimize.minimize(loss, middle, jac=True, method="L-BFGS-B", bounds=[(-3.0, 1.5), (-5.0, 5.0)])
    return round(float(np.exp(found.x[0])), 4), round(float(found.x[1]), 4)


def _fit_detection(working: pd.DataFrame, unseen: Floats) -> Detection:
    """What decides whether a look shows that a unit works: logistic, from looks at working units."""
    conditions = working[list(CONDITIONS)].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(conditions)
    middle = np.round(np.where(known, conditions, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 4)
    is_seen = unseen[:, RUNNING] >= ABSTAIN
    if is_seen.all() or not is_seen.any():
        share = (is_seen.sum() + 0.5) / (len(is_seen) + 1)  # no look told otherwise: as if half of one had
        coefficients = np.concatenate([np.zeros(len(CONDITIONS)), [special.logit(share)]])
    else:
        fitted = LogisticRegression(C=1.0, max_iter=1000).fit(design(working, middle)[:, :-1], is_seen)
        coefficients = np.concatenate([fitted.coef_[0], fitted.intercept_])
    return Detection(coefficients=np.round(coefficients, 4), middle=middle)


def _fit_visibility(working: pd.DataFrame, unseen: Floats, detection: Detection) -> Visibility:
    """Mean visibility in clear looks, and the strength under which the looks at all units are most probable."""
    is_clear = (working["quality"] == Quality.CLEAR).to_numpy()
    p_seen = detection.p_seen(working)
    mean = round(float(np.clip(p_seen[is_clear].mean() if is_clear.any() else p_seen.mean(), *SURE)), 4)
    units = working["site_id"].astype(str) + "\n" + working["unit_id"].astype(str)
    number, names = pd.factorize(units, sort=True)
    shown = np.maximum((np.exp(unseen[:, RUNNING]) - (1 - mean)) / mean, LEAST_SHARE)
    best, found = -np.inf, Visibility(mean=mean, strength=float(STRENGTHS[0]))
    for strength in np.round(STRENGTHS, 4):
        tried = Visibility(mean=mean, strength=float(strength))
        pi = tried.quantiles()[: len(QUANTILES)]
        each = np.log(pi * shown[:, np.newaxis] + 1 - pi)
        of_unit = np.stack([np.bincount(number, column, minlength=len(names)) for column in each.T], axis=1)
        total = float(special.logsumexp(of_unit, axis=1).sum())
        if total > best:
            best, found = total, tried
    return found


def _sites_with_both(looks: pd.DataFrame, answer: State = State.HALTED) -> int:
    """Sites on which a state occurs, or on which others do, whichever is fewer."""
    is_so = looks["state"] == str(answer)
    return min(looks.loc[is_so, "site_id"].nunique(), looks.loc[~is_so, "site_id"].nunique())
