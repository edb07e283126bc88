"""Site lists: every format, every mistake, and nothing but the project's own errors."""

from __future__ import annotations

import json
import math
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.errors import InputError, SatverifyError
from satverify.registry.sites import READERS, check_sites, read_sites, write_sites

SQUARE = [[[118.0, 39.0], [118.02, 39.0], [118.02, 39.02], [118.0, 39.02], [118.0, 39.0]]]
SMALL = [[[118.001, 39.001], [118.003, 39.001], [118.003, 39.003], [118.001, 39.003], [118.001, 39.001]]]


def site_feature(geometry: object = SQUARE, **properties: object) -> dict[str, object]:
    shape = {"type": "Polygon", "coordinates": geometry} if isinstance(geometry, list) else geometry
    own = {"site_id": "ts-1", "name": "Works One", "name_zh": "一号钢厂", "city": "Tangshan", "rating": "B-"}
    return {"type": "Feature", "properties": own | properties, "geometry": shape}


def unit_feature(geometry: object = SMALL, **properties: object) -> dict[str, object]:
    shape = {"type": "Polygon", "coordinates": geometry} if isinstance(geometry, list) else geometry
    own = {"unit_id": "ts-1-bf1", "site_id": "ts-1", "kind": "blast_furnace", "capacity_t_per_day": 3000}
    return {"type": "Feature", "properties": own | properties, "geometry": shape}


def shifted(rings: list[list[list[float]]], east: float, north: float) -> list[list[list[float]]]:
    return [[[x + east, y + north] for x, y in ring] for ring in rings]


def written(folder: Path, *features: object, **members: object) -> Path:
    path = folder / "sites.geojson"
    document = {"type": "FeatureCollection", "features": list(features)} | members
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def problems(folder: Path, *features: object, **members: object) -> list[str]:
    return [str(problem).partition(": ")[2] for problem in check_sites(written(folder, *features, **members)).problems]


def suspicions(folder: Path, *features: object) -> list[str]:
    checked = check_sites(written(folder, *features))
    assert checked.problems == ()
    return [str(problem).partition(": ")[2] for problem in checked.warnings]


# ---------------------------------------------------------------------------------------------------- what is right


def test_a_site_and_its_units_are_read(tmp_path: Path) -> None:
    (site,) = read_sites(written(tmp_path, site_feature(), unit_feature(), unit_feature(None, unit_id="ts-1-coke", kind="coke_battery", capacity_t_per_day=None)))  # fmt: skip # noqa: E501
    assert (site.site_id, site.name, site.name_zh, site.city) == ("ts-1", "Works One", "一号钢厂", "Tangshan")
    assert site.rating is Rating.B_MINUS
    assert site.outline_status is FootprintStatus.SURVEYED
    furnace, coke = site.units
    assert (furnace.kind, furnace.capacity_t_per_day) == (UnitKind.BLAST_FURNACE, 3000.0)
    assert furnace.footprint is not None
    assert furnace.footprint.equals(Polygon(SMALL[0]))
    assert (coke.kind, coke.capacity_t_per_day, coke.footprint) == (UnitKind.COKE_BATTERY, None, None)


def test_a_site_without_units_is_fine(tmp_path: Path) -> None:
    (site,) = read_sites(written(tmp_path, site_feature(rating=None, name_zh=None, city=None)))
    assert site.units == ()
    assert site.rating is None


def test_units_may_stand_before_their_site(tmp_path: Path) -> None:
    (site,) = read_sites(written(tmp_path, unit_feature(), site_feature()))
    assert [unit.unit_id for unit in site.units] == ["ts-1-bf1"]


def test_ids_that_are_numbers_become_text(tmp_path: Path) -> None:
    (site,) = read_sites(written(tmp_path, site_feature(site_id=7), unit_feature(site_id=7.0, unit_id=71)))
    assert (site.site_id, site.units[0].unit_id) == ("7", "71")


def test_a_chinese_name_alone_is_a_name(tmp_path: Path) -> None:
    (site,) = read_sites(written(tmp_path, site_feature(name=None)))
    assert site.name == "一号钢厂"


