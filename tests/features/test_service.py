from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.evidence import SERVICE_COLUMNS
from satverify.features.service import BLOCK, SEASON, Outage, service_calendar
from tests.features.heat import UKRAINE, between, heat, joined, real, ukraine

FIRST = date(2021, 1, 1)
YEAR = ((FIRST, date(2022, 1, 1)),)
KM = 1000.0


def out_days(calendar: pd.DataFrame, satellite: str = "N", sensor: str = "viirs") -> pd.DatetimeIndex:
    own = calendar[(calendar["sensor"] == sensor) & (calendar["satellite"] == satellite)]
    assert len(own) > 0
    return pd.DatetimeIndex(own.loc[own["status"] == "outage", "utc_date"])


def runs(days: pd.DatetimeIndex) -> list[tuple[str, str]]:
    """First and last day of each unbroken run."""
    number = np.cumsum(np.diff(days.to_numpy(), prepend=days[:1].to_numpy()) > np.timedelta64(1, "D"))
    return [(str(run.min().date()), str(run.max().date())) for _, run in pd.Series(days).groupby(number)]


def many_works(count: int, silent: range, *, satellite: str = "N", every: int = 1) -> pd.DataFrame:
    """Works 100 km apart, each hot on every so many days but for the silence."""
    tables = [
        heat([day for day in range(n % every, 365, every) if day not in silent], 100 * KM * n, satellite=satellite)
        for n in range(count)
    ]
    return joined(*tables)


def test_nothing_detected_says_nothing_of_service() -> None:
    empty = service_calendar(heat([]), YEAR)
    assert empty.empty
    assert empty.dtypes.astype(str).to_dict() == SERVICE_COLUMNS
    assert service_calendar(heat([1]), ()).empty


def test_every_satellite_has_every_day_of_the_coverage_once() -> None:
    coverage = [(date(2021, 1, 1), date(2021, 1, 11)), (date(2021, 1, 8), date(2021, 1, 13)), (date(2021, 3, 1),) * 2]
    calendar = service_calendar(joined(heat([1]), heat([200], satellite="N20")), coverage)
    days = pd.date_range("2021-01-01", "2021-01-12")
    for satellite in ("N", "N20"):
        assert list(calendar.loc[calendar["satellite"] == satellite, "utc_date"]) == list(days)


def test_a_declared_outage_is_one_and_only_of_its_satellite() -> None:
    both = joined(heat(range(365)), heat(range(365), satellite="N20"))
    declared = Outage(satellite="N", start=date(2021, 5, 1), stop=date(2021, 5, 4))
    calendar = service_calendar(both, YEAR, [declared])
    assert runs(out_days(calendar)) == [("2021-05-01", "2021-05-03")]
    assert len(out_days(calendar, "N20")) == 0
    every = service_calendar(both, YEAR, [Outage(satellite="", start=date(2021, 5, 1), stop=date(2021, 5, 4))])
    assert len(out_days(every, "N20")) == 3


def test_a_silence_of_many_works_is_an_outage() -> None:
    calendar = service_calendar(many_works(4, range(150, 165)), YEAR)
    assert runs(out_days(calendar)) == [("2021-05-31", "2021-06-14")]


def test_a_single_works_that_stops_is_never_an_outage() -> None:
    calendar = service_calendar(many_works(1, range(60, 300)), YEAR)
    assert len(out_days(calendar)) == 0


@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_a_works_on_the_edge_of_blocks_is_a_single_works(east: float, north: float) -> None:
    """Its furnaces, two kilometres apart, lie in two or four blocks; that does not make several works of it."""
    longitude, latitude = 118.0 + BLOCK * (1 - east / 2), 39.5 + BLOCK * (1 - north / 2)
    days = [day for day in range(365) if not 60 <= day < 300]
    parts = [
        heat(days).assign(longitude=longitude + dx, latitude=latitude + dy)
        for dx in (-0.01, 0.01)
        for dy in (-0.01, 0.01)
    ]
    assert len(out_days(service_calendar(joined(*parts), YEAR))) == 0


@pytest.mark.parametrize(("days", "is_outage"), [(SEASON - 1, False), (SEASON, True)])
def test_two_works_may_stop_together_for_a_heating_season(days: int, is_outage: bool) -> None:
    calendar = service_calendar(many_works(2, range(150, 150 + days)), YEAR)
    assert bool(len(out_days(calendar))) is is_outage


def test_many_works_that_stop_together_under_two_satellites_obey_an_order() -> None:
    """47 days are phase 1 of a heating season; one satellite alone silent over five works would be an outage."""
    halted = range(150, 197)
    one = many_works(5, halted)
    both = joined(one, one.assign(satellite="N20"))
    assert len(out_days(service_calendar(one, YEAR))) == len(halted)
    calendar = service_calendar(both, YEAR)
    assert len(out_days(calendar)) == len(out_days(calendar, "N20")) == 0


def test_a_hole_in_the_coverage_does_not_lengthen_a_silence() -> None:
    """Ten silent days before the hole and ten after are twenty, for all anybody saw."""
    coverage = [(FIRST, date(2021, 6, 10)), (date(2021, 8, 20), date(2022, 1, 1))]
    calendar = service_calendar(many_works(2, range(150, 241)), coverage)
    assert len(out_days(calendar)) == 0


def test_a_satellite_is_out_where_another_sees_what_it_used_to_see() -> None:
    seen = joined(heat(range(0, 365, 2)), heat([d for d in range(365) if not 100 <= d < 130], satellite="N20"))
    assert runs(out_days(service_calendar(seen, YEAR), "N20")) == [("2021-04-11", "2021-05-10")]


