"""One site from its detections to its findings, on simulated seasons whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from shapely import Point

from satverify.domain.evidence import (
    ACTIVITY_COLUMNS,
    CELL_COLUMNS,
    CHANGE_COLUMNS,
    DETECTION_COLUMNS,
    LOOK_COLUMNS,
    SERVICE_COLUMNS,
    SKY_COLUMNS,
    SiteResult,
    SiteTask,
    empty_table,
)
from satverify.domain.findings import Finding, Verdict
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import FootprintStatus, Site, Unit, UnitKind
from satverify.features.overpasses import learn_overpasses
from satverify.features.service import service_calendar
from satverify.features.surroundings import observe_site
from satverify.pipeline.site import verify_site
from satverify.simulate.season import Scenario, Season, simulate_season
from satverify.simulate.weather import Climate
from tests.simulate.works_at import works_at

DAYS = (date(2021, 1, 1), date(2022, 1, 1))
WINDOW = (date(2021, 9, 1), date(2021, 10, 1))


@cache
def steady(place: tuple[float, float], timezone: str, *, coke: bool, furnaces: int = 2) -> tuple[Site, Season]:
    """A works that runs all year under a fair sky."""
    site = works_at("w", place, 15_000, furnaces, coke=coke)
    climate = Climate(clear_in_winter=0.45, clear_in_summer=0.6)
    scenario = Scenario(days=DAYS, timezone=timezone, climate=climate, has_outage=False, is_steady=True)
    return site, simulate_season(np.random.default_rng(3), [site], scenario, orders=())


def halt(start: date = WINDOW[0], stop: date = WINDOW[1]) -> Order:
    return Order(order_id="o", site_id="w", start=start, stop=stop, requirement=Requirement.HALT)


def task(
    site: Site,
    season: Season,
    orders: Sequence[Order] = (halt(),),
    *,
    timezone: str = "Asia/Shanghai",
    has_sky: bool = True,
) -> SiteTask:
    service = service_calendar(season.detections, [DAYS]) if len(season.detections) else empty_table(SERVICE_COLUMNS)
    orbits = learn_overpasses(season.detections)
    sky = season.sky if has_sky else empty_table(SKY_COLUMNS)
    observed = observe_site(site, season.detections, service, orbits, sky)
    return SiteTask(site=site, orders=tuple(orders), observed=observed, timezone=timezone, days=DAYS)


def without_heat(season: Season, start: date, stop: date, keep: float = 0.0) -> Season:
    """The same with all but a share of the pixels of some local days gone; other satellites' service goes on."""
    local = season.detections["time"].dt.tz_convert("Asia/Shanghai").dt.date
    inside = ((local >= start) & (local < stop)).to_numpy()
    lost = inside & (np.random.default_rng(1).random(len(inside)) >= keep)
    return replace(season, detections=season.detections[~lost].reset_index(drop=True))


def total(result: SiteResult) -> Finding:
    """The finding on all furnaces."""
    return next(one for one in result.findings if one.unit_id.endswith(":ironmaking"))


PLAIN = ((115.0, 37.0), "Asia/Shanghai")


def test_a_works_that_ran_on_is_not_taken_for_halted() -> None:
    site, season = steady(*PLAIN, coke=False)
    result = verify_site(task(site, season))
    found = total(result)
    assert found.verdict is Verdict.INCONSISTENT
    assert found.running_days is not None
    assert found.running_days.median >= 25
    activity = result.activity[result.activity["unit_id"] == found.unit_id]
    assert len(activity) == 365
    assert (activity["p_halted"] < 0.5).all()
    assert result.changes.empty


def test_a_works_that_stood_still_is_seen_to() -> None:
    site, season = steady(*PLAIN, coke=False)
    stood = without_heat(season, date(2021, 8, 25), date(2021, 10, 10))
    result = verify_site(task(site, stood))
    assert total(result).verdict is Verdict.CONSISTENT
    changes = result.changes.set_index("change")["local_day"]
    assert abs(changes["stop"] - pd.Timestamp("2021-08-25")) <= pd.Timedelta(days=5)
    assert abs(changes["restart"] - pd.Timestamp("2021-10-10")) <= pd.Timedelta(days=5)


def test_coke_ovens_that_burn_on_are_not_taken_for_iron() -> None:
    site, season = steady(*PLAIN, coke=True)
    warm = without_heat(season, date(2021, 8, 25), date(2021, 10, 10), keep=0.25)
    found = total(verify_site(task(site, warm)))
    assert found.looks.hot > 5
    assert found.verdict is not Verdict.INCONSISTENT
    assert "coke_battery" in {said.code for said in found.alternatives}


def test_tables_have_their_columns_types_and_order() -> None:
    site, season = steady(*PLAIN, coke=True)
    result = verify_site(task(site, season))
    for table, columns in (
        (result.looks, LOOK_COLUMNS),
        (result.activity, ACTIVITY_COLUMNS),
        (result.cells, CELL_COLUMNS),
        (result.changes, CHANGE_COLUMNS),
    ):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == columns
    assert_frame_equal(
        result.looks, result.looks.sort_values(["unit_id", "time", "sensor", "satellite"], ignore_index=True)
    )
    states = result.activity[["p_running", "p_reduced", "p_halted"]]
    np.testing.assert_allclose(states.sum(axis=1), 1.0, atol=1e-9)


