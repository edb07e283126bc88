from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.features.chances import CHANCE_COLUMNS, chances, local_days, nominal_time
from satverify.features.overpasses import OverpassTable, learn_overpasses, overpasses
from satverify.features.service import service_calendar
from tests.features.heat import LATITUDE, LONGITUDE, heat, in_service, joined, real

FIRST = "2021-01-01"
NIGHT, DAY = 17.6, 5.6  # UTC hours of the nominal passes at 118 E


def nominal_passes(days: int, *satellites: str) -> pd.DataFrame:
    table = OverpassTable(streams=tuple(("viirs", name) for name in satellites or ("N",)), beats=())
    stop = (pd.Timestamp(FIRST) + pd.Timedelta(days, "D")).date()
    return overpasses(table, LONGITUDE, LATITUDE, (date.fromisoformat(FIRST), stop))


def learned_passes(*moments: str, half: str = "N") -> pd.DataFrame:
    table = nominal_passes(len(moments))[: len(moments)].copy()
    table["time"] = pd.to_datetime(list(moments), utc=True).astype("datetime64[us, UTC]")
    return table.assign(is_learned=True, day_night=half, view_zenith_angle=10.0)


def lined_up(service: pd.DataFrame, passes: pd.DataFrame, seen: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    table, number = chances(service, passes, seen)
    assert table.dtypes.astype(str).to_dict() == CHANCE_COLUMNS
    assert len(number) == len(seen)
    return table, [int(each) for each in number]


def test_without_service_there_are_no_chances() -> None:
    table, number = lined_up(in_service(FIRST, 0), nominal_passes(0), heat([3, 4]))
    assert table.empty
    assert number == [-1, -1]


def test_files_without_times_give_one_chance_a_day() -> None:
    table, number = lined_up(in_service(FIRST, 5), nominal_passes(5), heat([1, 1, 3, 9]))
    assert list(table["utc_date"]) == list(pd.date_range(FIRST, periods=5))
    assert number == [1, 1, 3, -1]
    assert not table["time_known"].any()
    assert table["time"].isna().all()


def test_a_day_out_of_service_is_a_chance_that_was_not_had() -> None:
    table, _ = lined_up(in_service(FIRST, 3, out=[1]), nominal_passes(3), heat([]))
    assert list(table["status"]) == ["service", "outage", "service"]


def test_files_with_times_give_a_chance_for_each_pass() -> None:
    seen = heat([0, 0, 2], hours=[NIGHT, NIGHT + 0.1, DAY], day_night="")
    table, number = lined_up(in_service(FIRST, 3), nominal_passes(3), seen)
    assert len(table) == 6
    assert number[0] == number[1] != number[2]
    assert table.loc[number[2], "day_night"] == "D"
    assert table["time_known"].sum() == 2


def test_a_nominal_pass_takes_the_time_of_what_was_seen_on_it() -> None:
    seen = heat([0, 0], hours=[NIGHT + 0.9, NIGHT + 0.8])
    table, number = lined_up(in_service(FIRST, 1), nominal_passes(1), seen)
    assert table.loc[number[0], "time"] == seen["time"].min()
    assert set(table["time_known"]) == {True, False}


def test_a_learned_pass_keeps_its_own_time_and_angle() -> None:
    passes = learned_passes("2021-01-01 17:03", "2021-01-01 18:44")
    table, number = lined_up(in_service(FIRST, 1), passes, heat([0, 0], hours=[17 + 5 / 60, 18.7], day_night="N"))
    assert number == [0, 1]
    assert list(table["time"]) == list(passes["time"])
    assert table["view_zenith_angle"].tolist() == [10.0, 10.0]


def test_a_learned_pass_is_told_by_its_time_whatever_the_sun() -> None:
    """Files call a pass at nine on a dark winter morning night; the local hour calls it day."""
    passes = learned_passes("2021-01-01 01:03", half="D")
    table, number = lined_up(in_service(FIRST, 1), passes, heat([0], hours=1 + 3 / 60, day_night="N"))
    assert (len(table), number) == (1, [0])


def test_heat_far_from_every_learned_pass_is_a_chance_of_its_own() -> None:
    passes = learned_passes("2021-01-01 17:03")
    seen = heat([0, 0, 0], hours=[17.5, 17.5, 9.0])
    table, number = lined_up(in_service(FIRST, 1), passes, seen)
    assert len(table) == 3
    assert number[0] == number[1] != number[2]
    assert 0 not in number
    assert list(table.loc[number, "time"]) == list(seen["time"])


@pytest.mark.parametrize(
    ("hour", "half", "on_a_pass"),
    [(DAY + 1, "D", True), (DAY + 1, "", True), (DAY + 1, "N", False), (DAY + 6, "", False), (DAY + 6, "D", False)],
)
def test_a_nominal_pass_takes_what_was_seen_in_its_half_of_the_day(hour: float, half: str, on_a_pass: bool) -> None:
    """Orbits shift the real pass by an hour or two; six hours from both passes is neither."""
    table, number = lined_up(in_service(FIRST, 1), nominal_passes(1), heat([0], hours=hour, day_night=half))
    assert len(table) == (2 if on_a_pass else 3)
    assert table.loc[number[0], "day_night"] == ("D" if on_a_pass else half)


def test_heat_without_a_time_among_heat_with_times_is_not_lost() -> None:
    mixed = joined(heat([0], hours=NIGHT), heat([0, 1, 1]))
    table, number = lined_up(in_service(FIRST, 2), nominal_passes(2), mixed)
    assert -1 not in number
    assert len(set(number)) == 3
    untimed = [each for each, is_known in zip(number, mixed["time"].notna(), strict=True) if not is_known]
    assert not table.loc[untimed, "time_known"].any()


def test_a_satellite_that_never_saw_the_site_passed_all_the_same() -> None:
    """Its passes are known from what it saw elsewhere; a day is not a single chance because a works is faint."""
    passes = learned_passes("2021-01-01 17:03", "2021-01-01 18:44", "2021-01-02 17:40")
    table, _ = lined_up(in_service(FIRST, 2), passes, heat([]))
    assert len(table) == 3
    assert table["time_known"].all()


def test_satellites_are_kept_apart() -> None:
    service = pd.concat([in_service(FIRST, 2), in_service(FIRST, 2, satellite="N20")], ignore_index=True)
    seen = joined(heat([0, 1]), heat([1], satellite="N20", hours=NIGHT), heat([1], satellite="N21"))
    table, number = lined_up(service, nominal_passes(2, "N", "N20"), seen)
    assert table.groupby("satellite").size().to_dict() == {"N": 2, "N20": 4}
    named = ["" if each < 0 else str(table.loc[each, "satellite"]) for each in number]
    assert sorted(named) == ["", "N", "N", "N20"]


moments = st.lists(
    st.tuples(
        st.integers(-2, 12),
        st.none() | st.integers(0, 24 * 60 - 1),
        st.sampled_from(["N", "N20", ""]),
        st.sampled_from(["D", "N", ""]),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(pixels=moments, out=st.sets(st.integers(0, 9)), learned=st.booleans())
def test_every_detection_has_one_chance_of_its_satellite_and_day(
    pixels: list[tuple[int, int | None, str, str]], out: set[int], learned: bool
) -> None:
    tables = [
        heat([day], hours=None if minute is None else minute / 60, satellite=satellite, day_night=half)
        for day, minute, satellite, half in pixels
    ]
    seen = joined(*tables, heat([]))
    service = pd.concat(
        [in_service(FIRST, 10, out=sorted(out)), in_service(FIRST, 10, satellite="N20")], ignore_index=True
    )
    passes = nominal_passes(10, "N", "N20").assign(is_learned=learned)
    table, number = lined_up(service, passes, seen)
    start = pd.Timestamp(FIRST)
    inside = (seen["utc_date"] >= start) & (seen["utc_date"] < start + pd.Timedelta(10, "D"))
    has_chance = np.array(number, dtype=np.int64) >= 0
    assert (has_chance == (inside & (seen["satellite"] != "")).to_numpy()).all()
    heats = seen[has_chance].reset_index(drop=True)
    theirs = table.loc[[each for each in number if each >= 0]].reset_index(drop=True)
    assert (theirs["satellite"] == heats["satellite"]).all()
    assert ((theirs["utc_date"] - heats["utc_date"]).abs() <= pd.Timedelta(1, "D")).all()
    late = (theirs["time"] - heats["time"]).abs()
    assert (late[late.notna()] <= pd.Timedelta(10, "h")).all()
    assert (theirs.loc[heats["time"].isna(), "utc_date"] == heats.loc[heats["time"].isna(), "utc_date"]).all()
    for satellite in ("N", "N20"):
        assert set(table.loc[table["satellite"] == satellite, "utc_date"]) == set(pd.date_range(FIRST, periods=10))


def one_day(longitude: float, *, satellite: str = "N", half: str = "") -> tuple[pd.DataFrame, pd.Series]:
    table, _ = chances(in_service("2021-06-10", 1, satellite=satellite), nominal_passes(0), heat([]))
    table = table.assign(day_night=half)
    return table, nominal_time(table, longitude)


@pytest.mark.parametrize(
    ("longitude", "timezone", "half", "local"),
    [
        (118.0, "Asia/Shanghai", "", "2021-06-11"),  # the night pass of a UTC day is 01:38 of the next one
        (118.0, "Asia/Shanghai", "D", "2021-06-10"),
        (35.0, "Europe/Kyiv", "", "2021-06-10"),  # 23:10 UTC: a date alone may be either day
        (35.0, "Europe/Kyiv", "D", "2021-06-10"),
        (6.7, "Europe/Berlin", "", "2021-06-10"),
        (-87.3, "America/Chicago", "", "2021-06-10"),
        (-43.0, "America/Sao_Paulo", "", "2021-06-10"),
    ],
)
def test_a_date_without_a_time_is_the_local_day_of_the_nominal_pass(
    longitude: float, timezone: str, half: str, local: str
) -> None:
    table, nominal = one_day(longitude, half=half)
    assert str(local_days(table, nominal, timezone)[0].date()) == local


@pytest.mark.parametrize(
    ("moment", "timezone", "local"),
    [
        ("2021-06-10 15:59", "Asia/Shanghai", "2021-06-10"),
        ("2021-06-10 16:00", "Asia/Shanghai", "2021-06-11"),
        ("2021-06-10 20:59", "Europe/Kyiv", "2021-06-10"),
        ("2021-06-10 21:00", "Europe/Kyiv", "2021-06-11"),
        ("2021-01-10 22:00", "Europe/Kyiv", "2021-01-11"),  # winter time
        ("2021-06-10 04:59", "America/Chicago", "2021-06-09"),
        ("2021-06-10 05:00", "America/Chicago", "2021-06-10"),
    ],
)
def test_a_known_time_is_in_its_local_day(moment: str, timezone: str, local: str) -> None:
    table, nominal = one_day(118.0)
    table = table.assign(time=pd.Series([pd.Timestamp(moment, tz="UTC")]))
    assert str(local_days(table, nominal, timezone)[0].date()) == local


@given(longitude=st.floats(-180, 180), satellite=st.sampled_from(["N", "Terra"]), half=st.sampled_from(["", "D", "N"]))
def test_the_nominal_pass_lies_inside_its_UTC_day_at_its_solar_hour(
    longitude: float, satellite: str, half: str
) -> None:
    table, nominal = one_day(longitude, satellite=satellite, half=half)
    assert nominal[0].date() == table["utc_date"][0].date()
    hour = (nominal[0].hour + nominal[0].minute / 60 + longitude / 15) % 24
    expected = (22.5 if satellite == "Terra" else 1.5) + (12.0 if half == "D" else 0.0)
    assert abs((hour - expected + 12) % 24 - 12) <= 1 / 60 + 1e-9  # whole minutes


@pytest.mark.parametrize(
    ("names", "coverage"),
    [
        (["germany_thyssenkrupp_duisburg"], (date(2023, 1, 1), date(2024, 1, 1))),
        (["turkey_isdemir", "turkey_kardemir"], (date(2024, 10, 13), date(2025, 8, 12))),
    ],
)
def test_real_detections_lie_on_few_passes_and_none_is_lost(
    shared_data: Path, names: list[str], coverage: tuple[date, date]
) -> None:
    table = real(shared_data, *names)
    inside = table["utc_date"].between(pd.Timestamp(coverage[0]), pd.Timestamp(coverage[1]), inclusive="left")
    table = table[inside].reset_index(drop=True)
    one = table[table["longitude"].sub(table["longitude"].iloc[0]).abs() < 0.2].reset_index(drop=True)
    place = (float(one["longitude"].median()), float(one["latitude"].median()))
    passes = overpasses(learn_overpasses(table), *place, coverage)
    found, number = chances(service_calendar(table, [coverage]), passes, one)
    assert (number >= 0).all()
    late = found["time"].to_numpy()[number] - one["time"].to_numpy()
    assert (np.abs(late / pd.Timedelta(1, "min")) <= 11).all()
    strays = len(found) - len(passes)
    assert strays <= 0.01 * len(set(number.tolist()))
    days = (coverage[1] - coverage[0]).days
    assert 1.5 < len(found) / days / one["satellite"].nunique() < 4.5
