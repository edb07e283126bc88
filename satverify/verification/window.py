"""What the looks inside one window say, and what a unit could have done there unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.findings import LookCount
from satverify.domain.looks import LOGLIK_COLUMNS, USABLE, Quality
from satverify.inference.durations import FloatArray

Days: TypeAlias = NDArray[np.datetime64]

MISSED = 0.05
"""Chance of having been missed from which on a run counts as one that could have gone unseen. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """The looks of one unit on the local days ``[start, stop)``."""

    days: Days
    """The local days, shape (days,)."""
    looks: pd.DataFrame
    """``LOOK_COLUMNS``, those on these days."""
    day: NDArray[np.intp]
    """Place of each look's day in ``days``, shape (looks,)."""

    @property
    def is_usable(self) -> NDArray[np.bool_]:
        """Looks that carry evidence, shape (looks,)."""
        return self.looks["quality"].isin([str(quality) for quality in USABLE]).to_numpy(dtype=bool)

    @property
    def is_hot(self) -> NDArray[np.bool_]:
        """Usable looks with heat of the unit's own, shape (looks,)."""
        return self.is_usable & (self.looks["hot_pixels"] > 0).to_numpy(dtype=bool)

    def loglik(self, sensor: str | None = None) -> FloatArray:
        """Log-likelihood of each day's looks, of all sensors or of one, shape (days, 3)."""
        rows = self.is_usable
        if sensor is not None:
            rows = rows & (self.looks["sensor"] == sensor).to_numpy(dtype=bool)
        total = np.zeros((len(self.days), len(LOGLIK_COLUMNS)))
        np.add.at(total, self.day[rows], self.looks.loc[rows, list(LOGLIK_COLUMNS)].to_numpy(dtype=np.float64))
        return total

    def days_with(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Days on which any of the looks was, ascending."""
        return np.unique(self.day[rows])


def window_of(looks: pd.DataFrame, start: date, stop: date) -> Window:
    """Cut the looks of one unit to the local days ``[start, stop)``."""
    days = np.arange(np.datetime64(start, "D"), np.datetime64(stop, "D"))
    local = looks["local_day"].to_numpy().astype("datetime64[D]")
    inside = (local >= days[0]) & (local <= days[-1])
    return Window(days=days, looks=looks[inside], day=(local[inside] - days[0]).astype(np.intp))


def count_looks(window: Window) -> LookCount:
    """Looks of the window by what they are worth."""
    usable, hot = window.is_usable, window.is_hot
    by_sensor = window.looks.loc[usable, "sensor"].value_counts().sort_index()
    return LookCount(
        clear=int(usable.sum()),
        hot=int(hot.sum()),
        cold=int((usable & ~hot).sum()),
        unusable=int((~usable).sum()),
        by_sensor=tuple((str(name), int(count)) for name, count in by_sensor.items()),
    )


def longest_unseen_run(window: Window) -> int:
    """Longest run inside the window that its looks would have missed with ``MISSED`` chance or more. [d]

    A run holds no day with heat of the unit's own, and the dark looks on its days, with the sky they had, would have
    been as dark with that chance had the unit been running.
    """
    hidden = window.loglik()[:, 0]
    hot = set(window.days_with(window.is_hot).tolist())
    longest = start = 0
    chance = 0.0
    for day in range(len(window.days)):
        if day in hot:
            start, chance = day + 1, 0.0
            continue
        chance += min(float(hidden[day]), 0.0)
        while chance < np.log(MISSED) and start <= day:
            chance -= min(float(hidden[start]), 0.0)
            start += 1
        longest = max(longest, day - start + 1)
    return longest


def outage_days(window: Window) -> int:
    """Days of the window on which some satellite was out of service. [d]"""
    return len(window.days_with((window.looks["quality"] == str(Quality.OUTAGE)).to_numpy(dtype=bool)))
