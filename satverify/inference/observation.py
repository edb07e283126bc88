"""Looks get their likelihoods: how probable each measurement is if the unit runs, runs reduced, or is halted.

Nothing says beforehand on which days a works ran. So what a working unit shows, what a halted one shows, and which days
were which are learned together: first every day counts as working that lies in no long silence, then every one that the
state model does not find halted, and again. A works that never was seen hot stays unknown: its dark looks say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.looks import LOGLIK_COLUMNS, STATES, Quality, State
from satverify.features.detections import Measured
from satverify.inference.detectability import covariates, fit_detectability
from satverify.inference.durations import N_STATES, FloatArray, IntArray, StateModel
from satverify.inference.power import power_ratio
from satverify.inference.residual import (
    COMPANION_WAYS,
    COMPANIONS_LAST,
    Residual,
    emission,
    learn_residual,
    p_warm_by_slot,
    place_ratio,
)
from satverify.inference.sky_chain import BoolArray, Persistence, Slots, blend, credit, open_sky_credit, slots
from satverify.inference.states import smooth

Days: TypeAlias = NDArray[np.datetime64]

ROUNDS = 3
"""Rounds of learning. On 1,882 windows of real works a fourth changes no verdict, and no P(met) by more than 0.01."""

SURELY_HALTED = 0.95
"""P(halted) from which on a day may teach what a halted unit shows."""

LEAST_HOT_DAYS = 8
"""Days with own heat below which a works' history says nothing of what it would show. [d]"""

SILENCE = 10.0
"""A silence this many times as long as half of those between two days with heat may be a stop: one in 2 to the tenth
would be that long by chance. [1]"""

LEAST_SILENCE = 30
"""But no silence shorter than a cloudy month teaches anything. [d]"""

SKY_LASTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Chances that a day's sky is still there on the next, of which the history picks one; never less than the first, since
skies do last and a short history may not show it. [1]"""

UNTOLD_SKY_LASTS = 0.4
"""The least of them where no cloud is reported: what reports would tell of a spell of cloud is left to its memory. From
one day to the next overcast itself (cover above 80 %) has a correlation of 0.5, Open-Meteo, Ukraine 2018-2023. [1]"""

WARM_LASTS = 0.6
"""Chance that foreign heat is still there on the next day: fires and salvage last two or three days. [1]"""

HOPELESS = 0.03
"""P(sky open) below which a dark look is called cloudy and carries no evidence. [1]"""

OPEN = 0.7
"""P(sky open) from which on a dark look is called clear. [1]"""

RUNNING, REDUCED, HALTED = (STATES.index(state) for state in (State.RUNNING, State.REDUCED, State.HALTED))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """Looks with their likelihoods, and what was learned on the way."""

    looks: pd.DataFrame
    """``LOOK_COLUMNS``."""
    daily: FloatArray
    """Log-likelihood of each local day's looks, shape (days, 3)."""
    has_history: bool
    """Whether the unit was seen hot often enough to know what it shows."""
    residual: Residual
    """What it shows when halted."""


def observe(measured: Measured, model: StateModel, days: Days) -> Observation:
    """Give every look its likelihoods.

    Parameters
    ----------
    measured
        Looks of one observed unit, all of its history.
    model
        How long units of its kind stay in a state.
    days
        Local days to account for, without gaps; looks on other days teach what the unit shows all the same.

    Returns
    -------
    Looks with zeros in the likelihoods where the unit has no history of heat, the look is unusable, or the sky hid it.
    """
    looks = measured.looks
    span = _span(looks, days)
    day = _index(looks, span)
    hot_days = len(np.unique(day[looks["hot_pixels"].to_numpy() > 0]))
    if hot_days < LEAST_HOT_DAYS:
        return _without_history(measured, len(days))
    is_usable = (looks["quality"] != Quality.OUTAGE).to_numpy()
    counts = looks["hot_pixels"].to_numpy(dtype=np.float64)
    power = looks["fire_radiative_power"].to_numpy(dtype=np.float64)
    known = covariates(looks)
    weights = (is_usable & ~_is_silent(day, looks["hot_pixels"].to_numpy() > 0)).astype(np.float64)
    residual = Residual.unknown(len(measured.hot.share))
    ways = COMPANION_WAYS if measured.unit.companions else ((0.0, None),)
    least = SKY_LASTS[0] if looks["cloud_cover"].notna().any() else UNTOLD_SKY_LASTS
    start, sky_lasts = None, least
    for turn in range(ROUNDS):
        working = fit_detectability(counts, weights, known, start)
        start = working.parameters
        where = slots(looks, working.sky_logit)
        usable = is_usable & ((counts > 0) | (where.p_open[where.number] >= HOPELESS))
        seen = [emission(counts, working, burning, level) for burning, level in ways]
        if turn == 1:
            sky_lasts = _sky_lasts(counts, usable, seen[0].running, where, weights, least)
        last = Persistence(sky=sky_lasts, warm=WARM_LASTS, p_warm=p_warm_by_slot(measured, residual, where))
        credits = [credit(counts, usable, each, where, last) for each in seen]
        loglik = (
            blend(np.stack([gained for gained, _ in credits]), where, COMPANIONS_LAST)
            if len(credits) > 1
            else credits[0][0]
        )
        warm = np.mean([after for _, after in credits], axis=0)
        loglik[:, :HALTED] += np.where(usable, place_ratio(measured, residual), 0.0)[:, None]
        if not measured.unit.companions:
            loglik += np.where(usable[:, None], power_ratio(counts, power, known.stream, weights), 0.0)
        posterior = smooth(by_day(loglik, day, len(span))[None], model).smoothed[0][day]
        # Beside burning ovens a low day may be a halt or not; to take such days out would raise what is usual, and
        # so make halts of more days, round by round.
        if not measured.unit.companions:
            weights = is_usable * (posterior[:, RUNNING] + posterior[:, REDUCED])
        halted = is_usable * (posterior[:, HALTED] > SURELY_HALTED)
        if turn < ROUNDS - 1:
            residual = learn_residual(measured, halted, warm)
    table = looks.assign(p_clear=where.p_open[where.number], p_detect=working.p_detect)
    table["quality"] = pd.Series(_quality(counts, is_usable, usable, where), dtype="str", index=table.index)
    table[list(LOGLIK_COLUMNS)] = loglik
    return Observation(
        looks=table[list(LOOK_COLUMNS)].astype(LOOK_COLUMNS),
        daily=by_day(loglik, _index(looks, days), len(days)),
        has_history=True,
        residual=residual,
    )


