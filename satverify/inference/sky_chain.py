"""Looks to log-likelihoods when neither clouds nor fires come and go at random.

Two things last from one look to the next besides the unit's own state. Cloud: after a dark look the next is darker than
its season says, so ten dark looks in a row tell less than ten dark looks far apart. And foreign heat on a halted
works (a fire, salvage, something kept warm): where it was seen yesterday, today's pixel is no news. Both are hidden
chains of their own; they are filtered under each state of the unit, and each look is credited with what it adds to
the looks before it. The sum over looks is then exact for a unit that keeps its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.inference.durations import N_STATES, FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]

TINY = 1e-300  # keeps impossible looks finite

MICROSECONDS = 86_400e6  # in a day

SAME_SKY = 0.25
"""Looks this near in time share a sky: all satellites of one night, wherever midnight UTC falls in it. [d]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slots:
    """Looks that share one sky: those of one night or one day, or of one date where the hour is unknown."""

    number: IntArray
    """Slot of each look, shape (looks,); ascending in time."""
    gap: FloatArray
    """Time since the slot before, shape (slots,). [d]"""
    day: FloatArray
    """When each slot is, shape (slots,). [d]"""
    p_open: FloatArray
    """P(sky open) before the looks, shape (slots,). [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emission:
    """Log-probability of each look's count under an open sky, shape (looks,) each."""

    running: FloatArray
    reduced: FloatArray
    clean: FloatArray
    """Halted, no foreign heat."""
    warm: FloatArray
    """Halted, foreign heat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """How long sky and foreign heat last."""

    sky: float
    """Chance that the sky of the day before is still there. [0, 1)"""
    warm: float
    """The same for foreign heat. [0, 1)"""
    p_warm: FloatArray
    """Share of days with foreign heat, as it stands round each slot, shape (slots,). (0, 1)"""


def slots(looks: pd.DataFrame, sky_logit: FloatArray) -> Slots:
    """Put looks that share one sky together."""
    number, day = same_sky(looks)
    logit = np.bincount(number, sky_logit) / np.bincount(number)
    return Slots(
        number=number, gap=np.diff(day, prepend=day[:1]), day=day, p_open=np.asarray(1.0 / (1.0 + np.exp(-logit)))
    )


def same_sky(looks: pd.DataFrame) -> tuple[IntArray, FloatArray]:
    """Slot of each look, shape (looks,), and when each slot is, shape (slots,). [d]"""
    when = looks["time"].dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64) / MICROSECONDS
    when = np.where(looks["day_night"] == "", np.floor(when) + 0.5, when)
    order = np.argsort(when, kind="stable")
    starts = _starts(when[order])
    day = when[order][starts]
    number = np.empty(len(when), dtype=np.intp)
    number[order] = np.searchsorted(starts, np.arange(len(when)), side="right") - 1
    return number, day


def _starts(when: FloatArray) -> IntArray:
    """Where each run of moments begins that lie within ``SAME_SKY`` of its first one."""
    starts, at = [], 0
    while at < len(when):
        starts.append(at)
        at = int(np.searchsorted(when, when[at] + SAME_SKY, side="right"))
    return np.array(starts, dtype=np.intp)


def credit(
    counts: FloatArray,
    is_usable: BoolArray,
    seen: Emission,
    where: Slots,
    last: Persistence,
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood of each look under each state, and P(foreign heat | halted) after it.

    Parameters
    ----------
    counts
        Own hot pixels, shape (looks,).
    is_usable
        Whether the look carries evidence, shape (looks,).
    seen
        Log-probability of the counts under an open sky.
    where, last
        Which looks share a sky, and how long sky and foreign heat last.

    Returns
    -------
    Log-likelihoods, shape (looks, 3), zero for unusable looks; and the probability, shape (looks,).
    """
    likelihood = np.exp(np.maximum(np.stack([seen.running, seen.reduced, seen.clean, seen.warm]), -690.0)).T.tolist()
    dark = (counts == 0).tolist()
    use = is_usable.tolist()
    order = np.argsort(where.number, kind="stable")
    ends = np.searchsorted(where.number[order], np.arange(len(where.gap) + 1)).tolist()
    rows = order.tolist()
    keep_sky = (last.sky**where.gap).tolist()
    keep_warm = (last.warm**where.gap).tolist()
    p_open = where.p_open.tolist()
    gained = np.zeros((len(counts), N_STATES))
    warm_after = np.zeros(len(counts))
    running = reduced = p_open[0] if p_open else 0.0
    p_warm = last.p_warm.tolist()
    usual = p_warm[0] if p_warm else 0.0
    open_clean, open_warm = running * (1 - usual), running * usual
    shut_clean, shut_warm = (1 - running) * (1 - usual), (1 - running) * usual
    for slot, base in enumerate(p_open):
        stay, fresh = keep_sky[slot], 1.0 - keep_sky[slot]
        running = stay * running + fresh * base
        reduced = stay * reduced + fresh * base
        clean, warm = open_clean + shut_clean, open_warm + shut_warm
        open_clean, shut_clean = (
            stay * open_clean + fresh * base * clean,
            stay * shut_clean + fresh * (1 - base) * clean,
        )
        open_warm, shut_warm = stay * open_warm + fresh * base * warm, stay * shut_warm + fresh * (1 - base) * warm
        hold, new, usual = keep_warm[slot], 1.0 - keep_warm[slot], p_warm[slot]
        is_open, is_shut = open_clean + open_warm, shut_clean + shut_warm
        open_clean = hold * open_clean + new * (1 - usual) * is_open
        open_warm = hold * open_warm + new * usual * is_open
        shut_clean = hold * shut_clean + new * (1 - usual) * is_shut
        shut_warm = hold * shut_warm + new * usual * is_shut
        for look in rows[ends[slot] : ends[slot + 1]]:
            if use[look]:
                shut = 1.0 if dark[look] else 0.0
                on_run, on_less, on_clean, on_warm = likelihood[look]
                lit = running * on_run
                total = lit + (1.0 - running) * shut + TINY
                running, gained[look, 0] = lit / total, total
                lit = reduced * on_less
                total = lit + (1.0 - reduced) * shut + TINY
                reduced, gained[look, 1] = lit / total, total
                open_clean, open_warm = open_clean * on_clean, open_warm * on_warm
                shut_clean, shut_warm = shut_clean * shut, shut_warm * shut
                total = open_clean + open_warm + shut_clean + shut_warm + TINY
                open_clean, open_warm = open_clean / total, open_warm / total
                shut_clean, shut_warm = shut_clean / total, shut_warm / total
                gained[look, 2] = total
            warm_after[look] = open_warm + shut_warm
    return np.where(is_usable[:, None], np.log(np.maximum(gained, TINY)), 0.0), warm_after


