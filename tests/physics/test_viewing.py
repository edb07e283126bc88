"""Where satellites looked from, against the angles of a real tile and against what must hold for any pass."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer

from satverify.errors import InputError
from satverify.physics.orbit import EARTH_RADIUS, view_zenith_angle
from satverify.physics.satellites import SATELLITES, pass_over, passes
from satverify.physics.sun import solar_angles
from satverify.physics.viewing import ECCENTRICITY, STAGGER, orbit_radius, view_geometry

Floats = NDArray[np.float64]

TILE = "reference/s2_metadata/S2A_MSIL1C_20180101T105441_N0206_T31TDH_MTD_TL.xml"
BANDS = {"blue": 1, "nir08": 8, "cirrus": 10, "swir16": 11, "swir22": 12}  # bandId counts B8A after B8
NAMES = st.sampled_from(sorted(SATELLITES))
START = datetime(2020, 2, 1, tzinfo=UTC).timestamp()


def grid(parent: ET.Element | None) -> Floats:
    assert parent is not None
    rows = parent.findall("Values_List/VALUES")
    return np.array([[float(value) for value in (row.text or "").split()] for row in rows])


@pytest.fixture(scope="module")
def tile(shared_data: Path) -> ET.Element:
    return ET.parse(shared_data / TILE).getroot()


@pytest.fixture(scope="module")
def places() -> tuple[Floats, Floats]:
    """Longitude and latitude of the grids of angles: every 5 km from the tile's corner."""
    east, north = np.meshgrid(399_960 + 5000.0 * np.arange(23), 4_800_000 - 5000.0 * np.arange(23))
    longitude, latitude = Transformer.from_crs(32631, 4326, always_xy=True).transform(east, north)
    return np.asarray(longitude), np.asarray(latitude)


@pytest.fixture(scope="module")
def time(places: tuple[Floats, Floats]) -> float:
    """When the tile's middle was seen: the metadata give the begin of the data take only."""
    start = datetime(2018, 1, 1, 10, 54, 35, tzinfo=UTC).timestamp()
    longitude, latitude = (float(part[11, 11]) for part in places)
    (found,) = passes("sentinel-2a", longitude, latitude, start, start + 1200, is_ascending=False, widen=50).time
    return float(found)


def test_the_view_zenith_is_that_of_the_detectors_of_a_real_tile(
    tile: ET.Element, places: tuple[Floats, Floats], time: float
) -> None:
    """Every band, and each detector that saw more than a corner."""
    apart = []
    for name, number in BANDS.items():
        zenith, _, _ = view_geometry("sentinel-2a", time, *places, band=name)
        for angles in tile.iter("Viewing_Incidence_Angles_Grids"):
            if angles.get("bandId") == str(number):
                stated = grid(angles.find("Zenith"))
                is_seen = np.isfinite(stated)
                if is_seen.sum() > 5:
                    apart.append((zenith - stated)[is_seen])
    every = np.concatenate(apart)
    print(f"\nview zenith of {every.size} pixels and bands: mean {every.mean():.3f}, worst {np.abs(every).max():.3f}")
    assert len(apart) == 3 * len(BANDS)
    assert abs(every.mean()) < 0.12  # [degree] two kilometres beside the reference track, to which satellites keep
    assert np.abs(every).max() < 0.15
    assert every.std() < 0.03  # what is left without it: detectors and bands are told apart


def test_the_mean_view_is_that_of_the_metadata(tile: ET.Element, places: tuple[Floats, Floats], time: float) -> None:
    for name, number in BANDS.items():
        zenith, azimuth, _ = view_geometry("sentinel-2a", time, *places, band=name)
        grids = [g for g in tile.iter("Viewing_Incidence_Angles_Grids") if g.get("bandId") == str(number)]
        is_seen = np.logical_or.reduce([np.isfinite(grid(each.find("Zenith"))) for each in grids])
        (mean,) = (m for m in tile.iter("Mean_Viewing_Incidence_Angle") if m.get("bandId") == str(number))
        assert zenith[is_seen].mean() == pytest.approx(float(mean.findtext("ZENITH_ANGLE", "")), abs=0.1)
        assert azimuth[is_seen].mean() == pytest.approx(
            float(mean.findtext("AZIMUTH_ANGLE", "")), abs=4
        )  # two detectors of three look fore


