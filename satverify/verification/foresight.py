"""What the looks of a season to come would make of an order: how much secret work they would catch, and how often an
obedient unit would be cleared.

Seasons are drawn: the sky of every overpass, what a look then shows of a unit that runs or stands, and the verdict that
follows by the very rules that later judge. What comes out are shares of drawn seasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satverify.domain.findings import LookCount, Verdict
from satverify.domain.rules import VerdictRules
from satverify.errors import InputError
from satverify.inference.durations import FloatArray, StateModel
from satverify.inference.visibility import Visibility, own_looks
from satverify.verification.judge import verdict_of
from satverify.verification.requirement import SHORTEST_SHARE, p_halt

PAST = 12
"""Looks at the unit at work that are put before a window where an earlier run had some. [1]"""

STRENGTH = 10.0
"""How alike units of a kind are taken to be: the sum of the parameters of a Beta distribution."""

REDUCED_SHARE = 0.6
"""How often a unit at reduced output is seen, against one in full work. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlooks:
    """The overpasses of one sensor over one unit in the window to come, by time."""

    sensor: str
    """Key into ``SENSORS``, or ``viirs``."""
    day: NDArray[np.int64]
    """Day of the window of each overpass, shape (overpasses,)."""
    is_clear: NDArray[np.bool_]
    """Whether the sky lets it see, in each drawn season, shape (seasons, overpasses)."""
    p_detect: float
    """P(heat is seen | running, clear). (0, 1)"""
    p_false: float
    """P(heat is seen | halted, clear). (0, 1)"""
    is_image: bool = False
    """Whether roofs and foreign heat are doubts that its looks share, as of scenes (``inference.visibility``)."""
    has_history: bool = False
    """Whether ``p_detect`` is the unit's own, so that it is known to show at all."""

    def __post_init__(self) -> None:
        if not 0 < self.p_false < self.p_detect < 1:
            raise InputError(
                f"{self.sensor}: P(seen) {self.p_detect} if running and {self.p_false} if not make no sense"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What to expect of one unit's looks in one window."""

    clear_looks: Mapping[str, float]
    """Usable looks by sensor, mean over the drawn seasons. [1]"""
    cleared: float
    """Share of seasons in which a unit that stood still is found consistent with its order. [0, 1]"""
    accused: float
    """Share of seasons in which such a unit is found inconsistent. [0, 1]"""
    caught: Mapping[int, float]
    """Share of seasons in which a secret run of so many days in a row is found inconsistent. [d] to [0, 1]"""
    missed: Mapping[int, float]
    """Share of seasons in which it is found consistent all the same. [d] to [0, 1]"""

    def shortest_caught(self, share: float) -> int | None:
        """The shortest secret run that is caught in this share of seasons, as every longer one is. [d]"""
        found = None
        for days in sorted(self.caught, reverse=True):
            if self.caught[days] < share:
                break
            found = days
        return found


def foresee(
    rng: np.random.Generator,
    looks: Sequence[Overlooks],
    days: int,
    runs: Sequence[int],
    model: StateModel,
    rules: VerdictRules,
) -> Foresight:
    """Judge drawn seasons of one unit under an order to halt.

    Parameters
    ----------
    rng
        Where chance comes from.
    looks
        Its overpasses by sensor, each with as many drawn seasons.
    days
        Length of the window. [d]
    runs
        Lengths of secret runs to try. [d]
    model
        How long such units stay in a state.
    rules
        When the evidence suffices.

    Raises
    ------
    InputError
        The sensors have different numbers of seasons, or there is no sensor; a run does not fit into the window.
    """
    seasons = {each.is_clear.shape[0] for each in looks}
    if len(seasons) != 1:
        raise InputError(f"expected the same number of drawn seasons for every sensor, found {sorted(seasons)}")
    number = seasons.pop()
    if not all(0 < length <= days for length in runs):
        raise InputError(f"expected runs of 1 to {days} days, found {list(runs)}")
    tolerance = int(min(max(rules.tolerance_days, rules.tolerance_share * days), SHORTEST_SHARE * days))
    said: dict[int, Counter[Verdict]] = {}
    for length in (0, *runs):
        verdicts = Counter[Verdict]()
        for season in range(number):
            start = int(rng.integers(0, days - length + 1))
            is_running = np.zeros(days, dtype=bool)
            is_running[start : start + length] = True
            verdicts[_verdict(rng, looks, season, is_running, tolerance, model, rules)] += 1
        said[length] = verdicts
    return Foresight(
        clear_looks={each.sensor: float(each.is_clear.sum(axis=1).mean()) for each in looks},
        cleared=said[0][Verdict.CONSISTENT] / number,
        accused=said[0][Verdict.INCONSISTENT] / number,
        caught={length: said[length][Verdict.INCONSISTENT] / number for length in runs},
        missed={length: said[length][Verdict.CONSISTENT] / number for length in runs},
    )


def blind(runs: Sequence[int]) -> Foresight:
    """What to expect of a unit that no sensor sees: nothing is ever caught, and nobody cleared."""
    never = dict.fromkeys(runs, 0.0)
    return Foresight(clear_looks={}, cleared=0.0, accused=0.0, caught=never, missed=never)


def _verdict(
    rng: np.random.Generator,
    looks: Sequence[Overlooks],
    season: int,
    is_running: NDArray[np.bool_],
    tolerance: int,
    model: StateModel,
    rules: VerdictRules,
) -> Verdict:
    """The verdict on one drawn season."""
    loglik = np.zeros((is_running.size, 3))
    images: list[tuple[Overlooks, NDArray[np.int64], NDArray[np.bool_]]] = []
    usable = hot = 0
    for each in looks:
        day = each.day[each.is_clear[season]]
        seen = rng.random(day.size) < np.where(is_running[day], each.p_detect, each.p_false)
        if each.is_image:
            images.append((each, day, seen))
        else:
            np.add.at(loglik, day, _loglik(seen, each))
        usable, hot = usable + day.size, hot + int(seen.sum())
    loglik += _of_images(images, is_running.size)
    count = LookCount(clear=usable, hot=hot, cold=usable - hot, unusable=0, by_sensor=())
    weight = p_halt(loglik, model, tolerance)
    return verdict_of(weight.p_met(rules.prior_low), weight.p_met(rules.prior_high), count, rules)


def _of_images(images: Sequence[tuple[Overlooks, NDArray[np.int64], NDArray[np.bool_]]], days: int) -> FloatArray:
    """Log-likelihood of each day's images, shape (days, 3), with the doubts that a run has of them.

    A unit with a history is given some looks at it at work, as often hot as it is seen.
    """
    past = [
        (each, np.full(PAST, -1), np.arange(PAST) < round(PAST * each.p_detect))
        for each, _, _ in images
        if each.has_history
    ]
    every = [*past, *images]
    total = np.zeros((days, 3))
    if not every:
        return total
    day = np.concatenate([day for _, day, _ in every])
    ratio = np.concatenate([_loglik(seen, each)[:, :2] for each, _, seen in every])
    kinds = [Visibility(mean=each.p_detect, strength=STRENGTH) for each, day, _ in every for _ in range(day.size)]
    order = np.argsort(day, kind="stable")
    own = own_looks(ratio[order], day[order], np.ones(day.size), [kinds[at] for at in order], [(0, days)])
    inside = day[order] >= 0
    np.add.at(total, day[order][inside], own.loglik[inside])
    return total


def _loglik(seen: NDArray[np.bool_], look: Overlooks) -> FloatArray:
    """Log-likelihood of looks that saw heat or none, shape (looks, 3), against halted."""
    chances = np.array([look.p_detect, max(REDUCED_SHARE * look.p_detect, look.p_false), look.p_false])
    each = np.where(seen[:, None], np.log(chances), np.log1p(-chances))
    return np.asarray(each - each[:, 2:])
