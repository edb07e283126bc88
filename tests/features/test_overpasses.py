"""Overpasses learned from detections must foretell the detections that were held out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import DETECTION_COLUMNS, empty_table
from satverify.features.overpasses import OverpassTable, learn_overpasses, overpasses

DAYS = (date(2023, 1, 1), date(2024, 1, 1))
COLUMNS = ["sensor", "satellite", "time", "is_learned", "day_night", "view_zenith_angle"]


def detections_at(times: list[str], *, satellite: str = "N", sensor: str = "viirs") -> pd.DataFrame:
    table = empty_table(DETECTION_COLUMNS).reindex(range(len(times)))
    table["time"] = pd.to_datetime(times, utc=True)
    table["longitude"], table["latitude"] = 6.7, 51.5
    table["sensor"], table["satellite"] = sensor, satellite
    return table.astype(DETECTION_COLUMNS)


def beating(drift: float = 0.0) -> pd.DataFrame:
    """Real passes over Duisburg in June 2023, moved to January and repeated for a year but for a drift [s/d]."""
    june = ["06-01 01:01", "06-01 12:29", "06-03 00:23", "06-03 13:33", "06-05 01:26", "06-08 11:58", "06-10 03:12"]
    start = pd.to_datetime([f"2023-{time}" for time in june], utc=True) - pd.Timedelta(9 * 16, "D")
    rounds = [start + pd.Timedelta(16 * n, "D") + pd.Timedelta(16 * n * drift, "s") for n in range(22)]
    return detections_at([str(time) for part in rounds for time in part])


@pytest.fixture(scope="module")
def germany(shared_data: Path) -> pd.DataFrame:
    parts = [pd.read_csv(path, dtype={"acq_time": str}) for path in sorted((shared_data / "firms").glob("ger*.csv"))]
    raw = pd.concat(parts, ignore_index=True)
    table = empty_table(DETECTION_COLUMNS).reindex(range(len(raw)))
    table["time"] = pd.to_datetime(raw["acq_date"] + " " + raw["acq_time"], format="%Y-%m-%d %H%M", utc=True)
    table["sensor"], table["satellite"] = "viirs", raw["satellite"]
    for name in ("longitude", "latitude", "track"):
        table[name] = raw[name]
    table["day_night"] = raw["daynight"]
    return table.astype(DETECTION_COLUMNS)


def nearest(passes: pd.DataFrame, detections: pd.DataFrame) -> pd.DataFrame:
    """Detections with the pass nearest in time."""
    left = detections.sort_values("time", kind="stable")
    right = passes.rename(columns={"day_night": "half"}).assign(predicted=passes["time"])
    joined = pd.merge_asof(left, right, on="time", by=["sensor", "satellite"], direction="nearest")
    joined["late"] = (joined["time"] - joined["predicted"]).dt.total_seconds() / 60 + 0.5  # cut to the minute
    return joined


@pytest.mark.parametrize("parity", [0, 1])
def test_every_held_out_detection_lies_on_a_predicted_pass(germany: pd.DataFrame, parity: int) -> None:
    is_learned_from = germany["time"].dt.day_of_year % 2 == parity
    table = learn_overpasses(germany[is_learned_from])
    held_out = germany[~is_learned_from]
    for _, site in held_out.groupby(held_out["latitude"].round()):
        passes = overpasses(table, site["longitude"].median(), site["latitude"].median(), DAYS)
        found = nearest(passes, site)
        assert found["is_learned"].all()
        assert found["late"].abs().max() <= 1.0  # [min]
        assert (found["day_night"] == found["half"]).all()
        # Pixels grow along the track with the distance to the satellite, which the file tells and the orbit foretells.
        assert np.corrcoef(found["track"].rank(), found["view_zenith_angle"].rank())[0, 1] > 0.96


def test_passes_come_about_as_often_as_the_swath_is_wide(germany: pd.DataFrame) -> None:
    passes = overpasses(learn_overpasses(germany), 6.7, 51.5, DAYS)
    turns, swath, circle = 2 * 227 / 16, 3060, 2 * np.pi * 6371 * np.cos(np.radians(51.5))
    assert len(passes) / 365 == pytest.approx(turns * swath / circle, rel=0.1)  # tracks cross the parallel at a slant
    assert passes["view_zenith_angle"].between(0, 71).all()
    assert passes["time"].is_monotonic_increasing


def test_three_satellites_drift_and_are_still_followed(shared_data: Path) -> None:
    raw = pd.concat(
        [pd.read_csv(path, dtype={"acq_time": str}) for path in sorted((shared_data / "firms").glob("tur*.csv"))],
        ignore_index=True,
    )
    times = pd.to_datetime(raw["acq_date"] + " " + raw["acq_time"], format="%Y-%m-%d %H%M", utc=True)
    table = detections_at([str(time) for time in times])
    for name in ("longitude", "latitude", "track", "satellite"):
        table[name] = raw[name]
    learned = learn_overpasses(table[times.dt.day_of_year % 2 == 0])
    held_out = table[times.dt.day_of_year % 2 == 1]
    assert [beat.satellite for beat in learned.beats] == ["N", "N20", "N21"]
    days = (date(2024, 10, 1), date(2026, 6, 1))
    found = pd.concat(
        nearest(overpasses(learned, site["longitude"].median(), site["latitude"].median(), days), site)
        for _, site in held_out.groupby(held_out["longitude"].round())
    )
    assert (found["late"].abs() <= 3).mean() >= 0.99  # near-real-time files give the start of a granule
    assert np.corrcoef(found["track"].rank(), found["view_zenith_angle"].rank())[0, 1] > 0.98


def test_a_steady_drift_is_followed() -> None:
    table = beating(drift=2.0)
    passes = overpasses(learn_overpasses(table), 6.7, 51.5, DAYS)
    assert nearest(passes, table)["late"].abs().max() <= 1.0


def test_times_that_keep_no_beat_are_not_learned() -> None:
    rng = np.random.default_rng(5)
    times = pd.Timestamp("2023-01-01", tz="UTC") + pd.to_timedelta(np.sort(rng.uniform(0, 300, 200)), unit="D")
    learned = learn_overpasses(detections_at([str(time) for time in times]))
    assert learned.beats == ()
    passes = overpasses(learned, 6.7, 51.5, (date(2023, 3, 1), date(2023, 3, 3)))
    assert not passes["is_learned"].any()


@pytest.mark.parametrize(
    ("sensor", "satellite", "longitude", "hours"),
    [
        ("viirs", "N20", 0.0, [1.5, 13.5]),
        ("viirs", "", 116.4, [5.74, 17.74]),
        ("modis", "Terra", 15.0, [9.5, 21.5]),
        ("modis", "Aqua", -150.0, [11.5, 23.5]),
    ],
)
def test_without_times_each_half_day_has_one_nominal_pass(
    sensor: str, satellite: str, longitude: float, hours: list[float]
) -> None:
    table = detections_at(["NaT"], sensor=sensor, satellite=satellite)
    passes = overpasses(learn_overpasses(table), longitude, 40.0, (date(2022, 1, 1), date(2022, 1, 2)))
    assert passes.columns.tolist() == COLUMNS
    found = (passes["time"].dt.hour + passes["time"].dt.minute / 60).tolist()
    assert found == pytest.approx(hours, abs=1 / 60)
    assert sorted(passes["day_night"]) == ["D", "N"]
    assert passes["view_zenith_angle"].isna().all()
    assert not passes["is_learned"].any()


def test_far_from_the_learned_dates_passes_are_nominal_again() -> None:
    passes = overpasses(learn_overpasses(beating()), 6.7, 51.5, (date(2024, 1, 1), date(2024, 7, 1)))
    learned = passes.groupby(passes["time"].dt.date)["is_learned"].agg(["all", "any"])
    assert (learned["all"] == learned["any"]).all()  # a day is the one or the other
    assert learned["all"].iloc[0]
    assert not learned["all"].iloc[-1]
    assert passes.loc[~passes["is_learned"]].groupby(passes["time"].dt.date).size().eq(2).all()


def test_the_sum_of_parts_is_the_whole() -> None:
    table = learn_overpasses(beating())
    whole = overpasses(table, 6.7, 51.5, (date(2023, 5, 1), date(2023, 6, 1)))
    cut = date(2023, 5, 12)
    parts = [overpasses(table, 6.7, 51.5, days) for days in ((date(2023, 5, 1), cut), (cut, date(2023, 6, 1)))]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))


def test_nothing_known_gives_nothing() -> None:
    table = learn_overpasses(empty_table(DETECTION_COLUMNS))
    assert (table.streams, table.beats) == ((), ())
    passes = overpasses(table, 6.7, 51.5, DAYS)
    assert passes.empty
    assert passes.columns.tolist() == COLUMNS
    assert overpasses(learn_overpasses(beating()), 6.7, 51.5, (DAYS[0], DAYS[0])).empty
    assert isinstance(table, OverpassTable)