def test_remarks_and_columns_of_map_programs_are_passed_over(tmp_path: Path) -> None:
    features = [site_feature(source="somewhere", note="x", fid=1, OBJECTID=3, Shape_Area=0.1)]
    assert len(read_sites(written(tmp_path, *features, attribution="someone"))) == 1


def test_rings_come_back_counter_clockwise_and_flat(tmp_path: Path) -> None:
    clockwise = [[[x, y, 12.0] for x, y in reversed(SQUARE[0])]]
    (site,) = read_sites(written(tmp_path, site_feature(clockwise)))
    assert isinstance(site.outline, Polygon)
    assert site.outline.exterior.is_ccw
    assert not site.outline.has_z


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, site_feature())
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert read_sites(path)[0].name_zh == "一号钢厂"


def test_parts_that_overlap_are_joined_with_a_warning(tmp_path: Path) -> None:
    parts = [SQUARE, shifted(SQUARE, 0.01, 0.0)]
    feature = site_feature({"type": "MultiPolygon", "coordinates": parts})
    (warning,) = suspicions(tmp_path, feature)
    assert "taken as one area" in warning
    (site,) = read_sites(written(tmp_path, feature))
    assert site.outline.equals(box(118.0, 39.0, 118.03, 39.02))


# ---------------------------------------------------------------------------------------------------- other formats


