"""How visible a unit is to images, learned from its own history: what roofs hide stays hidden from look to look.

A classifier says how a look's measurements weigh for the average unit of a kind. A unit of which nothing is ever seen
at work must not be cleared by looks that see nothing again; and ground that shows heat of somebody else's must not be
accused by each look anew. Both are unknown, but stay. So they are carried along as shared unknowns: the visibility as a
quantile of its kind's, foreign heat as there or not. What a look adds within a window is its probability given the
looks before it, so that many looks alike never count for more than the unknown allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from satverify.domain.looks import STATES, State
from satverify.inference.durations import FloatArray, IntArray

QUANTILES = (np.arange(24) + 0.5) / 24
"""Visibilities that are tried, as quantiles of those of the kind; equally likely beforehand."""

HIDDEN, HIDDEN_SHARE = 0.02, 0.05
"""Visibility of a unit under a closed roof, and chance beforehand that a unit is such a one. Simulated works cannot
tell how many real ones are: with one in twenty, a unit that was never seen hot is not cleared by images alone. [1]"""

BEFOREHAND = np.append(np.full(QUANTILES.size, (1 - HIDDEN_SHARE) / QUANTILES.size), HIDDEN_SHARE)
"""Weight of each visibility before anything was seen."""

FOREIGN_HEAT = 0.005
"""Chance beforehand that a halted unit's ground shows heat of something else all along, such as a neighbour's slag.
It bounds what images alone can say against a unit at two hundred to one. A choice, and no measurement: at one in a
hundred the trusting reader of the usual rules is never convinced, whatever images show; at much less a single source of
somebody else's heat would convict."""

FOREIGN_HEAT_POOLED = 0.3
"""The same for pixels of 500 m and more, which see coke ovens and flares beside the furnaces: the share of clear night
looks at halted iron-making that are hot all the same (0.31, card of ``models/heat-1``)."""

MOST_VISIBLE = 0.995
"""No unit is seen for certain. [1]"""

LEAST_SHARE = 1e-4
"""A look that the average unit at work would hardly give is at least this probable of a visible one. [1]"""

RUNNING, REDUCED, HALTED = (STATES.index(state) for state in (State.RUNNING, State.REDUCED, State.HALTED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """How visible the units of a kind are to a sensor in a clear look, across works: a Beta distribution."""

    mean: float
    """P(seen | running), mean over the works. (0, 1)"""
    strength: float
    """Sum of the distribution's parameters: small where works differ much. Positive"""

    def quantiles(self) -> FloatArray:
        """Visibility at ``QUANTILES``, and that of a hidden unit."""
        spread: FloatArray = stats.beta.ppf(QUANTILES, self.mean * self.strength, (1 - self.mean) * self.strength)
        return np.append(np.clip(spread, HIDDEN, MOST_VISIBLE), HIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnLooks:
    """One unit's looks with the likelihoods that are its own."""

    loglik: FloatArray
    """Log-likelihood under each state against a halted unit without foreign heat, shape (looks, 3)."""
    p_detect: FloatArray
    """P(seen | running) of each look, from the unit's history, shape (looks,). [0, 1]"""


def own_looks(
    log_ratio: FloatArray,
    day: IntArray,
    at_work: FloatArray,
    visibility: Sequence[Visibility],
    windows: Sequence[tuple[int, int]],
    foreign: FloatArray | float = FOREIGN_HEAT,
) -> OwnLooks:
    """Turn what looks say of the average unit into what they say of this one.

    Parameters
    ----------
    log_ratio
        Log-likelihood of each look under running and reduced against halted for the average unit, shape (looks, 2).
    day
        Day of each look, ascending, shape (looks,).
    at_work
        P(unit at work) on each look's day from evidence other than these looks, shape (looks,); it is what history
        teaches by, and not used inside the windows. [0, 1]
    visibility
        That of the unit's kind for each look's sensor, one a look.
    windows
        Ordered windows as days ``[start, stop)``; each begins with what all days outside of windows have taught.
    foreign
        Chance beforehand of foreign heat for each look's sensor; looks with the same one share it. [0, 1]

    Returns
    -------
    Nothing for no looks.
    """
    looks = len(day)
    if looks == 0:
        return OwnLooks(loglik=np.zeros((0, len(STATES))), p_detect=np.zeros(0))
    known = {each: each.quantiles() for each in set(visibility)}
    pi = np.stack([known[each] for each in visibility])
    mean = np.array([each.mean for each in visibility])
    ratio = np.stack([_ratio(log_ratio[:, state], mean, pi) for state in (RUNNING, REDUCED)])
    is_inside = np.zeros(looks, dtype=bool)
    for start, stop in windows:
        is_inside |= (day >= start) & (day < stop)
    learned = _learned(ratio[RUNNING], np.where(is_inside, 0.0, at_work))
    loglik = np.zeros((looks, len(STATES)))
    loglik[:, :HALTED] = np.log(ratio @ learned).T
    for start, stop in _apart(windows):
        inside = np.flatnonzero((day >= start) & (day < stop))
        loglik[inside] = _in_window(ratio[:, inside], learned, np.broadcast_to(foreign, looks)[inside])
    return OwnLooks(loglik=loglik, p_detect=pi @ learned)


def _ratio(log_ratio: FloatArray, mean: FloatArray, pi: FloatArray) -> FloatArray:
    """Likelihood ratio against halted at each visibility, shape (looks, visibilities).

    The average unit's is a mixture: seen at work with the mean visibility, or hidden and then as if halted.
    """
    seen = (np.exp(log_ratio) - (1 - mean)) / mean
    seen = np.maximum(seen, LEAST_SHARE)[:, None]
    return np.asarray(pi * seen + (1 - pi))


def _learned(ratio: FloatArray, at_work: FloatArray) -> FloatArray:
    """Weight of each visibility after the looks of days on which the unit was probably at work."""
    each = np.log(at_work[:, None] * ratio + (1 - at_work[:, None])).sum(axis=0)
    return np.asarray(special.softmax(each + np.log(BEFOREHAND)))


def _in_window(ratio: FloatArray, learned: FloatArray, beforehand: FloatArray) -> FloatArray:
    """Log-likelihood of each look given those before it in the window, shape (looks, 3)."""
    loglik = np.zeros((ratio.shape[1], len(STATES)))
    weights = [learned.copy(), learned.copy()]
    foreign = {float(chance): float(chance) for chance in beforehand}
    for look in range(ratio.shape[1]):
        for state, weight in enumerate(weights):
            joint = weight * ratio[state, look]
            total = float(joint.sum())
            loglik[look, state] = np.log(total)
            weights[state] = joint / total
        as_if = float(np.exp(loglik[look, :HALTED].max()))  # what else is hot may look like either
        there = foreign[float(beforehand[look])]
        halted = 1 - there + there * as_if
        loglik[look, HALTED] = np.log(halted)
        foreign[float(beforehand[look])] = there * as_if / halted
    return loglik


def _apart(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Windows that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(windows):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
