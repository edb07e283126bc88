from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satverify.config import read_project
from satverify.domain.sites import Rating
from satverify.errors import InputError, Problem, SatverifyError

WHOLE = """
[project]
name = "two winters"
timezone = "Asia/Shanghai"
days = ["2020-11-01", 2022-04-01]

[sites]
path = "sites.geojson"
datum = "gcj02"

[orders]
path = "orders.csv"

[policy]
path = "notice.toml"
ratios = { B = 0.3, "B-" = 0.4 }

[[sources]]
kind = "firms"
paths = ["firms/*.csv", "more.csv"]
coverage = [["2018-01-01", "2020-01-01"], ["2020-06-01", "2024-01-01"]]
outages = [{ satellite = "N", days = ["2022-07-27", "2022-08-11"] }]

[[sources]]
kind = "cloud_cover"
path = "cloud.csv"

[archive]
path = "archive"

[outputs]
path = "answers"
"""

SMALLEST = """
[project]
name = "one"
days = ["2021-11-15", "2022-03-16"]
[sites]
path = "sites.geojson"
[orders]
path = "orders.csv"
[[sources]]
kind = "firms"
paths = ["more.csv"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "firms").mkdir()
    for name in ("sites.geojson", "orders.csv", "notice.toml", "firms/b.csv", "firms/a.csv", "more.csv", "cloud.csv"):
        (tmp_path / name).touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    file = folder / "satverify.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read_project(write(folder, text))
    return caught.value.problems


def test_every_key_of_the_design_is_read(folder: Path) -> None:
    project = read_project(write(folder, WHOLE))
    assert project.name == "two winters"
    assert project.days == (date(2020, 11, 1), date(2022, 4, 1))
    assert (project.sites, project.datum) == (folder / "sites.geojson", "gcj02")
    assert (project.orders, project.policy) == (folder / "orders.csv", folder / "notice.toml")
    assert project.ratios == {Rating.B: 0.3, Rating.B_MINUS: 0.4}
    (firms,) = project.firms
    assert firms.paths == (folder / "firms/a.csv", folder / "firms/b.csv", folder / "more.csv")
    assert firms.coverage == ((date(2018, 1, 1), date(2020, 1, 1)), (date(2020, 6, 1), date(2024, 1, 1)))
    assert firms.outages[0].satellite == "N"
    assert firms.outages[0].days == (date(2022, 7, 27), date(2022, 8, 11))
    assert [source.path for source in project.cloud_cover] == [folder / "cloud.csv"]
    assert project.outputs == folder / "answers"


def test_a_classifier_of_the_projects_own_lies_beside_the_file(folder: Path) -> None:
    plain = read_project(write(folder, SMALLEST))
    assert plain.classifier is None
    named = read_project(write(folder, SMALLEST + '[classifier]\npath = "models/mine"\n'))
    assert named.classifier == folder / "models/mine"
    assert named.settings_hash != plain.settings_hash
    (problem,) = problems_of(folder, SMALLEST + '[classifier]\nname = "mine"\npath = "x"\n')
    assert "name" in problem.where
    (problem,) = problems_of(folder, SMALLEST + "[classifier]\n")
    assert problem.where == "[classifier] path"


def test_what_may_be_left_out_has_a_default(folder: Path) -> None:
    project = read_project(write(folder, SMALLEST))
    assert project.timezone == "Asia/Shanghai"
    assert project.outputs == folder / "out"
    assert project.datum == "wgs84"
    assert project.firms[0].coverage == ()
    assert not project.simulated
    assert project.verdict == {}


def test_paths_are_relative_to_the_file_and_not_to_where_the_command_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, SMALLEST)
    monkeypatch.chdir(folder.parent)
    assert read_project(f"{folder.name}/satverify.toml").sites == folder / "sites.geojson"


def test_a_policy_that_comes_with_satverify_is_found_by_its_bare_name(folder: Path) -> None:
    shipped = "heating-season-2021-2022.toml"
    found = read_project(write(folder, WHOLE.replace("notice.toml", shipped))).policy
    assert found is not None
    assert found.is_file()
    assert found.parent != folder
    (folder / shipped).touch()
    assert read_project(write(folder, WHOLE.replace("notice.toml", shipped))).policy == folder / shipped
    (problem,) = problems_of(folder, WHOLE.replace("notice.toml", f"elsewhere/{shipped}"))
    assert problem.where == "[policy] path"


def test_layout_and_order_of_keys_do_not_change_the_settings_hash(folder: Path) -> None:
    plain = read_project(write(folder, SMALLEST)).settings_hash
    turned = '[orders]\npath = "orders.csv"\n' + SMALLEST.replace('[orders]\npath = "orders.csv"\n', "# moved\n")
    assert read_project(write(folder, turned)).settings_hash == plain
    assert read_project(write(folder, SMALLEST.replace('"one"', '"two"'))).settings_hash != plain


def test_all_problems_are_listed_at_once_with_key_expected_and_found(folder: Path) -> None:
    text = SMALLEST.replace('name = "one"', 'nam = "one"').replace("2022-03-16", "2021-11-15")
    text = text.replace('paths = ["more.csv"]', "paths = []\ncoverag = []") + '[output]\npath = "x"\n'
    found = {problem.where: problem for problem in problems_of(folder, text)}
    assert set(found) == {
        "[project] nam",
        "[project] name",
        "[project] days",
        "[[sources]] 1 (firms) paths",
        "[[sources]] 1 (firms) coverag",
        "[output]",
    }
    assert found["[project] nam"].expected == "'name'"
    assert found["[[sources]] 1 (firms) coverag"].expected == "'coverage'"
    assert found["[output]"].expected == "'outputs'"
    assert "before stop" in found["[project] days"].expected
    assert all(problem.file == "satverify.toml" for problem in found.values())


def test_an_unknown_key_inside_an_outage_names_the_nearest_known_one(folder: Path) -> None:
    text = SMALLEST + 'outages = [{ satelite = "N", days = ["2022-07-27", "2022-08-11"] }]\n'
    unknown = [problem for problem in problems_of(folder, text) if problem.found == "an unknown key"]
    assert [(problem.where, problem.expected) for problem in unknown] == [
        ("[[sources]] 1 (firms) outages[1].satelite", "'satellite'")
    ]


@pytest.mark.parametrize(
    ("old", "new", "where", "found"),
    [
        ('"2021-11-15"', '"15.11.2021"', "[project] days[1]", "15.11.2021"),
        ('"2021-11-15"', "1636934400", "[project] days[1]", "1636934400"),
        ('"2021-11-15"', "2021-11-15T00:00:00", "[project] days[1]", "datetime"),
        ('"2021-11-15"', '"0001-01-01"', "[project] days", "0001-01-01"),
        ('name = "one"', 'name = "one"\ntimezone = "Asia/Tangshan"', "[project] timezone", "Asia/Tangshan"),
        ('path = "sites.geojson"', 'path = "sites.geojson"\ndatum = "gcj-02"', "[sites] datum", "gcj-02"),
        ('kind = "firms"', 'kind = "firm"', "[[sources]] 1", "firm"),
        ('["more.csv"]', '"more.csv"', "[[sources]] 1 (firms) paths", "more.csv"),
        ('["more.csv"]', '["less.csv"]', "[[sources]] 1 (firms) paths", "less.csv"),
        ('"orders.csv"', '"order.csv"', "[orders] path", "order.csv"),
        ('"sites.geojson"', '"firms"', "[sites] path", "firms"),
        ('name = "one"', 'name = "one"\nsimulated = 1', "[project] simulated", "1"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(folder: Path, old: str, new: str, where: str, found: str) -> None:
    (problem,) = problems_of(folder, SMALLEST.replace(old, new))
    assert problem.where == where
    assert found in problem.found


def test_a_project_without_orders_and_without_policy_has_nothing_to_judge(folder: Path) -> None:
    (problem,) = problems_of(folder, SMALLEST.replace('[orders]\npath = "orders.csv"\n', ""))
    assert "[orders]" in problem.expected


def test_thresholds_are_read_and_may_not_contradict_each_other(folder: Path) -> None:
    assert read_project(write(folder, SMALLEST + "[verdict]\ntolerance_days = 3\n")).verdict == {"tolerance_days": 3}
    (problem,) = problems_of(folder, SMALLEST + "[verdict]\nprior_low = 0.9\n")
    assert problem.where == "[verdict]"


SCENES = (
    SMALLEST
    + """
