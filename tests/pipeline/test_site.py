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
from shapely import Point, box

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
from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.looks import LOGLIK_COLUMNS
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import FootprintStatus, Site, Unit, UnitKind
from satverify.features.overpasses import learn_overpasses
from satverify.features.service import service_calendar
from satverify.features.surroundings import observe_site
from satverify.pipeline.site import verify_site
from satverify.simulate.season import Scenario, Season, simulate_season
from satverify.simulate.weather import Climate
from tests.inference.classifier.made_heat import made_looks
from tests.pipeline.archived import simple_model
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


SENTINEL = "sentinel-2-l1c"
MODEL = simple_model()


def with_ground(site: Site, *known: int, apart: float = 0.003) -> Site:
    """The same with surveyed ground for some furnaces, 530 m apart: too near for thermal pixels."""
    centre = site.outline.centroid
    units = tuple(
        replace(
            unit,
            footprint=box(place - 0.0007, centre.y - 0.0006, place + 0.0007, centre.y + 0.0006),
            footprint_status=FootprintStatus.SURVEYED,
        )
        if number in known
        else unit
        for number, unit in enumerate(site.units)
        for place in (centre.x + (2 * number - 1) * apart,)
    )
    return replace(site, units=units)


def scenes(
    unit_id: str, is_hot: Sequence[bool], *, kind: str = "blast_furnace", first: str = "2021-05-01"
) -> pd.DataFrame:
    """``HEAT_COLUMNS`` of clear scenes of one unit every third day, each hot or cold."""
    rows = made_looks(sites=1, looks=len(is_hot)).drop(columns="state")
    time = pd.Timestamp(f"{first}T03:00", tz="UTC") + pd.to_timedelta(3 * np.arange(len(is_hot)), unit="D")
    pixels = np.where(np.array(is_hot), 4.0, 0.0)
    heat = rows.assign(
        site_id="w", unit_id=unit_id, kind=kind, time=time, hot_pixels=pixels, hot_sources=np.sign(pixels)
    )
    return heat.assign(scene_id=[f"s{number}" for number in range(len(heat))]).astype(HEAT_COLUMNS)


WORKED = [True] * 40
"""Scenes until the end of August, before the window."""


def seen_in_window(*, hot: bool) -> list[bool]:
    return WORKED + [True] + [hot] * 10


def imaged(site: Site, season: Season, *heat: pd.DataFrame, orders: Sequence[Order] = (halt(),)) -> SiteTask:
    plain = task(site, season, orders)
    return replace(plain, observed=replace(plain.observed, heat=pd.concat(heat, ignore_index=True)))


def by_unit(result: SiteResult) -> dict[str, Verdict]:
    return {found.unit_id: found.verdict for found in result.findings}


def test_looks_at_scenes_join_those_of_detections() -> None:
    site, season = steady(*PLAIN, coke=False)
    known = with_ground(site, 0, 1)
    heat = [scenes(unit.unit_id, seen_in_window(hot=True)) for unit in known.units]
    result = verify_site(imaged(known, season, *heat), MODEL)
    looks = result.looks[result.looks["unit_id"] == "w:ironmaking"]
    assert set(looks["sensor"]) == {"viirs", SENTINEL}
    assert (looks["sensor"] == SENTINEL).sum() == len(heat[0])  # one look a scene, whatever the number of furnaces
    assert looks["time"].is_monotonic_increasing
    assert (looks.loc[looks["sensor"] == SENTINEL, "loglik_running"] > 0).all()
    assert total(result).verdict is Verdict.INCONSISTENT
    assert {name for name, _ in total(result).looks.by_sensor} == {"viirs", SENTINEL}
    assert_frame_equal(result.heat, imaged(known, season, *heat).observed.heat)


def test_a_unit_with_images_of_its_own_has_its_own_days_and_its_own_finding() -> None:
    """One furnace of two stopped: together they glow on, and only images tell which."""
    site, season = steady(*PLAIN, coke=False)
    known = with_ground(site, 0, 1)
    stopped, running = scenes("w:bf0", seen_in_window(hot=False)), scenes("w:bf1", seen_in_window(hot=True))
    orders = [replace(halt(), order_id=f"o{unit}", unit_id=f"w:bf{unit}") for unit in range(2)]
    result = verify_site(imaged(known, season, stopped, running, orders=orders), MODEL)
    assert by_unit(result) == {"w:bf0": Verdict.CONSISTENT, "w:bf1": Verdict.INCONSISTENT}
    activity = result.activity.set_index(["unit_id", "local_day"])["p_halted"]
    assert set(result.activity["unit_id"]) == {"w:ironmaking", "w:bf0", "w:bf1"}
    assert activity["w:bf0", pd.Timestamp("2021-09-20")] > 0.95
    assert activity["w:bf1", pd.Timestamp("2021-09-20")] < 0.1  # images alone say no more: it may be foreign heat
    assert activity["w:ironmaking", pd.Timestamp("2021-09-20")] < 0.05
    changes = result.changes[result.changes["unit_id"] == "w:bf0"]
    assert "stop" in set(changes["change"])
    assert set(result.looks.loc[result.looks["unit_id"] == "w:bf0", "sensor"]) == {SENTINEL}


