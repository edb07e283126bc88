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


@pytest.mark.parametrize("kind", ["sentinelhub", "wind"])
def test_a_source_of_a_later_version_is_refused_by_name(folder: Path, kind: str) -> None:
    (problem,) = problems_of(folder, SMALLEST + f'[[sources]]\nkind = "{kind}"\nsensors = ["sentinel-2-l1c"]\n')
    assert kind in problem.where
    assert "not built" in problem.found


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