[archive]
path = "archive"
[[sources]]
kind = "sentinelhub"
sensors = ["sentinel-2-l1c", "sentinel-5p-no2"]
"""
)


def test_scenes_come_from_copernicus_unless_another_service_is_named(folder: Path) -> None:
    (source,) = read_project(write(folder, SCENES)).sentinelhub
    assert source.sensors == ("sentinel-2-l1c", "sentinel-5p-no2")
    assert source.base_url == "https://sh.dataspace.copernicus.eu"
    assert (source.processing_units, source.requests, source.days, source.is_embedded) == (None, None, (), False)
    (planet,) = read_project(write(folder, SCENES + 'service = "planet"\n')).sentinelhub
    assert planet.base_url == "https://services.sentinel-hub.com"
    local = SCENES + 'base_url = "http://127.0.0.1:8080/"\ntoken_url = "http://localhost:8080/oauth/token"\n'
    (source,) = read_project(write(folder, local)).sentinelhub
    assert (source.base_url, source.token_url) == ("http://127.0.0.1:8080", "http://localhost:8080/oauth/token")


def test_every_key_of_a_scene_source_is_read(folder: Path) -> None:
    more = """
    days = [["2022-01-01", "2022-02-01"]]
    sites = ["a"]
    budget = { processing_units = 12.5, requests = 30 }
    rate = { processing_units = 1200, requests = 600, connections = 8 }
    """
    (source,) = read_project(write(folder, SCENES + more)).sentinelhub
    assert source.days == ((date(2022, 1, 1), date(2022, 2, 1)),)
    assert source.site_ids == ("a",)
    assert (source.processing_units, source.requests) == (12.5, 30)
    assert (source.units_per_minute, source.requests_per_minute, source.connections) == (1200, 600, 8)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('service = "planet"\nbase_url = "https://a.b"\ntoken_url = "https://a.b/t"', "sources"),
        ('base_url = "https://a.b"', "sources"),
        ('base_url = "http://a.b"\ntoken_url = "https://a.b/t"', "base_url"),
        ('base_url = "https://user:word@a.b"\ntoken_url = "https://a.b/t"', "base_url"),
        ('service = "emulator"', "service"),
        ("budget = { processing_units = 0 }", "budget"),
        ("rate = { connections = 0 }", "rate"),
        ("budget = { units = 3 }", "budget"),
    ],
)
def test_a_scene_source_that_cannot_be_meant_is_refused(folder: Path, line: str, where: str) -> None:
    (problem,) = problems_of(folder, SCENES + line + "\n")
    assert where in problem.where


def test_a_password_in_an_address_is_not_repeated(folder: Path) -> None:
    line = 'base_url = "http://user:secret-word@127.0.0.1:8"\ntoken_url = "https://a.b/t"\n'
    with pytest.raises(InputError) as caught:
        read_project(write(folder, SCENES + line))
    assert "secret-word" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_an_unknown_sensor_is_told_with_the_nearest_known_one(folder: Path) -> None:
    (problem,) = problems_of(folder, SCENES.replace("sentinel-2-l1c", "sentinel2-l1c"))
    assert "sentinel-2-l1c" in problem.expected


def test_scenes_need_an_archive(folder: Path) -> None:
    (problem,) = problems_of(folder, SCENES.replace('[archive]\npath = "archive"\n', ""))
    assert problem.where == "[archive] path"


def test_an_archive_is_a_folder_beside_the_file_or_an_object_store(folder: Path) -> None:
    place = read_project(write(folder, SCENES)).archive
    assert place is not None
    assert (place.path, place.storage_options) == (str(folder / "archive"), {})
    remote = SCENES.replace('path = "archive"', 'path = "s3://bucket/a"\nendpoint_url = "http://127.0.0.1:8333"')
    place = read_project(write(folder, remote)).archive
    assert place is not None
    assert place.path == "s3://bucket/a"
    assert place.storage_options == {"client_kwargs": {"endpoint_url": "http://127.0.0.1:8333"}}


def test_the_emulator_serves_simulated_projects_only(folder: Path) -> None:
    text = SCENES.replace('name = "one"', 'name = "one"\nsimulated = true') + 'service = "emulator"\n'
    (source,) = read_project(write(folder, text)).sentinelhub
    assert source.is_embedded


def test_detections_may_be_downloaded_in_the_place_of_files(folder: Path) -> None:
    more = """
    [[sources]]
    kind = "firms"
    download = ["VIIRS_SNPP_SP"]
    area = [110, 34, 120, 41]
    coverage = [["2022-01-01", "2022-02-01"]]
    """
    firms = read_project(write(folder, SMALLEST + more)).firms[1]
    assert (firms.download, firms.folder, firms.files) == (("VIIRS_SNPP_SP",), folder / "firms", ())
    (folder / "firms" / "VIIRS_SNPP_SP_110_34_120_41_2022-01-01_2d.csv").touch()
    (folder / "firms" / "VIIRS_SNPP_SP_100_34_120_41_2022-01-01_2d.csv").touch()
    assert len(firms.files) == 1
    for missing in ("area", "coverage"):
        text = "\n".join(line for line in more.splitlines() if missing not in line)
        (problem,) = problems_of(folder, SMALLEST + text)
        assert "area and coverage" in problem.expected
    (problem,) = problems_of(folder, SMALLEST + more.replace("VIIRS_SNPP_SP", "../../etc"))
    assert "FIRMS" in problem.expected


def test_a_wind_source_is_a_file_or_a_folder_that_is_there(folder: Path) -> None:
    text = SMALLEST + '[[sources]]\nkind = "wind"\npath = "era5.zarr"\n'
    (problem,) = problems_of(folder, text)
    assert "Zarr" in problem.expected
    (folder / "era5.zarr").mkdir()
    assert [source.path for source in read_project(write(folder, text)).wind] == [folder / "era5.zarr"]


def test_ratios_must_be_fractions_by_known_rating(folder: Path) -> None:
    text = WHOLE.replace("B = 0.3", "E = 0.3").replace('"B-" = 0.4', '"B-" = 40')
    assert len(problems_of(folder, text)) == 2


def test_a_file_that_is_not_there_or_no_toml_or_no_utf_8_is_an_input_error(folder: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_project(folder / "absent.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_project(folder)
    with pytest.raises(InputError, match="TOML"):
        read_project(write(folder, "[project"))
    (folder / "satverify.toml").write_bytes(SMALLEST.replace("one", "唐山").encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        read_project(folder / "satverify.toml")


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    (folder / "satverify.toml").write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert read_project(folder / "satverify.toml").name == "one"


TABLES = ["project", "sites", "orders", "policy", "sources", "outputs", "verdict"]
KEYS = st.sampled_from(
    [*TABLES, "name", "days", "timezone", "simulated", "path", "datum", "kind", "paths", "coverage", "outages", "area"]
)
SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["firms", "cloud_cover", "wind", "2021-01-01", "2022-01-01", "**", "/", "..", "[", "a\0b", "B"]),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.booleans(),
    st.dates(),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS | st.text(max_size=5), inner)),
    max_leaves=12,
)


def toml(value: object) -> str:
    """Inline TOML of a value."""
    match value:
        case bool():
            return str(value).lower()
        case float() | int():
            return str(value)
        case date():
            return value.isoformat()
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case list():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
        case _:
            raise TypeError(type(value))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.dictionaries(KEYS, VALUES, max_size=6))
def test_random_documents_give_a_project_or_the_projects_own_error(folder: Path, document: dict[str, Any]) -> None:
    file = write(folder, "\n".join(f"{key} = {toml(value)}" for key, value in document.items()))
    with pytest.raises(SatverifyError):
        read_project(file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.sampled_from(["project", "sites", "orders", "outputs", "policy"]), key=KEYS, value=VALUES)
def test_one_random_value_in_a_good_file_gives_a_project_or_the_projects_own_error(
    folder: Path, table: str, key: str, value: object
) -> None:
    lines = [line for line in WHOLE.splitlines() if not line.startswith(f"{key} = ")]
    lines.insert(lines.index(f"[{table}]") + 1, f"{key} = {toml(value)}")
    file = write(folder, "\n".join(lines))
    with contextlib.suppress(SatverifyError):
        assert read_project(file).file == file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_random_bytes_give_the_projects_own_error(folder: Path, content: bytes) -> None:
    (folder / "satverify.toml").write_bytes(content)
    with pytest.raises(SatverifyError):
        read_project(folder / "satverify.toml")
