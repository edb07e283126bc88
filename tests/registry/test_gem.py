from __future__ import annotations

import contextlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from satverify.domain.notices import Policy
from satverify.domain.sites import FootprintStatus, UnitKind
from satverify.errors import InputError, SatverifyError
from satverify.registry.features import Feature
from satverify.registry.gem import CREDIT, Imported, Wanted, import_gem, imported, write_imported
from satverify.registry.gem_dates import Span, span
from satverify.registry.gem_outlines import RADIUS_M, Place, credit_of, outlines_of
from satverify.registry.gem_service import Service, in_period
from satverify.registry.gem_tables import GemStatus, GemUnit, read_gem_tables
from satverify.registry.geometry import METRES_PER_DEGREE, area_km2
from satverify.registry.policies import read_policy
from satverify.registry.sites import check_sites, read_sites
from satverify.resources import resource_path

SHIPPED = resource_path("aoi", "sites") / "2plus26-2021-2022.geojson"
NOTICE = resource_path("aoi", "policies") / "heating-season-2021-2022.toml"
SEASON = (date(2021, 11, 15), date(2022, 3, 16))
SMELTERS = frozenset({UnitKind.BLAST_FURNACE, UnitKind.ELECTRIC_ARC_FURNACE})

PLANTS = """\
plant-id,plant-name-(english),plant-name-(other-language),subnational-unit-(province/state),lat,lng,\
coordinate-accuracy,start-date,city_2p26
P1,North  Works,"北方钢铁有限公司, 老北方",Hebei,39.60,118.20,exact,2002,Tangshan
P2,South Works,Южный завод,Hebei,39.50,118.20,approximate,unknown,Tangshan
P3,Far Works,,Jiangsu,34.58,117.34,exact,2003,Jining?
"""
UNITS = """\
gem-plant-id,gem-unit-id,tab-type,unit-name,status,current-capacity-(ttpa),start-date
P1,U1,Blast_furnaces,BF 1,operating,1095,2002
P1,U2,Blast_furnaces,BF 2,retired,730,2002
P1,U3,Blast_furnaces,BF 3,construction,1000,2002
P1,U4,Basic_oxygen_furnaces,,operating_pre-retirement,>0,2002
P1,U5,DRI_furnaces,,operating,100,2002
P2,U6,Electric_arc_furnaces,unknown EAF (1),operating,365,unknown
P3,U7,Blast_furnaces,BF 1,operating,500,2003
"""


