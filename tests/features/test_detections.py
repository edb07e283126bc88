from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.domain.evidence import LOOK_COLUMNS, SKY_COLUMNS, Observed, empty_table
from satverify.domain.sites import Site, UnitKind
from satverify.features.detections import SKY_NEAR, SKY_REACH, Measured, measure
from satverify.features.overpasses import learn_overpasses
from satverify.features.places import Places, heat_places
from satverify.features.plane import Plane
from satverify.features.service import service_calendar
from satverify.features.surroundings import observe_site
from satverify.features.units import observed_units
from tests.features.heat import PLANE, between, heat, in_service, joined, real, site_round, ukraine, unit, works

FIRST = "2021-01-01"
LATER = {"p_clear", "p_detect", "loglik_running", "loglik_reduced", "loglik_halted"}
NO_SKY = empty_table(SKY_COLUMNS)
ALL_YEAR = np.arange(0, 365, 5)


def sky(*points: tuple[float, float], days: int = 3) -> pd.DataFrame:
    """Points so far east of the works [m], each with one cloud cover on every day."""
    tables = []
    for east, cloud in points:
        longitude, latitude = PLANE.unproject(np.array([east]), np.array([0.0]))
        table = empty_table(SKY_COLUMNS).reindex(range(days))
        table["date"] = pd.date_range(FIRST, periods=days)
        tables.append(table.assign(longitude=longitude[0], latitude=latitude[0], cloud_cover=cloud, snow_depth=2.0))
    return pd.concat(tables, ignore_index=True).astype(SKY_COLUMNS)


def measured_all(
    site: Site, seen: pd.DataFrame, service: pd.DataFrame, around: pd.DataFrame = NO_SKY, timezone: str = "UTC"
) -> tuple[list[Measured], Places, Observed]:
    units = observed_units(site)
    observed = observe_site(site, seen, service, learn_overpasses(seen), around)
    places = heat_places(site, units, observed.detections, 365)
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    return [measure(site.site_id, each, places, observed, plane, timezone) for each in units], places, observed


def measured(seen: pd.DataFrame, service: pd.DataFrame, around: pd.DataFrame = NO_SKY) -> Measured:
    return measured_all(works(), seen, service, around)[0][0]


def test_looks_have_every_column_that_needs_no_likelihood() -> None:
    found = measured(heat(ALL_YEAR), in_service(FIRST, 365)).looks
    expected = {name: kind for name, kind in LOOK_COLUMNS.items() if name not in LATER}
    types = found.dtypes.astype(str).to_dict()
    assert types == expected | dict.fromkeys(["snow_depth", "lit", "steady"], "float64")


@pytest.mark.parametrize("seen", [heat([]), heat([3])], ids=["nothing seen", "seen once"])
def test_days_on_which_little_was_seen_are_looks_all_the_same(seen: pd.DataFrame) -> None:
    found = measured(seen, in_service(FIRST, 10, out=[5]))
    assert len(found.looks) == 10
    assert found.looks["hot_pixels"].sum() == 0
    assert found.looks["elsewhere_pixels"].sum() == len(seen)
    assert found.looks["quality"].tolist() == ["partly"] * 5 + ["outage"] + ["partly"] * 4
    assert len(found.pixel_look) == 0


def test_without_service_there_are_no_looks() -> None:
    found = measured(heat(ALL_YEAR), in_service(FIRST, 0))
    assert found.looks.empty
    assert len(found.pixel_look) == 0


def test_power_is_summed_over_pixels_that_tell_it() -> None:
    powers = [(0, 1.5), (0, 2.5), (5, np.nan), (10, np.nan), (10, 4.0)]
    parts = [heat([day], 10.0 * n, fire_radiative_power=power) for n, (day, power) in enumerate(powers)]
    looks = measured(joined(heat(ALL_YEAR[3:]), *parts), in_service(FIRST, 365)).looks
    assert looks["hot_pixels"].iloc[[0, 5, 10]].tolist() == [2, 1, 2]
    np.testing.assert_array_equal(looks["fire_radiative_power"].iloc[[0, 1, 5, 10]], [4.0, np.nan, np.nan, 4.0])


def test_sources_are_counted_once_however_many_pixels_they_have() -> None:
    parts = [heat(ALL_YEAR), heat(ALL_YEAR, 50.0), heat(ALL_YEAR[::2], -1125.0)]
    looks = measured(joined(*parts), in_service(FIRST, 365)).looks
    assert looks["hot_pixels"].iloc[[0, 5, 10]].tolist() == [3, 2, 3]
    assert looks["hot_sources"].iloc[[0, 5, 10]].tolist() == [2, 1, 2]


def test_pixels_know_their_look_and_their_cell() -> None:
    found = measured(joined(heat(ALL_YEAR), heat(ALL_YEAR[::2], -1125.0)), in_service(FIRST, 365))
    assert found.looks["hot_pixels"].tolist() == np.bincount(found.pixel_look, minlength=365).tolist()
    west = found.hot.column[found.pixel_cell] == -3
    assert set(found.pixel_look[west]) == {int(day) for day in ALL_YEAR[::2]}


def test_pixels_keep_their_look_when_satellites_are_put_in_the_order_of_time() -> None:
    service = pd.concat([in_service(FIRST, 365), in_service(FIRST, 365, satellite="N20")], ignore_index=True)
    seen = joined(heat(ALL_YEAR), heat(ALL_YEAR[::3], satellite="N20"), heat(ALL_YEAR[::3], satellite="N20"))
    found = measured(seen, service)
    assert found.looks["hot_pixels"].tolist() == np.bincount(found.pixel_look, minlength=730).tolist()
    assert found.looks.groupby("satellite")["hot_pixels"].max().to_dict() == {"N": 1, "N20": 2}


