"""What is done with an order on a machine other than a furnace: strands, shops and batteries stop within hours.

They restart as fast, so that they can be run by night only, when nobody looks; and a battery cannot stop at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import STAYS_HOT, UnitKind
from satverify.simulate.history import History, level_at
from satverify.simulate.schedules import Behaviour

Floats: TypeAlias = NDArray[np.float64]

HOUR = 3600.0  # [s]
NIGHT = (20.0, 30.0)  # [h] local, from eight in the evening to six in the morning
NIGHT_JITTER = 0.5  # [h] either way
RUN_DOWN = 12.0  # [h] longest that a machine takes to stop when it obeys
SLOWED = 0.45  # of its output that a battery keeps: coking time of 48 h instead of 20
REDUCED = (0.6, 0.8)  # of full output where it is throttled instead of stopped
MARGIN = 0.1  # of output that an obeyed cut takes off beyond what is asked
NIGHT_KINDS = frozenset(
    {UnitKind.SINTER_MACHINE, UnitKind.PELLET_PLANT, UnitKind.CONVERTER, UnitKind.ELECTRIC_ARC_FURNACE}
)
"""Kinds that can be run by night only."""
HALT_CONDUCTS = MappingProxyType(
    {
        Behaviour.OBEYED: 0.4,
        Behaviour.IGNORED: 0.15,
        Behaviour.NIGHT_ONLY: 0.15,
        Behaviour.LATE_STOP: 0.1,
        Behaviour.EARLY_RESTART: 0.1,
        Behaviour.REDUCED: 0.05,
        Behaviour.WRONG_UNIT: 0.05,
    }
)
"""Chances of what is done with a halt of one such machine."""
WHOLE_SITE_CONDUCTS = MappingProxyType(
    {Behaviour.OBEYED: 0.75, Behaviour.NIGHT_ONLY: 0.15, Behaviour.LATE_STOP: 0.05, Behaviour.EARLY_RESTART: 0.05}
)
"""The same where a whole site is to halt and its furnaces do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlay:
    """Spells that are laid over a history; where they meet the later one counts."""

    begin: Floats
    """[s since 1970-01-01 UTC]"""
    end: Floats
    """[s since 1970-01-01 UTC]"""
    level: Floats
    """Output in them. [0, 1]"""


def choose_conduct(
    rng: np.random.Generator, order: Order, kind: UnitKind, siblings: int, *, whole_site: bool = False
) -> Behaviour | None:
    """What happens to an order on a machine; none where it asks for nothing to be done.

    Parameters
    ----------
    rng
        Where chance comes from.
    order
        What is asked.
    kind
        Of the machine.
    siblings
        Other machines of the kind at the site.
    whole_site
        Whether the order is on the whole site, and the furnaces keep it.
    """
    if order.requirement not in (Requirement.HALT, Requirement.CUT):
        return None
    if order.requirement is Requirement.CUT or kind in STAYS_HOT:
        return Behaviour.OBEYED if rng.random() < 0.5 else Behaviour.IGNORED
    chances = dict(WHOLE_SITE_CONDUCTS if whole_site else HALT_CONDUCTS)
    if kind not in NIGHT_KINDS:
        chances.pop(Behaviour.NIGHT_ONLY, None)
    if siblings < 1:
        chances.pop(Behaviour.WRONG_UNIT, None)
    share = np.array(list(chances.values()))
    return list(chances)[int(rng.choice(share.size, p=share / share.sum()))]


def overlay_of(
    rng: np.random.Generator, order: Order, behaviour: Behaviour, kind: UnitKind, midnights: Floats
) -> Overlay:
    """What a machine does with an order, as spells inside its window.

    Parameters
    ----------
    rng
        Where chance comes from.
    order
        What is asked.
    behaviour
        What is done with it; what leaves the machine alone gives no spell.
    kind
        Of the machine: a battery is slowed where others stand.
    midnights
        Beginnings of the window's local days, and its end. [s since 1970-01-01 UTC]
    """
    start, stop = float(midnights[0]), float(midnights[-1])
    turn = start + rng.uniform(0.35, 0.65) * (stop - start)
    begin = start + rng.uniform(0, RUN_DOWN * HOUR)
    rest = SLOWED if kind in STAYS_HOT else 0.0
    if order.requirement is Requirement.CUT and behaviour is Behaviour.OBEYED:
        share = min(1.0, (order.fraction or 0.0) + MARGIN)
        return spells_of([(start, start + min(1.0, share / (1 - rest)) * (stop - start), rest)])
    match behaviour:
        case Behaviour.OBEYED | Behaviour.OBEYED_BANKED:
            return spells_of([(begin, stop, rest)])
        case Behaviour.LATE_STOP:
            return spells_of([(turn, stop, rest)])
        case Behaviour.EARLY_RESTART:
            return spells_of([(begin, max(turn, begin + HOUR), rest), (max(turn, begin + HOUR), stop, 1.0)])
        case Behaviour.REDUCED:
            return spells_of([(start, stop, rng.uniform(*REDUCED))])
        case Behaviour.NIGHT_ONLY:
            return night_spells(rng, midnights)
        case _:
            return spells_of([])


def overlaid(history: History, overlay: Overlay) -> History:
    """A history with spells laid over it; outside of them nothing changes."""
    if overlay.begin.size == 0:
        return history
    edges = np.unique(np.concatenate([history.begin, overlay.begin, overlay.end]))
    level = level_at(history, edges)
    banked = history.is_banked[np.maximum(np.searchsorted(history.begin, edges, side="right") - 1, 0)]
    for begin, end, given in zip(overlay.begin, overlay.end, overlay.level, strict=True):
        inside = (edges >= begin) & (edges < end)
        level[inside], banked[inside] = given, False
    is_new = np.concatenate([[True], (np.diff(level) != 0) | (banked[1:] != banked[:-1])])
    return History(begin=edges[is_new], level=level[is_new], is_banked=banked[is_new])


def night_spells(rng: np.random.Generator, midnights: Floats) -> Overlay:
    """At work by night, at rest by day, from the first midnight to the last."""
    start, stop = float(midnights[0]), float(midnights[-1])
    evenings, mornings = rng.uniform(-NIGHT_JITTER, NIGHT_JITTER, (2, midnights.size)) * HOUR
    begin = np.concatenate([[start], midnights[:-1] + NIGHT[0] * HOUR + evenings[:-1]])
    end = np.concatenate([midnights[:1], midnights[:-1] + 24 * HOUR]) + (NIGHT[1] - 24) * HOUR + mornings
    nights = [(one, min(two, stop), 1.0) for one, two in zip(begin, end, strict=True)]
    return spells_of([(start, stop, 0.0), *nights])


def spells_of(spells: list[tuple[float, float, float]]) -> Overlay:
    """Spells from begin, end [s since 1970-01-01 UTC] and level of each."""
    begin, end, level = np.array(spells, dtype=np.float64).reshape(-1, 3).T
    return Overlay(begin=begin, end=end, level=level)
