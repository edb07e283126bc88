"""A provider with holes in it."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest

from satverify.domain.grids import Grid
from satverify.emulator import Fault, FaultKind
from satverify.emulator.faults.broken import BrokenProvider
from satverify.errors import ProductError
from tests.emulator.standin import GRANULES, ListProvider

GRID = Grid(epsg=32650, left=0, top=0, pixel_width=20, pixel_height=20, width=3, height=2)
BROKEN = Fault(kind=FaultKind.BROKEN_PRODUCT, granule=GRANULES[0].granule_id)


def test_only_the_broken_granule_fails_and_all_are_listed() -> None:
    provider = BrokenProvider(ListProvider(), lambda: [BROKEN])
    span = datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC)
    assert list(provider.collections()) == list(ListProvider().collections())
    assert len(provider.granules("sentinel-2-l1c", (117, 39, 120, 41), *span)) == 5
    np.testing.assert_array_equal(provider.read(GRANULES[1], ["B02"], GRID)["B02"], np.ones((2, 3)))
    with pytest.raises(ProductError, match=r"^Illegal request to creo://eodata/.*\. HTTP Status: '404'$"):
        provider.read(GRANULES[0], ["B02"], GRID)


def test_what_is_met_is_told_to_the_thread_that_met_it() -> None:
    provider = BrokenProvider(ListProvider(), lambda: [BROKEN])
    seen: dict[int, list[str]] = {}

    def meet(number: int) -> None:
        with provider.watched() as met:
            for granule in (GRANULES[number], GRANULES[1]):
                with suppress(ProductError):
                    provider.read(granule, ["B02"], GRID)
            seen[number] = [granule.granule_id for granule in met]

    threads = [threading.Thread(target=meet, args=(number,)) for number in (0, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {0: [GRANULES[0].granule_id], 2: [], 3: []}


def test_a_plan_that_changes_is_followed() -> None:
    faults = [BROKEN]
    provider = BrokenProvider(ListProvider(), lambda: faults)
    faults.clear()
    assert provider.read(GRANULES[0], ["B02"], GRID)["B02"].all()
