"""How far back a search looks: as far as its page needs, and not farther than it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from satverify.domain.granules import Box, Granule
from satverify.emulator import Emulator
from satverify.emulator.catalogue.search import WORLD
from satverify.emulator.catalogue.shelf import Shelf
from satverify.emulator.catalogue.spans import FIRST_EXPECTED, MOST_AT_ONCE, newest_spans
from satverify.emulator.clock import Calendar
from satverify.emulator.effort import MOST_EXPECTED, TooMuch
from satverify.simulate.scenes import SimulatedScenes
from tests.emulator.standin import Client, ListProvider, Time, at

AGES = "1900-01-01T00:00:00Z/2100-12-02T00:00:00Z"
EARTH = [-180, -90, 180, 90]


@dataclass
class Making(ListProvider):
    """The same list from a provider that says its granules take making; keeps the spans that it was asked for."""

    a_day: float = 1000.0
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    def expected(self, collection: str, box: Box, days: float) -> float:
        return self.a_day * days

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        self.asked.append((start, stop))
        return super().granules(collection, box, start, stop)


def test_spans_part_the_whole_newest_first() -> None:
    start, stop = at("2022-01-01T00:00:00"), at("2022-01-15T00:00:00")
    spans = list(newest_spans(1000, start, stop))
    assert (spans[0][1], spans[-1][0]) == (stop, start)
    assert all(later[0] == earlier[1] for later, earlier in pairwise(spans))
    expected = [1000 * ((end - begin) / timedelta(days=1)) for begin, end in spans]
    assert expected[0] == pytest.approx(FIRST_EXPECTED)
    assert max(expected) <= MOST_AT_ONCE
    assert list(newest_spans(0, start, stop)) == [(start, stop)]
    assert list(newest_spans(1000, stop, start)) == []


def test_too_much_is_told_after_as_much_as_one_search_may_look_through() -> None:
    spans = newest_spans(1000, at("1900-01-01T00:00:00"), at("2100-01-01T00:00:00"))
    spent = 0.0
    with pytest.raises(TooMuch, match="too much ground and time: about 73,049,000 products"):  # noqa: PT012 -- counts
        for begin, end in spans:
            spent += 1000 * ((end - begin) / timedelta(days=1))
    assert MOST_EXPECTED <= spent <= MOST_EXPECTED + MOST_AT_ONCE


def test_what_is_made_in_parts_is_what_is_there_at_once(time: Time) -> None:
    start, stop = at("2022-01-01T00:00:00"), at("2022-01-20T23:59:59")
    making = Making()
    found = Shelf(making, Calendar(), time).find("sentinel-2-l1c", WORLD, start, stop)
    assert found == Shelf(ListProvider(), Calendar(), time).find("sentinel-2-l1c", WORLD, start, stop)
    assert found
    assert len(making.asked) > 3


def test_no_more_is_looked_for_than_the_page_needs_or_the_client_waits_for(time: Time) -> None:
    making = Making()
    shelf = Shelf(making, Calendar(), time)
    span = (at("2022-01-01T00:00:00"), at("2022-01-20T23:59:59"))
    next(shelf.newest_first("sentinel-2-l1c", None, *span))
    assert min(begin for begin, _ in making.asked) > at("2022-01-18T00:00:00")
    making.asked.clear()
    assert list(shelf.newest_first("sentinel-2-l1c", None, *span, lambda: False)) == []
    assert making.asked == []


def test_the_whole_earth_and_all_time_give_a_page_or_a_refusal() -> None:
    with Emulator(SimulatedScenes(0)) as emulator, Client(emulator) as client:
        for collection in ("sentinel-3-slstr", "sentinel-5p-l2", "landsat-ot-l1"):
            page = client.search(collections=[collection], bbox=EARTH, datetime=AGES, limit=1)
            assert page.json()["context"] == {"next": 1, "limit": 1, "returned": 1}
        nothing = "s5p:type = 'none'"
        refused = client.search(collections=["sentinel-5p-l2"], bbox=EARTH, datetime=AGES, filter=nothing)
        assert refused.status_code == 400
        assert "Ask for a smaller area or a shorter time range" in refused.json()["description"]
        assert client.search(ids=["x"] * 1001).status_code == 400
