"""All scores of one evaluation: windows, dated changes, daily states and calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from satverify.domain.evidence import SiteResult
from satverify.domain.rules import VerdictRules
from satverify.domain.truth import KnownState, Truth
from satverify.verification.calibration import Calibration, calibration
from satverify.verification.naive import RULES, daily_counts, judge_naively
from satverify.verification.timing import SpellScore, TurnScore, daily_calibration, score_spell, score_turn
from satverify.verification.trials import Judged, Season, Tally, Trial, judged_by, tally

OURS = "satverify"
"""Name of our own verdicts among the methods."""

METHODS = (OURS, *RULES)
"""Everything that is scored, ours first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteTrial:
    """One works: what is known of it, what was asked, and what a run gave."""

    truth: Truth
    """What is known of this works alone."""
    units: Mapping[str | None, str]
    """Observed unit by the name that the truth uses; none stands for the site's only one."""
    trials: tuple[Trial, ...]
    rules: VerdictRules
    result: SiteResult


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScore:
    """A group of windows under one method."""

    method: str
    site_id: str | None
    """None: all works together."""
    state: KnownState
    length: int
    """Length of the windows. [d]"""
    season: Season | None
    """None: the whole year."""
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCalibration:
    """Calibration of one kind of probability."""

    what: str
    method: str
    is_balanced: bool
    """Whether both truths have the same weight."""
    calibration: Calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What an evaluation found."""

    windows: tuple[WindowScore, ...]
    turns: tuple[TurnScore, ...]
    spells: tuple[SpellScore, ...]
    calibrations: tuple[NamedCalibration, ...]


def scores(sites: Sequence[SiteTrial]) -> Scores:
    """Score works together and each on its own.

    Parameters
    ----------
    sites
        The works, in the order in which they are to be listed.
    """
    judged: dict[str, list[Judged]] = {method: [] for method in METHODS}
    for site in sites:
        for method, said in _judged(site).items():
            judged[method] += said
    return Scores(
        windows=tuple(score for method, said in judged.items() for score in window_scores(method, said)),
        turns=tuple(score for site in sites for score in _turns(site)),
        spells=tuple(score for site in sites for score in _spells(site)),
        calibrations=_calibrations(sites, judged),
    )


def window_scores(method: str, judged: Sequence[Judged]) -> tuple[WindowScore, ...]:
    """Tallies by works (all together first), state, length and season (the whole year first).

    Groups without windows are left out.
    """
    site_ids: list[str | None] = [None, *sorted({each.trial.order.site_id for each in judged})]
    lengths = sorted({each.trial.order.days for each in judged})
    seasons: list[Season | None] = [None, *Season]
    found: list[WindowScore] = []
    for site_id, state, length, season in product(site_ids, KnownState, lengths, seasons):
        group = [
            each
            for each in judged
            if site_id in (None, each.trial.order.site_id)
            and each.trial.state is state
            and each.trial.order.days == length
            and season in (None, each.trial.season)
        ]
        if group:
            found.append(
                WindowScore(
                    method=method, site_id=site_id, state=state, length=length, season=season, tally=tally(group)
                )
            )
    return tuple(found)


def _judged(site: SiteTrial) -> dict[str, list[Judged]]:
    """What every method says of the trials of one works."""
    said: dict[str, list[Judged]] = {OURS: list(judged_by(site.result.findings, site.trials))}
    for unit_id in sorted({trial.unit_id for trial in site.trials}):
        own = [trial for trial in site.trials if trial.unit_id == unit_id]
        looks = site.result.looks[site.result.looks["unit_id"] == unit_id]
        for method, judged in judge_naively(daily_counts(looks), own, site.rules).items():
            said.setdefault(method, []).extend(judged)
    return said


def _turns(site: SiteTrial) -> list[TurnScore]:
    found: list[TurnScore] = []
    for known in site.truth.turns:
        others = [each for each in site.truth.turns if site.units[each.unit_id] == site.units[known.unit_id]]
        activity = _own(site.result.activity, site, known.unit_id)
        found.append(score_turn(known, others, activity, _own(site.result.changes, site, known.unit_id)))
    return found


def _spells(site: SiteTrial) -> list[SpellScore]:
    found: list[SpellScore] = []
    for spell in site.truth.spells:
        activity = _own(site.result.activity, site, spell.unit_id)
        found.append(score_spell(spell, activity, _own(site.result.changes, site, spell.unit_id)))
    return found


def _own(table: pd.DataFrame, site: SiteTrial, name: str | None) -> pd.DataFrame:
    """Rows of the unit that the truth calls by ``name``."""
    return table[table["unit_id"] == site.units[name]]


def _calibrations(sites: Sequence[SiteTrial], judged: Mapping[str, Sequence[Judged]]) -> tuple[NamedCalibration, ...]:
    """Windows of every method that gives probabilities, and both daily accounts; as they are, and balanced."""
    accounts = [
        (spell, _own(site.result.activity, site, spell.unit_id)) for site in sites for spell in site.truth.spells
    ]
    found: list[NamedCalibration] = []
    for is_balanced in (False, True):
        for method, said in judged.items():
            told = [(each.p_met, each.trial.state is KnownState.HALTED) for each in said if each.p_met is not None]
            if told:
                score = calibration(
                    np.array([p for p, _ in told], dtype=np.float64),
                    np.array([is_halted for _, is_halted in told]),
                    balanced=is_balanced,
                )
                found.append(_named("p_met of windows", method, is_balanced, score))
        for what, column in (("smoothed daily P(halted)", "p_halted"), ("online daily P(halted)", "online_p_halted")):
            found.append(_named(what, OURS, is_balanced, daily_calibration(accounts, column, balanced=is_balanced)))
    return tuple(found)


def _named(what: str, method: str, is_balanced: bool, score: Calibration) -> NamedCalibration:
    return NamedCalibration(what=what, method=method, is_balanced=is_balanced, calibration=score)