def as_table(path: Path) -> Path:
    """A GeoJSON list through geopandas into the format that the name asks for."""
    import geopandas

    table = geopandas.read_file(written(path.parent, site_feature(), unit_feature(), unit_feature(None, unit_id="u2")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a Shapefile's short column names
        if path.suffix == ".parquet":
            table.to_parquet(path)
        elif path.suffix == ".kml":
            table.to_file(path, driver="LIBKML")
        elif path.suffix == ".shp":
            table.to_file(path, encoding="GB18030")
        else:
            table.to_file(path)
    return path


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.kml", "a.parquet"])
def test_every_format_gives_the_same_sites(tmp_path: Path, name: str) -> None:
    path = as_table(tmp_path / name)
    checked = check_sites(path)
    assert checked.problems == ()
    assert checked.warnings == ()
    assert checked.sites == read_sites(tmp_path / "sites.geojson")


@pytest.mark.parametrize("folder", ["", "shapes/"])
def test_a_zipped_shapefile_is_read_without_any_word_on_its_encoding(tmp_path: Path, folder: str) -> None:
    path = as_table(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(path.with_suffix(suffix), f"{folder}a{suffix}")
    assert read_sites(tmp_path / "a.zip") == read_sites(tmp_path / "sites.geojson")


def test_another_coordinate_system_is_converted(tmp_path: Path) -> None:
    import geopandas

    plain = read_sites(written(tmp_path, site_feature()))
    geopandas.read_file(tmp_path / "sites.geojson").to_crs(32650).to_file(tmp_path / "utm.gpkg")
    (site,) = read_sites(tmp_path / "utm.gpkg")
    assert site.outline.equals_exact(plain[0].outline, tolerance=1e-8)  # millimetres: the projection's own round-off


def test_the_crs_member_of_the_2008_draft_is_honoured(tmp_path: Path) -> None:
    corner, other = (500_000.0, 4_316_000.0), (502_000.0, 4_318_000.0)  # about 117 E, 39 N in UTM 50 N
    ring = [[list(position) for position in box(*corner, *other).exterior.coords]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}
    (site,) = read_sites(written(tmp_path, site_feature(ring), crs=crs))
    assert site.outline.bounds == pytest.approx((117.0, 38.99, 117.023, 39.01), abs=0.01)


def test_layers_of_a_geopackage_are_read_together(tmp_path: Path) -> None:
    import geopandas

    for layer, feature in (("sites", site_feature()), ("units", unit_feature())):
        geopandas.read_file(written(tmp_path, feature)).to_file(tmp_path / "a.gpkg", layer=layer)
    (site,) = read_sites(tmp_path / "a.gpkg")
    assert [unit.unit_id for unit in site.units] == ["ts-1-bf1"]


def test_a_shapefile_without_coordinate_system_is_taken_as_wgs84_with_a_warning(tmp_path: Path) -> None:
    path = as_table(tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    checked = check_sites(path)
    assert checked.problems == ()
    assert [warning.where for warning in checked.warnings] == ["coordinate system"]


def test_a_shapefile_may_declare_yet_another_encoding(tmp_path: Path) -> None:
    import geopandas

    table = geopandas.read_file(written(tmp_path, site_feature(name="Запоріжсталь", name_zh=None)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # short column names
        table.to_file(tmp_path / "a.shp", encoding="CP1251")
    assert (tmp_path / "a.cpg").read_text() == "CP1251"
    assert read_sites(tmp_path / "a.shp")[0].name == "Запоріжсталь"


def test_a_damaged_prj_file_is_a_problem_of_its_own(tmp_path: Path) -> None:
    path = as_table(tmp_path / "a.shp")
    prj = path.with_suffix(".prj")
    prj.write_bytes(prj.read_bytes().replace(b"GCS_", b"GC\x9a_"))
    (problem,) = check_sites(path).problems
    assert problem.where == "coordinate system"


def test_kml_drawn_by_hand_is_read(tmp_path: Path) -> None:
    ring = " ".join(f"{x},{y},0" for x, y in SQUARE[0])
    placemark = f"""<Placemark><name>Works One</name><description>seen from above</description>
      <ExtendedData><Data name="site_id"><value>ts-1</value></Data></ExtendedData>
      <Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>
      </Placemark>"""
    path = tmp_path / "a.kml"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<Folder><name>f</name>{placemark}</Folder></Document></kml>",
        encoding="utf-8",
    )
    (site,) = read_sites(path)
    assert (site.site_id, site.name) == ("ts-1", "Works One")


def test_a_file_that_only_claims_to_be_kml_is_refused_before_anything_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text("<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/http://x/y</SrcDataSource>")
    with pytest.raises(InputError, match="a kml file"):
        read_sites(path)


# ---------------------------------------------------------------------------------------------------- the datum


def test_coordinates_of_a_chinese_map_are_moved_back(tmp_path: Path) -> None:
    path = written(tmp_path, site_feature())
    (plain,), (gcj02,), (bd09,) = (read_sites(path, datum=datum) for datum in ("wgs84", "gcj02", "BD09"))
    east, north = (
        gcj02.outline.centroid.x - plain.outline.centroid.x,
        gcj02.outline.centroid.y - plain.outline.centroid.y,
    )
    assert -0.009 < east < -0.004  # GCJ-02 lies 350-750 m east of WGS 84 round Tangshan
    assert abs(north) < 0.003
    assert bd09.outline.centroid.x < gcj02.outline.centroid.x - 0.005


def test_an_unknown_datum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'gcj02'"):
        read_sites(written(tmp_path, site_feature()), datum="gcj-02")


# ---------------------------------------------------------------------------------------------------- what is wrong


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        site_feature(rating="E", ratting="B"),
        site_feature(shifted(SQUARE, 1, 0)),
        site_feature(shifted(SQUARE, 2, 0)),
        unit_feature(kind="blast furnce"),
        unit_feature(site_id="ts-2", unit_id="x", capacity_t_per_day=-1),
    )
    with pytest.raises(InputError) as caught:
        read_sites(path)
    where = [problem.where for problem in caught.value.problems]
    assert where == [
        "feature 1, column 'ratting'",
        "feature 1 (site ts-1), rating",
        "feature 4 (unit ts-1-bf1), kind",
        "feature 5 (unit x), capacity_t_per_day",
        "feature 3 (site ts-1), site_id",
    ]
    text = str(caught.value)
    assert "5 problems" in text
    assert "did you mean 'rating'?" in text
    assert "did you mean 'blast_furnace'?" in text


def test_a_self_crossing_outline_is_an_error_that_says_where(tmp_path: Path) -> None:
    bow = [[[118.0, 39.0], [118.02, 39.02], [118.02, 39.0], [118.0, 39.02], [118.0, 39.0]]]
    (problem,) = problems(tmp_path, site_feature(bow))
    assert problem.startswith("feature 1 (site ts-1), outline: expected a polygon whose edges do not cross")
    assert "[118.01 39.01]" in problem


@pytest.mark.parametrize("where", [(118.0, 39.0), (85.0, 44.0), (75.0, 39.0)])
def test_swapped_coordinates_in_china_are_found_for_a_single_site(tmp_path: Path, where: tuple[float, float]) -> None:
    ring = [[[y, x] for x, y in box(*where, where[0] + 0.02, where[1] + 0.02).exterior.coords]]
    (problem,) = problems(tmp_path, site_feature(ring))
    assert "longitude before latitude" in problem
    assert "swapped" in problem


def test_one_swapped_site_among_others_is_found_where_both_ways_are_on_earth(tmp_path: Path) -> None:
    german = [(6.72, 51.48), (6.70, 51.36), (6.74, 49.34), (10.42, 52.15)]
    rings = [[list(map(list, box(x, y, x + 0.02, y + 0.02).exterior.coords))] for x, y in german]
    rings[1] = [[[y, x] for x, y in rings[1][0]]]
    features = [site_feature(ring, site_id=f"de-{number}") for number, ring in enumerate(rings)]
    (problem,) = problems(tmp_path, *features)
    assert problem.startswith("feature 2 (site de-1), outline: expected longitude before latitude")


def test_works_on_several_continents_are_not_taken_for_swapped(tmp_path: Path) -> None:
    places = [
        (35.1, 47.9),
        (37.5, 47.1),
        (51.2, 32.4),
        (118.0, 39.0),
        (-41.0, -20.2),
        (24.0, -26.0),
        (87.0, 23.6),
        (129.4, 36.0),
    ]
    rings = [[list(map(list, box(x, y, x + 0.02, y + 0.02).exterior.coords))] for x, y in places]
    assert problems(tmp_path, *(site_feature(ring, site_id=f"s{number}") for number, ring in enumerate(rings))) == []


def test_a_footprint_with_swapped_coordinates_is_told_so(tmp_path: Path) -> None:
    home = [[list(position) for position in box(30.0, 40.0, 30.02, 40.02).exterior.coords]]
    inside = [[[y, x] for x, y in box(30.005, 40.005, 30.007, 40.007).exterior.coords]]
    (problem,) = problems(tmp_path, site_feature(home), unit_feature(inside))
    assert "longitude and latitude look swapped" in problem


@pytest.mark.parametrize(
    ("side", "message"), [(0.3, "an area from 0.005 to 60 km²"), (0.0003, "an area from 0.005 to 60 km²")]
)
def test_outlines_no_works_could_have_are_errors(tmp_path: Path, side: float, message: str) -> None:
    ring = [[list(position) for position in box(118.0, 39.0, 118.0 + side, 39.0 + side).exterior.coords]]
    (problem,) = problems(tmp_path, site_feature(ring))
    assert message in problem


def test_a_large_outline_is_only_suspicious(tmp_path: Path) -> None:
    ring = [[list(position) for position in box(118.0, 39.0, 118.07, 39.06).exterior.coords]]
    (warning,) = suspicions(tmp_path, site_feature(ring))
    assert "40.3 km²" in warning


@pytest.mark.parametrize("kind", ["Point", "LineString"])
def test_a_point_is_no_outline(tmp_path: Path, kind: str) -> None:
    coordinates = [118.0, 39.0] if kind == "Point" else SQUARE[0]
    (problem,) = problems(tmp_path, site_feature({"type": kind, "coordinates": coordinates}))
    assert "expected the outline as a polygon" in problem
    assert "satverify sites import" in problem
    assert problem.endswith(f"found {kind}")


def test_a_site_without_geometry_is_an_error(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, site_feature(None))
    assert problem.endswith("found none")


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400, "118", None, True, [118]])
def test_a_coordinate_that_is_no_number_is_an_error(tmp_path: Path, number: object) -> None:
    ring = [[[number, 39.0], *SQUARE[0][1:]]]
    (problem,) = problems(tmp_path, site_feature(ring))
    assert problem.startswith("feature 1 (geometry): expected")


@pytest.mark.parametrize("rings", [[], [[]], [SQUARE[0][:-1]], [SQUARE[0][:2]], "x", [[[]]], {"a": 1}, 3, None])
def test_broken_rings_are_errors(tmp_path: Path, rings: object) -> None:
    (problem,) = problems(tmp_path, site_feature({"type": "Polygon", "coordinates": rings}))
    assert problem.startswith("feature 1 (geometry): expected")


def test_a_unit_outside_its_site_is_an_error_that_thinks_of_the_datum(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, site_feature(), unit_feature(shifted(SMALL, 0.1, 0)))
    assert problem.startswith(
        "feature 2 (unit ts-1-bf1), footprint: expected a footprint inside the outline of site ts-1"
    )
    assert "--datum" in problem


def test_a_surveyed_unit_partly_outside_is_suspicious(tmp_path: Path) -> None:
    partly = shifted(SMALL, -0.002, 0)
    (warning,) = suspicions(tmp_path, site_feature(), unit_feature(partly, footprint_status="surveyed"))
    assert "50% of it outside" in warning
    assert suspicions(tmp_path, site_feature(), unit_feature(partly, footprint_status="assumed")) == []


def test_outlines_that_share_ground_are_suspicious(tmp_path: Path) -> None:
    twin = site_feature(shifted(SQUARE, 0.01, 0), site_id="ts-2")
    (warning,) = suspicions(tmp_path, site_feature(), twin)
    assert warning == "feature 2 (site ts-2), outline: expected ground of its own, found 50% shared with site ts-1"


def test_units_of_a_broken_site_are_no_orphans(tmp_path: Path) -> None:
    found = problems(tmp_path, site_feature(rating="E"), unit_feature())
    assert [problem.partition(":")[0] for problem in found] == ["feature 1 (site ts-1), rating"]


def test_a_unit_of_no_site_is_an_error(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, site_feature(), unit_feature(site_id="ts-2"))
    assert problem.endswith("found 'ts-2', did you mean 'ts-1'?")


def test_a_unit_without_unit_id_is_not_taken_for_a_site(tmp_path: Path) -> None:
    found = problems(tmp_path, site_feature(), unit_feature(unit_id=None, name="x", site_id="ts-2"))
    assert any("kind: expected a unit_id beside it" in problem for problem in found)


@pytest.mark.parametrize("value", ["a\x00b", "a\x1bb", "a\nb", "\ud800"])
def test_control_characters_are_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [site_feature(name=value)]}))
    (problem,) = check_sites(path).problems
    assert problem.expected == "text without control characters"
    assert problem.found.isprintable()


