from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.sites import STAYS_HOT, UnitKind
from satverify.features.hot_targets.kinds import EXPECTED, KIND_OF, Guess, Traits, guess_kind

NOTHING = Traits(
    temperature=np.nan, share=np.nan, variation=np.nan, length=np.nan, slenderness=np.nan, warmth=np.nan,
    loneliness=np.nan,
)  # fmt: skip
FURNACE = Traits(temperature=1300, share=0.5, variation=1.2, length=60, slenderness=1.3, warmth=4, loneliness=150)
BATTERY = Traits(temperature=1050, share=0.97, variation=0.3, length=100, slenderness=5, warmth=5, loneliness=300)
STRAND = replace(NOTHING, share=0, length=120, slenderness=1.5, warmth=9, loneliness=250)
FLARE = Traits(temperature=1900, share=0.9, variation=0.5, length=20, slenderness=1, warmth=0, loneliness=900)
SLAG = Traits(temperature=750, share=0.6, variation=1.3, length=120, slenderness=1.5, warmth=6, loneliness=60)
SHOP = Traits(temperature=1700, share=0.2, variation=2, length=60, slenderness=1.4, warmth=3, loneliness=150)


@pytest.mark.parametrize(
    ("traits", "guess"),
    [
        (FURNACE, Guess.BLAST_FURNACE),
        (BATTERY, Guess.COKE_BATTERY),
        (STRAND, Guess.SINTER_MACHINE),
        (FLARE, Guess.FLARE),
        (SLAG, Guess.SLAG_YARD),
        (SHOP, Guess.MELT_SHOP),
    ],
)
def test_typical_equipment_is_guessed_for_what_it_is(traits: Traits, guess: Guess) -> None:
    found, confidence = guess_kind(traits, 40)
    assert found is guess
    assert confidence > 1 / len(Guess)


def test_a_flare_accuses_nobody() -> None:
    assert KIND_OF[Guess.FLARE] in STAYS_HOT
    assert set(KIND_OF) == set(EXPECTED) == set(Guess)


def test_few_scenes_and_what_fits_nothing_are_not_sure() -> None:
    _, sure = guess_kind(BATTERY, 50)
    _, unsure = guess_kind(BATTERY, 3)
    assert unsure < 0.5 * sure
    _, odd = guess_kind(replace(BATTERY, temperature=2900, slenderness=1, length=400, share=0.01), 50)
    assert odd < 0.1


def test_equipment_that_the_site_lists_is_likelier() -> None:
    between = replace(BATTERY, slenderness=2.6, share=0.75, variation=0.6)
    _, plain = guess_kind(between, 40)
    found, sought = guess_kind(between, 40, frozenset({UnitKind.COKE_BATTERY}))
    assert found is Guess.COKE_BATTERY
    assert sought > plain


@given(
    temperature=st.floats(300, 3000), share=st.floats(0, 1), length=st.floats(10, 500), slenderness=st.floats(1, 20),
    scenes=st.integers(0, 500),
)  # fmt: skip
def test_confidence_is_a_share_whatever_is_seen(
    temperature: float, share: float, length: float, slenderness: float, scenes: int
) -> None:
    traits = replace(NOTHING, temperature=temperature, share=share, length=length, slenderness=slenderness)
    _, confidence = guess_kind(traits, scenes)
    assert 0 <= confidence < 1