def daily_loglik(looks: pd.DataFrame, days: Days) -> FloatArray:
    """Log-likelihood of each local day's looks at one unit, shape (days, 3); zeros on days without."""
    return by_day(looks[list(LOGLIK_COLUMNS)].to_numpy(dtype=np.float64), _index(looks, days), len(days))


def by_day(loglik: FloatArray, day: IntArray, days: int) -> FloatArray:
    """Sum looks into local days, shape (days, 3); looks on other days (index -1) are left out."""
    inside = day >= 0
    total = np.zeros((days, N_STATES))
    np.add.at(total, day[inside], loglik[inside])
    return total


def _span(looks: pd.DataFrame, days: Days) -> Days:
    """All days from the first to the last that has a look or is asked for."""
    seen = looks["local_day"].to_numpy().astype("datetime64[D]")
    both = np.concatenate([seen, days.astype("datetime64[D]")])
    return np.arange(both.min(), both.max() + 1)


def _index(looks: pd.DataFrame, days: Days) -> IntArray:
    """Place of each look's local day among ``days``, -1 where it is not there."""
    place = (looks["local_day"].to_numpy().astype("datetime64[D]") - days[0].astype("datetime64[D]")).astype(np.intp)
    return np.where((place >= 0) & (place < len(days)), place, -1)


def _is_silent(day: IntArray, is_hot: BoolArray) -> BoolArray:
    """Looks in a silence so long that the unit may have stood still."""
    hot = np.unique(day[is_hot])
    between = np.diff(hot, prepend=day.min() - 1, append=day.max() + 1)
    longest = max(LEAST_SILENCE, SILENCE * float(np.median(np.diff(hot))))
    is_long = between > longest
    return np.asarray(is_long[np.searchsorted(hot, day, side="left")] & ~np.isin(day, hot))


def _sky_lasts(
    counts: FloatArray, usable: BoolArray, running: FloatArray, where: Slots, weights: FloatArray, least: float
) -> float:
    """The persistence of the sky, not below ``least``, under which the looks at the working unit are most probable."""
    offered = [lasts for lasts in SKY_LASTS if lasts >= least]
    gains = [float(weights @ open_sky_credit(counts, usable, running, where, lasts)) for lasts in offered]
    return offered[int(np.argmax(gains))]


def _quality(counts: FloatArray, in_service: BoolArray, usable: BoolArray, where: Slots) -> NDArray[np.str_]:
    """A word for each look: heat was seen through a clear sky, whatever the forecast said."""
    is_clear = (counts > 0) | (where.p_open[where.number] >= OPEN)
    words = np.where(is_clear, str(Quality.CLEAR), np.where(usable, str(Quality.PARTLY), str(Quality.CLOUDY)))
    return np.where(in_service, words, str(Quality.OUTAGE))


def _without_history(measured: Measured, days: int) -> Observation:
    """Looks that say nothing: nobody knows what this unit would show if it ran."""
    table = measured.looks.assign(p_clear=np.nan, p_detect=np.nan, **dict.fromkeys(LOGLIK_COLUMNS, 0.0))
    is_out = table["quality"] == Quality.OUTAGE
    table["quality"] = table["quality"].where(is_out, str(Quality.LOW_QUALITY))
    return Observation(
        looks=table[list(LOOK_COLUMNS)].astype(LOOK_COLUMNS),
        daily=np.zeros((days, N_STATES)),
        has_history=False,
        residual=Residual.unknown(len(measured.hot.share)),
    )