@pytest.mark.parametrize("value", [True, [], {}, math.nan, 1.5, 10**30])
def test_a_name_that_is_no_text_is_refused(tmp_path: Path, value: object) -> None:
    assert problems(tmp_path, site_feature(name=value))


@pytest.mark.parametrize("value", [0, -5, "many", math.nan, True, [], "1_000", 10**400])
def test_a_capacity_that_is_no_positive_number_is_refused(tmp_path: Path, value: object) -> None:
    (problem,) = problems(tmp_path, site_feature(), unit_feature(capacity_t_per_day=value))
    assert "capacity_t_per_day" in problem


def test_a_name_given_twice_in_one_object_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "sites.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": [site_feature()]})
    path.write_text(text.replace('"city"', '"site_id": "ts-9", "city"'))
    assert [str(problem).partition(": ")[2] for problem in check_sites(path).problems] == [
        "JSON: expected each name once in an object, found 'site_id' twice"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"  \n ", "an empty file"),
        (b"{", "line 1, column 2: expected JSON"),
        (b"[]", "a GeoJSON FeatureCollection"),
        (b"null", "a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "a list of features"),
        (b'{"type": "FeatureCollection", "features": []}', "at least one site"),
        (b'{"type": "FeatureCollection", "features": [], "crs": 3}', "a named coordinate reference system"),
        (b'{"type": "FeatureCollection", "features": [7, {}, {"type": "Feature"}]}', "3 problems"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b'{"a": "\xff"}', "text in UTF-8 or GB18030"),
        (b"[" * 100_000, "nested too deep|recursion"),
        (b"9" * 5000, "GeoJSON"),
    ],
)
def test_files_that_are_no_geojson_are_told_apart(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "sites.geojson"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_sites(path)


def test_an_unknown_coordinate_system_is_an_error(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:999999"}}
    (problem,) = problems(tmp_path, site_feature(), crs=crs)
    assert problem.startswith("coordinate system: expected")


@pytest.mark.parametrize(
    "name", ["absent.geojson", "absent.gpkg", "absent.shp", "a\x00b.geojson", "sites.txt", "sites", "."]
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, name: str) -> None:
    (problem,) = check_sites(tmp_path / name).problems
    assert problem.expected


@pytest.mark.parametrize("depth", range(700, 1000, 7))
def test_lists_in_lists_are_no_way_past_the_checks(tmp_path: Path, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    path = tmp_path / "sites.geojson"
    for place in ('"properties": {"site_id": DEEP}, "geometry": null', '"properties": {}, "geometry": DEEP'):
        feature = '{"type": "Feature", ' + place.replace("DEEP", nested) + "}"
        path.write_text('{"type": "FeatureCollection", "features": [' + feature + "]}")
        assert check_sites(path).problems


def test_suspicions_reach_the_log_of_a_reader(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ring = [[list(position) for position in box(118.0, 39.0, 118.07, 39.06).exterior.coords]]
    read_sites(written(tmp_path, site_feature(ring)))
    assert "40.3 km²" in caplog.text


# ---------------------------------------------------------------------------------------------------- writing

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


def square(west: float, south: float, side: float) -> Polygon:
    """A square that runs counter-clockwise, as every ring that is read or written does."""
    return Polygon([(west, south), (west + side, south), (west + side, south + side), (west, south + side)])


@st.composite
def site_lists(draw: st.DrawFn) -> list[Site]:
    names = draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    sites = []
    for number, site_id in enumerate(names):
        west, south = draw(st.floats(70, 130)), draw(st.floats(-30, 60))
        ground = square(west, south, 0.02)
        footprint = square(west + 0.001, south + 0.001, 0.001)
        units = tuple(
            Unit(
                unit_id=f"{number}-{index}",
                site_id=site_id,
                kind=kind,
                capacity_t_per_day=draw(st.none() | st.floats(1, 1e5)),
                footprint=draw(st.none() | st.just(footprint)),
                footprint_status=draw(st.sampled_from(FootprintStatus)),
                name=draw(TEXT),
            )
            for index, kind in enumerate(draw(st.lists(st.sampled_from(UnitKind), max_size=3)))
        )
        sites.append(
            Site(
                site_id=site_id,
                name=draw(TEXT),
                name_zh=draw(TEXT),
                city=draw(TEXT),
                outline=MultiPolygon([ground]) if draw(st.booleans()) else ground,
                outline_status=draw(st.sampled_from(FootprintStatus)),
                rating=draw(st.none() | st.sampled_from(Rating)),
                units=units,
            )
        )
    return sites


@given(sites=site_lists())
def test_what_is_written_reads_back_the_same(tmp_path_factory: pytest.TempPathFactory, sites: list[Site]) -> None:
    folder = tmp_path_factory.mktemp("round")
    write_sites(folder / "a.geojson", sites)
    back = read_sites(folder / "a.geojson")
    assert list(back) == sites
    write_sites(folder / "b.geojson", back)
    assert (folder / "a.geojson").read_bytes() == (folder / "b.geojson").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["a.geojson", "b.geojson"]


def one_site(**values: object) -> Site:
    given_values: dict[str, object] = {"site_id": "a", "name": "A", "outline": box(118, 39, 118.02, 39.02)} | values
    return Site(**given_values)  # type: ignore[arg-type]


def test_writing_refuses_what_could_not_be_read_back(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="occurs once"):
        write_sites(tmp_path / "a.geojson", [one_site(), one_site()])
    with pytest.raises(InputError, match="control characters"):
        write_sites(tmp_path / "a.geojson", [one_site(name="a\nb")])
    with pytest.raises(InputError, match=r"\.geojson"):
        write_sites(tmp_path / "a.shp", [one_site()])
    with pytest.raises(InputError, match="cannot be written"):
        write_sites(tmp_path / "absent" / "a.geojson", [one_site()])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_sites(tmp_path / "a.geojson", [one_site()])
    before = (tmp_path / "a.geojson").read_bytes()
    with pytest.raises(InputError):
        write_sites(tmp_path / "a.geojson", [one_site(), one_site()])
    assert (tmp_path / "a.geojson").read_bytes() == before


# ---------------------------------------------------------------------------------------------------- anything at all

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
COLUMN = st.sampled_from(["site_id", "unit_id", "name", "rating", "kind", "capacity_t_per_day", "footprint_status"])
NUMBERS = st.floats(-400, 400) | st.floats()
RINGS = st.lists(st.lists(st.lists(NUMBERS, min_size=1, max_size=3), max_size=6), max_size=3)
CLOSED = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=8).map(lambda ring: [[*ring, ring[0]]])
GEOMETRIES = st.none() | st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "GeometryCollection", "x"]),
     "coordinates": RINGS | CLOSED | CLOSED.map(lambda polygon: [polygon, polygon]) | JSON_VALUES}
)  # fmt: skip
FEATURES = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": GEOMETRIES | JSON_VALUES,
     "properties": st.dictionaries(COLUMN, JSON_VALUES | st.sampled_from(["ts-1", "B", "halt", "blast_furnace"]))}
)  # fmt: skip


