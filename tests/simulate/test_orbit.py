from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from satverify.simulate.orbit import VIIRS, Passes, overpasses, pixel_size

YEAR = (date(2023, 1, 1), date(2024, 1, 1))


def passes_of(*satellites: str, days: tuple[date, date] = YEAR, place: tuple[float, float] = (6.73, 51.49)) -> Passes:
    return overpasses(np.array([place[0]]), np.array([place[1]]), days, satellites)


def test_the_orbit_repeats_after_sixteen_days() -> None:
    passes = passes_of("N", days=(date(2023, 1, 1), date(2023, 2, 2)))
    first = passes.time < np.datetime64("2023-01-17")
    np.testing.assert_array_equal(passes.time[first] + np.timedelta64(16, "D"), passes.time[~first])
    np.testing.assert_array_equal(passes.scan_angle[first], passes.scan_angle[~first])


def test_swaths_cover_every_place_at_least_once_by_night_and_once_by_day() -> None:
    for latitude in (0.0, 25.0, 39.0, 53.0):
        passes = passes_of("N", place=(116.0, latitude), days=(date(2022, 1, 1), date(2022, 1, 17)))
        shift = np.timedelta64(int(116 / 15 * 3600), "s")  # local solar time, so that a night is not cut in two
        days = (passes.time + shift).astype("datetime64[D]")
        for is_day in (True, False):
            assert np.unique(days[passes.is_day == is_day]).size >= 15  # the range ends inside a local day


def test_passes_per_day_are_the_swath_over_the_distance_of_tracks() -> None:
    # at the equator 14.19 tracks a day of 3060 km swath, twice, over 40030 km, slanted to the parallel by 98.7 degrees
    passes = passes_of("N", place=(0.0, 0.0), days=(date(2022, 1, 1), date(2022, 1, 17)))
    expected = 2 * 227 * 3060 / np.sin(np.radians(98.7 - 3.8)) / 40030  # the Earth's turning adds 3.8 degrees of slant
    assert len(passes) == pytest.approx(expected, abs=2)  # whole passes, by day and by night


def test_passes_are_in_the_hours_after_noon_and_midnight() -> None:
    passes = passes_of("N", "N20", "N21", place=(118.0, 39.5))
    second = (passes.time - passes.time.astype("datetime64[D]")).astype(np.int64) / 3600 + 118 / 15
    hour = second % 24
    # the slanting track is at 12.9 and 1.9 h at this latitude; the swath is 1530 km, 1.2 h of longitude, on either side
    assert np.all(np.abs(hour[passes.is_day] - 12.9) < 1.3)
    assert np.all(np.abs(hour[~passes.is_day] - 1.9) < 1.3)


def test_satellites_come_a_quarter_of_a_revolution_apart() -> None:
    first = {name: passes_of(name, days=(date(2023, 1, 1), date(2023, 1, 9))) for name in ("N", "N20", "N21")}
    gaps = [
        np.abs(first["N"].time[:, None] - first[other].time[None]).min(axis=1).astype(int) / 60
        for other in ("N20", "N21")
    ]
    assert [float(np.round(np.median(gap))) for gap in gaps] == pytest.approx([25.4, 25.4], abs=1)  # 101.5 min / 4


def test_pixel_size_at_nadir_and_at_the_edge_of_the_swath() -> None:
    # FIRMS: 0.38 x 0.36 km near nadir, and never above 0.80 x 0.80 km (VIIRS 375 m active fire user guide)
    scan, track = pixel_size(np.array([0.0, VIIRS.widest_scan, -VIIRS.widest_scan]))
    assert scan[0] == pytest.approx(0.38, abs=0.005)  # FIRMS prints two decimals
    assert track[0] == pytest.approx(0.36, abs=0.005)
    assert scan[1] == scan[2] == pytest.approx(0.8, abs=0.03)
    assert track[1] == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("germany_thyssenkrupp_duisburg", (6.73, 51.49)),
        ("germany_dillingen", (6.746, 49.354)),
    ],
)
def test_real_detections_fall_on_the_overpasses(shared_data: Path, name: str, place: tuple[float, float]) -> None:
    real = pd.read_csv(shared_data / "firms" / f"{name}.csv", dtype={"acq_time": str})
    time = pd.to_datetime(real["acq_date"] + real["acq_time"].str.zfill(4), format="%Y-%m-%d%H%M")
    passes = passes_of("N", place=place)
    gap = np.abs(time.to_numpy().astype("datetime64[s]")[:, None] - passes.time[None])
    nearest = gap.argmin(axis=1)
    assert gap.min(axis=1).max() <= np.timedelta64(180, "s")  # the track is kept to 20 km, the fit to a minute or two
    np.testing.assert_array_equal(real["daynight"].to_numpy() == "D", passes.is_day[nearest])
    scan, track = pixel_size(passes.scan_angle[nearest])
    is_close = (np.abs(real["scan"] - scan) < 0.03) & (np.abs(real["track"] - track) < 0.03)
    assert is_close.mean() > 0.95  # a works some km wide can lie across a step of the pixel size


def test_no_days_and_no_places_give_no_passes() -> None:
    assert len(passes_of("N", days=(date(2022, 1, 1), date(2022, 1, 1)))) == 0
    assert len(overpasses(np.empty(0), np.empty(0), YEAR, ("N",))) == 0


def test_passes_are_sorted_by_place_and_time() -> None:
    passes = overpasses(
        np.array([118.0, 113.0]), np.array([39.0, 36.0]), (date(2022, 1, 1), date(2022, 2, 1)), ("N", "N20")
    )
    order = np.lexsort((passes.time, passes.place))
    np.testing.assert_array_equal(order, np.arange(len(passes)))
