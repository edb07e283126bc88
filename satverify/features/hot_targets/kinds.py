"""What may stand where heat returns: a guess from how hot, how often, how steady, how long and how lonely it is.

Heat alone does not tell what glows. The ranges below are what is generally known of such equipment, not fitted to
anything, and many places fit two kinds: a guess is for a person to correct, and says how sure it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType

from satverify.domain.sites import UnitKind


class Guess(StrEnum):
    """What a place of heat is taken for."""

    BLAST_FURNACE = "blast_furnace"
    SLAG_YARD = "slag_yard"
    COKE_BATTERY = "coke_battery"
    SINTER_MACHINE = "sinter_machine"
    MELT_SHOP = "melt_shop"
    FLARE = "flare"


KIND_OF: Mapping[Guess, UnitKind] = MappingProxyType(
    {
        Guess.BLAST_FURNACE: UnitKind.BLAST_FURNACE,
        Guess.SLAG_YARD: UnitKind.BLAST_FURNACE,  # slag is hot when its furnace taps
        Guess.COKE_BATTERY: UnitKind.COKE_BATTERY,
        Guess.SINTER_MACHINE: UnitKind.SINTER_MACHINE,
        Guess.MELT_SHOP: UnitKind.CONVERTER,
        Guess.FLARE: UnitKind.COKE_BATTERY,  # it too burns on while furnaces halt, and must accuse nobody
    }
)
"""The kind of equipment that a place is entered as until a person says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is seen of a place; NaN where it cannot be told."""

    temperature: float
    """Of the hot part, median of hot scenes. [K]"""
    share: float
    """Share of clear scenes in which it was hot. [0, 1]"""
    variation: float
    """Standard deviation of its radiance over the mean, in clear scenes. [1]"""
    length: float
    """Of its ground. [m]"""
    slenderness: float
    """Length over width of its ground. [1, ...)"""
    warmth: float
    """Brightness temperature at 11 µm over like ground round about. [K]"""
    loneliness: float
    """Distance to the nearest other place. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Ranges of traits for one guess, and how soft their ends are; none where a trait says nothing."""

    temperature: tuple[float, float] | None = None
    share: tuple[float, float] | None = None
    variation: tuple[float, float] | None = None
    length: tuple[float, float] | None = None
    slenderness: tuple[float, float] | None = None
    warmth: tuple[float, float] | None = None
    loneliness: tuple[float, float] | None = None


SOFTNESS = Traits(
    temperature=100.0, share=0.05, variation=0.2, length=20.0, slenderness=0.5, warmth=1.0, loneliness=50.0
)
"""Distance from a range at which a trait halves the odds."""

ANYTHING = Expected(
    temperature=(450, 2300),
    share=(0, 1),
    variation=(0, 4),
    length=(20, 220),
    slenderness=(1, 8),
    warmth=(-5, 40),
    loneliness=(0, 2000),
)
"""Ranges of all equipment: what a guess is taken to have where it says nothing of a trait."""

EXPECTED: Mapping[Guess, Expected] = MappingProxyType(
    {
        # Iron of 1700 K and slag in the open for part of each of 8 to 14 taps a day.
        Guess.BLAST_FURNACE: Expected(
            temperature=(1000, 1700), share=(0.2, 0.85), variation=(0.4, 3), length=(20, 150), slenderness=(1, 3)
        ),
        # Crusts of poured slag that cool for hours: unsteady, as it is poured by the ladle, where a strand is steady.
        Guess.SLAG_YARD: Expected(
            temperature=(500, 950), share=(0.2, 0.9), variation=(0.6, 3), length=(20, 220), slenderness=(1, 3.5)
        ),
        # Ovens of 1000 °C in a row of 40 to 150 m that never stop, one pushed every ten minutes.
        Guess.COKE_BATTERY: Expected(
            temperature=(700, 1350), share=(0.65, 1), variation=(0, 0.8), length=(60, 220), slenderness=(2.5, 8)
        ),
        # The end of a strand under its hood, and a cooler of thousands of square metres.
        Guess.SINTER_MACHINE: Expected(
            temperature=(450, 900),
            share=(0, 1),
            variation=(0, 0.8),
            length=(30, 150),
            slenderness=(1, 4),
            warmth=(2, 40),
        ),
        # Steel of 1900 K, seen when a vessel is charged or tapped.
        Guess.MELT_SHOP: Expected(
            temperature=(1300, 2000), share=(0.1, 0.4), variation=(0.8, 4), length=(20, 120), slenderness=(1, 2.5)
        ),
        # Gas burning at a stack: a point, hotter than anything molten, away from the rest.
        Guess.FLARE: Expected(
            temperature=(1500, 2300),
            share=(0.2, 1),
            length=(20, 40),
            slenderness=(1, 2),
            loneliness=(200, 2000),
        ),
    }
)
"""Known in general of such equipment; no source gives them as seen from above."""

LISTED = 2.0
"""Times that a kind is likelier where the site lists equipment of it whose ground nobody knows."""
DOUBT = 1.0
"""Odds of something that is none of these and may have any traits: a place that fits nothing is no sure anything."""
ENOUGH = 4.0
"""Hot scenes at which a guess is half as sure as its traits are."""


def guess_kind(traits: Traits, hot_scenes: int, sought: frozenset[UnitKind] = frozenset()) -> tuple[Guess, float]:
    """What a place most likely is.

    Parameters
    ----------
    traits
        What is seen of it.
    hot_scenes
        Scenes that this is from.
    sought
        Kinds that the site lists without known ground.

    Returns
    -------
    The likeliest guess, and how sure it is; a sure guess may still be wrong. (0, 1)
    """
    odds = {
        guess: _odds(traits, expected) * (LISTED if KIND_OF[guess] in sought else 1.0)
        for guess, expected in EXPECTED.items()
    }
    best = max(odds, key=lambda guess: odds[guess])
    sure = odds[best] / (sum(odds.values()) + DOUBT)
    return best, sure * hot_scenes / (hot_scenes + ENOUGH)


def _odds(traits: Traits, expected: Expected) -> float:
    """How much likelier the traits are of this guess than of anything: a narrow range that holds says more."""
    odds = 1.0
    for field in fields(Expected):
        span, value = getattr(expected, field.name), getattr(traits, field.name)
        if span is not None and math.isfinite(value):
            lowest, highest = getattr(ANYTHING, field.name)
            beyond = max(span[0] - value, value - span[1], 0.0) / getattr(SOFTNESS, field.name)
            odds *= (highest - lowest) / (span[1] - span[0]) * 2.0 ** -(beyond**2)
    return odds
