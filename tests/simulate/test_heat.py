from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import DETECTION_COLUMNS
from satverify.simulate.heat import KM_PER_DEGREE, FloatArray, Spots, detect, join_spots, spots_of
from satverify.simulate.orbit import Passes, overpasses, pixel_size

MIDDLE = (118.0, 39.5)


def passes_over(days: int = 365) -> Passes:
    stop = date.fromordinal(date(2022, 1, 1).toordinal() + days)
    return overpasses(np.array([MIDDLE[0]]), np.array([MIDDLE[1]]), (date(2022, 1, 1), stop), ("N",))


def spot(power: float, east: float = 0.0, north: float = 0.0) -> Spots:
    return Spots(east=np.array([east]), north=np.array([north]), power=np.array([power]), source=np.array([0]))


def seen(spots: Spots, passes: Passes, clear: FloatArray | float = 1.0, heat: float = 1.0) -> pd.DataFrame:
    rows = np.zeros(len(passes), dtype=np.int64)
    return detect(
        np.random.default_rng(1), spots, np.full((1, 1), heat), rows, passes, np.full(len(passes), clear), MIDDLE
    )


def test_cold_units_and_overcast_skies_give_nothing() -> None:
    assert seen(spot(5.0), passes_over(), heat=0.0).empty
    assert seen(spot(5.0), passes_over(), clear=0.0).empty


def test_detections_have_the_columns_and_types_of_the_evidence() -> None:
    for table in (seen(spot(5.0), passes_over()), seen(spot(5.0), passes_over(), heat=0.0)):
        assert dict(table.astype(DETECTION_COLUMNS).dtypes.astype(str)) == dict(
            pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in DETECTION_COLUMNS.items()}).dtypes.astype(str)
        )


def test_strong_heat_is_seen_on_almost_every_night_and_weak_heat_on_few() -> None:
    passes = passes_over()
    nights = np.count_nonzero(~passes.is_day)
    shares = [(seen(spot(power), passes)["day_night"] == "N").sum() / nights for power in (0.1, 0.5, 2.0, 10.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] > 0.97


def test_daylight_hides_what_night_shows() -> None:
    passes = passes_over()
    rate = seen(spot(1.5), passes)["day_night"].value_counts()
    assert rate["D"] / passes.is_day.sum() < 0.5 * rate["N"] / (~passes.is_day).sum()


def test_the_edge_of_the_swath_sees_less() -> None:
    passes = passes_over(3650)
    table = seen(spot(0.8), passes)
    nadir, edge = np.abs(passes.scan_angle) < 0.4, np.abs(passes.scan_angle) > 0.85
    near = table["scan"].between(0.3, 0.47) & (table["track"] < 0.42)
    far = table["track"] > 0.66
    assert near.sum() / nadir.sum() > 1.3 * far.sum() / edge.sum()


def test_a_pixel_lies_no_farther_from_its_spot_than_half_its_diagonal() -> None:
    table = seen(spot(5.0, east=1.0, north=-0.5), passes_over())
    east = (table["longitude"] - MIDDLE[0]) * KM_PER_DEGREE * np.cos(np.radians(MIDDLE[1])) - 1.0
    north = (table["latitude"] - MIDDLE[1]) * KM_PER_DEGREE + 0.5
    reach = np.hypot(table["scan"], table["track"]) / 2 + 4.5 * 0.05  # geolocation errs by 50 m
    assert (np.hypot(east, north) <= reach).all()
    assert abs(east.mean()) < 0.04  # three standard errors of a uniform pixel, some 700 passes
    assert abs(north.mean()) < 0.04


def test_spots_in_one_pixel_add_up_and_spots_far_apart_are_counted_apart() -> None:
    passes = passes_over()
    together = seen(join_spots([spot(5.0), spot(5.0, east=0.001)]), passes)
    apart = seen(join_spots([spot(5.0), spot(5.0, east=3.0)]), passes)
    assert together.groupby("time").size().mean() < 1.1
    assert apart.groupby("time").size().mean() > 1.7
    power = together["fire_radiative_power"].median() / apart["fire_radiative_power"].median()
    assert power == pytest.approx(2.0, rel=0.25)  # medians of sums of log-normal flicker are not exact sums


def test_a_units_spots_share_its_power() -> None:
    spots = spots_of(np.random.default_rng(2), 1.0, 2.0, 7.0, 3, 4)
    assert spots.power.sum() == pytest.approx(7.0)
    assert spots.source.tolist() == [3] * 4


def test_pixel_sizes_reported_are_those_of_the_pass() -> None:
    passes = passes_over(16)
    table = seen(spot(20.0), passes)
    sizes = {tuple(np.round(size, 2)) for size in zip(*pixel_size(passes.scan_angle), strict=True)}
    assert set(zip(table["scan"], table["track"], strict=True)) <= sizes
