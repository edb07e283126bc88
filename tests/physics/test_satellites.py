"""Orbits against real acquisition times, and against what must hold for any orbit."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.physics.orbit import DAY, EARTH_RADIUS
from satverify.physics.satellites import SATELLITES, ground_places, pass_over, passes, track_heading

LATITUDES = st.floats(-70, 70)
LONGITUDES = st.floats(-180, 179.9)
NAMES = st.sampled_from(sorted(SATELLITES))
SLSTR_NAMES = """
    S3B_20190911T001906_INVALID S3B_20191115T233722_144_3420 S3B_20200520T050759_105_0360 S3B_20200818T100722_236_2160
    S3B_20200824T105515_322_2340 S3B_20210425T102904_336_2340 S3B_20210915T101845_065_2160 S3B_20221019T093358_364_2160
    S3B_20230315T095847_150_4320 S3B_20230819T211849_086_0900 S3B_20230821T104131_108_2160 S3B_20240129T110139_094_1800
    S3B_20250428T075539_035_2520 S3B_20251016T215803_172_0540 S3B_20260118T231041_358_1080
    S3A_20210425T110535_094_2160 S3A_20210802T000420_344_2880 S3A_20210930T220914_043_5400
"""
"""Begin, track and seconds after the node of products in the public catalogue of Sentinel-3, from their names."""


def at(text: str) -> float:
    return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()


def plants(shared_data: Path) -> pd.DataFrame:
    table = pd.read_csv(shared_data / "labels/coal_plants_on_off/labeled_geospatial_data.csv")
    time = pd.to_datetime(table["timestamp"], utc=True, format="ISO8601")
    return table.assign(time=(time - pd.Timestamp(0, tz="UTC")).dt.total_seconds())


def by_place(table: pd.DataFrame) -> list[tuple[tuple[float, float], NDArray[np.float64]]]:
    """Times at each place."""
    places, group = np.unique(table[["lon", "lat"]].to_numpy(), axis=0, return_inverse=True)
    time = table["time"].to_numpy(dtype=np.float64)
    return [((float(place[0]), float(place[1])), time[group == row]) for row, place in enumerate(places)]


def sentinel_2(place: tuple[float, float], start: float, stop: float) -> NDArray[np.float64]:
    times = [passes(name, *place, start, stop, is_ascending=False).time for name in ("sentinel-2a", "sentinel-2b")]
    return np.concatenate(times)


def test_sentinel_2_passes_when_it_took_pictures_of_power_plants(shared_data: Path) -> None:
    """From 2019 on the times are those of the tiles, exact; all of them are met within half a minute."""
    table = plants(shared_data)
    table = table[table["time"] >= at("20190101T000000")]
    off: list[float] = []
    for (longitude, latitude), time in by_place(table):
        predicted = sentinel_2((longitude, latitude), time.min() - 3600, time.max() + 3600)
        off.extend(np.abs(time[:, None] - predicted).min(axis=1))
    print(f"\n{len(off)} acquisitions, {np.mean(np.array(off) < 120):.4f} within 2 min, worst {max(off):.0f} s")
    assert len(off) > 3000
    assert max(off) < 30  # [s] half a tile is 8 s; the rest is the round Earth and the years


def test_sentinel_2_data_takes_begin_within_a_quarter_of_an_hour_before(shared_data: Path) -> None:
    """Before 2019 the times are those of the data take. The first year flew before the final orbit was reached."""
    table = plants(shared_data)
    table = table[(table["time"] >= at("20160701T000000")) & (table["time"] < at("20190101T000000"))]
    is_met: list[bool] = []
    for (longitude, latitude), time in by_place(table):
        predicted = sentinel_2((longitude, latitude), time.min() - 3600, time.max() + 3600)
        later = predicted - time[:, None]
        is_met.extend(bool(each.any()) for each in (later > -60) & (later < 900))
    assert len(is_met) > 2000
    assert np.mean(is_met) > 0.98


def test_a_narrower_swath_would_miss_real_pictures(shared_data: Path) -> None:
    table = plants(shared_data)
    table = table[table["time"] >= at("20190101T000000")]
    met = []
    for (longitude, latitude), time in by_place(table):
        span = (time.min() - 3600, time.max() + 3600)
        narrow = [
            passes(name, longitude, latitude, *span, is_ascending=False, widen=-8.0).time
            for name in ("sentinel-2a", "sentinel-2b")
        ]
        met.extend(np.abs(time[:, None] - np.concatenate(narrow)).min(axis=1, initial=np.inf) < 120)
    assert 0.8 < np.mean(met) < 0.99


@pytest.mark.parametrize(
    ("satellite", "take", "track", "place"),
    [
        ("sentinel-2a", "20180101T105441", 51, (2.2, 42.9)),
        ("sentinel-2a", "20200808T010311", 45, (142.0, 14.0)),
        ("sentinel-2a", "20210908T042701", 133, (93.2, 27.5)),
        ("sentinel-2b", "20190629T212529", 43, (-148.0, 61.0)),
        ("sentinel-2b", "20201211T073219", 49, (51.0, 42.5)),
        ("sentinel-2c", "20250317T030551", 75, (116.4, 38.8)),
        ("sentinel-2c", "20250625T095051", 79, (16.0, 47.5)),
        ("sentinel-2c", "20251201T102411", 65, (9.0, 49.0)),
    ],
)
def test_sentinel_2_tracks_have_the_numbers_in_product_names(
    satellite: str, take: str, track: int, place: tuple[float, float]
) -> None:
    begin = at(take)
    seen = passes(satellite, *place, begin - 60, begin + 1200, is_ascending=False, widen=60.0)
    assert seen.relative_orbit.tolist() == [track]


def test_sentinel_2_revolutions_have_the_numbers_in_product_metadata() -> None:
    """Data takes GS2A_20210908T042701_032448, GS2B_20190629T212529_012081, and A006470 of Sentinel-2C."""
    for satellite, take, number, place in (
        ("sentinel-2a", "20210908T042701", 32448, (93.2, 27.5)),
        ("sentinel-2b", "20190629T212529", 12081, (-148.0, 61.0)),
        ("sentinel-2c", "20251201T102411", 6470, (9.0, 49.0)),
    ):
        seen = passes(satellite, *place, at(take), at(take) + 1200, is_ascending=False, widen=60.0)
        assert seen.absolute_orbit.tolist() == [number]


@pytest.mark.parametrize("name", [name for name in SLSTR_NAMES.split() if "INVALID" not in name])
def test_sentinel_3_crosses_the_equator_when_product_names_say(name: str) -> None:
    mission, begin, track, after = name.split("_")
    satellite = SATELLITES["sentinel-3" + mission[-1].lower()]
    node = at(begin) - int(after)
    revolution = round((node - satellite.node_time) / satellite.orbit.period)
    relative, _ = satellite.orbit_numbers(np.array(revolution))
    assert relative == int(track)
    away = node - satellite.node_time - revolution * satellite.orbit.period
    assert abs(away) < (20 if mission == "S3A" else 60)  # [s] 3B drifts by 10 s a year


def test_sentinel_3_crosses_the_equator_where_state_vectors_say(shared_data: Path) -> None:
    """Two northward crossings in the manifest of a product: time, and place fixed to the Earth."""
    name = "S3A_SL_1_RBT_20210930T220914_xfdumanifest.xml"
    text = (shared_data / "reference/s3_manifest" / name).read_text("utf-8")
    orbit = text.split("<sentinel-safe:orbitReference>")[1].split("</sentinel-safe:orbitReference>")[0]
    epochs = re.findall(r'epoch type="UTC">([^<]+)Z<', orbit)
    places = re.findall(r"position>\s*<[^>]+>([-0-9.]+)<[^>]+>\s*<[^>]+>([-0-9.]+)<", orbit)
    assert len(epochs) == len(places) == 2
    satellite = SATELLITES["sentinel-3a"]
    for epoch, (x, y) in zip(epochs, places, strict=True):
        moment = datetime.fromisoformat(epoch).replace(tzinfo=UTC).timestamp()
        longitude = np.degrees(np.arctan2(float(y), float(x)))
        seen = passes("sentinel-3a", longitude, 0.0, moment - 600, moment + 600, is_ascending=True)
        assert seen.time == pytest.approx([moment], abs=5)
        assert abs(seen.off_track[0]) < 8  # [km] the round Earth
    assert (
        int(re.findall(r"relativeOrbitNumber[^>]*>(\d+)<", orbit)[0]) in satellite.orbit_numbers(np.arange(-400, 0))[0]
    )


def test_sentinel_5p_passes_when_its_pixels_were_measured(shared_data: Path) -> None:
    with xr.open_dataset(shared_data / "s5p/delhi_l2_no2/delhi_l2_pixels.nc") as pixels:
        table = pixels[["time", "orbit", "longitude", "latitude"]].to_dataframe().dropna()
    table = table.groupby("orbit").first().reset_index()
    moments = ((table["time"] - pd.Timestamp(0)) / pd.Timedelta(1, unit="s")).tolist()
    places = table[["longitude", "latitude"]].to_numpy(dtype=np.float64).tolist()
    assert len(table) > 150
    for moment, (longitude, latitude), orbit in zip(moments, places, table["orbit"].to_numpy(), strict=True):
        span = (moment - 3000, moment + 3000)
        seen = passes("sentinel-5p", longitude, latitude, *span, is_ascending=True, widen=20.0)
        best = int(np.argmin(np.abs(seen.time - moment)))
        assert abs(seen.time[best] - moment) < 60
        assert seen.absolute_orbit[best] == orbit


def test_landsat_passes_on_the_days_and_paths_in_scene_names(shared_data: Path) -> None:
    folder = shared_data / "landsat/nhi_reference"
    places = {"Darvaza": (58.44, 40.25), "Etna": (15.0, 37.75)}
    names = {
        (place, *re.findall(r"LC0(\d)_(\d{3})(\d{3})_(\d{8})", path.name)[0])
        for path in folder.rglob("*.tif")
        for place in places
        if place in str(path)
    }
    assert len(names) >= 18
    for place, number, track, _, day in names:
        start = at(f"{day}T000000")
        seen = passes(f"landsat-{number}", *places[place], start, start + DAY, is_ascending=False)
        assert seen.relative_orbit.tolist() == [int(track)]


def test_landsat_passes_the_middle_of_a_scene_at_its_time() -> None:
    """LC08_L2SP_028030_20200114: 17:05:46.7 UTC; middle of row 30 on path 28 by the WRS-2 shapefile: -95.66, 43.18."""
    moment = at("20200114T170546") + 0.7
    seen = passes("landsat-8", -95.66, 43.18, moment - 3600, moment + 3600, is_ascending=False)
    assert seen.time == pytest.approx([moment], abs=2)
    assert seen.relative_orbit.tolist() == [28]
    assert abs(seen.off_track[0]) < 10


def test_landsat_9_follows_eight_days_later_on_the_same_path() -> None:
    start = at("20220101T000000")
    first, second = (passes(f"landsat-{n}", 118.0, 39.5, start, start + 64 * DAY, is_ascending=False) for n in (8, 9))
    apart = (second.time[:, None] - first.time) % (16 * DAY)
    assert np.isclose(apart, 8 * DAY, atol=1).any(axis=1).all()


@given(name=NAMES, after=st.floats(-1400, 4400), off=st.floats(-1300, 1300))
def test_a_place_beside_the_track_is_found_again(name: str, after: float, off: float) -> None:
    satellite = SATELLITES[name]
    longitude, latitude = ground_places(satellite, satellite.node_time, np.array([after]), np.array([off]))
    is_ascending = bool(np.cos(2 * np.pi * after / satellite.orbit.period) > 0)
    found, beside = pass_over(satellite, satellite.node_time, longitude, latitude, is_ascending=is_ascending)
    if abs(latitude[0]) < 70:
        np.testing.assert_allclose(found, after, atol=0.05)  # [s] what the rounds of the iteration leave
        np.testing.assert_allclose(beside, off, atol=0.3)  # [km] likewise


@given(name=NAMES, longitude=LONGITUDES, latitude=LATITUDES, is_ascending=st.booleans())
def test_passes_repeat_after_the_cycle(name: str, longitude: float, latitude: float, is_ascending: bool) -> None:
    satellite = SATELLITES[name]
    cycle = satellite.orbit.repeat_days * DAY
    start = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    if satellite.until is not None:
        start = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
    first = passes(name, longitude, latitude, start, start + cycle, is_ascending=is_ascending)
    again = passes(name, longitude, latitude, start + cycle, start + 2 * cycle, is_ascending=is_ascending)
    np.testing.assert_allclose(again.time, first.time + cycle, atol=1e-5)
    np.testing.assert_array_equal(again.relative_orbit, first.relative_orbit)
    np.testing.assert_array_equal(again.absolute_orbit, first.absolute_orbit + satellite.orbit.repeat_orbits)


@given(name=NAMES, longitude=LONGITUDES, latitude=LATITUDES, widen=st.floats(0, 100))
def test_a_wider_swath_has_the_same_passes_and_more(name: str, longitude: float, latitude: float, widen: float) -> None:
    span = (1.645e9, 1.645e9 + 27 * DAY)
    narrow = passes(name, longitude, latitude, *span, is_ascending=False)
    wide = passes(name, longitude, latitude, *span, is_ascending=False, widen=widen)
    assert np.isin(narrow.time, wide.time).all()
    satellite = SATELLITES[name]
    added = wide.off_track[~np.isin(wide.time, narrow.time)]
    assert ((added > satellite.reach_left) | (added < -satellite.reach_right)).all()
    assert ((added <= satellite.reach_left + widen) & (added >= -satellite.reach_right - widen)).all()


def test_many_places_give_the_passes_of_each_sorted_by_time() -> None:
    longitude, latitude = np.array([118.0, -60.0, 10.0]), np.array([39.5, -20.0, 51.0])
    span = (1.6e9, 1.6e9 + 30 * DAY)
    together = passes("sentinel-2b", longitude, latitude, *span, is_ascending=False)
    assert (np.diff(together.time) >= 0).all()
    for place in range(3):
        alone = passes("sentinel-2b", longitude[place], latitude[place], *span, is_ascending=False)
        mine = together.place == place
        np.testing.assert_array_equal(together.time[mine], alone.time)
        np.testing.assert_array_equal(together.heading[mine], alone.heading)


def test_the_window_is_half_open() -> None:
    (moment, *_) = passes("sentinel-2a", 118.0, 39.5, 1.6e9, 1.601e9, is_ascending=False).time
    for start, stop, number in ((moment, moment + 1e-3, 1), (moment - 10, moment, 0), (moment, moment, 0)):
        assert len(passes("sentinel-2a", 118.0, 39.5, float(start), float(stop), is_ascending=False)) == number


@pytest.mark.parametrize(
    ("name", "first_day", "last_day"),
    [
        ("sentinel-2c", "20250121T000000", None),
        ("landsat-9", "20211031T000000", None),
        ("sentinel-5p", "20180430T000000", None),
        ("sentinel-2a", "20150704T000000", "20250121T000000"),
    ],
)
def test_there_is_no_pass_before_or_after_service(name: str, first_day: str, last_day: str | None) -> None:
    time = passes(name, 118.0, 39.5, 0.0, at("20300101T000000"), is_ascending=name == "sentinel-5p").time
    assert at(first_day) <= time.min() < at(first_day) + 17 * DAY
    end = at("20300101T000000") if last_day is None else at(last_day)
    assert end - 17 * DAY < time.max() < end


def test_slstr_sees_every_place_about_once_a_day_by_night() -> None:
    """Two satellites with a swath of 1,420 km: at 39 degrees 1.3 passes a day between them."""
    days = 54
    number = sum(
        len(passes(name, 118.0, 39.5, 1.64e9, 1.64e9 + days * DAY, is_ascending=True))
        for name in ("sentinel-3a", "sentinel-3b")
    )
    assert number / days == pytest.approx(1.33, abs=0.15)


@given(name=NAMES, after=st.floats(-1300, 1300))
def test_the_heading_is_where_the_track_goes_next(name: str, after: float) -> None:
    satellite = SATELLITES[name]
    times = np.array([after, after + 0.5])
    longitude, latitude = ground_places(satellite, satellite.node_time, times, np.zeros(2))
    east = ((longitude[1] - longitude[0] + 180) % 360 - 180) * np.cos(np.radians(latitude.mean()))
    expected = np.arctan2(east, latitude[1] - latitude[0])
    turned = float(track_heading(satellite.orbit, np.array([after + 0.25]))[0] - expected)
    assert abs((turned + np.pi) % (2 * np.pi) - np.pi) < 0.01  # [rad] geodetic latitude steps are not geocentric ones


def test_the_nadir_swath_of_slstr_reaches_farther_to_the_right() -> None:
    """Westward by day, when the satellite flies south, so that it covers the tilted OLCI."""
    satellite = SATELLITES["sentinel-3a"]
    span = (1.64e9, 1.64e9 + 27 * DAY)
    off = passes("sentinel-3a", 118.0, 39.5, *span, is_ascending=False).off_track
    assert off.min() < -900
    assert 400 < off.max() < 470
    assert satellite.reach_left + satellite.reach_right == pytest.approx(1420)


def test_a_missing_place_has_no_pass_and_an_unknown_satellite_is_named() -> None:
    assert len(passes("sentinel-2a", np.nan, 39.5, 1.6e9, 1.61e9, is_ascending=False)) == 0
    assert len(passes("sentinel-2a", np.zeros(0), np.zeros(0), 1.6e9, 1.61e9, is_ascending=False)) == 0
    with pytest.raises(InputError, match="sentinel-9z"):
        passes("sentinel-9z", 0.0, 0.0, 0.0, 1.0, is_ascending=False)
    with pytest.raises(InputError, match="2 longitudes but 1 latitudes"):
        passes("sentinel-2a", np.zeros(2), np.zeros(1), 0.0, 1.0, is_ascending=False)


def test_the_widest_scan_is_that_of_the_wider_side() -> None:
    for satellite in SATELLITES.values():
        reach = max(satellite.reach_left, satellite.reach_right) / EARTH_RADIUS
        height = satellite.orbit.altitude / EARTH_RADIUS
        scan = np.arctan2(np.sin(reach), 1 + height - np.cos(reach))
        assert satellite.orbit.widest_scan == pytest.approx(scan, rel=0.002)