def tables(folder: Path, plants: str = PLANTS, units: str = UNITS) -> list[Path]:
    paths = [folder / "plants.csv", folder / "units.csv"]
    for path, text in zip(paths, (plants, units), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def run(folder: Path, wanted: Wanted | None = None, *, plants: str = PLANTS, units: str = UNITS) -> Imported:
    return import_gem(tables(folder, plants, units), wanted or Wanted(period=SEASON))


def unit(status: GemStatus, start: str = "2002", retired: str = "", idled: str = "") -> GemUnit:
    return GemUnit(
        unit_id="U",
        plant_id="P",
        sheet="blast_furnaces",
        name="",
        status=status,
        capacity_kt_per_year=None,
        start=span(start),
        retired=span(retired),
        idled=span(idled),
    )


@pytest.fixture(scope="module")
def notice() -> Policy:
    return read_policy(NOTICE)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2002", date(2002, 1, 1), date(2002, 12, 31)),
        ("2002.0", date(2002, 1, 1), date(2002, 12, 31)),
        ("2007-12", date(2007, 12, 1), date(2007, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2002-04-24 00:00:00", date(2002, 4, 24), date(2002, 4, 24)),
    ],
)
def test_dates_are_as_wide_as_they_are_known(text: str, earliest: date, latest: date) -> None:
    assert span(text) == Span(earliest=earliest, latest=latest)


@pytest.mark.parametrize("text", ["20021", "2002-13", "soon", "2002-02-30", "0000", "2002-00"])
def test_what_is_no_date_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        span(text)


@pytest.mark.parametrize(
    ("found", "service"),
    [
        (unit(GemStatus.OPERATING), Service.IN_SERVICE),
        (unit(GemStatus.OPERATING_PRE_RETIREMENT), Service.IN_SERVICE),
        (unit(GemStatus.OPERATING, start="unknown"), Service.UNSURE),
        (unit(GemStatus.OPERATING, start="2021"), Service.IN_SERVICE),
        (unit(GemStatus.OPERATING, start="2022"), Service.UNSURE),
        (unit(GemStatus.OPERATING, start="2022-03"), Service.UNSURE),
        (unit(GemStatus.OPERATING, start="2022-03-16"), Service.OUT_OF_SERVICE),
        (unit(GemStatus.OPERATING, start="2023"), Service.OUT_OF_SERVICE),
        (unit(GemStatus.RETIRED), Service.UNSURE),
        (unit(GemStatus.RETIRED, retired="2020"), Service.OUT_OF_SERVICE),
        (unit(GemStatus.RETIRED, retired="2021"), Service.UNSURE),
        (unit(GemStatus.RETIRED, retired="2021-11-14"), Service.OUT_OF_SERVICE),
        (unit(GemStatus.RETIRED, retired="2021-11-15"), Service.UNSURE),
        (unit(GemStatus.RETIRED, retired="2022-06"), Service.IN_SERVICE),
        (unit(GemStatus.MOTHBALLED), Service.UNSURE),
        (unit(GemStatus.MOTHBALLED_PRE_RETIREMENT, idled="2021-11-14"), Service.OUT_OF_SERVICE),
        (unit(GemStatus.CONSTRUCTION), Service.OUT_OF_SERVICE),
        (unit(GemStatus.ANNOUNCED), Service.OUT_OF_SERVICE),
        (unit(GemStatus.CANCELLED), Service.OUT_OF_SERVICE),
    ],
)
def test_service_in_the_season_is_what_the_dates_allow(found: GemUnit, service: Service) -> None:
    answer = in_period(found, None, *SEASON)
    assert answer.service is service
    assert bool(answer.why) == (service is not Service.IN_SERVICE)


def test_a_unit_that_may_have_begun_on_the_first_day_after_is_unsure() -> None:
    found = unit(GemStatus.OPERATING, start="2021")
    assert in_period(found, None, date(2021, 1, 1), date(2021, 12, 31)).service is Service.UNSURE
    assert in_period(found, None, date(2021, 1, 1), date(2022, 1, 1)).service is Service.IN_SERVICE


def test_a_unit_without_a_start_takes_that_of_its_plant() -> None:
    found = unit(GemStatus.OPERATING, start="unknown")
    assert in_period(found, span("2002"), *SEASON).service is Service.IN_SERVICE


def test_plants_and_units_become_sites_and_units(tmp_path: Path) -> None:
    north, south, far = sorted(run(tmp_path).sites, key=lambda site: site.site_id)
    assert (north.site_id, north.name, north.name_zh, north.city) == (
        "P1",
        "North Works",
        "北方钢铁有限公司",
        "Tangshan",
    )
    assert [(found.unit_id, found.kind, found.capacity_t_per_day) for found in north.units] == [
        ("U1", UnitKind.BLAST_FURNACE, 3000.0),
        ("U2", UnitKind.BLAST_FURNACE, 2000.0),
        ("U4", UnitKind.CONVERTER, None),
    ]
    assert south.name_zh == ""
    assert far.city == "Jining"
    assert all(site.rating is None for site in (north, south, far))


def test_what_is_not_certain_is_said(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert found.remarks["U2"] == "unsure: retired, day unknown"
    assert "nominal iron capacity 1.82 Mt/a, 0.73 of it not certain" in found.remarks["P1"]
    assert "units not certain to have been in service: 1 of 3" in found.remarks["P1"]
    assert "approximate" in found.remarks["P2"]
    assert found.remarks["U6"] == "unsure: start unknown"
    assert "unsure of the city" in found.remarks["P3"]
    assert "U1" not in found.remarks


def test_what_is_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    reasons = {item.name.split(", ")[-1].split()[0]: item.why for item in run(tmp_path).left_out}
    assert reasons == {
        "U3": "construction at the date of the table",
        "U5": "satverify has no kind of unit for dri_furnaces",
    }


def test_only_works_of_the_notice_are_taken_and_provinces_must_agree(tmp_path: Path, notice: Policy) -> None:
    found = run(tmp_path, Wanted(period=SEASON, policy=notice))
    assert {site.site_id for site in found.sites} == {"P1", "P2"}
    assert any(item.name.startswith("P3") and "Jiangsu" in item.why for item in found.left_out)


def test_a_works_of_a_municipality_falls_under_its_plan_wherever_the_table_puts_it(
    tmp_path: Path, notice: Policy
) -> None:
    found = run(tmp_path, Wanted(period=SEASON, policy=notice), plants=PLANTS.replace("Hebei,39.60", "Tianjin,39.60"))
    site = next(site for site in found.sites if site.site_id == "P1")
    assert site.city == "Tianjin"
    assert "Tangshan and in Tianjin" in found.remarks["P1"]


def test_a_city_can_be_corrected(tmp_path: Path, notice: Policy) -> None:
    found = run(tmp_path, Wanted(period=SEASON, policy=notice, cities={"P1": "辛集"}))
    assert {site.site_id: site.city for site in found.sites} == {"P1": "Xinji", "P2": "Tangshan"}


def test_works_and_units_of_some_kinds_only(tmp_path: Path) -> None:
    wanted = Wanted(period=SEASON, kinds=SMELTERS, must_have=frozenset({UnitKind.BLAST_FURNACE}))
    found = run(tmp_path, wanted)
    assert {site.site_id: [item.unit_id for item in site.units] for site in found.sites} == {
        "P1": ["U1", "U2"],
        "P3": ["U7"],
    }


def test_the_columns_of_the_spreadsheet_are_understood(tmp_path: Path) -> None:
    plants = (
        "GEM plant ID,Plant name (English),Coordinates,Coordinate accuracy,Municipality\n"
        'P1,Works,"39.6, 118.2",exact,Tangshan\n'
    )
    units = (
        "GEM plant ID,GEM unit ID,Unit name,Unit status,Start date,Current capacity (ttpa)\n"
        'P1,U1,BF 1,operating,2002,"1,095"\n'
    )
    paths = [tmp_path / "Plant data.csv", tmp_path / "Blast furnaces.csv"]
    paths[0].write_text(plants, encoding="utf-8")
    paths[1].write_text(units, encoding="utf-8")
    (site,) = import_gem(paths, Wanted(period=SEASON)).sites
    assert site.outline.contains(Point(118.2, 39.6))
    assert [(found.kind, found.capacity_t_per_day) for found in site.units] == [(UnitKind.BLAST_FURNACE, 3000.0)]


def test_all_problems_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    plants = (
        PLANTS + "P1,Twin,,Hebei,39.6,118.2,exact,2002,Tangshan\nP4,Swapped,,Hebei,118.2,39.6,exact,soon,Tangshan\n"
    )
    units = UNITS + "P9,U1,Blast_furnaces,BF,running,much,2002\nP9,,Blast_furnaces,BF,operating,1,2002\n"
    with pytest.raises(InputError) as caught:
        import_gem(tables(tmp_path, plants, units), Wanted(period=SEASON))
    found = {(Path(problem.file).name, problem.where) for problem in caught.value.problems}
    assert found == {
        ("plants.csv", "line 5, id"),
        ("plants.csv", "line 6, latitude"),
        ("plants.csv", "line 6, start_date"),
        ("units.csv", "line 9, status"),
        ("units.csv", "line 9, current_capacity_ttpa"),
        ("units.csv", "line 10, gem_unit_id"),
    }
    assert "swapped" in str(caught.value)


def test_a_unit_of_no_plant_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unit U8"):
        import_gem(tables(tmp_path, units=UNITS + "P9,U8,Blast_furnaces,BF,operating,1,2002\n"), Wanted(period=SEASON))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PK\x03\x04spreadsheet", "saved as CSV"), (b"a,b\n1,2\n", "tracker"), (b"", "empty"), (b"\xff\xfeP", "UTF-16")],
)
def test_files_that_are_no_tables_say_what_is_wanted(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "plants.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_gem_tables([path])


CELL = st.one_of(
    st.sampled_from(
        ["P1", "U1", "operating", "118", "39.6", "2002", "nan", "1e999", "", '"', "Blast_furnaces", "\x00"]
    ),
    st.text(max_size=6),
)


@given(rows=st.lists(st.lists(CELL, min_size=7, max_size=9), max_size=4), of_units=st.booleans())
def test_random_tables_raise_nothing_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], of_units: bool
) -> None:
    folder = tmp_path_factory.mktemp("gem")
    drawn = "".join(",".join(row) + "\n" for row in rows)
    plants, units = (PLANTS, UNITS + drawn) if of_units else (PLANTS + drawn, UNITS)
    paths = [folder / "plants.csv", folder / "units.csv"]
    for path, text in zip(paths, (plants, units), strict=True):
        path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    with contextlib.suppress(SatverifyError):
        import_gem(paths, Wanted(period=SEASON))


