from __future__ import annotations

from datetime import date

import pytest

from satverify.domain.notices import City, CityScope, Clause, Phase, Rotation, VerdictOverrides, plain_city_name
from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating
from satverify.errors import InputError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prior_low", 0.0),
        ("prior_high", 1.0),
        ("consistent_at", 1.5),
        ("inconsistent_at", -0.1),
        ("tolerance_days", -1.0),
        ("tolerance_days", float("nan")),
        ("tolerance_days", float("inf")),
        ("tolerance_share", 1.1),
        ("tolerance_share", float("nan")),
        ("prior_low", float("nan")),
    ],
)
def test_thresholds_outside_their_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        VerdictOverrides(**{name: value})


@pytest.mark.parametrize(
    "pair", [{"prior_low": 0.8, "prior_high": 0.2}, {"inconsistent_at": 0.5, "consistent_at": 0.5}], ids=str
)
def test_thresholds_the_wrong_way_round_are_refused(pair: dict[str, float]) -> None:
    with pytest.raises(InputError, match="not below"):
        VerdictOverrides(**pair)


def test_a_notice_may_set_none_of_the_thresholds() -> None:
    assert VerdictOverrides() == VerdictOverrides(prior_low=None, tolerance_days=None)


@pytest.mark.parametrize("limit", [0.0, 1.2, float("nan")])
def test_nobody_may_rotate_above_capacity(limit: float) -> None:
    with pytest.raises(InputError, match="utilisation"):
        Rotation(allowed=True, utilisation_limit=limit, text="Turns.", text_zh="轮流")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stop": date(2022, 1, 1)}, "is not after start"),
        ({"baseline_stop": date(2021, 1, 1)}, "is not after 2021-01-01"),
        ({"baseline_stop": date(2022, 1, 20)}, "after the phase begins"),
        ({"baseline_stop": date(2021, 1, 10)}, "differ in length by 2 days"),
        ({"regional_floor": 0.0}, "outside"),
        ({"regional_floor": float("nan")}, "outside"),
        ({"phase_id": " "}, "without an id"),
    ],
)
def test_a_phase_checks_its_days(changes: dict[str, object], said: str) -> None:
    right: dict[str, object] = {
        "phase_id": "p",
        "start": date(2022, 1, 1),
        "stop": date(2022, 1, 12),
        "baseline_start": date(2021, 1, 1),
        "baseline_stop": date(2021, 1, 12),
        "requires": "Cut.",
        "requires_zh": "减产",
    }
    assert Phase(**right).phase_id == "p"  # type: ignore[arg-type]
    with pytest.raises(InputError, match=said):
        Phase(**(right | changes))  # type: ignore[arg-type]


def test_names_and_codes_must_be_given() -> None:
    with pytest.raises(InputError):
        City(name="Tangshan", name_zh="", province="Hebei", scope=CityScope.CORE)
    with pytest.raises(InputError):
        Clause(code="", text="Text.", text_zh="文")
    with pytest.raises(InputError):
        Standing(site_id="works", code=" ")


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.01, float("nan")])
def test_a_ratio_is_a_share(fraction: float) -> None:
    with pytest.raises(InputError, match="outside"):
        Ratio(rating=Rating.C, fraction=fraction)


@pytest.mark.parametrize(
    ("name", "plain"), [("Xiong'an New Area", "xiongan"), ("天津市", "天津"), ("City", "city"), ("", ""), ("市", "市")]
)
def test_city_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_city_name(name) == plain