def test_furnaces_that_all_stood_still_by_their_images_contradict_a_total_that_glowed() -> None:
    site, season = steady(*PLAIN, coke=False)
    known = with_ground(site, 0, 1)
    cold = [scenes(f"w:bf{number}", seen_in_window(hot=False)) for number in range(2)]
    orders = [replace(halt(), order_id=f"o{unit}", unit_id=f"w:bf{unit}") for unit in range(2)]
    result = verify_site(imaged(known, season, *cold, orders=orders), MODEL)
    assert set(by_unit(result).values()) == {Verdict.UNDETERMINED}
    assert {found.reasons[0].code for found in result.findings} == {"sensors_disagree"}


def test_without_a_model_scenes_make_no_looks() -> None:
    site, season = steady(*PLAIN, coke=False)
    known = with_ground(site, 0, 1)
    heat = scenes("w:bf0", seen_in_window(hot=False))
    without, bare = verify_site(imaged(known, season, heat)), verify_site(task(known, season))
    assert_frame_equal(without.looks, bare.looks)
    assert without.findings == bare.findings
    assert_frame_equal(without.heat, heat)


def test_cold_images_of_one_furnace_do_not_clear_another_that_nobody_saw() -> None:
    """Coke ovens somewhere on the ground keep the rest of it from being looked at."""
    site, season = steady(*PLAIN, coke=True)
    nothing = replace(season, detections=empty_table(DETECTION_COLUMNS), sky=empty_table(SKY_COLUMNS))
    half = with_ground(site, 0)
    result = verify_site(imaged(half, nothing, scenes("w:bf0", seen_in_window(hot=False))), MODEL)
    found = by_unit(result)
    assert found["w:bf0"] is Verdict.CONSISTENT
    assert found["w:ironmaking"] is Verdict.UNDETERMINED
    assert found["w:bf1"] is Verdict.UNDETERMINED


def test_the_rest_of_the_ground_stands_for_furnaces_that_are_somewhere_on_it() -> None:
    site, season = steady(*PLAIN, coke=False)
    nothing = replace(season, detections=empty_table(DETECTION_COLUMNS), sky=empty_table(SKY_COLUMNS))
    half = with_ground(site, 0)
    cold = scenes("w:bf0", seen_in_window(hot=False))
    met = {}
    for hot in (False, True):
        rest = scenes("w:ironmaking", seen_in_window(hot=hot))
        result = verify_site(imaged(half, nothing, cold, rest), MODEL)
        met[hot] = total(result).p_met
        joint = result.looks[result.looks["unit_id"] == "w:ironmaking"]
        assert len(joint) == len(rest), "each scene is one look at the total"
    assert met[False] > 0.98
    assert met[True] < 0.1


def test_the_rest_of_the_ground_says_nothing_of_furnaces_that_stand_elsewhere() -> None:
    """A sinter machine on unknown ground has the rest looked at; its heat is not that of furnaces."""
    site, season = steady(*PLAIN, coke=False)
    nothing = replace(season, detections=empty_table(DETECTION_COLUMNS), sky=empty_table(SKY_COLUMNS))
    sinter = Unit(unit_id="w:sinter", site_id="w", kind=UnitKind.SINTER_MACHINE)
    known = with_ground(site, 0, 1)
    known = replace(known, units=(*known.units, sinter))
    cold = [scenes(f"w:bf{number}", seen_in_window(hot=False)) for number in range(2)]
    rest = scenes("w:ironmaking", seen_in_window(hot=True))
    result = verify_site(imaged(known, nothing, *cold, rest), MODEL)
    assert total(result).verdict is Verdict.CONSISTENT


def test_cloudy_scenes_are_no_evidence() -> None:
    site, season = steady(*PLAIN, coke=False)
    nothing = replace(season, detections=empty_table(DETECTION_COLUMNS), sky=empty_table(SKY_COLUMNS))
    known = with_ground(site, 0, 1)
    heat = [
        scenes(f"w:bf{number}", seen_in_window(hot=False)).assign(quality="cloudy", hot_pixels=np.nan)
        for number in range(2)
    ]
    result = verify_site(imaged(known, nothing, *heat), MODEL)
    assert set(by_unit(result).values()) == {Verdict.UNDETERMINED}
    assert (result.looks[list(LOGLIK_COLUMNS)] == 0).all(axis=None)


def test_tables_with_images_have_their_columns_types_and_order_too() -> None:
    site, season = steady(*PLAIN, coke=False)
    known = with_ground(site, 0, 1)
    heat = [scenes(unit.unit_id, seen_in_window(hot=False)) for unit in known.units]
    result = verify_site(imaged(known, season, *heat), MODEL)
    for table, columns in (
        (result.looks, LOOK_COLUMNS),
        (result.activity, ACTIVITY_COLUMNS),
        (result.changes, CHANGE_COLUMNS),
        (result.heat, HEAT_COLUMNS),
    ):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == columns
    keys = ["unit_id", "time", "sensor", "satellite"]
    assert_frame_equal(result.looks, result.looks.sort_values(keys, ignore_index=True))
