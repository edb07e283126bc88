"""Intervals of a time range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.emulator.engine.intervals import MOST_INTERVALS, LastInterval, parse_intervals
from satverify.emulator.engine.reply import ServiceError

START = datetime(2020, 1, 31, tzinfo=UTC)


@given(days=st.integers(1, 40), hours=st.integers(0, 2000), last=st.sampled_from(list(LastInterval)))
def test_intervals_follow_each_other_and_end_as_asked(days: int, hours: int, last: LastInterval) -> None:
    stop = START + timedelta(hours=hours)
    found = parse_intervals(START, stop, {"of": f"P{days}D", "lastIntervalBehavior": last})
    assert all(one[1] == other[0] for one, other in pairwise(found))
    whole, rest = divmod(timedelta(hours=hours), timedelta(days=days))
    assert len(found) == whole + (1 if rest and last is not LastInterval.SKIP else 0)
    if found:
        assert found[0][0] == START
        end = {LastInterval.SHORTEN: stop, LastInterval.SKIP: START + whole * timedelta(days=days)}
        assert found[-1][1] == end.get(last, START + len(found) * timedelta(days=days))


def test_months_start_from_the_first_day_and_not_from_each_other() -> None:
    found = parse_intervals(START, datetime(2020, 5, 31, tzinfo=UTC), {"of": "P1M"})
    assert [f"{start:%m-%d}" for start, _ in found] == ["01-31", "02-29", "03-31", "04-30"]


def test_years_weeks_and_seconds_are_known() -> None:
    stop = datetime(2022, 1, 31, tzinfo=UTC)
    assert len(parse_intervals(START, stop, {"of": "P1Y"})) == 2
    assert len(parse_intervals(START, stop, {"of": "P2W"})) == 52
    assert len(parse_intervals(START, START + timedelta(days=3), {"of": "PT86400S"})) == 3


def test_there_is_an_end_to_how_many_there_can_be() -> None:
    with pytest.raises(ServiceError, match=str(MOST_INTERVALS)):
        parse_intervals(START, datetime(2040, 1, 1, tzinfo=UTC), {"of": "P1D"})
