from __future__ import annotations

import numpy as np
import pytest

from satverify.simulate.scenes.pixels.quality_flags import CLOUD, LOOKED_AT, quality_flags, saturation_flags

SOIL = (0.15, 0.16, 0.18, 0.25, 0.31, 0.26, 0.001)
WHITE = (0.55, 0.55, 0.55, 0.54, 0.38, 0.27, 0.002)
SNOW = (0.65, 0.65, 0.65, 0.60, 0.10, 0.05, 0.001)
HIGH = (0.55, 0.55, 0.55, 0.54, 0.38, 0.27, 0.050)


def flags(
    spectrum: tuple[float, ...], excess: float = -1.0, colder: float = 0.0, water: float = 0.0, doubt: float = 0.0
) -> int:
    seen = {name: np.array([value]) for name, value in zip(LOOKED_AT, spectrum, strict=True)}
    rest = {"excess": excess, "colder": colder, "water": water, "doubt": doubt}
    return int(quality_flags(seen, **{name: np.array([value]) for name, value in rest.items()})[0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (flags(SOIL), 21824),
        (flags(SOIL, water=1.0), 21952),
        (flags(WHITE, excess=0.5, colder=20.0), 22280),
        (flags(SOIL, excess=-0.02), 21826),
        (flags(SNOW), 30048),
        (flags(HIGH, excess=0.5, colder=20.0), 55052),
    ],
)
def test_values_are_those_of_the_data_format_control_book(value: int, expected: int) -> None:
    assert value == expected


def test_a_bright_roof_is_cloud_where_the_processor_errs_about_the_ground_s_temperature() -> None:
    assert not flags(WHITE) & CLOUD
    assert flags(WHITE, doubt=1.6) & CLOUD
    assert not flags(SOIL, doubt=1.6) & CLOUD


def test_thin_warm_cloud_is_missed() -> None:
    assert not flags(WHITE, excess=0.1, colder=3.0) & CLOUD


def test_each_saturated_band_has_its_bit() -> None:
    found = saturation_flags({"B06": np.array([True, False]), "B07": np.array([True, True])}, (2,))
    assert found.tolist() == [32.0 + 64.0, 64.0]
