"""The flare of a works: it burns what gas nobody takes, for hours at a time, and never steadily.

Ovens make gas at all times, so that a works whose furnaces and shops stand burns more of it: a stopped works is not
dark. It belongs to no unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from satverify.simulate.history import History, level_at
from satverify.simulate.scenes.noise import chance, key_of, normal, uniform
from satverify.simulate.scenes.processes.parts import HOUR, Floats, Heat, hot

FLAME = (1500.0, 1900.0)  # [K]; flares seen by VIIRS Nightfire, Elvidge et al. 2016, doi:10.3390/en9010014
AREA = 0.4  # [m²] of a black body that radiates as much, the median
AREA_SPREAD = 0.7  # standard deviation of its log from minute to minute
GUST = 300.0  # [s] for which a flame is what it is
SPELL = 3 * HOUR  # for which it burns or not
BURNING = 0.25  # of the time while its gas is wanted
BURNING_IDLE = 0.6  # while nobody wants it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flare:
    """One stack."""

    longitude: float
    """[degree]"""
    latitude: float
    """[degree]"""
    makes: History
    """Of what makes the gas."""
    takes: tuple[History, ...]
    """Of what burns it instead."""
    key: int
    """Of its own chance."""


def flare_heat(flare: Flare, times: Floats, seed: int) -> Heat:
    """The flame at some times [s since 1970-01-01 UTC], shape (1, times)."""
    spell = np.floor((times + SPELL * chance(seed, "flare", flare.key)) / SPELL).astype(np.int64)
    gust = np.floor(times / GUST).astype(np.int64)
    wanted = np.mean([level_at(history, times) for history in flare.takes], axis=0) if flare.takes else 1.0
    often = BURNING_IDLE + (BURNING - BURNING_IDLE) * wanted
    is_lit = uniform(key_of(seed, "flare spell", flare.key), spell) < often
    size = AREA * np.exp(AREA_SPREAD * normal(key_of(seed, "gust", flare.key), gust))
    kelvin = FLAME[0] + (FLAME[1] - FLAME[0]) * chance(flare.key, "flame")
    return hot(kelvin, (size * is_lit * level_at(flare.makes, times))[None, :])