def place(site_id: str, longitude: float = 118.2, capacity: float | None = 1.0, *, is_exact: bool = True) -> Place:
    return Place(
        site_id=site_id,
        names=("Tangshan Ruifeng Iron and Steel Group Co Ltd",),
        longitude=longitude,
        latitude=39.6,
        is_exact=is_exact,
        capacity_mt_per_year=capacity,
    )


def radius_m(area: Polygon) -> float:
    return float((area_km2(area) / 3.14159) ** 0.5 * 1000)


@pytest.mark.parametrize(("capacity", "factor"), [(1.0, 1.0), (16.0, 2.0), (160.0, 2.0), (None, 1.0)])
def test_the_circle_goes_with_the_fourth_root_of_capacity(capacity: float | None, factor: float) -> None:
    found = outlines_of([place("a", capacity=capacity)])["a"]
    assert isinstance(found.outline, Polygon)
    assert radius_m(found.outline) == pytest.approx(RADIUS_M * factor, rel=0.01)  # 48 corners, 1e-5 degree
    assert found.status is FootprintStatus.ASSUMED
    assert ("capacity unknown" in found.remark) == (capacity is None)


def test_an_approximate_point_gets_a_wider_circle() -> None:
    found = outlines_of([place("a", is_exact=False)])["a"]
    assert isinstance(found.outline, Polygon)
    assert radius_m(found.outline) == pytest.approx(RADIUS_M + 1000, rel=0.01)