def test_looks_stand_in_the_order_of_time() -> None:
    service = pd.concat([in_service(FIRST, 9, satellite="N20"), in_service(FIRST, 9)], ignore_index=True)
    looks = measured(joined(heat([1, 4], hours=17.6), heat([2], satellite="N20", hours=5.6)), service).looks
    assert looks["time"].is_monotonic_increasing
    assert len(looks) == 36


def test_the_nearest_sky_weighs_most_and_a_far_one_not_at_all() -> None:
    around = sky((10_000.0, 0.0), (70_000.0, 100.0), (SKY_REACH + 5_000.0, 100.0))
    looks = measured(heat([0]), in_service(FIRST, 3), around).looks
    near, far = 1 / (10_000.0 + SKY_NEAR) ** 2, 1 / (70_000.0 + SKY_NEAR) ** 2
    np.testing.assert_allclose(looks["cloud_cover"], 100 * far / (near + far), rtol=1e-6)
    np.testing.assert_allclose(looks["snow_depth"], 2.0)


def test_a_sky_nobody_tells_of_is_not_a_number() -> None:
    around = sky((10_000.0, 40.0), days=2)
    around.loc[1, "cloud_cover"] = np.nan
    looks = measured(heat([0]), in_service(FIRST, 3), around).looks
    np.testing.assert_array_equal(looks["cloud_cover"], [40.0, np.nan, np.nan])
    np.testing.assert_array_equal(looks["snow_depth"], [2.0, 2.0, np.nan])


def test_local_days_follow_the_sites_clock() -> None:
    seen = heat([0, 1], hours=[17.6, 5.6])
    (found,), _, _ = measured_all(works(), seen, in_service(FIRST, 2), timezone="Asia/Shanghai")
    days = found.looks.set_index("time")["local_day"].dt.day
    assert days[seen["time"]].tolist() == [2, 2]


pixels = st.tuples(
    st.integers(0, 40),
    st.none() | st.sampled_from([0.02, 5.0, 5.6, 17.6, 23.98]),
    st.sampled_from([-900.0, 0.0, 700.0, 2600.0]),
    st.sampled_from(["viirs", "modis"]),
    st.sampled_from([np.nan, 3.0]),
)


@settings(max_examples=15)
@given(seen=st.lists(pixels, max_size=30), out=st.sets(st.integers(0, 40), max_size=5))
def test_every_pixel_is_counted_in_exactly_one_look_of_its_unit(
    seen: list[tuple[int, float | None, float, str, float]], out: set[int]
) -> None:
    furnace, other = unit("bf1", place=(-900.0, 0.0)), unit("bf2", place=(700.0, 0.0))
    battery = unit("coke", UnitKind.COKE_BATTERY, place=(700.0, 150.0))
    table = joined(
        heat([]), *[heat([d], x, hours=h, sensor=s, fire_radiative_power=p) for d, h, x, s, p in seen for _ in "12"]
    )
    service = pd.concat(
        [in_service(FIRST, 41, out=sorted(out)), in_service(FIRST, 41).assign(sensor="modis")], ignore_index=True
    )
    for listed in ((furnace, other), (furnace, other, battery)):
        found, places, observed = measured_all(works(*listed), table, service)
        for each in found:
            own = places.unit_id == each.unit.unit_id
            assert each.looks["hot_pixels"].sum() == len(each.pixel_look) == own.sum()
            assert each.looks["elsewhere_pixels"].sum() == (places.role == "elsewhere").sum()
            power = observed.detections["fire_radiative_power"].to_numpy()[own]
            assert each.looks["fire_radiative_power"].sum() == pytest.approx(np.nansum(power))
            assert (each.looks["hot_sources"] <= each.looks["hot_pixels"]).all()
            assert ((each.looks["hot_sources"] > 0) == (each.looks["hot_pixels"] > 0)).all()
            assert set(each.looks["time"].dt.date) == set(pd.date_range(FIRST, periods=41).date)


def test_no_real_detection_at_Azovstal_is_lost(shared_data: Path) -> None:
    own = real(shared_data, "ukraine_azovstal")
    coverage = (date(2018, 1, 1), date(2022, 7, 1))
    everything = between(ukraine(shared_data), *coverage)
    service = service_calendar(everything, [coverage])
    (found,), places, observed = measured_all(site_round(own), everything, service, timezone="Europe/Kyiv")
    assert len(observed.detections) >= len(between(own, *coverage))
    assert found.looks["hot_pixels"].sum() == (places.role == "own").sum() > 9_000
    assert found.looks["elsewhere_pixels"].sum() == (places.role == "elsewhere").sum() > 0
    streams = found.looks.groupby(["sensor", "satellite"]).size()
    assert streams["viirs", "N"] == (coverage[1] - coverage[0]).days
    assert streams["viirs", "N20"] == (coverage[1] - date(2022, 1, 1)).days  # nothing of it before
    assert (found.looks.loc[found.looks["quality"] == "outage", "hot_pixels"] == 0).all()
    halted = found.looks["local_day"].between("2022-05-25", "2022-06-30")
    assert found.looks.loc[halted, "hot_pixels"].sum() == 0