def only_our_errors(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            sites = read_sites(path)
        except SatverifyError:
            return
    assert all(isinstance(site, Site) for site in sites)


@pytest.mark.parametrize("suffix", sorted(READERS))
@given(content=st.binary(max_size=400))
def test_random_bytes_bring_nothing_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"x{suffix}"
    path.write_bytes(content)
    only_our_errors(path)


@given(features=st.lists(FEATURES | JSON_VALUES, max_size=4), crs=st.none() | JSON_VALUES)
def test_random_geojson_brings_nothing_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, features: list[object], crs: object
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, "crs": crs}))
    only_our_errors(path)


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    for name in ("a.gpkg", "a.shp", "a.kml", "a.parquet"):
        as_table(folder / name)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(folder / f"a{suffix}", f"a{suffix}")
    return folder


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".dbf", ".shx", ".prj", ".kml", ".parquet", ".zip", ".geojson"])
def test_damaged_files_bring_nothing_but_our_errors(tmp_path: Path, good_files: Path, suffix: str) -> None:
    generator = np.random.default_rng(7)
    for source in good_files.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    damaged = tmp_path / ("sites.geojson" if suffix == ".geojson" else f"a{suffix}")
    whole = damaged.read_bytes()
    opened = tmp_path / "a.shp" if suffix in {".dbf", ".shx", ".prj"} else damaged
    for attempt in range(60):
        content = bytearray(whole)
        if attempt % 3 == 0:
            content = content[: int(generator.integers(len(content)))]
        for place in generator.integers(max(len(content), 1), size=int(generator.integers(1, 30))):
            if place < len(content):
                content[place] = int(generator.integers(256))
        damaged.write_bytes(bytes(content))
        only_our_errors(opened)