def test_neighbours_circles_are_cut_half_way() -> None:
    apart = 1000 / (METRES_PER_DEGREE * 0.7705)  # [degree] cosine of 39.6 degrees
    found = outlines_of([place("a"), place("b", 118.2 + apart)])
    one, other = found["a"].outline, found["b"].outline
    assert one.intersection(other).area < 1e-8  # a sliver of the grid
    assert one.bounds[2] == pytest.approx(118.2 + apart / 2, abs=1e-4)
    assert one.contains(Point(118.2, 39.6))
    assert "cut half-way to b" in found["a"].remark


def test_works_at_one_point_share_their_ground_and_say_so() -> None:
    found = outlines_of([place("a"), place("b")])
    assert found["a"].outline.equals(found["b"].outline)
    assert "shares its point with b" in found["a"].remark


def test_a_polygon_that_holds_the_point_is_the_outline() -> None:
    polygon = Feature(where="feature 1", properties={"osm_name": "x"}, geometry=box(118.19, 39.59, 118.21, 39.61))
    found = outlines_of([place("a")], [polygon], credit_of([polygon]))["a"]
    assert found.status is FootprintStatus.SURVEYED
    assert found.outline.equals(polygon.geometry)
    assert "OpenStreetMap" in found.remark
    assert "ODbL" in found.remark


def test_a_polygon_that_holds_several_works_is_none_of_theirs() -> None:
    polygon = Feature(where="feature 1", properties={"gem_plant_id": "a"}, geometry=box(118.18, 39.58, 118.22, 39.62))
    found = outlines_of([place("a"), place("b", 118.21)], [polygon])
    assert {outline.status for outline in found.values()} == {FootprintStatus.ASSUMED}


@pytest.mark.parametrize(
    ("name", "east", "status"),
    [
        ("Ruifeng Steel, Tangshan", 118.203, FootprintStatus.ASSUMED),
        ("Tangshan Ruifeng Steel", 118.203, FootprintStatus.SURVEYED),
        ("Tangshan Ruifeng Steel", 118.25, FootprintStatus.ASSUMED),
        ("Guotang Iron and Steel Group Co Ltd", 118.203, FootprintStatus.ASSUMED),
    ],
)
def test_a_name_counts_only_beside_the_point_and_without_the_words_all_works_bear(
    name: str, east: float, status: FootprintStatus
) -> None:
    polygon = Feature(where="feature 1", properties={"name": name}, geometry=box(east, 39.59, east + 0.02, 39.61))
    assert outlines_of([place("a")], [polygon])["a"].status is status


def test_a_circle_leaves_out_the_polygon_of_its_neighbour() -> None:
    polygon = Feature(where="feature 1", properties={}, geometry=box(118.203, 39.59, 118.25, 39.61))
    found = outlines_of([place("a"), place("b", 118.24)], [polygon])
    assert found["b"].status is FootprintStatus.SURVEYED
    assert found["a"].outline.intersection(found["b"].outline).area < 1e-8
    assert found["a"].outline.contains(Point(118.2, 39.6))