def test_the_same_task_gives_the_same_result() -> None:
    site, season = steady(*PLAIN, coke=True)
    one, other = (verify_site(task(site, season)) for _ in range(2))
    assert one.findings == other.findings
    for name in ("looks", "activity", "cells", "changes"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_a_works_without_a_list_of_units_is_judged_whole() -> None:
    site, season = steady(*PLAIN, coke=False)
    (found,) = verify_site(task(replace(site, units=()), season)).findings
    assert (found.unit_id, found.verdict) == ("w:ironmaking", Verdict.INCONSISTENT)


@pytest.mark.parametrize(
    ("place", "timezone"),
    [((24.0, 66.5), "Europe/Helsinki"), ((151.0, -33.5), "Australia/Sydney"), ((178.0, -39.0), "Pacific/Auckland")],
)
def test_any_latitude_and_longitude_will_do(place: tuple[float, float], timezone: str) -> None:
    site, season = steady(place, timezone, coke=False)
    assert total(verify_site(task(site, season, timezone=timezone))).verdict is Verdict.INCONSISTENT


def test_a_works_nobody_ever_saw_stays_open() -> None:
    site, season = steady(*PLAIN, coke=False)
    far = replace(season, detections=season.detections.assign(longitude=season.detections["longitude"] + 1.0))
    result = verify_site(task(site, far))
    assert {one.verdict for one in result.findings} == {Verdict.UNDETERMINED}
    assert "no_history" in {said.code for said in total(result).reasons}
    assert result.activity.empty


def test_no_detections_at_all_leave_everything_open() -> None:
    site, season = steady(*PLAIN, coke=False)
    nothing = replace(season, detections=empty_table(DETECTION_COLUMNS), sky=empty_table(SKY_COLUMNS))
    result = verify_site(task(site, nothing))
    assert {one.verdict for one in result.findings} == {Verdict.UNDETERMINED}
    assert "outside_area" in {said.code for said in total(result).reasons}
    assert len(result.looks) == 0


def test_a_satellite_out_of_service_is_no_evidence() -> None:
    site, season = steady(*PLAIN, coke=False)
    plain = task(site, season)
    service = plain.observed.service
    is_out = service["utc_date"].between("2021-08-30", "2021-10-02")
    silent = service.assign(status=service["status"].where(~is_out, "outage").astype("str"))
    gone = without_heat(season, *WINDOW)
    dark = replace(task(site, gone).observed, service=silent)
    found = total(verify_site(replace(plain, observed=dark)))
    assert found.verdict is Verdict.UNDETERMINED
    assert found.looks.clear == 0
    assert "no_usable_look" in {said.code for said in found.reasons}


def test_a_month_under_cloud_is_no_evidence() -> None:
    site, season = steady(*PLAIN, coke=False)
    sky = season.sky.copy()
    sky.loc[sky["date"].between("2021-08-30", "2021-10-02"), "cloud_cover"] = 100.0
    hidden = replace(without_heat(season, *WINDOW), sky=sky)
    assert total(verify_site(task(site, hidden))).verdict is Verdict.UNDETERMINED


def test_furnaces_with_known_ground_far_apart_are_judged_one_by_one() -> None:
    site, _ = steady(*PLAIN, coke=False)
    units = tuple(
        replace(unit, footprint=Point(115.0 + east, 37.0).buffer(0.001), footprint_status=FootprintStatus.SURVEYED)
        for unit, east in zip(site.units, (-0.008, 0.008), strict=True)
    )
    apart = replace(site, units=units)
    scenario = Scenario(
        days=DAYS, climate=Climate(clear_in_winter=0.5, clear_in_summer=0.6), has_outage=False, is_steady=True
    )
    season = simulate_season(np.random.default_rng(4), [apart], scenario, orders=())
    found = {one.unit_id: one.verdict for one in verify_site(task(apart, season)).findings}
    assert found == {"w:bf0": Verdict.INCONSISTENT, "w:bf1": Verdict.INCONSISTENT}


def test_a_coking_works_has_nothing_to_halt() -> None:
    site, season = steady(*PLAIN, coke=True)
    ovens = tuple(Unit(unit_id=f"w:c{n}", site_id="w", kind=UnitKind.COKE_BATTERY) for n in range(2))
    (found,) = verify_site(task(replace(site, units=ovens), season)).findings
    assert (found.verdict, found.reasons[0].code) == (Verdict.UNDETERMINED, "not_observable_kind")


def test_a_steady_neighbour_is_told_where_heat_might_be_its_own() -> None:
    site, season = steady(*PLAIN, coke=False)
    heat = season.detections
    beside = heat.assign(longitude=heat["longitude"] + 0.028)  # 2.5 km east, some 1.2 km outside the outline
    both = pd.concat([heat, beside], ignore_index=True).sort_values(["time", "satellite"], ignore_index=True)
    for detections, is_told in ((heat, False), (both, True)):
        found = total(verify_site(task(site, replace(season, detections=detections))))
        distances = [dict(said.values)["distance_m"] for said in found.alternatives if said.code == "neighbour"]
        assert bool(distances) is is_told
        assert all(0 < float(distance) <= 1500 for distance in distances)