def test_the_mean_view_of_a_catalogue_item_is_met(shared_data: Path) -> None:
    """Tile 46RER, cut by the edge of the swath: mean over bands and over what was seen of it."""
    text = (shared_data / "sentinelhub/stactools/S2A_MSIL1C_20210908_N0301_T46RER_item.json").read_text("utf-8")
    item = json.loads(text)
    outline = shapely.geometry.shape(item["geometry"])
    west, south, east, north = outline.bounds
    longitude, latitude = np.meshgrid(np.linspace(west, east, 60), np.linspace(south, north, 60))
    is_seen = shapely.contains_xy(outline, longitude, latitude)
    seen = longitude[is_seen], latitude[is_seen]
    start = datetime.fromisoformat(item["properties"]["datetime"]).timestamp()  # of the data take
    middle = float(seen[0].mean()), float(seen[1].mean())
    (time,) = passes("sentinel-2a", *middle, start, start + 1200, is_ascending=False).time
    views = [view_geometry("sentinel-2a", float(time), *seen, band=band) for band in BANDS]
    zenith = np.mean([view[0].mean() for view in views])
    assert zenith == pytest.approx(item["properties"]["view:incidence_angle"], abs=0.2)  # two kilometres, and the mean
    assert views[0][1].mean() == pytest.approx(item["properties"]["view:azimuth"], abs=6)  # detectors fore and aft
    assert views[0][2].min() == pytest.approx(0, abs=2)  # its outline follows the edge of the swath


def test_the_height_is_that_of_real_state_vectors(shared_data: Path) -> None:
    """Of Sentinel-3A at its node, from the manifests of two products."""
    orbit, heights = SATELLITES["sentinel-3a"].orbit, []
    for path in sorted((shared_data / "reference/s3_manifest").glob("*.xml")):
        for each in re.findall(
            r"<sentinel-safe:position>(.*?)</sentinel-safe:velocity>", path.read_text("utf-8"), re.S
        ):
            state = np.array([float(value) for value in re.findall(r":[xyz]>([-+.\de]+)<", each)])
            radius = float(np.linalg.norm(state[:3]))
            heights.append(radius)
            assert abs(float(orbit_radius(orbit, 0.0)) - radius) < 500  # [m] 0.06 % of the height
            falling = -float(state[:3] @ state[3:]) / radius  # at the node r is a (1 - e sin u), and u is 0
            assert falling / (radius * 2 * np.pi / orbit.period) == pytest.approx(ECCENTRICITY, abs=5e-5)
    assert len(heights) == 4


def test_the_sun_is_where_the_grids_of_a_real_tile_have_it(
    tile: ET.Element, places: tuple[Floats, Floats], time: float
) -> None:
    craft = SATELLITES["sentinel-2a"]
    node = time - float(pass_over(craft, _node(time), *(part[11, 11] for part in places), is_ascending=False)[0])
    after, _ = pass_over(craft, node, *places, is_ascending=False)
    zenith, azimuth = (np.degrees(angle) for angle in solar_angles(node + after, *places))
    off_zenith = zenith - grid(tile.find(".//Sun_Angles_Grid/Zenith"))
    off_azimuth = azimuth - grid(tile.find(".//Sun_Angles_Grid/Azimuth"))
    print(f"\nsun: zenith {np.abs(off_zenith).max():.4f}, azimuth {np.abs(off_azimuth).max():.4f} degree off at worst")
    assert np.abs(off_zenith).max() < 0.02  # [degree] refraction would be 0.04 here: it is not in the metadata either
    assert np.abs(off_azimuth).max() < 0.05  # ten seconds of the satellite's time, which wanders


def _node(time: float) -> float:
    """Northward crossing of the equator before a time."""
    craft = SATELLITES["sentinel-2a"]
    return float(time - (time - craft.node_time) % craft.orbit.period)


