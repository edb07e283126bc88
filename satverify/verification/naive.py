"""Three simple rules that people use on detection counts, to be scored beside ours.

None of them knows the sky: a night without detection counts the same whether anybody could have seen anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from satverify.domain.findings import LookCount, Verdict
from satverify.domain.rules import VerdictRules
from satverify.inference.counting import window_evidence
from satverify.inference.durations import DwellTime, FloatArray, StateModel
from satverify.verification.judge import verdict_of
from satverify.verification.requirement import HALTED_AT_START, tolerance_of
from satverify.verification.trials import Judged, Trial

FIFTH = 0.2
"""Share of the mean count below which the first rule says halted. [1]"""

SILENCE = 14
"""Days without detection from which on the second rule says halted. [d]"""

COUNT_BINS = np.array([1, 2, 3, 6])
"""Lower edges of the bins of a day's count, after the bin of none."""

STRAY = 0.02
"""P(a day with detections | halted) of the third rule. [0, 1]"""

STAY = 60.0
"""Mean stay of the third rule's chain in either state. [d]"""

TWO_STATES = StateModel(
    dwell=(DwellTime(mean=STAY), DwellTime(mean=STAY), DwellTime(mean=STAY)),
    following=((0.0, 0.0, 1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
)
"""Running and halted only: nothing leads to reduced."""

RULES = {
    "a fifth of the mean": "halted where the window holds less than a fifth of the detections that a window of its "
    "length holds in the mean of the works' history",
    "no detection for 14 days": "halted where the alarm rings on any day of the window: no detection on that day and "
    "the 13 days before it, be they inside the window or not",
    "Markov without sky": "two states that last 60 days in the mean; a running day shows each number of detections as "
    "often as the works' whole history did, a halted one shows any on 2 days in 100; same rule of verdicts as ours",
}
"""Each rule in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DailyCounts:
    """Detections inside the outline on each local day of the coverage."""

    first: np.datetime64
    """First local day."""
    count: NDArray[np.int64]
    """Detections of each day, shape (days,)."""
    is_watched: NDArray[np.bool_]
    """Whether any satellite in the coverage passed, shape (days,)."""

    def window(self, trial: Trial) -> slice:
        """Days of a trial's window that lie in the coverage."""
        start = int((np.datetime64(trial.order.start, "D") - self.first).astype(int))
        return slice(max(start, 0), max(start + trial.order.days, 0))


def daily_counts(looks: pd.DataFrame) -> DailyCounts:
    """Detections by local day, from ``LOOK_COLUMNS`` of one unit: its own heat and heat elsewhere in the outline."""
    if looks.empty:
        none = np.zeros(0, dtype=np.int64)
        return DailyCounts(first=np.datetime64("1970-01-01", "D"), count=none, is_watched=none.astype(bool))
    local = looks["local_day"].to_numpy().astype("datetime64[D]")
    first = local.min()
    place = (local - first).astype(np.intp)
    pixels = (looks["hot_pixels"] + looks["elsewhere_pixels"]).to_numpy()
    count, is_watched = np.zeros(place.max() + 1, dtype=np.int64), np.zeros(place.max() + 1, dtype=bool)
    np.add.at(count, place, pixels)
    is_watched[place] = True
    return DailyCounts(first=first, count=count, is_watched=is_watched)


def judge_naively(counts: DailyCounts, trials: Sequence[Trial], rules: VerdictRules) -> dict[str, tuple[Judged, ...]]:
    """What each naive rule says of each trial of one unit, by the rule's name."""
    fifth, silence, markov = RULES
    return {
        fifth: _worded(trials, [_is_few(counts, trial) for trial in trials]),
        silence: _worded(trials, [_is_silent(counts, trial) for trial in trials]),
        markov: _by_chain(counts, trials, rules),
    }


def _worded(trials: Sequence[Trial], is_halted: Iterable[bool | None]) -> tuple[Judged, ...]:
    """Yes or no as a verdict; undetermined where no satellite passed."""
    words = {True: Verdict.CONSISTENT, False: Verdict.INCONSISTENT, None: Verdict.UNDETERMINED}
    return tuple(
        Judged(trial=trial, verdict=words[said], p_met=None) for trial, said in zip(trials, is_halted, strict=True)
    )


def _is_few(counts: DailyCounts, trial: Trial) -> bool | None:
    days = counts.window(trial)
    if not counts.is_watched[days].any():
        return None
    mean = counts.count.sum() / counts.is_watched.sum()
    return bool(counts.count[days].sum() < FIFTH * mean * trial.order.days)


def _is_silent(counts: DailyCounts, trial: Trial) -> bool | None:
    days = counts.window(trial)
    if not counts.is_watched[days].any():
        return None
    total = np.concatenate([np.zeros(SILENCE, dtype=np.int64), np.cumsum(counts.count)])
    in_last_days = total[SILENCE:] - total[:-SILENCE]
    is_told = np.arange(len(counts.count)) >= SILENCE - 1  # no silence is told before so many days were watched
    return bool((is_told & (in_last_days == 0))[days].any())


def _by_chain(counts: DailyCounts, trials: Sequence[Trial], rules: VerdictRules) -> tuple[Judged, ...]:
    """The chain restarted at each window, and the verdict rule of our own findings."""
    daily = _loglik(counts)
    judged: dict[int, Judged] = {}
    for length in sorted({trial.order.days for trial in trials}):
        places = [place for place, trial in enumerate(trials) if trial.order.days == length]
        windows = np.zeros((len(places), length, 3))
        for row, place in enumerate(places):
            inside = daily[counts.window(trials[place])]
            windows[row, : len(inside)] = inside
        weighed = window_evidence(windows, TWO_STATES, weights=(1, 1, 0)).posterior(p_halted=HALTED_AT_START)
        tolerance = tolerance_of(trials[places[0]].order, rules)
        factors = np.clip(np.nan_to_num(weighed.log_bayes_factor(tolerance)), -600.0, 600.0)
        for place, factor in zip(places, factors, strict=True):
            judged[place] = _weighed(counts, trials[place], float(factor), rules)
    return tuple(judged[place] for place in range(len(trials)))


def _loglik(counts: DailyCounts) -> FloatArray:
    """Log-likelihood of each day's count, shape (days, 3); the second state is never used."""
    number = np.digitize(counts.count, COUNT_BINS)
    seen = np.bincount(number[counts.is_watched], minlength=len(COUNT_BINS) + 1) + 0.5  # half a day for the unseen
    halted = np.array([1 - STRAY, *([STRAY / len(COUNT_BINS)] * len(COUNT_BINS))])
    table = np.log(np.column_stack([seen / seen.sum(), seen / seen.sum(), halted]))
    return np.asarray(np.where(counts.is_watched[:, None], table[number], 0.0))


def _weighed(counts: DailyCounts, trial: Trial, factor: float, rules: VerdictRules) -> Judged:
    low, even, high = special.expit(factor + special.logit([rules.prior_low, 0.5, rules.prior_high])).tolist()
    watched = int(counts.is_watched[counts.window(trial)].sum())
    looks = LookCount(clear=watched, hot=0, cold=watched, unusable=0, by_sensor=())
    return Judged(trial=trial, verdict=verdict_of(low, high, looks, rules), p_met=even)
