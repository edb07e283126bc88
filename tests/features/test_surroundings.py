from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import SKY_COLUMNS, empty_table
from satverify.features.overpasses import learn_overpasses
from satverify.features.surroundings import REACH, observe_site
from tests.features.heat import heat, in_service, joined, works

SKY = empty_table(SKY_COLUMNS)


@pytest.mark.parametrize(("east", "north"), [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
def test_only_heat_in_reach_travels_with_the_site(east: float, north: float) -> None:
    away = np.array([0.0, 1500.0 + REACH - 50.0, 1500.0 + REACH + 50.0, 1e6])
    seen = heat(range(4), away * east, away * north)
    observed = observe_site(works(), seen, in_service("2021-01-01", 9), learn_overpasses(seen), SKY)
    assert list(observed.detections["utc_date"].dt.day) == [1, 2]
    assert list(observed.detections.index) == [0, 1]


def test_passes_and_neighbours_cover_the_service_from_end_to_end() -> None:
    seen = joined(heat(range(30), 60_000.0), heat([3]))
    service = pd.concat([in_service("2021-01-01", 10), in_service("2021-01-21", 10)], ignore_index=True)
    observed = observe_site(works(), seen, service, learn_overpasses(seen), SKY)
    days = pd.date_range("2021-01-01", "2021-01-30")
    assert list(observed.neighbours["utc_date"]) == list(days)
    assert set(observed.passes["time"].dt.tz_localize(None).dt.normalize()) == set(days)
    assert observed.neighbours["steady"].min() > 0
    assert observed.service is service


def test_without_service_nothing_was_watched() -> None:
    nothing = heat([])
    observed = observe_site(works(), nothing, in_service("2021-01-01", 0), learn_overpasses(nothing), SKY)
    assert observed.detections.empty
    assert observed.passes.empty
    assert observed.neighbours.empty