# ---------------------------------------------------------------------------------------------------- real outlines


@pytest.fixture(scope="module")
def osm_outlines(shared_data: Path) -> list[dict[str, Any]]:
    path = shared_data / "plants" / "osm_site_polygons_bf_plants.geojson"
    if not path.is_file():
        pytest.skip(f"no real outlines at {path}")
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def test_real_outlines_pass(tmp_path: Path, osm_outlines: list[dict[str, Any]]) -> None:
    features = [
        site_feature(outline["geometry"], site_id=f"osm-{number}") for number, outline in enumerate(osm_outlines)
    ]
    checked = check_sites(written(tmp_path, *features))
    assert checked.problems == ()
    assert len(checked.sites) == len(features) > 150


def test_real_outlines_in_china_are_found_when_swapped(tmp_path: Path, osm_outlines: list[dict[str, Any]]) -> None:
    chinese = [outline["geometry"] for outline in osm_outlines if outline["properties"]["country"] == "China"]
    swapped = [
        shapely.transform(shapely.geometry.shape(geometry), lambda xy: xy[:, ::-1]).__geo_interface__
        for geometry in chinese
    ]
    features = [site_feature(geometry, site_id=f"osm-{number}") for number, geometry in enumerate(swapped)]
    found = problems(tmp_path, *features)
    assert len(found) == len(chinese) > 20
    assert all("swapped" in problem for problem in found)