def test_a_satellite_overhead_is_seen_overhead() -> None:
    """On the track nothing remains but what MSI's bands look fore and aft."""
    longitude = np.linspace(0, 20, 2001)
    found = passes("sentinel-2a", longitude, np.full(2001, 40.0), START, START + 864_000, is_ascending=False)
    nearest = np.argmin(np.abs(found.off_track))
    place = (longitude[found.place[nearest]], 40.0)
    zenith, _, edge = view_geometry("sentinel-2a", found.time[nearest], *place, band="swir22")
    assert zenith == pytest.approx(STAGGER["swir22"], abs=0.02)  # 300 m beside the track
    assert edge == pytest.approx(148, abs=1)
    assert view_geometry("landsat-8", START, 0.0, 0.0)[0].shape == ()


@given(name=NAMES, longitude=st.floats(-180, 180), latitude=st.floats(-60, 60), is_ascending=st.booleans())
def test_any_pass_is_found_again_by_its_time(name: str, longitude: float, latitude: float, is_ascending: bool) -> None:
    begin = max(START, datetime.combine(SATELLITES[name].since, datetime.min.time(), UTC).timestamp())
    if SATELLITES[name].until is None:
        begin = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
    found = passes(name, longitude, latitude, begin, begin + 16 * 86_400, is_ascending=is_ascending)
    craft = SATELLITES[name]
    zenith, azimuth, edge = view_geometry(name, found.time + 30, longitude, latitude)
    expected = np.minimum(craft.reach_left - found.off_track, craft.reach_right + found.off_track)
    np.testing.assert_allclose(edge, expected, atol=1e-6)
    assert (edge >= 0).all()
    round_earth = np.degrees(view_zenith_angle(craft.orbit, found.off_track / EARTH_RADIUS))
    fore_and_aft = STAGGER["swir22"] if name.startswith("sentinel-2") else 0.0
    np.testing.assert_allclose(
        zenith, np.hypot(round_earth, fore_and_aft), atol=1.2
    )  # of 66: height and shape of the Earth
    is_aside = np.abs(found.off_track) > 20  # below the satellite the azimuth turns fast
    side = np.degrees(found.heading) + np.where(found.off_track > 0, 90.0, -90.0)  # left of the flight it looks right
    off = (azimuth - side + 180) % 360 - 180
    near_poles = 90.0 if abs(latitude) > 50 else 25.0  # meridians close in on the way to the track
    assert (np.abs(off[is_aside]) < near_poles).all()


def test_many_times_over_one_place_are_one_call() -> None:
    found = passes("sentinel-2b", 118.1, 39.6, START, START + 60 * 86_400, is_ascending=False)
    zenith, _, edge = view_geometry("sentinel-2b", found.time, 118.1, 39.6)
    alone = [float(view_geometry("sentinel-2b", float(each), 118.1, 39.6)[0]) for each in found.time]
    np.testing.assert_array_equal(zenith, alone)
    assert zenith.shape == edge.shape == found.time.shape


def test_the_edge_of_the_swath_of_landsat_is_seen_at_eight_degrees() -> None:
    """OLI's field of view is 15 degrees wide (usgs.gov/landsat-missions): 7.5 from nadir, 8.3 seen from the ground."""
    longitude = np.linspace(100, 130, 601)
    found = passes("landsat-8", longitude, np.full(601, 38.0), START, START + 16 * 86_400, is_ascending=False)
    zenith, _, edge = view_geometry("landsat-8", found.time, longitude[found.place], 38.0)
    assert zenith.max() == pytest.approx(8.4, abs=0.2)
    assert edge[np.argmax(zenith)] == pytest.approx(0, abs=3)


def test_where_no_satellite_passed_there_are_no_angles() -> None:
    (first, *_) = passes("sentinel-2a", 118.1, 39.6, START, START + 864_000, is_ascending=False).time
    for wrong in (first + 3000, first - 43_200, np.nan):
        assert np.isnan(view_geometry("sentinel-2a", wrong, 118.1, 39.6)).all()
    assert np.isnan(view_geometry("sentinel-2a", first, np.nan, 39.6)).all()
    assert all(part.shape == (0,) for part in view_geometry("sentinel-2a", np.zeros(0), 118.1, 39.6))
    with pytest.raises(InputError, match="sentinel-9"):
        view_geometry("sentinel-9", first, 118.1, 39.6)
