from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from satverify.features.neighbours import FARTHEST, MEMORY, NEAREST, NEIGHBOUR_COLUMNS, SKY_SCALE, neighbour_evidence
from tests.features.heat import UKRAINE, between, heat, joined, real, site_round, works

YEAR = np.arange(np.datetime64("2021-01-01"), np.datetime64("2022-01-01"))
FAR = 50_000.0
EVERY_DAY = np.arange(365)


def asked(detections: pd.DataFrame, days: NDArray[np.datetime64] = YEAR) -> pd.DataFrame:
    table = neighbour_evidence(works(), detections, days)
    assert table.dtypes.astype(str).to_dict() == NEIGHBOUR_COLUMNS
    assert list(table["utc_date"]) == list(days)
    return table


def test_nobody_to_ask_says_nothing() -> None:
    assert not asked(heat([])).drop(columns="utc_date").to_numpy().any()
    assert len(asked(heat([3]), YEAR[:0])) == 0


def test_a_steady_source_counts_less_the_farther_it_is() -> None:
    for away in (10_000.0, 50_000.0, 150_000.0):
        table = asked(heat(EVERY_DAY, away))
        np.testing.assert_allclose(table["lit"], np.exp(-away / SKY_SCALE), rtol=1e-6)
        np.testing.assert_allclose(table["steady"], np.exp(-away / SKY_SCALE), rtol=1e-6)


@pytest.mark.parametrize("away", [0.0, 1500.0 + NEAREST - 100.0, FARTHEST + 1000.0])
def test_heat_too_near_or_too_far_is_not_asked(away: float) -> None:
    assert asked(heat(EVERY_DAY, away))["steady"].max() == 0


def test_a_dark_day_expects_what_is_usual_and_sees_nothing() -> None:
    table = asked(heat([day for day in EVERY_DAY if day != 200], FAR))
    assert table["lit"][200] == 0
    assert table["steady"][200] == pytest.approx(np.exp(-FAR / SKY_SCALE))


def test_the_day_itself_has_no_say_in_what_is_usual() -> None:
    """Else a source would always shine a little more than expected on the days on which it shines."""
    table = asked(heat(np.arange(0, 365, 2), FAR))
    middle = table.iloc[100:264]
    expected = np.where(middle.index % 2 == 0, MEMORY - 1, MEMORY + 1) / (2 * MEMORY)  # MEMORY is odd
    np.testing.assert_allclose(middle["steady"], expected * np.exp(-FAR / SKY_SCALE), rtol=1e-6)


def test_a_source_that_stopped_is_asked_no_longer() -> None:
    table = asked(heat(np.arange(200), FAR))
    assert table["steady"][:200].min() > 0
    assert table["steady"][200 + MEMORY :].max() == 0


def test_a_grass_fire_is_no_steady_source() -> None:
    assert asked(heat(np.arange(100, 106), FAR))["steady"].max() == 0


def test_many_pixels_of_one_works_are_one_source() -> None:
    one = asked(heat(EVERY_DAY, FAR + 3000.0, 3000.0))
    ten = asked(joined(*[heat(EVERY_DAY, FAR + 3000.0 + 10.0 * n, 3000.0) for n in range(10)]))
    np.testing.assert_allclose(ten["lit"], one["lit"], rtol=1e-2)


@settings(max_examples=40)
@given(
    sources=st.lists(st.tuples(st.floats(-3e5, 3e5), st.floats(-3e5, 3e5), st.integers(1, 9)), max_size=6),
    start=st.integers(-50, 200),
)
def test_no_more_is_lit_or_expected_than_there_are_sources(sources: list[tuple[float, float, int]], start: int) -> None:
    seen = joined(heat([]), *[heat(EVERY_DAY[::every], east, north) for east, north, every in sources])
    table = asked(seen, np.datetime64("2021-01-01") + np.arange(start, start + 120))
    assert table[["lit", "steady"]].to_numpy().min() >= 0
    assert table[["lit", "steady"]].to_numpy().max() <= len(sources) + 1e-9
    assert (table.loc[table["steady"] == 0, "lit"] == 0).all()


def test_neighbours_shine_more_on_days_on_which_the_works_itself_is_seen(shared_data: Path) -> None:
    """They know something of the sky: what they say agrees with what they are not asked about."""
    everything = between(
        real(shared_data, *(f"ukraine_{name}" for name in UKRAINE)), date(2018, 1, 1), date(2022, 1, 1)
    )
    own = between(real(shared_data, "ukraine_yenakiieve"), date(2018, 1, 1), date(2022, 1, 1))
    days = np.arange(np.datetime64("2018-01-01"), np.datetime64("2022-01-01"))
    table = neighbour_evidence(site_round(own), everything, days)
    seen = table["utc_date"].isin(own["utc_date"])
    shining = table["lit"] / table["steady"].where(table["steady"] > 0)
    assert shining[seen].mean() > 1.5 * shining[~seen].mean()
