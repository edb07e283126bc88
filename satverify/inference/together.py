"""Looks at single units turned into looks at the units together, as coarse pixels and some orders mean them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from satverify.domain.evidence import LOOK_COLUMNS, empty_table
from satverify.domain.looks import LOGLIK_COLUMNS, STATES, USABLE, Quality, State
from satverify.inference.durations import FloatArray

SCENE = ["time", "sensor", "satellite"]
"""What the looks of one scene share."""

BEST_FIRST = tuple(str(quality) for quality in Quality)
"""Words of quality: a scene that shows one unit clearly shows something of their total."""

RUNNING, HALTED = STATES.index(State.RUNNING), STATES.index(State.HALTED)


def looks_together(unit_id: str, looks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One look at several units together for each scene that shows any of them.

    All of them at full output is the total running, none at work is the total halted, and everything between is the
    total reduced. Which way of it the scene shows best counts: the same furnace stands for weeks, and looks that each
    weighed all ways alike would together take a total of which one furnace glows all along for a halted one. A unit
    that a scene does not show could be in any state.

    Parameters
    ----------
    unit_id
        Name of the units together.
    looks
        ``LOOK_COLUMNS`` of each unit.

    Returns
    -------
    ``LOOK_COLUMNS``, by time; no rows where there are none.
    """
    filled = [table for table in looks if not table.empty]
    if not filled:
        return empty_table(LOOK_COLUMNS)
    table = pd.concat(filled, ignore_index=True)
    is_usable = table["quality"].isin([str(quality) for quality in USABLE])
    rank = table["quality"].map({word: number for number, word in enumerate(BEST_FIRST)})
    table = table.assign(rank=rank, seen=np.where(is_usable, table["p_detect"].fillna(0.0), 0.0))
    scenes = table.sort_values([*SCENE, "rank"], kind="stable").groupby(SCENE, sort=True)
    joint = scenes.first().reset_index().assign(unit_id=unit_id)
    for name in ("hot_pixels", "hot_sources", "elsewhere_pixels"):
        joint[name] = scenes[name].sum().to_numpy()
    joint["fire_radiative_power"] = scenes["fire_radiative_power"].sum(min_count=1).to_numpy()
    joint["p_detect"] = 1.0 - scenes["seen"].agg(lambda seen: np.prod(1.0 - seen)).to_numpy()
    joint[list(LOGLIK_COLUMNS)] = _together(filled, joint[SCENE])
    return joint[list(LOOK_COLUMNS)].astype(LOOK_COLUMNS)


def _together(looks: Sequence[pd.DataFrame], scenes: pd.DataFrame) -> FloatArray:
    """Log-likelihood of the total in each scene, shape (scenes, 3); against halted."""
    if len(looks) == 1:
        return scenes.merge(looks[0], on=SCENE, how="left")[list(LOGLIK_COLUMNS)].to_numpy(dtype=np.float64)
    each = np.stack([_aligned(table, scenes) for table in looks])
    running, halted = each[:, :, RUNNING].sum(axis=0), each[:, :, HALTED].sum(axis=0)
    return np.asarray(np.stack([running, _between(each), halted], axis=1) - halted[:, None])


def _between(each: FloatArray) -> FloatArray:
    """Log-likelihood of the best way in which some work and not all in full, shape (scenes,); ``each`` is by unit."""
    ranked = np.sort(each, axis=2)
    best = np.argmax(each, axis=2)
    is_extreme = (best == RUNNING).all(axis=0) | (best == HALTED).all(axis=0)
    least_loss = (ranked[:, :, -1] - ranked[:, :, -2]).min(axis=0)
    return np.asarray(ranked[:, :, -1].sum(axis=0) - np.where(is_extreme, least_loss, 0.0))


def _aligned(table: pd.DataFrame, scenes: pd.DataFrame) -> FloatArray:
    """Log-likelihoods of one unit in the order of the scenes, zeros where a scene does not show it."""
    usable = table[table["quality"].isin([str(quality) for quality in USABLE])]
    placed = scenes.merge(usable[[*SCENE, *LOGLIK_COLUMNS]], on=SCENE, how="left")
    return placed[list(LOGLIK_COLUMNS)].fillna(0.0).to_numpy(dtype=np.float64)
