"""Processing units against worked and recorded examples."""

from __future__ import annotations

import pytest

from satverify.emulator.engine import processing_units
from satverify.emulator.engine.cost import FLOAT_FACTOR, STATISTICS_FLOOR

# Worked from the published formula: 3 x 3 km at 20 m with four bands, at 10 m; a unit of 300 m; SLSTR; TROPOMI.
WORKED = [
    ((150, 150, 4, 1, 1.0), 0.1144),
    ((150, 150, 4, 1, FLOAT_FACTOR), 0.2289),
    ((300, 300, 4, 1, 1.0), 0.4578),
    ((15, 15, 4, 1, 1.0), 0.0133),
    ((30, 30, 3, 1, FLOAT_FACTOR), 0.02),
    ((20, 20, 1, 1, FLOAT_FACTOR), 0.0067),
    ((150, 150, 4, 30, 1.0), 3.433),
    ((512, 512, 3, 1, 1.0), 1.0),
]


@pytest.mark.parametrize(("given", "expected"), WORKED)
def test_worked_examples_come_out(given: tuple[int, int, int, float, float], expected: float) -> None:
    width, height, bands, samples, factor = given
    found = processing_units(width=width, height=height, bands=bands, samples=samples, format_factor=factor)
    assert found == pytest.approx(expected, rel=5e-3)  # the examples are rounded


def test_recorded_costs_come_out() -> None:
    # sentinelhub-py's notebook on the header: 660657 pixels, three bands, as PNG and as statistics of two intervals.
    assert processing_units(width=660657, height=1, bands=3) == 2.5202064514160156
    statistics = processing_units(width=660657, height=1, bands=3, samples=2, floor=STATISTICS_FLOOR)
    assert statistics == 5.040412902832031


def test_nothing_is_cheaper_than_the_floor() -> None:
    assert processing_units(width=1, height=1, bands=1, samples=0) == 0.005
    assert processing_units(width=1, height=1, bands=1, floor=STATISTICS_FLOOR) == 0.01


def test_fused_collections_multiply() -> None:
    assert processing_units(width=512, height=512, bands=3, collections=2) == 2