def test_a_satellite_has_no_days_before_its_launch_nor_after_its_end() -> None:
    seen = joined(heat(range(365)), heat(range(200, 300), satellite="N20"))
    calendar = service_calendar(seen, YEAR)
    days = calendar.loc[calendar["satellite"] == "N20", "utc_date"]
    assert (str(days.min().date()), str(days.max().date()), len(days)) == ("2021-07-20", "2021-10-27", 100)
    assert len(out_days(calendar, "N20")) == 0


def test_a_young_satellite_is_asked_about_its_own_life_alone() -> None:
    """Ten years in which it did not fly do not make its silence usual."""
    seen = joined(
        heat(range(3650), first="2012-01-01"),
        heat([d for d in range(3450, 3650) if not 3600 <= d < 3606], first="2012-01-01", satellite="N20"),
    )
    calendar = service_calendar(seen, [(date(2012, 1, 1), date(2021, 12, 28))])
    assert runs(out_days(calendar, "N20")) == [("2021-11-09", "2021-11-14")]


def test_a_works_that_stops_under_two_satellites_is_no_outage() -> None:
    days = [day for day in range(365) if day < 200]
    seen = joined(heat(days), heat(days, satellite="N20"))
    calendar = service_calendar(seen, YEAR)
    assert len(out_days(calendar)) == len(out_days(calendar, "N20")) == 0


def test_cloudy_weeks_over_rarely_seen_works_are_no_outage() -> None:
    rng = np.random.default_rng(7)
    seen = joined(*[heat(np.flatnonzero(rng.random(365) < 0.1), 100 * KM * n) for n in range(6)])
    assert seen["utc_date"].nunique() < 200  # dark on nearly every second day
    assert len(out_days(service_calendar(seen, YEAR))) == 0


@given(
    days=st.lists(st.integers(0, 364), min_size=1, max_size=300),
    works=st.integers(1, 6),
    starts=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 80)), min_size=1, max_size=3),
)
def test_a_day_with_a_detection_was_in_service(
    days: Sequence[int], works: int, starts: Sequence[tuple[int, int]]
) -> None:
    coverage = [(FIRST + timedelta(a), FIRST + timedelta(a + length)) for a, length in starts]
    seen = joined(*[heat(days, 100 * KM * n) for n in range(works)])
    calendar = service_calendar(seen, coverage)
    assert set(calendar["utc_date"]) == {
        pd.Timestamp(start) + pd.Timedelta(n, "D") for start, stop in coverage for n in range((stop - start).days)
    }
    assert not set(out_days(calendar)) & set(seen["utc_date"])


SINCE_2018 = [(date(2018, 1, 1), date(2024, 1, 1))]


def test_the_outage_of_Suomi_NPP_is_found_and_none_is_invented(shared_data: Path) -> None:
    """S-NPP had no data from 2022-07-27; the files hold one row of 2022-07-28 all the same, which ends a silence."""
    calendar = service_calendar(ukraine(shared_data), SINCE_2018)
    named_until = out_days(calendar)[out_days(calendar) < pd.Timestamp("2022-09-01")]
    assert runs(named_until) == [("2022-07-29", "2022-08-10")]
    viirs = calendar[calendar["sensor"] == "viirs"].groupby("satellite")["utc_date"].agg(["min", "max"])
    assert viirs["min"].dt.strftime("%Y-%m").to_dict() == {"": "2022-09", "N": "2018-01", "N20": "2022-01"}
    assert viirs["max"].dt.strftime("%Y-%m").to_dict() == {"": "2023-12", "N": "2022-08", "N20": "2022-08"}


@pytest.mark.parametrize("name", UKRAINE)
def test_no_winter_and_no_stop_of_one_works_is_taken_for_an_outage(shared_data: Path, name: str) -> None:
    table = between(real(shared_data, f"ukraine_{name}"), date(2018, 1, 1), date(2022, 7, 1))
    calendar = service_calendar(table, [(date(2018, 1, 1), date(2022, 7, 1))])
    assert len(out_days(calendar)) == 0
    assert len(out_days(calendar, "", "modis")) == 0 if "modis" in set(table["sensor"]) else True


def test_years_that_were_not_collected_have_no_rows_or_are_outages(shared_data: Path) -> None:
    table = ukraine(shared_data)
    collected = [(date(2012, 1, 20), date(2014, 1, 1)), (date(2016, 1, 1), date(2017, 1, 1)), *SINCE_2018]
    missing = {2014, 2015, 2017}
    assert not missing & set(service_calendar(table, collected)["utc_date"].dt.year)
    claimed = service_calendar(table, [(date(2012, 1, 20), date(2024, 1, 1))])
    gone = claimed["utc_date"].dt.year.isin(missing) & (claimed["sensor"] == "viirs")
    assert (claimed.loc[gone, "status"] == "outage").all()


def test_the_months_without_a_collector_are_found_for_all_satellites(shared_data: Path) -> None:
    table = real(shared_data, "turkey_isdemir", "turkey_kardemir", "turkey_icdas_biga")
    calendar = service_calendar(table, [(date(2024, 10, 13), date(2026, 5, 18))])
    gap = pd.date_range("2025-08-14", "2026-02-18")
    for satellite in ("N", "N20", "N21"):
        found = out_days(calendar, satellite)
        assert set(gap) <= set(found)
        assert len(found) <= len(gap) + 3  # a dark night or two at either end cannot be told from it


def test_a_year_of_German_works_has_no_outage(shared_data: Path) -> None:
    names = ("am_hamburg", "dillingen", "hkm_huckingen", "thyssenkrupp_duisburg")
    table = real(shared_data, *(f"germany_{name}" for name in names))
    assert len(out_days(service_calendar(table, [(date(2023, 1, 1), date(2024, 1, 1))]))) == 0