def blend(ways: FloatArray, where: Slots, lasts: float) -> FloatArray:
    """Credit of looks where one of several ways holds, nobody knows which.

    Parameters
    ----------
    ways
        Log-likelihoods of each look under each way, shape (ways, looks, 3).
    where
        When the looks are.
    lasts
        Days after which it is as good as forgotten which way held. [d]

    Returns
    -------
    Log-likelihoods, shape (looks, 3): each look credited with what it adds to the looks before it, under each state.
    """
    number = len(ways)
    weight = np.full((number, N_STATES), 1.0 / number)
    gained = np.zeros(ways.shape[1:])
    keep = np.exp(-where.gap / lasts)[where.number]
    peak = ways.max(axis=0)
    likelihood = np.exp(ways - peak)
    before = -1
    for look in np.argsort(where.number, kind="stable").tolist():
        if where.number[look] != before:
            before = where.number[look]
            weight = keep[look] * weight + (1.0 - keep[look]) / number
        weight = weight * likelihood[:, look]
        total = weight.sum(axis=0) + TINY
        gained[look] = np.log(total) + peak[look]
        weight = weight / total
    return gained


def open_sky_credit(
    counts: FloatArray, is_usable: BoolArray, seen: FloatArray, where: Slots, sky_lasts: float
) -> FloatArray:
    """Log-likelihood of each look at a unit that always works, shape (looks,): the first column of ``credit`` alone."""
    emitted = Emission(running=seen, reduced=seen, clean=seen, warm=seen)
    return credit(
        counts, is_usable, emitted, where, Persistence(sky=sky_lasts, warm=0.0, p_warm=np.full(len(where.gap), 0.5))
    )[0][:, 0]
