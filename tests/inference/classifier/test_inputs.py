from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.heat import HEAT_COLUMNS
from satverify.errors import ModelError
from satverify.inference.classifier.inputs import DIGITS, DIRECTIONS, INPUTS, inputs_of, rounded
from tests.inference.classifier.made_heat import made_looks

LOOKS = made_looks(sites=2, looks=5)


def column(name: str, **changed: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return inputs_of(LOOKS.assign(**changed))[:, INPUTS.index(name)]


@pytest.mark.parametrize(
    "name", ["site_id", "unit_id", "scene_id", "satellite", "time", "persistence", "view_zenith_angle", "false_target"]
)
def test_neither_identity_nor_habit_nor_date_is_looked_at(name: str) -> None:
    other = LOOKS.assign(**{name: np.roll(LOOKS[name], 1) if name == "time" else 0.7 if name == "persistence" else "x"})
    if name == "view_zenith_angle":
        other = LOOKS.assign(view_zenith_angle=40.0)
    np.testing.assert_array_equal(inputs_of(other), inputs_of(LOOKS))


def test_a_ratio_to_noise_does_not_depend_on_the_unit_of_both() -> None:
    noisy = LOOKS.assign(swir22_excess=3e3 * LOOKS["swir22_excess"], swir22_noise=3e3 * LOOKS["swir22_noise"])
    place = INPUTS.index("swir22_signal")
    np.testing.assert_allclose(inputs_of(noisy)[:, place], inputs_of(LOOKS)[:, place], rtol=1e-4)  # five digits


@pytest.mark.parametrize("noise", [0.0, -1.0, np.nan])
def test_a_ratio_to_no_noise_is_unknown_and_not_infinite(noise: float) -> None:
    assert np.isnan(column("swir22_signal", swir22_noise=noise)).all()


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_no_number_is_unknown(value: float) -> None:
    assert np.isnan(column("temperature", temperature=value)).all()


def test_counts_below_zero_count_as_none() -> None:
    assert (column("hot_pixels", hot_pixels=-3.0) == 0).all()


@pytest.mark.parametrize("name", [name for name, direction in DIRECTIONS.items() if direction == 1])
def test_what_must_not_speak_for_a_halt_rises_with_its_column(name: str) -> None:
    source = {"swir22_signal": "swir22_excess", "lwir11_signal": "lwir11_contrast"}.get(
        name, "radiant_power" if name == "radiant_power_signal" else name
    )
    known = {"lwir11_noise": 1.0, "radiant_power_uncertainty": 1.0}
    levels = [inputs_of(LOOKS.assign(**known, **{source: level}))[0, INPUTS.index(name)] for level in (0.0, 1.0, 50.0)]
    assert levels[0] < levels[1] < levels[2]


def test_missing_columns_are_named() -> None:
    with pytest.raises(ModelError, match=r"found none named .*swir22_noise"):
        inputs_of(LOOKS.drop(columns="swir22_noise"))


def test_no_rows_give_no_rows_of_all_inputs() -> None:
    assert inputs_of(LOOKS.iloc[:0]).shape == (0, len(INPUTS))


def test_every_number_of_the_heat_table_is_used_or_left_out_on_purpose() -> None:
    left_out = {"persistence", "view_zenith_angle", "swath_edge_distance", "official_cloud_share"}
    floats = {name for name, dtype in HEAT_COLUMNS.items() if dtype == "float64"}
    used = set()
    base = LOOKS.assign(**dict.fromkeys(floats, 0.37))
    for name in floats:
        if not np.array_equal(inputs_of(base.assign(**{name: 0.61})), inputs_of(base), equal_nan=True):
            used.add(name)
    assert floats - used == left_out


@given(st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda value: value == 0 or abs(value) > 1e-12))
def test_rounding_keeps_five_digits_and_is_idempotent(value: float) -> None:
    once = rounded(np.array([value]))
    np.testing.assert_allclose(once, value, rtol=0.5001 * 10.0 ** (1 - DIGITS))
    np.testing.assert_array_equal(rounded(once), once)


def test_rounding_hides_the_last_bits_and_keeps_nan() -> None:
    values = np.array([0.1 + 0.2, 123.456, np.nan, 0.0])
    np.testing.assert_array_equal(rounded(values), np.array([0.3, 123.46, np.nan, 0.0]))