def test_what_is_written_is_read_back_with_notes_and_credit(tmp_path: Path) -> None:
    found = run(tmp_path)
    path = tmp_path / "sites.geojson"
    write_imported(path, found)
    assert read_sites(path) == found.sites
    features = json.loads(path.read_bytes())["features"]
    assert {feature["properties"].get("source") for feature in features} == {CREDIT, None}
    assert any("retired, day unknown" in feature["properties"]["note"] for feature in features)
    first = path.read_bytes()
    write_imported(path, run(tmp_path))
    assert path.read_bytes() == first


def test_only_works_that_may_have_begun_are_taken(tmp_path: Path) -> None:
    early = imported(read_gem_tables(tables(tmp_path)), Wanted(period=(date(1990, 1, 1), date(1990, 1, 2))))
    assert [site.site_id for site in early.sites] == ["P2"]


def test_the_shipped_registry_is_sound_and_names_every_works_twice(notice: Policy) -> None:
    checked = check_sites(SHIPPED)
    assert checked.problems == ()
    assert len(checked.sites) == 104
    assert sum(len(site.units) for site in checked.sites) == 371
    assert SHIPPED.stat().st_size < 2 * 1024 * 1024
    for site in checked.sites:
        assert site.name
        assert site.name_zh
        assert site.rating is None
        assert notice.city(site.city) is not None
        assert UnitKind.BLAST_FURNACE in {found.kind for found in site.units}
        assert {found.kind for found in site.units} <= SMELTERS
        assert all(found.capacity_t_per_day for found in site.units)
        assert site.outline_status is FootprintStatus.ASSUMED
    cities = [site.city for site in checked.sites]
    assert (cities.count("Tangshan"), cities.count("Handan"), cities.count("Tianjin")) == (37, 23, 7)


def test_works_retired_since_are_in_the_shipped_registry() -> None:
    features = json.loads(SHIPPED.read_bytes())["features"]
    notes = {
        item["properties"].get("unit_id", item["properties"]["site_id"]): item["properties"]["note"]
        for item in features
    }
    names = {item["properties"]["name_zh"] for item in features if "unit_id" not in item["properties"]}
    assert {"唐山国义特种钢铁有限公司", "山东钢铁股份有限公司莱芜分公司", "河北文丰钢铁有限公司"} <= names
    assert sum("retired, day unknown" in note for name, note in notes.items() if name.startswith("U")) == 151
    assert all(item["properties"]["source"] == CREDIT for item in features if "unit_id" not in item["properties"])


def test_the_shipped_registry_has_tidy_coordinates_and_nothing_of_openstreetmap() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert "OpenStreetMap" not in text
    for feature in json.loads(text)["features"]:
        for ring in (feature["geometry"] or {"coordinates": []})["coordinates"]:
            assert all(round(value, 6) == value for position in ring for value in position)


def test_the_shipped_registry_is_what_the_tables_give(tmp_path: Path, shared_data: Path, notice: Policy) -> None:
    paths = [shared_data / "plants" / f"gem_gist_2025_{table}_2plus26.csv" for table in ("plants", "units")]
    read = read_gem_tables(paths)
    assert (len(read.plants), len(read.units)) == (115, 771)
    wanted = Wanted(
        period=(notice.start, notice.stop),
        policy=notice,
        kinds=SMELTERS,
        must_have=frozenset({UnitKind.BLAST_FURNACE}),
        cities={"P100000120246": "Tai'an", "P100000120155": "Xinji"},
    )
    write_imported(tmp_path / SHIPPED.name, import_gem(paths, wanted))
    assert (tmp_path / SHIPPED.name).read_bytes() == SHIPPED.read_bytes()


def test_real_outlines_are_found_by_id_point_or_name(shared_data: Path) -> None:
    folder = shared_data / "plants"
    paths = [folder / f"gem_gist_2025_{table}_groundtruth_countries.csv" for table in ("plants", "units")]
    found = import_gem(paths, Wanted(period=SEASON), outlines=folder / "osm_site_polygons_bf_plants.geojson")
    surveyed = {site.name for site in found.sites if site.outline_status is FootprintStatus.SURVEYED}
    assert (len(found.sites), len(surveyed)) == (24, 19)
    assert "ThyssenKrupp Steel Duisburg steel plant" in surveyed
    assert "Metinvest Zaporizhstal steel plant" in surveyed
    for name, remark in found.remarks.items():
        assert ("OpenStreetMap" in remark) == any(
            site.site_id == name and site.name in surveyed for site in found.sites
        )
